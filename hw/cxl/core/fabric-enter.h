/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hosts of a switch say: how one gets a virtual switch
 * (core/fabric-switch.h), for the first time or again, and what is below its
 * bridges, which is compared with what it was lent.
 */
#ifndef HW_CXL_CORE_FABRIC_ENTER_H
#define HW_CXL_CORE_FABRIC_ENTER_H

#include "hw/cxl/core/fabric-switch.h"

/*
 * A message of a host that has not said HELLO.  As cxl_fabric_link_take(): the
 * link may be over then.
 */
void cxl_fabric_switch_take(CxlFabricSwitch *s, CxlFabricLink *link,
                            const CxlFabricMessage *m);

#endif /* HW_CXL_CORE_FABRIC_ENTER_H */
