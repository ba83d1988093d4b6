/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simple descriptors at the speed of RAM; what is simple is said in burst.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/burst.h"
#include "hw/dma/sdxi/wire/descriptor.h"

/* Units after which somebody who waits is looked for. */
#define PATIENCE (16 * SDXI_COST_DESCRIPTOR)

/* The dword with group and operation, without the flags that ask nothing. */
#define WHAT_MASK (R_SDXI_DSC_Q0_TYPE_MASK | R_SDXI_DSC_Q0_SUBTYPE_MASK | \
                   R_SDXI_DSC_Q0_RSVD_LO_MASK | R_SDXI_DSC_Q0_RSVD_HI_MASK)
#define WHAT(subtype) ((uint64_t)SDXI_TYPE_DMAB << R_SDXI_DSC_Q0_TYPE_SHIFT | \
                       (subtype) << R_SDXI_DSC_Q0_SUBTYPE_SHIFT)

/* A descriptor that will be done. */
typedef struct Simple {
    SdxiDsc dsc;
    uint64_t *slot;
    SdxiSpan *csb_span, *from, *to;
    uint64_t csb, src, dst;
    uint64_t bytes;
    uint8_t flags;
} Simple;

/* Where everything is; good while nobody asks for another span. */
typedef struct Burst {
    SdxiLane *lane;
    SdxiContext *cxt;
    const SdxiSpan *ring_span, *sts_span;
    uint8_t *ring;
    uint64_t *read_index;
    uint64_t limit;             /* Write_Index */
    uint64_t max_bytes;
    bool plain;                 /* keys lie in a space without process */
    Simple now;
} Burst;

/* Only what is there: a new span would void the others. */
static inline SdxiSpan *known_span(const SdxiHost *host, uint64_t addr,
                                   uint64_t len, bool write)
{
    SdxiSpan *span = host->spans->span;

    for (; span < host->spans->span + SDXI_SPANS; span++) {
        if (sdxi_span_holds(span, addr, len) && !span->target &&
            (span->writable || !write)) {
            return span;
        }
    }
    return NULL;
}

static bool spans_are_good(const SdxiHost *host)
{
    return qatomic_read(host->ops->epoch) == host->spans->epoch;
}

/* A second look: what is made may have voided what was there. */
static SdxiSpan *lasting_span(const Burst *b, uint64_t addr, uint64_t len,
                              bool write)
{
    const SdxiHost *host = &b->lane->host;
    const SdxiSpace here = { 0 };

    sdxi_host_span(host, &here, addr, len, write);
    return known_span(host, addr, len, write);
}

static bool find_all(Burst *b)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    uint64_t bytes = geo->ring_entries * (uint64_t)SDXI_DSC_BYTES;
    SdxiSpan *index_span;
    uint64_t *write_index;

    if (geo->space.pasid_valid ||
        !lasting_span(b, geo->write_index, 8, false) ||
        !lasting_span(b, geo->sts, SDXI_CXT_STS_BYTES, true) ||
        !lasting_span(b, geo->ring, bytes, true)) {
        return false;
    }
    index_span = known_span(&b->lane->host, geo->write_index, 8, false);
    b->sts_span = known_span(&b->lane->host, geo->sts, SDXI_CXT_STS_BYTES,
                             true);
    b->ring_span = known_span(&b->lane->host, geo->ring, bytes, true);
    if (!index_span || !b->sts_span || !b->ring_span) {
        return false;
    }
    write_index = sdxi_span_at(index_span, geo->write_index);
    b->read_index = sdxi_span_at(b->sts_span, geo->sts + SDXI_STS_READ_INDEX);
    b->ring = sdxi_span_at(b->ring_span, geo->ring);
    if (!QEMU_PTR_IS_ALIGNED(write_index, 8) ||
        !QEMU_PTR_IS_ALIGNED(b->read_index, 8) ||
        !QEMU_PTR_IS_ALIGNED(b->ring, 8)) {
        return false;
    }
    b->limit = le64_to_cpu(qatomic_read(write_index));
    return sdxi_ring_state(b->cxt->read_index, b->limit, geo->ring_entries) ==
           SDXI_RING_FILLED;
}

/* The one copy of the descriptor at @index; false: there is none yet. */
static bool load(Burst *b, uint64_t index)
{
    Simple *s = &b->now;
    SdxiDsc *dsc = &s->dsc;

    s->slot = (uint64_t *)(b->ring + sdxi_ring_offset(&b->cxt->geo, index));
    if (!FIELD_EX64(le64_to_cpu(qatomic_read(s->slot)), SDXI_DSC_Q0, VL)) {
        return false;
    }
    /* The valid bit above was read before the body below. */
    smp_rmb();
    memcpy(dsc->q, s->slot, sizeof(dsc->q));
    /* Not read again by the compiler's choice. */
    barrier();
    if (HOST_BIG_ENDIAN) {
        for (unsigned i = 0; i < ARRAY_SIZE(dsc->q); i++) {
            bswap64s(&dsc->q[i]);
        }
    }
    s->flags = dsc->q[0] & ~R_SDXI_DSC_Q0_VL_MASK;
    return FIELD_EX64(dsc->q[0], SDXI_DSC_Q0, VL);
}

