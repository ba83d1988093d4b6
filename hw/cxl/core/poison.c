/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Poison as sets of intervals; see poison.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/poison.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlPoisonMap) != 288 && sizeof(void *) == 8);

#define SOURCE_MASK 7u
#define FOUND       8u

#define MAX_RECORD_BYTES ((uint64_t)UINT32_MAX * CXL_POISON_LINE)

void cxl_poison_init(CxlPoisonMap *p, uint32_t list_max,
                     uint32_t inject_limit)
{
    *p = (CxlPoisonMap) {
        .list_max = list_max, .inject_limit = inject_limit,
    };
    extentset_init(&p->lines, true);
    extentset_init(&p->listed, true);
    extentset_init(&p->partial, false);
    extentset_init(&p->reported, true);
    extentset_init(&p->scan.results, true);
}

void cxl_poison_destroy(CxlPoisonMap *p)
{
    extentset_clear(&p->lines);
    extentset_clear(&p->listed);
    extentset_clear(&p->partial);
    extentset_clear(&p->reported);
    extentset_clear(&p->scan.results);
}

static void assert_lines(uint64_t dpa, uint64_t len)
{
    assert(QEMU_IS_ALIGNED(dpa | len, CXL_POISON_LINE));
}

static void begin_overflow(CxlPoisonMap *p, uint64_t stamp, bool *overflowed)
{
    if (!p->overflow) {
        p->overflow = true;
        p->overflow_time = stamp;
        *overflowed = true;
    }
}

/* Put one found piece on the list, if that leaves the list within bounds. */
static void list_piece(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                       unsigned source, uint64_t stamp, bool *overflowed)
{
    extentset_assign(&p->listed, dpa, len, source);
    if (p->listed.count > p->list_max) {
        extentset_erase(&p->listed, dpa, len);
        begin_overflow(p, stamp, overflowed);
    }
}

uint64_t cxl_poison_add(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                        CxlPoisonSource source, bool found, uint64_t stamp,
                        bool *overflowed)
{
    uint64_t end = dpa + len, added = 0;

    assert_lines(dpa, len);
    *overflowed = false;
    while (dpa < end && p->lines.count < CXL_POISON_CUT_MAX) {
        uint64_t stop = end;
        Extent e;

        if (extentset_next(&p->lines, dpa, &e) && e.start < end) {
            if (e.start <= dpa) {
                dpa = e.start + e.len;
                continue;
            }
            stop = e.start;
        }
        extentset_insert(&p->lines, dpa, stop - dpa,
                         source | (found ? FOUND : 0));
        if (found) {
            list_piece(p, dpa, stop - dpa, source, stamp, overflowed);
        }
        if (source == CXL_POISON_INJECTED) {
            p->injected += (stop - dpa) / CXL_POISON_LINE;
        }
        added += stop - dpa;
        dpa = stop;
    }
    return added;
}

/* The last piece before @dpa, or if there is none the first behind it */
static Extent beside(const CxlPoisonMap *p, uint64_t dpa)
{
    ExtentCursor c = extentset_from(&p->lines, 0);
    Extent e, found = { 0 };

    while (extentset_walk(&p->lines, &c, &e) && (e.start < dpa || !found.len)) {
        found = e;
    }
    return found;
}

void cxl_poison_join(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                     uint64_t stamp, Extent *grown, bool *overflowed)
{
    Extent e = beside(p, dpa);
    uint64_t from = MIN(e.start, dpa), to = MAX(e.start + e.len, dpa + len);

    assert_lines(dpa, len);
    assert(e.len);
    *overflowed = false;
    *grown = (Extent) { from, to - from, e.value | FOUND };
    extentset_assign(&p->lines, from, to - from, e.value | FOUND);
    list_piece(p, from, to - from, e.value & SOURCE_MASK, stamp, overflowed);
    if ((e.value & SOURCE_MASK) == CXL_POISON_INJECTED) {
        p->injected += (to - from - e.len) / CXL_POISON_LINE;
    }
}

void cxl_poison_relist(CxlPoisonMap *p, uint64_t stamp)
{
    bool overflowed = false;
    bool was = p->overflow;
    uint64_t when = p->overflow_time;
    Extent e;

    extentset_clear(&p->listed);
    p->overflow = false;
    for (uint64_t pos = 0; extentset_next(&p->lines, pos, &e);
         pos = e.start + e.len) {
        if (e.value & FOUND) {
            list_piece(p, e.start, e.len, e.value & SOURCE_MASK, stamp,
                       &overflowed);
        }
    }
    if (p->overflow && was) {
        p->overflow_time = when;
    } else if (!p->overflow) {
        p->overflow_time = 0;
    }
}

