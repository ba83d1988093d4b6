/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single accesses of guest RAM that is mapped here, little-endian as it lies
 * there.  Whose RAM that is, and for how long, the caller knows.
 */
#ifndef HW_DMA_SDXI_CORE_RAM_H
#define HW_DMA_SDXI_CORE_RAM_H

#include "qemu/bitops.h"
#include "qemu/bswap.h"

/* One access where @len and alignment make that possible. */
static inline void sdxi_ram_move(void *to, const void *from, uint64_t len)
{
    uintptr_t both = (uintptr_t)to | (uintptr_t)from;

    if (len == 8 && !(both & 7)) {
        qatomic_set((uint64_t *)to, qatomic_read((const uint64_t *)from));
    } else if (len == 4 && !(both & 3)) {
        qatomic_set((uint32_t *)to, qatomic_read((const uint32_t *)from));
    } else if (len == 2 && !(both & 1)) {
        qatomic_set((uint16_t *)to, qatomic_read((const uint16_t *)from));
    } else {
        memmove(to, from, len);
    }
}

/*
 * @at, which is aligned, becomes @desired if it is @expected.  Returns what it
 * was; @size is 4 or 8.
 */
static inline uint64_t sdxi_ram_cmpxchg(void *at, unsigned size,
                                        uint64_t expected, uint64_t desired)
{
    return size == 8
        ? le64_to_cpu(qatomic_cmpxchg((uint64_t *)at, cpu_to_le64(expected),
                                      cpu_to_le64(desired)))
        : le32_to_cpu(qatomic_cmpxchg((uint32_t *)at, cpu_to_le32(expected),
                                      cpu_to_le32(desired)));
}

#endif /* HW_DMA_SDXI_CORE_RAM_H */
