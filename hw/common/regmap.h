/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One access of the bus over several areas: registers of one room, registers
 * of another, memory that looks like registers, holes between them.  Who
 * answers which bytes is a table; the access is cut here once, for any
 * address and any width.  Inside an area of registers regbank.h goes on.
 *
 * An access acts on the areas that it covers in ascending order, on each
 * once, with all the bytes that it has there.  Bytes of no area read zero and
 * ignore writes.
 *
 * Invariant (regmap_check): areas ascend, are not empty and do not overlap.
 */
#ifndef HW_COMMON_REGMAP_H
#define HW_COMMON_REGMAP_H

typedef struct RegmapArea {
    uint64_t start;     /* bytes from the start of the map */
    uint64_t len;
    /* @offset counts from @start; @size is 1..8 and inside the area. */
    uint64_t (*read)(void *owner, uint64_t offset, unsigned size);
    void (*write)(void *owner, uint64_t offset, uint64_t value,
                  unsigned size);
} RegmapArea;

/* @size is 1..8; bytes beyond the end of the address space are a hole. */
uint64_t regmap_read(const RegmapArea *areas, unsigned count, void *owner,
                     uint64_t addr, unsigned size);
void regmap_write(const RegmapArea *areas, unsigned count, void *owner,
                  uint64_t addr, uint64_t value, unsigned size);

bool regmap_check(const RegmapArea *areas, unsigned count);

#endif /* HW_COMMON_REGMAP_H */
