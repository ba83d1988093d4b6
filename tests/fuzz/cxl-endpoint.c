/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole memory device, as host, manager and stranger play with it: component
 * and device registers, configuration space, data objects, commands, time,
 * errors, resets, saves and loads in one sequence, against a model of what
 * must be there.
 *
 * Input: which device[1], then steps: what[1] and its numbers.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/interleave.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/cxl/fake-host.h"

#define SECOND      1000000000ll
#define STEPS       96
#define DC_BASE     (1280 * MiB)
#define BLOCK       (2 * MiB)
#define CONFIG      4096
#define DVSEC       0x10c
#define DOE_CDAT    0x190
#define DOE_COMP    0x1b0
#define MARKED      0x40    /* in volatile capacity, whatever is partitioned */

typedef struct Input {
    const uint8_t *data;
    size_t size, at;
} Input;

static uint64_t take(Input *in, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value |= in->at < in->size ? (uint64_t)in->data[in->at] << 8 * i : 0;
        in->at++;
    }
    return value;
}

typedef struct Model {
    FakeHost *h;
    unsigned device;
    uint8_t space[CONFIG];      /* as it was at the beginning */
    uint8_t fixed[CONFIG];      /* what of it never changes */
    bool marked;                /* the byte at MARKED is ours */
    bool mem_enable, locked;    /* of the device's DVSEC */
    uint64_t base;              /* of the first range */
    int64_t reset_ends;         /* INT64_MAX: none that the guest asked for */
    bool reset_done;
} Model;

static FakeHost *start(unsigned device)
{
    CxlMemdevConfig cfg = fake_config();

    if (device & 4) {
        return fake_host_accelerator();
    }
    cfg.payload_shift = 8;
    cfg.pmu_msgnum = device & 1 ? 9 : 0;
    cfg.chmu_msgnum = device & 8 ? 10 : 0;
    if (device & 2) {
        cfg.num_dc_regions = 1;
        cfg.dc_regions[0] = (CxlDcRegionConfig) {
            .base = DC_BASE, .len = 256 * MiB, .block_size = BLOCK,
        };
    }
    return fake_host_new(&cfg);
}

static uint8_t config_byte(FakeHost *h, uint32_t addr)
{
    return cxl_endpoint_config_read(h->ep, addr, 0, 1);
}

static uint16_t dvsec(FakeHost *h, uint32_t offset)
{
    return cxl_endpoint_config_read(h->ep, DVSEC + offset, 0, 2);
}

/* --- what must be so after every step ----------------------------------- */

/* "mapped?" from the decoders and ranges as anybody can read them */
static bool mapped(FakeHost *h, uint64_t dpa)
{
    for (unsigned n = 0; n < cxl_endpoint_decoders(h->ep); n++) {
        CxlHdmDecoder d;

        cxl_endpoint_decoder(h->ep, n, &d);
        if (d.committed && dpa >= d.dpa &&
            dpa - d.dpa < d.size / cxl_interleave_ways(d.iw)) {
            return true;
        }
    }
    for (unsigned n = 0; n < CXL_DVSEC_RANGES; n++) {
        uint64_t hpa, size, start_at;

        if (cxl_endpoint_mem_enabled(h->ep) &&
            !cxl_endpoint_hdm_enabled(h->ep) &&
            cxl_endpoint_range(h->ep, n, &hpa, &size, &start_at) &&
            dpa >= start_at && dpa - start_at < size) {
            return true;
        }
    }
    return false;
}

static void check_mapped(FakeHost *h)
{
    static const uint64_t where[] = {
        0, 256 * MiB - 1, 256 * MiB, 512 * MiB, 768 * MiB - 1, 768 * MiB,
        GiB, DC_BASE - 1, DC_BASE, DC_BASE + 256 * MiB,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(where); i++) {
        int n = cxl_endpoint_decoder_of(h->ep, where[i]);

        g_assert_cmpint(cxl_endpoint_mapped(h->ep, where[i], 1), ==,
                        mapped(h, where[i]));
        g_assert_cmpint(n, <, (int)cxl_endpoint_decoders(h->ep));
    }
}

