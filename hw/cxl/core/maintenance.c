/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spares are counters; see maintenance.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/maintenance.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlMaintenance) != 7 && sizeof(void *) == 8);

#define SOFT_PPR 0
#define PPR_SUBCLASSES 2
#define SPARING_SUBCLASSES 4

void cxl_maintenance_init(CxlMaintenance *m, uint8_t supply)
{
    m->supply = supply;
    memset(m->spares, supply, sizeof(m->spares));
}

void cxl_maintenance_cold_reset(CxlMaintenance *m)
{
    m->spares[SOFT_PPR] = m->supply;
}

int cxl_maintenance_kind(unsigned class, unsigned subclass)
{
    if (class == CXL_MAINT_PPR && subclass < PPR_SUBCLASSES) {
        return subclass;
    }
    if (class == CXL_MAINT_SPARING && subclass < SPARING_SUBCLASSES) {
        return PPR_SUBCLASSES + subclass;
    }
    return -1;
}

void cxl_maintenance_take(CxlMaintenance *m, unsigned kind)
{
    assert(m->spares[kind]);
    m->spares[kind]--;
}

void cxl_maintenance_save(const CxlMaintenance *m, SaveWriter *w)
{
    save_put_bytes(w, m->spares, sizeof(m->spares));
}

void cxl_maintenance_load(CxlMaintenance *m, SaveReader *r)
{
    save_get_bytes(r, m->spares, sizeof(m->spares));
}

const char *cxl_maintenance_check(const CxlMaintenance *m)
{
    for (unsigned i = 0; i < CXL_SPARE_KINDS; i++) {
        if (m->spares[i] > m->supply) {
            return "more spares than there were";
        }
    }
    return NULL;
}
