/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control registers (BAR0) and doorbells (BAR2): SDXI 1.0 9.1 to 9.3,
 * Table 9-2 to Table 9-13.  Offsets in bytes, fields in 64-bit registers,
 * little-endian.  Reset values and hooks are in hw/dma/sdxi/core/regs.c.
 */
#ifndef HW_DMA_SDXI_WIRE_MMIO_H
#define HW_DMA_SDXI_WIRE_MMIO_H

#include "hw/core/registerfields.h"

/* SDXI 1.0 9.1, general registers */
#define SDXI_MMIO_CTL0          0x00000
#define SDXI_MMIO_GRP_ENUM      0x00008
#define SDXI_MMIO_CTL2          0x00010
#define SDXI_MMIO_STS0          0x00100
#define SDXI_MMIO_CAP0          0x00200
#define SDXI_MMIO_CAP1          0x00208
#define SDXI_MMIO_VERSION       0x00210
/* SDXI 1.0 9.2, context and RKey tables */
#define SDXI_MMIO_CXT_L2        0x10000
#define SDXI_MMIO_RKEY          0x10100
/* SDXI 1.0 9.3, error log */
#define SDXI_MMIO_ERR_CTL       0x20000
#define SDXI_MMIO_ERR_STS       0x20008
#define SDXI_MMIO_ERR_CFG       0x20010
#define SDXI_MMIO_ERR_WRT       0x20020
#define SDXI_MMIO_ERR_RD        0x20028

/* SDXI 1.0 Table 9-2 */
FIELD(SDXI_CTL0, GSR, 0, 2)
FIELD(SDXI_CTL0, PASID_VL, 2, 1)
FIELD(SDXI_CTL0, ERR_INTR_EN, 4, 1)
FIELD(SDXI_CTL0, PASID, 8, 20)
FIELD(SDXI_CTL0, GRP_ID, 32, 32)

typedef enum SdxiRequest {
    SDXI_GSR_RESET,
    SDXI_GSR_STOP_SF,
    SDXI_GSR_STOP_HD,
    SDXI_GSR_ACTIVE,
    SDXI_GSR_REQUESTS
} SdxiRequest;

/* SDXI 1.0 Table 9-3 */
FIELD(SDXI_GRP_ENUM, BUSY, 0, 1)
FIELD(SDXI_GRP_ENUM, PROBE, 1, 1)

/* SDXI 1.0 Table 9-4; CAP1 has the same fields at the same places */
FIELD(SDXI_CTL2, MAX_BUFFER, 0, 4)
FIELD(SDXI_CTL2, MAX_AKEY_SZ, 12, 4)
FIELD(SDXI_CTL2, MAX_CXT, 16, 16)
FIELD(SDXI_CTL2, OPB_000, 32, 32)

/* SDXI 1.0 Table 9-5 */
FIELD(SDXI_STS0, GSV, 0, 3)

typedef enum SdxiGsv {
    SDXI_GSV_STOP,
    SDXI_GSV_INIT,
    SDXI_GSV_ACTIVE,
    SDXI_GSV_STOPG_SF,
    SDXI_GSV_STOPG_HD,
    SDXI_GSV_ERROR,
    SDXI_GSV_STATES
} SdxiGsv;

/* SDXI 1.0 Table 9-6 */
FIELD(SDXI_CAP0, SFUNC, 0, 16)
FIELD(SDXI_CAP0, VF, 16, 1)
FIELD(SDXI_CAP0, CS_CAP, 17, 2)
FIELD(SDXI_CAP0, DB_STRIDE, 20, 3)          /* 4 KiB << value */
FIELD(SDXI_CAP0, MAX_DS_RING_SZ, 24, 5)     /* 1024 << value descriptors */
FIELD(SDXI_CAP0, MAX_RKEY_SZ, 32, 4)        /* 256 << value entries */

/* SDXI 1.0 Table 9-7 */
FIELD(SDXI_CAP1, MAX_BUFFER, 0, 4)          /* 2 MiB << value bytes */
FIELD(SDXI_CAP1, RKEY_CAP, 4, 1)
FIELD(SDXI_CAP1, RM, 5, 1)
FIELD(SDXI_CAP1, MMIO64, 6, 1)
FIELD(SDXI_CAP1, MAX_ERRLOG_SZ, 8, 4)       /* 64 << value entries */
FIELD(SDXI_CAP1, MAX_AKEY_SZ, 12, 4)        /* 256 << value entries */
FIELD(SDXI_CAP1, MAX_CXT, 16, 16)           /* number of the last context */
FIELD(SDXI_CAP1, OPB_000, 32, 32)           /* bit n: opcode type n */

/* SDXI 1.0 Table 9-8 */
FIELD(SDXI_VERSION, MINOR, 0, 8)
FIELD(SDXI_VERSION, MAJOR, 16, 8)

/* SDXI 1.0 Table 9-9 */
FIELD(SDXI_CXT_L2, PTR, 12, 52)

/* SDXI 1.0 Table 9-10 */
FIELD(SDXI_RKEY, EN, 0, 1)
FIELD(SDXI_RKEY, SZ, 1, 4)                  /* 256 << value entries */
FIELD(SDXI_RKEY, PTR, 12, 52)

/* SDXI 1.0 Table 9-11 */
FIELD(SDXI_ERR_CTL, INTR_EN, 0, 1)

/* SDXI 1.0 Table 9-12, write 1 to clear */
FIELD(SDXI_ERR_STS, STS, 0, 1)
FIELD(SDXI_ERR_STS, OVF, 1, 1)
FIELD(SDXI_ERR_STS, ERR, 3, 1)

/* SDXI 1.0 Table 9-13 */
FIELD(SDXI_ERR_CFG, EN, 0, 1)
FIELD(SDXI_ERR_CFG, SZ, 1, 5)
FIELD(SDXI_ERR_CFG, PTR, 12, 52)

/* Units of the encodings above */
#define SDXI_DB_STRIDE_MIN      4096
#define SDXI_RING_MIN           1024
#define SDXI_BUFFER_SHIFT       21
#define SDXI_KEYS_MIN           256
#define SDXI_ERRLOG_MIN         64
#define SDXI_CONTEXTS_MAX       65536
#define SDXI_VECTORS_MAX        2048

/* SDXI 1.0 3.4: errors of the function and of its log share this vector */
#define SDXI_ERROR_VECTOR       0

#endif /* HW_DMA_SDXI_WIRE_MMIO_H */
