/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory device whose dynamic capacity a pool lends: what the pool says
 * (core/fabric-wire.h) becomes calls of core/dcd-lent.h, and what the host
 * answers, releases or loses becomes messages.  The other end is cxl-fabricd.
 *
 * There is no socket here: whoever has one moves bytes, and makes a new
 * connection when it is time.  A pool is not believed: what it says is judged
 * as a guest's commands are, and if it is wrong the connection ends.
 *
 * What the host has it keeps when the connection is lost.  It names that when
 * it attaches again; all else is the pool's: offers that were not answered,
 * and what it has released meanwhile.
 *
 * A RELEASE or DONE is not sent before no store is under way any more that
 * began before the host lost its access; HELLO neither, for it gives back what
 * it does not name.
 *
 * Nothing grows without end: offers, releases and what waits to be sent are
 * bounded by the extents that the pool says there can be, and those by
 * CXL_BORROWER_EXTENTS.
 */
#ifndef HW_CXL_CORE_BORROWER_H
#define HW_CXL_CORE_BORROWER_H

#include "hw/cxl/core/device.h"
#include "hw/cxl/core/fabric-wire.h"
#include "hw/cxl/core/params.h"

/* More extents or tags than this a pool may not have. */
#define CXL_BORROWER_EXTENTS (1u << 20)
/* Take-backs of which the pool has not read that they are done */
#define CXL_BORROWER_DONE    4096
/* How long the host's answer to an offer waits for the pool */
#define CXL_BORROWER_WAIT_MS 1000
/* Until a new connection is tried: doubled each time up to the second */
#define CXL_BORROWER_RETRY_MS     250
#define CXL_BORROWER_RETRY_MAX_MS 16000

typedef struct CxlBorrower CxlBorrower;

typedef struct CxlBorrowerOps {
    /* A clock that always goes on, ms */
    int64_t (*now_ms)(void *opaque);
    /* There is something to send, or cxl_borrower_due() has changed. */
    void (*kick)(void *opaque);
    /* No store is under way that began before the last change of mappings. */
    bool (*settled)(void *opaque);
    /* For those who watch: a message, its number, and extents in it */
    void (*trace)(void *opaque, bool sent, const char *message,
                  uint32_t number, uint32_t extents);
} CxlBorrowerOps;

/* @id is the process's, @head a number or CXL_FABRIC_ANY_HEAD. */
CxlBorrower *cxl_borrower_new(const CxlUuid *id, uint16_t head,
                              const CxlBorrowerOps *ops, void *opaque);
void cxl_borrower_free(CxlBorrower *h);

/* It is time to connect; false as long as there is a connection. */
bool cxl_borrower_wants_connection(const CxlBorrower *h);
/* There is a connection; or it, or the attempt to make one, has ended. */
void cxl_borrower_connected(CxlBorrower *h);
void cxl_borrower_lost(CxlBorrower *h);

typedef enum CxlBorrowerStep {
    CXL_BORROWER_GOOD,
    CXL_BORROWER_WELCOME, /* a pool says what it has: look at the memory */
    CXL_BORROWER_BAD,     /* the connection is of no use: end it */
} CxlBorrowerStep;

/* Where the next bytes go, and at most how many; never none. */
uint8_t *cxl_borrower_room(CxlBorrower *h, uint32_t *max);
/* So many came.  BAD: *@why is valid until the next call. */
CxlBorrowerStep cxl_borrower_arrived(CxlBorrower *h, uint32_t n,
                                     const char **why);
/* The next bytes to send, 0: none now; and how many of them have left */
uint32_t cxl_borrower_next(CxlBorrower *h, const uint8_t **bytes);
void cxl_borrower_left(CxlBorrower *h, uint32_t n);

/* When to call cxl_borrower_tick(), ms of the clock; INT64_MAX: not */
int64_t cxl_borrower_due(const CxlBorrower *h);
/* BAD as above, GOOD else */
CxlBorrowerStep cxl_borrower_tick(CxlBorrower *h, const char **why);

/* What the pool said when it first welcomed this host, or NULL */
const CxlFabricWelcome *cxl_borrower_welcome(const CxlBorrower *h);
bool cxl_borrower_attached(const CxlBorrower *h);
/* Bytes of memory that there are, from offset 0 of the descriptor */
uint64_t cxl_borrower_size(const CxlBorrower *h);

/*
 * Regions as the pool has them.  NULL, or an allocated sentence about a
 * property that says something else.
 */
char *cxl_borrower_params(const CxlBorrower *h, CxlParams *p);
void cxl_borrower_config(const CxlBorrower *h, CxlMemdevConfig *cfg);
/*
 * @dev, of that configuration and new, gets what the pool lends; and no more,
 * before it is freed.  What it had is released.
 */
void cxl_borrower_attach(CxlBorrower *h, CxlMemdev *dev);
void cxl_borrower_detach(CxlBorrower *h);

/* NULL, or the name of a broken invariant; for tests and fuzzers. */
const char *cxl_borrower_check(const CxlBorrower *h);

#endif /* HW_CXL_CORE_BORROWER_H */
