/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process address spaces; see the header.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/dma/sdxi/epoch.h"
#include "hw/dma/sdxi/pasid.h"
#include "trace.h"

#ifdef MEMFAB_HAVE_PASID

#define SDXI_PAGE               (4 * KiB)
/* Page requests that may be on their way, as the capability says. */
#define SDXI_PAGE_REQUESTS      1

/* From the ATS capability on. */
#define SDXI_CAP_PRI            0x10
#define SDXI_CAP_PASID          0x20
#define SDXI_CAP_END            0x30

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

    if (!p || !sdxi_page_request_answer(&p->request, response->prgi,
            response->response_code == IOMMU_PRI_RESP_SUCCESS)) {
        return;
    }
    trace_sdxi_page_answer(p->request.pasid, response->prgi,
                           response->response_code);
    sdxi_worker_kick(p->worker);
}

/* The page is not there.  What becomes of the access. */
static SdxiMemResult sdxi_pasid_request(SdxiPasid *p, uint32_t pasid,
                                        uint64_t page, bool write)
{
    SdxiPageStep step = sdxi_page_request_next(&p->request, pasid, page);
    uint16_t prgi = p->request.prgi;

    if (step != SDXI_PAGE_SEND) {
        return step == SDXI_PAGE_WAIT ? SDXI_MEM_AGAIN : SDXI_MEM_TRANSLATION;
    }
    trace_sdxi_page_request(pasid, page, write, prgi);
    /* Whatever hears of it may remove the function. */
    if (pci_pri_register_notifier(p->pci, pasid, &p->notifier->base) ||
        pci_pri_request_page(p->pci, pasid, false, false, page, true, prgi,
                             true, write)) {
        sdxi_page_request_unsent(&p->request);
        return SDXI_MEM_TRANSLATION;
    }
    return SDXI_MEM_AGAIN;
}

/* The page of @addr. */
static SdxiMemResult sdxi_pasid_translate(SdxiPasid *p, bool runner,
                                          uint32_t pasid, uint64_t page,
                                          bool write, IOMMUTLBEntry *entry)
{
    IOMMUAccessFlags need = write ? IOMMU_WO : IOMMU_RO;
    uint32_t errors;

    trace_sdxi_process_page(pasid, page, write);
    if (pci_ats_request_translation(p->pci, pasid, false, false, page,
                                    SDXI_PAGE, !write, entry, 1,
                                    &errors) != 1) {
        return SDXI_MEM_TRANSLATION;
    }
    if (entry->perm & need) {
        return SDXI_MEM_OK;
    }
    /* A fault may have been reported, and that have removed the function. */
    return runner && p->pci ? sdxi_pasid_request(p, pasid, page, write)
                            : SDXI_MEM_TRANSLATION;
}

SdxiMemResult sdxi_pasid_place(SdxiPasid *p, bool runner, uint32_t pasid,
                               uint64_t addr, bool write, AddressSpace **as,
                               hwaddr *at, uint64_t *mask)
{
    IOMMUTLBEntry entry;
    SdxiMemResult res;

    if (!p->pci || pasid >> p->bits) {
        return SDXI_MEM_TRANSLATION;
    }
    res = sdxi_pasid_translate(p, runner, pasid,
                               QEMU_ALIGN_DOWN(addr, SDXI_PAGE), write,
                               &entry);
    if (res == SDXI_MEM_OK) {
        *as = entry.target_as;
        *at = (entry.translated_addr & ~entry.addr_mask) |
              (addr & entry.addr_mask);
        *mask = entry.addr_mask;
    }
    return res;
}

/* ---- capabilities ---- */

/*
 * QEMU asks the function itself whether PASID and page requests are enabled.
 * So a virtual function has the control registers, where software neither
 * finds nor reads them, and the physical one copies into them.
 */
static void sdxi_pasid_init_vf(SdxiPasid *p, uint16_t offset)
{
    p->pci->exp.pri_cap = offset + SDXI_CAP_PRI;
    p->pci->exp.pasid_cap = offset + SDXI_CAP_PASID;
    QLIST_INSERT_HEAD(&p->pf->vfs, p, next_vf);
    sdxi_pasid_share(p->pf);
}

