/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of memory in host order: headers, journal, repair.  The contract
 * is in layout.h.
 *
 * Everything is little-endian.  A header:
 *   0 magic   16 generation   24 checksum of the header without it
 *   32 number of sets (u32)   36 move (u32)   40 bytes of journal
 *   64 the set that moves, if one does, then the others, 272 bytes each:
 *      length (u64), ig, iw (u8), steps left (48 bits), 16 times serial number
 *      and DPA
 * A journal entry: position (u32), 4 bytes, offset, length (u64), bytes.
 *
 * Files of before there were steps have MAGIC and no set with steps left; a
 * program of then must not take a file for one of those that says more.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/layout.h"

/* Whoever adds a field decides whether it has to be in the file. */
QEMU_BUILD_BUG_ON(sizeof(CxlLayoutSet) != 280);

#define MAGIC       "memfab layout 1\n"
#define MAGIC_STEPS "memfab layout 2\n"
#define MAGIC_LEN   16
#define AT_GEN      16
#define AT_SUM      24
#define AT_COUNT    32
#define AT_MOVE     36
#define AT_JOURNAL  40
#define AT_SETS     64
#define SET_LEN     272
#define SET_CODES   8
#define SET_LEFT    10
#define SET_LEFT_LEN 6
#define SET_MEMBERS 16
#define ENTRY_LEN   24

QEMU_BUILD_BUG_ON(AT_SETS + (CXL_LAYOUT_SETS + 1) * SET_LEN >
                  CXL_LAYOUT_HEADER);

CxlLayoutSet cxl_layout_describe(const CxlSliceSet *set,
                                 uint64_t (*number)(const void *device))
{
    CxlLayoutSet out = {
        .len = set->len, .ig = set->ig, .iw = set->iw, .left = set->left,
    };

    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        out.member[p].sn = number(set->member[p].device);
        out.member[p].dpa = set->member[p].dpa;
    }
    return out;
}

/* FNV-1a, with the checksum itself taken for zero */
static uint64_t checksum(const uint8_t *header)
{
    uint64_t sum = 0xcbf29ce484222325ull;

    for (unsigned i = 0; i < CXL_LAYOUT_HEADER; i++) {
        sum ^= i >= AT_SUM && i < AT_SUM + 8 ? 0 : header[i];
        sum *= 0x100000001b3ull;
    }
    return sum;
}

static void encode_set(uint8_t *p, const CxlLayoutSet *set)
{
    stq_le_p(p, set->len);
    p[SET_CODES] = set->ig;
    p[SET_CODES + 1] = set->iw;
    stn_le_p(p + SET_LEFT, 4, set->left);
    stn_le_p(p + SET_LEFT + 4, SET_LEFT_LEN - 4, set->left >> 32);
    for (unsigned i = 0; i < CXL_INTERLEAVE_WAYS_MAX; i++) {
        stq_le_p(p + SET_MEMBERS + 16 * i, set->member[i].sn);
        stq_le_p(p + SET_MEMBERS + 16 * i + 8, set->member[i].dpa);
    }
}

static void decode_set(const uint8_t *p, CxlLayoutSet *set)
{
    *set = (CxlLayoutSet) {
        .len = ldq_le_p(p), .ig = p[SET_CODES], .iw = p[SET_CODES + 1],
        .left = ldl_le_p(p + SET_LEFT) |
                (uint64_t)lduw_le_p(p + SET_LEFT + 4) << 32,
    };
    for (unsigned i = 0; i < CXL_INTERLEAVE_WAYS_MAX; i++) {
        set->member[i].sn = ldq_le_p(p + SET_MEMBERS + 16 * i);
        set->member[i].dpa = ldq_le_p(p + SET_MEMBERS + 16 * i + 8);
    }
}

/* Something that stands for the device of a number, to be compared */
static void *stand_in(GArray *numbers, uint64_t sn)
{
    unsigned i = 0;

    while (i < numbers->len && g_array_index(numbers, uint64_t, i) != sn) {
        i++;
    }
    if (i == numbers->len) {
        g_array_append_val(numbers, sn);
    }
    return (void *)(uintptr_t)(i + 1);
}

/* May a set look like that, beside those in @others?  It is added to them. */
static bool fits(CxlSlices *others, GArray *numbers, const CxlLayoutSet *in)
{
    CxlSliceSet set = {
        .len = in->len, .ig = in->ig, .iw = in->iw, .left = in->left,
    };

    for (unsigned p = 0; p < CXL_INTERLEAVE_WAYS_MAX; p++) {
        set.member[p] = (CxlSliceMember) {
            stand_in(numbers, in->member[p].sn), in->member[p].dpa,
        };
    }
    if (cxl_slice_set_problem(&set, others->host.ops->unit)) {
        return false;
    }
    set.left = 0;
    return cxl_slices_restore(others, &set);
}

