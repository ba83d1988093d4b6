/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: what they are called, what they mean, which values are accepted.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "hw/pci/shape.h"
#include "hw/core/qdev-properties.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/props.h"

/*
 * SDXI is found by class code, so any id will do.  This one is not assigned
 * in QEMU's table of ids; docs/sdxi/index.md says how to change it.
 */
#define SDXI_PCI_DEVICE_ID      0x00d5

/* One row: what is accepted, and what -device sdxi,help says about it. */
typedef struct SdxiRange {
    const char *name;
    size_t offset;
    uint64_t min, max;
    bool power_of_2;
    bool zero;                  /* 0 is accepted too */
    const char *description;
} SdxiRange;

#define RANGE(name_, field, min_, max_, pow2, zero_, text)              \
    { .name = name_, .offset = offsetof(SdxiPci, prop.field),        \
      .min = min_, .max = max_, .power_of_2 = pow2, .zero = zero_,      \
      .description = text }

static const SdxiRange sdxi_ranges[] = {
    RANGE("contexts", contexts, 1, SDXI_CONTEXTS_MAX, false, false,
          "number of contexts, the administrative one included "
          "(1 to 65536)"),
    RANGE("max-ring", max_ring, 1024, 4 * GiB, true, false,
          "descriptors in the largest ring (power of two, 1K to 4G)"),
    RANGE("doorbell-stride", doorbell_stride, 4 * KiB, 512 * KiB, true, false,
          "bytes between doorbells (power of two, 4K to 512K)"),
    RANGE("max-buffer", max_buffer, 2 * MiB, 4 * GiB, true, false,
          "bytes in the largest data buffer (power of two, 2M to 4G)"),
    RANGE("akeys", akeys, 256, 65536, true, false,
          "entries in the largest AKey table (power of two, 256 to 65536)"),
    RANGE("rkeys", rkeys, 256, 65536, true, true,
          "entries in the largest RKey table (power of two, 256 to 65536; "
          "0: no RKeys)"),
    RANGE("errlog", errlog, 64, 2 * MiB, true, false,
          "entries in the largest error log (power of two, 64 to 2M)"),
    RANGE("sfunc", sfunc, 1, UINT16_MAX, false, true,
          "function handle, unique in its group (1 to 65535; 0: the lowest "
          "free one)"),
    RANGE("vectors", vectors, 2, SDXI_VECTORS_MAX, false, true,
          "MSI-X vectors (2 to 2048; 0: contexts + 1, at most 2048)"),
    RANGE("workers", workers, 1, SDXI_WORKERS_MAX, false, false,
          "threads that run contexts side by side (1 to 16)"),
    RANGE("vfs", vfs, 1, UINT8_MAX, false, true,
          "SR-IOV virtual functions (0 to 255; PCI Express only)"),
    RANGE("pasid-bits", pasid_bits, 1, 20, false, false,
          "width of process address space ids, in bits (1 to 20); each id "
          "that is used costs the I/O MMU an address space"),
    RANGE("latency", latency, 1, UINT16_MAX - 1, false, true,
          "what CDAT says of reads and writes, in ns (0 to 65534; 0: "
          "nothing)"),
    RANGE("bandwidth", bandwidth, 1, UINT16_MAX - 1, false, true,
          "what CDAT says of reads and writes, in MB/s (0 to 65534; 0: "
          "nothing)"),
};

static bool sdxi_check_range(SdxiPci *s, const SdxiRange *r, Error **errp)
{
    uint64_t v = *(uint64_t *)((char *)s + r->offset);

    if (r->zero && !v) {
        return true;
    }
    if (v < r->min || v > r->max || (r->power_of_2 && !is_power_of_2(v))) {
        error_setg(errp, "property '%s': value %" PRIu64 " is out of range; "
                   "accepted: %s%" PRIu64 " to %" PRIu64 "%s", r->name, v,
                   r->zero ? "0 or " : "", r->min, r->max,
                   r->power_of_2 ? ", a power of two" : "");
        return false;
    }
    return true;
}

