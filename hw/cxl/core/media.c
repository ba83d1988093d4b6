/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Partitions as three sizes and one boundary; see media.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/media.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlMedia) != 56 && sizeof(void *) == 8);

uint64_t cxl_media_total(const CxlMedia *m)
{
    return m->volatile_only + m->partitionable + m->persistent_only;
}

uint64_t cxl_media_volatile(const CxlMedia *m)
{
    return m->volatile_only + m->given;
}

uint64_t cxl_media_persistent(const CxlMedia *m)
{
    return cxl_media_total(m) - cxl_media_volatile(m);
}

bool cxl_media_is_persistent(const CxlMedia *m, uint64_t dpa)
{
    return dpa >= cxl_media_volatile(m) && dpa < cxl_media_total(m);
}

CxlRc cxl_media_set_next(CxlMedia *m, uint64_t given)
{
    if (!m->partitionable) {
        return CXL_RC_UNSUPPORTED;
    }
    if (given > m->partitionable || given % m->align) {
        return CXL_RC_INVALID_INPUT;
    }
    m->next = given;
    m->next_valid = given != m->given;
    return CXL_RC_SUCCESS;
}

bool cxl_media_apply_next(CxlMedia *m)
{
    bool moved = m->next_valid;

    if (moved) {
        m->given = m->next;
    }
    m->next = 0;
    m->next_valid = false;
    return moved;
}

uint64_t cxl_media_status(const CxlMedia *m)
{
    return (m->fatal ? CXL_MEMDEV_STATUS_FATAL : 0) |
           (uint64_t)m->state << CXL_MEMDEV_STATUS_MEDIA_SHIFT |
           CXL_MEMDEV_STATUS_READY |
           (uint64_t)m->reset_needed << CXL_MEMDEV_STATUS_RESET_SHIFT;
}

void cxl_media_save(const CxlMedia *m, SaveWriter *w)
{
    save_put(w, m->given);
    save_put(w, m->next);
    save_put(w, m->next_valid);
    save_put(w, m->state);
    save_put(w, m->fatal);
    save_put(w, m->reset_needed);
}

void cxl_media_load(CxlMedia *m, SaveReader *r)
{
    SAVE_GET(r, m->given);
    SAVE_GET(r, m->next);
    SAVE_GET(r, m->next_valid);
    SAVE_GET(r, m->state);
    SAVE_GET(r, m->fatal);
    SAVE_GET(r, m->reset_needed);
}

const char *cxl_media_check(const CxlMedia *m)
{
    if (m->given > m->partitionable || m->next > m->partitionable) {
        return "partition beyond the partitionable part";
    }
    if (m->partitionable && (m->given % m->align || m->next % m->align)) {
        return "partition alignment";
    }
    if (m->state > CXL_MEDIA_DISABLED || m->reset_needed > 4) {
        return "media state";
    }
    return NULL;
}
