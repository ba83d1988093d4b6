/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which decoders a region needs on its way from a window to its devices, as
 * firmware works it out before an operating system runs: pure numbers over
 * the paths of the devices.  CXL r3.1 9.13.1.
 *
 * The device at position p of an interleave set of n ways gets the p-th,
 * (p+n)-th, ... granule.  So a window of w targets picks by p % w, a bridge
 * below it whose devices lie behind k ports by p / w % k, and so on; each
 * level looks at the address bits above those of the level before it.
 *
 * Programming the decoders is the caller's.
 */
#ifndef HW_CXL_CORE_PLAN_H
#define HW_CXL_CORE_PLAN_H

#include "hw/cxl/core/interleave.h"
#include "hw/cxl/wire/hdm.h"

/* Bridges between window and device, the host bridge included */
#define CXL_PLAN_HOPS_MAX 8

/* A bridge on the way, and the port by which it is left */
typedef struct CxlPlanHop {
    void *bridge;           /* the caller's; told apart by its address */
    uint8_t port;           /* number as in a target list */
} CxlPlanHop;

typedef struct CxlPlanPath {
    unsigned hops;          /* 1 to CXL_PLAN_HOPS_MAX; host bridge first */
    CxlPlanHop hop[CXL_PLAN_HOPS_MAX];
} CxlPlanPath;

typedef struct CxlPlanWindow {
    uint8_t ig, iw;         /* codes, see interleave.h; valid */
    void *target[CXL_INTERLEAVE_WAYS_MAX];  /* host bridges, as in hops */
} CxlPlanWindow;

/* A decoder of one of the bridges */
typedef struct CxlPlanDecoder {
    void *bridge;
    uint8_t ig, iw;
    uint8_t target[CXL_HDM_TARGET_MAX];
} CxlPlanDecoder;

typedef struct CxlPlan {
    uint8_t ig, iw;         /* of the decoders of the devices */
    GArray *decoders;       /* CxlPlanDecoder, one for each bridge */
} CxlPlan;

/*
 * @path has the devices in the order of their positions, @ways of them, that
 * take turns every @granularity bytes (0: what the window has).  NULL and
 * *@plan, whose array the caller frees; or an allocated sentence that says
 * why there is no such region, and nothing to free.
 */
char *cxl_plan_make(CxlPlan *plan, const CxlPlanWindow *window,
                    const CxlPlanPath *path, unsigned ways,
                    uint64_t granularity);

#endif /* HW_CXL_CORE_PLAN_H */
