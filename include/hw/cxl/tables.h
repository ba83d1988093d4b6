/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU's builder of CXL firmware tables asks us, so that windows can be
 * described as platforms describe theirs.
 *
 * Without cxl-window objects on the command line no byte changes.
 */
#ifndef HW_CXL_TABLES_H
#define HW_CXL_TABLES_H

#include "hw/acpi/aml-build.h"

/* @cedt has the structures of the CEDT: complete them, CXL r3.1 9.18.1. */
void cxl_window_complete_cedt(GArray *cedt);
/*
 * What the _DSM for QTG IDs returns, CXL r3.1 9.17.3.1: @stock, or a package
 * by our windows.
 */
Aml *cxl_window_qtg_package(Aml *stock);

#endif
