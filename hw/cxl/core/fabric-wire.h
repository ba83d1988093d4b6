/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host and the pool of a fabric say to each other: messages of fixed
 * layout on a Unix stream socket.  The pool is the process cxl-fabricd, a host
 * is a QEMU.  Who has what is decided in core/fabric.h; here are only bytes.
 *
 * All numbers are little-endian.  A message is a header of 16 bytes and
 * @length bytes behind it:
 *   00 magic "CXFB"   04 version   05 type   06 zero u16
 *   08 length u32     0c seq u32
 * The sequence number is the sender's: it counts what it sends.  A RESULT and
 * a PONG carry the number of the message that they answer.  The version is
 * raised with each change of what is said; only the same one is understood.
 *
 * Life of a connection.  The host sends HELLO, and as many HOLDS as it says;
 * the pool answers WELCOME, with the descriptor of the memory beside its first
 * byte (SCM_RIGHTS), or REFUSED, and closes.  A host that attaches again names
 * by HOLDS what it has mapped: what it does not name it has given back, what
 * is not its own by the pool's account it is asked for by TAKE_BACK.  After
 * WELCOME the pool makes the offers that were not answered, and what it has
 * asked for by ASK, again.
 *
 * Who has what.  A host maps capacity after the RESULT of its ANSWER was
 * success, and not before; it has it until the pool has taken its RELEASE or
 * its DONE.  TAKE_BACK may also name what was offered and not answered.  One is
 * under way at a time, and no OFFER is made until it is DONE.  When the socket
 * ends a host keeps its capacity: it may attach again.  When its process ends
 * it has none any more.
 *
 * A list has no more than CXL_FABRIC_EXTENTS extents; one that is longer is
 * sent in parts, all of the same type and number, all but the last with MORE.
 *
 * A host of the switch (core/fabric-switch.h) begins with ENTER instead of
 * HELLO: it has virtual bridges, numbered from 1, and names the logical device
 * that it has mapped below each.  ENTERED comes as WELCOME does, with the
 * memory's descriptor.  BIND and UNBIND have numbers that grow; BELOW says what
 * is mapped below a bridge now, after the command with that number: as the
 * answer to it, or because the machine has let go by itself.  A BELOW with an
 * older number crossed a command, and is of no use.
 *
 * What a logical device is beside its bytes - poison, events, settings - goes
 * with it: a host hands it over by STATE, whenever it has changed and before
 * the BELOW by which it lets go; the next one is GIVEN it before its BIND.  It
 * is sent in parts, one behind the other.  Only hosts know what is in it.
 * Behind that BELOW it says PING: PONG means that all of it is kept.  A host
 * that comes again without having heard that names the logical device as if it
 * had it, and says the same once more.
 *
 * A manager's command for a logical device, or for its registers, goes to the
 * host that has it: RELAY, and REPLY with the same number.  Several may be
 * under way.
 *
 * Each field of a peer is checked here as far as one message can be wrong.
 */
#ifndef HW_CXL_CORE_FABRIC_WIRE_H
#define HW_CXL_CORE_FABRIC_WIRE_H

#include "hw/cxl/wire/uuid.h"

#define CXL_FABRIC_MAGIC    0x42465843u
#define CXL_FABRIC_VERSION  3
#define CXL_FABRIC_HEADER   16
#define CXL_FABRIC_EXTENTS  1024
#define CXL_FABRIC_REGIONS  8
#define CXL_FABRIC_TEXT     240     /* bytes of a refusal's reason */
#define CXL_FABRIC_ANY_HEAD 0xffff
/* Virtual bridges of one host, and what is below one that has nothing */
#define CXL_FABRIC_VPPBS    8
#define CXL_FABRIC_LDS      16
/* Label areas are of whole pages, bytes */
#define CXL_FABRIC_LABELS_UNIT  4096
#define CXL_FABRIC_LABELS_MAX   (1u << 20)
#define CXL_FABRIC_NO_LD    0xff
/* State of a logical device, and a part of it that is not the last; bytes */
#define CXL_FABRIC_STATE_MAX (8u << 20)
#define CXL_FABRIC_PART_MAX  32768u
/* Messages of the CCI that are relayed, with their headers; bytes */
#define CXL_FABRIC_RELAY_MAX (16384u + 12)
/* A list: number u32, flags u32, count u32, zero u32, extents of 40 bytes */
#define CXL_FABRIC_LIST     16
#define CXL_FABRIC_EXTENT   40
#define CXL_FABRIC_PAYLOAD  (CXL_FABRIC_LIST + \
                             CXL_FABRIC_EXTENTS * CXL_FABRIC_EXTENT)

