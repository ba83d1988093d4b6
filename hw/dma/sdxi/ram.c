/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces of guest RAM; see the header.
 */
#include "qemu/osdep.h"
#include "qemu/rcu.h"
#include "system/xen.h"
#include "hw/dma/sdxi/ram.h"

/* No piece of RAM ends in the middle of one; the next may lie right behind. */
#define SDXI_RAM_PAGE 4096

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

void sdxi_ram_wrote(uint8_t *host, uint64_t len)
{
    while (len) {
        SdxiRam ram = {
            .host = host,
            .len = MIN(len, SDXI_RAM_PAGE - (uintptr_t)host % SDXI_RAM_PAGE),
        };
        ram_addr_t offset;

        memory_region_ref(memory_region_from_host(host, &offset));
        sdxi_ram_put(&address_space_memory, &ram, true, ram.len);
        host += ram.len;
        len -= ram.len;
    }
}

uint8_t *sdxi_ram_lasting(AddressSpace *as, hwaddr addr, uint64_t len,
                          bool write, bool *watched)
{
    RCU_READ_LOCK_GUARD();
    hwaddr xlat, got = len;
    MemoryRegion *mr = address_space_translate(as, addr, &xlat, &got, write,
                                               MEMTXATTRS_UNSPECIFIED);

    if (got < len || xen_enabled() ||
        !memory_access_is_direct(mr, write, MEMTXATTRS_UNSPECIFIED)) {
        return NULL;
    }
    *watched = memory_region_get_dirty_log_mask(mr);
    return (uint8_t *)memory_region_get_ram_ptr(mr) + xlat;
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
        *done = sdxi_atomic_ram(ram.host, x);
    }
    sdxi_ram_put(as, &ram, true, whole ? ram.len : 0);
    return whole;
}
