/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors whose memory is all in windows; see near.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/near.h"
#include "hw/dma/sdxi/core/sched.h"

/* A descriptor that will be done, by offsets into the windows. */
typedef struct Item {
    uint64_t *slot;
    uint64_t q0;
    uint64_t csb;
    uint64_t src, dst;
    uint64_t len;               /* 0: nothing is copied */
    bool signals;
} Item;

static inline QEMU_ALWAYS_INLINE
bool inside(const SdxiWindow *w, uint64_t offset, uint64_t len)
{
    return offset < w->len && len <= w->len - offset;
}

static inline QEMU_ALWAYS_INLINE
uint64_t quad(const Item *d, unsigned i)
{
    return le64_to_cpu(qatomic_read(&d->slot[i]));
}

static inline QEMU_ALWAYS_INLINE
bool key_ok(const SdxiNear *n, uint16_t index, const SdxiNearKey *key)
{
    uint32_t i = index - n->first_key;

    return i < n->num_keys &&
           (ldq_le_p(n->keys + i * SDXI_KEY_BYTES) & key->mask) == key->q0;
}

static inline QEMU_ALWAYS_INLINE
bool keys_ok(const SdxiNear *n, uint16_t akey0, uint16_t akey1)
{
    return key_ok(n, akey0, &n->source) &&
           (akey1 == akey0 ? n->source.q0 == n->target.q0
                           : key_ok(n, akey1, &n->target));
}

static inline QEMU_ALWAYS_INLINE
bool copy_ok(const SdxiNear *n, Item *d)
{
    const SdxiWindow *from = &n->from;
    const SdxiWindow *to = &n->to;
    uint64_t keys = quad(d, 1);

    d->len = FIELD_EX64(d->q0, SDXI_COPY_Q0, SIZE) + UINT64_C(1);
    d->src = quad(d, SDXI_COPY_ADDR0) - from->addr;
    d->dst = quad(d, SDXI_COPY_ADDR1) - to->addr;
    return d->len <= n->max_bytes && inside(from, d->src, d->len) &&
           inside(to, d->dst, d->len) &&
           keys_ok(n, FIELD_EX64(keys, SDXI_COPY_Q1, AKEY0),
                   FIELD_EX64(keys, SDXI_COPY_Q1, AKEY1));
}

static inline QEMU_ALWAYS_INLINE
bool item_ok(const SdxiNear *n, Item *d)
{
    const SdxiWindow *block = &n->block;
    uint64_t what = d->q0 & SDXI_NEAR_WHAT, q7 = quad(d, 7);

    d->len = 0;
    d->signals = !FIELD_EX64(q7, SDXI_DSC_Q7, NP);
    d->csb = (q7 & R_SDXI_DSC_Q7_CSB_PTR_MASK) + SDXI_CST_SIGNAL -
             block->addr;
    return (!d->signals || inside(block, d->csb, 8)) &&
           (what == SDXI_NEAR_OP(SDXI_DMAB_NOP) ||
            (what == SDXI_NEAR_OP(SDXI_DMAB_COPY) && copy_ok(n, d)));
}

/* Many small copies are of one cache line, for which a call takes long. */
static inline QEMU_ALWAYS_INLINE
void copy(uint8_t *to, const uint8_t *from, uint64_t len)
{
    uint8_t line[64];

    if (len == sizeof(line)) {
        /* all of it is read before any of it is written */
        memcpy(line, from, sizeof(line));
        memcpy(to, line, sizeof(line));
    } else {
        memmove(to, from, len);
    }
}

/* Nothing can go wrong from here on. */
static inline QEMU_ALWAYS_INLINE
void carry_out(const SdxiNear *n, const Item *d, uint64_t index)
{
    qatomic_set((uint8_t *)d->slot,
                (uint8_t)(d->q0 & ~R_SDXI_DSC_Q0_VL_MASK));
    if (d->len >= SDXI_NEAR_LONG) {
        __builtin_prefetch(d->slot + SDXI_DSC_BYTES / 8, 1);
    }
    if (d->len) {
        copy(n->to.host + d->dst, n->from.host + d->src, d->len);
    }
    /* What was copied is visible before the index. */
    smp_wmb();
    qatomic_set(n->read_index, cpu_to_le64(index + 1));
    if (d->signals) {
        qatomic_dec((uint64_t *)(n->block.host + d->csb));
    }
}

static void tell(const SdxiNear *n, const SdxiSpan *span, const void *at,
                 uint64_t len)
{
    sdxi_host_tell(n->host, span, span->addr + ((uint8_t *)at - span->host),
                   len);
}

/*
 * Somebody may have begun to watch after the windows were made.  @d is given by
 * value: if there were a pointer to it, it would never be in registers.
 */
static void tell_all(const SdxiNear *n, Item d)
{
    const SdxiWindow *to = &n->to;
    const SdxiWindow *block = &n->block;

    tell(n, n->ring_span, d.slot, 1);
    tell(n, n->sts_span, n->read_index, 8);
    if (d.len) {
        tell(n, to->span, to->host + d.dst, d.len);
    }
    if (d.signals) {
        tell(n, block->span, block->host + d.csb, 8);
    }
}

uint64_t sdxi_near_run(const SdxiNear *near, uint64_t index, uint64_t count,
                       uint64_t allowance, uint64_t *bytes)
{
    const SdxiNear n = *near;   /* whatever is written to */
    const uint64_t *epoch = n.host->ops->epoch;
    uint64_t *slot = n.slot, *end = slot + count * (SDXI_DSC_BYTES / 8);
    uint64_t used = 0;
    bool good = qatomic_read(epoch) == n.epoch;

    while (good && slot != end && used < allowance &&
           qatomic_read(n.active)) {
        Item d = { .slot = slot };

        d.q0 = quad(&d, 0);
        /* The quadword with the valid bit was read before the others. */
        smp_rmb();
        if (!FIELD_EX64(d.q0, SDXI_DSC_Q0, VL) || !item_ok(&n, &d)) {
            break;
        }
        carry_out(&n, &d, index++);
        slot += SDXI_DSC_BYTES / 8;
        used += d.len + SDXI_COST_DESCRIPTOR;
        /* Once, after the last write */
        good = qatomic_read(epoch) == n.epoch;
        if (unlikely(!good)) {
            tell_all(near, d);
        }
    }
    count = (slot - n.slot) / (SDXI_DSC_BYTES / 8);
    *bytes += used - count * SDXI_COST_DESCRIPTOR;
    return count;
}
