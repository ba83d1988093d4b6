/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became void with each of the last epochs (hostops.h), so that who keeps
 * translations loses those alone.
 *
 * One adds at a time; any thread reads, without a lock.  The log is a ring: a
 * reader that comes too late finds that out after it has read, and then
 * everything is void for it.
 */
#ifndef HW_DMA_SDXI_CORE_INVAL_LOG_H
#define HW_DMA_SDXI_CORE_INVAL_LOG_H

#include "hw/dma/sdxi/core/hostops.h"

/* PASIDs have 20 bits. */
#define SDXI_NO_PROCESS     UINT32_MAX

/* Epochs that are remembered; a power of two. */
#define SDXI_INVALS         256

/*
 * Void are translations of addresses from @first to @last, of no process and of
 * @process; without one (SDXI_NO_PROCESS) also all translations of all
 * processes, since they may have gone through what these addresses are.
 */
typedef struct SdxiInval {
    uint64_t first, last;       /* guest addresses, both included */
    uint32_t process;           /* PASID */
} SdxiInval;

#define SDXI_INVAL_ALL \
    ((SdxiInval) { .last = UINT64_MAX, .process = SDXI_NO_PROCESS })

/*
 * All of it atomic; starts as zeroes.  A guest could go around 32 bits while
 * somebody sleeps who has translations of the same number.
 */
struct SdxiInvalLog {
    uint64_t epoch;
    SdxiInval inval[SDXI_INVALS]; /* of epoch n at n % SDXI_INVALS */
};

/* The next epoch begins, with which @inval is void. */
void sdxi_inval_log_add(SdxiInvalLog *log, const SdxiInval *inval);
/*
 * What became void with @epoch.  Anything at all if that is not among the
 * last: sdxi_inval_log_lapped() tells, afterwards.
 */
SdxiInval sdxi_inval_log_get(const SdxiInvalLog *log, uint64_t epoch);
/* Of those since @epoch, that one not included, one may have been lost. */
bool sdxi_inval_log_lapped(const SdxiInvalLog *log, uint64_t epoch);

#endif /* HW_DMA_SDXI_CORE_INVAL_LOG_H */
