/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of units, epochs, and the list of what is hot.  The contract is in
 * chmu.h.
 */
#include "qemu/osdep.h"
#include "hw/common/clock.h"
#include "hw/cxl/core/chmu.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlChmu) != 10456 && sizeof(void *) == 8);

#define VERSION         1
#define UNIT_MIN        8       /* log2 bytes */
#define UNIT_MAX        31
#define SAMPLE_MAX      15      /* log2 requests */
#define LONGEST         CXL_CHMU_EPOCH(CXL_CHMU_SCALE_1S, 4095)
#define SHORTEST        CXL_CHMU_EPOCH(CXL_CHMU_SCALE_1MS, 1)
#define RANGE_SHIFT     28      /* a bit of the bitmap */
#define CONFIGURATION   1       /* lock group */

/* Of the one instance */
#define AT(reg)         (CXL_CHMU_INSTANCE + (reg))

typedef struct Counter {
    gint64 unit;
    uint32_t count;
} Counter;

static uint64_t config_pre(void *opaque, const RegbankWrite *w);
static void config_post(void *opaque, const RegbankWrite *w);
static uint64_t head_pre(void *opaque G_GNUC_UNUSED, const RegbankWrite *w);

#define MESSAGES (CXL_CHMU_CONFIG_OVERFLOW | CXL_CHMU_CONFIG_FILL)

/* Sticky marks what the unit writes: no reset but a cold one reaches it. */
static const RegbankRow rows[] = {
    { .name = "chmu-cap", .offset = CXL_CHMU_CAP, .size = 8 },
    { .name = "chmu-cap2", .offset = CXL_CHMU_CAP2, .size = 8 },
    { .name = "chmu-able", .offset = AT(CXL_CHMU_ABLE), .size = 8 },
    { .name = "chmu-able2", .offset = AT(CXL_CHMU_ABLE2), .size = 8 },
    { .name = "chmu-bitmap-offset", .offset = AT(CXL_CHMU_BITMAP_OFFSET),
      .size = 8, .reset = CXL_CHMU_BITMAP },
    { .name = "chmu-hotlist-offset", .offset = AT(CXL_CHMU_HOTLIST_OFFSET),
      .size = 8, .reset = CXL_CHMU_HOTLIST },
    { .name = "chmu-config", .offset = AT(CXL_CHMU_CONFIG), .size = 8,
      .rw = CXL_CHMU_CONFIG_WHAT_MASK | MESSAGES | CXL_CHMU_CONFIG_ENABLE |
            CXL_CHMU_CONFIG_RESET | CXL_CHMU_CONFIG_THRESHOLD_MASK,
      .pre = config_pre, .post = config_post },
    { .name = "chmu-config2", .offset = AT(CXL_CHMU_CONFIG2), .size = 8,
      .rw = UINT64_MAX, .lock_group = CONFIGURATION },
    { .name = "chmu-config3", .offset = AT(CXL_CHMU_CONFIG3), .size = 8,
      .rw = CXL_CHMU_CONFIG3_FILL_MASK, .lock_group = CONFIGURATION },
    { .name = "chmu-status", .offset = AT(CXL_CHMU_STATUS), .size = 8,
      .reset = CXL_CHMU_STATUS_COUNT_BITS(CXL_CHMU_COUNT_BITS),
      .w1c = CXL_CHMU_STATUS_OVERFLOW | CXL_CHMU_STATUS_FILL,
      .sticky = CXL_CHMU_STATUS_ENABLED },
    { .name = "chmu-head", .offset = AT(CXL_CHMU_HEAD), .size = 2,
      .rw = UINT16_MAX, .pre = head_pre },
    { .name = "chmu-tail", .offset = AT(CXL_CHMU_TAIL), .size = 2,
      .sticky = UINT16_MAX },
    { .name = "chmu-bitmap", .offset = AT(CXL_CHMU_BITMAP), .size = 8,
      .count = CXL_CHMU_BITMAP_WORDS, .rw = UINT64_MAX,
      .lock_group = CONFIGURATION },
    { .name = "chmu-hotlist", .offset = AT(CXL_CHMU_HOTLIST), .size = 8,
      .count = CXL_CHMU_ENTRIES, .sticky = UINT64_MAX },
};

static const RegbankDesc desc = {
    .name = "chmu", .rows = rows, .num_rows = G_N_ELEMENTS(rows),
    .size = CXL_CHMU_LEN,
};

static uint64_t get(const CxlChmu *c, uint32_t reg)
{
    return regbank_get(&c->bank, AT(reg));
}

static void set(CxlChmu *c, uint32_t reg, uint64_t value)
{
    regbank_set(&c->bank, AT(reg), value);
}

bool cxl_chmu_enabled(const CxlChmu *c)
{
    return get(c, CXL_CHMU_STATUS) & CXL_CHMU_STATUS_ENABLED;
}

