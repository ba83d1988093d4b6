/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type "cxl-type3": puts a memory device model on a PCI bus, and
 * composes its rooms.
 *
 * Other subjects have rooms of their own: properties in props.c, BARs in
 * regs.c, DVSECs in config.c, backends in backend.c, capacity in
 * capacity.c, saved state in vmstate.c; the path from host addresses is
 * in hw/cxl/window, monitor commands are in hw/cxl/monitor.  How the
 * device behaves is below hw/cxl/core.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "hw/pci/messages.h"
#include "hw/pci/msix.h"
#include "hw/pci/once.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/core/resettable.h"
#include "system/runstate.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/trace.h"

/* Well inside the 100 ms that the capability promises */
#define CXL_RESET_NS            10000000
/* To look again whether processors have let go of what was unmapped */
#define SETTLE_NS               (100 * SCALE_US)

static unsigned answer_cdat(void *opaque, const uint32_t *request,
                            unsigned dwords, uint32_t *response,
                            unsigned max)
{
    DoePort *port = opaque;
    CxlMemdevPci *s = port->opaque;

    return cdat_doe(&s->cdat, request, dwords, response, max);
}

static unsigned answer_compliance(void *opaque, const uint32_t *request,
                                  unsigned dwords, uint32_t *response,
                                  unsigned max)
{
    DoePort *port = opaque;

    return cxl_compliance_doe(&cxl_memdev_compliance_ops, port->opaque,
                              request, dwords, response, max);
}

static const DoeRow cdat_rows[] = {
    { DOE_VENDOR_CXL, CDAT_DOE_TYPE, answer_cdat },
};

static const DoeRow compliance_rows[] = {
    { DOE_VENDOR_CXL, CXL_COMPLIANCE_DOE_TYPE, answer_compliance },
};

static void raise_vector(PCIDevice *pdev, unsigned vector)
{
    pci_messages_raise(&CXL_MEMDEV_PCI(pdev)->messages, vector);
}

static void core_timer(void *opaque)
{
    CxlMemdevPci *s = opaque;

    if (cxl_window_settled(&s->window)) {
        cxl_memdev_timer(s->core);
    } else {
        timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + SETTLE_NS);
    }
}

static void cxl_reset_end(void *opaque)
{
    CxlMemdevPci *s = opaque;

    cxl_config_reset_done(&s->config, PCI_DEVICE(s));
}

/* CXL r3.1 9.7: CXL.mem state goes, what is PCIe's own stays. */
static void cxl_reset_begin(CxlMemdevPci *s)
{
    bool clear = cxl_config_mem_clear_enabled(&s->config, PCI_DEVICE(s));
    CxlResetKind kind = clear ? CXL_RESET_CXL_CLEAR : CXL_RESET_CXL;

    trace_memfab_cxl_reset(PCI_DEVICE(s)->name, kind);
    cxl_component_reset(&s->component, false);
    cxl_memdev_reset(s->core, kind);
    timer_mod(s->reset_timer,
              qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + CXL_RESET_NS);
}

static uint32_t memdev_config_read(PCIDevice *pdev, uint32_t addr, int len)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(pdev);
    uint32_t val = pci_default_read_config(pdev, addr, len);

    val = cxl_config_read(&s->config, pdev, addr, val, len);
    val = doe_port_config_read(&s->doe_cdat, addr, val, len);
    return doe_port_config_read(&s->doe_compliance, addr, val, len);
}

static void memdev_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val,
                                int len)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(pdev);
    bool mem_before = cxl_config_mem_enabled(&s->config, pdev);
    unsigned did;

    /* Unmasks what was pending, and that can be the end of us. */
    pci_default_write_config(pdev, addr, val, len);
    if (!cxl_memdev_here(s)) {
        return;
    }
    pcie_aer_write_config(pdev, addr, val, len);
    doe_port_config_write(&s->doe_cdat, addr, val, len);
    doe_port_config_write(&s->doe_compliance, addr, val, len);
    did = cxl_config_write(&s->config, pdev, addr, len, mem_before);
    if (did & (CXL_CONFIG_DID_MEM_ENABLE | CXL_CONFIG_DID_RANGE)) {
        cxl_window_changed();
    }
    if (did & CXL_CONFIG_DID_RESET) {
        cxl_reset_begin(s);
    }
    s->function_reset = true;
    pcie_cap_flr_write_config(pdev, addr, val, len);
    s->function_reset = false;
}

