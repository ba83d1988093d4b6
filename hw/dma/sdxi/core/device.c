/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One function put together: creation, reset, registers, doorbells, query.
 * The contract is in sdxi.h; configuration is in config.c, the worker's entry
 * in run.c, saving in save.c.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/config.h"
#include "hw/dma/sdxi/core/device.h"
#include "hw/dma/sdxi/core/image.h"

/* --- state -------------------------------------------------------------- */

void sdxi_device_withdraw(SdxiDevice *dev)
{
    /* Whoever sees this sees what was changed before. */
    qatomic_store_release(&dev->peer.withdrawn, dev->peer.withdrawn + 1);
    dev->host.ops->settle(dev->host.opaque);
}

void sdxi_device_show_gsv(SdxiDevice *dev, SdxiGsv gsv)
{
    bool was_active = dev->peer.active;

    /* Software sees the new state when nobody acts on the old one any more. */
    qatomic_set(&dev->peer.active, gsv == SDXI_GSV_ACTIVE);
    if (was_active && gsv != SDXI_GSV_ACTIVE) {
        sdxi_device_withdraw(dev);
    }
    sdxi_regs_set(&dev->regs, SDXI_MMIO_STS0,
                  FIELD_DP64(0, SDXI_STS0, GSV, gsv));
    dev->winding_down = false;
}

void sdxi_device_set_gsv(SdxiDevice *dev, SdxiGsv gsv)
{
    SdxiGsv old = sdxi_device_gsv(dev);

    if (gsv == old) {
        return;
    }
    sdxi_device_show_gsv(dev, gsv);
    sdxi_host_trace(&dev->host, SDXI_TRACE_STATE, old, gsv, 0);
}

void sdxi_device_drop(SdxiDevice *dev)
{
    assert(!dev->leases);
    sdxi_sched_reset(&dev->sched);
    sdxi_context_remove_all(&dev->contexts);
    sdxi_ring_drop(&dev->own.ring);
    sdxi_spans_drop(&dev->own.spans);
    dev->winding_down = false;
}

void sdxi_device_latch(SdxiDevice *dev, uint64_t ctl0, uint64_t l2)
{
    uint64_t ctl2 = sdxi_regs_get(&dev->regs, SDXI_MMIO_CTL2);
    uint64_t cap1 = sdxi_regs_get(&dev->regs, SDXI_MMIO_CAP1);
    unsigned akeys = MIN(FIELD_EX64(ctl2, SDXI_CTL2, MAX_AKEY_SZ),
                         FIELD_EX64(cap1, SDXI_CAP1, MAX_AKEY_SZ));

    dev->active = (SdxiActive) {
        .walk = {
            .space = {
                .pasid_valid = FIELD_EX64(ctl0, SDXI_CTL0, PASID_VL),
                .pasid = FIELD_EX64(ctl0, SDXI_CTL0, PASID_VL)
                         ? FIELD_EX64(ctl0, SDXI_CTL0, PASID) : 0,
            },
            .l2 = l2,
            .max_ring = dev->config.max_ring,
            .max_akeys = SDXI_KEYS_MIN << akeys,
        },
        .groups = sdxi_regs_groups(&dev->regs),
        .top_context = sdxi_regs_top_context(&dev->regs),
        .max_buffer = MIN(FIELD_EX64(ctl2, SDXI_CTL2, MAX_BUFFER),
                          FIELD_EX64(cap1, SDXI_CAP1, MAX_BUFFER)),
    };
    qatomic_set(&dev->peer.ctl0, ctl0);
}

void sdxi_device_show_limits(SdxiDevice *dev)
{
    qatomic_set(&dev->peer.top_context, sdxi_regs_top_context(&dev->regs));
    qatomic_set(&dev->peer.rkey, sdxi_regs_get(&dev->regs, SDXI_MMIO_RKEY));
    sdxi_device_withdraw(dev);
}

/* --- register events ---------------------------------------------------- */

static void on_request(void *owner, SdxiRequest request)
{
    SdxiDevice *dev = owner;
    SdxiGsv state = sdxi_device_gsv(dev);
    SdxiTransition t = sdxi_function_next(state, request);

    sdxi_host_trace(&dev->host, SDXI_TRACE_REQUEST, state, request, t.next);
    if (t.drop) {
        sdxi_device_drop(dev);
    }
    if (t.next == state) {
        return;
    }
    if (t.next == SDXI_GSV_INIT) {
        sdxi_device_latch(dev, sdxi_regs_get(&dev->regs, SDXI_MMIO_CTL0),
                          sdxi_regs_get(&dev->regs, SDXI_MMIO_CXT_L2));
    }
    sdxi_device_set_gsv(dev, t.next);
    dev->host.ops->kick(dev->host.opaque);
}

