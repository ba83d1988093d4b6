/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of a memory device: names, defaults, meaning, and which
 * combinations are refused.  One sentence for each mistake.
 *
 * What a single backend must be like is in backend.c, what the core
 * cannot be is said by cxl_memdev_new().
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/qdev-properties-system.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/wire/dcd.h"

/* Null value that the IEEE suggests for EUI-64 */
#define NO_SERIAL               UINT64_MAX

#define DC_REGION(n)                                                    \
    DEFINE_PROP_SIZE("dc-region" #n "-size", CxlMemdevPci,              \
                     props.dc_region[n].size, 0),                       \
    DEFINE_PROP_SIZE("dc-region" #n "-block-size", CxlMemdevPci,        \
                     props.dc_region[n].block_size, 0),                 \
    DEFINE_PROP_BOOL("dc-region" #n "-sharable", CxlMemdevPci,          \
                     props.dc_region[n].sharable, false),               \
    DEFINE_PROP_BOOL("dc-region" #n "-read-only", CxlMemdevPci,         \
                     props.dc_region[n].read_only, false),              \
    DEFINE_PROP_BOOL("dc-region" #n "-sanitize", CxlMemdevPci,          \
                     props.dc_region[n].sanitize, false)

static const Property memdev_props[] = {
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
    DEFINE_PROP_UINT16("vendor-id", CxlMemdevPci, props.vendor_id,
                       PCI_VENDOR_ID_INTEL),
    DEFINE_PROP_UINT16("device-id", CxlMemdevPci, props.device_id,
                       CXL_MEMDEV_DEVICE_ID),
    DEFINE_PROP_UINT16("subsystem-vendor-id", CxlMemdevPci,
                       props.subsystem_vendor_id,
                       PCI_SUBVENDOR_ID_REDHAT_QUMRANET),
    DEFINE_PROP_UINT16("subsystem-id", CxlMemdevPci, props.subsystem_id,
                       PCI_SUBDEVICE_ID_QEMU),
    DEFINE_PROP_STRING("cdat", CxlMemdevPci, props.cdat),
    DEFINE_PROP_UINT8("num-dc-regions", CxlMemdevPci, props.num_dc_regions,
                      0),
    DEFINE_PROP_SIZE("dc-block-size", CxlMemdevPci, props.dc_block_size,
                     2 * MiB),
    DC_REGION(0), DC_REGION(1), DC_REGION(2), DC_REGION(3),
    DC_REGION(4), DC_REGION(5), DC_REGION(6), DC_REGION(7),
    DEFINE_PROP_SIZE("partitionable", CxlMemdevPci, props.partitionable, 0),
    DEFINE_PROP_PCIE_LINK_SPEED("x-speed", CxlMemdevPci, props.speed,
                                PCIE_LINK_SPEED_32),
    DEFINE_PROP_PCIE_LINK_WIDTH("x-width", CxlMemdevPci, props.width,
                                PCIE_LINK_WIDTH_16),
    DEFINE_PROP_UINT8("hdm-decoders", CxlMemdevPci, props.hdm_decoders, 4),
    DEFINE_PROP_BOOL("direct", CxlMemdevPci, props.direct, true),
    DEFINE_PROP_STRING("layout-file", CxlMemdevPci, props.layout_file),
    DEFINE_PROP_BOOL("hdm-db", CxlMemdevPci, props.hdm_db, false),
    DEFINE_PROP_BOOL("x-256b-flit", CxlMemdevPci, props.flit_256b, false),
    DEFINE_PROP_BOOL("security", CxlMemdevPci, props.security, true),
    DEFINE_PROP_BOOL("power-cycle", CxlMemdevPci, props.power_cycle, true),
    DEFINE_PROP_BOOL("cpmu", CxlMemdevPci, props.cpmu, true),
    DEFINE_PROP_BOOL("bound", CxlMemdevPci, props.bound, true),
    DEFINE_PROP_LINK("mld", CxlMemdevPci, props.mld, TYPE_CXL_MLD,
                     CxlMldDev *),
    DEFINE_PROP_UINT8("ld", CxlMemdevPci, props.ld, 0),
    DEFINE_PROP_ON_OFF_AUTO("non-cxl-map", CxlMemdevPci, props.function_map,
                            ON_OFF_AUTO_AUTO),
    DEFINE_PROP_SIZE32("mailbox-payload", CxlMemdevPci,
                       props.mailbox_payload, 2 * KiB),
    DEFINE_PROP_UINT16("event-log-size", CxlMemdevPci,
                       props.event_log_size, 128),
    DEFINE_PROP_UINT32("poison-list-size", CxlMemdevPci,
                       props.poison_list_size, 256),
    DEFINE_PROP_UINT16("inject-limit", CxlMemdevPci, props.inject_limit, 0),
    DEFINE_PROP_UINT32("sanitize-ms", CxlMemdevPci, props.sanitize_ms, 1000),
    DEFINE_PROP_UINT32("scan-ms", CxlMemdevPci, props.scan_ms, 1000),
    DEFINE_PROP_UINT32("volatile-read-latency", CxlMemdevPci,
                       props.perf[CXL_BACKEND_VOLATILE].read_latency, 150),
    DEFINE_PROP_UINT32("volatile-write-latency", CxlMemdevPci,
                       props.perf[CXL_BACKEND_VOLATILE].write_latency, 250),
    DEFINE_PROP_UINT32("volatile-read-bandwidth", CxlMemdevPci,
                       props.perf[CXL_BACKEND_VOLATILE].read_bandwidth, 16000),
    DEFINE_PROP_UINT32("volatile-write-bandwidth", CxlMemdevPci,
                       props.perf[CXL_BACKEND_VOLATILE].write_bandwidth, 16000),
    DEFINE_PROP_UINT32("persistent-read-latency", CxlMemdevPci,
                       props.perf[CXL_BACKEND_PERSISTENT].read_latency, 150),
    DEFINE_PROP_UINT32("persistent-write-latency", CxlMemdevPci,
                       props.perf[CXL_BACKEND_PERSISTENT].write_latency, 250),
    DEFINE_PROP_UINT32("persistent-read-bandwidth", CxlMemdevPci,
                       props.perf[CXL_BACKEND_PERSISTENT].read_bandwidth,
                       16000),
    DEFINE_PROP_UINT32("persistent-write-bandwidth", CxlMemdevPci,
                       props.perf[CXL_BACKEND_PERSISTENT].write_bandwidth,
                       16000),
    DEFINE_PROP_UINT32("dc-read-latency", CxlMemdevPci,
                       props.perf[CXL_BACKEND_DYNAMIC].read_latency, 150),
    DEFINE_PROP_UINT32("dc-write-latency", CxlMemdevPci,
                       props.perf[CXL_BACKEND_DYNAMIC].write_latency, 250),
    DEFINE_PROP_UINT32("dc-read-bandwidth", CxlMemdevPci,
                       props.perf[CXL_BACKEND_DYNAMIC].read_bandwidth, 16000),
    DEFINE_PROP_UINT32("dc-write-bandwidth", CxlMemdevPci,
                       props.perf[CXL_BACKEND_DYNAMIC].write_bandwidth, 16000),
};

