/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a PCI Express function says of unordered I/O (UIO): the Device 3
 * extended capability, PCIe r6.1 7.7.9, and that of streamlined virtual
 * channels (SVC), PCIe r6.1 7.9.29.  What it means is hw/common/uio.c.
 */
#ifndef HW_COMMON_WIRE_UIO_H
#define HW_COMMON_WIRE_UIO_H

#include "qemu/bitops.h"

#define DEV3_EXT_CAP_ID         0x2f
#define DEV3_EXT_CAP_LEN        0x10

#define DEV3_CAP                0x04
#define   DEV3_CAP_TAG14_COMPLETER  BIT(1)
#define   DEV3_CAP_TAG14_REQUESTER  BIT(2)
#define   DEV3_CAP_UIO_COMPLETER    BIT(10)
#define   DEV3_CAP_UIO_REQUESTER    BIT(11)
#define DEV3_CTRL               0x08
#define   DEV3_CTRL_UIO_REQUESTER   BIT(7)
#define   DEV3_CTRL_UIO_NO_256B     BIT(8)

#define SVC_EXT_CAP_ID          0x35
/* With @n resources */
#define SVC_EXT_CAP_LEN(n)      (0x14 + 0x0c * (n))

#define SVC_PORT_CAP1           0x04
#define   SVC_PORT_CAP1_MORE(n)     (n)     /* resources beside the first */
#define SVC_PORT_CTRL           0x0c
#define   SVC_PORT_CTRL_COMPLETED   BIT(0)
#define SVC_PORT_STATUS         0x10

#define SVC_RES_CAP(n)          (0x14 + 0x0c * (n))
#define   SVC_RES_CAP_PROTOCOLS(p)  ((p) << 8)
#define   SVC_RES_CAP_VC(vc)        ((vc) << 12)
#define SVC_RES_CTRL(n)         (0x18 + 0x0c * (n))
#define   SVC_RES_CTRL_CLASSES      0x000000ffu
#define   SVC_RES_CTRL_PROTOCOL(p)  ((p) << 8)
#define   SVC_RES_CTRL_PROTOCOL_MASK 0x00000f00u
#define   SVC_RES_CTRL_PROTOCOL_GET(v) extract32(v, 8, 4)
#define   SVC_RES_CTRL_LIMIT        0x78000000u
#define   SVC_RES_CTRL_ENABLE       BIT(31)
#define SVC_RES_STATUS(n)       (0x1c + 0x0c * (n))

/* What a virtual channel may carry, and carries */
enum {
    SVC_PROTOCOL_LIKE_VC0   = 0,
    SVC_PROTOCOL_UIO        = 2,
};

#endif /* HW_COMMON_WIRE_UIO_H */
