/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fills the core's HostOps with QEMU: guest memory by address space, clock,
 * peers, trace.  How memory is reached is in dma.c, how messages are sent in
 * out.c, who runs the core in worker.c.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "hw/pci/pci.h"
#include "hw/dma/sdxi/core/steps.h"
#include "hw/dma/sdxi/access.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/dma.h"
#include "hw/dma/sdxi/functions.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "hw/dma/sdxi/out.h"
#include "trace.h"

/* ---- memory ---- */

/* One that is gone itself knows nothing about others any more. */
static SdxiPci *sdxi_host_target(SdxiPci *s, const SdxiSpace *space)
{
    if (!space->target || sdxi_gate_gone(&s->gate)) {
        return s;
    }
    return ((SdxiCaller *)space->target->host)->s;
}

static SdxiDma sdxi_host_dma(SdxiCaller *caller, const SdxiSpace *space)
{
    SdxiPci *target = sdxi_host_target(caller->s, space);

    return (SdxiDma) {
        .as = pci_get_address_space(PCI_DEVICE(target)),
        .runner = &caller->s->gate,
        .target = &target->gate,
        .worker = &caller->s->worker,
        .spans = &caller->spans,
        .translated = qatomic_read(&target->shown.translated),
        .process = space->pasid_valid ? &target->pasid : NULL,
        .space = *space,
    };
}

/* Tell a refusal of the I/O MMU from a refusal of what lies behind it. */
static SdxiMemResult sdxi_host_result(SdxiCaller *caller,
                                      const SdxiSpace *space, uint64_t addr,
                                      bool write, SdxiMemResult res)
{
    SdxiPci *target;
    SdxiDma d;

    if (res != SDXI_MEM_ACCESS || space->pasid_valid) {
        return res;
    }
    target = sdxi_host_target(caller->s, space);
    d = sdxi_host_dma(caller, space);
    return qatomic_read(&target->shown.master) &&
           sdxi_dma_untranslated(&d, addr, write) ? SDXI_MEM_TRANSLATION
                                                  : SDXI_MEM_ACCESS;
}

/*
 * What goes out by UIO and is aborted on the way, or dropped, comes to nothing.
 * What another function, or a translation, reaches takes another way.
 */
static bool sdxi_host_refused(SdxiCaller *caller, const SdxiSpace *space,
                              uint64_t addr, uint64_t len)
{
    if (space->target || space->pasid_valid ||
        !sdxi_peer_ranges_bytes(&caller->refused, addr, len)) {
        return false;
    }
    qatomic_inc(&caller->s->uio_refused);
    trace_sdxi_uio_refused(caller->s->sfunc, addr, len);
    return true;
}

static SdxiMemResult sdxi_host_read(void *opaque, const SdxiSpace *space,
                                    uint64_t addr, void *buf, uint32_t len)
{
    SdxiCaller *caller = opaque;
    SdxiDma d = sdxi_host_dma(caller, space);

    if (sdxi_host_refused(caller, space, addr, len)) {
        return SDXI_MEM_ACCESS;
    }
    return sdxi_host_result(caller, space, addr, false,
                            sdxi_dma_read(&d, addr, buf, len));
}

static SdxiMemResult sdxi_host_write(void *opaque, const SdxiSpace *space,
                                     uint64_t addr, const void *buf,
                                     uint32_t len)
{
    SdxiCaller *caller = opaque;
    SdxiDma d = sdxi_host_dma(caller, space);

    if (sdxi_host_refused(caller, space, addr, len)) {
        return SDXI_MEM_ACCESS;
    }
    return sdxi_host_result(caller, space, addr, true,
                            sdxi_dma_write(&d, addr, buf, len));
}

static SdxiMemResult sdxi_host_cmpxchg(void *opaque, const SdxiSpace *space,
                                       uint64_t addr, unsigned size,
                                       uint64_t expected, uint64_t desired,
                                       uint64_t *seen)
{
    SdxiCaller *caller = opaque;
    SdxiDma d = sdxi_host_dma(caller, space);

    *seen = expected;
    if (sdxi_host_refused(caller, space, addr, size)) {
        return SDXI_MEM_ACCESS;
    }
    return sdxi_host_result(caller, space, addr, true,
                            sdxi_dma_cmpxchg(&d, addr, size, seen, desired));
}

