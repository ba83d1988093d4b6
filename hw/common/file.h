/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of an open file, all of them or an error.  Who opens files, and which,
 * is not here.
 */
#ifndef HW_COMMON_FILE_H
#define HW_COMMON_FILE_H

/* False: the file ends before, or errno says why. */
bool file_read_at(int fd, uint64_t at, void *buf, uint64_t len);
bool file_write_at(int fd, uint64_t at, const void *buf, uint64_t len);

#endif /* HW_COMMON_FILE_H */
