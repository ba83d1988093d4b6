/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control registers of BAR0, SDXI 1.0 9.1 to 9.3: storage, masks, reset
 * values.  The registers are the only place where their content is kept.
 * What a request or a pointer leads to is not here: the events below tell
 * the owner, hw/dma/sdxi/core/device.c.
 */
#ifndef HW_DMA_SDXI_CORE_REGS_H
#define HW_DMA_SDXI_CORE_REGS_H

#include "qemu/bswap.h"
#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/dma/sdxi/wire/mmio.h"

#define SDXI_REGS_BANKS 3
/* All registers, of all banks */
#define SDXI_REGS 14

/* Registers lie in three far-apart clusters; each is a bank. */
typedef struct SdxiRegs {
    Regbank bank[SDXI_REGS_BANKS];
    uint8_t general[SDXI_MMIO_VERSION + 8];
    uint8_t tables[SDXI_MMIO_RKEY + 8 - SDXI_MMIO_CXT_L2];
    uint8_t errlog[SDXI_MMIO_ERR_RD + 8 - SDXI_MMIO_ERR_CTL];
    uint64_t shown[SDXI_REGS];  /* atomic copies of them, for any thread */
    const struct SdxiRegsEvents *events;
    void *owner;
} SdxiRegs;

typedef struct SdxiRegsEvents {
    /* fn_gsr was written, changed or not */
    void (*request)(void *owner, SdxiRequest request);
    /* CTL2 or RKEY changed */
    void (*limits)(void *owner);
    /* Bits that cannot be written were, at @offset of BAR0 */
    void (*ignored)(void *owner, uint32_t offset, uint64_t bits);
} SdxiRegsEvents;

/* Capabilities are part of the power-on values and never change. */
typedef struct SdxiRegsCaps {
    uint64_t cap0;
    uint64_t cap1;
} SdxiRegsCaps;

void sdxi_regs_init(SdxiRegs *regs, const SdxiRegsCaps *caps,
                    const SdxiRegsEvents *events, void *owner);
/* Everything but the capabilities to its reset value. */
void sdxi_regs_reset(SdxiRegs *regs);

uint64_t sdxi_regs_read(SdxiRegs *regs, uint64_t addr, unsigned size);
void sdxi_regs_write(SdxiRegs *regs, uint64_t addr, uint64_t value,
                     unsigned size);

/* The function's own view: @offset is one of SDXI_MMIO_*, no hooks run. */
uint64_t sdxi_regs_get(const SdxiRegs *regs, uint32_t offset);
void sdxi_regs_set(SdxiRegs *regs, uint32_t offset, uint64_t value);
/* Register @number (below SDXI_REGS): where it is, and what its bits are. */
const RegbankRow *sdxi_regs_row(unsigned number, uint32_t *offset);
/* The same for the register at @offset, one of SDXI_MMIO_*. */
const RegbankRow *sdxi_regs_row_at(uint32_t offset);
/*
 * For each register that an access of @size bytes meets, in ascending order:
 * its @offset, the @value as it lies in the register, and ones in every byte of
 * it that is meant.
 */
typedef void SdxiRegsMetFn(void *opaque, uint32_t offset, uint64_t value,
                           uint64_t lanes);
void sdxi_regs_each_met(uint64_t addr, uint64_t value, unsigned size,
                        SdxiRegsMetFn *fn, void *opaque);

/*
 * Any thread: registers that read as those of @from do at this moment, with
 * events of their own.  Storage is part of @to, which is not to be moved.
 */
void sdxi_regs_copy(SdxiRegs *to, const SdxiRegs *from,
                    const SdxiRegsEvents *events, void *owner);

/* All registers; capabilities have to be the same.  No hooks run. */
void sdxi_regs_save(const SdxiRegs *regs, SaveWriter *w);
void sdxi_regs_load(SdxiRegs *regs, SaveReader *r);

/* Asked for each descriptor, so it does not search the table. */
static inline SdxiGsv sdxi_regs_gsv(const SdxiRegs *regs)
{
    return FIELD_EX64(ldq_le_p(regs->general + SDXI_MMIO_STS0), SDXI_STS0,
                      GSV);
}

/* Effective limits: the lower of what CAP1 offers and CTL2 allows. */
static inline uint32_t sdxi_regs_top_context(const SdxiRegs *regs)
{
    return MIN(FIELD_EX64(sdxi_regs_get(regs, SDXI_MMIO_CTL2),
                          SDXI_CTL2, MAX_CXT),
               FIELD_EX64(sdxi_regs_get(regs, SDXI_MMIO_CAP1),
                          SDXI_CAP1, MAX_CXT));
}

static inline uint32_t sdxi_regs_groups(const SdxiRegs *regs)
{
    return FIELD_EX64(sdxi_regs_get(regs, SDXI_MMIO_CTL2),
                      SDXI_CTL2, OPB_000) &
           FIELD_EX64(sdxi_regs_get(regs, SDXI_MMIO_CAP1),
                      SDXI_CAP1, OPB_000);
}

#endif /* HW_DMA_SDXI_CORE_REGS_H */
