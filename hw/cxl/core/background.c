/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Background operations as slices of virtual time; see background.h.
 */
#include "qemu/osdep.h"
#include "hw/common/clock.h"
#include "hw/cxl/core/background.h"

/* Centuries; two of them can be added. */
#define DURATION_MAX_NS (INT64_MAX / 4)

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlBackground) != 104 && sizeof(void *) == 8);

void cxl_background_init(CxlBackground *bg, void *owner)
{
    *bg = (CxlBackground) { .owner = owner };
}

void cxl_background_reset(CxlBackground *bg)
{
    g_free(bg->ranges);
    cxl_background_init(bg, bg->owner);
}

void cxl_background_destroy(CxlBackground *bg)
{
    cxl_background_reset(bg);
}

void cxl_background_prepare(CxlBackground *bg, const CxlBgRange *ranges,
                            uint32_t num_ranges, uint64_t duration_ns)
{
    assert(!bg->running && num_ranges <= CXL_BG_MAX_RANGES);
    g_free(bg->ranges);
    bg->ranges = g_new(CxlBgRange, num_ranges);
    bg->num_ranges = num_ranges;
    bg->total = 0;
    for (uint32_t i = 0; i < num_ranges; i++) {
        bg->ranges[i] = ranges[i];
        bg->total += ranges[i].len;
    }
    bg->duration_ns = MIN(MAX(duration_ns, 1), DURATION_MAX_NS);
}

void cxl_background_stretch(CxlBackground *bg, unsigned shift)
{
    assert(!bg->running);
    bg->duration_ns = MIN(bg->duration_ns, DURATION_MAX_NS >> shift) << shift;
}

static bool fits(const CxlBackground *bg, const CxlBgWork *work)
{
    return !work->fits || work->fits(bg->owner, bg);
}

void cxl_background_start(CxlBackground *bg, const CxlBgWork *work,
                          uint16_t opcode, int64_t now_ns)
{
    assert(!bg->running && bg->duration_ns > 0);
    assert(fits(bg, work));
    bg->work = work;
    bg->opcode = opcode;
    bg->rc = CXL_RC_SUCCESS;
    bg->vendor = 0;
    bg->percent = 0;
    bg->slices_done = 0;
    bg->start_ns = now_ns;
    bg->running = true;
}

uint32_t cxl_background_slices(const CxlBackground *bg)
{
    uint64_t wanted = bg->total / CXL_BG_SLICE_BYTES;

    return MIN(MAX(wanted, CXL_BG_SLICES_MIN), CXL_BG_SLICES_MAX);
}

/* Split to keep the product inside 64 bits for any @whole. */
static uint64_t share(const CxlBackground *bg, uint64_t whole, uint32_t slice)
{
    uint32_t slices = cxl_background_slices(bg);

    return whole / slices * slice + whole % slices * slice / slices;
}

static int64_t slice_time(const CxlBackground *bg, uint32_t slice)
{
    return clock_after(bg->start_ns, share(bg, bg->duration_ns, slice));
}

static uint64_t slice_offset(const CxlBackground *bg, uint32_t slice)
{
    uint64_t offset = share(bg, bg->total, slice);

    /* Whole lines only, except for the end. */
    return slice == cxl_background_slices(bg) ? bg->total : offset & ~63ull;
}

int64_t cxl_background_deadline(const CxlBackground *bg)
{
    return bg->running ? slice_time(bg, bg->slices_done + 1) : INT64_MAX;
}

static void end(CxlBackground *bg, CxlRc rc)
{
    const CxlBgWork *work = bg->work;

    bg->rc = work->finish ? work->finish(bg->owner, bg, rc) : rc;
    bg->running = false;
    bg->work = NULL;
    g_free(bg->ranges);
    bg->ranges = NULL;
    bg->num_ranges = 0;
    bg->total = 0;
}

void cxl_background_interrupt(CxlBackground *bg)
{
    if (bg->running) {
        end(bg, CXL_RC_ABORTED);
    }
}

bool cxl_background_run(CxlBackground *bg, int64_t now_ns)
{
    uint64_t begin = slice_offset(bg, bg->slices_done);

    while (bg->running && now_ns >= cxl_background_deadline(bg)) {
        uint64_t from = slice_offset(bg, bg->slices_done);
        uint64_t to = slice_offset(bg, bg->slices_done + 1);
        CxlRc rc = CXL_RC_SUCCESS;

        if (bg->work->step && to > from) {
            rc = bg->work->step(bg->owner, bg, from, to - from);
        }
        /* What the step caused may have been an abort, which told. */
        if (!bg->running) {
            return false;
        }
        bg->slices_done++;
        if (rc != CXL_RC_SUCCESS) {
            bg->percent = cxl_background_percent(bg, now_ns);
            end(bg, rc);
            return true;
        }
        if (bg->slices_done == cxl_background_slices(bg)) {
            bg->percent = 100;
            end(bg, CXL_RC_SUCCESS);
            return true;
        }
        if (to - begin >= CXL_BG_RUN_BYTES) {
            break;
        }
    }
    return false;
}

