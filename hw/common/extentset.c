/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disjoint intervals as a sorted array of sorted chunks.  The promise is in
 * extentset.h; the shape is private to this file.
 */
#include "qemu/osdep.h"
#include "hw/common/extentset.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(ExtentSet) != 40 && sizeof(void *) == 8);

#define CHUNK_MAX 128
#define CHUNK_MIN 4

/*
 * Small sets are many: a chunk begins small and doubles up to CHUNK_MAX.  How
 * many pieces it has, and how long they can be, lies in the array: who passes
 * over chunks need not look into them.
 */
struct ExtentChunk {
    Extent *e;
    uint64_t longest;   /* upper bound of the lengths in this chunk */
    uint32_t n;
    uint32_t room;
};

/* Place of a piece: chunk and index; chunk == num_chunks means the end. */
typedef struct Place {
    uint32_t chunk;
    uint32_t i;
} Place;

static uint64_t extent_end(const Extent *e)
{
    return e->start + e->len;
}

static bool at_end(const ExtentSet *set, Place p)
{
    return p.chunk == set->num_chunks;
}

static Extent *get(const ExtentSet *set, Place p)
{
    return &set->chunks[p.chunk].e[p.i];
}

/* The first piece whose end is beyond @pos. */
static Place seek(const ExtentSet *set, uint64_t pos)
{
    uint32_t lo = 0, hi = set->num_chunks;
    ExtentChunk *c;
    Place p;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        c = &set->chunks[mid];
        if (extent_end(&c->e[c->n - 1]) > pos) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    p = (Place) { .chunk = lo };
    if (at_end(set, p)) {
        return p;
    }
    c = &set->chunks[lo];
    lo = 0;
    hi = c->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (extent_end(&c->e[mid]) > pos) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    p.i = lo;
    return p;
}

static bool step_back(const ExtentSet *set, Place *p)
{
    if (p->i > 0) {
        p->i--;
        return true;
    }
    if (p->chunk == 0) {
        return false;
    }
    p->chunk--;
    p->i = set->chunks[p->chunk].n - 1;
    return true;
}

static void resize_chunk(ExtentChunk *c, uint32_t room)
{
    c->e = g_renew(Extent, c->e, room);
    c->room = room;
}

static void add_chunk(ExtentSet *set, uint32_t where, uint32_t room)
{
    if (set->num_chunks == set->room) {
        set->room = MAX(4, set->room * 2);
        set->chunks = g_renew(ExtentChunk, set->chunks, set->room);
    }
    memmove(&set->chunks[where + 1], &set->chunks[where],
            (set->num_chunks - where) * sizeof(set->chunks[0]));
    set->chunks[where] = (ExtentChunk) { };
    resize_chunk(&set->chunks[where], room);
    set->num_chunks++;
}

static void drop_chunk(ExtentSet *set, uint32_t where)
{
    g_free(set->chunks[where].e);
    set->num_chunks--;
    memmove(&set->chunks[where], &set->chunks[where + 1],
            (set->num_chunks - where) * sizeof(set->chunks[0]));
}

/* Move the upper half of a full chunk to a new neighbour. */
static void split_chunk(ExtentSet *set, uint32_t where)
{
    ExtentChunk *from, *to;

    add_chunk(set, where + 1, CHUNK_MAX);
    from = &set->chunks[where];
    to = &set->chunks[where + 1];
    to->n = from->n / 2;
    to->longest = from->longest;
    from->n -= to->n;
    memcpy(to->e, &from->e[from->n], to->n * sizeof(to->e[0]));
}

