/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoders of a device, CXL r3.1 8.2.4.20: the register table, the rules
 * of commit and release, and lookups.  The contract is in hdm.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/interleave.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlHdm) != 672 && sizeof(void *) == 8);

/* The bank's lock group of decoder 0; one group per decoder. */
#define LOCK_GROUP 1

#define COUNT_ROW(o, n, m, ...)                                         \
    { .offset = o(0), .size = 4, .name = n, .rw = m,                    \
      .count = CXL_HDM_DEVICE_MAX, .stride = CXL_HDM_STRIDE,            \
      .lock_group = LOCK_GROUP, .lock_per_index = true, __VA_ARGS__ }

static uint64_t cap_read(void *opaque, const RegbankRow *row, unsigned index,
                         uint64_t stored);
static uint64_t global_pre(void *opaque, const RegbankWrite *w);
static void global_post(void *opaque, const RegbankWrite *w);
static uint64_t range_pre(void *opaque, const RegbankWrite *w);
static uint64_t ctrl_pre(void *opaque, const RegbankWrite *w);
static void ctrl_post(void *opaque, const RegbankWrite *w);

static const RegbankRow hdm_rows[] = {
    { .offset = CXL_HDM_CAP, .size = 4, .name = "hdm-cap", .read = cap_read },
    { .offset = CXL_HDM_GLOBAL, .size = 4, .name = "hdm-global",
      .rw = CXL_HDM_GLOBAL_POISON | CXL_HDM_GLOBAL_ENABLE,
      .pre = global_pre, .post = global_post },
    COUNT_ROW(CXL_HDM_BASE_LO, "base-lo", CXL_HDM_LO_MASK,
              .pre = range_pre),
    COUNT_ROW(CXL_HDM_BASE_HI, "base-hi", UINT32_MAX, .pre = range_pre),
    COUNT_ROW(CXL_HDM_SIZE_LO, "size-lo", CXL_HDM_LO_MASK,
              .pre = range_pre),
    COUNT_ROW(CXL_HDM_SIZE_HI, "size-hi", UINT32_MAX, .pre = range_pre),
    COUNT_ROW(CXL_HDM_CTRL, "ctrl",
              CXL_HDM_CTRL_IG | CXL_HDM_CTRL_IW_MASK | CXL_HDM_CTRL_LOCK |
              CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_HOST_ONLY |
              CXL_HDM_CTRL_BI | CXL_HDM_CTRL_UIO_MASK,
              .pre = ctrl_pre, .post = ctrl_post),
    COUNT_ROW(CXL_HDM_SKIP_LO, "skip-lo", CXL_HDM_LO_MASK,
              .pre = range_pre),
    COUNT_ROW(CXL_HDM_SKIP_HI, "skip-hi", UINT32_MAX, .pre = range_pre),
};

static const RegbankDesc hdm_desc = {
    .name = "hdm", .rows = hdm_rows, .num_rows = G_N_ELEMENTS(hdm_rows),
    .size = CXL_HDM_LEN(CXL_HDM_DEVICE_MAX),
};

/* CXL r3.1 8.2.4.20.1; a device may use those up to CXL_HDM_DEVICE_MAX */
static const uint8_t count_code[16] = {
    1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32,
};

static int code_of_count(unsigned decoders)
{
    for (unsigned code = 0; code < G_N_ELEMENTS(count_code); code++) {
        if (decoders && count_code[code] == decoders) {
            return code;
        }
    }
    return -1;
}

bool cxl_hdm_count_valid(unsigned decoders)
{
    return decoders <= CXL_HDM_DEVICE_MAX && code_of_count(decoders) >= 0;
}

unsigned cxl_hdm_count(uint32_t cap)
{
    return count_code[CXL_HDM_CAP_COUNT_GET(cap)];
}

/* CXL r4.0 reserves the count for bridges: a device has it only if few can. */
static unsigned uio_limit(const CxlHdmConfig *c)
{
    return c->uio_decoders < c->decoders ? c->uio_decoders : 0;
}

