/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O MMU models as VFIO drives them, for qtests: a function has a domain of
 * its own, in which ranges are mapped and unmapped.
 */
#ifndef TESTS_QTEST_SDXI_DOMAIN_H
#define TESTS_QTEST_SDXI_DOMAIN_H

#include "tests/qtest/libqos/libqos-malloc.h"
#include "tests/qtest/libqos/virtio-pci.h"
#include "tests/qtest/sdxi/util.h"

#define DOMAIN_PAGE     4096u
#define DOMAIN_BITS     39      /* of an address before it is translated */
#define DOMAINS         3       /* 1 and 2; 0 is nobody's */

typedef struct SdxiDomains SdxiDomains;

typedef struct SdxiIommu {
    const char *name;
    const char *args;           /* of the emulator, or a model of mmu.h */
    const struct MmuModel *mmu;
    const char *trace;          /* the event of a translation */
    bool reset_forgets;         /* switched off, it forgets what is mapped */
    void (*ready)(SdxiDomains *d);
    void (*attach)(SdxiDomains *d, unsigned domain, int devfn);
    void (*map)(SdxiDomains *d, unsigned domain, uint64_t addr, uint64_t to,
                uint64_t len);
    /* When it returns, nobody uses what was there. */
    void (*unmap)(SdxiDomains *d, unsigned domain, uint64_t addr,
                  uint64_t len);
    /* Off: addresses are not translated, from when it returns. */
    void (*on_or_off)(SdxiDomains *d, bool on);
} SdxiIommu;

extern const SdxiIommu domain_intel, domain_amd, domain_virtio, domain_smmuv3;
/* Those that this emulator has; ends with NULL. */
const SdxiIommu *const *domain_iommus(void);

struct SdxiDomains {
    const SdxiIommu *iommu;
    SdxiVm *vm;
    uint64_t ram;               /* where it begins */
    uint64_t top[DOMAINS];      /* tables of pages */
    int devfn[DOMAINS];
    /* virtio-iommu */
    QGuestAllocator alloc;
    QVirtioPCIDevice *pci;
    QVirtQueue *vq;
    /* smmuv3 */
    uint64_t streams, commands;
};

/*
 * A machine with @args behind @iommu, which translates; whoever is attached to
 * no domain reaches nothing, or all if the model has it so.
 */
void domain_start(SdxiDomains *d, const SdxiIommu *iommu, const char *args);
void domain_stop(SdxiDomains *d);
/* As VFIO does it with type 1: multiples of a page, both ends aligned */
void domain_attach(SdxiDomains *d, unsigned domain, int devfn);
void domain_map(SdxiDomains *d, unsigned domain, uint64_t addr, uint64_t to,
                uint64_t len);
void domain_unmap(SdxiDomains *d, unsigned domain, uint64_t addr,
                  uint64_t len);
/* All of RAM at its own address */
void domain_map_ram(SdxiDomains *d, unsigned domain);

#endif
