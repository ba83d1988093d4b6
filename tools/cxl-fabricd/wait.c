/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket of a connection, and what it waits for there: one source at a
 * time, made anew only when that changes.
 */
#include "qemu/osdep.h"
#include "tools/cxl-fabricd/fabricd.h"

static void stop(SocketWait *w)
{
    if (w->source) {
        g_source_destroy(w->source);
        g_source_unref(w->source);
        w->source = NULL;
    }
}

void socket_wait(SocketWait *w, GIOCondition what, GSocketSourceFunc fn,
                 gpointer opaque)
{
    if (w->source && w->what == what) {
        return;
    }
    stop(w);
    w->what = what;
    w->source = g_socket_create_source(w->socket, what, NULL);
    g_source_set_callback(w->source, G_SOURCE_FUNC(fn), opaque, NULL);
    g_source_attach(w->source, NULL);
}

void socket_end(SocketWait *w)
{
    stop(w);
    g_socket_close(w->socket, NULL);
    g_clear_object(&w->socket);
}
