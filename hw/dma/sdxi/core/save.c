/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function to plain numbers and back.  The numbers are described in sdxi.h;
 * how they travel is the glue's business.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/engine.h"

/* Whoever adds to these decides whether it must be saved. */
QEMU_BUILD_BUG_ON(sizeof(SdxiGeometry) != 64);
QEMU_BUILD_BUG_ON(sizeof(SdxiContext) != 216);

enum {
    SAVED_STOPPING_HARD = BIT(0),
    SAVED_STALE = BIT(1),
    SAVED_ER = BIT(2),
    SAVED_HAS_BUFFER = BIT(3),
    SAVED_READY = BIT(4),
    SAVED_FLAGS = BIT(5) - 1,
};

/* Register images that travel as they are. */
typedef struct SavedReg {
    uint32_t offset;
    size_t field;
} SavedReg;

static const SavedReg saved_regs[] = {
    { SDXI_MMIO_CTL0, offsetof(SdxiSaved, ctl0) },
    { SDXI_MMIO_CTL2, offsetof(SdxiSaved, ctl2) },
    { SDXI_MMIO_CXT_L2, offsetof(SdxiSaved, cxt_l2) },
    { SDXI_MMIO_RKEY, offsetof(SdxiSaved, rkey) },
    { SDXI_MMIO_ERR_CTL, offsetof(SdxiSaved, err_ctl) },
    { SDXI_MMIO_ERR_STS, offsetof(SdxiSaved, err_sts) },
    { SDXI_MMIO_ERR_CFG, offsetof(SdxiSaved, err_cfg) },
    { SDXI_MMIO_ERR_WRT, offsetof(SdxiSaved, err_wrt) },
    { SDXI_MMIO_ERR_RD, offsetof(SdxiSaved, err_rd) },
};

static uint64_t *saved_field(const SdxiSaved *saved, const SavedReg *reg)
{
    return (uint64_t *)((char *)saved + reg->field);
}

static uint64_t time_left(const SdxiDevice *dev, int64_t deadline)
{
    int64_t left = deadline - dev->host.ops->now_ns(dev->host.opaque);

    return MAX(left, 0);
}

static void save_context(const SdxiDevice *dev, const SdxiContext *cxt,
                         SdxiSavedContext *s)
{
    *s = (SdxiSavedContext) {
        .ring = cxt->geo.ring,
        .sts = cxt->geo.sts,
        .write_index = cxt->geo.write_index,
        .akeys = cxt->geo.akeys,
        .read_index = cxt->read_index,
        .progress = cxt->progress,
        .carry = cxt->carry,
        .deadline_left = cxt->stopping ? time_left(dev, cxt->deadline) : 0,
        .ring_entries = cxt->geo.ring_entries,
        .akey_entries = cxt->geo.akey_entries,
        .pasid = cxt->geo.space.pasid,
        .groups = cxt->geo.groups,
        .number = cxt->number,
        .pasid_valid = cxt->geo.space.pasid_valid,
        .max_buffer = cxt->geo.max_buffer,
        .qos = cxt->geo.qos,
        .state = cxt->stopping ? SDXI_CXT_STOPG_SW : SDXI_CXT_RUN,
        .phase = cxt->phase,
        .flags = (cxt->stopping_hard ? SAVED_STOPPING_HARD : 0) |
                 (cxt->stale ? SAVED_STALE : 0) |
                 (cxt->er ? SAVED_ER : 0) |
                 (cxt->fault.has_buffer ? SAVED_HAS_BUFFER : 0) |
                 (cxt->queue != SDXI_QUEUE_NONE ? SAVED_READY : 0),
        .fault = {
            cxt->fault.step, cxt->fault.sub, cxt->fault.reaction,
            cxt->fault.buffer,
        },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(cxt->dsc.q); i++) {
        stq_le_p(s->dsc + 8 * i, cxt->dsc.q[i]);
    }
}

static void save_doorbells(const SdxiDevice *dev, SdxiSaved *saved)
{
    GArray *rung = g_array_new(false, false, sizeof(uint16_t));

    for (unsigned n = 0; n < dev->config.contexts; n++) {
        if (sdxi_sched_is_rung(&dev->sched, n)) {
            uint16_t number = n;

            g_array_append_val(rung, number);
        }
    }
    saved->num_doorbells = rung->len;
    saved->doorbells = (uint16_t *)g_array_free(rung, false);
}

