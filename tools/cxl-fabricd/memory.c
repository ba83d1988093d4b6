/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory that is lent to hosts; they map its descriptor.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include "tools/cxl-fabricd/fabricd.h"
#include "tools/cxl-fm/parse.h"

static bool fail(GError **error, const char *path, const char *what)
{
    g_set_error(error, FABRICD_ERROR, 0, "--memory %s: %s: %s",
                path ?: "(without a name)", what, g_strerror(errno));
    return false;
}

/* No host can make it shorter under the others. */
static int open_unnamed(uint64_t size)
{
    int fd = memfd_create("cxl-fabricd", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && (ftruncate(fd, size) ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW))) {
        close(fd);
        return -1;
    }
    return fd;
}

/*
 * What is lent and wiped by itself must be whole pages of its file; those of
 * other file systems are no larger than a processor's, or can be cut.
 */
static bool can_cut(int fd, const char *path, uint64_t step, GError **error)
{
    g_autofree char *page = NULL, *unit = NULL;
    struct statfs fs;

    if (fstatfs(fd, &fs)) {
        return fail(error, path, "its file system cannot be looked at");
    }
    if (fs.f_type != HUGETLBFS_MAGIC || (uint64_t)fs.f_bsize <= step) {
        return true;
    }
    page = format_size(fs.f_bsize);
    unit = format_size(step);
    g_set_error(error, FABRICD_ERROR, 0, "--memory %s: it has pages of %s, and"
                " %s is lent by itself; give a file with smaller pages, or"
                " larger blocks (--block-size) and no logical device that is"
                " persistent (its labels are 256K)", path, page, unit);
    return false;
}

/*
 * Hosts get @fd, and would have the lock with it: it is that of another one.
 * *@used: there may be something in it.
 */
static bool prepare(int fd, const char *path, uint64_t size, uint64_t step,
                    int *lock, bool *used, GError **error)
{
    struct stat st;

    *lock = g_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (*lock < 0 || flock(*lock, LOCK_EX | LOCK_NB)) {
        return fail(error, path, "somebody else has it");
    }
    if (fstat(fd, &st)) {
        return fail(error, path, "cannot be looked at");
    }
    if (!S_ISREG(st.st_mode) ||
        (st.st_size && (uint64_t)st.st_size != size)) {
        g_set_error(error, FABRICD_ERROR, 0, "--memory %s: it is no file of %"
                    PRIu64 " bytes, as --size, --shared, --ld and --ld-capacity"
                    " say; give one that is, or that does not exist yet", path,
                    size);
        return false;
    }
    if (!can_cut(fd, path, step, error)) {
        return false;
    }
    *used = st.st_size;
    if (!st.st_size && ftruncate(fd, size)) {
        return fail(error, path, "cannot have that size");
    }
    /* Beyond its end: nothing is lost. */
    if (!memory_wipe(fd, size, 2 * MiB)) {
        return fail(error, path, "its file system cannot give memory back");
    }
    return true;
}

int memory_open(const char *path, uint64_t size, uint64_t step, int *lock,
                bool *used, GError **error)
{
    int fd = path ? g_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) :
             open_unnamed(size);

    if (fd < 0) {
        fail(error, path, "cannot be opened");
    } else if (path && !prepare(fd, path, size, step, lock, used,
                                error)) {
        close(fd);
        return -1;
    }
    return fd;
}

bool memory_wipe(int memory, uint64_t offset, uint64_t len)
{
    return !fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                      offset, len);
}