/* Partitions, ranges and table say the same. */
static void check_memory(FakeHost *h)
{
    uint64_t v = cxl_media_volatile(&h->dev->media), hpa, size, dpa;
    uint64_t p = cxl_media_persistent(&h->dev->media), total = 0;

    for (unsigned n = 0; n < CXL_DVSEC_RANGES; n++) {
        cxl_endpoint_range(h->ep, n, &hpa, &size, &dpa);
        g_assert_cmphex(size, ==, n ? p : v);
        g_assert_cmphex(dpa, ==, n ? v : 0);
    }
    for (unsigned n = 1; n < cdat_entries(&h->ep->cdat); n++) {
        size_t len;
        const CdatDsmas *e = (const void *)cdat_entry(&h->ep->cdat, n, &len);

        total += e->entry.type == CDAT_DSMAS ? ldq_le_p(&e->dpa_length) : 0;
    }
    g_assert_cmphex(total, ==, cxl_memdev_dpa_end(h->dev));
}

static void check_config(Model *m)
{
    for (unsigned n = 0; n < cxl_endpoint_caps(m->h->ep); n++) {
        CxlConfigCap cap = cxl_endpoint_cap(m->h->ep, n);

        for (uint32_t at = cap.offset; at < cap.offset + cap.len; at++) {
            g_assert_cmphex((config_byte(m->h, at) ^ m->space[at]) &
                            m->fixed[at], ==, 0);
        }
    }
    g_assert_cmpint(cxl_endpoint_mem_enabled(m->h->ep), ==, m->mem_enable);
    g_assert_cmpint(dvsec(m->h, CXL_DVSEC_DEV_LOCK) & 1, ==, m->locked);
    g_assert_cmphex(cxl_dvsec_range_base(&m->h->ep->dvsec, 0), ==, m->base);
    g_assert_cmphex(dvsec(m->h, CXL_DVSEC_DEV_CTRL2) &
                    CXL_DVSEC_DEV_CTRL2_RESET, ==, 0);
    g_assert_cmpint(!!(dvsec(m->h, CXL_DVSEC_DEV_STATUS2) &
                       CXL_DVSEC_DEV_STATUS2_RESET_DONE), ==, m->reset_done);
}

static void check(Model *m)
{
    uint8_t byte = 0;

    fake_check(m->h);
    check_mapped(m->h);
    check_memory(m->h);
    check_config(m);
    if (m->marked) {
        m->h->dev->store->dpa_read(m->h, MARKED, &byte, 1);
        g_assert_cmphex(byte, ==, 'm');
    }
}

/* --- registers ---------------------------------------------------------- */

static void step_component(Model *m, Input *in)
{
    uint64_t offset = CXL_COMP_CACHEMEM - 8 + take(in, 2) % 0x600;
    unsigned size = 1 + take(in, 1) % 8;
    uint64_t value = take(in, 8);
    CxlBias *bias = cxl_endpoint_bias(m->h->ep);

    /* Registers that only an accelerator has, and accesses of both sides */
    if (bias && offset % 2) {
        offset = CXL_COMP_BIAS - 4 + offset % (CXL_BIAS_LEN + 8);
        cxl_bias_device(bias, value >> 8, value & 0xffff, value & 1);
        cxl_endpoint_host_accessed(m->h->ep, value >> 16, value & 0xffff);
    }
    cxl_endpoint_component_write(m->h->ep, offset, value, size);
}

/* A decoder, the short way */
static void step_decoder(Model *m, Input *in)
{
    unsigned n = take(in, 1) % 5, size = take(in, 1), base = take(in, 1);
    uint32_t hdm = CXL_COMP_CACHEMEM + CXL_COMP_HDM, ctrl = take(in, 2);

    cxl_endpoint_component_write(m->h->ep, hdm + CXL_HDM_SIZE_LO(n),
                                 (uint32_t)(size % 16) << 28, 4);
    cxl_endpoint_component_write(m->h->ep, hdm + CXL_HDM_BASE_LO(n),
                                 (uint32_t)(base % 16) << 28, 4);
    cxl_endpoint_component_write(m->h->ep, hdm + CXL_HDM_BASE_HI(n),
                                 base / 16, 4);
    cxl_endpoint_component_write(m->h->ep, hdm + CXL_HDM_CTRL(n), ctrl, 4);
}

