/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU 11 calls hw/core/registerfields.h, on releases before it. */
#ifndef HW_MEMFAB_BEFORE_11_HW_CORE_REGISTERFIELDS_H
#define HW_MEMFAB_BEFORE_11_HW_CORE_REGISTERFIELDS_H

#include "hw/registerfields.h"

#endif
