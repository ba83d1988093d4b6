/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spare resources for repair, CXL r3.1 8.2.9.7.  What repair does to poison
 * and events is in cci/maintenance.c.
 */
#ifndef HW_CXL_CORE_MAINTENANCE_H
#define HW_CXL_CORE_MAINTENANCE_H

#include "hw/common/save.h"
#include "hw/cxl/wire/features.h"

/* Soft and hard post package repair; cacheline, row, bank, rank sparing */
#define CXL_SPARE_KINDS 6

typedef struct CxlMaintenance {
    uint8_t spares[CXL_SPARE_KINDS]; /* left of each kind */
    uint8_t supply;     /* what there was of each */
} CxlMaintenance;

void cxl_maintenance_init(CxlMaintenance *m, uint8_t supply);
/* Soft repairs do not outlive power. */
void cxl_maintenance_cold_reset(CxlMaintenance *m);
/* Kind of an operation, or -1 if there is none such. */
int cxl_maintenance_kind(unsigned class, unsigned subclass);
/* Use one up of those that are left. */
void cxl_maintenance_take(CxlMaintenance *m, unsigned kind);

/* Saved state, see hw/common/save.h. */
void cxl_maintenance_save(const CxlMaintenance *m, SaveWriter *w);
void cxl_maintenance_load(CxlMaintenance *m, SaveReader *r);
const char *cxl_maintenance_check(const CxlMaintenance *m);

#endif /* HW_CXL_CORE_MAINTENANCE_H */
