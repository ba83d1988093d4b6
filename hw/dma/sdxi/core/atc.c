/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Put translations into the cache, and list those to be asked for; see atc.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/atc.h"

/* None of it is saved: it is asked for again. */
QEMU_BUILD_BUG_ON(sizeof(SdxiAtc) != 454896);

/* ---- the cache ---- */

bool sdxi_atc_knows(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                    bool write)
{
    return atc && sdxi_atc_look(atc, space->target, sdxi_space_process(space),
                                addr,
                                write ? SDXI_ATC_WRITE | SDXI_ATC_NO_WRITE
                                      : SDXI_ATC_READ | SDXI_ATC_NO_READ);
}

bool sdxi_atc_reach(SdxiAtc *atc, const SdxiPeer *target, uint32_t process,
                    uint64_t addr, uint64_t len, bool write, SdxiSpan *row)
{
    const SdxiSpan *page = sdxi_atc_find(atc, target, process, addr, 1, write);

    if (!page) {
        return false;
    }
    *row = *page;
    while (row->len - (addr - row->addr) < len) {
        uint64_t end = row->addr + row->len;

        /* Nothing lies behind the last page of all. */
        page = end ? sdxi_atc_find(atc, target, process, end, 1, write) : NULL;
        if (!page || page->host + (end - page->addr) != row->host + row->len) {
            break;
        }
        row->len = page->addr + page->len - row->addr;
        row->watched |= page->watched;
        row->leaf = MAX(row->leaf, page->leaf);
    }
    return true;
}

/* They meet, or have something in common, here as for the guest. */
static bool is_beside(const SdxiSpan *a, const SdxiSpan *b)
{
    uint64_t a_end = a->addr + a->len, b_end = b->addr + b->len;

    return a->host - a->addr == b->host - b->addr && a_end > a->addr &&
           b_end > b->addr && a->addr <= b_end && b->addr <= a_end;
}

static void add_to_row(SdxiSpan *row, const SdxiSpan *more)
{
    uint64_t end = MAX(row->addr + row->len, more->addr + more->len);
    bool first = more->addr < row->addr;

    row->host = first ? more->host : row->host;
    row->addr = first ? more->addr : row->addr;
    row->len = end - row->addr;
    row->watched |= more->watched;
    row->leaf = MAX(row->leaf, more->leaf);
}

SdxiSpan *sdxi_atc_row(SdxiAtc *atc, unsigned use, const SdxiPeer *target,
                       uint32_t process, uint64_t addr, uint64_t len,
                       bool write)
{
    uint32_t right = write ? SDXI_ATC_WRITE : SDXI_ATC_READ;
    SdxiAtcEntry *e = &atc->row[use];
    bool same = e->span.len && e->tag == sdxi_atc_tag(atc, process) &&
                e->span.target == target && e->span.rights == right;
    SdxiSpan more;

    if (same && addr - e->span.addr < e->span.len &&
        len <= e->span.len - (addr - e->span.addr)) {
        return &e->span;
    }
    if (!sdxi_atc_reach(atc, target, process, addr, len, write, &more) ||
        len > more.len - (addr - more.addr)) {
        return NULL;
    }
    if (same && is_beside(&e->span, &more)) {
        add_to_row(&e->span, &more);
    } else {
        e->tag = sdxi_atc_tag(atc, process);
        e->span = more;
        e->span.rights = right;
        e->span.writable = write;
    }
    return &e->span;
}

#define ANY_RIGHT (SDXI_ATC_READ | SDXI_ATC_WRITE | SDXI_ATC_NO_READ | \
                   SDXI_ATC_NO_WRITE)

/* One that is not in use, or the oldest. */
static SdxiAtcEntry *entry_to_lose(SdxiAtcSet *set, uint64_t tag)
{
    unsigned i = 0;

    while (i < SDXI_ATC_WAYS - 1 && set->way[i].span.len &&
           set->way[i].tag >> 32 == tag >> 32) {
        i++;
    }
    return &set->way[i];
}

