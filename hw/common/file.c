/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads and writes that go on after a part; see file.h.
 */
#include "qemu/osdep.h"
#include "hw/common/file.h"

bool file_read_at(int fd, uint64_t at, void *buf, uint64_t len)
{
    while (len) {
        ssize_t n = pread(fd, buf, len, at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        at += n;
        buf = (uint8_t *)buf + n;
        len -= n;
    }
    return true;
}

bool file_write_at(int fd, uint64_t at, const void *buf, uint64_t len)
{
    while (len) {
        ssize_t n = pwrite(fd, buf, len, at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        at += n;
        buf = (const uint8_t *)buf + n;
        len -= n;
    }
    return true;
}
