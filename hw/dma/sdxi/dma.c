/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory as one requester sees it; see the header.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitops.h"
#include "qemu/rcu.h"
#include "qemu/units.h"
#include "system/xen.h"
#include "hw/dma/sdxi/dma.h"

/* What is not RAM goes in pieces of this size, each one big-lock section. */
#define SDXI_DMA_BOUNCE (64 * KiB)

typedef struct SdxiDmaRun {
    uint8_t *host;
    uint64_t len;
} SdxiDmaRun;

/*
 * The RAM at @addr, at most @len bytes; false if it is not RAM.  Not
 * address_space_map(): that one takes the big lock for what is not RAM.
 */
static bool sdxi_dma_map(const SdxiDma *d, hwaddr addr, uint64_t len,
                         bool write, SdxiDmaRun *run)
{
    RCU_READ_LOCK_GUARD();
    hwaddr xlat, got = len;
    MemoryRegion *mr = address_space_translate(d->as, addr, &xlat, &got, write,
                                               d->attrs);

    if (!got || !memory_access_is_direct(mr, write, d->attrs)) {
        return false;
    }
    memory_region_ref(mr);
    run->host = (uint8_t *)memory_region_get_ram_ptr(mr) + xlat;
    run->len = got;
    return true;
}

/* Also marks the bytes dirty and drops translated code. */
static void sdxi_dma_unmap(const SdxiDma *d, SdxiDmaRun *run, bool write,
                           uint64_t used)
{
    address_space_unmap(d->as, run->host, run->len, write, used);
}

/* ---- by pointer ---- */

uint32_t sdxi_dma_epoch;

static void sdxi_dma_changed(MemoryListener *listener)
{
    qatomic_inc(&sdxi_dma_epoch);
}

/* Its commit is called for a change of any address space. */
static MemoryListener sdxi_dma_listener = {
    .name = "sdxi",
    .commit = sdxi_dma_changed,
};

void sdxi_dma_watch(void)
{
    if (!sdxi_dma_listener.address_space) {
        memory_listener_register(&sdxi_dma_listener, &address_space_memory);
    }
}

void sdxi_dma_spans_begin(SdxiDmaSpans *spans)
{
    rcu_read_lock();
    spans->open = true;
}

static void sdxi_dma_span_close(SdxiDmaSpans *spans, unsigned slot)
{
    if (spans->used & BIT(slot)) {
        spans->used &= ~BIT(slot);
        address_space_cache_destroy(&spans->cache[slot]);
    }
}

/*
 * Within the critical section, so that this never drops the last reference:
 * what goes away then wants the big lock.
 */
void sdxi_dma_spans_end(SdxiDmaSpans *spans)
{
    for (unsigned slot = 0; spans->used; slot++) {
        sdxi_dma_span_close(spans, slot);
    }
    spans->open = false;
    rcu_read_unlock();
}

static bool sdxi_dma_span_open(SdxiDmaSpans *spans, unsigned slot,
                               AddressSpace *as, hwaddr addr, hwaddr len,
                               bool write)
{
    MemoryRegionCache *cache = &spans->cache[slot];

    sdxi_dma_span_close(spans, slot);
    address_space_cache_init(cache, as, addr, len, write);
    spans->used |= BIT(slot);
    if (!cache->ptr) {
        sdxi_dma_span_close(spans, slot);
        return false;
    }
    return true;
}

bool sdxi_dma_span(SdxiDmaSpans *spans, const SdxiDma *d, hwaddr addr,
                   bool write, unsigned slot, SdxiSpan *span)
{
    MemoryRegionCache *cache = &spans->cache[slot];
    hwaddr start;
    Int128 size;

    if (!spans->open || d->translated || sdxi_dma_gone(d)) {
        return false;
    }
    /* Most RAM can be written, and then a span serves both. */
    if (!sdxi_dma_span_open(spans, slot, d->as, addr, 1, true)) {
        if (write || !sdxi_dma_span_open(spans, slot, d->as, addr, 1, false)) {
            return false;
        }
    }
    /* All of the section that @addr is in. */
    start = cache->mrs.offset_within_address_space;
    size = int128_min(cache->mrs.size, int128_make64(INT64_MAX));
    if (!sdxi_dma_span_open(spans, slot, d->as, start, int128_get64(size),
                            cache->is_write)) {
        return false;
    }
    *span = (SdxiSpan) {
        .addr = start,
        .len = cache->len,
        .host = cache->ptr,
        .writable = cache->is_write,
        .watched = xen_enabled() ||
                   memory_region_get_dirty_log_mask(cache->mrs.mr),
    };
    return true;
}

