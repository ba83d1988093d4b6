/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judge a configuration before any room is built from it; see config.h.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/cxl/core/config.h"
#include "hw/cxl/wire/dcd.h"
#include "hw/cxl/wire/mailbox.h"

#define MS 1000000ull
#define EVENT_LOG_MIN   1
#define CAPACITY_TOP    (1ull << 52)

static void default_u64(uint64_t *field, uint64_t value)
{
    *field = *field ? *field : value;
}

void cxl_config_defaults(CxlMemdevConfig *cfg)
{
    default_u64(&cfg->partition_align, CXL_MEMDEV_CAPACITY_UNIT);
    default_u64(&cfg->fw_image_max, 64 * MiB);
    default_u64(&cfg->sanitize_ns, 1000 * MS);
    default_u64(&cfg->scan_ns, 1000 * MS);
    default_u64(&cfg->fw_transfer_ns, 10 * MS);
    cfg->payload_shift = cfg->payload_shift ?: 11;
    cfg->poison_list_max = cfg->poison_list_max ?: 256;
    cfg->spares = cfg->spares ?: 16;
    cfg->dc_max_extents = cfg->dc_max_extents ?: 131072;
    cfg->dc_max_tags = cfg->dc_max_tags ?: 4096;
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        cfg->event_log_size[i] = cfg->event_log_size[i] ?: 128;
    }
    if (!cfg->fw_revision[0]) {
        strcpy(cfg->fw_revision, "BWFW VERSION 0");
    }
    for (unsigned i = 0; i < cfg->num_dc_regions &&
         i < CXL_MEMDEV_DC_REGIONS; i++) {
        default_u64(&cfg->dc_regions[i].decode_len, cfg->dc_regions[i].len);
    }
}

static char *capacity_problem(const char *name, uint64_t value, uint64_t unit)
{
    if (value % unit) {
        return g_strdup_printf("%s is 0x%" PRIx64 ", but must be a multiple "
                               "of 0x%" PRIx64 " bytes", name, value, unit);
    }
    if (value > CAPACITY_TOP) {
        return g_strdup_printf("%s is 0x%" PRIx64 ", but must be at most "
                               "0x%llx bytes", name, value, CAPACITY_TOP);
    }
    return NULL;
}

static char *range_problem(const char *name, uint64_t value, uint64_t low,
                           uint64_t high)
{
    if (value >= low && value <= high) {
        return NULL;
    }
    return g_strdup_printf("%s is %" PRIu64 ", but must be between %" PRIu64
                           " and %" PRIu64, name, value, low, high);
}

static char *static_problem(const CxlMemdevConfig *cfg)
{
    char *why = NULL;

    if (!is_power_of_2(cfg->partition_align) ||
        cfg->partition_align % CXL_MEMDEV_CAPACITY_UNIT) {
        return g_strdup_printf("partition alignment is 0x%" PRIx64 ", but must "
                               "be a power of two of at least 256 MiB",
                               cfg->partition_align);
    }
    why = why ?: capacity_problem("volatile capacity", cfg->volatile_only,
                                  CXL_MEMDEV_CAPACITY_UNIT);
    why = why ?: capacity_problem("persistent capacity", cfg->persistent_only,
                                  CXL_MEMDEV_CAPACITY_UNIT);
    why = why ?: capacity_problem("partitionable capacity", cfg->partitionable,
                                  cfg->partition_align);
    if (!why && !cfg->num_dc_regions && !cfg->volatile_only &&
        !cfg->persistent_only && !cfg->partitionable) {
        why = g_strdup("the device has no capacity: give it volatile, "
                       "persistent or dynamic capacity");
    }
    if (!why && cfg->persistent_only && !cfg->lsa_size) {
        why = g_strdup("persistent capacity needs a label storage area");
    }
    return why;
}

static void place_regions(CxlMemdevConfig *cfg, uint64_t base, uint64_t share)
{
    for (unsigned i = 0; i < cfg->num_dc_regions; i++) {
        CxlDcRegionConfig *r = &cfg->dc_regions[i];

        r->base = base;
        r->len = r->len ?: share;
        base += r->len;
    }
}

char *cxl_config_split(CxlMemdevConfig *cfg, uint64_t base, uint64_t size)
{
    uint64_t left = size;
    unsigned sharers = 0;

    for (unsigned i = 0; i < cfg->num_dc_regions; i++) {
        uint64_t len = cfg->dc_regions[i].len;

        if (len % CXL_MEMDEV_CAPACITY_UNIT || len > left) {
            return g_strdup_printf("dynamic region %u has length 0x%" PRIx64
                                   ", but it must be a multiple of 256 MiB,"
                                   " and 0x%" PRIx64 " bytes are left of 0x%"
                                   PRIx64, i, len, left, size);
        }
        left -= len;
        sharers += !len;
    }
    if (sharers ? !left || left % (sharers * CXL_MEMDEV_CAPACITY_UNIT) :
        left) {
        return g_strdup_printf("0x%" PRIx64 " bytes are left of 0x%" PRIx64
                               " for %u dynamic regions without a length: all"
                               " of it must split into equal multiples of 256"
                               " MiB", left, size, sharers);
    }
    place_regions(cfg, base, sharers ? left / sharers : 0);
    return NULL;
}

