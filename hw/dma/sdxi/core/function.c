/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next[state][request] of a function; what it means is in function.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/function.h"

#define STAY(state)  { .next = SDXI_GSV_ ## state }
#define GO(state)    { .next = SDXI_GSV_ ## state }
#define DROP(state)  { .next = SDXI_GSV_ ## state, .drop = true }

/* Columns: RESET, STOP_SF, STOP_HD, ACTIVE */
static const SdxiTransition
next[SDXI_GSV_STATES][SDXI_GSR_REQUESTS] = {
    [SDXI_GSV_STOP] = {
        DROP(STOP), STAY(STOP), STAY(STOP), GO(INIT),
    },
    [SDXI_GSV_INIT] = {
        DROP(STOP), GO(STOPG_SF), GO(STOPG_HD), STAY(INIT),
    },
    [SDXI_GSV_ACTIVE] = {
        DROP(STOP), GO(STOPG_SF), GO(STOPG_HD), STAY(ACTIVE),
    },
    [SDXI_GSV_STOPG_SF] = {
        DROP(STOP), STAY(STOPG_SF), GO(STOPG_HD), STAY(STOPG_SF),
    },
    [SDXI_GSV_STOPG_HD] = {
        DROP(STOP), STAY(STOPG_HD), STAY(STOPG_HD), STAY(STOPG_HD),
    },
    [SDXI_GSV_ERROR] = {
        DROP(STOP), STAY(ERROR), STAY(ERROR), STAY(ERROR),
    },
};

SdxiTransition sdxi_function_next(SdxiGsv state, SdxiRequest request)
{
    assert(state < SDXI_GSV_STATES && request < SDXI_GSR_REQUESTS);
    return next[state][request];
}
