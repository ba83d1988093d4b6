/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory under the big lock; see the header.  What is asked of the I/O
 * MMU with a process address space id is in pasid.c.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "exec/memop.h"
#include "hw/dma/sdxi/core/atc-renew.h"
#include "hw/dma/sdxi/access.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/pasid.h"

/* RAM is reached in pieces of at most this size. */
#define SDXI_ACCESS_PIECE (4 * KiB)
/* An access of this size, or less, is not given up in its middle. */
#define SDXI_ACCESS_WHOLE 64

/* ---- one piece ---- */

typedef struct SdxiPlace {
    AddressSpace *as;
    hwaddr addr;
    uint64_t len;
    MemTxAttrs attrs;           /* of who asks */
} SdxiPlace;

/* Where the bytes at @addr are, or some of them. */
static SdxiMemResult sdxi_access_place(const SdxiDma *d, hwaddr addr,
                                       uint64_t len, bool write, SdxiPlace *p)
{
    SdxiMemResult res = sdxi_requester_gate(d);

    /* Whoever is gone is on no bus, and has no id. */
    if (res != SDXI_MEM_OK) {
        return res;
    }
    *p = (SdxiPlace) {
        .as = d->as, .addr = addr, .len = MIN(len, SDXI_ACCESS_PIECE),
        .attrs.requester_id = pci_requester_id(
            PCI_DEVICE(container_of(d->worker, SdxiPci, worker))),
    };
    if (d->process) {
        uint64_t mask;

        res = sdxi_pasid_place(d->process, d->runner == d->target,
                               d->space.pasid, addr, write, &p->as, &p->addr,
                               &mask);
        if (res == SDXI_MEM_OK) {
            p->len = MIN(p->len - 1, mask - (addr & mask)) + 1;
            /* Asking may have had effects of its own. */
            res = sdxi_requester_gate(d);
        }
    }
    return res;
}

/* As large as the device takes it, and naturally aligned. */
static unsigned sdxi_access_size(const MemoryRegion *mr, hwaddr addr,
                                 uint64_t len)
{
    uint64_t size = mr->ops->valid.max_access_size;

    if (!size) {
        size = 4;
    }
    if (!mr->ops->impl.unaligned && addr) {
        size = MIN(size, addr & -addr);
    }
    return pow2floor(MIN(size, MIN(len, 8)));
}

static MemTxResult sdxi_access_device(MemoryRegion *mr, hwaddr addr,
                                      uint8_t *buf, unsigned size, bool write,
                                      MemTxAttrs attrs)
{
    uint64_t value = 0;
    MemTxResult res;

    if (mr->flush_coalesced_mmio) {
        qemu_flush_coalesced_mmio_buffer();
    }
    if (write) {
        value = ldn_he_p(buf, size);
        return memory_region_dispatch_write(mr, addr, value, size_memop(size),
                                            attrs);
    }
    res = memory_region_dispatch_read(mr, addr, &value, size_memop(size),
                                      attrs);
    stn_he_p(buf, size, value);
    return res;
}

/* RAM, or one access of a device; *@done bytes of it. */
static MemTxResult sdxi_access_piece(const SdxiPlace *p, uint8_t *buf,
                                     bool write, uint64_t *done)
{
    RCU_READ_LOCK_GUARD();
    hwaddr xlat, got = p->len;
    MemoryRegion *mr = address_space_translate(p->as, p->addr, &xlat, &got,
                                               write, MEMTXATTRS_UNSPECIFIED);
    SdxiRam ram;

    if (!write) {
        fuzz_dma_read_cb(xlat, got, mr);
    }
    if (got && memory_access_is_direct(mr, write, MEMTXATTRS_UNSPECIFIED)) {
        sdxi_ram_take(mr, xlat, got, &ram);
        sdxi_ram_move(write ? ram.host : buf, write ? buf : ram.host, got);
        sdxi_ram_put(p->as, &ram, write, got);
        *done = got;
        return MEMTX_OK;
    }
    *done = sdxi_access_size(mr, xlat, MAX(got, 1));
    return sdxi_access_device(mr, xlat, buf, *done, write, p->attrs);
}

