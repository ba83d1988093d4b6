/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state.  The virtual machine is stopped when this runs, so the worker
 * is paused; a descriptor that was suspended half-way travels with its
 * progress and goes on at the destination.  What makes up the state of a
 * function is the core's business; here its bytes are put on the wire, and the
 * numbers of the first format are taken from it.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "migration/vmstate.h"
#include "hw/dma/sdxi/caps.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/functions.h"
#include "hw/dma/sdxi/bars.h"
#include "hw/dma/sdxi/out.h"
#include "hw/dma/sdxi/sriov.h"

/* The first format does not change any more. */
QEMU_BUILD_BUG_ON(sizeof(SdxiSavedContext) != 160);
QEMU_BUILD_BUG_ON(sizeof(SdxiSaved) != 160);

#define SDXI_FIRST_FORMAT 1
#define SDXI_SECTIONS 2

void sdxi_vmstate_clear(SdxiPci *s)
{
    sdxi_saved_clear(&s->saved);
    g_clear_pointer(&s->sections, g_free);
    s->sections_len = 0;
}

/*
 * All of them, for they raise each other's vectors.  What was raised, was sent
 * when the machine had stopped; but somebody who stores to a register of a
 * machine that has stopped, or a thread that has yet to come to a boundary, may
 * raise one after that.
 */
static void sdxi_expect_still(SdxiPci *s, void *opaque)
{
    bool *all = opaque;

    *all &= sdxi_owner_is_still(&s->worker) && !sdxi_out_pending(s);
}

/*
 * The machine may have been stopped from within an access that has yet to
 * return; then its thread is not at a boundary.
 */
static int sdxi_pre_save(void *opaque)
{
    SdxiPci *s = opaque;
    GByteArray *out;
    bool all = true;

    sdxi_functions_each(sdxi_expect_still, &all);
    if (!all || !sdxi_owner_enter(&s->worker)) {
        error_report("sdxi 0x%04x: an access is under way that has stopped "
                     "the machine, or a message has yet to be sent; try again",
                     s->sfunc);
        return -EBUSY;
    }
    sdxi_bars_apply(s);
    out = g_byte_array_new();
    sdxi_device_save(s->core, out);
    sdxi_owner_leave(&s->worker);
    sdxi_vmstate_clear(s);
    s->sections_len = out->len;
    s->sections = g_byte_array_free(out, false);
    return 0;
}

static MemfabPostSave sdxi_post_save(void *opaque)
{
    sdxi_vmstate_clear(opaque);
    return MEMFAB_SAVED;
}

static int sdxi_pre_load(void *opaque)
{
    sdxi_vmstate_clear(opaque);
    return 0;
}

static int sdxi_post_load(void *opaque, int version_id)
{
    SdxiPci *s = opaque;
    g_autofree char *problem = NULL;
    bool ok;

    if (!sdxi_owner_enter(&s->worker)) {
        return -EBUSY;
    }
    sdxi_bars_apply(s);
    if (version_id == SDXI_FIRST_FORMAT) {
        ok = sdxi_saved_load(s->core, &s->saved, &problem);
    } else {
        ok = sdxi_device_load(s->core, s->sections, s->sections_len,
                              &problem);
    }
    sdxi_owner_leave(&s->worker);
    sdxi_vmstate_clear(s);
    if (!ok) {
        error_report("sdxi 0x%04x: saved state cannot be loaded: %s",
                     s->sfunc, problem);
        return -EINVAL;
    }
    sdxi_sriov_loaded(PCI_DEVICE(s));
    sdxi_caps_show(s);
    sdxi_pasid_share(&s->pasid);
    return 0;
}

static bool sdxi_is_first_format(void *opaque, int version_id)
{
    return version_id == SDXI_FIRST_FORMAT;
}

