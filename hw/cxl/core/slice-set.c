/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One set of slice storage: the view of its bytes, and the steps that move
 * them.  The contract is in slice-set.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/slice-set.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlSliceSet) != 288 && sizeof(void *) == 8);

struct CxlSliceMove {
    uint32_t *where;    /* slot of each region unit */
    uint32_t *who;      /* region unit in each slot */
    uint32_t *partner;  /* what is swapped with each slot in its step */
};

/* Zeroes are left out of what is written in runs of this: a page of most */
#define WRITE_RUN 4096

/* A unit of the storage that a member lends */
typedef struct Place {
    unsigned position;
    uint64_t off;
} Place;

static unsigned ways_of(const CxlSliceSet *set)
{
    return cxl_interleave_ways(set->iw);
}

uint64_t cxl_slice_set_steps(const CxlSliceSet *set, uint64_t unit)
{
    return set->len / unit * (1 + ways_of(set));
}

int cxl_slice_set_lender(const CxlSliceSet *set, const void *device,
                         uint64_t dpa, uint64_t len)
{
    for (unsigned p = 0; p < ways_of(set); p++) {
        const CxlSliceMember *m = &set->member[p];

        if (m->device == device && dpa < m->dpa + set->len &&
            m->dpa < dpa + len) {
            return p;
        }
    }
    return -1;
}

bool cxl_slice_set_same(const CxlSliceSet *a, const CxlSliceSet *b)
{
    if (a->len != b->len || a->ig != b->ig || a->iw != b->iw) {
        return false;
    }
    for (unsigned p = 0; p < ways_of(a); p++) {
        if (a->member[p].device != b->member[p].device ||
            a->member[p].dpa != b->member[p].dpa) {
            return false;
        }
    }
    return true;
}

static const char *members_problem(const CxlSliceSet *set, uint64_t unit)
{
    for (unsigned p = 0; p < ways_of(set); p++) {
        const CxlSliceMember *m = &set->member[p];

        if (m->dpa % unit || m->dpa + set->len < m->dpa) {
            return "storage at a bad place";
        }
        if (cxl_slice_set_lender(set, m->device, m->dpa, set->len) !=
            (int)p) {
            return "member twice in a set";
        }
    }
    return NULL;
}

const char *cxl_slice_set_problem(const CxlSliceSet *set, uint64_t unit)
{
    if (!cxl_interleave_valid(set->ig, set->iw) || !set->iw ||
        cxl_interleave_bytes(set->ig) > unit) {
        return "set with bad codes";
    }
    if (!set->len || set->len % unit ||
        set->len / unit > UINT32_MAX / CXL_INTERLEAVE_WAYS_MAX) {
        return "set with bad length";
    }
    if (set->zero >> ways_of(set)) {
        return "set with zeroes that cannot be";
    }
    if (set->left > cxl_slice_set_steps(set, unit)) {
        return "set with more steps than it has";
    }
    return members_problem(set, unit);
}

/* --- where things are ----------------------------------------------------- */

static uint64_t units_of(const CxlSliceSet *set, uint64_t unit)
{
    return set->len / unit * ways_of(set);
}

static void swap_slots(CxlSliceMove *mv, uint32_t a, uint32_t b)
{
    uint32_t in_a = mv->who[a], in_b = mv->who[b];

    mv->who[a] = in_b;
    mv->who[b] = in_a;
    mv->where[in_a] = b;
    mv->where[in_b] = a;
}

/* As after the first K steps */
static void unit_order(CxlSliceMove *mv, uint64_t k, unsigned ways)
{
    for (uint32_t g = 0; g < k * ways; g++) {
        mv->where[g] = g % ways * k + g / ways;
        mv->who[mv->where[g]] = g;
    }
}

bool cxl_slice_set_begin(CxlSliceSet *set, uint64_t unit)
{
    uint64_t k = set->len / unit, n = units_of(set, unit);
    uint64_t done = cxl_slice_set_steps(set, unit) - set->left;
    uint32_t *tables;

    tables = g_try_malloc_n(3 * n, sizeof(*tables));
    if (!tables) {
        return false;
    }
    set->move = g_new(CxlSliceMove, 1);
    *set->move = (CxlSliceMove) { tables, tables + n, tables + 2 * n };
    unit_order(set->move, k, ways_of(set));
    for (uint32_t i = 0; i < n; i++) {
        set->move->partner[i] = set->move->where[i];
        swap_slots(set->move, i, set->move->partner[i]);
    }
    unit_order(set->move, k, ways_of(set));
    for (uint32_t i = 0; i + k < done; i++) {
        swap_slots(set->move, i, set->move->partner[i]);
    }
    return true;
}

