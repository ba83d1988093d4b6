/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DVSECs of an endpoint as register tables, their locks, and where in
 * configuration space they are.  The contract is in dvsec.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "hw/cxl/core/dvsec.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlDvsec) != 576 && sizeof(void *) == 8);

#define DVSEC_CAP_ID    0x23    /* PCIe r6.0 7.9.6 */
/* Behind the error reporting capability, which is the bus's */
#define SECOND_GROUP    0x250

/* One lock register in a DVSEC, and all that it locks */
#define LOCK_GROUP      1
#define LOCKED          .lock_group = LOCK_GROUP

#define HEADER1(rev, len)                                               \
    { .offset = CXL_DVSEC_HDR1, .size = 4, .name = "dvsec-header1",     \
      .reset = CXL_DVSEC_HDR1_VALUE(rev, len) }
#define HEADER2(id)                                                     \
    { .offset = CXL_DVSEC_HDR2, .size = 2, .name = "dvsec-header2",     \
      .reset = id }

static uint64_t ctrl_pre(void *opaque, const RegbankWrite *w);
static uint64_t ctrl2_pre(void *opaque, const RegbankWrite *w);
static void ctrl_post(void *opaque, const RegbankWrite *w);
static void ctrl2_post(void *opaque, const RegbankWrite *w);
static void base_post(void *opaque, const RegbankWrite *w);
static void device_lock_post(void *opaque, const RegbankWrite *w);
static void test_lock_post(void *opaque, const RegbankWrite *w);

/* What a device without CXL.cache does not let software change */
#define CACHE_CTRL                                                      \
    (CXL_DVSEC_DEV_CTRL_CACHE | CXL_DVSEC_DEV_CTRL_SNOOP_FILTER |       \
     CXL_DVSEC_DEV_CTRL_CLEAN_EVICT)

/* One register of each range */
#define RANGE_ROW(reg, name_, ...)                                      \
    { .offset = reg(0), .size = 4, .name = name_,                       \
      .count = CXL_DVSEC_RANGES, .stride = reg(1) - reg(0),             \
      __VA_ARGS__ }

/* CXL r3.1 8.1.3 */
static const RegbankRow device_rows[] = {
    HEADER1(CXL_DVSEC_DEV_REV, CXL_DVSEC_DEV_LEN),
    HEADER2(CXL_DVSEC_ID_DEVICE),
    { .offset = CXL_DVSEC_DEV_CAP, .size = 2, .name = "cap",
      .reset = CXL_DVSEC_DEV_CAP_IO | CXL_DVSEC_DEV_CAP_MEM |
               CXL_DVSEC_DEV_CAP_MEM_HWINIT | CXL_DVSEC_DEV_CAP_HDM_COUNT(1) |
               CXL_DVSEC_DEV_CAP_RESET | CXL_DVSEC_DEV_CAP_RESET_100MS |
               CXL_DVSEC_DEV_CAP_MEM_CLEAR | CXL_DVSEC_DEV_CAP_VIRAL },
    { .offset = CXL_DVSEC_DEV_CTRL, .size = 2, .name = "ctrl", LOCKED,
      .reset = CXL_DVSEC_DEV_CTRL_IO,
      .rw = CXL_DVSEC_DEV_CTRL_MEM | CXL_DVSEC_DEV_CTRL_VIRAL | CACHE_CTRL,
      .pre = ctrl_pre, .post = ctrl_post },
    { .offset = CXL_DVSEC_DEV_STATUS, .size = 2, .name = "status",
      .w1c = CXL_DVSEC_DEV_STATUS_VIRAL,
      .sticky = CXL_DVSEC_DEV_STATUS_VIRAL },
    /* Requests for a reset and a flush read zero. */
    { .offset = CXL_DVSEC_DEV_CTRL2, .size = 2, .name = "ctrl2",
      .rw = CXL_DVSEC_DEV_CTRL2_MEM_CLEAR | CXL_DVSEC_DEV_CTRL2_HDM_KEEP |
            CXL_DVSEC_DEV_CTRL2_CACHE_OFF,
      .pre = ctrl2_pre, .post = ctrl2_post },
    { .offset = CXL_DVSEC_DEV_STATUS2, .size = 2, .name = "status2",
      .w1c = CXL_DVSEC_DEV_STATUS2_HDM_LOST,
      .sticky = CXL_DVSEC_DEV_STATUS2_HDM_LOST |
                CXL_DVSEC_DEV_STATUS2_RESET_DONE },
    { .offset = CXL_DVSEC_DEV_LOCK, .size = 2, .name = "lock", LOCKED,
      .rw = CXL_DVSEC_DEV_LOCK_CONFIG, .post = device_lock_post },
    { .offset = CXL_DVSEC_DEV_CAP2, .size = 2, .name = "cap2" },
    RANGE_ROW(CXL_DVSEC_DEV_RANGE_SIZE_HI, "range-size-hi"),
    RANGE_ROW(CXL_DVSEC_DEV_RANGE_SIZE_LO, "range-size-lo"),
    RANGE_ROW(CXL_DVSEC_DEV_RANGE_BASE_HI, "range-base-hi", LOCKED,
              .rw = UINT32_MAX, .post = base_post),
    RANGE_ROW(CXL_DVSEC_DEV_RANGE_BASE_LO, "range-base-lo", LOCKED,
              .rw = CXL_DVSEC_RANGE_LO_MASK, .post = base_post),
    { .offset = CXL_DVSEC_DEV_CAP3, .size = 2, .name = "cap3",
      .reset = CXL_DVSEC_DEV_CAP3_HOT_KEEPS },
};

