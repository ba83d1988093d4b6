/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address translation cache: pages of guest RAM that an I/O MMU has shown the
 * way to, as spans that are found by number, and the list of pages whose way is
 * to be asked for.
 *
 * A page is 4 KiB or 2 MiB; processes and functions are told apart.  Small
 * pages that fill a block of 64 KiB, and lie here one behind the other as well,
 * are found as one, and so are such blocks that fill a large page: many buffers
 * are whole in memory, whatever the pages are.  And each use of memory keeps
 * the row of pages that it had last, wherever that begins and ends.  There are
 * four ways to each set, so that what a copy uses, both sides, its slot and its
 * block, never push each other out.  A cache has a fixed size, whatever the
 * guest asks for.
 *
 * All that is in a cache is good for one epoch (hostops.h); what is for the
 * next, too, is found out in atc-renew.h.  One user at a time: a worker, or
 * whoever asks the I/O MMU while that worker waits for the answer.
 */
#ifndef HW_DMA_SDXI_CORE_ATC_H
#define HW_DMA_SDXI_CORE_ATC_H

#include "qemu/bitops.h"
#include "qemu/units.h"
#include "hw/dma/sdxi/core/hostops.h"
#include "hw/dma/sdxi/core/inval-log.h"

#define SDXI_ATC_SMALL      (4 * KiB)
#define SDXI_ATC_BLOCK      (64 * KiB)
#define SDXI_ATC_LARGE      (2 * MiB)
#define SDXI_ATC_WAYS       4
#define SDXI_ATC_ROWS       4
#define SDXI_ATC_SMALL_BITS 11  /* sets of small pages: 1 << 11 */
#define SDXI_ATC_BLOCK_BITS 8
#define SDXI_ATC_LARGE_BITS 6
/* A copy of SDXI_HOST_CHUNK bytes touches at most so many small pages. */
#define SDXI_WANTS          (2 * (SDXI_HOST_CHUNK / SDXI_ATC_SMALL + 1))

typedef enum SdxiAtcRights {
    SDXI_ATC_READ = 1,
    SDXI_ATC_WRITE = 2,
    /* It leads to what is no RAM: there is nothing to be asked for. */
    SDXI_ATC_NO_READ = 4,
    SDXI_ATC_NO_WRITE = 8,
} SdxiAtcRights;

typedef struct SdxiAtcEntry {
    SdxiSpan span;              /* of length 0: nothing */
    uint64_t tag;               /* generation, and process */
} SdxiAtcEntry;

/* What came last is first. */
typedef struct SdxiAtcSet {
    SdxiAtcEntry way[SDXI_ATC_WAYS];
} SdxiAtcSet;

struct SdxiAtc {
    uint64_t epoch;
    uint32_t generation;        /* of entries that are good */
    unsigned small, block, large; /* of these, or more; 0: none */
    bool processes;             /* some may be of a process */
    uint64_t parts;             /* lengths of which some are parts of pages */
    uint64_t inserted;          /* pages of RAM, not yet counted */
    SdxiAtcEntry row[SDXI_ATC_ROWS]; /* of one direction each */
    SdxiAtcSet small_set[1 << SDXI_ATC_SMALL_BITS];
    SdxiAtcSet block_set[1 << SDXI_ATC_BLOCK_BITS];
    SdxiAtcSet large_set[1 << SDXI_ATC_LARGE_BITS];
};

static inline uint32_t sdxi_space_process(const SdxiSpace *space)
{
    return space->pasid_valid ? space->pasid : SDXI_NO_PROCESS;
}

static inline unsigned sdxi_atc_set(uint64_t page, uint32_t process,
                                    unsigned bits)
{
    uint64_t n = page ^ process * UINT32_C(0x9e3779b1);

    /* Neighbours, and pages at any power of two, are spread alike. */
    n ^= n >> bits;
    n ^= n >> 2 * bits;
    return n & MAKE_64BIT_MASK(0, bits);
}

static inline uint64_t sdxi_atc_tag(const SdxiAtc *atc, uint32_t process)
{
    return (uint64_t)atc->generation << 32 | process;
}

/* With any of @rights */
static inline SdxiAtcEntry *sdxi_atc_entry(SdxiAtcSet *set,
                                           const SdxiPeer *target,
                                           uint64_t tag, uint64_t addr,
                                           uint32_t rights)
{
    for (unsigned i = 0; i < SDXI_ATC_WAYS; i++) {
        SdxiAtcEntry *e = &set->way[i];

        if (addr - e->span.addr < e->span.len && e->tag == tag &&
            e->span.target == target && (e->span.rights & rights)) {
            return e;
        }
    }
    return NULL;
}

static inline SdxiAtcSet *sdxi_atc_large(SdxiAtc *atc, uint32_t process,
                                         uint64_t addr)
{
    return &atc->large_set[sdxi_atc_set(addr / SDXI_ATC_LARGE, process,
                                        SDXI_ATC_LARGE_BITS)];
}

static inline SdxiAtcSet *sdxi_atc_block(SdxiAtc *atc, uint32_t process,
                                         uint64_t addr)
{
    return &atc->block_set[sdxi_atc_set(addr / SDXI_ATC_BLOCK, process,
                                        SDXI_ATC_BLOCK_BITS)];
}

