/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MCTP packets in a stream of bytes, DSP0253 1.0.0 5: what Linux does on a
 * serial line with its line discipline "mctp", and what our sockets carry.
 *
 * Bytes that are no frame are skipped up to the next flag and counted; who
 * reads a stream that should have no noise can end it when there are many.
 */
#ifndef HW_CXL_CORE_MCTP_SERIAL_H
#define HW_CXL_CORE_MCTP_SERIAL_H

#include "hw/cxl/wire/mctp.h"

/* A frame if every byte of the packet has to be escaped */
#define MCTP_FRAME_MAX (3 + 2 * MCTP_PACKET_MAX + 3)

typedef struct MctpSerial {
    enum {
        MCTP_AT_IDLE, MCTP_AT_REVISION, MCTP_AT_LENGTH, MCTP_AT_PACKET,
        MCTP_AT_ESCAPED, MCTP_AT_CHECK_HI, MCTP_AT_CHECK_LO, MCTP_AT_END,
    } at;
    uint16_t fcs;       /* of what has arrived */
    uint16_t claimed;   /* what the frame says */
    uint8_t expected;   /* bytes of the packet */
    uint8_t len;        /* of them, here */
    uint32_t garbage;   /* bytes since the last good frame, saturates */
    uint8_t packet[MCTP_PACKET_MAX];
} MctpSerial;

void mctp_serial_init(MctpSerial *s);
/*
 * Takes the next byte.  Returns the length of the packet in @s->packet that
 * it completes, which is valid until the next byte; otherwise 0.
 */
uint32_t mctp_serial_byte(MctpSerial *s, uint8_t byte);

/*
 * The frame of a packet of 1 to MCTP_PACKET_MAX bytes; @frame has room for
 * MCTP_FRAME_MAX.  Returns its length.
 */
uint32_t mctp_serial_frame(const uint8_t *packet, uint32_t len,
                           uint8_t *frame);

#endif /* HW_CXL_CORE_MCTP_SERIAL_H */
