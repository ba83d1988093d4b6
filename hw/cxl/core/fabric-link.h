/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One host's connection to the pool: its messages become changes of the
 * accounts (core/fabric.h), changes become messages.  Where bytes come from
 * and go to is the owner's business.
 *
 * Nothing is said before it is asked for by cxl_fabric_link_fill(): between a
 * change and that the owner can write down what has changed.  Memory is
 * bounded: what has to be said is kept as sets of blocks, so a slow reader
 * costs no more than what it has; TAKE_BACK goes one at a time.
 */
#ifndef HW_CXL_CORE_FABRIC_LINK_H
#define HW_CXL_CORE_FABRIC_LINK_H

#include "hw/cxl/core/fabric.h"

/* Bytes to be sent from which on nothing more is said until they have left */
#define CXL_FABRIC_LINK_FULL 65536
/* Offers that a host has not answered and was told of */
#define CXL_FABRIC_LINK_OFFERS 64

/* @process: see CxlFabricOps */
void cxl_fabric_link_init(CxlFabricLink *link, CxlFabric *fabric,
                          const uint8_t process[CXL_FABRIC_PROCESS]);
/* The socket has ended; what the host has, it keeps. */
void cxl_fabric_link_destroy(CxlFabricLink *link);

/* A message has come, and @link->over is not set. */
void cxl_fabric_link_take(CxlFabricLink *link, const CxlFabricMessage *m);
/* What came is no message, or comes from nobody who may be here. */
void cxl_fabric_link_refuse(CxlFabricLink *link, CxlFabricCode code,
                            const char *text);
/* The same, and of which virtual bridge; 0: of none. */
void cxl_fabric_link_refuse_vppb(CxlFabricLink *link, unsigned vppb,
                                 CxlFabricCode code, const char *text);
/* Says what there is to say, as far as there is room. */
void cxl_fabric_link_fill(CxlFabricLink *link);

#endif /* HW_CXL_CORE_FABRIC_LINK_H */
