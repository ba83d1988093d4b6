/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places of logical devices; see ld-places.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/ld-places.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlLdPlaces) != 408 && sizeof(void *) == 8);

void cxl_ld_places_init(CxlLdPlaces *p, uint64_t base, uint64_t size,
                        unsigned count, const uint64_t *len)
{
    uint64_t at = base;

    *p = (CxlLdPlaces) { .base = base, .size = size, .count = count };
    for (unsigned i = 0; i < count; i++) {
        p->ld[i] = (CxlLdPlace) { .offset = at, .len = len[i] };
        at += len[i];
    }
    assert(!cxl_ld_places_check(p));
}

static bool overlap(const CxlLdPlace *a, const CxlLdPlace *b)
{
    return a->offset < b->offset + b->len && b->offset < a->offset + a->len;
}

static bool is_free(const CxlLdPlaces *p, const CxlLdPlace *at)
{
    if (at->offset - p->base > p->size ||
        at->len > p->size - (at->offset - p->base)) {
        return false;
    }
    for (unsigned i = 0; i < p->count; i++) {
        if (overlap(&p->ld[i], at)) {
            return false;
        }
    }
    return true;
}

/* The first gap that is long enough begins at the base, or behind another. */
static bool place(CxlLdPlaces *p, unsigned ld, uint64_t len)
{
    CxlLdPlace best = { .offset = UINT64_MAX, .len = len, .stale = true };
    CxlLdPlace at = best;

    at.offset = p->base;
    if (is_free(p, &at)) {
        best = at;
    }
    for (unsigned i = 0; i < p->count; i++) {
        at.offset = p->ld[i].offset + p->ld[i].len;
        if (p->ld[i].len && at.offset < best.offset && is_free(p, &at)) {
            best = at;
        }
    }
    if (best.offset == UINT64_MAX) {
        return false;
    }
    p->ld[ld] = best;
    return true;
}

/* The longest first: the short ones find room between. */
static int longest(const uint64_t *left, unsigned count)
{
    unsigned best = 0;

    for (unsigned i = 1; i < count; i++) {
        best = left[i] > left[best] ? i : best;
    }
    return left[best] ? (int)best : -1;
}

bool cxl_ld_places_change(CxlLdPlaces *p, unsigned start, unsigned count,
                          const uint64_t *len)
{
    CxlLdPlaces next = *p;
    uint64_t left[CXL_MLD_LDS] = { 0 };
    int i;

    assert(start + count <= p->count);
    for (unsigned k = 0; k < count; k++) {
        if (len[k] != p->ld[start + k].len) {
            next.ld[start + k] = (CxlLdPlace) { };
            left[k] = len[k];
        }
    }
    while ((i = longest(left, count)) >= 0) {
        if (!place(&next, start + i, left[i])) {
            return false;
        }
        left[i] = 0;
    }
    *p = next;
    return true;
}

void cxl_ld_places_save(const CxlLdPlaces *p, SaveWriter *w)
{
    for (unsigned i = 0; i < p->count; i++) {
        save_put(w, p->ld[i].offset);
        save_put(w, p->ld[i].len);
        save_put(w, p->ld[i].stale);
    }
}

void cxl_ld_places_load(CxlLdPlaces *p, SaveReader *r)
{
    const char *bad;

    for (unsigned i = 0; i < p->count; i++) {
        p->ld[i].offset = save_get(r);
        p->ld[i].len = save_get(r);
        SAVE_GET(r, p->ld[i].stale);
    }
    bad = save_good(r) ? cxl_ld_places_check(p) : NULL;
    if (bad) {
        save_refuse(r, bad);
    }
}

const char *cxl_ld_places_check(const CxlLdPlaces *p)
{
    if (!p->count || p->count > CXL_MLD_LDS) {
        return "number of logical devices";
    }
    for (unsigned i = 0; i < p->count; i++) {
        const CxlLdPlace *ld = &p->ld[i];

        if (ld->len % CXL_MLD_UNIT || (!ld->len && ld->stale)) {
            return "length of a logical device";
        }
        if (ld->len && (ld->offset < p->base ||
                        ld->offset - p->base > p->size ||
                        ld->len > p->size - (ld->offset - p->base))) {
            return "place of a logical device";
        }
        for (unsigned k = 0; k < i; k++) {
            if (ld->len && p->ld[k].len && overlap(ld, &p->ld[k])) {
                return "logical devices in the same place";
            }
        }
    }
    return NULL;
}
