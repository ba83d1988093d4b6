/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout files: open, lock, share among devices, read and write.  What is in
 * them is core/layout.c; which memory needs one is window/layout.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/common/file.h"
#include "hw/cxl/window/layout-file.h"

static QTAILQ_HEAD(, CxlLayoutFile) files = QTAILQ_HEAD_INITIALIZER(files);

static bool file_read(void *opaque, uint64_t at, void *buf, uint64_t len)
{
    return file_read_at(((CxlLayoutFile *)opaque)->fd, at, buf, len);
}

static bool file_write(void *opaque, uint64_t at, const void *buf,
                       uint64_t len)
{
    return file_write_at(((CxlLayoutFile *)opaque)->fd, at, buf, len);
}

static bool file_truncate(void *opaque, uint64_t size)
{
    CxlLayoutFile *f = opaque;

    return !ftruncate(f->fd, size);
}

static CxlLayoutFile *find(const struct stat *st)
{
    CxlLayoutFile *f;

    QTAILQ_FOREACH(f, &files, next) {
        if (f->dev == st->st_dev && f->ino == st->st_ino) {
            return f;
        }
    }
    return NULL;
}

/* An open file of ours, or -1. */
static int open_locked(const char *path, Error **errp)
{
    int fd = qemu_open_old(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        error_setg_errno(errp, errno, "property 'layout-file': '%s' cannot be"
                         " opened for writing", path);
        return -1;
    }
    if (qemu_lock_fd(fd, 0, 0, true)) {
        error_setg(errp, "property 'layout-file': '%s' is in use by another"
                   " process", path);
        close(fd);
        return -1;
    }
    return fd;
}

static CxlLayoutFile *new_file(const char *path, Error **errp)
{
    static const CxlLayoutOps ops = {
        CXL_WINDOW_UNIT, file_read, file_write, file_truncate,
    };
    g_autofree CxlLayoutFile *f = g_new0(CxlLayoutFile, 1);
    const char *problem;
    struct stat st;

    f->fd = open_locked(path, errp);
    if (f->fd < 0) {
        return NULL;
    }
    problem = fstat(f->fd, &st) || !S_ISREG(st.st_mode) ?
              "is not a regular file" : cxl_layout_open(&f->core, &ops, f);
    if (problem) {
        error_setg(errp, "property 'layout-file': '%s' %s", path, problem);
        close(f->fd);
        return NULL;
    }
    f->path = g_strdup(path);
    f->dev = st.st_dev;
    f->ino = st.st_ino;
    QTAILQ_INSERT_TAIL(&files, f, next);
    return g_steal_pointer(&f);
}

CxlLayoutFile *cxl_layout_file_open(const char *path, Error **errp)
{
    struct stat st;
    CxlLayoutFile *f = stat(path, &st) ? NULL : find(&st);

    f = f ?: new_file(path, errp);
    if (f) {
        f->users++;
    }
    return f;
}

CxlLayoutFile *cxl_layout_file_share(CxlLayoutFile *f)
{
    if (f) {
        f->users++;
    }
    return f;
}

void cxl_layout_file_close(CxlLayoutFile *f)
{
    if (!f || --f->users) {
        return;
    }
    QTAILQ_REMOVE(&files, f, next);
    cxl_layout_close(&f->core);
    close(f->fd);
    g_free(f->path);
    g_free(f);
}

CxlLayoutFile *cxl_layout_file_next(CxlLayoutFile *f)
{
    return f ? QTAILQ_NEXT(f, next) : QTAILQ_FIRST(&files);
}
