/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL hotness monitoring unit: register block with identifier 5, CXL r3.2
 * 8.2.8.  Offsets of the first group count from the start of the block, all
 * others from the start of an instance.  Registers are 64 bits wide, head and
 * tail 16.  How units are counted is in hw/cxl/core/chmu.c.
 */
#ifndef HW_CXL_WIRE_CHMU_H
#define HW_CXL_WIRE_CHMU_H

#include "qemu/bitops.h"

#define CXL_CHMU_CAP                    0x00
#define   CXL_CHMU_CAP_VERSION(v)           ((uint64_t)(v))
#define   CXL_CHMU_CAP_INSTANCES(n)         ((uint64_t)(n) << 8)
#define CXL_CHMU_CAP2                   0x08    /* bytes of an instance */
#define CXL_CHMU_INSTANCE               0x10    /* where the first begins */

/* What an instance can do */
#define CXL_CHMU_ABLE                   0x00
#define   CXL_CHMU_ABLE_MESSAGE(n)          ((uint64_t)(n))
#define   CXL_CHMU_ABLE_OVERFLOW            BIT_ULL(4)
#define   CXL_CHMU_ABLE_FILL                BIT_ULL(5)
#define   CXL_CHMU_ABLE_TRACK(what)         BIT_ULL(7 + (what))
#define   CXL_CHMU_ABLE_LONGEST(epoch)      ((uint64_t)(epoch) << 16)
#define   CXL_CHMU_ABLE_SHORTEST(epoch)     ((uint64_t)(epoch) << 32)
#define   CXL_CHMU_ABLE_ENTRIES(n)          ((uint64_t)(n) << 48)
#define CXL_CHMU_ABLE2                  0x08
#define   CXL_CHMU_ABLE2_UNIT(log2)         BIT_ULL((log2) - 8)
#define   CXL_CHMU_ABLE2_SAMPLE(log2)       BIT_ULL(32 + (log2))
#define   CXL_CHMU_ABLE2_EPOCHS             BIT_ULL(48)
#define   CXL_CHMU_ABLE2_ALWAYS_ON          BIT_ULL(49)
#define CXL_CHMU_BITMAP_OFFSET          0x10
#define CXL_CHMU_HOTLIST_OFFSET         0x18

/* An epoch's length: twelve bits of the scale, and which scale */
#define CXL_CHMU_EPOCH(scale, times)    ((scale) | (times) << 4)
#define CXL_CHMU_EPOCH_SCALE(v)         extract32(v, 0, 4)
#define CXL_CHMU_EPOCH_TIMES(v)         extract32(v, 4, 12)
#define   CXL_CHMU_SCALE_100US              1
#define   CXL_CHMU_SCALE_1MS                2
#define   CXL_CHMU_SCALE_10MS               3
#define   CXL_CHMU_SCALE_100MS              4
#define   CXL_CHMU_SCALE_1S                 5

/* What it shall do */
#define CXL_CHMU_CONFIG                 0x40
#define   CXL_CHMU_CONFIG_WHAT_MASK         0xffull
#define   CXL_CHMU_CONFIG_OVERFLOW          BIT_ULL(9)
#define   CXL_CHMU_CONFIG_FILL              BIT_ULL(10)
#define   CXL_CHMU_CONFIG_ENABLE            BIT_ULL(16)
#define   CXL_CHMU_CONFIG_RESET             BIT_ULL(17)
#define   CXL_CHMU_CONFIG_THRESHOLD(n)      ((uint64_t)(n) << 32)
#define   CXL_CHMU_CONFIG_THRESHOLD_MASK    MAKE_64BIT_MASK(32, 32)
#define   CXL_CHMU_CONFIG_THRESHOLD_GET(v)  extract64(v, 32, 32)
#define CXL_CHMU_CONFIG2                0x48
#define   CXL_CHMU_CONFIG2_UNIT_GET(v)      extract64(v, 0, 32) /* log2 */
#define   CXL_CHMU_CONFIG2_SAMPLE(log2)     ((uint64_t)(log2) << 32)
#define   CXL_CHMU_CONFIG2_SAMPLE_GET(v)    extract64(v, 32, 8)
#define   CXL_CHMU_CONFIG2_ALWAYS_ON        BIT_ULL(40)
#define   CXL_CHMU_CONFIG2_MODE_GET(v)      extract64(v, 40, 8)
#define   CXL_CHMU_CONFIG2_EPOCH(epoch)     ((uint64_t)(epoch) << 48)
#define   CXL_CHMU_CONFIG2_EPOCH_GET(v)     extract64(v, 48, 16)
#define CXL_CHMU_CONFIG3                0x50
#define   CXL_CHMU_CONFIG3_FILL_MASK        0xffffull

/* CXL r3.2 8.2.8: which requests count, of trusted environments or not */
enum {
    CXL_CHMU_UNTRUSTED_READS = 1, CXL_CHMU_UNTRUSTED_WRITES,
    CXL_CHMU_UNTRUSTED_ALL, CXL_CHMU_READS, CXL_CHMU_WRITES, CXL_CHMU_ALL,
};

#define CXL_CHMU_STATUS                 0x60
#define   CXL_CHMU_STATUS_ENABLED           BIT_ULL(0)
#define   CXL_CHMU_STATUS_COUNT_BITS(n)     ((uint64_t)(n) << 32)
#define   CXL_CHMU_STATUS_OVERFLOW          BIT_ULL(40)
#define   CXL_CHMU_STATUS_FILL              BIT_ULL(41)
/* Indices of entries: the oldest, and where the next one will be */
#define CXL_CHMU_HEAD                   0x68
#define CXL_CHMU_TAIL                   0x6a
#define CXL_CHMU_BITMAP                 0x70    /* a bit for 256 MiB */

#endif /* HW_CXL_WIRE_CHMU_H */
