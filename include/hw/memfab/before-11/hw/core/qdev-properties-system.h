/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU 11 calls hw/core/qdev-properties-system.h, on releases before it. */
#ifndef HW_MEMFAB_BEFORE_11_HW_CORE_QDEV_PROPERTIES_SYSTEM_H
#define HW_MEMFAB_BEFORE_11_HW_CORE_QDEV_PROPERTIES_SYSTEM_H

#include "hw/qdev-properties-system.h"

#endif
