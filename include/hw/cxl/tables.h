/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU's builder of CXL firmware tables asks us, so that windows can be
 * described as platforms describe theirs, and errors come by firmware.
 *
 * Without cxl-window and cxl-firmware-first objects on the command line no byte
 * changes.
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

/* Bytes of RAM at the start of the window at @base, window/near.c; 0: none */
uint64_t cxl_window_near(uint64_t base);

/* Does firmware keep control of errors of CXL and its ports, 9.18.2? */
bool cxl_firmware_first(void);
/* If so, what the operating system needs to know: HEST, EINJ, an SSDT */
void cxl_firmware_build_tables(GArray *table_offsets, GArray *table_data,
                               BIOSLinker *linker, const char *oem_id,
                               const char *oem_table_id);

#endif
