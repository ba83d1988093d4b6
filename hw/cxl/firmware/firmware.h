/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware that is told of CXL errors before the operating system is: the
 * object "cxl-firmware-first".  Private to the glue floor; without the object
 * nothing happens in any call.  The big lock is held.
 */
#ifndef HW_CXL_FIRMWARE_FIRMWARE_H
#define HW_CXL_FIRMWARE_FIRMWARE_H

/* The general purpose event that says so; only later QEMU gives it a name. */
#define CXL_FIRMWARE_EVENT 7

/* Some device has events for the firmware, which will look soon. */
void cxl_firmware_events(void);

#endif