static SdxiMemResult sdxi_host_decrement(void *opaque, const SdxiSpace *space,
                                         uint64_t addr)
{
    SdxiCaller *caller = opaque;
    SdxiDma d = sdxi_host_dma(caller, space);

    if (sdxi_host_refused(caller, space, addr, 8)) {
        return SDXI_MEM_ACCESS;
    }
    return sdxi_host_result(caller, space, addr, true,
                            sdxi_dma_decrement(&d, addr));
}

static SdxiCopyEnd sdxi_host_copy(void *opaque, const SdxiSpace *src_space,
                                  uint64_t src, const SdxiSpace *dst_space,
                                  uint64_t dst, uint32_t len)
{
    SdxiCaller *caller = opaque;
    SdxiDma from = sdxi_host_dma(caller, src_space);
    SdxiDma to = sdxi_host_dma(caller, dst_space);
    SdxiDmaCopy c = {
        .src = &from, .dst = &to, .from = src, .to = dst, .len = len,
    };
    bool no_read = sdxi_host_refused(caller, src_space, src, len);
    SdxiMemResult res;

    if (no_read || sdxi_host_refused(caller, dst_space, dst, len)) {
        return (SdxiCopyEnd) { SDXI_MEM_ACCESS, .dst_failed = !no_read };
    }
    res = sdxi_dma_copy(&c);
    return (SdxiCopyEnd) {
        .done = c.done,
        .dst_failed = c.write_failed,
        .result = c.write_failed
            ? sdxi_host_result(caller, dst_space, dst + c.done, true, res)
            : sdxi_host_result(caller, src_space, src + c.done, false, res),
    };
}

static SdxiReach sdxi_host_span(void *opaque, const SdxiSpace *space,
                                uint64_t addr, bool write, unsigned slot,
                                SdxiSpan *span)
{
    SdxiCaller *caller = opaque;
    SdxiDma d = sdxi_host_dma(caller, space);
    SdxiReach reach = sdxi_requester_span(&d, addr, write, slot, span);

    /* Whoever takes the members instead learns of it there. */
    if (reach == SDXI_REACH_SPAN && !space->target && !space->pasid_valid &&
        sdxi_peer_ranges_bytes(&caller->refused, span->addr, span->len)) {
        span->len = 0;
        return SDXI_REACH_MEMBERS;
    }
    return reach;
}

static void sdxi_host_wrote(void *opaque, const SdxiSpan *span,
                            uint64_t offset, uint64_t len)
{
    SdxiCaller *caller = opaque;

    sdxi_requester_wrote(&caller->spans, span, offset, len);
}

typedef struct SdxiHostFetch {
    SdxiCaller *caller;
    SdxiAtc *atc;
    const SdxiWants *wants;
    unsigned next;              /* of these */
} SdxiHostFetch;

static bool sdxi_host_fetch_section(void *opaque, int64_t until)
{
    SdxiHostFetch *f = opaque;

    for (; f->next < f->wants->count; f->next++) {
        const SdxiWant *want = &f->wants->want[f->next];
        SdxiDma d = sdxi_host_dma(f->caller, &want->space);

        if (!sdxi_access_fetch(&d, f->atc, want, until)) {
            break;
        }
    }
    return true;
}

static void sdxi_host_fetch(void *opaque, SdxiAtc *atc, const SdxiWants *wants)
{
    SdxiHostFetch f = { .caller = opaque, .atc = atc, .wants = wants };
    SdxiDma d;

    for (; f.next < wants->count; f.next++) {
        d = sdxi_host_dma(opaque, &wants->want[f.next].space);
        if (!sdxi_access_never_kept(&d, atc, &wants->want[f.next])) {
            break;
        }
    }
    if (f.next == wants->count) {
        return;
    }
    sdxi_access_post(&d, sdxi_host_fetch_section, &f, true);
}

/* Also called under the big lock, when nothing is open. */
static void sdxi_host_settle(void *opaque)
{
    SdxiCaller *caller = opaque;
    bool open = sdxi_epoch_is_open(&caller->spans.opening);

    if (open) {
        sdxi_requester_end(&caller->spans);
    }
    sdxi_epoch_settle();
    if (open) {
        sdxi_requester_begin(&caller->spans);
    }
}