static SdxiMemResult sdxi_access_step(const SdxiDma *d, hwaddr addr,
                                      uint8_t *buf, uint64_t len, bool write,
                                      uint64_t *done)
{
    SdxiPlace p;
    SdxiMemResult res = sdxi_access_place(d, addr, len, write, &p);

    if (res == SDXI_MEM_OK &&
        sdxi_access_piece(&p, buf, write, done) != MEMTX_OK) {
        res = SDXI_MEM_ACCESS;
    }
    return res;
}

/* All of it, for it is short. */
static SdxiMemResult sdxi_access_short(const SdxiDma *d, hwaddr addr,
                                       uint8_t *buf, unsigned len, bool write)
{
    SdxiMemResult res = SDXI_MEM_OK;
    uint64_t n;

    for (unsigned i = 0; i < len && res == SDXI_MEM_OK; i += n) {
        res = sdxi_access_step(d, addr + i, buf + i, len - i, write, &n);
    }
    return res;
}

/* ---- from the worker to the big lock ---- */

/* Whoever holds the big lock may be waiting for what is open. */
void sdxi_access_post(const SdxiDma *d, SdxiAccessFn *fn, void *opaque,
                      bool brief)
{
    bool open = sdxi_epoch_is_open(&d->spans->opening);

    if (open) {
        sdxi_requester_end(d->spans);
    }
    sdxi_worker_access(d->worker, fn, opaque, brief);
    if (open) {
        sdxi_requester_begin(d->spans);
    }
}

static bool sdxi_access_time_left(int64_t until)
{
    return qemu_clock_get_ns(QEMU_CLOCK_REALTIME) < until;
}

typedef struct SdxiAccessRw {
    const SdxiDma *d;
    hwaddr addr;
    uint8_t *buf;
    uint64_t len, done;
    bool write;
    SdxiMemResult result;
} SdxiAccessRw;

static bool sdxi_access_rw_section(void *opaque, int64_t until)
{
    SdxiAccessRw *x = opaque;

    do {
        uint64_t n = 0;

        x->result = sdxi_access_step(x->d, x->addr + x->done,
                                     x->buf + x->done, x->len - x->done,
                                     x->write, &n);
        x->done += n;
        if (x->result != SDXI_MEM_OK || x->done == x->len) {
            return true;
        }
    } while (x->len <= SDXI_ACCESS_WHOLE || sdxi_access_time_left(until));
    x->result = SDXI_MEM_AGAIN;
    return false;
}

SdxiMemResult sdxi_access_rw(const SdxiDma *d, hwaddr addr, void *buf,
                             uint64_t len, bool write)
{
    SdxiAccessRw x = {
        .d = d, .addr = addr, .buf = buf, .len = len, .write = write,
        .result = SDXI_MEM_AGAIN,
    };

    sdxi_access_post(d, sdxi_access_rw_section, &x,
                     len <= SDXI_ACCESS_WHOLE);
    return x.result;
}

/* ---- copies ---- */

typedef struct SdxiAccessCopy {
    SdxiDmaCopy *c;
    SdxiMemResult result;
} SdxiAccessCopy;

/* Not more than a device takes at a time, so that time can be kept. */
static SdxiMemResult sdxi_access_copy_few(SdxiDmaCopy *c, uint64_t *done)
{
    hwaddr from = c->from + c->done, to = c->to + c->done;
    unsigned n = MIN(c->len - c->done, 8 - to % 8);
    uint8_t bytes[8];
    SdxiMemResult res = sdxi_access_short(c->src, from, bytes, n, false);

    if (res == SDXI_MEM_OK) {
        res = sdxi_access_short(c->dst, to, bytes, n, true);
        c->write_failed = res != SDXI_MEM_OK;
    }
    *done = res == SDXI_MEM_OK ? n : 0;
    return res;
}

static SdxiMemResult sdxi_access_copy_step(SdxiDmaCopy *c, uint64_t *done)
{
    uint64_t left = c->len - c->done;
    SdxiPlace src, dst;
    SdxiMemResult res = sdxi_access_place(c->src, c->from + c->done, left,
                                          false, &src);

    if (res == SDXI_MEM_OK) {
        res = sdxi_access_place(c->dst, c->to + c->done, left, true, &dst);
        c->write_failed = res != SDXI_MEM_OK;
    }
    if (res == SDXI_MEM_OK) {
        *done = sdxi_ram_copy(src.as, src.addr, dst.as, dst.addr,
                              MIN(src.len, dst.len));
        if (!*done) {
            res = sdxi_access_copy_few(c, done);
        }
    }
    return res;
}