static void sdxi_pasid_init_pf(SdxiPasid *p, uint16_t offset)
{
    pcie_pri_init(p->pci, offset + SDXI_CAP_PRI, SDXI_PAGE_REQUESTS, true);
    pcie_pasid_init(p->pci, offset + SDXI_CAP_PASID, p->bits, false, false);
}

bool sdxi_pasid_init(SdxiPasid *p, PCIDevice *pci, SdxiPasid *pf,
                     SdxiWorker *worker, uint16_t offset, uint64_t bits,
                     Error **errp)
{
    p->pci = pci;
    p->pf = pf;
    p->worker = worker;
    p->bits = bits;
    QLIST_INIT(&p->vfs);
    p->notifier = g_new0(SdxiPageNotifier, 1);
    p->notifier->base.notify = sdxi_pasid_answer;
    p->notifier->p = p;
    pcie_ats_init(pci, offset, true);
    if (pf) {
        sdxi_pasid_init_vf(p, offset);
    } else {
        sdxi_pasid_init_pf(p, offset);
    }
    return true;
}

void sdxi_pasid_exit(SdxiPasid *p)
{
    if (p->pci) {
        if (p->pf) {
            QLIST_REMOVE(p, next_vf);
        }
        p->notifier->p = NULL;
        p->pci = NULL;
    }
}

void sdxi_pasid_share(SdxiPasid *p)
{
    const uint8_t *from;
    SdxiPasid *vf;

    if (!p->pci || p->pf) {
        return;
    }
    from = p->pci->config;
    QLIST_FOREACH(vf, &p->vfs, next_vf) {
        uint8_t *to = vf->pci->config;

        pci_set_word(to + vf->pci->exp.pri_cap + PCI_PRI_CTRL,
                     pci_get_word(from + p->pci->exp.pri_cap + PCI_PRI_CTRL));
        pci_set_long(to + vf->pci->exp.pri_cap + PCI_PRI_ALLOC_REQ,
                     pci_get_long(from + p->pci->exp.pri_cap +
                                  PCI_PRI_ALLOC_REQ));
        pci_set_word(to + vf->pci->exp.pasid_cap + PCI_PASID_CTRL,
                     pci_get_word(from + p->pci->exp.pasid_cap +
                                  PCI_PASID_CTRL));
    }
}

/* What was translated before is void if processes were switched off. */
void sdxi_pasid_config_written(SdxiPasid *p, uint32_t addr, int len)
{
    uint32_t start;

    if (!p->pci) {
        return;
    }
    start = p->pci->exp.ats_cap;
    if (addr + len > start && addr < start + SDXI_CAP_END) {
        sdxi_pasid_share(p);
        sdxi_epoch_settle();
    }
}

uint32_t sdxi_pasid_config_read(const SdxiPasid *p, uint32_t addr,
                                uint32_t value, int len)
{
    uint32_t start, end;

    if (!p->pci || !p->pf) {
        return value;
    }
    start = p->pci->exp.ats_cap + SDXI_CAP_PRI;
    end = p->pci->exp.ats_cap + SDXI_CAP_END;
    /* Accesses are aligned, and so are these. */
    return addr + len > start && addr < end ? 0 : value;
}

void sdxi_pasid_reset(SdxiPasid *p)
{
    uint8_t *config;

    sdxi_page_request_forget(&p->request);
    if (!p->pci) {
        return;
    }
    config = p->pci->config;
    pci_set_word(config + p->pci->exp.ats_cap + PCI_ATS_CTRL, 0);
    if (!p->pf) {
        pci_set_word(config + p->pci->exp.pri_cap + PCI_PRI_CTRL, 0);
        pci_set_long(config + p->pci->exp.pri_cap + PCI_PRI_ALLOC_REQ, 0);
        pci_set_word(config + p->pci->exp.pasid_cap + PCI_PASID_CTRL, 0);
        sdxi_pasid_share(p);
    }
    sdxi_epoch_settle();
}

/* ---- what is missing ---- */

