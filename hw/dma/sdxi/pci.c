/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type `sdxi`: life cycle, power, reset.  It composes rooms; what they
 * do is in files of their own, and all behaviour in core/.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/pci/once.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/pci/peer.h"
#include "hw/core/resettable.h"
#include "system/runstate.h"
#include "hw/dma/sdxi/bars.h"
#include "hw/dma/sdxi/caps.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/functions.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "hw/dma/sdxi/out.h"
#include "hw/dma/sdxi/props.h"
#include "hw/dma/sdxi/run.h"
#include "hw/dma/sdxi/sriov.h"
#include "trace.h"

/* 1.0, PCI Code and ID Assignment r1.14 1.19: SDXI, prog-if 00h */
#define SDXI_PCI_CLASS          0x1201

/* ---- configuration ---- */

/* What the core cannot do after all is the user's business too. */
static bool sdxi_make_config(SdxiPci *s, SdxiConfig *config, Error **errp)
{
    SdxiConfigError err;

    s->upstream = pci_peer_switch(PCI_DEVICE(s));
    sdxi_params_config(&s->prop.core,
                       sdxi_profile_groups(&sdxi_profile_standard,
                                           &s->prop.core),
                       s->sfunc, config);
    config->vf = s->pf;
    s->has_peers = s->upstream || s->prop.core.uio ||
                   pci_peer_has_beside(PCI_DEVICE(s));
    config->switched = s->has_peers;
    if (!sdxi_config_check(config, &sdxi_profile_standard, &err)) {
        error_setg(errp, "property '%s': value %" PRIu64 " is out of range; "
                   "accepted: %s", err.property, err.value, err.accepted);
        return false;
    }
    return true;
}

static uint32_t sdxi_read_config(PCIDevice *pci, uint32_t addr, int len)
{
    SdxiPci *s = SDXI_PCI(pci);
    uint32_t value = pci_default_read_config(pci, addr, len);

    value = sdxi_pasid_config_read(&s->pasid, addr, value, len);
    value = doe_port_config_read(&s->cdat.port, addr, value, len);
    return doe_port_config_read(&s->spdm.port, addr, value, len);
}

/*
 * Asleep it does nothing that anybody could see.  False: a message of the last
 * moment removed it.
 */
static bool sdxi_fall_asleep(SdxiPci *s)
{
    sdxi_epoch_settle();
    return sdxi_out_messages(s);
}

static void sdxi_write_config(PCIDevice *pci, uint32_t addr, uint32_t val,
                              int len)
{
    SdxiPci *s = SDXI_PCI(pci);
    bool awake = !s->gate.asleep;

    if (!sdxi_out_config(s, addr, val, len)) {
        return;
    }
    doe_port_config_write(&s->cdat.port, addr, val, len);
    doe_port_config_write(&s->spdm.port, addr, val, len);
    sdxi_caps_show(s);
    sdxi_pasid_config_written(&s->pasid, addr, len);
    if (awake && s->gate.asleep && !sdxi_fall_asleep(s)) {
        return;
    }
    if (!awake && !s->gate.asleep) {
        sdxi_out_again(s);
    }
    /* Work that waited for bus mastering, or for D0, may go on. */
    sdxi_worker_kick(&s->worker);
}

/* ---- stop and go ---- */

/*
 * Stopping has two phases: first all functions pause, so that none raises a
 * vector of another any more; then each sends what was raised.
 */
static void sdxi_vm_prepare(void *opaque, bool running, RunState state)
{
    SdxiPci *s = opaque;

    if (!running && !sdxi_gate_gone(&s->gate)) {
        sdxi_owner_pause(&s->worker);
        /* For a thread that is in the middle of what has stopped the machine */
        qatomic_set(&s->gate.stopped, true);
        sdxi_epoch_settle();
    }
}

static void sdxi_vm_change(void *opaque, bool running, RunState state)
{
    SdxiPci *s = opaque;

    if (sdxi_gate_gone(&s->gate)) {
        return;
    }
    if (!running) {
        sdxi_out_messages(s);
        return;
    }
    /* Only now is it certain that no I/O MMU is added any more. */
    sdxi_caps_show(s);
    sdxi_pasid_complain(&s->pasid);
    qatomic_set(&s->gate.stopped, false);
    sdxi_owner_resume(&s->worker);
    /* Those that were resumed before may have met the closed gate. */
    sdxi_functions_kick_group(s);
}

/* ---- the end ---- */

/* Not in exit: who tells of a stop may be walking the list below us. */
static void sdxi_forget_vm_bh(void *opaque)
{
    SdxiPci *s = opaque;

    qemu_del_vm_change_state_handler(s->vm_change);
    object_unref(OBJECT(s));
}

/* In the main loop, which may wait for threads. */
static void sdxi_finish_bh(void *opaque)
{
    SdxiPci *s = opaque;

    if (!sdxi_functions_settle() || !sdxi_owner_join(&s->worker)) {
        aio_bh_schedule_oneshot(qemu_get_aio_context(), sdxi_finish_bh, s);
        return;
    }
    sdxi_out_exit(s);
    object_unref(OBJECT(s));
}

/*
 * Detaches the function; what is below on the stack may be its own access, or
 * a message of it that powers off its slot.  Threads end in the main loop, and
 * all else goes with the object.
 */
