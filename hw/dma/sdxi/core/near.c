/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that are all in one span; see near.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/near.h"
#include "hw/dma/sdxi/core/sched.h"

/* A valid key, of this function by name or without one; and no process. */
#define KEY_MASK (R_SDXI_KEY_Q0_VL_MASK | R_SDXI_KEY_Q0_PV_MASK | \
                  R_SDXI_KEY_Q0_SFUNC_MASK)

/* A descriptor that will be done, by offsets into the span. */
typedef struct Item {
    uint64_t *slot;
    uint64_t q0;
    uint64_t csb;
    uint64_t src, dst;
    uint64_t len;               /* 0: nothing is copied */
    bool signals;
} Item;

static bool holds(const SdxiNear *n, uint64_t addr, uint64_t len)
{
    return sdxi_span_holds(n->span, addr, len);
}

bool sdxi_near_init(SdxiNear *n)
{
    const SdxiGeometry *geo = n->geo;
    const SdxiSpan *span = n->span;

    /* A big-endian host has no decrement by pointer. */
    if (HOST_BIG_ENDIAN || span->watched || !sdxi_span_readable(span) ||
        span->len < n->max_bytes ||
        !is_power_of_2(geo->ring_entries) ||
        ((uintptr_t)span->host - span->addr) % 8 ||
        !holds(n, geo->ring, (uint64_t)geo->ring_entries * SDXI_DSC_BYTES) ||
        !holds(n, geo->sts, SDXI_CXT_STS_BYTES) ||
        !holds(n, geo->akeys, (uint64_t)geo->akey_entries * SDXI_KEY_BYTES)) {
        return false;
    }
    n->bytes = span->host;
    n->ring = sdxi_span_at(span, geo->ring);
    n->read_index = sdxi_span_at(span, geo->sts + SDXI_STS_READ_INDEX);
    n->keys = sdxi_span_at(span, geo->akeys);
    n->room = span->len - n->max_bytes;
    n->slots = geo->ring_entries - 1;
    n->num_keys = geo->akey_entries;
    return true;
}

static inline QEMU_ALWAYS_INLINE
uint64_t *slot_of(const SdxiNear *n, uint64_t index)
{
    return n->ring + (index & n->slots) * (SDXI_DSC_BYTES / 8);
}

static inline QEMU_ALWAYS_INLINE
uint64_t quad(const Item *d, unsigned i)
{
    return le64_to_cpu(qatomic_read(&d->slot[i]));
}

static inline QEMU_ALWAYS_INLINE
bool key_ok(const SdxiNear *n, uint16_t index)
{
    uint64_t q0;

    if (index >= n->num_keys) {
        return false;
    }
    q0 = ldq_le_p(n->keys + index * SDXI_KEY_BYTES) & KEY_MASK;
    return q0 == R_SDXI_KEY_Q0_VL_MASK || q0 == n->own_key;
}

static inline QEMU_ALWAYS_INLINE
bool copy_ok(const SdxiNear *n, Item *d)
{
    uint64_t base = n->span->addr, keys = quad(d, 1);
    uint16_t akey0 = FIELD_EX64(keys, SDXI_COPY_Q1, AKEY0);
    uint16_t akey1 = FIELD_EX64(keys, SDXI_COPY_Q1, AKEY1);

    d->len = FIELD_EX64(d->q0, SDXI_COPY_Q0, SIZE) + UINT64_C(1);
    d->src = quad(d, SDXI_COPY_ADDR0) - base;
    d->dst = quad(d, SDXI_COPY_ADDR1) - base;
    return d->len <= n->max_bytes && d->src <= n->room && d->dst <= n->room &&
           key_ok(n, akey0) && (akey1 == akey0 || key_ok(n, akey1));
}

static inline QEMU_ALWAYS_INLINE
bool item_ok(const SdxiNear *n, Item *d)
{
    uint64_t what = d->q0 & SDXI_NEAR_WHAT, q7 = quad(d, 7);

    d->len = 0;
    d->signals = !FIELD_EX64(q7, SDXI_DSC_Q7, NP);
    d->csb = (q7 & R_SDXI_DSC_Q7_CSB_PTR_MASK) + SDXI_CST_SIGNAL -
             n->span->addr;
    return (!d->signals || d->csb <= n->room) &&
           (what == SDXI_NEAR_OP(SDXI_DMAB_NOP) ||
            (what == SDXI_NEAR_OP(SDXI_DMAB_COPY) && copy_ok(n, d)));
}

/* Nothing can go wrong from here on. */
static inline QEMU_ALWAYS_INLINE
void carry_out(const SdxiNear *n, const Item *d, uint64_t index)
{
    qatomic_set((uint8_t *)d->slot,
                (uint8_t)(d->q0 & ~R_SDXI_DSC_Q0_VL_MASK));
    if (d->len >= SDXI_NEAR_LONG) {
        __builtin_prefetch(slot_of(n, index + 1), 1);
    }
    if (d->len) {
        memmove(n->bytes + d->dst, n->bytes + d->src, d->len);
    }
    /* What was copied is visible before the index. */
    smp_wmb();
    qatomic_set(n->read_index, cpu_to_le64(index + 1));
    if (d->signals) {
        qatomic_dec((uint64_t *)(n->bytes + d->csb));
    }
}

/* Somebody may have begun to watch after the span was made. */
static void tell(const SdxiNear *near, const Item *d)
{
    uint64_t base = near->span->addr;

    sdxi_host_tell(near->host, near->span,
                   base + ((uint8_t *)d->slot - near->bytes), 1);
    sdxi_host_tell(near->host, near->span,
                   near->geo->sts + SDXI_STS_READ_INDEX, 8);
    if (d->len) {
        sdxi_host_tell(near->host, near->span, base + d->dst, d->len);
    }
    if (d->signals) {
        sdxi_host_tell(near->host, near->span, base + d->csb, 8);
    }
}

uint64_t sdxi_near_run(const SdxiNear *near, uint64_t index, uint64_t limit,
                       uint64_t allowance, uint64_t *bytes)
{
    const SdxiNear n = *near;   /* whatever is written to */
    const uint64_t *epoch = n.host->ops->epoch;
    uint64_t first = index, copied = 0, used = 0;
    bool good = qatomic_read(epoch) == n.epoch;

    while (good && used < allowance && index < limit &&
           qatomic_read(n.active)) {
        Item d = { .slot = slot_of(&n, index) };

        d.q0 = quad(&d, 0);
        /* The quadword with the valid bit was read before the others. */
        smp_rmb();
        if (!FIELD_EX64(d.q0, SDXI_DSC_Q0, VL) || !item_ok(&n, &d)) {
            break;
        }
        carry_out(&n, &d, index);
        index++;
        copied += d.len;
        used += d.len + SDXI_COST_DESCRIPTOR;
        /* Once, after the last write */
        good = qatomic_read(epoch) == n.epoch;
        if (unlikely(!good)) {
            tell(near, &d);
        }
    }
    *bytes += copied;
    return index - first;
}