static uint64_t cap_read(void *opaque, const RegbankRow *row G_GNUC_UNUSED,
                         unsigned index G_GNUC_UNUSED,
                         uint64_t stored G_GNUC_UNUSED)
{
    const CxlHdmConfig *c = &((CxlHdm *)opaque)->config;

    return CXL_HDM_CAP_COUNT(code_of_count(c->decoders)) |
           CXL_HDM_CAP_IG_256 | CXL_HDM_CAP_IG_4K |
           CXL_HDM_CAP_WAYS_3_6_12 | CXL_HDM_CAP_WAYS_16 |
           (c->poison_on_error ? CXL_HDM_CAP_POISON : 0) |
           (c->uio_decoders ? CXL_HDM_CAP_UIO : 0) |
           CXL_HDM_CAP_UIO_COUNT(uio_limit(c)) |
           CXL_HDM_CAP_COHERENCY(c->coherency);
}

static uint32_t reg(const CxlHdm *hdm, uint32_t offset)
{
    return regbank_get(&hdm->bank, offset);
}

static uint64_t reg_pair(const CxlHdm *hdm, uint32_t lo)
{
    return reg(hdm, lo) | (uint64_t)reg(hdm, lo + 4) << 32;
}

void cxl_hdm_decoder(const CxlHdm *hdm, unsigned n, CxlHdmDecoder *out)
{
    uint32_t ctrl;

    assert(n < hdm->config.decoders);
    ctrl = reg(hdm, CXL_HDM_CTRL(n));
    *out = (CxlHdmDecoder) {
        .base = reg_pair(hdm, CXL_HDM_BASE_LO(n)),
        .size = reg_pair(hdm, CXL_HDM_SIZE_LO(n)),
        .skip = reg_pair(hdm, CXL_HDM_SKIP_LO(n)),
        .dpa = hdm->dpa[n],
        .ig = CXL_HDM_CTRL_IG_GET(ctrl),
        .iw = CXL_HDM_CTRL_IW_GET(ctrl),
        .committed = ctrl & CXL_HDM_CTRL_COMMITTED,
        .locked = regbank_is_locked(&hdm->bank, LOCK_GROUP + n),
        .bi = ctrl & CXL_HDM_CTRL_BI,
        .uio = ctrl & CXL_HDM_CTRL_UIO,
        .isp = CXL_HDM_CTRL_ISP_GET(ctrl),
    };
}

static uint64_t dpa_size(const CxlHdmDecoder *d)
{
    return d->size / cxl_interleave_ways(d->iw);
}

/* One area has to hold all of it; a skip may have led across areas. */
static bool in_one_area(const CxlHdm *hdm, uint64_t dpa, uint64_t size)
{
    for (unsigned i = 0; i < CXL_HDM_AREAS_MAX; i++) {
        const CxlHdmArea *a = &hdm->area[i];

        if (dpa >= a->base && dpa - a->base < a->size &&
            size <= a->size - (dpa - a->base)) {
            return true;
        }
    }
    return false;
}

/*
 * Of the whole set: r3.1 has the field for it, r4.0 the device's own ways.  The
 * codes are valid.
 */
static unsigned set_ways(uint32_t ctrl)
{
    return MAX(cxl_interleave_ways(CXL_HDM_CTRL_UIW_GET(ctrl)),
               cxl_interleave_ways(CXL_HDM_CTRL_IW_GET(ctrl)));
}

/* The rules for the numbers of decoder @d, which stay what they are. */
static CxlHdmError check_numbers(const CxlHdm *hdm, unsigned n, uint32_t ctrl,
                                 const CxlHdmDecoder *d)
{
    uint64_t step;

    if (!cxl_interleave_valid(d->ig, d->iw)) {
        return CXL_HDM_BAD_INTERLEAVE;
    }
    step = CXL_HDM_ALIGN * cxl_interleave_ways(d->iw);
    if (d->size % step) {
        return CXL_HDM_BAD_SIZE;
    }
    if (d->base + d->size < d->base) {
        return CXL_HDM_BAD_BASE;
    }
    if ((ctrl & CXL_HDM_CTRL_UIO) &&
        (n >= hdm->config.uio_decoders ||
         !cxl_interleave_valid(CXL_HDM_CTRL_UIG_GET(ctrl),
                               CXL_HDM_CTRL_UIW_GET(ctrl)) ||
         CXL_HDM_CTRL_ISP_GET(ctrl) >= set_ways(ctrl))) {
        return CXL_HDM_BAD_UIO;
    }
    return CXL_HDM_OK;
}