/* Everything found is on the list again as soon as it fits. */
static void try_end_overflow(CxlPoisonMap *p, uint64_t stamp)
{
    if (p->overflow && p->lines.count <= p->list_max) {
        cxl_poison_relist(p, stamp);
    }
}

bool cxl_poison_removable(const CxlPoisonMap *p, uint64_t dpa, uint64_t len)
{
    Extent e;

    return p->lines.count < CXL_POISON_CUT_MAX ||
           !extentset_find(&p->lines, dpa, &e) || e.start == dpa ||
           dpa + len >= e.start + e.len;
}

uint64_t cxl_poison_remove(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                           uint64_t stamp, bool *overflowed)
{
    uint64_t end = dpa + len, removed = 0;
    Extent e;

    assert_lines(dpa, len);
    *overflowed = false;
    for (uint64_t pos = dpa;
         extentset_next(&p->lines, pos, &e) && e.start < end;
         pos = e.start + e.len) {
        uint64_t n = MIN(end, e.start + e.len) - MAX(dpa, e.start);

        removed += n;
        if ((e.value & SOURCE_MASK) == CXL_POISON_INJECTED) {
            p->injected -= n / CXL_POISON_LINE;
        }
    }
    if (!removed) {
        return 0;
    }
    extentset_erase(&p->lines, dpa, len);
    extentset_erase(&p->listed, dpa, len);
    extentset_erase(&p->partial, dpa, len);
    extentset_erase(&p->reported, dpa, len);
    /* A record cut in two may be one too many: its upper part leaves. */
    if (p->listed.count > p->list_max &&
        extentset_find(&p->listed, end, &e)) {
        extentset_erase(&p->listed, e.start, e.len);
        begin_overflow(p, stamp, overflowed);
    }
    try_end_overflow(p, stamp);
    return removed;
}

uint64_t cxl_poison_find(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                         uint64_t stamp, bool *overflowed)
{
    uint64_t pos = dpa, end = dpa + len, hidden = 0;
    Extent e;

    assert_lines(dpa, len);
    *overflowed = false;
    while (pos < end && extentset_next(&p->lines, pos, &e) && e.start < end) {
        uint64_t from = MAX(pos, e.start);
        uint64_t to = MIN(end, e.start + e.len);

        if (e.value & FOUND) {
            pos = to;
            continue;
        }
        /* Each end can be a new piece. */
        if (p->lines.count + 2 > CXL_POISON_CUT_MAX) {
            from = e.start;
            to = e.start + e.len;
        }
        pos = to;
        extentset_assign(&p->lines, from, to - from, e.value | FOUND);
        list_piece(p, from, to - from, e.value & SOURCE_MASK, stamp,
                   overflowed);
        hidden += to - from;
    }
    return hidden;
}

/* Room for one more in @set of lines: the next one above @line goes. */
static void make_room(ExtentSet *set, uint64_t line, uint64_t max)
{
    Extent e;

    if (set->count >= max) {
        if (!extentset_next(set, line, &e)) {
            extentset_next(set, 0, &e);
        }
        extentset_erase(set, e.start, e.len);
    }
}

/* Bytes [from, to) of the line at @line; true if the line is complete now. */
static bool mark_partial(CxlPoisonMap *p, uint64_t line, unsigned from,
                         unsigned to)
{
    uint64_t mask = MAKE_64BIT_MASK(from, to - from);
    Extent e;

    if (!extentset_overlaps(&p->lines, line, CXL_POISON_LINE)) {
        return false;
    }
    if (extentset_find(&p->partial, line, &e)) {
        mask |= e.value;
    } else {
        make_room(&p->partial, line, CXL_POISON_PARTIAL_MAX);
    }
    extentset_assign(&p->partial, line, CXL_POISON_LINE, mask);
    return mask == UINT64_MAX;
}

bool cxl_poison_wrote(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                      uint64_t *clear_dpa, uint64_t *clear_len)
{
    uint64_t end = dpa + len;
    uint64_t from = QEMU_ALIGN_UP(dpa, CXL_POISON_LINE);
    uint64_t to = QEMU_ALIGN_DOWN(end, CXL_POISON_LINE);

    if (!extentset_overlaps(&p->lines, QEMU_ALIGN_DOWN(dpa, CXL_POISON_LINE),
                            len + 2 * CXL_POISON_LINE)) {
        return false;
    }
    if (from > to) {
        /* Inside one line */
        from = to;
        if (mark_partial(p, from, dpa - from, end - from)) {
            to = from + CXL_POISON_LINE;
        }
    } else {
        if (dpa < from && mark_partial(p, from - CXL_POISON_LINE,
                                       dpa + CXL_POISON_LINE - from,
                                       CXL_POISON_LINE)) {
            from -= CXL_POISON_LINE;
        }
        if (to < end && mark_partial(p, to, 0, end - to)) {
            to += CXL_POISON_LINE;
        }
    }
    *clear_dpa = from;
    *clear_len = to - from;
    return to > from && extentset_overlaps(&p->lines, from, to - from);
}

