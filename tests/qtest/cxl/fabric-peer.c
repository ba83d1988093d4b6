/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contract is in fabric-peer.h. */
#include "qemu/osdep.h"
#include "tests/qtest/cxl/fabric-peer.h"

#include <sys/mman.h>
#include <sys/socket.h>

int fabric_peer_memory(const char *name, uint64_t size, bool sealed)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, size), ==, 0);
    if (sealed) {
        g_assert_cmpint(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), ==, 0);
    }
    return fd;
}

ssize_t fabric_peer_send(int socket, const void *bytes, size_t len, int fd)
{
    struct iovec iov = { (void *)bytes, len };
    char control[CMSG_SPACE(sizeof(fd))] = { };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

    if (fd >= 0) {
        struct cmsghdr *c = (struct cmsghdr *)control;

        msg.msg_control = control;
        msg.msg_controllen = sizeof(control);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(c), &fd, sizeof(fd));
    }
    return sendmsg(socket, &msg, MSG_NOSIGNAL);
}