typedef enum CxlFabricType {
    /* From the host */
    CXL_FABRIC_HELLO = 1,   /* who I am, which head I want */
    CXL_FABRIC_HOLDS,       /* list: what I have mapped; before WELCOME only */
    CXL_FABRIC_ANSWER,      /* list: what I take of offer @number; the oldest */
    CXL_FABRIC_RELEASE,     /* list: unmapped, yours again; number is 0 */
    CXL_FABRIC_DONE,        /* list without extents: take-back @number done */
    CXL_FABRIC_PING,        /* nothing behind the header; PONG comes back */
    CXL_FABRIC_ENTER,       /* who I am, which virtual switch I want */
    CXL_FABRIC_BELOW,       /* what I have mapped below a bridge */
    CXL_FABRIC_STATE,       /* part: keep that for the next host */
    CXL_FABRIC_REPLY,       /* relayed: what the logical device answers */
    /* From the pool */
    CXL_FABRIC_WELCOME = 16,
    CXL_FABRIC_REFUSED,     /* and the connection ends */
    CXL_FABRIC_RESULT,      /* of the last part of an ANSWER or a RELEASE */
    CXL_FABRIC_OFFER,       /* list: will you have it?  ANSWER @number */
    CXL_FABRIC_ASK,         /* list: RELEASE it when you can; number is 0 */
    CXL_FABRIC_TAKE_BACK,   /* list: not yours any more; unmap, then DONE */
    CXL_FABRIC_REGION,      /* a region has another setup */
    CXL_FABRIC_PONG,
    CXL_FABRIC_ENTERED,
    CXL_FABRIC_BIND,        /* show that to the machine; BELOW */
    CXL_FABRIC_UNBIND,      /* take it away and unmap it; BELOW */
    CXL_FABRIC_GIVEN,       /* part: begin with that; BIND follows */
    CXL_FABRIC_RELAY,       /* relayed: a command for what is below; REPLY */
} CxlFabricType;

/* Flags of a list */
#define CXL_FABRIC_MORE (1u << 0)   /* another part follows */

/* dpa u64, len u64, tag 16, sequence u16, zero 6; as in 4801h */
typedef struct CxlFabricExtent {
    uint64_t dpa, len;  /* bytes; @len is not 0, nothing wraps */
    CxlUuid tag;        /* all zeroes: none.  From a host: ignored */
    uint16_t sequence;  /* of shared capacity, else 0.  From a host: ignored */
} CxlFabricExtent;

/*
 * Number of an OFFER: offers count from 0 after each WELCOME, and are answered
 * in this order; of a TAKE_BACK: as it comes.  @extents is in the decoder and
 * valid until it takes more bytes.
 */
typedef struct CxlFabricList {
    uint32_t number;
    uint32_t flags;
    uint32_t count;
    const CxlFabricExtent *extents;
} CxlFabricList;

/* id 16, head u16, zero u16, holds u32 */
typedef struct CxlFabricHello {
    CxlUuid id;         /* of the host, the same when it attaches again */
    uint16_t head;      /* or CXL_FABRIC_ANY_HEAD */
    uint32_t holds;     /* extents that follow in HOLDS; 0: no HOLDS */
} CxlFabricHello;

