/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extent sets: what a question, an insertion or an erasure makes of any small
 * set.  It stays sorted, disjoint and merged, count and total are what its
 * pieces say, the address that is followed carries what it should, and what
 * overlaps or wraps is refused.
 *
 * Bounds: 256 addresses, at the bottom or (CASE 1xxx) at the top of 64 bits.
 * Digits of CASE are what is done (1 questions, 2 insert, 3 erase, 4 insert
 * where none merge), and the pieces of the first and of the second chunk.
 *
 * Not covered: an insertion into a merging set of two pieces, an erasure from
 * two pieces, chunks that grow or are split.  The unit test compares these with
 * a model.
 *
 * cbmc: --unwind 6 --unwindset extentset_erase.0:3 --paths lifo --stop-on-fail
 * each: CASE 100 110 300 310 1110 1310 1200 200 111 120 411 420 210
 * mutation: hw/common/extentset.c
 *   | (e.start < start || e.start - start < len)
 *   | (e.start < start || e.start - start <= len)
 * mutation: hw/common/extentset.c
 *   | if (extent_end(&c->e[mid]) > pos) {
 *   | if (extent_end(&c->e[mid]) >= pos) {
 * mutation: hw/common/extentset.c
 *   | if (extent_end(&old) > end) {
 *   | if (extent_end(&old) > end + 1) {
 * mutation: hw/common/extentset.c
 *   | len > UINT64_MAX - start ? UINT64_MAX : start + len
 *   | start + len
 * mutation: hw/common/extentset.c
 *   | while (len) {
 *   | for (;;) {
 * mutation: hw/common/extentset.c
 *   | c->longest = MAX(c->longest, e.len);
 *   | c->longest = e.len;
 * mutation: hw/common/extentset.c
 *   | get(set, p)->start == extent_end(e) &&
 *   | get(set, p)->start >= extent_end(e) &&
 */
#include "qemu/osdep.h"

#undef assert
#define assert(condition) __CPROVER_assert((condition), #condition)

#define WHAT   (CASE / 100 % 10)
#define TOP    (CASE / 1000)
#define FIRST  (CASE / 10 % 10)
#define SECOND (CASE % 10)
#define PIECES (FIRST + SECOND)
#define MOST   4        /* no change makes more of them */

/* Memory of a fixed size, and of the type it has */
static void *proof_renew(void *p, size_t bytes);
#undef g_renew
#define g_renew(type, p, n) ((type *)proof_renew((p), (n) * sizeof(type)))
#undef g_free
#define g_free(p) ((void)(p))
#define memmove(to, from, bytes) do {                                   \
        typeof(*(to)) copy_[MOST];                                      \
        unsigned n_ = (bytes) / sizeof(copy_[0]);                       \
        for (unsigned i_ = 0; i_ < n_; i_++) {                          \
            copy_[i_] = (from)[i_];                                     \
        }                                                               \
        for (unsigned i_ = 0; i_ < n_; i_++) {                          \
            (to)[i_] = copy_[i_];                                       \
        }                                                               \
    } while (0)
/* For splitting a chunk alone */
#define memcpy(to, from, bytes) assert(!"a chunk is full")

#include "hw/common/extentset.c"

static Extent pieces[2][MOST];
static ExtentChunk chunks[2];
static ExtentSet set;

/* Only a set that has become empty begins a chunk. */
static void *proof_renew(void *p, size_t bytes)
{
    assert(!p && bytes <= sizeof(pieces[0]));
    return pieces[0];
}

/* All that a set has, read from memory and not by the code that is proven */
typedef struct Seen {
    Extent e[MOST];
    uint32_t n;
    uint64_t sum;
    bool good;
    bool has;           /* the address that is followed, and its value */
    uint64_t value;
} Seen;

static uint64_t probe;

static uint64_t any(void)
{
    return (TOP ? ~(uint64_t)UINT8_MAX : 0) | nondet_u8();
}

static bool holds(Extent e, uint64_t pos)
{
    return pos >= e.start && pos - e.start < e.len;
}

static void see(Seen *s)
{
    *s = (Seen) { .good = true };
    for (uint32_t i = 0; i < set.num_chunks; i++) {
        const ExtentChunk *c = &set.chunks[i];

        s->good = s->good & (c->n > 0) & (c->n <= c->room);
        for (uint32_t j = 0; j < c->n; j++) {
            Extent e = c->e[j];
            bool in = holds(e, probe);

            s->good = s->good & (e.start + e.len > e.start) &
                      (e.len <= c->longest);
            if (s->n) {
                Extent prev = s->e[s->n - 1];
                uint64_t end = prev.start + prev.len;

                s->good = s->good & (end <= e.start) &
                    !(set.merge & (end == e.start) & (prev.value == e.value));
            }
            s->has = s->has | in;
            s->value = in ? e.value : s->value;
            s->sum += e.len;
            s->e[s->n++] = e;
        }
    }
    s->good = s->good & (s->n == set.count) & (s->sum == set.total);
}

static bool any_overlaps(const Seen *s, Extent e)
{
    bool any = false;

    for (uint32_t i = 0; i < s->n; i++) {
        bool one = holds(e, s->e[i].start), other = holds(s->e[i], e.start);

        any = any | ((e.len != 0) & (one | other));
    }
    return any;
}

static void any_set(Seen *before)
{
    set = (ExtentSet) { .chunks = chunks, .room = 2,
                        .num_chunks = !!FIRST + !!SECOND };
    set.merge = WHAT == 4 ? false : nondet_bool();
    chunks[0] = (ExtentChunk) { pieces[0], nondet_u8(), FIRST, MOST };
    chunks[1] = (ExtentChunk) { pieces[1], nondet_u8(), SECOND, MOST };
    for (uint32_t i = 0; i < PIECES; i++) {
        Extent e = { any(), nondet_u8(), nondet_bool() };

        set.total += e.len;
        set.count++;
        pieces[i >= FIRST][i >= FIRST ? i - FIRST : i] = e;
    }
    probe = any();
    see(before);
    __CPROVER_assume(before->good & (probe != UINT64_MAX));
}

static void check_first_fit(const Seen *s, Extent q)
{
    Extent e = { 0 };
    bool found = extentset_first_fit(&set, q.start, q.len, &e);

    assert(!found | ((e.start >= q.start) & (e.len >= q.len)));
    for (uint32_t i = 0; i < s->n; i++) {
        bool fits = (s->e[i].start >= q.start) & (s->e[i].len >= q.len);

        assert(!fits | (found & (e.start <= s->e[i].start)));
    }
}

static void check_questions(const Seen *s, Extent q)
{
    Extent e = { 0 };
    bool found;

    switch (nondet_u8()) {
    case 0:
        found = extentset_overlaps(&set, q.start, q.len);
        assert(found == any_overlaps(s, q));
        break;
    case 1:
        found = extentset_next(&set, q.start, &e);
        assert(!found | (e.start + e.len > q.start));
        assert(!s->has | (probe < q.start) | (found & (e.start <= probe)));
        break;
    case 2:
        found = extentset_find(&set, probe, &e);
        assert(found == s->has);
        assert(!found | (e.value == s->value));
        break;
    default:
        check_first_fit(s, q);
    }
}

static void check_insert(const Seen *s, Extent e)
{
    bool may = (e.start + e.len > e.start) & !any_overlaps(s, e);
    bool in = may & holds(e, probe), added;
    Seen now;

    added = extentset_insert(&set, e.start, e.len, e.value);
    assert(added == may);
    see(&now);
    assert(now.has == (s->has | in));
    assert(!now.has | (now.value == (in ? e.value : s->value)));
    assert(now.sum == s->sum + (may ? e.len : 0));
    assert(may | (now.n == s->n));
}

static void check_erase(const Seen *s, Extent e)
{
    bool in = holds(e, probe);
    Seen now;

    extentset_erase(&set, e.start, e.len);
    see(&now);
    assert(now.has == (s->has & !in));
    assert(!now.has | (now.value == s->value));
}

int main(void)
{
    Extent e = { any(), nondet_u8(), nondet_bool() };
    Seen before, after;

    any_set(&before);
    if (WHAT == 1) {
        check_questions(&before, e);
    } else if (WHAT == 3) {
        check_erase(&before, e);
    } else {
        check_insert(&before, e);
    }
    see(&after);
    assert(after.good);
    return 0;
}