#define DC_REGION_TEXT(n)                                               \
    { "dc-region" #n "-size", "size of region " #n                      \
      "; without, an equal share of what the others leave" },           \
    { "dc-region" #n "-block-size", "block size of region " #n          \
      "; without, dc-block-size" },                                     \
    { "dc-region" #n "-sharable", "several hosts may have region " #n   \
      " at the same time, by its tags" },                               \
    { "dc-region" #n "-read-only", "writes to region " #n               \
      " are dropped" },                                                 \
    { "dc-region" #n "-sanitize", "region " #n                          \
      " is wiped when it is released" }

static const struct {
    const char *name, *text;
} memdev_prop_texts[] = {
    { "memdev", "old name of persistent-memdev" },
    { "persistent-memdev", "backend of the persistent capacity; needs lsa" },
    { "volatile-memdev", "backend of the volatile capacity" },
    { "volatile-dc-memdev", "backend of the dynamic capacity" },
    { "lsa", "backend of the label storage area" },
    { "sn", "serial number; all ones for none; default: one that follows from"
      " the id of the device" },
    { "vendor-id", "PCI vendor" },
    { "device-id", "PCI device" },
    { "subsystem-vendor-id", "PCI vendor of the board" },
    { "subsystem-id", "PCI device of the board" },
    { "cdat", "file with a coherent device attribute table" },
    { "num-dc-regions", "regions that share volatile-dc-memdev, 1 to 8" },
    { "dc-block-size", "block size of dynamic capacity, a power of two" },
    DC_REGION_TEXT(0), DC_REGION_TEXT(1), DC_REGION_TEXT(2),
    DC_REGION_TEXT(3), DC_REGION_TEXT(4), DC_REGION_TEXT(5),
    DC_REGION_TEXT(6), DC_REGION_TEXT(7),
    { "partitionable", "bytes of persistent-memdev that the guest may turn"
      " into volatile capacity" },
    { "x-speed", "PCIe link speed" },
    { "x-width", "PCIe link width" },
    { "hdm-decoders", "HDM decoders: 1, 2, 4, 6, 8 or 10" },
    { "bound", "off: the host sees it when a fabric manager binds it" },
    { "mld", "the cxl-mld that it is a logical device of" },
    { "ld", "which logical device of the MLD, from 0" },
    { "direct", "map memory into the guest instead of trapping accesses" },
    { "layout-file", "file that knows in which order persistent or shared"
      " memory is kept, so that it can be mapped when interleaved" },
    { "hdm-db", "back-invalidate capable; needs x-256b-flit" },
    { "x-256b-flit", "offer 256 byte flits on the link" },
    { "security", "offer the passphrase commands" },
    { "power-cycle", "a system reset is a loss of power: volatile capacity"
      " reads zero and firmware is activated" },
    { "cpmu", "have a performance monitoring unit" },
    { "non-cxl-map", "function map DVSEC; auto: on multifunction slots" },
    { "mailbox-payload", "mailbox payload size, a power of two from 256"
      " to 1 MiB" },
    { "event-log-size", "records that an event log holds" },
    { "poison-list-size", "records that the poison list holds" },
    { "poison-mode", "what a load of poison meets; auto (default): an error"
      " that the guest's processor can recover from; trap: an error even if"
      " it cannot; list-only: the data" },
    { "inject-limit", "most errors that can be injected; 0 for no limit" },
    { "sanitize-ms", "time that sanitizing the device takes" },
    { "scan-ms", "time that a media scan of the device takes" },
    { "volatile-read-latency", "CDAT read latency in ns of volatile capacity" },
    { "volatile-write-latency",
      "CDAT write latency in ns of volatile capacity" },
    { "volatile-read-bandwidth",
      "CDAT read bandwidth in MB/s of volatile capacity" },
    { "volatile-write-bandwidth",
      "CDAT write bandwidth in MB/s of volatile capacity" },
    { "persistent-read-latency",
      "CDAT read latency in ns of persistent capacity" },
    { "persistent-write-latency",
      "CDAT write latency in ns of persistent capacity" },
    { "persistent-read-bandwidth",
      "CDAT read bandwidth in MB/s of persistent capacity" },
    { "persistent-write-bandwidth",
      "CDAT write bandwidth in MB/s of persistent capacity" },
    { "dc-read-latency", "CDAT read latency in ns of dynamic capacity" },
    { "dc-write-latency", "CDAT write latency in ns of dynamic capacity" },
    { "dc-read-bandwidth", "CDAT read bandwidth in MB/s of dynamic capacity" },
    { "dc-write-bandwidth",
      "CDAT write bandwidth in MB/s of dynamic capacity" },
};