bool sdxi_props_check(SdxiPci *s, Error **errp)
{
    for (int i = 0; i < ARRAY_SIZE(sdxi_ranges); i++) {
        if (!sdxi_check_range(s, &sdxi_ranges[i], errp)) {
            return false;
        }
    }
    if (s->prop.vendor_id == UINT16_MAX) {
        error_setg(errp, "property 'vendor-id': value 0xffff means that no "
                   "device is there; accepted: 0 to 0xfffe");
        return false;
    }
    if (s->prop.iothread && s->prop.workers > 1) {
        error_setg(errp, "property 'workers': value %" PRIu64 " needs threads "
                   "of its own; accepted with 'iothread': 1", s->prop.workers);
        return false;
    }
    s->vectors = s->prop.vectors;
    if (!s->vectors) {
        s->vectors = MIN(s->prop.contexts + 1, SDXI_VECTORS_MAX);
    }
    return true;
}

static const Property sdxi_properties[] = {
    DEFINE_PROP_SIZE("contexts", SdxiPci, prop.contexts, 128),
    DEFINE_PROP_SIZE("max-ring", SdxiPci, prop.max_ring, 1 * MiB),
    DEFINE_PROP_SIZE("doorbell-stride", SdxiPci, prop.doorbell_stride,
                     4 * KiB),
    DEFINE_PROP_SIZE("max-buffer", SdxiPci, prop.max_buffer, 4 * GiB),
    DEFINE_PROP_SIZE("akeys", SdxiPci, prop.akeys, 65536),
    DEFINE_PROP_SIZE("rkeys", SdxiPci, prop.rkeys, 65536),
    DEFINE_PROP_SIZE("errlog", SdxiPci, prop.errlog, 32768),
    DEFINE_PROP_UINT64("sfunc", SdxiPci, prop.sfunc, 0),
    DEFINE_PROP_UINT64("vectors", SdxiPci, prop.vectors, 0),
    DEFINE_PROP_UINT64("workers", SdxiPci, prop.workers, 1),
    DEFINE_PROP_UINT64("vfs", SdxiPci, prop.vfs, 0),
    DEFINE_PROP_STRING("group", SdxiPci, prop.group),
    DEFINE_PROP_BOOL("x-atomics", SdxiPci, prop.x_atomics, false),
    DEFINE_PROP_BOOL("cdat", SdxiPci, prop.cdat, true),
    DEFINE_PROP_UINT64("latency", SdxiPci, prop.latency, 100),
    DEFINE_PROP_UINT64("bandwidth", SdxiPci, prop.bandwidth, 16000),
    DEFINE_PROP_BOOL("pasid", SdxiPci, prop.pasid, false),
    DEFINE_PROP_UINT64("pasid-bits", SdxiPci, prop.pasid_bits, 8),
    DEFINE_PROP_BOOL("x-errlog-shift", SdxiPci, prop.x_errlog_shift, false),
    DEFINE_PROP_UINT16("vendor-id", SdxiPci, prop.vendor_id,
                       PCI_VENDOR_ID_REDHAT),
    DEFINE_PROP_UINT16("device-id", SdxiPci, prop.device_id,
                       SDXI_PCI_DEVICE_ID),
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
    pci_shape_type(&sdxi_shape);
    device_class_set_props(DEVICE_CLASS(oc), sdxi_properties);
    for (int i = 0; i < ARRAY_SIZE(sdxi_ranges); i++) {
        object_class_property_set_description(oc, sdxi_ranges[i].name,
                                              sdxi_ranges[i].description);
    }
    object_class_property_set_description(oc, "group",
        "name of the function group; functions of one group reach each "
        "other's memory through RKeys (default: none)");
    object_class_property_set_description(oc, "x-atomics",
        "offer the atomic operations; their layout is provisional");
    object_class_property_set_description(oc, "cdat",
        "tell latency and bandwidth through CDAT over DOE (PCI Express "
        "only)");
    object_class_property_set_description(oc, "pasid",
        "address translation service, page requests and process address "
        "space ids (QEMU 10.2 or later)");
    object_class_property_set_description(oc, "x-errlog-shift",
        "MMIO_ERR_CFG.sz is a shift, 64 << sz entries (default: a count of "
        "4 KiB pages)");
    object_class_property_set_description(oc, "vendor-id",
        "PCI vendor id (0 to 0xfffe)");
    object_class_property_set_description(oc, "device-id",
        "PCI device id");
    object_class_property_set_description(oc, "iothread",
        "id of the iothread that runs the engine (default: a thread of its "
        "own)");
}

