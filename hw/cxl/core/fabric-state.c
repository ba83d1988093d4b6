/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * States in parts; see fabric-state.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-state.h"

void cxl_fabric_parts_drop(CxlFabricParts *p)
{
    g_clear_pointer(&p->bytes, g_byte_array_unref);
}

CxlFabricPartsStep cxl_fabric_parts_take(CxlFabricParts *p,
                                         const CxlFabricPart *part)
{
    if (!part->at) {
        cxl_fabric_parts_drop(p);
        *p = (CxlFabricParts) {
            .vppb = part->vppb, .ld = part->ld, .total = part->total,
            .bytes = g_byte_array_new(),
        };
    } else if (!p->bytes || p->vppb != part->vppb || p->ld != part->ld ||
               p->total != part->total || p->bytes->len != part->at) {
        return CXL_FABRIC_PARTS_BAD;
    }
    if (part->len) {
        g_byte_array_append(p->bytes, part->bytes, part->len);
    }
    return p->bytes->len == p->total ? CXL_FABRIC_PARTS_WHOLE :
           CXL_FABRIC_PARTS_MORE;
}

uint32_t cxl_fabric_state_put(GByteArray *out, uint8_t type, uint32_t seq,
                              uint16_t vppb, uint16_t ld,
                              const GByteArray *state, uint32_t at)
{
    uint32_t total = state ? state->len : 0;
    CxlFabricMessage m = {
        .type = type, .seq = seq,
        .part = {
            .vppb = vppb, .ld = ld, .total = total, .at = at,
            .len = MIN(CXL_FABRIC_PART_MAX, total - at),
            .bytes = total ? state->data + at : NULL,
        },
    };

    cxl_fabric_put(out, &m);
    return at + m.part.len;
}
