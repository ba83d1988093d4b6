/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state.  The virtual machine is stopped when this runs, so the worker
 * is paused; a descriptor that was suspended half-way travels with its
 * progress and goes on at the destination.  What makes up the state of a
 * function is the core's business; here its numbers are put on the wire.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie_sriov.h"
#include "migration/vmstate.h"
#include "hw/dma/sdxi/device.h"

/*
 * A new member needs a field below and a thought about older streams; then
 * change the size.
 */
QEMU_BUILD_BUG_ON(sizeof(SdxiSavedContext) != 160);
QEMU_BUILD_BUG_ON(sizeof(SdxiSaved) != 160);

static int sdxi_pre_save(void *opaque)
{
    SdxiPci *s = opaque;
    bool entered = sdxi_worker_enter(&s->worker);

    g_assert(entered);
    if (qatomic_xchg(&s->reset_deferred, false)) {
        sdxi_device_reset(s->core);
    }
    sdxi_device_save(s->core, &s->saved);
    sdxi_worker_leave(&s->worker);
    return 0;
}

static MemfabPostSave sdxi_post_save(void *opaque)
{
    SdxiPci *s = opaque;

    sdxi_saved_clear(&s->saved);
    return MEMFAB_SAVED;
}

static int sdxi_pre_load(void *opaque)
{
    SdxiPci *s = opaque;

    sdxi_saved_clear(&s->saved);
    return 0;
}

static int sdxi_post_load(void *opaque, int version_id)
{
    SdxiPci *s = opaque;
    SdxiConfigError err;
    bool ok;

    if (!sdxi_worker_enter(&s->worker)) {
        return -EBUSY;
    }
    sdxi_device_reset(s->core);
    ok = sdxi_device_load(s->core, &s->saved, &err);
    sdxi_worker_leave(&s->worker);
    sdxi_saved_clear(&s->saved);
    if (!ok) {
        error_report("sdxi: '%s' is 0x%" PRIx64 " in the saved state; "
                     "accepted here: %s", err.property, err.value,
                     err.accepted);
        return -EINVAL;
    }
    if (PCI_DEVICE(s)->exp.sriov_cap) {
        pcie_sriov_pf_post_load(PCI_DEVICE(s));
    }
    return 0;
}

static bool sdxi_counts_are_sane(void *opaque, int version_id)
{
    SdxiPci *s = opaque;

    return s->saved.num_contexts <= SDXI_CONTEXTS_MAX &&
           s->saved.num_doorbells <= SDXI_CONTEXTS_MAX;
}

static const VMStateDescription sdxi_vmstate_context = {
    .name = "sdxi/context",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(ring, SdxiSavedContext),
        VMSTATE_UINT64(sts, SdxiSavedContext),
        VMSTATE_UINT64(write_index, SdxiSavedContext),
        VMSTATE_UINT64(akeys, SdxiSavedContext),
        VMSTATE_UINT64(read_index, SdxiSavedContext),
        VMSTATE_UINT64(progress, SdxiSavedContext),
        VMSTATE_UINT64(carry, SdxiSavedContext),
        VMSTATE_UINT64(deadline_left, SdxiSavedContext),
        VMSTATE_UINT32(ring_entries, SdxiSavedContext),
        VMSTATE_UINT32(akey_entries, SdxiSavedContext),
        VMSTATE_UINT32(pasid, SdxiSavedContext),
        VMSTATE_UINT32(groups, SdxiSavedContext),
        VMSTATE_UINT16(number, SdxiSavedContext),
        VMSTATE_UINT8(pasid_valid, SdxiSavedContext),
        VMSTATE_UINT8(max_buffer, SdxiSavedContext),
        VMSTATE_UINT8(qos, SdxiSavedContext),
        VMSTATE_UINT8(state, SdxiSavedContext),
        VMSTATE_UINT8(phase, SdxiSavedContext),
        VMSTATE_UINT8(flags, SdxiSavedContext),
        VMSTATE_UINT8_ARRAY(fault, SdxiSavedContext, SDXI_SAVED_FAULT),
        VMSTATE_UINT8_ARRAY(dsc, SdxiSavedContext, SDXI_SAVED_DSC),
        VMSTATE_END_OF_LIST()
    },
};