void sdxi_dma_wrote(SdxiDmaSpans *spans, unsigned slot, uint64_t offset,
                    uint64_t len)
{
    address_space_cache_invalidate(&spans->cache[slot], offset, len);
}

/* ---- the other ways ---- */

typedef struct SdxiDmaSlow {
    const SdxiDma *d;
    hwaddr addr;
    void *buf;
    uint64_t len;
    bool write;
    MemTxResult result;
} SdxiDmaSlow;

static void sdxi_dma_slow_access(void *opaque)
{
    SdxiDmaSlow *s = opaque;

    if (sdxi_dma_gone(s->d)) {
        return;
    }
    s->result = address_space_rw(s->d->as, s->addr, s->d->attrs, s->buf,
                                 s->len, s->write);
}

void sdxi_dma_locked(const SdxiDma *d, SdxiAccessFn *fn, void *opaque)
{
    bool open = d->spans && d->spans->open;

    if (bql_locked()) {
        fn(opaque);
        return;
    }
    /* Whoever holds the big lock may be waiting for RCU. */
    if (open) {
        sdxi_dma_spans_end(d->spans);
    }
    sdxi_worker_access(d->worker, fn, opaque);
    if (open) {
        sdxi_dma_spans_begin(d->spans);
    }
}

static MemTxResult sdxi_dma_slow(const SdxiDma *d, hwaddr addr, void *buf,
                                 uint64_t len, bool write)
{
    SdxiDmaSlow s = {
        .d = d, .addr = addr, .buf = buf, .len = len, .write = write,
        .result = MEMTX_ACCESS_ERROR,
    };

    sdxi_dma_locked(d, sdxi_dma_slow_access, &s);
    return s.result;
}

static void sdxi_dma_move(uint8_t *to, const uint8_t *from, uint64_t len)
{
    uintptr_t both = (uintptr_t)to | (uintptr_t)from;

    if (len == 8 && QEMU_IS_ALIGNED(both, 8)) {
        qatomic_set((uint64_t *)to, qatomic_read((const uint64_t *)from));
    } else if (len == 4 && QEMU_IS_ALIGNED(both, 4)) {
        qatomic_set((uint32_t *)to, qatomic_read((const uint32_t *)from));
    } else if (len == 2 && QEMU_IS_ALIGNED(both, 2)) {
        qatomic_set((uint16_t *)to, qatomic_read((const uint16_t *)from));
    } else {
        memmove(to, from, len);
    }
}

static MemTxResult sdxi_dma_rw(const SdxiDma *d, hwaddr addr, uint8_t *buf,
                               uint64_t len, bool write)
{
    MemTxResult res = MEMTX_OK;
    SdxiDmaRun run;

    if (len && addr + len - 1 < addr) {
        return MEMTX_DECODE_ERROR;
    }
    if (d->translated) {
        return sdxi_dma_slow(d, addr, buf, len, write);
    }
    while (len && res == MEMTX_OK) {
        uint64_t n = len;

        /* One piece may have removed what the next one needs. */
        if (sdxi_dma_gone(d)) {
            return MEMTX_ACCESS_ERROR;
        }
        if (sdxi_dma_map(d, addr, len, write, &run)) {
            n = run.len;
            sdxi_dma_move(write ? run.host : buf, write ? buf : run.host, n);
            sdxi_dma_unmap(d, &run, write, n);
        } else {
            n = MIN(n, SDXI_DMA_BOUNCE);
            res = sdxi_dma_slow(d, addr, buf, n, write);
        }
        addr += n;
        buf += n;
        len -= n;
    }
    return res;
}

MemTxResult sdxi_dma_read(const SdxiDma *d, hwaddr addr, void *buf,
                          uint64_t len)
{
    return sdxi_dma_rw(d, addr, buf, len, false);
}

