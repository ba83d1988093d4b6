/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection of an MCTP endpoint to a stream of bytes: frames that arrive
 * in pieces, answers that leave in pieces, one answer at a time.  Frames are
 * mctp-serial.h, messages mctp-endpoint.h; where bytes come from and go to is
 * hw/cxl/fm/client.c.
 *
 * What arrives is looked at only up to the next answer, and no more is taken
 * until that is looked at; so memory is bounded.
 */
#ifndef HW_CXL_CORE_MCTP_STREAM_H
#define HW_CXL_CORE_MCTP_STREAM_H

#include "hw/cxl/core/mctp-endpoint.h"
#include "hw/cxl/core/mctp-serial.h"

/* So many bytes, and the few commands in them, before others get their turn */
#define MCTP_STREAM_IN   512
#define MCTP_STREAM_OUT  8192

typedef struct MctpStream {
    MctpSerial line;
    MctpEndpoint ep;
    uint32_t in_len, in_at;
    uint32_t out_len, out_at;
    uint8_t in[MCTP_STREAM_IN];     /* bytes that have arrived */
    uint8_t out[MCTP_STREAM_OUT];
} MctpStream;

/* As mctp_endpoint_init() */
void mctp_stream_init(MctpStream *s, uint32_t payload_max,
                      MctpExecute *execute, void *opaque);
void mctp_stream_destroy(MctpStream *s);

/* So many bytes have been put to @s->in; all before were taken. */
void mctp_stream_arrived(MctpStream *s, uint32_t len);
/* There is something that has arrived and was not looked at. */
bool mctp_stream_more(const MctpStream *s);
/* Looks at it up to the next answer: true; or at all of it: false. */
bool mctp_stream_take(MctpStream *s);

/* As mctp_endpoint_waits() and _again(): nothing more is looked at meanwhile */
static inline bool mctp_stream_waits(const MctpStream *s)
{
    return mctp_endpoint_waits(&s->ep);
}
static inline bool mctp_stream_again(MctpStream *s)
{
    return mctp_endpoint_again(&s->ep);
}

/* Bytes that are to leave next, and their number; 0: none. */
uint32_t mctp_stream_next(MctpStream *s, const uint8_t **bytes);
/* So many of them have left. */
void mctp_stream_left(MctpStream *s, uint32_t len);

#endif /* HW_CXL_CORE_MCTP_STREAM_H */
