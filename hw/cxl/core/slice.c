/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slice storage of interleaved members: the device-order view, and moving
 * touched bytes between the two orders.  The contract is in slice.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/slice.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlSlices) != 24 && sizeof(void *) == 8);

static void saved_clear(void *opaque)
{
    g_free(((CxlSliceSaved *)opaque)->bytes);
}

void cxl_slices_init(CxlSlices *s, const CxlSliceOps *ops, void *opaque)
{
    *s = (CxlSlices) {
        .ops = ops, .opaque = opaque,
        .sets = g_array_new(false, false, sizeof(CxlSliceSet)),
    };
}

void cxl_slices_destroy(CxlSlices *s)
{
    g_clear_pointer(&s->sets, g_array_unref);
}

static CxlSliceSet *set_at(const CxlSlices *s, unsigned n)
{
    return &g_array_index(s->sets, CxlSliceSet, n);
}

/* Position of the member that lends storage overlapping the range, or -1. */
static int lender(const CxlSliceSet *set, const void *device, uint64_t dpa,
                  uint64_t len)
{
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        const CxlSliceMember *m = &set->member[p];

        if (m->device == device && dpa < m->dpa + set->len &&
            m->dpa < dpa + len) {
            return p;
        }
    }
    return -1;
}

static int find(const CxlSlices *s, const void *device, uint64_t dpa,
                uint64_t len)
{
    for (unsigned i = 0; i < s->sets->len; i++) {
        if (lender(set_at(s, i), device, dpa, len) >= 0) {
            return i;
        }
    }
    return -1;
}

const CxlSliceSet *cxl_slices_at(const CxlSlices *s, const void *device,
                                 uint64_t dpa)
{
    int i = find(s, device, dpa, 1);

    return i < 0 ? NULL : set_at(s, i);
}

bool cxl_slices_uses(const CxlSlices *s, const void *device, uint64_t dpa,
                     uint64_t len)
{
    return find(s, device, dpa, len) >= 0;
}

static bool same_set(const CxlSliceSet *a, const CxlSliceSet *b)
{
    if (a->len != b->len || a->ig != b->ig || a->iw != b->iw) {
        return false;
    }
    for (unsigned p = 0; p < cxl_interleave_ways(a->iw); p++) {
        if (a->member[p].device != b->member[p].device ||
            a->member[p].dpa != b->member[p].dpa) {
            return false;
        }
    }
    return true;
}

bool cxl_slices_has(const CxlSlices *s, const CxlSliceSet *set)
{
    int i = find(s, set->member[0].device, set->member[0].dpa, 1);

    return i >= 0 && same_set(set_at(s, i), set);
}

/* Copy at offset @off of the host-ordered region, cut at slices. */
static bool region_rw(CxlSlices *s, const CxlSliceSet *set, uint64_t off,
                      void *buf, uint64_t len, bool is_write)
{
    while (len) {
        const CxlSliceMember *m = &set->member[off / set->len];
        uint64_t run = MIN(len, set->len - off % set->len);

        if (!s->ops->rw(s->opaque, m->device, m->dpa + off % set->len, buf,
                        run, is_write)) {
            return false;
        }
        off += run;
        buf = (uint8_t *)buf + run;
        len -= run;
    }
    return true;
}

/* Copy at offset @off of the device order of position @p, cut at chunks. */
static bool device_rw(CxlSlices *s, const CxlSliceSet *set, unsigned p,
                      uint64_t off, void *buf, uint64_t len, bool is_write)
{
    uint64_t chunk = cxl_interleave_bytes(set->ig);

    while (len) {
        uint64_t run = MIN(len, chunk - off % chunk);

        if (!region_rw(s, set,
                       cxl_interleave_to_hpa(off, p, set->ig, set->iw), buf,
                       run, is_write)) {
            return false;
        }
        off += run;
        buf = (uint8_t *)buf + run;
        len -= run;
    }
    return true;
}

/* How many of @len bytes come before the first set, if not in one. */
static uint64_t free_run(const CxlSlices *s, const void *device, uint64_t dpa,
                         uint64_t len)
{
    for (unsigned i = 0; i < s->sets->len; i++) {
        int p = lender(set_at(s, i), device, dpa, len);

        if (p >= 0) {
            len = set_at(s, i)->member[p].dpa - dpa;
        }
    }
    return len;
}

