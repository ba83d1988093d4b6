/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that a device holds as a map of bits, and the registers that show it;
 * see bias.h.
 *
 * Several threads may take pages at once, so bits are set and counted
 * atomically; who finds a page held already only reads.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/bias.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlBias) != 8416 && sizeof(void *) == 8);

#define WORD_BITS CXL_BIAS_WORD_BITS

static uint64_t cap_read(void *opaque, const RegbankRow *row, unsigned index,
                         uint64_t stored);
static uint64_t fact_read(void *opaque, const RegbankRow *row, unsigned index,
                          uint64_t stored);
static void command_post(void *opaque, const RegbankWrite *w);

static const RegbankRow bias_rows[] = {
    { .offset = CXL_BIAS_CAP, .size = 8, .name = "bias-cap",
      .read = cap_read },
    { .offset = CXL_BIAS_ADDRESS, .size = 8, .name = "bias-address",
      .rw = UINT64_MAX },
    { .offset = CXL_BIAS_LENGTH, .size = 8, .name = "bias-length",
      .rw = UINT64_MAX },
    { .offset = CXL_BIAS_COMMAND, .size = 4, .name = "bias-command",
      .rw = UINT32_MAX, .post = command_post },
    { .offset = CXL_BIAS_STATUS, .size = 4, .name = "bias-status",
      .read = fact_read },
    { .offset = CXL_BIAS_RESULT, .size = 8, .name = "bias-result",
      .read = fact_read },
    { .offset = CXL_BIAS_HELD, .size = 8, .name = "bias-held",
      .read = fact_read },
    { .offset = CXL_BIAS_TAKEN, .size = 8, .name = "bias-taken",
      .read = fact_read },
    { .offset = CXL_BIAS_GIVEN, .size = 8, .name = "bias-given",
      .read = fact_read },
    { .offset = CXL_BIAS_SNOOPS, .size = 8, .name = "bias-snoops",
      .read = fact_read },
    { .offset = CXL_BIAS_REQUESTS, .size = 8, .name = "bias-requests",
      .read = fact_read },
    { .offset = CXL_BIAS_READS, .size = 8, .name = "bias-reads",
      .read = fact_read },
    { .offset = CXL_BIAS_WRITES, .size = 8, .name = "bias-writes",
      .read = fact_read },
};

static const RegbankDesc bias_desc = {
    .name = "bias", .rows = bias_rows, .num_rows = G_N_ELEMENTS(bias_rows),
    .size = CXL_BIAS_LEN,
};

/* --- pages --------------------------------------------------------------- */

/* What is to be done with the bits of @mask in word @n; how many moved */
typedef unsigned WordFn(CxlBias *b, unsigned n, size_t mask);

static unsigned take(CxlBias *b, unsigned n, size_t mask)
{
    if (!(mask & ~qatomic_read(&b->held[n]))) {
        return 0;
    }
    return ctpop64(mask & ~qatomic_fetch_or(&b->held[n], mask));
}

static unsigned give(CxlBias *b, unsigned n, size_t mask)
{
    if (!(mask & qatomic_read(&b->held[n]))) {
        return 0;
    }
    return ctpop64(mask & qatomic_fetch_and(&b->held[n], ~mask));
}

static unsigned look(CxlBias *b, unsigned n, size_t mask)
{
    return ctpop64(mask & qatomic_read(&b->held[n]));
}

static uint64_t each_word(CxlBias *b, uint64_t dpa, uint64_t len, WordFn *fn)
{
    uint64_t moved = 0;
    unsigned first, last;

    if (!len || dpa >= b->size) {
        return 0;
    }
    len = MIN(len, b->size - dpa);
    first = dpa >> b->shift;
    last = (dpa + len - 1) >> b->shift;
    for (unsigned n = first / WORD_BITS; n <= last / WORD_BITS; n++) {
        size_t mask = SIZE_MAX;

        if (n == first / WORD_BITS) {
            mask &= SIZE_MAX << first % WORD_BITS;
        }
        if (n == last / WORD_BITS) {
            mask &= SIZE_MAX >> (WORD_BITS - 1 - last % WORD_BITS);
        }
        moved += fn(b, n, mask);
    }
    return moved;
}

static uint64_t take_range(CxlBias *b, uint64_t dpa, uint64_t len)
{
    uint64_t moved = each_word(b, dpa, len, take);

    if (moved) {
        qatomic_add(&b->counts.taken, moved);
        qatomic_add(qatomic_read(&b->snooping) ? &b->counts.snoops
                                               : &b->counts.requests, moved);
    }
    return moved;
}