/* --- configuration ------------------------------------------------------- */

/* Nanoseconds, or 0 if the scale is none. */
static int64_t epoch_ns(unsigned epoch)
{
    static const int64_t scale[] = {
        [CXL_CHMU_SCALE_100US] = 100000, [CXL_CHMU_SCALE_1MS] = 1000000,
        [CXL_CHMU_SCALE_10MS] = 10000000, [CXL_CHMU_SCALE_100MS] = 100000000,
        [CXL_CHMU_SCALE_1S] = 1000000000,
    };
    unsigned n = CXL_CHMU_EPOCH_SCALE(epoch);

    return n < G_N_ELEMENTS(scale) ? scale[n] * CXL_CHMU_EPOCH_TIMES(epoch)
                                   : 0;
}

/* How long an epoch is, 0 if it is always on. */
static int64_t epoch(const CxlChmu *c)
{
    uint64_t config = get(c, CXL_CHMU_CONFIG2);

    return CXL_CHMU_CONFIG2_MODE_GET(config) ? 0
           : epoch_ns(CXL_CHMU_CONFIG2_EPOCH_GET(config));
}

static bool acceptable(const CxlChmu *c)
{
    unsigned what = get(c, CXL_CHMU_CONFIG) & CXL_CHMU_CONFIG_WHAT_MASK;
    uint64_t config = get(c, CXL_CHMU_CONFIG2);
    uint64_t unit = CXL_CHMU_CONFIG2_UNIT_GET(config);
    unsigned mode = CXL_CHMU_CONFIG2_MODE_GET(config);
    int64_t ns = epoch(c);

    return what >= CXL_CHMU_UNTRUSTED_READS && what <= CXL_CHMU_ALL &&
           unit >= UNIT_MIN && unit <= UNIT_MAX &&
           CXL_CHMU_CONFIG2_SAMPLE_GET(config) <= SAMPLE_MAX && mode <= 1 &&
           (mode || (ns >= epoch_ns(SHORTEST) && ns <= epoch_ns(LONGEST)));
}

static void forget_counters(CxlChmu *c)
{
    g_hash_table_remove_all(c->units);
    c->requests = 0;
}

/* What else is different while it is enabled */
static void lock_configuration(CxlChmu *c)
{
    if (cxl_chmu_enabled(c)) {
        regbank_lock(&c->bank, CONFIGURATION);
    } else {
        regbank_unlock(&c->bank, CONFIGURATION);
    }
}

static uint64_t config_pre(void *opaque, const RegbankWrite *w)
{
    const uint64_t always = MESSAGES | CXL_CHMU_CONFIG_ENABLE;
    CxlChmu *c = opaque;

    if (w->now & CXL_CHMU_CONFIG_RESET) {
        forget_counters(c);
        c->since_ns = c->ops->now_ns(c->opaque);
    }
    return (cxl_chmu_enabled(c) ? (w->old & ~always) | (w->now & always)
                                : w->now) & ~CXL_CHMU_CONFIG_RESET;
}

static void config_post(void *opaque, const RegbankWrite *w)
{
    CxlChmu *c = opaque;
    bool on = (w->now & CXL_CHMU_CONFIG_ENABLE) &&
              (cxl_chmu_enabled(c) || acceptable(c));

    if (!on) {
        set(c, CXL_CHMU_CONFIG, w->now & ~CXL_CHMU_CONFIG_ENABLE);
    }
    if (on == cxl_chmu_enabled(c)) {
        return;
    }
    forget_counters(c);
    c->since_ns = c->ops->now_ns(c->opaque);
    set(c, CXL_CHMU_STATUS,
        get(c, CXL_CHMU_STATUS) ^ CXL_CHMU_STATUS_ENABLED);
    lock_configuration(c);
}

static uint64_t head_pre(void *opaque G_GNUC_UNUSED, const RegbankWrite *w)
{
    return w->now < CXL_CHMU_ENTRIES ? w->now : w->old;
}

/* --- the list ------------------------------------------------------------ */

static void say(CxlChmu *c, uint64_t status, uint64_t message)
{
    uint64_t was = get(c, CXL_CHMU_STATUS);

    set(c, CXL_CHMU_STATUS, was | status);
    if (!(was & status) && (get(c, CXL_CHMU_CONFIG) & message)) {
        c->ops->message(c->opaque, c->msgnum);
    }
}

