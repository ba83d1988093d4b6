/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the bytes of memory devices are kept: QEMU's memory behind the slice
 * storage of core/slice.h, and the one door for device-side accesses.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/window/host-pages.h"
#include "hw/cxl/window/host-zero.h"
#include "hw/cxl/window/internal.h"
#include "hw/cxl/window/layout-file.h"
#include "hw/cxl/trace.h"

#define FILL_BUF (64 * KiB)
#define FILL_STEP (256 * MiB)
/* Bytes that are moved before the big lock is given back, more or less */
#define MOVE_STEP (4 * MiB)
/* Look for the next hole in a file this often. */
#define FILE_STEP (2 * MiB)

/* Storage of @dpa as host memory; *@run at most @len bytes of it */
static uint8_t *host_bytes(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                           MemoryRegion **mr, uint64_t *offset,
                           uint64_t *run)
{
    *mr = m->ops->storage(m, dpa, len, offset, run);
    return *mr ? (uint8_t *)memory_region_get_ram_ptr(*mr) + *offset : NULL;
}

static bool raw_rw(void *opaque, void *device, uint64_t dpa, void *buf,
                   uint64_t len, bool is_write)
{
    while (len) {
        MemoryRegion *mr;
        uint64_t offset, run;
        uint8_t *bytes = host_bytes(device, dpa, len, &mr, &offset, &run);

        if (!bytes) {
            return false;
        }
        if (is_write) {
            memcpy(bytes, buf, run);
            memory_region_set_dirty(mr, offset, run);
        } else {
            memcpy(buf, bytes, run);
        }
        dpa += run;
        buf = (uint8_t *)buf + run;
        len -= run;
    }
    return true;
}

/*
 * How many of @len bytes at @offset a file of ours has never stored: reading
 * them through the mapping would store them.
 */
static uint64_t unstored(RAMBlock *rb, uint64_t offset, uint64_t len)
{
    int fd = qemu_ram_get_fd(rb);
    off_t at, data;

    if (fd < 0 || !qemu_ram_is_shared(rb)) {
        return 0;
    }
    at = rb->fd_offset + offset;
    data = lseek(fd, at, SEEK_DATA);
    if (data < 0) {
        return errno == ENXIO ? len : 0;
    }
    return MIN(len, ROUND_DOWN(data - at, qemu_real_host_page_size()));
}

/* Sets are multiples of 256 MiB, so page-aligned in every backend. */
static bool touched(void *opaque, void *device, uint64_t dpa, uint64_t len,
                    uint64_t *start, uint64_t *run)
{
    while (len) {
        MemoryRegion *mr;
        uint64_t offset, n, skip;
        bool anonymous;
        uint8_t *host = host_bytes(device, dpa, len, &mr, &offset, &n);

        if (!host) {
            return false;
        }
        skip = unstored(mr->ram_block, offset, n);
        if (skip) {
            dpa += skip;
            len -= skip;
            continue;
        }
        anonymous = qemu_ram_get_fd(mr->ram_block) < 0;
        n = anonymous ? n : MIN(n, FILE_STEP);
        if (cxl_host_pages_used(host, n, anonymous, start, run)) {
            *start += dpa;
            return true;
        }
        dpa += n;
        len -= n;
    }
    return false;
}

static void raw_zero(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    while (len) {
        MemoryRegion *mr;
        uint64_t offset, run;

        if (!host_bytes(m, dpa, len, &mr, &offset, &run)) {
            return;
        }
        cxl_host_zero(mr, offset, run);
        dpa += run;
        len -= run;
    }
}

static void discard(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    raw_zero(device, dpa, len);
}

void cxl_window_data_init(CxlWindows *ws)
{
    ws->slice_ops.unit = CXL_WINDOW_UNIT;
    ws->slice_ops.rw = raw_rw;
    ws->slice_ops.touched = touched;
    ws->slice_ops.discard = discard;
    cxl_slices_init(&ws->slices, &ws->slice_ops, ws);
}

bool cxl_window_host_rw(CxlWindowMember *m, uint64_t dpa, void *buf,
                        uint64_t len, bool is_write)
{
    return cxl_slices_rw(&m->ws->slices, m, dpa, buf, len, is_write);
}

/* The device has changed its bytes: copies of them are wrong. */
static void bytes_changed(CxlWindowMember *m)
{
    if (m->ws && m->ws->copied) {
        m->ws->changed(m->ws);
    }
}

bool cxl_window_dpa_rw(CxlWindowMember *m, uint64_t dpa, void *buf,
                       uint64_t len, bool is_write)
{
    bool ok = m->ws ? cxl_window_host_rw(m, dpa, buf, len, is_write)
                    : raw_rw(NULL, m, dpa, buf, len, is_write);

    if (is_write) {
        bytes_changed(m);
    }
    return ok;
}

/* Without slices: in place.  Zeroes give the memory back. */
static bool fill_plain(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                       uint8_t value)
{
    while (len) {
        MemoryRegion *mr;
        uint64_t offset, run;
        uint8_t *host = host_bytes(m, dpa, len, &mr, &offset, &run);

        if (!host) {
            return false;
        }
        if (value) {
            memset(host, value, run);
            memory_region_set_dirty(mr, offset, run);
        } else {
            raw_zero(m, dpa, run);
        }
        dpa += run;
        len -= run;
    }
    return true;
}

/*
 * Has nobody touched the storage that holds these bytes of a set, and those of
 * other members between them?  Looking at bytes would store them in a file.
 */
