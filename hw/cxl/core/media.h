/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Static capacity and the state of the media: the one place both are stored.
 *
 * DPA order: volatile (its own part, then what Set Partition Info gave it),
 * then persistent.  CXL r3.1 8.2.9.9.2, 8.2.8.5.1.1.  Dynamic capacity lies
 * above and belongs to core/dcd-pool.c.
 *
 * Invariant: given <= partitionable, and a multiple of the alignment; the
 * same for next if it is valid.
 */
#ifndef HW_CXL_CORE_MEDIA_H
#define HW_CXL_CORE_MEDIA_H

#include "hw/common/save.h"
#include "hw/cxl/wire/mailbox.h"

typedef enum CxlMediaState {
    CXL_MEDIA_NOT_READY, CXL_MEDIA_READY, CXL_MEDIA_ERROR, CXL_MEDIA_DISABLED,
} CxlMediaState;

typedef struct CxlMedia {
    /* bytes, fixed */
    uint64_t volatile_only;
    uint64_t persistent_only;
    uint64_t partitionable;
    uint64_t align;
    /* bytes of the partitionable part that are volatile */
    uint64_t given;
    uint64_t next;
    bool next_valid;
    uint8_t state;      /* CxlMediaState */
    bool fatal;         /* device fatal, reported until a reset */
    uint8_t reset_needed; /* memory device status [7:5] */
} CxlMedia;

uint64_t cxl_media_total(const CxlMedia *m);
uint64_t cxl_media_volatile(const CxlMedia *m);
uint64_t cxl_media_persistent(const CxlMedia *m);
bool cxl_media_is_persistent(const CxlMedia *m, uint64_t dpa);

/*
 * How much of the partitionable capacity is volatile from the next cold reset
 * on.  Success, or the return code for a value that cannot be.
 */
CxlRc cxl_media_set_next(CxlMedia *m, uint64_t given);
/* The boundary moves now; true if it was elsewhere before. */
bool cxl_media_apply_next(CxlMedia *m);

/* Memory device status register. */
uint64_t cxl_media_status(const CxlMedia *m);

/* Saved state, see hw/common/save.h. */
void cxl_media_save(const CxlMedia *m, SaveWriter *w);
void cxl_media_load(CxlMedia *m, SaveReader *r);
const char *cxl_media_check(const CxlMedia *m);

#endif /* HW_CXL_CORE_MEDIA_H */