static uint64_t sdxi_host_peer_bytes(void *opaque, const SdxiSpace *space,
                                     uint64_t addr, uint64_t len,
                                     bool is_write)
{
    SdxiCaller *caller = opaque;
    uint64_t uio;

    /* What another function, or a translation, reaches takes another way. */
    if (space->target || space->pasid_valid) {
        return 0;
    }
    sdxi_peer_ranges_accessed(&caller->beside, addr, len, is_write);
    uio = sdxi_peer_ranges_bytes(&caller->uio, addr, len);
    if (uio) {
        qatomic_add(&caller->s->uio_bytes, uio);
    }
    return sdxi_peer_ranges_bytes(&caller->below, addr, len);
}

/* ---- interrupts ---- */

static void sdxi_host_interrupt(void *opaque, const SdxiPeer *target,
                                unsigned vector)
{
    SdxiPci *s = ((SdxiCaller *)opaque)->s;

    sdxi_out_raise(!target || sdxi_gate_gone(&s->gate)
                   ? s : ((SdxiCaller *)target->host)->s, vector);
}

/* ---- the rest ---- */

static const SdxiPeer *sdxi_host_peer(void *opaque, uint16_t sfunc)
{
    SdxiCaller *caller = opaque;
    SdxiPci *s = caller->s;
    SdxiPci *peer = s->prop.group && !sdxi_gate_gone(&s->gate)
                    ? sdxi_functions_find(s->prop.group, sfunc) : NULL;

    return peer ? sdxi_device_peer(peer->core) : NULL;
}

static const SdxiPeer *sdxi_host_vf(void *opaque, unsigned number)
{
    SdxiPci *s = ((SdxiCaller *)opaque)->s;
    SdxiPci *vf = sdxi_gate_gone(&s->gate)
                  ? NULL : sdxi_functions_find_vf(s, number);

    return vf ? sdxi_device_peer(vf->core) : NULL;
}

static void sdxi_host_nudge(void *opaque, const SdxiPeer *other)
{
    sdxi_functions_kick(other);
}

static void sdxi_host_kick(void *opaque)
{
    SdxiPci *s = ((SdxiCaller *)opaque)->s;

    sdxi_worker_kick(&s->worker);
}

static bool sdxi_host_yield_wanted(void *opaque)
{
    SdxiPci *s = ((SdxiCaller *)opaque)->s;

    return sdxi_worker_wanted(&s->worker) ||
           qatomic_read(&s->gate.asleep);
}

static int64_t sdxi_host_now_ns(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void sdxi_host_wake_at(void *opaque, int64_t ns)
{
    timer_mod(&((SdxiCaller *)opaque)->s->wake, ns);
}

static bool sdxi_host_traced(void *opaque)
{
    return trace_event_get_state_backends(TRACE_SDXI_STEP);
}

static void sdxi_host_trace(void *opaque, SdxiTraceStep step, uint64_t a,
                            uint64_t b, uint64_t c)
{
    SdxiPci *s = ((SdxiCaller *)opaque)->s;

    if (trace_event_get_state_backends(TRACE_SDXI_STEP)) {
        g_autofree char *text = sdxi_step_text(step, a, b, c,
                                               &sdxi_profile_standard);

        trace_sdxi_step(s->sfunc, text);
    }
    if (qemu_loglevel_mask(LOG_GUEST_ERROR)) {
        g_autofree char *mistake = sdxi_step_mistake(step, a, b, c);

        if (mistake) {
            qemu_log("sdxi 0x%04x: %s\n", s->sfunc, mistake);
        }
    }
}

const SdxiHostOps sdxi_host_ops = {
    .read = sdxi_host_read,
    .write = sdxi_host_write,
    .decrement = sdxi_host_decrement,
    .cmpxchg = sdxi_host_cmpxchg,
    .copy = sdxi_host_copy,
    .span = sdxi_host_span,
    .peer_bytes = sdxi_host_peer_bytes,
    .wrote = sdxi_host_wrote,
    .epoch = &sdxi_invals.epoch,
    .invals = &sdxi_invals,
    .fetch = sdxi_host_fetch,
    .interrupt = sdxi_host_interrupt,
    .peer = sdxi_host_peer,
    .vf = sdxi_host_vf,
    .settle = sdxi_host_settle,
    .nudge = sdxi_host_nudge,
    .kick = sdxi_host_kick,
    .yield_wanted = sdxi_host_yield_wanted,
    .now_ns = sdxi_host_now_ns,
    .wake_at = sdxi_host_wake_at,
    .traced = sdxi_host_traced,
    .trace = sdxi_host_trace,
};
