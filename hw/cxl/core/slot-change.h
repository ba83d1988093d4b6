/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with the slot of a virtual bridge until a change of its binding
 * has ended: a device is shown to the host, taken from it, or asked back.
 * PCIe r6.0 6.7, CXL r3.1 7.6.7.2.2, 9.9.
 *
 * Which changes there can be is core/vcs.h, how long one may take
 * core/binding.h; who carries a step out knows the slot's registers.
 */
#ifndef HW_CXL_CORE_SLOT_CHANGE_H
#define HW_CXL_CORE_SLOT_CHANGE_H

typedef enum CxlSlotGoal {
    CXL_SLOT_STAYS,         /* no change is under way */
    CXL_SLOT_APPEARS,
    CXL_SLOT_GOES,
    CXL_SLOT_GOALS
} CxlSlotGoal;

typedef struct CxlSlotChange {
    CxlSlotGoal goal;
    bool asked;             /* the host has been asked to let go */
    bool again;             /* and before that, where the saved state is of */
    uint8_t vppb;
    uint8_t option;         /* of a change that goes: CXL_UNBIND_* */
} CxlSlotChange;

/* What is in the slot now */
typedef enum CxlSlotState {
    CXL_SLOT_EMPTY,
    CXL_SLOT_HIDDEN,        /* a device that the host does not see */
    CXL_SLOT_SEEN,
    CXL_SLOT_LET_GO,        /* seen, but power or link of the slot is off */
    CXL_SLOT_STATES
} CxlSlotState;

typedef enum CxlSlotStep {
    CXL_SLOT_WAIT,          /* nothing, or not yet */
    CXL_SLOT_SHOW,          /* hot-add; then the change has ended */
    CXL_SLOT_ASK,           /* for the device; then .asked is to be set */
    CXL_SLOT_ASK_BY_BUTTON, /* the same, and press the attention button */
    CXL_SLOT_TAKE,          /* surprise removal; then it has ended */
    CXL_SLOT_RESET,         /* the device, which is hidden; then likewise */
    CXL_SLOT_DONE,          /* it has ended */
    CXL_SLOT_FAIL,          /* it cannot be carried out */
    CXL_SLOT_STEPS
} CxlSlotStep;

CxlSlotStep cxl_slot_step(const CxlSlotChange *change, CxlSlotState state);

#endif /* HW_CXL_CORE_SLOT_CHANGE_H */
