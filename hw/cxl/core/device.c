/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Birth, reset and death of a memory device, its timer, and what a host
 * access meets.  The face is device.h, the parts are in memdev.h, the check of
 * the configuration in core/config.c.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/common/regmap.h"
#include "hw/cxl/core/device.h"
#include "hw/cxl/core/mediaops.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/wire/fm.h"

static bool media_disabled(const void *owner)
{
    const CxlMemdev *dev = owner;

    return dev->media.state == CXL_MEDIA_DISABLED;
}

static bool locked(const void *owner)
{
    const CxlMemdev *dev = owner;

    return dev->security.locked;
}

void cxl_memdev_rearm(CxlMemdev *dev)
{
    int64_t deadline = MIN(cxl_cci_deadline(&dev->cci),
                           cxl_scrub_deadline(&dev->scrub));

    deadline = MIN(deadline, cxl_dcd_pool_deadline(&dev->dc_pool));
    if (dev->cfg.pmu_msgnum) {
        deadline = MIN(deadline, cxl_pmu_deadline(&dev->pmu));
    }
    if (dev->cfg.chmu_msgnum) {
        deadline = MIN(deadline, cxl_chmu_deadline(&dev->chmu));
    }
    if (deadline == INT64_MAX) {
        dev->ops->timer_cancel(dev->ops_opaque);
    } else {
        dev->ops->timer_arm(dev->ops_opaque, deadline);
    }
}

static void rearm(void *owner)
{
    cxl_memdev_rearm(owner);
}

static void bg_ended(void *owner, CxlCci *cci)
{
    CxlMemdev *dev = owner;

    if (cci == &dev->cci) {
        cxl_mailbox_bg_ended(&dev->mailbox);
    }
}

static void answered(void *owner, uint16_t opcode, CxlRc rc, uint32_t in_len)
{
    CxlMemdev *dev = owner;

    cxl_logs_record(&dev->logs, cxl_memdev_now(dev), opcode, rc, in_len);
    cxl_pmu_count(&dev->pmu, CXL_PMU_COMMAND, 1, -1);
}

/* The FM-owned logical device leads to the only other one, number 0. */
static CxlCci *tunnel(void *owner, CxlCci *via, uint8_t type, uint8_t id)
{
    CxlMemdev *dev = owner;

    return via == &dev->fm_cci && type == CXL_TUNNEL_PORT_OR_LD && !id ?
           &dev->ld_cci : NULL;
}

static CxlDcPool *dc_pool(void *owner)
{
    CxlMemdev *dev = owner;

    return dev->dc_view.pool;
}

CxlCci *cxl_memdev_fm_cci(CxlMemdev *dev)
{
    return &dev->fm_cci;
}

CxlCci *cxl_memdev_ld_cci(CxlMemdev *dev)
{
    return &dev->ld_cci;
}

/* Each interface has logs of its own; the host's have got room. */
static void events_cleared(void *owner, CxlCci *cci)
{
    CxlMemdev *dev = owner;

    if (cci == &dev->cci) {
        cxl_dcd_announce(&dev->dc_view);
    }
}

static unsigned pace(const void *owner)
{
    const CxlMemdev *dev = owner;
    const CxlPaceWrite *set =
        (const void *)dev->features.state[CXL_FEATURE_PACE].current;

    return set->shift;
}

static const CxlCciOwner cci_owner = {
    .media_disabled = media_disabled,
    .locked = locked,
    .bg_ended = bg_ended,
    .rearm = rearm,
    .answered = answered,
    .tunnel = tunnel,
    .dc_pool = dc_pool,
    .pace = pace,
    .events_cleared = events_cleared,
};

static uint8_t have(const CxlMemdevConfig *cfg)
{
    bool persistent = cfg->persistent_only || cfg->partitionable;

    return (persistent ? CXL_NEED_PERSISTENT : 0) |
           (cfg->lsa_size ? CXL_NEED_LSA : 0) |
           (cfg->partitionable ? CXL_NEED_PARTITION : 0) |
           (cfg->security && persistent ? CXL_NEED_SECURITY : 0) |
           (cfg->num_dc_regions ? CXL_NEED_DC : 0);
}

static void init_media(CxlMemdev *dev)
{
    dev->media = (CxlMedia) {
        .volatile_only = dev->cfg.volatile_only,
        .persistent_only = dev->cfg.persistent_only,
        .partitionable = dev->cfg.partitionable,
        .align = dev->cfg.partition_align,
        .state = CXL_MEDIA_READY,
    };
}

