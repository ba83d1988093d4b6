/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of UNIX sockets; see address.h.
 */
#include <string.h>
#include <sys/un.h>
#include <gio/gunixsocketaddress.h>
#include "address.h"

GSocketAddress *unix_address(const char *path, GError **error)
{
    const size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

    if (!*path || strlen(path) > most) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                    "a path of %zu bytes, but a socket's has 1 to %zu",
                    strlen(path), most);
        return NULL;
    }
    return g_unix_socket_address_new(path);
}
