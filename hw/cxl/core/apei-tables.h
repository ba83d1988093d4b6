/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables that tell an operating system of core/apei.h: the bodies, behind
 * the common header, of the HEST (ACPI 6.5 18.3.2) and of the EINJ (18.6.1).
 */
#ifndef HW_CXL_CORE_APEI_TABLES_H
#define HW_CXL_CORE_APEI_TABLES_H

/* Appended to @table, an array of bytes */
void cxl_apei_hest(GArray *table);
void cxl_apei_einj(GArray *table);

#endif /* HW_CXL_CORE_APEI_TABLES_H */
