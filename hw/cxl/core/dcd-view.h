/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity as one host sees it: its extent list, the offers that it
 * has not answered, what it was asked to return, and the records that tell it.
 * CXL r3.1 8.2.9.9.9.  Who has what is in core/dcd-pool.h, and this room tells
 * it of every change; the commands are cci/dcd.c.
 *
 * A group is what one request adds; its records form one More chain, and the
 * host answers groups in the order they were offered.  Records that do not
 * fit in the event log wait here: none is lost.  A reset takes the records
 * from the host, so what it has not answered is offered, or asked back, again.
 *
 * Nothing grows without end: a request that would exceed a maximum is refused
 * with 1Dh.  A region whose configuration changes has one waiting record.
 *
 * Invariant (cxl_dcd_view_check): the pool has every piece as this host's;
 * what is asked back is accepted; the pieces of all groups, each with its
 * group, are in one set too, so that nobody has to look through the groups;
 * pieces without a tag are in sets of their own; bytes are counted per tag;
 * groups, requests to return and waiting records stay below their maxima.
 */
#ifndef HW_CXL_CORE_DCD_VIEW_H
#define HW_CXL_CORE_DCD_VIEW_H

#include "hw/cxl/core/dcd-pool.h"
#include "hw/cxl/core/events.h"

/* A record that waits for room in the log. */
typedef struct CxlDcRecord {
    uint64_t dpa, len;
    CxlUuid tag;        /* by value: the index may be another's by then */
    uint16_t sequence;
    uint8_t type;       /* CXL_EVDC_* */
    uint8_t region;
    bool more;
} CxlDcRecord;

/* What the host has of a tag, in bytes. */
typedef struct CxlDcTagUse {
    uint64_t offered, accepted;
} CxlDcTagUse;

/*
 * Records that may wait: a reset offers again what is offered, and asks for
 * each piece of what was asked back, which can be cut at both of its ends.
 */
#define CXL_DC_RECORDS_MAX(max_extents) \
    (3ull * (max_extents) + CXL_MEMDEV_DC_REGIONS)

typedef struct CxlDcView {
    CxlDcPool *pool;
    const CxlHostOps *ops;  /* trace */
    void *ops_opaque;
    const CxlMediaOps *store; /* access changed */
    void *store_opaque;
    CxlEvents *events;
    ExtentSet accepted;     /* the extent list */
    /* Asked back; value 1: sanitize when it comes; at most max_extents */
    ExtentSet asked;
    GQueue groups;      /* ExtentSet *, oldest first; at most max_extents */
    ExtentSet offers;   /* pieces of all groups; value: the group's address */
    /* Of accepted pieces, and of offers: what has no tag */
    ExtentSet untagged, untagged_offers;
    GQueue records;     /* CxlDcRecord *; at most CXL_DC_RECORDS_MAX */
    GArray *use;        /* CxlDcTagUse by index of the tag; as long as needed */
    /* Parts of a response or release that are to be continued */
    GArray *chain;      /* CxlBgRange */
    uint32_t generation;
    uint16_t chain_opcode; /* 0: none */
    uint16_t host;      /* number in the pool */
    uint8_t updates;    /* regions with a waiting record of their new setup */
    bool waits;         /* for the lender: @chain is what the host wants */
} CxlDcView;

/* The pool's next host.  The view leaves the pool with the pool. */
void cxl_dcd_view_init(CxlDcView *view, CxlDcPool *pool,
                       const CxlHostOps *ops, void *ops_opaque,
                       const CxlMediaOps *store, void *store_opaque,
                       CxlEvents *events);
void cxl_dcd_view_destroy(CxlDcView *view);
/*
 * Conventional or CXL reset: accepted extents stay; offers without an answer
 * and requests to return are made again, to a host that knows nothing.
 */
void cxl_dcd_view_reset(CxlDcView *view);

uint32_t cxl_dcd_extents_available(const CxlDcView *view);
CxlDcTagUse cxl_dcd_tag_use(const CxlDcView *view, uint32_t tag);
/*
 * A configuration, whoever asks: at most @count regions from number @start,
 * as many as fit into @room bytes with the tail, each put by @put.  Returns
 * their number and the length in bytes; false if there is no region @start.
 */
