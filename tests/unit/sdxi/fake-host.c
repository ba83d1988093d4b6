/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fake memory, interrupts and time; see fake-host.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/atc-renew.h"
#include "tests/unit/sdxi/fake-host.h"

uint64_t fake_epoch;

static FakeHost *target_of(FakeHost *host, const SdxiSpace *space)
{
    return space->target ? space->target->host : host;
}

uint8_t *fake_host_memory(FakeHost *host, bool pasid_valid, uint32_t pasid)
{
    if (!pasid_valid) {
        return host->memory;
    }
    if (pasid >= FAKE_PASIDS) {
        return NULL;
    }
    if (!host->pasid_memory[pasid]) {
        host->pasid_memory[pasid] = g_malloc0(host->size);
    }
    return host->pasid_memory[pasid];
}

void fake_host_trap(FakeHost *host, uint64_t addr, uint64_t len,
                    unsigned kinds, SdxiMemResult result, unsigned times)
{
    for (unsigned i = 0; i < FAKE_TRAPS; i++) {
        if (!host->trap[i].len) {
            host->trap[i] = (FakeTrap) { addr, len, kinds, result, times };
            return;
        }
    }
    g_assert_not_reached();
}

void fake_host_no_traps(FakeHost *host)
{
    memset(host->trap, 0, sizeof(host->trap));
}

static SdxiMemResult trapped(FakeHost *host, FakeKind kind, uint64_t addr,
                             uint32_t len)
{
    for (unsigned i = 0; i < FAKE_TRAPS; i++) {
        FakeTrap *t = &host->trap[i];
        SdxiMemResult result = t->result;

        if (!t->len || !(t->kinds & kind) || addr >= t->addr + t->len ||
            addr + len <= t->addr) {
            continue;
        }
        if (t->times && !--t->times) {
            t->len = 0;
        }
        return result;
    }
    return SDXI_MEM_OK;
}

static bool in_sink(uint64_t addr, uint32_t len)
{
    return addr >= FAKE_SINK && addr + len <= FAKE_SINK_END;
}

static void stir(FakeHost *target, uint64_t addr, uint32_t len)
{
    uint64_t end = MIN(addr + len, target->restless + target->restless_len);

    for (addr = MAX(addr, target->restless); addr < end; addr++) {
        target->memory[addr]++;
    }
}

/* Where the access goes; *@at is NULL in the sink. */
static SdxiMemResult reach(FakeHost *host, const SdxiSpace *space,
                           FakeKind kind, uint64_t addr, uint32_t len,
                           uint8_t **at)
{
    FakeHost *target = target_of(host, space);
    uint8_t *memory = fake_host_memory(target, space->pasid_valid,
                                       space->pasid);
    SdxiMemResult result;

    g_assert(len >= 1 && len <= SDXI_HOST_CHUNK);
    g_assert(len - 1 <= UINT64_MAX - addr);
    host->accesses++;
    *(kind == FAKE_READ ? &host->reads : &host->writes) += 1;
    if (sdxi_space_is_void(space)) {
        host->kicks++;
        return SDXI_MEM_AGAIN;
    }
    if (host->yield_after && !--host->yield_after) {
        host->yield = true;
    }
    if (host->meddle) {
        host->meddle(host, host->meddle_opaque, kind, addr, len);
    }
    if (target->dma_off) {
        return SDXI_MEM_ACCESS;
    }
    result = trapped(target, kind, addr, len);
    if (result != SDXI_MEM_OK) {
        return result;
    }
    if (!memory) {
        return SDXI_MEM_TRANSLATION;
    }
    *at = NULL;
    if (in_sink(addr, len)) {
        return SDXI_MEM_OK;
    }
    if (addr >= target->size || len > target->size - addr) {
        return SDXI_MEM_ACCESS;
    }
    *at = memory + addr;
    if (*at >= target->memory && *at < target->memory + target->size) {
        stir(target, addr, len);
    }
    return SDXI_MEM_OK;
}

static SdxiMemResult fake_read(void *opaque, const SdxiSpace *space,
                               uint64_t addr, void *buf, uint32_t len)
{
    uint8_t *at;
    SdxiMemResult result = reach(opaque, space, FAKE_READ, addr, len, &at);

    if (result == SDXI_MEM_OK && at) {
        memcpy(buf, at, len);
    } else if (result == SDXI_MEM_OK) {
        memset(buf, 0, len);
    }
    return result;
}

static SdxiMemResult fake_write(void *opaque, const SdxiSpace *space,
                                uint64_t addr, const void *buf, uint32_t len)
{
    uint8_t *at;
    SdxiMemResult result = reach(opaque, space, FAKE_WRITE, addr, len, &at);

    if (result == SDXI_MEM_OK && at) {
        memcpy(at, buf, len);
    }
    return result;
}