static const char *const poison_modes[CXL_POISON_MODE_COUNT] = {
    [CXL_POISON_MODE_AUTO] = "auto",
    [CXL_POISON_MODE_TRAP] = "trap",
    [CXL_POISON_MODE_LIST_ONLY] = "list-only",
};

static char *get_poison_mode(Object *obj, Error **errp)
{
    return g_strdup(poison_modes[CXL_MEMDEV_PCI(obj)->props.poison_mode]);
}

static void set_poison_mode(Object *obj, const char *value, Error **errp)
{
    unsigned i;

    if (DEVICE(obj)->realized) {
        error_setg(errp, "property 'poison-mode' cannot be changed once the"
                   " device is realized");
        return;
    }
    for (i = 0; i < CXL_POISON_MODE_COUNT; i++) {
        if (!strcmp(value, poison_modes[i])) {
            CXL_MEMDEV_PCI(obj)->props.poison_mode = i;
            return;
        }
    }
    error_setg(errp, "property 'poison-mode': '%s' is not one of auto, trap,"
               " list-only", value);
}

/* EUI-64, octet 0: an individual address that is locally administered */
#define SERIAL_MULTICAST        BIT_ULL(56)
#define SERIAL_LOCAL            BIT_ULL(57)

/*
 * FNV-1a of the name that the person gave, or of the place: the same whenever
 * the machine is started, as labels and interleave sets need it.
 */