#define CXL_DC_REGION_SIZE 0x28
typedef void CxlDcPutRegion(const CxlDcRegionConfig *region, void *out);
bool cxl_dcd_put_config(const CxlDcView *view, unsigned start, unsigned count,
                        CxlDcPutRegion *put, uint8_t *out, uint32_t room,
                        uint8_t *returned, uint32_t *len);
/*
 * Extents from number @start of the list, at most @count; @start is at most
 * the length of the list.  Returns how many.
 */
uint32_t cxl_dcd_put_extents(const CxlDcView *view, uint32_t start,
                             uint32_t count, CxlDcExtentWire *out);
/* The next of them, for who tells the host by other means than the log. */
bool cxl_dcd_next_record(CxlDcView *view, CxlDcRecord *out);
/* Moves waiting records into the log; call when the log has got room. */
void cxl_dcd_announce(CxlDcView *view);

/* From the host, by core/dcd-host.c; @ranges continue while @more */

/* 4802h: which parts of the oldest group the host takes. */
CxlRc cxl_dcd_respond(CxlDcView *view, const CxlBgRange *ranges,
                      uint32_t count, bool more);
/* 4803h: what the host gives back. */
CxlRc cxl_dcd_release(CxlDcView *view, const CxlBgRange *ranges,
                      uint32_t count, bool more);

/* From the fabric manager (core/dcd-fm.c); the request has been judged */

/* Room for @more records beside those that wait. */
bool cxl_dcd_records_fit(const CxlDcView *view, uint64_t more);
/* A record of a piece or, with length 0, of a region. */
void cxl_dcd_record(CxlDcView *view, uint8_t type, bool more, const Extent *e);
/* The same for the manager's own log, which drops what it has no room for. */
void cxl_dcd_to_fm(CxlDcView *view, uint8_t type, const Extent *e);
/* A new, empty group at the end of the queue. */
ExtentSet *cxl_dcd_group_new(CxlDcView *view);
/* A piece that the pool has as offered to this host. */
void cxl_dcd_offer(CxlDcView *view, ExtentSet *group, const Extent *e);
/* Parts of offers in the range are withdrawn; their groups stay. */
void cxl_dcd_withdraw(CxlDcView *view, uint64_t dpa, uint64_t len);
/* A part of an accepted piece is asked back. */
void cxl_dcd_ask(CxlDcView *view, const Extent *e, bool sanitize);
/* What the host has of these ranges leaves it, in one change of mappings. */
void cxl_dcd_give_back(CxlDcView *view, const CxlBgRange *ranges,
                       uint32_t count, bool sanitize);

/* For core/dcd-host.c */
void cxl_dcd_accept(CxlDcView *view, ExtentSet *group, const Extent *e);
/* The oldest group has been answered: what is left of it was not taken. */
void cxl_dcd_group_end(CxlDcView *view);
/* Who lends the capacity, if anybody, need not wait for an answer. */
void cxl_dcd_declined(const CxlDcView *view, const ExtentSet *group);

/*
 * For core/dcd-lent.c: @rc is what the lender says to what the host wanted,
 * and what the host's command ends with.  False: he grants what is not there
 * any more, and nobody has got anything.
 */
bool cxl_dcd_wanted_end(CxlDcView *view, CxlRc rc);

/*
 * Saved state of the view and of its pool, whose only view it is; in
 * core/dcd-save.c.  Loaded into a device that is new.
 */
void cxl_dcd_save(const CxlDcView *view, SaveWriter *w);
void cxl_dcd_load(CxlDcView *view, SaveReader *r);
/*
 * The same of a pool and all of its views; an answer in parts is not saved, it
 * begins again.
 */
void cxl_dcd_pool_save(const CxlDcPool *pool, SaveWriter *w);
void cxl_dcd_pool_load(CxlDcPool *pool, SaveReader *r);
/* For that: all sets and groups are there; the pool gets to know them. */
bool cxl_dcd_view_loaded(CxlDcView *view);

const char *cxl_dcd_view_check(const CxlDcView *view);

#endif /* HW_CXL_CORE_DCD_VIEW_H */
