/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MCTP packets in USB bulk transfers, DSP0283 1.0.1: both directions of one
 * function.  Who takes packets and has some for the host is told apart by
 * functions: an endpoint (core/mctp-function.h) or a stream to one that is
 * elsewhere (core/mctp-pipe.h).  The bus itself: hw/cxl/fm/usb.c.
 *
 * One transfer is looked at before the next is taken, and only as far as who
 * takes its packets is ready for them; so memory is bounded.  Bytes that are no
 * packet end what is looked at of their transfer and are counted.
 *
 * The bus only puts bytes down and takes some away.  A command in them may
 * reset or remove the host controller that brought it, so they are looked at
 * later, by mctp_usb_go_on(), when nothing of the bus is on the stack.
 */
#ifndef HW_CXL_CORE_MCTP_USB_H
#define HW_CXL_CORE_MCTP_USB_H

#include "hw/common/save.h"
#include "hw/cxl/wire/mctp.h"

typedef struct MctpUsbBehind {
    /* May a packet be given to it now? */
    bool (*ready)(void *opaque);
    /*
     * One packet, with its header; only if it is ready.  From within,
     * mctp_usb_reset() may be called: no more is looked at.
     */
    void (*take)(void *opaque, const uint8_t *packet, uint32_t len);
    /*
     * The next packet for the host, of at most MCTP_USB_PACKET_MAX bytes;
     * @packet has room for MCTP_PACKET_MAX.  Its length, or 0: there is none.
     */
    uint32_t (*next)(void *opaque, uint8_t *packet);
} MctpUsbBehind;

typedef struct MctpUsb {
    const MctpUsbBehind *behind;
    void *opaque;
    uint32_t in_len, in_at;     /* of the transfer from the host */
    uint32_t out_len, out_at;   /* of the one to the host */
    uint32_t held;              /* bytes of a packet that was too long for it */
    uint64_t packets;           /* from the host */
    uint64_t dropped;           /* transfers, or parts of them */
    uint8_t in[MCTP_USB_TRANSFER_MAX];
    uint8_t out[MCTP_USB_TRANSFER_MAX];
    uint8_t packet[MCTP_PACKET_MAX];
} MctpUsb;

void mctp_usb_init(MctpUsb *u, const MctpUsbBehind *behind, void *opaque);
/* Nothing is under way any more. */
void mctp_usb_reset(MctpUsb *u);

/*
 * Looks at what has arrived as far as may be, and makes ready what there is
 * for the host.  Due after each transfer in either direction, and whenever who
 * takes packets has become ready or has some.
 */
void mctp_usb_go_on(MctpUsb *u);

/* All of the last transfer has been looked at: another one can be taken. */
bool mctp_usb_may_write(const MctpUsb *u);
/* A transfer from the host, when it can be taken.  False: it is too long. */
bool mctp_usb_write(MctpUsb *u, const uint8_t *bytes, uint32_t len);

/* There is a transfer for the host; nothing that has arrived is looked at. */
bool mctp_usb_may_read(MctpUsb *u);
/* As much of it as the host has room for; 0: there is none. */
uint32_t mctp_usb_read(MctpUsb *u, uint8_t *bytes, uint32_t max);

/* Saved state, see hw/common/save.h. */
void mctp_usb_save(const MctpUsb *u, SaveWriter *w);
void mctp_usb_load(MctpUsb *u, SaveReader *r);
const char *mctp_usb_wrong(const MctpUsb *u);

#endif /* HW_CXL_CORE_MCTP_USB_H */