static uint64_t serial_of(CxlMemdevPci *s)
{
    DeviceState *dev = DEVICE(s);
    g_autofree char *place = dev->id ? NULL : qdev_get_dev_path(dev);
    const char *c = dev->id ? dev->id : place;
    uint64_t hash = 14695981039346656037ull;

    for (; c && *c; c++) {
        hash = (hash ^ (uint8_t)*c) * 1099511628211ull;
    }
    return (hash & ~SERIAL_MULTICAST) | SERIAL_LOCAL;
}

static void get_serial(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    uint64_t sn = CXL_MEMDEV_PCI(obj)->props.sn;

    visit_type_uint64(v, name, &sn, errp);
}

static void set_serial(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    CxlMemdevProps *p = &CXL_MEMDEV_PCI(obj)->props;

    if (DEVICE(obj)->realized) {
        error_setg(errp, "property 'sn' cannot be changed once the device is"
                   " realized");
        return;
    }
    p->has_sn |= visit_type_uint64(v, name, &p->sn, errp);
}

void cxl_memdev_props_init(ObjectClass *oc)
{
    unsigned i;

    device_class_set_props(DEVICE_CLASS(oc), memdev_props);
    object_class_property_add_str(oc, "poison-mode", get_poison_mode,
                                  set_poison_mode);
    object_class_property_add(oc, "sn", "uint64", get_serial, set_serial,
                              NULL, NULL);
    for (i = 0; i < ARRAY_SIZE(memdev_prop_texts); i++) {
        object_class_property_set_description(oc, memdev_prop_texts[i].name,
                                              memdev_prop_texts[i].text);
    }
}

static bool check_backends(CxlMemdevPci *s, Error **errp)
{
    const CxlMemdevProps *p = &s->props;
    CxlBackend *be = s->backend;

    if (p->memdev && be[CXL_BACKEND_PERSISTENT].host) {
        error_setg(errp, "property 'memdev' is the old name of"
                   " 'persistent-memdev' and cannot be used beside it");
        return false;
    }
    if (!p->memdev && !be[CXL_BACKEND_PERSISTENT].host &&
        !be[CXL_BACKEND_VOLATILE].host && !be[CXL_BACKEND_DYNAMIC].host &&
        !p->num_dc_regions) {
        error_setg(errp, "at least one of 'volatile-memdev',"
                   " 'persistent-memdev' and 'volatile-dc-memdev' must be"
                   " set");
        return false;
    }
    if ((p->memdev || be[CXL_BACKEND_PERSISTENT].host) &&
        !be[CXL_BACKEND_LSA].host) {
        error_setg(errp, "property 'lsa' must be set for persistent"
                   " devices");
        return false;
    }
    if (p->partitionable && !p->memdev && !be[CXL_BACKEND_PERSISTENT].host) {
        error_setg(errp, "property 'partitionable' needs"
                   " 'persistent-memdev'");
        return false;
    }
    return true;
}

