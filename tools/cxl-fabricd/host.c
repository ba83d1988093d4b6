/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host's connection: bytes in, a message, a change of the accounts; and what
 * they have to say to it, with the memory's descriptor beside the first byte.
 *
 * While a slow reader has much to read nothing more is taken from it.
 */
#include "qemu/osdep.h"
#include <gio/gunixfdmessage.h>
#include "hw/cxl/core/fabric-enter.h"
#include "hw/cxl/core/fabric-link.h"
#include "tools/cxl-fabricd/fabricd.h"

/* Messages that are taken before others get their turn */
#define TURN 16
/* Turns that are more than all states of a host take */
#define TURNS_OUT \
    (CXL_FABRIC_VPPBS * (CXL_FABRIC_STATE_MAX / CXL_FABRIC_PART_MAX) / TURN + 1)

typedef struct Host {
    Fabricd *d;
    SocketWait wait;
    bool begun;             /* the first byte has been sent */
    bool gone;              /* to be freed */
    uint32_t sent;          /* bytes of the link's @out */
    bool asked;             /* whether states are kept: of so many changes */
    uint64_t states[CXL_FABRIC_LDS];
    CxlFabricLink link;
    CxlFabricStream stream;
} Host;

static gboolean host_io(GSocket *socket, GIOCondition condition,
                        gpointer opaque);

void host_free(gpointer opaque)
{
    Host *h = opaque;

    if (h->link.vcs) {
        cxl_fabric_switch_detach(h->d->sw, &h->link);
    }
    cxl_fabric_link_destroy(&h->link);
    socket_end(&h->wait);
    g_free(h);
}

static void wait_for(Host *h, GIOCondition what)
{
    socket_wait(&h->wait, what, host_io, h);
}

/* Taking */

/* Nothing more is said to it. */
static void refuse(Host *h, CxlFabricCode code, const char *why)
{
    cxl_fabric_link_refuse(&h->link, code, why);
    if (h->link.vcs) {
        cxl_fabric_switch_detach(h->d->sw, &h->link);
    }
}

/* Who has a virtual switch, or wants one */
static bool is_switch_host(const Host *h, const CxlFabricMessage *m)
{
    return h->link.vcs || (m->type == CXL_FABRIC_ENTER && !h->link.host);
}

/* It hears nothing before what is known now is kept, by whoever it was said. */
static void wants_kept(Host *h)
{
    h->asked = h->d->bindings;
    for (unsigned i = 0; i < h->d->sw->cfg.lds; i++) {
        h->states[i] = h->d->sw->state[i].changes;
    }
}

static void take_for_switch(Host *h, const CxlFabricMessage *m)
{
    CxlFabricLink *link = &h->link;
    bool was_attached = link->vcs;

    if (!h->d->sw) {
        cxl_fabric_link_refuse(link, CXL_FABRIC_NO_HEAD, "this pool has no"
                               " logical devices (--ld)");
        return;
    }
    if (!was_attached) {
        switch_hear_dead(h->d);
    }
    cxl_fabric_switch_take(h->d->sw, link, m);
    if (was_attached && m->type == CXL_FABRIC_PING) {
        wants_kept(h);
    }
    if (!was_attached && link->vcs) {
        switch_watch(h->d, link->vcs - h->d->sw->vcs);
    }
}

/* What a machine answers to a manager is his alone, and so is how we live. */
static bool is_kept(const CxlFabricMessage *m)
{
    return m->type != CXL_FABRIC_PING && m->type != CXL_FABRIC_REPLY;
}

static void take(Host *h, const CxlFabricMessage *m)
{
    CxlFabricLink *link = &h->link;
    bool was_attached = link->host;

    /* What has to be kept is not changed when it cannot be. */
    if (is_kept(m) && !fabricd_may_change(h->d)) {
        refuse(h, CXL_FABRIC_NOT_NOW, "the pool cannot write its journal");
        return;
    }
    if (is_switch_host(h, m)) {
        take_for_switch(h, m);
        return;
    }
    cxl_fabric_link_take(link, m);
    if (!was_attached && link->host) {
        fabricd_watch(h->d, link->host->view.host);
    }
}

static void bad(Host *h, const char *why)
{
    bool other = cxl_fabric_stream_version(&h->stream) != CXL_FABRIC_VERSION;

    refuse(h, other ? CXL_FABRIC_BAD_VERSION : CXL_FABRIC_NOT_UNDERSTOOD, why);
}

static bool may_read(const Host *h)
{
    return !h->gone && !h->link.over &&
           h->link.out->len - h->sent < CXL_FABRIC_LINK_FULL;
}

/* How many messages there were; less than TURN: no more is there now. */
static unsigned read_some(Host *h)
{
    unsigned messages = 0;

    while (messages < TURN && may_read(h)) {
        CxlFabricMessage m;
        const char *why;
        uint32_t room;
        uint8_t *to = cxl_fabric_stream_room(&h->stream, &room);
        g_autoptr(GError) err = NULL;
        gssize n = g_socket_receive(h->wait.socket, (char *)to, room, NULL,
                                    &err);

        if (n <= 0) {
            h->gone = !g_error_matches(err, G_IO_ERROR,
                                       G_IO_ERROR_WOULD_BLOCK);
            return messages;
        }
        switch (cxl_fabric_stream_arrived(&h->stream, n, &m, &why)) {
        case CXL_FABRIC_WHOLE:
            take(h, &m);
            messages++;
            break;
        case CXL_FABRIC_BAD:
            bad(h, why);
            break;
        default:
            break;
        }
    }
    return messages;
}

