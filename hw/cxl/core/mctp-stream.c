/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both directions of a stream; see mctp-stream.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp-stream.h"

void mctp_stream_init(MctpStream *s, uint32_t payload_max,
                      MctpExecute *execute, void *opaque)
{
    mctp_serial_init(&s->line);
    mctp_endpoint_init(&s->ep, payload_max, execute, opaque);
    s->in_len = s->in_at = s->out_len = s->out_at = 0;
}

void mctp_stream_destroy(MctpStream *s)
{
    mctp_endpoint_destroy(&s->ep);
}

void mctp_stream_arrived(MctpStream *s, uint32_t len)
{
    assert(!mctp_stream_more(s) && len <= sizeof(s->in));
    s->in_at = 0;
    s->in_len = len;
}

bool mctp_stream_more(const MctpStream *s)
{
    return s->in_at < s->in_len;
}

bool mctp_stream_take(MctpStream *s)
{
    while (mctp_stream_more(s) && !mctp_stream_waits(s)) {
        uint32_t n = mctp_serial_byte(&s->line, s->in[s->in_at++]);

        if (n && mctp_endpoint_packet(&s->ep, s->line.packet, n)) {
            return true;
        }
    }
    return false;
}

/* As much of the answer as there is room for. */
static void fill(MctpStream *s)
{
    uint8_t packet[MCTP_PACKET_MAX];
    uint32_t n;

    s->out_at = s->out_len = 0;
    while (sizeof(s->out) - s->out_len >= MCTP_FRAME_MAX &&
           (n = mctp_endpoint_next(&s->ep, packet))) {
        s->out_len += mctp_serial_frame(packet, n, s->out + s->out_len);
    }
}

uint32_t mctp_stream_next(MctpStream *s, const uint8_t **bytes)
{
    if (s->out_at == s->out_len) {
        fill(s);
    }
    *bytes = s->out + s->out_at;
    return s->out_len - s->out_at;
}

void mctp_stream_left(MctpStream *s, uint32_t len)
{
    assert(len <= s->out_len - s->out_at);
    s->out_at += len;
}
