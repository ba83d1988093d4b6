/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity: regions, and who has which part of them.
 * CXL r3.1 8.2.9.9.9, 7.6.7.6, 9.13.3.  The commands: cci/dcd.c (host),
 * cci/fm-dcd.c (fabric manager); the monitor calls the same functions.
 *
 * Every byte of a region is in exactly one place:
 *   free      nobody has it
 *   offered   in a group the host has not answered yet
 *   accepted  the host has it; only this can be read and written
 *   held      the host gave it back, the fabric manager keeps it by its tag
 *
 * A group is what one request adds; its records form one More chain, and the
 * host answers groups in the order they were offered.  Records that do not
 * fit in the event log wait here: none is lost.  A reset takes the records
 * from the host, so what it has not answered is offered, or asked back, again.
 *
 * Nothing grows without end: a request that would exceed a maximum is refused
 * with 1Dh.  A region whose configuration changes has one waiting record.
 *
 * Invariant (cxl_dcd_check): the four places partition each region; all pieces
 * are multiples of the block; a tag's bytes are the bytes that carry it; the
 * pieces of all groups, each with its group, are in one set too, so that
 * nobody has to look through the groups; groups, requests to release and
 * waiting records stay below their maxima.
 */
#ifndef HW_CXL_CORE_DCD_H
#define HW_CXL_CORE_DCD_H

#include "hw/common/extentset.h"
#include "hw/cxl/core/background.h"
#include "hw/cxl/core/config.h"
#include "hw/cxl/core/events.h"
#include "hw/cxl/wire/dcd.h"

typedef struct CxlDcRegion {
    CxlDcRegionConfig cfg;
    ExtentSet free;
} CxlDcRegion;

typedef struct CxlDcTag {
    CxlUuid uuid;
    uint64_t bytes;     /* of offered, accepted and held capacity */
    bool fm_ref;        /* the fabric manager keeps it alive */
    bool used;
} CxlDcTag;

/* A record that waits for room in the log. */
typedef struct CxlDcNotice {
    uint64_t dpa, len;
    CxlUuid tag;        /* by value: the index may be another's by then */
    uint16_t sequence;
    uint8_t type;       /* CXL_EVDC_* */
    uint8_t region;
    bool more;
} CxlDcNotice;

/*
 * Records that may wait: a reset offers again what is offered, and asks for
 * each piece of what was asked back, which can be cut at both of its ends.
 */
#define CXL_DC_NOTICES_MAX(max_extents) \
    (3ull * (max_extents) + CXL_MEMDEV_DC_REGIONS)

/* Pieces have tag and sequence number as value: see CXL_DC_VALUE. */
#define CXL_DC_VALUE(tag, seq) ((uint64_t)(seq) << 32 | (tag))
#define CXL_DC_VALUE_TAG(value) ((uint32_t)(value))
#define CXL_DC_VALUE_SEQ(value) ((uint16_t)((value) >> 32))

typedef struct CxlDcd {
    const CxlHostOps *ops;
    void *ops_opaque;
    CxlEvents *events;
    CxlDcRegion regions[CXL_MEMDEV_DC_REGIONS];
    unsigned num_regions;
    uint32_t max_extents, max_tags;
    GArray *tags;       /* CxlDcTag; index 0 means no tag */
    uint32_t tags_used;
    ExtentSet accepted;
    ExtentSet held;
    /* Asked back; value 1: sanitize when it comes; at most max_extents */
    ExtentSet leaving;
    GQueue groups;      /* ExtentSet *, oldest first; at most max_extents */
    ExtentSet offers;   /* pieces of all groups; value: the group's address */
    GQueue notices;     /* CxlDcNotice *; at most CXL_DC_NOTICES_MAX */
    uint32_t generation;
    uint64_t touched;   /* counts every change, for tag lists */
    /* Parts of a response or release that are to be continued */
    GArray *chain;      /* CxlBgRange */
    uint16_t chain_opcode; /* 0: none */
    uint8_t updates;    /* regions with a waiting record of their new setup */
} CxlDcd;

void cxl_dcd_init(CxlDcd *dcd, const CxlMemdevConfig *cfg,
                  const CxlHostOps *ops, void *ops_opaque, CxlEvents *events);
void cxl_dcd_destroy(CxlDcd *dcd);
/*
 * Conventional or CXL reset: accepted extents stay; offers without an answer
 * and requests to release are made again, to a host that knows nothing.
 */
void cxl_dcd_reset(CxlDcd *dcd);

/* Region that holds the whole range, or -1. */
int cxl_dcd_region_of(const CxlDcd *dcd, uint64_t dpa, uint64_t len);
uint32_t cxl_dcd_extents_available(const CxlDcd *dcd);
uint32_t cxl_dcd_tags_available(const CxlDcd *dcd);
/* A piece as its wire record. */
void cxl_dcd_put_extent(const CxlDcd *dcd, const Extent *e,
                        CxlDcExtentWire *out);
