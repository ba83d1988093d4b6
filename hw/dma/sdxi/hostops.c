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
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/out.h"
#include "trace.h"

/* ---- memory ---- */

static SdxiPci *sdxi_host_target(SdxiPci *s, const SdxiSpace *space)
{
    /* Who is gone himself knows nothing about others any more. */
    if (!space->target || qatomic_read(&s->gone)) {
        return s;
    }
    return ((SdxiSeat *)space->target->host)->s;
}

static SdxiDma sdxi_host_dma(SdxiSeat *seat, const SdxiSpace *space)
{
    SdxiPci *target = sdxi_host_target(seat->s, space);
    PCIDevice *pci = PCI_DEVICE(target);
    bool gone = qatomic_read(&seat->s->gone) || qatomic_read(&target->gone);

    return (SdxiDma) {
        .as = pci_get_address_space(pci),
        .attrs = MEMTXATTRS_UNSPECIFIED,
        .worker = &seat->s->worker,
        .spans = &seat->spans,
        .gone = { &seat->s->gone, &target->gone },
        .translated = !gone && qatomic_read(&target->shown.translated),
    };
}

typedef struct SdxiHostProbe {
    const SdxiDma *d;
    uint64_t addr;
    bool write;
    bool translates;
} SdxiHostProbe;

static void sdxi_host_probe(void *opaque)
{
    SdxiHostProbe *p = opaque;
    IOMMUTLBEntry entry;

    if (sdxi_dma_gone(p->d)) {
        return;
    }
    RCU_READ_LOCK_GUARD();
    entry = address_space_get_iotlb_entry(p->d->as, p->addr, p->write,
                                          MEMTXATTRS_UNSPECIFIED);
    p->translates = entry.perm & (p->write ? IOMMU_WO : IOMMU_RO);
}

/* Tell a refusal of the IOMMU from a refusal of what lies behind it. */
static SdxiMemResult sdxi_host_result(SdxiSeat *seat, const SdxiSpace *space,
                                      uint64_t addr, bool write,
                                      SdxiMemResult res)
{
    SdxiHostProbe p;
    SdxiDma d;

    if (res != SDXI_MEM_ACCESS) {
        return res;
    }
    d = sdxi_host_dma(seat, space);
    if (!d.translated ||
        !qatomic_read(&sdxi_host_target(seat->s, space)->shown.master)) {
        return SDXI_MEM_ACCESS;
    }
    p = (SdxiHostProbe) { .d = &d, .addr = addr, .write = write };
    sdxi_dma_locked(&d, sdxi_host_probe, &p);
    return p.translates ? SDXI_MEM_ACCESS : SDXI_MEM_TRANSLATION;
}

/* An access with a PASID, on its way to the big lock. */
typedef struct SdxiHostTagged {
    SdxiSeat *seat;
    const SdxiSpace *space;
    uint64_t addr;
    enum {
        SDXI_TAGGED_READ,
        SDXI_TAGGED_WRITE,
        SDXI_TAGGED_CMPXCHG,
        SDXI_TAGGED_DECREMENT,
    } what;
    void *buf;
    uint32_t len;
    uint64_t expected, desired, *seen;
    SdxiMemResult result;
} SdxiHostTagged;

static SdxiMemResult sdxi_host_tagged_here(SdxiPasid *p, bool runner,
                                           const SdxiHostTagged *t)
{
    uint32_t pasid = t->space->pasid;

    switch (t->what) {
    case SDXI_TAGGED_CMPXCHG:
        return sdxi_pasid_cmpxchg(p, runner, pasid, t->addr, t->len,
                                  t->expected, t->desired, t->seen);
    case SDXI_TAGGED_DECREMENT:
        return sdxi_pasid_decrement(p, runner, pasid, t->addr);
    default:
        return sdxi_pasid_rw(p, runner, pasid, t->addr, t->buf, t->len,
                             t->what == SDXI_TAGGED_WRITE);
    }
}

static void sdxi_host_tagged_access(void *opaque)
{
    SdxiHostTagged *t = opaque;
    SdxiPci *target = sdxi_host_target(t->seat->s, t->space);

    if (!qatomic_read(&t->seat->s->gone) && !qatomic_read(&target->gone)) {
        t->result = sdxi_host_tagged_here(&target->pasid,
                                          target == t->seat->s, t);
    }
}

static SdxiMemResult sdxi_host_tagged(SdxiHostTagged t)
{
    SdxiDma d = sdxi_host_dma(t.seat, t.space);

    t.result = SDXI_MEM_ACCESS;
    sdxi_dma_locked(&d, sdxi_host_tagged_access, &t);
    return t.result;
}

static SdxiMemResult sdxi_host_ended(MemTxResult res)
{
    return res == MEMTX_OK ? SDXI_MEM_OK : SDXI_MEM_ACCESS;
}