static SdxiMemResult fake_cmpxchg(void *opaque, const SdxiSpace *space,
                                  uint64_t addr, unsigned size,
                                  uint64_t expected, uint64_t desired,
                                  uint64_t *seen)
{
    uint8_t *at;
    SdxiMemResult result = reach(opaque, space, FAKE_WRITE, addr, size, &at);

    g_assert((size == 4 || size == 8) && addr % size == 0);
    if (result != SDXI_MEM_OK) {
        return result;
    }
    *seen = !at ? 0 : size == 8 ? ldq_le_p(at) : (uint32_t)ldl_le_p(at);
    if (at && *seen == expected) {
        if (size == 8) {
            stq_le_p(at, desired);
        } else {
            stl_le_p(at, desired);
        }
    }
    return result;
}

static SdxiMemResult fake_decrement(void *opaque, const SdxiSpace *space,
                                    uint64_t addr)
{
    uint8_t *at;
    SdxiMemResult result = reach(opaque, space, FAKE_WRITE, addr, 8, &at);

    g_assert(addr % 8 == 0);
    if (result == SDXI_MEM_OK && at) {
        stq_le_p(at, ldq_le_p(at) - 1);
    }
    return result;
}

static SdxiCopyEnd fake_copy(void *opaque,
                             const SdxiSpace *src_space, uint64_t src,
                             const SdxiSpace *dst_space, uint64_t dst,
                             uint32_t len)
{
    FakeHost *host = opaque;
    uint8_t *from, *to;
    SdxiMemResult result = reach(host, src_space, FAKE_READ, src, len, &from);

    if (result != SDXI_MEM_OK) {
        return (SdxiCopyEnd) { .result = result };
    }
    result = reach(host, dst_space, FAKE_WRITE, dst, len, &to);
    if (result != SDXI_MEM_OK) {
        return (SdxiCopyEnd) { .result = result, .dst_failed = true };
    }
    if (to && from) {
        memmove(to, from, len);
    } else if (to) {
        memset(to, 0, len);
    }
    host->now_ns += host->ns_per_mib * len >> 20;
    return (SdxiCopyEnd) { .result = SDXI_MEM_OK, .done = len };
}

static SdxiReach fake_span(void *opaque, const SdxiSpace *space, uint64_t addr,
                           bool write, unsigned slot, SdxiSpan *span)
{
    FakeHost *host = opaque, *target = target_of(host, space);

    g_assert_false(space->pasid_valid);
    g_assert_cmpuint(slot, <, SDXI_SPANS);
    qatomic_inc(&host->spans);
    if (host->page_bytes) {
        return SDXI_REACH_PAGES;
    }
    if (!host->by_pointer || target->dma_off || addr >= target->size) {
        return SDXI_REACH_MEMBERS;
    }
    *span = (SdxiSpan) {
        .len = target->size, .host = target->memory, .watched = host->watch,
        .writable = addr < host->rom || addr >= host->rom + host->rom_bytes,
    };
    if (host->span_bytes) {
        span->addr = QEMU_ALIGN_DOWN(addr, host->span_bytes);
        span->len = MIN(host->span_bytes, target->size - span->addr);
        span->host += span->addr;
    }
    return span->writable || !write ? SDXI_REACH_SPAN : SDXI_REACH_MEMBERS;
}

static void fake_wrote(void *opaque, const SdxiSpan *span, uint64_t offset,
                       uint64_t len)
{
    FakeHost *host = opaque;

    g_assert_cmpuint(span->slot, <=, SDXI_SPANS);
    g_assert_cmpuint(offset, <=, span->len);
    g_assert_cmpuint(len, <=, span->len - offset);
    host->wrote += len;
    if (host->meddle) {
        host->meddle(host, host->meddle_opaque, FAKE_WRITE,
                     span->addr + offset, len);
    }
}

/* Pages with something in them that traps are not given away. */
static bool fake_page_is_trapped(FakeHost *target, const SdxiWant *want,
                                 uint64_t page, uint64_t bytes)
{
    for (unsigned i = 0; i < FAKE_TRAPS; i++) {
        FakeTrap *t = &target->trap[i];

        if (t->len && (t->kinds & (want->write ? FAKE_WRITE : FAKE_READ)) &&
            page < t->addr + t->len && t->addr < page + bytes) {
            return true;
        }
    }
    return false;
}

static void fake_fetch(void *opaque, SdxiAtc *atc, const SdxiWants *wants)
{
    FakeHost *host = opaque;

    g_assert_cmpuint(wants->count, <=, SDXI_WANTS);
    sdxi_atc_renew(atc, qatomic_read(&fake_epoch), NULL);
    host->fetches++;
    for (unsigned i = 0; i < wants->count && host->page_bytes; i++) {
        const SdxiWant *want = &wants->want[i];
        FakeHost *target = target_of(host, &want->space);
        uint8_t *memory = fake_host_memory(target, want->space.pasid_valid,
                                           want->space.pasid);
        uint64_t page = QEMU_ALIGN_DOWN(want->addr, host->page_bytes);

        if (target->dma_off || !memory ||
            (page >= target->size && !in_sink(page, host->page_bytes)) ||
            fake_page_is_trapped(target, want, page, host->page_bytes)) {
            return;
        }
        sdxi_atc_insert(atc, &want->space, page, host->page_bytes, want->write,
                        in_sink(page, 1) ? NULL : memory + page, host->watch);
        host->fetched++;
    }
}