/* CXL r3.1 8.1.9 */
static const RegbankRow locator_rows[] = {
    HEADER1(CXL_DVSEC_LOCATOR_REV, CXL_DVSEC_LOCATOR_LEN(3)),
    HEADER2(CXL_DVSEC_ID_LOCATOR),
    { .offset = CXL_DVSEC_LOCATOR_LO(0), .size = 4, .name = "locator-lo",
      .count = 3, .stride = 8 },
};

static const RegbankRow locator4_rows[] = {
    HEADER1(CXL_DVSEC_LOCATOR_REV, CXL_DVSEC_LOCATOR_LEN(4)),
    HEADER2(CXL_DVSEC_ID_LOCATOR),
    { .offset = CXL_DVSEC_LOCATOR_LO(0), .size = 4, .name = "locator-lo",
      .count = 4, .stride = 8 },
};

/* CXL r3.1 8.1.7; the durations of the stock device */
static const RegbankRow gpf_rows[] = {
    HEADER1(CXL_DVSEC_GPF_REV, CXL_DVSEC_GPF_LEN),
    HEADER2(CXL_DVSEC_ID_GPF_DEVICE),
    { .offset = CXL_DVSEC_GPF_DURATION, .size = 2, .name = "duration",
      .reset = CXL_DVSEC_GPF_SCALE_SECONDS | 3 },
    { .offset = CXL_DVSEC_GPF_POWER, .size = 4, .name = "power",
      .reset = 51 },
};

/* CXL r3.1 8.1.8; what the link can do is filled in by write_facts() */
static const RegbankRow flex_rows[] = {
    HEADER1(CXL_DVSEC_FLEX_REV, CXL_DVSEC_FLEX_LEN),
    HEADER2(CXL_DVSEC_ID_FLEX_BUS),
    { .offset = CXL_DVSEC_FLEX_CAP, .size = 2, .name = "flex-cap" },
    { .offset = CXL_DVSEC_FLEX_CTRL, .size = 2, .name = "flex-ctrl",
      .reset = CXL_DVSEC_FLEX_IO },
    { .offset = CXL_DVSEC_FLEX_STATUS, .size = 2, .name = "flex-status" },
    { .offset = CXL_DVSEC_FLEX_MODIFIED_TS, .size = 4, .name = "modified-ts",
      .reset = 0xef },
};

/* CXL r3.1 14.16.1; no test algorithm is offered, so the capabilities are 0 */
static const RegbankRow test_rows[] = {
    HEADER1(CXL_DVSEC_TEST_REV, CXL_DVSEC_TEST_LEN),
    HEADER2(CXL_DVSEC_ID_TEST),
    { .offset = CXL_DVSEC_TEST_LOCK, .size = 2, .name = "test-lock", LOCKED,
      .rw = 1, .post = test_lock_post },
    { .offset = CXL_DVSEC_TEST_BASE_LO, .size = 4, .name = "test-base-lo",
      LOCKED, .reset = CXL_DVSEC_TEST_BASE_64BIT, .rw = 0xfffffff0 },
    { .offset = CXL_DVSEC_TEST_BASE_HI, .size = 4, .name = "test-base-hi",
      LOCKED, .rw = UINT32_MAX },
};

/* CXL r3.1 8.1.4 */
static const RegbankRow map_rows[] = {
    HEADER1(CXL_DVSEC_MAP_REV, CXL_DVSEC_MAP_LEN),
    HEADER2(CXL_DVSEC_ID_FUNCTION_MAP),
};

