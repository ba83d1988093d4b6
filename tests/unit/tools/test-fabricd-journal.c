/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tools/cxl-fabricd/journal: what is read after a writer has ended at any byte,
 * by death, by a full disk, or by a disk that lost the rest.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "hw/common/sha256.h"
#include "tools/cxl-fabricd/fabricd.h"

#define HEADER  64
#define CHANGE  48
#define STATE   "the accounts of some moment, of no round length"
#define WHOLE   ROUND_UP(HEADER + sizeof(STATE) - 1, 8)

typedef struct Dir {
    char *path, *file, *new_file;
    int memory;
} Dir;

GQuark fabricd_error_quark(void)
{
    return g_quark_from_static_string("test-fabricd-journal");
}

static Dir *dir_new(void)
{
    Dir *d = g_new0(Dir, 1);
    g_autofree char *memory = NULL;

    d->path = g_dir_make_tmp("memfab-journal-XXXXXX", NULL);
    d->file = g_build_filename(d->path, "accounts", NULL);
    d->new_file = g_build_filename(d->path, "accounts.new", NULL);
    memory = g_build_filename(d->path, "memory", NULL);
    d->memory = g_open(memory, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(d->memory, >=, 0);
    return d;
}

static void dir_free(Dir *d)
{
    static const char *const names[] = {
        "accounts", "accounts.new", "memory", "lock", "boot",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(d->path, names[i], NULL);

        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(d->path), ==, 0);
    close(d->memory);
    g_free(d->path);
    g_free(d->file);
    g_free(d->new_file);
    g_free(d);
}

static Journal *open_of(const Dir *d)
{
    g_autoptr(GError) err = NULL;
    Journal *j = journal_open(d->path, d->memory, &err);

    g_assert_no_error(err);
    return j;
}

static GByteArray *bytes_of(const char *text)
{
    GByteArray *bytes = g_byte_array_new();

    return g_byte_array_append(bytes, (const uint8_t *)text, strlen(text));
}

static bool write_state(Journal *j, const char *text)
{
    g_autoptr(GByteArray) bytes = bytes_of(text);
    g_autoptr(GError) err = NULL;
    bool good = journal_write(j, bytes, &err);

    g_assert_true(good == !err);
    return good;
}

static bool append(Journal *j, const char *text)
{
    g_autoptr(GByteArray) bytes = bytes_of(text);
    g_autoptr(GError) err = NULL;
    bool good = journal_append(j, bytes, &err);

    g_assert_true(good == !err);
    return good;
}

static bool ready(Journal *j)
{
    g_autoptr(GError) err = NULL;
    bool good = journal_ready(j, &err);

    g_assert_true(good == !err);
    return good;
}

/* "STATE|changes", "nothing", or what is wrong with it */
static char *contents(const Dir *d)
{
    g_autoptr(GByteArray) changes = g_byte_array_new(), state = NULL;
    g_autoptr(GError) err = NULL;
    Journal *j = open_of(d);
    char *text;

    state = journal_read(j, changes, &err);
    journal_close(j);
    if (err) {
        g_assert_null(state);
        return g_strdup(err->message);
    }
    if (!state) {
        return g_strdup("nothing");
    }
    text = g_strdup_printf("%.*s|%.*s", (int)state->len, (char *)state->data,
                           (int)changes->len,
                           changes->len ? (char *)changes->data : "");
    return text;
}

static void expect(const Dir *d, const char *wanted)
{
    g_autofree char *is = contents(d);

    g_assert_cmpstr(is, ==, wanted);
}

static void expect_damaged(const Dir *d)
{
    g_autofree char *is = contents(d);

    g_assert_nonnull(strstr(is, "damaged"));
}

static void put_file(const char *path, const char *bytes, gsize len)
{
    g_assert_true(g_file_set_contents(path, bytes, len, NULL));
}

/* Three changes; the bytes up to the end of the last one */
static char *write_three(const Dir *d, gsize *len)
{
    Journal *j = open_of(d);
    char *bytes;

    g_assert_true(write_state(j, STATE));
    g_assert_true(ready(j) && append(j, "first,"));
    g_assert_true(ready(j) && append(j, "second which is longer,"));
    g_assert_true(append(j, "third"));
    journal_close(j);
    g_assert_true(g_file_get_contents(d->file, &bytes, len, NULL));
    while (!bytes[*len - 1]) {
        --*len;
    }
    return bytes;
}

static const char *const three[] = {
    STATE "|", STATE "|first,", STATE "|first,second which is longer,",
    STATE "|first,second which is longer,third",
};
/* Where each of them ends */
static const gsize ends[] = {
    0, WHOLE + CHANGE + 6, WHOLE + 56 + CHANGE + 23,
    WHOLE + 56 + 72 + CHANGE + 5,
};

static unsigned changes_in(gsize len)
{
    unsigned n = 0;

    while (n < 3 && ends[n + 1] <= len) {
        n++;
    }
    return n;
}

static void test_kept(void)
{
    Dir *d = dir_new();
    gsize len;
    g_autofree char *bytes = NULL;

    expect(d, "nothing");
    bytes = write_three(d, &len);
    expect(d, three[3]);
    g_assert_cmpuint(len, ==, ends[3]);
    dir_free(d);
}

/* The end is missing, is zeroes, or is what was there before. */
static void test_torn(void)
{
    Dir *d = dir_new();
    gsize len;
    g_autofree char *bytes = write_three(d, &len);
    g_autofree char *copy = g_malloc(len + 100);

    for (gsize n = 0; n <= len; n++) {
        put_file(d->file, bytes, n);
        if (n < HEADER + sizeof(STATE) - 1) {
            expect_damaged(d);
            continue;
        }
        expect(d, three[changes_in(n)]);
        for (unsigned fill = 0; fill < 256; fill += 255) {
            memset(copy, fill, len + 100);
            memcpy(copy, bytes, n);
            put_file(d->file, copy, len + 100);
            expect(d, three[changes_in(n)]);
        }
    }
    dir_free(d);
}

/* In what somebody was told of already: refused, and nothing is given twice. */
static void test_damaged(void)
{
    Dir *d = dir_new();
    gsize len;
    g_autofree char *bytes = write_three(d, &len);

    for (gsize i = 0; i < len; i++) {
        bool padding = (i >= HEADER + sizeof(STATE) - 1 && i < WHOLE) ||
                       (i >= ends[1] && i < WHOLE + 56) ||
                       (i >= ends[2] && i < WHOLE + 56 + 72);

        bytes[i] ^= 0x10;
        put_file(d->file, bytes, len);
        if (i >= 16 && i < 32) {
            g_autofree char *why = contents(d);

            g_assert_nonnull(strstr(why, "another --memory"));
        } else if (padding) {
            expect(d, three[3]);
        } else if (i >= WHOLE + 56 + 72) {
            expect(d, three[2]);
        } else {
            expect_damaged(d);
        }
        bytes[i] ^= 0x10;
    }
    dir_free(d);
}

static void limit(rlim_t bytes)
{
    struct rlimit r = { .rlim_max = RLIM_INFINITY, .rlim_cur = bytes };

    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &r), ==, 0);
}

