/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory as one requester sees it; see the header.
 *
 * Nothing here needs the big lock or waits for it; scripts/check-workers knows
 * which of QEMU's functions that leaves.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/access.h"
#include "hw/dma/sdxi/dma.h"
#include "hw/dma/sdxi/ram.h"

/* ---- accesses ---- */

static bool sdxi_dma_wraps(hwaddr addr, uint64_t len)
{
    return len && addr + len - 1 < addr;
}

static SdxiMemResult sdxi_dma_rw(const SdxiDma *d, hwaddr addr, uint8_t *buf,
                                 uint64_t len, bool write)
{
    SdxiMemResult res = SDXI_MEM_OK;
    SdxiRam ram;

    if (sdxi_dma_wraps(addr, len)) {
        return SDXI_MEM_ACCESS;
    }
    sdxi_requester_renew(d->spans);
    while (len && res == SDXI_MEM_OK) {
        uint64_t n;

        res = sdxi_requester_gate(d);
        if (res != SDXI_MEM_OK) {
            break;
        }
        if (sdxi_requester_needs_lock(d) ||
            !sdxi_ram_find(d->as, addr, len, write, &ram)) {
            return sdxi_access_rw(d, addr, buf, len, write);
        }
        n = ram.len;
        sdxi_ram_move(write ? ram.host : buf, write ? buf : ram.host, n);
        sdxi_ram_put(d->as, &ram, write, n);
        addr += n;
        buf += n;
        len -= n;
    }
    return res;
}

SdxiMemResult sdxi_dma_read(const SdxiDma *d, hwaddr addr, void *buf,
                            uint64_t len)
{
    return sdxi_dma_rw(d, addr, buf, len, false);
}

SdxiMemResult sdxi_dma_write(const SdxiDma *d, hwaddr addr, const void *buf,
                             uint64_t len)
{
    return sdxi_dma_rw(d, addr, (uint8_t *)buf, len, true);
}

SdxiMemResult sdxi_dma_copy(SdxiDmaCopy *c)
{
    bool lock = sdxi_requester_needs_lock(c->src) ||
                sdxi_requester_needs_lock(c->dst);
    SdxiMemResult res = SDXI_MEM_OK;

    c->done = 0;
    c->write_failed = sdxi_dma_wraps(c->to, c->len);
    if (c->write_failed || sdxi_dma_wraps(c->from, c->len)) {
        return SDXI_MEM_ACCESS;
    }
    sdxi_requester_renew(c->src->spans);
    while (c->done < c->len && res == SDXI_MEM_OK) {
        uint64_t n = 0;

        res = sdxi_requester_gate(c->src);
        if (res == SDXI_MEM_OK) {
            res = sdxi_requester_gate(c->dst);
            c->write_failed = res != SDXI_MEM_OK;
        }
        if (res == SDXI_MEM_OK) {
            if (!lock) {
                n = sdxi_ram_copy(c->src->as, c->from + c->done, c->dst->as,
                                  c->to + c->done, c->len - c->done);
            }
            c->done += n;
            if (!n) {
                res = sdxi_access_copy(c);
            }
        }
    }
    return res;
}

/* ---- atomic accesses ---- */

static SdxiMemResult sdxi_dma_atomic(const SdxiDma *d, hwaddr addr,
                                     SdxiAtomic *x)
{
    SdxiMemResult res;
    bool done;

    sdxi_requester_renew(d->spans);
    res = sdxi_requester_gate(d);
    if (res != SDXI_MEM_OK) {
        return res;
    }
    if (!sdxi_requester_needs_lock(d) &&
        sdxi_ram_atomic(d->as, addr, x, &done)) {
        return done ? SDXI_MEM_OK : SDXI_MEM_AGAIN;
    }
    return sdxi_access_atomic(d, addr, x);
}

SdxiMemResult sdxi_dma_cmpxchg(const SdxiDma *d, hwaddr addr, unsigned size,
                               uint64_t *expected, uint64_t wanted)
{
    SdxiAtomic x = {
        .what = SDXI_ACCESS_SWAP, .size = size, .expected = *expected,
        .wanted = wanted, .found = *expected,
    };
    SdxiMemResult res = sdxi_dma_atomic(d, addr, &x);

    *expected = x.found;
    return res;
}

SdxiMemResult sdxi_dma_decrement(const SdxiDma *d, hwaddr addr)
{
    SdxiAtomic x = { .what = SDXI_ACCESS_DECREMENT, .size = 8 };

    return sdxi_dma_atomic(d, addr, &x);
}

bool sdxi_dma_untranslated(const SdxiDma *d, hwaddr addr, bool write)
{
    return d->translated && sdxi_requester_gate(d) == SDXI_MEM_OK &&
           !sdxi_access_translates(d, addr, write);
}