static void put_before(ExtentSet *set, Place p, Extent e)
{
    ExtentChunk *c;

    if (at_end(set, p) && p.chunk > 0) {
        p.chunk--;
        p.i = set->chunks[p.chunk].n;
    }
    if (set->num_chunks == 0) {
        add_chunk(set, 0, CHUNK_MIN);
    } else if (set->chunks[p.chunk].n == CHUNK_MAX) {
        split_chunk(set, p.chunk);
        if (p.i > set->chunks[p.chunk].n) {
            p.i -= set->chunks[p.chunk].n;
            p.chunk++;
        }
    }
    c = &set->chunks[p.chunk];
    if (c->n == c->room) {
        resize_chunk(c, c->room * 2);
    }
    memmove(&c->e[p.i + 1], &c->e[p.i], (c->n - p.i) * sizeof(c->e[0]));
    c->e[p.i] = e;
    c->n++;
    c->longest = MAX(c->longest, e.len);
    set->count++;
    set->total += e.len;
}

static void take_out(ExtentSet *set, Place p)
{
    ExtentChunk *c = &set->chunks[p.chunk];

    set->count--;
    set->total -= c->e[p.i].len;
    c->n--;
    memmove(&c->e[p.i], &c->e[p.i + 1], (c->n - p.i) * sizeof(c->e[0]));
    if (c->n == 0) {
        drop_chunk(set, p.chunk);
    }
}

void extentset_init(ExtentSet *set, bool merge)
{
    *set = (ExtentSet) { .merge = merge };
}

void extentset_clear(ExtentSet *set)
{
    for (uint32_t i = 0; i < set->num_chunks; i++) {
        g_free(set->chunks[i].e);
    }
    g_free(set->chunks);
    extentset_init(set, set->merge);
}

/* Let @e swallow equal neighbours that touch it. */
static void absorb_neighbours(ExtentSet *set, Extent *e)
{
    Place p = seek(set, e->start);

    if (!at_end(set, p) && get(set, p)->start == extent_end(e) &&
        get(set, p)->value == e->value) {
        e->len += get(set, p)->len;
        take_out(set, p);
    }
    p = seek(set, e->start);
    if (step_back(set, &p) && extent_end(get(set, p)) == e->start &&
        get(set, p)->value == e->value) {
        e->start = get(set, p)->start;
        e->len += get(set, p)->len;
        take_out(set, p);
    }
}

bool extentset_insert(ExtentSet *set, uint64_t start, uint64_t len,
                      uint64_t value)
{
    Extent e = { .start = start, .len = len, .value = value };

    if (!len || start + len < start || extentset_overlaps(set, start, len)) {
        return false;
    }
    if (set->merge) {
        absorb_neighbours(set, &e);
    }
    put_before(set, seek(set, e.start), e);
    return true;
}

void extentset_erase(ExtentSet *set, uint64_t start, uint64_t len)
{
    uint64_t end = len > UINT64_MAX - start ? UINT64_MAX : start + len;

    /* Nothing cuts no piece in two. */
    while (len) {
        Place p = seek(set, start);
        Extent old;

        if (at_end(set, p) || get(set, p)->start >= end) {
            return;
        }
        old = *get(set, p);
        take_out(set, p);
        if (old.start < start) {
            put_before(set, seek(set, old.start),
                       (Extent) { old.start, start - old.start, old.value });
        }
        if (extent_end(&old) > end) {
            put_before(set, seek(set, end),
                       (Extent) { end, extent_end(&old) - end, old.value });
            return;
        }
    }
}

void extentset_assign(ExtentSet *set, uint64_t start, uint64_t len,
                      uint64_t value)
{
    extentset_erase(set, start, len);
    extentset_insert(set, start, len, value);
}

bool extentset_next(const ExtentSet *set, uint64_t pos, Extent *out)
{
    Place p = seek(set, pos);

    if (at_end(set, p)) {
        return false;
    }
    *out = *get(set, p);
    return true;
}

bool extentset_find(const ExtentSet *set, uint64_t pos, Extent *out)
{
    return extentset_next(set, pos, out) && out->start <= pos;
}

