/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MCTP messages in packets: taking them apart, and putting together what
 * arrives.  DSP0236 1.3.1 8.  What is in a message is the business of
 * core/mctp-endpoint.h, how packets lie in a stream of core/mctp-serial.h.
 *
 * A packet that is not understood or out of order is dropped, as 8.9 asks;
 * so is the message that it would have been part of.  A message may be longer
 * than who puts it together has room for: its first bytes are kept and its
 * length counted, so that it can be refused by name.
 */
#ifndef HW_CXL_CORE_MCTP_H
#define HW_CXL_CORE_MCTP_H

#include "hw/common/save.h"
#include "hw/cxl/wire/mctp.h"

/* Messages that arrive at the same time, packets of them in turn */
#define MCTP_SLOTS 4

/* What became of a packet */
typedef enum MctpVerdict {
    MCTP_TAKEN,         /* it is a part of a message, more will follow */
    MCTP_COMPLETE,      /* a message has its last part */
    MCTP_SHORT,         /* no header, or nothing behind it */
    MCTP_OTHER_VERSION,
    MCTP_NO_START,      /* a middle without a beginning */
    MCTP_OUT_OF_ORDER,  /* sequence number; the message is dropped */
    MCTP_UNEVEN,        /* not as long as the first; likewise */
} MctpVerdict;

typedef struct MctpSlot {
    bool busy;
    uint8_t source;     /* endpoint id */
    uint8_t tag;        /* with MCTP_TAG_OWNER */
    uint8_t seq;        /* that of the next packet */
    uint32_t unit;      /* bytes in the first packet */
    uint32_t len;       /* bytes so far, also of what was not kept */
    uint32_t room;      /* bytes at @body */
    uint64_t turn;      /* when it began; the oldest gives way */
    uint8_t *body;
} MctpSlot;

typedef struct MctpAssembly {
    uint32_t max;       /* bytes of a message that are kept */
    uint64_t turns;
    MctpSlot slots[MCTP_SLOTS];
} MctpAssembly;

/* Valid until the next packet. */
typedef struct MctpMessage {
    uint8_t dest, source, tag;
    const uint8_t *body; /* the message type first */
    uint32_t len;       /* bytes that there were; @body has at most max */
} MctpMessage;

/* Of each message, @max bytes at most are kept. */
void mctp_assembly_init(MctpAssembly *a, uint32_t max);
void mctp_assembly_destroy(MctpAssembly *a);
/* @out is set if the packet completes a message. */
MctpVerdict mctp_assembly_packet(MctpAssembly *a, const uint8_t *packet,
                                 uint32_t len, MctpMessage *out);
/* No message has begun. */
void mctp_assembly_reset(MctpAssembly *a);
/* NULL, or which invariant does not hold. */
const char *mctp_assembly_wrong(const MctpAssembly *a);

/* Saved state, see hw/common/save.h; both sides keep as many bytes. */
void mctp_assembly_save(const MctpAssembly *a, SaveWriter *w);
void mctp_assembly_load(MctpAssembly *a, SaveReader *r);

/* A message on its way out; @body is its owner's, who keeps it. */
typedef struct MctpSplit {
    const uint8_t *body;
    uint32_t len;       /* at least 1 */
    uint32_t at;
    uint8_t dest, source, tag;
    uint8_t seq;
} MctpSplit;

/*
 * The next packet of at most MCTP_UNIT bytes behind its header.  @packet has
 * room for MCTP_PACKET_MAX; returns its length, 0 after the last.
 */
uint32_t mctp_split_next(MctpSplit *s, uint8_t *packet);

#endif /* HW_CXL_CORE_MCTP_H */
