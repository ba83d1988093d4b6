/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU 11 calls qemu/aio-wait.h, on releases before it. */
#ifndef HW_MEMFAB_BEFORE_11_QEMU_AIO_WAIT_H
#define HW_MEMFAB_BEFORE_11_QEMU_AIO_WAIT_H

#include "block/aio-wait.h"

#endif
