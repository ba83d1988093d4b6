/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signal completion; see completion.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/completion.h"
#include "hw/dma/sdxi/wire/tables.h"

/* Software may be busy with the neighbouring bits, but not for ever. */
#define TRIES 64

/*
 * What lies there does not hold still for a compare and swap: a register, or
 * somebody who means harm.  The byte with the flag has nothing else that
 * software may change while descriptors report here.
 */
static SdxiMemResult force_er(const SdxiHost *host, const SdxiSpace *space,
                              uint64_t addr, uint32_t seen)
{
    uint8_t byte = (seen | R_SDXI_CST_FLAGS_ER_MASK) >> 24;

    return sdxi_host_write(host, space, addr + 3, &byte, 1);
}

static SdxiMemResult set_er(const SdxiHost *host, const SdxiSpace *space,
                            uint64_t addr)
{
    uint64_t expected = 0;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t seen = 0;
        SdxiMemResult result = sdxi_host_cmpxchg(
            host, space, addr, 4, expected,
            expected | R_SDXI_CST_FLAGS_ER_MASK, &seen);

        if (result != SDXI_MEM_OK || seen == expected) {
            return result;
        }
        if (FIELD_EX64(seen, SDXI_CST_FLAGS, ER)) {
            return SDXI_MEM_OK;
        }
        expected = seen;
    }
    return force_er(host, space, addr, expected);
}

SdxiOutcome sdxi_completion_signal(const SdxiHost *host,
                                   const SdxiSpace *space, uint64_t csb,
                                   bool er, SdxiFault *fault)
{
    SdxiMemResult result = SDXI_MEM_OK;

    if (er) {
        result = set_er(host, space, csb + SDXI_CST_FLAGS);
    }
    if (result == SDXI_MEM_OK) {
        result = sdxi_host_decrement(host, space, csb + SDXI_CST_SIGNAL);
    }
    return sdxi_fault_memory(fault, SDXI_STEP_DSC_CSB, result);
}
