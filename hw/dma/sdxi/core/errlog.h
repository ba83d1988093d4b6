/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The error log, SDXI 1.0 3.4: a ring in guest memory that the function fills
 * and software empties.  Its indexes and flags are in the registers.
 */
#ifndef HW_DMA_SDXI_CORE_ERRLOG_H
#define HW_DMA_SDXI_CORE_ERRLOG_H

#include "hw/dma/sdxi/core/fault.h"
#include "hw/dma/sdxi/core/host.h"
#include "hw/dma/sdxi/core/regs.h"

/* Who was concerned; what is not known is not valid in the entry. */
typedef struct SdxiErrContext {
    bool has_number;
    bool has_index;
    uint16_t number;
    uint64_t index;         /* of the descriptor, not of its slot */
} SdxiErrContext;

typedef enum SdxiErrlogEnd {
    SDXI_ERRLOG_OFF,        /* logging is not enabled */
    SDXI_ERRLOG_WRITTEN,
    SDXI_ERRLOG_LOST,       /* no room, or the log cannot be written */
    SDXI_ERRLOG_AGAIN,      /* memory says "again"; nothing was done */
} SdxiErrlogEnd;

/*
 * Write an entry and set the flags.  *@interrupt: vector 0 is to be raised,
 * once software can see everything else.  @shift: ERR_CFG.sz is a shift.
 */
SdxiErrlogEnd sdxi_errlog_append(SdxiRegs *regs, const SdxiHost *host,
                                 const SdxiSpace *space, bool shift,
                                 const SdxiFault *fault,
                                 const SdxiErrContext *where,
                                 bool *interrupt);

/* Who cannot try again later: set the flags of an entry that is lost. */
SdxiErrlogEnd sdxi_errlog_lose(SdxiRegs *regs, const SdxiHost *host,
                               bool *interrupt);

/* Entries that the log of this ERR_CFG has. */
uint64_t sdxi_errlog_entries(uint64_t err_cfg, bool shift);

#endif /* HW_DMA_SDXI_CORE_ERRLOG_H */