static void identify_component(const CxlMemdev *dev, CxlCci *cci)
{
    CxlIsIdentify *id = &cci->identity;

    stw_le_p(&id->vendor, dev->cfg.vendor_id);
    stw_le_p(&id->device, dev->cfg.device_id);
    stw_le_p(&id->subsystem_vendor, dev->cfg.subsystem_vendor_id);
    stw_le_p(&id->subsystem, dev->cfg.subsystem_id);
    stq_le_p(&id->serial, dev->cfg.serial);
    id->component_type = CXL_COMPONENT_TYPE3;
}

static void rooms_init(CxlMemdev *dev)
{
    const CxlMemdevConfig *cfg = &dev->cfg;
    const CxlHostOps *ops = dev->ops;
    void *opaque = dev->ops_opaque;

    init_media(dev);
    dev->clock = (CxlTimestamp) { };
    dev->security = (CxlSecurity) { };
    dev->scrub = (CxlScrub) { };
    dev->poison_next = false;
    cxl_events_init(&dev->events, ops, opaque, &dev->clock,
                    cfg->event_log_size, cfg->event_msgnum,
                    cfg->num_dc_regions);
    cxl_events_init(&dev->fm_events, ops, opaque, &dev->clock,
                    cfg->event_log_size, cfg->event_msgnum,
                    cfg->num_dc_regions);
    cxl_poison_init(&dev->poison, cfg->poison_list_max, cfg->inject_limit);
    cxl_health_init(&dev->health, &dev->events);
    cxl_logs_init(&dev->logs);
    cxl_fw_init(&dev->fw, cfg->fw_revision, cfg->fw_image_max, dev->store,
                dev->store_opaque);
    cxl_features_init(&dev->features);
    cxl_maintenance_init(&dev->maintenance, cfg->spares);
    cxl_dcd_pool_init(&dev->dc_pool, cfg, ops, opaque, dev->store,
                      dev->store_opaque, &dev->fm_events);
    cxl_dcd_view_init(&dev->dc_view, &dev->dc_pool, ops, opaque, dev->store,
                      dev->store_opaque, &dev->events);
    if (cfg->pmu_msgnum) {
        cxl_pmu_init(&dev->pmu, cfg->pmu_msgnum, ops, opaque);
    }
    if (cfg->chmu_msgnum) {
        cxl_chmu_init(&dev->chmu, cfg->chmu_msgnum, ops, opaque);
    }
}

static void rooms_destroy(CxlMemdev *dev)
{
    cxl_chmu_destroy(&dev->chmu);
    cxl_dcd_view_destroy(&dev->dc_view);
    cxl_dcd_pool_destroy(&dev->dc_pool);
    cxl_fw_destroy(&dev->fw);
    cxl_logs_destroy(&dev->logs);
    cxl_poison_destroy(&dev->poison);
    cxl_events_destroy(&dev->fm_events);
    cxl_events_destroy(&dev->events);
}

static void reset_interfaces(CxlMemdev *dev)
{
    cxl_cci_reset(&dev->cci);
    cxl_cci_reset(&dev->fm_cci);
    cxl_cci_reset(&dev->ld_cci);
    cxl_mailbox_reset(&dev->mailbox);
}

void cxl_memdev_rooms_renew(CxlMemdev *dev)
{
    rooms_destroy(dev);
    rooms_init(dev);
    reset_interfaces(dev);
}

static void interfaces_init(CxlMemdev *dev, const CxlMemdevProfiles *profiles)
{
    const CxlMemdevConfig *cfg = &dev->cfg;
    uint32_t payload = 1u << cfg->payload_shift;
    CxlCci *ccis[] = { &dev->cci, &dev->fm_cci, &dev->ld_cci };
    const CxlProfile *rows[] = {
        profiles->mailbox, profiles->fm_owned, profiles->ld,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(ccis); i++) {
        cxl_cci_init(ccis[i], rows[i], have(cfg), payload, &dev->clock,
                     &cci_owner, dev, dev->ops, dev->ops_opaque);
        identify_component(dev, ccis[i]);
    }
    dev->cci.events = &dev->events;
    dev->fm_cci.events = &dev->fm_events;
    cxl_mailbox_init(&dev->mailbox, &dev->cci, &dev->events, &dev->media,
                     cfg->payload_shift, cfg->mailbox_msgnum);
}

