/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type "cxl-switch-mailbox-cci": a PCI function beside the upstream
 * port of a switch, through whose mailbox a fabric manager asks about ports
 * and reaches the devices below them.  CXL r3.1 8.1.13.
 *
 * Registers and commands are core/switch.c and below; here is the bus, and
 * what QEMU's port tree says about the ports.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "migration/vmstate.h"
#include "hw/pci/messages.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pcie_port.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/resettable.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/switch.h"
#include "hw/cxl/steps.h"
#include "hw/cxl/switch/cci.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/trace.h"

OBJECT_DECLARE_SIMPLE_TYPE(CxlSwitchCci, CXL_SWITCH_CCI)

#define TYPE_UPSTREAM_PORT      "cxl-upstream"

/* Vector and DVSEC of the stock function; MSI-X is ours */
#define SWITCH_VECTOR           3
#define SWITCH_EVENT_VECTOR     2
#define SWITCH_VECTORS          4
#define SWITCH_MSIX_BAR         4
#define SWITCH_DVSEC            0x100

/* Decoders that QEMU gives an upstream port */
#define SWITCH_DECODERS         4

struct CxlSwitchCci {
    /*< private >*/
    PCIDevice parent_obj;

    /*< public >*/
    PCIDevice *target;          /* the upstream port */
    PciMessages messages;
    CxlSwitch *core;            /* from realize until the object dies */
    MemoryRegion regs;
    QEMUTimer *timer;

    /* The core's state while it is being saved or loaded */
    uint8_t *saved;
    uint32_t saved_len;
};

static uint8_t port_number(PCIDevice *port)
{
    return PCIE_PORT(port)->port;
}

static PCIBus *downstream_bus(CxlSwitchCci *s)
{
    return pci_bridge_get_sec_bus(PCI_BRIDGE(s->target));
}

static PCIDevice *below(PCIDevice *port)
{
    return pci_bridge_get_sec_bus(PCI_BRIDGE(port))->devices[0];
}

static void mark_port(PCIBus *bus, PCIDevice *d, void *opaque)
{
    uint8_t *bitmap = opaque;

    if (object_dynamic_cast(OBJECT(d), TYPE_PCIE_PORT)) {
        bitmap[port_number(d) / 8] |= 1u << port_number(d) % 8;
    }
}

static void identify(void *opaque, CxlSwitchIdentity *out)
{
    CxlSwitchCci *s = opaque;
    uint16_t ports = pcie_count_ds_ports(downstream_bus(s)) + 1;

    out->ingress_port = port_number(s->target);
    out->ports = ports;
    out->vcs = 1;
    out->active_vcs[0] = 1;
    out->vppbs = cpu_to_le16(ports);
    out->active_vppbs = cpu_to_le16(ports);
    out->decoders = SWITCH_DECODERS;
    pci_for_each_device_under_bus(downstream_bus(s), mark_port,
                                  out->active_ports);
    mark_port(NULL, s->target, out->active_ports);
}

static void link_info(PCIDevice *port, CxlPortInfo *out)
{
    const uint8_t *exp = port->config + port->exp.exp_cap;
    uint32_t cap = pci_get_long(exp + PCI_EXP_LNKCAP);
    uint32_t cap2 = pci_get_long(exp + PCI_EXP_LNKCAP2);
    uint16_t sta = pci_get_word(exp + PCI_EXP_LNKSTA);

    out->max_width = (cap & PCI_EXP_LNKCAP_MLW) >> 4;
    out->width = (sta & PCI_EXP_LNKSTA_NLW) >> 4;
    out->speeds = extract32(cap2, 1, 7);
    out->max_speed = cap & PCI_EXP_LNKCAP_SLS;
    out->speed = sta & PCI_EXP_LNKSTA_CLS;
}

static uint8_t device_type(PCIDevice *d)
{
    if (!d) {
        return CXL_PORT_DEV_NONE;
    }
    if (object_dynamic_cast(OBJECT(d), TYPE_CXL_MEMDEV_PCI)) {
        return CXL_PORT_DEV_SLD;
    }
    return object_dynamic_cast(OBJECT(d), TYPE_UPSTREAM_PORT) ?
           CXL_PORT_DEV_SWITCH : CXL_PORT_DEV_PCIE;
}

