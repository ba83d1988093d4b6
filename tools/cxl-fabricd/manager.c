/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A manager's connection, as that of a cxl-fm-port: MCTP frames with commands
 * in them, one answer at a time, and notifications of events between answers.
 * All share one interface, so what one asks to hear of (0105h) all hear.
 *
 * While an answer waits for a slow reader nothing more is read; who sends what
 * is no frame is disconnected.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp-stream.h"
#include "hw/cxl/core/message.h"
#include "tools/cxl-fabricd/fabricd.h"

/* More than any frame is long */
#define GARBAGE_MAX 4096

/* For a machine to answer, seconds; managers may have less patience */
#define PATIENCE 20

typedef struct Manager {
    Fabricd *d;
    SocketWait wait;
    MctpStream stream;
    CxlFabricRelay relay;   /* of the command that is under way */
    guint patience;         /* a source, while a machine is asked */
} Manager;

static gboolean manager_io(GSocket *socket, GIOCondition condition,
                           gpointer opaque);

static gboolean impatient(gpointer opaque)
{
    Manager *m = opaque;

    m->patience = 0;
    cxl_fabric_relay_give_up(&m->relay);
    fabricd_settle(m->d);
    return G_SOURCE_REMOVE;
}

static void relay_over(Manager *m)
{
    g_clear_handle_id(&m->patience, g_source_remove);
    if (m->d->sw) {
        cxl_fabric_relay_end(&m->d->sw->relays, &m->relay);
    }
}

/* A machine may have to be asked first: the manager waits for it then. */
static uint32_t execute_here(Manager *m, const uint8_t *message, uint32_t len,
                             uint8_t *out, uint32_t out_max)
{
    Fabricd *d = m->d;
    uint32_t reply;

    if (!d->sw) {
        return cxl_fabric_execute(d->fabric, message, len, out, out_max);
    }
    reply = cxl_fabric_switch_execute(d->sw, &m->relay, message, len, out,
                                      out_max);
    if (m->relay.step == CXL_FABRIC_RELAY_ASKED) {
        m->patience = g_timeout_add_seconds(PATIENCE, impatient, m);
        return MCTP_LATER;
    }
    relay_over(m);
    return reply;
}

/* Success is what is kept: else it may happen or not when we come back. */
static uint32_t execute(void *opaque, const uint8_t *message, uint32_t len,
                        uint8_t *out, uint32_t out_max)
{
    Manager *m = opaque;
    const CxlMessageHeader *h = (const CxlMessageHeader *)message;
    Fabricd *d = m->d;
    bool change = d->sw ? cxl_fabric_switch_would_change(d->sw, message, len) :
                  cxl_fabric_would_change(d->fabric, message, len);
    uint32_t reply;

    if (change && !fabricd_may_change(d)) {
        return cxl_message_head(h, CXL_RC_RESOURCES, out);
    }
    reply = execute_here(m, message, len, out, out_max);
    return change && reply && !fabricd_keep(d) ?
           cxl_message_head(h, CXL_RC_INTERNAL, out) : reply;
}

void manager_free(gpointer opaque)
{
    Manager *m = opaque;

    relay_over(m);
    mctp_stream_destroy(&m->stream);
    socket_end(&m->wait);
    g_free(m);
}

static void wait_for(Manager *m, GIOCondition what)
{
    socket_wait(&m->wait, what, manager_io, m);
}

/* G_IO_OUT: the reader is slow.  G_IO_IN: all is written.  0: it has gone. */
static GIOCondition flush(Manager *m)
{
    const uint8_t *bytes;
    uint32_t len;

    while ((len = mctp_stream_next(&m->stream, &bytes))) {
        g_autoptr(GError) err = NULL;
        gssize n = g_socket_send(m->wait.socket, (const char *)bytes, len, NULL,
                                 &err);

        if (n <= 0) {
            return g_error_matches(err, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ?
                   G_IO_OUT : 0;
        }
        mctp_stream_left(&m->stream, n);
    }
    return G_IO_IN;
}

/*
 * All that has been read is answered, and what is new is said; as flush().
 * G_IO_HUP: nothing is taken before a machine has answered.
 */
static GIOCondition drain(Manager *m)
{
    GIOCondition next = flush(m);

    while (next == G_IO_IN && (mctp_stream_take(&m->stream) ||
                               mctp_endpoint_announce(&m->stream.ep))) {
        next = flush(m);
    }
    return next == G_IO_IN && mctp_stream_waits(&m->stream) ? G_IO_HUP : next;
}

/* One buffer, so that a flood of commands leaves time for others. */
static GIOCondition serve(Manager *m)
{
    GIOCondition next = drain(m);
    g_autoptr(GError) err = NULL;
    gssize n;

    if (next != G_IO_IN) {
        return next;
    }
    n = g_socket_receive(m->wait.socket, (char *)m->stream.in,
                         sizeof(m->stream.in), NULL, &err);
    if (n <= 0) {
        return g_error_matches(err, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ?
               G_IO_IN : 0;
    }
    mctp_stream_arrived(&m->stream, n);
    next = drain(m);
    return m->stream.line.garbage > GARBAGE_MAX ? 0 : next;
}

static void go_on(Manager *m, GIOCondition next)
{
    if (next) {
        wait_for(m, next);
    } else {
        g_ptr_array_remove(m->d->managers, m);
    }
}

/* Who is slow hears of it behind the answer that he waits for. */
void managers_tell(Fabricd *d)
{
    for (unsigned i = d->news ? d->managers->len : 0; i-- > 0;) {
        Manager *m = d->managers->pdata[i];
        GIOCondition next = m->wait.what;

        mctp_endpoint_notify(&m->stream.ep, d->news);
        go_on(m, next == G_IO_IN ? drain(m) : next);
    }
    d->news = 0;
}

static gboolean manager_io(GSocket *socket G_GNUC_UNUSED,
                           GIOCondition condition, gpointer opaque)
{
    Manager *m = opaque;
    Fabricd *d = m->d;

    go_on(m, mctp_stream_waits(&m->stream) &&
             condition & (G_IO_HUP | G_IO_ERR) ? 0 : serve(m));
    fabricd_settle(d);
    return G_SOURCE_CONTINUE;
}

bool managers_go_on(Fabricd *d)
{
    bool any = false;

    for (guint i = d->managers->len; i--;) {
        Manager *m = g_ptr_array_index(d->managers, i);

        if (m->relay.step == CXL_FABRIC_RELAY_ANSWERED) {
            GIOCondition next;

            mctp_stream_again(&m->stream);
            next = serve(m);
            any |= m->relay.step != CXL_FABRIC_RELAY_ANSWERED;
            go_on(m, next);
        }
    }
    return any;
}

void manager_comes(Fabricd *d, GSocket *socket)
{
    Manager *m;

    /* Who cannot be served is told so by the end of the connection. */
    if (d->managers->len == FABRICD_MANAGERS) {
        return;
    }
    m = g_new0(Manager, 1);
    m->d = d;
    m->wait.socket = g_object_ref(socket);
    mctp_stream_init(&m->stream, d->sw ? cxl_fabric_switch_payload(d->sw) :
                     cxl_fabric_payload(d->fabric), execute, m);
    g_ptr_array_add(d->managers, m);
    wait_for(m, G_IO_IN);
}
