/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounts on disk.  They are written as a whole to a new file, which takes
 * the place of the old one when it is on the disk: at each moment one of them
 * is there.  Room is taken before anything is changed, so that a full disk
 * refuses a change and does not lose one.
 *
 * A file: magic, length u64, device and inode of the memory u64, SHA-256 of
 * the bytes, the bytes.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include <glib/gstdio.h>
#include <sys/file.h>
#include "tools/cxl-fabricd/fabricd.h"

#define MAGIC   "cxlfab01"
#define HEADER  64
#define NAME    "accounts"
#define SPARE   65536           /* bytes that a change may add */

struct Journal {
    int dir, lock;
    char *path;
    int next;               /* the new file, with room; -1: none */
    uint64_t size;          /* of the last one */
    uint64_t device, inode; /* of the memory */
};

static bool fail(const Journal *j, GError **error, const char *what)
{
    g_set_error(error, FABRICD_ERROR, 0, "--journal %s: %s: %s", j->path, what,
                g_strerror(errno));
    return false;
}

Journal *journal_open(const char *path, int memory, GError **error)
{
    Journal *j = g_new0(Journal, 1);
    struct stat st;

    j->path = g_strdup(path);
    j->lock = j->next = -1;
    j->dir = g_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (j->dir < 0 || fstat(memory, &st)) {
        fail(j, error, "cannot be opened as a folder");
        journal_close(j);
        return NULL;
    }
    j->device = st.st_dev;
    j->inode = st.st_ino;
    j->lock = openat(j->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (j->lock < 0 || flock(j->lock, LOCK_EX | LOCK_NB)) {
        fail(j, error, "another cxl-fabricd has it, or it cannot be written");
        journal_close(j);
        return NULL;
    }
    return j;
}

void journal_close(Journal *j)
{
    int *fds[] = { &j->next, &j->lock, &j->dir };

    for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
        }
    }
    g_free(j->path);
    g_free(j);
}

static void digest(const uint8_t *bytes, size_t len, uint8_t out[32])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize n = 32;

    g_checksum_update(sum, bytes, len);
    g_checksum_get_digest(sum, out, &n);
}

static bool whole(const Journal *j, const uint8_t *file, gsize len,
                  GError **error)
{
    uint8_t sum[32];

    if (len < HEADER || memcmp(file, MAGIC, 8) ||
        ldq_le_p(file + 8) != len - HEADER) {
        g_set_error(error, FABRICD_ERROR, 0, "--journal %s: '" NAME "' is no"
                    " journal of this cxl-fabricd, or damaged; move it away to"
                    " begin with a pool that is all free", j->path);
        return false;
    }
    digest(file + HEADER, len - HEADER, sum);
    if (memcmp(sum, file + 32, 32)) {
        g_set_error(error, FABRICD_ERROR, 0, "--journal %s: '" NAME "' is"
                    " damaged; move it away to begin with a pool that is all"
                    " free", j->path);
        return false;
    }
    if (ldq_le_p(file + 16) != j->device || ldq_le_p(file + 24) != j->inode) {
        g_set_error(error, FABRICD_ERROR, 0, "--journal %s: it is about"
                    " another --memory; give the file that it was written for,"
                    " or another folder", j->path);
        return false;
    }
    return true;
}

GByteArray *journal_read(Journal *j, GError **error)
{
    g_autofree char *name = g_build_filename(j->path, NAME, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) err = NULL;
    GByteArray *bytes;
    gsize len;

    if (!g_file_get_contents(name, &text, &len, &err)) {
        if (!g_error_matches(err, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
            g_propagate_error(error, g_steal_pointer(&err));
        }
        return NULL;
    }
    if (!whole(j, (const uint8_t *)text, len, error)) {
        return NULL;
    }
    j->size = len;
    bytes = g_byte_array_new();
    return g_byte_array_append(bytes, (const uint8_t *)text + HEADER,
                               len - HEADER);
}

bool journal_ready(Journal *j, GError **error)
{
    if (j->next < 0) {
        j->next = openat(j->dir, NAME ".new",
                         O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    if (j->next < 0) {
        return fail(j, error, "cannot be written to");
    }
    errno = posix_fallocate(j->next, 0, HEADER + j->size + SPARE);
    return !errno || fail(j, error, "has no room");
}

static bool write_all(int fd, const uint8_t *bytes, size_t len, off_t at)
{
    while (len) {
        ssize_t n = pwrite(fd, bytes, len, at);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes += MAX(n, 0);
        len -= MAX(n, 0);
        at += MAX(n, 0);
    }
    return true;
}

bool journal_write(Journal *j, const GByteArray *bytes, GError **error)
{
    uint8_t header[HEADER] = MAGIC;

    if (!journal_ready(j, error)) {
        return false;
    }
    stq_le_p(header + 8, bytes->len);
    stq_le_p(header + 16, j->device);
    stq_le_p(header + 24, j->inode);
    digest(bytes->data, bytes->len, header + 32);
    if (!write_all(j->next, header, HEADER, 0) ||
        !write_all(j->next, bytes->data, bytes->len, HEADER) ||
        ftruncate(j->next, HEADER + bytes->len) || fsync(j->next) ||
        renameat(j->dir, NAME ".new", j->dir, NAME) || fsync(j->dir)) {
        return fail(j, error, "cannot be written to");
    }
    close(j->next);
    j->next = -1;
    j->size = bytes->len;
    return true;
}