static bool block_size_valid(uint64_t size)
{
    return is_power_of_2(size) && size >= 64 && size <= CXL_CAPACITY_UNIT;
}

static bool check_region(const CxlMemdevProps *p, unsigned n, Error **errp)
{
    const CxlMemdevDcRegion *r = &p->dc_region[n];
    const char *set = r->size ? "size" : r->block_size ? "block-size" :
                      r->sharable ? "sharable" : r->read_only ? "read-only" :
                      r->sanitize ? "sanitize" : NULL;

    if (set && n >= p->num_dc_regions) {
        error_setg(errp, "property 'dc-region%u-%s': 'num-dc-regions' is %u,"
                   " so there is no region %u", n, set, p->num_dc_regions, n);
        return false;
    }
    if (r->size % CXL_CAPACITY_UNIT) {
        error_setg(errp, "property 'dc-region%u-size': 0x%" PRIx64 " is not a"
                   " multiple of 256 MiB", n, r->size);
        return false;
    }
    if (r->block_size && !block_size_valid(r->block_size)) {
        error_setg(errp, "property 'dc-region%u-block-size': 0x%" PRIx64
                   " is not a power of two within 64 bytes to 256 MiB", n,
                   r->block_size);
        return false;
    }
    return true;
}

static bool check_dynamic(CxlMemdevPci *s, Error **errp)
{
    const CxlMemdevProps *p = &s->props;
    bool backed = s->backend[CXL_BACKEND_DYNAMIC].host;

    if (p->num_dc_regions > CXL_MEMDEV_DC_REGIONS) {
        error_setg(errp, "property 'num-dc-regions': %u is not within 0 to"
                   " %u", p->num_dc_regions, CXL_MEMDEV_DC_REGIONS);
        return false;
    }
    if (p->num_dc_regions && !backed) {
        error_setg(errp, "property 'num-dc-regions': dynamic capacity must"
                   " have a backing device, set 'volatile-dc-memdev'");
        return false;
    }
    if (backed && !p->num_dc_regions) {
        error_setg(errp, "property 'volatile-dc-memdev': dynamic capacity"
                   " must have regions, set 'num-dc-regions' to 1 to %u",
                   CXL_MEMDEV_DC_REGIONS);
        return false;
    }
    if (!block_size_valid(p->dc_block_size)) {
        error_setg(errp, "property 'dc-block-size': 0x%" PRIx64 " is not a"
                   " power of two within 64 bytes to 256 MiB",
                   p->dc_block_size);
        return false;
    }
    for (unsigned i = 0; i < CXL_MEMDEV_DC_REGIONS; i++) {
        if (!check_region(p, i, errp)) {
            return false;
        }
    }
    return true;
}