static void step_device(Model *m, Input *in)
{
    uint64_t offset = take(in, 2), block, value, doorbell;
    unsigned size = take(in, 1);

    block = size / 8 % 4;       /* mailbox, and the two monitoring units */
    size = 1 + size % 8;
    offset = (offset + block * 64 * KiB) %
             (cxl_memdev_regs_size(m->h->dev) + 8);
    value = take(in, 8);
    doorbell = CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL;
    if (offset <= doorbell && offset + size > doorbell) {
        m->marked = false;      /* who knows which command this is */
    }
    cxl_memdev_regs_write(m->h->dev, offset, value, size);
}

/* Any of its blocks, by the bits of the offset that none of them has */
static uint64_t read_device(Model *m, uint64_t offset, unsigned size)
{
    return cxl_memdev_regs_read(m->h->dev, (offset & 0x3fff) +
                                (offset >> 14) * 64 * KiB, size);
}

static void step_read(Model *m, Input *in)
{
    uint64_t offset = take(in, 2);

    for (unsigned what = 0; what < 2; what++) {
        uint64_t wide = what ? read_device(m, offset, 8) :
                        cxl_endpoint_component_read(m->h->ep, offset, 8);

        /* A read that is cut at the edge of its block is a hole. */
        for (unsigned i = 0; wide && i < 8; i++) {
            g_assert_cmphex(extract64(wide, 8 * i, 8), ==, what ?
                            read_device(m, offset + i, 1) :
                            cxl_endpoint_component_read(m->h->ep, offset + i,
                                                        1));
        }
    }
}

/* --- configuration space ------------------------------------------------ */

static void guest_reset(Model *m, bool clear)
{
    m->reset_done = false;
    m->reset_ends = m->h->now + CXL_ENDPOINT_RESET_NS;
    m->marked &= !clear;
}

/* What a byte written to the device's DVSEC means, in ascending order */
static void model_byte(Model *m, uint32_t addr, uint8_t value, bool *asked)
{
    uint32_t hi = DVSEC + CXL_DVSEC_DEV_RANGE_BASE_HI(0);
    uint32_t lo = DVSEC + CXL_DVSEC_DEV_RANGE_BASE_LO(0);

    if (addr == DVSEC + CXL_DVSEC_DEV_CTRL && !m->locked) {
        m->mem_enable = value & CXL_DVSEC_DEV_CTRL_MEM;
    } else if (addr == DVSEC + CXL_DVSEC_DEV_CTRL2) {
        *asked |= value & CXL_DVSEC_DEV_CTRL2_RESET;
    } else if (addr == DVSEC + CXL_DVSEC_DEV_LOCK) {
        m->locked |= value & 1;
    } else if (addr >= hi && addr < hi + 4 && !m->locked) {
        m->base = deposit64(m->base, 32 + 8 * (addr - hi), 8, value);
    } else if (addr == lo + 3 && !m->locked) {
        m->base = deposit64(m->base, 24, 8, value & 0xf0);
    }
}

static void write_config(Model *m, uint32_t addr, uint32_t value, unsigned len)
{
    bool asked = false;

    for (unsigned i = 0; i < len; i++) {
        model_byte(m, addr + i, value >> 8 * i, &asked);
    }
    cxl_endpoint_config_write(m->h->ep, addr, value, len);
    if (asked) {
        guest_reset(m, dvsec(m->h, CXL_DVSEC_DEV_CTRL2) &
                    CXL_DVSEC_DEV_CTRL2_MEM_CLEAR);
        g_assert_false(cxl_hdm_any_committed(&m->h->ep->component.hdm));
    }
}

static void step_config(Model *m, Input *in)
{
    uint32_t addr = take(in, 2) % (CONFIG - 4);
    unsigned len = 1 + take(in, 1) % 4;

    write_config(m, addr, take(in, 4), len);
}

/* The same where it matters */
static void step_dvsec(Model *m, Input *in)
{
    uint32_t addr = DVSEC + CXL_DVSEC_DEV_CTRL + take(in, 1) % 0x28;
    unsigned len = 1 + take(in, 1) % 4;

    write_config(m, addr, take(in, 4), len);
}

