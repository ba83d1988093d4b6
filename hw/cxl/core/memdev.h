/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory device as a composition of rooms, for those who may look inside:
 * command sets, state save, monitor.  The face for everybody else: device.h.
 */
#ifndef HW_CXL_CORE_MEMDEV_H
#define HW_CXL_CORE_MEMDEV_H

#include "hw/cxl/core/background.h"
#include "hw/cxl/core/cci.h"
#include "hw/cxl/core/config.h"
#include "hw/cxl/core/dcd-fm.h"
#include "hw/cxl/core/decode.h"
#include "hw/cxl/core/events.h"
#include "hw/cxl/core/features.h"
#include "hw/cxl/core/fw.h"
#include "hw/cxl/core/health.h"
#include "hw/cxl/core/logs.h"
#include "hw/cxl/core/mailbox.h"
#include "hw/cxl/core/maintenance.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/core/pmu.h"
#include "hw/cxl/core/chmu.h"
#include "hw/cxl/core/poison.h"
#include "hw/cxl/core/scrub.h"
#include "hw/cxl/core/security.h"
#include "hw/cxl/core/timestamp.h"

typedef struct CxlMemdev {
    const CxlHostOps *ops;
    void *ops_opaque;
    const CxlMediaOps *store;
    void *store_opaque;
    CxlDecode *decode;   /* of the endpoint; NULL: it is not part of one */
    CxlMemdevConfig cfg; /* with defaults filled in; constant */

    CxlCci cci;          /* the primary mailbox's */
    CxlCci fm_cci;       /* the FM-owned logical device's */
    CxlCci ld_cci;       /* the logical device's, tunnelled to */
    CxlMailbox mailbox;
    CxlTimestamp clock;
    CxlMedia media;
    CxlEvents events;
    CxlEvents fm_events; /* for the fabric manager, read by its own interface */
    CxlPoisonMap poison;
    CxlHealth health;
    CxlSecurity security;
    CxlLogs logs;
    CxlDcPool dc_pool;   /* the device's own; its only host: */
    CxlDcView dc_view;
    CxlFw fw;
    CxlFeatures features;
    CxlMaintenance maintenance;
    CxlScrub scrub;
    bool poison_next;    /* the next response to a read will be poisoned */
    CxlChmu chmu;        /* not there if cfg.chmu_msgnum is 0 */
    CxlPmu pmu;          /* not there if cfg.pmu_msgnum is 0 */
} CxlMemdev;

static inline int64_t cxl_memdev_now(const CxlMemdev *dev)
{
    return dev->ops->now_ns(dev->ops_opaque);
}

static inline uint64_t cxl_memdev_stamp(const CxlMemdev *dev)
{
    return cxl_timestamp_get(&dev->clock, cxl_memdev_now(dev));
}

static inline void cxl_memdev_trace(const CxlMemdev *dev, CxlTraceStep step,
                                    uint64_t a, uint64_t b, uint64_t c)
{
    dev->ops->trace(dev->ops_opaque, step, a, b, c);
}

/* Static and dynamic capacity end here: no DPA at or above it. */
uint64_t cxl_memdev_dpa_end(const CxlMemdev *dev);
/* The range is not empty, and all of it is capacity, backed or not. */
bool cxl_memdev_contains(const CxlMemdev *dev, uint64_t dpa, uint64_t len);
/* Static capacity, then each dynamic region; returns how many. */
unsigned cxl_memdev_ranges(const CxlMemdev *dev,
                           CxlBgRange ranges[1 + CXL_MEMDEV_DC_REGIONS]);

/* Has the operation ranges, all of them capacity in whole lines? */
bool cxl_memdev_ranges_fit(const CxlMemdev *dev, const CxlBackground *bg);

/* Set or clear "media disabled"; mappings follow. */
void cxl_memdev_set_media_state(CxlMemdev *dev, CxlMediaState state);
/* After a change of the security state by a command: mappings follow. */
void cxl_memdev_security_changed(CxlMemdev *dev, uint32_t old_state);

/* The endpoint learns where capacity lies. */
void cxl_memdev_tell_memory(CxlMemdev *dev);

/* Arms the timer for whatever is due first. */
void cxl_memdev_rearm(CxlMemdev *dev);
/* Every room as after creation; no callback runs. */
void cxl_memdev_rooms_renew(CxlMemdev *dev);
/* The scrub feature has new settings: the patrol follows them. */
void cxl_memdev_scrub_changed(CxlMemdev *dev);

/*
 * cxl_memdev_new() with the rows of its interfaces: they are a floor above,
 * see cci/profiles.c.
 */
typedef struct CxlMemdevProfiles {
    const CxlProfile *mailbox, *fm_owned, *ld;
} CxlMemdevProfiles;

CxlMemdev *cxl_memdev_create(const CxlMemdevConfig *config,
                             const CxlMemdevProfiles *profiles,
                             const CxlWorld *world, char **problem);

#endif /* HW_CXL_CORE_MEMDEV_H */
