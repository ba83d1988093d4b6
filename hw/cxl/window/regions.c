/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fixed memory windows: regions of ours over those of QEMU, and the trapping
 * path of loads and stores to a member.
 *
 * Decode is core/route.h over the snapshot of window/tree.c; aliases that
 * spare the trap are window/map.c; where bytes are kept is window/storage.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/poison/consume.h"
#include "hw/cxl/window/internal.h"
#include "hw/pci/pcie_port.h"
#include "hw/pci/peer.h"
#include "system/runstate.h"
#include "system/system.h"
#include "hw/cxl/trace.h"

/* Accesses are cut at this alignment: no interleave is finer. */
#define CUT 256

static CxlWindows windows = {
    .members = QTAILQ_HEAD_INITIALIZER(windows.members),
    .leaving = QTAILQ_HEAD_INITIALIZER(windows.leaving),
};

/* Another function of its slot is the device itself, and not the host. */
static void tell_host_access(CxlWindowMember *m, uint64_t dpa, unsigned len,
                             MemTxAttrs attrs)
{
    if ((attrs.requester_id ^ pci_requester_id(m->pdev)) >> 3) {
        cxl_endpoint_host_accessed(m->ep, dpa, len);
    }
}

static MemTxResult read_piece(const CxlRouteHit *hit, uint64_t hpa,
                              uint8_t *buf, unsigned len, MemTxAttrs attrs)
{
    CxlWindowMember *m = hit->device;
    uint64_t dpa = hit->dpa;
    CxlAccess access;

    tell_host_access(m, dpa, len, attrs);
    m->ops->reads(m, dpa, len);
    /* The first obstacle in the piece decides, wherever it is. */
    for (unsigned done = 0; done < len;) {
        unsigned run = m->ops->access(m, dpa + done, len - done, &access);

        if (access == CXL_ACCESS_POISON) {
            m->ops->read_poison(m, dpa + done);
            cxl_consume_poison(hpa + done, attrs, m->always);
            return MEMTX_ERROR;
        }
        if (access == CXL_ACCESS_NONE) {
            return MEMTX_ERROR;
        }
        if (access != CXL_ACCESS_OK && access != CXL_ACCESS_READ_ONLY) {
            return MEMTX_OK;
        }
        done += run;
    }
    return cxl_window_host_rw(m, dpa, buf, len, false) ? MEMTX_OK
                                                       : MEMTX_DECODE_ERROR;
}

static MemTxResult write_piece(CxlWindowMember *m, uint64_t dpa, uint8_t *buf,
                               unsigned len, MemTxAttrs attrs)
{
    tell_host_access(m, dpa, len, attrs);
    while (len) {
        CxlAccess access;
        unsigned run = m->ops->access(m, dpa, len, &access);

        if (access == CXL_ACCESS_NONE) {
            return MEMTX_ERROR;
        }
        if (access == CXL_ACCESS_OK || access == CXL_ACCESS_POISON) {
            if (!cxl_window_host_rw(m, dpa, buf, run, true)) {
                return MEMTX_DECODE_ERROR;
            }
            m->ops->wrote(m, dpa, run);
        }
        dpa += run;
        buf += run;
        len -= run;
    }
    return MEMTX_OK;
}

/* What cannot be read reads as ones, CXL r3.1 8.2.4.20.2. */
static MemTxResult read_hpa(uint64_t hpa, uint64_t *data, unsigned size,
                            MemTxAttrs attrs)
{
    uint8_t buf[8];
    MemTxResult result = MEMTX_OK;

    memset(buf, 0xff, sizeof(buf));
    for (unsigned done = 0; done < size;) {
        unsigned len = MIN(size - done, CUT - (hpa + done) % CUT);
        CxlRouteHit hit;
        CxlRouteResult route = cxl_route_find(cxl_window_tree(&windows),
                                              hpa + done, &hit);

        if (route == CXL_ROUTE_FOUND) {
            result |= read_piece(&hit, hpa + done, buf + done, len, attrs);
        } else {
            trace_memfab_cxl_window_lost(hpa + done, "read",
                                         cxl_route_result_name(route));
            result |= MEMTX_ERROR;
        }
        done += len;
    }
    *data = ldn_le_p(buf, size);
    trace_memfab_cxl_window_read(hpa, size, *data, result);
    return result;
}

