/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody is told when the process that has a seat ends.
 */
#include "qemu/osdep.h"
#include <glib-unix.h>
#include "tools/cxl-fabricd/fabricd.h"

/* How often who has no descriptor is looked at, seconds */
#define LOOK 1

static gboolean ended(gint fd G_GNUC_UNUSED,
                      GIOCondition condition G_GNUC_UNUSED, gpointer opaque)
{
    Watch *w = opaque;
    WatchEnded *then = w->then;
    Fabricd *d = w->d;

    watch_end(w);
    then(d, w->number);
    fabricd_settle(d);
    return G_SOURCE_REMOVE;
}

static gboolean look(gpointer opaque)
{
    Watch *w = opaque;

    return process_is_alive(w->process) ? G_SOURCE_CONTINUE
                                        : ended(-1, 0, w);
}

void watch_end(Watch *w)
{
    if (w->source) {
        g_clear_handle_id(&w->source, g_source_remove);
        if (w->pidfd >= 0) {
            close(w->pidfd);
        }
    }
}

bool watch_begin(Watch *w, const CxlFabricSeat *seat, Fabricd *d,
                 unsigned number, WatchEnded *then)
{
    watch_end(w);
    w->d = d;
    w->number = number;
    w->then = then;
    if (!seat->known) {
        return true;
    }
    w->pidfd = process_open(seat->process);
    if (w->pidfd >= 0) {
        w->source = g_unix_fd_add(w->pidfd, G_IO_IN, ended, w);
        return true;
    }
    /* A filter of system calls, or an old kernel, is nobody's death. */
    if (errno == ESRCH || !process_is_alive(seat->process)) {
        return false;
    }
    memcpy(w->process, seat->process, sizeof(w->process));
    w->source = g_timeout_add_seconds(LOOK, look, w);
    return true;
}