static bool check_registers(CxlMemdevPci *s, Error **errp)
{
    const CxlMemdevProps *p = &s->props;

    if (!cxl_hdm_count_valid(p->hdm_decoders)) {
        error_setg(errp, "property 'hdm-decoders': %u is not one of 1, 2, 4,"
                   " 6, 8, 10", p->hdm_decoders);
        return false;
    }
    if (p->hdm_db && !p->flit_256b) {
        error_setg(errp, "property 'hdm-db' needs 'x-256b-flit=on'");
        return false;
    }
    if (p->layout_file && p->sn == NO_SERIAL) {
        error_setg(errp, "property 'layout-file' needs a serial number by"
                   " which the file knows the device: 'sn' says none");
        return false;
    }
    if (!is_power_of_2(p->mailbox_payload) || p->mailbox_payload < 256 ||
        p->mailbox_payload > MiB) {
        error_setg(errp, "property 'mailbox-payload': %u is not a power of"
                   " two within 256 bytes to 1 MiB", p->mailbox_payload);
        return false;
    }
    if (!p->event_log_size) {
        error_setg(errp, "property 'event-log-size': 0 is not within 1 to"
                   " %u", UINT16_MAX);
        return false;
    }
    return true;
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
    static const char *const names[CXL_BACKEND_COUNT] = {
        [CXL_BACKEND_VOLATILE] = "volatile-memdev",
        [CXL_BACKEND_PERSISTENT] = "persistent-memdev",
        [CXL_BACKEND_DYNAMIC] = "volatile-dc-memdev",
        [CXL_BACKEND_LSA] = "lsa",
    };
    unsigned i;

    if (!s->props.has_sn) {
        s->props.sn = serial_of(s);
    }
    if (!check_bound(s, errp) || !check_backends(s, errp) ||
        !check_dynamic(s, errp) ||
        !check_registers(s, errp)) {
        return false;
    }
    for (i = 0; i < CXL_BACKEND_COUNT; i++) {
        s->backend[i].prop = names[i];
    }
    if (s->props.memdev) {
        s->backend[CXL_BACKEND_PERSISTENT].prop = "memdev";
        s->backend[CXL_BACKEND_PERSISTENT].host = s->props.memdev;
        s->props.memdev = NULL;
    }
    return true;
}

static void config_regions(const CxlMemdevPci *s, CxlMemdevConfig *config)
{
    const CxlMemdevProps *p = &s->props;
    unsigned i;

    config->num_dc_regions = p->num_dc_regions;
    for (i = 0; i < config->num_dc_regions; i++) {
        const CxlMemdevDcRegion *r = &p->dc_region[i];

        config->dc_regions[i] = (CxlDcRegionConfig) {
            .len = r->size,
            .block_size = r->block_size ?: p->dc_block_size,
            /* Static partitions have the handles below */
            .dsmad_handle = CXL_BACKEND_DYNAMIC + i,
            .flags = (r->sharable ? CXL_DC_REGION_SHARABLE : 0) |
                     (r->read_only ? CXL_DC_REGION_READ_ONLY : 0) |
                     (r->sanitize ? CXL_DC_REGION_SANITIZE : 0),
        };
    }
}

bool cxl_memdev_props_check_sizes(const CxlMemdevPci *s, Error **errp)
{
    const CxlMemdevProps *p = &s->props;
    uint64_t dynamic = s->backend[CXL_BACKEND_DYNAMIC].size;
    uint64_t persistent = s->backend[CXL_BACKEND_PERSISTENT].size;

    if (p->num_dc_regions) {
        CxlMemdevConfig config = { };
        g_autofree char *problem = NULL;

        config_regions(s, &config);
        problem = cxl_config_split(&config, 0, dynamic);
        if (problem) {
            error_setg(errp, "property 'volatile-dc-memdev': %s", problem);
            return false;
        }
    }
    if (p->partitionable > persistent ||
        p->partitionable % CXL_CAPACITY_UNIT) {
        error_setg(errp, "property 'partitionable': 0x%" PRIx64 " is not a"
                   " multiple of 256 MiB within 0 to 0x%" PRIx64,
                   p->partitionable, persistent);
        return false;
    }
    return true;
}

