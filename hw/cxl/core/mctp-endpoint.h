/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An MCTP endpoint with a component command interface behind it: control
 * messages (DSP0236 1.3.1 12), FM API (DSP0234 1.0.0) and type 3 commands
 * (DSP0281 1.0.0).  One of them for each link; who is behind the interface
 * is the owner's business, and so is what carries the packets.
 *
 * One answer at a time: who gives packets takes the answer away before the
 * next one.  So memory is bounded by what mctp_endpoint_init() is told.
 */
#ifndef HW_CXL_CORE_MCTP_ENDPOINT_H
#define HW_CXL_CORE_MCTP_ENDPOINT_H

#include "hw/cxl/core/mctp.h"
#include "hw/cxl/wire/fm.h"
#include "hw/cxl/wire/mailbox.h"

/*
 * Executes the CCI message of @len bytes, a complete header and the payload
 * that it speaks of.  Returns the length of the response at @out, at most
 * @out_max and at least a header; 0 if nobody answers; MCTP_LATER if it is to
 * be asked once more, by mctp_endpoint_again().
 */
#define MCTP_LATER UINT32_MAX
typedef uint32_t MctpExecute(void *opaque, const uint8_t *message,
                             uint32_t len, uint8_t *out, uint32_t out_max);

typedef struct MctpEndpoint {
    MctpExecute *execute;
    void *opaque;
    uint32_t payload_max;   /* bytes, of CCI messages in either direction */
    uint8_t eid;            /* MCTP_EID_NULL until somebody gives one */
    MctpAssembly in;
    MctpMessage waiting;    /* in @in: the command that was put off; */
    bool waits;             /* there is one */
    uint8_t *reply;
    MctpSplit out;          /* of @reply */
    uint8_t manager;        /* endpoint id of who gave the last command */
    uint16_t news;          /* events of 0106h that it is to hear of */
    uint64_t requests;      /* that were answered */
    uint64_t dropped;       /* packets and messages that were not */
} MctpEndpoint;

void mctp_endpoint_init(MctpEndpoint *ep, uint32_t payload_max,
                        MctpExecute *execute, void *opaque);
void mctp_endpoint_destroy(MctpEndpoint *ep);
/* It has no id, and nothing is under way. */
void mctp_endpoint_reset(MctpEndpoint *ep);

/* There is an answer, what is left of one, or none yet: nothing is taken. */
static inline bool mctp_endpoint_busy(const MctpEndpoint *ep)
{
    return ep->out.at < ep->out.len || ep->waits;
}
/* Takes one packet; true if there is an answer now. */
bool mctp_endpoint_packet(MctpEndpoint *ep, const uint8_t *packet,
                          uint32_t len);
/*
 * A command was put off: no packet is taken, and nobody is told of anything,
 * before it has been answered.  Executes it again; true if there is an answer.
 */
static inline bool mctp_endpoint_waits(const MctpEndpoint *ep)
{
    return ep->waits;
}
bool mctp_endpoint_again(MctpEndpoint *ep);
/* The answer's next packet, as mctp_split_next(); 0 if there is none. */
uint32_t mctp_endpoint_next(MctpEndpoint *ep, uint8_t *packet);

/*
 * The manager is to hear of @what, bits of Event Notification (0106h, CXL r3.1
 * 8.2.9.2.8).  From anywhere, also from within @execute.
 */
void mctp_endpoint_notify(MctpEndpoint *ep, uint16_t what);
/* While there is no answer: true if there is a notification to take away. */
bool mctp_endpoint_announce(MctpEndpoint *ep);

/*
 * Saved state, see hw/common/save.h; both sides have the same payload_max.  Of
 * one whose commands are never put off.
 */
void mctp_endpoint_save(const MctpEndpoint *ep, SaveWriter *w);
void mctp_endpoint_load(MctpEndpoint *ep, SaveReader *r);
/* As mctp_assembly_wrong(). */
const char *mctp_endpoint_wrong(const MctpEndpoint *ep);

#endif /* HW_CXL_CORE_MCTP_ENDPOINT_H */
