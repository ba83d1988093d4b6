/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State of a logical device on its way between a host and its switch: cut into
 * messages on one side, put together on the other (core/fabric-wire.h).  What
 * is in it only hosts know: cxl_memdev_save_ld().
 */
#ifndef HW_CXL_CORE_FABRIC_STATE_H
#define HW_CXL_CORE_FABRIC_STATE_H

#include "hw/cxl/core/fabric-wire.h"

/* What has come of one; zeroes: nothing has. */
typedef struct CxlFabricParts {
    uint16_t vppb, ld;
    uint32_t total;
    GByteArray *bytes;      /* NULL: none is on its way */
} CxlFabricParts;

typedef enum CxlFabricPartsStep {
    CXL_FABRIC_PARTS_MORE,
    CXL_FABRIC_PARTS_WHOLE, /* @bytes are all of it */
    CXL_FABRIC_PARTS_BAD,   /* it is no part of what was begun */
} CxlFabricPartsStep;

/* One that begins a state is the end of what was not finished. */
CxlFabricPartsStep cxl_fabric_parts_take(CxlFabricParts *p,
                                         const CxlFabricPart *part);
void cxl_fabric_parts_drop(CxlFabricParts *p);

/*
 * Appends the part of @state (NULL: empty) that begins at @at, as a message of
 * @type; returns where the next one begins, which is the end of @state behind
 * the last one.
 */
uint32_t cxl_fabric_state_put(GByteArray *out, uint8_t type, uint32_t seq,
                              uint16_t vppb, uint16_t ld,
                              const GByteArray *state, uint32_t at);

#endif /* HW_CXL_CORE_FABRIC_STATE_H */
