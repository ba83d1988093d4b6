/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses with a process address space id; see the header.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/dma/sdxi/dma.h"
#include "hw/dma/sdxi/pasid.h"
#include "trace.h"

#ifdef MEMFAB_HAVE_PASID

#define SDXI_PAGE               (4 * KiB)
#define SDXI_PASID_WIDTH        20
/* A page that was granted this often and is gone again is not to be had. */
#define SDXI_PAGE_TRIES         16
/* Page requests that may be on their way, as the capability says. */
#define SDXI_PAGE_REQUESTS      1

/*
 * What the IOMMU keeps a pointer to.  It is never freed, because a function
 * that is no bus master any more cannot have it forgotten.
 */
typedef struct SdxiPageNotifier {
    IOMMUPRINotifier base;
    SdxiPasid *p;               /* NULL: the function is gone */
} SdxiPageNotifier;

static void sdxi_pasid_answer(IOMMUPRINotifier *n, IOMMUPRIResponse *response)
{
    SdxiPasid *p = container_of(n, SdxiPageNotifier, base)->p;

    if (!p || !p->pending || response->prgi != p->prgi) {
        return;
    }
    trace_sdxi_page_answer(p->pasid, response->prgi, response->response_code);
    p->pending = false;
    p->refused = response->response_code != IOMMU_PRI_RESP_SUCCESS;
    sdxi_worker_kick(p->worker);
}

/* The page is not there.  What becomes of the access. */
static SdxiMemResult sdxi_pasid_request(SdxiPasid *p, uint32_t pasid,
                                        uint64_t page, bool write)
{
    if (p->pending) {
        return SDXI_MEM_AGAIN;
    }
    if (p->page != page || p->pasid != pasid) {
        p->page = page;
        p->pasid = pasid;
        p->tries = 0;
        p->refused = false;
    }
    if (p->refused || p->tries++ == SDXI_PAGE_TRIES) {
        p->refused = false;
        p->tries = 0;
        return SDXI_MEM_TRANSLATION;
    }
    p->prgi = (p->prgi + 1) & PCI_PRI_PRGI_MASK;
    p->pending = true;
    trace_sdxi_page_request(pasid, page, write, p->prgi);
    if (pci_pri_register_notifier(p->pci, pasid, &p->notifier->base) ||
        pci_pri_request_page(p->pci, pasid, false, false, page, true, p->prgi,
                             true, write)) {
        p->pending = false;
        return SDXI_MEM_TRANSLATION;
    }
    return SDXI_MEM_AGAIN;
}

static SdxiMemResult sdxi_pasid_translate(SdxiPasid *p, bool runner,
                                          uint32_t pasid, uint64_t page,
                                          bool write, IOMMUTLBEntry *entry)
{
    IOMMUAccessFlags need = write ? IOMMU_WO : IOMMU_RO;
    uint32_t errors;

    if (pci_ats_request_translation(p->pci, pasid, false, false, page,
                                    SDXI_PAGE, !write, entry, 1,
                                    &errors) != 1) {
        return SDXI_MEM_TRANSLATION;
    }
    if (entry->perm & need) {
        return SDXI_MEM_OK;
    }
    return runner ? sdxi_pasid_request(p, pasid, page, write)
                  : SDXI_MEM_TRANSLATION;
}

static hwaddr sdxi_pasid_address(const IOMMUTLBEntry *entry, uint64_t addr)
{
    return (entry->translated_addr & ~entry->addr_mask) |
           (addr & entry->addr_mask);
}

/* Where an atomic access of @addr goes: into *@d and *@at. */
static SdxiMemResult sdxi_pasid_atomic(SdxiPasid *p, bool runner,
                                       uint32_t pasid, uint64_t addr,
                                       SdxiDma *d, hwaddr *at)
{
    IOMMUTLBEntry entry;
    SdxiMemResult res = SDXI_MEM_TRANSLATION;

    if (p->pci) {
        res = sdxi_pasid_translate(p, runner, pasid,
                                   QEMU_ALIGN_DOWN(addr, SDXI_PAGE), true,
                                   &entry);
    }
    if (res == SDXI_MEM_OK) {
        *d = (SdxiDma) { .as = entry.target_as,
                         .attrs = MEMTXATTRS_UNSPECIFIED,
                         .worker = p->worker };
        *at = sdxi_pasid_address(&entry, addr);
    }
    return res;
}