static uint64_t steps_of(const CxlLayout *l, const CxlLayoutSet *in)
{
    CxlSliceSet set = { .len = in->len, .iw = in->iw };

    return cxl_slice_set_steps(&set, l->ops->unit);
}

/* Can a set in that state be moving in that way? */
static bool may_be_moving(const CxlLayout *l)
{
    uint64_t left = l->moving.left;

    switch (l->move) {
    case CXL_LAYOUT_STEP_ADOPT:
        return left > 0;
    case CXL_LAYOUT_STEP_RELEASE:
        return left < steps_of(l, &l->moving);
    default:
        return left == 0;
    }
}

/* All sets together, as if they were to be adopted */
static bool plausible(const CxlLayout *l)
{
    const CxlSliceOps ops = { .unit = l->ops->unit };
    g_autoptr(GArray) numbers = g_array_new(false, false, sizeof(uint64_t));
    CxlSlices all;
    bool ok;

    cxl_slices_init(&all, &ops, NULL);
    ok = l->move == CXL_LAYOUT_STILL ||
         (fits(&all, numbers, &l->moving) && may_be_moving(l));
    for (unsigned i = 0; ok && i < l->sets->len; i++) {
        const CxlLayoutSet *set = &g_array_index(l->sets, CxlLayoutSet, i);

        ok = fits(&all, numbers, set) && set->left < steps_of(l, set);
    }
    cxl_slices_destroy(&all);
    return ok;
}

static bool has_steps(const CxlLayout *l)
{
    bool steps = l->move > CXL_LAYOUT_RELEASE;

    for (unsigned i = 0; i < l->sets->len; i++) {
        steps |= g_array_index(l->sets, CxlLayoutSet, i).left != 0;
    }
    return steps;
}

/* Write the state as it is in memory into the older header. */
static bool write_header(CxlLayout *l)
{
    g_autofree uint8_t *header = g_malloc0(CXL_LAYOUT_HEADER);
    uint8_t *p = header + AT_SETS;

    memcpy(header, has_steps(l) ? MAGIC_STEPS : MAGIC, MAGIC_LEN);
    stq_le_p(header + AT_GEN, l->generation + 1);
    stl_le_p(header + AT_COUNT, l->sets->len);
    stl_le_p(header + AT_MOVE, l->move);
    stq_le_p(header + AT_JOURNAL, l->journal);
    if (l->move != CXL_LAYOUT_STILL) {
        encode_set(p, &l->moving);
        p += SET_LEN;
    }
    for (unsigned i = 0; i < l->sets->len; i++, p += SET_LEN) {
        encode_set(p, &g_array_index(l->sets, CxlLayoutSet, i));
    }
    stq_le_p(header + AT_SUM, checksum(header));
    if (!l->ops->write(l->opaque, (l->generation + 1) % 2 * CXL_LAYOUT_HEADER,
                       header, CXL_LAYOUT_HEADER)) {
        return false;
    }
    l->generation++;
    l->late = false;
    return true;
}

static bool intact(const uint8_t *header)
{
    return (!memcmp(header, MAGIC, MAGIC_LEN) ||
            !memcmp(header, MAGIC_STEPS, MAGIC_LEN)) &&
           ldq_le_p(header + AT_SUM) == checksum(header);
}

static const char *decode_header(CxlLayout *l, const uint8_t *header)
{
    uint32_t count = ldl_le_p(header + AT_COUNT);
    uint32_t move = ldl_le_p(header + AT_MOVE);
    const uint8_t *p = header + AT_SETS;

    if (count > CXL_LAYOUT_SETS || move > CXL_LAYOUT_STEP_RELEASE) {
        return "is damaged";
    }
    l->generation = ldq_le_p(header + AT_GEN);
    l->journal = ldq_le_p(header + AT_JOURNAL);
    l->move = move;
    if (move != CXL_LAYOUT_STILL) {
        decode_set(p, &l->moving);
        p += SET_LEN;
    }
    for (uint32_t i = 0; i < count; i++, p += SET_LEN) {
        CxlLayoutSet set;

        decode_set(p, &set);
        g_array_append_val(l->sets, set);
    }
    return plausible(l) ? NULL : "is damaged";
}

/*
 * A file without any header is ours to take only if it is empty, or if we
 * ourselves died while making it: then it is a beginning of the first header,
 * and was of no use to anybody yet.
 */