#define DESC(name_, rows_, size_)                                       \
    { .name = name_, .rows = rows_, .num_rows = G_N_ELEMENTS(rows_),    \
      .size = size_ }

static const RegbankDesc descs[CXL_DVSECS] = {
    [CXL_DVSEC_DEVICE] = DESC("dvsec-device", device_rows, CXL_DVSEC_DEV_LEN),
    [CXL_DVSEC_LOCATOR] = DESC("dvsec-locator", locator_rows,
                               CXL_DVSEC_LOCATOR_LEN(3)),
    [CXL_DVSEC_GPF] = DESC("dvsec-gpf", gpf_rows, CXL_DVSEC_GPF_LEN),
    [CXL_DVSEC_FLEX] = DESC("dvsec-flex", flex_rows, CXL_DVSEC_FLEX_LEN),
    [CXL_DVSEC_TEST] = DESC("dvsec-test", test_rows, CXL_DVSEC_TEST_LEN),
    [CXL_DVSEC_MAP] = DESC("dvsec-map", map_rows, CXL_DVSEC_MAP_LEN),
};

static const RegbankDesc locator4 = DESC("dvsec-locator", locator4_rows,
                                         CXL_DVSEC_LOCATOR_LEN(4));

static const RegbankDesc *desc(const CxlDvsec *dv, unsigned n)
{
    return n == CXL_DVSEC_LOCATOR && dv->config.fourth_locator ? &locator4
                                                               : &descs[n];
}

static unsigned locators(const CxlDvsec *dv)
{
    return dv->config.fourth_locator ? 4 : 3;
}

static uint32_t get(const CxlDvsec *dv, uint32_t offset)
{
    return regbank_get(&dv->bank[CXL_DVSEC_DEVICE], offset);
}

static void set(CxlDvsec *dv, uint32_t offset, uint32_t value)
{
    regbank_set(&dv->bank[CXL_DVSEC_DEVICE], offset, value);
}

static uint64_t ctrl_pre(void *opaque, const RegbankWrite *w)
{
    const CxlDvsec *dv = opaque;

    return dv->config.cache ? w->now : w->now & ~(uint64_t)CACHE_CTRL;
}

static uint64_t ctrl2_pre(void *opaque, const RegbankWrite *w)
{
    const CxlDvsec *dv = opaque;

    return dv->config.cache ? w->now
                            : w->now & ~(uint64_t)CXL_DVSEC_DEV_CTRL2_CACHE_OFF;
}

static void ctrl_post(void *opaque, const RegbankWrite *w)
{
    CxlDvsec *dv = opaque;

    if ((w->old ^ w->now) & CXL_DVSEC_DEV_CTRL_MEM) {
        dv->did |= CXL_DVSEC_DID_MEM_ENABLE;
    }
}

/*
 * What the device accesses is never kept in a cache of its own, so that is
 * empty as soon as somebody asks, CXL r3.1 8.1.3.4 and 8.1.3.5.  It stays so
 * while caching is off.
 */
static void flush(CxlDvsec *dv, const RegbankWrite *w)
{
    uint16_t status = get(dv, CXL_DVSEC_DEV_STATUS2);

    if (w->raw & CXL_DVSEC_DEV_CTRL2_CACHE_FLUSH) {
        status |= CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY;
    } else if (w->old & ~w->now & CXL_DVSEC_DEV_CTRL2_CACHE_OFF) {
        status &= ~CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY;
    }
    set(dv, CXL_DVSEC_DEV_STATUS2, status);
}

static void ctrl2_post(void *opaque, const RegbankWrite *w)
{
    CxlDvsec *dv = opaque;

    if (dv->config.cache) {
        flush(dv, w);
    }

    if (w->raw & CXL_DVSEC_DEV_CTRL2_RESET) {
        set(dv, CXL_DVSEC_DEV_STATUS2, get(dv, CXL_DVSEC_DEV_STATUS2) &
            ~CXL_DVSEC_DEV_STATUS2_RESET_DONE);
        dv->did |= CXL_DVSEC_DID_RESET;
    }
}

static void base_post(void *opaque, const RegbankWrite *w)
{
    CxlDvsec *dv = opaque;

    if (w->old != w->now) {
        dv->did |= CXL_DVSEC_DID_RANGE;
    }
}

