/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties as numbers; see params.h.  One sentence for each mistake.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/dvsec.h"
#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/params.h"
#include "hw/cxl/wire/dcd.h"

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
} texts[] = {
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
    { "spdm_port", "TCP port of this host where an SPDM responder answers what"
      " comes through DOE; 0 for none" },
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
    { "uio", "take unordered I/O from devices below the same switch or host "
      "bridge" },
    { "security", "offer the passphrase commands" },
    { "power-cycle", "a system reset is a loss of power: volatile capacity"
      " reads zero and firmware is activated" },
    { "cpmu", "have a performance monitoring unit" },
    { "chmu", "have a hotness monitoring unit" },
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

const char *cxl_params_text(unsigned n, const char **name)
{
    if (n >= ARRAY_SIZE(texts)) {
        return NULL;
    }
    *name = texts[n].name;
    return texts[n].text;
}

static const struct {
    const char *name, *text;
} accelerator_texts[] = {
    { "memdev", "backend of the memory" },
    { "mailbox", "have the mailbox of a memory device" },
    { "cache-size", "size of the cache that is told; 0 for none" },
    { "read-latency", "CDAT read latency in ns of the memory" },
    { "write-latency", "CDAT write latency in ns of the memory" },
    { "read-bandwidth", "CDAT read bandwidth in MB/s of the memory" },
    { "write-bandwidth", "CDAT write bandwidth in MB/s of the memory" },
};

const char *cxl_params_accelerator_text(unsigned n, const char **name)
{
    if (n >= ARRAY_SIZE(accelerator_texts)) {
        return NULL;
    }
    *name = accelerator_texts[n].name;
    return accelerator_texts[n].text;
}

/* No property, and a value that says nothing */
void cxl_params_accelerator(CxlParams *p)
{
    p->accelerator = true;
    p->dc_block_size = CXL_MEMDEV_CAPACITY_UNIT;
}

#define DC_REGION_SHAPE(n)                                              \
    "dc-region" #n "-size", "dc-region" #n "-block-size",               \
    "dc-region" #n "-sharable", "dc-region" #n "-read-only",            \
    "dc-region" #n "-sanitize"

/* Another name of the same is left out, and who manages it comes later. */
const char *const cxl_params_shape[] = {
    "volatile-memdev", "persistent-memdev", "volatile-dc-memdev", "lsa",
    "hdm-decoders", "num-dc-regions", "dc-block-size",
    DC_REGION_SHAPE(0), DC_REGION_SHAPE(1), DC_REGION_SHAPE(2),
    DC_REGION_SHAPE(3), DC_REGION_SHAPE(4), DC_REGION_SHAPE(5),
    DC_REGION_SHAPE(6), DC_REGION_SHAPE(7),
    "partitionable", "sn", "vendor-id", "device-id", "subsystem-vendor-id",
    "subsystem-id", "cdat", "spdm_port", "x-speed", "x-width", "hdm-db",
    "x-256b-flit", "uio", "security", "cpmu", "chmu", "non-cxl-map",
    "mailbox-payload",
    "event-log-size", "poison-list-size", "inject-limit",
    "volatile-read-latency", "volatile-write-latency",
    "volatile-read-bandwidth", "volatile-write-bandwidth",
    "persistent-read-latency", "persistent-write-latency",
    "persistent-read-bandwidth", "persistent-write-bandwidth",
    "dc-read-latency", "dc-write-latency", "dc-read-bandwidth",
    "dc-write-bandwidth",
    "@volatile-memdev", "@persistent-memdev", "@volatile-dc-memdev", "@lsa",
    NULL
};

const char *const cxl_params_accelerator_shape[] = {
    "memdev", "mailbox", "cache-size", "read-latency", "write-latency",
    "read-bandwidth", "write-bandwidth", "hdm-decoders", "sn", "vendor-id",
    "device-id", "subsystem-vendor-id", "subsystem-id", "cdat", "spdm_port",
    "x-speed", "x-width", "hdm-db", "x-256b-flit", "non-cxl-map",
    "mailbox-payload", "event-log-size", "poison-list-size", "inject-limit",
    "@volatile-memdev", NULL
};

static const char *const poison_modes[CXL_POISON_MODE_COUNT] = {
    [CXL_POISON_MODE_AUTO] = "auto",
    [CXL_POISON_MODE_TRAP] = "trap",
    [CXL_POISON_MODE_LIST_ONLY] = "list-only",
};

const char *cxl_params_poison_mode(CxlPoisonMode mode)
{
    return poison_modes[mode];
}

char *cxl_params_parse_poison_mode(const char *text, CxlPoisonMode *mode)
{
    for (unsigned i = 0; i < CXL_POISON_MODE_COUNT; i++) {
        if (!strcmp(text, poison_modes[i])) {
            *mode = i;
            return NULL;
        }
    }
    return g_strdup_printf("property 'poison-mode': '%s' is not one of auto,"
                           " trap, list-only", text);
}

/* EUI-64, octet 0: an individual address that is locally administered */
#define SERIAL_MULTICAST        BIT_ULL(56)
#define SERIAL_LOCAL            BIT_ULL(57)

/* FNV-1a, as labels and interleave sets need it: always the same */
uint64_t cxl_params_serial(const char *name)
{
    uint64_t hash = 14695981039346656037ull;

    for (; *name; name++) {
        hash = (hash ^ (uint8_t)*name) * 1099511628211ull;
    }
    return (hash & ~SERIAL_MULTICAST) | SERIAL_LOCAL;
}

char *cxl_params_backend_problem(const char *name, bool labels, uint64_t size)
{
    if (labels && (size < CXL_LSA_SIZE_MIN || size > UINT32_MAX)) {
        return g_strdup_printf(
            "property '%s': label storage of %" PRIu64 " bytes is not within"
            " %u bytes to 4 GiB - 1", name, size, CXL_LSA_SIZE_MIN);
    }
    if (!labels && (!size || size % CXL_MEMDEV_CAPACITY_UNIT)) {
        return g_strdup_printf(
            "property '%s': size 0x%" PRIx64 " of the backend is not a"
            " multiple of 256 MiB", name, size);
    }
    return NULL;
}

static char *accelerator_problem(const CxlParams *p,
                                 const CxlParamsMemory *m)
{
    if (!m->is_volatile) {
        return g_strdup("property 'memdev' must be set");
    }
    if (!cxl_dvsec_cache_size_valid(p->cache_size)) {
        return g_strdup_printf(
            "property 'cache-size': 0x%" PRIx64 " is not 0, 1 to 255 times"
            " 64 KiB, or 1 to 255 times 1 MiB", p->cache_size);
    }
    return NULL;
}

static char *memory_problem(const CxlParams *p, const CxlParamsMemory *m)
{
    if (p->accelerator) {
        return accelerator_problem(p, m);
    }
    if (m->memdev && m->persistent) {
        return g_strdup(
            "property 'memdev' is the old name of"
            " 'persistent-memdev' and cannot be used beside it");
    }
    if (!m->memdev && !m->persistent && !m->is_volatile && !m->dynamic &&
        !p->num_dc_regions) {
        return g_strdup(
            "at least one of 'volatile-memdev',"
            " 'persistent-memdev' and 'volatile-dc-memdev' must be"
            " set");
    }
    if ((m->memdev || m->persistent) && !m->labels) {
        return g_strdup(
            "property 'lsa' must be set for persistent"
            " devices");
    }
    if (p->partitionable && !m->memdev && !m->persistent) {
        return g_strdup(
            "property 'partitionable' needs"
            " 'persistent-memdev'");
    }
    return NULL;
}

static bool block_size_valid(uint64_t size)
{
    return is_power_of_2(size) && size >= 64 &&
           size <= CXL_MEMDEV_CAPACITY_UNIT;
}

static char *region_problem(const CxlParams *p, unsigned n)
{
    const CxlParamsRegion *r = &p->dc_region[n];
    const char *set = r->size ? "size" : r->block_size ? "block-size" :
                      r->sharable ? "sharable" : r->read_only ? "read-only" :
                      r->sanitize ? "sanitize" : NULL;

    if (set && n >= p->num_dc_regions) {
        return g_strdup_printf(
            "property 'dc-region%u-%s': 'num-dc-regions' is %u,"
            " so there is no region %u", n, set, p->num_dc_regions, n);
    }
    if (r->size % CXL_MEMDEV_CAPACITY_UNIT) {
        return g_strdup_printf(
            "property 'dc-region%u-size': 0x%" PRIx64 " is not a"
            " multiple of 256 MiB", n, r->size);
    }
    if (r->block_size && !block_size_valid(r->block_size)) {
        return g_strdup_printf(
            "property 'dc-region%u-block-size': 0x%" PRIx64
            " is not a power of two within 64 bytes to 256 MiB", n,
            r->block_size);
    }
    return NULL;
}

static char *dynamic_problem(const CxlParams *p, bool backed)
{
    if (p->num_dc_regions > CXL_MEMDEV_DC_REGIONS) {
        return g_strdup_printf(
            "property 'num-dc-regions': %u is not within 0 to"
            " %d", p->num_dc_regions, CXL_MEMDEV_DC_REGIONS);
    }
    if (p->num_dc_regions && !backed) {
        return g_strdup(
            "property 'num-dc-regions': dynamic capacity must"
            " have a backing device, set 'volatile-dc-memdev'");
    }
    if (backed && !p->num_dc_regions) {
        return g_strdup_printf(
            "property 'volatile-dc-memdev': dynamic capacity"
            " must have regions, set 'num-dc-regions' to 1 to %d",
            CXL_MEMDEV_DC_REGIONS);
    }
    if (!block_size_valid(p->dc_block_size)) {
        return g_strdup_printf(
            "property 'dc-block-size': 0x%" PRIx64 " is not a"
            " power of two within 64 bytes to 256 MiB",
            p->dc_block_size);
    }
    for (unsigned i = 0; i < CXL_MEMDEV_DC_REGIONS; i++) {
        char *problem = region_problem(p, i);

        if (problem) {
            return problem;
        }
    }
    return NULL;
}

static char *register_problem(const CxlParams *p, bool layout_file)
{
    if (!cxl_hdm_count_valid(p->hdm_decoders)) {
        return g_strdup_printf(
            "property 'hdm-decoders': %u is not one of 1, 2, 4,"
            " 6, 8, 10", p->hdm_decoders);
    }
    if (p->hdm_db && !p->flit_256b) {
        return g_strdup("property 'hdm-db' needs 'x-256b-flit=on'");
    }
    if (layout_file && p->sn == CXL_PARAMS_NO_SERIAL) {
        return g_strdup(
            "property 'layout-file' needs a serial number by"
            " which the file knows the device: 'sn' says none");
    }
    if (!is_power_of_2(p->mailbox_payload) || p->mailbox_payload < 256 ||
        p->mailbox_payload > MiB) {
        return g_strdup_printf(
            "property 'mailbox-payload': %u is not a power of"
            " two within 256 bytes to 1 MiB", p->mailbox_payload);
    }
    if (!p->poison_list_size || p->poison_list_size > CXL_POISON_LIST_TOP) {
        return g_strdup_printf(
            "property 'poison-list-size': %u is not within 1 to %u",
            p->poison_list_size, CXL_POISON_LIST_TOP);
    }
    if (!p->sanitize_ms || !p->scan_ms) {
        return g_strdup_printf(
            "property '%s': 0 is not within 1 to %u",
            p->sanitize_ms ? "scan-ms" : "sanitize-ms", UINT32_MAX);
    }
    if (!p->event_log_size) {
        return g_strdup_printf(
            "property 'event-log-size': 0 is not within 1 to"
            " %u", UINT16_MAX);
    }
    return NULL;
}

char *cxl_params_problem(const CxlParams *p, const CxlParamsMemory *memory)
{
    char *problem = memory_problem(p, memory);

    problem = problem ?: dynamic_problem(p, memory->dynamic);
    return problem ?: register_problem(p, memory->layout_file);
}

static void config_regions(const CxlParams *p, CxlMemdevConfig *config)
{
    config->num_dc_regions = p->num_dc_regions;
    for (unsigned i = 0; i < config->num_dc_regions; i++) {
        const CxlParamsRegion *r = &p->dc_region[i];

        config->dc_regions[i] = (CxlDcRegionConfig) {
            .len = r->size,
            .block_size = r->block_size ?: p->dc_block_size,
            /* Static partitions have the handles below */
            .dsmad_handle = CXL_MEMORY_DYNAMIC + i,
            .flags = (r->sharable ? CXL_DC_REGION_SHARABLE : 0) |
                     (r->read_only ? CXL_DC_REGION_READ_ONLY : 0) |
                     (r->sanitize ? CXL_DC_REGION_SANITIZE : 0),
        };
    }
}

char *cxl_params_size_problem(const CxlParams *p, const CxlParamsSizes *sizes)
{
    if (p->num_dc_regions) {
        CxlMemdevConfig config = { };
        g_autofree char *problem = NULL;

        config_regions(p, &config);
        problem = cxl_config_split(&config, 0, sizes->dynamic);
        if (problem) {
            return g_strdup_printf("property 'volatile-dc-memdev': %s",
                                   problem);
        }
    }
    if (p->partitionable > sizes->persistent ||
        p->partitionable % CXL_MEMDEV_CAPACITY_UNIT) {
        return g_strdup_printf("property 'partitionable': 0x%" PRIx64 " is not"
                               " a multiple of 256 MiB within 0 to 0x%" PRIx64,
                               p->partitionable, sizes->persistent);
    }
    return NULL;
}

void cxl_params_config(const CxlParams *p, const CxlParamsSizes *sizes,
                       CxlMemdevConfig *config)
{
    g_autofree char *problem = NULL;

    *config = (CxlMemdevConfig) {
        .volatile_only = sizes->is_volatile,
        .persistent_only = sizes->persistent - p->partitionable,
        .partitionable = p->partitionable,
        .lsa_size = sizes->labels,
        .payload_shift = ctz32(p->mailbox_payload),
        .mailbox_msgnum = CXL_PARAMS_VECTOR_MAILBOX,
        .pmu_msgnum = p->cpmu ? CXL_PARAMS_VECTOR_PMU : 0,
        .chmu_msgnum = p->chmu ? CXL_PARAMS_VECTOR_CHMU : 0,
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
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        config->event_msgnum[i] = CXL_PARAMS_VECTOR_EVENT + i;
        config->event_log_size[i] = p->event_log_size;
    }
    config_regions(p, config);
    if (config->num_dc_regions) {
        problem = cxl_config_split(config,
                                   sizes->is_volatile + sizes->persistent,
                                   sizes->dynamic);
        assert(!problem); /* cxl_params_size_problem() */
    }
}