CxlMemdev *cxl_memdev_create(const CxlMemdevConfig *config,
                             const CxlMemdevProfiles *profiles,
                             const CxlWorld *world, char **problem)
{
    CxlMemdevConfig cfg = *config;
    CxlMemdev *dev;

    cxl_config_defaults(&cfg);
    *problem = cxl_config_problem(&cfg);
    if (*problem) {
        return NULL;
    }
    dev = g_new0(CxlMemdev, 1);
    dev->cfg = cfg;
    dev->ops = world->ops;
    dev->ops_opaque = world->opaque;
    dev->store = world->store;
    dev->store_opaque = world->store_opaque;
    rooms_init(dev);
    interfaces_init(dev, profiles);
    return dev;
}

void cxl_memdev_free(CxlMemdev *dev)
{
    cxl_mailbox_destroy(&dev->mailbox);
    cxl_cci_destroy(&dev->ld_cci);
    cxl_cci_destroy(&dev->fm_cci);
    cxl_cci_destroy(&dev->cci);
    rooms_destroy(dev);
    g_free(dev);
}

static void wipe_static(CxlMemdev *dev)
{
    cxl_mediaops_wipe(dev, 0, cxl_media_volatile(&dev->media), 0);
}

static void wipe_volatile(CxlMemdev *dev)
{
    wipe_static(dev);
    for (unsigned i = 0; i < dev->cfg.num_dc_regions; i++) {
        const CxlDcRegionConfig *r = &dev->cfg.dc_regions[i];

        if (!(r->flags & CXL_DC_REGION_NONVOLATILE)) {
            cxl_mediaops_wipe(dev, r->base, r->len, 0);
        }
    }
}

/* Power comes back: volatile contents, counters and pending choices go. */
static void reset_cold(CxlMemdev *dev)
{
    uint32_t old_security = cxl_security_state(&dev->security);

    if (dev->dc_pool.lender) {
        /* Who lends the rest has power of its own. */
        wipe_static(dev);
    } else {
        wipe_volatile(dev);
    }
    dev->clock = (CxlTimestamp) { };
    cxl_health_power_lost(&dev->health);
    cxl_health_reset(&dev->health);
    cxl_security_power_on(&dev->security);
    cxl_memdev_security_changed(dev, old_security);
    cxl_events_reset(&dev->events);
    cxl_events_reset(&dev->fm_events);
    cxl_fw_cold_reset(&dev->fw);
    cxl_features_cold_reset(&dev->features);
    cxl_maintenance_cold_reset(&dev->maintenance);
    cxl_memdev_scrub_changed(dev);
    cxl_logs_clear_history(&dev->logs);
    cxl_logs_set_dump(&dev->logs, NULL);
    dev->media.fatal = false;
    dev->media.reset_needed = 0;
    if (dev->media.next_valid) {
        cxl_mediaops_move_boundary(dev);
    }
}

/* What was running ends as if it had been aborted, and nobody is told. */
static void reset_mailboxes(CxlMemdev *dev)
{
    cxl_background_interrupt(&dev->cci.bg);
    reset_interfaces(dev);
}

/* Media that a sanitize has not finished with stay disabled. */
static void reset_media_state(CxlMemdev *dev)
{
    if (dev->media.state != CXL_MEDIA_DISABLED) {
        cxl_memdev_set_media_state(dev, CXL_MEDIA_READY);
    }
}

/*
 * What takes several commands begins anew, CXL r3.1 8.2.9.3.2 and 8.2.9.6.3:
 * who sent the first of them may be there no longer.
 */
static void reset_transfers(CxlMemdev *dev)
{
    cxl_fw_interrupt(&dev->fw);
    cxl_features_interrupt(&dev->features);
    cxl_poison_list_again(&dev->poison);
}

/* Results are those of a scan since then, CXL r3.1 8.2.9.9.4.6. */
static void reset_scan(CxlMemdev *dev)
{
    cxl_poison_scan_begin(&dev->poison);
}

static void reset_next_poison(CxlMemdev *dev)
{
    cxl_memdev_poison_next(dev, false);
}

static void reset_dynamic_capacity(CxlMemdev *dev)
{
    cxl_dcd_pool_retry(&dev->dc_pool);
    cxl_dcd_view_reset(&dev->dc_view);
}

