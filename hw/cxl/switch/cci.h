/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch behind a "cxl-switch-mailbox-cci", for objects that are further
 * ways into it.  Private to the glue floor.
 */
#ifndef HW_CXL_SWITCH_CCI_H
#define HW_CXL_SWITCH_CCI_H

#include "qom/object.h"
#include "hw/cxl/core/switch.h"

#define TYPE_CXL_SWITCH_CCI     "cxl-switch-mailbox-cci"

/*
 * The switch of an object of that type, NULL before it is realized.  It stays
 * as long as the object does: who opens a door (cxl_switch_open()) holds a
 * reference to the object until it has closed it.
 */
CxlSwitch *cxl_switch_of(Object *obj);

#endif