static void fake_interrupt(void *opaque, const SdxiPeer *target,
                           unsigned vector)
{
    FakeHost *host = target ? target->host : opaque;

    if (vector >= host->vectors || host->dma_off) {
        host->lost_interrupts++;
        return;
    }
    host->interrupts[vector]++;
}

static const SdxiPeer *fake_peer(void *opaque, uint16_t sfunc)
{
    FakeHost *host = opaque;

    for (unsigned i = 0; i < FAKE_PEERS; i++) {
        FakeHost *peer = host->peer[i];

        if (peer && sdxi_device_peer(peer->dev)->sfunc == sfunc) {
            return sdxi_device_peer(peer->dev);
        }
    }
    return NULL;
}

static const SdxiPeer *fake_vf(void *opaque, unsigned number)
{
    FakeHost *host = opaque;

    return number < FAKE_PEERS && host->vf[number]
           ? sdxi_device_peer(host->vf[number]->dev) : NULL;
}

static void fake_nudge(void *opaque, const SdxiPeer *other)
{
    FakeHost *host = other->host;

    host->kicks++;
}

static void fake_kick(void *opaque)
{
    FakeHost *host = opaque;

    host->kicks++;
}

static bool fake_yield_wanted(void *opaque)
{
    FakeHost *host = opaque;

    return host->yield;
}

static int64_t fake_now_ns(void *opaque)
{
    FakeHost *host = opaque;

    return host->now_ns;
}

static void fake_wake_at(void *opaque, int64_t ns)
{
    FakeHost *host = opaque;

    host->wake_ns = ns;
}

static uint64_t fake_peer_bytes(void *opaque, const SdxiSpace *space,
                                uint64_t addr, uint64_t len, bool is_write)
{
    FakeHost *host = opaque;
    uint64_t first = MAX(addr, host->switched);
    uint64_t end = MIN(addr + len, host->switched + host->switched_len);

    return space->target || space->pasid_valid || first >= end ? 0
                                                               : end - first;
}

static void fake_settle(void *opaque)
{
    FakeHost *host = opaque;

    host->settled++;
    qatomic_inc(&fake_epoch);
}

static bool fake_traced(void *opaque)
{
    FakeHost *host = opaque;

    return !host->quiet;
}

static void fake_trace(void *opaque, SdxiTraceStep step, uint64_t a,
                       uint64_t b, uint64_t c)
{
    FakeHost *host = opaque;

    g_assert(step < SDXI_TRACE_STEPS);
    host->traces[step]++;
    host->last_trace[step][0] = a;
    host->last_trace[step][1] = b;
    host->last_trace[step][2] = c;
}

const SdxiHostOps fake_host_ops = {
    .read = fake_read,
    .write = fake_write,
    .decrement = fake_decrement,
    .cmpxchg = fake_cmpxchg,
    .copy = fake_copy,
    .peer_bytes = fake_peer_bytes,
    .span = fake_span,
    .wrote = fake_wrote,
    .epoch = &fake_epoch,
    .fetch = fake_fetch,
    .interrupt = fake_interrupt,
    .peer = fake_peer,
    .vf = fake_vf,
    .settle = fake_settle,
    .nudge = fake_nudge,
    .kick = fake_kick,
    .yield_wanted = fake_yield_wanted,
    .now_ns = fake_now_ns,
    .wake_at = fake_wake_at,
    .traced = fake_traced,
    .trace = fake_trace,
};

FakeHost *fake_host_new(void)
{
    FakeHost *host = fake_host_new_over(g_malloc0(FAKE_MEMORY), FAKE_MEMORY);

    host->borrowed = false;
    return host;
}

FakeHost *fake_host_new_over(uint8_t *memory, uint64_t size)
{
    FakeHost *host = g_new0(FakeHost, 1);

    host->memory = memory;
    host->size = size;
    host->borrowed = true;
    host->vectors = FAKE_VECTORS;
    host->now_ns = 1;
    return host;
}

void fake_host_befriend(FakeHost *a, FakeHost *b)
{
    FakeHost *pair[2] = { a, b };

    for (unsigned i = 0; i < 2; i++) {
        unsigned n = 0;

        while (pair[i]->peer[n]) {
            n++;
        }
        g_assert(n < FAKE_PEERS);
        pair[i]->peer[n] = pair[!i];
    }
}

void fake_host_free(FakeHost *host)
{
    if (host->dev) {
        sdxi_device_free(host->dev);
    }
    for (unsigned i = 0; i < FAKE_PASIDS; i++) {
        g_free(host->pasid_memory[i]);
    }
    if (!host->borrowed) {
        g_free(host->memory);
    }
    g_free(host);
}