/* A whole object, right or wrong */
static void step_object(Model *m, Input *in)
{
    uint8_t how = take(in, 1);
    uint32_t at = how & 1 ? DOE_COMP : DOE_CDAT;
    uint32_t object[4] = {
        DOE_OBJ(how & 2 ? DOE_VENDOR_PCISIG : DOE_VENDOR_CXL,
                how & 4 ? take(in, 1) : how & 1 ? 0 : CDAT_DOE_TYPE),
        how & 8 ? take(in, 1) : 3 + (how & 1), take(in, 4), take(in, 2),
    };

    for (unsigned i = 0; i < 3 + (how & 1); i++) {
        cxl_endpoint_config_write(m->h->ep, at + DOE_REG_WRITE, object[i], 4);
    }
    cxl_endpoint_config_write(m->h->ep, at + DOE_REG_CTRL, DOE_CTRL_GO |
                              (how & 16 ? DOE_CTRL_INTR_EN : 0), 4);
    if (how & 32) {
        return;
    }
    for (unsigned i = 0; i < DOE_DWORDS; i++) {
        cxl_endpoint_config_write(m->h->ep, at + DOE_REG_READ, 0, 4);
    }
    cxl_endpoint_config_write(m->h->ep, at + DOE_REG_CTRL, DOE_CTRL_ABORT, 4);
}

/* --- commands, time, errors, resets ------------------------------------- */

static bool erases(uint16_t opcode)
{
    return opcode != CXL_OP_IDENTIFY && opcode != CXL_OP_HEALTH;
}

static void step_command(Model *m, Input *in)
{
    const CxlCci *cci = &m->h->dev->cci;
    const CxlCmdRow *row = cci->rows[take(in, 1) % cci->num_rows];
    uint8_t bytes[64], len = take(in, 1) % sizeof(bytes);

    len = len > 60 ? MIN(row->in_min, sizeof(bytes)) : len;
    for (unsigned i = 0; i < len; i++) {
        bytes[i] = take(in, 1);
    }
    m->marked &= !erases(row->opcode);
    fake_command(m->h, row->opcode, bytes, len);
}

static void pass(Model *m, int64_t ns)
{
    fake_host_run(m->h, ns);
    if (m->reset_ends <= m->h->now) {
        m->reset_ends = INT64_MAX;
        m->reset_done = true;
    }
}

static void step_time(Model *m, Input *in)
{
    static const int64_t some[] = {
        1, CXL_ENDPOINT_RESET_NS - 1, CXL_ENDPOINT_RESET_NS, SECOND,
    };

    pass(m, some[take(in, 1) % ARRAY_SIZE(some)]);
}

static void step_error(Model *m, Input *in)
{
    const CxlRasRecord error = {
        .bit = take(in, 1) % 40, .header = { take(in, 1) },
    };

    cxl_endpoint_uncorrectable(m->h->ep, &error, 1);
    cxl_endpoint_correctable(m->h->ep, take(in, 1) % 40);
}

static void step_host(Model *m, Input *in)
{
    uint64_t dpa = take(in, 4) * 64;
    uint8_t how = take(in, 1);
    CxlAccess access;

    cxl_memdev_access_run(m->h->dev, dpa, GiB, &access);
    if (cxl_memdev_host_counted(m->h->dev)) {
        cxl_memdev_host_counts(m->h->dev, how & 1, dpa, 1 + how, how % 8);
    }
    if (how & 1) {
        cxl_memdev_host_wrote(m->h->dev, dpa, how);
    }
    if (how & 2) {
        cxl_memdev_host_read_poison(m->h->dev, dpa);
    }
    /* What runs in the background may be erasing. */
    if (how & 4 && !m->h->dev->cci.bg.running) {
        m->h->dev->store->dpa_write(m->h, MARKED, "m", 1);
        m->marked = true;
    }
}

