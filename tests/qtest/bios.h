/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A BIOS for x86 that halts: the processor runs, by TCG, and nothing else does.
 */
#ifndef TESTS_QTEST_BIOS_H
#define TESTS_QTEST_BIOS_H

#define BIOS_BYTES 0x10000

/* The file, which the caller removes and whose name it frees */
static inline char *idle_bios(void)
{
    g_autofree uint8_t *bytes = g_malloc(BIOS_BYTES);
    char *file;
    int fd = g_file_open_tmp("memfab-bios-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    memset(bytes, 0xf4, BIOS_BYTES);
    g_assert_cmpint(write(fd, bytes, BIOS_BYTES), ==, BIOS_BYTES);
    close(fd);
    return file;
}

#endif
