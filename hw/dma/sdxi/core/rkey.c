/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ask the target's RKey table; see rkey.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/rkey.h"
#include "hw/dma/sdxi/wire/mmio.h"
#include "hw/dma/sdxi/wire/tables.h"

/* An entry, and the space that its table is in: of whose it is. */
typedef struct Grant {
    SdxiSpace table;
    SdxiKey rkey;
} Grant;

static SdxiOutcome refuse(SdxiFault *fault, SdxiErrSub sub, unsigned operand)
{
    return sdxi_fault_operand(fault, SDXI_STEP_FN_RKEY, sub, operand);
}

static bool same_group(const SdxiPeer *a, const SdxiPeer *b)
{
    return FIELD_EX64(qatomic_read(&a->ctl0), SDXI_CTL0, GRP_ID) ==
           FIELD_EX64(qatomic_read(&b->ctl0), SDXI_CTL0, GRP_ID);
}

/* The function-level space of the target, before anything of it is judged. */
static SdxiSpace table_space(const SdxiPeer *target)
{
    uint32_t withdrawn = qatomic_load_acquire(&target->withdrawn);
    uint64_t ctl0 = qatomic_read(&target->ctl0);

    return (SdxiSpace) {
        .target = target,
        .pasid_valid = FIELD_EX64(ctl0, SDXI_CTL0, PASID_VL),
        .pasid = FIELD_EX64(ctl0, SDXI_CTL0, PASID),
        .withdrawn = withdrawn,
    };
}

/* Of the table that is as large as @rkey says */
static uint64_t table_entries(const SdxiPeer *target, uint64_t rkey)
{
    unsigned sz = FIELD_EX64(rkey, SDXI_RKEY, SZ);
    uint64_t entries = target->rkey_pages ? MAX(sz, 1) * SDXI_KEYS_MIN
                                          : (uint64_t)SDXI_KEYS_MIN << sz;

    return MIN(entries, target->max_rkeys);
}

/* False: the target does not let anybody in through @index. */
static bool entry_address(const SdxiPeer *target, uint16_t index,
                          uint64_t *addr)
{
    uint64_t rkey = qatomic_read(&target->rkey);
    uint64_t table = rkey & R_SDXI_RKEY_PTR_MASK;

    *addr = table + (uint64_t)index * SDXI_KEY_BYTES;
    return FIELD_EX64(rkey, SDXI_RKEY, EN) &&
           index < table_entries(target, rkey) && *addr >= table;
}

/* Whose memory it is; interrupts are nobody's. */
static bool same_process(const SdxiKey *akey, const SdxiKey *rkey)
{
    return akey->pv == rkey->pv && (!akey->pv || akey->pasid == rkey->pasid);
}

/* False: @target lends nothing to @who through @akey, whatever its entry. */
static bool lends(const SdxiRequester *who, const SdxiPeer *target,
                  const SdxiKey *akey, uint64_t *addr)
{
    return qatomic_read(&target->active) && same_group(who->peer, target) &&
           entry_address(target, akey->rkey, addr);
}

static SdxiOutcome look_up(const SdxiRequester *who, const SdxiKey *akey,
                           unsigned operand, Grant *grant, SdxiFault *fault)
{
    const SdxiHost *host = who->host;
    const SdxiPeer *target = host->ops->peer(host->opaque, akey->sfunc);
    uint64_t q[SDXI_KEY_BYTES / 8] = { 0 };
    uint64_t addr;
    SdxiMemResult result;

    if (target) {
        grant->table = table_space(target);
    }
    if (!target || !lends(who, target, akey, &addr)) {
        return refuse(fault, SDXI_SUB_VALIDATION, operand);
    }
    result = sdxi_host_read_quads(host, &grant->table, addr, q,
                                  ARRAY_SIZE(q));
    if (result == SDXI_MEM_AGAIN) {
        return SDXI_WAIT_MEMORY;
    }
    if (result != SDXI_MEM_OK) {
        return refuse(fault, sdxi_fault_sub(result), operand);
    }
    if (!sdxi_key_split(q, &grant->rkey) ||
        grant->rkey.sfunc != who->peer->sfunc) {
        return refuse(fault, SDXI_SUB_VALIDATION, operand);
    }
    return sdxi_rkey_still(host, &grant->table);
}

SdxiOutcome sdxi_rkey_still(const SdxiHost *host, const SdxiSpace *space)
{
    if (!sdxi_space_is_void(space)) {
        return SDXI_DONE;
    }
    host->ops->kick(host->opaque);
    return SDXI_WAIT_MEMORY;
}

SdxiOutcome sdxi_rkey_space(const SdxiRequester *who, const SdxiKey *key,
                            unsigned operand, SdxiSpace *space,
                            SdxiFault *fault)
{
    Grant grant;
    SdxiOutcome outcome = look_up(who, key, operand, &grant, fault);

    if (outcome == SDXI_DONE && !same_process(key, &grant.rkey)) {
        return refuse(fault, SDXI_SUB_VALIDATION, operand);
    }
    if (outcome == SDXI_DONE) {
        *space = (SdxiSpace) {
            .target = grant.table.target,
            .pasid_valid = grant.rkey.pv,
            .pasid = grant.rkey.pv ? grant.rkey.pasid : 0,
            .withdrawn = grant.table.withdrawn,
        };
    }
    return outcome;
}

SdxiOutcome sdxi_rkey_vector(const SdxiRequester *who, const SdxiKey *key,
                             SdxiVector *vector, SdxiFault *fault)
{
    Grant grant;
    SdxiOutcome outcome = look_up(who, key, 0, &grant, fault);

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    if (!grant.rkey.iv) {
        return refuse(fault, SDXI_SUB_VALIDATION, 0);
    }
    *vector = (SdxiVector) {
        .target = grant.table.target, .number = grant.rkey.vector,
    };
    return SDXI_DONE;
}
