/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next step of a slot's change, as tables; see slot-change.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/slot-change.h"
#include "hw/cxl/wire/fm.h"

static const CxlSlotStep appears[CXL_SLOT_STATES] = {
    [CXL_SLOT_EMPTY] = CXL_SLOT_FAIL,
    [CXL_SLOT_HIDDEN] = CXL_SLOT_SHOW,
    [CXL_SLOT_SEEN] = CXL_SLOT_FAIL,
    [CXL_SLOT_LET_GO] = CXL_SLOT_FAIL,
};

/* Once the host has been asked */
static const CxlSlotStep goes[CXL_SLOT_STATES] = {
    [CXL_SLOT_EMPTY] = CXL_SLOT_DONE,
    [CXL_SLOT_HIDDEN] = CXL_SLOT_RESET,
    [CXL_SLOT_SEEN] = CXL_SLOT_WAIT,
    [CXL_SLOT_LET_GO] = CXL_SLOT_TAKE,
};

/* Only the managed option is a request to somebody who is there. */
static CxlSlotStep begin_to_go(const CxlSlotChange *change)
{
    if (change->option == CXL_UNBIND_SURPRISE) {
        return CXL_SLOT_TAKE;
    }
    return change->option == CXL_UNBIND_MANAGED && !change->again ?
           CXL_SLOT_ASK_BY_BUTTON : CXL_SLOT_ASK;
}

CxlSlotStep cxl_slot_step(const CxlSlotChange *change, CxlSlotState state)
{
    bool seen = state == CXL_SLOT_SEEN || state == CXL_SLOT_LET_GO;

    switch (change->goal) {
    case CXL_SLOT_APPEARS:
        return appears[state];
    case CXL_SLOT_GOES:
        return seen && !change->asked ? begin_to_go(change) : goes[state];
    default:
        return CXL_SLOT_WAIT;
    }
}
