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
#include "hw/cxl/core/slice-fill.h"
#include "hw/cxl/window/host-lost.h"
#include "hw/cxl/window/host-pages.h"
#include "hw/cxl/window/host-zero.h"
#include "hw/cxl/window/internal.h"
#include "hw/cxl/window/layout-file.h"
#include "hw/cxl/trace.h"

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
        if (cxl_host_lost_untold(mr, offset, run)) {
            return false;
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
    struct stat st;
    off_t at, data;

    if (fd < 0 || !qemu_ram_is_shared(rb)) {
        return 0;
    }
    at = rb->fd_offset + offset;
    /* What is behind its end was there once, and is lost. */
    if (fstat(fd, &st) || st.st_size < at + (off_t)len) {
        return 0;
    }
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
        skip = cxl_host_lost_any(mr) ? 0 : unstored(mr->ram_block, offset, n);
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
        /* It read zero, but is not. */
        if (cxl_host_lost_untold(mr, offset, n)) {
            *start = dpa;
            *run = n;
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

/* Sets begin and end at multiples of CXL_SLICE_FILL. */
static bool fill(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                 uint8_t value)
{
    CxlSlices *slices = m->ws ? &m->ws->slices : NULL;

    while (len) {
        uint64_t run = slices ? cxl_slices_fill_run(slices, m, dpa, len) : len;

        if ((value || !zero_member(m, dpa, run)) &&
            !(slices && cxl_slices_at(slices, m, dpa) ?
              cxl_slices_fill(slices, m, dpa, run, value) :
              fill_plain(m, dpa, run, value))) {
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
    bool ok;

    trace_memfab_cxl_window_fill(m->pdev->name, dpa, len, value);
    ok = fill(m, dpa, len, value);
    bytes_changed(m);
    return ok;
}

typedef struct Lost {
    CxlWindowMember *m;
    uint64_t dpa, len;
} Lost;

static void add_lost(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    Lost one = { device, dpa, len };

    g_array_append_val(opaque, one);
}

/* Telling one may move what others have. */
void cxl_window_storage_lost(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    g_autoptr(GArray) lost = g_array_new(false, false, sizeof(Lost));

    if (m->ws) {
        cxl_slices_kept(&m->ws->slices, m, dpa, len, add_lost, lost);
    } else {
        add_lost(lost, m, dpa, len);
    }
    for (unsigned i = 0; i < lost->len; i++) {
        Lost *one = &g_array_index(lost, Lost, i);

        if (one->m->ops->lost) {
            one->m->ops->lost(one->m, one->dpa, one->len);
            bytes_changed(one->m);
        }
    }
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

CxlSliceResult cxl_window_data_prepare(CxlWindows *ws, const CxlPiece *piece)
{
    int64_t began = get_clock();
    uint64_t moved = 0;
    CxlSliceResult result = cxl_piece_prepare(&ws->slices, piece,
                                              CXL_WINDOW_STEP, &moved);

    /* What failed for want of bytes that are lost goes on without them. */
    if (result == CXL_SLICE_FAILED && cxl_host_lost_news()) {
        result = CXL_SLICE_MORE;
    }
    trace_memfab_cxl_window_order(piece->hpa, piece->size,
                                  cxl_interleave_ways(piece->iw), moved,
                                  (get_clock() - began) / SCALE_US);
    return result;
}
