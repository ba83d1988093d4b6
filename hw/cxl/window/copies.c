/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of memory that traps because it stays in device order: what is read
 * often is put together in host order, and read and executed from there at the
 * speed of RAM.  Stores go on trapping, to the memory first and then to the
 * copy, so that the memory has them when the instruction is over.
 *
 * A copy is of a chunk of host address space and has a place of its own, which
 * nothing else gets as long as the chunk may be copied: whoever has mapped it
 * for DMA goes on reading the same memory.  Which memory may be copied is
 * window/map.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/window/internal.h"
#include "migration/vmstate.h"
#include "system/kvm.h"
#include "hw/cxl/trace.h"

#define CHUNK       MiB
/* Chunks with a copy at a time: memory of the host, and sections of QEMU's */
#define COPIES      256
/* A chunk that was read so often is worth a copy. */
#define OFTEN       200
/* Interleaving is no finer. */
#define STRIPE      256

typedef struct Area {
    uint64_t hpa;
    uint64_t size;
    uint8_t *reads;     /* of each chunk; OFTEN: was looked at */
} Area;

typedef struct Copy {
    uint64_t hpa;       /* UINT64_MAX: never used */
    MemoryRegion *alias;    /* NULL: not mapped */
} Copy;

struct CxlWindowCopies {
    MemoryRegion pool;
    uint8_t *bytes;     /* of it */
    Copy copy[COPIES];
    unsigned used;      /* places that ever were */
    GArray *areas;     /* Area */
};

static void clear_area(void *opaque)
{
    g_free(((Area *)opaque)->reads);
}

static const Area *area_at(const CxlWindowCopies *c, uint64_t hpa)
{
    for (unsigned i = 0; i < c->areas->len; i++) {
        const Area *r = &g_array_index(c->areas, Area, i);

        if (hpa >= r->hpa && hpa - r->hpa < r->size) {
            return r;
        }
    }
    return NULL;
}

static Copy *mapped_at(CxlWindowCopies *c, uint64_t hpa)
{
    for (unsigned i = 0; i < c->used; i++) {
        if (c->copy[i].alias && hpa - c->copy[i].hpa < CHUNK) {
            return &c->copy[i];
        }
    }
    return NULL;
}

/* The place that the chunk had before, or one that nobody else wants */
static Copy *place_for(CxlWindowCopies *c, uint64_t hpa)
{
    Copy *free = NULL;

    for (unsigned i = 0; i < COPIES; i++) {
        Copy *copy = &c->copy[i];

        if (copy->hpa == hpa) {
            return copy;
        }
        if (!free && !copy->alias &&
            (copy->hpa == UINT64_MAX || !area_at(c, copy->hpa))) {
            free = copy;
        }
    }
    return free;
}

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
    for (uint64_t done = 0; done < CHUNK; done += STRIPE) {
        if (!read_stripe(ws, hpa + done, to + done)) {
            return false;
        }
    }
    return true;
}

static void map(CxlWindows *ws, Copy *copy)
{
    CxlWindowCopies *c = ws->copies;
    CxlWindow *w = cxl_window_at(ws, copy->hpa);
    unsigned n = copy - c->copy;
    g_autofree char *name = g_strdup_printf("memfab-cxl-copy-%u", n);

    trace_memfab_cxl_window_copy(copy->hpa, CHUNK);
    c->used = MAX(c->used, n + 1);
    ws->copied = true;
    copy->alias = g_new0(MemoryRegion, 1);
    memory_region_init_alias(copy->alias, memory_region_owner(&w->mr), name,
                             &c->pool, n * CHUNK, CHUNK);
    memory_region_add_subregion(&w->mr, copy->hpa - w->base, copy->alias);
}

static void unmap(Copy *copy)
{
    memory_region_del_subregion(copy->alias->container, copy->alias);
    object_unparent(OBJECT(copy->alias));
    g_clear_pointer(&copy->alias, g_free);
}

void cxl_window_copies_read(CxlWindows *ws, uint64_t hpa)
{
    CxlWindowCopies *c = ws->copies;
    const Area *r = c ? area_at(c, hpa) : NULL;
    uint64_t chunk = r ? (hpa - r->hpa) / CHUNK : 0;
    Copy *copy;

    if (!r || chunk >= r->size / CHUNK || r->reads[chunk] == OFTEN ||
        ++r->reads[chunk] < OFTEN) {
        return;
    }
    /* Somebody may still read what was in the place before: try again. */
    if (qatomic_read(&ws->settling)) {
        r->reads[chunk]--;
        return;
    }
    hpa = r->hpa + chunk * CHUNK;
    copy = place_for(c, hpa);
    if (!copy || copy->alias) {
        return;
    }
    if (fill(ws, hpa, c->bytes + (copy - c->copy) * CHUNK)) {
        copy->hpa = hpa;
        map(ws, copy);
    }
}

void cxl_window_copies_wrote(CxlWindows *ws, uint64_t hpa, unsigned len)
{
    CxlWindowCopies *c = ws->copies;
    Copy *copy = c ? mapped_at(c, hpa) : NULL;
    uint64_t at;
    CxlRouteHit hit;

    if (!copy) {
        return;
    }
    at = (copy - c->copy) * CHUNK + (hpa - copy->hpa);
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
    g_array_set_size(c->areas, 0);
    if (any) {
        memory_region_transaction_begin();
        for (unsigned i = 0; i < c->used; i++) {
            if (c->copy[i].alias) {
                unmap(&c->copy[i]);
            }
        }
        memory_region_transaction_commit();
    }
    ws->copied = false;
    return any;
}

void cxl_window_copies_allow(CxlWindows *ws, uint64_t hpa, uint64_t size)
{
    if (ws->copies) {
        Area r = { hpa, size, g_malloc0(size / CHUNK) };

        g_array_append_val(ws->copies->areas, r);
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
    uint64_t hpa = ws->copies->copy[addr / CHUNK].hpa + addr % CHUNK;

    return ws->write(hpa, data, size);
}

void cxl_window_copies_init(CxlWindows *ws)
{
    static const MemoryRegionOps ops = {
        .read_with_attrs = pool_read,
        .write_with_attrs = pool_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .valid = {
            .min_access_size = 1,
            .max_access_size = 8,
            .unaligned = true,
        },
        .impl = {
            .min_access_size = 1,
            .max_access_size = 8,
            .unaligned = true,
        },
    };
    CxlWindowCopies *c;

    /* Each would be a slot of KVM's. */
    if (kvm_enabled()) {
        return;
    }
    c = g_new0(CxlWindowCopies, 1);
    if (!memory_region_init_rom_device(&c->pool, NULL, &ops, ws,
                                       "memfab-cxl-copies", COPIES * CHUNK,
                                       NULL)) {
        g_free(c);
        return;
    }
    /* What is in it can be had again. */
    vmstate_unregister_ram(&c->pool, NULL);
    c->bytes = memory_region_get_ram_ptr(&c->pool);
    for (unsigned i = 0; i < COPIES; i++) {
        c->copy[i].hpa = UINT64_MAX;
    }
    c->areas = g_array_new(false, false, sizeof(Area));
    g_array_set_clear_func(c->areas, clear_area);
    ws->copies = c;
}