MemTxResult sdxi_dma_write(const SdxiDma *d, hwaddr addr, const void *buf,
                           uint64_t len)
{
    return sdxi_dma_rw(d, addr, (uint8_t *)buf, len, true);
}

static MemTxResult sdxi_dma_copy_bounced(const SdxiDma *src, hwaddr from,
                                         const SdxiDma *dst, hwaddr to,
                                         uint64_t len, bool *write_failed)
{
    g_autofree uint8_t *bounce = g_malloc(len);
    MemTxResult res = sdxi_dma_read(src, from, bounce, len);

    *write_failed = res == MEMTX_OK;
    if (res == MEMTX_OK) {
        res = sdxi_dma_write(dst, to, bounce, len);
    }
    return res;
}

/* Moves one piece that is RAM on both sides; 0 if the next byte is not. */
static uint64_t sdxi_dma_copy_ram(const SdxiDmaCopy *c)
{
    uint64_t n = c->len - c->done;
    SdxiDmaRun s, t;

    if (!sdxi_dma_map(c->src, c->from + c->done, n, false, &s)) {
        return 0;
    }
    n = 0;
    if (sdxi_dma_map(c->dst, c->to + c->done, s.len, true, &t)) {
        n = t.len;
        memmove(t.host, s.host, n);
        sdxi_dma_unmap(c->dst, &t, true, n);
    }
    sdxi_dma_unmap(c->src, &s, false, n);
    return n;
}

static MemTxResult sdxi_dma_copy_here(SdxiDmaCopy *c)
{
    while (c->done < c->len) {
        uint64_t n;

        if (sdxi_dma_gone(c->src) || sdxi_dma_gone(c->dst)) {
            return MEMTX_ACCESS_ERROR;
        }
        n = sdxi_dma_copy_ram(c);

        if (!n) {
            MemTxResult res;

            n = MIN(c->len - c->done, SDXI_DMA_BOUNCE);
            res = sdxi_dma_copy_bounced(c->src, c->from + c->done, c->dst,
                                        c->to + c->done, n, &c->write_failed);
            if (res != MEMTX_OK) {
                return res;
            }
        }
        c->done += n;
    }
    return MEMTX_OK;
}

typedef struct SdxiDmaLockedCopy {
    SdxiDmaCopy *copy;
    MemTxResult result;
} SdxiDmaLockedCopy;

static void sdxi_dma_locked_copy(void *opaque)
{
    SdxiDmaLockedCopy *l = opaque;

    l->result = sdxi_dma_copy_here(l->copy);
}

MemTxResult sdxi_dma_copy(SdxiDmaCopy *c)
{
    SdxiDmaLockedCopy l = { .copy = c, .result = MEMTX_ACCESS_ERROR };

    c->done = 0;
    c->write_failed = c->len && c->to + c->len - 1 < c->to;
    if (c->len && (c->write_failed || c->from + c->len - 1 < c->from)) {
        return MEMTX_DECODE_ERROR;
    }
    if (!c->src->translated && !c->dst->translated) {
        return sdxi_dma_copy_here(c);
    }
    sdxi_dma_locked(c->src, sdxi_dma_locked_copy, &l);
    return l.result;
}

/* ---- atomic accesses ---- */

/*
 * One atomic access of RAM.  Of anything else it is one read and one write,
 * which only the big lock keeps apart: a register may count by itself, so
 * that no number of attempts would be enough to find what was read before.
 */
typedef struct SdxiDmaAtomic {
    const SdxiDma *d;
    hwaddr addr;
    unsigned size;
    /* In RAM, at @host.  False: try again later. */
    bool (*ram)(struct SdxiDmaAtomic *x, void *host);
    /* The value that replaces @found; false: none does. */
    bool (*next)(struct SdxiDmaAtomic *x, uint64_t found, uint64_t *next);
    uint64_t *expected;         /* of a compare and swap */
    uint64_t wanted;
    SdxiMemResult result;
} SdxiDmaAtomic;

static SdxiMemResult sdxi_dma_result(MemTxResult res)
{
    return res == MEMTX_OK ? SDXI_MEM_OK : SDXI_MEM_ACCESS;
}

