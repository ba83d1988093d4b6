/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Without CXL memory devices nothing is said of windows but what QEMU says.
 */
#include "qemu/osdep.h"
#include "hw/cxl/tables.h"

void cxl_window_complete_cedt(GArray *cedt)
{
}

Aml *cxl_window_qtg_package(Aml *stock)
{
    return stock;
}
