/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoders of host bridges and upstream ports, whose registers somebody
 * else keeps: what they route, and what becomes of a write.  CXL r3.1
 * 8.2.4.20.  Those of devices are core/hdm.h.
 *
 * @regs are the CXL_HDM_LEN(CXL_HDM_DEVICE_MAX) bytes of the structure, each
 * register little endian.
 */
#ifndef HW_CXL_CORE_BRIDGE_DECODERS_H
#define HW_CXL_CORE_BRIDGE_DECODERS_H

#include "hw/cxl/core/route.h"

/* How many there are; none of a bridge with more than are among @regs. */
unsigned cxl_bridge_decoders_count(const uint8_t *regs);
/* Decoder @n as it is, committed or not; returns its control register. */
uint32_t cxl_bridge_decoder(const uint8_t *regs, unsigned n,
                            CxlRouteDecoder *d);
/* Add to @bridge what is committed. */
void cxl_bridge_decoders_route(const uint8_t *regs, CxlRouteNode *bridge);
typedef enum CxlBridgeWrite {
    CXL_BRIDGE_WRITTEN,
    CXL_BRIDGE_LOCKED,      /* ignored: of a decoder that is locked */
    CXL_BRIDGE_OTHER,       /* it is none of these registers */
} CxlBridgeWrite;

/*
 * A write of the register at @offset, a multiple of 4.  Commit and release
 * succeed at once.
 */
CxlBridgeWrite cxl_bridge_decoders_write(uint8_t *regs, uint64_t offset,
                                         uint32_t value);

#endif /* HW_CXL_CORE_BRIDGE_DECODERS_H */