void sdxi_device_save(SdxiDevice *dev, SdxiSaved *saved)
{
    const SdxiContext *cxt = sdxi_context_from(&dev->contexts, 0);
    unsigned n = 0;

    *saved = (SdxiSaved) {
        .cap0 = sdxi_regs_get(&dev->regs, SDXI_MMIO_CAP0),
        .cap1 = sdxi_regs_get(&dev->regs, SDXI_MMIO_CAP1),
        .version = sdxi_regs_get(&dev->regs, SDXI_MMIO_VERSION),
        .active_ctl0 = dev->face.ctl0,
        .active_l2 = dev->active.walk.l2,
        .deadline_left = dev->winding_down ? time_left(dev, dev->deadline)
                                           : SDXI_SOFT_STOP_NS,
        .gsv = sdxi_device_gsv(dev),
        .num_contexts = dev->contexts.used,
        .contexts = g_new0(SdxiSavedContext, dev->contexts.used),
    };
    for (unsigned i = 0; i < ARRAY_SIZE(saved_regs); i++) {
        *saved_field(saved, &saved_regs[i]) =
            sdxi_regs_get(&dev->regs, saved_regs[i].offset);
    }
    for (; cxt; cxt = sdxi_context_from(&dev->contexts, cxt->number + 1)) {
        save_context(dev, cxt, &saved->contexts[n++]);
    }
    save_doorbells(dev, saved);
}

void sdxi_saved_clear(SdxiSaved *saved)
{
    g_clear_pointer(&saved->contexts, g_free);
    g_clear_pointer(&saved->doorbells, g_free);
    saved->num_contexts = saved->num_doorbells = 0;
}

/* --- and back ----------------------------------------------------------- */

static bool refuse(SdxiConfigError *err, const char *what, uint64_t value,
                   const char *accepted)
{
    *err = (SdxiConfigError) {
        .property = what, .value = value, .accepted = accepted,
    };
    return false;
}

static bool check_caps(const SdxiDevice *dev, const SdxiSaved *saved,
                       SdxiConfigError *err)
{
    static const char same[] = "the same properties on both sides";

    if (saved->version != sdxi_regs_get(&dev->regs, SDXI_MMIO_VERSION)) {
        return refuse(err, "version", saved->version, same);
    }
    if (saved->cap0 != sdxi_regs_get(&dev->regs, SDXI_MMIO_CAP0)) {
        return refuse(err, "cap0", saved->cap0, same);
    }
    if (saved->cap1 != sdxi_regs_get(&dev->regs, SDXI_MMIO_CAP1)) {
        return refuse(err, "cap1", saved->cap1, same);
    }
    return true;
}

/* The stream may come from anybody: nothing in it is believed. */
static bool context_plausible(const SdxiDevice *dev,
                              const SdxiSavedContext *s)
{
    return s->number < dev->config.contexts &&
           s->phase <= SDXI_PHASE_RETIRE && !(s->flags & ~SAVED_FLAGS) &&
           (s->state == SDXI_CXT_STOPG_SW ||
            (s->state == SDXI_CXT_RUN &&
             !(s->flags & SAVED_STOPPING_HARD))) &&
           s->qos < 4 && s->max_buffer < 16 && s->pasid < (1 << 20) &&
           s->pasid_valid <= 1 &&
           s->ring_entries >= SDXI_RING_MIN &&
           s->ring_entries <= dev->config.max_ring &&
           s->akey_entries <= dev->config.akeys &&
           !(s->ring % SDXI_DSC_BYTES) &&
           !(s->sts % SDXI_CXT_STS_BYTES) && !(s->write_index % 8) &&
           !sdxi_host_wraps(s->ring, s->ring_entries * UINT64_C(64)) &&
           s->fault[0] <= SDXI_STEP_FN_RKEY &&
           s->fault[1] <= SDXI_SUB_VALIDATION &&
           s->fault[2] <= SDXI_RE_FUNCTION && s->fault[3] < 8 &&
           s->deadline_left <= SDXI_SOFT_STOP_NS;
}

