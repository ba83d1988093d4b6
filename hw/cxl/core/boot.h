/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoders that are committed before an operating system runs, as firmware
 * does it: the registers that are written, in the order in which software of
 * the guest would write them.  CXL r3.1 8.2.4.20 and 9.13.1.
 *
 * Which decoders a region needs is plan.h; whether a device takes one is for
 * its own rules (hdm.h).
 */
#ifndef HW_CXL_CORE_BOOT_H
#define HW_CXL_CORE_BOOT_H

#include "hw/cxl/core/endpoint.h"
#include "hw/cxl/core/plan.h"

/* An offset that nobody has given */
#define CXL_BOOT_BEHIND_OTHERS UINT64_MAX

/* What a person wants; the words of properties are in sentences. */
typedef struct CxlBootRegion {
    uint32_t window;        /* its number in the order of addresses */
    uint64_t offset;        /* bytes from its start, or behind others */
    uint64_t size;          /* bytes of host address space, all ways */
    uint64_t granularity;   /* bytes; 0: the window's */
    bool persistent;        /* capacity to take, instead of volatile */
    bool lock;              /* decoders stay until the next reset */
    bool hole;              /* its end may lie behind that of the window */
} CxlBootRegion;

typedef struct CxlBootWindow {
    unsigned windows;       /* that the machine has; 0: none of ours */
    uint64_t base, size;    /* host physical address, bytes */
    CxlPlanWindow plan;
    uint64_t near;          /* bytes at its start that are no CXL memory */
    uint64_t next;          /* where the next one begins; 0: there is none */
} CxlBootWindow;

typedef struct CxlBootDevice {
    const char *name;       /* as the person calls it */
    CxlEndpoint *ep;        /* NULL: there is no such memory device */
    CxlPlanPath path;       /* no hops: there is none */
} CxlBootDevice;

/* Bridges, which are not ours */
typedef struct CxlBootOps {
    /* False: a bridge that passes everything on to its one port */
    bool (*decodes)(void *bridge);
    /* Registers of its HDM decoder capability, 32 bits each */
    uint32_t (*get)(void *bridge, unsigned offset);
    void (*put)(void *bridge, unsigned offset, uint32_t value);
} CxlBootOps;

/* Where in its window does the last of @count regions lie? */
uint64_t cxl_boot_offset(const CxlBootRegion *const *regions, unsigned count);

/*
 * Bytes of the region at @offset of @window that can be reached: all, but where
 * its end lies in a hole behind the window.
 */
uint64_t cxl_boot_reached(const CxlBootRegion *region, uint64_t offset,
                          const CxlBootWindow *window);

/*
 * Commit what the region at @offset of @window needs, in the bridges and then
 * in the @ways devices, and switch CXL.mem on.  NULL; or an allocated sentence
 * that names the property: it cannot be, and decoders may have been committed
 * that lead nowhere.
 */
char *cxl_boot_commit(const CxlBootRegion *region, uint64_t offset,
                      const CxlBootWindow *window,
                      const CxlBootDevice *device, unsigned ways,
                      const CxlBootOps *ops);

#endif /* HW_CXL_CORE_BOOT_H */
