/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Socket, frames, packets and messages of a manager; see link.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include <gio/gio.h>
#include "hw/cxl/core/mctp.h"
#include "hw/cxl/core/mctp-serial.h"
#include "hw/cxl/wire/fm.h"
#include "tools/cxl-fm/link.h"
#include "tools/lib/address.h"

#define HEADER ((uint32_t)sizeof(CxlMessageHeader))
/* Ours; the other side is called by none, see DSP0236 1.3.1 8.2 */
#define MANAGER_EID MCTP_EID_FIRST

struct Link {
    GSocket *socket;
    char *path;
    unsigned timeout_ms;
    MctpSerial line;
    MctpAssembly in;
    uint8_t tag;        /* of the last request */
    uint16_t news;      /* notifications that nobody has asked for yet */
    size_t len, at;     /* bytes in @bytes, and of them taken */
    uint8_t bytes[4096];
};

Link *link_open(const char *path, unsigned timeout_ms, GError **error)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GSocketAddress) address = unix_address(path, &err);
    g_autoptr(GSocket) s = !address ? NULL
        : g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                       G_SOCKET_PROTOCOL_DEFAULT, &err);
    Link *link;

    if (!s || !g_socket_connect(s, address, NULL, &err)) {
        g_set_error(error, FM_ERROR, FM_NOBODY, "%s: %s", path, err->message);
        return NULL;
    }
    g_socket_set_blocking(s, false);
    link = g_new0(Link, 1);
    link->socket = g_steal_pointer(&s);
    link->path = g_strdup(path);
    link->timeout_ms = timeout_ms;
    mctp_serial_init(&link->line);
    mctp_assembly_init(&link->in, 1 + HEADER + LINK_PAYLOAD);
    return link;
}

void link_close(Link *link)
{
    mctp_assembly_destroy(&link->in);
    g_object_unref(link->socket);
    g_free(link->path);
    g_free(link);
}

static void say_gone(Link *link, GError **error)
{
    g_set_error(error, FM_ERROR, FM_NOBODY, "%s: the other side has ended the"
                " connection: its device is gone, it has as many managers as"
                " it can, or it is no cxl-fm-port", link->path);
}

/* Until @deadline, monotonic microseconds; false: it has passed. */
static bool wait_for(Link *link, GIOCondition what, int64_t deadline,
                     GError **error)
{
    int64_t left = deadline - g_get_monotonic_time();

    return left > 0 && g_socket_condition_timed_wait(link->socket, what, left,
                                                     NULL, error);
}

static bool send_all(Link *link, const uint8_t *bytes, size_t len,
                     int64_t deadline, GError **error)
{
    while (len) {
        g_autoptr(GError) err = NULL;
        gssize n = g_socket_send(link->socket, (const char *)bytes, len, NULL,
                                 &err);

        if (n < 0 && g_error_matches(err, G_IO_ERROR,
                                     G_IO_ERROR_WOULD_BLOCK)) {
            n = 0;
            if (!wait_for(link, G_IO_OUT, deadline, NULL)) {
                g_set_error(error, FM_ERROR, FM_NOBODY, "%s: takes no more",
                            link->path);
                return false;
            }
        }
        if (n < 0) {
            say_gone(link, error);
            return false;
        }
        bytes += n;
        len -= n;
    }
    return true;
}

static bool send_message(Link *link, const GByteArray *body, int64_t deadline,
                         GError **error)
{
    MctpSplit split = {
        .body = body->data, .len = body->len, .source = MANAGER_EID,
        .tag = MCTP_TAG_OWNER | link->tag,
    };
    uint8_t packet[MCTP_PACKET_MAX], frame[MCTP_FRAME_MAX];
    uint32_t n;

    while ((n = mctp_split_next(&split, packet))) {
        n = mctp_serial_frame(packet, n, frame);
        if (!send_all(link, frame, n, deadline, error)) {
            return false;
        }
    }
    return true;
}

static void take_news(Link *link, const MctpMessage *m)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)(m->body + 1);

    if (h->category == CXL_MESSAGE_REQUEST && m->len >= 1 + HEADER + 2 &&
        h->command_set == CXL_MESSAGE_EVENTS >> 8 &&
        h->command == (CXL_MESSAGE_EVENTS & 0xff)) {
        link->news |= lduw_le_p(h + 1);
    }
}