ExtentCursor extentset_from(const ExtentSet *set, uint64_t index)
{
    ExtentCursor c = { 0 };

    while (c.chunk < set->num_chunks && index >= set->chunks[c.chunk].n) {
        index -= set->chunks[c.chunk++].n;
    }
    c.at = c.chunk < set->num_chunks ? index : 0;
    return c;
}

bool extentset_walk(const ExtentSet *set, ExtentCursor *c, Extent *out)
{
    if (c->chunk >= set->num_chunks) {
        return false;
    }
    *out = set->chunks[c->chunk].e[c->at++];
    if (c->at == set->chunks[c->chunk].n) {
        *c = (ExtentCursor) { .chunk = c->chunk + 1 };
    }
    return true;
}

bool extentset_at(const ExtentSet *set, uint64_t index, Extent *out)
{
    ExtentCursor c = extentset_from(set, index);

    return extentset_walk(set, &c, out);
}

bool extentset_overlaps(const ExtentSet *set, uint64_t start, uint64_t len)
{
    Extent e;

    return len && extentset_next(set, start, &e) &&
           (e.start < start || e.start - start < len);
}

bool extentset_covers(const ExtentSet *set, uint64_t start, uint64_t len)
{
    while (len) {
        Extent e;
        uint64_t n;

        if (!extentset_find(set, start, &e)) {
            return false;
        }
        n = MIN(len, extent_end(&e) - start);
        start += n;
        len -= n;
    }
    return true;
}

bool extentset_first_fit(const ExtentSet *set, uint64_t pos, uint64_t min_len,
                         Extent *out)
{
    Place p = seek(set, pos);

    for (; !at_end(set, p); p.chunk++, p.i = 0) {
        ExtentChunk *c = &set->chunks[p.chunk];
        uint64_t longest = 0;

        if (c->longest < min_len) {
            continue;
        }
        for (uint32_t i = p.i; i < c->n; i++) {
            if (c->e[i].len >= min_len && c->e[i].start >= pos) {
                *out = c->e[i];
                return true;
            }
            longest = MAX(longest, c->e[i].len);
        }
        /* A full walk has learned the exact bound: remember it. */
        if (p.i == 0) {
            c->longest = longest;
        }
    }
    return false;
}

void extentset_save(const ExtentSet *set, SaveWriter *w)
{
    Extent e;

    save_put(w, set->count);
    for (uint64_t pos = 0; extentset_next(set, pos, &e);
         pos = extent_end(&e)) {
        save_put(w, e.start);
        save_put(w, e.len);
        save_put(w, e.value);
    }
}

void extentset_load(ExtentSet *set, SaveReader *r, const char *what,
                    uint64_t max)
{
    uint64_t count = save_get_count(r, what, max, 24);

    extentset_clear(set);
    for (uint64_t i = 0; i < count && save_good(r); i++) {
        uint64_t start = save_get(r);
        uint64_t len = save_get(r);
        uint64_t value = save_get(r);

        if (!extentset_insert(set, start, len, value)) {
            save_refuse(r, what);
        }
    }
}

const char *extentset_check(const ExtentSet *set)
{
    uint64_t count = 0, total = 0;
    const Extent *prev = NULL;

    for (uint32_t i = 0; i < set->num_chunks; i++) {
        const ExtentChunk *c = &set->chunks[i];

        if (c->n == 0 || c->n > c->room || c->room > CHUNK_MAX) {
            return "chunk size";
        }
        for (uint32_t j = 0; j < c->n; j++) {
            const Extent *e = &c->e[j];

            if (!e->len || extent_end(e) < e->start) {
                return "empty or wrapping piece";
            }
            if (e->len > c->longest) {
                return "bound of lengths";
            }
            if (prev && extent_end(prev) > e->start) {
                return "order or overlap";
            }
            if (set->merge && prev && extent_end(prev) == e->start &&
                prev->value == e->value) {
                return "unmerged neighbours";
            }
            prev = e;
            count++;
            total += e->len;
        }
    }
    if (count != set->count || total != set->total) {
        return "count or total";
    }
    return NULL;
}