/* CXL r3.2 table 7-19: with what flits the device below is connected */
static uint8_t connected_mode(PCIDevice *d)
{
    uint8_t type = device_type(d);

    if (type == CXL_PORT_DEV_NONE || type == CXL_PORT_DEV_PCIE) {
        return CXL_PORT_MODE_NONE;
    }
    return pci_get_word(d->config + d->exp.exp_cap + PCI_EXP_LNKSTA2) &
           PCI_EXP_LNKSTA2_FLIT ? CXL_PORT_MODE_256B : CXL_PORT_MODE_68B;
}

/* Ports can be told to have large flits since QEMU 11.0. */
static uint8_t port_modes(PCIDevice *port)
{
    return CXL_PORT_CAN_68B |
           (object_property_get_bool(OBJECT(port), "x-256b-flit", NULL) ?
            CXL_PORT_CAN_256B : 0);
}

static bool port_info(void *opaque, uint8_t number, CxlPortInfo *out)
{
    CxlSwitchCci *s = opaque;
    PCIDevice *port = pcie_find_port_by_pn(downstream_bus(s), number);
    bool up = true;

    if (port) {
        out->config_state = CXL_PORT_DSP;
        out->device_type = device_type(below(port));
        out->mode = connected_mode(below(port));
        up = below(port);
    } else if (qdev_is_realized(DEVICE(s->target)) &&
               number == port_number(s->target)) {
        port = s->target;
        out->config_state = CXL_PORT_USP;
    } else {
        return false;
    }
    link_info(port, out);
    out->modes = port_modes(port);
    out->ltssm = cxl_switch_perst(s->core, number) ? CXL_PORT_LTSSM_HOT_RESET :
                 up ? CXL_PORT_LTSSM_L0 : CXL_PORT_LTSSM_DETECT;
    return true;
}

static PCIDevice *port_by_number(CxlSwitchCci *s, uint8_t number)
{
    PCIDevice *port = pcie_find_port_by_pn(downstream_bus(s), number);

    if (port) {
        return port;
    }
    /* Unplugged, it is an object without a configuration space. */
    return qdev_is_realized(DEVICE(s->target)) &&
           number == port_number(s->target) ? s->target : NULL;
}

static bool port_reset(void *opaque, uint8_t number)
{
    CxlSwitchCci *s = opaque;
    PCIDevice *port = pcie_find_port_by_pn(downstream_bus(s), number);

    if (!port) {
        return false;
    }
    bus_cold_reset(BUS(pci_bridge_get_sec_bus(PCI_BRIDGE(port))));
    return true;
}

/* A write may take away what is plugged below, but not the port itself. */
static bool port_config(void *opaque, uint8_t number, uint16_t address,
                        unsigned size, bool is_write, uint32_t *data)
{
    PCIDevice *port = port_by_number(opaque, number);

    if (!port) {
        return false;
    }
    if (is_write) {
        port->config_write(port, address, *data, size);
    } else {
        *data = port->config_read(port, address, size);
    }
    return true;
}

static CxlCci *target(void *opaque, uint8_t number)
{
    CxlSwitchCci *s = opaque;
    PCIDevice *port = pcie_find_port_by_pn(downstream_bus(s), number);
    PCIDevice *d = port ? below(port) : NULL;

    if (!d || !object_dynamic_cast(OBJECT(d), TYPE_CXL_MEMDEV_PCI) ||
        !cxl_memdev_here(CXL_MEMDEV_PCI(d)) ||
        cxl_switch_perst(s->core, number)) {
        return NULL;
    }
    return cxl_memdev_fm_cci(CXL_MEMDEV_PCI(d)->core);
}

static const CxlSwitchOps switch_ops = {
    .identify = identify,
    .port_info = port_info,
    .target = target,
    .port_reset = port_reset,
    .port_config = port_config,
};

CxlSwitch *cxl_switch_of(Object *obj)
{
    return CXL_SWITCH_CCI(obj)->core;
}