/* Stores that no decoder claims vanish, as they do on the stock window. */
static MemTxResult write_hpa(uint64_t hpa, uint64_t data, unsigned size,
                             MemTxAttrs attrs)
{
    uint8_t buf[8];
    MemTxResult result = MEMTX_OK;

    stn_le_p(buf, size, data);
    for (unsigned done = 0; done < size;) {
        unsigned len = MIN(size - done, CUT - (hpa + done) % CUT);
        CxlRouteHit hit;
        CxlRouteResult route = cxl_route_find(cxl_window_tree(&windows),
                                              hpa + done, &hit);

        if (route == CXL_ROUTE_FOUND) {
            result |= write_piece(hit.device, hit.dpa, buf + done, len, attrs);
            cxl_window_copies_wrote(&windows, hpa + done, len);
        } else {
            trace_memfab_cxl_window_lost(hpa + done, "write",
                                         cxl_route_result_name(route));
        }
        done += len;
    }
    trace_memfab_cxl_window_write(hpa, size, data, result);
    return result;
}

static MemTxResult window_read(void *opaque, hwaddr addr, uint64_t *data,
                               unsigned size, MemTxAttrs attrs)
{
    CxlWindow *w = opaque;
    MemTxResult result = read_hpa(w->base + addr, data, size, attrs);

    if (result == MEMTX_OK) {
        cxl_window_copies_read(&windows, w->base + addr);
    }
    return result;
}

static MemTxResult window_write(void *opaque, hwaddr addr, uint64_t data,
                                unsigned size, MemTxAttrs attrs)
{
    CxlWindow *w = opaque;

    return write_hpa(w->base + addr, data, size, attrs);
}

static const MemoryRegionOps window_ops = {
    .read_with_attrs = window_read,
    .write_with_attrs = window_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = CXL_WINDOW_ANY_ACCESS,
    .impl = CXL_WINDOW_ANY_ACCESS,
};

/* The stock windows call these; ours lie above, so only qdev tricks can. */
MemTxResult cxl_type3_read(PCIDevice *d, hwaddr host_addr, uint64_t *data,
                           unsigned size, MemTxAttrs attrs)
{
    return read_hpa(host_addr, data, size, attrs);
}

MemTxResult cxl_type3_write(PCIDevice *d, hwaddr host_addr, uint64_t data,
                            unsigned size, MemTxAttrs attrs)
{
    return write_hpa(host_addr, data, size, attrs);
}

static void overlay(CxlWindows *ws, CXLFixedWindow *fw)
{
    CxlWindow *w = g_new0(CxlWindow, 1);

    w->base = fw->base;
    w->size = memory_region_size(&fw->mr);
    memory_region_init_io(&w->mr, memory_region_owner(&fw->mr), &window_ops,
                          w, "memfab-cxl-window", w->size);
    /* A load that meets poison may never come back to release it. */
    w->mr.disable_reentrancy_guard = true;
    memory_region_add_subregion_overlap(&fw->mr, 0, &w->mr, 1);
    g_ptr_array_add(ws->windows, w);
    trace_memfab_cxl_window_overlay(w->base, w->size);
}

static uint32_t epoch;

uint32_t cxl_window_epoch(void)
{
    return qatomic_read(&epoch);
}

static void changed(CxlWindows *ws)
{
    qatomic_inc(&epoch);
    if (ws->windows) {
        cxl_window_tree_drop(ws);
        cxl_window_map_update(ws);
    }
}

void cxl_window_changed(void)
{
    changed(&windows);
}

void cxl_window_access_changed(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    if (m->ws) {
        cxl_window_map_update(m->ws);
    }
}

bool cxl_window_settled(void)
{
    return !qatomic_read(&windows.settling);
}

/* A port that comes or leaves is a way more or less to what is below. */
static void port_changed(DeviceListener *listener, DeviceState *dev)
{
    if (object_dynamic_cast(OBJECT(dev), TYPE_PCIE_PORT)) {
        changed(&windows);
    }
}

/*
 * Not when the first member comes: QEMU tells all listeners of all devices when
 * one begins to listen, and the member may yet fail.
 */
static void machine_done(Notifier *notifier, void *data)
{
    static DeviceListener ports = {
        .realize = port_changed, .unrealize = port_changed,
    };

    device_listener_register(&ports);
}

static void regions_init(void)
{
    static Notifier notifier = { .notify = machine_done };

    qemu_add_machine_init_done_notifier(&notifier);
}

type_init(regions_init)

static void machine_runs(void *opaque, bool running, RunState state)
{
    if (running) {
        changed(opaque);
    } else {
        cxl_window_leaving_stopped(opaque);
    }
}

/* ---- what data movers below a switch may know ---- */

