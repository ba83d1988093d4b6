/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds the memory of an accelerator, page by page: the host or the
 * device.  CXL r3.1 2.2.1, bias-based coherency.  The registers in which a
 * guest sees it are wire/bias.h.
 *
 * A page in host bias may be in the caches of the host.  Before the device
 * touches it, it asks the host for it: with a back-invalidate snoop where back
 * invalidate is enabled (HDM-DB), else with a request on CXL.cache (HDM-D).
 * That flips the page to device bias, where the device asks nobody.  An access
 * of the host that the model sees, or the command of a driver, flips it back.
 * One message per page is counted, where silicon sends one per line.
 *
 * It is bookkeeping: no access waits for a flip, and the bytes are the same for
 * both at all times.  Accesses of the host that go to memory directly are not
 * seen here.
 *
 * cxl_bias_device() may be called by any thread at any time; everything else
 * by whoever is inside the endpoint.
 *
 * Invariant (cxl_bias_check): no page beyond the memory is held.
 */
#ifndef HW_CXL_CORE_BIAS_H
#define HW_CXL_CORE_BIAS_H

#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/common/watch.h"
#include "hw/cxl/wire/bias.h"

/* A page is so large that there are no more, and has 4 KiB at least. */
#define CXL_BIAS_PAGES_MAX      65536u
#define CXL_BIAS_SHIFT_MIN      12
#define CXL_BIAS_WORD_BITS      (8 * (unsigned)sizeof(size_t))

/* On a host of 32 bits they wrap early. */
typedef struct CxlBiasCounts {
    size_t taken, given;        /* pages that flipped, to device, to host */
    size_t snoops, requests;    /* what the device has sent for them */
    size_t reads, writes;       /* accesses of the device */
} CxlBiasCounts;

typedef struct CxlBias {
    uint64_t size;              /* bytes of memory, from DPA 0; constant */
    uint8_t shift;              /* log2 of the bytes of a page; constant */
    unsigned pages;             /* constant */
    bool snooping;              /* back-invalidate is enabled */
    bool commanded;             /* by the write that is going on */
    Regbank bank;

    /* Saved state: */
    uint8_t bytes[CXL_BIAS_LEN];
    uint32_t status;
    uint64_t result;
    CxlBiasCounts counts;
    size_t held[CXL_BIAS_PAGES_MAX / (8 * sizeof(size_t))]; /* bit: device */
} CxlBias;

/* For @size > 0 bytes of memory, all of it in host bias.  One reference. */
CxlBias *cxl_bias_new(uint64_t size);
/* Any thread.  NULL is nothing to drop. */
void cxl_bias_unref(CxlBias *b);
/* For whoever carries out accesses of the device: cxl_bias_device() */
extern const WatchOps cxl_bias_watch;
/* All goes to the host, and counts as flipped; @all: counters are 0, too. */
void cxl_bias_reset(CxlBias *b, bool all);
/* Whether the device asks by snoops from now on. */
void cxl_bias_set_snooping(CxlBias *b, bool on);

/*
 * The device accesses @len bytes at DPA @dpa, and takes all pages of it.  What
 * is beyond the memory is left out.
 */
void cxl_bias_device(CxlBias *b, uint64_t dpa, uint64_t len, bool is_write);
/* The host does: pages flipped to it. */
uint64_t cxl_bias_host(CxlBias *b, uint64_t dpa, uint64_t len);
/* Pages of the range that the device holds */
uint64_t cxl_bias_held(const CxlBias *b, uint64_t dpa, uint64_t len);
CxlBiasCounts cxl_bias_counts(const CxlBias *b);

/* @offset from CXL_COMP_BIAS; @size 1..8.  True: a command was carried out. */
uint64_t cxl_bias_read(CxlBias *b, uint64_t offset, unsigned size);
bool cxl_bias_write(CxlBias *b, uint64_t offset, uint64_t value,
                    unsigned size);

/* Become what @from is, of the same size; all that is saved state. */
void cxl_bias_assign(CxlBias *b, const CxlBias *from);
/* See hw/common/save.h. */
void cxl_bias_save(const CxlBias *b, SaveWriter *w);
void cxl_bias_load(CxlBias *b, SaveReader *r);
/* NULL if the invariant holds, else what is wrong. */
const char *cxl_bias_check(const CxlBias *b);

#endif /* HW_CXL_CORE_BIAS_H */