/* base u64, len u64, block_size u64, offset u64, flags u32, zero u32 */
typedef struct CxlFabricRegion {
    uint64_t base, len; /* device physical address, bytes */
    uint64_t block_size; /* a power of two, at least 64 */
    uint64_t offset;    /* of @base in the memory's descriptor */
    uint32_t flags;     /* CXL_DC_REGION_* */
} CxlFabricRegion;

/*
 * size u64, max_extents u32, max_tags u32, head u16, regions u16, zero u32,
 * and the regions
 */
typedef struct CxlFabricWelcome {
    uint64_t size;      /* bytes of the memory's descriptor */
    uint32_t max_extents, max_tags;
    uint16_t head;      /* which one it is now; number in 56xxh commands */
    uint16_t regions;
    CxlFabricRegion region[CXL_FABRIC_REGIONS];
} CxlFabricWelcome;

typedef enum CxlFabricCode {
    CXL_FABRIC_BAD_VERSION = 1, /* the pool speaks CXL_FABRIC_VERSION */
    CXL_FABRIC_NO_HEAD,     /* no such head, or all of them are taken */
    CXL_FABRIC_HEAD_TAKEN,  /* by another host, whose process lives */
    CXL_FABRIC_ATTACHED,    /* this host has a connection already */
    CXL_FABRIC_NOT_UNDERSTOOD, /* what came is no message, or has no place */
    CXL_FABRIC_NOT_NOW,     /* the pool cannot write its journal; try again */
} CxlFabricCode;

/* code u16, vppb u16, text: UTF-8 without control characters, for people */
typedef struct CxlFabricRefusal {
    uint16_t code;
    char text[CXL_FABRIC_TEXT + 1];
    uint16_t vppb;      /* what is wrong is about it; 0: about none of them */
} CxlFabricRefusal;

/* rc u16, zero u16 */
typedef struct CxlFabricResult {
    uint16_t rc;        /* a CxlRc; if it is not 0 nothing has changed */
} CxlFabricResult;

/* index u32, zero u32, and the region */
typedef struct CxlFabricUpdate {
    uint32_t index;
    CxlFabricRegion region;
} CxlFabricUpdate;

/* id 16, vcs u16, vppbs u16, an LD or CXL_FABRIC_NO_LD for each of 8 */
typedef struct CxlFabricEnter {
    CxlUuid id;         /* of the host, the same when it comes again */
    uint16_t vcs;       /* or CXL_FABRIC_ANY_HEAD */
    uint16_t vppbs;     /* 1 to CXL_FABRIC_VPPBS; below all others is none */
    uint8_t below[CXL_FABRIC_VPPBS]; /* of vPPB 1, 2, ... */
} CxlFabricEnter;

/* number u32, vppb u16, ld u16 */
typedef struct CxlFabricBelow {
    uint32_t number;    /* of the last command about this vPPB; none: 0 */
    uint16_t vppb;      /* 1 to CXL_FABRIC_VPPBS */
    uint16_t ld;        /* or CXL_FABRIC_NO_LD */
} CxlFabricBelow;

/* size u64, vcs u16, zero 6 */
typedef struct CxlFabricEntered {
    uint64_t size;      /* bytes of the memory's descriptor */
    uint16_t vcs;       /* which one it is now; number in 52xxh commands */
} CxlFabricEntered;

#define CXL_FABRIC_PERSISTENT (1u << 0) /* flag of a BIND */

/*
 * number u32, vppb u16, ld u16, offset u64, len u64, labels_offset u64,
 * labels u64, serial u64, flags u32, zero u32
 */
typedef struct CxlFabricBind {
    uint32_t number;
    uint16_t vppb, ld;
    uint64_t offset, len;               /* of its memory, bytes */
    uint64_t labels_offset, labels;     /* of its label area; may be empty */
    uint64_t serial;
    uint32_t flags;
} CxlFabricBind;

