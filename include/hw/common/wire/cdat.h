/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coherent device attribute table, CXL r3.1 8.1.11 and CDAT 1.04 2:
 * structures as they lie in the table, all fields little-endian, and the
 * data object that reads them one by one.  Building and
 * checking is in hw/common/cdat.c.
 */
#ifndef HW_COMMON_WIRE_CDAT_H
#define HW_COMMON_WIRE_CDAT_H

#include "qemu/bitops.h"

enum {
    CDAT_DSMAS      = 0,
    CDAT_DSLBIS     = 1,
    CDAT_DSMSCIS    = 2,
    CDAT_DSIS       = 3,
    CDAT_DSEMTS     = 4,
    CDAT_SSLBIS     = 5,
    CDAT_TYPES,
};

typedef struct QEMU_PACKED CdatHeader {
    uint32_t length;    /* of the whole table, bytes */
    uint8_t revision;
    uint8_t checksum;   /* all bytes of the table sum up to 0 */
    uint8_t rsvd[6];
    uint32_t sequence;
} CdatHeader;
QEMU_BUILD_BUG_ON(sizeof(CdatHeader) != 16);

typedef struct QEMU_PACKED CdatEntry {
    uint8_t type;
    uint8_t rsvd;
    uint16_t length;
} CdatEntry;
QEMU_BUILD_BUG_ON(sizeof(CdatEntry) != 4);

/* Device scoped memory affinity */
typedef struct QEMU_PACKED CdatDsmas {
    CdatEntry entry;
    uint8_t handle;
    uint8_t flags;
    uint16_t rsvd;
    uint64_t dpa_base;
    uint64_t dpa_length;
} CdatDsmas;
QEMU_BUILD_BUG_ON(sizeof(CdatDsmas) != 24);

#define CDAT_DSMAS_NONVOLATILE  BIT(2)
#define CDAT_DSMAS_SHAREABLE    BIT(3)
#define CDAT_DSMAS_HW_COHERENT  BIT(4)
#define CDAT_DSMAS_DYNAMIC      BIT(5)
#define CDAT_DSMAS_READ_ONLY    BIT(6)

/* Device scoped latency and bandwidth */
typedef struct QEMU_PACKED CdatDslbis {
    CdatEntry entry;
    uint8_t handle;
    uint8_t flags;
    uint8_t data_type;
    uint8_t rsvd;
    uint64_t base_unit; /* picoseconds, or MB/s */
    uint16_t value[3];
    uint16_t rsvd2;
} CdatDslbis;
QEMU_BUILD_BUG_ON(sizeof(CdatDslbis) != 24);

/* Data types of DSLBIS and SSLBIS, CDAT 1.04 2; the same as in HMAT */
enum {
    CDAT_ACCESS_LATENCY     = 0,
    CDAT_READ_LATENCY       = 1,
    CDAT_WRITE_LATENCY      = 2,
    CDAT_ACCESS_BANDWIDTH   = 3,
    CDAT_READ_BANDWIDTH     = 4,
    CDAT_WRITE_BANDWIDTH    = 5,
};

/* Device scoped memory side cache */
typedef struct QEMU_PACKED CdatDsmscis {
    CdatEntry entry;
    uint8_t handle;
    uint8_t rsvd[3];
    uint64_t size;
    uint32_t attributes;
} CdatDsmscis;
QEMU_BUILD_BUG_ON(sizeof(CdatDsmscis) != 20);

/* Device scoped initiator */
typedef struct QEMU_PACKED CdatDsis {
    CdatEntry entry;
    uint8_t flags;
    uint8_t handle;
    uint16_t rsvd;
} CdatDsis;
QEMU_BUILD_BUG_ON(sizeof(CdatDsis) != 8);

#define CDAT_DSIS_MEM_ATTACHED  BIT(0)

/* Device scoped EFI memory type */
typedef struct QEMU_PACKED CdatDsemts {
    CdatEntry entry;
    uint8_t handle;
    uint8_t efi_type;
    uint16_t rsvd;
    uint64_t offset;    /* in the DSMAS range */
    uint64_t length;
} CdatDsemts;
QEMU_BUILD_BUG_ON(sizeof(CdatDsemts) != 24);

enum {
    CDAT_EFI_CONVENTIONAL       = 0,
    CDAT_EFI_SPECIFIC_PURPOSE   = 1,
    CDAT_EFI_RESERVED           = 2,
};

/* Switch scoped latency and bandwidth; entries follow */
typedef struct QEMU_PACKED CdatSslbis {
    CdatEntry entry;
    uint8_t data_type;
    uint8_t rsvd[3];
    uint64_t base_unit;
} CdatSslbis;
QEMU_BUILD_BUG_ON(sizeof(CdatSslbis) != 16);

typedef struct QEMU_PACKED CdatSslbe {
    uint16_t port_x;
    uint16_t port_y;
    uint16_t value;
    uint16_t rsvd;
} CdatSslbe;
QEMU_BUILD_BUG_ON(sizeof(CdatSslbe) != 8);

/* Table access, an object of vendor CXL, CXL r3.1 8.1.11 */
#define CDAT_DOE_TYPE               2
/* Dword 2 of the request; the response has the same fields */
#define CDAT_DOE_CODE(dw)           extract32(dw, 0, 8)
#define CDAT_DOE_TABLE_TYPE(dw)     extract32(dw, 8, 8)
#define CDAT_DOE_HANDLE(dw)         extract32(dw, 16, 16)
#define CDAT_DOE_READ               0
#define CDAT_DOE_CDAT               0
#define CDAT_DOE_LAST               0xffff

#endif /* HW_COMMON_WIRE_CDAT_H */
