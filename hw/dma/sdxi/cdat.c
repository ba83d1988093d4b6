/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mailbox through which the attribute table is read; what is in the table
 * is core/attributes.c.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/attributes.h"
#include "hw/dma/sdxi/cdat.h"

static unsigned sdxi_cdat_answer(void *opaque, const uint32_t *request,
                                 unsigned dwords, uint32_t *response,
                                 unsigned max)
{
    DoePort *port = opaque;
    SdxiCdat *c = port->opaque;

    return cdat_doe(&c->table, request, dwords, response, max);
}

static const DoeRow sdxi_cdat_rows[] = {
    { DOE_VENDOR_CXL, CDAT_DOE_TYPE, sdxi_cdat_answer },
};

void sdxi_cdat_init(SdxiCdat *c, PCIDevice *pci, uint16_t offset,
                    uint16_t latency, uint16_t bandwidth,
                    DoePortRaise *raise)
{
    cdat_init(&c->table);
    sdxi_attributes_build(&c->table, latency, bandwidth);
    doe_port_init(&c->port, pci, offset, 0, raise,
                  sdxi_cdat_rows, ARRAY_SIZE(sdxi_cdat_rows), c);
}

void sdxi_cdat_exit(SdxiCdat *c)
{
    if (c->port.offset) {
        doe_port_exit(&c->port);
        cdat_destroy(&c->table);
    }
}

void sdxi_cdat_reset(SdxiCdat *c)
{
    if (c->port.offset) {
        doe_reset(&c->port.doe);
    }
}