static void add_entry(CxlChmu *c, const Counter *counter)
{
    const uint32_t count_max = MAKE_64BIT_MASK(0, CXL_CHMU_COUNT_BITS);
    unsigned head = get(c, CXL_CHMU_HEAD), tail = get(c, CXL_CHMU_TAIL);
    unsigned next = (tail + 1) % CXL_CHMU_ENTRIES;
    unsigned used = (next + CXL_CHMU_ENTRIES - head) % CXL_CHMU_ENTRIES;

    if (next == head) {
        say(c, CXL_CHMU_STATUS_OVERFLOW, CXL_CHMU_CONFIG_OVERFLOW);
        return;
    }
    set(c, CXL_CHMU_HOTLIST + 8 * tail,
        (uint64_t)counter->unit << CXL_CHMU_COUNT_BITS |
        MIN(counter->count, count_max));
    set(c, CXL_CHMU_TAIL, next);
    if (used >= get(c, CXL_CHMU_CONFIG3)) {
        say(c, CXL_CHMU_STATUS_FILL, CXL_CHMU_CONFIG_FILL);
    }
}

static bool hot(const CxlChmu *c, const Counter *counter)
{
    uint64_t config = get(c, CXL_CHMU_CONFIG);

    return counter->count >= CXL_CHMU_CONFIG_THRESHOLD_GET(config);
}

static gint by_unit(gconstpointer a, gconstpointer b)
{
    const Counter *x = *(Counter * const *)a, *y = *(Counter * const *)b;

    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static void end_epoch(CxlChmu *c)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    GHashTableIter iter;
    gpointer counter;

    g_hash_table_iter_init(&iter, c->units);
    while (g_hash_table_iter_next(&iter, &counter, NULL)) {
        if (hot(c, counter)) {
            g_ptr_array_add(found, counter);
        }
    }
    g_ptr_array_sort(found, by_unit);
    for (unsigned i = 0; i < found->len; i++) {
        add_entry(c, found->pdata[i]);
    }
    forget_counters(c);
}

void cxl_chmu_sync(CxlChmu *c)
{
    int64_t now = c->ops->now_ns(c->opaque), ns = epoch(c);

    if (!cxl_chmu_enabled(c) || !ns || now - c->since_ns < ns) {
        return;
    }
    end_epoch(c);
    c->since_ns += (now - c->since_ns) / ns * ns;
}

int64_t cxl_chmu_deadline(const CxlChmu *c)
{
    int64_t ns = epoch(c);

    return cxl_chmu_enabled(c) && ns && g_hash_table_size(c->units)
           ? clock_after(c->since_ns, ns) : INT64_MAX;
}

/* --- counting ------------------------------------------------------------ */

static bool counts(const CxlChmu *c, bool is_write)
{
    static const uint8_t kinds[] = {     /* bit 0: reads, bit 1: writes */
        [CXL_CHMU_UNTRUSTED_READS] = 1, [CXL_CHMU_UNTRUSTED_WRITES] = 2,
        [CXL_CHMU_UNTRUSTED_ALL] = 3, [CXL_CHMU_READS] = 1,
        [CXL_CHMU_WRITES] = 2, [CXL_CHMU_ALL] = 3,
    };
    unsigned what = get(c, CXL_CHMU_CONFIG) & CXL_CHMU_CONFIG_WHAT_MASK;

    return kinds[what] & BIT(is_write);
}

static bool watched(const CxlChmu *c, uint64_t dpa)
{
    uint64_t range = dpa >> RANGE_SHIFT;

    return range / 64 < CXL_CHMU_BITMAP_WORDS &&
           get(c, CXL_CHMU_BITMAP + range / 64 * 8) & BIT_ULL(range % 64);
}

/* How many of @requests are looked at */
static uint32_t sample(CxlChmu *c, uint32_t requests)
{
    unsigned log2 = CXL_CHMU_CONFIG2_SAMPLE_GET(get(c, CXL_CHMU_CONFIG2));
    uint32_t all = c->requests + requests;

    c->requests = all & (BIT(log2) - 1);
    return all >> log2;
}

static void count_unit(CxlChmu *c, int64_t unit, uint32_t requests)
{
    Counter *counter = g_hash_table_lookup(c->units, &unit);

    if (!counter) {
        if (g_hash_table_size(c->units) == CXL_CHMU_COUNTERS) {
            return;
        }
        counter = g_new(Counter, 1);
        *counter = (Counter) { .unit = unit };
        g_hash_table_add(c->units, counter);
    }
    counter->count = MIN((uint64_t)counter->count + requests, UINT32_MAX);
    if (!epoch(c) && hot(c, counter)) {
        add_entry(c, counter);
        g_hash_table_remove(c->units, &unit);
    }
}

bool cxl_chmu_count(CxlChmu *c, bool is_write, uint64_t dpa, uint64_t len)
{
    unsigned log2 = CXL_CHMU_CONFIG2_UNIT_GET(get(c, CXL_CHMU_CONFIG2));
    bool was_idle;

    if (!cxl_chmu_enabled(c) || !counts(c, is_write)) {
        return false;
    }
    cxl_chmu_sync(c);
    was_idle = !g_hash_table_size(c->units);
    while (len) {
        uint64_t n = MIN(len, (1ull << log2) - (dpa & ((1ull << log2) - 1)));
        uint32_t lines = (dpa + n - 1) / 64 - dpa / 64 + 1;
        uint32_t sampled = watched(c, dpa) ? sample(c, lines) : 0;

        if (sampled) {
            count_unit(c, dpa >> log2, sampled);
        }
        dpa += n;
        len -= n;
    }
    return was_idle && g_hash_table_size(c->units);
}

