/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI tables for qtests, see the header.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/qtest/acpi/tables.h"
#include "tests/qtest/libqos/fw_cfg.h"

#define X86_FW_CFG          0x510
#define ARM_FW_CFG          0x09020000
#define ARM_RAM             0x40000000ull
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

/*
 * libqos reads byte by byte, which takes a message each; firmware of today
 * gives the device an address, and so does this.
 */
#define DMA_READ            0x02u
#define DMA_RECORD(ram)     ((ram) + 16 * MiB)
#define DMA_DATA(ram)       (DMA_RECORD(ram) + 4 * KiB)

static void select_key(QFWCFG *fw_cfg, uint16_t key)
{
    if (acpi_is_arm()) {
        qtest_writew(fw_cfg->qts, ARM_FW_CFG + 8, bswap16(key));
    } else {
        qtest_outw(fw_cfg->qts, X86_FW_CFG, key);
    }
}

static void start_dma(QTestState *qts, uint64_t record)
{
    if (acpi_is_arm()) {
        qtest_writeq(qts, ARM_FW_CFG + 16, bswap64(record));
    } else {
        qtest_outl(qts, X86_FW_CFG + 4, bswap32(record >> 32));
        qtest_outl(qts, X86_FW_CFG + 8, bswap32(record));
    }
}

/* On from where the last read of the selected item ended */
static void dma_read(QFWCFG *fw_cfg, void *data, size_t len)
{
    uint64_t ram = acpi_is_arm() ? ARM_RAM : 0;
    struct {
        uint32_t control;
        uint32_t length;
        uint64_t address;
    } record = {
        .control = cpu_to_be32(DMA_READ),
        .length = cpu_to_be32(len),
        .address = cpu_to_be64(DMA_DATA(ram)),
    };

    qtest_memwrite(fw_cfg->qts, DMA_RECORD(ram), &record, sizeof(record));
    start_dma(fw_cfg->qts, DMA_RECORD(ram));
    qtest_memread(fw_cfg->qts, DMA_RECORD(ram), &record, sizeof(record));
    g_assert_cmphex(record.control, ==, 0);
    qtest_bufread(fw_cfg->qts, DMA_DATA(ram), data, len);
}

void acpi_blob_read(QTestState *qts, AcpiBlob *blob)
{
    const size_t room = 2 * MiB;
    QFWCFG fw_cfg = { .qts = qts, .select = select_key, .read = dma_read };
    g_autofree uint8_t *data = g_malloc0(room);

    blob->len = qfw_cfg_get_file(&fw_cfg, "etc/acpi/tables", data, room);
    g_assert_cmpuint(blob->len, >, 0);
    blob->data = g_memdup2(data, blob->len);
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