/* Where there is no room, nothing is said to be kept, and nothing is lost. */
static void test_full(void)
{
    for (rlim_t n = 0; n < WHOLE + 200; n++) {
        Dir *d = dir_new();
        Journal *j = open_of(d);
        bool good;

        limit(n);
        good = write_state(j, STATE);
        limit(RLIM_INFINITY);
        g_assert_true(good == (n >= HEADER + sizeof(STATE) - 1));
        if (good) {
            limit(n);
            g_assert_false(ready(j));
            g_assert_false(append(j, "no"));
            limit(RLIM_INFINITY);
            journal_close(j);
            expect(d, three[0]);
        } else {
            journal_close(j);
            expect(d, "nothing");
        }
        dir_free(d);
    }
}

/* A disk that ends within a change, although there was room */
static void test_full_within(void)
{
    for (gsize n = ends[1]; n <= ends[3]; n++) {
        Dir *d = dir_new();
        Journal *j = open_of(d);
        bool good;

        g_assert_true(write_state(j, STATE));
        g_assert_true(ready(j) && append(j, "first,"));
        limit(n);
        good = append(j, "second which is longer,third");
        limit(RLIM_INFINITY);
        g_assert_true(good == (n >= WHOLE + 56 + CHANGE + 32));
        if (!good) {
            /* It is given again, with more. */
            g_assert_true(append(j, "second which is longer,"));
            g_assert_true(append(j, "third"));
        }
        journal_close(j);
        expect(d, three[3]);
        dir_free(d);
    }
}

