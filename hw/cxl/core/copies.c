/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of copies; see copies.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/copies.h"

QEMU_BUILD_BUG_ON(sizeof(CxlCopies) != 4112 && sizeof(void *) == 8);

typedef struct Area {
    uint64_t hpa;
    uint64_t size;
    uint8_t *reads;     /* of each chunk; CXL_COPY_OFTEN: was asked for */
} Area;

static void clear_area(void *opaque)
{
    g_free(((Area *)opaque)->reads);
}

void cxl_copies_init(CxlCopies *c)
{
    *c = (CxlCopies) { .areas = g_array_new(false, false, sizeof(Area)) };
    g_array_set_clear_func(c->areas, clear_area);
    for (unsigned i = 0; i < CXL_COPIES; i++) {
        c->copy[i].hpa = UINT64_MAX;
    }
}

void cxl_copies_destroy(CxlCopies *c)
{
    g_array_unref(c->areas);
}

void cxl_copies_forget(CxlCopies *c)
{
    g_array_set_size(c->areas, 0);
    for (unsigned i = 0; i < c->used; i++) {
        c->copy[i].mapped = false;
    }
}

void cxl_copies_allow(CxlCopies *c, uint64_t hpa, uint64_t size)
{
    Area area = { hpa, size, g_try_malloc0(size / CXL_COPY_CHUNK) };

    /* Without it loads go on trapping. */
    if (area.reads) {
        g_array_append_val(c->areas, area);
    }
}

static const Area *area_at(const CxlCopies *c, uint64_t hpa)
{
    for (unsigned i = 0; i < c->areas->len; i++) {
        const Area *area = &g_array_index(c->areas, Area, i);

        if (hpa >= area->hpa && hpa - area->hpa < area->size) {
            return area;
        }
    }
    return NULL;
}

/* The place that the chunk had before, or one that nobody else wants; or -1 */
static int place_for(const CxlCopies *c, uint64_t chunk)
{
    int unused = -1;

    for (unsigned i = 0; i < CXL_COPIES; i++) {
        const CxlCopy *copy = &c->copy[i];

        if (copy->hpa == chunk) {
            return copy->mapped ? -1 : (int)i;
        }
        if (unused < 0 && !copy->mapped &&
            (copy->hpa == UINT64_MAX || !area_at(c, copy->hpa))) {
            unused = i;
        }
    }
    return unused;
}

int cxl_copies_read(CxlCopies *c, uint64_t hpa, bool now, uint64_t *chunk)
{
    const Area *area = area_at(c, hpa);
    uint64_t n = area ? (hpa - area->hpa) / CXL_COPY_CHUNK : 0;

    if (!area || n >= area->size / CXL_COPY_CHUNK ||
        area->reads[n] == CXL_COPY_OFTEN) {
        return -1;
    }
    if (area->reads[n] + 1 < CXL_COPY_OFTEN || now) {
        area->reads[n]++;
    }
    if (area->reads[n] < CXL_COPY_OFTEN) {
        return -1;
    }
    *chunk = area->hpa + n * CXL_COPY_CHUNK;
    return place_for(c, *chunk);
}

void cxl_copies_map(CxlCopies *c, unsigned place, uint64_t chunk)
{
    c->copy[place] = (CxlCopy) { .hpa = chunk, .mapped = true };
    c->used = MAX(c->used, place + 1);
}

int cxl_copies_find(const CxlCopies *c, uint64_t hpa)
{
    for (unsigned i = 0; i < c->used; i++) {
        const CxlCopy *copy = &c->copy[i];

        if (copy->mapped && hpa - copy->hpa < CXL_COPY_CHUNK) {
            return i;
        }
    }
    return -1;
}

const char *cxl_copies_check(const CxlCopies *c)
{
    for (unsigned i = 0; i < CXL_COPIES; i++) {
        const CxlCopy *copy = &c->copy[i];

        if ((copy->hpa != UINT64_MAX || copy->mapped) && i >= c->used) {
            return "a place was never used and has a chunk";
        }
        if (copy->mapped && !area_at(c, copy->hpa)) {
            return "a copy is mapped of what may not be copied";
        }
        for (unsigned k = 0; k < i && copy->hpa != UINT64_MAX; k++) {
            if (c->copy[k].hpa == copy->hpa) {
                return "a chunk has two places";
            }
        }
    }
    return NULL;
}
