/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the windows share: window.c (regions, trapping path),
 * window/map.c (aliases), window/storage.c (where bytes are kept).
 */
#ifndef HW_CXL_WINDOW_INTERNAL_H
#define HW_CXL_WINDOW_INTERNAL_H

#include "hw/cxl/core/pieces.h"
#include "hw/cxl/core/slice.h"
#include "hw/cxl/window/tree.h"

/* Our region over one stock window */
typedef struct CxlWindow {
    uint64_t base;
    uint64_t size;
    MemoryRegion mr;    /* traps; aliases are its children */
} CxlWindow;

/* All windows of the machine; there is one */
typedef struct CxlWindows {
    GPtrArray *fixed;           /* CXLFixedWindow *; NULL: not looked yet */
    GPtrArray *windows;         /* CxlWindow * */
    QTAILQ_HEAD(, CxlWindowMember) members;
    CxlRouteTree *tree;
    bool stale;                 /* @tree has to be built again */

    /* window/map.c */
    GPtrArray *aliases;         /* installed, in address order */
    bool job_wanted;            /* a piece waits for its storage order */
    bool job_queued;
    bool warned_budget;

    /* window/storage.c */
    CxlSlices slices;

    /* window/vmstate.c, only while state is on its way */
    uint32_t saved_len;
    uint8_t *saved;
} CxlWindows;

/* Before anything else, once: have sets and bridges saved. */
void cxl_window_vmstate_init(CxlWindows *ws);

/* The current snapshot of decoders, built on demand; lives until a change. */
CxlRouteTree *cxl_windows_tree(void);

/* Before anything else, once. */
void cxl_window_map_init(CxlWindows *ws);
/* Unmap at once what is no longer right, map what can be mapped. */
void cxl_window_map_update(CxlWindows *ws);
void cxl_windows_each_piece(CxlWindows *ws, CxlWindowPieceFn *fn,
                            void *opaque);

/* window/layout.c: before anything else, once. */
void cxl_window_layout_init(CxlWindows *ws);
/* A member came; see cxl_window_register(). */
bool cxl_window_layout_join(CxlWindowMember *m, Error **errp);
/* May bytes of all members be kept in host order? */
bool cxl_window_layout_allows(const CxlSliceSet *set);
/* Hooks of the slices, see CxlSliceOps */
bool cxl_window_layout_moving(void *opaque, const CxlSliceSet *set,
                              bool adopt, const GArray *saved);
void cxl_window_layout_moved(void *opaque, const CxlSliceSet *set,
                             bool adopt);
/* Sets were loaded with the memory: have the files say so. */
void cxl_window_layout_record(void);

/* Is all of that range backed? */
bool cxl_window_storage_there(CxlWindowMember *m, uint64_t dpa, uint64_t len);

void cxl_window_data_init(CxlWindows *ws);
/* Bring the storage of a leaving member into device order. */
void cxl_window_data_forget(CxlWindowMember *m);
/* May the storage of this regular piece be mapped, order aside, or why not? */
CxlPieceTrap cxl_window_data_allowed(const CxlPiece *piece);
/* Is it in the order that a map of this piece needs? */
bool cxl_window_data_ready(const CxlPiece *piece);
/*
 * Bring it into that order; no vCPU may run.  False if there is no memory for
 * it, and then the piece has to trap.
 */
bool cxl_window_data_prepare(const CxlPiece *piece);

#endif
