/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type "cxl-type3", and what of it every device with memory has: puts
 * the model on a PCI bus, and composes its rooms.
 *
 * Other subjects have rooms of their own: properties in props.c, BARs in
 * regs.c, the copy of configuration space in config.c, backends in backend.c,
 * saved state in vmstate.c; the path from host addresses is
 * in hw/cxl/window, monitor commands are in hw/cxl/monitor.  How the
 * device behaves is below hw/cxl/core.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "hw/common/extcap.h"
#include "hw/pci/messages.h"
#include "hw/pci/msix.h"
#include "hw/pci/once.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/uio.h"
#include "hw/core/resettable.h"
#include "system/runstate.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/memfab/problem.h"
#include "hw/cxl/trace.h"

/* To look again whether processors have let go of what was unmapped */
#define SETTLE_NS               (100 * SCALE_US)

static void core_timer(void *opaque)
{
    CxlMemdevPci *s = opaque;

    if (cxl_window_settled()) {
        cxl_endpoint_timer(s->ep);
    } else {
        timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + SETTLE_NS);
    }
}

static uint32_t memdev_config_read(PCIDevice *pdev, uint32_t addr, int len)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(pdev);
    uint32_t val = pci_default_read_config(pdev, addr, len);

    val = cxl_config_read(s->ep, pdev, addr, val, len);
    return doe_port_config_read(&s->spdm.port, addr, val, len);
}

static void memdev_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val,
                                int len)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(pdev);

    /* Unmasks what was pending, and that can be the end of us. */
    pci_default_write_config(pdev, addr, val, len);
    if (!cxl_memdev_here(s)) {
        return;
    }
    pcie_aer_write_config(pdev, addr, val, len);
    cxl_endpoint_config_write(s->ep, addr, val, len);
    doe_port_config_write(&s->spdm.port, addr, val, len);
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

static void memdev_reset_hold(Object *obj, ResetType type)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);
    PCIDevice *pdev = PCI_DEVICE(obj);
    CxlResetKind kind = reset_kind(s);

    /* One that a monitor client took out stays on its bus. */
    if (!cxl_memdev_here(s)) {
        return;
    }
    pci_messages_forget(&s->messages);
    pcie_cap_deverr_reset(pdev);
    if (kind != CXL_RESET_FUNCTION) {
        s->powered = true;
        memfab_link_fill(pdev, s->props.width, s->props.speed,
                         cxl_memdev_link_has_flits(s));
    }
    spdm_port_reset(&s->spdm);
    cxl_endpoint_reset(s->ep, kind);
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
    CxlEndpointConfig config;
    CxlMemdevConfig ld;
    char *problem = NULL;

    cxl_memdev_props_endpoint(s, &config);
    cxl_memdev_props_config(s, &ld);
    if (cxl_memdev_fabric(s)) {
        cxl_borrower_config(cxl_memdev_fabric(s), &ld);
    }
    s->ep = cxl_type3_new(&config, &ld, &cxl_memdev_hostops,
                          &cxl_memdev_endpoint_ops, s, &cxl_memdev_media_ops,
                          s, &problem);
    if (memfab_refused(problem, errp)) {
        return false;
    }
    s->core = cxl_endpoint_ld(s->ep);
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, core_timer, s);
    cxl_memdev_vitals_apply(s);
    return cxl_memdev_props_cdat(s, errp);
}

static void destroy_core(CxlMemdevPci *s)
{
    s->core = NULL;
    g_clear_pointer(&s->ep, cxl_endpoint_free);
    g_clear_pointer(&s->timer, timer_free);
}

static void build_config(CxlMemdevPci *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    pci_config_set_prog_interface(pdev->config,
                                  s->props.core.accelerator ? 0 : 0x10);
    pci_config_set_vendor_id(pdev->config, s->props.core.vendor_id);
    pci_config_set_device_id(pdev->config, s->props.core.device_id);
    pci_set_word(pdev->config + PCI_SUBSYSTEM_VENDOR_ID,
                 s->props.core.subsystem_vendor_id);
    pci_set_word(pdev->config + PCI_SUBSYSTEM_ID, s->props.core.subsystem_id);
    pcie_endpoint_cap_init(pdev, CXL_CONFIG_EXP_CAP);
    pcie_cap_deverr_init(pdev);
    pcie_cap_flr_init(pdev);
    cxl_config_build(s->ep, pdev);
}

