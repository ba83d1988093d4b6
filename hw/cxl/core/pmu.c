/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters of the performance monitoring unit, their registers, and time
 * as one more thing to count.  The contract is in pmu.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/common/clock.h"
#include "hw/cxl/core/pmu.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlPmu) != 3656 && sizeof(void *) == 8);

#define VERSION         1
#define COUNTER_MASK    MAKE_64BIT_MASK(0, CXL_PMU_WIDTH)
#define ALL_COUNTERS    MAKE_64BIT_MASK(0, CXL_PMU_COUNTERS)

/* Of events that are ours: QEMU's own, and a group of it */
#define OUR_VENDOR      0x1b36
#define OUR_GROUP       0x0000
#define OUR_COMMAND     0
#define OUR_POISON      1

/*
 * Linux sets its configurable counters to group 0, and to no group that a
 * fixed counter serves: requests of the host come first and have none.
 */
enum {
    GROUP_M2S_REQ, GROUP_CLOCK, GROUP_M2S_RWD, GROUP_S2M_NDR, GROUP_S2M_DRS,
    GROUP_OURS, GROUPS
};

static const struct {
    uint16_t vendor, id;
} groups[GROUPS] = {
    [GROUP_M2S_REQ] = { CXL_CPMU_VENDOR, CXL_CPMU_GROUP_M2S_REQ },
    [GROUP_CLOCK] = { CXL_CPMU_VENDOR, CXL_CPMU_GROUP_CLOCK },
    [GROUP_M2S_RWD] = { CXL_CPMU_VENDOR, CXL_CPMU_GROUP_M2S_RWD },
    [GROUP_S2M_NDR] = { CXL_CPMU_VENDOR, CXL_CPMU_GROUP_S2M_NDR },
    [GROUP_S2M_DRS] = { CXL_CPMU_VENDOR, CXL_CPMU_GROUP_S2M_DRS },
    [GROUP_OURS] = { OUR_VENDOR, OUR_GROUP },
};

typedef struct EventPlace {
    uint8_t group;      /* index in @groups */
    uint8_t bit;
} EventPlace;

static const EventPlace places[CXL_PMU_EVENTS] = {
    [CXL_PMU_CLOCK] = { GROUP_CLOCK, CXL_CPMU_CLOCK_TICKS },
    [CXL_PMU_READ] = { GROUP_M2S_REQ, CXL_CPMU_M2S_REQ_MEM_RD },
    [CXL_PMU_WRITE_PARTIAL] = { GROUP_M2S_RWD, CXL_CPMU_M2S_RWD_MEM_WR_PTL },
    [CXL_PMU_COMPLETION] = { GROUP_S2M_NDR, CXL_CPMU_S2M_NDR_CMP },
    [CXL_PMU_DATA] = { GROUP_S2M_DRS, CXL_CPMU_S2M_DRS_MEM_DATA },
    [CXL_PMU_DATA_NXM] = { GROUP_S2M_DRS, CXL_CPMU_S2M_DRS_MEM_DATA_NXM },
    [CXL_PMU_COMMAND] = { GROUP_OURS, OUR_COMMAND },
    [CXL_PMU_POISON] = { GROUP_OURS, OUR_POISON },
};

/* What the counters count that cannot be told anything else */
static const uint8_t fixed[CXL_PMU_FIXED] = {
    CXL_PMU_CLOCK, CXL_PMU_WRITE_PARTIAL, CXL_PMU_COMPLETION, CXL_PMU_DATA,
    CXL_PMU_DATA_NXM, CXL_PMU_COMMAND, CXL_PMU_POISON,
};

#define CONFIG_RW (CXL_CPMU_CONFIG_ENABLE | CXL_CPMU_CONFIG_INTERRUPT | \
                   CXL_CPMU_CONFIG_FREEZE | CXL_CPMU_CONFIG_THRESHOLD_MASK)

static uint64_t counter_pre(void *opaque, const RegbankWrite *w);

/* Edge and invert need cycles in which nothing happens: read-only zero. */
static const RegbankRow rows[] = {
    { .name = "cpmu-cap", .offset = CXL_CPMU_CAP, .size = 8 },
    { .name = "cpmu-overflow", .offset = CXL_CPMU_OVERFLOW, .size = 8,
      .w1c = ALL_COUNTERS },
    { .name = "cpmu-freeze", .offset = CXL_CPMU_FREEZE, .size = 8,
      .rw = ALL_COUNTERS },
    { .name = "cpmu-events", .offset = CXL_CPMU_EVENTS(0), .size = 8,
      .count = GROUPS },
    { .name = "cpmu-config-fixed", .offset = CXL_CPMU_CONFIG(0), .size = 8,
      .count = CXL_PMU_FIXED, .rw = CONFIG_RW },
    { .name = "cpmu-config", .offset = CXL_CPMU_CONFIG(CXL_PMU_FIXED),
      .size = 8, .count = CXL_PMU_COUNTERS - CXL_PMU_FIXED,
      .reset = CXL_CPMU_CONFIG_CONFIGURABLE,
      .rw = CONFIG_RW | CXL_CPMU_CONFIG_EVENTS_MASK |
            CXL_CPMU_CONFIG_GROUP_MASK },
    { .name = "cpmu-filter", .offset = CXL_CPMU_FILTER(0), .size = 4,
      .count = CXL_PMU_COUNTERS, .stride = CXL_CPMU_FILTER(1) -
                                           CXL_CPMU_FILTER(0),
      .reset = CXL_CPMU_FILTER_OFF, .rw = CXL_CPMU_FILTER_OFF },
    { .name = "cpmu-counter", .offset = CXL_CPMU_COUNTER(0), .size = 8,
      .count = CXL_PMU_COUNTERS, .rw = COUNTER_MASK, .pre = counter_pre },
};

