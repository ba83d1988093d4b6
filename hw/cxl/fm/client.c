/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection; see client.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "hw/cxl/core/mctp-stream.h"
#include "hw/cxl/fm/client.h"
#include "hw/cxl/fm/target.h"
#include "hw/cxl/trace.h"

struct CxlFmClient {
    QIOChannel *ioc;
    guint watch;
    GIOCondition waits_for;
    QEMUBH *bh;                 /* a notification has to go out */
    bool serves;                /* a command may be under way */
    CxlFmTarget target;
    MctpStream stream;
    CxlFmClientEnded *ended;
    void *opaque;
};

static gboolean client_io(QIOChannel *ioc, GIOCondition condition,
                          gpointer opaque);

static uint32_t execute(void *opaque, const uint8_t *message, uint32_t len,
                        uint8_t *out, uint32_t out_max)
{
    CxlFmClient *c = opaque;

    return cxl_fm_target_execute(&c->target, message, len, out, out_max);
}

/* Called from within the core: it goes out when nobody is in there. */
static void notify(void *opaque, uint16_t what)
{
    CxlFmClient *c = opaque;

    mctp_endpoint_notify(&c->stream.ep, what);
    qemu_bh_schedule(c->bh);
}

/* G_IO_OUT: the reader is slow.  G_IO_IN: all is written.  0: it has gone. */
static GIOCondition flush(CxlFmClient *c)
{
    const uint8_t *bytes;
    uint32_t len;

    while ((len = mctp_stream_next(&c->stream, &bytes))) {
        ssize_t n = qio_channel_write(c->ioc, (const char *)bytes, len, NULL);

        if (n == QIO_CHANNEL_ERR_BLOCK) {
            return G_IO_OUT;
        }
        if (n <= 0) {
            return 0;
        }
        mctp_stream_left(&c->stream, n);
    }
    return G_IO_IN;
}

static bool is_noise(const CxlFmClient *c)
{
    return c->stream.line.garbage > CXL_FM_GARBAGE_MAX;
}

/* What to wait for next; 0 if the connection has ended. */
static GIOCondition serve(CxlFmClient *c)
{
    GIOCondition next = flush(c);
    ssize_t n;

    while (next == G_IO_IN && (mctp_stream_take(&c->stream) ||
                              mctp_endpoint_announce(&c->stream.ep))) {
        next = cxl_fm_target_here(&c->target) ? flush(c) : 0;
    }
    if (next != G_IO_IN) {
        return next;
    }
    if (is_noise(c) || !cxl_fm_target_here(&c->target)) {
        trace_memfab_cxl_fm_hang_up(c->stream.line.garbage);
        return 0;
    }
    n = qio_channel_read(c->ioc, (char *)c->stream.in, sizeof(c->stream.in),
                         NULL);
    if (n == QIO_CHANNEL_ERR_BLOCK) {
        return G_IO_IN;
    }
    mctp_stream_arrived(&c->stream, MAX(n, 0));
    return n > 0 ? next : 0;
}

static void wait_for(CxlFmClient *c, GIOCondition next)
{
    if (c->waits_for != next) {
        g_clear_handle_id(&c->watch, g_source_remove);
        c->waits_for = next;
        c->watch = qio_channel_add_watch(c->ioc, next, client_io, c, NULL);
    }
}

/*
 * What has been read is worked on before more is: one buffer each time, so
 * that a flood of commands leaves time for others.  A command that removes a
 * device may wait for what that has under way, and bottom halves run meanwhile:
 * ours leaves the rest to who is in here already.
 */
static gboolean client_io(QIOChannel *ioc, GIOCondition condition,
                          gpointer opaque)
{
    CxlFmClient *c = opaque;
    GIOCondition next;

    if (c->serves) {
        return G_SOURCE_CONTINUE;
    }
    c->serves = true;
    next = serve(c);
    c->serves = false;
    if (next && mctp_stream_more(&c->stream) && next == G_IO_IN) {
        qemu_bh_schedule(c->bh);
    }
    if (!next) {
        c->ended(c->opaque, c);
        return G_SOURCE_CONTINUE;
    }
    wait_for(c, next);
    return G_SOURCE_CONTINUE;
}

static void client_bh(void *opaque)
{
    client_io(NULL, 0, opaque);
}

CxlFmClient *cxl_fm_client_new(QIOChannelSocket *sioc, Object *target,
                               CxlFmClientEnded *ended, void *opaque,
                               Error **errp)
{
    CxlFmClient *c = g_new0(CxlFmClient, 1);
    Error *err = NULL;

    /* What this returns is not the same in all releases. */
    qio_channel_set_blocking(QIO_CHANNEL(sioc), false, &err);
    if (err || !cxl_fm_target_open(&c->target, target, notify, c, &err)) {
        error_propagate(errp, err);
        g_free(c);
        return NULL;
    }
    mctp_stream_init(&c->stream, cxl_fm_target_payload(&c->target), execute,
                     c);
    c->ioc = QIO_CHANNEL(object_ref(OBJECT(sioc)));
    c->ended = ended;
    c->opaque = opaque;
    c->bh = qemu_bh_new(client_bh, c);
    wait_for(c, G_IO_IN);
    return c;
}

void cxl_fm_client_free(CxlFmClient *c)
{
    g_clear_handle_id(&c->watch, g_source_remove);
    qemu_bh_delete(c->bh);
    cxl_fm_target_close(&c->target);
    mctp_stream_destroy(&c->stream);
    qio_channel_close(c->ioc, NULL);
    object_unref(OBJECT(c->ioc));
    g_free(c);
}

uint64_t cxl_fm_client_requests(const CxlFmClient *c)
{
    return c->stream.ep.requests;
}

uint64_t cxl_fm_client_dropped(const CxlFmClient *c)
{
    return c->stream.ep.dropped;
}
