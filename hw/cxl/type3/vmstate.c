/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of a memory device.  The core saves itself as a byte string;
 * the rooms of component registers and configuration space are plain
 * data and are listed here, with a tripwire on their sizes.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "migration/vmstate.h"
#include "hw/pci/msix.h"
#include "hw/pci/pcie_aer.h"
#include "hw/cxl/type3/memdev.h"

/*
 * Whoever changes one of these structs has to think of the state below,
 * and of what older versions sent.
 */
QEMU_BUILD_BUG_ON(sizeof(((CxlHdm *)0)->bytes) != 0x150);
QEMU_BUILD_BUG_ON(sizeof(((CxlRas *)0)->bytes) != 0x58);
QEMU_BUILD_BUG_ON(sizeof(CxlRasRecord) != 68);

static const VMStateDescription vmstate_hdm = {
    .name = "memfab-cxl/hdm",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(bank.locked, CxlHdm),
        VMSTATE_UINT8_ARRAY(bytes, CxlHdm, CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)),
        VMSTATE_UINT64_ARRAY(dpa, CxlHdm, CXL_HDM_DEVICE_MAX),
        VMSTATE_UINT8_ARRAY(error, CxlHdm, CXL_HDM_DEVICE_MAX),
        VMSTATE_BOOL(bi_enabled, CxlHdm),
        VMSTATE_END_OF_LIST()
    }
};

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

static const VMStateDescription vmstate_ras = {
    .name = "memfab-cxl/ras",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8_ARRAY(bytes, CxlRas, CXL_RAS_LEN),
        VMSTATE_UINT32(queued, CxlRas),
        VMSTATE_STRUCT_ARRAY(queue, CxlRas, CXL_RAS_QUEUE_MAX, 1,
                             vmstate_ras_record, CxlRasRecord),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_component = {
    .name = "memfab-cxl/component",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(hdm, CxlComponent, 1, vmstate_hdm, CxlHdm),
        VMSTATE_STRUCT(ras, CxlComponent, 1, vmstate_ras, CxlRas),
        VMSTATE_UINT64(bi_bank.locked, CxlComponent),
        VMSTATE_UINT8_ARRAY(bi_bytes, CxlComponent, CXL_BI_LEN),
        VMSTATE_END_OF_LIST()
    }
};

/* The core's state, only while it is on its way */
static int memdev_pre_save(void *opaque)
{
    CxlMemdevPci *s = opaque;
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cxl_memdev_save(s->core, bytes);
    g_free(s->saved);
    s->saved_len = bytes->len;
    s->saved = g_byte_array_steal(bytes, NULL);
    return 0;
}

static MemfabPostSave memdev_post_save(void *opaque)
{
    CxlMemdevPci *s = opaque;

    g_clear_pointer(&s->saved, g_free);
    s->saved_len = 0;
    return MEMFAB_SAVED;
}

static bool saved_len_is_sane(void *opaque, int version)
{
    CxlMemdevPci *s = opaque;

    return s->saved_len <= CXL_MEMDEV_SAVED_MAX;
}

/* Component registers by the capacity that the core has loaded */
static const char *component_fits(void *opaque)
{
    CxlMemdevPci *s = opaque;
    const char *wrong;

    cxl_memdev_capacity_update(s);
    wrong = cxl_hdm_check(&s->component.hdm);
    return wrong ? wrong : cxl_ras_check(&s->component.ras);
}

static int memdev_post_load(void *opaque, int version)
{
    CxlMemdevPci *s = opaque;
    g_autofree uint8_t *saved = g_steal_pointer(&s->saved);
    g_autofree char *problem = NULL;

    if (!cxl_memdev_load_part(s->core, saved, s->saved_len, component_fits, s,
                              &problem)) {
        error_report("%s: %s", PCI_DEVICE(s)->name, problem);
        cxl_component_reset(&s->component, true);
        cxl_memdev_capacity_update(s);
        return -EINVAL;
    }
    s->powered = true;
    cxl_memdev_capacity_update(s);
    cxl_config_post_load(&s->config, PCI_DEVICE(s));
    cxl_window_changed();
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

const VMStateDescription vmstate_cxl_memdev = {
    .name = "memfab-cxl-type3",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = memdev_pre_save,
    .post_save = memdev_post_save,
    .post_load = memdev_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, CxlMemdevPci),
        VMSTATE_MSIX(parent_obj, CxlMemdevPci),
        VMSTATE_STRUCT(parent_obj.exp.aer_log, CxlMemdevPci, 0,
                       vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_STRUCT(component, CxlMemdevPci, 1, vmstate_component,
                       CxlComponent),
        VMSTATE_STRUCT(doe_cdat.doe, CxlMemdevPci, 1, doe_vmstate, Doe),
        VMSTATE_STRUCT(doe_compliance.doe, CxlMemdevPci, 1, doe_vmstate,
                       Doe),
        VMSTATE_UINT32(cdat.sequence, CxlMemdevPci),
        VMSTATE_TIMER_PTR(reset_timer, CxlMemdevPci),
        VMSTATE_UINT32(saved_len, CxlMemdevPci),
        VMSTATE_VALIDATE("length of the core's state", saved_len_is_sane),
        VMSTATE_VBUFFER_ALLOC_UINT32(saved, CxlMemdevPci, 0, NULL,
                                     saved_len),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *const[]) {
        &vmstate_memdev_messages,
        NULL
    }
};