/* Both locks are write-once: nothing but a reset opens them again. */
static void device_lock_post(void *opaque, const RegbankWrite *w)
{
    CxlDvsec *dv = opaque;

    if (w->now & CXL_DVSEC_DEV_LOCK_CONFIG) {
        regbank_lock(&dv->bank[CXL_DVSEC_DEVICE], LOCK_GROUP);
    }
}

static void test_lock_post(void *opaque, const RegbankWrite *w)
{
    CxlDvsec *dv = opaque;

    if (w->now & 1) {
        regbank_lock(&dv->bank[CXL_DVSEC_TEST], LOCK_GROUP);
    }
}

static void write_ranges(CxlDvsec *dv)
{
    unsigned count = dv->size[1] ? 2 : 1;

    for (unsigned i = 0; i < CXL_DVSEC_RANGES; i++) {
        uint32_t lo = dv->size[i] & CXL_DVSEC_RANGE_LO_MASK;

        if (i < count) {
            lo |= CXL_DVSEC_RANGE_VALID | CXL_DVSEC_RANGE_ACTIVE |
                  CXL_DVSEC_RANGE_MEDIA_CDAT | CXL_DVSEC_RANGE_CLASS_CDAT;
        }
        set(dv, CXL_DVSEC_DEV_RANGE_SIZE_HI(i), dv->size[i] >> 32);
        set(dv, CXL_DVSEC_DEV_RANGE_SIZE_LO(i), lo);
    }
    set(dv, CXL_DVSEC_DEV_CAP,
        (get(dv, CXL_DVSEC_DEV_CAP) & ~CXL_DVSEC_DEV_CAP_HDM_COUNT_MASK) |
        CXL_DVSEC_DEV_CAP_HDM_COUNT(count));
}

bool cxl_dvsec_cache_size_valid(uint64_t bytes)
{
    return bytes <= 255 * MiB &&
           (!(bytes % MiB) || (!(bytes % (64 * KiB)) &&
                               bytes <= 255 * 64 * KiB));
}

static void write_cache(CxlDvsec *dv)
{
    uint64_t size = dv->config.cache_size;
    bool large = !(size % MiB);

    assert(cxl_dvsec_cache_size_valid(size));
    set(dv, CXL_DVSEC_DEV_CAP, get(dv, CXL_DVSEC_DEV_CAP) |
        CXL_DVSEC_DEV_CAP_CACHE | CXL_DVSEC_DEV_CAP_CACHE_FLUSH);
    if (size) {
        set(dv, CXL_DVSEC_DEV_CAP2,
            large ? CXL_DVSEC_DEV_CAP2_CACHE(CXL_DVSEC_DEV_CAP2_UNIT_1M,
                                             size / MiB)
                  : CXL_DVSEC_DEV_CAP2_CACHE(CXL_DVSEC_DEV_CAP2_UNIT_64K,
                                             size / (64 * KiB)));
    }
}

/* What the device is; a reset of the tables forgets it. */
static void write_facts(CxlDvsec *dv)
{
    uint16_t cap = CXL_DVSEC_FLEX_IO | CXL_DVSEC_FLEX_MEM |
                   CXL_DVSEC_FLEX_68B_VH |
                   (dv->config.cache ? CXL_DVSEC_FLEX_CACHE : 0) |
                   (dv->config.mld ? CXL_DVSEC_FLEX_MLD : 0) |
                   (dv->config.flit_256b ? CXL_DVSEC_FLEX_256B : 0);

    regbank_set(&dv->bank[CXL_DVSEC_FLEX], CXL_DVSEC_FLEX_CAP, cap);
    regbank_set(&dv->bank[CXL_DVSEC_FLEX], CXL_DVSEC_FLEX_STATUS,
                cap & dv->config.link_partner);
    for (unsigned i = 0; i < locators(dv); i++) {
        regbank_set(&dv->bank[CXL_DVSEC_LOCATOR], CXL_DVSEC_LOCATOR_LO(i),
                    dv->locator[i]);
    }
    if (dv->config.mld) {
        set(dv, CXL_DVSEC_DEV_CAP,
            get(dv, CXL_DVSEC_DEV_CAP) | CXL_DVSEC_DEV_CAP_MLD);
    }
    if (dv->config.cache) {
        write_cache(dv);
    }
    write_ranges(dv);
}

static uint16_t place(CxlDvsec *dv, unsigned n, uint16_t at)
{
    dv->cap[n] = (CxlConfigCap) {
        .offset = at, .len = desc(dv, n)->size, .id = DVSEC_CAP_ID,
        .version = 1,
    };
    return at + desc(dv, n)->size;
}

