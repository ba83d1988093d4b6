/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses with a process address space id: translations by ATS, and page
 * requests for pages that are not there yet.
 *
 * A function has one page request on its way at a time.  Everything here
 * happens under the big lock, where invalidations are handled too, so that no
 * translation is used after the guest has taken it back.
 */
#ifndef HW_DMA_SDXI_PASID_H
#define HW_DMA_SDXI_PASID_H

#include "hw/memfab/compat.h"
#include "hw/pci/pci_device.h"
#include "hw/dma/sdxi/core/hostops.h"
#include "hw/dma/sdxi/worker.h"

typedef struct SdxiPasid {
    PCIDevice *pci;
    SdxiWorker *worker;         /* kicked when a page request is answered */
    struct SdxiPageNotifier *notifier;
    uint64_t page;              /* last one requested */
    uint32_t pasid;
    uint16_t prgi;              /* of that request */
    bool pending;
    bool refused;
    unsigned tries;             /* answered, and still not there */
} SdxiPasid;

/*
 * Adds the capabilities at @offset (ATS), then PRI and PASID.  False with
 * *@errp set if this release of QEMU has none.
 */
bool sdxi_pasid_init(SdxiPasid *p, PCIDevice *pci, SdxiWorker *worker,
                     uint16_t offset, Error **errp);
void sdxi_pasid_exit(SdxiPasid *p);
/* Forgets the request that is on its way. */
void sdxi_pasid_reset(SdxiPasid *p);

/*
 * Big lock held.  All or nothing: SDXI_MEM_AGAIN and SDXI_MEM_TRANSLATION
 * mean that no byte was moved.  Only the @runner of an operation may ask for
 * pages; for others a missing page is a translation fault.
 */
SdxiMemResult sdxi_pasid_rw(SdxiPasid *p, bool runner, uint32_t pasid,
                            uint64_t addr, void *buf, uint32_t len,
                            bool write);
/* Likewise; as the member of HostOps. */
SdxiMemResult sdxi_pasid_cmpxchg(SdxiPasid *p, bool runner, uint32_t pasid,
                                 uint64_t addr, unsigned size,
                                 uint64_t expected, uint64_t desired,
                                 uint64_t *seen);
SdxiMemResult sdxi_pasid_decrement(SdxiPasid *p, bool runner, uint32_t pasid,
                                   uint64_t addr);

#endif
