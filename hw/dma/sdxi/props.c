/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: what they are called, and their defaults.  What they mean and
 * which values are accepted is core/params.c.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "hw/pci/shape.h"
#include "hw/core/qdev-properties.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/props.h"
#include "hw/memfab/problem.h"

/*
 * SDXI is found by class code, so any id will do.  This one is not assigned
 * in QEMU's table of ids; docs/sdxi/index.md says how to change it.
 */
#define SDXI_PCI_DEVICE_ID      0x00d5

bool sdxi_props_check(SdxiPci *s, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(s);

    if (memfab_refused(sdxi_params_problem(&s->prop.core, s->prop.iothread),
                       errp) ||
        memfab_refused(sdxi_params_place_problem(&s->prop.core,
            pci_bus_is_express(pci_get_bus(pci)), pci->devfn), errp)) {
        return false;
    }
    s->vectors = sdxi_params_vectors(&s->prop.core);
    return true;
}

static const Property sdxi_properties[] = {
    DEFINE_PROP_SIZE("contexts", SdxiPci, prop.core.contexts, 128),
    DEFINE_PROP_SIZE("max-ring", SdxiPci, prop.core.max_ring, 1 * MiB),
    DEFINE_PROP_SIZE("doorbell-stride", SdxiPci, prop.core.doorbell_stride,
                     4 * KiB),
    DEFINE_PROP_SIZE("max-buffer", SdxiPci, prop.core.max_buffer, 4 * GiB),
    DEFINE_PROP_SIZE("akeys", SdxiPci, prop.core.akeys, 65536),
    DEFINE_PROP_SIZE("rkeys", SdxiPci, prop.core.rkeys, 65536),
    DEFINE_PROP_SIZE("errlog", SdxiPci, prop.core.errlog, 32768),
    DEFINE_PROP_UINT64("sfunc", SdxiPci, prop.core.sfunc, 0),
    DEFINE_PROP_UINT64("vectors", SdxiPci, prop.core.vectors, 0),
    DEFINE_PROP_UINT64("workers", SdxiPci, prop.core.workers, 1),
    DEFINE_PROP_UINT64("poll-us", SdxiPci, prop.core.poll_us, 0),
    DEFINE_PROP_UINT64("vfs", SdxiPci, prop.core.vfs, 0),
    DEFINE_PROP_STRING("group", SdxiPci, prop.group),
    DEFINE_PROP_BOOL("x-atomics", SdxiPci, prop.core.x_atomics, false),
    DEFINE_PROP_BOOL("x-minimal-atomics", SdxiPci, prop.core.x_minimal_atomics,
                     false),
    DEFINE_PROP_BOOL("cdat", SdxiPci, prop.core.cdat, true),
    DEFINE_PROP_BOOL("uio", SdxiPci, prop.core.uio, false),
    DEFINE_PROP_UINT64("latency", SdxiPci, prop.core.latency, 100),
    DEFINE_PROP_UINT64("bandwidth", SdxiPci, prop.core.bandwidth, 16000),
    DEFINE_PROP_BOOL("pasid", SdxiPci, prop.core.pasid, false),
    DEFINE_PROP_UINT64("pasid-bits", SdxiPci, prop.core.pasid_bits, 8),
    DEFINE_PROP_BOOL("x-errlog-shift", SdxiPci, prop.core.x_errlog_shift,
                     false),
    DEFINE_PROP_BOOL("x-rkey-pages", SdxiPci, prop.core.x_rkey_pages, false),
    DEFINE_PROP_UINT16("vendor-id", SdxiPci, prop.core.vendor_id,
                       PCI_VENDOR_ID_REDHAT),
    DEFINE_PROP_UINT16("device-id", SdxiPci, prop.core.device_id,
                       SDXI_PCI_DEVICE_ID),
    DEFINE_PROP_UINT16("spdm_port", SdxiPci, prop.core.spdm_port, 0),
    DEFINE_PROP_LINK("iothread", SdxiPci, prop.iothread, TYPE_IOTHREAD,
                     IOThread *),
};

/* What was chosen where the person did not */
static char *sdxi_shape_value(Object *obj, const char *property)
{
    SdxiPci *s = SDXI_PCI(obj);

    if (!strcmp(property, "sfunc")) {
        return g_strdup_printf("%u", s->sfunc);
    }
    if (!strcmp(property, "spdm_port")) {
        return spdm_port_shape(s->prop.core.spdm_port);
    }
    return strcmp(property, "vectors") ? NULL
                                       : g_strdup_printf("%u", s->vectors);
}

static const PciShapeType sdxi_shape = {
    .type = TYPE_SDXI_PCI,
    .properties = sdxi_config_shape,
    .value = sdxi_shape_value,
};

void sdxi_props_add(ObjectClass *oc)
{
    const char *name, *text;

    pci_shape_type(&sdxi_shape);
    device_class_set_props(DEVICE_CLASS(oc), sdxi_properties);
    for (unsigned i = 0; (text = sdxi_params_text(i, &name)); i++) {
        object_class_property_set_description(oc, name, text);
    }
}