void cxl_slice_set_end(CxlSliceSet *set)
{
    if (set->move) {
        g_free(set->move->where);
        g_clear_pointer(&set->move, g_free);
    }
}

/*
 * The byte at @off of position @p in device order: the position of the member
 * that keeps it, and *@at in what that lends.
 */
static unsigned place(const CxlSliceSet *set, uint64_t unit, unsigned p,
                      uint64_t off, uint64_t *at)
{
    uint64_t k = set->len / unit;
    uint64_t done = cxl_slice_set_steps(set, unit) - set->left;
    uint64_t region = cxl_interleave_to_hpa(off, p, set->ig, set->iw);
    uint32_t slot;

    if (!set->left) {
        *at = region % set->len;
        return region / set->len;
    }
    if (off / unit >= done) {
        *at = off;
        return p;
    }
    slot = set->move->where[region / unit];
    *at = slot % k * unit + region % unit;
    return slot / k;
}

static bool member_rw(const CxlSliceHost *h, const CxlSliceSet *set,
                      unsigned p, uint64_t at, void *buf, uint64_t len,
                      bool is_write)
{
    const CxlSliceMember *m = &set->member[p];

    return h->ops->rw(h->opaque, m->device, m->dpa + at, buf, len, is_write);
}

static bool device_rw(const CxlSliceHost *h, const CxlSliceSet *set,
                      unsigned p, uint64_t off, void *buf, uint64_t len,
                      bool is_write)
{
    uint64_t chunk = cxl_interleave_bytes(set->ig);

    while (len) {
        uint64_t run = MIN(len, chunk - off % chunk), at;
        unsigned m = place(set, h->ops->unit, p, off, &at);

        if (!member_rw(h, set, m, at, buf, run, is_write)) {
            return false;
        }
        off += run;
        buf = (uint8_t *)buf + run;
        len -= run;
    }
    return true;
}

bool cxl_slice_set_rw(const CxlSliceHost *h, CxlSliceSet *set, unsigned p,
                      uint64_t off, void *buf, uint64_t len, bool is_write)
{
    if (!(set->zero & BIT(p))) {
        return device_rw(h, set, p, off, buf, len, is_write);
    }
    if (is_write) {
        return cxl_slice_set_settle(h, set) &&
               device_rw(h, set, p, off, buf, len, true);
    }
    memset(buf, 0, len);
    return true;
}

/* Of each position what lies between two places of the region */
static void kept_region(const CxlSliceSet *set, uint64_t region, uint64_t len,
                        CxlSliceKeptFn *fn, void *opaque)
{
    uint64_t chunk = cxl_interleave_bytes(set->ig), end = region + len;
    uint64_t first = region / chunk, last = (end - 1) / chunk;

    /* So many chunks one after the other are one of each position. */
    for (uint64_t n = first; n <= last && n < first + ways_of(set); n++) {
        unsigned p = cxl_interleave_position(n * chunk, set->ig, set->iw);
        uint64_t m = last, from, to;

        while (cxl_interleave_position(m * chunk, set->ig, set->iw) != p) {
            m--;
        }
        from = cxl_interleave_to_dpa(MAX(region, n * chunk), set->ig, set->iw);
        to = cxl_interleave_to_dpa(MIN(end, (m + 1) * chunk) - 1, set->ig,
                                   set->iw) + 1;
        if (!(set->zero & BIT(p))) {
            fn(opaque, set->member[p].device, set->member[p].dpa + from,
               to - from);
        }
    }
}

void cxl_slice_set_kept(const CxlSliceSet *set, uint64_t unit, unsigned p,
                        uint64_t off, uint64_t len, CxlSliceKeptFn *fn,
                        void *opaque)
{
    uint64_t done = cxl_slice_set_steps(set, unit) - set->left;

    if (!set->left) {
        kept_region(set, p * set->len + off, len, fn, opaque);
        return;
    }
    while (len) {
        uint64_t run = MIN(len, unit - off % unit);

        if (off / unit < done) {
            uint64_t slot = (p * set->len + off) / unit;

            kept_region(set, set->move->who[slot] * unit + off % unit, run, fn,
                        opaque);
        } else if (!(set->zero & BIT(p))) {
            fn(opaque, set->member[p].device, set->member[p].dpa + off, run);
        }
        off += run;
        len -= run;
    }
}

