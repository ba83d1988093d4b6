/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity payloads, CXL r3.1 8.2.9.9.9.
 * Multi-byte fields are little-endian and unaligned.
 */
#ifndef HW_CXL_WIRE_DCD_H
#define HW_CXL_WIRE_DCD_H

#include "hw/cxl/wire/uuid.h"

/* Region flags; bits 2..6 equal the DSMAS flags of CDAT. */
#define CXL_DC_REGION_SANITIZE     (1u << 0)
#define CXL_DC_REGION_NONVOLATILE  (1u << 2)
#define CXL_DC_REGION_SHARABLE     (1u << 3)
#define CXL_DC_REGION_HW_COHERENCY (1u << 4)
#define CXL_DC_REGION_INTERCONNECT (1u << 5)
#define CXL_DC_REGION_READ_ONLY    (1u << 6)
#define CXL_DC_REGION_FLAGS        0x7d
#define CXL_DC_REGION_DSMAS        0x7c

typedef struct QEMU_PACKED CxlDcExtentWire {
    uint64_t dpa;
    uint64_t len;
    CxlUuid tag;
    uint16_t sequence;
    uint8_t reserved[6];
} CxlDcExtentWire;
QEMU_BUILD_BUG_ON(sizeof(CxlDcExtentWire) != 0x28);

/* 4800h, 8.2.9.9.9.1 */
typedef struct QEMU_PACKED CxlDcConfigIn {
    uint8_t count;
    uint8_t start;
} CxlDcConfigIn;
QEMU_BUILD_BUG_ON(sizeof(CxlDcConfigIn) != 2);

typedef struct QEMU_PACKED CxlDcRegionWire {
    uint64_t base;
    uint64_t decode_len; /* units of 256 MiB */
    uint64_t len;        /* bytes */
    uint64_t block_size;
    uint32_t dsmad_handle;
    uint8_t flags;
    uint8_t reserved[3];
} CxlDcRegionWire;
QEMU_BUILD_BUG_ON(sizeof(CxlDcRegionWire) != 0x28);

typedef struct QEMU_PACKED CxlDcConfigOut {
    uint8_t total;
    uint8_t returned;
    uint8_t reserved[6];
    CxlDcRegionWire regions[]; /* then CxlDcConfigTail */
} CxlDcConfigOut;
QEMU_BUILD_BUG_ON(sizeof(CxlDcConfigOut) != 8);

typedef struct QEMU_PACKED CxlDcConfigTail {
    uint32_t extents_supported, extents_available;
    uint32_t tags_supported, tags_available;
} CxlDcConfigTail;
QEMU_BUILD_BUG_ON(sizeof(CxlDcConfigTail) != 0x10);

/* 4801h, 8.2.9.9.9.2 */
typedef struct QEMU_PACKED CxlDcExtentsIn {
    uint32_t count;
    uint32_t start;
} CxlDcExtentsIn;
QEMU_BUILD_BUG_ON(sizeof(CxlDcExtentsIn) != 8);

typedef struct QEMU_PACKED CxlDcExtentsOut {
    uint32_t returned;
    uint32_t total;
    uint32_t generation;
    uint8_t reserved[4];
    CxlDcExtentWire extents[];
} CxlDcExtentsOut;
QEMU_BUILD_BUG_ON(sizeof(CxlDcExtentsOut) != 0x10);

/* 4802h and 4803h, 8.2.9.9.9.3 and 8.2.9.9.9.4 */
typedef struct QEMU_PACKED CxlDcUpdate {
    uint64_t dpa;
    uint64_t len;
    uint8_t reserved[8];
} CxlDcUpdate;
QEMU_BUILD_BUG_ON(sizeof(CxlDcUpdate) != 0x18);

typedef struct QEMU_PACKED CxlDcUpdateIn {
    uint32_t count;
    uint8_t flags;
    uint8_t reserved[3];
    CxlDcUpdate updates[];
} CxlDcUpdateIn;
QEMU_BUILD_BUG_ON(sizeof(CxlDcUpdateIn) != 8);
#define CXL_DC_UPDATE_MORE (1u << 0)

#endif /* HW_CXL_WIRE_DCD_H */
