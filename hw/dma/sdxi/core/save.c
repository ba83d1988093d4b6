/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The saved state of a function: which rooms have a section, what their state
 * as a whole has to be, and what follows from it.
 *
 * What is in a section is the business of its room, beside the room's check.
 * Counters and remembered errors are not saved.
 */
#include "qemu/osdep.h"
#include "hw/common/save.h"
#include "hw/dma/sdxi/core/engine.h"
#include "hw/dma/sdxi/core/save.h"

/* Whoever adds to these decides whether it must be saved. */
QEMU_BUILD_BUG_ON(sizeof(SdxiActive) != 64);

static int64_t now_ns(const SdxiDevice *dev)
{
    return dev->host.ops->now_ns(dev->host.opaque);
}

/* --- registers ----------------------------------------------------------- */

static void save_regs(const void *device, SaveWriter *w)
{
    const SdxiDevice *dev = device;

    sdxi_regs_save(&dev->regs, w);
}

static void load_regs(void *device, SaveReader *r)
{
    SdxiDevice *dev = device;

    sdxi_regs_load(&dev->regs, r);
}

/* --- the function -------------------------------------------------------- */

static void save_function(const void *device, SaveWriter *w)
{
    const SdxiDevice *dev = device;

    save_put(w, sdxi_device_gsv(dev));
    save_put(w, dev->peer.ctl0);
    save_put(w, dev->active.walk.l2);
    save_put(w, dev->winding_down ? MAX(dev->deadline - now_ns(dev), 0)
                                  : SDXI_SOFT_STOP_NS);
}

static void load_function(void *device, SaveReader *r)
{
    SdxiDevice *dev = device;
    uint64_t gsv = save_get(r), ctl0 = save_get(r), l2 = save_get(r);
    uint64_t left = save_get(r);

    if (gsv >= SDXI_GSV_STATES) {
        save_refuse_number(r, "state", gsv);
    } else if (l2 & ~R_SDXI_CXT_L2_PTR_MASK) {
        save_refuse_number(r, "L2 table", l2);
    } else if (left > SDXI_SOFT_STOP_NS) {
        save_refuse_number(r, "time left", left);
    } else if (save_good(r)) {
        sdxi_device_latch(dev, ctl0, l2);
        sdxi_device_show_gsv(dev, gsv);
        dev->deadline = left;       /* until all else is known to be good */
    }
}

/* --- contexts and who has work ------------------------------------------- */

static void save_contexts(const void *device, SaveWriter *w)
{
    const SdxiDevice *dev = device;

    sdxi_context_save(&dev->contexts, now_ns(dev), w);
}

static void load_contexts(void *device, SaveReader *r)
{
    SdxiDevice *dev = device;
    SdxiContextLimits limits = {
        .contexts = dev->config.contexts,
        .max_ring = dev->config.max_ring,
        .max_akeys = dev->config.akeys,
        .max_time_left = SDXI_SOFT_STOP_NS,
    };

    sdxi_context_load(&dev->contexts, &limits, now_ns(dev), r);
}

static void save_sched(const void *device, SaveWriter *w)
{
    const SdxiDevice *dev = device;

    sdxi_sched_save(&dev->sched, w);
}

static void load_sched(void *device, SaveReader *r)
{
    SdxiDevice *dev = device;

    sdxi_sched_load(&dev->sched, &dev->contexts, r);
}

/* In the order in which they are loaded: each may rely on those before. */
static const SaveRoom rooms[] = {
    { .name = "regs", .version = 1, .save = save_regs, .load = load_regs },
    { .name = "function", .version = 1, .save = save_function,
      .load = load_function },
    { .name = "contexts", .version = 1, .save = save_contexts,
      .load = load_contexts },
    { .name = "sched", .version = 1, .save = save_sched,
      .load = load_sched },
};

#define KIND "sdxi"

/* --- the whole ----------------------------------------------------------- */

void sdxi_device_save(const SdxiDevice *dev, GByteArray *out)
{
    assert(!dev->leases);
    save_rooms(KIND, rooms, ARRAY_SIZE(rooms), dev, out);
}

size_t sdxi_device_save_max(const SdxiConfig *config)
{
    /* Registers, function, counts; who has work and whose doorbell rang */
    return (1 + ARRAY_SIZE(rooms)) * SAVE_HEADER + 32 * 8 +
           config->contexts * (size_t)(SDXI_CONTEXT_SAVED_MAX + 2 * 8);
}

/* All of it has been judged: go on from here. */
static void resume(SdxiDevice *dev)
{
    int64_t left = dev->deadline;

    dev->deadline = 0;
    /* Of another time; who still wants it asks again. */
    qatomic_set(&dev->vf_req.state, SDXI_VF_REQ_NONE);
    sdxi_device_show_limits(dev);
    if (sdxi_function_winds_down(sdxi_device_gsv(dev))) {
        sdxi_engine_wind_down(dev, left);
    }
    dev->host.ops->kick(dev->host.opaque);
}

static bool judge(SdxiDevice *dev, bool loaded, char **problem)
{
    const char *fault = loaded ? sdxi_device_check(dev) : NULL;

    if (fault) {
        *problem = g_strdup_printf("stream '" KIND "': %s", fault);
    }
    if (fault || !loaded) {
        sdxi_device_reset(dev);
        return false;
    }
    resume(dev);
    return true;
}

bool sdxi_device_load(SdxiDevice *dev, const uint8_t *bytes, size_t len,
                      char **problem)
{
    sdxi_device_clear(dev);
    return judge(dev, save_load_rooms(KIND, rooms, ARRAY_SIZE(rooms), dev,
                                      bytes, len, problem), problem);
}

bool sdxi_save_load_untagged(SdxiDevice *dev, const uint8_t *bytes,
                             size_t len, char **problem)
{
    sdxi_device_clear(dev);
    return judge(dev, save_load_untagged(rooms, ARRAY_SIZE(rooms), dev, bytes,
                                         len, problem), problem);
}
