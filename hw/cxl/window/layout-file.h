/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout files by name: opened once, locked, shared by all devices that name
 * the same file.  Private to the glue floor; the contents are core/layout.h.
 */
#ifndef HW_CXL_WINDOW_LAYOUT_FILE_H
#define HW_CXL_WINDOW_LAYOUT_FILE_H

#include "qemu/queue.h"
#include "hw/cxl/core/layout.h"

/*
 * Bytes of interleaved memory move in units of this: as many as the host may
 * map by one entry, more than any granularity, few enough for a short step.
 */
#define CXL_WINDOW_UNIT (1024 * 1024)

typedef struct CxlLayoutFile {
    char *path;         /* as first given */
    int fd;
    dev_t dev;
    ino_t ino;
    unsigned users;
    CxlLayout core;
    QTAILQ_ENTRY(CxlLayoutFile) next;
} CxlLayoutFile;

/*
 * Open or create @path.  Refuses a file of somebody else, one that is damaged,
 * and one that another process has open.
 */
CxlLayoutFile *cxl_layout_file_open(const char *path, Error **errp);
/* One user more; NULL is no file. */
CxlLayoutFile *cxl_layout_file_share(CxlLayoutFile *f);
void cxl_layout_file_close(CxlLayoutFile *f);

/* One after the other: NULL for the first, and after the last. */
CxlLayoutFile *cxl_layout_file_next(CxlLayoutFile *f);

#endif
