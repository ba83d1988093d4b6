/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A listening socket and its file; see socket.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/sockets.h"
#include "hw/cxl/fm/socket.h"

#include <sys/un.h>
#include <glib-unix.h>

static bool fill_address(struct sockaddr_un *addr, const char *path,
                         Error **errp)
{
    if (!*path || strlen(path) >= sizeof(addr->sun_path)) {
        error_setg(errp, "property 'socket': '%s' has %zu characters, the path"
                   " of a socket has 1 to %zu", path, strlen(path),
                   sizeof(addr->sun_path) - 1);
        return false;
    }
    *addr = (struct sockaddr_un) { .sun_family = AF_UNIX };
    pstrcpy(addr->sun_path, sizeof(addr->sun_path), path);
    return true;
}

/* What is left of somebody who has gone makes room. */
static void clear_stale(const struct sockaddr_un *addr)
{
    struct stat st;
    int fd;

    if (lstat(addr->sun_path, &st) || !S_ISSOCK(st.st_mode)) {
        return;
    }
    fd = qemu_socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0) {
        return;
    }
    g_unix_set_fd_nonblocking(fd, true, NULL);
    if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 &&
        errno == ECONNREFUSED) {
        unlink(addr->sun_path);
    }
    close(fd);
}

int cxl_fm_socket_listen(const char *path, Error **errp)
{
    struct sockaddr_un addr;
    int fd;

    if (!fill_address(&addr, path, errp)) {
        return -1;
    }
    clear_stale(&addr);
    fd = qemu_socket(AF_UNIX, SOCK_STREAM, 0);
    /* The file gets its mode from the socket: it never has another one. */
    if (fd < 0 || fchmod(fd, 0600) < 0 ||
        bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
        listen(fd, 8) < 0) {
        error_setg_errno(errp, errno, "property 'socket': cannot listen on"
                         " '%s'", path);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    g_unix_set_fd_nonblocking(fd, true, NULL);
    return fd;
}

int cxl_fm_socket_connect(const char *path, Error **errp)
{
    struct sockaddr_un addr;
    int fd;

    if (!fill_address(&addr, path, errp)) {
        return -1;
    }
    fd = qemu_socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || !g_unix_set_fd_nonblocking(fd, true, NULL) ||
        connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        error_setg_errno(errp, errno, "property 'socket': cannot connect to"
                         " '%s'", path);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

/* The descriptor does not know its file; that somebody else listens does. */
void cxl_fm_socket_close(const char *path, int fd)
{
    struct sockaddr_un addr;

    close(fd);
    if (fill_address(&addr, path, NULL)) {
        clear_stale(&addr);
    }
}
