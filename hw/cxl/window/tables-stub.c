/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Without CXL memory devices nothing is said of windows and of errors but what
 * QEMU says.
 */
#include "qemu/osdep.h"
#include "hw/cxl/tables.h"

void cxl_window_complete_cedt(GArray *cedt)
{
}

uint64_t cxl_window_near(uint64_t base)
{
    return 0;
}

bool cxl_firmware_first(void)
{
    return false;
}

void cxl_firmware_build_tables(GArray *table_offsets, GArray *table_data,
                               BIOSLinker *linker, const char *oem_id,
                               const char *oem_table_id)
{
}

Aml *cxl_window_qtg_package(Aml *stock)
{
    return stock;
}
