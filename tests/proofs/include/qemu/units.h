/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes, as QEMU's header of this name has them. */
#ifndef PROOFS_QEMU_UNITS_H
#define PROOFS_QEMU_UNITS_H

#define KiB (1ull << 10)
#define MiB (1ull << 20)
#define GiB (1ull << 30)
#define TiB (1ull << 40)

#endif