/* The entry of this very page, or an empty one, from now on the first. */
static SdxiAtcEntry *entry_for(SdxiAtcSet *set, const SdxiPeer *target,
                               uint64_t tag, uint64_t addr)
{
    SdxiAtcEntry *e = sdxi_atc_entry(set, target, tag, addr, ANY_RIGHT);
    SdxiAtcEntry first = e ? *e : (SdxiAtcEntry) { };

    if (!e) {
        e = entry_to_lose(set, tag);
    }
    memmove(&set->way[1], &set->way[0], (uint8_t *)e - (uint8_t *)set->way);
    set->way[0] = first;
    return &set->way[0];
}

static SdxiAtcSet *set_of(SdxiAtc *atc, uint32_t process, uint64_t addr,
                          uint64_t len)
{
    return len == SDXI_ATC_LARGE ? sdxi_atc_large(atc, process, addr)
         : len == SDXI_ATC_BLOCK ? sdxi_atc_block(atc, process, addr)
                                 : sdxi_atc_small(atc, process, addr);
}

static SdxiAtcEntry *place(SdxiAtc *atc, const SdxiSpace *space,
                           uint64_t addr, uint64_t len)
{
    uint32_t process = sdxi_space_process(space);

    if (len == SDXI_ATC_LARGE) {
        atc->large = MIN(atc->large + 1, SDXI_ATC_WAYS << SDXI_ATC_LARGE_BITS);
    } else if (len == SDXI_ATC_BLOCK) {
        atc->block = MIN(atc->block + 1, SDXI_ATC_WAYS << SDXI_ATC_BLOCK_BITS);
    } else {
        atc->small = MIN(atc->small + 1, SDXI_ATC_WAYS << SDXI_ATC_SMALL_BITS);
    }
    return entry_for(set_of(atc, process, addr, len), space->target,
                     sdxi_atc_tag(atc, process), addr);
}

/* A word about reading and one about writing may come one after the other. */
static bool adds_to(const SdxiAtcEntry *e, const uint8_t *host)
{
    return e->span.len &&
           (!host || !e->span.host || e->span.host == host);
}

/* What @rights deny, and what denies them */
static uint32_t opposite(uint32_t rights)
{
    QEMU_BUILD_BUG_ON(SDXI_ATC_NO_READ != SDXI_ATC_READ << 2);
    QEMU_BUILD_BUG_ON(SDXI_ATC_NO_WRITE != SDXI_ATC_WRITE << 2);

    return (rights & (SDXI_ATC_READ | SDXI_ATC_WRITE)) << 2 | rights >> 2;
}

/* What is known of a page, or of several. */
typedef struct About {
    uint32_t rights;
    uint8_t *host;
    bool watched;
    uint8_t leaf;
} About;

static void put(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                uint64_t len, About about)
{
    SdxiAtcEntry *e = place(atc, space, addr, len);

    atc->processes |= space->pasid_valid;
    if (!adds_to(e, about.host)) {
        *e = (SdxiAtcEntry) {
            .tag = sdxi_atc_tag(atc, sdxi_space_process(space)),
        };
    }
    about.rights |= e->span.rights & ~opposite(about.rights);
    e->span = (SdxiSpan) {
        .target = space->target,
        .addr = addr,
        .len = len,
        .host = about.host ? about.host : e->span.host,
        .writable = about.rights & SDXI_ATC_WRITE,
        .rights = about.rights,
        .watched = about.watched || e->span.watched,
        .slot = SDXI_SPANS,
        .leaf = MAX(about.leaf, e->span.leaf),
    };
    if (e->span.leaf > ctz64(len)) {
        atc->parts |= len;
    }
}

/* ---- pages that lie one behind the other ---- */

static bool is_contradicted(const SdxiAtcEntry *e, uint64_t addr,
                            uint32_t right, const uint8_t *host)
{
    return host ? (uintptr_t)e->span.host - e->span.addr !=
                  (uintptr_t)host - addr
                : e->span.rights & right;
}

static bool overlaps(const SdxiSpan *span, uint64_t addr, uint64_t len)
{
    return span->len &&
           (addr - span->addr < span->len || span->addr - addr < len);
}

/* The page of @len bytes that @addr is in */
static void forget_page(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                        uint64_t len, uint32_t right, const uint8_t *host)
{
    uint32_t process = sdxi_space_process(space);
    SdxiAtcEntry *e = sdxi_atc_entry(set_of(atc, process, addr, len),
                                     space->target, sdxi_atc_tag(atc, process),
                                     addr, ANY_RIGHT);

    if (e && is_contradicted(e, addr, right, host)) {
        e->span.len = 0;
    }
}

