/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type "cxl-switch-mailbox-cci": a PCI function beside the upstream
 * port of a switch, through whose mailbox a fabric manager asks about ports
 * and reaches the devices below them.  CXL r3.1 8.1.13.
 *
 * Registers and commands are core/switch.c and below; here is the function on
 * its bus.  What QEMU's port tree says is in tree.c, how devices appear to the
 * host and go in bind.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "migration/vmstate.h"
#include "hw/core/hotplug.h"
#include "hw/pci/messages.h"
#include "hw/pci/msix.h"
#include "hw/pci/once.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/shape.h"
#include "hw/pci/slot.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/resettable.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/steps.h"
#include "hw/cxl/switch/internal.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/trace.h"

/* Vector and DVSEC of the stock function; MSI-X is ours */
#define SWITCH_VECTOR           3
#define SWITCH_EVENT_VECTOR     2
#define SWITCH_VECTORS          4
#define SWITCH_MSIX_BAR         4
#define SWITCH_DVSEC            0x100

/* Decoders that QEMU gives an upstream port */
#define SWITCH_DECODERS         4
/* A payload of the largest size and the registers around it */
#define SWITCH_SAVED_MAX        (2 * MiB)

static void port_reset(void *opaque, uint8_t number)
{
    PCIDevice *port;

    for (unsigned i = 1; (port = cxl_switch_bridge(opaque, i)); i++) {
        uint8_t what;
        uint16_t ld;

        /* Below the port of an MLD are all of its logical devices. */
        cxl_switch_what(port, &what, &ld);
        if (what == number) {
            bus_cold_reset(BUS(pci_bridge_get_sec_bus(PCI_BRIDGE(port))));
        }
    }
}

/* A write may take away what is plugged below, but not the port itself. */
static void port_config(void *opaque, uint8_t number, uint16_t address,
                        unsigned size, bool is_write, uint32_t *data)
{
    PCIDevice *port = cxl_switch_port(opaque, number);

    if (!port) {
        /* That of an MLD: no bridge that answers */
        *data = UINT32_MAX;
    } else if (is_write) {
        port->config_write(port, address, *data, size);
    } else {
        *data = port->config_read(port, address, size);
    }
}

static bool ld_config(void *opaque, uint8_t port, uint16_t ld,
                      uint16_t address, unsigned size, bool is_write,
                      uint32_t *data)
{
    PCIDevice *d = cxl_switch_ld(opaque, port, ld);

    return d && cxl_memdev_config_access(CXL_MEMDEV_PCI(d), address, size,
                                         is_write, data);
}

static bool ld_memory(void *opaque, uint8_t port, uint16_t ld,
                      uint64_t address, unsigned size, bool is_write,
                      uint64_t *data)
{
    PCIDevice *d = cxl_switch_ld(opaque, port, ld);

    return d && cxl_memdev_regs_access(CXL_MEMDEV_PCI(d), address, size,
                                       is_write, data);
}

static void controls(void *opaque, uint8_t vcs, uint8_t vppb, uint16_t *link,
                     uint16_t *slot)
{
    PCIDevice *port = cxl_switch_bridge(opaque, vppb);

    if (port) {
        const uint8_t *exp = port->config + port->exp.exp_cap;

        *link = pci_get_word(exp + PCI_EXP_LNKCTL);
        *slot = pci_get_word(exp + PCI_EXP_SLTCTL);
    }
}

static const CxlSwitchOps switch_ops = {
    .refresh = cxl_switch_tree_refresh,
    .port_reset = port_reset,
    .port_config = port_config,
    .ld_config = ld_config,
    .ld_memory = ld_memory,
    .may_bind = cxl_switch_may_bind,
    .bind = cxl_switch_bind,
    .unbind = cxl_switch_unbind,
    .give_up = cxl_switch_give_up,
    .place = cxl_switch_place,
    .controls = controls,
    .has_aer = cxl_switch_has_aer,
    .aer = cxl_switch_wake,
};

CxlSwitch *cxl_switch_of(Object *obj)
{
    return CXL_SWITCH_CCI(obj)->core;
}