/* --- what is touched ------------------------------------------------------ */

/* The next touched run from *@off up to @end of what position @p lends. */
static bool next_touched(const CxlSliceHost *h, const CxlSliceSet *set,
                         unsigned p, uint64_t *off, uint64_t end,
                         uint64_t *run)
{
    const CxlSliceMember *m = &set->member[p];
    uint64_t start;

    if (*off >= end || !h->ops->touched(h->opaque, m->device, m->dpa + *off,
                                        end - *off, &start, run)) {
        return false;
    }
    assert(start >= m->dpa + *off && *run && start - m->dpa + *run <= end);
    *off = start - m->dpa;
    return true;
}

static void empty(const CxlSliceHost *h, const CxlSliceSet *set, unsigned p,
                  uint64_t off, uint64_t len)
{
    uint64_t end = off + len, run;

    while (next_touched(h, set, p, &off, end, &run)) {
        h->ops->discard(h->opaque, set->member[p].device,
                        set->member[p].dpa + off, run);
        off += run;
    }
}

bool cxl_slice_set_untouched(const CxlSliceHost *h, const CxlSliceSet *set)
{
    for (unsigned p = 0; p < ways_of(set); p++) {
        uint64_t off = 0, run;

        if (next_touched(h, set, p, &off, set->len, &run)) {
            return false;
        }
    }
    return true;
}

void cxl_slice_set_wipe(const CxlSliceHost *h, const CxlSliceSet *set)
{
    for (unsigned p = 0; p < ways_of(set); p++) {
        empty(h, set, p, 0, set->len);
    }
}

/* The position whose byte is kept at @off of what position @p lends */
static unsigned owner_at(const CxlSliceSet *set, uint64_t unit, unsigned p,
                         uint64_t off)
{
    uint64_t region = p * set->len + off;

    if (set->left) {
        if (off / unit >= cxl_slice_set_steps(set, unit) - set->left) {
            return p;
        }
        region = set->move->who[region / unit] * unit + off % unit;
    }
    return cxl_interleave_position(region, set->ig, set->iw);
}

/* The chunks of zeroed members in a run of storage */
static bool settle_run(const CxlSliceHost *h, const CxlSliceSet *set,
                       unsigned p, uint64_t off, uint64_t len)
{
    static const uint8_t zeroes[256 << CXL_INTERLEAVE_IG_MAX];
    uint64_t chunk = cxl_interleave_bytes(set->ig);

    while (len) {
        uint64_t run = MIN(len, chunk - off % chunk);

        if (set->zero & BIT(owner_at(set, h->ops->unit, p, off)) &&
            !member_rw(h, set, p, off, (void *)zeroes, run, true)) {
            return false;
        }
        off += run;
        len -= run;
    }
    return true;
}

bool cxl_slice_set_settle(const CxlSliceHost *h, CxlSliceSet *set)
{
    for (unsigned p = 0; set->zero && p < ways_of(set); p++) {
        uint64_t off = 0, run;

        while (next_touched(h, set, p, &off, set->len, &run)) {
            if (!settle_run(h, set, p, off, run)) {
                return false;
            }
            off += run;
        }
    }
    set->zero = 0;
    return true;
}

/* --- steps ---------------------------------------------------------------- */

/* The number of the next step, counted from device order */
static uint64_t step_number(const CxlSliceSet *set, uint64_t unit, bool adopt)
{
    uint64_t done = cxl_slice_set_steps(set, unit) - set->left;

    return adopt ? done : done - 1;
}

static Place slot_place(const CxlSliceSet *set, uint64_t unit, uint32_t slot)
{
    uint64_t k = set->len / unit;

    return (Place) { slot / k, slot % k * unit };
}

/* All units that a step changes; returns how many. */
static unsigned step_places(const CxlSliceSet *set, uint64_t unit,
                            uint64_t step, Place *out)
{
    uint64_t k = set->len / unit;
    uint32_t partner;

    if (step < k) {
        for (unsigned p = 0; p < ways_of(set); p++) {
            out[p] = (Place) { p, step * unit };
        }
        return ways_of(set);
    }
    partner = set->move->partner[step - k];
    if (partner == step - k) {
        return 0;
    }
    out[0] = slot_place(set, unit, step - k);
    out[1] = slot_place(set, unit, partner);
    return 2;
}

static void saved_clear(void *opaque)
{
    g_free(((CxlSliceSaved *)opaque)->bytes);
}

