/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU 11 calls hw/core/resettable.h, on releases before it. */
#ifndef HW_MEMFAB_BEFORE_11_HW_CORE_RESETTABLE_H
#define HW_MEMFAB_BEFORE_11_HW_CORE_RESETTABLE_H

#include "hw/resettable.h"

#endif
