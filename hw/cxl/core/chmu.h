/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hotness monitoring unit: which units of memory the host uses most.  CXL
 * r3.2 8.2.8; the bytes are wire/chmu.h.
 *
 * One instance.  It sees the requests that the model carries out itself: a
 * load or store that goes straight to memory passes it by.  A unit gets a
 * counter with its first request; when there are CXL_CHMU_COUNTERS of them,
 * further units are not counted.  At the end of an epoch, or when the
 * threshold is reached where it is always on, what is hot goes to the list,
 * in ascending order of units.  A list that is full loses what comes, and says
 * so.  Counters are not saved: where state is loaded they begin anew.
 *
 * While the unit is enabled only the message bits of its configuration change.
 * A configuration that it cannot work by is not enabled.
 *
 * Invariant (cxl_chmu_check): no register has a bit that neither the guest nor
 * the unit could have set; what is enabled could have been.
 */
#ifndef HW_CXL_CORE_CHMU_H
#define HW_CXL_CORE_CHMU_H

#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/cxl/core/hostops.h"
#include "hw/cxl/wire/chmu.h"

#define CXL_CHMU_COUNTERS       65536
#define CXL_CHMU_COUNT_BITS     16      /* of an entry; above is the unit */
#define CXL_CHMU_ENTRIES        1024
#define CXL_CHMU_BITMAP_WORDS   256     /* 4 TiB */
#define CXL_CHMU_HOTLIST        (CXL_CHMU_BITMAP + 8 * CXL_CHMU_BITMAP_WORDS)
#define CXL_CHMU_LEN            (CXL_CHMU_INSTANCE + CXL_CHMU_HOTLIST + \
                                 8 * CXL_CHMU_ENTRIES)

typedef struct CxlChmu {
    const CxlHostOps *ops;
    void *opaque;
    uint8_t msgnum;
    Regbank bank;
    GHashTable *units;      /* counters of this epoch */
    uint32_t requests;      /* since one was sampled */

    /* Saved state: */
    uint8_t bytes[CXL_CHMU_LEN];
    int64_t since_ns;       /* when the epoch began */
} CxlChmu;

/* @msgnum: 1..15.  @ops and @opaque must outlive @c. */
void cxl_chmu_init(CxlChmu *c, uint8_t msgnum, const CxlHostOps *ops,
                   void *opaque);
void cxl_chmu_destroy(CxlChmu *c);
/* Every kind of reset clears everything. */
void cxl_chmu_reset(CxlChmu *c);

bool cxl_chmu_enabled(const CxlChmu *c);
/* The host asked for @len bytes at @dpa.  True if the deadline has changed. */
bool cxl_chmu_count(CxlChmu *c, bool is_write, uint64_t dpa, uint64_t len);
/* Virtual time at which something goes to the list; INT64_MAX: never. */
int64_t cxl_chmu_deadline(const CxlChmu *c);
/* Ends what has ended by now. */
void cxl_chmu_sync(CxlChmu *c);

/* Guest accesses: any offset in the block, @size 1..8. */
uint64_t cxl_chmu_read(CxlChmu *c, uint64_t offset, unsigned size);
void cxl_chmu_write(CxlChmu *c, uint64_t offset, uint64_t value,
                    unsigned size);

/* Saved state, see hw/common/save.h. */
void cxl_chmu_save(const CxlChmu *c, SaveWriter *w);
void cxl_chmu_load(CxlChmu *c, SaveReader *r);
/* NULL if the invariant holds, else what is wrong. */
const char *cxl_chmu_check(const CxlChmu *c);

#endif /* HW_CXL_CORE_CHMU_H */
