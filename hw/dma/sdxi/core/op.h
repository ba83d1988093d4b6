/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operation is: a constant row that holds all that parsing, dispatch
 * and capability bits need to know, and the typed operation made from 64
 * bytes.  Rows are written in hw/dma/sdxi/ops/, parsing is in descriptor.c.
 */
#ifndef HW_DMA_SDXI_CORE_OP_H
#define HW_DMA_SDXI_CORE_OP_H

#include "hw/dma/sdxi/core/fault.h"
#include "hw/dma/sdxi/core/sdxi.h"
#include "hw/dma/sdxi/wire/descriptor.h"

/* Which fields a descriptor has, and the rules that go with them. */
typedef enum SdxiShape {
    SDXI_SHAPE_NONE,        /* header and footer only */
    SDXI_SHAPE_COPY,        /* two buffers of one length */
    SDXI_SHAPE_REPCOPY,     /* one block to a multiple of it */
    SDXI_SHAPE_IMM,         /* data in the descriptor */
    SDXI_SHAPE_ATOMIC,
    SDXI_SHAPE_INTR,
    SDXI_SHAPE_ADMIN,       /* a range of contexts, perhaps of keys */
    SDXI_SHAPE_FUNCTION,    /* administrative, of all contexts or none */
    SDXI_SHAPE_OPAQUE,      /* body belongs to the handler (vendors) */
} SdxiShape;

typedef struct SdxiExec SdxiExec;
/* DONE, MORE or WAIT (then called again later), or FAULT. */
typedef SdxiOutcome SdxiOpRun(SdxiExec *x);

typedef struct SdxiOpRow {
    uint8_t subtype;
    uint8_t shape;          /* SdxiShape */
    const char *name;
    SdxiOpRun *run;
    /*
     * When it is suspended half-way, can it be done again from the start, so
     * that a soft stop may give its descriptor back?  If not, what is missing
     * at its end then, SdxiErrStep.
     */
    bool repeatable;
    uint8_t missing;
    const char *section;    /* of SDXI 1.0 */
} SdxiOpRow;

/* Which property offers a group whose numbers are not settled. */
typedef enum SdxiExperiment {
    SDXI_SETTLED,           /* none is needed */
    SDXI_X_ATOMICS,
    SDXI_X_MINIMAL_ATOMICS,
} SdxiExperiment;

typedef struct SdxiOpGroup {
    uint16_t type;
    bool mandatory;         /* no capability bit, always enabled */
    bool admin;             /* context 0 only */
    uint8_t experiment;     /* SdxiExperiment */
    bool vendor;
    const char *name;
    const SdxiOpRow *rows;
    unsigned num_rows;
} SdxiOpGroup;

struct SdxiProfile {
    const SdxiOpGroup *const *groups;
    unsigned num_groups;
};

/* A descriptor that was understood.  Only what its shape has is set. */
typedef struct SdxiOp {
    const SdxiOpGroup *group;
    const SdxiOpRow *row;
    const SdxiDsc *dsc;     /* as parsed; belongs to the caller */
    bool has_csb;
    uint64_t csb;
    uint64_t bytes;         /* of the destination */
    uint16_t akey[2];
    uint64_t addr[2];
    /* ATOMIC */
    bool wide;
    bool returns;
    uint64_t operand[2];
    /* ADMIN */
    bool for_vf;            /* of a virtual function */
    uint16_t vf_num;
    uint16_t cxt_start;
    uint16_t cxt_end;
} SdxiOp;

/*
 * What handlers get.  In @cxt, progress and carry are theirs, start at 0 and
 * survive MORE and WAIT; er may be set to report an error without failing.
 * All else in @cxt is read-only to them.
 */
struct SdxiExec {
    SdxiDevice *dev;
    SdxiPipe *pipe;
    const SdxiOp *op;
    struct SdxiContext *cxt;
    uint64_t allowance;     /* units that may still be used up */
    SdxiFault fault;        /* set with FAULT */
};

#endif /* HW_DMA_SDXI_CORE_OP_H */