static void reset_pmu(CxlMemdev *dev)
{
    if (dev->cfg.pmu_msgnum) {
        cxl_pmu_reset(&dev->pmu);
    }
}

static void reset_chmu(CxlMemdev *dev)
{
    if (dev->cfg.chmu_msgnum) {
        cxl_chmu_reset(&dev->chmu);
    }
}

#define COLD    BIT(CXL_RESET_COLD)
#define CLEAR   BIT(CXL_RESET_CXL_CLEAR)
/* All but the function's own, which does not touch CXL.mem: CXL r3.1 9.5 */
#define CXL_ALL (COLD | CLEAR | BIT(CXL_RESET_HOT) | BIT(CXL_RESET_CXL))

/* In this order */
static const struct {
    unsigned kinds;
    void (*reset)(CxlMemdev *dev);
} reset_rows[] = {
    { CXL_ALL, reset_mailboxes },
    { CXL_ALL, reset_transfers },
    { COLD | BIT(CXL_RESET_HOT), reset_scan },
    { CXL_ALL, reset_media_state },
    { CXL_ALL, reset_next_poison },
    { COLD, reset_cold },
    { CLEAR, wipe_volatile },
    { CXL_ALL, reset_dynamic_capacity },
    { CXL_ALL, reset_pmu },
    { CXL_ALL, reset_chmu },
    { CXL_ALL, cxl_memdev_rearm },
};

void cxl_memdev_reset(CxlMemdev *dev, CxlResetKind kind)
{
    for (unsigned i = 0; i < ARRAY_SIZE(reset_rows); i++) {
        if (reset_rows[i].kinds & BIT(kind)) {
            reset_rows[i].reset(dev);
        }
    }
}

/* Hidden poison in the slices of the media that are due is found. */
static void patrol(CxlMemdev *dev)
{
    uint64_t from, to;

    while (cxl_scrub_due(&dev->scrub, cxl_memdev_now(dev),
                         cxl_memdev_dpa_end(dev), &from, &to)) {
        cxl_mediaops_discover(dev, from, to - from, CXL_EVTXN_SCRUB, true);
    }
}

void cxl_memdev_timer(CxlMemdev *dev)
{
    cxl_cci_timer(&dev->cci);
    patrol(dev);
    cxl_dcd_pool_wipe(&dev->dc_pool);
    if (dev->cfg.pmu_msgnum) {
        cxl_pmu_sync(&dev->pmu);
    }
    if (dev->cfg.chmu_msgnum) {
        cxl_chmu_sync(&dev->chmu);
    }
    cxl_memdev_rearm(dev);
}

void cxl_memdev_surprise_power_loss(CxlMemdev *dev)
{
    cxl_health_power_lost(&dev->health);
}

/* The register locator counts in these. */
#define BLOCK_ALIGN 0x10000

/* Blocks begin at multiples of this; the whole is a power of two. */
static uint64_t block_step(const CxlMemdev *dev)
{
    return ROUND_UP(cxl_mailbox_block_size(&dev->mailbox), BLOCK_ALIGN);
}

uint64_t cxl_memdev_regs_pmu(const CxlMemdev *dev)
{
    return dev->cfg.pmu_msgnum ? block_step(dev) : 0;
}

uint64_t cxl_memdev_regs_chmu(const CxlMemdev *dev)
{
    return dev->cfg.chmu_msgnum ? 2 * block_step(dev) : 0;
}

uint64_t cxl_memdev_regs_size(const CxlMemdev *dev)
{
    return dev->cfg.chmu_msgnum ? 4 * block_step(dev) :
           dev->cfg.pmu_msgnum ? 2 * block_step(dev) :
           cxl_mailbox_block_size(&dev->mailbox);
}

static uint64_t read_mailbox(void *owner, uint64_t offset, unsigned size)
{
    CxlMemdev *dev = owner;

    return cxl_mailbox_read(&dev->mailbox, offset, size);
}

static void write_mailbox(void *owner, uint64_t offset, uint64_t value,
                          unsigned size)
{
    CxlMemdev *dev = owner;

    cxl_mailbox_write(&dev->mailbox, offset, value, size);
}

static uint64_t read_pmu(void *owner, uint64_t offset, unsigned size)
{
    CxlMemdev *dev = owner;

    return cxl_pmu_read(&dev->pmu, offset, size);
}