/* What follows the regions in a configuration, whoever asks. */
void cxl_dcd_put_tail(const CxlDcd *dcd, CxlDcConfigTail *out);
/* Moves waiting records into the log; call when the log has got room. */
void cxl_dcd_announce(CxlDcd *dcd);

/* From the fabric manager or the monitor */

typedef enum CxlDcAddPolicy {
    CXL_DC_ADD_FREE, CXL_DC_ADD_CONTIGUOUS, CXL_DC_ADD_PRESCRIPTIVE,
    CXL_DC_ADD_SHARED,
} CxlDcAddPolicy;

typedef enum CxlDcRemovePolicy {
    CXL_DC_REMOVE_TAG, CXL_DC_REMOVE_PRESCRIPTIVE,
} CxlDcRemovePolicy;

typedef struct CxlDcRequest {
    uint8_t policy;     /* CxlDcAddPolicy or CxlDcRemovePolicy */
    uint8_t region;     /* adding */
    bool forced;        /* removing: do not ask the host */
    bool sanitize;      /* removing */
    CxlUuid tag;        /* all zero: none */
    uint64_t length;    /* bytes; free and contiguous */
    const CxlBgRange *extents; /* DPA; prescriptive */
    uint32_t num_extents;
} CxlDcRequest;

/*
 * Success, or a return code and, in *@why, a constant sentence for people.
 * A refused request changes nothing.
 */
CxlRc cxl_dcd_add(CxlDcd *dcd, const CxlDcRequest *req, const char **why);
CxlRc cxl_dcd_remove(CxlDcd *dcd, const CxlDcRequest *req, const char **why);
/* Tag references of the fabric manager, 5606h and 5607h. */
CxlRc cxl_dcd_reference(CxlDcd *dcd, const CxlUuid *tag);
CxlRc cxl_dcd_unreference(CxlDcd *dcd, const CxlUuid *tag);
/* 5602h: only while the region is all free. */
CxlRc cxl_dcd_configure(CxlDcd *dcd, unsigned region, uint64_t block_size,
                        bool sanitize);

/* From the host; @ranges continue over calls while @more */

/* 4802h: which parts of the oldest group the host takes. */
CxlRc cxl_dcd_respond(CxlDcd *dcd, const CxlBgRange *ranges, uint32_t count,
                      bool more);
/* 4803h: what the host gives back. */
CxlRc cxl_dcd_release(CxlDcd *dcd, const CxlBgRange *ranges, uint32_t count,
                      bool more);

/* Saved state, in core/dcd-save.c; loaded into a device that is new. */
void cxl_dcd_save(const CxlDcd *dcd, SaveWriter *w);
void cxl_dcd_load(CxlDcd *dcd, SaveReader *r);

const char *cxl_dcd_check(const CxlDcd *dcd);

/* For core/dcd-*.c only */
int cxl_dcd_find_tag(const CxlDcd *dcd, const CxlUuid *uuid);
CxlRc cxl_dcd_take_tag(CxlDcd *dcd, const CxlUuid *uuid, uint32_t *index);
void cxl_dcd_tag_bytes(CxlDcd *dcd, uint32_t tag, int64_t change);
void cxl_dcd_notice(CxlDcd *dcd, uint8_t type, bool more, const Extent *e);
/* @more records can wait with those that do. */
bool cxl_dcd_notices_fit(const CxlDcd *dcd, uint64_t more);
/* A new, empty group at the end of the queue; its pieces come and go */
ExtentSet *cxl_dcd_group_new(CxlDcd *dcd);
bool cxl_dcd_group_insert(CxlDcd *dcd, ExtentSet *group, const Extent *e);
void cxl_dcd_group_erase(CxlDcd *dcd, ExtentSet *group, uint64_t dpa,
                         uint64_t len);
void cxl_dcd_to_fm(CxlDcd *dcd, uint8_t type, const Extent *e);
CxlRc cxl_dcd_check_ranges(const CxlDcd *dcd, const CxlBgRange *ranges,
                           uint32_t count);
void cxl_dcd_put_back(CxlDcd *dcd, const Extent *e, bool sanitize);
/* What the host has of these ranges leaves it, in one change of mappings. */
void cxl_dcd_give_back(CxlDcd *dcd, const CxlBgRange *ranges, uint32_t count,
                       bool sanitize);
/* The hull of @count ranges; @count is not 0. */
CxlBgRange cxl_dcd_hull(const CxlBgRange *ranges, uint32_t count);

#endif /* HW_CXL_CORE_DCD_H */