static bool build_messages(CxlMemdevPci *s, Error **errp)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    unsigned i, vectors = CXL_PARAMS_VECTORS - !s->props.core.chmu;

    if (msix_init_exclusive_bar(pdev, vectors,
                                CXL_MEMDEV_BAR_MSIX, errp)) {
        return false;
    }
    for (i = 0; i < vectors; i++) {
        msix_vector_use(pdev, i);
    }
    if (pcie_aer_init(pdev, PCI_ERR_VER, CXL_CONFIG_AER, PCI_ERR_SIZEOF,
                      errp)) {
        msix_uninit_exclusive_bar(pdev);
        return false;
    }
    extcap_aer_may_differ(pdev->cmask, CXL_CONFIG_AER);
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

static bool build_uio(CxlMemdevPci *s, Error **errp)
{
    return !s->props.core.uio ||
           pci_uio_add(PCI_DEVICE(s), UIO_COMPLETER, NULL, errp);
}

static bool build_spdm(CxlMemdevPci *s, Error **errp)
{
    return !s->props.spdm_port ||
           spdm_port_init(&s->spdm, PCI_DEVICE(s), CXL_CONFIG_SPDM,
                          s->props.spdm_port, errp);
}

/* What undoes realize before anybody has seen the device. */
static void memdev_take_down(CxlMemdevPci *s)
{
    spdm_port_exit(&s->spdm);
    leave_mld(s);
    destroy_core(s);
    release_backends(s);
}

static void memdev_realize(PCIDevice *pdev, Error **errp)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(pdev);

    if (!cxl_memdev_props_check(s, errp)) {
        return;
    }
    if (!claim_backends(s, errp) || !create_core(s, errp) ||
        !join_mld(s, errp)) {
        memdev_take_down(s);
        return;
    }
    build_config(s);
    cxl_memdev_regs_init(s);
    if (!build_messages(s, errp)) {
        memdev_take_down(s);
        return;
    }
    if (!build_spdm(s, errp) || !build_uio(s, errp) ||
        !cxl_memdev_join_windows(s, errp)) {
        drop_messages(s);
        memdev_take_down(s);
        return;
    }
    if (cxl_memdev_fabric(s)) {
        cxl_borrower_attach(cxl_memdev_fabric(s), s->core);
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

    if (cxl_memdev_fabric(s)) {
        cxl_borrower_detach(cxl_memdev_fabric(s));
    }
    cxl_memdev_leave_windows(s);
    leave_mld(s);
    spdm_port_exit(&s->spdm);
    drop_messages(s);
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
    pc->revision = 1;
    dc->vmsd = &vmstate_cxl_memdev;
    rc->phases.hold = memdev_reset_hold;
    cxl_memdev_props_init(oc);
    cxl_memdev_vitals_init(oc);
}

static void type3_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    PCI_DEVICE_CLASS(oc)->class_id = PCI_CLASS_MEMORY_CXL;
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
    dc->desc = "CXL Memory Device (Type 3)";
    cxl_memdev_props_type3(oc);
}

static void memdev_instance_init(Object *obj)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);

    s->saved.max = CXL_ENDPOINT_SAVED_MAX;
    notifier_list_init(&s->stepped);
    cxl_memdev_vitals_default(s);
}

static void memdev_instance_finalize(Object *obj)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);

    pci_saved_clear(&s->saved);
    g_free(s->first);
    g_free(s->cdat_sum);
    destroy_core(s);
}

/* With what the core allocates while idle: 200 KiB at most */
QEMU_BUILD_BUG_ON(sizeof(CxlMemdevPci) > 136 * KiB);

static const TypeInfo memdev_info = {
    .name = TYPE_CXL_MEMDEV_PCI,
    .parent = TYPE_PCI_DEVICE,
    .abstract = true,
    .instance_size = sizeof(CxlMemdevPci),
    .instance_init = memdev_instance_init,
    .instance_finalize = memdev_instance_finalize,
    .class_init = memdev_class_init,
    .interfaces = MEMFAB_INTERFACES({ INTERFACE_CXL_DEVICE },
                                    { INTERFACE_PCIE_DEVICE }),
};

static const TypeInfo type3_info = {
    .name = TYPE_CXL_MEMDEV_TYPE3,
    .parent = TYPE_CXL_MEMDEV_PCI,
    .class_init = type3_class_init,
};

static void memdev_register(void)
{
    type_register_static(&memdev_info);
    type_register_static(&type3_info);
}

type_init(memdev_register)