/* The rules that look at decoder @d alone. */
static CxlHdmError check_alone(const CxlHdm *hdm, unsigned n, uint32_t ctrl,
                               const CxlHdmDecoder *d)
{
    CxlHdmError error = check_numbers(hdm, n, ctrl, d);

    return error == CXL_HDM_OK && d->bi &&
           (!hdm->config.bi || !hdm->bi_enabled) ? CXL_HDM_BAD_BI : error;
}

/* Where the committed ranges below decoder @n end; a size of 0 has none. */
static uint64_t end_below(const CxlHdm *hdm, unsigned n)
{
    while (n--) {
        CxlHdmDecoder prev;

        cxl_hdm_decoder(hdm, n, &prev);
        if (prev.committed && prev.size) {
            return prev.base + prev.size;
        }
    }
    return 0;
}

/* *@start becomes the first device address free for decoder @n. */
static CxlHdmError check_below(const CxlHdm *hdm, unsigned n,
                               const CxlHdmDecoder *d, uint64_t *start)
{
    CxlHdmDecoder prev;

    *start = 0;
    if (!n) {
        return CXL_HDM_OK;
    }
    cxl_hdm_decoder(hdm, n - 1, &prev);
    if (!prev.committed) {
        return CXL_HDM_BAD_ORDER;
    }
    *start = prev.dpa + dpa_size(&prev);
    return d->size && d->base < end_below(hdm, n) ? CXL_HDM_OVERLAP
                                                  : CXL_HDM_OK;
}

/* A decoder of size 0 takes no part in decode: 8.2.4.20.12. */
static uint64_t skipped(const CxlHdmDecoder *d)
{
    return d->size ? d->skip : 0;
}

/*
 * Decoders above may still be committed if the guest released out of order:
 * they must stay above, and the next one was placed relative to this one.
 */
static CxlHdmError check_above(const CxlHdm *hdm, unsigned n,
                               const CxlHdmDecoder *d, uint64_t dpa)
{
    uint64_t dpa_end = dpa + dpa_size(d);

    for (unsigned i = n + 1; i < hdm->config.decoders; i++) {
        CxlHdmDecoder next;

        cxl_hdm_decoder(hdm, i, &next);
        if (!next.committed) {
            continue;
        }
        if (d->size && next.size && next.base < d->base + d->size) {
            return CXL_HDM_OVERLAP;
        }
        if (next.dpa < dpa_end ||
            (i == n + 1 && next.dpa != dpa_end + skipped(&next))) {
            return CXL_HDM_BAD_DPA;
        }
    }
    return CXL_HDM_OK;
}

/* The rules between decoders; *@dpa becomes the device base of @d. */
static CxlHdmError check_neighbours(const CxlHdm *hdm, unsigned n,
                                    const CxlHdmDecoder *d, uint64_t *dpa)
{
    uint64_t start;
    CxlHdmError error = check_below(hdm, n, d, &start);

    if (error != CXL_HDM_OK) {
        return error;
    }
    *dpa = start + skipped(d);
    if (*dpa < start || (d->size && !in_one_area(hdm, *dpa, dpa_size(d)))) {
        return CXL_HDM_BAD_DPA;
    }
    return check_above(hdm, n, d, *dpa);
}

static CxlHdmError try_commit(CxlHdm *hdm, unsigned n, uint32_t ctrl)
{
    CxlHdmDecoder d;
    CxlHdmError error;
    uint64_t dpa;

    cxl_hdm_decoder(hdm, n, &d);
    d.ig = CXL_HDM_CTRL_IG_GET(ctrl);
    d.iw = CXL_HDM_CTRL_IW_GET(ctrl);
    d.bi = ctrl & CXL_HDM_CTRL_BI;
    error = check_alone(hdm, n, ctrl, &d);
    if (error == CXL_HDM_OK) {
        error = check_neighbours(hdm, n, &d, &dpa);
    }
    if (error == CXL_HDM_OK) {
        hdm->dpa[n] = dpa;
    }
    return error;
}

