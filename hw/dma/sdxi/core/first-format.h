/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first format of saved state: numbers that travelled one by one, by a
 * description of the glue.  It is only read; what is written is in save.c.
 */
#ifndef HW_DMA_SDXI_CORE_FIRST_FORMAT_H
#define HW_DMA_SDXI_CORE_FIRST_FORMAT_H

#include "hw/dma/sdxi/core/sdxi.h"

#define SDXI_SAVED_DSC 64
#define SDXI_SAVED_FAULT 5

/* A context that runs or is stopping. */
typedef struct SdxiSavedContext {
    uint64_t ring;            /* guest address of slot 0 */
    uint64_t sts;             /* of CXT_STS */
    uint64_t write_index;     /* of Write_Index */
    uint64_t akeys;           /* of the AKey table */
    uint64_t read_index;      /* next descriptor to take */
    uint64_t progress;        /* of the descriptor in flight */
    uint64_t carry;           /* what it has to remember */
    uint64_t deadline_left;   /* ns that a soft stop may still take */
    uint32_t ring_entries;
    uint32_t akey_entries;
    uint32_t pasid;
    uint32_t groups;
    uint16_t number;
    uint8_t pasid_valid;
    uint8_t max_buffer;       /* encoded as in CAP1 */
    uint8_t qos;
    uint8_t state;            /* as in CXT_STS: runs, or stops by command */
    uint8_t phase;            /* of the descriptor in flight, 0: none */
    uint8_t flags;            /* bits: stops hard, stale, er, buffer, ready */
    uint8_t fault[SDXI_SAVED_FAULT]; /* of the descriptor in flight */
    uint8_t dsc[SDXI_SAVED_DSC]; /* descriptor in flight, as in the ring */
} SdxiSavedContext;

typedef struct SdxiSaved {
    uint64_t cap0, cap1, version; /* must be equal on both sides */
    uint64_t ctl0;
    uint64_t grp_enum;        /* always 0: nothing to remember */
    uint64_t ctl2;
    uint64_t cxt_l2, rkey;
    uint64_t err_ctl, err_sts, err_cfg, err_wrt, err_rd;
    uint64_t active_ctl0;     /* CTL0 and CXT_L2 as latched at activation */
    uint64_t active_l2;
    uint64_t deadline_left;   /* ns that a soft stop may still take */
    uint32_t gsv;
    uint32_t num_contexts;
    uint32_t num_doorbells;
    SdxiSavedContext *contexts; /* num_contexts, ascending numbers */
    uint16_t *doorbells;        /* num_doorbells contexts, rung, not seen */
} SdxiSaved;

/* As sdxi_device_load().  Does not take over the arrays. */
bool sdxi_saved_load(SdxiDevice *dev, const SdxiSaved *saved, char **problem);
/* Frees the arrays. */
void sdxi_saved_clear(SdxiSaved *saved);

#endif /* HW_DMA_SDXI_CORE_FIRST_FORMAT_H */