/* Who writes all anew dies at byte @n, as by a signal. */
static void die_at(const Dir *d, rlim_t n)
{
    pid_t pid = fork();
    int status;

    if (!pid) {
        Journal *j = open_of(d);

        signal(SIGXFSZ, SIG_DFL);
        limit(n);
        write_state(j, "new " STATE);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    if (n < HEADER + 4 + sizeof(STATE) - 1) {
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, SIGXFSZ);
        expect(d, three[3]);
    } else {
        g_assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
        expect(d, "new " STATE "|");
    }
}

static void test_dies_while_all_is_written(void)
{
    Dir *d = dir_new();
    gsize len;

    g_free(write_three(d, &len));
    for (rlim_t n = 0; n < HEADER + 4 + sizeof(STATE); n++) {
        die_at(d, n);
    }
    /* What it left behind is in nobody's way. */
    g_free(write_three(d, &len));
    put_file(d->new_file, "garbage", 7);
    expect(d, three[3]);
    g_free(write_three(d, &len));
    expect(d, three[3]);
    dir_free(d);
}

/* As long as it cannot be shorter it becomes longer. */
static void test_long(void)
{
    Dir *d = dir_new();
    Journal *j = open_of(d);
    g_autoptr(GString) all = g_string_new(STATE "|");
    g_autofree char *some = g_strnfill(5000, 'x');
    unsigned n = 0;

    g_assert_true(write_state(j, STATE));
    for (; !journal_is_long(j); n++) {
        g_assert_true(ready(j) && append(j, some));
        g_string_append(all, some);
    }
    g_assert_cmpuint(n, ==, 13);        /* the first beyond 64 KiB */
    g_assert_cmpint(g_mkdir(d->new_file, 0700), ==, 0);
    g_assert_false(write_state(j, "what cannot be written"));
    g_assert_false(journal_is_long(j));
    g_assert_true(append(j, some));
    g_string_append(all, some);
    g_assert_cmpint(g_rmdir(d->new_file), ==, 0);
    journal_close(j);
    expect(d, all->str);
    j = open_of(d);
    g_assert_true(write_state(j, "new"));
    g_assert_false(journal_is_long(j));
    g_assert_true(append(j, "more"));
    journal_close(j);
    expect(d, "new|more");
    dir_free(d);
}

/* A change that is longer than the room that is kept for one */
static void test_long_change(void)
{
    g_autofree char *some = g_strnfill(300000, 'y');
    g_autofree char *wanted = g_strconcat("s|", some, "z", NULL);
    Dir *d = dir_new();
    Journal *j = open_of(d);

    g_assert_true(write_state(j, "s"));
    g_assert_true(ready(j) && append(j, some) && append(j, "z"));
    journal_close(j);
    expect(d, wanted);
    dir_free(d);
}

/* As it was written before there were changes */
static void test_old(void)
{
    uint8_t file[HEADER + sizeof(STATE)] = "cxlfab01";
    Dir *d = dir_new();
    gsize len = sizeof(STATE) - 1;
    struct stat st;
    Journal *j;

    g_assert_cmpint(fstat(d->memory, &st), ==, 0);
    stq_le_p(file + 8, len);
    stq_le_p(file + 16, st.st_dev);
    stq_le_p(file + 24, st.st_ino);
    sha256_of(STATE, len, file + 32);
    memcpy(file + HEADER, STATE, len);
    put_file(d->file, (char *)file, HEADER + len);
    expect(d, STATE "|");
    put_file(d->file, (char *)file, HEADER + len + 1);
    expect_damaged(d);
    put_file(d->file, (char *)file, HEADER + len - 1);
    expect_damaged(d);
    put_file(d->file, (char *)file, HEADER + len);
    j = open_of(d);
    g_assert_true(write_state(j, STATE) && append(j, "first,"));
    journal_close(j);
    expect(d, three[1]);
    dir_free(d);
}

