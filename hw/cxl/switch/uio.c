/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unordered I/O through QEMU's CXL switches and host bridges: those above
 * functions that have "uio=on" take part in it, and who asks learns what
 * becomes of requests to memory below them.  The rules are core/uio-route.h,
 * the capabilities hw/pci/uio.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "hw/cxl/core/port-dvsec.h"
#include "hw/cxl/core/uio-route.h"
#include "hw/cxl/switch/internal.h"
#include "hw/cxl/trace.h"
#include "hw/cxl/type3/config.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/wire/dvsec.h"
#include "hw/pci/extra.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_port.h"
#include "hw/pci/pci_host.h"
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

static bool gate_is_open(const PCIDevice *port)
{
    return cxl_port_dvsec_lets_uio(port->config,
                                   cxl_config_dvsec(port, CXL_DVSEC_ID_PORT));
}

static bool has_channel(const PCIDevice *pdev)
{
    UioCaps caps = uio_find(pdev->config, pci_config_size(pdev));

    return uio_has_channel(&caps, pdev->config);
}

/* The registers of a switch or host bridge that has decoders, or NULL */
static CXLComponentState *registers_of(PCIDevice *bridge)
{
    if (is_a(bridge, TYPE_PXB_CXL_DEV)) {
        PCIHostState *hb = PCI_HOST_BRIDGE(
            PXB_CXL_DEV(bridge)->cxl_host_bridge);

        return cxl_get_hb_passthrough(hb) ? NULL : cxl_get_hb_cstate(hb);
    }
    return is_a(bridge, TYPE_CXL_USP) ? cxl_usp_to_cstate(CXL_USP(bridge))
                                      : NULL;
}

static const uint8_t *decoders_of(PCIDevice *bridge)
{
    CXLComponentState *c = registers_of(bridge);

    return c ? (uint8_t *)c->crb.cache_mem_registers + CXL_COMP_HDM : NULL;
}

static PCIBus *bus_below(PCIDevice *bridge)
{
    return is_a(bridge, TYPE_PXB_CXL_DEV) ?
           PCI_HOST_BRIDGE(PXB_CXL_DEV(bridge)->cxl_host_bridge)->bus :
           pci_bridge_get_sec_bus(PCI_BRIDGE(bridge));
}

static void look(void *opaque, void *bridge, uint8_t number, CxlUioPlace *out)
{
    PCIDevice *port = pcie_find_port_by_pn(bus_below(bridge), number);
    PCIDevice *pdev = port ? cxl_switch_below(port) : NULL;
    UioCaps caps;

    if (!pdev || pci_slot_hidden(pdev)) {
        return;
    }
    caps = uio_find(pdev->config, pci_config_size(pdev));
    out->channel = has_channel(port) && has_channel(pdev);
    if (is_a(pdev, TYPE_CXL_MEMDEV_PCI)) {
        out->hdm = cxl_endpoint_hdm(CXL_MEMDEV_PCI(pdev)->ep);
        out->completer = uio_completes(&caps, pdev->config);
    } else {
        out->regs = decoders_of(pdev);
        out->bridge = pdev;
    }
}

typedef struct Asked {
    const char *name;           /* of who asks */
    PciPeerUioFn *fn;
    void *opaque;
} Asked;

static void tell(void *opaque, uint64_t base, uint64_t size, CxlUioFate fate)
{
    Asked *asked = opaque;

    trace_memfab_cxl_uio(asked->name, base, size, cxl_uio_fate_text(fate));
    if (fate != CXL_UIO_BY_HOST) {
        asked->fn(asked->opaque, base, size, cxl_uio_is_refused(fate));
    }
}

static void each_uio(PCIDevice *self, PciPeerUioFn *fn, void *opaque)
{
    Asked asked = { self->name, fn, opaque };
    CxlUioOps ops = { look, tell, &asked };
    CxlUioWay way = { &ops };
    UioCaps caps = uio_find(self->config, pci_config_size(self));
    PCIDevice *port = uio_requests(&caps, self->config) ? port_above(self)
                                                        : NULL;
    bool channel = true;

    while (port) {
        PCIDevice *bridge = port_above(port);
        const uint8_t *regs = decoders_of(bridge);

        channel = channel && has_channel(self) && has_channel(port);
        if (regs) {
            cxl_uio_way_bridge(&way, regs, bridge, channel,
                               gate_is_open(port));
        }
        self = bridge;
        port = bridge ? port_above(bridge) : NULL;
    }
    cxl_uio_way_end(&way);
}

static PciPeerOps uio_ops = { .epoch = pci_uio_epoch, .each_uio = each_uio };

/* --- ports that take part ------------------------------------------------- */

/* QEMU's reset has made the registers anew. */
static void bridge_reset(PCIDevice *pdev)
{
    CXLComponentState *c = registers_of(pdev);

    if (c) {
        cxl_uio_bridge_init((uint8_t *)c->crb.cache_mem_registers +
                            CXL_COMP_HDM, c->crb.cache_mem_regs_write_mask +
                            (CXL_COMP_HDM + CXL_HDM_CTRL(0)) / 4);
    }
}

static void host_bridge_reset(void *opaque, bool function_level)
{
    bridge_reset(opaque);
}

/* It is no function that a guest sees: there are only its decoders. */
static const PciExtraOps host_bridge_ops = {
    .name = "cxl-uio", .reset = host_bridge_reset,
};

static void take_part(PCIDevice *port)
{
    uint16_t at = is_a(port, TYPE_CXL_USP) ? 0 :
                  cxl_config_dvsec(port, CXL_DVSEC_ID_PORT);
    Error *err = NULL;

    if (!pci_uio_add(port, 0, is_a(port, TYPE_CXL_USP) ? bridge_reset : NULL,
                     &err)) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
    if (at) {
        pci_word_test_and_set_mask(port->wmask + at + CXL_DVSEC_PORT_CTRL,
                                   CXL_DVSEC_PORT_CTRL_UIO);
    }
}

static void open_way(PCIDevice *pdev)
{
    for (PCIDevice *port = port_above(pdev); port; port = port_above(port)) {
        if (is_a(port, TYPE_PCIE_PORT) && !pci_uio_has(port)) {
            take_part(port);
        }
        if (is_a(port, TYPE_PXB_CXL_DEV) &&
            !pci_extra_of(port, &host_bridge_ops)) {
            pci_extra_add(port, &host_bridge_ops, port);
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
