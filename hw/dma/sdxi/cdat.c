/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attribute table of an initiator without memory of its own, CDAT 1.04
 * 2.4: one DSIS, and a DSLBIS under its handle for each figure.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/main-loop.h"
#include "hw/pci/msix.h"
#include "hw/dma/sdxi/cdat.h"
#include "hw/dma/sdxi/device.h"

#define SDXI_DSIS_HANDLE        0
#define SDXI_PS_PER_NS          1000

static void sdxi_cdat_figure(GByteArray *table, uint8_t type, uint64_t unit,
                             uint16_t value)
{
    CdatDslbis figure = {
        .entry = { .type = CDAT_DSLBIS,
                   .length = cpu_to_le16(sizeof(figure)) },
        .handle = SDXI_DSIS_HANDLE,
        .data_type = type,
        .base_unit = cpu_to_le64(unit),
        .value = { cpu_to_le16(value) },
    };

    if (value) {
        g_byte_array_append(table, (uint8_t *)&figure, sizeof(figure));
    }
}

static void sdxi_cdat_finish(GByteArray *table)
{
    CdatHeader *header = (CdatHeader *)table->data;
    uint8_t sum = 0;

    header->length = cpu_to_le32(table->len);
    header->revision = 2;
    for (unsigned i = 0; i < table->len; i++) {
        sum += table->data[i];
    }
    header->checksum = -sum;
}

static void sdxi_cdat_build(Cdat *cdat, uint16_t latency,
                            uint16_t bandwidth)
{
    g_autoptr(GByteArray) table = g_byte_array_new();
    CdatHeader header = { };
    CdatDsis initiator = {
        .entry = { .type = CDAT_DSIS,
                   .length = cpu_to_le16(sizeof(initiator)) },
        .handle = SDXI_DSIS_HANDLE,
    };
    const char *why;
    size_t where;
    bool good;

    g_byte_array_append(table, (uint8_t *)&header, sizeof(header));
    g_byte_array_append(table, (uint8_t *)&initiator, sizeof(initiator));
    sdxi_cdat_figure(table, CDAT_READ_LATENCY, SDXI_PS_PER_NS, latency);
    sdxi_cdat_figure(table, CDAT_WRITE_LATENCY, SDXI_PS_PER_NS, latency);
    sdxi_cdat_figure(table, CDAT_READ_BANDWIDTH, 1, bandwidth);
    sdxi_cdat_figure(table, CDAT_WRITE_BANDWIDTH, 1, bandwidth);
    sdxi_cdat_finish(table);
    good = cdat_load(cdat, table->data, table->len, &why, &where);
    assert(good);
}

static unsigned sdxi_cdat_answer(void *opaque, const uint32_t *request,
                                 unsigned dwords, uint32_t *response,
                                 unsigned max)
{
    DoePort *port = opaque;
    SdxiCdat *c = port->opaque;

    return cdat_doe(&c->table, request, dwords, response, max);
}

/* Sent like the others, when nothing of the mailbox is on the stack. */
static void sdxi_cdat_raise(PCIDevice *pci, unsigned vector)
{
    SdxiPci *s = SDXI_PCI(pci);

    if (msix_enabled(pci)) {
        set_bit_atomic(vector, s->raised);
        qemu_bh_schedule(s->raise_bh);
    }
}

static const DoeRow sdxi_cdat_rows[] = {
    { DOE_VENDOR_CXL, CDAT_DOE_TYPE, sdxi_cdat_answer },
};

void sdxi_cdat_init(SdxiCdat *c, PCIDevice *pci, uint16_t offset,
                    uint16_t latency, uint16_t bandwidth)
{
    cdat_init(&c->table);
    sdxi_cdat_build(&c->table, latency, bandwidth);
    doe_port_init(&c->port, pci, offset, 0, sdxi_cdat_raise,
                  sdxi_cdat_rows, ARRAY_SIZE(sdxi_cdat_rows), c);
}

void sdxi_cdat_exit(SdxiCdat *c)
{
    if (c->port.offset) {
        cdat_destroy(&c->table);
    }
}

void sdxi_cdat_reset(SdxiCdat *c)
{
    if (c->port.offset) {
        doe_reset(&c->port.doe);
    }
}
