/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity of a device: regions, tags, and the state of each block.
 * CXL r3.1 8.2.9.9.9, 7.6.7.6, 9.13.3.  What one host sees of it, and is told
 * of it, is a view: core/dcd-view.h.  Requests of the fabric manager, which
 * span both: core/dcd-fm.h.
 *
 * Every block is in exactly one state (CxlDcState), and the changes from one
 * to another are the rows of one table.  Capacity of a region that is not
 * sharable has one host at most.  Capacity of a sharable region is counted:
 * it is free again when no host has it, offered or accepted, and the fabric
 * manager does not hold a reference to its tag.  Where it may not be known
 * what a former owner left in it, capacity is wiped on its way to free: by the
 * timer, some at a time, when no store of that owner is under way any more.
 * If the media fails to do that, the capacity stays out of use.  What waits for
 * that is in a set of its own: nobody looks for it among all that is taken.
 *
 * Hosts that are processes of their own can access capacity after it was taken
 * from them, until they say that they have unmapped it.  Somebody who watches
 * the pool knows that, and such capacity is not wiped before they have.
 *
 * Invariant (cxl_dcd_pool_check): free and taken capacity partition the
 * regions; states fit their region; what waits to be wiped is what is in that
 * state; the pieces of a tag are taken capacity and nobody else's; a tag is
 * known exactly while it has capacity or a reference; what is known and what is
 * not used are all there is.
 */
#ifndef HW_CXL_CORE_DCD_POOL_H
#define HW_CXL_CORE_DCD_POOL_H

#include "hw/common/extentset.h"
#include "hw/cxl/core/background.h"
#include "hw/cxl/core/config.h"
#include "hw/cxl/core/events.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/dcd.h"

/* Hosts that one pool can have: the bitmaps of 5608h. */
#define CXL_DC_HOSTS 256

typedef enum CxlDcState {
    CXL_DC_FREE,
    CXL_DC_OFFERED,     /* to one host that has not answered */
    CXL_DC_OWNED,       /* accepted by one host */
    CXL_DC_RETURNING,   /* owned, and the manager has asked for it */
    CXL_DC_SHARED,      /* by as many hosts as are counted */
    CXL_DC_SANITIZING,  /* nobody's, and not wiped yet */
    CXL_DC_LEAVING,     /* nobody's, but a former host may still access it */
    CXL_DC_STATES
} CxlDcState;

typedef struct CxlDcRegion {
    CxlDcRegionConfig cfg;
    ExtentSet free;
} CxlDcRegion;

typedef struct CxlDcTag {
    CxlUuid uuid;
    ExtentSet pieces;   /* taken capacity with the tag; value: sequence */
    bool fm_ref;        /* the fabric manager has a reference */
    bool used;
} CxlDcTag;

/*
 * Who lends the capacity of a device whose own it is not: core/dcd-lent.h.
 * Called from within the device, which must not be entered again.
 */
typedef struct CxlDcLender {
    /*
     * The host wants @ranges, some of what is left of an offer.  They are not
     * its own before cxl_dcd_lent_result(), which is to come.  False: nobody
     * can be asked now.
     */
    bool (*wanted)(void *opaque, const ExtentSet *group,
                   const CxlBgRange *ranges, uint32_t count);
    /* Nothing of it, or it was taken back and nobody will answer it. */
    void (*declined)(void *opaque, const ExtentSet *group);
    /*
     * The host has the piece no longer and cannot access it any more; a store
     * that began before may still be under way.
     */
    void (*returned)(void *opaque, const Extent *e);
} CxlDcLender;

/* Pieces of a host have tag and sequence number as value. */
#define CXL_DC_VALUE(tag, seq) ((uint64_t)(seq) << 32 | (tag))
#define CXL_DC_VALUE_TAG(value) ((uint32_t)(value))
#define CXL_DC_VALUE_SEQ(value) ((uint16_t)((value) >> 32))

/* Somebody who knows what hosts have mapped; called from within changes. */
typedef struct CxlDcWatch {
    /* @host has accepted the piece. */
    void (*gained)(void *opaque, uint16_t host, const Extent *e);
    /* @host has the piece, offered or accepted, no longer. */
    void (*lost)(void *opaque, uint16_t host, const Extent *e);
    /*
     * Whether a host may still access the byte at @dpa, and as many of the
     * @len bytes from there as share that.
     */
    uint64_t (*run)(void *opaque, uint64_t dpa, uint64_t len, bool *mapped);
} CxlDcWatch;

