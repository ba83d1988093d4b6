/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All windows of a machine as one struct, and what the files of this folder
 * ask of each other.  Calls go down only:
 *
 *      boot        decoders that are committed before the guest runs
 *      regions     our regions, trapping path, members that come and leave
 *      vmstate     saved state
 *      shape       what windows were given
 *      map         aliases
 *      copies      what is read often of memory that has to trap
 *      leaving     memory of members that have left
 *      layout      who needs a layout file, and what is written there
 *      storage     where bytes are kept
 *      tree        snapshot of the decode, changes of QEMU's decoders
 *      near        RAM at the start of a window
 *      attributes  fixed windows of the machine, and what people chose for
 *                  them, in tables and arithmetic
 *
 * Whoever further down learns of a change calls CxlWindows.changed.
 */
#ifndef HW_CXL_WINDOW_INTERNAL_H
#define HW_CXL_WINDOW_INTERNAL_H

#include "qemu/notify.h"
#include "qemu/units.h"
#include "hw/cxl/cxl.h"
#include "hw/cxl/core/piece-order.h"
#include "hw/cxl/core/route.h"
#include "hw/cxl/window/window.h"
#include "hw/pci/saved.h"

/* Our region over one stock window */
typedef struct CxlWindow {
    uint64_t base;
    uint64_t size;
    MemoryRegion mr;    /* traps; aliases are its children */
} CxlWindow;

/* All windows of the machine; there is one */
typedef struct CxlWindows CxlWindows;
struct CxlWindows {
    GPtrArray *windows;         /* CxlWindow *; NULL: not looked yet */
    QTAILQ_HEAD(, CxlWindowMember) members;
    /* Decoders, enables, ports or members changed, or all was loaded. */
    void (*changed)(CxlWindows *ws);

    /* window/tree.c */
    GPtrArray *fixed;           /* CXLFixedWindow *, in address order */
    CxlRouteTree *tree;         /* NULL: has to be built again */
    MemoryRegionOps port_ops;   /* how QEMU's component registers find us */

    /* window/map.c */
    GPtrArray *aliases;         /* installed, in address order */
    uint64_t alias_count;       /* ever installed: each has its own name */
    bool job_wanted;            /* a piece waits for its storage order */
    bool job_queued;
    QEMUTimer *job_timer;       /* the rest of a job */
    int settling;               /* changes that processors may not know yet */
    bool warned_budget;

    /* window/copies.c */
    struct CxlWindowCopies *copies; /* NULL: there are none */
    bool copied;                /* some are mapped */
    /* A store of the guest, on the trapping path */
    MemTxResult (*write)(uint64_t hpa, uint64_t data, unsigned size,
                         MemTxAttrs attrs);

    /* window/storage.c; the hooks of layout files are window/layout.c */
    CxlSliceOps slice_ops;
    CxlSlices slices;

    /* window/layout.c */
    Notifier machine_done;
    Notifier process_ends;

    /* window/leaving.c */
    QTAILQ_HEAD(, CxlWindowMember) leaving;
    QEMUTimer *leaving_timer;   /* the rest of what they lent */

    PciSaved saved;             /* window/vmstate.c */
};

/* --- regions.c ----------------------------------------------------------- */

/* Accesses that a window takes, split by QEMU or not */
#define CXL_WINDOW_ANY_ACCESS \
    { .min_access_size = 1, .max_access_size = 8, .unaligned = true }

/* The windows of the machine; none are known before a member comes. */
CxlWindows *cxl_window_all(void);

/* --- tree.c -------------------------------------------------------------- */

/* Find the fixed windows; before anything else, once. */
void cxl_window_tree_init(CxlWindows *ws);
/* Our region over the window at @hpa, or NULL */
CxlWindow *cxl_window_at(const CxlWindows *ws, uint64_t hpa);
/*
 * The current snapshot of decoders, built on demand; lives until a change.
 * Devices in it are CxlWindowMember pointers; those whose CXL.mem is off have
 * no decoders.
 */
CxlRouteTree *cxl_window_tree(CxlWindows *ws);
/* Something changed: the snapshot is not to be used any more. */
void cxl_window_tree_drop(CxlWindows *ws);
/* Call @fn for every bridge with decoders above @pdev, host bridge last. */
void cxl_window_tree_bridges(PCIDevice *pdev,
                             void (*fn)(void *opaque, Object *bridge,
                                        CXLComponentState *c),
                             void *opaque);
