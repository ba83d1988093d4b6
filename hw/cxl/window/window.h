/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fixed memory windows as the memory devices see them.  Private to the glue
 * floor.
 *
 * The windows lay a region of our own over those of QEMU, follow the decoders
 * of host bridges and switches to a member, and carry the access out there:
 * by trapping, or, where nothing has to trap, through aliases of the member's
 * memory.  Interleaved members may keep each other's bytes (core/slice.h), so
 * device-side accesses have to come through cxl_window_dpa_rw() too.
 *
 * The big lock is held in every call in both directions.
 */
#ifndef HW_CXL_WINDOW_WINDOW_H
#define HW_CXL_WINDOW_WINDOW_H

#include "hw/pci/pci_device.h"
#include "hw/cxl/core/endpoint.h"
#include "hw/cxl/core/pieces.h"

typedef struct CxlWindowMember CxlWindowMember;

/* In which order may bytes be kept? */
typedef enum CxlKeep {
    CXL_KEEP_ANY,       /* nobody but us ever looks at them */
    CXL_KEEP_RECORDED,  /* in device order, or known to a layout file */
    CXL_KEEP_SHARED,    /* the same, and others may change them meanwhile */
} CxlKeep;

/* What a window asks of a member.  Addresses are DPA in bytes. */
typedef struct CxlWindowOps {
    /*
     * The RAM that backs @dpa in device order: *@offset is the place in it,
     * *@run how much of @len it holds from there (> 0).  NULL: nothing.
     */
    MemoryRegion *(*storage)(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                             uint64_t *offset, uint64_t *run);
    /* The stricter answer if @len bytes at @dpa are in several backends */
    CxlKeep (*keep)(CxlWindowMember *m, uint64_t dpa, uint64_t len);
    /* cxl_memdev_access_run() */
    uint64_t (*access)(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                       CxlAccess *access);
    /* A load is about to be carried out on the trapping path. */
    void (*reads)(CxlWindowMember *m, uint64_t dpa, uint64_t len);
    /* cxl_memdev_host_wrote() and cxl_memdev_host_read_poison() */
    void (*wrote)(CxlWindowMember *m, uint64_t dpa, uint64_t len);
    void (*read_poison)(CxlWindowMember *m, uint64_t dpa);
    /* The host has lost bytes of the member: they read zero, and are wrong. */
    void (*lost)(CxlWindowMember *m, uint64_t dpa, uint64_t len);
} CxlWindowOps;

/* Part of a memory device; it sets the first group before registering. */
struct CxlWindowMember {
    PCIDevice *pdev;
    CxlEndpoint *ep;    /* whose decoders are followed */
    const CxlWindowOps *ops;
    bool direct;    /* false: every access traps */
    uint64_t sn;    /* serial number, by which @layout knows it */
    struct CxlLayoutFile *layout;   /* or NULL */
    bool always;    /* report poison even to a guest that will not survive */

    /* Ours */
    struct CxlWindows *ws;          /* NULL: not registered */
    const char *name;               /* for people */
    bool told_slow;                 /* how a set that it begins gets fast */
    QTAILQ_ENTRY(CxlWindowMember) next;
};

/*
 * At the end of realize, and at the start of unrealize.  Refuses a member with
 * a layout file that does not fit the machine.
 */
bool cxl_window_register(CxlWindowMember *m, Error **errp);
void cxl_window_unregister(CxlWindowMember *m);

/*
 * Memory of a member that has left may still keep bytes of others, for as long
 * as it takes to move those: some seconds for each GiB.  Until then it is not
 * for anybody else.
 */
bool cxl_window_holds(const MemoryRegion *mr);
/* The same for somebody who needs it now: true if it could be hurried. */
bool cxl_window_lets_go(const MemoryRegion *mr);

/*
 * Decoders were committed or released, or enables moved, of any member: what
 * is no longer right is unmapped when this returns.
 */
void cxl_window_changed(void);
/* The same for what CxlWindowOps.access says about a range of @m. */
void cxl_window_access_changed(CxlWindowMember *m, uint64_t dpa,
                               uint64_t len);

/*
 * No direct access is under way that began before the last change of maps:
 * what was unmapped does not change any more.
 */
bool cxl_window_settled(void);

/*
 * For people who ask: the decode as it is now, with CxlWindowMember pointers
 * as devices and the QOM path of a bridge as its name.  NULL if no member ever
 * came.  It lives until decoders, enables, ports or members change.
 */
const CxlRouteTree *cxl_window_route(void);
/* Counts the changes of that decode.  Any thread. */
uint32_t cxl_window_epoch(void);
/*
 * Call @fn for every committed piece in address order: why all of it traps, or
 * CXL_PIECE_DIRECT, and how many of its bytes are mapped.
 */
typedef void CxlWindowPieceFn(void *opaque, const CxlPiece *piece,
                              CxlPieceTrap why, uint64_t mapped);
void cxl_window_each_piece(CxlWindowPieceFn *fn, void *opaque);

/*
 * The bytes at @dpa as the device sees them, wherever they are kept.  Bypass
 * poison, locks and extents.  False if the range is not backed; then part of
 * it may have been written.
 */
bool cxl_window_dpa_rw(CxlWindowMember *m, uint64_t dpa, void *buf,
                       uint64_t len, bool is_write);
/*
 * The host has lost what is stored at @dpa of @m: tell those whose bytes were
 * kept there.
 */
void cxl_window_storage_lost(CxlWindowMember *m, uint64_t dpa, uint64_t len);
/* Every byte becomes @value; 0 gives memory back to the host if it can. */
bool cxl_window_dpa_fill(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                         uint8_t value);

#endif