static int64_t now_ns(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static bool here(const CxlSwitchCci *s)
{
    return pci_messages_here(&s->messages);
}

static void timer_arm(void *opaque, int64_t at_ns)
{
    CxlSwitchCci *s = opaque;

    if (here(s)) {
        timer_mod(s->timer, at_ns);
    }
}

static void timer_cancel(void *opaque)
{
    timer_del(CXL_SWITCH_CCI(opaque)->timer);
}

static void mailbox_interrupt(void *opaque, unsigned msgnum)
{
    CxlSwitchCci *s = opaque;

    trace_memfab_cxl_message(PCI_DEVICE(s)->name, msgnum);
    pci_messages_raise(&s->messages, msgnum);
}

static void trace_step(void *opaque, CxlTraceStep step, uint64_t a,
                       uint64_t b, uint64_t c)
{
    cxl_trace_step(PCI_DEVICE(opaque)->name, step, a, b, c);
}

static void event_interrupt(void *opaque, unsigned msgnum)
{
    mailbox_interrupt(opaque, msgnum);
}

/* The rest of the operations is for devices that have media. */
static const CxlHostOps host_ops = {
    .now_ns = now_ns,
    .timer_arm = timer_arm,
    .timer_cancel = timer_cancel,
    .event_interrupt = event_interrupt,
    .mailbox_interrupt = mailbox_interrupt,
    .trace = trace_step,
};

static void core_timer(void *opaque)
{
    cxl_cci_timer(&CXL_SWITCH_CCI(opaque)->core->cci);
}

/* Not here: a vCPU waited for the big lock while we were unplugged. */
static uint64_t regs_read(void *opaque, hwaddr addr, unsigned size)
{
    CxlSwitchCci *s = opaque;

    return here(s) ? cxl_switch_regs_read(s->core, addr, size) : UINT64_MAX;
}

static void regs_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    CxlSwitchCci *s = opaque;

    if (here(s)) {
        cxl_switch_regs_write(s->core, addr, value, size);
    }
}

static const MemoryRegionOps regs_ops = {
    .read = regs_read,
    .write = regs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8,
               .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8,
              .unaligned = true },
};

static void build_config(PCIDevice *pdev)
{
    uint8_t *loc = pdev->config + SWITCH_DVSEC;
    uint16_t len = CXL_DVSEC_LOCATOR_LEN(3);

    pcie_endpoint_cap_init(pdev, CXL_CONFIG_EXP_CAP);
    pcie_add_capability(pdev, PCI_EXT_CAP_ID_DVSEC, 1, SWITCH_DVSEC, len);
    pci_set_long(loc + CXL_DVSEC_HDR1,
                 CXL_DVSEC_HDR1_VALUE(CXL_DVSEC_LOCATOR_REV, len));
    pci_set_word(loc + CXL_DVSEC_HDR2, CXL_DVSEC_ID_LOCATOR);
    pci_set_long(loc + CXL_DVSEC_LOCATOR_LO(0),
                 CXL_LOCATOR_ENTRY(CXL_LOCATOR_DEVICE, 0));
}

static void switch_cci_realize(PCIDevice *pdev, Error **errp)
{
    CxlSwitchCci *s = CXL_SWITCH_CCI(pdev);
    const PCIDeviceClass *pc = PCI_DEVICE_GET_CLASS(pdev);
    CxlSwitchConfig config = {
        .serial = UINT64_MAX,
        .vendor_id = pc->vendor_id,
        .device_id = pc->device_id,
        .mailbox_msgnum = SWITCH_VECTOR,
        .event_msgnum = SWITCH_EVENT_VECTOR,
    };

    if (s->core) {
        error_setg(errp, "property 'realized': a device that was taken out"
                   " does not come back; add a new one");
        return;
    }
    if (!s->target) {
        error_setg(errp, "property 'target' must be set to the upstream port"
                   " of a switch (" TYPE_UPSTREAM_PORT ")");
        return;
    }
    if (msix_init_exclusive_bar(pdev, SWITCH_VECTORS, SWITCH_MSIX_BAR,
                                errp)) {
        return;
    }
    msix_vector_use(pdev, SWITCH_VECTOR);
    msix_vector_use(pdev, SWITCH_EVENT_VECTOR);
    build_config(pdev);
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, core_timer, s);
    s->core = cxl_switch_new(&config, &switch_ops, &host_ops, s);
    memory_region_init_io(&s->regs, OBJECT(s), &regs_ops, s,
                          "cxl-switch-mailbox",
                          cxl_switch_regs_size(s->core));
    pci_register_bar(pdev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY |
                     PCI_BASE_ADDRESS_MEM_TYPE_64, &s->regs);
    pci_messages_init(&s->messages, pdev);
}

