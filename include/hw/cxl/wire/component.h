/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Component register block: where its parts lie and how the capability
 * headers look.  CXL r3.1 8.2.3 and 8.2.4.  The contents of each capability
 * are in hdm.h, ras.h and bi.h; behaviour is in hw/cxl/core/component.c.
 */
#ifndef HW_CXL_WIRE_COMPONENT_H
#define HW_CXL_WIRE_COMPONENT_H

#include "qemu/bitops.h"
#include "hw/cxl/wire/bi.h"
#include "hw/cxl/wire/hdm.h"
#include "hw/cxl/wire/link.h"
#include "hw/cxl/wire/ras.h"

/* The block in its BAR, CXL r3.1 Table 8-21 */
#define CXL_COMP_BLOCK_LEN      0x10000
#define CXL_COMP_CACHEMEM       0x1000  /* CXL.cache and CXL.mem registers */
#define CXL_COMP_CACHEMEM_LEN   0x1000

/* Header at the start of the CXL.cache/mem range, CXL r3.1 8.2.4.1 */
#define CXL_COMP_HEADER(entries) (1u | 1u << 16 | 1u << 20 | (entries) << 24)
#define CXL_COMP_HEADER_ENTRIES(v) extract32(v, 24, 8)
/* Header of capability number n, n from 0, CXL r3.1 8.2.4.2 */
#define CXL_COMP_ENTRY(n)       (4 + 4 * (n))
#define CXL_COMP_ENTRY_VALUE(id, version, offset) \
    ((uint32_t)(id) | (uint32_t)(version) << 16 | (uint32_t)(offset) << 20)

/* CXL r3.1 Table 8-22 */
enum {
    CXL_COMP_ID_RAS     = 0x2,
    CXL_COMP_ID_LINK    = 0x4,
    CXL_COMP_ID_HDM     = 0x5,
    CXL_COMP_ID_BI      = 0xc,
};

/* Where we put each capability; offsets of the stock device are kept. */
#define CXL_COMP_RAS            0x80
#define CXL_COMP_LINK           0xd8
#define CXL_COMP_HDM            0x128
#define CXL_COMP_BI             (CXL_COMP_HDM + CXL_HDM_LEN(CXL_HDM_PORT_MAX))

QEMU_BUILD_BUG_ON(CXL_COMP_RAS + CXL_RAS_LEN > CXL_COMP_LINK);
QEMU_BUILD_BUG_ON(CXL_COMP_LINK + CXL_LINK_LEN > CXL_COMP_HDM);
QEMU_BUILD_BUG_ON(CXL_COMP_BI + CXL_BI_LEN > CXL_COMP_CACHEMEM_LEN);

#endif /* HW_CXL_WIRE_COMPONENT_H */