/*
 * QEMU resets everything "cold".  Only when the host bridge is reset with
 * us is it the whole machine; otherwise it is a bus, or this function if its
 * own register asked for it.
 * Nothing is lost the first time, there is nothing yet; and what an
 * incoming migration brings must not be touched.
 */
static CxlResetKind reset_kind(CxlMemdevPci *s)
{
    PCIBus *root = pci_device_root_bus(PCI_DEVICE(s));
    bool machine = resettable_is_in_reset(OBJECT(root));

    if (s->function_reset) {
        return CXL_RESET_FUNCTION;
    }
    if (!machine || !s->props.power_cycle || !s->powered ||
        runstate_check(RUN_STATE_INMIGRATE)) {
        return CXL_RESET_HOT;
    }
    return CXL_RESET_COLD;
}

/* What is PCIe's: every reset but the CXL reset has it. */
static void reset_pcie(CxlMemdevPci *s)
{
    pci_messages_forget(&s->messages);
    pcie_cap_deverr_reset(PCI_DEVICE(s));
    doe_reset(&s->doe_cdat.doe);
    doe_reset(&s->doe_compliance.doe);
}

/* The link has large flits if both ends offer them. */
static bool link_has_flits(CxlMemdevPci *s)
{
    PCIDevice *port = pci_bridge_get_device(pci_get_bus(PCI_DEVICE(s)));

    return s->props.flit_256b && port && memfab_port_has_flits(port);
}

static void memdev_reset_hold(Object *obj, ResetType type)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);
    PCIDevice *pdev = PCI_DEVICE(obj);
    CxlResetKind kind = reset_kind(s);

    trace_memfab_cxl_reset(pdev->name, kind);
    reset_pcie(s);
    if (kind == CXL_RESET_FUNCTION) {
        cxl_memdev_reset(s->core, kind);
        return;
    }
    s->powered = true;
    timer_del(s->reset_timer);
    memfab_link_fill(pdev, s->props.width, s->props.speed,
                     link_has_flits(s));
    cxl_config_reset(&s->config, pdev, kind == CXL_RESET_COLD);
    cxl_component_reset(&s->component, kind == CXL_RESET_COLD);
    cxl_memdev_reset(s->core, kind);
    cxl_memdev_capacity_update(s);
    cxl_window_changed();
}

static bool claim_backends(CxlMemdevPci *s, Error **errp)
{
    uint64_t dpa = 0;
    unsigned i;

    for (i = 0; i < CXL_BACKEND_COUNT; i++) {
        if (!cxl_backend_claim(&s->backend[i], i, DEVICE(s), errp)) {
            return false;
        }
        s->backend[i].dpa = dpa;
        dpa += s->backend[i].size;
    }
    return cxl_memdev_props_check_sizes(s, errp);
}

static void release_backends(CxlMemdevPci *s)
{
    unsigned i;

    for (i = 0; i < CXL_BACKEND_COUNT; i++) {
        cxl_backend_release(&s->backend[i], DEVICE(s));
    }
}

static bool create_core(CxlMemdevPci *s, Error **errp)
{
    CxlMemdevConfig config;
    g_autofree char *problem = NULL;

    cxl_memdev_props_config(s, &config);
    s->core = cxl_memdev_new(&config, &cxl_memdev_hostops, s, &problem);
    if (!s->core) {
        error_setg(errp, "%s", problem);
        return false;
    }
    cxl_memdev_vitals_apply(s);
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, core_timer, s);
    s->reset_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, cxl_reset_end, s);
    return true;
}

static void destroy_core(CxlMemdevPci *s)
{
    g_clear_pointer(&s->core, cxl_memdev_free);
    g_clear_pointer(&s->reset_timer, timer_free);
    g_clear_pointer(&s->timer, timer_free);
}

