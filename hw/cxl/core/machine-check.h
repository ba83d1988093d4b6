/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine check that tells an x86 processor of poison it has loaded:
 * "software recoverable action required" of Intel's SDM 16.9.3, or AMD's form
 * of the same; and whether there is to be one at all.
 *
 * How it gets to the processor, and when, is hw/cxl/poison/x86.c.
 */
#ifndef HW_CXL_CORE_MACHINE_CHECK_H
#define HW_CXL_CORE_MACHINE_CHECK_H

/* What matters of a processor, as its guest sees it */
typedef struct CxlCheckCpu {
    bool amd;                   /* has AMD's form of checks */
    bool checks;                /* has machine checks */
    bool ser;                   /* MCG_CAP says software error recovery */
    bool succor;                /* the same in AMD's form */
    bool local;                 /* the guest has enabled local checks */
    bool broadcasts;            /* a model whose checks go to all */
} CxlCheckCpu;

typedef struct CxlCheck {
    uint64_t status;            /* MCi_STATUS */
    uint64_t mcg_status;
    bool broadcast;             /* all processors enter */
} CxlCheck;

/*
 * Nothing is to be raised, for the guest would not survive it; a person may
 * want it @always.
 */
bool cxl_check_declined(const CxlCheckCpu *cpu, bool always);
/* On Intel all processors enter, unless the guest has enabled local checks. */
bool cxl_check_all_enter(const CxlCheckCpu *cpu);
/* @fetch: the bytes were wanted as instructions. */
CxlCheck cxl_check_choose(const CxlCheckCpu *cpu, bool fetch);

#endif /* HW_CXL_CORE_MACHINE_CHECK_H */
