/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the DSDT says of a device with eight nodes from node 2 on, byte by byte
 * as ACPI 6.5 20.2 has it: the room that writes it and the table that a machine
 * has are compared with the same.
 */
#ifndef TESTS_ACPI_DSD_H
#define TESTS_ACPI_DSD_H

/* Name (_DSD, Package {ToUUID (...), Package {{start, 2}, {count, 8}}}) */
static const uint8_t acpi_dsd_2_8[] = {
    0x08, '_', 'D', 'S', 'D', 0x12, 0x4a, 0x04, 2,
    0x11, 0x13, 0x0a, 16,
    0x14, 0xd8, 0xff, 0xda, 0xba, 0x6e, 0x8c, 0x4d,
    0x8a, 0x91, 0xbc, 0x9b, 0xbf, 0x4a, 0xa3, 0x01,
    0x12, 0x32, 2,
    0x12, 0x17, 2, 0x0d,
    'd', 'e', 'v', '-', 'm', 'e', 'm', '-', 'p', 'x', 'm', '-',
    's', 't', 'a', 'r', 't', 0, 0x0a, 2,
    0x12, 0x17, 2, 0x0d,
    'd', 'e', 'v', '-', 'm', 'e', 'm', '-', 'p', 'x', 'm', '-',
    'c', 'o', 'u', 'n', 't', 0, 0x0a, 8,
};

#endif