static bool sdxi_access_copy_section(void *opaque, int64_t until)
{
    SdxiAccessCopy *x = opaque;
    SdxiDmaCopy *c = x->c;
    bool needed = sdxi_requester_needs_lock(c->src) ||
                  sdxi_requester_needs_lock(c->dst);

    do {
        uint64_t n = 0;

        x->result = sdxi_access_copy_step(c, &n);
        c->done += n;
        /* More than a few bytes at a time: it was RAM. */
        if (x->result != SDXI_MEM_OK || c->done == c->len ||
            (!needed && n > 8)) {
            return true;
        }
    } while (sdxi_access_time_left(until));
    x->result = SDXI_MEM_AGAIN;
    return false;
}

SdxiMemResult sdxi_access_copy(SdxiDmaCopy *c)
{
    SdxiAccessCopy x = { .c = c, .result = SDXI_MEM_AGAIN };

    sdxi_access_post(c->src, sdxi_access_copy_section, &x, false);
    return x.result;
}

/* ---- atomic accesses ---- */

typedef struct SdxiAccessAtomic {
    const SdxiDma *d;
    hwaddr addr;
    SdxiAtomic *x;
    SdxiMemResult result;
} SdxiAccessAtomic;

/*
 * Not RAM: one read and one write, which only the big lock keeps apart.  A
 * register may count by itself, so that no number of attempts would do.
 */
static SdxiMemResult sdxi_access_read_write(const SdxiDma *d, hwaddr addr,
                                            SdxiAtomic *x)
{
    uint8_t bytes[8] = { };
    uint64_t next;
    SdxiMemResult res = sdxi_access_short(d, addr, bytes, x->size, false);

    if (res == SDXI_MEM_OK &&
        sdxi_atomic_next(x, ldn_le_p(bytes, x->size), &next)) {
        stn_le_p(bytes, x->size, next);
        res = sdxi_access_short(d, addr, bytes, x->size, true);
    }
    return res;
}

static bool sdxi_access_atomic_section(void *opaque, int64_t until)
{
    SdxiAccessAtomic *a = opaque;
    SdxiPlace p;
    bool done;

    a->result = sdxi_access_place(a->d, a->addr, a->x->size, true, &p);
    if (a->result != SDXI_MEM_OK) {
        return true;
    }
    if (!sdxi_ram_atomic(p.as, p.addr, a->x, &done)) {
        a->result = sdxi_access_read_write(a->d, a->addr, a->x);
    } else if (!done) {
        a->result = SDXI_MEM_AGAIN;
    }
    return true;
}

SdxiMemResult sdxi_access_atomic(const SdxiDma *d, hwaddr addr, SdxiAtomic *x)
{
    SdxiAccessAtomic a = {
        .d = d, .addr = addr, .x = x, .result = SDXI_MEM_AGAIN,
    };

    sdxi_access_post(d, sdxi_access_atomic_section, &a, true);
    return a.result;
}

/* ---- translations to be kept ---- */

typedef struct SdxiTranslation {
    AddressSpace *as;
    hwaddr at;
    uint64_t mask;              /* of what differs within the page */
} SdxiTranslation;

static bool sdxi_access_translate(const SdxiDma *d, const SdxiWant *want,
                                  SdxiTranslation *t)
{
    IOMMUTLBEntry entry;

    if (sdxi_requester_gate(d) != SDXI_MEM_OK) {
        return false;
    }
    if (d->process) {
        /* A page that is missing is asked for by who needs it. */
        return sdxi_pasid_place(d->process, false, d->space.pasid, want->addr,
                                want->write, &t->as, &t->at, &t->mask) ==
               SDXI_MEM_OK;
    }
    entry = address_space_get_iotlb_entry(d->as, want->addr, want->write,
                                          MEMTXATTRS_UNSPECIFIED);
    *t = (SdxiTranslation) {
        .as = entry.target_as, .at = entry.translated_addr,
        .mask = entry.addr_mask,
    };
    return entry.perm & (want->write ? IOMMU_WO : IOMMU_RO);
}

