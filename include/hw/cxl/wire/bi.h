/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BI decoder capability structure (back-invalidate), CXL r3.1 8.2.4.27.
 * Offsets count from the start of the structure; registers are 32 bits wide.
 * Behaviour is in hw/cxl/core/component.c.
 */
#ifndef HW_CXL_WIRE_BI_H
#define HW_CXL_WIRE_BI_H

#include "qemu/bitops.h"

#define CXL_BI_LEN                  0x0c

#define CXL_BI_CAP                  0x00
#define   CXL_BI_CAP_HDM_D              BIT(0)
#define   CXL_BI_CAP_EXPLICIT_COMMIT    BIT(1)
#define CXL_BI_CTRL                 0x04
#define   CXL_BI_CTRL_FORWARD           BIT(0)
#define   CXL_BI_CTRL_ENABLE            BIT(1)
#define   CXL_BI_CTRL_COMMIT            BIT(2)
#define CXL_BI_STATUS               0x08
#define   CXL_BI_STATUS_COMMITTED       BIT(0)
#define   CXL_BI_STATUS_ERROR           BIT(1)

#endif /* HW_CXL_WIRE_BI_H */
