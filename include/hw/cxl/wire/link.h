/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL link capability structure, CXL r3.1 8.2.4.19.  Offsets count from the
 * start of the structure; registers are 64 bits wide.
 */
#ifndef HW_CXL_WIRE_LINK_H
#define HW_CXL_WIRE_LINK_H

#include "qemu/bitops.h"

#define CXL_LINK_LEN                    0x50

/* CXL r3.1 8.2.4.19.1 */
#define CXL_LINK_CAP                    0x00
#define   CXL_LINK_CAP_VERSION(v)           ((uint64_t)(v))
#define   CXL_LINK_CAP_PARTNER_VERSION(v)   ((uint64_t)(v) << 4)
#define   CXL_LINK_CAP_WRAP(n)              ((uint64_t)(n) << 8)
#define   CXL_LINK_CAP_PARTNER_WRAP(n)      ((uint64_t)(n) << 16)
#define   CXL_LINK_VERSION_2_AND_LATER      2

/* CXL r3.1 8.2.4.19.2 */
#define CXL_LINK_STATUS                 0x08
#define   CXL_LINK_STATUS_INIT_DONE         (3ull << 3)

#endif /* HW_CXL_WIRE_LINK_H */
