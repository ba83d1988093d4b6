/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tools/cxl-fm/link: how long a component is listened to that says something
 * else than what is awaited.  What the socket brings is ours.
 */
#include "qemu/osdep.h"
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include "hw/cxl/core/mctp.h"
#include "hw/cxl/core/mctp-serial.h"
#include "hw/cxl/wire/fm.h"
#include "tools/cxl-fm/link.h"

#define LOGS 0x1f
/* Nobody waits for so long. */
#define HOURS (24 * 3600 * 1000)

GQuark fm_error_quark(void)
{
    return g_quark_from_static_string("test-fm-link");
}

/* An Event Notification of some logs */
static uint8_t news[MCTP_FRAME_MAX];
static uint32_t news_len;
static unsigned left;           /* so many of them come */

static void make_news(void)
{
    const CxlMessageHeader head = {
        .command = CXL_MESSAGE_EVENTS & 0xff,
        .command_set = CXL_MESSAGE_EVENTS >> 8, .length = { 2 },
    };
    uint8_t body[1 + sizeof(head) + 2] = { MCTP_TYPE_FM_API };
    uint8_t packet[MCTP_PACKET_MAX];
    MctpSplit split = {
        .body = body, .len = sizeof(body), .tag = MCTP_TAG_OWNER,
    };

    memcpy(body + 1, &head, sizeof(head));
    body[1 + sizeof(head)] = LOGS;
    news_len = mctp_serial_frame(packet, mctp_split_next(&split, packet),
                                 news);
}

/* Instead of GIO's: there is nothing to wait for on the real socket. */
gssize g_socket_receive(GSocket *socket G_GNUC_UNUSED, gchar *buffer,
                        gsize size, GCancellable *cancellable G_GNUC_UNUSED,
                        GError **error)
{
    g_assert_cmpuint(size, >=, news_len);
    if (!left) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "no more");
        return -1;
    }
    left -= left != UINT_MAX;
    memcpy(buffer, news, news_len);
    return news_len;
}

typedef struct Peer {
    char *path;
    GSocket *listener;
    Link *link;
} Peer;

static Peer peer_open(unsigned timeout_ms)
{
    g_autofree char *dir = g_dir_make_tmp("memfab-link-XXXXXX", NULL);
    Peer p = { .path = g_build_filename(dir, "socket", NULL) };
    g_autoptr(GSocketAddress) at = g_unix_socket_address_new(p.path);
    g_autoptr(GError) err = NULL;

    p.listener = g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                              G_SOCKET_PROTOCOL_DEFAULT, &err);
    g_assert_true(g_socket_bind(p.listener, at, false, &err) &&
                  g_socket_listen(p.listener, &err));
    p.link = link_open(p.path, timeout_ms, &err);
    g_assert_no_error(err);
    return p;
}

static void peer_close(Peer *p)
{
    g_autofree char *dir = g_path_get_dirname(p->path);

    link_close(p->link);
    g_object_unref(p->listener);
    g_unlink(p->path);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
    g_free(p->path);
}

/* It never stops, and never answers. */
static void test_flood(void)
{
    g_autoptr(GError) err = NULL;
    Peer p = peer_open(1);
    LinkAnswer answer;

    left = UINT_MAX;
    g_assert_false(link_command(p.link, 1, NULL, &answer, &err));
    g_assert_nonnull(strstr(err->message, "no answer within 1 ms"));
    peer_close(&p);
}

/* What has come is told at once, although nothing else comes. */
static void test_news(void)
{
    g_autoptr(GError) err = NULL;
    Peer p = peer_open(1);

    left = 1;
    g_assert_cmphex(link_wait_news(p.link, HOURS, &err), ==, LOGS);
    g_assert_cmphex(link_wait_news(p.link, 1, &err), ==, 0);
    g_assert_no_error(err);
    peer_close(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make_news();
    g_test_add_func("/fm-link/flood", test_flood);
    g_test_add_func("/fm-link/news", test_news);
    return g_test_run();
}