static bool may_create(CxlLayout *l)
{
    uint8_t start[MAGIC_LEN], byte;

    return !l->ops->read(l->opaque, 0, &byte, 1) ||
           (l->ops->read(l->opaque, 0, start, sizeof(start)) &&
            !memcmp(start, MAGIC, MAGIC_LEN) &&
            !l->ops->read(l->opaque, CXL_LAYOUT_JOURNAL - 1, &byte, 1));
}

/* Both headers, so that there is room for them whatever happens later */
static const char *create(CxlLayout *l)
{
    if (!may_create(l)) {
        return "is not a layout file";
    }
    l->generation = 1;
    for (unsigned i = 0; i < 2; i++) {
        if (!write_header(l)) {
            return "cannot be written";
        }
    }
    return NULL;
}

static const char *load(CxlLayout *l)
{
    g_autofree uint8_t *header = g_malloc0(2 * CXL_LAYOUT_HEADER);
    const uint8_t *newest = NULL;

    for (unsigned i = 0; i < 2; i++) {
        uint8_t *h = header + i * CXL_LAYOUT_HEADER;

        if (l->ops->read(l->opaque, i * CXL_LAYOUT_HEADER, h,
                         CXL_LAYOUT_HEADER) && intact(h) &&
            (!newest || ldq_le_p(h + AT_GEN) > ldq_le_p(newest + AT_GEN))) {
            newest = h;
        }
    }
    return newest ? decode_header(l, newest) : create(l);
}

const char *cxl_layout_open(CxlLayout *l, const CxlLayoutOps *ops,
                            void *opaque)
{
    const char *problem;

    *l = (CxlLayout) {
        .ops = ops, .opaque = opaque,
        .sets = g_array_new(false, false, sizeof(CxlLayoutSet)),
    };
    problem = load(l);
    if (problem) {
        cxl_layout_close(l);
    }
    return problem;
}

void cxl_layout_close(CxlLayout *l)
{
    g_clear_pointer(&l->sets, g_array_unref);
}

bool cxl_layout_used(const CxlLayout *l)
{
    return l->sets->len || l->move != CXL_LAYOUT_STILL;
}

static bool write_entry(CxlLayout *l, const CxlSliceSaved *one)
{
    uint8_t entry[ENTRY_LEN] = { 0 };
    uint64_t at = CXL_LAYOUT_JOURNAL + l->journal;

    stl_le_p(entry, one->position);
    stq_le_p(entry + 8, one->off);
    stq_le_p(entry + 16, one->len);
    l->journal += ENTRY_LEN + one->len;
    return l->ops->write(l->opaque, at, entry, ENTRY_LEN) &&
           l->ops->write(l->opaque, at + ENTRY_LEN, one->bytes, one->len);
}

static bool write_journal(CxlLayout *l, const GArray *saved)
{
    for (unsigned i = 0; i < saved->len; i++) {
        if (!write_entry(l, &g_array_index(saved, CxlSliceSaved, i))) {
            return false;
        }
    }
    return true;
}

/* However far each is */
static bool same_set(const CxlLayoutSet *a, const CxlLayoutSet *b)
{
    if (a->len != b->len || a->ig != b->ig || a->iw != b->iw) {
        return false;
    }
    for (unsigned p = 0; p < cxl_interleave_ways(a->iw); p++) {
        if (a->member[p].sn != b->member[p].sn ||
            a->member[p].dpa != b->member[p].dpa) {
            return false;
        }
    }
    return true;
}

/* The number of the same set, or -1 */
static int find_set(const CxlLayout *l, const CxlLayoutSet *set)
{
    for (unsigned i = 0; i < l->sets->len; i++) {
        if (same_set(&g_array_index(l->sets, CxlLayoutSet, i), set)) {
            return i;
        }
    }
    return -1;
}

/* The header says "still" until here, so the journal means nothing yet. */
static void give_up(CxlLayout *l)
{
    l->move = CXL_LAYOUT_STILL;
    l->journal = 0;
    l->ops->truncate(l->opaque, CXL_LAYOUT_JOURNAL);
}

static bool full(const CxlLayout *l, const CxlLayoutSet *set)
{
    return find_set(l, set) < 0 && l->sets->len == CXL_LAYOUT_SETS;
}

/* Have the header say that the step is made now. */
static bool announce(CxlLayout *l, const CxlLayoutSet *set, bool adopt)
{
    int n = find_set(l, set);
    CxlLayoutSet was;

    l->move = adopt ? CXL_LAYOUT_STEP_ADOPT : CXL_LAYOUT_STEP_RELEASE;
    l->moving = *set;
    if (n >= 0) {
        was = g_array_index(l->sets, CxlLayoutSet, n);
        g_array_remove_index(l->sets, n);
    }
    if (write_header(l)) {
        return true;
    }
    if (n >= 0) {
        g_array_append_val(l->sets, was);
    }
    return false;
}

