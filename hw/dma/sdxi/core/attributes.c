/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One DSIS, and a DSLBIS under its handle for each figure; see attributes.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/attributes.h"

#define SDXI_DSIS_HANDLE        0
#define SDXI_PS_PER_NS          1000

void sdxi_attributes_build(Cdat *cdat, uint16_t latency, uint16_t bandwidth)
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
