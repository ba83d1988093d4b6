/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unix sockets by path: one to listen on that only its owner can connect to,
 * made with mode 0600, in the place of one that nobody listens on any more, and
 * removed again; or a connection to such a one.
 */
#ifndef HW_CXL_FM_SOCKET_H
#define HW_CXL_FM_SOCKET_H

/* The descriptor, non-blocking; -1 with an error. */
int cxl_fm_socket_listen(const char *path, Error **errp);
/* Connected to somebody else's, without waiting for him */
int cxl_fm_socket_connect(const char *path, Error **errp);
/* Closes the descriptor, and removes the file unless somebody else listens. */
void cxl_fm_socket_close(const char *path, int fd);

#endif /* HW_CXL_FM_SOCKET_H */