bool cxl_layout_begin(CxlLayout *l, const CxlLayoutSet *set, bool adopt,
                      const GArray *saved)
{
    if (l->move != CXL_LAYOUT_STILL || full(l, set)) {
        return false;
    }
    /* The last step's journal must not be needed any more. */
    if (l->late && !write_header(l)) {
        return false;
    }
    l->journal = 0;
    if (!write_journal(l, saved) || !announce(l, set, adopt)) {
        give_up(l);
        return false;
    }
    return true;
}

/* How far it is now; in device order there is nothing to say. */
static void note(CxlLayout *l, const CxlLayoutSet *set)
{
    int n = find_set(l, set);

    if (n >= 0) {
        g_array_remove_index(l->sets, n);
    }
    if (set->left < steps_of(l, set)) {
        g_array_append_val(l->sets, *set);
    }
}

static bool note_still(CxlLayout *l, const CxlLayoutSet *set)
{
    g_autoptr(GArray) before = g_array_copy(l->sets);

    if (full(l, set)) {
        return false;
    }
    note(l, set);
    if (!write_header(l)) {
        g_array_set_size(l->sets, 0);
        g_array_append_vals(l->sets, before->data, before->len);
        return false;
    }
    return true;
}

bool cxl_layout_end(CxlLayout *l, const CxlLayoutSet *set)
{
    if (l->move == CXL_LAYOUT_STILL) {
        return note_still(l, set);
    }
    note(l, set);
    l->move = CXL_LAYOUT_STILL;
    l->journal = 0;
    l->late = true;
    /* A journal that stays is overwritten by the next one. */
    return write_header(l) && l->ops->truncate(l->opaque, CXL_LAYOUT_JOURNAL);
}

bool cxl_layout_replace(CxlLayout *l, const GArray *sets)
{
    if (sets->len > CXL_LAYOUT_SETS) {
        return false;
    }
    g_array_set_size(l->sets, 0);
    g_array_append_vals(l->sets, sets->data, sets->len);
    l->move = CXL_LAYOUT_STILL;
    l->journal = 0;
    return write_header(l);
}

/* With devices; false if one is missing, and *@sn says which. */
static bool resolve(const CxlLayoutSet *in, CxlLayoutFind *find, void *opaque,
                    CxlSliceSet *out, uint64_t *sn)
{
    *out = (CxlSliceSet) {
        .len = in->len, .ig = in->ig, .iw = in->iw, .left = in->left,
    };
    for (unsigned p = 0; p < cxl_interleave_ways(in->iw); p++) {
        *sn = in->member[p].sn;
        out->member[p] = (CxlSliceMember) {
            find(opaque, *sn, in->member[p].dpa, in->len), in->member[p].dpa,
        };
        if (!out->member[p].device) {
            return false;
        }
    }
    return true;
}

bool cxl_layout_complete(const CxlLayout *l, CxlLayoutFind *find,
                         void *opaque, uint64_t *sn)
{
    CxlSliceSet set;

    for (unsigned i = 0; i < l->sets->len; i++) {
        if (!resolve(&g_array_index(l->sets, CxlLayoutSet, i), find, opaque,
                     &set, sn)) {
            return false;
        }
    }
    return l->move == CXL_LAYOUT_STILL ||
           resolve(&l->moving, find, opaque, &set, sn);
}

/* What comes before the bytes of an entry, checked against the set */
static bool read_entry(CxlLayout *l, uint64_t at, CxlSliceSaved *one)
{
    uint8_t entry[ENTRY_LEN];

    if (l->journal - at < ENTRY_LEN ||
        !l->ops->read(l->opaque, CXL_LAYOUT_JOURNAL + at, entry, ENTRY_LEN)) {
        return false;
    }
    one->position = ldl_le_p(entry);
    one->off = ldq_le_p(entry + 8);
    one->len = ldq_le_p(entry + 16);
    return one->position < cxl_interleave_ways(l->moving.iw) && one->len &&
           one->off <= l->moving.len &&
           one->len <= l->moving.len - one->off &&
           one->len <= l->journal - at - ENTRY_LEN;
}

