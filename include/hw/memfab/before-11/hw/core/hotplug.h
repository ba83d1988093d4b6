/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU 11 calls hw/core/hotplug.h, on releases before it. */
#ifndef HW_MEMFAB_BEFORE_11_HW_CORE_HOTPLUG_H
#define HW_MEMFAB_BEFORE_11_HW_CORE_HOTPLUG_H

#include "hw/hotplug.h"

#endif
