/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process address spaces: the capabilities, translations by ATS, and page
 * requests for pages that are not there yet.
 *
 * A function has one page request on its way at a time.  Everything here
 * happens under the big lock, where invalidations are handled too; whoever
 * keeps an answer lets go of it when the epoch changes.
 *
 * As PCI Express has it, a virtual function has an ATS capability of its own,
 * and shares PASID and page requests of its physical function.
 */
#ifndef HW_DMA_SDXI_PASID_H
#define HW_DMA_SDXI_PASID_H

#include "hw/memfab/compat.h"
#include "hw/pci/pci_device.h"
#include "hw/dma/sdxi/core/hostops.h"
#include "hw/dma/sdxi/core/page-request.h"
#include "hw/dma/sdxi/worker.h"

typedef struct SdxiPasid SdxiPasid;
struct SdxiPasid {
    PCIDevice *pci;             /* NULL: no processes */
    SdxiWorker *worker;         /* kicked when a page request is answered */
    SdxiPasid *pf;              /* of a virtual function */
    QLIST_HEAD(, SdxiPasid) vfs;
    QLIST_ENTRY(SdxiPasid) next_vf;
    struct SdxiPageNotifier *notifier;
    uint8_t bits;               /* width of an id */
    SdxiPageRequest request;
    bool complained;
    uint8_t kept;               /* SdxiPasidKept; atomic */
};

/* Whether translations may be kept: not if changes are not heard of. */
typedef enum SdxiPasidKept {
    SDXI_PASID_NOT_ASKED,
    SDXI_PASID_KEPT,
    SDXI_PASID_NOT_KEPT,
} SdxiPasidKept;

/*
 * Adds the capabilities at @offset (ATS), then PRI and PASID; a virtual
 * function, with those of its physical one in @pf, has the first only.  False
 * with *@errp set if this release of QEMU has none.
 */
bool sdxi_pasid_init(SdxiPasid *p, PCIDevice *pci, SdxiPasid *pf,
                     SdxiWorker *worker, uint16_t offset, uint64_t bits,
                     Error **errp);
void sdxi_pasid_exit(SdxiPasid *p);
/* Clears the controls, and forgets the request that is on its way. */
void sdxi_pasid_reset(SdxiPasid *p);
/* Controls may have changed: virtual functions have them too. */
void sdxi_pasid_share(SdxiPasid *p);
/* Configuration space was written: that may have been such a control. */
void sdxi_pasid_config_written(SdxiPasid *p, uint32_t addr, int len);
/* What configuration space shows where software has read @value. */
uint32_t sdxi_pasid_config_read(const SdxiPasid *p, uint32_t addr,
                                uint32_t value, int len);
/* Once: what the machine lacks for processes to be of any use. */
void sdxi_pasid_complain(SdxiPasid *p);

/* Any thread; sdxi_pasid_ask_kept() is under the big lock, and knows. */
static inline SdxiPasidKept sdxi_pasid_kept(const SdxiPasid *p)
{
    return qatomic_read(&p->kept);
}
SdxiPasidKept sdxi_pasid_ask_kept(SdxiPasid *p);

/*
 * Where @addr of process @pasid is: at *@at of *@as, and so are all addresses
 * that differ in bits of *@mask only.  Only the @runner of an operation may ask
 * for pages; for others a missing page is a translation fault.
 */
SdxiMemResult sdxi_pasid_place(SdxiPasid *p, bool runner, uint32_t pasid,
                               uint64_t addr, bool write, AddressSpace **as,
                               hwaddr *at, uint64_t *mask);

#endif
