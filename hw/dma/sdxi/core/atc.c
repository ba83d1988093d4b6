/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Put translations into the cache, forget them, and list those to be asked for;
 * see atc.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/atc.h"

QEMU_BUILD_BUG_ON(SDXI_ATC_WAYS != 2);
/* None of it is saved: it is asked for again. */
QEMU_BUILD_BUG_ON(sizeof(SdxiAtc) != 409744);

/* ---- the cache ---- */

bool sdxi_atc_knows(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                    bool write)
{
    SdxiAtcEntry *e = atc ? sdxi_atc_look(atc, space->target,
                                          sdxi_space_process(space), addr)
                          : NULL;

    return e && (e->span.rights &
                 (write ? SDXI_ATC_WRITE | SDXI_ATC_NO_WRITE
                        : SDXI_ATC_READ | SDXI_ATC_NO_READ));
}

void sdxi_atc_renew(SdxiAtc *atc, uint32_t epoch)
{
    if (atc->epoch == epoch) {
        return;
    }
    atc->epoch = epoch;
    if (atc->small || atc->large) {
        atc->small = atc->large = 0;
        if (!++atc->generation) {
            /* Numbers of very old ones come again. */
            memset(atc->small_set, 0, sizeof(atc->small_set));
            memset(atc->large_set, 0, sizeof(atc->large_set));
        }
    }
}

/* The entry of this very page, or one to be overwritten. */
static SdxiAtcEntry *entry_for(SdxiAtcSet *set, uint8_t *next,
                               const SdxiPeer *target, uint64_t tag,
                               uint64_t addr)
{
    SdxiAtcEntry *e = sdxi_atc_entry(set, target, tag, addr);

    if (!e) {
        e = &set->way[*next];
        e->span.len = 0;
    }
    /* What comes now stays when the next one comes. */
    *next = e == &set->way[0];
    return e;
}

static SdxiAtcEntry *place(SdxiAtc *atc, const SdxiSpace *space,
                           uint64_t addr, uint64_t len)
{
    uint32_t process = sdxi_space_process(space);
    uint64_t tag = sdxi_atc_tag(atc, process);
    unsigned set;

    if (len == SDXI_ATC_LARGE) {
        set = sdxi_atc_set(addr / SDXI_ATC_LARGE, process,
                           SDXI_ATC_LARGE_BITS);
        atc->large = MIN(atc->large + 1, SDXI_ATC_WAYS << SDXI_ATC_LARGE_BITS);
        return entry_for(&atc->large_set[set], &atc->large_next[set],
                         space->target, tag, addr);
    }
    set = sdxi_atc_set(addr / SDXI_ATC_SMALL, process, SDXI_ATC_SMALL_BITS);
    atc->small = MIN(atc->small + 1, SDXI_ATC_WAYS << SDXI_ATC_SMALL_BITS);
    return entry_for(&atc->small_set[set], &atc->small_next[set],
                     space->target, tag, addr);
}

/* A word about reading and one about writing may come one after the other. */
static bool adds_to(const SdxiAtcEntry *e, const uint8_t *host)
{
    return e->span.len &&
           (!host || !e->span.host || e->span.host == host);
}

void sdxi_atc_insert(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                     uint64_t len, bool write, uint8_t *host, bool watched)
{
    SdxiAtcEntry *e = place(atc, space, addr, len);
    uint32_t rights = write ? SDXI_ATC_WRITE : SDXI_ATC_READ;

    assert((len == SDXI_ATC_SMALL || len == SDXI_ATC_LARGE) && !(addr % len));
    if (!host) {
        rights = write ? SDXI_ATC_NO_WRITE : SDXI_ATC_NO_READ;
    }
    if (!adds_to(e, host)) {
        *e = (SdxiAtcEntry) {
            .tag = sdxi_atc_tag(atc, sdxi_space_process(space)),
        };
    }
    rights |= e->span.rights;
    e->span = (SdxiSpan) {
        .target = space->target,
        .addr = addr,
        .len = len,
        .host = host ? host : e->span.host,
        .writable = rights & SDXI_ATC_WRITE,
        .rights = rights,
        .watched = watched || e->span.watched,
        .slot = SDXI_SPANS,
    };
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
