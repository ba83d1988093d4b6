/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces of guest RAM; see the header.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/rcu.h"
#include "hw/dma/sdxi/ram.h"

void sdxi_ram_take(MemoryRegion *mr, hwaddr xlat, uint64_t len, SdxiRam *ram)
{
    memory_region_ref(mr);
    ram->host = (uint8_t *)memory_region_get_ram_ptr(mr) + xlat;
    ram->len = len;
}

/* Not address_space_map(): that one takes the big lock for what is no RAM. */
bool sdxi_ram_find(AddressSpace *as, hwaddr addr, uint64_t len, bool write,
                   SdxiRam *ram)
{
    RCU_READ_LOCK_GUARD();
    hwaddr xlat, got = len;
    MemoryRegion *mr = address_space_translate(as, addr, &xlat, &got, write,
                                               MEMTXATTRS_UNSPECIFIED);

    if (!got || !memory_access_is_direct(mr, write, MEMTXATTRS_UNSPECIFIED)) {
        return false;
    }
    sdxi_ram_take(mr, xlat, got, ram);
    return true;
}

void sdxi_ram_put(AddressSpace *as, SdxiRam *ram, bool write, uint64_t used)
{
    address_space_unmap(as, ram->host, ram->len, write, used);
}

void sdxi_ram_move(void *to, const void *from, uint64_t len)
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

uint64_t sdxi_ram_copy(AddressSpace *src, hwaddr from, AddressSpace *dst,
                       hwaddr to, uint64_t len)
{
    SdxiRam s, t;
    uint64_t n = 0;

    if (!sdxi_ram_find(src, from, len, false, &s)) {
        return 0;
    }
    if (sdxi_ram_find(dst, to, s.len, true, &t)) {
        n = t.len;
        memmove(t.host, s.host, n);
        sdxi_ram_put(dst, &t, true, n);
    }
    sdxi_ram_put(src, &s, false, n);
    return n;
}

/* ---- atomic accesses ---- */

static void sdxi_ram_swap(void *host, SdxiAtomic *x)
{
    if (x->size == 8) {
        x->found = le64_to_cpu(qatomic_cmpxchg((uint64_t *)host,
                                               cpu_to_le64(x->expected),
                                               cpu_to_le64(x->wanted)));
    } else {
        x->found = le32_to_cpu(qatomic_cmpxchg((uint32_t *)host,
                                               cpu_to_le32(x->expected),
                                               cpu_to_le32(x->wanted)));
    }
}

static bool sdxi_ram_decrement(uint64_t *at)
{
    uint64_t old;

    if (!HOST_BIG_ENDIAN) {
        qatomic_dec(at);
        return true;
    }
    old = qatomic_read(at);
    return qatomic_cmpxchg(at, old, cpu_to_le64(le64_to_cpu(old) - 1)) == old;
}

static bool sdxi_ram_atomic_host(void *host, SdxiAtomic *x)
{
    if (x->what == SDXI_ATOMIC_DECREMENT) {
        return sdxi_ram_decrement(host);
    }
    sdxi_ram_swap(host, x);
    return true;
}

bool sdxi_ram_atomic(AddressSpace *as, hwaddr addr, SdxiAtomic *x,
                     bool *done)
{
    SdxiRam ram;
    bool whole;

    if (!sdxi_ram_find(as, addr, x->size, true, &ram)) {
        return false;
    }
    whole = ram.len == x->size && QEMU_PTR_IS_ALIGNED(ram.host, x->size);
    if (whole) {
        *done = sdxi_ram_atomic_host(ram.host, x);
    }
    sdxi_ram_put(as, &ram, true, whole ? ram.len : 0);
    return whole;
}

bool sdxi_atomic_next(SdxiAtomic *x, uint64_t found, uint64_t *next)
{
    if (x->what == SDXI_ATOMIC_DECREMENT) {
        *next = found - 1;
        return true;
    }
    x->found = found;
    *next = x->wanted;
    return found == x->expected;
}