static SdxiMemResult sdxi_host_read(void *opaque, const SdxiSpace *space,
                                    uint64_t addr, void *buf, uint32_t len)
{
    SdxiSeat *seat = opaque;
    SdxiDma d = sdxi_host_dma(seat, space);

    if (space->pasid_valid) {
        return sdxi_host_tagged((SdxiHostTagged) {
            .seat = seat, .space = space, .addr = addr, .buf = buf,
            .len = len });
    }
    return sdxi_host_result(seat, space, addr, false,
                            sdxi_host_ended(sdxi_dma_read(&d, addr, buf,
                                                          len)));
}

static SdxiMemResult sdxi_host_write(void *opaque, const SdxiSpace *space,
                                     uint64_t addr, const void *buf,
                                     uint32_t len)
{
    SdxiSeat *seat = opaque;
    SdxiDma d = sdxi_host_dma(seat, space);

    if (space->pasid_valid) {
        return sdxi_host_tagged((SdxiHostTagged) {
            .seat = seat, .space = space, .addr = addr, .buf = (void *)buf,
            .len = len, .what = SDXI_TAGGED_WRITE });
    }
    return sdxi_host_result(seat, space, addr, true,
                            sdxi_host_ended(sdxi_dma_write(&d, addr, buf,
                                                           len)));
}

static SdxiMemResult sdxi_host_cmpxchg(void *opaque, const SdxiSpace *space,
                                       uint64_t addr, unsigned size,
                                       uint64_t expected, uint64_t desired,
                                       uint64_t *seen)
{
    SdxiSeat *seat = opaque;
    SdxiDma d = sdxi_host_dma(seat, space);

    if (space->pasid_valid) {
        return sdxi_host_tagged((SdxiHostTagged) {
            .seat = seat, .space = space, .addr = addr, .len = size,
            .what = SDXI_TAGGED_CMPXCHG,
            .expected = expected, .desired = desired, .seen = seen });
    }
    *seen = expected;
    return sdxi_host_result(seat, space, addr, true,
                            sdxi_dma_cmpxchg(&d, addr, size, seen, desired));
}

static SdxiMemResult sdxi_host_decrement(void *opaque, const SdxiSpace *space,
                                         uint64_t addr)
{
    SdxiSeat *seat = opaque;
    SdxiDma d = sdxi_host_dma(seat, space);

    if (space->pasid_valid) {
        return sdxi_host_tagged((SdxiHostTagged) {
            .seat = seat, .space = space, .addr = addr,
            .what = SDXI_TAGGED_DECREMENT });
    }
    return sdxi_host_result(seat, space, addr, true,
                            sdxi_dma_decrement(&d, addr));
}

/* One side at least has a PASID. */
static SdxiCopyEnd sdxi_host_copy_bounced(SdxiSeat *seat,
                                          const SdxiSpace *src_space,
                                          uint64_t src,
                                          const SdxiSpace *dst_space,
                                          uint64_t dst, uint32_t len)
{
    g_autofree void *bounce = g_malloc(len);
    SdxiCopyEnd end = {
        .result = sdxi_host_read(seat, src_space, src, bounce, len),
    };

    if (end.result == SDXI_MEM_OK) {
        end.result = sdxi_host_write(seat, dst_space, dst, bounce, len);
        end.dst_failed = end.result != SDXI_MEM_OK;
        end.done = end.dst_failed ? 0 : len;
    }
    return end;
}

static SdxiCopyEnd sdxi_host_copy(void *opaque, const SdxiSpace *src_space,
                                  uint64_t src, const SdxiSpace *dst_space,
                                  uint64_t dst, uint32_t len)
{
    SdxiSeat *seat = opaque;
    SdxiDma from = sdxi_host_dma(seat, src_space);
    SdxiDma to = sdxi_host_dma(seat, dst_space);
    SdxiDmaCopy c = {
        .src = &from, .dst = &to, .from = src, .to = dst, .len = len,
    };
    SdxiCopyEnd end;
    SdxiMemResult res;

    if (src_space->pasid_valid || dst_space->pasid_valid) {
        return sdxi_host_copy_bounced(seat, src_space, src, dst_space, dst,
                                      len);
    }
    res = sdxi_host_ended(sdxi_dma_copy(&c));
    end.done = c.done;
    end.dst_failed = c.write_failed;
    end.result = c.write_failed
        ? sdxi_host_result(seat, dst_space, dst + c.done, true, res)
        : sdxi_host_result(seat, src_space, src + c.done, false, res);
    return end;
}

static bool sdxi_host_span(void *opaque, const SdxiSpace *space,
                           uint64_t addr, bool write, unsigned slot,
                           SdxiSpan *span)
{
    SdxiSeat *seat = opaque;
    SdxiDma d = sdxi_host_dma(seat, space);

    return sdxi_dma_span(&seat->spans, &d, addr, write, slot, span);
}

static void sdxi_host_wrote(void *opaque, unsigned slot, uint64_t offset,
                            uint64_t len)
{
    SdxiSeat *seat = opaque;

    sdxi_dma_wrote(&seat->spans, slot, offset, len);
}