static void build_component(CxlMemdevPci *s)
{
    CxlHdmConfig hdm = {
        .decoders = s->props.hdm_decoders,
        .bi = s->props.hdm_db,
        .bi_link = link_has_flits(s),
        .coherency = s->props.hdm_db ? CXL_HDM_COHERENCY_BOTH
                                     : CXL_HDM_COHERENCY_UNKNOWN,
    };

    cxl_component_init(&s->component, &hdm, &cxl_memdev_hdm_ops, s);
}

static void build_config(CxlMemdevPci *s)
{
    uint32_t locator[] = {
        CXL_LOCATOR_ENTRY(CXL_LOCATOR_COMPONENT, CXL_MEMDEV_BAR_COMPONENT),
        CXL_LOCATOR_ENTRY(CXL_LOCATOR_DEVICE, CXL_MEMDEV_BAR_DEVICE),
        CXL_LOCATOR_ENTRY(CXL_LOCATOR_CPMU, CXL_MEMDEV_BAR_DEVICE) |
        cxl_memdev_regs_pmu(s->core),
    };
    PCIDevice *pdev = PCI_DEVICE(s);
    bool multi = pdev->cap_present & QEMU_PCI_CAP_MULTIFUNCTION ||
                 PCI_FUNC(pdev->devfn);
    CxlConfigSetup setup = {
        .serial = s->props.sn,
        .has_serial = s->props.sn != UINT64_MAX,
        .flit_256b = s->props.flit_256b,
        .mld = s->props.mld,
        .function_map = s->props.function_map == ON_OFF_AUTO_ON ||
                        (s->props.function_map == ON_OFF_AUTO_AUTO && multi),
        .locator = locator,
        .locator_count = ARRAY_SIZE(locator) - !s->props.cpmu,
    };

    pci_config_set_prog_interface(pdev->config, 0x10);
    pci_config_set_vendor_id(pdev->config, s->props.vendor_id);
    pci_config_set_device_id(pdev->config, s->props.device_id);
    pci_set_word(pdev->config + PCI_SUBSYSTEM_VENDOR_ID,
                 s->props.subsystem_vendor_id);
    pci_set_word(pdev->config + PCI_SUBSYSTEM_ID, s->props.subsystem_id);
    pcie_endpoint_cap_init(pdev, CXL_CONFIG_EXP_CAP);
    pcie_cap_deverr_init(pdev);
    pcie_cap_flr_init(pdev);
    cxl_config_build(&s->config, pdev, &setup);
    doe_port_init(&s->doe_cdat, pdev, CXL_CONFIG_DOE_CDAT,
                  CXL_MEMDEV_VECTOR_CDAT, raise_vector, cdat_rows,
                  ARRAY_SIZE(cdat_rows), s);
    doe_port_init(&s->doe_compliance, pdev, CXL_CONFIG_DOE_COMP,
                  CXL_MEMDEV_VECTOR_COMPLIANCE, raise_vector,
                  compliance_rows, ARRAY_SIZE(compliance_rows), s);
}

static bool build_messages(CxlMemdevPci *s, Error **errp)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    unsigned i;

    if (msix_init_exclusive_bar(pdev, CXL_MEMDEV_VECTOR_COUNT,
                                CXL_MEMDEV_BAR_MSIX, errp)) {
        return false;
    }
    for (i = 0; i < CXL_MEMDEV_VECTOR_COUNT; i++) {
        msix_vector_use(pdev, i);
    }
    if (pcie_aer_init(pdev, PCI_ERR_VER, CXL_CONFIG_AER, PCI_ERR_SIZEOF,
                      errp)) {
        msix_uninit_exclusive_bar(pdev);
        return false;
    }
    pci_messages_init(&s->messages, pdev);
    return true;
}

static void drop_messages(CxlMemdevPci *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    pci_messages_exit(&s->messages);
    pcie_aer_exit(pdev);
    msix_uninit_exclusive_bar(pdev);
}

