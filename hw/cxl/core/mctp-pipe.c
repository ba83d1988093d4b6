/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets to an endpoint elsewhere; see mctp-pipe.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp-pipe.h"

void mctp_pipe_init(MctpPipe *p)
{
    *p = (MctpPipe) { };
    mctp_serial_init(&p->line);
}

void mctp_pipe_connect(MctpPipe *p, bool connected)
{
    mctp_serial_init(&p->line);
    p->in_len = p->in_at = p->out_len = p->out_at = 0;
    p->connected = connected;
}

uint32_t mctp_pipe_room(const MctpPipe *p)
{
    return sizeof(p->in) - (p->in_len - p->in_at);
}

void mctp_pipe_arrived(MctpPipe *p, const uint8_t *bytes, uint32_t len)
{
    assert(len <= mctp_pipe_room(p));
    memmove(p->in, p->in + p->in_at, p->in_len - p->in_at);
    p->in_len -= p->in_at;
    p->in_at = 0;
    memcpy(p->in + p->in_len, bytes, len);
    p->in_len += len;
}

uint32_t mctp_pipe_next(MctpPipe *p, const uint8_t **bytes)
{
    *bytes = p->out + p->out_at;
    return p->out_len - p->out_at;
}

void mctp_pipe_left(MctpPipe *p, uint32_t len)
{
    assert(len <= p->out_len - p->out_at);
    p->out_at += len;
}

static bool ready(void *opaque)
{
    const MctpPipe *p = opaque;

    return p->out_at == p->out_len;
}

static void take(void *opaque, const uint8_t *packet, uint32_t len)
{
    MctpPipe *p = opaque;

    if (!p->connected) {
        p->dropped++;
        return;
    }
    p->out_len = mctp_serial_frame(packet, len, p->out);
    p->out_at = 0;
}

static uint32_t next(void *opaque, uint8_t *packet)
{
    MctpPipe *p = opaque;

    while (p->in_at < p->in_len) {
        uint32_t len = mctp_serial_byte(&p->line, p->in[p->in_at++]);

        if (len > MCTP_USB_PACKET_MAX) {
            p->dropped++;
        } else if (len) {
            memcpy(packet, p->line.packet, len);
            return len;
        }
    }
    return 0;
}

const MctpUsbBehind mctp_pipe_behind = {
    .ready = ready, .take = take, .next = next,
};

const char *mctp_pipe_wrong(const MctpPipe *p)
{
    return p->in_at > p->in_len || p->in_len > sizeof(p->in) ||
           p->out_at > p->out_len || p->out_len > sizeof(p->out) ?
           "more bytes have been used than there are" : NULL;
}