void host_hear_out(Fabricd *d, const CxlFabricVcs *vcs)
{
    for (guint i = 0; i < d->hosts->len; i++) {
        Host *h = g_ptr_array_index(d->hosts, i);
        unsigned turns = 0;

        while (h->link.vcs == vcs && turns++ < TURNS_OUT) {
            /* It hears nothing any more: that is no reason not to read it. */
            g_byte_array_set_size(h->link.out, 0);
            h->sent = 0;
            if (read_some(h) < TURN) {
                break;
            }
        }
    }
}

/* Saying */

static gssize send_bytes(Host *h, const uint8_t *bytes, uint32_t len,
                         GError **error)
{
    GOutputVector vector = { bytes, len };
    g_autoptr(GSocketControlMessage) fds = NULL;

    if (h->begun || (bytes[5] != CXL_FABRIC_WELCOME &&
                     bytes[5] != CXL_FABRIC_ENTERED)) {
        return g_socket_send(h->wait.socket, (const char *)bytes, len, NULL,
                             error);
    }
    fds = g_unix_fd_message_new();
    if (!g_unix_fd_message_append_fd(G_UNIX_FD_MESSAGE(fds), h->d->memory,
                                     error)) {
        return -1;
    }
    return g_socket_send_message(h->wait.socket, NULL, &vector, 1, &fds, 1,
                                 G_SOCKET_MSG_NONE, NULL, error);
}

static void flush(Host *h)
{
    GByteArray *out = h->link.out;

    while (!h->gone && h->sent < out->len) {
        g_autoptr(GError) err = NULL;
        gssize n = send_bytes(h, out->data + h->sent, out->len - h->sent,
                              &err);

        if (n <= 0) {
            h->gone = !g_error_matches(err, G_IO_ERROR,
                                       G_IO_ERROR_WOULD_BLOCK);
            break;
        }
        h->begun = true;
        h->sent += n;
    }
    if (h->sent == out->len) {
        g_byte_array_set_size(out, 0);
        h->sent = 0;
        h->gone |= h->link.over;
    }
}

/* What was sent makes room, at the latest when it is half of all. */
static void say(Host *h)
{
    GByteArray *out = h->link.out;
    bool more;

    if (h->sent > out->len / 2) {
        g_byte_array_remove_range(out, 0, h->sent);
        h->sent = 0;
    }
    do {
        cxl_fabric_link_fill(&h->link);
        cxl_fabric_switch_fill(h->d->sw, &h->link);
        more = out->len;
        flush(h);
    } while (!h->gone && more && !out->len);
}

static bool may_say(Host *h)
{
    h->asked = h->asked && !states_are_kept(h->d, h->states);
    return !h->asked;
}

void hosts_flush(Fabricd *d, bool kept)
{
    for (guint i = d->hosts->len; i--;) {
        Host *h = g_ptr_array_index(d->hosts, i);
        bool hears = kept && may_say(h);

        if (hears) {
            say(h);
        }
        if (h->gone) {
            g_ptr_array_remove_index_fast(d->hosts, i);
        } else {
            wait_for(h, (may_read(h) ? G_IO_IN : 0) |
                        (hears && h->link.out->len ? G_IO_OUT : 0));
        }
    }
}

static gboolean host_io(GSocket *socket G_GNUC_UNUSED, GIOCondition condition,
                        gpointer opaque)
{
    Host *h = opaque;
    Fabricd *d = h->d;

    if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) {
        read_some(h);
        /* Its other end has gone, and it is not read from: it has ended. */
        h->gone |= condition & (G_IO_HUP | G_IO_ERR) && !may_read(h);
    }
    fabricd_settle(d);
    return G_SOURCE_CONTINUE;
}

/* The oldest one that has not got a head makes room. */
static bool make_room(Fabricd *d)
{
    for (guint i = 0; i < d->hosts->len; i++) {
        const Host *h = g_ptr_array_index(d->hosts, i);

        if (!h->link.host && !h->link.vcs) {
            g_ptr_array_remove_index(d->hosts, i);
            return true;
        }
    }
    return false;
}

void host_comes(Fabricd *d, GSocket *socket)
{
    uint8_t process[CXL_FABRIC_PROCESS] = { 0 };
    bool seen;
    Host *h;

    if (d->hosts->len == FABRICD_HOSTS && !make_room(d)) {
        return;
    }
    h = g_new0(Host, 1);
    h->d = d;
    h->wait.socket = g_object_ref(socket);
    cxl_fabric_stream_init(&h->stream, true);
    seen = process_of_peer(socket, process);
    cxl_fabric_link_init(&h->link, d->fabric, process);
    if (!seen) {
        cxl_fabric_link_refuse(&h->link, CXL_FABRIC_NOT_UNDERSTOOD,
                               "the process at the other end cannot be seen");
    }
    g_ptr_array_add(d->hosts, h);
    wait_for(h, G_IO_IN);
}
