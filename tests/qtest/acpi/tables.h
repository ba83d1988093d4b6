/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read a machine's ACPI tables through fw_cfg, as firmware would, with no
 * firmware there; and play the part of firmware that numbers PCI buses.
 */
#ifndef TESTS_QTEST_ACPI_TABLES_H
#define TESTS_QTEST_ACPI_TABLES_H

#include "tests/qtest/libqtest.h"

/* A machine with as many PCI features as the architecture has. */
const char *acpi_machine(void);
bool acpi_is_arm(void);

/* -numa and memory options: node 0 has all, the others up to @nodes nothing. */
char *acpi_numa(unsigned nodes);

/* All of the above and what @format says. */
QTestState *acpi_start(unsigned nodes, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

typedef struct AcpiBlob {
    uint8_t *data;
    size_t len;
} AcpiBlob;

/* The whole of etc/acpi/tables; rebuilt by QEMU on the first read. */
void acpi_blob_read(QTestState *qts, AcpiBlob *blob);
void acpi_blob_free(AcpiBlob *blob);

/* The @index-th table of this signature in @blob, or NULL. */
const uint8_t *acpi_table(const AcpiBlob *blob, const char *signature,
                          unsigned index, size_t *len);

/*
 * The SRAT entries of one type, one behind the other; *len is the length of
 * all.  Disabled memory entries, which QEMU adds as padding, are left out.
 */
GArray *acpi_srat_entries(const AcpiBlob *blob, uint8_t type);

/* Where @bytes stand in a table; -1 if they do not. */
long acpi_find(const uint8_t *table, size_t len, const void *bytes,
               size_t count);

/* Set the secondary and subordinate bus number of a bridge. */
void acpi_number_bus(QTestState *qts, uint8_t bus, uint8_t devfn,
                     uint8_t secondary, uint8_t subordinate);

#endif