static uint64_t global_pre(void *opaque, const RegbankWrite *w)
{
    CxlHdm *hdm = opaque;

    return hdm->config.poison_on_error ? w->now :
           w->now & ~(uint64_t)CXL_HDM_GLOBAL_POISON;
}

static void global_post(void *opaque, const RegbankWrite *w)
{
    CxlHdm *hdm = opaque;

    if ((w->old ^ w->now) & CXL_HDM_GLOBAL_ENABLE) {
        hdm->ops->changed(hdm->opaque, -1, false);
    }
}

static bool absent(const CxlHdm *hdm, unsigned n)
{
    return n >= hdm->config.decoders;
}

static uint64_t range_pre(void *opaque, const RegbankWrite *w)
{
    CxlHdm *hdm = opaque;

    if (absent(hdm, w->index) ||
        (reg(hdm, CXL_HDM_CTRL(w->index)) & CXL_HDM_CTRL_COMMITTED)) {
        return w->old;
    }
    return w->now;
}

/* Bits that this device or this decoder lacks stay zero. */
static uint32_t ctrl_present(const CxlHdm *hdm, unsigned n, uint32_t ctrl)
{
    if (!hdm->config.bi) {
        ctrl &= ~(uint32_t)CXL_HDM_CTRL_BI;
    }
    if (n >= hdm->config.uio_decoders) {
        ctrl &= ~(uint32_t)CXL_HDM_CTRL_UIO_MASK;
    }
    return ctrl;
}

static uint64_t ctrl_pre(void *opaque, const RegbankWrite *w)
{
    CxlHdm *hdm = opaque;
    unsigned n = w->index;
    uint32_t now = w->now & ~(CXL_HDM_CTRL_COMMITTED | CXL_HDM_CTRL_ERROR);
    uint32_t error_bit = w->old & CXL_HDM_CTRL_ERROR;

    if (absent(hdm, n) || regbank_is_locked(&hdm->bank, LOCK_GROUP + n)) {
        return w->old;
    }
    now = ctrl_present(hdm, n, now);
    if (!(now & CXL_HDM_CTRL_COMMIT)) {
        return now;
    }
    if (w->old & CXL_HDM_CTRL_COMMITTED) {
        return w->old;
    }
    if (!(w->raw & CXL_HDM_CTRL_COMMIT)) {
        return now | error_bit; /* another byte of a failed commit */
    }
    hdm->error[n] = try_commit(hdm, n, now);
    return now | (hdm->error[n] == CXL_HDM_OK ? CXL_HDM_CTRL_COMMITTED
                                              : CXL_HDM_CTRL_ERROR);
}

static void ctrl_post(void *opaque, const RegbankWrite *w)
{
    CxlHdm *hdm = opaque;
    bool committed = w->now & CXL_HDM_CTRL_COMMITTED;

    if (!((w->old ^ w->now) & CXL_HDM_CTRL_COMMITTED)) {
        return;
    }
    if (committed && (w->now & CXL_HDM_CTRL_LOCK)) {
        regbank_lock(&hdm->bank, LOCK_GROUP + w->index);
    }
    hdm->ops->changed(hdm->opaque, w->index, committed);
}

static void report_ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    CxlHdm *hdm = opaque;

    if (hdm->ops->ignored) {
        hdm->ops->ignored(hdm->opaque, w, bits);
    }
}

void cxl_hdm_init(CxlHdm *hdm, const CxlHdmConfig *config,
                  const CxlHdmOps *ops, void *opaque)
{
    assert(cxl_hdm_count_valid(config->decoders));
    assert(config->uio_decoders <= config->decoders);
    *hdm = (CxlHdm) { .config = *config, .ops = ops, .opaque = opaque };
    regbank_init(&hdm->bank, &hdm_desc, hdm->bytes, hdm, report_ignored);
}

void cxl_hdm_reset(CxlHdm *hdm)
{
    bool was_committed[CXL_HDM_DEVICE_MAX] = { false };
    bool was_enabled = cxl_hdm_enabled(hdm);

    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        was_committed[n] = reg(hdm, CXL_HDM_CTRL(n)) & CXL_HDM_CTRL_COMMITTED;
    }
    regbank_reset(&hdm->bank, REGBANK_RESET_COLD);
    memset(hdm->dpa, 0, sizeof(hdm->dpa));
    memset(hdm->error, 0, sizeof(hdm->error));
    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        if (was_committed[n]) {
            hdm->ops->changed(hdm->opaque, n, false);
        }
    }
    if (was_enabled) {
        hdm->ops->changed(hdm->opaque, -1, false);
    }
}