SdxiMemResult sdxi_pasid_cmpxchg(SdxiPasid *p, bool runner, uint32_t pasid,
                                 uint64_t addr, unsigned size,
                                 uint64_t expected, uint64_t desired,
                                 uint64_t *seen)
{
    SdxiDma d;
    hwaddr at;
    SdxiMemResult res = sdxi_pasid_atomic(p, runner, pasid, addr, &d, &at);

    *seen = expected;
    return res == SDXI_MEM_OK ? sdxi_dma_cmpxchg(&d, at, size, seen, desired)
                              : res;
}

SdxiMemResult sdxi_pasid_decrement(SdxiPasid *p, bool runner, uint32_t pasid,
                                   uint64_t addr)
{
    SdxiDma d;
    hwaddr at;
    SdxiMemResult res = sdxi_pasid_atomic(p, runner, pasid, addr, &d, &at);

    return res == SDXI_MEM_OK ? sdxi_dma_decrement(&d, at) : res;
}

SdxiMemResult sdxi_pasid_rw(SdxiPasid *p, bool runner, uint32_t pasid,
                            uint64_t addr, void *buf, uint32_t len, bool write)
{
    IOMMUTLBEntry entry[SDXI_HOST_CHUNK / SDXI_PAGE + 1];
    uint64_t first = QEMU_ALIGN_DOWN(addr, SDXI_PAGE);
    unsigned pages = DIV_ROUND_UP(addr - first + len, SDXI_PAGE);

    if (!p->pci) {
        return SDXI_MEM_TRANSLATION;
    }
    g_assert(pages <= ARRAY_SIZE(entry));
    for (unsigned i = 0; i < pages; i++) {
        SdxiMemResult res = sdxi_pasid_translate(p, runner, pasid,
                                                 first + i * SDXI_PAGE, write,
                                                 &entry[i]);

        if (res != SDXI_MEM_OK) {
            return res;
        }
    }
    for (unsigned i = 0; i < pages; i++) {
        uint32_t n = MIN(len, SDXI_PAGE - addr % SDXI_PAGE);

        if (address_space_rw(entry[i].target_as,
                             sdxi_pasid_address(&entry[i], addr),
                             MEMTXATTRS_UNSPECIFIED, buf, n,
                             write) != MEMTX_OK) {
            return SDXI_MEM_ACCESS;
        }
        addr += n;
        buf = (uint8_t *)buf + n;
        len -= n;
    }
    return SDXI_MEM_OK;
}

bool sdxi_pasid_init(SdxiPasid *p, PCIDevice *pci, SdxiWorker *worker,
                     uint16_t offset, Error **errp)
{
    p->pci = pci;
    p->worker = worker;
    p->notifier = g_new0(SdxiPageNotifier, 1);
    p->notifier->base.notify = sdxi_pasid_answer;
    p->notifier->p = p;
    pcie_ats_init(pci, offset, true);
    pcie_pri_init(pci, offset + 0x10, SDXI_PAGE_REQUESTS, true);
    pcie_pasid_init(pci, offset + 0x20, SDXI_PASID_WIDTH, false, false);
    return true;
}

void sdxi_pasid_exit(SdxiPasid *p)
{
    if (p->pci) {
        p->notifier->p = NULL;
        p->pci = NULL;
    }
}

void sdxi_pasid_reset(SdxiPasid *p)
{
    p->pending = p->refused = false;
    p->page = p->pasid = 0;
    p->tries = 0;
}

#else

SdxiMemResult sdxi_pasid_rw(SdxiPasid *p, bool runner, uint32_t pasid,
                            uint64_t addr, void *buf, uint32_t len, bool write)
{
    return SDXI_MEM_TRANSLATION;
}

SdxiMemResult sdxi_pasid_cmpxchg(SdxiPasid *p, bool runner, uint32_t pasid,
                                 uint64_t addr, unsigned size,
                                 uint64_t expected, uint64_t desired,
                                 uint64_t *seen)
{
    return SDXI_MEM_TRANSLATION;
}

SdxiMemResult sdxi_pasid_decrement(SdxiPasid *p, bool runner, uint32_t pasid,
                                   uint64_t addr)
{
    return SDXI_MEM_TRANSLATION;
}

bool sdxi_pasid_init(SdxiPasid *p, PCIDevice *pci, SdxiWorker *worker,
                     uint16_t offset, Error **errp)
{
    error_setg(errp, "property 'pasid': value on needs a QEMU release with "
               "PASID support, 10.2 or later; accepted here: off");
    return false;
}

void sdxi_pasid_exit(SdxiPasid *p)
{
}

void sdxi_pasid_reset(SdxiPasid *p)
{
}

#endif
