/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL performance monitoring unit: register block with identifier 4, CXL r3.1
 * 8.2.7.  Offsets count from the start of the block; registers are 64 bits
 * wide, filters 32.  Which counters and events a device has is in
 * hw/cxl/core/pmu.c.
 */
#ifndef HW_CXL_WIRE_CPMU_H
#define HW_CXL_WIRE_CPMU_H

#include "qemu/bitops.h"

#define CXL_CPMU_LEN                    0xe00
#define CXL_CPMU_COUNTERS_MAX           64

/* CXL r3.1 8.2.7.1.1 */
#define CXL_CPMU_CAP                    0x00
#define   CXL_CPMU_CAP_COUNTERS(n)          ((uint64_t)((n) - 1))
#define   CXL_CPMU_CAP_WIDTH(bits)          ((uint64_t)(bits) << 8)
#define   CXL_CPMU_CAP_GROUPS(n)            ((uint64_t)((n) - 1) << 20)
#define   CXL_CPMU_CAP_FILTER_HDM           BIT_ULL(32)
#define   CXL_CPMU_CAP_MESSAGE(n)           ((uint64_t)(n) << 44)
#define   CXL_CPMU_CAP_FROZEN_WRITABLE      BIT_ULL(48)
#define   CXL_CPMU_CAP_FREEZE               BIT_ULL(49)
#define   CXL_CPMU_CAP_INTERRUPT            BIT_ULL(50)
#define   CXL_CPMU_CAP_VERSION(v)           ((uint64_t)(v) << 60)

/* CXL r3.1 8.2.7.1.2, 8.2.7.1.3: a bit for each counter */
#define CXL_CPMU_OVERFLOW               0x10
#define CXL_CPMU_FREEZE                 0x18

/* CXL r3.1 8.2.7.1.4 */
#define CXL_CPMU_EVENTS(group)          (0x100 + 8 * (group))
#define   CXL_CPMU_EVENTS_VALUE(vendor, id, mask) \
    ((uint64_t)(mask) | (uint64_t)(id) << 32 | (uint64_t)(vendor) << 48)

/* CXL r3.1 8.2.7.2.1 */
#define CXL_CPMU_CONFIG(counter)        (0x200 + 8 * (counter))
#define   CXL_CPMU_CONFIG_FIXED             1ull
#define   CXL_CPMU_CONFIG_CONFIGURABLE      2ull
#define   CXL_CPMU_CONFIG_ENABLE            BIT_ULL(8)
#define   CXL_CPMU_CONFIG_INTERRUPT         BIT_ULL(9)
#define   CXL_CPMU_CONFIG_FREEZE            BIT_ULL(10)
#define   CXL_CPMU_CONFIG_THRESHOLD_MASK    MAKE_64BIT_MASK(16, 8)
#define   CXL_CPMU_CONFIG_THRESHOLD_GET(v)  extract64(v, 16, 8)
#define   CXL_CPMU_CONFIG_EVENTS(mask)      ((uint64_t)(mask) << 24)
#define   CXL_CPMU_CONFIG_EVENTS_MASK       MAKE_64BIT_MASK(24, 32)
#define   CXL_CPMU_CONFIG_EVENTS_GET(v)     extract64(v, 24, 32)
#define   CXL_CPMU_CONFIG_GROUP(index)      ((uint64_t)(index) << 59)
#define   CXL_CPMU_CONFIG_GROUP_MASK        MAKE_64BIT_MASK(59, 5)
#define   CXL_CPMU_CONFIG_GROUP_GET(v)      extract64(v, 59, 5)

/* CXL r3.1 8.2.7.2.2; filter 0 is a mask of HDM decoders */
#define CXL_CPMU_FILTER(counter)        (0x400 + 0x20 * (counter))
#define   CXL_CPMU_FILTER_OFF               0xffffffffu

/* CXL r3.1 8.2.7.2.3 */
#define CXL_CPMU_COUNTER(counter)       (0xc00 + 8 * (counter))

/* Event groups of CXL_CPMU_VENDOR, CXL r3.1 13.2; events are bit numbers */
#define CXL_CPMU_VENDOR                 0x1e98
#define CXL_CPMU_GROUP_CLOCK            0x0000
#define   CXL_CPMU_CLOCK_TICKS              0
#define CXL_CPMU_GROUP_M2S_REQ          0x0020
#define   CXL_CPMU_M2S_REQ_MEM_RD           1
#define CXL_CPMU_GROUP_M2S_RWD          0x0021
#define   CXL_CPMU_M2S_RWD_MEM_WR_PTL       2
#define CXL_CPMU_GROUP_S2M_NDR          0x0024
#define   CXL_CPMU_S2M_NDR_CMP              0
#define CXL_CPMU_GROUP_S2M_DRS          0x0025
#define   CXL_CPMU_S2M_DRS_MEM_DATA         0
#define   CXL_CPMU_S2M_DRS_MEM_DATA_NXM     1

#endif /* HW_CXL_WIRE_CPMU_H */
