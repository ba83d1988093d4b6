/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of a memory device: names and defaults, and what only the machine
 * can tell of them.  What they mean and which contradict each other is
 * core/params.c, what a single backend must be like is in backend.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/units.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/shape.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/qdev-properties-system.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/memfab/problem.h"

#define DC_REGION(n)                                                    \
    DEFINE_PROP_SIZE("dc-region" #n "-size", CxlMemdevPci,              \
                     props.core.dc_region[n].size, 0),                  \
    DEFINE_PROP_SIZE("dc-region" #n "-block-size", CxlMemdevPci,        \
                     props.core.dc_region[n].block_size, 0),            \
    DEFINE_PROP_BOOL("dc-region" #n "-sharable", CxlMemdevPci,          \
                     props.core.dc_region[n].sharable, false),          \
    DEFINE_PROP_BOOL("dc-region" #n "-read-only", CxlMemdevPci,         \
                     props.core.dc_region[n].read_only, false),         \
    DEFINE_PROP_BOOL("dc-region" #n "-sanitize", CxlMemdevPci,          \
                     props.core.dc_region[n].sanitize, false)

/* Nanoseconds and MB/s */
#define PERF(memory, kind)                                              \
    DEFINE_PROP_UINT32(memory "-read-latency", CxlMemdevPci,            \
                       props.core.perf[kind].read_latency, 150),        \
    DEFINE_PROP_UINT32(memory "-write-latency", CxlMemdevPci,           \
                       props.core.perf[kind].write_latency, 250),       \
    DEFINE_PROP_UINT32(memory "-read-bandwidth", CxlMemdevPci,          \
                       props.core.perf[kind].read_bandwidth, 16000),    \
    DEFINE_PROP_UINT32(memory "-write-bandwidth", CxlMemdevPci,         \
                       props.core.perf[kind].write_bandwidth, 16000)