/* Nothing may be overwritten for a journal that is not all there. */
static bool journal_whole(CxlLayout *l)
{
    uint64_t at = 0;

    while (at < l->journal) {
        CxlSliceSaved one;
        uint8_t last;

        if (!read_entry(l, at, &one)) {
            return false;
        }
        at += ENTRY_LEN + one.len;
        if (!l->ops->read(l->opaque, CXL_LAYOUT_JOURNAL + at - 1, &last, 1)) {
            return false;
        }
    }
    return true;
}

static bool read_bytes(CxlLayout *l, uint64_t at, CxlSliceSaved *one)
{
    one->bytes = g_try_malloc(one->len);
    if (one->bytes && l->ops->read(l->opaque, CXL_LAYOUT_JOURNAL + at +
                                   ENTRY_LEN, one->bytes, one->len)) {
        return true;
    }
    g_free(one->bytes);
    return false;
}

/* All of a set at once, whichever way it went: to device order now. */
static bool replay_all(CxlLayout *l, const CxlSliceHost *h,
                       const CxlSliceSet *set, uint64_t *moved)
{
    uint64_t at = 0;

    cxl_slice_set_wipe(h, set);
    while (at < l->journal) {
        CxlSliceSaved one;
        bool ok;

        if (!read_entry(l, at, &one) || !read_bytes(l, at, &one)) {
            return false;
        }
        ok = cxl_slice_set_put(h, set, l->move == CXL_LAYOUT_RELEASE, &one);
        g_free(one.bytes);
        if (!ok) {
            return false;
        }
        at += ENTRY_LEN + one.len;
        *moved += one.len;
    }
    l->moving.left = steps_of(l, &l->moving);
    return true;
}

static void saved_clear(void *opaque)
{
    g_free(((CxlSliceSaved *)opaque)->bytes);
}

/* One step: as it was before, whichever way it went. */
static bool replay_step(CxlLayout *l, const CxlSliceHost *h, CxlSliceSet *set,
                        uint64_t *moved)
{
    g_autoptr(GArray) saved = g_array_new(false, false,
                                          sizeof(CxlSliceSaved));
    uint64_t limit = cxl_interleave_ways(set->iw) * l->ops->unit;
    bool ok = true;

    g_array_set_clear_func(saved, saved_clear);
    for (uint64_t at = 0; at < l->journal;) {
        CxlSliceSaved one;

        if (!read_entry(l, at, &one) || one.len > limit ||
            !read_bytes(l, at, &one)) {
            return false;
        }
        limit -= one.len;
        g_array_append_val(saved, one);
        at += ENTRY_LEN + one.len;
        *moved += one.len;
    }
    ok = cxl_slice_set_begin(set, l->ops->unit) &&
         cxl_slice_set_undo(h, set, l->move == CXL_LAYOUT_STEP_ADOPT, saved);
    cxl_slice_set_end(set);
    return ok;
}

static bool replay(CxlLayout *l, CxlSlices *s, CxlLayoutFind *find,
                   void *opaque, uint64_t *moved)
{
    uint64_t sn;
    CxlSliceSet set;
    CxlLayoutSet now;

    if (!journal_whole(l) ||
        !resolve(&l->moving, find, opaque, &set, &sn) ||
        !(l->move > CXL_LAYOUT_RELEASE ? replay_step(l, &s->host, &set, moved)
                                       : replay_all(l, &s->host, &set,
                                                    moved))) {
        return false;
    }
    now = l->moving;
    return cxl_layout_end(l, &now);
}

/* Recorded by this process, and right */
static bool is_in_use(const CxlSlices *s, const CxlSliceSet *set)
{
    const CxlSliceSet *is = cxl_slices_at(s, set->member[0].device,
                                          set->member[0].dpa);

    return is && cxl_slice_set_same(is, set);
}

bool cxl_layout_repair(CxlLayout *l, CxlSlices *s, CxlLayoutFind *find,
                       void *opaque, uint64_t *moved)
{
    if (l->move != CXL_LAYOUT_STILL && !replay(l, s, find, opaque, moved)) {
        return false;
    }
    for (unsigned n = 0; n < l->sets->len;) {
        unsigned before = l->sets->len;
        uint64_t sn;
        CxlSliceSet set;

        if (!resolve(&g_array_index(l->sets, CxlLayoutSet, n), find, opaque,
                     &set, &sn)) {
            return false;
        }
        if (is_in_use(s, &set)) {
            n++;
            continue;
        }
        if (!cxl_slices_restore(s, &set)) {
            return false;
        }
        if (cxl_slices_release(s, set.member[0].device, set.member[0].dpa, 1,
                               CXL_SLICE_ALL, moved) != CXL_SLICE_DONE ||
            l->sets->len >= before) {
            return false;
        }
    }
    return true;
}
