/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in transfers; see mctp-usb.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mctp-usb.h"

#define HEADER ((uint32_t)sizeof(MctpUsbHeader))

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(MctpUsb) != 1336 && sizeof(void *) == 8);

void mctp_usb_init(MctpUsb *u, const MctpUsbBehind *behind, void *opaque)
{
    *u = (MctpUsb) { .behind = behind, .opaque = opaque };
}

void mctp_usb_reset(MctpUsb *u)
{
    u->in_len = u->in_at = u->out_len = u->out_at = u->held = 0;
}

/* The packet that begins there, behind its header; NULL: there is none. */
static const uint8_t *packet_at(const uint8_t *bytes, uint32_t left,
                                uint32_t *len)
{
    const MctpUsbHeader *h = (const MctpUsbHeader *)bytes;

    if (left < HEADER || lduw_be_p(&h->id) != MCTP_USB_ID ||
        h->len < HEADER + sizeof(MctpHeader) || h->len > left) {
        return NULL;
    }
    *len = h->len - HEADER;
    return bytes + HEADER;
}

/* There is more of the transfer, and somebody to take it. */
static bool may_look(const MctpUsb *u)
{
    return u->in_at < u->in_len && u->behind->ready(u->opaque);
}

static void look(MctpUsb *u)
{
    while (may_look(u)) {
        uint32_t len;
        const uint8_t *packet = packet_at(u->in + u->in_at,
                                          u->in_len - u->in_at, &len);

        if (!packet) {
            u->dropped++;
            u->in_at = u->in_len;
            break;
        }
        u->packets++;
        u->in_at += HEADER + len;
        u->behind->take(u->opaque, packet, len);
    }
}

bool mctp_usb_may_write(const MctpUsb *u)
{
    return u->in_at == u->in_len;
}

bool mctp_usb_write(MctpUsb *u, const uint8_t *bytes, uint32_t len)
{
    assert(mctp_usb_may_write(u));
    if (len > sizeof(u->in)) {
        u->dropped++;
        return false;
    }
    memcpy(u->in, bytes, len);
    u->in_len = len;
    u->in_at = 0;
    return true;
}

/* As many packets as the transfer has room for; false: there are more. */
static bool fill(MctpUsb *u)
{
    while (u->held || (u->held = u->behind->next(u->opaque, u->packet))) {
        if (u->out_len + HEADER + u->held > sizeof(u->out)) {
            return false;
        }
        *(MctpUsbHeader *)(u->out + u->out_len) = (MctpUsbHeader) {
            .id = cpu_to_be16(MCTP_USB_ID), .len = HEADER + u->held,
        };
        memcpy(u->out + u->out_len + HEADER, u->packet, u->held);
        u->out_len += HEADER + u->held;
        u->held = 0;
    }
    return true;
}

/* The last one has been read. */
static bool begin(MctpUsb *u)
{
    if (u->out_at < u->out_len) {
        return false;
    }
    u->out_at = u->out_len = 0;
    return true;
}

/* Answers to what is in one transfer go into one, as far as they fit. */
void mctp_usb_go_on(MctpUsb *u)
{
    bool begun = begin(u);

    do {
        look(u);
    } while (begun && fill(u) && may_look(u));
}

bool mctp_usb_may_read(MctpUsb *u)
{
    if (begin(u)) {
        fill(u);
    }
    return u->out_at < u->out_len;
}

uint32_t mctp_usb_read(MctpUsb *u, uint8_t *bytes, uint32_t max)
{
    uint32_t len = mctp_usb_may_read(u) ? MIN(max, u->out_len - u->out_at) : 0;

    memcpy(bytes, u->out + u->out_at, len);
    u->out_at += len;
    return len;
}

void mctp_usb_save(const MctpUsb *u, SaveWriter *w)
{
    save_put_blob(w, u->in + u->in_at, u->in_len - u->in_at);
    save_put_blob(w, u->out + u->out_at, u->out_len - u->out_at);
    save_put_blob(w, u->packet, u->held);
    save_put(w, u->packets);
    save_put(w, u->dropped);
}

static uint32_t get_bytes(SaveReader *r, const char *what, uint8_t *to,
                          size_t max)
{
    size_t len;
    const uint8_t *bytes = save_get_blob(r, what, max, &len);

    if (len) {
        memcpy(to, bytes, len);
    }
    return len;
}

void mctp_usb_load(MctpUsb *u, SaveReader *r)
{
    mctp_usb_reset(u);
    u->in_len = get_bytes(r, "transfer from the host", u->in, sizeof(u->in));
    u->out_len = get_bytes(r, "transfer to the host", u->out, sizeof(u->out));
    u->held = get_bytes(r, "packet to the host", u->packet,
                        MCTP_USB_PACKET_MAX);
    u->packets = save_get(r);
    u->dropped = save_get(r);
}

const char *mctp_usb_wrong(const MctpUsb *u)
{
    if (u->in_at > u->in_len || u->in_len > sizeof(u->in) ||
        u->out_at > u->out_len || u->out_len > sizeof(u->out)) {
        return "more of a transfer has been used than there is";
    }
    return u->held > MCTP_USB_PACKET_MAX ? "a packet is longer than any" : NULL;
}