static const RegbankDesc desc = {
    .name = "cpmu", .rows = rows, .num_rows = G_N_ELEMENTS(rows),
    .size = CXL_CPMU_LEN,
};

static bool running(const CxlPmu *pmu, unsigned n)
{
    return (regbank_get(&pmu->bank, CXL_CPMU_CONFIG(n)) &
            CXL_CPMU_CONFIG_ENABLE) &&
           !(regbank_get(&pmu->bank, CXL_CPMU_FREEZE) & BIT_ULL(n));
}

static uint64_t counter_pre(void *opaque, const RegbankWrite *w)
{
    CxlPmu *pmu = opaque;

    return regbank_get(&pmu->bank, CXL_CPMU_FREEZE) & BIT_ULL(w->index)
           ? w->now : w->old;
}

static uint64_t event_mask(unsigned group)
{
    uint64_t mask = 0;

    for (unsigned e = 0; e < CXL_PMU_EVENTS; e++) {
        mask |= places[e].group == group ? BIT_ULL(places[e].bit) : 0;
    }
    return mask;
}

static void write_identity(CxlPmu *pmu)
{
    regbank_set(&pmu->bank, CXL_CPMU_CAP,
                CXL_CPMU_CAP_COUNTERS(CXL_PMU_COUNTERS) |
                CXL_CPMU_CAP_WIDTH(CXL_PMU_WIDTH) |
                CXL_CPMU_CAP_GROUPS(GROUPS) | CXL_CPMU_CAP_FILTER_HDM |
                CXL_CPMU_CAP_MESSAGE(pmu->msgnum) |
                CXL_CPMU_CAP_FROZEN_WRITABLE | CXL_CPMU_CAP_FREEZE |
                CXL_CPMU_CAP_INTERRUPT | CXL_CPMU_CAP_VERSION(VERSION));
    for (unsigned g = 0; g < GROUPS; g++) {
        regbank_set(&pmu->bank, CXL_CPMU_EVENTS(g),
                    CXL_CPMU_EVENTS_VALUE(groups[g].vendor, groups[g].id,
                                          event_mask(g)));
    }
    for (unsigned n = 0; n < CXL_PMU_FIXED; n++) {
        const EventPlace *place = &places[fixed[n]];

        regbank_set(&pmu->bank, CXL_CPMU_CONFIG(n), CXL_CPMU_CONFIG_FIXED |
                    CXL_CPMU_CONFIG_EVENTS(BIT_ULL(place->bit)) |
                    CXL_CPMU_CONFIG_GROUP(place->group));
    }
}

static void see_counting(CxlPmu *pmu)
{
    pmu->counting = false;
    for (unsigned n = 0; n < CXL_PMU_COUNTERS; n++) {
        pmu->counting |= running(pmu, n);
    }
}

void cxl_pmu_init(CxlPmu *pmu, uint8_t msgnum, const CxlHostOps *ops,
                  void *opaque)
{
    assert(msgnum >= 1 && msgnum <= 15);
    *pmu = (CxlPmu) { .ops = ops, .opaque = opaque, .msgnum = msgnum };
    regbank_init(&pmu->bank, &desc, pmu->bytes, pmu, NULL);
    write_identity(pmu);
}

void cxl_pmu_reset(CxlPmu *pmu)
{
    regbank_reset(&pmu->bank, REGBANK_RESET_COLD);
    write_identity(pmu);
    pmu->counting = false;
}

/* Does counter @n run, and is @event what it counts? */
static bool counts(const CxlPmu *pmu, unsigned n, CxlPmuEvent event)
{
    uint64_t config = regbank_get(&pmu->bank, CXL_CPMU_CONFIG(n));
    const EventPlace *place = &places[event];

    return running(pmu, n) &&
           CXL_CPMU_CONFIG_GROUP_GET(config) == place->group &&
           CXL_CPMU_CONFIG_EVENTS_GET(config) & BIT_ULL(place->bit) &&
           CXL_CPMU_CONFIG_THRESHOLD_GET(config) <= 1;
}

