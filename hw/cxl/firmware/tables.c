/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the boards put into their ACPI tables for a machine whose firmware is
 * told of CXL errors first.  The bytes of HEST and EINJ are
 * core/apei-tables.h; here is how they get there, and the device whose
 * notification says that there is a record (ACPI 6.5 18.3.2.7.2).
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/apei-tables.h"
#include "hw/cxl/firmware/firmware.h"
#include "hw/cxl/tables.h"

#define ERROR_DEVICE "\\_SB.MFED"
#define ERROR_EVENT "\\_GPE._E%02X"

static void add(AcpiTable *table, const GArray *body, GArray *table_offsets,
                GArray *table_data, BIOSLinker *linker)
{
    acpi_add_table(table_offsets, table_data);
    acpi_table_begin(table, table_data);
    g_array_append_vals(table_data, body->data, body->len);
    acpi_table_end(linker, table);
}

static Aml *error_device(void)
{
    Aml *ssdt = init_aml_allocator();
    Aml *dev = aml_device(ERROR_DEVICE);
    g_autofree char *name = g_strdup_printf(ERROR_EVENT, CXL_FIRMWARE_EVENT);
    Aml *event = aml_method(name, 0, AML_NOTSERIALIZED);

    aml_append(dev, aml_name_decl("_HID", aml_eisaid("PNP0C33")));
    aml_append(dev, aml_name_decl("_UID", aml_int(0)));
    aml_append(ssdt, dev);
    aml_append(event, aml_notify(aml_name(ERROR_DEVICE), aml_int(0x80)));
    aml_append(ssdt, event);
    return ssdt;
}

void cxl_firmware_build_tables(GArray *table_offsets, GArray *table_data,
                               BIOSLinker *linker, const char *oem_id,
                               const char *oem_table_id)
{
    AcpiTable hest = { .sig = "HEST", .rev = 1, .oem_id = oem_id,
                       .oem_table_id = oem_table_id };
    AcpiTable einj = { .sig = "EINJ", .rev = 1, .oem_id = oem_id,
                       .oem_table_id = oem_table_id };
    AcpiTable ssdt = { .sig = "SSDT", .rev = 1, .oem_id = oem_id,
                       .oem_table_id = oem_table_id };
    g_autoptr(GArray) body = g_array_new(false, false, 1);

    if (!cxl_firmware_first()) {
        return;
    }
    cxl_apei_hest(body);
    add(&hest, body, table_offsets, table_data, linker);
    g_array_set_size(body, 0);
    cxl_apei_einj(body);
    add(&einj, body, table_offsets, table_data, linker);
    add(&ssdt, error_device()->buf, table_offsets, table_data, linker);
    free_aml_allocator();
}