static void write_pmu(void *owner, uint64_t offset, uint64_t value,
                      unsigned size)
{
    CxlMemdev *dev = owner;

    cxl_pmu_write(&dev->pmu, offset, value, size);
    cxl_memdev_rearm(dev);
}

static uint64_t read_chmu(void *owner, uint64_t offset, unsigned size)
{
    CxlMemdev *dev = owner;

    return cxl_chmu_read(&dev->chmu, offset, size);
}

static void write_chmu(void *owner, uint64_t offset, uint64_t value,
                       unsigned size)
{
    CxlMemdev *dev = owner;

    cxl_chmu_write(&dev->chmu, offset, value, size);
    cxl_memdev_rearm(dev);
}

#define BLOCKS 3

/* Where those after the first begin hangs on the size of the first. */
static unsigned blocks(const CxlMemdev *dev, RegmapArea area[BLOCKS])
{
    uint64_t pmu = cxl_memdev_regs_pmu(dev);
    uint64_t chmu = cxl_memdev_regs_chmu(dev);
    unsigned n = 0;

    area[n++] = (RegmapArea) {
        0, cxl_mailbox_block_size(&dev->mailbox), read_mailbox, write_mailbox,
    };
    if (pmu) {
        area[n++] = (RegmapArea) { pmu, pmu, read_pmu, write_pmu };
    }
    if (chmu) {
        area[n++] = (RegmapArea) {
            chmu, block_step(dev), read_chmu, write_chmu,
        };
    }
    return n;
}

uint64_t cxl_memdev_regs_read(CxlMemdev *dev, uint64_t offset, unsigned size)
{
    RegmapArea area[BLOCKS];
    unsigned n = blocks(dev, area);

    return regmap_read(area, n, dev, offset, size);
}

void cxl_memdev_regs_write(CxlMemdev *dev, uint64_t offset, uint64_t value,
                           unsigned size)
{
    RegmapArea area[BLOCKS];
    unsigned n = blocks(dev, area);

    regmap_write(area, n, dev, offset, value, size);
}

/* Shorten a run that starts at @dpa to end at @stop at the latest. */
static uint64_t until(uint64_t dpa, uint64_t len, uint64_t stop)
{
    return MIN(len, stop - dpa);
}

static uint64_t poison_run(const CxlMemdev *dev, uint64_t dpa, uint64_t len,
                           CxlAccess *access)
{
    Extent e;

    if (dev->poison_next) {
        *access = CXL_ACCESS_POISON;
        return len;
    }
    *access = CXL_ACCESS_OK;
    if (!extentset_next(&dev->poison.lines, dpa, &e)) {
        return len;
    }
    if (e.start > dpa) {
        return until(dpa, len, e.start);
    }
    *access = CXL_ACCESS_POISON;
    return until(dpa, len, e.start + e.len);
}

/* Accepted extents are memory, everything else above static is nothing. */
static uint64_t dynamic_run(const CxlMemdev *dev, uint64_t dpa, uint64_t len,
                            CxlAccess *access)
{
    Extent e;

    *access = CXL_ACCESS_NONE;
    if (!extentset_next(&dev->dc_view.accepted, dpa, &e)) {
        return len;
    }
    if (e.start > dpa) {
        return until(dpa, len, e.start);
    }
    len = poison_run(dev, dpa, until(dpa, len, e.start + e.len), access);
    if (*access == CXL_ACCESS_OK && cxl_dcd_read_only(&dev->dc_pool, dpa)) {
        *access = CXL_ACCESS_READ_ONLY;
    }
    return len;
}

uint64_t cxl_memdev_access_run(const CxlMemdev *dev, uint64_t dpa,
                               uint64_t len, CxlAccess *access)
{
    uint64_t end = cxl_media_total(&dev->media);
    uint64_t boundary = cxl_media_volatile(&dev->media);

    if (dpa < end) {
        len = until(dpa, len, end);
    } else if (dpa >= cxl_memdev_dpa_end(dev)) {
        *access = CXL_ACCESS_NONE;
        return len;
    }
    if (dev->media.state != CXL_MEDIA_READY) {
        *access = CXL_ACCESS_DISABLED;
        return len;
    }
    if (dpa >= end) {
        return dynamic_run(dev, dpa, len, access);
    }
    if (dpa < boundary) {
        len = until(dpa, len, boundary);
    } else if (dev->security.locked) {
        *access = CXL_ACCESS_LOCKED;
        return len;
    }
    return poison_run(dev, dpa, len, access);
}