/* The component registers of @bridge, or NULL if it is no such bridge. */
CXLComponentState *cxl_window_tree_registers(Object *bridge);

/* --- observe.c ----------------------------------------------------------- */

/*
 * Have @ws->changed called after every write to a decoder register of the
 * bridges above @pdev, up to and including the host bridge.  Doing it again
 * does nothing.  Refused, by the name of the bridge, where something else
 * sees these writes already.
 */
bool cxl_window_observe(CxlWindows *ws, PCIDevice *pdev, Error **errp);

/* --- storage.c ----------------------------------------------------------- */

/* Bytes that are moved before the big lock is given back, more or less */
#define CXL_WINDOW_STEP (4 * MiB)

/* Once, before the layout. */
void cxl_window_data_init(CxlWindows *ws);
/* cxl_window_dpa_rw() for an access of the guest to a member that is here */
bool cxl_window_host_rw(CxlWindowMember *m, uint64_t dpa, void *buf,
                        uint64_t len, bool is_write);
/* Is all of that range backed? */
bool cxl_window_storage_there(CxlWindowMember *m, uint64_t dpa, uint64_t len);
/*
 * Bring some of a regular piece into the order that a map of it needs, which
 * takes milliseconds; nobody may reach it but through a trap.  Failed: there
 * is no memory for it, or no record, and the piece has to trap for good.
 */
CxlSliceResult cxl_window_data_prepare(CxlWindows *ws, const CxlPiece *piece);

/* --- layout.c ------------------------------------------------------------ */

/* Once, after the storage. */
void cxl_window_layout_init(CxlWindows *ws);
/* A member came; see cxl_window_register(). */
bool cxl_window_layout_join(CxlWindows *ws, CxlWindowMember *m, Error **errp);
/* May bytes of all members be kept in host order? */
bool cxl_window_layout_allows(const CxlSliceSet *set);
/* Sets were loaded with the memory: have the files say so. */
void cxl_window_layout_record(CxlWindows *ws);

/* --- leaving.c ----------------------------------------------------------- */

/* Once. */
void cxl_window_leaving_init(CxlWindows *ws);
/*
 * A member leaves and is not looked at again; what sets keep in its memory
 * goes back to where it belongs, now or in the next seconds.
 */
void cxl_window_leave(CxlWindows *ws, CxlWindowMember *m);
/* The machine has stopped, maybe to be saved. */
void cxl_window_leaving_stopped(CxlWindows *ws);
/* cxl_window_holds() and cxl_window_lets_go() */
bool cxl_window_leaving_holds(CxlWindows *ws, const MemoryRegion *mr);
bool cxl_window_leaving_hurry(CxlWindows *ws, const MemoryRegion *mr);

/* --- copies.c ------------------------------------------------------------ */

typedef struct CxlWindowCopies CxlWindowCopies;

/* Once, when the machine has its windows. */
void cxl_window_copies_init(CxlWindows *ws);
/* None is right any more, and none may be made.  True: some were mapped. */
bool cxl_window_copies_forget(CxlWindows *ws);
/* All of a regular piece may be copied. */
void cxl_window_copies_allow(CxlWindows *ws, uint64_t hpa, uint64_t size);
/* A load trapped: may map a copy of what is around it. */
void cxl_window_copies_read(CxlWindows *ws, uint64_t hpa);
/* A store of @len bytes within one stripe was carried out. */
void cxl_window_copies_wrote(CxlWindows *ws, uint64_t hpa, unsigned len);

/* --- map.c --------------------------------------------------------------- */

/* Once. */
void cxl_window_map_init(CxlWindows *ws);
/* Unmap at once what is no longer right, map what can be mapped. */
void cxl_window_map_update(CxlWindows *ws);
/* See cxl_window_each_piece(). */
void cxl_window_map_each_piece(CxlWindows *ws, CxlWindowPieceFn *fn,
                               void *opaque);

/* --- vmstate.c ----------------------------------------------------------- */

/* Have sets and bridges saved; once. */
void cxl_window_vmstate_init(CxlWindows *ws);

#endif