static bool save_unit(const CxlSliceHost *h, const CxlSliceSet *set,
                      Place at, GArray *saved, uint64_t *bytes)
{
    uint64_t off = at.off, end = off + h->ops->unit, run;

    while (next_touched(h, set, at.position, &off, end, &run)) {
        CxlSliceSaved one = {
            .position = at.position, .off = off, .len = run,
            .bytes = g_try_malloc(run),
        };

        if (!one.bytes) {
            return false;
        }
        g_array_append_val(saved, one);
        if (!member_rw(h, set, at.position, off, one.bytes, run, false)) {
            return false;
        }
        *bytes += run;
        off += run;
    }
    return true;
}

/* All that is touched in some places, copied out; NULL on failure. */
static GArray *save_places(const CxlSliceHost *h, const CxlSliceSet *set,
                           const Place *at, unsigned n, uint64_t *bytes)
{
    GArray *saved = g_array_new(false, false, sizeof(CxlSliceSaved));

    g_array_set_clear_func(saved, saved_clear);
    *bytes = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!save_unit(h, set, at[i], saved, bytes)) {
            g_array_unref(saved);
            return NULL;
        }
    }
    return saved;
}

/* Bytes at @region of the region, to where device order has them */
static bool scatter(const CxlSliceHost *h, const CxlSliceSet *set,
                    uint64_t region, uint8_t *bytes, uint64_t len)
{
    uint64_t chunk = cxl_interleave_bytes(set->ig);

    while (len) {
        uint64_t run = MIN(len, chunk - region % chunk);

        if (!member_rw(h, set,
                       cxl_interleave_position(region, set->ig, set->iw),
                       cxl_interleave_to_dpa(region, set->ig, set->iw), bytes,
                       run, true)) {
            return false;
        }
        region += run;
        bytes += run;
        len -= run;
    }
    return true;
}

/*
 * Where the byte at @off of position @p is after a step that puts one unit of
 * each member in order: counted through those units.
 */
static uint64_t place_after(const CxlSliceSet *set, uint64_t unit, bool adopt,
                            unsigned p, uint64_t off)
{
    unsigned ways = ways_of(set);
    uint64_t region;

    if (adopt) {
        region = cxl_interleave_to_hpa(off, p, set->ig, set->iw);
        return region / unit % ways * unit + region % unit;
    }
    region = (off / unit * ways + p) * unit + off % unit;
    return cxl_interleave_position(region, set->ig, set->iw) * unit +
           cxl_interleave_to_dpa(region, set->ig, set->iw) % unit;
}

/* What was saved, in the order of after the step: one unit for each way */
static void reorder(const CxlSliceSet *set, uint64_t unit, bool adopt,
                    const GArray *saved, uint8_t *out)
{
    uint64_t chunk = cxl_interleave_bytes(set->ig);

    for (unsigned i = 0; i < saved->len; i++) {
        const CxlSliceSaved *one = &g_array_index(saved, CxlSliceSaved, i);
        uint64_t done = 0;

        while (done < one->len) {
            uint64_t off = one->off + done;
            uint64_t run = MIN(one->len - done, chunk - off % chunk);

            memcpy(out + place_after(set, unit, adopt, one->position, off),
                   one->bytes + done, run);
            done += run;
        }
    }
}

/* Storage that reads zero already is left alone where @bytes are zero, too. */
static bool write_unit(const CxlSliceHost *h, const CxlSliceSet *set,
                       const Place *at, uint8_t *bytes, bool all)
{
    static const uint8_t zeroes[WRITE_RUN];
    uint64_t run = all ? h->ops->unit : MIN(WRITE_RUN, h->ops->unit);

    for (uint64_t done = 0; done < h->ops->unit; done += run) {
        if ((all || memcmp(bytes + done, zeroes, run)) &&
            !member_rw(h, set, at->position, at->off + done, bytes + done,
                       run, true)) {
            return false;
        }
    }
    return true;
}

static bool write_units(const CxlSliceHost *h, const CxlSliceSet *set,
                        bool adopt, const Place *at, unsigned n,
                        const GArray *saved, bool all)
{
    uint64_t unit = h->ops->unit;
    g_autofree uint8_t *out = g_try_malloc0_n(n, unit);

    if (!out) {
        return false;
    }
    reorder(set, unit, adopt, saved, out);
    for (unsigned i = 0; i < n; i++) {
        if (!write_unit(h, set, &at[i], out + i * unit, all)) {
            return false;
        }
    }
    return true;
}

