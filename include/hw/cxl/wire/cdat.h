/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coherent device attribute table, CXL r3.1 8.1.11 and CDAT 1.04 2:
 * structures as they lie in the table, all fields little-endian.  Building and
 * checking is in hw/cxl/core/cdat.c.
 */
#ifndef HW_CXL_WIRE_CDAT_H
#define HW_CXL_WIRE_CDAT_H

#include "qemu/bitops.h"

enum {
    CXL_CDAT_DSMAS      = 0,
    CXL_CDAT_DSLBIS     = 1,
    CXL_CDAT_DSMSCIS    = 2,
    CXL_CDAT_DSIS       = 3,
    CXL_CDAT_DSEMTS     = 4,
    CXL_CDAT_SSLBIS     = 5,
    CXL_CDAT_TYPES,
};

typedef struct QEMU_PACKED CxlCdatHeader {
    uint32_t length;    /* of the whole table, bytes */
    uint8_t revision;
    uint8_t checksum;   /* all bytes of the table sum up to 0 */
    uint8_t rsvd[6];
    uint32_t sequence;
} CxlCdatHeader;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatHeader) != 16);

typedef struct QEMU_PACKED CxlCdatEntry {
    uint8_t type;
    uint8_t rsvd;
    uint16_t length;
} CxlCdatEntry;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatEntry) != 4);

/* Device scoped memory affinity */
typedef struct QEMU_PACKED CxlCdatDsmas {
    CxlCdatEntry entry;
    uint8_t handle;
    uint8_t flags;
    uint16_t rsvd;
    uint64_t dpa_base;
    uint64_t dpa_length;
} CxlCdatDsmas;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatDsmas) != 24);

#define CXL_CDAT_DSMAS_NONVOLATILE  BIT(2)
#define CXL_CDAT_DSMAS_SHAREABLE    BIT(3)
#define CXL_CDAT_DSMAS_HW_COHERENT  BIT(4)
#define CXL_CDAT_DSMAS_DYNAMIC      BIT(5)
#define CXL_CDAT_DSMAS_READ_ONLY    BIT(6)

/* Device scoped latency and bandwidth */
typedef struct QEMU_PACKED CxlCdatDslbis {
    CxlCdatEntry entry;
    uint8_t handle;
    uint8_t flags;
    uint8_t data_type;
    uint8_t rsvd;
    uint64_t base_unit; /* picoseconds, or MB/s */
    uint16_t value[3];
    uint16_t rsvd2;
} CxlCdatDslbis;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatDslbis) != 24);

/* Data types of DSLBIS and SSLBIS, CDAT 1.04 2; the same as in HMAT */
enum {
    CXL_CDAT_ACCESS_LATENCY     = 0,
    CXL_CDAT_READ_LATENCY       = 1,
    CXL_CDAT_WRITE_LATENCY      = 2,
    CXL_CDAT_ACCESS_BANDWIDTH   = 3,
    CXL_CDAT_READ_BANDWIDTH     = 4,
    CXL_CDAT_WRITE_BANDWIDTH    = 5,
};

/* Device scoped memory side cache */
typedef struct QEMU_PACKED CxlCdatDsmscis {
    CxlCdatEntry entry;
    uint8_t handle;
    uint8_t rsvd[3];
    uint64_t size;
    uint32_t attributes;
} CxlCdatDsmscis;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatDsmscis) != 20);

/* Device scoped initiator */
typedef struct QEMU_PACKED CxlCdatDsis {
    CxlCdatEntry entry;
    uint8_t flags;
    uint8_t handle;
    uint16_t rsvd;
} CxlCdatDsis;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatDsis) != 8);

#define CXL_CDAT_DSIS_MEM_ATTACHED  BIT(0)

/* Device scoped EFI memory type */
typedef struct QEMU_PACKED CxlCdatDsemts {
    CxlCdatEntry entry;
    uint8_t handle;
    uint8_t efi_type;
    uint16_t rsvd;
    uint64_t offset;    /* in the DSMAS range */
    uint64_t length;
} CxlCdatDsemts;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatDsemts) != 24);

enum {
    CXL_CDAT_EFI_CONVENTIONAL       = 0,
    CXL_CDAT_EFI_SPECIFIC_PURPOSE   = 1,
    CXL_CDAT_EFI_RESERVED           = 2,
};

/* Switch scoped latency and bandwidth; entries follow */
typedef struct QEMU_PACKED CxlCdatSslbis {
    CxlCdatEntry entry;
    uint8_t data_type;
    uint8_t rsvd[3];
    uint64_t base_unit;
} CxlCdatSslbis;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatSslbis) != 16);

typedef struct QEMU_PACKED CxlCdatSslbe {
    uint16_t port_x;
    uint16_t port_y;
    uint16_t value;
    uint16_t rsvd;
} CxlCdatSslbe;
QEMU_BUILD_BUG_ON(sizeof(CxlCdatSslbe) != 8);

#endif /* HW_CXL_WIRE_CDAT_H */