/* The answer to the last request; notifications are put aside. */
static bool is_answer(Link *link, const MctpMessage *m)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)(m->body + 1);

    if (m->body[0] != MCTP_TYPE_FM_API || m->len < 1 + HEADER) {
        return false;
    }
    if (m->tag & MCTP_TAG_OWNER) {
        take_news(link, m);
        return false;
    }
    return m->tag == link->tag && h->category == CXL_MESSAGE_RESPONSE &&
           h->tag == link->tag;
}

/* What has been read, up to the end of an answer. */
static bool take_bytes(Link *link, MctpMessage *m)
{
    while (link->at < link->len) {
        uint32_t len = mctp_serial_byte(&link->line, link->bytes[link->at++]);

        if (len && mctp_assembly_packet(&link->in, link->line.packet, len,
                                        m) == MCTP_COMPLETE &&
            is_answer(link, m)) {
            return true;
        }
    }
    return false;
}

/*
 * Reads some, up to the end of an answer: 1 and @m; 0: it has not come yet;
 * -1: the other side has gone.  There may be more: who never stops to talk is
 * listened to as long as somebody waits, and no longer.
 */
static int read_some(Link *link, MctpMessage *m, GError **error)
{
    g_autoptr(GError) err = NULL;
    gssize n;

    if (take_bytes(link, m)) {
        return 1;
    }
    n = g_socket_receive(link->socket, (char *)link->bytes,
                         sizeof(link->bytes), NULL, &err);
    link->at = 0;
    link->len = MAX(n, 0);
    if (n > 0) {
        return take_bytes(link, m);
    }
    if (n < 0 && g_error_matches(err, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
        return 0;
    }
    say_gone(link, error);
    return -1;
}

static bool receive(Link *link, MctpMessage *m, int64_t deadline,
                    GError **error)
{
    int got;

    while (!(got = read_some(link, m, error))) {
        if (!wait_for(link, G_IO_IN, deadline, NULL)) {
            g_set_error(error, FM_ERROR, FM_NOBODY, "%s: no answer within %u"
                        " ms", link->path, link->timeout_ms);
            return false;
        }
    }
    return got > 0;
}

bool link_command(Link *link, uint16_t opcode, const GByteArray *in,
                  LinkAnswer *out, GError **error)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    int64_t deadline = g_get_monotonic_time() + link->timeout_ms * 1000ll;
    uint32_t len = in ? in->len : 0;
    const uint8_t type = MCTP_TYPE_FM_API;
    const CxlMessageHeader *rsp;
    CxlMessageHeader req;
    MctpMessage m;

    link->tag = (link->tag + 1) % MCTP_TAGS;
    req = (CxlMessageHeader) {
        .category = CXL_MESSAGE_REQUEST, .tag = link->tag, .command = opcode,
        .command_set = opcode >> 8, .length = { len, len >> 8, len >> 16 },
    };
    g_byte_array_append(body, &type, 1);
    g_byte_array_append(body, (uint8_t *)&req, HEADER);
    if (len) {
        g_byte_array_append(body, in->data, len);
    }
    if (!send_message(link, body, deadline, error) ||
        !receive(link, &m, deadline, error)) {
        return false;
    }
    if (m.len > 1 + HEADER + LINK_PAYLOAD) {
        g_set_error(error, FM_ERROR, FM_NOBODY, "%s: an answer of %u bytes is"
                    " longer than any", link->path, m.len);
        return false;
    }
    rsp = (const CxlMessageHeader *)(m.body + 1);
    out->rc = lduw_le_p(&rsp->rc);
    out->vendor = lduw_le_p(&rsp->vendor);
    out->payload = g_byte_array_new();
    g_byte_array_append(out->payload, m.body + 1 + HEADER,
                        m.len - 1 - HEADER);
    return true;
}

uint16_t link_wait_news(Link *link, unsigned timeout_ms, GError **error)
{
    int64_t deadline = g_get_monotonic_time() + timeout_ms * 1000ll;
    uint16_t news;
    MctpMessage m;

    while (!link->news && read_some(link, &m, error) >= 0 && !link->news &&
           wait_for(link, G_IO_IN, deadline, NULL)) {
        continue;
    }
    news = link->news;
    link->news = 0;
    return news;
}
