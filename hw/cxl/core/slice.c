/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slice storage: which sets there are, whose bytes are asked for, and how far
 * a set is moved at a time.  The contract is in slice.h; one set is
 * slice-set.c.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/slice.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlSlices) != 24 && sizeof(void *) == 8);

/* What it takes to look at the places of a step, in bytes moved */
#define STEP_COST 16384

static void set_clear(void *opaque)
{
    cxl_slice_set_end(opaque);
}

void cxl_slices_init(CxlSlices *s, const CxlSliceOps *ops, void *opaque)
{
    *s = (CxlSlices) {
        .host = { ops, opaque },
        .sets = g_array_new(false, false, sizeof(CxlSliceSet)),
    };
    g_array_set_clear_func(s->sets, set_clear);
}

void cxl_slices_destroy(CxlSlices *s)
{
    g_clear_pointer(&s->sets, g_array_unref);
}

static CxlSliceSet *set_at(const CxlSlices *s, unsigned n)
{
    return &g_array_index(s->sets, CxlSliceSet, n);
}

static int find(const CxlSlices *s, const void *device, uint64_t dpa,
                uint64_t len)
{
    for (unsigned i = 0; i < s->sets->len; i++) {
        if (cxl_slice_set_lender(set_at(s, i), device, dpa, len) >= 0) {
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

bool cxl_slices_has(const CxlSlices *s, const CxlSliceSet *set)
{
    const CxlSliceSet *is = cxl_slices_at(s, set->member[0].device,
                                          set->member[0].dpa);

    return is && !is->left && !is->zero && cxl_slice_set_same(is, set);
}

/* How many of @len bytes come before the first set, if not in one. */
static uint64_t free_run(const CxlSlices *s, const void *device, uint64_t dpa,
                         uint64_t len)
{
    for (unsigned i = 0; i < s->sets->len; i++) {
        int p = cxl_slice_set_lender(set_at(s, i), device, dpa, len);

        if (p >= 0) {
            len = set_at(s, i)->member[p].dpa - dpa;
        }
    }
    return len;
}

bool cxl_slices_rw(CxlSlices *s, void *device, uint64_t dpa, void *buf,
                   uint64_t len, bool is_write)
{
    const CxlSliceHost *h = &s->host;

    while (len) {
        int i = find(s, device, dpa, 1);
        uint64_t run;
        bool ok;

        if (i < 0) {
            run = free_run(s, device, dpa, len);
            ok = h->ops->rw(h->opaque, device, dpa, buf, run, is_write);
        } else {
            CxlSliceSet *set = set_at(s, i);
            unsigned p = cxl_slice_set_lender(set, device, dpa, 1);
            uint64_t off = dpa - set->member[p].dpa;

            run = MIN(len, set->len - off);
            ok = cxl_slice_set_rw(h, set, p, off, buf, run, is_write);
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

void cxl_slices_kept(const CxlSlices *s, void *device, uint64_t dpa,
                     uint64_t len, CxlSliceKeptFn *fn, void *opaque)
{
    while (len) {
        int i = find(s, device, dpa, 1);
        uint64_t run;

        if (i < 0) {
            run = free_run(s, device, dpa, len);
            fn(opaque, device, dpa, run);
        } else {
            const CxlSliceSet *set = set_at(s, i);
            unsigned p = cxl_slice_set_lender(set, device, dpa, 1);
            uint64_t off = dpa - set->member[p].dpa;

            run = MIN(len, set->len - off);
            cxl_slice_set_kept(set, s->host.ops->unit, p, off, run, fn,
                               opaque);
        }
        dpa += run;
        len -= run;
    }
}

/* --- moving --------------------------------------------------------------- */

static uint64_t goal_of(const CxlSlices *s, const CxlSliceSet *set,
                        bool adopt)
{
    return adopt ? 0 : cxl_slice_set_steps(set, s->host.ops->unit);
}

static bool record(CxlSlices *s, const CxlSliceSet *set)
{
    return !s->host.ops->moved || s->host.ops->moved(s->host.opaque, set);
}

/*
 * Steps that changed no byte are recorded together, at the end.  If the record
 * refuses them they are taken back, which changes no byte either, unless the
 * host's memory was written from elsewhere since: then a step may fail, and
 * the set stays where it is, which is as right.
 */
static bool record_steps(CxlSlices *s, CxlSliceSet *set, bool adopt,
                         uint64_t recorded)
{
    bool back = true;
    uint64_t bytes;

    if (set->left == recorded || record(s, set)) {
        return true;
    }
    while (back && set->left != recorded) {
        back = cxl_slice_set_step(&s->host, set, !adopt, &bytes);
    }
    return false;
}

static CxlSliceResult run_steps(CxlSlices *s, CxlSliceSet *set, bool adopt,
                                uint64_t *budget, uint64_t *moved)
{
    uint64_t goal = goal_of(s, set, adopt), recorded = set->left;
    bool ok = true;

    while (ok && *budget && set->left != goal) {
        uint64_t bytes;

        ok = cxl_slice_set_step(&s->host, set, adopt, &bytes);
        if (ok) {
            recorded = bytes ? set->left : recorded;
            *moved += bytes;
            *budget -= MIN(*budget, bytes + STEP_COST);
        }
    }
    ok &= record_steps(s, set, adopt, recorded);
    return !ok ? CXL_SLICE_FAILED :
           set->left == goal ? CXL_SLICE_DONE : CXL_SLICE_MORE;
}

/* Bytes that are all zero are in any order. */
static bool jump(CxlSlices *s, CxlSliceSet *set, bool adopt)
{
    uint64_t before = set->left;

    if (before != goal_of(s, set, !adopt) ||
        !cxl_slice_set_untouched(&s->host, set)) {
        return false;
    }
    set->left = goal_of(s, set, adopt);
    if (record(s, set)) {
        return true;
    }
    set->left = before;
    return false;
}

/* Some of the way to host order, or back */
static CxlSliceResult move(CxlSlices *s, CxlSliceSet *set, bool adopt,
                           uint64_t *budget, uint64_t *moved)
{
    CxlSliceResult result;

    if (!cxl_slice_set_settle(&s->host, set)) {
        return CXL_SLICE_FAILED;
    }
    if (set->left == goal_of(s, set, adopt) || jump(s, set, adopt)) {
        return CXL_SLICE_DONE;
    }
    if (!set->move && !cxl_slice_set_begin(set, s->host.ops->unit)) {
        return CXL_SLICE_FAILED;
    }
    result = run_steps(s, set, adopt, budget, moved);
    if (!set->left) {
        cxl_slice_set_end(set);
    }
    return result;
}

/* A set whose bytes are all in device order is none. */
static void drop_if_back(CxlSlices *s, unsigned n)
{
    if (set_at(s, n)->left == goal_of(s, set_at(s, n), false)) {
        g_array_remove_index(s->sets, n);
    }
}

CxlSliceResult cxl_slices_adopt(CxlSlices *s, const CxlSliceSet *set,
                                uint64_t budget, uint64_t *moved)
{
    int n = find(s, set->member[0].device, set->member[0].dpa, 1);
    CxlSliceResult result;

    if (n < 0) {
        CxlSliceSet new = *set;

        new.zero = 0;
        new.left = goal_of(s, &new, false);
        new.move = NULL;
        if (cxl_slice_set_problem(&new, s->host.ops->unit)) {
            return CXL_SLICE_FAILED;
        }
        n = s->sets->len;
        g_array_append_val(s->sets, new);
    }
    assert(cxl_slice_set_same(set_at(s, n), set));
    result = move(s, set_at(s, n), true, &budget, moved);
    drop_if_back(s, n);
    return result;
}

static CxlSliceResult release(CxlSlices *s, const void *device, uint64_t dpa,
                              uint64_t len, const CxlSliceSet *but,
                              uint64_t *budget, uint64_t *moved)
{
    CxlSliceResult result = CXL_SLICE_DONE;

    for (unsigned n = 0; result == CXL_SLICE_DONE && n < s->sets->len;) {
        CxlSliceSet *set = set_at(s, n);

        if (cxl_slice_set_lender(set, device, dpa, len) < 0 ||
            (but && cxl_slice_set_same(set, but))) {
            n++;
            continue;
        }
        result = move(s, set, false, budget, moved);
        drop_if_back(s, n);
    }
    return result;
}

CxlSliceResult cxl_slices_release(CxlSlices *s, const void *device,
                                  uint64_t dpa, uint64_t len, uint64_t budget,
                                  uint64_t *moved)
{
    return release(s, device, dpa, len, NULL, &budget, moved);
}

CxlSliceResult cxl_slices_make_room(CxlSlices *s, const CxlSliceSet *set,
                                    uint64_t budget, uint64_t *moved)
{
    CxlSliceResult result = CXL_SLICE_DONE;

    for (unsigned p = 0; result == CXL_SLICE_DONE &&
                         p < cxl_interleave_ways(set->iw); p++) {
        result = release(s, set->member[p].device, set->member[p].dpa,
                         set->len, set, &budget, moved);
    }
    return result;
}

void cxl_slices_replace(CxlSlices *s, const void *device, void *by)
{
    for (unsigned n = 0; n < s->sets->len; n++) {
        CxlSliceSet *set = set_at(s, n);

        for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
            if (set->member[p].device == device) {
                set->member[p].device = by;
            }
        }
    }
}

void cxl_slices_abandon(CxlSlices *s, const void *device)
{
    int n;

    while ((n = find(s, device, 0, UINT64_MAX)) >= 0) {
        g_array_remove_index(s->sets, n);
    }
}

/* --- wiping --------------------------------------------------------------- */

bool cxl_slices_zero(CxlSlices *s, const void *device, uint64_t dpa,
                     uint64_t len)
{
    int i = find(s, device, dpa, 1), p;
    CxlSliceSet *set;

    if (i < 0) {
        return false;
    }
    set = set_at(s, i);
    p = cxl_slice_set_lender(set, device, dpa, 1);
    if (set->member[p].dpa != dpa || set->len != len) {
        return false;
    }
    set->zero |= BIT(p);
    if (set->zero == MAKE_64BIT_MASK(0, cxl_interleave_ways(set->iw))) {
        cxl_slice_set_wipe(&s->host, set);
        set->zero = 0;
    }
    return true;
}

bool cxl_slices_settle(CxlSlices *s)
{
    bool ok = true;

    for (unsigned i = 0; i < s->sets->len; i++) {
        ok &= cxl_slice_set_settle(&s->host, set_at(s, i));
    }
    return ok;
}

/* --- what there may be ---------------------------------------------------- */

/* Does one of the first @n sets use storage of @set? */
static bool is_shared(const CxlSlices *s, unsigned n, const CxlSliceSet *set)
{
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        for (unsigned i = 0; i < n; i++) {
            if (cxl_slice_set_lender(set_at(s, i), set->member[p].device,
                                     set->member[p].dpa, set->len) >= 0) {
                return true;
            }
        }
    }
    return false;
}

const char *cxl_slices_check(const CxlSlices *s)
{
    for (unsigned n = 0; n < s->sets->len; n++) {
        const char *problem = cxl_slice_set_problem(set_at(s, n),
                                                    s->host.ops->unit);

        if (problem) {
            return problem;
        }
        if (is_shared(s, n, set_at(s, n))) {
            return "storage in two sets";
        }
        if (set_at(s, n)->left && !set_at(s, n)->move) {
            return "set on its way without a map";
        }
    }
    return NULL;
}

bool cxl_slices_append(CxlSlices *s, const CxlSliceSet *set)
{
    CxlSliceSet new = *set;

    new.move = NULL;
    if (cxl_slice_set_problem(&new, s->host.ops->unit) ||
        new.left == goal_of(s, &new, false) ||
        (new.left && !cxl_slice_set_begin(&new, s->host.ops->unit))) {
        return false;
    }
    g_array_append_val(s->sets, new);
    return true;
}

bool cxl_slices_restore(CxlSlices *s, const CxlSliceSet *set)
{
    return !is_shared(s, s->sets->len, set) && cxl_slices_append(s, set);
}

void cxl_slices_clear(CxlSlices *s)
{
    g_array_set_size(s->sets, 0);
}