/* A key to memory of this function, without a process. */
static bool plain_key(const Burst *b, uint16_t index)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    uint64_t addr = geo->akeys + (uint64_t)index * SDXI_KEY_BYTES;
    SdxiSpan *span = known_span(&b->lane->host, addr, SDXI_KEY_BYTES, false);
    uint64_t q[SDXI_KEY_BYTES / 8];
    SdxiKey key;

    if (!span || index >= geo->akey_entries || addr < geo->akeys || !b->plain) {
        return false;
    }
    memcpy(q, sdxi_span_at(span, addr), sizeof(q));
    q[0] = le64_to_cpu(q[0]);
    q[1] = le64_to_cpu(q[1]);
    return sdxi_key_split(q, &key) && !key.pv &&
           (!key.sfunc || key.sfunc == b->lane->dev->face.sfunc);
}

static bool simple_copy(Burst *b)
{
    Simple *s = &b->now;
    const SdxiDsc *dsc = &s->dsc;
    uint16_t akey0 = FIELD_EX64(dsc->q[1], SDXI_COPY_Q1, AKEY0);
    uint16_t akey1 = FIELD_EX64(dsc->q[1], SDXI_COPY_Q1, AKEY1);

    s->bytes = FIELD_EX64(dsc->q[0], SDXI_COPY_Q0, SIZE) + UINT64_C(1);
    s->src = dsc->q[SDXI_COPY_ADDR0];
    s->dst = dsc->q[SDXI_COPY_ADDR1];
    if (s->bytes > b->max_bytes || !plain_key(b, akey0) ||
        (akey1 != akey0 && !plain_key(b, akey1))) {
        return false;
    }
    s->from = known_span(&b->lane->host, s->src, s->bytes, false);
    s->to = known_span(&b->lane->host, s->dst, s->bytes, true);
    return s->from && s->to;
}

static bool simple(Burst *b)
{
    Simple *s = &b->now;
    const SdxiDsc *dsc = &s->dsc;
    uint64_t what = dsc->q[0] & WHAT_MASK;

    s->bytes = 0;
    s->csb_span = NULL;
    s->csb = (dsc->q[7] & R_SDXI_DSC_Q7_CSB_PTR_MASK) + SDXI_CST_SIGNAL;
    if (HOST_BIG_ENDIAN) {
        return false;           /* no atomic decrement by pointer */
    }
    if (!FIELD_EX64(dsc->q[7], SDXI_DSC_Q7, NP)) {
        s->csb_span = known_span(&b->lane->host, s->csb, 8, true);
        if (!s->csb_span ||
            !QEMU_PTR_IS_ALIGNED(sdxi_span_at(s->csb_span, s->csb), 8)) {
            return false;
        }
    }
    return what == WHAT(SDXI_DMAB_NOP) ||
           (what == WHAT(SDXI_DMAB_COPY) && simple_copy(b));
}

/* Nothing can go wrong from here on. */
static void carry_out(const Burst *b, uint64_t index)
{
    const Simple *s = &b->now;
    const SdxiHost *host = &b->lane->host;
    const SdxiGeometry *geo = &b->cxt->geo;

    qatomic_set((uint8_t *)s->slot, s->flags);
    sdxi_host_wrote(host, b->ring_span, sdxi_ring_slot(geo, index), 1);
    if (s->bytes) {
        memmove(sdxi_span_at(s->to, s->dst), sdxi_span_at(s->from, s->src),
                s->bytes);
        sdxi_host_wrote(host, s->to, s->dst, s->bytes);
    }
    /* What was copied is visible before the index. */
    smp_wmb();
    qatomic_set(b->read_index, cpu_to_le64(index + 1));
    sdxi_host_wrote(host, b->sts_span, geo->sts + SDXI_STS_READ_INDEX, 8);
    if (s->csb_span) {
        qatomic_dec((uint64_t *)sdxi_span_at(s->csb_span, s->csb));
        sdxi_host_wrote(host, s->csb_span, s->csb, 8);
    }
}

/* Up to the first one that is not simple, or until @allowance is used up. */
static void run(Burst *b, uint64_t allowance, uint64_t *bytes, uint64_t *count)
{
    uint64_t used = 0;

    while (used < allowance) {
        uint64_t index = b->cxt->read_index + *count;

        if (index >= b->limit || !spans_are_good(&b->lane->host) ||
            !qatomic_read(&b->lane->dev->face.active) ||
            !load(b, index) || !simple(b)) {
            break;
        }
        carry_out(b, index);
        *bytes += b->now.bytes;
        (*count)++;
        used += b->now.bytes + SDXI_COST_DESCRIPTOR;
    }
}

void sdxi_burst(SdxiLane *lane, SdxiContext *cxt, uint64_t *left)
{
    SdxiDevice *dev = lane->dev;
    Burst b = {
        .lane = lane, .cxt = cxt,
        .plain = !dev->active.walk.space.pasid_valid,
        .max_bytes = MIN(SDXI_HOST_CHUNK,
                         UINT64_C(1) << (MIN(dev->active.max_buffer,
                                             cxt->geo.max_buffer) +
                                         SDXI_BUFFER_SHIFT)),
    };
    uint64_t bytes, count;

    if (lane->traced || !find_all(&b)) {
        return;
    }
    do {
        bytes = count = 0;
        run(&b, MIN(*left, PATIENCE), &bytes, &count);
        cxt->read_index += count;
        cxt->descriptors += count;
        cxt->bytes += bytes;
        lane->counters.descriptors += count;
        lane->counters.bytes += bytes;
        *left -= MIN(*left, bytes + count * SDXI_COST_DESCRIPTOR);
    } while (count && *left && !sdxi_device_yield_wanted(dev));
}
