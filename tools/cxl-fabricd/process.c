/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which process a host is, and whether it still lives.  A number alone may be
 * another process's by then: when it began, and in which run of the machine,
 * belong to it.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include <sys/socket.h>
#include <sys/syscall.h>
#include "hw/cxl/core/uuid.h"
#include "tools/cxl-fabricd/fabricd.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* Of /proc/PID/stat: field 3 is the state, 22 the time; 2 may have spaces. */
static bool read_stat(uint64_t pid, uint64_t *began)
{
    g_autofree char *path = g_strdup_printf("/proc/%" PRIu64 "/stat", pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) fields = NULL;
    const char *rest;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return false;
    }
    rest = strrchr(text, ')');
    fields = rest ? g_strsplit(rest + 1, " ", -1) : NULL;
    /* The first one is what is before the space behind the name. */
    if (!fields || g_strv_length(fields) < 21 || strchr("ZX", *fields[1])) {
        return false;
    }
    return g_ascii_string_to_unsigned(fields[20], 10, 0, UINT64_MAX, began,
                                      NULL);
}

bool process_boot(CxlUuid *boot)
{
    g_autofree char *text = NULL;

    return g_file_get_contents(BOOT_ID, &text, NULL, NULL) &&
           cxl_uuid_parse(g_strstrip(text), boot);
}

static bool identify(uint64_t pid, uint8_t process[CXL_FABRIC_PROCESS])
{
    uint64_t began;
    CxlUuid id;

    if (!pid || !read_stat(pid, &began) || !process_boot(&id)) {
        return false;
    }
    memset(process, 0, CXL_FABRIC_PROCESS);
    stq_le_p(process, pid);
    stq_le_p(process + 8, began);
    memcpy(process + 16, &id, sizeof(id));
    return true;
}

bool process_of_peer(GSocket *socket, uint8_t process[CXL_FABRIC_PROCESS])
{
    struct ucred cred;
    socklen_t len = sizeof(cred);

    return !getsockopt(g_socket_get_fd(socket), SOL_SOCKET, SO_PEERCRED, &cred,
                       &len) &&
           identify(cred.pid, process);
}

bool process_is_alive(const uint8_t process[CXL_FABRIC_PROCESS])
{
    uint8_t now[CXL_FABRIC_PROCESS];

    return identify(ldq_le_p(process), now) &&
           !memcmp(now, process, CXL_FABRIC_PROCESS);
}

/* It is looked at after it was opened: the number cannot change hands then. */
int process_open(const uint8_t process[CXL_FABRIC_PROCESS])
{
    int fd = syscall(SYS_pidfd_open, (pid_t)ldq_le_p(process), 0);

    if (fd >= 0 && !process_is_alive(process)) {
        close(fd);
        fd = -1;
        errno = ESRCH;
    }
    return fd;
}