/* --- registers and state ------------------------------------------------- */

static void write_identity(CxlChmu *c)
{
    uint64_t able = CXL_CHMU_ABLE_MESSAGE(c->msgnum) |
                    CXL_CHMU_ABLE_OVERFLOW | CXL_CHMU_ABLE_FILL |
                    CXL_CHMU_ABLE_LONGEST(LONGEST) |
                    CXL_CHMU_ABLE_SHORTEST(SHORTEST) |
                    CXL_CHMU_ABLE_ENTRIES(CXL_CHMU_ENTRIES);
    uint64_t able2 = CXL_CHMU_ABLE2_EPOCHS | CXL_CHMU_ABLE2_ALWAYS_ON;

    for (unsigned n = CXL_CHMU_UNTRUSTED_READS; n <= CXL_CHMU_ALL; n++) {
        able |= CXL_CHMU_ABLE_TRACK(n);
    }
    for (unsigned n = UNIT_MIN; n <= UNIT_MAX; n++) {
        able2 |= CXL_CHMU_ABLE2_UNIT(n);
    }
    for (unsigned n = 0; n <= SAMPLE_MAX; n++) {
        able2 |= CXL_CHMU_ABLE2_SAMPLE(n);
    }
    regbank_set(&c->bank, CXL_CHMU_CAP, CXL_CHMU_CAP_VERSION(VERSION) |
                CXL_CHMU_CAP_INSTANCES(1));
    regbank_set(&c->bank, CXL_CHMU_CAP2, CXL_CHMU_LEN - CXL_CHMU_INSTANCE);
    set(c, CXL_CHMU_ABLE, able);
    set(c, CXL_CHMU_ABLE2, able2);
}

void cxl_chmu_init(CxlChmu *c, uint8_t msgnum, const CxlHostOps *ops,
                   void *opaque)
{
    assert(msgnum >= 1 && msgnum <= 15);
    *c = (CxlChmu) { .ops = ops, .opaque = opaque, .msgnum = msgnum };
    c->units = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                     NULL);
    regbank_init(&c->bank, &desc, c->bytes, c, NULL);
    write_identity(c);
}

void cxl_chmu_destroy(CxlChmu *c)
{
    g_clear_pointer(&c->units, g_hash_table_destroy);
}

void cxl_chmu_reset(CxlChmu *c)
{
    regbank_reset(&c->bank, REGBANK_RESET_COLD);
    write_identity(c);
    forget_counters(c);
    c->since_ns = 0;
}

uint64_t cxl_chmu_read(CxlChmu *c, uint64_t offset, unsigned size)
{
    cxl_chmu_sync(c);
    return regbank_read(&c->bank, offset, size);
}

void cxl_chmu_write(CxlChmu *c, uint64_t offset, uint64_t value,
                    unsigned size)
{
    cxl_chmu_sync(c);
    regbank_write(&c->bank, offset, value, size);
}

void cxl_chmu_save(const CxlChmu *c, SaveWriter *w)
{
    save_put_bytes(w, c->bytes, sizeof(c->bytes));
    save_put(w, c->since_ns);
}

void cxl_chmu_load(CxlChmu *c, SaveReader *r)
{
    save_get_bytes(r, c->bytes, sizeof(c->bytes));
    c->since_ns = save_get_time(r, "begin of the epoch");
    forget_counters(c);
    lock_configuration(c);
}

const char *cxl_chmu_check(const CxlChmu *c)
{
    g_autofree CxlChmu *fresh = g_new(CxlChmu, 1);
    uint64_t config = get(c, CXL_CHMU_CONFIG);
    const char *wrong;

    cxl_chmu_init(fresh, c->msgnum, c->ops, c->opaque);
    wrong = regbank_differs(&c->bank, &fresh->bank);
    cxl_chmu_destroy(fresh);
    if (get(c, CXL_CHMU_HEAD) >= CXL_CHMU_ENTRIES ||
        get(c, CXL_CHMU_TAIL) >= CXL_CHMU_ENTRIES) {
        wrong = wrong ?: "chmu-hotlist";
    }
    if (!(config & CXL_CHMU_CONFIG_ENABLE) == cxl_chmu_enabled(c) ||
        config & CXL_CHMU_CONFIG_RESET ||
        (cxl_chmu_enabled(c) && !acceptable(c))) {
        wrong = wrong ?: "chmu-config";
    }
    return wrong;
}
