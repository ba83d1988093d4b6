/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU 11's hw/core/qdev-properties-system.h, on releases before it. */
#ifndef HW_MEMFAB_BEFORE_11_HW_CORE_QDEV_PROPERTIES_SYSTEM_H
#define HW_MEMFAB_BEFORE_11_HW_CORE_QDEV_PROPERTIES_SYSTEM_H

#include "hw/qdev-properties-system.h"

#endif
