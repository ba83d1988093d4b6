/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of memory that traps because it stays in device order: what is read
 * often is put together in host order, and read and executed from there at the
 * speed of RAM.  Stores go on trapping, to the memory first and then to the
 * copy, so that the memory has them when the instruction is over.
 *
 * Which chunks are worth a copy, and which place of the pool each has, is
 * core/copies.h: whoever has mapped a place for DMA goes on reading the same
 * memory.  Which memory may be copied is window/map.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/core/copies.h"
#include "hw/cxl/window/internal.h"
#include "migration/vmstate.h"
#include "system/kvm.h"
#include "hw/cxl/trace.h"

/* Interleaving is no finer. */
#define STRIPE      256

struct CxlWindowCopies {
    CxlCopies account;
    MemoryRegion pool;
    uint8_t *bytes;                         /* of it */
    MemoryRegion *alias[CXL_COPIES];        /* NULL: not mapped */
};

/* What a load of a stripe would see; false: something would be in its way. */
static bool read_stripe(CxlWindows *ws, uint64_t hpa, uint8_t *to)
{
    CxlRouteHit hit;
    CxlWindowMember *m;
    CxlAccess access;

    if (cxl_route_find(cxl_window_tree(ws), hpa, &hit) != CXL_ROUTE_FOUND) {
        return false;
    }
    m = hit.device;
    return m->ops->access(m, hit.dpa, STRIPE, &access) == STRIPE &&
           access == CXL_ACCESS_OK &&
           cxl_window_host_rw(m, hit.dpa, to, STRIPE, false);
}

static bool fill(CxlWindows *ws, uint64_t hpa, uint8_t *to)
{
    for (uint64_t done = 0; done < CXL_COPY_CHUNK; done += STRIPE) {
        if (!read_stripe(ws, hpa + done, to + done)) {
            return false;
        }
    }
    return true;
}

static void map(CxlWindows *ws, unsigned place, uint64_t hpa)
{
    CxlWindowCopies *c = ws->copies;
    CxlWindow *w = cxl_window_at(ws, hpa);
    MemoryRegion *alias = g_new0(MemoryRegion, 1);
    g_autofree char *name = g_strdup_printf("memfab-cxl-copy-%u", place);

    trace_memfab_cxl_window_copy(hpa, CXL_COPY_CHUNK);
    cxl_copies_map(&c->account, place, hpa);
    c->alias[place] = alias;
    ws->copied = true;
    memory_region_init_alias(alias, memory_region_owner(&w->mr), name,
                             &c->pool, place * CXL_COPY_CHUNK, CXL_COPY_CHUNK);
    memory_region_add_subregion(&w->mr, hpa - w->base, alias);
}

static void unmap(MemoryRegion *alias)
{
    memory_region_del_subregion(alias->container, alias);
    object_unparent(OBJECT(alias));
    g_free(alias);
}

/* While somebody may still read what was in a place before: try again. */
void cxl_window_copies_read(CxlWindows *ws, uint64_t hpa)
{
    CxlWindowCopies *c = ws->copies;
    uint64_t chunk;
    int place = c ? cxl_copies_read(&c->account, hpa,
                                    !qatomic_read(&ws->settling), &chunk) : -1;

    if (place >= 0 && fill(ws, chunk, c->bytes + place * CXL_COPY_CHUNK)) {
        map(ws, place, chunk);
    }
}

void cxl_window_copies_wrote(CxlWindows *ws, uint64_t hpa, unsigned len)
{
    CxlWindowCopies *c = ws->copies;
    int place = c ? cxl_copies_find(&c->account, hpa) : -1;
    uint64_t at;
    CxlRouteHit hit;

    if (place < 0) {
        return;
    }
    at = place * CXL_COPY_CHUNK + (hpa - c->account.copy[place].hpa);
    if (cxl_route_find(cxl_window_tree(ws), hpa, &hit) == CXL_ROUTE_FOUND) {
        cxl_window_host_rw(hit.device, hit.dpa, c->bytes + at, len, false);
    }
    memory_region_flush_rom_device(&c->pool, at, len);
}

bool cxl_window_copies_forget(CxlWindows *ws)
{
    CxlWindowCopies *c = ws->copies;
    bool any = ws->copied;

    if (!c) {
        return false;
    }
    cxl_copies_forget(&c->account);
    if (any) {
        memory_region_transaction_begin();
        for (unsigned i = 0; i < c->account.used; i++) {
            g_clear_pointer(&c->alias[i], unmap);
        }
        memory_region_transaction_commit();
    }
    ws->copied = false;
    return any;
}

void cxl_window_copies_allow(CxlWindows *ws, uint64_t hpa, uint64_t size)
{
    if (ws->copies) {
        cxl_copies_allow(&ws->copies->account, hpa, size);
    }
}

/* As RAM the pool is read by processors themselves, until the first trap. */
static MemTxResult pool_read(void *opaque, hwaddr addr, uint64_t *data,
                             unsigned size, MemTxAttrs attrs)
{
    CxlWindows *ws = opaque;

    *data = ldn_le_p(ws->copies->bytes + addr, size);
    return MEMTX_OK;
}

static MemTxResult pool_write(void *opaque, hwaddr addr, uint64_t data,
                              unsigned size, MemTxAttrs attrs)
{
    CxlWindows *ws = opaque;

    return ws->write(cxl_copies_hpa(&ws->copies->account, addr), data, size,
                     attrs);
}

void cxl_window_copies_init(CxlWindows *ws)
{
    static const MemoryRegionOps ops = {
        .read_with_attrs = pool_read,
        .write_with_attrs = pool_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .valid = CXL_WINDOW_ANY_ACCESS,
        .impl = CXL_WINDOW_ANY_ACCESS,
    };
    CxlWindowCopies *c;

    /* Each would be a slot of KVM's. */
    if (kvm_enabled()) {
        return;
    }
    c = g_new0(CxlWindowCopies, 1);
    if (!memory_region_init_rom_device(&c->pool, NULL, &ops, ws,
                                       "memfab-cxl-copies",
                                       CXL_COPIES * CXL_COPY_CHUNK, NULL)) {
        g_free(c);
        return;
    }
    /* What is in it can be had again. */
    vmstate_unregister_ram(&c->pool, NULL);
    c->bytes = memory_region_get_ram_ptr(&c->pool);
    cxl_copies_init(&c->account);
    ws->copies = c;
}