/* Two units change places: each range goes to the other of @at. */
static bool write_swapped(const CxlSliceHost *h, const CxlSliceSet *set,
                          const Place *at, const GArray *saved)
{
    uint64_t unit = h->ops->unit;

    for (unsigned i = 0; i < saved->len; i++) {
        const CxlSliceSaved *one = &g_array_index(saved, CxlSliceSaved, i);
        uint64_t within = one->off % unit;
        const Place *to = one->position == at[0].position &&
                          one->off - within == at[0].off ? &at[1] : &at[0];

        if (!member_rw(h, set, to->position, to->off + within, one->bytes,
                       one->len, true)) {
            return false;
        }
    }
    return true;
}

static void empty_places(const CxlSliceHost *h, const CxlSliceSet *set,
                         const Place *at, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        empty(h, set, at[i].position, at[i].off, h->ops->unit);
    }
}

/* As it was before the step; false if bytes were lost. */
static bool put_back(const CxlSliceHost *h, const CxlSliceSet *set,
                     const Place *at, unsigned n, const GArray *saved)
{
    bool ok = true;

    empty_places(h, set, at, n);
    for (unsigned i = 0; i < saved->len; i++) {
        const CxlSliceSaved *one = &g_array_index(saved, CxlSliceSaved, i);

        if (!member_rw(h, set, one->position, one->off, one->bytes, one->len,
                       true)) {
            if (h->ops->lost) {
                h->ops->lost(h->opaque, set, one->position, one->off,
                             one->len);
            }
            ok = false;
        }
    }
    return ok;
}

static bool move_bytes(const CxlSliceHost *h, const CxlSliceSet *set,
                       uint64_t step, bool adopt, const Place *at, unsigned n,
                       const GArray *saved, uint64_t bytes)
{
    bool all = bytes == n * h->ops->unit;

    if (h->ops->moving && !h->ops->moving(h->opaque, set, adopt, saved)) {
        return false;
    }
    /* What is written in full needs no emptying before. */
    if (!all) {
        empty_places(h, set, at, n);
    }
    if (step < set->len / h->ops->unit ?
        write_units(h, set, adopt, at, n, saved, all) :
        write_swapped(h, set, at, saved)) {
        return true;
    }
    /* A record that knows what was lost keeps it for a repair. */
    if (put_back(h, set, at, n, saved) && h->ops->moved) {
        h->ops->moved(h->opaque, set);
    }
    return false;
}

bool cxl_slice_set_step(const CxlSliceHost *h, CxlSliceSet *set, bool adopt,
                        uint64_t *bytes)
{
    uint64_t unit = h->ops->unit, k = set->len / unit;
    uint64_t step = step_number(set, unit, adopt);
    Place at[CXL_INTERLEAVE_WAYS_MAX];
    unsigned n = step_places(set, unit, step, at);
    g_autoptr(GArray) saved = save_places(h, set, at, n, bytes);

    if (!saved || (saved->len &&
                   !move_bytes(h, set, step, adopt, at, n, saved,
                               *bytes))) {
        return false;
    }
    if (step >= k) {
        swap_slots(set->move, step - k, set->move->partner[step - k]);
    }
    set->left += adopt ? -1 : 1;
    if (saved->len && h->ops->moved) {
        h->ops->moved(h->opaque, set);
    }
    return true;
}

static bool in_places(const CxlSliceSaved *one, const Place *at, unsigned n,
                      uint64_t unit)
{
    for (unsigned i = 0; i < n; i++) {
        if (one->position == at[i].position && one->off >= at[i].off &&
            one->len <= unit && one->off - at[i].off <= unit - one->len) {
            return true;
        }
    }
    return false;
}

bool cxl_slice_set_undo(const CxlSliceHost *h, CxlSliceSet *set, bool adopt,
                        const GArray *saved)
{
    Place at[CXL_INTERLEAVE_WAYS_MAX];
    unsigned n = step_places(set, h->ops->unit,
                             step_number(set, h->ops->unit, adopt), at);

    for (unsigned i = 0; i < saved->len; i++) {
        if (!in_places(&g_array_index(saved, CxlSliceSaved, i), at, n,
                       h->ops->unit)) {
            return false;
        }
    }
    return put_back(h, set, at, n, saved);
}

bool cxl_slice_set_put(const CxlSliceHost *h, const CxlSliceSet *set,
                       bool host_order, const CxlSliceSaved *one)
{
    return host_order ?
           scatter(h, set, one->position * set->len + one->off, one->bytes,
                   one->len) :
           member_rw(h, set, one->position, one->off, one->bytes, one->len,
                     true);
}
