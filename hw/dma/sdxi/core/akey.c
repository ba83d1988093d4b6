/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Look keys up: bounds, validity, local or remote, PASID; see akey.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/akey.h"
#include "hw/dma/sdxi/core/rkey.h"
#include "hw/dma/sdxi/wire/tables.h"

static SdxiOutcome look_up(const SdxiRequester *who, uint16_t index,
                           unsigned operand, SdxiKey *key, SdxiFault *fault)
{
    uint64_t q[SDXI_KEY_BYTES / 8] = { 0 };
    uint64_t addr = who->geo->akeys + (uint64_t)index * SDXI_KEY_BYTES;
    SdxiMemResult result;

    if (index >= who->geo->akey_entries) {
        return sdxi_fault_operand(fault, SDXI_STEP_DSC_AKEY,
                                  SDXI_SUB_VALIDATION, operand);
    }
    if (addr < who->geo->akeys) {
        result = SDXI_MEM_ACCESS;
    } else {
        result = sdxi_host_read_quads(who->host, who->tables, addr, q,
                                      ARRAY_SIZE(q));
    }
    if (result == SDXI_MEM_AGAIN) {
        return SDXI_WAIT_MEMORY;
    }
    if (result != SDXI_MEM_OK) {
        return sdxi_fault_operand(fault, SDXI_STEP_DSC_AKEY,
                                  sdxi_fault_sub(result), operand);
    }
    if (!sdxi_key_split(q, key)) {
        return sdxi_fault_operand(fault, SDXI_STEP_DSC_AKEY,
                                  SDXI_SUB_VALIDATION, operand);
    }
    return SDXI_DONE;
}

static bool is_local(const SdxiRequester *who, const SdxiKey *key)
{
    return !key->sfunc || key->sfunc == who->peer->sfunc;
}

SdxiOutcome sdxi_akey_space(const SdxiRequester *who, uint16_t index,
                            unsigned operand, SdxiSpace *space,
                            SdxiFault *fault)
{
    SdxiKey key;
    SdxiOutcome outcome = look_up(who, index, operand, &key, fault);

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    if (!is_local(who, &key)) {
        return sdxi_rkey_space(who, &key, operand, space, fault);
    }
    *space = who->geo->space;
    if (key.pv) {
        space->pasid_valid = true;
        space->pasid = key.pasid;
    }
    return SDXI_DONE;
}

SdxiOutcome sdxi_akey_vector(const SdxiRequester *who, uint16_t index,
                             SdxiVector *vector, SdxiFault *fault)
{
    SdxiKey key;
    SdxiOutcome outcome = look_up(who, index, 0, &key, fault);

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    if (!is_local(who, &key)) {
        return sdxi_rkey_vector(who, &key, vector, fault);
    }
    if (!key.iv) {
        return sdxi_fault_operand(fault, SDXI_STEP_DSC_AKEY,
                                  SDXI_SUB_VALIDATION, 0);
    }
    *vector = (SdxiVector) { .number = key.vector };
    return SDXI_DONE;
}