/*
 * Writes there are messages for an I/O MMU of Intel's, and reads are refused,
 * whatever page covers it: what is beside it says nothing of it.
 */
#define SDXI_MESSAGES 0xfee00000

/* The large page, if all of it is RAM; else the small one. */
static void sdxi_access_keep(SdxiAtc *atc, const SdxiWant *want,
                             const SdxiTranslation *t)
{
    bool large = QEMU_ALIGN_DOWN(want->addr, SDXI_ATC_LARGE) != SDXI_MESSAGES;
    uint64_t start, len, mask = large ? t->mask : SDXI_ATC_SMALL - 1;
    bool watched = false;
    uint8_t *host;
    hwaddr at;

    do {
        at = sdxi_atc_page(want->addr, (t->at & ~t->mask) |
                           (want->addr & t->mask), mask, &start, &len);
        host = len ? sdxi_ram_lasting(t->as, at, len, want->write, &watched)
                   : NULL;
        mask = SDXI_ATC_SMALL - 1;
    } while (!host && len == SDXI_ATC_LARGE);
    if (len) {
        sdxi_atc_insert_part(atc, &want->space, start, len, t->mask,
                             want->write, host, watched);
    }
}

/* Remember to take the other way. */
static void sdxi_access_keep_none(SdxiAtc *atc, const SdxiWant *want)
{
    sdxi_atc_insert(atc, &want->space, want->addr, SDXI_ATC_SMALL, want->write,
                    NULL, false);
}

bool sdxi_access_never_kept(const SdxiDma *d, SdxiAtc *atc,
                            const SdxiWant *want)
{
    if (!d->process || sdxi_pasid_kept(d->process) != SDXI_PASID_NOT_KEPT) {
        return false;
    }
    sdxi_atc_renew(atc, sdxi_epoch(), &sdxi_invals);
    sdxi_access_keep_none(atc, want);
    return true;
}

/*
 * An smmuv3 may ignore the highest byte of an address, and is told of
 * invalidations without it.
 */
#define SDXI_ADDRESS_BITS 56

static bool sdxi_access_keeps(const SdxiDma *d, const SdxiWant *want)
{
    return !(want->addr >> SDXI_ADDRESS_BITS) &&
           (!d->process || sdxi_pasid_ask_kept(d->process) == SDXI_PASID_KEPT);
}

bool sdxi_access_fetch(const SdxiDma *d, SdxiAtc *atc, const SdxiWant *want,
                       int64_t until)
{
    RCU_READ_LOCK_GUARD();
    uint64_t epoch = sdxi_epoch();
    SdxiTranslation t;

    sdxi_atc_renew(atc, epoch, &sdxi_invals);
    if (!sdxi_access_keeps(d, want)) {
        sdxi_access_keep_none(atc, want);
    } else if (!sdxi_atc_knows(atc, &want->space, want->addr, want->write)) {
        if (!sdxi_access_translate(d, want, &t) ||
            /* Asking may have had effects of its own. */
            epoch != sdxi_epoch()) {
            return false;
        }
        sdxi_access_keep(atc, want, &t);
    }
    return sdxi_access_time_left(until);
}

/* ---- what was in the way ---- */

typedef struct SdxiAccessProbe {
    const SdxiDma *d;
    hwaddr addr;
    bool write;
    bool translates;
} SdxiAccessProbe;

static bool sdxi_access_probe_section(void *opaque, int64_t until)
{
    SdxiAccessProbe *p = opaque;
    IOMMUTLBEntry entry;

    RCU_READ_LOCK_GUARD();
    if (sdxi_requester_gate(p->d) == SDXI_MEM_OK) {
        entry = address_space_get_iotlb_entry(p->d->as, p->addr, p->write,
                                              MEMTXATTRS_UNSPECIFIED);
        p->translates = entry.perm & (p->write ? IOMMU_WO : IOMMU_RO);
    }
    return true;
}

bool sdxi_access_translates(const SdxiDma *d, hwaddr addr, bool write)
{
    SdxiAccessProbe p = { .d = d, .addr = addr, .write = write };

    sdxi_access_post(d, sdxi_access_probe_section, &p, true);
    return p.translates;
}
