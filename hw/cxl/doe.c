/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data object exchange capability in configuration space: places the
 * registers of the core's mailbox and routes accesses and interrupts.
 *
 * The mailbox itself is core/doe.c, what is asked through it core/cdat.c
 * and core/compliance.c.
 */
#include "qemu/osdep.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "migration/vmstate.h"
#include "hw/cxl/doe.h"

static void interrupt(void *opaque)
{
    CxlDoePort *port = opaque;

    if (msix_enabled(port->pdev)) {
        msix_notify(port->pdev, port->vector);
    }
}

void cxl_doe_port_init(CxlDoePort *port, PCIDevice *pdev, uint16_t offset,
                       uint8_t vector, const CxlDoeRow *rows,
                       unsigned num_rows, void *opaque)
{
    port->pdev = pdev;
    port->offset = offset;
    port->vector = vector;
    port->opaque = opaque;
    cxl_doe_init(&port->doe, rows, num_rows, port, interrupt);
    pcie_add_capability(pdev, CXL_DOE_EXT_CAP_ID, 1, offset,
                        CXL_DOE_EXT_CAP_LEN);
    pci_set_long(pdev->config + offset + CXL_DOE_REG_CAP,
                 CXL_DOE_CAP_INTR | CXL_DOE_CAP_VECTOR(vector));
    /* The mailbox is not kept in the config bytes, so do not compare them */
    memset(pdev->cmask + offset + CXL_DOE_REG_CTRL, 0,
           CXL_DOE_EXT_CAP_LEN - CXL_DOE_REG_CTRL);
}

/* The register that byte @addr belongs to, or 0 if it is not ours. */
static unsigned mailbox_offset(const CxlDoePort *port, uint32_t addr)
{
    uint32_t at = addr - port->offset;

    if (!port->offset || addr < port->offset || at < CXL_DOE_REG_CTRL ||
        at >= CXL_DOE_EXT_CAP_LEN) {
        return 0;
    }
    return at;
}

uint32_t cxl_doe_port_config_read(const CxlDoePort *port, uint32_t addr,
                                  uint32_t val, int len)
{
    int i;

    for (i = 0; i < len; i++) {
        unsigned at = mailbox_offset(port, addr + i);

        if (at) {
            val = deposit32(val, 8 * i, 8, cxl_doe_read(&port->doe, at, 1));
        }
    }
    return val;
}

void cxl_doe_port_config_write(CxlDoePort *port, uint32_t addr,
                               uint32_t val, int len)
{
    unsigned at = mailbox_offset(port, addr);
    int i;

    if (at && at / 4 == (at + len - 1) / 4) {
        cxl_doe_write(&port->doe, at, val, len);
        return;
    }
    /* Straddles registers; PCI host bridges split these, MMCONFIG may not */
    for (i = 0; i < len; i++) {
        at = mailbox_offset(port, addr + i);
        if (at) {
            cxl_doe_write(&port->doe, at, extract32(val, 8 * i, 8), 1);
        }
    }
}

static int doe_post_load(void *opaque, int version)
{
    return cxl_doe_check(opaque) ? -EINVAL : 0;
}

const VMStateDescription cxl_doe_vmstate = {
    .name = "memfab-cxl/doe",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = doe_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(intr_enabled, CxlDoe),
        VMSTATE_BOOL(intr_status, CxlDoe),
        VMSTATE_BOOL(error, CxlDoe),
        VMSTATE_BOOL(overrun, CxlDoe),
        VMSTATE_UINT32(received, CxlDoe),
        VMSTATE_UINT32(length, CxlDoe),
        VMSTATE_UINT32(taken, CxlDoe),
        VMSTATE_UINT32_ARRAY(request, CxlDoe, CXL_DOE_DWORDS),
        VMSTATE_UINT32_ARRAY(response, CxlDoe, CXL_DOE_DWORDS),
        VMSTATE_END_OF_LIST()
    }
};