void cxl_hdm_set_areas(CxlHdm *hdm, const CxlHdmArea *areas, unsigned count)
{
    assert(count <= CXL_HDM_AREAS_MAX);
    memset(hdm->area, 0, sizeof(hdm->area));
    memcpy(hdm->area, areas, count * sizeof(*areas));
}

uint64_t cxl_hdm_read(CxlHdm *hdm, uint64_t offset, unsigned size)
{
    return regbank_read(&hdm->bank, offset, size);
}

void cxl_hdm_write(CxlHdm *hdm, uint64_t offset, uint64_t value,
                   unsigned size)
{
    regbank_write(&hdm->bank, offset, value, size);
}

bool cxl_hdm_enabled(const CxlHdm *hdm)
{
    return reg(hdm, CXL_HDM_GLOBAL) & CXL_HDM_GLOBAL_ENABLE;
}

bool cxl_hdm_poison_on_error(const CxlHdm *hdm)
{
    return reg(hdm, CXL_HDM_GLOBAL) & CXL_HDM_GLOBAL_POISON;
}

bool cxl_hdm_any_committed(const CxlHdm *hdm)
{
    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        if (reg(hdm, CXL_HDM_CTRL(n)) & CXL_HDM_CTRL_COMMITTED) {
            return true;
        }
    }
    return false;
}

bool cxl_hdm_to_dpa(const CxlHdm *hdm, uint64_t hpa, uint64_t *dpa,
                    unsigned *decoder)
{
    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        CxlHdmDecoder d;

        cxl_hdm_decoder(hdm, n, &d);
        if (d.committed && hpa >= d.base && hpa - d.base < d.size) {
            *dpa = d.dpa + cxl_interleave_to_dpa(hpa - d.base, d.ig, d.iw);
            *decoder = n;
            return true;
        }
    }
    return false;
}

int cxl_hdm_by_dpa(const CxlHdm *hdm, uint64_t dpa)
{
    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        CxlHdmDecoder d;

        cxl_hdm_decoder(hdm, n, &d);
        if (d.committed && dpa >= d.dpa && dpa - d.dpa < dpa_size(&d)) {
            return n;
        }
    }
    return -1;
}

CxlHdmError cxl_hdm_last_error(const CxlHdm *hdm, unsigned n)
{
    assert(n < hdm->config.decoders);
    return hdm->error[n];
}

const char *cxl_hdm_error_name(CxlHdmError error)
{
    static const char *const names[] = {
        [CXL_HDM_OK] = "none",
        [CXL_HDM_BAD_INTERLEAVE] = "granularity or ways not supported",
        [CXL_HDM_BAD_ORDER] = "the decoder before it is not committed",
        [CXL_HDM_BAD_SIZE] = "size is not a multiple of 256 MiB times ways",
        [CXL_HDM_BAD_BASE] = "the range wraps around",
        [CXL_HDM_OVERLAP] = "the range does not ascend",
        [CXL_HDM_BAD_DPA] = "no partition holds the device range",
        [CXL_HDM_BAD_BI] = "back-invalidate is not enabled",
        [CXL_HDM_BAD_UIO] = "UIO is not possible like this",
    };

    return error < G_N_ELEMENTS(names) ? names[error] : "unknown";
}

static const char *check_bits(const CxlHdm *hdm, unsigned n,
                              const CxlHdmDecoder *d)
{
    if ((reg(hdm, CXL_HDM_CTRL(n)) & CXL_HDM_CTRL_ERROR) && d->committed) {
        return "committed and error at once";
    }
    if (d->locked && !d->committed) {
        return "locked but not committed";
    }
    return hdm->error[n] > CXL_HDM_BAD_UIO ? "refused for no known reason" :
           NULL;
}