/*
 * Somebody who writes down what managers were granted; core/dcd-fm.h.  Called
 * when it has been done.
 */
typedef struct CxlDcRequest CxlDcRequest;
typedef struct CxlDcScribe {
    /* @plan: Extents, which were free, unless others have them too */
    void (*added)(void *opaque, const CxlDcRequest *req, const GArray *plan);
    void (*removed)(void *opaque, const CxlDcRequest *req);
    void (*set_up)(void *opaque, unsigned region, uint64_t block_size,
                   bool sanitize);
    /* The manager has a reference to the tag, or has not any more. */
    void (*referenced)(void *opaque, const CxlUuid *tag, bool has);
} CxlDcScribe;

typedef struct CxlDcPool {
    const CxlHostOps *ops;  /* timer */
    void *ops_opaque;
    const CxlMediaOps *store;
    void *store_opaque;
    CxlDcRegion regions[CXL_MEMDEV_DC_REGIONS];
    unsigned num_regions;
    uint32_t max_extents, max_tags; /* of each host; of all */
    ExtentSet taken;        /* all that is not free; value: cxl_dcd_state() */
    GArray *tags;           /* CxlDcTag; index 0 means no tag */
    GHashTable *by_uuid;    /* index of a tag; NULL before the first */
    /* Of indices: of tags that are used, each a piece; of those that are not */
    ExtentSet known, unused;
    uint32_t shared_pieces; /* of all tags; new ones up to max_extents */
    ExtentSet unwiped;      /* of @taken, what is in CXL_DC_SANITIZING */
    uint64_t wipe_pos;      /* where wiping goes on; all of a block or none */
    bool wipe_failed;       /* and is not tried again before somebody asks */
    uint64_t touched;       /* counts every change, for tag lists */
    GPtrArray *views;       /* CxlDcView * by host number */
    CxlEvents *fm_events;   /* the fabric manager's */
    const CxlDcLender *lender; /* NULL: the capacity is the device's own */
    void *lender_opaque;
    const CxlDcWatch *watch; /* NULL: what is not a host's is not accessed */
    void *watch_opaque;
    const CxlDcScribe *scribe; /* NULL: nobody writes down anything */
    void *scribe_opaque;
} CxlDcPool;

void cxl_dcd_pool_init(CxlDcPool *pool, const CxlMemdevConfig *cfg,
                       const CxlHostOps *ops, void *ops_opaque,
                       const CxlMediaOps *store, void *store_opaque,
                       CxlEvents *fm_events);
void cxl_dcd_pool_destroy(CxlDcPool *pool);

/* Region that holds the whole range, or -1. */
int cxl_dcd_region_of(const CxlDcPool *pool, uint64_t dpa, uint64_t len);
/* Of the region that holds the block */
bool cxl_dcd_sharable(const CxlDcPool *pool, uint64_t dpa);
bool cxl_dcd_read_only(const CxlDcPool *pool, uint64_t dpa);
/* Not empty, each in one region, on its blocks, none twice: else 1e or 0f. */
CxlRc cxl_dcd_check_ranges(const CxlDcPool *pool, const CxlBgRange *ranges,
                           uint32_t count);
/* The hull of @count ranges; @count is not 0. */
CxlBgRange cxl_dcd_hull(const CxlBgRange *ranges, uint32_t count);
/* State of a block, and its host or how many have it. */
CxlDcState cxl_dcd_state(const CxlDcPool *pool, uint64_t dpa, uint32_t *who);
/* All of the piece is offered to the host, or accepted by it. */
bool cxl_dcd_pool_has(const CxlDcPool *pool, uint16_t host, const Extent *e,
                      bool offered);
bool cxl_dcd_may_become(CxlDcState from, CxlDcState to);

uint32_t cxl_dcd_tags_used(const CxlDcPool *pool);
uint32_t cxl_dcd_tags_available(const CxlDcPool *pool);
/* Index of a tag; 0 for all zeroes; -1 if it is not known. */
int cxl_dcd_find_tag(const CxlDcPool *pool, const CxlUuid *uuid);
/* The same, but the tag becomes known; 1d if there are too many. */
CxlRc cxl_dcd_take_tag(CxlDcPool *pool, const CxlUuid *uuid, uint32_t *index);
const CxlDcTag *cxl_dcd_tag(const CxlDcPool *pool, uint32_t index);
/* References of the fabric manager, 5606h and 5607h. */
CxlRc cxl_dcd_reference(CxlDcPool *pool, const CxlUuid *tag);
CxlRc cxl_dcd_unreference(CxlDcPool *pool, const CxlUuid *tag);

