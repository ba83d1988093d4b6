/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Word of every change to decoders whose registers are QEMU's, those of host
 * bridges and upstream ports: their special_ops lead here.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/core/bridge-decoders.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/window/internal.h"

static void observed_write(void *opaque, hwaddr offset, uint64_t value,
                           unsigned size)
{
    CXLComponentState *c = opaque;
    CxlWindows *ws = container_of(c->crb.special_ops, CxlWindows, port_ops);
    uint8_t *regs = (uint8_t *)c->crb.cache_mem_registers;

    switch (cxl_bridge_decoders_write(regs + CXL_COMP_HDM,
                                      offset - CXL_COMP_HDM, value)) {
    case CXL_BRIDGE_WRITTEN:
        ws->changed(ws);
        break;
    case CXL_BRIDGE_LOCKED:
        break;
    case CXL_BRIDGE_OTHER:
        c->crb.cache_mem_registers[offset / 4] = value;
        break;
    }
}

typedef struct Observe {
    CxlWindows *ws;
    Object *taken;      /* a bridge that something else observes */
} Observe;

static void observe(void *opaque, Object *bridge, CXLComponentState *c)
{
    Observe *o = opaque;

    if (!c->crb.special_ops) {
        c->crb.special_ops = &o->ws->port_ops;
    } else if (c->crb.special_ops != &o->ws->port_ops) {
        o->taken = bridge;
    }
}

bool cxl_window_observe(CxlWindows *ws, PCIDevice *pdev, Error **errp)
{
    Observe o = { .ws = ws };
    g_autofree char *path = NULL;

    ws->port_ops.write = observed_write;
    cxl_window_tree_bridges(pdev, observe, &o);
    if (!o.taken) {
        return true;
    }
    path = object_get_canonical_path(o.taken);
    error_setg(errp, "property 'bus': the decoder registers of '%s' are "
               "observed by something else, so changes of its decoders would "
               "not be seen; use a port below another bridge", path);
    return false;
}