static inline SdxiAtcSet *sdxi_atc_small(SdxiAtc *atc, uint32_t process,
                                         uint64_t addr)
{
    return &atc->small_set[sdxi_atc_set(addr / SDXI_ATC_SMALL, process,
                                        SDXI_ATC_SMALL_BITS)];
}

/* What is known of @addr and has any of @rights, the largest; or NULL. */
static inline SdxiAtcEntry *sdxi_atc_look(SdxiAtc *atc, const SdxiPeer *target,
                                          uint32_t process, uint64_t addr,
                                          uint32_t rights)
{
    uint64_t tag = sdxi_atc_tag(atc, process);
    SdxiAtcEntry *e = NULL;

    if (atc->large) {
        e = sdxi_atc_entry(sdxi_atc_large(atc, process, addr), target, tag,
                           addr, rights);
    }
    if (!e && atc->block) {
        e = sdxi_atc_entry(sdxi_atc_block(atc, process, addr), target, tag,
                           addr, rights);
    }
    if (!e && atc->small) {
        e = sdxi_atc_entry(sdxi_atc_small(atc, process, addr), target, tag,
                           addr, rights);
    }
    return e;
}

/* A page with all @len bytes from @addr on, or NULL. */
static inline SdxiSpan *sdxi_atc_find(SdxiAtc *atc, const SdxiPeer *target,
                                      uint32_t process, uint64_t addr,
                                      uint64_t len, bool write)
{
    uint32_t right = write ? SDXI_ATC_WRITE : SDXI_ATC_READ;
    SdxiAtcEntry *e = atc ? sdxi_atc_look(atc, target, process, addr, right)
                          : NULL;

    return e && len <= e->span.len - (addr - e->span.addr) ? &e->span : NULL;
}

/*
 * From the page that @addr is in on, until all @len bytes are in *@row or pages
 * do not lie here as they do for the guest, one behind the other.  False: the
 * first is not known.
 */
bool sdxi_atc_reach(SdxiAtc *atc, const SdxiPeer *target, uint32_t process,
                    uint64_t addr, uint64_t len, bool write, SdxiSpan *row);
/*
 * Pages in a row with all @len bytes, or NULL.  @use says for what: each use
 * keeps one row, which grows with what is beside it.  As good as a page, until
 * the same use asks again.
 */
SdxiSpan *sdxi_atc_row(SdxiAtc *atc, unsigned use, const SdxiPeer *target,
                       uint32_t process, uint64_t addr, uint64_t len,
                       bool write);
/* Asking for @addr would bring nothing new. */
bool sdxi_atc_knows(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                    bool write);
/*
 * The @len bytes, SDXI_ATC_SMALL or SDXI_ATC_LARGE, at @addr are at @host for
 * accesses that @write or that do not; NULL: they are no RAM.  They are all or
 * a part of a page of the I/O MMU, in which addresses differ in bits of @mask.
 */
void sdxi_atc_insert_part(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                          uint64_t len, uint64_t mask, bool write,
                          uint8_t *host, bool watched);
static inline void sdxi_atc_insert(SdxiAtc *atc, const SdxiSpace *space,
                                   uint64_t addr, uint64_t len, bool write,
                                   uint8_t *host, bool watched)
{
    sdxi_atc_insert_part(atc, space, addr, len, len - 1, write, host, watched);
}
/*
 * What of a translation becomes a page: that at @addr leads to @at, and so do
 * all addresses that differ from it in the bits of @mask only.  Sets *@start
 * and *@len of the largest page that may be put in, and returns where it leads
 * to; *@len is 0 if it is smaller than any.
 */
uint64_t sdxi_atc_page(uint64_t addr, uint64_t at, uint64_t mask,
                       uint64_t *start, uint64_t *len);
/* For tests: NULL if every invariant holds, else which one does not. */
const char *sdxi_atc_check(const SdxiAtc *atc);

/* ---- what is to be asked for ---- */

/* The page that @addr is in. */
typedef struct SdxiWant {
    SdxiSpace space;
    uint64_t addr;
    bool write;
} SdxiWant;

/* In the order in which they will be used. */
struct SdxiWants {
    unsigned count;
    SdxiWant want[SDXI_WANTS];
};

/* False: there is no room.  What @atc knows is left out. */
bool sdxi_wants_add(SdxiWants *wants, SdxiAtc *atc, const SdxiSpace *space,
                    uint64_t addr, bool write);
/* All pages of @len bytes. */
bool sdxi_wants_add_range(SdxiWants *wants, SdxiAtc *atc,
                          const SdxiSpace *space, uint64_t addr, uint64_t len,
                          bool write);
/* Of both sides of a copy, as it goes along. */
bool sdxi_wants_add_copy(SdxiWants *wants, SdxiAtc *atc,
                         const SdxiSpace *src_space, uint64_t src,
                         const SdxiSpace *dst_space, uint64_t dst,
                         uint64_t len);

/* Whose translations may be kept: changes of theirs are heard of. */
bool sdxi_atc_hears_of(const char *iommu_region_type);

#endif /* HW_DMA_SDXI_CORE_ATC_H */