static uint64_t sdxi_host_peer_bytes(void *opaque, const SdxiSpace *space,
                                     uint64_t addr, uint64_t len)
{
    SdxiSeat *seat = opaque;

    /* What another function, or a translation, reaches takes another way. */
    return space->target || space->pasid_valid
           ? 0 : sdxi_peers_bytes(&seat->peers, addr, len);
}

/* ---- interrupts ---- */

static void sdxi_host_interrupt(void *opaque, const SdxiFace *target,
                                unsigned vector)
{
    SdxiSeat *seat = opaque, *to = target ? target->host : opaque;

    sdxi_out_raise(qatomic_read(&seat->s->gone) ? seat->s : to->s, vector);
}

/* ---- the rest ---- */

static const SdxiFace *sdxi_host_peer(void *opaque, uint16_t sfunc)
{
    SdxiSeat *seat = opaque;
    SdxiPci *s = seat->s;
    SdxiPci *peer = s->prop.group && !qatomic_read(&s->gone)
                    ? sdxi_pci_find(s->prop.group, sfunc) : NULL;

    return peer ? sdxi_device_face(peer->core) : NULL;
}

static const SdxiFace *sdxi_host_vf(void *opaque, unsigned number)
{
    SdxiPci *s = ((SdxiSeat *)opaque)->s;
    SdxiPci *vf = qatomic_read(&s->gone) ? NULL : sdxi_pci_find_vf(s, number);

    return vf ? sdxi_device_face(vf->core) : NULL;
}

static void sdxi_host_nudge(void *opaque, const SdxiFace *other)
{
    sdxi_pci_kick(other);
}

static void sdxi_host_kick(void *opaque)
{
    SdxiPci *s = ((SdxiSeat *)opaque)->s;

    sdxi_worker_kick(&s->worker);
}

static bool sdxi_host_yield_wanted(void *opaque)
{
    SdxiPci *s = ((SdxiSeat *)opaque)->s;

    return sdxi_worker_wanted(&s->worker) ||
           qatomic_read(&s->shown.asleep);
}

static int64_t sdxi_host_now_ns(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void sdxi_host_trace_guest_error(SdxiPci *s, SdxiTraceStep step,
                                        uint64_t a, uint64_t b, uint64_t c)
{
    switch (step) {
    case SDXI_TRACE_IGNORED:
        qemu_log_mask(LOG_GUEST_ERROR, "sdxi 0x%04x: register 0x%" PRIx64
                      " keeps bits 0x%" PRIx64 "\n", s->sfunc, a, b);
        break;
    case SDXI_TRACE_DOORBELL_BAD:
        qemu_log_mask(LOG_GUEST_ERROR, "sdxi 0x%04x: doorbell at 0x%" PRIx64
                      " rings nothing\n", s->sfunc, a);
        break;
    case SDXI_TRACE_FAULT:
        qemu_log_mask(LOG_GUEST_ERROR, "sdxi 0x%04x: context %" PRIu64
                      ", descriptor %" PRIu64 ": error in step %u, sub-step "
                      "%u\n", s->sfunc, a, b, (unsigned)(c >> 8),
                      (unsigned)(c >> 4) & 15);
        break;
    default:
        break;
    }
}

static bool sdxi_host_traced(void *opaque)
{
    return trace_event_get_state_backends(TRACE_SDXI_STEP);
}

static void sdxi_host_trace(void *opaque, SdxiTraceStep step, uint64_t a,
                            uint64_t b, uint64_t c)
{
    static const char *const names[SDXI_TRACE_STEPS] = {
        [SDXI_TRACE_REQUEST] = "request",
        [SDXI_TRACE_STATE] = "state",
        [SDXI_TRACE_RESET] = "reset",
        [SDXI_TRACE_IGNORED] = "ignored",
        [SDXI_TRACE_DOORBELL] = "doorbell",
        [SDXI_TRACE_DOORBELL_BAD] = "doorbell-bad",
        [SDXI_TRACE_CXT_START] = "context-start",
        [SDXI_TRACE_CXT_STATE] = "context-state",
        [SDXI_TRACE_FETCH] = "fetch",
        [SDXI_TRACE_COPY] = "copy",
        [SDXI_TRACE_COMPLETE] = "complete",
        [SDXI_TRACE_INTERRUPT] = "interrupt",
        [SDXI_TRACE_FAULT] = "fault",
        [SDXI_TRACE_ERRLOG] = "errlog",
    };
    SdxiPci *s = ((SdxiSeat *)opaque)->s;

    trace_sdxi_step(s->sfunc, names[step], a, b, c);
    sdxi_host_trace_guest_error(s, step, a, b, c);
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
    .epoch = &sdxi_dma_epoch,
    .interrupt = sdxi_host_interrupt,
    .peer = sdxi_host_peer,
    .vf = sdxi_host_vf,
    .nudge = sdxi_host_nudge,
    .kick = sdxi_host_kick,
    .yield_wanted = sdxi_host_yield_wanted,
    .now_ns = sdxi_host_now_ns,
    .traced = sdxi_host_traced,
    .trace = sdxi_host_trace,
};
