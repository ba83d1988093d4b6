/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MCTP as CXL components speak it: packets and control messages, DSP0236
 * 1.3.1 8.1 and 11; on a stream of bytes, DSP0253 1.0.0 5; on USB, DSP0283
 * 1.0.1; CCI messages in them, DSP0234 1.0.0 and DSP0281 1.0.0, whose layout
 * is wire/fm.h's.
 */
#ifndef HW_CXL_WIRE_MCTP_H
#define HW_CXL_WIRE_MCTP_H

/* A packet, DSP0236 1.3.1 8.1 */
typedef struct QEMU_PACKED MctpHeader {
    uint8_t version;    /* [3:0]; [7:4] reserved */
    uint8_t dest;       /* endpoint ids */
    uint8_t source;
    uint8_t flags;      /* MCTP_SOM, MCTP_EOM, [5:4] sequence, tag */
} MctpHeader;
QEMU_BUILD_BUG_ON(sizeof(MctpHeader) != 4);
#define MCTP_VERSION        1
#define MCTP_VERSION_MASK   0x0f
#define MCTP_SOM            (1u << 7)
#define MCTP_EOM            (1u << 6)
#define MCTP_SEQ_SHIFT      4
#define MCTP_SEQ_MASK       3u
/* The owner of the tag, which is who asks, and the tag */
#define MCTP_TAG_OWNER      (1u << 3)
#define MCTP_TAG_MASK       0x0fu
#define MCTP_TAGS           8

/* Endpoint ids, DSP0236 1.3.1 8.2 */
#define MCTP_EID_NULL       0
#define MCTP_EID_FIRST      8
#define MCTP_EID_BROADCAST  0xff

/* What every endpoint takes in one packet, bytes; DSP0236 1.3.1 8.3 */
#define MCTP_UNIT           64

/* First byte of a message, DSP0236 1.3.1 8.1; [7] integrity check */
#define MCTP_TYPE_CHECKED   (1u << 7)
enum {
    MCTP_TYPE_CONTROL = 0x00,
    MCTP_TYPE_FM_API = 0x07,    /* DSP0234 1.0.0 */
    MCTP_TYPE_CCI = 0x08,       /* DSP0281 1.0.0 */
};

/* Control messages, DSP0236 1.3.1 11.1 */
typedef struct QEMU_PACKED MctpControl {
    uint8_t type;
    uint8_t instance;   /* MCTP_CONTROL_REQUEST, datagram, [4:0] instance */
    uint8_t command;
} MctpControl;
QEMU_BUILD_BUG_ON(sizeof(MctpControl) != 3);
#define MCTP_CONTROL_REQUEST    (1u << 7)
#define MCTP_CONTROL_DATAGRAM   (1u << 6)
#define MCTP_CONTROL_INSTANCE   0x1f

/* Their commands, DSP0236 1.3.1 12 */
enum {
    MCTP_SET_EID = 1, MCTP_GET_EID = 2, MCTP_GET_VERSIONS = 4,
    MCTP_GET_TYPES = 5,
};

/* and what is answered first, DSP0236 1.3.1 12.2 */
enum {
    MCTP_DONE = 0, MCTP_ERROR = 1, MCTP_BAD_DATA = 2, MCTP_BAD_LENGTH = 3,
    MCTP_NO_COMMAND = 5, MCTP_NO_TYPE = 0x80,
};

/* Set Endpoint ID, DSP0236 1.3.1 12.3: [1:0] of the first byte */
enum { MCTP_EID_SET, MCTP_EID_FORCE, MCTP_EID_RESET, MCTP_EID_DISCOVERED };

/* Get MCTP Version Support, DSP0236 1.3.1 12.6: which specification */
#define MCTP_BASE           0xff

/*
 * A frame on a stream of bytes, DSP0253 1.0.0 5.2: flag, revision, length of
 * the packet, packet, check sequence with its high byte first, flag.  Flags
 * and escapes within the packet are escaped.
 */
#define MCTP_FRAME_FLAG     0x7e
#define MCTP_FRAME_ESCAPE   0x7d
#define MCTP_FRAME_FLIP     0x20
#define MCTP_FRAME_REVISION 1
#define MCTP_PACKET_MAX     255

/* Before each packet of a USB bulk transfer, DSP0283 1.0.1 8.1 */
typedef struct QEMU_PACKED MctpUsbHeader {
    uint16_t id;        /* MCTP_USB_ID, big-endian */
    uint8_t reserved;
    uint8_t len;        /* bytes, with this header */
} MctpUsbHeader;
QEMU_BUILD_BUG_ON(sizeof(MctpUsbHeader) != 4);
#define MCTP_USB_ID             0x1ab4
#define MCTP_USB_TRANSFER_MAX   512
/* An MCTP packet in there */
#define MCTP_USB_PACKET_MAX     (255 - (uint32_t)sizeof(MctpUsbHeader))
/* The interface, DSP0283 1.0.1 7: management component, MCTP 1 */
#define MCTP_USB_CLASS          0x14
#define MCTP_USB_SUBCLASS       0x00
#define MCTP_USB_PROTOCOL       0x01

#endif /* HW_CXL_WIRE_MCTP_H */
