/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting bits, as QEMU's header of this name has it; for the proofs alone. */
#ifndef PROOFS_QEMU_HOST_UTILS_H
#define PROOFS_QEMU_HOST_UTILS_H

static inline int ctpop64(uint64_t value)
{
    return __builtin_popcountll(value);
}

static inline int ctz64(uint64_t value)
{
    return value ? __builtin_ctzll(value) : 64;
}

static inline bool is_power_of_2(uint64_t value)
{
    return value && !(value & (value - 1));
}

#endif
