/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU 11 calls hw/usb/usb.h, on releases before it. */
#ifndef HW_MEMFAB_BEFORE_11_HW_USB_USB_H
#define HW_MEMFAB_BEFORE_11_HW_USB_USB_H

#include "hw/usb.h"

#endif