/* number u32, vppb u16, option u16 */
typedef struct CxlFabricUnbind {
    uint32_t number;
    uint16_t vppb;
    uint16_t option;    /* CXL_UNBIND_MANAGED or CXL_UNBIND_SURPRISE */
} CxlFabricUnbind;

/* vppb u16, ld u16, total u32, at u32, zero u32, and bytes */
typedef struct CxlFabricPart {
    uint16_t vppb, ld;
    uint32_t total;     /* bytes of the state; 0: nothing is known any more */
    uint32_t at;        /* of the first byte; 0 begins a state */
    uint32_t len;       /* CXL_FABRIC_PART_MAX, or what is left of it */
    const uint8_t *bytes; /* in the decoder, valid until it takes more */
} CxlFabricPart;

/* What a RELAY is for: a command for its interface; 5301h or 5302h */
#define CXL_FABRIC_FOR_DEVICE       0
#define CXL_FABRIC_FOR_REGISTERS    1

/*
 * number u32, vppb u16, kind u16; in a RELAY room u32, zero u32; and the
 * message (core/message.h)
 */
typedef struct CxlFabricRelayed {
    uint32_t number;    /* the pool's: it counts commands of all managers */
    uint16_t vppb;
    uint16_t kind;      /* CXL_FABRIC_FOR_*; of a REPLY 0 */
    uint32_t room;      /* bytes that a REPLY's message may have, with header */
    uint32_t len;       /* of a REPLY 0: nobody answers */
    const uint8_t *bytes; /* in the decoder, valid until it takes more */
} CxlFabricRelayed;

typedef struct CxlFabricMessage {
    uint8_t type;       /* CxlFabricType, says which member is meant */
    uint32_t seq;
    union {
        CxlFabricHello hello;
        CxlFabricList list;
        CxlFabricWelcome welcome;
        CxlFabricRefusal refusal;
        CxlFabricResult result;
        CxlFabricUpdate update;
        CxlFabricEnter enter;
        CxlFabricBelow below;
        CxlFabricEntered entered;
        CxlFabricBind bind;
        CxlFabricUnbind unbind;
        CxlFabricPart part;
        CxlFabricRelayed relayed;
    };
} CxlFabricMessage;

/*
 * Appends the message.  What is not allowed in one is a mistake of ours: more
 * than CXL_FABRIC_EXTENTS extents, for one.  A refusal's text is cut to size.
 */
void cxl_fabric_put(GByteArray *out, const CxlFabricMessage *m);

/*
 * A stream that is read message by message: no byte behind a message is asked
 * for before it has been looked at, so a descriptor that comes beside bytes
 * belongs to the message that those bytes begin.
 */
typedef struct CxlFabricStream {
    bool from_host;     /* which messages may come */
    uint32_t len;       /* bytes in @bytes */
    uint8_t bytes[CXL_FABRIC_HEADER + CXL_FABRIC_PAYLOAD];
    CxlFabricExtent extents[CXL_FABRIC_EXTENTS];
} CxlFabricStream;

typedef enum CxlFabricVerdict {
    CXL_FABRIC_WANTS_MORE,
    CXL_FABRIC_WHOLE,   /* a message is there */
    CXL_FABRIC_BAD,     /* the stream is of no use any more */
} CxlFabricVerdict;

void cxl_fabric_stream_init(CxlFabricStream *s, bool from_host);
/* Where the next bytes go, and at most how many; never none. */
uint8_t *cxl_fabric_stream_room(CxlFabricStream *s, uint32_t *max);
/*
 * So many bytes, at most what cxl_fabric_stream_room() said, are there.
 * BAD: *@why is a constant sentence.
 */
CxlFabricVerdict cxl_fabric_stream_arrived(CxlFabricStream *s, uint32_t n,
                                           CxlFabricMessage *m,
                                           const char **why);
/* The version of what was found BAD; for CXL_FABRIC_BAD_VERSION. */
uint8_t cxl_fabric_stream_version(const CxlFabricStream *s);

#endif /* HW_CXL_CORE_FABRIC_WIRE_H */
