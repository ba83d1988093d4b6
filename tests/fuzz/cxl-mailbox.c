/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest with a grudge against the mailbox: any command with any payload,
 * any register at any width, time, resets, host accesses, a host that fails,
 * a fabric manager that offers and takes back.
 * Every invariant of every room is checked after every step, and what the
 * device shows must not depend on the width of the read.
 *
 * The input is a list of steps: one byte says what, the next ones with what.
 * Component registers, decoders and DOE have targets of their own.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/cxl/fake-host.h"

#define STEPS_MAX   64
#define IN_MAX      600
#define DPA_MASK    0x7fffffc0ull   /* some more than the capacity */
#define DC_BASE     0x50000000ull
#define DC_BLOCK    (2 * MiB)

typedef struct Input {
    const uint8_t *data;
    size_t left;
} Input;

static uint64_t take(Input *in, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes && in->left; i++) {
        value |= (uint64_t)*in->data++ << (8 * i);
        in->left--;
    }
    return value;
}

/* Most numbers in payloads are addresses: make them hit now and then. */
static void tame(uint8_t *payload, unsigned len, uint8_t how)
{
    for (unsigned at = how & 7; (how & 8) && at + 8 <= len; at += 8) {
        stq_le_p(payload + at, ldq_le_p(payload + at) & DPA_MASK);
    }
}

/* Identities that no random bytes would ever hit. */
static void put_uuid(uint8_t *payload, unsigned len, uint8_t which)
{
    static const CxlUuid logs[] = {
        CXL_UUID(0x0da9c0b5, 0xbf41, 0x4b78,
                 0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17),
        CXL_UUID(0x5e1819d9, 0x11a9, 0x400c,
                 0x81, 0x1f, 0xd6, 0x07, 0x19, 0x40, 0x3d, 0x86),
        CXL_UUID(0xb3fab4cf, 0x01b6, 0x4332,
                 0x94, 0x3e, 0x5e, 0x99, 0x62, 0xf2, 0x35, 0x67),
    };

    if (len >= sizeof(CxlUuid)) {
        memcpy(payload, &logs[which % G_N_ELEMENTS(logs)], sizeof(CxlUuid));
    }
}

static void step_command(FakeHost *h, Input *in)
{
    const CxlCci *cci = &h->dev->cci;
    uint8_t which = take(in, 1), how = take(in, 1);
    uint16_t opcode = cci->rows[which % cci->num_rows]->opcode;
    unsigned len = take(in, 2) % (IN_MAX + 1);
    uint8_t payload[IN_MAX];

    if (how & 0x80) {
        opcode = take(in, 2);
    }
    if (how & 0x40) {
        len = cci->rows[which % cci->num_rows]->in_min;
    }
    len = MIN(len, sizeof(payload));
    for (unsigned i = 0; i < len; i++) {
        payload[i] = take(in, 1);
    }
    tame(payload, len, how);
    if (how & 0x20) {
        put_uuid(payload, len, how & 7);
    }
    fake_command(h, opcode, payload, len);
}

static void step_write(FakeHost *h, Input *in)
{
    uint64_t offset = take(in, 2) % (2 * CXL_DEVREG_PAYLOAD);
    unsigned size = 1 + take(in, 1) % 8;

    cxl_memdev_regs_write(h->dev, offset, take(in, 8), size);
}

static void step_read(FakeHost *h, Input *in)
{
    uint64_t offset = take(in, 2) % (2 * CXL_DEVREG_PAYLOAD);
    unsigned size = 1 + take(in, 1) % 8;
    uint64_t wide = cxl_memdev_regs_read(h->dev, offset, size);

    for (unsigned i = 0; i < size; i++) {
        g_assert_cmphex(cxl_memdev_regs_read(h->dev, offset + i, 1), ==,
                        wide >> (8 * i) & 0xff);
    }
}

static void step_time(FakeHost *h, Input *in)
{
    fake_host_run(h, take(in, 4));
}

static void step_reset(FakeHost *h, Input *in)
{
    cxl_memdev_reset(h->dev, take(in, 1) % (CXL_RESET_CXL + 1));
    g_assert_cmpuint(h->dev->cci.bg.running, ==, 0);
}

static void step_host(FakeHost *h, Input *in)
{
    uint64_t dpa = take(in, 4) & DPA_MASK, len = 1 + take(in, 2);
    CxlAccess first = cxl_memdev_access(h->dev, dpa, len);
    CxlAccess piece;
    uint64_t n = cxl_memdev_access_run(h->dev, dpa, len, &piece);

    g_assert_cmpuint(n, >, 0);
    g_assert_cmpuint(n, <=, len);
    if (piece != CXL_ACCESS_OK) {
        g_assert_cmpint(first, ==, piece);
    }
    if (first == CXL_ACCESS_NONE) {
        return;
    }
    cxl_memdev_host_read_poison(h->dev, dpa);
    cxl_memdev_host_wrote(h->dev, dpa, len);
    if (first == CXL_ACCESS_POISON) {
        uint64_t from = QEMU_ALIGN_UP(dpa, 64);
        uint64_t to = QEMU_ALIGN_DOWN(dpa + len, 64);

        /* What was overwritten in full is sound. */
        if (from < to) {
            g_assert_cmpint(cxl_memdev_access(h->dev, from, to - from), !=,
                            CXL_ACCESS_POISON);
        }
    }
}

