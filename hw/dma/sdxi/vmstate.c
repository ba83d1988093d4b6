/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state.  The virtual machine is stopped when this runs, so the worker
 * is paused; a descriptor that was suspended half-way travels with its
 * progress and goes on at the destination.  What makes up the state of a
 * function is the core's business; here its bytes are put on the wire, and
 * those of the first format are taken from it.
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

#define SDXI_FIRST_FORMAT 1
#define SDXI_SECTIONS 2

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
    g_autoptr(GByteArray) out = g_byte_array_new();
    bool all = true;

    sdxi_functions_each(sdxi_expect_still, &all);
    if (!all || !sdxi_owner_enter(&s->worker)) {
        error_report("sdxi 0x%04x: an access is under way that has stopped "
                     "the machine, or a message has yet to be sent; try again",
                     s->sfunc);
        return -EBUSY;
    }
    sdxi_bars_apply(s);
    sdxi_device_save(s->core, out);
    sdxi_owner_leave(&s->worker);
    pci_saved_put(&s->saved, out);
    return 0;
}

static int sdxi_pre_load(void *opaque)
{
    pci_saved_clear(&((SdxiPci *)opaque)->saved);
    return 0;
}

static int sdxi_post_load(void *opaque, int version_id)
{
    SdxiPci *s = opaque;
    g_autofree uint8_t *saved = pci_saved_take(&s->saved);
    g_autofree char *problem = NULL;
    bool ok;

    if (!sdxi_owner_enter(&s->worker)) {
        return -EBUSY;
    }
    sdxi_bars_apply(s);
    if (version_id == SDXI_FIRST_FORMAT) {
        ok = sdxi_first_load(s->core, s->saved_head, saved, &problem);
    } else {
        ok = sdxi_device_load(s->core, saved, s->saved.len, &problem);
    }
    sdxi_owner_leave(&s->worker);
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

static bool sdxi_head_is_sane(void *opaque, int version_id)
{
    SdxiPci *s = opaque;

    return version_id != SDXI_FIRST_FORMAT ||
           sdxi_first_rest(s->saved_head, &s->saved.len);
}

DOE_PORT_VMSTATE(sdxi_vmstate_cdat, TYPE_SDXI_PCI "/cdat", SdxiPci, cdat.port);
DOE_PORT_VMSTATE(sdxi_vmstate_spdm, TYPE_SDXI_PCI "/spdm", SdxiPci, spdm.port);

static const VMStateField sdxi_vmstate_fields[] = {
    VMSTATE_PCI_DEVICE(parent_obj, SdxiPci),
    VMSTATE_MSIX(parent_obj, SdxiPci),
    VMSTATE_STATIC_BUFFER(saved_head, SdxiPci, SDXI_FIRST_FORMAT,
                          sdxi_is_first_format, 0, SDXI_FIRST_HEAD),
    VMSTATE_VALIDATE("head", sdxi_head_is_sane),
    VMSTATE_VBUFFER_ALLOC_UINT32(saved.bytes, SdxiPci, SDXI_FIRST_FORMAT,
                                 sdxi_is_first_format, saved.len),
    VMSTATE_STRUCT(saved, SdxiPci, SDXI_SECTIONS, vmstate_pci_saved, PciSaved),
    VMSTATE_END_OF_LIST()
};

static bool sdxi_has_asked(void *opaque)
{
    return ((SdxiPci *)opaque)->pasid.request.prgi;
}

/* An answer to what was on its way must not be one to what is asked next. */
static const VMStateDescription sdxi_vmstate_page_request = {
    .name = TYPE_SDXI_PCI "/page-request",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = sdxi_has_asked,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT16(pasid.request.prgi, SdxiPci),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription * const sdxi_vmstate_subsections[] = {
    &sdxi_vmstate_page_request,
    &sdxi_vmstate_cdat,
    &sdxi_vmstate_spdm,
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
    .pre_load = sdxi_pre_load,                  \
    .post_load = sdxi_post_load,                \
    .fields = sdxi_vmstate_fields,              \
    .subsections = sdxi_vmstate_subsections

const VMStateDescription sdxi_vmstate = { SDXI_VMSTATE(MEMFAB_PRI_PF) };
const VMStateDescription sdxi_vmstate_vf = { SDXI_VMSTATE(MEMFAB_PRI_VF) };