/* What is not there, or is something else, is of no run of the machine. */
static void test_boot(void)
{
    const CxlUuid this = { { 1, 2, 3 } }, other = { { 1, 2, 4 } };
    Dir *d = dir_new();
    Journal *j = open_of(d);
    g_autofree char *path = g_build_filename(d->path, "boot", NULL);
    g_autoptr(GError) err = NULL;

    g_assert_false(journal_is_of_boot(j, &this));
    g_assert_true(journal_set_boot(j, &this, &err));
    g_assert_true(journal_is_of_boot(j, &this));
    g_assert_false(journal_is_of_boot(j, &other));
    journal_close(j);
    j = open_of(d);
    g_assert_true(journal_is_of_boot(j, &this));
    g_assert_cmpint(truncate(path, 15), ==, 0);
    g_assert_false(journal_is_of_boot(j, &this));
    g_assert_true(journal_set_boot(j, &other, &err));
    g_assert_true(journal_is_of_boot(j, &other));
    journal_close(j);
    dir_free(d);
}

/* Beginnings of changes only: each would have the rest read to its end. */
static void test_beginnings(void)
{
    Dir *d = dir_new();
    gsize len, more = 64 * 1024;
    g_autofree char *bytes = write_three(d, &len);
    gsize at = ROUND_UP(len, 8);
    g_autofree char *copy = g_malloc0(at + more);
    g_autofree char *is = NULL;

    memcpy(copy, bytes, len);
    for (; more >= CHANGE; more -= 16, at += 16) {
        memcpy(copy + at, "CHNG", 4);
        stl_le_p(copy + at + 4, more - CHANGE);
        stq_le_p(copy + at + 8, 4);
    }
    put_file(d->file, copy, at + more);
    is = contents(d);
    g_assert_nonnull(strstr(is, "damaged behind its last change"));
    dir_free(d);
}

/* Nobody writes to one: what is there by its name is refused, or replaced. */
static void test_pipes(void)
{
    const CxlUuid boot = { { 1 } };
    Dir *d = dir_new();
    g_autofree char *path = g_build_filename(d->path, "boot", NULL);
    g_autofree char *is = NULL;
    Journal *j;

    g_assert_cmpint(mkfifo(d->file, 0600), ==, 0);
    is = contents(d);
    g_assert_nonnull(strstr(is, "accounts' is no regular file"));
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_assert_cmpint(mkfifo(d->new_file, 0600), ==, 0);
    j = open_of(d);
    g_assert_false(journal_is_of_boot(j, &boot));
    g_assert_true(journal_set_boot(j, &boot, NULL));
    g_assert_true(journal_is_of_boot(j, &boot));
    g_assert_false(write_state(j, STATE));
    journal_close(j);
    dir_free(d);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGXFSZ, SIG_IGN);
    g_test_add_func("/tools/fabricd-journal/kept", test_kept);
    g_test_add_func("/tools/fabricd-journal/torn", test_torn);
    g_test_add_func("/tools/fabricd-journal/damaged", test_damaged);
    g_test_add_func("/tools/fabricd-journal/full", test_full);
    g_test_add_func("/tools/fabricd-journal/full-within", test_full_within);
    g_test_add_func("/tools/fabricd-journal/dies-while-all-is-written",
                    test_dies_while_all_is_written);
    g_test_add_func("/tools/fabricd-journal/long", test_long);
    g_test_add_func("/tools/fabricd-journal/long-change", test_long_change);
    g_test_add_func("/tools/fabricd-journal/old", test_old);
    g_test_add_func("/tools/fabricd-journal/boot", test_boot);
    g_test_add_func("/tools/fabricd-journal/beginnings", test_beginnings);
    g_test_add_func("/tools/fabricd-journal/pipes", test_pipes);
    return g_test_run();
}
