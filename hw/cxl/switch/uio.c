/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unordered I/O through QEMU's CXL switches: ports above functions that have
 * "uio=on" take part in it, and who asks learns what becomes of requests to
 * memory below the same switch.  The rules are core/uio-route.h, the
 * capabilities hw/pci/uio.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "hw/common/extcap.h"
#include "hw/cxl/core/uio-route.h"
#include "hw/cxl/switch/internal.h"
#include "hw/cxl/trace.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/wire/dvsec.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_port.h"
#include "hw/pci/peer.h"
#include "hw/pci/slot.h"
#include "hw/pci/uio.h"
#include "hw/pci-bridge/cxl_upstream_port.h"
#include "system/system.h"

static PCIDevice *port_above(PCIDevice *pdev)
{
    return pci_get_bus(pdev)->parent_dev;
}

static bool is_a(PCIDevice *pdev, const char *type)
{
    return pdev && object_dynamic_cast(OBJECT(pdev), type);
}

/* --- what becomes of requests --------------------------------------------- */

static uint16_t port_control(const PCIDevice *port)
{
    uint16_t at = extcap_find_dvsec(port->config, CXL_DVSEC_VENDOR,
                                    CXL_DVSEC_ID_PORT);

    return at ? at + CXL_DVSEC_PORT_CTRL : 0;
}

static bool gate_is_open(const PCIDevice *port)
{
    uint16_t at = port_control(port);

    return at && pci_get_word(port->config + at) & CXL_DVSEC_PORT_CTRL_UIO;
}

static bool has_channel(const PCIDevice *pdev)
{
    UioCaps caps = uio_find(pdev->config);

    return uio_has_channel(&caps, pdev->config);
}

static CxlUioTarget look_at(PCIDevice *upstream, const CxlUioDecoder *d,
                            unsigned position)
{
    PCIDevice *port = pcie_find_port_by_pn(
        pci_bridge_get_sec_bus(PCI_BRIDGE(upstream)), d->target[position]);
    PCIDevice *pdev = port ? cxl_switch_below(port) : NULL;
    CxlMemdevPci *s;
    UioCaps caps;

    if (!is_a(pdev, TYPE_CXL_MEMDEV_PCI) || pci_slot_hidden(pdev)) {
        return (CxlUioTarget) { };
    }
    s = CXL_MEMDEV_PCI(pdev);
    caps = uio_find(pdev->config);
    return (CxlUioTarget) {
        .completer = uio_completes(&caps, pdev->config),
        .channel = has_channel(port) && has_channel(pdev),
        .decoder = cxl_uio_device_takes(cxl_endpoint_hdm(s->ep), d, position),
    };
}

static void each_uio(PCIDevice *self, PciPeerUioFn *fn, void *opaque)
{
    UioCaps caps = uio_find(self->config);
    PCIDevice *port = port_above(self);
    PCIDevice *upstream = port ? port_above(port) : NULL;
    CxlUioDecoder d;
    const uint8_t *regs;

    if (!uio_requests(&caps, self->config) || !is_a(port, TYPE_CXL_DSP) ||
        !is_a(upstream, TYPE_CXL_USP)) {
        return;
    }
    regs = (uint8_t *)CXL_USP(upstream)->cxl_cstate.crb.cache_mem_registers +
           CXL_COMP_HDM;
    for (unsigned n = 0; n < CXL_HDM_DEVICE_MAX; n++) {
        CxlUioTarget target[CXL_HDM_TARGET_MAX] = { };
        CxlUioFate fate;

        if (!cxl_uio_bridge_decoder(regs, n, &d)) {
            continue;
        }
        for (unsigned i = 0; i < d.ways; i++) {
            target[i] = look_at(upstream, &d, i);
        }
        fate = cxl_uio_fate(&d, has_channel(self) && has_channel(port),
                            gate_is_open(port), target);
        trace_memfab_cxl_uio(self->name, d.base, d.size,
                             cxl_uio_fate_text(fate));
        if (fate != CXL_UIO_BY_HOST) {
            fn(opaque, d.base, d.size, cxl_uio_is_refused(fate));
        }
    }
}

static PciPeerOps uio_ops = { .epoch = pci_uio_epoch, .each_uio = each_uio };

/* --- ports that take part ------------------------------------------------- */

/* QEMU's reset has made the registers anew. */
static void upstream_reset(PCIDevice *pdev)
{
    ComponentRegisters *crb = &CXL_USP(pdev)->cxl_cstate.crb;

    cxl_uio_bridge_init((uint8_t *)crb->cache_mem_registers + CXL_COMP_HDM,
                        crb->cache_mem_regs_write_mask +
                        (CXL_COMP_HDM + CXL_HDM_CTRL(0)) / 4);
}

static void take_part(PCIDevice *port)
{
    uint16_t at = is_a(port, TYPE_CXL_DSP) ? port_control(port) : 0;
    Error *err = NULL;

    if (!pci_uio_add(port, 0, is_a(port, TYPE_CXL_USP) ? upstream_reset : NULL,
                     &err)) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
    if (at) {
        pci_word_test_and_set_mask(port->wmask + at, CXL_DVSEC_PORT_CTRL_UIO);
    }
}

static void open_way(PCIDevice *pdev)
{
    for (PCIDevice *port = port_above(pdev); port; port = port_above(port)) {
        if (is_a(port, TYPE_PCIE_PORT) && !pci_uio_has(port)) {
            take_part(port);
        }
    }
}

/* What is plugged in later finds them as they are. */
static void machine_done(Notifier *notifier, void *data)
{
    pci_uio_each(open_way);
}

static void uio_init_ports(void)
{
    static Notifier notifier = { .notify = machine_done };

    qemu_add_machine_init_done_notifier(&notifier);
    pci_peer_register(&uio_ops);
}

type_init(uio_init_ports)