CxlAccess cxl_memdev_access(const CxlMemdev *dev, uint64_t dpa, uint64_t len)
{
    CxlAccess access = CXL_ACCESS_OK;

    if (len > UINT64_MAX - dpa) {
        return CXL_ACCESS_NONE;
    }
    while (len && (access == CXL_ACCESS_OK ||
                   access == CXL_ACCESS_READ_ONLY)) {
        uint64_t n = cxl_memdev_access_run(dev, dpa, len, &access);

        dpa += n;
        len -= n;
    }
    return access;
}

void cxl_memdev_host_wrote(CxlMemdev *dev, uint64_t dpa, uint64_t len)
{
    uint64_t clear_dpa, clear_len;

    if (cxl_poison_wrote(&dev->poison, dpa, len, &clear_dpa, &clear_len)) {
        cxl_mediaops_clear_poison(dev, clear_dpa, clear_len);
    }
}

bool cxl_memdev_host_counted(const CxlMemdev *dev)
{
    return dev->pmu.counting ||
           (dev->cfg.chmu_msgnum && cxl_chmu_enabled(&dev->chmu));
}

/* What goes over the link is lines. */
void cxl_memdev_host_counts(CxlMemdev *dev, bool is_write, uint64_t dpa,
                            uint64_t len, int decoder)
{
    unsigned lines = (dpa + len - 1) / CXL_POISON_LINE -
                     dpa / CXL_POISON_LINE + 1;
    CxlAccess access;

    if (is_write) {
        cxl_pmu_count(&dev->pmu, CXL_PMU_WRITE_PARTIAL, lines, decoder);
        cxl_pmu_count(&dev->pmu, CXL_PMU_COMPLETION, lines, decoder);
    } else {
        cxl_memdev_access_run(dev, dpa, len, &access);
        cxl_pmu_count(&dev->pmu, CXL_PMU_READ, lines, decoder);
        cxl_pmu_count(&dev->pmu, access == CXL_ACCESS_NONE ? CXL_PMU_DATA_NXM
                                                           : CXL_PMU_DATA,
                      lines, decoder);
    }
    if (dev->cfg.chmu_msgnum &&
        cxl_chmu_count(&dev->chmu, is_write, dpa, len)) {
        cxl_memdev_rearm(dev);
    }
}

void cxl_memdev_poison_next(CxlMemdev *dev, bool on)
{
    if (dev->poison_next != on) {
        dev->poison_next = on;
        dev->store->access_changed(dev->store_opaque, 0,
                                   cxl_memdev_dpa_end(dev));
    }
}

void cxl_memdev_host_read_poison(CxlMemdev *dev, uint64_t dpa)
{
    uint64_t line = QEMU_ALIGN_DOWN(dpa, CXL_POISON_LINE);

    cxl_pmu_count(&dev->pmu, CXL_PMU_POISON, 1, -1);
    cxl_memdev_poison_next(dev, false);
    if (!cxl_poison_consumed(&dev->poison, line)) {
        return;
    }
    cxl_mediaops_discover(dev, line, CXL_POISON_LINE, CXL_EVTXN_HOST_READ,
                          false);
    cxl_mediaops_event(dev, CXL_EVLOG_FAILURE, line, CXL_EVDESC_UNCORRECTABLE,
                       CXL_EVTXN_HOST_READ);
}

const char *cxl_memdev_check(const CxlMemdev *dev)
{
    const char *checks[] = {
        cxl_mailbox_check(&dev->mailbox),
        cxl_background_check(&dev->cci.bg),
        cxl_media_check(&dev->media),
        cxl_events_check(&dev->events),
        cxl_events_check(&dev->fm_events),
        cxl_poison_check(&dev->poison),
        cxl_health_check(&dev->health),
        cxl_security_check(&dev->security),
        cxl_dcd_check(&dev->dc_pool),
        cxl_fw_check(&dev->fw),
        cxl_features_check(&dev->features),
        cxl_maintenance_check(&dev->maintenance),
        cxl_scrub_check(&dev->scrub),
        dev->cfg.pmu_msgnum ? cxl_pmu_check(&dev->pmu) : NULL,
        dev->cfg.chmu_msgnum ? cxl_chmu_check(&dev->chmu) : NULL,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(checks); i++) {
        if (checks[i]) {
            return checks[i];
        }
    }
    return NULL;
}
