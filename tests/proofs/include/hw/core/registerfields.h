/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Register fields as QEMU's header of this name has them; for the proofs. */
#ifndef PROOFS_HW_CORE_REGISTERFIELDS_H
#define PROOFS_HW_CORE_REGISTERFIELDS_H

#include "qemu/bitops.h"

#define REG8(reg, addr) enum { A_ ## reg = (addr), R_ ## reg = (addr) };
#define REG16(reg, addr) enum { A_ ## reg = (addr), R_ ## reg = (addr) / 2 };
#define REG32(reg, addr) enum { A_ ## reg = (addr), R_ ## reg = (addr) / 4 };
#define REG64(reg, addr) enum { A_ ## reg = (addr), R_ ## reg = (addr) / 8 };
#define FIELD(reg, field, shift, length)                                    \
    enum { R_ ## reg ## _ ## field ## _SHIFT = (shift) };                   \
    enum { R_ ## reg ## _ ## field ## _LENGTH = (length) };                 \
    static const uint64_t R_ ## reg ## _ ## field ## _MASK =                \
        MAKE_64BIT_MASK(shift, length);
#define FIELD_EX64(storage, reg, field)                                     \
    extract64((storage), R_ ## reg ## _ ## field ## _SHIFT,                 \
              R_ ## reg ## _ ## field ## _LENGTH)

#endif