static bool sdxi_counts_are_sane(void *opaque, int version_id)
{
    SdxiPci *s = opaque;

    return s->saved.num_contexts <= SDXI_CONTEXTS_MAX &&
           s->saved.num_doorbells <= SDXI_CONTEXTS_MAX &&
           s->sections_len <= sdxi_device_save_max(
               sdxi_device_config(s->core));
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
        .field_exists = sdxi_is_first_format,                               \
        .vmsd = &sdxi_vmstate_context,                                      \
        .num_offset = vmstate_offset_value(SdxiPci, saved.num_contexts,     \
                                           uint32_t),                       \
        .size = sizeof(SdxiSavedContext),                                   \
        .flags = VMS_STRUCT | VMS_VARRAY_UINT32 | VMS_ALLOC | VMS_POINTER,  \
        .offset = vmstate_offset_pointer(SdxiPci, saved.contexts,           \
                                         SdxiSavedContext),                 \
    }

/* Likewise VMSTATE_VARRAY_UINT32_ALLOC() and a test. */
#define SDXI_VMSTATE_DOORBELLS {                                            \
        .name = "doorbells",                                                \
        .field_exists = sdxi_is_first_format,                               \
        .info = &vmstate_info_uint16,                                       \
        .num_offset = vmstate_offset_value(SdxiPci, saved.num_doorbells,    \
                                           uint32_t),                       \
        .size = sizeof(uint16_t),                                           \
        .flags = VMS_VARRAY_UINT32 | VMS_ALLOC | VMS_POINTER,               \
        .offset = vmstate_offset_pointer(SdxiPci, saved.doorbells,          \
                                         uint16_t),                         \
    }

#define SDXI_FIRST_UINT64(member) \
    VMSTATE_UINT64_TEST(saved.member, SdxiPci, sdxi_is_first_format)
#define SDXI_FIRST_UINT32(member) \
    VMSTATE_UINT32_TEST(saved.member, SdxiPci, sdxi_is_first_format)

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
    SDXI_FIRST_UINT64(cap0),
    SDXI_FIRST_UINT64(cap1),
    SDXI_FIRST_UINT64(version),
    SDXI_FIRST_UINT64(ctl0),
    SDXI_FIRST_UINT64(grp_enum),
    SDXI_FIRST_UINT64(ctl2),
    SDXI_FIRST_UINT64(cxt_l2),
    SDXI_FIRST_UINT64(rkey),
    SDXI_FIRST_UINT64(err_ctl),
    SDXI_FIRST_UINT64(err_sts),
    SDXI_FIRST_UINT64(err_cfg),
    SDXI_FIRST_UINT64(err_wrt),
    SDXI_FIRST_UINT64(err_rd),
    SDXI_FIRST_UINT64(active_ctl0),
    SDXI_FIRST_UINT64(active_l2),
    SDXI_FIRST_UINT64(deadline_left),
    SDXI_FIRST_UINT32(gsv),
    SDXI_FIRST_UINT32(num_contexts),
    SDXI_FIRST_UINT32(num_doorbells),
    VMSTATE_UINT32_V(sections_len, SdxiPci, SDXI_SECTIONS),
    VMSTATE_VALIDATE("counts", sdxi_counts_are_sane),
    SDXI_VMSTATE_CONTEXTS,
    SDXI_VMSTATE_DOORBELLS,
    VMSTATE_VBUFFER_ALLOC_UINT32(sections, SdxiPci, SDXI_SECTIONS, NULL,
                                 sections_len),
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
    .version_id = SDXI_SECTIONS,                \
    .minimum_version_id = SDXI_FIRST_FORMAT,    \
    .priority = (which),                        \
    .pre_save = sdxi_pre_save,                  \
    .post_save = sdxi_post_save,                \
    .pre_load = sdxi_pre_load,                  \
    .post_load = sdxi_post_load,                \
    .fields = sdxi_vmstate_fields,              \
    .subsections = sdxi_vmstate_subsections

const VMStateDescription sdxi_vmstate = { SDXI_VMSTATE(MEMFAB_PRI_PF) };
const VMStateDescription sdxi_vmstate_vf = { SDXI_VMSTATE(MEMFAB_PRI_VF) };