/* Only detaches: a command of ours may be what took us out. */
static void switch_cci_exit(PCIDevice *pdev)
{
    CxlSwitchCci *s = CXL_SWITCH_CCI(pdev);

    pci_messages_exit(&s->messages);
    timer_del(s->timer);
    msix_uninit_exclusive_bar(pdev);
}

static void switch_cci_finalize(Object *obj)
{
    CxlSwitchCci *s = CXL_SWITCH_CCI(obj);

    g_clear_pointer(&s->core, cxl_switch_free);
    g_clear_pointer(&s->timer, timer_free);
}

static void switch_cci_reset_hold(Object *obj, ResetType type)
{
    CxlSwitchCci *s = CXL_SWITCH_CCI(obj);

    pci_messages_forget(&s->messages);
    cxl_switch_reset(s->core);
}

static const Property switch_cci_props[] = {
    DEFINE_PROP_LINK("target", CxlSwitchCci, target, TYPE_UPSTREAM_PORT,
                     PCIDevice *),
};

static int switch_cci_pre_save(void *opaque)
{
    CxlSwitchCci *s = opaque;
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cxl_switch_save(s->core, bytes);
    g_free(s->saved);
    s->saved_len = bytes->len;
    s->saved = g_byte_array_steal(bytes, NULL);
    return 0;
}

static MemfabPostSave switch_cci_post_save(void *opaque)
{
    g_clear_pointer(&CXL_SWITCH_CCI(opaque)->saved, g_free);
    return MEMFAB_SAVED;
}

/* A payload of the largest size and the registers around it */
static bool saved_len_is_sane(void *opaque, int version)
{
    return CXL_SWITCH_CCI(opaque)->saved_len <= 2 * MiB;
}

static int switch_cci_post_load(void *opaque, int version)
{
    CxlSwitchCci *s = opaque;
    g_autofree uint8_t *saved = g_steal_pointer(&s->saved);
    g_autofree char *problem = NULL;

    if (!cxl_switch_load(s->core, saved, s->saved_len, &problem)) {
        error_report("%s: %s", PCI_DEVICE(s)->name, problem);
        return -EINVAL;
    }
    return 0;
}

static bool messages_needed(void *opaque)
{
    return pci_messages_pending(&CXL_SWITCH_CCI(opaque)->messages);
}

static const VMStateDescription vmstate_switch_messages = {
    .name = "memfab-" TYPE_CXL_SWITCH_CCI "/messages",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = messages_needed,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(messages, CxlSwitchCci, 1, vmstate_pci_messages,
                       PciMessages),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_switch_cci = {
    .name = "memfab-" TYPE_CXL_SWITCH_CCI,
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = switch_cci_pre_save,
    .post_save = switch_cci_post_save,
    .post_load = switch_cci_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, CxlSwitchCci),
        VMSTATE_MSIX(parent_obj, CxlSwitchCci),
        VMSTATE_UINT32(saved_len, CxlSwitchCci),
        VMSTATE_VALIDATE("length of the core's state", saved_len_is_sane),
        VMSTATE_VBUFFER_ALLOC_UINT32(saved, CxlSwitchCci, 0, NULL, saved_len),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *const[]) {
        &vmstate_switch_messages,
        NULL
    }
};

static void switch_cci_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    pc->realize = switch_cci_realize;
    pc->exit = switch_cci_exit;
    pc->class_id = 0x0c0b;
    pc->vendor_id = 0x19e5;
    pc->device_id = 0xa123;
    dc->desc = "CXL Switch Mailbox CCI";
    dc->vmsd = &vmstate_switch_cci;
    rc->phases.hold = switch_cci_reset_hold;
    device_class_set_props(dc, switch_cci_props);
    object_class_property_set_description(oc, "target",
                                          "upstream port of the switch");
}

static const TypeInfo switch_cci_info = {
    .name = TYPE_CXL_SWITCH_CCI,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(CxlSwitchCci),
    .instance_finalize = switch_cci_finalize,
    .class_init = switch_cci_class_init,
    .interfaces = MEMFAB_INTERFACES({ INTERFACE_PCIE_DEVICE }),
};

static void switch_cci_register(void)
{
    type_register_static(&switch_cci_info);
}

type_init(switch_cci_register)