bool cxl_poison_consumed(CxlPoisonMap *p, uint64_t dpa)
{
    uint64_t line = QEMU_ALIGN_DOWN(dpa, CXL_POISON_LINE);

    /* A load between stores proves nothing has been repaired. */
    extentset_erase(&p->partial, line, CXL_POISON_LINE);
    if (!extentset_overlaps(&p->lines, line, CXL_POISON_LINE) ||
        !extentset_insert(&p->reported, line, CXL_POISON_LINE, 0)) {
        return false;
    }
    if (p->reported.count > CXL_POISON_REPORTED_MAX) {
        make_room(&p->reported, line + CXL_POISON_LINE,
                  CXL_POISON_REPORTED_MAX);
    }
    return true;
}

bool cxl_poison_full(const CxlPoisonMap *p)
{
    return p->lines.count >= CXL_POISON_PIECES_MAX;
}

bool cxl_poison_inject_full(const CxlPoisonMap *p)
{
    return cxl_poison_full(p) ||
           (p->inject_limit && p->injected >= p->inject_limit);
}

static void put_record(CxlPoisonRecord *rec, uint64_t dpa, uint64_t len,
                       uint64_t source)
{
    memset(rec, 0, sizeof(*rec));
    stq_le_p(&rec->address, dpa | source);
    stl_le_p(&rec->lines, len / CXL_POISON_LINE);
}

unsigned cxl_poison_list(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                         CxlPoisonRecord *records, unsigned room, bool *more)
{
    uint64_t pos = dpa, end = dpa + len;
    unsigned n = 0;
    Extent e;

    if (p->cursor_valid && p->cursor_dpa == dpa && p->cursor_len == len) {
        pos = p->cursor_next;
    }
    *more = false;
    while (pos < end && extentset_next(&p->listed, pos, &e) &&
           e.start < end) {
        uint64_t from = MAX(pos, e.start);
        uint64_t to = MIN(end, e.start + e.len);

        if (n == room) {
            *more = true;
            break;
        }
        to = MIN(to, from + MAX_RECORD_BYTES);
        put_record(&records[n++], from, to - from, e.value);
        pos = to;
    }
    p->cursor_valid = *more;
    p->cursor_dpa = *more ? dpa : 0;
    p->cursor_len = *more ? len : 0;
    p->cursor_next = *more ? pos : 0;
    return n;
}

void cxl_poison_list_again(CxlPoisonMap *p)
{
    p->cursor_valid = false;
    p->cursor_dpa = p->cursor_len = p->cursor_next = 0;
}

void cxl_poison_scan_begin(CxlPoisonMap *p)
{
    extentset_clear(&p->scan.results);
    p->scan.valid = false;
    p->scan.stopped = false;
    p->scan.restart_dpa = 0;
    p->scan.restart_len = 0;
}

bool cxl_poison_scan_piece(CxlPoisonMap *p, uint64_t dpa, uint64_t len)
{
    uint64_t end = dpa + len;
    Extent e;

    if (p->scan.results.count + p->lines.count > CXL_POISON_RESULTS_MAX) {
        return false;
    }

    for (uint64_t pos = dpa;
         extentset_next(&p->lines, pos, &e) && e.start < end;
         pos = e.start + e.len) {
        uint64_t from = MAX(dpa, e.start);
        uint64_t to = MIN(end, e.start + e.len);

        extentset_assign(&p->scan.results, from, to - from,
                         e.value & SOURCE_MASK);
    }
    return true;
}

void cxl_poison_scan_end(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                         uint64_t done)
{
    p->scan.valid = true;
    p->scan.stopped = done < len;
    p->scan.restart_dpa = p->scan.stopped ? dpa + done : 0;
    p->scan.restart_len = p->scan.stopped ? len - done : 0;
}

unsigned cxl_poison_scan_results(CxlPoisonMap *p, CxlPoisonRecord *records,
                                 unsigned room, bool *more)
{
    unsigned n = 0;
    Extent e;

    while (n < room && extentset_next(&p->scan.results, 0, &e)) {
        uint64_t len = MIN(e.len, MAX_RECORD_BYTES);

        put_record(&records[n++], e.start, len, e.value);
        extentset_erase(&p->scan.results, e.start, len);
    }
    *more = p->scan.results.count > 0;
    p->scan.valid = *more;
    return n;
}

