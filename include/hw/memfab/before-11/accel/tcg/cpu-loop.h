/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU 11 calls accel/tcg/cpu-loop.h, on releases before it. */
#ifndef HW_MEMFAB_BEFORE_11_ACCEL_TCG_CPU_LOOP_H
#define HW_MEMFAB_BEFORE_11_ACCEL_TCG_CPU_LOOP_H

#include "exec/cpu-common.h"

#endif
