/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoder capability structure, CXL r3.1 8.2.4.20.  Offsets count from
 * the start of the structure; registers are 32 bits wide.  The same layout
 * serves devices, switches and host bridges.  Behaviour of a device's
 * decoders is in hw/cxl/core/hdm.c.
 */
#ifndef HW_CXL_WIRE_HDM_H
#define HW_CXL_WIRE_HDM_H

#include "qemu/bitops.h"

#define CXL_HDM_DEVICE_MAX          10  /* decoders a device may have */
#define CXL_HDM_PORT_MAX            32  /* a switch or a host bridge */
#define CXL_HDM_TARGET_MAX          8   /* entries of a target list */
#define CXL_HDM_ALIGN               0x10000000ull /* of base, size, skip */
#define CXL_HDM_LEN(decoders)       (0x10 + 0x20 * (decoders))

/* CXL r3.1 8.2.4.20.1 */
#define CXL_HDM_CAP                 0x00
#define   CXL_HDM_CAP_COUNT(code)       ((uint32_t)(code))
#define   CXL_HDM_CAP_COUNT_GET(v)      extract32(v, 0, 4)
#define   CXL_HDM_CAP_TARGETS(n)        ((uint32_t)(n) << 4)
#define   CXL_HDM_CAP_IG_256            BIT(8)  /* 256 B to 2 KiB */
#define   CXL_HDM_CAP_IG_4K             BIT(9)  /* 4 KiB to 16 KiB */
#define   CXL_HDM_CAP_POISON            BIT(10)
#define   CXL_HDM_CAP_WAYS_3_6_12       BIT(11)
#define   CXL_HDM_CAP_WAYS_16           BIT(12)
#define   CXL_HDM_CAP_UIO               BIT(13)
#define   CXL_HDM_CAP_UIO_COUNT(n)      ((uint32_t)(n) << 16)
#define   CXL_HDM_CAP_NXM               BIT(20)
#define   CXL_HDM_CAP_COHERENCY(m)      ((uint32_t)(m) << 21)

/* CXL r3.1 8.2.4.20.2 */
#define CXL_HDM_GLOBAL              0x04
#define   CXL_HDM_GLOBAL_POISON         BIT(0)
#define   CXL_HDM_GLOBAL_ENABLE         BIT(1)

/* Registers of decoder n */
#define CXL_HDM_STRIDE              0x20
#define CXL_HDM_BASE_LO(n)          (0x10 + CXL_HDM_STRIDE * (n))
#define CXL_HDM_BASE_HI(n)          (0x14 + CXL_HDM_STRIDE * (n))
#define CXL_HDM_SIZE_LO(n)          (0x18 + CXL_HDM_STRIDE * (n))
#define CXL_HDM_SIZE_HI(n)          (0x1c + CXL_HDM_STRIDE * (n))
#define CXL_HDM_CTRL(n)             (0x20 + CXL_HDM_STRIDE * (n))
#define CXL_HDM_SKIP_LO(n)          (0x24 + CXL_HDM_STRIDE * (n)) /* device */
#define CXL_HDM_SKIP_HI(n)          (0x28 + CXL_HDM_STRIDE * (n))
#define CXL_HDM_TARGET_LO(n)        (0x24 + CXL_HDM_STRIDE * (n)) /* port */
#define CXL_HDM_TARGET_HI(n)        (0x28 + CXL_HDM_STRIDE * (n))

#define CXL_HDM_LO_MASK             0xf0000000u /* of base, size, skip */

/* Control register, CXL r3.1 8.2.4.20.7 */
#define   CXL_HDM_CTRL_IG               0x0000000fu
#define   CXL_HDM_CTRL_IG_GET(v)        extract32(v, 0, 4)
#define   CXL_HDM_CTRL_IW(code)         ((uint32_t)(code) << 4)
#define   CXL_HDM_CTRL_IW_MASK          0x000000f0u
#define   CXL_HDM_CTRL_IW_GET(v)        extract32(v, 4, 4)
#define   CXL_HDM_CTRL_LOCK             BIT(8)
#define   CXL_HDM_CTRL_COMMIT           BIT(9)
#define   CXL_HDM_CTRL_COMMITTED        BIT(10)
#define   CXL_HDM_CTRL_ERROR            BIT(11)
#define   CXL_HDM_CTRL_HOST_ONLY        BIT(12)
#define   CXL_HDM_CTRL_BI               BIT(13)
#define   CXL_HDM_CTRL_UIO              BIT(14)
#define   CXL_HDM_CTRL_UIG_GET(v)       extract32(v, 16, 4)
#define   CXL_HDM_CTRL_UIW_GET(v)       extract32(v, 20, 4)
#define   CXL_HDM_CTRL_ISP_GET(v)       extract32(v, 24, 4)
#define   CXL_HDM_CTRL_UIO_MASK         (0x0fff0000u | CXL_HDM_CTRL_UIO)

/* CXL_HDM_CAP_COHERENCY(): what the device can do, CXL r3.1 8.2.4.20.1 */
enum {
    CXL_HDM_COHERENCY_UNKNOWN   = 0,
    CXL_HDM_COHERENCY_DEVICE    = 1,
    CXL_HDM_COHERENCY_HOST      = 2,
    CXL_HDM_COHERENCY_BOTH      = 3,
};

#endif /* HW_CXL_WIRE_HDM_H */