void cxl_bias_device(CxlBias *b, uint64_t dpa, uint64_t len, bool is_write)
{
    if (len && dpa < b->size) {
        take_range(b, dpa, len);
        qatomic_inc(is_write ? &b->counts.writes : &b->counts.reads);
    }
}

uint64_t cxl_bias_host(CxlBias *b, uint64_t dpa, uint64_t len)
{
    uint64_t moved = each_word(b, dpa, len, give);

    if (moved) {
        qatomic_add(&b->counts.given, moved);
    }
    return moved;
}

uint64_t cxl_bias_held(const CxlBias *b, uint64_t dpa, uint64_t len)
{
    return each_word((CxlBias *)b, dpa, len, look);
}

CxlBiasCounts cxl_bias_counts(const CxlBias *b)
{
    const CxlBiasCounts *c = &b->counts;

    return (CxlBiasCounts) {
        .taken = qatomic_read(&c->taken), .given = qatomic_read(&c->given),
        .snoops = qatomic_read(&c->snoops),
        .requests = qatomic_read(&c->requests),
        .reads = qatomic_read(&c->reads), .writes = qatomic_read(&c->writes),
    };
}

void cxl_bias_set_snooping(CxlBias *b, bool on)
{
    qatomic_set(&b->snooping, on);
}

/* --- registers ----------------------------------------------------------- */

static uint64_t cap_read(void *opaque, const RegbankRow *row G_GNUC_UNUSED,
                         unsigned index G_GNUC_UNUSED,
                         uint64_t stored G_GNUC_UNUSED)
{
    const CxlBias *b = opaque;

    return CXL_BIAS_CAP_VALUE(b->shift, b->pages);
}

static uint64_t fact_read(void *opaque, const RegbankRow *row,
                          unsigned index G_GNUC_UNUSED,
                          uint64_t stored G_GNUC_UNUSED)
{
    const CxlBias *b = opaque;
    const CxlBiasCounts c = cxl_bias_counts(b);
    const uint64_t facts[CXL_BIAS_LEN / 4] = {
        [CXL_BIAS_STATUS / 4] = b->status,
        [CXL_BIAS_RESULT / 4] = b->result,
        [CXL_BIAS_HELD / 4] = cxl_bias_held(b, 0, b->size),
        [CXL_BIAS_TAKEN / 4] = c.taken,
        [CXL_BIAS_GIVEN / 4] = c.given,
        [CXL_BIAS_SNOOPS / 4] = c.snoops,
        [CXL_BIAS_REQUESTS / 4] = c.requests,
        [CXL_BIAS_READS / 4] = c.reads,
        [CXL_BIAS_WRITES / 4] = c.writes,
    };

    return facts[row->offset / 4];
}

static void command_post(void *opaque, const RegbankWrite *w)
{
    CxlBias *b = opaque;
    uint64_t dpa = regbank_get(&b->bank, CXL_BIAS_ADDRESS);
    uint64_t len = regbank_get(&b->bank, CXL_BIAS_LENGTH);

    b->commanded = true;
    b->result = 0;
    if (!len || dpa >= b->size || len > b->size - dpa) {
        b->status = CXL_BIAS_BAD_RANGE;
        return;
    }
    b->status = CXL_BIAS_OK;
    switch (w->now) {
    case CXL_BIAS_TO_HOST:
        b->result = cxl_bias_host(b, dpa, len);
        break;
    case CXL_BIAS_TO_DEVICE:
        b->result = take_range(b, dpa, len);
        break;
    case CXL_BIAS_COUNT:
        b->result = cxl_bias_held(b, dpa, len);
        break;
    default:
        b->status = CXL_BIAS_BAD_COMMAND;
    }
}

uint64_t cxl_bias_read(CxlBias *b, uint64_t offset, unsigned size)
{
    return regbank_read(&b->bank, offset, size);
}

bool cxl_bias_write(CxlBias *b, uint64_t offset, uint64_t value, unsigned size)
{
    b->commanded = false;
    regbank_write(&b->bank, offset, value, size);
    return b->commanded;
}

/* --- life ---------------------------------------------------------------- */

