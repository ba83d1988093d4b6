/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets that only their owner can connect to: made with mode 0600, in the
 * place of one that nobody listens on any more, and removed at the end.
 */
#include "qemu/osdep.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include "tools/cxl-fabricd/fabricd.h"
#include "tools/lib/address.h"

#define WAITING 16      /* connections that nobody has accepted yet */

typedef struct Listener {
    Fabricd *d;
    Comes *comes;
    char *path;
    GSocket *socket;
} Listener;

static GSList *listeners;

static gboolean somebody(GSocket *socket,
                         GIOCondition condition G_GNUC_UNUSED, gpointer opaque)
{
    Listener *l = opaque;
    g_autoptr(GSocket) s = g_socket_accept(socket, NULL, NULL);

    if (s) {
        g_socket_set_blocking(s, false);
        l->comes(l->d, s);
        fabricd_settle(l->d);
    }
    return G_SOURCE_CONTINUE;
}

static GSocket *new_socket(GError **error)
{
    return g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                        G_SOCKET_PROTOCOL_DEFAULT, error);
}

/* What is left of one who has gone makes room. */
static void clear_stale(const char *path, GSocketAddress *address)
{
    g_autoptr(GSocket) s = new_socket(NULL);
    g_autoptr(GError) err = NULL;
    struct stat st;

    if (!s || lstat(path, &st) || !S_ISSOCK(st.st_mode)) {
        return;
    }
    g_socket_set_blocking(s, false);
    if (!g_socket_connect(s, address, NULL, &err) &&
        g_error_matches(err, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)) {
        g_unlink(path);
    }
}

static bool make(Listener *l, GError **error)
{
    g_autoptr(GSocketAddress) address = unix_address(l->path, error);

    if (!address) {
        return false;
    }
    clear_stale(l->path, address);
    l->socket = new_socket(error);
    if (!l->socket) {
        return false;
    }
    /* The file gets its mode from the socket: it never has another one. */
    if (fchmod(g_socket_get_fd(l->socket), 0600)) {
        g_set_error(error, FABRICD_ERROR, 0, "%s", g_strerror(errno));
        return false;
    }
    g_socket_set_listen_backlog(l->socket, WAITING);
    g_socket_set_blocking(l->socket, false);
    return g_socket_bind(l->socket, address, false, error) &&
           g_socket_listen(l->socket, error);
}

bool listen_on(Fabricd *d, const char *path, Comes *comes, GError **error)
{
    Listener *l = g_new0(Listener, 1);
    g_autoptr(GSource) source = NULL;

    *l = (Listener) { .d = d, .comes = comes, .path = g_strdup(path) };
    if (!make(l, error)) {
        g_prefix_error(error, "socket '%s': ", path);
        g_clear_object(&l->socket);
        g_free(l->path);
        g_free(l);
        return false;
    }
    source = g_socket_create_source(l->socket, G_IO_IN, NULL);
    g_source_set_callback(source, G_SOURCE_FUNC(somebody), l, NULL);
    g_source_attach(source, NULL);
    listeners = g_slist_prepend(listeners, l);
    return true;
}

void listen_end(void)
{
    for (GSList *at = listeners; at; at = at->next) {
        Listener *l = at->data;

        g_unlink(l->path);
        g_socket_close(l->socket, NULL);
        g_object_unref(l->socket);
        g_free(l->path);
        g_free(l);
    }
    g_slist_free(g_steal_pointer(&listeners));
}
