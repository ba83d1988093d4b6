/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounts on disk: those of some moment as a whole, and behind them what has
 * changed since.  A change is written behind the last one, and is kept when it
 * is on the disk; one that was not written to its end is none, and nobody was
 * told of it.  When the changes have become more than what they are changes
 * of, all is written to a new file, which takes the place of the old one when
 * it is on the disk: at each moment one of them is there.  Room is taken
 * before anything is changed, so that a full disk refuses a change and does
 * not lose one.
 *
 * A file: magic, length u64, device and inode of the memory u64, SHA-256 of
 * the bytes, the bytes; zeroes up to a multiple of eight.  A change: magic u32,
 * length u32, number u64 (from 1), SHA-256 of these and of the bytes, the
 * bytes; zeroes up to a multiple of eight.  Room behind the last change is
 * zeroes.  Files of before there were changes have another magic, and none.
 *
 * Beside it is, as 16 bytes, in which run of the machine it was written last.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include <glib/gstdio.h>
#include <sys/file.h>
#include "hw/common/sha256.h"
#include "tools/cxl-fabricd/fabricd.h"

#define MAGIC   "cxlfab02"
#define WHOLE   "cxlfab01"      /* of before there were changes */
#define HEADER  64
#define CHANGE  48              /* bytes of its header */
#define ALIGN   8
#define LOOKS   4               /* lengths of the file that a tail costs */
#define NAME    "accounts"
#define BOOT    "boot"
#define SPARE   (64 * KiB)      /* bytes that a change may have */
#define STEP    (4 * KiB)       /* by which room grows */
#define FEW     (64 * KiB)      /* changes that are always kept as such */

static const uint8_t change_magic[4] = { 'C', 'H', 'N', 'G' };

struct Journal {
    int dir, lock;
    char *path;
    int file;               /* -1: nothing has been written yet */
    uint64_t whole;         /* bytes before the first change */
    uint64_t end;           /* behind the last one */
    uint64_t room;          /* the file is that long */
    uint64_t number;        /* of the last change */
    uint64_t next_whole;    /* when @end is there, all is written anew */
    bool renamed;           /* and the disk may not know that yet */
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
    j->lock = j->file = -1;
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
    int *fds[] = { &j->file, &j->lock, &j->dir };

    for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
        }
    }
    g_free(j->path);
    g_free(j);
}

/* --- reading ------------------------------------------------------------- */

static bool damaged(const Journal *j, GError **error, const char *what)
{
    g_set_error(error, FABRICD_ERROR, 0, "--journal %s: '" NAME "' %s; move it"
                " away to begin with a pool that is all free", j->path, what);
    return false;
}

/* The accounts of one moment; *@old: and there is nothing behind them. */
static bool check_whole(const Journal *j, const uint8_t *file, gsize len,
                        bool *old, GError **error)
{
    uint8_t sum[SHA256_BYTES];
    uint64_t n;

    *old = len >= HEADER && !memcmp(file, WHOLE, 8);
    if (len < HEADER || (!*old && memcmp(file, MAGIC, 8))) {
        return damaged(j, error, "is no journal of this cxl-fabricd, or"
                       " damaged");
    }
    n = ldq_le_p(file + 8);
    if (n > len - HEADER || (*old && n < len - HEADER)) {
        return damaged(j, error, "is damaged");
    }
    sha256_of(file + HEADER, n, sum);
    if (memcmp(sum, file + 32, sizeof(sum))) {
        return damaged(j, error, "is damaged");
    }
    if (ldq_le_p(file + 16) != j->device || ldq_le_p(file + 24) != j->inode) {
        g_set_error(error, FABRICD_ERROR, 0, "--journal %s: it is about"
                    " another --memory; give the file that it was written for,"
                    " or another folder", j->path);
        return false;
    }
    return true;
}

/* Does a change that has room begin at @at? */
static bool begins_change(const uint8_t *file, gsize len, gsize at,
                          uint64_t *number, uint32_t *bytes)
{
    if (at > len || len - at < CHANGE ||
        memcmp(file + at, change_magic, sizeof(change_magic))) {
        return false;
    }
    *bytes = ldl_le_p(file + at + 4);
    *number = ldq_le_p(file + at + 8);
    return *bytes <= len - at - CHANGE;
}

/* Was it written to its end? */
static bool is_whole(const uint8_t *file, gsize at, uint32_t bytes)
{
    uint8_t sum[SHA256_BYTES];

    sha256_of_two(file + at, 16, file + at + CHANGE, bytes, sum);
    return !memcmp(sum, file + at + 16, sizeof(sum));
}

/*
 * What is behind the last change was never finished, if there is no other.  Who
 * finds beginnings only reads all that is behind each: not for ever.
 */
static bool check_tail(const Journal *j, const uint8_t *file, gsize len,
                       gsize at, GError **error)
{
    uint64_t number, left = LOOKS * (uint64_t)len;
    uint32_t bytes;

    for (; at < len; at += ALIGN) {
        if (!begins_change(file, len, at, &number, &bytes) ||
            number <= j->number) {
            continue;
        }
        if (left < bytes) {
            return damaged(j, error, "is damaged behind its last change");
        }
        left -= bytes;
        if (is_whole(file, at, bytes)) {
            return damaged(j, error, "is damaged between two changes");
        }
    }
    return true;
}

