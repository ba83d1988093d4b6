/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unordered I/O (UIO) from one device below a switch to the memory of another:
 * what becomes of a request whose address a decoder of the switch knows.  CXL
 * r3.1 9.16 and 8.2.4.20.  Whether functions and ports take part in UIO is
 * hw/common/uio.h, where they are in the machine hw/cxl/port/uio.c.
 *
 * @regs as in bridge-decoders.h.
 */
#ifndef HW_CXL_CORE_UIO_ROUTE_H
#define HW_CXL_CORE_UIO_ROUTE_H

#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/interleave.h"

/* A decoder of a switch that UIO is matched with */
typedef struct CxlUioDecoder {
    uint64_t base, size;        /* host physical address, bytes */
    unsigned ways;              /* below the switch */
    uint8_t target[CXL_HDM_TARGET_MAX]; /* port numbers */
    bool shared;                /* others than the switch are in the set */
} CxlUioDecoder;

/* What is the case at one of the targets */
typedef struct CxlUioTarget {
    bool completer;             /* the device takes UIO */
    bool channel;               /* its link has a channel, at both ends */
    bool decoder;               /* one of the device's takes UIO in its turn */
} CxlUioTarget;

/* What becomes of a request, and why */
typedef enum CxlUioFate {
    CXL_UIO_DIRECT,             /* it goes to the other device */
    CXL_UIO_BY_HOST,            /* maybe to one elsewhere: up to the host */
    CXL_UIO_GATE,               /* aborted: UIO to HDM is not enabled */
    CXL_UIO_NO_CHANNEL,         /* a link on the way has no channel for it */
    CXL_UIO_NO_COMPLETER,       /* a device that does not take it */
    CXL_UIO_NO_DECODER,         /* a device none of whose decoders takes it */
    CXL_UIO_FATES
} CxlUioFate;

/* Decoders of a bridge can take UIO; that of the switch too, from now on. */
void cxl_uio_bridge_init(uint8_t *regs, uint32_t *ctrl_mask);
/* Decoder @n, if it is committed and takes UIO. */
bool cxl_uio_bridge_decoder(const uint8_t *regs, unsigned n,
                            CxlUioDecoder *out);
/*
 * Has the device, in its turn @position of @ways, a decoder that takes UIO at
 * all of these addresses?
 */
bool cxl_uio_device_takes(const CxlHdm *hdm, const CxlUioDecoder *d,
                          unsigned position);

/*
 * Of a request that has come to the switch, with or without a channel on the
 * link to it, by a port whose gate is open or not.  One target for all: if one
 * does not take it none gets any.
 */
CxlUioFate cxl_uio_fate(const CxlUioDecoder *d, bool channel, bool gate,
                        const CxlUioTarget *target);
static inline bool cxl_uio_is_refused(CxlUioFate fate)
{
    return fate > CXL_UIO_BY_HOST;
}
/* For people: why it is refused. */
const char *cxl_uio_fate_text(CxlUioFate fate);

#endif /* HW_CXL_CORE_UIO_ROUTE_H */
