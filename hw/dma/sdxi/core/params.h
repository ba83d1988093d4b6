/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person chooses of a function by properties: the numbers, what each
 * means in a sentence, which values are accepted, and the configuration that
 * they add up to.
 *
 * How properties get here is hw/dma/sdxi/props.c; what a configuration must be
 * like, whoever wrote it, is sdxi_config_check().
 */
#ifndef HW_DMA_SDXI_CORE_PARAMS_H
#define HW_DMA_SDXI_CORE_PARAMS_H

#include "hw/dma/sdxi/core/sdxi.h"

/* Threads that run contexts side by side */
#define SDXI_WORKERS_MAX 16

typedef struct SdxiParams {
    uint64_t contexts;
    uint64_t max_ring;          /* descriptors */
    uint64_t doorbell_stride;   /* bytes */
    uint64_t max_buffer;        /* bytes */
    uint64_t akeys;
    uint64_t rkeys;             /* 0: no RKey table */
    uint64_t errlog;            /* entries */
    uint64_t sfunc;             /* 0: choose */
    uint64_t vectors;           /* 0: choose */
    uint64_t vfs;
    uint64_t latency;           /* ns; 0: not told */
    uint64_t bandwidth;         /* MB/s; 0: not told */
    uint64_t pasid_bits;
    uint64_t workers;
    uint64_t poll_us;           /* 0: off */
    uint16_t vendor_id;
    uint16_t device_id;
    uint16_t spdm_port;         /* TCP; 0: no mailbox for SPDM */
    bool x_atomics;
    bool x_minimal_atomics;
    bool cdat;
    bool uio;
    bool pasid;
    bool x_errlog_shift;
    bool x_rkey_pages;
} SdxiParams;

/* What the property @name means, one after the other; NULL after the last. */
const char *sdxi_params_text(unsigned n, const char **name);

/*
 * NULL, or an allocated sentence with property, value and accepted range.
 * @iothread: somebody else's thread is to run the function.
 */
char *sdxi_params_problem(const SdxiParams *p, bool iothread);
/*
 * The same for what depends on the place on a bus, of PCI Express or not;
 * @devfn has device and function number.
 */
char *sdxi_params_place_problem(const SdxiParams *p, bool express,
                                uint8_t devfn);

/*
 * The function handle: what was wanted, or the lowest that is free.  NULL, or
 * an allocated sentence.
 */
char *sdxi_params_choose_sfunc(const SdxiParams *p,
                               bool (*taken)(void *opaque, uint16_t sfunc),
                               void *opaque, uint16_t *sfunc);

/* How many vectors there are, chosen or said */
uint32_t sdxi_params_vectors(const SdxiParams *p);

/*
 * Of parameters without a problem; @groups are the optional ones on offer.
 * Who else there is, and on which bus, is left to the caller.
 */
void sdxi_params_config(const SdxiParams *p, uint32_t groups, uint16_t sfunc,
                        SdxiConfig *config);

#endif /* HW_DMA_SDXI_CORE_PARAMS_H */