static SdxiMemResult sdxi_dma_atomic_slow(SdxiDmaAtomic *x)
{
    uint8_t bytes[8] = { };
    uint64_t next;
    MemTxResult res = address_space_rw(x->d->as, x->addr, x->d->attrs, bytes,
                                       x->size, false);

    if (res == MEMTX_OK && !sdxi_dma_gone(x->d) &&
        x->next(x, ldn_le_p(bytes, x->size), &next)) {
        stn_le_p(bytes, x->size, next);
        res = address_space_rw(x->d->as, x->addr, x->d->attrs, bytes, x->size,
                               true);
    }
    return sdxi_dma_result(res);
}

/* True if it was RAM and is done, or is to be tried again. */
static bool sdxi_dma_atomic_fast(SdxiDmaAtomic *x)
{
    SdxiDmaRun run;
    bool whole;

    if (!sdxi_dma_map(x->d, x->addr, x->size, true, &run)) {
        return false;
    }
    whole = run.len == x->size && QEMU_PTR_IS_ALIGNED(run.host, x->size);
    if (whole) {
        x->result = x->ram(x, run.host) ? SDXI_MEM_OK : SDXI_MEM_AGAIN;
    }
    sdxi_dma_unmap(x->d, &run, true, whole ? x->size : 0);
    return whole;
}

static void sdxi_dma_atomic_access(void *opaque)
{
    SdxiDmaAtomic *x = opaque;

    if (!sdxi_dma_gone(x->d) && !sdxi_dma_atomic_fast(x)) {
        x->result = sdxi_dma_atomic_slow(x);
    }
}

static SdxiMemResult sdxi_dma_atomic(SdxiDmaAtomic *x)
{
    x->result = SDXI_MEM_ACCESS;
    if (!sdxi_dma_gone(x->d) &&
        (x->d->translated || !sdxi_dma_atomic_fast(x))) {
        sdxi_dma_locked(x->d, sdxi_dma_atomic_access, x);
    }
    return x->result;
}

static bool sdxi_dma_cmpxchg_ram(SdxiDmaAtomic *x, void *host)
{
    uint64_t *expected = x->expected;

    if (x->size == 8) {
        *expected = le64_to_cpu(qatomic_cmpxchg((uint64_t *)host,
                                                cpu_to_le64(*expected),
                                                cpu_to_le64(x->wanted)));
    } else {
        *expected = le32_to_cpu(qatomic_cmpxchg((uint32_t *)host,
                                                cpu_to_le32(*expected),
                                                cpu_to_le32(x->wanted)));
    }
    return true;
}

static bool sdxi_dma_cmpxchg_next(SdxiDmaAtomic *x, uint64_t found,
                                  uint64_t *next)
{
    bool swap = found == *x->expected;

    *x->expected = found;
    *next = x->wanted;
    return swap;
}

SdxiMemResult sdxi_dma_cmpxchg(const SdxiDma *d, hwaddr addr, unsigned size,
                               uint64_t *expected, uint64_t wanted)
{
    SdxiDmaAtomic x = {
        .d = d, .addr = addr, .size = size, .expected = expected,
        .wanted = wanted,
        .ram = sdxi_dma_cmpxchg_ram, .next = sdxi_dma_cmpxchg_next,
    };

    return sdxi_dma_atomic(&x);
}

static bool sdxi_dma_decrement_ram(SdxiDmaAtomic *x, void *host)
{
    uint64_t *at = host, old;

    if (!HOST_BIG_ENDIAN) {
        qatomic_dec(at);
        return true;
    }
    old = qatomic_read(at);
    return qatomic_cmpxchg(at, old, cpu_to_le64(le64_to_cpu(old) - 1)) == old;
}

static bool sdxi_dma_decrement_next(SdxiDmaAtomic *x, uint64_t found,
                                    uint64_t *next)
{
    *next = found - 1;
    return true;
}

SdxiMemResult sdxi_dma_decrement(const SdxiDma *d, hwaddr addr)
{
    SdxiDmaAtomic x = {
        .d = d, .addr = addr, .size = 8,
        .ram = sdxi_dma_decrement_ram, .next = sdxi_dma_decrement_next,
    };

    return sdxi_dma_atomic(&x);
}