static bool join_mld(CxlMemdevPci *s, Error **errp)
{
    return !s->props.mld ||
           cxl_mld_join(s->props.mld, s->props.ld, DEVICE(s),
                        cxl_memdev_ld_cci(s->core),
                        s->backend[CXL_BACKEND_VOLATILE].size,
                        s->backend[CXL_BACKEND_PERSISTENT].size, errp);
}

static void leave_mld(CxlMemdevPci *s)
{
    if (s->props.mld) {
        cxl_mld_leave(s->props.mld, DEVICE(s));
    }
}

/* What undoes realize before anybody has seen the device. */
static void memdev_take_down(CxlMemdevPci *s)
{
    leave_mld(s);
    destroy_core(s);
    cdat_destroy(&s->cdat);
    release_backends(s);
}

static void memdev_realize(PCIDevice *pdev, Error **errp)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(pdev);

    if (!cxl_memdev_props_check(s, errp)) {
        return;
    }
    cdat_init(&s->cdat);
    if (!cxl_memdev_cdat_load(s, errp) || !claim_backends(s, errp) ||
        !create_core(s, errp) || !join_mld(s, errp)) {
        memdev_take_down(s);
        return;
    }
    build_component(s);
    build_config(s);
    cxl_memdev_capacity_update(s);
    cxl_memdev_regs_init(s);
    if (!build_messages(s, errp)) {
        memdev_take_down(s);
        return;
    }
    if (!cxl_memdev_join_windows(s, errp)) {
        drop_messages(s);
        memdev_take_down(s);
        return;
    }
    /* There, and seen by nobody (hw/pci/slot.h) until a switch shows it */
    pdev->partially_hotplugged = !s->props.bound;
}

static void memdev_realize_once(DeviceState *dev, Error **errp)
{
    pci_function_realize_once(dev, CXL_MEMDEV_PCI(dev)->core, errp);
}

/*
 * Only detaches, for something of the device may be on the stack: what the
 * core owns goes with the object.
 */
static void memdev_exit(PCIDevice *pdev)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(pdev);

    cxl_memdev_leave_windows(s);
    leave_mld(s);
    drop_messages(s);
    timer_del(s->reset_timer);
    timer_del(s->timer);
    release_backends(s);
}

static void memdev_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    dc->realize = memdev_realize_once;
    pc->realize = memdev_realize;
    pc->exit = memdev_exit;
    pc->config_read = memdev_config_read;
    pc->config_write = memdev_config_write;
    pc->class_id = PCI_CLASS_MEMORY_CXL;
    pc->vendor_id = PCI_VENDOR_ID_INTEL;
    pc->device_id = CXL_MEMDEV_DEVICE_ID;
    pc->revision = 1;

    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
    dc->desc = "CXL Memory Device (Type 3)";
    dc->vmsd = &vmstate_cxl_memdev;
    rc->phases.hold = memdev_reset_hold;
    cxl_memdev_props_init(oc);
    cxl_memdev_vitals_init(oc);
}

static void memdev_instance_init(Object *obj)
{
    cxl_memdev_vitals_default(CXL_MEMDEV_PCI(obj));
}

static void memdev_instance_finalize(Object *obj)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);

    destroy_core(s);
    doe_port_exit(&s->doe_compliance);
    doe_port_exit(&s->doe_cdat);
    cdat_destroy(&s->cdat);
}

/* With what the core allocates while idle: 200 KiB at most */
QEMU_BUILD_BUG_ON(sizeof(CxlMemdevPci) > 136 * KiB);

static const TypeInfo memdev_info = {
    .name = TYPE_CXL_MEMDEV_PCI,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(CxlMemdevPci),
    .instance_init = memdev_instance_init,
    .instance_finalize = memdev_instance_finalize,
    .class_init = memdev_class_init,
    .interfaces = MEMFAB_INTERFACES({ INTERFACE_CXL_DEVICE },
                                    { INTERFACE_PCIE_DEVICE }),
};

static void memdev_register(void)
{
    type_register_static(&memdev_info);
}

type_init(memdev_register)