static void step_reset(Model *m, Input *in)
{
    CxlResetKind kind = take(in, 1) % CXL_RESET_KINDS;
    bool sticky = kind != CXL_RESET_COLD;

    cxl_endpoint_reset(m->h->ep, kind);
    if (kind != CXL_RESET_FUNCTION) {
        g_assert_false(cxl_hdm_any_committed(&m->h->ep->component.hdm));
    }
    m->marked &= kind != CXL_RESET_COLD && kind != CXL_RESET_CXL_CLEAR;
    if (kind == CXL_RESET_COLD || kind == CXL_RESET_HOT) {
        m->mem_enable = m->locked = false;
        m->base = 0;
        m->reset_ends = INT64_MAX;
        m->reset_done &= sticky;
    } else if (kind != CXL_RESET_FUNCTION) {
        m->reset_ends = m->h->now + CXL_ENDPOINT_RESET_NS;
    }
}

/* --- saved state -------------------------------------------------------- */

static GByteArray *save(FakeHost *h)
{
    GByteArray *bytes = g_byte_array_new();

    cxl_endpoint_save(h->ep, bytes);
    return bytes;
}

/* The machine goes on elsewhere, with what it had in its memory. */
static void step_move(Model *m, Input *in)
{
    FakeHost *to = start(m->device);
    g_autoptr(GByteArray) first = save(m->h), second = NULL;
    g_autofree char *problem = NULL;

    to->now = m->h->now;
    g_assert_true(cxl_endpoint_load(to->ep, first->data, first->len,
                                    &problem));
    second = save(to);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    if (m->marked) {
        to->dev->store->dpa_write(to, MARKED, "m", 1);
    }
    g_assert_cmpint(to->timer_at, ==, m->h->timer_at);
    fake_host_free(m->h);
    m->h = to;
}

/*
 * A stream that somebody has spoilt.  Refused, it changes nothing; what loads
 * is a device that keeps its promises, but not one that the model knows.
 */
static bool step_stranger(Model *m, Input *in)
{
    g_autoptr(GByteArray) before = save(m->h), spoilt = save(m->h);
    g_autofree char *problem = NULL;
    unsigned told = m->h->access_changes + m->h->decode_changes;
    uint16_t at = take(in, 2) % spoilt->len;
    size_t len = spoilt->len;

    if (take(in, 1) & 1) {
        len = at;
    } else {
        spoilt->data[at] ^= 1 + take(in, 1) % 255;
    }
    if (cxl_endpoint_load(m->h->ep, spoilt->data, len, &problem)) {
        fake_check(m->h);
        return true;
    }
    g_assert_nonnull(problem);
    g_assert_cmpuint(m->h->access_changes + m->h->decode_changes, ==, told);
    g_byte_array_unref(g_steal_pointer(&spoilt));
    spoilt = save(m->h);
    g_assert_cmpmem(before->data, before->len, spoilt->data, spoilt->len);
    return false;
}

/* Nothing is known of the device any more but what always holds. */
static void use_up(Model *m)
{
    for (unsigned kind = 0; kind < CXL_RESET_KINDS; kind++) {
        fake_host_run(m->h, SECOND);
        fake_check(m->h);
        check_mapped(m->h);
        check_memory(m->h);
        cxl_endpoint_reset(m->h->ep, kind);
        fake_check(m->h);
    }
}

/* --- a sequence --------------------------------------------------------- */

typedef void StepFn(Model *m, Input *in);

static StepFn *const steps[] = {
    step_component, step_decoder, step_device, step_read, step_config,
    step_dvsec, step_object, step_command, step_time, step_error, step_host,
    step_reset, step_move,
};

static void play(Model *m, Input *in)
{
    for (unsigned n = 0; n < STEPS && in->at < in->size; n++) {
        unsigned what = take(in, 1) % (ARRAY_SIZE(steps) + 1);

        if (what < ARRAY_SIZE(steps)) {
            steps[what](m, in);
        } else if (step_stranger(m, in)) {
            use_up(m);
            return;
        }
        check(m);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { .data = data, .size = size };
    Model m = { .device = take(&in, 1) % 16, .reset_ends = INT64_MAX };

    m.h = start(m.device);
    for (uint32_t at = 0; at < CONFIG; at++) {
        m.space[at] = config_byte(m.h, at);
        m.fixed[at] = cxl_endpoint_config_fixed(m.h->ep, at);
    }
    check(&m);
    play(&m, &in);
    fake_host_free(m.h);
    return 0;
}
