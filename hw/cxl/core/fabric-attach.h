/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a host gets a head of the pool, for the first time or again: what it
 * says that it has is compared with the accounts (core/fabric.h).  The messages
 * are in core/fabric-wire.h.
 */
#ifndef HW_CXL_CORE_FABRIC_ATTACH_H
#define HW_CXL_CORE_FABRIC_ATTACH_H

#include "hw/cxl/core/fabric.h"

/*
 * A message of a host that is not attached.  True: it is now, and is to be
 * told; false: more has to come or, with a code, it is refused.
 */
bool cxl_fabric_attach(CxlFabricLink *link, const CxlFabricMessage *m,
                       CxlFabricRefusal *refusal);

/*
 * The head is this host's from now on, and what it holds, pieces in regions, is
 * compared; nobody is attached to it yet.  NULL, or a constant sentence about
 * why not, and nothing has changed.
 */
const char *cxl_fabric_take_head(CxlFabric *fabric, CxlFabricHost *host,
                                 const CxlUuid *id,
                                 const uint8_t process[CXL_FABRIC_PROCESS],
                                 const ExtentSet *holds);

#endif /* HW_CXL_CORE_FABRIC_ATTACH_H */
