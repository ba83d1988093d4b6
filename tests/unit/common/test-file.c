/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/common/file: there and back, beyond the end, and where nothing can be
 * read or written.
 */
#include "qemu/osdep.h"
#include "hw/common/file.h"

static void test_there_and_back(void)
{
    g_autofree char *name = NULL;
    int fd = g_file_open_tmp("memfab-file-XXXXXX", &name, NULL);
    uint8_t out[3000], in[3000] = { };

    g_assert_cmpint(fd, >=, 0);
    for (unsigned i = 0; i < sizeof(out); i++) {
        out[i] = i * 7;
    }
    g_assert_true(file_write_at(fd, 5000, out, sizeof(out)));
    g_assert_true(file_read_at(fd, 5000, in, sizeof(in)));
    g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
    /* What was never written reads zero. */
    g_assert_true(file_read_at(fd, 4999, in, 2));
    g_assert_cmpuint(in[0], ==, 0);
    g_assert_cmpuint(in[1], ==, out[0]);
    /* The file ends in the middle, or before. */
    g_assert_false(file_read_at(fd, 7000, in, 1001));
    g_assert_false(file_read_at(fd, 8000, in, 1));
    g_assert_true(file_read_at(fd, 8000, in, 0));
    close(fd);
    unlink(name);
}

static void test_refused(void)
{
    int fd = open("/dev/null", O_RDONLY);
    int full = open("/dev/full", O_RDWR);
    uint8_t byte = 1;

    g_assert_false(file_read_at(fd, 0, &byte, 1));
    g_assert_false(file_write_at(fd, 0, &byte, 1));
    g_assert_cmpint(errno, ==, EBADF);
    if (full >= 0) {
        g_assert_false(file_write_at(full, 0, &byte, 1));
        g_assert_cmpint(errno, ==, ENOSPC);
        close(full);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/common/file/there-and-back", test_there_and_back);
    g_test_add_func("/common/file/refused", test_refused);
    return g_test_run();
}
