/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O MMU models as software sees them, for qtests: page tables, switching on,
 * and invalidation.
 *
 * RAM is mapped at its own address by pages of 4 KiB; what is tried lies above.
 */
#ifndef TESTS_QTEST_SDXI_MMU_H
#define TESTS_QTEST_SDXI_MMU_H

#include "tests/qtest/sdxi/util.h"

#define MMU_RAM     (512 * MiB)
#define MMU_SLOT    4
#define MMU_WINDOW  (1 * GiB)   /* a GiB for each size that is tried */
#define MMU_TARGET  (64 * MiB)  /* what most leaves point at */
#define MMU_MORE    2           /* sizes that one model alone has, at most */
#define MMU_PROCESS 5           /* a PASID */

typedef struct MmuLeaf {
    const char *name;
    unsigned shift;     /* of the table that holds it: 12, 21 or 30 */
    uint64_t size;      /* more than 1 << shift: so many entries are alike */
    uint64_t base;
} MmuLeaf;

typedef struct MmuModel {
    const char *device;
    uint64_t (*table)(uint64_t address, unsigned level);
    uint64_t (*leaf)(const MmuLeaf *l);
    void (*enable)(SdxiVm *vm, uint64_t top);
    /* When it returns, nobody uses what was before. */
    void (*invalidate)(SdxiVm *vm);
    /* The same for the 1 << @shift bytes that @addr is in. */
    void (*invalidate_pages)(SdxiVm *vm, uint64_t addr, unsigned shift);
    uint64_t write;     /* of a leaf: the bit that allows it */
    const MmuLeaf *more; /* sizes that only this model has */
    unsigned num_more;
    bool process;       /* tables are those of MMU_PROCESS */
    /* For several functions, each with a domain; not of a process. */
    void (*ready)(SdxiVm *vm);
    void (*attach)(SdxiVm *vm, int devfn, unsigned domain, uint64_t top);
    void (*invalidate_domain)(SdxiVm *vm, unsigned domain, uint64_t addr,
                              unsigned shift);
    void (*on_or_off)(SdxiVm *vm, bool on);
} MmuModel;

extern const MmuModel mmu_intel, mmu_amd;
/* Accesses without a process pass through. */
extern const MmuModel mmu_intel_process;

/*
 * Of mmu_intel_process: a command after which all translations are as they
 * were; it waits for those before, or @interrupts are void.
 */
void mmu_process_command(SdxiVm *vm, bool interrupts);
/* ... and one with the answer @code to a page request of @devfn. */
void mmu_page_answer(SdxiVm *vm, int devfn, unsigned index, unsigned code);
/* The function takes part in processes, or does not. */
void mmu_process_control(SdxiVm *vm, int devfn, bool on);

/* What makes it translate for emulated devices: "", or begins with a comma */
const char *mmu_remap(const MmuModel *m);
/* The function in MMU_SLOT behind the model; @props begins with a comma. */
SdxiVm *mmu_start(const MmuModel *m, const char *props);
/* The first @size bytes, 1 GiB at most, at their own address. */
void mmu_map_same(SdxiVm *vm, const MmuModel *m, uint64_t top, uint64_t size,
                  unsigned shift);
/* All of RAM so, by pages of 4 KiB */
void mmu_map_ram(SdxiVm *vm, const MmuModel *m, uint64_t top);
/* One leaf at the third place of its size in the @nth window; its address */
uint64_t mmu_map_leaf(SdxiVm *vm, const MmuModel *m, uint64_t top,
                      unsigned nth, const MmuLeaf *l);

#endif