static bool lists_agree(const CxlPoisonMap *p)
{
    uint64_t found = 0;
    Extent t, l;

    for (uint64_t pos = 0; extentset_next(&p->lines, pos, &t);
         pos = t.start + t.len) {
        found += t.value & FOUND ? t.len : 0;
    }
    for (uint64_t pos = 0; extentset_next(&p->listed, pos, &l);
         pos = l.start + l.len) {
        for (uint64_t at = l.start; at < l.start + l.len;
             at = t.start + t.len) {
            if (!extentset_find(&p->lines, at, &t) ||
                t.value != (l.value | FOUND)) {
                return false;
            }
        }
    }
    return p->overflow ? p->listed.total <= found : p->listed.total == found;
}

void cxl_poison_save(const CxlPoisonMap *p, SaveWriter *w)
{
    extentset_save(&p->lines, w);
    extentset_save(&p->listed, w);
    extentset_save(&p->partial, w);
    extentset_save(&p->reported, w);
    extentset_save(&p->scan.results, w);
    save_put(w, p->injected);
    save_put(w, p->overflow);
    save_put(w, p->overflow_time);
    save_put(w, p->cursor_valid);
    save_put(w, p->cursor_dpa);
    save_put(w, p->cursor_len);
    save_put(w, p->cursor_next);
    save_put(w, p->scan.valid);
    save_put(w, p->scan.stopped);
    save_put(w, p->scan.restart_dpa);
    save_put(w, p->scan.restart_len);
}

/* Version 1 has no maximum: what is too many is forgotten. */
static void load_lines(ExtentSet *set, SaveReader *r, const char *what,
                       uint64_t max)
{
    extentset_load(set, r, what, r->version == 1 ? UINT64_MAX : max);
    while (set->count > max) {
        make_room(set, UINT64_MAX, max);
    }
}

void cxl_poison_load(CxlPoisonMap *p, SaveReader *r)
{
    extentset_load(&p->lines, r, "poisoned memory", CXL_POISON_CUT_MAX);
    extentset_load(&p->listed, r, "poison list", p->list_max);
    load_lines(&p->partial, r, "partly written lines",
               CXL_POISON_PARTIAL_MAX);
    load_lines(&p->reported, r, "reported lines", CXL_POISON_REPORTED_MAX);
    extentset_load(&p->scan.results, r, "scan results",
                   CXL_POISON_RESULTS_MAX);
    SAVE_GET(r, p->injected);
    SAVE_GET(r, p->overflow);
    SAVE_GET(r, p->overflow_time);
    SAVE_GET(r, p->cursor_valid);
    SAVE_GET(r, p->cursor_dpa);
    SAVE_GET(r, p->cursor_len);
    SAVE_GET(r, p->cursor_next);
    SAVE_GET(r, p->scan.valid);
    SAVE_GET(r, p->scan.stopped);
    SAVE_GET(r, p->scan.restart_dpa);
    SAVE_GET(r, p->scan.restart_len);
}

static const char *check_sets(const CxlPoisonMap *p)
{
    const struct {
        const ExtentSet *set;
        uint64_t max;
    } rows[] = {
        { &p->lines, CXL_POISON_CUT_MAX },
        { &p->listed, p->list_max },
        { &p->partial, CXL_POISON_PARTIAL_MAX },
        { &p->reported, CXL_POISON_REPORTED_MAX },
        { &p->scan.results, CXL_POISON_RESULTS_MAX },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *bad = extentset_check(rows[i].set);

        if (bad || rows[i].set->count > rows[i].max) {
            return bad ?: "poison beyond a maximum";
        }
    }
    return NULL;
}

static const char *check_lines(const CxlPoisonMap *p)
{
    uint64_t injected = 0;
    Extent e;

    for (uint64_t pos = 0; extentset_next(&p->lines, pos, &e);
         pos = e.start + e.len) {
        if (!QEMU_IS_ALIGNED(e.start | e.len, CXL_POISON_LINE)) {
            return "poison not in whole lines";
        }
        if (e.value & ~(uint64_t)(SOURCE_MASK | FOUND)) {
            return "poison of unknown source";
        }
        if ((e.value & SOURCE_MASK) == CXL_POISON_INJECTED) {
            injected += e.len / CXL_POISON_LINE;
        }
    }
    return injected == p->injected ? NULL : "count of injected lines";
}

static const char *check_partial(const CxlPoisonMap *p)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(&p->partial, pos, &e);
         pos = e.start + e.len) {
        if (e.len != CXL_POISON_LINE || e.start % CXL_POISON_LINE) {
            return "partly written line is no line";
        }
    }
    return NULL;
}

const char *cxl_poison_check(const CxlPoisonMap *p)
{
    const char *bad = check_sets(p) ?: check_lines(p) ?: check_partial(p);

    return bad || lists_agree(p) ? bad : "poison list and lines disagree";
}
