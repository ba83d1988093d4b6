/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection to an SPDM responder, see spdm.h; what is said over it is
 * hw/common/spdm-peer.h.  The mailbox is asked with the big lock held by
 * whatever thread; bytes come and go in the main loop.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "io/channel-socket.h"
#include "hw/pci/spdm.h"

static void answer(void *opaque, uint32_t ticket, const uint32_t *object,
                   unsigned dwords)
{
    SpdmPort *s = opaque;

    doe_answer(&s->port.doe, ticket, object, dwords);
}

static unsigned ask(void *opaque, const uint32_t *request, unsigned dwords,
                    uint32_t *response, unsigned max)
{
    DoePort *port = opaque;
    SpdmPort *s = port->opaque;

    if (!s->ioc || !spdm_peer_ask(s->peer, doe_ticket(&port->doe), request,
                                  dwords)) {
        return 0;
    }
    qemu_bh_schedule(s->bh);
    return DOE_LATER;
}

static const DoeRow rows[] = {
    { DOE_VENDOR_PCISIG, DOE_TYPE_CMA_SPDM, ask },
    { DOE_VENDOR_PCISIG, DOE_TYPE_SECURED_CMA_SPDM, ask },
};

static void hang_up(SpdmPort *s)
{
    g_clear_handle_id(&s->watch, g_source_remove);
    s->waits_for = 0;
    if (s->ioc) {
        qio_channel_close(s->ioc, NULL);
        object_unref(OBJECT(s->ioc));
        s->ioc = NULL;
    }
    spdm_peer_lost(s->peer);
}

static bool flush(SpdmPort *s, bool *blocked)
{
    const uint8_t *bytes;
    uint32_t len;

    *blocked = false;
    while (!*blocked && (len = spdm_peer_next(s->peer, &bytes))) {
        ssize_t n = qio_channel_write(s->ioc, (const char *)bytes, len, NULL);

        if (n != QIO_CHANNEL_ERR_BLOCK && n <= 0) {
            return false;
        }
        *blocked = n == QIO_CHANNEL_ERR_BLOCK;
        spdm_peer_left(s->peer, MAX(n, 0));
    }
    return true;
}

/* A whole answer at most has a turn, then others. */
static bool listen_to(SpdmPort *s, const char **why)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t max;
        char *room = (char *)spdm_peer_room(s->peer, &max);
        ssize_t n = qio_channel_read(s->ioc, room, max, NULL);

        *why = "it has closed the connection";
        if (n <= 0) {
            return n == QIO_CHANNEL_ERR_BLOCK;
        }
        if (!spdm_peer_arrived(s->peer, n, why)) {
            return false;
        }
    }
    return true;
}

/* False: it is lost. */
static bool talk(SpdmPort *s, bool *blocked, const char **why)
{
    if (!listen_to(s, why)) {
        return false;
    }
    *why = "it takes nothing any more";
    return flush(s, blocked);
}

static const char *name_of(const SpdmPort *s)
{
    return DEVICE(s->port.pdev)->id ?: s->port.pdev->name;
}

static gboolean peer_io(QIOChannel *ioc, GIOCondition condition,
                        gpointer opaque);

static void wait_for(SpdmPort *s, GIOCondition next)
{
    if (s->waits_for != next) {
        g_clear_handle_id(&s->watch, g_source_remove);
        s->waits_for = next;
        s->watch = qio_channel_add_watch(s->ioc, next, peer_io, s, NULL);
    }
}

static void go_on(void *opaque)
{
    SpdmPort *s = opaque;
    const char *why;
    bool blocked;

    if (!s->ioc) {
        return;
    }
    if (!talk(s, &blocked, &why)) {
        warn_report("device '%s': lost its SPDM responder: %s; from now on "
                    "its mailbox answers with errors", name_of(s), why);
        hang_up(s);
        return;
    }
    if (s->peer->too_long && !s->warned) {
        s->warned = true;
        warn_report("device '%s': its SPDM responder gave an object of more "
                    "than %u bytes, which its mailbox cannot hold: such an "
                    "answer is an error of the mailbox",
                    name_of(s), DOE_DWORDS * 4);
    }
    wait_for(s, blocked ? G_IO_IN | G_IO_OUT : G_IO_IN);
}

static gboolean peer_io(QIOChannel *ioc, GIOCondition condition,
                        gpointer opaque)
{
    go_on(opaque);
    return G_SOURCE_CONTINUE;
}

static bool connect_to(SpdmPort *s, uint16_t tcp, Error **errp)
{
    g_autofree char *number = g_strdup_printf("%u", tcp);
    SocketAddress address = {
        .type = SOCKET_ADDRESS_TYPE_INET,
        .u.inet = { .host = (char *)"127.0.0.1", .port = number },
    };
    QIOChannelSocket *sioc = qio_channel_socket_new();
    Error *err = NULL;

    if (qio_channel_socket_connect_sync(sioc, &address, &err) == 0) {
        qio_channel_set_blocking(QIO_CHANNEL(sioc), false, &err);
    }
    if (err) {
        error_propagate_prepend(errp, err,
                                "property 'spdm_port': no SPDM responder at "
                                "port %u: ", tcp);
        object_unref(OBJECT(sioc));
        return false;
    }
    s->ioc = QIO_CHANNEL(sioc);
    return true;
}

bool spdm_port_init(SpdmPort *s, PCIDevice *pdev, uint16_t offset,
                    uint16_t tcp, Error **errp)
{
    if (!connect_to(s, tcp, errp)) {
        return false;
    }
    s->peer = spdm_peer_new(answer, s);
    s->bh = qemu_bh_new(go_on, s);
    doe_port_init(&s->port, pdev, offset, 0, NULL, rows, ARRAY_SIZE(rows), s);
    wait_for(s, G_IO_IN);
    return true;
}

void spdm_port_exit(SpdmPort *s)
{
    bool ignored;

    if (!spdm_port_is_there(s)) {
        return;
    }
    doe_port_exit(&s->port);
    s->port.offset = 0;
    if (s->ioc) {
        spdm_peer_goodbye(s->peer);
        flush(s, &ignored);
    }
    hang_up(s);
    qemu_bh_delete(s->bh);
    spdm_peer_free(s->peer);
}

void spdm_port_reset(SpdmPort *s)
{
    if (spdm_port_is_there(s)) {
        doe_reset(&s->port.doe);
    }
}