void cxl_dvsec_init(CxlDvsec *dv, const CxlDvsecConfig *config, uint16_t at)
{
    uint8_t *bytes[CXL_DVSECS] = {
        [CXL_DVSEC_DEVICE] = dv->device, [CXL_DVSEC_LOCATOR] = dv->locators,
        [CXL_DVSEC_GPF] = dv->gpf, [CXL_DVSEC_FLEX] = dv->flex,
        [CXL_DVSEC_TEST] = dv->test, [CXL_DVSEC_MAP] = dv->map,
    };

    *dv = (CxlDvsec) { .config = *config };
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        regbank_init(&dv->bank[n], desc(dv, n), bytes[n], dv, NULL);
    }
    at = place(dv, CXL_DVSEC_DEVICE, at);
    at = place(dv, CXL_DVSEC_LOCATOR, at);
    place(dv, CXL_DVSEC_GPF, at);
    at = place(dv, CXL_DVSEC_FLEX, SECOND_GROUP);
    at = ROUND_UP(place(dv, CXL_DVSEC_TEST, at), 0x10);
    if (config->function_map) {
        place(dv, CXL_DVSEC_MAP, at);
    }
    write_facts(dv);
}

void cxl_dvsec_reset(CxlDvsec *dv, bool cold)
{
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        regbank_reset(&dv->bank[n], cold ? REGBANK_RESET_COLD
                                         : REGBANK_RESET_WARM);
    }
    write_facts(dv);
}

void cxl_dvsec_set_locator(CxlDvsec *dv, unsigned n, uint32_t entry)
{
    assert(n < locators(dv));
    dv->locator[n] = entry;
    write_facts(dv);
}

void cxl_dvsec_set_ranges(CxlDvsec *dv, const uint64_t size[CXL_DVSEC_RANGES])
{
    memcpy(dv->size, size, sizeof(dv->size));
    write_ranges(dv);
}

uint64_t cxl_dvsec_read(CxlDvsec *dv, unsigned n, unsigned offset,
                        unsigned size)
{
    return regbank_read(&dv->bank[n], offset, size);
}

unsigned cxl_dvsec_write(CxlDvsec *dv, unsigned n, unsigned offset,
                         uint64_t value, unsigned size)
{
    dv->did = 0;
    regbank_write(&dv->bank[n], offset, value, size);
    return dv->did;
}

/* What we change while the device runs */
static uint64_t moves(unsigned n, const RegbankRow *row)
{
    if (n != CXL_DVSEC_DEVICE) {
        return 0;
    }
    switch (row->offset) {
    case CXL_DVSEC_DEV_CAP:
        return CXL_DVSEC_DEV_CAP_HDM_COUNT_MASK;
    case CXL_DVSEC_DEV_RANGE_SIZE_HI(0):
    case CXL_DVSEC_DEV_RANGE_SIZE_LO(0):
        return UINT32_MAX;
    case CXL_DVSEC_DEV_STATUS2:
        return CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY;
    default:
        return 0;
    }
}

/* What of a register changes only in a device with CXL.cache */
static uint64_t cache_bits(unsigned n, const RegbankRow *row)
{
    if (n != CXL_DVSEC_DEVICE) {
        return 0;
    }
    return row->offset == CXL_DVSEC_DEV_CTRL ? CACHE_CTRL :
           row->offset == CXL_DVSEC_DEV_CTRL2 ? CXL_DVSEC_DEV_CTRL2_CACHE_OFF :
           row->offset == CXL_DVSEC_DEV_STATUS2 ?
           CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY : 0;
}

uint8_t cxl_dvsec_fixed(const CxlDvsec *dv, unsigned n, unsigned offset)
{
    unsigned index;
    const RegbankRow *row = regbank_find(desc(dv, n), offset, &index);
    uint64_t soft;

    if (!row) {
        return 0xff;
    }
    offset -= row->offset + index * row->stride;
    soft = regbank_soft_bits(row) | moves(n, row);
    if (!dv->config.cache) {
        soft &= ~cache_bits(n, row);
    }
    return ~(soft >> (8 * offset));
}

bool cxl_dvsec_mem_enabled(const CxlDvsec *dv)
{
    return get(dv, CXL_DVSEC_DEV_CTRL) & CXL_DVSEC_DEV_CTRL_MEM;
}

bool cxl_dvsec_mem_clear(const CxlDvsec *dv)
{
    return get(dv, CXL_DVSEC_DEV_CTRL2) & CXL_DVSEC_DEV_CTRL2_MEM_CLEAR;
}