static const Property type3_props[] = {
    DEFINE_PROP_LINK("memdev", CxlMemdevPci, props.memdev,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_LINK("persistent-memdev", CxlMemdevPci,
                     backend[CXL_BACKEND_PERSISTENT].host,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_LINK("volatile-memdev", CxlMemdevPci,
                     backend[CXL_BACKEND_VOLATILE].host,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_LINK("volatile-dc-memdev", CxlMemdevPci,
                     backend[CXL_BACKEND_DYNAMIC].host,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_LINK("lsa", CxlMemdevPci, backend[CXL_BACKEND_LSA].host,
                     TYPE_MEMORY_BACKEND, HostMemoryBackend *),
    DEFINE_PROP_UINT16("vendor-id", CxlMemdevPci, props.core.vendor_id,
                       PCI_VENDOR_ID_INTEL),
    DEFINE_PROP_UINT16("device-id", CxlMemdevPci, props.core.device_id,
                       CXL_MEMDEV_DEVICE_ID),
    DEFINE_PROP_UINT8("num-dc-regions", CxlMemdevPci, props.core.num_dc_regions,
                      0),
    DEFINE_PROP_SIZE("dc-block-size", CxlMemdevPci, props.core.dc_block_size,
                     2 * MiB),
    DC_REGION(0), DC_REGION(1), DC_REGION(2), DC_REGION(3),
    DC_REGION(4), DC_REGION(5), DC_REGION(6), DC_REGION(7),
    DEFINE_PROP_SIZE("partitionable", CxlMemdevPci, props.core.partitionable,
                     0),
    DEFINE_PROP_STRING("layout-file", CxlMemdevPci, props.layout_file),
    DEFINE_PROP_BOOL("security", CxlMemdevPci, props.core.security, true),
    DEFINE_PROP_BOOL("cpmu", CxlMemdevPci, props.core.cpmu, true),
    DEFINE_PROP_BOOL("chmu", CxlMemdevPci, props.core.chmu, false),
    DEFINE_PROP_BOOL("uio", CxlMemdevPci, props.core.uio, false),
    DEFINE_PROP_BOOL("bound", CxlMemdevPci, props.bound, true),
    DEFINE_PROP_LINK("mld", CxlMemdevPci, props.mld, TYPE_CXL_MLD,
                     CxlMldDev *),
    DEFINE_PROP_UINT8("ld", CxlMemdevPci, props.ld, 0),
    PERF("volatile", CXL_BACKEND_VOLATILE),
    PERF("persistent", CXL_BACKEND_PERSISTENT),
    PERF("dc", CXL_BACKEND_DYNAMIC),
};

static const Property memdev_props[] = {
    DEFINE_PROP_UINT16("subsystem-vendor-id", CxlMemdevPci,
                       props.core.subsystem_vendor_id,
                       PCI_SUBVENDOR_ID_REDHAT_QUMRANET),
    DEFINE_PROP_UINT16("subsystem-id", CxlMemdevPci, props.core.subsystem_id,
                       PCI_SUBDEVICE_ID_QEMU),
    DEFINE_PROP_STRING("cdat", CxlMemdevPci, props.cdat),
    DEFINE_PROP_UINT16("spdm_port", CxlMemdevPci, props.spdm_port, 0),
    DEFINE_PROP_PCIE_LINK_SPEED("x-speed", CxlMemdevPci, props.speed,
                                PCIE_LINK_SPEED_32),
    DEFINE_PROP_PCIE_LINK_WIDTH("x-width", CxlMemdevPci, props.width,
                                PCIE_LINK_WIDTH_16),
    DEFINE_PROP_UINT8("hdm-decoders", CxlMemdevPci, props.core.hdm_decoders, 4),
    DEFINE_PROP_BOOL("direct", CxlMemdevPci, props.direct, true),
    DEFINE_PROP_BOOL("hdm-db", CxlMemdevPci, props.core.hdm_db, false),
    DEFINE_PROP_BOOL("x-256b-flit", CxlMemdevPci, props.core.flit_256b, false),
    DEFINE_PROP_BOOL("power-cycle", CxlMemdevPci, props.power_cycle, true),
    DEFINE_PROP_ON_OFF_AUTO("non-cxl-map", CxlMemdevPci, props.function_map,
                            ON_OFF_AUTO_AUTO),
    DEFINE_PROP_SIZE32("mailbox-payload", CxlMemdevPci,
                       props.core.mailbox_payload, 2 * KiB),
    DEFINE_PROP_UINT16("event-log-size", CxlMemdevPci,
                       props.core.event_log_size, 128),
    DEFINE_PROP_UINT32("poison-list-size", CxlMemdevPci,
                       props.core.poison_list_size, 256),
    DEFINE_PROP_UINT16("inject-limit", CxlMemdevPci, props.core.inject_limit,
                       0),
    DEFINE_PROP_UINT32("sanitize-ms", CxlMemdevPci, props.core.sanitize_ms,
                       1000),
    DEFINE_PROP_UINT32("scan-ms", CxlMemdevPci, props.core.scan_ms, 1000),
};

static bool may_change(Object *obj, const char *name, Error **errp)
{
    if (DEVICE(obj)->realized) {
        error_setg(errp, "property '%s' cannot be changed once the device is"
                   " realized", name);
        return false;
    }
    return true;
}

static char *get_poison_mode(Object *obj, Error **errp)
{
    return g_strdup(cxl_params_poison_mode(
        CXL_MEMDEV_PCI(obj)->props.poison_mode));
}

static void set_poison_mode(Object *obj, const char *value, Error **errp)
{
    CxlMemdevProps *p = &CXL_MEMDEV_PCI(obj)->props;

    if (may_change(obj, "poison-mode", errp)) {
        memfab_refused(cxl_params_parse_poison_mode(value, &p->poison_mode),
                       errp);
    }
}

static uint64_t serial_of(CxlMemdevPci *s)
{
    DeviceState *dev = DEVICE(s);
    g_autofree char *place = dev->id ? NULL : qdev_get_dev_path(dev);

    return cxl_params_serial(dev->id ?: place ?: "");
}

static void get_serial(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    uint64_t sn = CXL_MEMDEV_PCI(obj)->props.core.sn;

    visit_type_uint64(v, name, &sn, errp);
}

static void set_serial(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    CxlMemdevProps *p = &CXL_MEMDEV_PCI(obj)->props;

    p->has_sn |= may_change(obj, "sn", errp) &&
                 visit_type_uint64(v, name, &p->core.sn, errp);
}

static const char *const backend_props[CXL_BACKEND_COUNT] = {
    [CXL_BACKEND_VOLATILE] = "volatile-memdev",
    [CXL_BACKEND_PERSISTENT] = "persistent-memdev",
    [CXL_BACKEND_DYNAMIC] = "volatile-dc-memdev",
    [CXL_BACKEND_LSA] = "lsa",
};

char *cxl_memdev_shape_value(Object *obj, const char *property)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);

    for (unsigned i = 0; *property == SHAPE_NAME && i < CXL_BACKEND_COUNT;
         i++) {
        if (!strcmp(property + 1, backend_props[i])) {
            return g_strdup(cxl_backend_name(&s->backend[i]));
        }
    }
    if (!strcmp(property, "spdm_port")) {
        return spdm_port_shape(s->props.spdm_port);
    }
    return strcmp(property, "cdat") ? NULL : g_strdup(s->cdat_sum ?: "");
}

bool cxl_memdev_shape_rename(Object *obj, const Shapes *saved,
                             const char *place)
{
    const char *names[CXL_BACKEND_COUNT];

    for (unsigned i = 0; i < CXL_BACKEND_COUNT; i++) {
        g_autofree char *name = g_strdup_printf("%c%s", SHAPE_NAME,
                                                backend_props[i]);

        names[i] = shapes_value(saved, object_get_typename(obj), place, name);
    }
    return cxl_backend_rename(CXL_MEMDEV_PCI(obj)->backend, names, place);
}

static const PciShapeType shape_type = {
    .type = TYPE_CXL_MEMDEV_TYPE3,
    .properties = cxl_params_shape,
    .value = cxl_memdev_shape_value,
    .rename = cxl_memdev_shape_rename,
};

void cxl_memdev_props_describe(ObjectClass *oc,
                               const char *(*text)(unsigned n,
                                                   const char **name))
{
    ObjectClass *parent = object_class_get_parent(oc);
    const char *name, *meaning;

    for (unsigned i = 0; (meaning = text(i, &name)); i++) {
        if (object_class_property_find(oc, name) &&
            !object_class_property_find(parent, name)) {
            object_class_property_set_description(oc, name, meaning);
        }
    }
}

void cxl_memdev_props_init(ObjectClass *oc)
{
    device_class_set_props(DEVICE_CLASS(oc), memdev_props);
    object_class_property_add_str(oc, "poison-mode", get_poison_mode,
                                  set_poison_mode);
    object_class_property_add(oc, "sn", "uint64", get_serial, set_serial,
                              NULL, NULL);
    cxl_memdev_props_describe(oc, cxl_params_text);
}

void cxl_memdev_props_type3(ObjectClass *oc)
{
    device_class_set_props(DEVICE_CLASS(oc), type3_props);
    cxl_memdev_props_describe(oc, cxl_params_text);
    pci_shape_type(&shape_type);
}

/*
 * Below a switch only; a device that comes later needs one that has its manager
 * already, or its slot would tell the host of it.
 */
static bool check_bound(const CxlMemdevPci *s, Error **errp)
{
    BusState *bus = qdev_get_parent_bus(DEVICE(s));
    Object *handler = OBJECT(bus->hotplug_handler);

    if ((s->props.bound && !s->props.mld) ||
        (object_dynamic_cast(OBJECT(bus->parent), "cxl-downstream") &&
         (!DEVICE(s)->hotplugged ||
          object_dynamic_cast(handler, "cxl-switch-mailbox-cci")))) {
        return true;
    }
    error_setg(errp, "property '%s' needs a place below a cxl-downstream"
               " port of a switch with a cxl-switch-mailbox-cci; nobody could"
               " bind the device elsewhere", s->props.mld ? "mld" : "bound");
    return false;
}

bool cxl_memdev_props_check(CxlMemdevPci *s, Error **errp)
{
    unsigned i;
    CxlParamsMemory memory = {
        .memdev = s->props.memdev,
        .is_volatile = s->backend[CXL_BACKEND_VOLATILE].host,
        .persistent = s->backend[CXL_BACKEND_PERSISTENT].host,
        .dynamic = s->backend[CXL_BACKEND_DYNAMIC].host,
        .labels = s->backend[CXL_BACKEND_LSA].host,
        .layout_file = s->props.layout_file,
    };

    if (!s->props.has_sn) {
        s->props.core.sn = serial_of(s);
    }
    if (!check_bound(s, errp) || (cxl_memdev_fabric(s) &&
        memfab_refused(cxl_borrower_params(cxl_memdev_fabric(s),
                                              &s->props.core), errp)) ||
        memfab_refused(cxl_params_problem(&s->props.core, &memory), errp)) {
        return false;
    }
    for (i = 0; i < CXL_BACKEND_COUNT; i++) {
        s->backend[i].prop = s->backend[i].prop ?: backend_props[i];
    }
    if (s->props.memdev) {
        s->backend[CXL_BACKEND_PERSISTENT].prop = "memdev";
        s->backend[CXL_BACKEND_PERSISTENT].host = s->props.memdev;
        s->props.memdev = NULL;
    }
    return true;
}

static CxlParamsSizes sizes_of(const CxlMemdevPci *s)
{
    const CxlBackend *be = s->backend;

    return (CxlParamsSizes) {
        .is_volatile = be[CXL_BACKEND_VOLATILE].size,
        .persistent = be[CXL_BACKEND_PERSISTENT].size,
        .dynamic = be[CXL_BACKEND_DYNAMIC].size,
        .labels = be[CXL_BACKEND_LSA].size,
    };
}

bool cxl_memdev_props_check_sizes(const CxlMemdevPci *s, Error **errp)
{
    CxlParamsSizes sizes = sizes_of(s);

    return !memfab_refused(cxl_params_size_problem(&s->props.core, &sizes),
                           errp);
}

void cxl_memdev_props_config(const CxlMemdevPci *s, CxlMemdevConfig *config)
{
    CxlParamsSizes sizes = sizes_of(s);

    cxl_params_config(&s->props.core, &sizes, config);
}

/* The link has large flits if both ends offer them. */
bool cxl_memdev_link_has_flits(CxlMemdevPci *s)
{
    PCIDevice *port = pci_bridge_get_device(pci_get_bus(PCI_DEVICE(s)));

    return s->props.core.flit_256b && port && memfab_port_has_flits(port);
}

void cxl_memdev_props_endpoint(CxlMemdevPci *s, CxlEndpointConfig *config)
{
    const CxlMemdevProps *p = &s->props;
    PCIDevice *pdev = PCI_DEVICE(s);
    bool multi = pdev->cap_present & QEMU_PCI_CAP_MULTIFUNCTION ||
                 PCI_FUNC(pdev->devfn);

    *config = (CxlEndpointConfig) {
        .serial = p->core.sn,
        .hdm_decoders = p->core.hdm_decoders,
        .hdm_db = p->core.hdm_db,
        .uio = p->core.uio,
        .bi_link = cxl_memdev_link_has_flits(s),
        .accelerator = p->core.accelerator,
        .no_mailbox = p->core.accelerator && !p->core.mailbox,
        .memory = s->backend[CXL_BACKEND_VOLATILE].size,
        .dvsec = {
            .cache = p->core.accelerator,
            .cache_size = p->core.cache_size,
            .flit_256b = p->core.flit_256b,
            .mld = p->mld,
            .function_map = p->function_map == ON_OFF_AUTO_ON ||
                            (p->function_map == ON_OFF_AUTO_AUTO && multi),
            .link_partner = cxl_config_link_partner(pdev),
        },
        .component_bar = CXL_MEMDEV_BAR_COMPONENT,
        .device_bar = CXL_MEMDEV_BAR_DEVICE,
        .cdat_msgnum = CXL_PARAMS_VECTOR_CDAT,
        .compliance_msgnum = CXL_PARAMS_VECTOR_COMPLIANCE,
    };
    memcpy(config->perf, p->core.perf, sizeof(config->perf));
}

bool cxl_memdev_props_cdat(CxlMemdevPci *s, Error **errp)
{
    return !s->props.cdat ||
           !memfab_refused(cxl_endpoint_load_cdat(s->ep, s->props.cdat,
                                                  &s->cdat_sum), errp);
}