/* A piece as its wire record. */
void cxl_dcd_put_extent(const CxlDcPool *pool, const Extent *e,
                        CxlDcExtentWire *out);

/*
 * Changes of a whole piece, which is in one region and all of it in the state
 * that is left.  @e has tag and sequence number as value.
 */
/* Free capacity is offered to @host; or shared, by it alone as yet. */
void cxl_dcd_pool_offer(CxlDcPool *pool, uint16_t host, const Extent *e);
/* Shared capacity gets one host more. */
void cxl_dcd_pool_share(CxlDcPool *pool, const Extent *e);
/* @host has accepted what it was offered. */
void cxl_dcd_pool_accept(CxlDcPool *pool, uint16_t host, const Extent *e);
/* @host is asked to return what it owns. */
void cxl_dcd_pool_ask(CxlDcPool *pool, uint16_t host, uint64_t dpa,
                      uint64_t len);
/* @host has it no longer, and cannot access it. */
void cxl_dcd_pool_return(CxlDcPool *pool, uint16_t host, const Extent *e,
                         bool sanitize);
/*
 * Some of what is to be wiped is, and free then; for the timer, when
 * cxl_dcd_pool_deadline() has come: 0, or INT64_MAX if there is nothing to do.
 */
void cxl_dcd_pool_wipe(CxlDcPool *pool);
int64_t cxl_dcd_pool_deadline(const CxlDcPool *pool);
/* Hosts may have unmapped some of the range: who watches knows how much. */
void cxl_dcd_pool_left(CxlDcPool *pool, uint64_t dpa, uint64_t len);
/* Some of the range is mapped by who does not have it: nobody else gets it. */
void cxl_dcd_pool_hold(CxlDcPool *pool, uint64_t dpa, uint64_t len);
/* Who knows says that what waits for it in the range was wiped. */
void cxl_dcd_pool_wiped(CxlDcPool *pool, uint64_t dpa, uint64_t len);
/* Nobody knows what is in the memory: all that is free is wiped first. */
void cxl_dcd_pool_distrust(CxlDcPool *pool);
/* What the media failed to wipe is tried again. */
void cxl_dcd_pool_retry(CxlDcPool *pool);

/*
 * 5602h; 03 unless all of the region is free.  Who calls this tells the
 * hosts.
 */
CxlRc cxl_dcd_pool_configure(CxlDcPool *pool, unsigned region,
                             uint64_t block_size, bool sanitize);

/*
 * Saved are free capacity, tags, and what no host has of shared capacity;
 * pieces come with their hosts (cxl_dcd_view_loaded).  What is nowhere then is
 * to be wiped.  False: the piece or tag cannot be, or is there already.
 */
bool cxl_dcd_pool_load_tag(CxlDcPool *pool, const CxlUuid *uuid, bool fm_ref,
                           bool used);
/* @state: offered, owned, or shared for what no host has. */
bool cxl_dcd_pool_load_piece(CxlDcPool *pool, CxlDcState state, uint16_t host,
                             const Extent *e);
void cxl_dcd_pool_loaded(CxlDcPool *pool);
/* Pieces of sharable capacity that no host has: @set is empty on entry. */
void cxl_dcd_pool_unshared(const CxlDcPool *pool, ExtentSet *set);

const char *cxl_dcd_pool_check(const CxlDcPool *pool);

/* For core/dcd-pool-check.c */

uint64_t cxl_dcd_state_value(CxlDcState state, uint32_t who);
/*
 * The block at @dpa, and as many of the @len bytes from there as share its
 * state.
 */
uint64_t cxl_dcd_run(const CxlDcPool *pool, uint64_t dpa, uint64_t len,
                     CxlDcState *state, uint32_t *who);
/*
 * The next run of the tag's capacity from *@pos on that no host holds, with the
 * value of its piece; *@pos is behind it.  False: there is none.
 */
bool cxl_dcd_next_unshared(const CxlDcPool *pool, unsigned tag, uint64_t *pos,
                           Extent *e);
/* The tag gets the piece; false if it has a part of it. */
bool cxl_dcd_tag_insert(CxlDcPool *pool, const Extent *e);

#endif /* HW_CXL_CORE_DCD_POOL_H */