uint64_t cxl_dvsec_range_base(const CxlDvsec *dv, unsigned range)
{
    return (uint64_t)get(dv, CXL_DVSEC_DEV_RANGE_BASE_HI(range)) << 32 |
           get(dv, CXL_DVSEC_DEV_RANGE_BASE_LO(range));
}

uint64_t cxl_dvsec_range_size(const CxlDvsec *dv, unsigned range)
{
    return dv->size[range];
}

bool cxl_dvsec_enter_viral(CxlDvsec *dv)
{
    if (!(get(dv, CXL_DVSEC_DEV_CTRL) & CXL_DVSEC_DEV_CTRL_VIRAL)) {
        return false;
    }
    set(dv, CXL_DVSEC_DEV_STATUS,
        get(dv, CXL_DVSEC_DEV_STATUS) | CXL_DVSEC_DEV_STATUS_VIRAL);
    return true;
}

void cxl_dvsec_reset_done(CxlDvsec *dv)
{
    set(dv, CXL_DVSEC_DEV_STATUS2,
        get(dv, CXL_DVSEC_DEV_STATUS2) | CXL_DVSEC_DEV_STATUS2_RESET_DONE);
}

/* The lock register of a DVSEC, or 0 */
static uint32_t lock_register(unsigned n)
{
    return n == CXL_DVSEC_DEVICE ? CXL_DVSEC_DEV_LOCK :
           n == CXL_DVSEC_TEST ? CXL_DVSEC_TEST_LOCK : 0;
}

static bool wants_lock(const CxlDvsec *dv, unsigned n)
{
    return lock_register(n) &&
           (regbank_get(&dv->bank[n], lock_register(n)) & 1);
}

void cxl_dvsec_adopt(CxlDvsec *dv, unsigned n, const uint8_t *bytes)
{
    regbank_adopt(&dv->bank[n], bytes);
    if (n == CXL_DVSEC_DEVICE && !dv->config.cache) {
        set(dv, CXL_DVSEC_DEV_CTRL,
            get(dv, CXL_DVSEC_DEV_CTRL) & ~CACHE_CTRL);
        set(dv, CXL_DVSEC_DEV_CTRL2,
            get(dv, CXL_DVSEC_DEV_CTRL2) & ~CXL_DVSEC_DEV_CTRL2_CACHE_OFF);
    }
    if (n == CXL_DVSEC_DEVICE && dv->config.cache) {
        uint16_t status = get(dv, CXL_DVSEC_DEV_STATUS2) &
                          ~CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY;

        set(dv, CXL_DVSEC_DEV_STATUS2, status |
            (bytes[CXL_DVSEC_DEV_STATUS2] & CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY));
    }
    regbank_unlock(&dv->bank[n], LOCK_GROUP);
    if (wants_lock(dv, n)) {
        regbank_lock(&dv->bank[n], LOCK_GROUP);
    }
}

uint32_t cxl_dvsec_map_read(uint32_t at, uint32_t value, unsigned len,
                            uint32_t (*dword)(void *opaque, unsigned n),
                            void *opaque)
{
    for (unsigned i = 0; i < len; i++) {
        uint32_t n = at + i - CXL_DVSEC_MAP_DWORD(0);

        if (n < 4 * CXL_DVSEC_MAP_DWORDS) {
            uint32_t map = dword(opaque, n / 4);

            value = deposit32(value, 8 * i, 8,
                              extract32(map, 8 * (n % 4), 8));
        }
    }
    return value;
}

const char *cxl_dvsec_check(const CxlDvsec *dv)
{
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        if (wants_lock(dv, n) != regbank_is_locked(&dv->bank[n], LOCK_GROUP)) {
            return "a lock in configuration space without effect";
        }
    }
    return NULL;
}

void cxl_dvsec_save(const CxlDvsec *dv, SaveWriter *w)
{
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        save_put_bytes(w, dv->bank[n].bytes, desc(dv, n)->size);
    }
}

void cxl_dvsec_load(CxlDvsec *dv, SaveReader *r)
{
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        uint8_t bytes[CXL_DVSEC_DEV_LEN];

        QEMU_BUILD_BUG_ON(CXL_DVSEC_DEV_LEN < CXL_DVSEC_MAP_LEN);
        save_get_bytes(r, bytes, desc(dv, n)->size);
        cxl_dvsec_adopt(dv, n, bytes);
    }
}