void cxl_background_complete(CxlBackground *bg, int64_t now_ns, CxlRc rc)
{
    assert(bg->running);
    bg->percent = rc == CXL_RC_SUCCESS ? 100 :
                  cxl_background_percent(bg, now_ns);
    end(bg, rc);
}

unsigned cxl_background_percent(const CxlBackground *bg, int64_t now_ns)
{
    int64_t passed = now_ns - bg->start_ns;

    if (!bg->running) {
        return bg->percent;
    }
    if (passed <= 0) {
        return 0;
    }
    /* 100 means done, and only the result makes it so. */
    if (passed >= bg->duration_ns) {
        return 99;
    }
    return MIN(99, (unsigned)((double)passed * 100 / bg->duration_ns));
}

bool cxl_background_abort(CxlBackground *bg, int64_t now_ns, bool *ended)
{
    *ended = false;
    if (!bg->running) {
        return true;
    }
    if (!bg->work->abortable) {
        return false;
    }
    if (cxl_background_percent(bg, now_ns) > CXL_BG_ABORT_LIMIT_PERCENT) {
        return true;
    }
    bg->percent = cxl_background_percent(bg, now_ns);
    end(bg, CXL_RC_ABORTED);
    *ended = true;
    return true;
}

CxlRc cxl_background_pieces(const CxlBackground *bg, uint64_t offset,
                            uint64_t len, CxlBgPieceFn *fn, void *opaque)
{
    for (uint32_t i = 0; i < bg->num_ranges && len; i++) {
        const CxlBgRange *r = &bg->ranges[i];
        uint64_t n;
        CxlRc rc;

        if (offset >= r->len) {
            offset -= r->len;
            continue;
        }
        n = MIN(len, r->len - offset);
        rc = fn(opaque, r->start + offset, n);
        if (rc != CXL_RC_SUCCESS) {
            return rc;
        }
        offset = 0;
        len -= n;
    }
    return CXL_RC_SUCCESS;
}

void cxl_background_save(const CxlBackground *bg, SaveWriter *w)
{
    save_put(w, bg->opcode);
    save_put(w, bg->rc);
    save_put(w, bg->vendor);
    save_put(w, bg->percent);
    save_put(w, bg->running);
    save_put(w, bg->start_ns);
    save_put(w, bg->duration_ns);
    save_put(w, bg->slices_done);
    for (unsigned i = 0; i < ARRAY_SIZE(bg->args); i++) {
        save_put(w, bg->args[i]);
    }
    save_put(w, bg->num_ranges);
    for (uint32_t i = 0; i < bg->num_ranges; i++) {
        save_put(w, bg->ranges[i].start);
        save_put(w, bg->ranges[i].len);
    }
}

static void load_ranges(CxlBackground *bg, SaveReader *r)
{
    g_free(bg->ranges);
    bg->num_ranges = save_get_count(r, "count of ranges", CXL_BG_MAX_RANGES,
                                    16);
    bg->ranges = g_new(CxlBgRange, bg->num_ranges);
    bg->total = 0;
    for (uint32_t i = 0; i < bg->num_ranges; i++) {
        CxlBgRange *range = &bg->ranges[i];

        SAVE_GET(r, range->start);
        SAVE_GET(r, range->len);
        if (range->len > UINT64_MAX - bg->total) {
            save_refuse(r, "sum of the ranges");
        }
        bg->total += range->len;
    }
}

void cxl_background_load(CxlBackground *bg, SaveReader *r)
{
    SAVE_GET(r, bg->opcode);
    SAVE_GET(r, bg->rc);
    SAVE_GET(r, bg->vendor);
    SAVE_GET(r, bg->percent);
    SAVE_GET(r, bg->running);
    bg->start_ns = save_get_time(r, "time of the start");
    bg->duration_ns = save_get_time(r, "duration");
    SAVE_GET(r, bg->slices_done);
    for (unsigned i = 0; i < ARRAY_SIZE(bg->args); i++) {
        SAVE_GET(r, bg->args[i]);
    }
    load_ranges(bg, r);
    if (bg->running && !bg->duration_ns) {
        save_refuse(r, "an operation without a duration runs");
    }
}

const char *cxl_background_check(const CxlBackground *bg)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < bg->num_ranges; i++) {
        total += bg->ranges[i].len;
    }
    if (total != bg->total) {
        return "background total";
    }
    if (bg->running != (bg->work != NULL)) {
        return "background without work";
    }
    if (bg->running && bg->slices_done >= cxl_background_slices(bg)) {
        return "background slices";
    }
    if (bg->running && !fits(bg, bg->work)) {
        return "arguments of the background operation";
    }
    if (bg->percent > 100 || (!bg->running && bg->num_ranges)) {
        return "background leftovers";
    }
    return NULL;
}
