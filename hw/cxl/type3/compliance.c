/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the errors that a compliance test asks for do to a memory device,
 * CXL r3.1 14.16.4.  How they are asked for is core/compliance.c; what a
 * person injects at the monitor is monitor/inject.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/type3/memdev.h"

static uint8_t inject_poison(void *opaque, uint8_t protocol)
{
    CxlMemdevPci *s = opaque;

    if (protocol != CXL_COMPLIANCE_PROTOCOL_MEM) {
        return CXL_COMPLIANCE_UNSUPPORTED;
    }
    cxl_memdev_poison_next(s->core, true);
    return CXL_COMPLIANCE_OK;
}

/* However many bits and flits: the link layer retries, and tells once. */
static uint8_t inject_crc(void *opaque, uint8_t bits, uint8_t flits)
{
    CxlMemdevPci *s = opaque;
    CxlRasSignal signal = CXL_RAS_SIGNAL_NONE;

    if (!bits || !flits) {
        return CXL_COMPLIANCE_BAD_PARAMETER;
    }
    cxl_ras_correctable(&s->component.ras, CXL_RAS_CE_CRC_THRESHOLD, &signal);
    cxl_memdev_signal(s, signal);
    return CXL_COMPLIANCE_OK;
}

static uint8_t inject_viral(void *opaque, uint8_t protocol)
{
    CxlMemdevPci *s = opaque;

    if (protocol != CXL_COMPLIANCE_PROTOCOL_MEM) {
        return CXL_COMPLIANCE_UNSUPPORTED;
    }
    return cxl_config_enter_viral(&s->config, PCI_DEVICE(s))
           ? CXL_COMPLIANCE_OK : CXL_COMPLIANCE_NOT_AUTHORISED;
}

/* Poison that nobody has read yet is all that can still be halted. */
static uint8_t halt_all(void *opaque)
{
    CxlMemdevPci *s = opaque;

    cxl_memdev_poison_next(s->core, false);
    return CXL_COMPLIANCE_OK;
}

const CxlComplianceOps cxl_memdev_compliance_ops = {
    .inject_poison = inject_poison,
    .inject_crc = inject_crc,
    .inject_viral = inject_viral,
    .halt_all = halt_all,
};
