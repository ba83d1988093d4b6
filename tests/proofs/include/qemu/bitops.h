/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bit fields as QEMU's header of this name has them; for the proofs alone. */
#ifndef PROOFS_QEMU_BITOPS_H
#define PROOFS_QEMU_BITOPS_H

#define BIT_ULL(n) (1ULL << (n))
#define MAKE_64BIT_MASK(shift, length) \
    ((~0ULL >> (64 - (length))) << (shift))

static inline uint64_t extract64(uint64_t value, int start, int length)
{
    assert(start >= 0 && length > 0 && length <= 64 - start);
    return (value >> start) & (~0ULL >> (64 - length));
}

static inline uint64_t deposit64(uint64_t value, int start, int length,
                                 uint64_t field)
{
    uint64_t mask;

    assert(start >= 0 && length > 0 && length <= 64 - start);
    mask = (~0ULL >> (64 - length)) << start;
    return (value & ~mask) | ((field << start) & mask);
}

#endif