/* As VMSTATE_STRUCT_VARRAY_ALLOC(), which has no form for a uint32_t count. */
#define SDXI_VMSTATE_CONTEXTS {                                             \
        .name = "contexts",                                                 \
        .version_id = 1,                                                    \
        .vmsd = &sdxi_vmstate_context,                                      \
        .num_offset = vmstate_offset_value(SdxiPci, saved.num_contexts,     \
                                           uint32_t),                       \
        .size = sizeof(SdxiSavedContext),                                   \
        .flags = VMS_STRUCT | VMS_VARRAY_UINT32 | VMS_ALLOC | VMS_POINTER,  \
        .offset = vmstate_offset_pointer(SdxiPci, saved.contexts,           \
                                         SdxiSavedContext),                 \
    }

static bool sdxi_has_cdat(void *opaque)
{
    SdxiPci *s = opaque;

    return s->cdat.port.offset;
}

static const VMStateDescription sdxi_vmstate_cdat = {
    .name = TYPE_SDXI_PCI "/cdat",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = sdxi_has_cdat,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(cdat.port.doe, SdxiPci, 1, doe_vmstate, Doe),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateField sdxi_vmstate_fields[] = {
    VMSTATE_PCI_DEVICE(parent_obj, SdxiPci),
    VMSTATE_MSIX(parent_obj, SdxiPci),
    VMSTATE_UINT64(saved.cap0, SdxiPci),
    VMSTATE_UINT64(saved.cap1, SdxiPci),
    VMSTATE_UINT64(saved.version, SdxiPci),
    VMSTATE_UINT64(saved.ctl0, SdxiPci),
    VMSTATE_UINT64(saved.grp_enum, SdxiPci),
    VMSTATE_UINT64(saved.ctl2, SdxiPci),
    VMSTATE_UINT64(saved.cxt_l2, SdxiPci),
    VMSTATE_UINT64(saved.rkey, SdxiPci),
    VMSTATE_UINT64(saved.err_ctl, SdxiPci),
    VMSTATE_UINT64(saved.err_sts, SdxiPci),
    VMSTATE_UINT64(saved.err_cfg, SdxiPci),
    VMSTATE_UINT64(saved.err_wrt, SdxiPci),
    VMSTATE_UINT64(saved.err_rd, SdxiPci),
    VMSTATE_UINT64(saved.active_ctl0, SdxiPci),
    VMSTATE_UINT64(saved.active_l2, SdxiPci),
    VMSTATE_UINT64(saved.deadline_left, SdxiPci),
    VMSTATE_UINT32(saved.gsv, SdxiPci),
    VMSTATE_UINT32(saved.num_contexts, SdxiPci),
    VMSTATE_UINT32(saved.num_doorbells, SdxiPci),
    VMSTATE_VALIDATE("counts", sdxi_counts_are_sane),
    SDXI_VMSTATE_CONTEXTS,
    VMSTATE_VARRAY_UINT32_ALLOC(saved.doorbells, SdxiPci,
                                saved.num_doorbells, 1,
                                vmstate_info_uint16, uint16_t),
    VMSTATE_END_OF_LIST()
};

static const VMStateDescription * const sdxi_vmstate_subsections[] = {
    &sdxi_vmstate_cdat,
    NULL
};

/*
 * Enabling a virtual function resets it, and the physical one does that when
 * its own state has come: so its state goes first.
 */
#define SDXI_VMSTATE(which)                     \
    .name = TYPE_SDXI_PCI,                      \
    .version_id = 1,                            \
    .minimum_version_id = 1,                    \
    .priority = (which),                        \
    .pre_save = sdxi_pre_save,                  \
    .post_save = sdxi_post_save,                \
    .pre_load = sdxi_pre_load,                  \
    .post_load = sdxi_post_load,                \
    .fields = sdxi_vmstate_fields,              \
    .subsections = sdxi_vmstate_subsections

const VMStateDescription sdxi_vmstate = { SDXI_VMSTATE(MEMFAB_PRI_PF) };
const VMStateDescription sdxi_vmstate_vf = { SDXI_VMSTATE(MEMFAB_PRI_VF) };
