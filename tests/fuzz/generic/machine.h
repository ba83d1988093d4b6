/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine below QEMU's generic fuzzer: what firmware has done before the
 * first byte of an input is looked at, and configuration space behind bridges.
 */
#ifndef TESTS_FUZZ_GENERIC_MACHINE_H
#define TESTS_FUZZ_GENERIC_MACHINE_H

#include "hw/pci/pci_device.h"

/*
 * On a q35: buses have numbers, bridges windows, functions BARs, and enabled
 * MSI-X whose messages go to RAM; SR-IOV is on, and no function can be taken
 * out.  False on another machine, where nothing has been done.
 */
bool generic_machine_start(void);

/*
 * Configuration space of @dev, all of it, wherever it is: 1 << @shift bytes,
 * with @shift modulo 3.
 */
void generic_machine_config_read(PCIDevice *dev, uint16_t reg, unsigned shift);
void generic_machine_config_write(PCIDevice *dev, uint16_t reg, unsigned shift,
                                  uint32_t value);

/* Time for threads of devices, and for what they ask the main loop for. */
void generic_machine_settle(void);

#endif
