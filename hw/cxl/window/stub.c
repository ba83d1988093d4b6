/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Without CXL memory devices nothing is decoded, so nobody is told.
 */
#include "qemu/osdep.h"
#include "hw/cxl/window/window.h"

uint32_t cxl_window_epoch(void)
{
    return 0;
}

void cxl_window_each_piece(CxlWindowPieceFn *fn, void *opaque)
{
}
