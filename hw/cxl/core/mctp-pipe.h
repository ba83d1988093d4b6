/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MCTP packets of a USB function (core/mctp-usb.h) that go to an endpoint
 * elsewhere, and come from it, in the frames of a stream of bytes
 * (core/mctp-serial.h): a cxl-fabricd's socket for managers, for example.
 * Nothing is in between: ids, tags and messages are those of the two ends.
 *
 * One packet is on its way out at a time, and no more bytes are taken in than
 * there is room for.  A packet that is too long for USB is dropped and counted.
 */
#ifndef HW_CXL_CORE_MCTP_PIPE_H
#define HW_CXL_CORE_MCTP_PIPE_H

#include "hw/cxl/core/mctp-serial.h"
#include "hw/cxl/core/mctp-usb.h"

#define MCTP_PIPE_IN 1024

typedef struct MctpPipe {
    bool connected;             /* else packets to it are lost */
    MctpSerial line;
    uint32_t in_len, in_at;     /* bytes of the stream */
    uint32_t out_len, out_at;   /* of the frame that leaves */
    uint64_t dropped;           /* packets in either direction */
    uint8_t in[MCTP_PIPE_IN];
    uint8_t out[MCTP_FRAME_MAX];
} MctpPipe;

/* For mctp_usb_init(); the pipe is what is given there. */
extern const MctpUsbBehind mctp_pipe_behind;

void mctp_pipe_init(MctpPipe *p);
/* The stream begins, or has ended: nothing of before is left. */
void mctp_pipe_connect(MctpPipe *p, bool connected);

/* How many bytes of the stream there is room for */
uint32_t mctp_pipe_room(const MctpPipe *p);
/* So many arrive, at most as many. */
void mctp_pipe_arrived(MctpPipe *p, const uint8_t *bytes, uint32_t len);

/* Bytes that are to leave next, and their number; 0: none. */
uint32_t mctp_pipe_next(MctpPipe *p, const uint8_t **bytes);
/* So many of them have left. */
void mctp_pipe_left(MctpPipe *p, uint32_t len);

const char *mctp_pipe_wrong(const MctpPipe *p);

#endif /* HW_CXL_CORE_MCTP_PIPE_H */