void cxl_memdev_props_config(const CxlMemdevPci *s, CxlMemdevConfig *config)
{
    const CxlMemdevProps *p = &s->props;
    const CxlBackend *dynamic = &s->backend[CXL_BACKEND_DYNAMIC];
    g_autofree char *problem = NULL;
    unsigned i;

    *config = (CxlMemdevConfig) {
        .volatile_only = s->backend[CXL_BACKEND_VOLATILE].size,
        .persistent_only = s->backend[CXL_BACKEND_PERSISTENT].size -
                           p->partitionable,
        .partitionable = p->partitionable,
        .lsa_size = s->backend[CXL_BACKEND_LSA].size,
        .payload_shift = ctz32(p->mailbox_payload),
        .mailbox_msgnum = CXL_MEMDEV_VECTOR_MAILBOX,
        .pmu_msgnum = p->cpmu ? CXL_MEMDEV_VECTOR_PMU : 0,
        .serial = p->sn,
        .vendor_id = p->vendor_id,
        .device_id = p->device_id,
        .subsystem_vendor_id = p->subsystem_vendor_id,
        .subsystem_id = p->subsystem_id,
        .poison_list_max = p->poison_list_size,
        .inject_limit = p->inject_limit,
        .sanitize_ns = p->sanitize_ms * 1000000ull,
        .scan_ns = p->scan_ms * 1000000ull,
        .security = p->security,
    };
    for (i = 0; i < CXL_MEMDEV_LOGS; i++) {
        config->event_msgnum[i] = CXL_MEMDEV_VECTOR_EVENT + i;
        config->event_log_size[i] = p->event_log_size;
    }
    config_regions(s, config);
    if (config->num_dc_regions) {
        problem = cxl_config_split(config, dynamic->dpa, dynamic->size);
        assert(!problem); /* cxl_memdev_props_check_sizes() */
    }
}

/* The link has large flits if both ends offer them. */
bool cxl_memdev_link_has_flits(CxlMemdevPci *s)
{
    PCIDevice *port = pci_bridge_get_device(pci_get_bus(PCI_DEVICE(s)));

    return s->props.flit_256b && port && memfab_port_has_flits(port);
}

void cxl_memdev_props_endpoint(CxlMemdevPci *s, CxlEndpointConfig *config)
{
    const CxlMemdevProps *p = &s->props;
    PCIDevice *pdev = PCI_DEVICE(s);
    bool multi = pdev->cap_present & QEMU_PCI_CAP_MULTIFUNCTION ||
                 PCI_FUNC(pdev->devfn);

    *config = (CxlEndpointConfig) {
        .serial = p->sn,
        .hdm_decoders = p->hdm_decoders,
        .hdm_db = p->hdm_db,
        .bi_link = cxl_memdev_link_has_flits(s),
        .dvsec = {
            .flit_256b = p->flit_256b,
            .mld = p->mld,
            .function_map = p->function_map == ON_OFF_AUTO_ON ||
                            (p->function_map == ON_OFF_AUTO_AUTO && multi),
            .link_partner = cxl_config_link_partner(pdev),
        },
        .component_bar = CXL_MEMDEV_BAR_COMPONENT,
        .device_bar = CXL_MEMDEV_BAR_DEVICE,
        .cdat_msgnum = CXL_MEMDEV_VECTOR_CDAT,
        .compliance_msgnum = CXL_MEMDEV_VECTOR_COMPLIANCE,
    };
    memcpy(config->perf, p->perf, sizeof(config->perf));
}

bool cxl_memdev_props_cdat(CxlMemdevPci *s, Error **errp)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) gerr = NULL;
    const char *why;
    size_t len, where;

    if (!s->props.cdat) {
        return true;
    }
    if (!g_file_get_contents(s->props.cdat, &bytes, &len, &gerr)) {
        error_setg(errp, "property 'cdat': %s", gerr->message);
        return false;
    }
    if (!cxl_endpoint_load_cdat(s->ep, (const uint8_t *)bytes, len, &why,
                                &where)) {
        error_setg(errp, "property 'cdat': file '%s' at byte %zu: %s",
                   s->props.cdat, where, why);
        return false;
    }
    return true;
}