static bool set_untouched(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    const CxlSliceSet *set = cxl_slices_at(&m->ws->slices, m, dpa);
    unsigned ways = cxl_interleave_ways(set->iw), p = 0;
    uint64_t at, end, start, used;

    while (set->member[p].device != m || dpa < set->member[p].dpa ||
           dpa - set->member[p].dpa >= set->len) {
        p++;
    }
    at = (dpa - set->member[p].dpa) * ways;
    end = at + len * ways;
    while (at < end) {
        const CxlSliceMember *lends = &set->member[at / set->len];
        uint64_t off = at % set->len, run = MIN(end - at, set->len - off);

        if (touched(NULL, lends->device, lends->dpa + off, run, &start,
                    &used)) {
            return false;
        }
        at += run;
    }
    return true;
}

/* Bytes that already read @value are left alone: they may not be there. */
static bool fill_sliced(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                        uint8_t value)
{
    g_autofree uint8_t *now = g_malloc(FILL_BUF);
    g_autofree uint8_t *fill = g_malloc(FILL_BUF);
    CxlSlices *slices = &m->ws->slices;

    memset(fill, value, FILL_BUF);
    while (len) {
        uint64_t run = MIN(len, FILL_BUF - dpa % FILL_BUF);

        if (!value && run == FILL_BUF &&
            !cxl_slices_at(slices, m, dpa)->left &&
            set_untouched(m, dpa, run)) {
            dpa += run;
            len -= run;
            continue;
        }
        if (!cxl_slices_rw(slices, m, dpa, now, run, false) ||
            (memcmp(now, fill, run) &&
             !cxl_slices_rw(slices, m, dpa, fill, run, true))) {
            return false;
        }
        dpa += run;
        len -= run;
    }
    return true;
}

/*
 * Members that are wiped together, as when the machine is reset, give all
 * their storage back at once.  Until the last one is, the set must not be
 * mapped.
 */
static bool zero_member(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    CxlWindows *ws = m->ws;
    const CxlSliceSet *set = ws ? cxl_slices_at(&ws->slices, m, dpa) : NULL;
    bool mapped = set && cxl_slices_has(&ws->slices, set);

    if (!set || !cxl_slices_zero(&ws->slices, m, dpa, len)) {
        return false;
    }
    if (mapped && !cxl_slices_has(&ws->slices, set)) {
        ws->changed(ws);
    }
    return true;
}

/* What one step of a fill covers: a set's part of a member, or up to it */
static uint64_t fill_run(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    const CxlSliceSet *set = m->ws ? cxl_slices_at(&m->ws->slices, m, dpa)
                                   : NULL;

    for (unsigned p = 0; set && p < cxl_interleave_ways(set->iw); p++) {
        if (set->member[p].device == m && set->member[p].dpa == dpa &&
            set->len <= len) {
            return set->len;
        }
    }
    return MIN(len, FILL_STEP - dpa % FILL_STEP);
}

/* Sets begin and end at multiples of FILL_STEP. */
static bool fill(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                 uint8_t value)
{
    while (len) {
        uint64_t run = fill_run(m, dpa, len);
        bool ok = !value && zero_member(m, dpa, run);

        if (!ok) {
            ok = m->ws && cxl_slices_at(&m->ws->slices, m, dpa) ?
                 fill_sliced(m, dpa, run, value) :
                 fill_plain(m, dpa, run, value);
        }

        if (!ok) {
            return false;
        }
        dpa += run;
        len -= run;
    }
    return true;
}

bool cxl_window_dpa_fill(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                         uint8_t value)
{
    bool ok = fill(m, dpa, len, value);

    bytes_changed(m);
    return ok;
}

/* Accesses would find holes otherwise. */
bool cxl_window_storage_there(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    while (len) {
        uint64_t offset, run;

        if (dpa + len < dpa || !m->ops->storage(m, dpa, len, &offset, &run)) {
            return false;
        }
        dpa += run;
        len -= run;
    }
    return true;
}

static unsigned ways(const CxlPiece *piece)
{
    return cxl_interleave_ways(piece->iw);
}

CxlSliceSet cxl_window_data_set(const CxlPiece *piece)
{
    CxlSliceSet set = {
        .len = piece->size / ways(piece), .ig = piece->ig, .iw = piece->iw,
    };

    for (unsigned p = 0; p < ways(piece); p++) {
        set.member[p] = (CxlSliceMember) {
            piece->member[p].device, piece->member[p].dpa,
        };
    }
    return set;
}

bool cxl_window_data_ready(CxlWindows *ws, const CxlPiece *piece)
{
    CxlSliceSet set = cxl_window_data_set(piece);

    return piece->iw ? cxl_slices_has(&ws->slices, &set)
                     : !cxl_slices_uses(&ws->slices, piece->member[0].device,
                                        piece->member[0].dpa, piece->size);
}

CxlSliceResult cxl_window_data_prepare(CxlWindows *ws, const CxlPiece *piece)
{
    CxlSliceSet set = cxl_window_data_set(piece);
    int64_t began = get_clock();
    uint64_t moved = 0;
    CxlSliceResult result;

    if (piece->iw) {
        result = cxl_slices_make_room(&ws->slices, &set, MOVE_STEP, &moved);
        if (result == CXL_SLICE_DONE) {
            result = cxl_slices_adopt(&ws->slices, &set, MOVE_STEP, &moved);
        }
    } else {
        result = cxl_slices_release(&ws->slices, piece->member[0].device,
                                    piece->member[0].dpa, piece->size,
                                    MOVE_STEP, &moved);
    }
    trace_memfab_cxl_window_order(piece->hpa, piece->size, ways(piece),
                                  moved, (get_clock() - began) / SCALE_US);
    return result;
}