CxlBias *cxl_bias_new(uint64_t size)
{
    CxlBias *b = g_atomic_rc_box_new0(CxlBias);

    assert(size);
    b->size = size;
    b->shift = CXL_BIAS_SHIFT_MIN;
    while ((size - 1) >> b->shift >= CXL_BIAS_PAGES_MAX) {
        b->shift++;
    }
    b->pages = ((size - 1) >> b->shift) + 1;
    regbank_init(&b->bank, &bias_desc, b->bytes, b, NULL);
    return b;
}

void cxl_bias_unref(CxlBias *b)
{
    if (b) {
        g_atomic_rc_box_release(b);
    }
}

static void watch_ref(void *owner)
{
    g_atomic_rc_box_acquire(owner);
}

static void watch_unref(void *owner)
{
    cxl_bias_unref(owner);
}

static void watch_accessed(void *owner, uint64_t offset, uint64_t len,
                           bool is_write)
{
    cxl_bias_device(owner, offset, len, is_write);
}

const WatchOps cxl_bias_watch = { watch_ref, watch_unref, watch_accessed };

/* Whoever takes a page meanwhile takes it before or after. */
void cxl_bias_reset(CxlBias *b, bool all)
{
    cxl_bias_host(b, 0, b->size);
    regbank_reset(&b->bank, REGBANK_RESET_COLD);
    b->status = CXL_BIAS_OK;
    b->result = 0;
    if (all) {
        qatomic_set(&b->counts.taken, 0);
        qatomic_set(&b->counts.given, 0);
        qatomic_set(&b->counts.snoops, 0);
        qatomic_set(&b->counts.requests, 0);
        qatomic_set(&b->counts.reads, 0);
        qatomic_set(&b->counts.writes, 0);
    }
}

void cxl_bias_assign(CxlBias *b, const CxlBias *from)
{
    assert(b->size == from->size);
    memcpy(b->bytes, from->bytes, sizeof(b->bytes));
    b->status = from->status;
    b->result = from->result;
    b->counts = from->counts;
    memcpy(b->held, from->held, sizeof(b->held));
}

/* --- saved state --------------------------------------------------------- */

void cxl_bias_save(const CxlBias *b, SaveWriter *w)
{
    const CxlBiasCounts c = cxl_bias_counts(b);
    uint8_t held[CXL_BIAS_PAGES_MAX / 8] = { };

    save_put(w, b->size);
    save_put_bytes(w, b->bytes, sizeof(b->bytes));
    save_put(w, b->status);
    save_put(w, b->result);
    save_put(w, c.taken);
    save_put(w, c.given);
    save_put(w, c.snoops);
    save_put(w, c.requests);
    save_put(w, c.reads);
    save_put(w, c.writes);
    for (unsigned n = 0; n < b->pages; n++) {
        if (qatomic_read(&b->held[n / WORD_BITS]) >> n % WORD_BITS & 1) {
            held[n / 8] |= 1u << n % 8;
        }
    }
    save_put_bytes(w, held, DIV_ROUND_UP(b->pages, 8));
}

void cxl_bias_load(CxlBias *b, SaveReader *r)
{
    uint8_t bytes[CXL_BIAS_LEN], held[CXL_BIAS_PAGES_MAX / 8];

    save_get_same(r, "size of the memory", b->size);
    save_get_bytes(r, bytes, sizeof(bytes));
    regbank_adopt(&b->bank, bytes);
    SAVE_GET(r, b->status);
    SAVE_GET(r, b->result);
    SAVE_GET(r, b->counts.taken);
    SAVE_GET(r, b->counts.given);
    SAVE_GET(r, b->counts.snoops);
    SAVE_GET(r, b->counts.requests);
    SAVE_GET(r, b->counts.reads);
    SAVE_GET(r, b->counts.writes);
    save_get_bytes(r, held, DIV_ROUND_UP(b->pages, 8));
    memset(b->held, 0, sizeof(b->held));
    for (unsigned n = 0; n < 8 * DIV_ROUND_UP(b->pages, 8); n++) {
        if (held[n / 8] >> n % 8 & 1) {
            b->held[n / WORD_BITS] |= (size_t)1 << n % WORD_BITS;
        }
    }
    if (save_good(r) && cxl_bias_check(b)) {
        save_refuse(r, cxl_bias_check(b));
    }
}

const char *cxl_bias_check(const CxlBias *b)
{
    for (unsigned n = b->pages; n < CXL_BIAS_PAGES_MAX; n++) {
        if (b->held[n / WORD_BITS] >> n % WORD_BITS & 1) {
            return "a page beyond the memory is held";
        }
    }
    return b->status > CXL_BIAS_BAD_RANGE ? "a status that is none" : NULL;
}
