/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames on a stream; see mctp-serial.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp-serial.h"

#define FCS_INIT 0xffff

/* RFC 1662 C.2, bit by bit; without the complement at the end */
static uint16_t fcs_byte(uint16_t fcs, uint8_t byte)
{
    fcs ^= byte;
    for (unsigned i = 0; i < 8; i++) {
        fcs = fcs >> 1 ^ (fcs & 1 ? 0x8408 : 0);
    }
    return fcs;
}

void mctp_serial_init(MctpSerial *s)
{
    memset(s, 0, sizeof(*s));
}

static void packet_byte(MctpSerial *s, uint8_t byte)
{
    s->packet[s->len++] = byte;
    s->fcs = fcs_byte(s->fcs, byte);
    s->at = s->len == s->expected ? MCTP_AT_CHECK_HI : MCTP_AT_PACKET;
}

static void header_byte(MctpSerial *s, uint8_t byte)
{
    s->fcs = fcs_byte(s->at == MCTP_AT_REVISION ? FCS_INIT : s->fcs, byte);
    if (s->at == MCTP_AT_REVISION) {
        s->at = byte == MCTP_FRAME_REVISION ? MCTP_AT_LENGTH :
                byte == MCTP_FRAME_FLAG ? MCTP_AT_REVISION : MCTP_AT_IDLE;
    } else {
        s->expected = byte;
        s->len = 0;
        s->at = byte ? MCTP_AT_PACKET : MCTP_AT_IDLE;
    }
}

/* A flag where none belongs begins the next frame. */
static uint32_t end_byte(MctpSerial *s, uint8_t byte)
{
    if (byte != MCTP_FRAME_FLAG || s->fcs != s->claimed) {
        s->at = byte == MCTP_FRAME_FLAG ? MCTP_AT_REVISION : MCTP_AT_IDLE;
        return 0;
    }
    s->at = MCTP_AT_IDLE;
    s->garbage = 0;
    return s->len;
}

uint32_t mctp_serial_byte(MctpSerial *s, uint8_t byte)
{
    s->garbage += s->garbage < UINT32_MAX;
    switch (s->at) {
    case MCTP_AT_IDLE:
        s->at = byte == MCTP_FRAME_FLAG ? MCTP_AT_REVISION : MCTP_AT_IDLE;
        break;
    case MCTP_AT_REVISION:
    case MCTP_AT_LENGTH:
        header_byte(s, byte);
        break;
    case MCTP_AT_PACKET:
        if (byte == MCTP_FRAME_FLAG) {
            s->at = MCTP_AT_REVISION;
        } else if (byte == MCTP_FRAME_ESCAPE) {
            s->at = MCTP_AT_ESCAPED;
        } else {
            packet_byte(s, byte);
        }
        break;
    case MCTP_AT_ESCAPED:
        if (byte == MCTP_FRAME_FLAG) {
            s->at = MCTP_AT_REVISION;
        } else {
            packet_byte(s, byte ^ MCTP_FRAME_FLIP);
        }
        break;
    case MCTP_AT_CHECK_HI:
        s->claimed = byte << 8;
        s->at = MCTP_AT_CHECK_LO;
        break;
    case MCTP_AT_CHECK_LO:
        s->claimed |= byte;
        s->at = MCTP_AT_END;
        break;
    case MCTP_AT_END:
        return end_byte(s, byte);
    }
    return 0;
}

uint32_t mctp_serial_frame(const uint8_t *packet, uint32_t len, uint8_t *frame)
{
    uint16_t fcs = fcs_byte(fcs_byte(FCS_INIT, MCTP_FRAME_REVISION), len);
    uint32_t n = 0;

    assert(len && len <= MCTP_PACKET_MAX);
    frame[n++] = MCTP_FRAME_FLAG;
    frame[n++] = MCTP_FRAME_REVISION;
    frame[n++] = len;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t byte = packet[i];

        fcs = fcs_byte(fcs, byte);
        if (byte == MCTP_FRAME_FLAG || byte == MCTP_FRAME_ESCAPE) {
            frame[n++] = MCTP_FRAME_ESCAPE;
            byte ^= MCTP_FRAME_FLIP;
        }
        frame[n++] = byte;
    }
    frame[n++] = fcs >> 8;
    frame[n++] = fcs;
    frame[n++] = MCTP_FRAME_FLAG;
    return n;
}
