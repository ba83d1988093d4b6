/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host of a pool, inside: for borrower-hear.c, which hears what the pool
 * says, and borrower-send.c, which says what the host does.
 */
#ifndef HW_CXL_CORE_BORROWER_PARTS_H
#define HW_CXL_CORE_BORROWER_PARTS_H

#include "hw/common/extentset.h"
#include "hw/cxl/core/dcd-pool.h"
#include "hw/cxl/core/borrower.h"

typedef enum CxlBorrowerState {
    CXL_BORROWER_AWAY,         /* no connection */
    CXL_BORROWER_GREETING,     /* HELLO is on its way */
    CXL_BORROWER_ATTACHED, /* welcome */
} CxlBorrowerState;

/* An offer of the pool, from OFFER until the RESULT of its ANSWER */
typedef struct CxlBorrowerOffer {
    const ExtentSet *group; /* of the device's view; NULL: it has none */
    uint32_t number;
    bool decided;           /* the answer is known: */
    GArray *wanted;         /* CxlFabricExtent; NULL: nothing */
    bool left;              /* the device that it was for has gone */
} CxlBorrowerOffer;

struct CxlBorrower {
    const CxlBorrowerOps *ops;
    void *opaque;
    CxlMemdev *dev;         /* NULL: none as yet, or no more */
    uint64_t base;          /* of the first region in the device */
    CxlUuid id;
    uint16_t head;          /* wished for, then what the pool said */
    bool known;             /* @welcome is */
    CxlBorrowerState state;
    CxlFabricWelcome welcome;
    char refusal[CXL_FABRIC_TEXT + 1];
    CxlFabricStream stream;
    /* ms of the clock; INT64_MAX: not */
    int64_t connect_at;     /* while there is no connection */
    int64_t answer_by;      /* or the pool is as good as lost */
    int64_t again_at;       /* look once more for something to send */
    int64_t release_at;     /* not before, after one that was refused */
    int64_t retry_ms;       /* the next attempt to connect waits so long */

    /* From the pool */
    GArray *parts;          /* Extent, the pool's: an offer in parts */
    CxlUuid tag;            /* of them */
    GQueue offers;          /* CxlBorrowerOffer *, oldest first */
    uint32_t offered;       /* since WELCOME */
    bool taking;            /* TAKE_BACK: DONE is said, not RELEASE */

    /* To the pool */
    GByteArray *out;
    uint32_t out_at;        /* of it has left */
    uint32_t seq;
    bool asked;             /* the answer to the oldest offer is out: */
    uint32_t asked_seq;
    GArray *done;           /* u32: take-backs that are */
    /* The pool's, value: region; released, and not taken by the pool yet */
    ExtentSet gone;
    GArray *sent;           /* CxlFabricExtent of @gone, told: */
    uint32_t sent_seq;
};

static inline uint64_t cxl_borrower_to_device(const CxlBorrower *h,
                                              uint64_t dpa)
{
    return dpa - h->welcome.region[0].base + h->base;
}

static inline uint64_t cxl_borrower_to_pool(const CxlBorrower *h,
                                            uint64_t dpa)
{
    return dpa - h->base + h->welcome.region[0].base;
}

/* borrower-send.c: HELLO and HOLDS */
void cxl_borrower_greet(CxlBorrower *h);
/* The pool's, in one region: it hears that the host has not got it any more. */
void cxl_borrower_release(CxlBorrower *h, uint64_t dpa, uint64_t len);
void cxl_borrower_trace(CxlBorrower *h, bool sent,
                        const CxlFabricMessage *m);
/* What the device says; @opaque is the CxlBorrower. */
extern const CxlDcLender cxl_borrower_lender;

#endif /* HW_CXL_CORE_BORROWER_PARTS_H */
