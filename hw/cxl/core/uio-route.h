/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unordered I/O (UIO) from one device to the memory of another: what becomes of
 * a request whose address a decoder of a switch or host bridge above it knows.
 * CXL r3.1 9.16 and 8.2.4.20.  Whether functions and ports take part in UIO is
 * hw/common/uio.h, where they are in the machine hw/cxl/switch/uio.c.
 *
 * @regs as in bridge-decoders.h.
 */
#ifndef HW_CXL_CORE_UIO_ROUTE_H
#define HW_CXL_CORE_UIO_ROUTE_H

#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/interleave.h"

/* A decoder of a bridge that UIO is matched with */
typedef struct CxlUioDecoder {
    uint64_t base, size;        /* host physical address, bytes */
    unsigned ig, iw;            /* codes, see interleave.h */
    unsigned ways;              /* below the bridge */
    uint8_t target[CXL_HDM_TARGET_MAX]; /* port numbers */
    bool shared;                /* others than the bridge are in the set */
} CxlUioDecoder;

/* What is below a port of a bridge; all zero: nothing that takes UIO */
typedef struct CxlUioPlace {
    const uint8_t *regs;        /* decoders of a switch, or NULL */
    void *bridge;               /* that switch */
    const CxlHdm *hdm;          /* decoders of a device, or NULL */
    bool completer;             /* the device takes UIO */
    bool channel;               /* the link has a channel, at both ends */
} CxlUioPlace;

/* What becomes of a request, and why */
typedef enum CxlUioFate {
    CXL_UIO_DIRECT,             /* it goes to the other device */
    CXL_UIO_BY_HOST,            /* maybe to one elsewhere: up to the host */
    CXL_UIO_GATE,               /* aborted: UIO to HDM is not enabled */
    CXL_UIO_NO_CHANNEL,         /* a link on the way has no channel for it */
    CXL_UIO_NO_COMPLETER,       /* a device that does not take it */
    CXL_UIO_NO_DECODER,         /* a switch or device that does not know it */
    CXL_UIO_FATES
} CxlUioFate;

typedef struct CxlUioOps {
    /* What is below port number @port of @bridge?  @place is all zero. */
    void (*look)(void *opaque, void *bridge, uint8_t port, CxlUioPlace *place);
    /* What becomes of requests to these addresses; each is told once. */
    void (*tell)(void *opaque, uint64_t base, uint64_t size, CxlUioFate fate);
    void *opaque;
} CxlUioOps;

/* One requester's way up; the bridges above it come in their order. */
typedef struct CxlUioWay {
    const CxlUioOps *ops;
    GArray *told;               /* ranges; NULL: none yet */
} CxlUioWay;

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
 * What becomes of a request that has come to @bridge, with or without a channel
 * on every link to it, by a port whose gate is open or not.  One target for
 * all: if one does not take it none gets any.
 */
CxlUioFate cxl_uio_fate(const CxlUioOps *ops, const CxlUioDecoder *d,
                        void *bridge, bool channel, bool gate);
static inline bool cxl_uio_is_refused(CxlUioFate fate)
{
    return fate > CXL_UIO_BY_HOST;
}
/* For people: why it is refused. */
const char *cxl_uio_fate_text(CxlUioFate fate);

/*
 * The next bridge on the way up.  What one has decided of is not asked of those
 * above it.
 */
void cxl_uio_way_bridge(CxlUioWay *way, const uint8_t *regs, void *bridge,
                        bool channel, bool gate);
void cxl_uio_way_end(CxlUioWay *way);

#endif /* HW_CXL_CORE_UIO_ROUTE_H */
