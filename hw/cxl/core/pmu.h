/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Performance monitoring unit: counters of what the model really does.  CXL
 * r3.1 8.2.7; the bytes are wire/cpmu.h.
 *
 * Seven counters count one thing each, five can be set to any event.  Clock
 * ticks are nanoseconds of the virtual clock.  Requests and responses are
 * those that the model carries out itself: a load or store that goes straight
 * to memory passes it by, and is not counted.  Every event takes a cycle of
 * its own, so a threshold above 1 is never reached.
 *
 * A counter counts while it is enabled and not frozen.  At overflow it wraps
 * to zero and sets its status bit; as its configuration says, all counters
 * freeze and the message is sent.
 *
 * Invariant (cxl_pmu_check): no register has a bit that neither the guest nor
 * counting could have set, and @counting agrees with the registers.
 */
#ifndef HW_CXL_CORE_PMU_H
#define HW_CXL_CORE_PMU_H

#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/cxl/core/hostops.h"
#include "hw/cxl/wire/cpmu.h"

#define CXL_PMU_FIXED       7
#define CXL_PMU_COUNTERS    12
#define CXL_PMU_WIDTH       48

typedef enum CxlPmuEvent {
    CXL_PMU_CLOCK,
    CXL_PMU_READ,           /* request of the host for a line */
    CXL_PMU_WRITE_PARTIAL,  /* of less than a line; there are no others */
    CXL_PMU_COMPLETION,     /* of a write */
    CXL_PMU_DATA,           /* response to a read */
    CXL_PMU_DATA_NXM,       /* the same where there is nothing */
    CXL_PMU_COMMAND,        /* a mailbox was rung */
    CXL_PMU_POISON,         /* the host was given a poisoned line */
    CXL_PMU_EVENTS
} CxlPmuEvent;

typedef struct CxlPmu {
    const CxlHostOps *ops;
    void *opaque;
    uint8_t msgnum;
    bool counting;          /* some counter is enabled and not frozen */
    Regbank bank;

    /* Saved state: */
    uint8_t bytes[CXL_CPMU_LEN];
    int64_t since_ns;       /* clock ticks are counted up to here */
} CxlPmu;

/* @msgnum: 1..15.  @ops and @opaque must outlive @pmu. */
void cxl_pmu_init(CxlPmu *pmu, uint8_t msgnum, const CxlHostOps *ops,
                  void *opaque);
/* Every kind of reset clears everything. */
void cxl_pmu_reset(CxlPmu *pmu);

/* Guest access at @offset into the block, 1..8 bytes; holes read zero. */
uint64_t cxl_pmu_read(CxlPmu *pmu, uint64_t offset, unsigned size);
void cxl_pmu_write(CxlPmu *pmu, uint64_t offset, uint64_t value,
                   unsigned size);

/*
 * @event happened @times times; @decoder is the HDM decoder that it came
 * through, or -1.  Does next to nothing while no counter counts.
 */
void cxl_pmu_count(CxlPmu *pmu, CxlPmuEvent event, unsigned times,
                   int decoder);

/* When the next counter of clock ticks overflows, or INT64_MAX. */
int64_t cxl_pmu_deadline(const CxlPmu *pmu);
/* Bring the counters of clock ticks up to now. */
void cxl_pmu_sync(CxlPmu *pmu);

/* NULL if the invariant holds, else what is wrong. */
/* Saved state, see hw/common/save.h. */
void cxl_pmu_save(const CxlPmu *pmu, SaveWriter *w);
void cxl_pmu_load(CxlPmu *pmu, SaveReader *r);
const char *cxl_pmu_check(const CxlPmu *pmu);

#endif /* HW_CXL_CORE_PMU_H */
