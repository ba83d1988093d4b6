/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attribute table of an initiator without memory of its own, CDAT 1.04
 * 2.4: one DSIS, and a DSLBIS under its handle for each figure.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/cdat.h"

#define SDXI_DSIS_HANDLE        0
#define SDXI_PS_PER_NS          1000

static void sdxi_cdat_build(Cdat *cdat, uint16_t latency, uint16_t bandwidth)
{
    static const struct {
        uint8_t type;
        bool is_latency;
    } figures[] = {
        { CDAT_READ_LATENCY, true }, { CDAT_WRITE_LATENCY, true },
        { CDAT_READ_BANDWIDTH, false }, { CDAT_WRITE_BANDWIDTH, false },
    };
    CdatBuilder b;

    cdat_begin(&b);
    cdat_add_dsis(&b, SDXI_DSIS_HANDLE, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(figures); i++) {
        cdat_add_dslbis(&b, SDXI_DSIS_HANDLE, figures[i].type,
                        figures[i].is_latency ? SDXI_PS_PER_NS : 1,
                        figures[i].is_latency ? latency : bandwidth);
    }
    cdat_end(&b, cdat);
}

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
    sdxi_cdat_build(&c->table, latency, bandwidth);
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
