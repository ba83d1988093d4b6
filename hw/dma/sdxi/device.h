/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM object `sdxi` as the files of this folder share it.
 */
#ifndef HW_DMA_SDXI_DEVICE_H
#define HW_DMA_SDXI_DEVICE_H

#include "hw/memfab/compat.h"
#include "hw/pci/pci_device.h"
#include "qemu/queue.h"
#include "hw/dma/sdxi/cdat.h"
#include "hw/dma/sdxi/core/first-format.h"
#include "hw/dma/sdxi/core/sdxi.h"
#include "hw/dma/sdxi/dma.h"
#include "hw/dma/sdxi/pasid.h"
#include "hw/dma/sdxi/peers.h"
#include "hw/dma/sdxi/worker.h"

/* Where the power management capability is. */
#define SDXI_PCI_CAP_PM 0x60

#define TYPE_SDXI_PCI "sdxi"
#define TYPE_SDXI_VF "sdxi-vf"
OBJECT_DECLARE_SIMPLE_TYPE(SdxiPci, SDXI_PCI)

#define SDXI_VECTORS_MAX 2048
#define SDXI_CONTEXTS_MAX 65536

/*
 * Reads have no side effects; and only prefetchable memory behind a bridge can
 * lie above 4 GiB, where the doorbells of many contexts need to go.
 */
#define SDXI_BAR_TYPE (PCI_BASE_ADDRESS_SPACE_MEMORY | \
                       PCI_BASE_ADDRESS_MEM_TYPE_64 | \
                       PCI_BASE_ADDRESS_MEM_PREFETCH)

typedef struct SdxiProps {
    uint64_t contexts;
    uint64_t max_ring;          /* descriptors */
    uint64_t doorbell_stride;   /* bytes */
    uint64_t max_buffer;        /* bytes */
    uint64_t akeys;
    uint64_t rkeys;             /* 0: no RKey table */
    uint64_t errlog;            /* entries */
    uint64_t sfunc;             /* 0: choose */
    uint64_t vectors;           /* 0: choose */
    uint64_t vfs;
    uint64_t latency;           /* ns; 0: not told */
    uint64_t bandwidth;         /* MB/s; 0: not told */
    uint16_t vendor_id;
    uint16_t device_id;
    char *group;
    bool x_atomics;
    bool cdat;
    bool pasid;
    bool x_errlog_shift;
    IOThread *iothread;
    uint64_t workers;
} SdxiProps;

/* What the core calls back with: of the owner, or of one thread's lane. */
typedef struct SdxiSeat {
    SdxiPci *s;
    SdxiLane *lane;             /* NULL: the owner's */
    SdxiDmaSpans spans;
    SdxiPeers peers;
} SdxiSeat;

/*
 * What workers need to know of configuration space and of the bus, which only
 * the big lock lets one look at; each is atomic.
 */
typedef struct SdxiShown {
    bool asleep;                /* in a power state in which it does nothing */
    bool master;                /* may be a bus master */
    bool translated;            /* an I/O MMU stands between it and memory */
    uint16_t vfs;               /* virtual functions that are enabled */
} SdxiShown;

struct SdxiPci {
    PCIDevice parent_obj;

    SdxiProps prop;
    uint16_t sfunc;             /* what CAP0 shows */
    uint32_t vectors;
    MemoryRegion regs;
    MemoryRegion doorbells;
    SdxiWorker worker;
    SdxiSeat own;
    SdxiSeat seat[SDXI_WORKERS_MAX]; /* of threads, if there are several */
    SdxiDevice *core;
    SdxiPasid pasid;
    SdxiCdat cdat;
    PCIDevice *upstream;        /* of the switch above, or NULL */
    SdxiPci *pf;                /* of a virtual function */
    uint16_t vf_number;
    SdxiShown shown;
    VMChangeStateEntry *vm_change;
    /* Messages that are to be sent (out.c); atomic. */
    unsigned long raised[BITS_TO_LONGS(SDXI_VECTORS_MAX)];
    QEMUBH *raise_bh;
    bool reset_deferred;        /* atomic: reset by its own DMA */
    bool gone;                  /* atomic: nothing of it is to be touched */
    bool ending;                /* exit was called, threads have yet to end */
    /* Only while state is saved or loaded */
    uint8_t *sections;
    uint32_t sections_len;
    SdxiSaved saved;            /* of the first format */
    QTAILQ_ENTRY(SdxiPci) next;
};

/* mmio.c: the regions of BAR0 and BAR2 */
void sdxi_mmio_init(SdxiPci *s, uint64_t doorbell_bytes);

/* hostops.c */
extern const SdxiHostOps sdxi_host_ops;

/* functions.c; before any other */
void sdxi_functions_init(void);
/* Big lock held. */
void sdxi_functions_add(SdxiPci *s);
void sdxi_functions_remove(SdxiPci *s);
/*
 * Big lock held.  No peer of a removed function knows it any more; false: not
 * yet.
 */
bool sdxi_functions_settle(void);
/* The function of @group with handle @sfunc, or NULL.  Any thread. */
SdxiPci *sdxi_pci_find(const char *group, uint16_t sfunc);
/* The enabled virtual function @number of @pf, or NULL.  Any thread. */
SdxiPci *sdxi_pci_find_vf(const SdxiPci *pf, unsigned number);
/* Wake the worker of the function with @face, if it is still there. */
void sdxi_pci_kick(const SdxiFace *face);
/* Big lock held.  Calls @fn for each realized function. */
void sdxi_pci_foreach(void (*fn)(SdxiPci *s, void *opaque), void *opaque);

/* shown.c; big lock held: configuration space, or the bus, may have changed */
void sdxi_pci_show(SdxiPci *s);

/* sriov.c */
/* A virtual function has the properties of its physical one. */
void sdxi_sriov_inherit(SdxiPci *s);
void sdxi_sriov_init_ari(PCIDevice *pci);
/* The physical function is complete; makes the virtual ones. */
bool sdxi_sriov_init(SdxiPci *s, Error **errp);
void sdxi_sriov_exit(PCIDevice *pci);
/* Big lock held: how many virtual functions are enabled? */
uint16_t sdxi_sriov_enabled(PCIDevice *pci);

/* vmstate.c */
/* Free what a load that failed may have left. */
void sdxi_vmstate_clear(SdxiPci *s);
extern const VMStateDescription sdxi_vmstate, sdxi_vmstate_vf;

#endif