static void on_limits(void *owner)
{
    sdxi_device_show_limits(owner);
}

static void on_ignored(void *owner, uint32_t offset, uint64_t bits)
{
    SdxiDevice *dev = owner;

    sdxi_host_trace(&dev->host, SDXI_TRACE_IGNORED, offset, bits, 0);
}

static const SdxiRegsEvents events = {
    .request = on_request,
    .limits = on_limits,
    .ignored = on_ignored,
};

/* --- creation ----------------------------------------------------------- */

SdxiDevice *sdxi_device_new(const SdxiConfig *config,
                            const SdxiProfile *profile,
                            const SdxiHostOps *ops, void *opaque)
{
    SdxiDevice *dev = g_new0(SdxiDevice, 1);
    SdxiConfigError err;
    SdxiRegsCaps caps;

    assert(sdxi_config_check(config, profile, &err));
    dev->config = *config;
    dev->profile = profile;
    dev->host = (SdxiHost) {
        .ops = ops, .opaque = opaque, .spans = &dev->own.spans,
    };
    dev->own.dev = dev;
    dev->own.host = dev->host;
    dev->peer.host = opaque;
    dev->peer.vf_req = &dev->vf_req;
    dev->peer.sfunc = config->sfunc;
    dev->peer.max_rkeys = config->rkeys;
    dev->peer.rkey_pages = config->rkey_pages;
    caps.cap0 = sdxi_config_cap0(config);
    caps.cap1 = sdxi_config_cap1(config);
    sdxi_sched_init(&dev->sched, config->contexts);
    sdxi_regs_init(&dev->regs, &caps, &events, dev);
    sdxi_device_show_limits(dev);
    return dev;
}

void sdxi_device_free(SdxiDevice *dev)
{
    sdxi_device_drop(dev);
    sdxi_sched_destroy(&dev->sched);
    sdxi_spans_free(&dev->own.spans);
    g_free(dev->own.scratch);
    g_free(dev);
}

const SdxiConfig *sdxi_device_config(const SdxiDevice *dev)
{
    return &dev->config;
}

const SdxiPeer *sdxi_device_peer(const SdxiDevice *dev)
{
    return &dev->peer;
}

void sdxi_device_clear(SdxiDevice *dev)
{
    sdxi_device_drop(dev);
    sdxi_device_show_gsv(dev, SDXI_GSV_STOP);
    sdxi_regs_reset(&dev->regs);
    sdxi_device_show_limits(dev);
    memset(&dev->active, 0, sizeof(dev->active));
    qatomic_set(&dev->peer.ctl0, 0);
    dev->deadline = 0;
}

void sdxi_device_reset(SdxiDevice *dev)
{
    sdxi_host_trace(&dev->host, SDXI_TRACE_RESET, 0, 0, 0);
    sdxi_device_clear(dev);
    if (qatomic_load_acquire(&dev->vf_req.state) == SDXI_VF_REQ_ASKED) {
        /* It is answered in the next run. */
        dev->vf_req.begun = false;
        dev->host.ops->kick(dev->host.opaque);
    }
}

/* --- accesses ----------------------------------------------------------- */

uint64_t sdxi_device_read(SdxiDevice *dev, uint64_t addr, unsigned size)
{
    return sdxi_regs_read(&dev->regs, addr, size);
}

void sdxi_device_write(SdxiDevice *dev, uint64_t addr, uint64_t value,
                       unsigned size)
{
    sdxi_regs_write(&dev->regs, addr, value, size);
}

void sdxi_device_image(const SdxiDevice *dev, SdxiImage *image)
{
    sdxi_image_take(image, &dev->regs);
}