static bool read_changes(Journal *j, const uint8_t *file, gsize len, gsize at,
                         GByteArray *changes, GError **error)
{
    uint64_t number;
    uint32_t bytes;

    while (begins_change(file, len, at, &number, &bytes) &&
           number == j->number + 1 && is_whole(file, at, bytes)) {
        g_byte_array_append(changes, file + at + CHANGE, bytes);
        at += ROUND_UP(CHANGE + (uint64_t)bytes, ALIGN);
        j->number = number;
    }
    return check_tail(j, file, len, at, error);
}

GByteArray *journal_read(Journal *j, GByteArray *changes, GError **error)
{
    g_autofree char *name = g_build_filename(j->path, NAME, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) err = NULL;
    const uint8_t *file;
    GByteArray *bytes;
    uint64_t whole;
    gsize len;
    bool old;

    if (!file_read(name, UINT64_MAX, &text, &len, &err)) {
        if (!g_error_matches(err, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
            g_propagate_error(error, g_steal_pointer(&err));
        }
        return NULL;
    }
    file = (const uint8_t *)text;
    if (!check_whole(j, file, len, &old, error)) {
        return NULL;
    }
    whole = ldq_le_p(file + 8);
    if (!old && !read_changes(j, file, len, ROUND_UP(HEADER + whole, ALIGN),
                              changes, error)) {
        return NULL;
    }
    bytes = g_byte_array_new();
    return g_byte_array_append(bytes, file + HEADER, whole);
}

/* --- writing ------------------------------------------------------------- */

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

/* The file gets room for @len bytes behind the last change. */
static bool make_room(Journal *j, uint64_t len, GError **error)
{
    uint64_t room = ROUND_UP(j->end + len, STEP);

    if (room > j->room) {
        errno = posix_fallocate(j->file, j->room, room - j->room);
        if (errno) {
            return fail(j, error, "has no room");
        }
        j->room = room;
    }
    return true;
}

bool journal_ready(Journal *j, GError **error)
{
    return make_room(j, SPARE, error);
}

/* Of the place of the new file in its folder */
static bool settle(Journal *j)
{
    j->renamed = j->renamed && fsync(j->dir);
    return !j->renamed;
}

bool journal_append(Journal *j, const GByteArray *changes, GError **error)
{
    uint64_t len = ROUND_UP(CHANGE + (uint64_t)changes->len, ALIGN);
    g_autofree uint8_t *bytes = NULL;

    if (changes->len > INT32_MAX) {
        errno = EFBIG;
        return fail(j, error, "a change is too long");
    }
    bytes = g_malloc0(len);
    memcpy(bytes, change_magic, sizeof(change_magic));
    stl_le_p(bytes + 4, changes->len);
    stq_le_p(bytes + 8, j->number + 1);
    memcpy(bytes + CHANGE, changes->data, changes->len);
    sha256_of_two(bytes, 16, bytes + CHANGE, changes->len, bytes + 16);
    if (!make_room(j, len, error)) {
        return false;
    }
    if (!write_all(j->file, bytes, len, j->end) || fdatasync(j->file) ||
        !settle(j)) {
        return fail(j, error, "cannot be written to");
    }
    j->number++;
    j->end += len;
    return true;
}

bool journal_is_long(const Journal *j)
{
    return j->end >= j->next_whole;
}

static int new_file(Journal *j, const GByteArray *state)
{
    uint8_t header[HEADER] = MAGIC;
    int fd = openat(j->dir, NAME ".new",
                    O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    stq_le_p(header + 8, state->len);
    stq_le_p(header + 16, j->device);
    stq_le_p(header + 24, j->inode);
    sha256_of(state->data, state->len, header + 32);
    if (fd >= 0 && (!write_all(fd, header, HEADER, 0) ||
                    !write_all(fd, state->data, state->len, HEADER) ||
                    fsync(fd) ||
                    renameat(j->dir, NAME ".new", j->dir, NAME))) {
        close(fd);
        return -1;
    }
    return fd;
}

bool journal_write(Journal *j, const GByteArray *state, GError **error)
{
    uint64_t len = ROUND_UP(HEADER + (uint64_t)state->len, ALIGN);
    int fd = new_file(j, state);

    if (fd < 0) {
        j->next_whole = j->end + MAX(j->whole, FEW);
        return fail(j, error, "cannot be written to");
    }
    if (j->file >= 0) {
        close(j->file);
    }
    j->file = fd;
    j->whole = j->end = len;
    j->room = HEADER + (uint64_t)state->len;
    j->next_whole = j->end + MAX(j->whole, FEW);
    j->number = 0;
    j->renamed = true;
    return settle(j) || fail(j, error, "cannot be written to");
}

/* --- in which run of the machine ------------------------------------------ */

bool journal_is_of_boot(const Journal *j, const CxlUuid *boot)
{
    g_autofree char *name = g_build_filename(j->path, BOOT, NULL);
    g_autofree char *bytes = NULL;
    gsize len;

    return file_read(name, sizeof(*boot), &bytes, &len, NULL) &&
           bytes && len == sizeof(*boot) && !memcmp(bytes, boot, len);
}

bool journal_set_boot(Journal *j, const CxlUuid *boot, GError **error)
{
    g_autofree char *name = g_build_filename(j->path, BOOT, NULL);

    return g_file_set_contents_full(name, (const char *)boot, sizeof(*boot),
                                    G_FILE_SET_CONTENTS_CONSISTENT |
                                    G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}