static bool check_contexts(const SdxiDevice *dev, const SdxiSaved *saved,
                           SdxiConfigError *err)
{
    bool may_run = saved->gsv != SDXI_GSV_STOP &&
                   saved->gsv != SDXI_GSV_INIT;

    if (saved->gsv >= SDXI_GSV_STATES) {
        return refuse(err, "gsv", saved->gsv, "0..5");
    }
    if (saved->num_contexts > (may_run ? dev->config.contexts : 0)) {
        return refuse(err, "number of contexts", saved->num_contexts,
                      "no more than exist");
    }
    if (saved->deadline_left > SDXI_SOFT_STOP_NS) {
        return refuse(err, "time left", saved->deadline_left,
                      "no more than a stop may take");
    }
    for (unsigned i = 0; i < saved->num_contexts; i++) {
        const SdxiSavedContext *s = &saved->contexts[i];

        if (!context_plausible(dev, s) ||
            (i && s->number <= s[-1].number)) {
            return refuse(err, "context", s->number, "a possible state");
        }
    }
    for (unsigned i = 0; i < saved->num_doorbells; i++) {
        if (saved->doorbells[i] >= dev->config.contexts) {
            return refuse(err, "doorbell", saved->doorbells[i],
                          "a context that exists");
        }
    }
    return true;
}

static void load_context(SdxiDevice *dev, const SdxiSavedContext *s)
{
    SdxiContext *cxt = sdxi_context_add(&dev->contexts, s->number);
    int64_t now = dev->host.ops->now_ns(dev->host.opaque);

    cxt->geo = (SdxiGeometry) {
        .ring = s->ring,
        .sts = s->sts,
        .write_index = s->write_index,
        .akeys = s->akeys,
        .ring_entries = s->ring_entries,
        .akey_entries = s->akey_entries,
        .groups = s->groups,
        .max_buffer = s->max_buffer,
        .qos = s->qos,
        .space = { .pasid = s->pasid, .pasid_valid = s->pasid_valid },
    };
    cxt->read_index = s->read_index;
    cxt->progress = s->progress;
    cxt->carry = s->carry;
    cxt->deadline = now + s->deadline_left;
    cxt->phase = s->phase;
    cxt->stopping = s->state == SDXI_CXT_STOPG_SW;
    cxt->stopping_hard = s->flags & SAVED_STOPPING_HARD;
    cxt->stale = s->flags & SAVED_STALE;
    cxt->er = s->flags & SAVED_ER;
    cxt->fault = (SdxiFault) {
        .step = s->fault[0], .sub = s->fault[1], .reaction = s->fault[2],
        .buffer = s->fault[3], .has_buffer = s->flags & SAVED_HAS_BUFFER,
    };
    for (unsigned i = 0; i < ARRAY_SIZE(cxt->dsc.q); i++) {
        cxt->dsc.q[i] = ldq_le_p(s->dsc + 8 * i);
    }
    if ((s->flags & SAVED_READY) || cxt->stopping ||
        sdxi_context_in_flight(cxt)) {
        sdxi_sched_ready(&dev->sched, cxt);
    }
}

bool sdxi_device_load(SdxiDevice *dev, const SdxiSaved *saved,
                      SdxiConfigError *err)
{
    if (!check_caps(dev, saved, err) || !check_contexts(dev, saved, err)) {
        return false;
    }
    sdxi_device_reset(dev);
    /* Of another time; who still wants it asks again. */
    qatomic_set(&dev->errand.state, SDXI_ERRAND_NONE);
    for (unsigned i = 0; i < ARRAY_SIZE(saved_regs); i++) {
        sdxi_regs_load(&dev->regs, saved_regs[i].offset,
                       *saved_field(saved, &saved_regs[i]));
    }
    sdxi_device_latch(dev, saved->active_ctl0,
                      saved->active_l2 & R_SDXI_CXT_L2_PTR_MASK);
    sdxi_device_show_limits(dev);
    sdxi_device_set_gsv(dev, saved->gsv);
    for (unsigned i = 0; i < saved->num_contexts; i++) {
        load_context(dev, &saved->contexts[i]);
    }
    for (unsigned i = 0; i < saved->num_doorbells; i++) {
        sdxi_sched_ring(&dev->sched, saved->doorbells[i]);
    }
    if (sdxi_function_winds_down(saved->gsv)) {
        sdxi_engine_wind_down(dev, saved->deadline_left);
    }
    dev->host.ops->kick(dev->host.opaque);
    return true;
}