/*
 * What holds any of the @len bytes and leads elsewhere, or nowhere though it
 * has @right, is not true any more.
 */
static void forget_others(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                          uint64_t len, uint32_t right, const uint8_t *host)
{
    forget_page(atc, space, addr, SDXI_ATC_BLOCK, right, host);
    forget_page(atc, space, addr, SDXI_ATC_LARGE, right, host);
    /* The largest page is found first, but not one that is no RAM. */
    for (uint64_t n = 0; !host && n < len; n += SDXI_ATC_SMALL) {
        forget_page(atc, space, addr + n, SDXI_ATC_SMALL, right, host);
        forget_page(atc, space, addr + n, SDXI_ATC_BLOCK, right, host);
    }
    /* These begin and end anywhere. */
    for (unsigned i = 0; i < SDXI_ATC_ROWS; i++) {
        SdxiAtcEntry *e = &atc->row[i];

        if (overlaps(&e->span, addr, len) &&
            is_contradicted(e, addr, right, host)) {
            e->span.len = 0;
        }
    }
}

/* All pieces of @part bytes are there in a row, of @whole with @addr in it. */
static bool join(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                 uint64_t part, uint64_t whole)
{
    uint32_t process = sdxi_space_process(space);
    uint64_t start = QEMU_ALIGN_DOWN(addr, whole);
    About all = { .rights = ANY_RIGHT };

    /* From the end, which mostly comes last. */
    for (uint64_t n = whole; n; n -= part) {
        const SdxiAtcEntry *e = sdxi_atc_entry(
            set_of(atc, process, start + n - part, part), space->target,
            sdxi_atc_tag(atc, process), start + n - part, ANY_RIGHT);

        if (!e || !e->span.host ||
            (all.host && e->span.host != all.host + (n - part))) {
            return false;
        }
        all.host = e->span.host - (n - part);
        all.rights &= e->span.rights;
        all.watched |= e->span.watched;
        all.leaf = MAX(all.leaf, e->span.leaf);
    }
    if (!all.rights) {
        return false;
    }
    put(atc, space, start, whole, all);
    return true;
}

void sdxi_atc_insert_part(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                          uint64_t len, uint64_t mask, bool write,
                          uint8_t *host, bool watched)
{
    uint32_t right = write ? SDXI_ATC_WRITE : SDXI_ATC_READ;
    About about = {
        .rights = right, .host = host, .watched = watched,
        .leaf = 64 - clz64(mask),
    };

    assert((len == SDXI_ATC_SMALL || len == SDXI_ATC_LARGE) && !(addr % len));
    if (!host) {
        about.rights = write ? SDXI_ATC_NO_WRITE : SDXI_ATC_NO_READ;
    }
    atc->inserted += host != NULL;
    put(atc, space, addr, len, about);
    forget_others(atc, space, addr, len, right, host);
    if (len == SDXI_ATC_SMALL) {
        if (host && join(atc, space, addr, len, SDXI_ATC_BLOCK)) {
            join(atc, space, addr, SDXI_ATC_BLOCK, SDXI_ATC_LARGE);
        }
    }
}

uint64_t sdxi_atc_page(uint64_t addr, uint64_t at, uint64_t mask,
                       uint64_t *start, uint64_t *len)
{
    *len = mask >= SDXI_ATC_LARGE - 1 ? SDXI_ATC_LARGE
         : mask >= SDXI_ATC_SMALL - 1 ? SDXI_ATC_SMALL : 0;
    *start = *len ? QEMU_ALIGN_DOWN(addr, *len) : addr;
    return ((at & ~mask) | (addr & mask)) - (addr - *start);
}

static bool entry_ok(const SdxiAtcEntry *e, uint64_t len)
{
    uint32_t no_ram = SDXI_ATC_NO_READ | SDXI_ATC_NO_WRITE;

    if (!e->span.len) {
        return true;
    }
    return e->span.len == len && !(e->span.addr % len) && e->span.rights &&
           e->span.slot == SDXI_SPANS &&
           e->span.writable == !!(e->span.rights & SDXI_ATC_WRITE) &&
           (e->span.host || !(e->span.rights & ~no_ram));
}

