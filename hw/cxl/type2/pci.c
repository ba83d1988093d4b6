/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type "cxl-accel": a CXL type 2 device.  All that it shares with a
 * memory device is hw/cxl/type3, how it differs is the core's: configuration
 * space hw/cxl/core/dvsec.c, who holds its memory hw/cxl/core/bias.c.
 *
 * To make another device of this kind, begin here: docs/cxl/derive.md.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "hw/core/qdev-properties.h"
#include "hw/cxl/type3/memdev.h"

#define CXL_ACCEL_DEVICE_ID     0x00d6

/* Processing accelerators, PCI code and ID assignment r1.11 1.19 */
#define PCI_CLASS_ACCELERATOR   0x1200

static const Property accel_props[] = {
    DEFINE_PROP_LINK("memdev", CxlMemdevPci,
                     backend[CXL_BACKEND_VOLATILE].host, TYPE_MEMORY_BACKEND,
                     HostMemoryBackend *),
    DEFINE_PROP_UINT16("vendor-id", CxlMemdevPci, props.core.vendor_id,
                       PCI_VENDOR_ID_REDHAT),
    DEFINE_PROP_UINT16("device-id", CxlMemdevPci, props.core.device_id,
                       CXL_ACCEL_DEVICE_ID),
    DEFINE_PROP_BOOL("mailbox", CxlMemdevPci, props.core.mailbox, false),
    DEFINE_PROP_SIZE("cache-size", CxlMemdevPci, props.core.cache_size, MiB),
    DEFINE_PROP_UINT32("read-latency", CxlMemdevPci,
                       props.core.perf[CXL_BACKEND_VOLATILE].read_latency,
                       150),
    DEFINE_PROP_UINT32("write-latency", CxlMemdevPci,
                       props.core.perf[CXL_BACKEND_VOLATILE].write_latency,
                       250),
    DEFINE_PROP_UINT32("read-bandwidth", CxlMemdevPci,
                       props.core.perf[CXL_BACKEND_VOLATILE].read_bandwidth,
                       16000),
    DEFINE_PROP_UINT32("write-bandwidth", CxlMemdevPci,
                       props.core.perf[CXL_BACKEND_VOLATILE].write_bandwidth,
                       16000),
};

static const PciShapeType shape_type = {
    .type = TYPE_CXL_ACCEL,
    .properties = cxl_params_accelerator_shape,
    .value = cxl_memdev_shape_value,
    .rename = cxl_memdev_shape_rename,
};

static void accel_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    PCI_DEVICE_CLASS(oc)->class_id = PCI_CLASS_ACCELERATOR;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    dc->desc = "CXL Accelerator (Type 2)";
    device_class_set_props(dc, accel_props);
    cxl_memdev_props_describe(oc, cxl_params_text);
    cxl_memdev_props_describe(oc, cxl_params_accelerator_text);
    pci_shape_type(&shape_type);
}

static void accel_instance_init(Object *obj)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);

    cxl_params_accelerator(&s->props.core);
    s->props.bound = true;
    s->backend[CXL_BACKEND_VOLATILE].prop = "memdev";
}

static const TypeInfo accel_info = {
    .name = TYPE_CXL_ACCEL,
    .parent = TYPE_CXL_MEMDEV_PCI,
    .instance_init = accel_instance_init,
    .class_init = accel_class_init,
};

static void accel_register(void)
{
    type_register_static(&accel_info);
}

type_init(accel_register)