typedef struct PeerLook {
    const PCIDevice *upstream;
    PciPeerRangeFn *fn;
    void *opaque;
} PeerLook;

/*
 * All of a piece, or nothing: its bytes are spread over all members, and those
 * of an irregular one over devices that it does not name.
 */
static void peer_piece(void *opaque, const CxlPiece *piece, CxlPieceTrap why,
                       uint64_t mapped)
{
    PeerLook *look = opaque;

    for (unsigned i = 0; i < cxl_interleave_ways(piece->iw); i++) {
        CxlWindowMember *m = piece->member[i].device;

        if (piece->irregular || !pci_peer_below(m->pdev, look->upstream)) {
            return;
        }
    }
    look->fn(look->opaque, piece->hpa, piece->size);
}

typedef struct BesideLook {
    PCIDevice *self;
    PciPeerBesideFn *fn;
    void *opaque;
} BesideLook;

/* One device's alone: then its bytes are in its order. */
static void beside_piece(void *opaque, const CxlPiece *piece, CxlPieceTrap why,
                         uint64_t mapped)
{
    BesideLook *look = opaque;
    CxlWindowMember *m = piece->member[0].device;
    Watch watch = {
        &cxl_bias_watch, cxl_endpoint_bias(m->ep), piece->member[0].dpa,
    };

    if (watch.owner && !piece->irregular && !piece->iw &&
        pci_peer_same_slot(look->self, m->pdev)) {
        look->fn(look->opaque, piece->hpa, piece->size, &watch);
    }
}

static void each_beside(PCIDevice *self, PciPeerBesideFn *fn, void *opaque)
{
    BesideLook look = { .self = self, .fn = fn, .opaque = opaque };

    cxl_window_each_piece(beside_piece, &look);
}

static void each_peer_range(const PCIDevice *upstream, PciPeerRangeFn *fn,
                            void *opaque)
{
    PeerLook look = { .upstream = upstream, .fn = fn, .opaque = opaque };

    cxl_window_each_piece(peer_piece, &look);
}

static PciPeerOps peer_ops = {
    .epoch = cxl_window_epoch,
    .each_range = each_peer_range,
    .each_beside = each_beside,
};

/* Once, when the first member comes: the machine has its windows then. */
static void take_windows(CxlWindows *ws)
{
    if (ws->windows) {
        return;
    }
    ws->changed = changed;
    ws->windows = g_ptr_array_new();
    cxl_window_tree_init(ws);
    for (unsigned i = 0; i < ws->fixed->len; i++) {
        overlay(ws, g_ptr_array_index(ws->fixed, i));
    }
    cxl_window_data_init(ws);
    cxl_window_layout_init(ws);
    cxl_window_leaving_init(ws);
    ws->write = write_hpa;
    cxl_window_copies_init(ws);
    cxl_window_map_init(ws);
    cxl_window_vmstate_init(ws);
    qemu_add_vm_change_state_handler(machine_runs, ws);
    pci_peer_register(&peer_ops);
}

CxlWindows *cxl_window_all(void)
{
    return &windows;
}

const CxlRouteTree *cxl_window_route(void)
{
    return windows.windows ? cxl_window_tree(&windows) : NULL;
}

void cxl_window_each_piece(CxlWindowPieceFn *fn, void *opaque)
{
    if (windows.windows) {
        cxl_window_map_each_piece(&windows, fn, opaque);
    }
}

bool cxl_window_register(CxlWindowMember *m, Error **errp)
{
    CxlWindows *ws = &windows;

    take_windows(ws);
    m->name = m->pdev->name;
    if (!cxl_window_observe(ws, m->pdev, errp)) {
        return false;
    }
    QTAILQ_INSERT_TAIL(&ws->members, m, next);
    if (!cxl_window_layout_join(ws, m, errp)) {
        /* A repair that failed half way may have left sets of it. */
        cxl_slices_abandon(&ws->slices, m);
        QTAILQ_REMOVE(&ws->members, m, next);
        return false;
    }
    m->ws = ws;
    changed(ws);
    return true;
}

bool cxl_window_holds(const MemoryRegion *mr)
{
    return cxl_window_leaving_holds(&windows, mr);
}

bool cxl_window_lets_go(const MemoryRegion *mr)
{
    return cxl_window_leaving_hurry(&windows, mr);
}

void cxl_window_unregister(CxlWindowMember *m)
{
    CxlWindows *ws = m->ws;

    if (!ws) {
        return;
    }
    QTAILQ_REMOVE(&ws->members, m, next);
    m->ws = NULL;
    changed(ws);
    cxl_window_leave(ws, m);
}