static int64_t now_ns(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void timer_arm(void *opaque, int64_t at_ns)
{
    CxlSwitchCci *s = opaque;

    if (cxl_switch_here(s)) {
        timer_mod(s->timer, at_ns);
    }
}

static void timer_cancel(void *opaque)
{
    timer_del(CXL_SWITCH_CCI(opaque)->timer);
}

static void message(void *opaque, unsigned msgnum)
{
    CxlSwitchCci *s = opaque;

    trace_memfab_cxl_message(PCI_DEVICE(s)->name, msgnum);
    pci_messages_raise(&s->messages, msgnum);
}

static void trace_step(void *opaque, CxlTraceStep step, uint64_t a,
                       uint64_t b, uint64_t c)
{
    cxl_trace_step(DEVICE(opaque), step, a, b, c);
}

static const CxlHostOps host_ops = {
    .now_ns = now_ns,
    .timer_arm = timer_arm,
    .timer_cancel = timer_cancel,
    .message = message,
    .trace = trace_step,
};

static void core_timer(void *opaque)
{
    cxl_switch_timer(CXL_SWITCH_CCI(opaque)->core);
}

/* Not here: a vCPU waited for the big lock while we were unplugged. */
static uint64_t regs_read(void *opaque, hwaddr addr, unsigned size)
{
    CxlSwitchCci *s = opaque;

    return cxl_switch_here(s) ? cxl_switch_regs_read(s->core, addr, size)
                              : UINT64_MAX;
}

static void regs_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    CxlSwitchCci *s = opaque;

    if (cxl_switch_here(s)) {
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

static void core_save(void *opaque, GByteArray *out)
{
    cxl_switch_save(opaque, out);
}

static bool core_load(void *opaque, const uint8_t *bytes, size_t len,
                      char **problem)
{
    return cxl_switch_load(opaque, bytes, len, problem);
}

static const PciSavedOps saved_ops = { .save = core_save, .load = core_load };

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
        .decoders = SWITCH_DECODERS,
    };

    if (!s->target) {
        error_setg(errp, "property 'target' must be set to the upstream port"
                   " of a switch (" TYPE_CXL_USP ")");
        return;
    }
    if (!cxl_switch_bind_check(s, errp) ||
        msix_init_exclusive_bar(pdev, SWITCH_VECTORS, SWITCH_MSIX_BAR,
                                errp)) {
        return;
    }
    msix_vector_use(pdev, SWITCH_VECTOR);
    msix_vector_use(pdev, SWITCH_EVENT_VECTOR);
    build_config(pdev);
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, core_timer, s);
    s->core = cxl_switch_new(&config, &switch_ops, &host_ops, s);
    pci_saved_init(&s->saved, SWITCH_SAVED_MAX, &saved_ops, s->core,
                   pdev->name);
    memory_region_init_io(&s->regs, OBJECT(s), &regs_ops, s,
                          "cxl-switch-mailbox",
                          cxl_switch_regs_size(s->core));
    pci_register_bar(pdev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY |
                     PCI_BASE_ADDRESS_MEM_TYPE_64, &s->regs);
    pci_messages_init(&s->messages, pdev);
    cxl_switch_bind_init(s);
}

static void switch_cci_realize_once(DeviceState *dev, Error **errp)
{
    pci_function_realize_once(dev, CXL_SWITCH_CCI(dev)->core, errp);
}

/* Only detaches: a command of ours may be what took us out. */
static void switch_cci_exit(PCIDevice *pdev)
{
    CxlSwitchCci *s = CXL_SWITCH_CCI(pdev);

    cxl_switch_bind_exit(s);
    pci_messages_exit(&s->messages);
    timer_del(s->timer);
    msix_uninit_exclusive_bar(pdev);
}

static void switch_cci_finalize(Object *obj)
{
    CxlSwitchCci *s = CXL_SWITCH_CCI(obj);

    g_clear_pointer(&s->core, cxl_switch_free);
    g_clear_pointer(&s->timer, timer_free);
    pci_saved_clear(&s->saved);
}

static void switch_cci_reset_hold(Object *obj, ResetType type)
{
    CxlSwitchCci *s = CXL_SWITCH_CCI(obj);

    if (!pci_messages_here(&s->messages)) {
        return;
    }
    pci_messages_forget(&s->messages);
    cxl_switch_reset(s->core);
}

static const Property switch_cci_props[] = {
    DEFINE_PROP_LINK("target", CxlSwitchCci, target, TYPE_CXL_USP,
                     PCIDevice *),
};

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
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, CxlSwitchCci),
        VMSTATE_MSIX(parent_obj, CxlSwitchCci),
        VMSTATE_STRUCT(saved, CxlSwitchCci, 1, vmstate_pci_saved, PciSaved),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *const[]) {
        &vmstate_switch_messages,
        NULL
    }
};

static const char *const shape_properties[] = { "target", NULL };

static const PciShapeType shape_type = {
    .type = TYPE_CXL_SWITCH_CCI, .properties = shape_properties,
};

static void switch_cci_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    dc->realize = switch_cci_realize_once;
    pc->realize = switch_cci_realize;
    pc->exit = switch_cci_exit;
    pc->class_id = 0x0c0b;
    pc->vendor_id = 0x19e5;
    pc->device_id = 0xa123;
    dc->desc = "CXL Switch Mailbox CCI";
    dc->vmsd = &vmstate_switch_cci;
    rc->phases.hold = switch_cci_reset_hold;
    cxl_switch_bind_class_init(oc);
    device_class_set_props(dc, switch_cci_props);
    object_class_property_set_description(oc, "target",
                                          "upstream port of the switch");
    pci_shape_type(&shape_type);
}

static const TypeInfo switch_cci_info = {
    .name = TYPE_CXL_SWITCH_CCI,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(CxlSwitchCci),
    .instance_finalize = switch_cci_finalize,
    .class_init = switch_cci_class_init,
    .interfaces = MEMFAB_INTERFACES({ INTERFACE_PCIE_DEVICE },
                                    { TYPE_HOTPLUG_HANDLER }),
};

static void switch_cci_register(void)
{
    type_register_static(&switch_cci_info);
}

type_init(switch_cci_register)