static char *region_problem(const CxlMemdevConfig *cfg, unsigned i)
{
    const CxlDcRegionConfig *r = &cfg->dc_regions[i];
    uint64_t floor = cfg->volatile_only + cfg->persistent_only +
                     cfg->partitionable;

    if (i) {
        floor = r[-1].base + r[-1].decode_len;
    }
    if (r->base % CXL_MEMDEV_CAPACITY_UNIT || r->base < floor ||
        r->base > CAPACITY_TOP) {
        return g_strdup_printf("dynamic region %u has base 0x%" PRIx64 ", but "
                               "it must be 256 MiB aligned and not below 0x%"
                               PRIx64, i, r->base, floor);
    }
    if (!is_power_of_2(r->block_size) || r->block_size < 64 ||
        r->base % r->block_size) {
        return g_strdup_printf("dynamic region %u has block size 0x%" PRIx64
                               ", but it must be a power of two, at least 64, "
                               "and divide the base", i, r->block_size);
    }
    if (!r->len || r->len % r->block_size || r->len > CAPACITY_TOP) {
        return g_strdup_printf("dynamic region %u has length 0x%" PRIx64
                               ", but it must be a multiple of its block size "
                               "0x%" PRIx64, i, r->len, r->block_size);
    }
    if (r->decode_len < r->len || r->decode_len > CAPACITY_TOP ||
        r->decode_len % CXL_MEMDEV_CAPACITY_UNIT) {
        return g_strdup_printf("dynamic region %u decodes 0x%" PRIx64 " bytes, "
                               "but that must be a multiple of 256 MiB, and "
                               "not less than its length", i, r->decode_len);
    }
    if (r->flags & ~CXL_DC_REGION_FLAGS) {
        return g_strdup_printf("dynamic region %u has flags 0x%x, but only "
                               "0x%x are defined", i, r->flags,
                               CXL_DC_REGION_FLAGS);
    }
    return NULL;
}

static char *dynamic_problem(const CxlMemdevConfig *cfg)
{
    char *why = range_problem("the number of dynamic regions",
                              cfg->num_dc_regions, 0, CXL_MEMDEV_DC_REGIONS);

    for (unsigned i = 0; !why && i < cfg->num_dc_regions; i++) {
        why = region_problem(cfg, i);
    }
    return why;
}

static char *message_problem(const CxlMemdevConfig *cfg)
{
    char *why = range_problem("the mailbox message number",
                              cfg->mailbox_msgnum, 0, 15);

    why = why ?: range_problem("the performance monitor's message number",
                               cfg->pmu_msgnum, 0, 15);
    why = why ?: range_problem("the hotness monitor's message number",
                               cfg->chmu_msgnum, 0, 15);
    for (unsigned i = 0; !why && i < CXL_MEMDEV_LOGS; i++) {
        why = range_problem("an event message number", cfg->event_msgnum[i],
                            0, 15);
        why = why ?: range_problem("an event log size",
                                   cfg->event_log_size[i], EVENT_LOG_MIN,
                                   UINT16_MAX);
    }
    return why;
}

char *cxl_config_problem(const CxlMemdevConfig *cfg)
{
    char *why = static_problem(cfg);

    why = why ?: dynamic_problem(cfg);
    why = why ?: message_problem(cfg);
    why = why ?: range_problem("the mailbox payload shift",
                               cfg->payload_shift,
                               CXL_MAILBOX_PAYLOAD_SHIFT_MIN,
                               CXL_MAILBOX_PAYLOAD_SHIFT_TOP);
    why = why ?: range_problem("the poison list size", cfg->poison_list_max, 1,
                               CXL_POISON_LIST_TOP);
    return why;
}

#define EACH_NUMBER(DO)                                                 \
    DO(volatile_only) DO(persistent_only) DO(partitionable)             \
    DO(partition_align) DO(lsa_size) DO(payload_shift)                  \
    DO(poison_list_max) DO(inject_limit) DO(spares) DO(security)        \
    DO(pmu_msgnum)

void cxl_config_save(const CxlMemdevConfig *cfg, SaveWriter *w)
{
#define PUT(member) save_put(w, cfg->member);
    EACH_NUMBER(PUT)
#undef PUT
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        save_put(w, cfg->event_log_size[i]);
    }
    save_put(w, cfg->num_dc_regions);
    for (unsigned i = 0; i < cfg->num_dc_regions; i++) {
        save_put(w, cfg->dc_regions[i].base);
        save_put(w, cfg->dc_regions[i].len);
    }
    save_put(w, cfg->dc_max_extents);
    save_put(w, cfg->dc_max_tags);
}

void cxl_config_load(const CxlMemdevConfig *cfg, SaveReader *r)
{
#define SAME(member) save_get_same(r, #member, cfg->member);
    EACH_NUMBER(SAME)
#undef SAME
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        save_get_same(r, "event_log_size", cfg->event_log_size[i]);
    }
    save_get_same(r, "num_dc_regions", cfg->num_dc_regions);
    for (unsigned i = 0; i < cfg->num_dc_regions; i++) {
        save_get_same(r, "base of a dynamic region", cfg->dc_regions[i].base);
        save_get_same(r, "length of a dynamic region",
                      cfg->dc_regions[i].len);
    }
    save_get_same(r, "dc_max_extents", cfg->dc_max_extents);
    save_get_same(r, "dc_max_tags", cfg->dc_max_tags);
}
