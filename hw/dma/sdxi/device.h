/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM object `sdxi` as the files of this folder share it.
 */
#ifndef HW_DMA_SDXI_DEVICE_H
#define HW_DMA_SDXI_DEVICE_H

#include "hw/memfab/compat.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/saved.h"
#include "hw/pci/spdm.h"
#include "qemu/queue.h"
#include "qemu/timer.h"
#include "hw/dma/sdxi/cdat.h"
#include "hw/dma/sdxi/core/first-format.h"
#include "hw/dma/sdxi/core/kept.h"
#include "hw/dma/sdxi/core/params.h"
#include "hw/dma/sdxi/core/peer-ranges.h"
#include "hw/dma/sdxi/core/sdxi.h"
#include "hw/dma/sdxi/core/gate.h"
#include "hw/dma/sdxi/owner.h"
#include "hw/dma/sdxi/pasid.h"
#include "hw/dma/sdxi/requester.h"
#include "hw/dma/sdxi/wire/mmio.h"

#define TYPE_SDXI_PCI "sdxi"
#define TYPE_SDXI_VF "sdxi-vf"
OBJECT_DECLARE_SIMPLE_TYPE(SdxiPci, SDXI_PCI)

/*
 * Reads have no side effects; and only prefetchable memory behind a bridge can
 * lie above 4 GiB, where the doorbells of many contexts need to go.
 */
#define SDXI_BAR_TYPE (PCI_BASE_ADDRESS_SPACE_MEMORY | \
                       PCI_BASE_ADDRESS_MEM_TYPE_64 | \
                       PCI_BASE_ADDRESS_MEM_PREFETCH)

typedef struct SdxiProps {
    SdxiParams core;
    char *group;
    IOThread *iothread;
} SdxiProps;

/* What the core calls back with: of the owner, or of one thread's pipe. */
typedef struct SdxiCaller {
    SdxiPci *s;
    SdxiPipe *pipe;             /* NULL: the owner's */
    SdxiDmaSpans spans;
    SdxiPeerRanges below;       /* memory below the same switch */
    SdxiPeerRanges beside;      /* of the other functions of the slot */
    SdxiPeerRanges uio;         /* what UIO goes to directly */
    SdxiPeerRanges refused;     /* what it is asked for by UIO in vain */
} SdxiCaller;

/*
 * What workers need to know of configuration space and of the bus, which only
 * the big lock lets one look at; each is atomic.  More is in the gate.
 */
typedef struct SdxiShown {
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
    SdxiCaller own;
    SdxiCaller caller[SDXI_WORKERS_MAX]; /* of threads, if there are several */
    unsigned num_callers;
    SdxiDevice *core;
    QEMUTimer wake;             /* of the core */
    SdxiPasid pasid;
    SdxiCdat cdat;
    SpdmPort spdm;
    PCIDevice *upstream;        /* of the switch above, or NULL */
    bool has_peers;             /* what it reaches has to be looked at */
    SdxiPci *pf;                /* of a virtual function */
    uint16_t vf_number;
    SdxiShown shown;
    SdxiGate gate;
    QemuMutex kept_mutex;       /* guards what is below */
    SdxiKept kept;              /* for the next owner of the core (bars.c) */
    VMChangeStateEntry *vm_change;
    /* Messages that are to be sent (out.c); atomic. */
    uint64_t uio_bytes, uio_refused;    /* counted; atomic */
    unsigned long raised[BITS_TO_LONGS(SDXI_VECTORS_MAX)];
    QEMUBH *raise_bh;
    PciSaved saved;             /* the core's state */
    uint8_t saved_head[SDXI_FIRST_HEAD]; /* of its first format */
    QTAILQ_ENTRY(SdxiPci) next;
};

/* hostops.c */
extern const SdxiHostOps sdxi_host_ops;

/* vmstate.c */
extern const VMStateDescription sdxi_vmstate, sdxi_vmstate_vf;

#endif
