/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI tables for qtests, see the header.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/qtest/acpi/tables.h"
#include "tests/qtest/libqos/fw_cfg.h"

#define ARM_FW_CFG          0x09020000
#define ARM_ECAM            0x4010000000ull
#define PCI_SECONDARY       0x19
#define PCI_SUBORDINATE     0x1a

bool acpi_is_arm(void)
{
    return g_str_equal(qtest_get_arch(), "aarch64");
}

const char *acpi_machine(void)
{
    return acpi_is_arm() ? "-machine virt -cpu cortex-a57" : "-machine q35";
}

char *acpi_numa(unsigned nodes)
{
    GString *options = g_string_new("-m 64M,slots=2,maxmem=1G "
        "-object memory-backend-ram,id=ram0,size=64M "
        "-numa node,nodeid=0,memdev=ram0,cpus=0");
    unsigned i;

    for (i = 1; i < nodes; i++) {
        g_string_append_printf(options, " -numa node,nodeid=%u", i);
    }
    return g_string_free(options, false);
}

QTestState *acpi_start(unsigned nodes, const char *format, ...)
{
    g_autofree char *numa = acpi_numa(nodes);
    g_autofree char *more = NULL;
    va_list ap;

    va_start(ap, format);
    more = g_strdup_vprintf(format, ap);
    va_end(ap);
    return qtest_initf("%s -nodefaults %s %s", acpi_machine(), numa, more);
}

/* libqos knows the registers of other boards only; those of virt: */
static void arm_select(QFWCFG *fw_cfg, uint16_t key)
{
    qtest_writew(fw_cfg->qts, fw_cfg->base + 8, bswap16(key));
}

static void arm_read(QFWCFG *fw_cfg, void *data, size_t len)
{
    uint8_t *bytes = data;
    size_t i;

    for (i = 0; i < len; i++) {
        bytes[i] = qtest_readb(fw_cfg->qts, fw_cfg->base);
    }
}

void acpi_blob_read(QTestState *qts, AcpiBlob *blob)
{
    const size_t room = 2 * MiB;
    QFWCFG arm = {
        .base = ARM_FW_CFG, .qts = qts, .select = arm_select, .read = arm_read,
    };
    QFWCFG *fw_cfg = acpi_is_arm() ? &arm : pc_fw_cfg_init(qts);
    g_autofree uint8_t *data = g_malloc0(room);

    blob->len = qfw_cfg_get_file(fw_cfg, "etc/acpi/tables", data, room);
    g_assert_cmpuint(blob->len, >, 0);
    blob->data = g_memdup2(data, blob->len);
    if (!acpi_is_arm()) {
        pc_fw_cfg_uninit(fw_cfg);
    }
}

void acpi_blob_free(AcpiBlob *blob)
{
    g_free(blob->data);
    blob->data = NULL;
}

const uint8_t *acpi_table(const AcpiBlob *blob, const char *signature,
                          unsigned index, size_t *len)
{
    size_t at, size;

    for (at = 0; at + 36 <= blob->len; at += size) {
        size = ldl_le_p(blob->data + at + 4);
        if (size < 36 || size > blob->len - at) {
            break;
        }
        if (!memcmp(blob->data + at, signature, 4) && index-- == 0) {
            *len = size;
            return blob->data + at;
        }
    }
    return NULL;
}

GArray *acpi_srat_entries(const AcpiBlob *blob, uint8_t type)
{
    GArray *entries = g_array_new(false, false, 1);
    size_t len, at;
    const uint8_t *srat = acpi_table(blob, "SRAT", 0, &len);

    g_assert_nonnull(srat);
    for (at = 48; at < len; at += srat[at + 1]) {
        g_assert_cmpuint(srat[at + 1], >=, 12);
        g_assert_cmpuint(srat[at + 1], <=, len - at);
        if (srat[at] == type && !(type == 1 && !ldl_le_p(srat + at + 28))) {
            g_array_append_vals(entries, srat + at, srat[at + 1]);
        }
    }
    g_assert_cmpuint(at, ==, len);
    return entries;
}

long acpi_find(const uint8_t *table, size_t len, const void *bytes,
               size_t count)
{
    size_t at;

    for (at = 0; at + count <= len; at++) {
        if (!memcmp(table + at, bytes, count)) {
            return at;
        }
    }
    return -1;
}

static void config_writeb(QTestState *qts, uint8_t bus, uint8_t devfn,
                          uint8_t reg, uint8_t value)
{
    if (acpi_is_arm()) {
        qtest_writeb(qts, ARM_ECAM + ((uint64_t)bus << 20 | devfn << 12 | reg),
                     value);
    } else {
        qtest_outl(qts, 0xcf8, 1u << 31 | bus << 16 | devfn << 8 | (reg & ~3));
        qtest_outb(qts, 0xcfc + (reg & 3), value);
    }
}

void acpi_number_bus(QTestState *qts, uint8_t bus, uint8_t devfn,
                     uint8_t secondary, uint8_t subordinate)
{
    config_writeb(qts, bus, devfn, PCI_SECONDARY, secondary);
    config_writeb(qts, bus, devfn, PCI_SUBORDINATE, subordinate);
}