static void step_mood(FakeHost *h, Input *in)
{
    uint8_t mood = take(in, 1);

    h->media_broken = mood & 1;
    fake_map(h, mood & 2);
    if (mood & 4) {
        cxl_memdev_surprise_power_loss(h->dev);
    }
}

/* Scattered poison, more than any reply or list can hold. */
static void step_poison(FakeHost *h, Input *in)
{
    uint64_t dpa = take(in, 3) * 64 & DPA_MASK, stride = 64 * take(in, 1);
    unsigned count = take(in, 1), source = take(in, 1);

    for (unsigned i = 0; i < count; i++, dpa += stride) {
        if (cxl_memdev_contains(h->dev, dpa, 64)) {
            cxl_mediaops_poison(h->dev, dpa, 64, source % 4);
        }
    }
}

static void step_capacity(FakeHost *h, Input *in)
{
    uint8_t how = take(in, 1);
    CxlBgRange range = {
        .start = DC_BASE + take(in, 1) * DC_BLOCK,
        .len = take(in, 1) * DC_BLOCK,
    };
    CxlDcRequest req = {
        .policy = how & 3, .region = how >> 6, .forced = how & 4,
        .sanitize = how & 8, .length = range.len, .extents = &range,
        .num_extents = 1, .tag = { .b = { take(in, 1) & 3 } },
    };
    const char *why;

    if (how & 0x20) {
        cxl_dcd_reference(&h->dev->dc_pool, &req.tag);
    } else if (how & 0x10) {
        cxl_dcd_remove(&h->dev->dc_pool, &req, &why);
    } else {
        cxl_dcd_add(&h->dev->dc_pool, &req, &why);
    }
}

/* What is saved is the same on the other side, and nothing else gets in. */
static void step_migrate(FakeHost *h, Input *in)
{
    g_autoptr(GByteArray) saved = g_byte_array_new();
    g_autoptr(GByteArray) again = g_byte_array_new();
    g_autofree char *problem = NULL;
    uint8_t flip = take(in, 1);
    FakeHost *other = fake_host_new(&h->dev->cfg);
    bool loaded;

    other->now = h->now;
    cxl_memdev_save(h->dev, saved);
    if (flip && saved->len) {
        saved->data[take(in, 3) % saved->len] ^= flip;
    }
    loaded = cxl_memdev_load(other->dev, saved->data, saved->len, &problem);
    fake_check(other);
    g_assert_cmpint(loaded, ==, problem == NULL);
    if (!flip) {
        g_assert_true(loaded);
        cxl_memdev_save(other->dev, again);
        g_assert_cmpmem(again->data, again->len, saved->data, saved->len);
    } else if (loaded) {
        fake_host_run(other, 1000000000);
        fake_check(other);
    }
    fake_host_free(other);
}

static void (*const steps[])(FakeHost *, Input *) = {
    step_command, step_command, step_command, step_command,
    step_write, step_read, step_time, step_reset, step_host, step_mood,
    step_capacity, step_capacity, step_poison, step_migrate,
};

static CxlMemdevConfig config(uint8_t choice)
{
    CxlMemdevConfig cfg = fake_config();

    if (choice & 1) {
        cfg.partitionable = 0;
    }
    if (choice & 2) {
        cfg.persistent_only = 0;
        cfg.security = false;
    }
    if (choice & 4) {
        cfg.payload_shift = CXL_MAILBOX_PAYLOAD_SHIFT_MIN;
    }
    if (choice & 8) {
        cfg.poison_list_max = 2;
        cfg.inject_limit = 4;
    }
    if (choice & 16) {
        cfg.num_dc_regions = 2;
        cfg.dc_regions[0] = (CxlDcRegionConfig) {
            .base = DC_BASE, .len = 256 * MiB, .block_size = DC_BLOCK,
        };
        cfg.dc_regions[1] = (CxlDcRegionConfig) {
            .base = DC_BASE + 256 * MiB, .len = 128 * MiB,
            .decode_len = 256 * MiB, .block_size = DC_BLOCK,
            .flags = CXL_DC_REGION_SHARABLE | CXL_DC_REGION_SANITIZE,
        };
        cfg.dc_max_extents = choice & 32 ? 4 : 64;
        cfg.dc_max_tags = 2;
    }
    return cfg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, size };
    CxlMemdevConfig cfg = config(take(&in, 1));
    FakeHost *h = fake_host_new(&cfg);

    for (unsigned i = 0; in.left && i < STEPS_MAX; i++) {
        steps[take(&in, 1) % G_N_ELEMENTS(steps)](h, &in);
        fake_check(h);
    }
    fake_host_free(h);
    return 0;
}