/* @d, which is @n, is committed; @last is what the one before it decodes. */
static const char *check_range(const CxlHdm *hdm, unsigned n,
                               const CxlHdmDecoder *d,
                               const CxlHdmDecoder *last)
{
    if (check_numbers(hdm, n, reg(hdm, CXL_HDM_CTRL(n)), d) != CXL_HDM_OK) {
        return "committed with bad codes, size or base";
    }
    if (d->size && !in_one_area(hdm, d->dpa, dpa_size(d))) {
        return "committed outside of every area";
    }
    if (d->size && last->size && (d->base < last->base + last->size ||
                                  d->dpa < last->dpa + dpa_size(last))) {
        return "committed ranges do not ascend";
    }
    return NULL;
}

const char *cxl_hdm_check(const CxlHdm *hdm)
{
    CxlHdmDecoder d, last = { 0 };
    const char *bad = NULL;

    for (unsigned n = 0; n < hdm->config.decoders && !bad; n++) {
        cxl_hdm_decoder(hdm, n, &d);
        bad = check_bits(hdm, n, &d);
        if (!bad && d.committed) {
            bad = check_range(hdm, n, &d, &last);
            last = d.size ? d : last;
        }
    }
    return bad;
}

/* What COMMIT led to is not the guest's to write, but is state. */
#define CTRL_OUTCOME (CXL_HDM_CTRL_COMMITTED | CXL_HDM_CTRL_ERROR)

static void adopt_decoder(CxlHdm *hdm, unsigned n, uint32_t ctrl, bool locked)
{
    regbank_set(&hdm->bank, CXL_HDM_CTRL(n),
                ctrl_present(hdm, n, reg(hdm, CXL_HDM_CTRL(n))) |
                (ctrl & CTRL_OUTCOME));
    if (locked) {
        regbank_lock(&hdm->bank, LOCK_GROUP + n);
    }
}

void cxl_hdm_adopt(CxlHdm *hdm, uint32_t locked,
                   const uint8_t bytes[CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)],
                   const uint64_t dpa[CXL_HDM_DEVICE_MAX],
                   const uint8_t error[CXL_HDM_DEVICE_MAX])
{
    uint8_t present[sizeof(hdm->bytes)] = { 0 };

    memcpy(present, bytes, CXL_HDM_LEN(hdm->config.decoders));
    regbank_reset(&hdm->bank, REGBANK_RESET_COLD);
    regbank_adopt(&hdm->bank, present);
    if (!hdm->config.poison_on_error) {
        regbank_set(&hdm->bank, CXL_HDM_GLOBAL,
                    reg(hdm, CXL_HDM_GLOBAL) & ~CXL_HDM_GLOBAL_POISON);
    }
    memset(hdm->dpa, 0, sizeof(hdm->dpa));
    memset(hdm->error, 0, sizeof(hdm->error));
    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        adopt_decoder(hdm, n, ldl_le_p(present + CXL_HDM_CTRL(n)),
                      extract32(locked, n, 1));
        hdm->dpa[n] = dpa[n];
        hdm->error[n] = error[n];
    }
}

void cxl_hdm_save(const CxlHdm *hdm, SaveWriter *w)
{
    save_put_bytes(w, hdm->bytes, sizeof(hdm->bytes));
    for (unsigned n = 0; n < CXL_HDM_DEVICE_MAX; n++) {
        save_put(w, regbank_is_locked(&hdm->bank, LOCK_GROUP + n));
        save_put(w, hdm->dpa[n]);
        save_put(w, hdm->error[n]);
    }
}

void cxl_hdm_load(CxlHdm *hdm, SaveReader *r)
{
    uint8_t bytes[sizeof(hdm->bytes)], error[CXL_HDM_DEVICE_MAX];
    uint64_t dpa[CXL_HDM_DEVICE_MAX];
    uint32_t locked = 0;

    save_get_bytes(r, bytes, sizeof(bytes));
    for (unsigned n = 0; n < CXL_HDM_DEVICE_MAX; n++) {
        bool lock;

        SAVE_GET(r, lock);
        locked |= lock ? BIT(n) : 0;
        SAVE_GET(r, dpa[n]);
        SAVE_GET(r, error[n]);
    }
    cxl_hdm_adopt(hdm, locked, bytes, dpa, error);
}
