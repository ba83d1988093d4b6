/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state from a stranger: load it, and if it loads, use the device:
 * time passes, everything is asked, each kind of reset, and what it saves
 * loads again.  A refusal changes nothing.
 *
 * Input: which device[1], then the stream, of any format.  Which | 80h: it is
 * what goes with a logical device to another host.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/cxl/fake-host.h"

#define SECOND  1000000000ll
#define DC_BASE (1280 * MiB)
#define BLOCK   (2 * MiB)

enum { VOLATILE, PERSISTENT, DYNAMIC, POISON, MONITORING, DEVICES };

/* As in tests/unit/cxl/core/test-streams.c, whose streams are the corpus. */
static FakeHost *start(unsigned device)
{
    CxlMemdevConfig cfg = fake_config();
    CxlDcRegionConfig region = {
        .base = DC_BASE, .len = 256 * MiB, .block_size = BLOCK,
    };
    FakeHost *h;

    cfg.payload_shift = 8;
    cfg.pmu_msgnum = device == MONITORING ? 9 : 0;
    if (device == VOLATILE) {
        cfg.persistent_only = 0;
        cfg.partitionable = 0;
        cfg.lsa_size = 0;
    } else if (device == DYNAMIC) {
        cfg.num_dc_regions = 2;
        cfg.dc_regions[0] = region;
        region.base += region.len;
        cfg.dc_regions[1] = region;
    } else if (device == POISON) {
        cfg.poison_list_max = 4;
    }
    h = fake_host_new(&cfg);
    h->now = 10 * SECOND;
    return h;
}

static GByteArray *save(FakeHost *h)
{
    GByteArray *bytes = g_byte_array_new();

    cxl_memdev_save(h->dev, bytes);
    return bytes;
}

static bool load(FakeHost *h, const uint8_t *bytes, size_t len)
{
    g_autofree uint8_t *copy = g_memdup2(bytes, len);
    g_autofree char *problem = NULL;
    bool good = cxl_memdev_load(h->dev, copy, len, &problem);

    g_assert_cmpint(good, ==, problem == NULL);
    fake_check(h);
    return good;
}

static void ask_everything(FakeHost *h)
{
    uint8_t in[256] = { 0 };
    CxlAccess access;

    for (unsigned i = 0; i < h->dev->cci.num_rows; i++) {
        const CxlCmdRow *row = h->dev->cci.rows[i];

        fake_command(h, row->opcode, in, MIN(row->in_min, sizeof(in)));
        fake_check(h);
    }
    for (uint64_t at = 0; at < cxl_memdev_regs_size(h->dev); at += 8) {
        if (at < CXL_DEVREG_PAYLOAD || at >= cxl_memdev_regs_size(h->dev) / 2) {
            cxl_memdev_regs_read(h->dev, at, 8);
        }
        if (at > CXL_DEVREG_PAYLOAD + 64 * KiB) {
            break;
        }
    }
    for (uint64_t dpa = 0; dpa < 4 * GiB; dpa += 32 * MiB) {
        cxl_memdev_access_run(h->dev, dpa, GiB, &access);
        cxl_memdev_host_wrote(h->dev, dpa, 64);
    }
    fake_check(h);
}

static void use(FakeHost *h)
{
    fake_host_run(h, SECOND / 10);
    fake_check(h);
    ask_everything(h);
    fake_host_run(h, 3600 * SECOND);
    fake_check(h);
    ask_everything(h);
    for (CxlResetKind kind = CXL_RESET_CXL; kind > CXL_RESET_COLD; kind--) {
        cxl_memdev_reset(h->dev, kind);
        fake_check(h);
    }
    cxl_memdev_surprise_power_loss(h->dev);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    fake_check(h);
    ask_everything(h);
}

static int load_device(const uint8_t *data, size_t size)
{
    unsigned device = size ? data[0] % DEVICES : 0;
    FakeHost *h = start(device);
    g_autoptr(GByteArray) before = save(h);

    if (size && load(h, data + 1, size - 1)) {
        g_autoptr(GByteArray) first = save(h), second = NULL;
        FakeHost *other = start(device);

        g_assert_true(load(other, first->data, first->len));
        second = save(other);
        g_assert_cmpmem(first->data, first->len, second->data, second->len);
        use(h);
        fake_host_free(other);
    } else {
        g_autoptr(GByteArray) after = save(h);

        g_assert_cmpmem(before->data, before->len, after->data, after->len);
        g_assert_cmpuint(h->access_changes + fake_memory_changes(h), ==, 0);
    }
    fake_host_free(h);
    return 0;
}

/* What is refused leaves an event, and nothing else. */
static void load_ld(unsigned device, const uint8_t *bytes, size_t len)
{
    g_autoptr(GByteArray) first = g_byte_array_new();
    g_autofree uint8_t *copy = g_memdup2(bytes, len);
    g_autofree char *problem = NULL, *none = NULL;
    FakeHost *h = start(device), *other = start(device);

    if (cxl_memdev_load_ld(h->dev, copy, len, &problem) &&
        cxl_memdev_save_ld(h->dev, first)) {
        g_assert_true(cxl_memdev_load_ld(other->dev, first->data, first->len,
                                         &none));
        fake_check(other);
    } else if (problem) {
        g_assert_cmpuint(h->dev->poison.lines.total, ==, 0);
        g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_WARNING].count, ==, 1);
    }
    fake_check(h);
    use(h);
    fake_host_free(other);
    fake_host_free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size && data[0] & 0x80) {
        load_ld(data[0] % DEVICES, data + 1, size - 1);
        return 0;
    }
    return load_device(data, size);
}