static void sdxi_exit(PCIDevice *pci)
{
    SdxiPci *s = SDXI_PCI(pci);

    trace_sdxi_exit(s->sfunc);
    sdxi_sriov_exit(pci);
    object_ref(OBJECT(s));
    aio_bh_schedule_oneshot(iohandler_get_aio_context(), sdxi_forget_vm_bh, s);
    sdxi_functions_remove(s);
    qatomic_set(&s->gate.gone, true);
    sdxi_epoch_settle();
    sdxi_owner_quit(&s->worker);
    object_ref(OBJECT(s));
    aio_bh_schedule_oneshot(qemu_get_aio_context(), sdxi_finish_bh, s);
    sdxi_caps_exit(s);
}

/* Threads have ended, and nobody has a pointer to it. */
static void sdxi_discard(SdxiPci *s)
{
    if (!s->core) {
        return;
    }
    sdxi_run_exit(s);
    g_clear_pointer(&s->core, sdxi_device_free);
    sdxi_bars_forget(s);
    pci_saved_clear(&s->saved);
}

/* ---- the beginning ---- */

static void sdxi_start(SdxiPci *s, const SdxiConfig *config)
{
    s->gate = (SdxiGate) { .stopped = true };
    sdxi_out_init(s);
    sdxi_bars_keep(s);
    sdxi_run_init(s);
    s->core = sdxi_device_new(config, &sdxi_profile_standard, &sdxi_host_ops,
                              &s->own);
    s->saved.max = sdxi_device_save_max(config);
    sdxi_run_start(s);
    sdxi_functions_add(s);
    s->vm_change = memfab_add_vm_change(sdxi_vm_change, sdxi_vm_prepare, s);
    sdxi_caps_show(s);
    if (runstate_is_running()) {
        sdxi_vm_change(s, true, RUN_STATE_RUNNING);
    }
}

static void sdxi_realize(PCIDevice *pci, Error **errp)
{
    SdxiPci *s = SDXI_PCI(pci);
    SdxiConfig config;

    if (pci_is_vf(pci) && !sdxi_sriov_inherit(s, errp)) {
        return;
    }
    if (!sdxi_props_check(s, errp) ||
        !sdxi_functions_choose(s, errp) ||
        !sdxi_make_config(s, &config, errp)) {
        return;
    }
    if (!sdxi_caps_init(s, sdxi_config_doorbell_bytes(&config), errp)) {
        sdxi_caps_exit(s);
        return;
    }
    sdxi_start(s, &config);
    trace_sdxi_realize(s->sfunc, s->prop.core.contexts, s->vectors);
    if (s->prop.core.vfs && !sdxi_sriov_init(s, errp)) {
        sdxi_exit(pci);
    }
}

static void sdxi_realize_once(DeviceState *dev, Error **errp)
{
    pci_function_realize_once(dev, SDXI_PCI(dev)->core, errp);
}

/* ---- reset ---- */

static void sdxi_reset_hold(Object *obj, ResetType type)
{
    SdxiPci *s = SDXI_PCI(obj);

    /* One that a monitor client took out stays on its bus. */
    if (sdxi_gate_gone(&s->gate)) {
        return;
    }
    trace_sdxi_reset(s->sfunc);
    sdxi_bars_reset_function(s);
    sdxi_out_forget(s);
    sdxi_caps_reset(s);
}

/* The bus has reset configuration space after what is above. */
static void sdxi_reset_exit(Object *obj, ResetType type)
{
    SdxiPci *s = SDXI_PCI(obj);

    if (!sdxi_gate_gone(&s->gate)) {
        sdxi_caps_show(s);
        sdxi_pasid_share(&s->pasid);
    }
}

/* ---- type ---- */

static void sdxi_instance_init(Object *obj)
{
    /* A hybrid device says so before it is realized. */
    PCI_DEVICE(obj)->cap_present |= QEMU_PCI_CAP_EXPRESS;
}

static void sdxi_instance_finalize(Object *obj)
{
    sdxi_discard(SDXI_PCI(obj));
}

static void sdxi_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    dc->realize = sdxi_realize_once;
    pc->realize = sdxi_realize;
    pc->exit = sdxi_exit;
    pc->config_read = sdxi_read_config;
    pc->config_write = sdxi_write_config;
    pc->class_id = SDXI_PCI_CLASS;
    rc->phases.hold = sdxi_reset_hold;
    rc->phases.exit = sdxi_reset_exit;
    dc->desc = "SNIA SDXI 1.0 data mover";
    dc->vmsd = &sdxi_vmstate;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    sdxi_props_add(oc);
}

/* Made by its physical function, never by -device. */
static void sdxi_vf_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "virtual function of a SNIA SDXI 1.0 data mover";
    dc->vmsd = &sdxi_vmstate_vf;
    dc->user_creatable = false;
}

static const TypeInfo sdxi_types[] = {
    {
        .name = TYPE_SDXI_PCI,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(SdxiPci),
        .instance_init = sdxi_instance_init,
        .instance_finalize = sdxi_instance_finalize,
        .class_init = sdxi_class_init,
        .interfaces = MEMFAB_INTERFACES({ INTERFACE_PCIE_DEVICE },
                                        { INTERFACE_CONVENTIONAL_PCI_DEVICE }),
    },
    {
        .name = TYPE_SDXI_VF,
        .parent = TYPE_SDXI_PCI,
        .class_init = sdxi_vf_class_init,
    },
};

DEFINE_TYPES(sdxi_types)