static const PCIIOMMUOps *sdxi_pasid_iommu(PCIDevice *pci)
{
    PCIBus *bus = pci_get_bus(pci);

    if (pci_device_iommu_address_space(pci) == &address_space_memory) {
        return NULL;
    }
    while (!bus->iommu_ops && bus->parent_dev) {
        bus = pci_get_bus(bus->parent_dev);
    }
    return bus->iommu_ops;
}

/* Others that know processes would have to tell of changes first. */
SdxiPasidKept sdxi_pasid_ask_kept(SdxiPasid *p)
{
    g_assert(bql_locked());
    if (p->kept == SDXI_PASID_NOT_ASKED && p->pci) {
        bool heard = sdxi_pasid_iommu(p->pci) &&
                     object_resolve_path_type("", "intel-iommu", NULL);

        qatomic_set(&p->kept, heard ? SDXI_PASID_KEPT : SDXI_PASID_NOT_KEPT);
    }
    return p->kept;
}

static bool sdxi_pasid_is_off(Object *iommu, const char *name)
{
    const ObjectProperty *property = object_property_find(iommu, name);

    if (!property) {
        return false;
    }
    return g_str_equal(property->type, "bool") ?
           !object_property_get_bool(iommu, name, NULL) :
           !object_property_get_uint(iommu, name, NULL);
}

/* Of Intel's it depends on how it was set; QEMU 11 has the names without x-. */
static const char *sdxi_pasid_intel(void)
{
    static const char *const wanted[] = {
        "x-scalable-mode", "scalable-mode", "x-flts", "fsts", "x-pasid-mode",
        "pasid-bits", "device-iotlb", "x-svm", "svm",
    };
    Object *iommu = object_resolve_path_type("", "intel-iommu", NULL);

    for (unsigned i = 0; iommu && i < ARRAY_SIZE(wanted); i++) {
        if (sdxi_pasid_is_off(iommu, wanted[i])) {
            return wanted[i];
        }
    }
    return NULL;
}

/* Models that know no processes in any release, whatever is set */
static const char *sdxi_pasid_without(void)
{
    static const char *const models[] = {
        "amd-iommu", "arm-smmuv3", "virtio-iommu-device",
    };

    for (unsigned i = 0; i < ARRAY_SIZE(models); i++) {
        if (object_resolve_path_type("", models[i], NULL)) {
            return models[i];
        }
    }
    return "the I/O MMU";
}

void sdxi_pasid_complain(SdxiPasid *p)
{
    const PCIIOMMUOps *ops;
    const char *why;

    if (!p->pci || p->pf || p->complained) {
        return;
    }
    p->complained = true;
    ops = sdxi_pasid_iommu(p->pci);
    if (!ops) {
        warn_report("sdxi: property 'pasid': value on is of no use: no I/O MMU "
                    "stands between this function and memory");
    } else if (!ops->ats_request_translation || !ops->pri_request_page) {
        warn_report("sdxi: property 'pasid': value on is of no use: %s takes "
                    "no requests of processes", sdxi_pasid_without());
    } else {
        why = sdxi_pasid_intel();
        if (why) {
            warn_report("sdxi: property 'pasid': value on is of little use: "
                        "'%s' of intel-iommu is off", why);
        }
    }
}

#else

SdxiMemResult sdxi_pasid_place(SdxiPasid *p, bool runner, uint32_t pasid,
                               uint64_t addr, bool write, AddressSpace **as,
                               hwaddr *at, uint64_t *mask)
{
    return SDXI_MEM_TRANSLATION;
}

bool sdxi_pasid_init(SdxiPasid *p, PCIDevice *pci, SdxiPasid *pf,
                     SdxiWorker *worker, uint16_t offset, uint64_t bits,
                     Error **errp)
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

void sdxi_pasid_share(SdxiPasid *p)
{
}

void sdxi_pasid_config_written(SdxiPasid *p, uint32_t addr, int len)
{
}

SdxiPasidKept sdxi_pasid_ask_kept(SdxiPasid *p)
{
    return SDXI_PASID_NOT_KEPT;
}

uint32_t sdxi_pasid_config_read(const SdxiPasid *p, uint32_t addr,
                                uint32_t value, int len)
{
    return value;
}

void sdxi_pasid_complain(SdxiPasid *p)
{
}

#endif
