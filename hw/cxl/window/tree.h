/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU's buses and host-side decoders look like to core/route.h.
 * Private to the windows.
 */
#ifndef HW_CXL_WINDOW_TREE_H
#define HW_CXL_WINDOW_TREE_H

#include "hw/cxl/cxl.h"
#include "hw/cxl/core/route.h"
#include "hw/cxl/window/window.h"

/*
 * Every fixed window of the machine, in address order, as CXLFixedWindow *;
 * an empty array if CXL is off.  To be freed by the caller.
 */
GPtrArray *cxl_window_tree_fixed(void);

/* Finds the member that is @pdev, or NULL. */
typedef CxlWindowMember *CxlWindowLookup(PCIDevice *pdev);

/*
 * A snapshot of the @fixed windows and all below them.  Devices in it are
 * CxlWindowMember pointers; those whose CXL.mem is off have no decoders.
 */
CxlRouteTree *cxl_window_tree_build(const GPtrArray *fixed,
                                    CxlWindowLookup *lookup);

/* Call @fn for every bridge with decoders above @pdev, host bridge last. */
void cxl_window_tree_bridges(PCIDevice *pdev,
                             void (*fn)(void *opaque, Object *bridge,
                                        CXLComponentState *c),
                             void *opaque);
/* The component registers of @bridge, or NULL if it is no such bridge. */
CXLComponentState *cxl_window_tree_registers(Object *bridge);

/*
 * Have @changed called after every write to a decoder register of the bridges
 * above @pdev, up to and including the host bridge.  Doing it again does
 * nothing.
 */
void cxl_window_tree_observe(PCIDevice *pdev, void (*changed)(void));

#endif