bool cxl_slices_rw(CxlSlices *s, void *device, uint64_t dpa, void *buf,
                   uint64_t len, bool is_write)
{
    while (len) {
        int i = find(s, device, dpa, 1);
        uint64_t run;
        bool ok;

        if (i < 0) {
            run = free_run(s, device, dpa, len);
            ok = s->ops->rw(s->opaque, device, dpa, buf, run, is_write);
        } else {
            const CxlSliceSet *set = set_at(s, i);
            unsigned p = lender(set, device, dpa, 1);
            uint64_t off = dpa - set->member[p].dpa;

            run = MIN(len, set->len - off);
            ok = device_rw(s, set, p, off, buf, run, is_write);
        }
        if (!ok) {
            return false;
        }
        dpa += run;
        buf = (uint8_t *)buf + run;
        len -= run;
    }
    return true;
}

static bool save_one(CxlSlices *s, const CxlSliceMember *m, unsigned p,
                     uint64_t start, uint64_t run, GArray *saved)
{
    CxlSliceSaved one = {
        .position = p, .off = start - m->dpa, .len = run,
        .bytes = g_try_malloc(run),
    };

    if (!one.bytes) {
        return false;
    }
    g_array_append_val(saved, one);
    return s->ops->rw(s->opaque, m->device, start, one.bytes, run, false);
}

/* Everything touched in the storage of @set, copied out; NULL on failure. */
static GArray *save(CxlSlices *s, const CxlSliceSet *set, uint64_t *moved)
{
    GArray *saved = g_array_new(false, false, sizeof(CxlSliceSaved));

    g_array_set_clear_func(saved, saved_clear);
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        const CxlSliceMember *m = &set->member[p];
        uint64_t at = m->dpa, end = m->dpa + set->len, start, run;

        while (at < end && s->ops->touched(s->opaque, m->device, at, end - at,
                                           &start, &run)) {
            assert(start >= at && run && start + run <= end);
            if (!save_one(s, m, p, start, run, saved)) {
                g_array_unref(saved);
                return NULL;
            }
            *moved += run;
            at = start + run;
        }
    }
    return saved;
}

/* Nothing was lost yet if this says no. */
static bool may_move(CxlSlices *s, const CxlSliceSet *set, bool adopt,
                     const GArray *saved)
{
    return !s->ops->moving || s->ops->moving(s->opaque, set, adopt, saved);
}

static void moved_all(CxlSlices *s, const CxlSliceSet *set, bool adopt)
{
    if (s->ops->moved) {
        s->ops->moved(s->opaque, set, adopt);
    }
}

static void discard(CxlSlices *s, const CxlSliceSet *set, const GArray *saved)
{
    for (unsigned i = 0; i < saved->len; i++) {
        const CxlSliceSaved *one = &g_array_index(saved, CxlSliceSaved, i);
        const CxlSliceMember *m = &set->member[one->position];

        s->ops->discard(s->opaque, m->device, m->dpa + one->off, one->len);
    }
}

bool cxl_slices_adopt(CxlSlices *s, const CxlSliceSet *set, uint64_t *moved)
{
    g_autoptr(GArray) saved = save(s, set, moved);

    if (!saved || !may_move(s, set, true, saved)) {
        return false;
    }
    discard(s, set, saved);
    for (unsigned i = 0; i < saved->len; i++) {
        const CxlSliceSaved *one = &g_array_index(saved, CxlSliceSaved, i);

        device_rw(s, set, one->position, one->off, one->bytes, one->len,
                  true);
    }
    g_array_append_val(s->sets, *set);
    moved_all(s, set, true);
    return true;
}