void sdxi_device_doorbell(SdxiDevice *dev, uint64_t addr, uint64_t value,
                          unsigned size G_GNUC_UNUSED)
{
    uint64_t number = addr / dev->config.doorbell_stride;

    if (addr % dev->config.doorbell_stride >= sizeof(uint64_t)) {
        return;
    }
    if (number > qatomic_read(&dev->peer.top_context) ||
        !qatomic_read(&dev->peer.active)) {
        sdxi_host_trace(&dev->host, SDXI_TRACE_DOORBELL_BAD, addr, value, 0);
        return;
    }
    sdxi_host_trace(&dev->host, SDXI_TRACE_DOORBELL, number, value, 0);
    if (sdxi_sched_ring(&dev->sched, number)) {
        dev->host.ops->kick(dev->host.opaque);
    }
}

/* --- introspection ------------------------------------------------------ */

void sdxi_device_count(SdxiPipe *pipe)
{
    SdxiCounters *sum = &pipe->dev->counters, *add = &pipe->counters;

    sum->descriptors += add->descriptors;
    sum->failed += add->failed;
    sum->bytes += add->bytes;
    sum->remote_bytes += add->remote_bytes;
    sum->peer_bytes += add->peer_bytes;
    sum->interrupts += add->interrupts;
    memset(add, 0, sizeof(*add));
    if (pipe->host.spans->atc) {
        sum->translations += pipe->host.spans->atc->inserted;
        pipe->host.spans->atc->inserted = 0;
    }
}

void sdxi_device_ask_peers(SdxiPipe *pipe, const SdxiSpace *src_space,
                           uint64_t src, const SdxiSpace *dst_space,
                           uint64_t dst, uint64_t bytes)
{
    const SdxiHost *host = &pipe->host;
    uint64_t from = 0, to;

    if (src_space) {
        from = host->ops->peer_bytes(host->opaque, src_space, src, bytes,
                                     false);
    }
    to = host->ops->peer_bytes(host->opaque, dst_space, dst, bytes, true);
    pipe->counters.peer_bytes += MAX(from, to);
}

void sdxi_device_query(const SdxiDevice *dev, SdxiInfo *info)
{
    *info = (SdxiInfo) {
        .gsv = sdxi_device_gsv(dev),
        .running = dev->contexts.used,
        .ready = dev->sched.ready.length + sdxi_sched_parked(&dev->sched),
        .counters = dev->counters,
    };
}

void sdxi_device_each_context(const SdxiDevice *dev, SdxiContextFn *fn,
                              void *opaque)
{
    const SdxiContext *cxt = sdxi_context_from(&dev->contexts, 0);

    for (; cxt; cxt = sdxi_context_from(&dev->contexts, cxt->number + 1)) {
        SdxiContextInfo info = {
            .number = cxt->number,
            .state = cxt->stopping ? SDXI_CXT_STOPG_SW : SDXI_CXT_RUN,
            .qos = cxt->geo.qos,
            .ready = cxt->queue != SDXI_QUEUE_NONE,
            .in_flight = sdxi_context_in_flight(cxt),
            .ring_entries = cxt->geo.ring_entries,
            .read_index = cxt->read_index,
            .write_index_at = cxt->geo.write_index,
            .pasid_valid = cxt->geo.space.pasid_valid,
            .descriptors = cxt->descriptors,
            .bytes = cxt->bytes,
        };

        if (dev->winding_down) {
            info.state = SDXI_CXT_STOPG_FN;
        }
        fn(opaque, &info);
    }
}

void sdxi_device_each_error(const SdxiDevice *dev, SdxiErrorFn *fn,
                            void *opaque)
{
    sdxi_history_each(&dev->history, fn, opaque);
}

void sdxi_device_each_stop(const SdxiDevice *dev, SdxiErrorFn *fn,
                           void *opaque)
{
    sdxi_history_each_stop(&dev->history, fn, opaque);
}

const char *sdxi_device_check(const SdxiDevice *dev)
{
    SdxiGsv gsv = sdxi_device_gsv(dev);
    const char *fault = sdxi_context_check(&dev->contexts);

    if (!fault) {
        fault = sdxi_sched_check(&dev->sched);
    }
    if (fault) {
        return fault;
    }
    if (gsv >= SDXI_GSV_STATES) {
        return "the function state does not exist";
    }
    if ((gsv == SDXI_GSV_STOP || gsv == SDXI_GSV_INIT) &&
        dev->contexts.used) {
        return "contexts run in a function that does not";
    }
    if (dev->peer.active != (gsv == SDXI_GSV_ACTIVE)) {
        return "peers are not shown the state";
    }
    if (dev->winding_down && !sdxi_function_winds_down(gsv)) {
        return "winding down in a state that does not";
    }
    return NULL;
}