static bool sets_ok(const SdxiAtc *atc, const SdxiAtcSet *set, unsigned count,
                    uint64_t len, unsigned put)
{
    unsigned used = 0;

    for (unsigned i = 0; i < count * SDXI_ATC_WAYS; i++) {
        const SdxiAtcEntry *e = &set[i / SDXI_ATC_WAYS].way[i % SDXI_ATC_WAYS];

        if (!entry_ok(e, len)) {
            return false;
        }
        used += e->span.len && e->tag >> 32 == atc->generation;
    }
    return used <= put;
}

const char *sdxi_atc_check(const SdxiAtc *atc)
{
    if (!sets_ok(atc, atc->small_set, ARRAY_SIZE(atc->small_set),
                 SDXI_ATC_SMALL, atc->small)) {
        return "a small page is inconsistent, or miscounted";
    }
    if (!sets_ok(atc, atc->block_set, ARRAY_SIZE(atc->block_set),
                 SDXI_ATC_BLOCK, atc->block)) {
        return "a block is inconsistent, or miscounted";
    }
    return sets_ok(atc, atc->large_set, ARRAY_SIZE(atc->large_set),
                   SDXI_ATC_LARGE, atc->large)
           ? NULL : "a large page is inconsistent, or miscounted";
}

/* ---- what is to be asked for ---- */

static bool same_page(const SdxiWant *want, const SdxiSpace *space,
                      uint64_t page, bool write)
{
    return want->addr == page && want->write == write &&
           want->space.target == space->target &&
           sdxi_space_process(&want->space) == sdxi_space_process(space);
}

bool sdxi_wants_add(SdxiWants *wants, SdxiAtc *atc, const SdxiSpace *space,
                    uint64_t addr, bool write)
{
    uint64_t page = QEMU_ALIGN_DOWN(addr, SDXI_ATC_SMALL);

    if (sdxi_atc_knows(atc, space, addr, write)) {
        return true;
    }
    /* Most likely the last that was listed, or the other side of a copy. */
    for (unsigned i = wants->count; i--; ) {
        if (same_page(&wants->want[i], space, page, write)) {
            return true;
        }
    }
    if (wants->count == SDXI_WANTS) {
        return false;
    }
    wants->want[wants->count++] = (SdxiWant) {
        .space = *space, .addr = page, .write = write,
    };
    return true;
}

/* To the end of its page; @len > 0. */
static uint64_t piece(uint64_t addr, uint64_t len)
{
    return MIN(len, SDXI_ATC_SMALL - addr % SDXI_ATC_SMALL);
}

bool sdxi_wants_add_range(SdxiWants *wants, SdxiAtc *atc,
                          const SdxiSpace *space, uint64_t addr, uint64_t len,
                          bool write)
{
    while (len) {
        uint64_t n = piece(addr, len);

        if (!sdxi_wants_add(wants, atc, space, addr, write)) {
            return false;
        }
        addr += n;
        len -= n;
    }
    return true;
}

bool sdxi_wants_add_copy(SdxiWants *wants, SdxiAtc *atc,
                         const SdxiSpace *src_space, uint64_t src,
                         const SdxiSpace *dst_space, uint64_t dst,
                         uint64_t len)
{
    while (len) {
        uint64_t n = MIN(piece(src, len), piece(dst, len));

        if (!sdxi_wants_add(wants, atc, src_space, src, false) ||
            !sdxi_wants_add(wants, atc, dst_space, dst, true)) {
            return false;
        }
        src += n;
        dst += n;
        len -= n;
    }
    return true;
}

/* ---- I/O MMUs ---- */

bool sdxi_atc_hears_of(const char *iommu_region_type)
{
    /* All of them tell of changes: qemu/seams/72-iommu-change*.seam. */
    static const char *const known[] = {
        "intel-iommu-iommu-memory-region", "amd-iommu-iommu-memory-region",
        "smmuv3-iommu-memory-region", "virtio-iommu-memory-region",
    };

    for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
        if (g_str_equal(iommu_region_type, known[i])) {
            return true;
        }
    }
    return false;
}