/* Write bytes at @off of the region to where device order has them. */
static bool scatter(CxlSlices *s, const CxlSliceSet *set, uint64_t off,
                    uint8_t *bytes, uint64_t len)
{
    uint64_t chunk = cxl_interleave_bytes(set->ig);

    while (len) {
        uint64_t run = MIN(len, chunk - off % chunk);
        const CxlSliceMember *m = &set->member[
            cxl_interleave_position(off, set->ig, set->iw)];

        if (!s->ops->rw(s->opaque, m->device, m->dpa +
                        cxl_interleave_to_dpa(off, set->ig, set->iw), bytes,
                        run, true)) {
            return false;
        }
        off += run;
        bytes += run;
        len -= run;
    }
    return true;
}

static bool release_one(CxlSlices *s, unsigned n, uint64_t *moved)
{
    CxlSliceSet set = *set_at(s, n);
    g_autoptr(GArray) saved = save(s, &set, moved);

    if (!saved || !may_move(s, &set, false, saved)) {
        return false;
    }
    discard(s, &set, saved);
    g_array_remove_index(s->sets, n);
    for (unsigned i = 0; i < saved->len; i++) {
        const CxlSliceSaved *one = &g_array_index(saved, CxlSliceSaved, i);

        scatter(s, &set, one->position * set.len + one->off, one->bytes,
                one->len);
    }
    moved_all(s, &set, false);
    return true;
}

void cxl_slices_wipe(CxlSlices *s, const CxlSliceSet *set)
{
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        const CxlSliceMember *m = &set->member[p];
        uint64_t at = m->dpa, end = m->dpa + set->len, start, run;

        while (at < end && s->ops->touched(s->opaque, m->device, at, end - at,
                                           &start, &run)) {
            s->ops->discard(s->opaque, m->device, start, run);
            at = start + run;
        }
    }
}

bool cxl_slices_put(CxlSlices *s, const CxlSliceSet *set, bool host_order,
                    const CxlSliceSaved *one)
{
    const CxlSliceMember *m = &set->member[one->position];
    uint64_t at = one->position * set->len + one->off;

    return host_order ? scatter(s, set, at, one->bytes, one->len) :
           s->ops->rw(s->opaque, m->device, m->dpa + one->off, one->bytes,
                      one->len, true);
}

bool cxl_slices_release(CxlSlices *s, const void *device, uint64_t dpa,
                        uint64_t len, uint64_t *moved)
{
    int n;

    while ((n = find(s, device, dpa, len)) >= 0) {
        if (!release_one(s, n, moved)) {
            return false;
        }
    }
    return true;
}

void cxl_slices_abandon(CxlSlices *s, const void *device)
{
    int n;

    while ((n = find(s, device, 0, UINT64_MAX)) >= 0) {
        g_array_remove_index(s->sets, n);
    }
}

bool cxl_slices_make_room(CxlSlices *s, const CxlSliceSet *set,
                          uint64_t *moved)
{
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        if (!cxl_slices_release(s, set->member[p].device, set->member[p].dpa,
                                set->len, moved)) {
            return false;
        }
    }
    return true;
}

static const char *check_set(const CxlSlices *s, unsigned n)
{
    const CxlSliceSet *set = set_at(s, n);

    if (!cxl_interleave_valid(set->ig, set->iw) || !set->iw) {
        return "set with bad codes";
    }
    if (!set->len || set->len % cxl_interleave_bytes(set->ig)) {
        return "set with bad length";
    }
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        const CxlSliceMember *m = &set->member[p];

        for (unsigned i = 0; i < n; i++) {
            if (lender(set_at(s, i), m->device, m->dpa, set->len) >= 0) {
                return "storage in two sets";
            }
        }
        if (lender(set, m->device, m->dpa, set->len) != p) {
            return "member twice in a set";
        }
    }
    return NULL;
}

const char *cxl_slices_check(const CxlSlices *s)
{
    for (unsigned n = 0; n < s->sets->len; n++) {
        const char *problem = check_set(s, n);

        if (problem) {
            return problem;
        }
    }
    return NULL;
}

bool cxl_slices_restore(CxlSlices *s, const CxlSliceSet *set)
{
    g_array_append_val(s->sets, *set);
    if (check_set(s, s->sets->len - 1)) {
        g_array_set_size(s->sets, s->sets->len - 1);
        return false;
    }
    return true;
}

void cxl_slices_clear(CxlSlices *s)
{
    g_array_set_size(s->sets, 0);
}
