/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, requests of the fabric manager: selection and removal
 * policies over a pool and the views of its hosts.  CXL r3.1 7.6.7.6.
 * The commands are cci/fm-dcd.c; the monitor calls the same functions.
 *
 * Invariant (cxl_dcd_check): those of pool and views; what the pool has as a
 * host's is in the view of that host, and shared capacity is counted as often
 * as there are views with it.
 */
#ifndef HW_CXL_CORE_DCD_FM_H
#define HW_CXL_CORE_DCD_FM_H

#include "hw/cxl/core/dcd-view.h"

typedef enum CxlDcAddPolicy {
    CXL_DC_ADD_FREE, CXL_DC_ADD_CONTIGUOUS, CXL_DC_ADD_PRESCRIPTIVE,
    CXL_DC_ADD_SHARED,
} CxlDcAddPolicy;

typedef enum CxlDcRemovePolicy {
    CXL_DC_REMOVE_TAG, CXL_DC_REMOVE_PRESCRIPTIVE,
} CxlDcRemovePolicy;

struct CxlDcRequest {
    uint16_t host;
    uint8_t policy;     /* CxlDcAddPolicy or CxlDcRemovePolicy */
    uint8_t region;     /* adding */
    bool forced;        /* removing: do not ask the host */
    bool sanitize;      /* removing */
    CxlUuid tag;        /* all zero: none */
    uint64_t length;    /* bytes; free and contiguous */
    const CxlBgRange *extents; /* DPA; prescriptive */
    uint32_t num_extents;
};

/* The view of a host, or NULL if the pool has no such host. */
CxlDcView *cxl_dcd_view_of(const CxlDcPool *pool, uint16_t host);
/*
 * Success, or a return code and, in *@why, a constant sentence for people.
 * A refused request changes nothing.
 */
CxlRc cxl_dcd_add(CxlDcPool *pool, const CxlDcRequest *req, const char **why);
CxlRc cxl_dcd_remove(CxlDcPool *pool, const CxlDcRequest *req,
                     const char **why);
/* Why all of these are refused where the capacity is lent */
#define CXL_DC_LENDER_DECIDES "its dynamic capacity is lent by a pool, and " \
                              "only the manager of the pool adds and removes"
/* 5602h: only while the region is all free. */
CxlRc cxl_dcd_configure(CxlDcPool *pool, unsigned region, uint64_t block_size,
                        bool sanitize);

/*
 * For core/dcd-lent.c: is there room for one group more, of so many pieces, of
 * which sharable capacity gets taken?
 */
CxlRc cxl_dcd_check_room(const CxlDcView *view, uint32_t pieces,
                         bool new_shared, const char **why);
/*
 * The group of a plan that has been judged: Extents in one region each, whose
 * value is the sequence number.  @shared: others have them already.
 */
ExtentSet *cxl_dcd_offer_plan(CxlDcView *view, const CxlUuid *uuid,
                              bool shared, const GArray *plan);
/* cxl_dcd_configure() and cxl_dcd_remove(), whoever asks */
CxlRc cxl_dcd_set_up(CxlDcPool *pool, unsigned region, uint64_t block_size,
                     bool sanitize);
CxlRc cxl_dcd_take_back(CxlDcPool *pool, const CxlDcRequest *req,
                        const char **why);

const char *cxl_dcd_check(const CxlDcPool *pool);

#endif /* HW_CXL_CORE_DCD_FM_H */
