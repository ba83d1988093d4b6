/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors of a switch's virtual bridges that wait to be signalled to a host, in
 * the order in which a fabric manager asked for them.  CXL r3.1 7.6.7.2.4.
 *
 * Whether a bridge has such an error, and how the host hears of it, is the
 * world's business (core/switch.h).
 *
 * Invariant (cxl_aer_queue_check): each is a bit of a register.
 */
#ifndef HW_CXL_CORE_AER_QUEUE_H
#define HW_CXL_CORE_AER_QUEUE_H

#include "hw/common/save.h"

/* More at a time are refused. */
#define CXL_AER_QUEUE_MAX 16

typedef struct CxlAerError {
    uint8_t vcs, vppb;
    bool uncorrectable;
    uint8_t bit;            /* 0 to 31, of the AER status register */
    uint32_t header[4];     /* of the packet; as in the AER header log */
} CxlAerError;

typedef struct CxlAerQueue {
    unsigned count;
    CxlAerError error[CXL_AER_QUEUE_MAX];
} CxlAerQueue;

void cxl_aer_queue_reset(CxlAerQueue *q);
/* Is there no room for another? */
bool cxl_aer_queue_full(const CxlAerQueue *q);
/* Behind those that wait; there is room. */
void cxl_aer_queue_put(CxlAerQueue *q, const CxlAerError *error);
/* The one that waits longest; false: none does. */
bool cxl_aer_queue_take(CxlAerQueue *q, CxlAerError *error);

/* Saved state, see hw/common/save.h. */
void cxl_aer_queue_save(const CxlAerQueue *q, SaveWriter *w);
void cxl_aer_queue_load(CxlAerQueue *q, SaveReader *r);
const char *cxl_aer_queue_check(const CxlAerQueue *q);

#endif /* HW_CXL_CORE_AER_QUEUE_H */
