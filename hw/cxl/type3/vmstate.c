/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of a memory device.  The endpoint saves itself as a byte string;
 * the bytes of its configuration space go with QEMU's, too, for whoever looks
 * at them there.
 *
 * Version 1 listed component registers and mailboxes here, and its byte string
 * was that of the logical device alone; it still loads.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "migration/vmstate.h"
#include "hw/pci/doe-port.h"
#include "hw/pci/msix.h"
#include "hw/pci/pcie_aer.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/window/host-lost.h"

/* What version 1 sends has these sizes for ever. */
QEMU_BUILD_BUG_ON(sizeof(((CxlEndpointFirst *)0)->hdm) != 0x150);
QEMU_BUILD_BUG_ON(sizeof(((CxlEndpointFirst *)0)->ras) != 0x58);
QEMU_BUILD_BUG_ON(sizeof(CxlRasRecord) != 68);

static const VMStateDescription vmstate_ras_record = {
    .name = "memfab-cxl/ras/record",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(bit, CxlRasRecord),
        VMSTATE_UINT32_ARRAY(header, CxlRasRecord, CXL_RAS_HEADER_DWORDS),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_first = {
    .name = "memfab-cxl/first",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(hdm_locked, CxlEndpointFirst),
        VMSTATE_UINT8_ARRAY(hdm, CxlEndpointFirst,
                            CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)),
        VMSTATE_UINT64_ARRAY(dpa, CxlEndpointFirst, CXL_HDM_DEVICE_MAX),
        VMSTATE_UINT8_ARRAY(error, CxlEndpointFirst, CXL_HDM_DEVICE_MAX),
        VMSTATE_BOOL(bi_enabled, CxlEndpointFirst),
        VMSTATE_UINT8_ARRAY(ras, CxlEndpointFirst, CXL_RAS_LEN),
        VMSTATE_UINT32(queued, CxlEndpointFirst),
        VMSTATE_STRUCT_ARRAY(queue, CxlEndpointFirst, CXL_RAS_QUEUE_MAX, 1,
                             vmstate_ras_record, CxlRasRecord),
        VMSTATE_UINT64(bi_locked, CxlEndpointFirst),
        VMSTATE_UINT8_ARRAY(bi, CxlEndpointFirst, CXL_BI_LEN),
        VMSTATE_STRUCT(doe_cdat, CxlEndpointFirst, 1, doe_vmstate, Doe),
        VMSTATE_STRUCT(doe_compliance, CxlEndpointFirst, 1, doe_vmstate, Doe),
        VMSTATE_UINT32(cdat_sequence, CxlEndpointFirst),
        VMSTATE_INT64(reset_end, CxlEndpointFirst),
        VMSTATE_END_OF_LIST()
    }
};

/* The endpoint's state, only while it is on its way */
static int memdev_pre_save(void *opaque)
{
    CxlMemdevPci *s = opaque;
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    /* While memory was sent, too */
    cxl_host_lost_tell();
    cxl_config_copy(s->ep, PCI_DEVICE(s));
    cxl_endpoint_save(s->ep, bytes);
    pci_saved_put(&s->saved, bytes);
    return 0;
}

static int memdev_pre_load(void *opaque)
{
    CxlMemdevPci *s = opaque;

    g_free(s->first);
    s->first = g_new0(CxlEndpointFirst, 1);
    return 0;
}

static bool is_first(void *opaque, int version)
{
    return version == 1;
}

static int memdev_post_load(void *opaque, int version)
{
    CxlMemdevPci *s = opaque;
    g_autofree uint8_t *saved = pci_saved_take(&s->saved);
    g_autofree CxlEndpointFirst *first = g_steal_pointer(&s->first);
    g_autofree char *problem = NULL;
    bool good;

    first->config = PCI_DEVICE(s)->config;
    good = version == 1 ?
           cxl_endpoint_load_first(s->ep, first, saved, s->saved.len,
                                   &problem) :
           cxl_endpoint_load(s->ep, saved, s->saved.len, &problem);
    if (!good) {
        error_report("%s: %s", PCI_DEVICE(s)->name, problem);
        return -EINVAL;
    }
    s->powered = true;
    return 0;
}

static bool messages_needed(void *opaque)
{
    return pci_messages_pending(&((CxlMemdevPci *)opaque)->messages);
}

static const VMStateDescription vmstate_memdev_messages = {
    .name = "memfab-cxl-type3/messages",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = messages_needed,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(messages, CxlMemdevPci, 1, vmstate_pci_messages,
                       PciMessages),
        VMSTATE_END_OF_LIST()
    }
};

DOE_PORT_VMSTATE(vmstate_memdev_spdm, "memfab-cxl-type3/spdm", CxlMemdevPci,
                 spdm.port);

const VMStateDescription vmstate_cxl_memdev = {
    .name = "memfab-cxl-type3",
    .version_id = 2,
    .minimum_version_id = 1,
    .pre_save = memdev_pre_save,
    .pre_load = memdev_pre_load,
    .post_load = memdev_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, CxlMemdevPci),
        VMSTATE_MSIX(parent_obj, CxlMemdevPci),
        VMSTATE_STRUCT(parent_obj.exp.aer_log, CxlMemdevPci, 0,
                       vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_STRUCT_POINTER_TEST(first, CxlMemdevPci, is_first,
                                    vmstate_first, CxlEndpointFirst),
        VMSTATE_STRUCT(saved, CxlMemdevPci, 1, vmstate_pci_saved, PciSaved),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *const[]) {
        &vmstate_memdev_messages,
        &vmstate_memdev_spdm,
        NULL
    }
};
