/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts about health that a person can set one by one, by name: which
 * values each can have, and what it means in a few words.
 *
 * How names get here is hw/cxl/type3/health.c; what the device makes of facts
 * is health.h.
 */
#ifndef HW_CXL_CORE_VITALS_H
#define HW_CXL_CORE_VITALS_H

#include "hw/cxl/core/health.h"

typedef struct CxlVital {
    const char *name;
    int64_t min, max;
    const char *text;
    size_t offset;              /* in CxlHealthFacts */
    uint8_t size;               /* bytes of it there */
    bool is_signed;
} CxlVital;

/* One after the other; NULL after the last. */
const CxlVital *cxl_vital(unsigned n);

int64_t cxl_vital_get(const CxlVital *v, const CxlHealthFacts *facts);
/*
 * NULL, or an allocated sentence that names @v, the value and the accepted
 * range; the facts are then as before.
 */
char *cxl_vital_set(const CxlVital *v, CxlHealthFacts *facts, int64_t value);

#endif /* HW_CXL_CORE_VITALS_H */