static void overflowed(CxlPmu *pmu, unsigned n)
{
    uint64_t config = regbank_get(&pmu->bank, CXL_CPMU_CONFIG(n));
    uint64_t status = regbank_get(&pmu->bank, CXL_CPMU_OVERFLOW);

    regbank_set(&pmu->bank, CXL_CPMU_OVERFLOW, status | BIT_ULL(n));
    if (config & CXL_CPMU_CONFIG_FREEZE) {
        regbank_set(&pmu->bank, CXL_CPMU_FREEZE, ALL_COUNTERS);
        see_counting(pmu);
    }
    if (config & CXL_CPMU_CONFIG_INTERRUPT) {
        pmu->ops->message(pmu->opaque, pmu->msgnum);
    }
}

/* No more than one wrap: @times is at most what is left, or small. */
static void add(CxlPmu *pmu, unsigned n, uint64_t times)
{
    uint64_t value = regbank_get(&pmu->bank, CXL_CPMU_COUNTER(n)) + times;

    regbank_set(&pmu->bank, CXL_CPMU_COUNTER(n), value & COUNTER_MASK);
    if (value > COUNTER_MASK) {
        overflowed(pmu, n);
    }
}

/* Which counters count clock ticks now, and how many fit into the fullest. */
static uint64_t clocks(const CxlPmu *pmu, uint64_t *room)
{
    uint64_t set = 0;

    *room = UINT64_MAX;
    for (unsigned n = 0; n < CXL_PMU_COUNTERS; n++) {
        if (counts(pmu, n, CXL_PMU_CLOCK)) {
            uint64_t value = regbank_get(&pmu->bank, CXL_CPMU_COUNTER(n));

            set |= BIT_ULL(n);
            *room = MIN(*room, COUNTER_MASK + 1 - value);
        }
    }
    return set;
}

/* From overflow to overflow: each may freeze what comes after it. */
void cxl_pmu_sync(CxlPmu *pmu)
{
    int64_t now = pmu->ops->now_ns(pmu->opaque);
    uint64_t left = now > pmu->since_ns ?
                    (uint64_t)now - (uint64_t)pmu->since_ns : 0;
    uint64_t set, room;

    pmu->since_ns = now;
    while (left && pmu->counting && (set = clocks(pmu, &room))) {
        uint64_t step = MIN(left, room);

        for (unsigned n = 0; n < CXL_PMU_COUNTERS; n++) {
            if (set & BIT_ULL(n)) {
                add(pmu, n, step);
            }
        }
        left -= step;
    }
}

void cxl_pmu_count(CxlPmu *pmu, CxlPmuEvent event, unsigned times,
                   int decoder)
{
    uint64_t set = 0;

    if (!pmu->counting) {
        return;
    }
    cxl_pmu_sync(pmu);
    for (unsigned n = 0; n < CXL_PMU_COUNTERS; n++) {
        uint32_t filter = regbank_get(&pmu->bank, CXL_CPMU_FILTER(n));

        if (counts(pmu, n, event) &&
            (filter == CXL_CPMU_FILTER_OFF ||
             (decoder >= 0 && filter & BIT(decoder)))) {
            set |= BIT_ULL(n);
        }
    }
    /* What happens at once is counted at once, even if one freezes all. */
    for (unsigned n = 0; n < CXL_PMU_COUNTERS; n++) {
        if (set & BIT_ULL(n)) {
            add(pmu, n, times);
        }
    }
}

int64_t cxl_pmu_deadline(const CxlPmu *pmu)
{
    uint64_t room;

    if (!pmu->counting || !clocks(pmu, &room)) {
        return INT64_MAX;
    }
    return clock_after(pmu->since_ns, room);
}

uint64_t cxl_pmu_read(CxlPmu *pmu, uint64_t offset, unsigned size)
{
    cxl_pmu_sync(pmu);
    return regbank_read(&pmu->bank, offset, size);
}

void cxl_pmu_write(CxlPmu *pmu, uint64_t offset, uint64_t value,
                   unsigned size)
{
    cxl_pmu_sync(pmu);
    regbank_write(&pmu->bank, offset, value, size);
    see_counting(pmu);
}

void cxl_pmu_save(const CxlPmu *pmu, SaveWriter *w)
{
    save_put_bytes(w, pmu->bytes, sizeof(pmu->bytes));
    save_put(w, pmu->since_ns);
}

void cxl_pmu_load(CxlPmu *pmu, SaveReader *r)
{
    save_get_bytes(r, pmu->bytes, sizeof(pmu->bytes));
    pmu->since_ns = save_get_time(r, "time of the last count");
    see_counting(pmu);
}

const char *cxl_pmu_check(const CxlPmu *pmu)
{
    g_autofree CxlPmu *fresh = g_new(CxlPmu, 1);
    const char *wrong;

    cxl_pmu_init(fresh, pmu->msgnum, pmu->ops, pmu->opaque);
    wrong = regbank_differs(&pmu->bank, &fresh->bank);
    memcpy(fresh->bytes, pmu->bytes, sizeof(fresh->bytes));
    see_counting(fresh);
    return wrong ?: fresh->counting != pmu->counting ? "cpmu-counting" : NULL;
}
