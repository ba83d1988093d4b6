/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simple descriptors at the speed of RAM; what is simple is said in burst.h.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/dma/sdxi/core/burst.h"
#include "hw/dma/sdxi/core/near.h"
#include "hw/dma/sdxi/wire/descriptor.h"

/* Units after which somebody who waits is looked for. */
#define PATIENCE (16 * SDXI_COST_DESCRIPTOR)

/* Bytes, and descriptors, after which it is looked for in any case. */
#define NEAR_BYTES (64 * KiB)
#define NEAR_COUNT 64

/* What a descriptor uses, each for itself: it is mostly where it was last. */
typedef enum Use {
    USE_KEY,                    /* read */
    USE_SOURCE,                 /* read */
    USE_TARGET,                 /* written, as is the next one */
    USE_BLOCK,
    USES
} Use;

QEMU_BUILD_BUG_ON(USES > SDXI_ATC_ROWS);

/* A descriptor that will be done; in registers, as all users are inline. */
typedef struct Simple {
    uint64_t *slot;
    uint64_t q0;
    SdxiSpan *csb_span, *from, *to;
    uint64_t csb, src, dst;
    uint64_t bytes;
    uint32_t source, target;    /* whose spaces src and dst are in */
} Simple;

/* Where everything is; good while nobody asks for another span. */
typedef struct Burst {
    SdxiPipe *pipe;
    SdxiContext *cxt;
    SdxiSpan *ring_span;        /* has the next slot, and can be written */
    const SdxiSpan *sts_span;
    uint64_t *read_index;
    uint64_t limit;             /* Write_Index */
    uint64_t max_bytes;
    uint64_t own_key;           /* a key that names this function */
    const uint64_t *epoch;
    const uint32_t *active;
    uint64_t made;              /* epoch of all spans here */
    uint32_t process;           /* whose space the context's memory is in */
    uint32_t keys_process;      /* ... and that of its keys */
    bool switched;              /* below a switch: peers are to be counted */
    bool watched;               /* writes to ring or status are to be told */
    SdxiSpan *last[USES];       /* what was used last, with the right to it */
    uint32_t last_process[USES];
    uint64_t source_key, target_key; /* likewise, the first quadwords */
    SdxiNear near;
    uint64_t near_end;          /* what near is good for ends here */
    bool near_failed;           /* ... and it did not do for the last one */
} Burst;

static SdxiSpace space_of(uint32_t process)
{
    return (SdxiSpace) {
        .pasid_valid = process != SDXI_NO_PROCESS,
        .pasid = process,
    };
}

/* Only what is there: a new span would void the others. */
static SdxiSpan *known_span(const SdxiHost *host, uint32_t process,
                            uint64_t addr, uint64_t len, bool write)
{
    SdxiSpan *span = sdxi_atc_find(host->spans->atc, NULL, process, addr, len,
                                   write);

    if (span || process != SDXI_NO_PROCESS) {
        return span;
    }
    for (unsigned i = 0; i < SDXI_SPANS; i++) {
        span = &host->spans->span[i];
        if (sdxi_span_holds(span, addr, len) && !span->target &&
            (span->writable || !write)) {
            return span;
        }
    }
    return NULL;
}

static SdxiSpan *find_span(Burst *b, Use use, uint32_t process, uint64_t addr,
                           uint64_t len)
{
    SdxiAtc *atc = b->pipe->host.spans->atc;
    bool write = use >= USE_TARGET;
    SdxiSpan *span = atc ? sdxi_atc_row(atc, use, NULL, process, addr, len,
                                        write) : NULL;

    if (!span) {
        span = known_span(&b->pipe->host, process, addr, len, write);
    }
    b->last[use] = span;
    b->last_process[use] = process;
    return span;
}

/* NULL: it is not known where that is. */
static inline QEMU_ALWAYS_INLINE
SdxiSpan *span_for(Burst *b, Use use, uint32_t process, uint64_t addr,
                   uint64_t len)
{
    SdxiSpan *span = b->last[use];

    if (likely(span && sdxi_span_holds(span, addr, len) &&
               process == b->last_process[use])) {
        return span;
    }
    return find_span(b, use, process, addr, len);
}

static inline QEMU_ALWAYS_INLINE
bool spans_are_good(const Burst *b)
{
    return qatomic_read(b->epoch) == b->made;
}

/* A second look: what is made may have voided what was there. */
static SdxiSpan *lasting_span(const Burst *b, uint64_t addr, uint64_t len,
                              bool write)
{
    const SdxiHost *host = &b->pipe->host;

    sdxi_host_span(host, &b->cxt->geo.space, addr, len, write);
    return known_span(host, b->process, addr, len, write);
}

/* The ring may lie in several pages. */
static bool find_slot(Burst *b, uint64_t index)
{
    uint64_t slot = sdxi_ring_slot(&b->cxt->geo, index);
    SdxiSpan *span = known_span(&b->pipe->host, b->process, slot,
                                SDXI_DSC_BYTES, true);

    if (!span || !sdxi_span_readable(span) ||
        !QEMU_PTR_IS_ALIGNED(sdxi_span_at(span, slot), 8)) {
        return false;
    }
    b->ring_span = span;
    b->watched = b->ring_span->watched || b->sts_span->watched;
    return true;
}

static bool find_all(Burst *b)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    SdxiSpan *index_span;
    uint64_t *write_index;

    if (!lasting_span(b, geo->write_index, 8, false) ||
        !lasting_span(b, geo->sts, SDXI_CXT_STS_BYTES, true) ||
        !lasting_span(b, sdxi_ring_slot(geo, b->cxt->read_index),
                      SDXI_DSC_BYTES, true)) {
        return false;
    }
    index_span = known_span(&b->pipe->host, b->process, geo->write_index, 8,
                            false);
    b->sts_span = known_span(&b->pipe->host, b->process, geo->sts,
                             SDXI_CXT_STS_BYTES, true);
    if (!index_span || !b->sts_span || !find_slot(b, b->cxt->read_index)) {
        return false;
    }
    b->epoch = b->pipe->host.ops->epoch;
    b->made = b->pipe->host.spans->epoch;
    b->active = &b->pipe->dev->peer.active;
    write_index = sdxi_span_at(index_span, geo->write_index);
    b->read_index = sdxi_span_at(b->sts_span, geo->sts + SDXI_STS_READ_INDEX);
    if (!QEMU_PTR_IS_ALIGNED(write_index, 8) ||
        !QEMU_PTR_IS_ALIGNED(b->read_index, 8)) {
        return false;
    }
    b->limit = le64_to_cpu(qatomic_read(write_index));
    memset(b->last, 0, sizeof(b->last));
    b->near_end = 0;
    return sdxi_ring_state(b->cxt->read_index, b->limit, geo->ring_entries) ==
           SDXI_RING_FILLED;
}

/* Each quadword of a descriptor is read once, and by one access. */
static inline QEMU_ALWAYS_INLINE
uint64_t quad(const Simple *s, unsigned n)
{
    return le64_to_cpu(qatomic_read(&s->slot[n]));
}

/* The descriptor at @index; false: there is none yet, or it is not known. */
static inline QEMU_ALWAYS_INLINE
bool load(Burst *b, Simple *s, uint64_t index)
{
    uint64_t slot = sdxi_ring_slot(&b->cxt->geo, index);

    if (unlikely(!sdxi_span_holds(b->ring_span, slot, SDXI_DSC_BYTES)) &&
        !find_slot(b, index)) {
        return false;
    }
    s->slot = sdxi_span_at(b->ring_span, slot);
    s->q0 = quad(s, 0);
    /* The quadword with the valid bit was read before the others. */
    smp_rmb();
    return FIELD_EX64(s->q0, SDXI_DSC_Q0, VL);
}

static inline QEMU_ALWAYS_INLINE
uint32_t process_of(const Burst *b, uint64_t q0)
{
    return FIELD_EX64(q0, SDXI_KEY_Q0, PV)
           ? FIELD_EX64(q0, SDXI_KEY_Q0, PASID) : b->process;
}

/* If it is to memory of this function, *@key becomes its first quadword. */
static inline QEMU_ALWAYS_INLINE
bool plain_key(Burst *b, uint16_t index, uint64_t *key)
{
    const uint64_t asked = R_SDXI_KEY_Q0_VL_MASK | R_SDXI_KEY_Q0_SFUNC_MASK;
    const SdxiGeometry *geo = &b->cxt->geo;
    uint64_t addr = geo->akeys + (uint64_t)index * SDXI_KEY_BYTES;
    SdxiSpan *span = span_for(b, USE_KEY, b->keys_process, addr,
                              SDXI_KEY_BYTES);
    uint64_t q0;

    if (!span || index >= geo->akey_entries || addr < geo->akeys) {
        return false;
    }
    memcpy(&q0, sdxi_span_at(span, addr), sizeof(q0));
    q0 = le64_to_cpu(q0);
    if ((q0 & asked) != R_SDXI_KEY_Q0_VL_MASK && (q0 & asked) != b->own_key) {
        return false;
    }
    *key = q0;
    return true;
}

/* What a copy names; false: that is not simple. */
static inline QEMU_ALWAYS_INLINE
bool operands(Burst *b, Simple *s)
{
    uint64_t keys = quad(s, 1);
    uint16_t akey0 = FIELD_EX64(keys, SDXI_COPY_Q1, AKEY0);
    uint16_t akey1 = FIELD_EX64(keys, SDXI_COPY_Q1, AKEY1);

    s->bytes = FIELD_EX64(s->q0, SDXI_COPY_Q0, SIZE) + UINT64_C(1);
    s->src = quad(s, SDXI_COPY_ADDR0);
    s->dst = quad(s, SDXI_COPY_ADDR1);
    if (s->bytes > b->max_bytes || !plain_key(b, akey0, &b->source_key)) {
        return false;
    }
    b->target_key = b->source_key;
    if (akey1 != akey0 && !plain_key(b, akey1, &b->target_key)) {
        return false;
    }
    s->source = process_of(b, b->source_key);
    s->target = process_of(b, b->target_key);
    return true;
}

static inline QEMU_ALWAYS_INLINE
bool simple_copy(Burst *b, Simple *s)
{
    if (!operands(b, s)) {
        return false;
    }
    s->from = span_for(b, USE_SOURCE, s->source, s->src, s->bytes);
    s->to = span_for(b, USE_TARGET, s->target, s->dst, s->bytes);
    return s->from && s->to;
}

static inline QEMU_ALWAYS_INLINE
bool simple(Burst *b, Simple *s)
{
    uint64_t what = s->q0 & SDXI_NEAR_WHAT;
    uint64_t q7 = quad(s, 7);

    s->bytes = 0;
    s->csb_span = NULL;
    s->csb = (q7 & R_SDXI_DSC_Q7_CSB_PTR_MASK) + SDXI_CST_SIGNAL;
    if (HOST_BIG_ENDIAN) {
        return false;           /* no atomic decrement by pointer */
    }
    if (!FIELD_EX64(q7, SDXI_DSC_Q7, NP)) {
        s->csb_span = span_for(b, USE_BLOCK, b->process, s->csb, 8);
        if (!s->csb_span ||
            !QEMU_PTR_IS_ALIGNED(sdxi_span_at(s->csb_span, s->csb), 8)) {
            return false;
        }
    }
    return what == SDXI_NEAR_OP(SDXI_DMAB_NOP) ||
           (what == SDXI_NEAR_OP(SDXI_DMAB_COPY) && simple_copy(b, s));
}

static void tell_slot_and_index(const Burst *b, uint64_t index)
{
    const SdxiHost *host = &b->pipe->host;
    const SdxiGeometry *geo = &b->cxt->geo;

    sdxi_host_tell(host, b->ring_span, sdxi_ring_slot(geo, index), 1);
    sdxi_host_tell(host, b->sts_span, geo->sts + SDXI_STS_READ_INDEX, 8);
}

/* Somebody may have begun to watch after the spans were made. */
static inline void tell_all(const Burst *b, const Simple *s, uint64_t index)
{
    tell_slot_and_index(b, index);
    if (s->bytes) {
        sdxi_host_tell(&b->pipe->host, s->to, s->dst, s->bytes);
    }
    if (s->csb_span) {
        sdxi_host_tell(&b->pipe->host, s->csb_span, s->csb, 8);
    }
}

/* Nothing can go wrong from here on. */
static inline QEMU_ALWAYS_INLINE
void carry_out(const Burst *b, const Simple *s, uint64_t index)
{
    const SdxiHost *host = &b->pipe->host;

    qatomic_set((uint8_t *)s->slot,
                (uint8_t)(s->q0 & ~R_SDXI_DSC_Q0_VL_MASK));
    if (s->bytes >= SDXI_NEAR_LONG) {
        __builtin_prefetch(s->slot + SDXI_DSC_BYTES / 8, 1);
    }
    if (s->bytes) {
        memmove(sdxi_span_at(s->to, s->dst), sdxi_span_at(s->from, s->src),
                s->bytes);
        if (s->to->watched) {
            sdxi_host_tell(host, s->to, s->dst, s->bytes);
        }
    }
    /* What was copied is visible before the index. */
    smp_wmb();
    qatomic_set(b->read_index, cpu_to_le64(index + 1));
    if (b->watched) {
        tell_slot_and_index(b, index);
    }
    if (s->csb_span) {
        qatomic_dec((uint64_t *)sdxi_span_at(s->csb_span, s->csb));
        if (s->csb_span->watched) {
            sdxi_host_tell(host, s->csb_span, s->csb, 8);
        }
    }
    /* Once, after the last write */
    if (unlikely(!spans_are_good(b))) {
        tell_all(b, s, index);
    }
}

static void count_peers(const Burst *b, const Simple *s)
{
    SdxiSpace from = space_of(s->source), to = space_of(s->target);

    sdxi_device_count_peers(b->pipe, &from, s->src, &to, s->dst, s->bytes);
}

/* Up to the first one that is not simple, or until @allowance is used up. */
static void run(Burst *b, uint64_t allowance, uint64_t *bytes, uint64_t *count)
{
    uint64_t used = 0;

    while (used < allowance) {
        uint64_t index = b->cxt->read_index + *count;
        Simple s = { .source = SDXI_NO_PROCESS, .target = SDXI_NO_PROCESS };

        if (index >= b->limit || !spans_are_good(b) ||
            !qatomic_read(b->active) || !load(b, &s, index) || !simple(b, &s)) {
            break;
        }
        carry_out(b, &s, index);
        if (unlikely(b->switched)) {
            count_peers(b, &s);
        }
        *bytes += s.bytes;
        (*count)++;
        used += s.bytes + SDXI_COST_DESCRIPTOR;
    }
}

/* ---- what is where it was last ---- */

static SdxiWindow window_of(const Burst *b, Use use, uint32_t process)
{
    const SdxiSpan *span = b->last[use];

    if (!span || span->watched || b->last_process[use] != process ||
        (use == USE_BLOCK && ((uintptr_t)span->host - span->addr) % 8)) {
        return (SdxiWindow) { };
    }
    return (SdxiWindow) {
        .addr = span->addr, .len = span->len, .host = span->host, .span = span,
    };
}

/* Descriptors before Write_Index, from @index on, one behind the other */
static uint64_t slots_in_a_row(const Burst *b, uint64_t index)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    uint64_t offset = sdxi_ring_slot(geo, index) - b->ring_span->addr;
    uint64_t count = MIN((b->ring_span->len - offset) / SDXI_DSC_BYTES,
                         geo->ring_entries - sdxi_ring_number(geo, index));

    return MIN(count, b->limit - index);
}

/* Those of the table that are in the window for keys. */
static void find_keys(const Burst *b, SdxiNear *n)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    SdxiWindow w = window_of(b, USE_KEY, b->keys_process);
    uint64_t skip = w.addr > geo->akeys ? w.addr - geo->akeys : 0;
    uint64_t first = DIV_ROUND_UP(skip, SDXI_KEY_BYTES);
    uint64_t offset = geo->akeys + first * SDXI_KEY_BYTES - w.addr;

    n->num_keys = 0;
    if (first < geo->akey_entries && offset < w.len) {
        n->keys = w.host + offset;
        n->first_key = first;
        n->num_keys = MIN(geo->akey_entries - first,
                          (w.len - offset) / SDXI_KEY_BYTES);
    }
}

/* False: nothing is simple enough. */
static bool find_near(Burst *b, uint64_t index)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    uint64_t slot = sdxi_ring_slot(geo, index);

    if (HOST_BIG_ENDIAN || b->switched ||
        (!sdxi_span_holds(b->ring_span, slot, SDXI_DSC_BYTES) &&
         !find_slot(b, index)) || b->watched) {
        return false;
    }
    b->near = (SdxiNear) {
        .host = &b->pipe->host,
        .slot = sdxi_span_at(b->ring_span, slot), .ring_span = b->ring_span,
        .read_index = b->read_index, .sts_span = b->sts_span,
        .active = b->active, .epoch = b->made, .max_bytes = b->max_bytes,
        .source = sdxi_near_key(b->source_key),
        .target = sdxi_near_key(b->target_key),
        .from = window_of(b, USE_SOURCE, process_of(b, b->source_key)),
        .to = window_of(b, USE_TARGET, process_of(b, b->target_key)),
        .block = window_of(b, USE_BLOCK, b->process),
    };
    find_keys(b, &b->near);
    b->near_end = index + slots_in_a_row(b, index);
    return true;
}

static uint64_t run_near(Burst *b, uint64_t allowance, uint64_t *bytes)
{
    uint64_t index = b->cxt->read_index, count;

    if (index >= b->limit || (index >= b->near_end && !find_near(b, index))) {
        return 0;
    }
    count = MIN(b->near_end - index, NEAR_COUNT);
    count = sdxi_near_run(&b->near, index, count, MIN(allowance, NEAR_BYTES),
                          bytes);
    b->near.slot += count * (SDXI_DSC_BYTES / 8);
    return count;
}

/* ---- pages that will be needed ---- */

/* Descriptors that are looked at before an I/O MMU is asked. */
#define AHEAD 32
/* ... and those of which the slots will be known after that */
#define SLOTS_AHEAD 2048

/* Where the keys are; false: there is no such key. */
static bool want_keys(const Burst *b, const Simple *s, SdxiWants *wants)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    SdxiSpace space = space_of(b->keys_process);
    uint16_t index = FIELD_EX64(quad(s, 1), SDXI_COPY_Q1, AKEY0);
    uint64_t addr = geo->akeys + (uint64_t)index * SDXI_KEY_BYTES;

    return index < geo->akey_entries && addr >= geo->akeys &&
           sdxi_wants_add(wants, b->pipe->host.spans->atc, &space, addr,
                          false);
}

/*
 * False: that is enough.  What lacks nothing but later pages of a copy asks for
 * them when it comes to them.
 */
static bool want_one(Burst *b, Simple *s, SdxiWants *wants)
{
    SdxiAtc *atc = b->pipe->host.spans->atc;
    uint64_t what = s->q0 & SDXI_NEAR_WHAT, q7 = quad(s, 7);
    bool copies = what == SDXI_NEAR_OP(SDXI_DMAB_COPY);
    SdxiSpace own = space_of(b->process), from, to;

    if (copies) {
        if (!want_keys(b, s, wants) || !operands(b, s)) {
            return false;
        }
        from = space_of(s->source);
        to = space_of(s->target);
        sdxi_wants_add(wants, atc, &from, s->src, false);
        sdxi_wants_add(wants, atc, &to, s->dst, true);
    }
    if (!FIELD_EX64(q7, SDXI_DSC_Q7, NP)) {
        sdxi_wants_add(wants, atc, &own, (q7 & R_SDXI_DSC_Q7_CSB_PTR_MASK) +
                       SDXI_CST_SIGNAL, true);
    }
    return wants->count &&
           (copies ? sdxi_wants_add_copy(wants, atc, &from, s->src, &to,
                                         s->dst, s->bytes)
                   : what == SDXI_NEAR_OP(SDXI_DMAB_NOP));
}

/* Software has handed over all slots up to Write_Index. */
static void want_slots(const Burst *b, SdxiWants *wants)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    SdxiAtc *atc = b->pipe->host.spans->atc;
    uint64_t index = b->cxt->read_index, slot = sdxi_ring_slot(geo, index);
    uint64_t count = MIN(b->limit - index,
                         geo->ring_entries - sdxi_ring_number(geo, index));
    uint64_t len = MIN(count, SLOTS_AHEAD) * SDXI_DSC_BYTES;

    sdxi_wants_add_range(wants, atc, &geo->space, slot, len, true);
    sdxi_wants_add_range(wants, atc, &geo->space, slot, len, false);
}

/* One question for all that comes next; voids all spans.  False: none. */
static bool ask_ahead(Burst *b)
{
    const SdxiGeometry *geo = &b->cxt->geo;
    const SdxiHost *host = &b->pipe->host;
    SdxiWants wants;

    wants.count = 0;
    if (!host->spans->atc || !spans_are_good(b)) {
        return false;
    }
    for (unsigned i = 0; i < AHEAD; i++) {
        uint64_t index = b->cxt->read_index + i;
        Simple s = { };

        if (index >= b->limit ||
            !sdxi_wants_add(&wants, host->spans->atc, &geo->space,
                            sdxi_ring_slot(geo, index), true) ||
            !load(b, &s, index) || !want_one(b, &s, &wants)) {
            break;
        }
    }
    if (wants.count) {
        want_slots(b, &wants);
    }
    sdxi_spans_fetch(host, &wants);
    return wants.count;
}

/* ---- all of it ---- */

static uint64_t run_once(Burst *b, uint64_t *left)
{
    SdxiPipe *pipe = b->pipe;
    uint64_t bytes = 0, count = run_near(b, *left, &bytes);
    bool failed = !count;

    if (failed) {
        /* One, after which all may be where it was last, if that is new. */
        run(b, b->near_failed ? MIN(*left, PATIENCE) : 1, &bytes, &count);
        b->near_end = 0;
    }
    b->near_failed = failed;
    b->cxt->read_index += count;
    b->cxt->descriptors += count;
    b->cxt->bytes += bytes;
    pipe->counters.descriptors += count;
    pipe->counters.bytes += bytes;
    *left -= MIN(*left, bytes + count * SDXI_COST_DESCRIPTOR);
    return count;
}

void sdxi_burst(SdxiPipe *pipe, SdxiContext *cxt, uint64_t *left)
{
    SdxiDevice *dev = pipe->dev;
    Burst b = {
        .pipe = pipe, .cxt = cxt,
        .own_key = R_SDXI_KEY_Q0_VL_MASK |
                   (uint64_t)dev->peer.sfunc << R_SDXI_KEY_Q0_SFUNC_SHIFT,
        .process = sdxi_space_process(&cxt->geo.space),
        .keys_process = sdxi_space_process(&dev->active.walk.space),
        .switched = dev->config.switched,
        .max_bytes = MIN(SDXI_HOST_CHUNK,
                         UINT64_C(1) << (MIN(dev->active.max_buffer,
                                             cxt->geo.max_buffer) +
                                         SDXI_BUFFER_SHIFT)),
    };
    bool asked = false;

    if (pipe->traced || !find_all(&b)) {
        return;
    }
    while (*left) {
        bool some = run_once(&b, left) != 0;

        /* Asking again is of no use where it has brought nothing. */
        if ((!some && (asked || !ask_ahead(&b) || !find_all(&b))) ||
            sdxi_device_yield_wanted(dev)) {
            break;
        }
        asked = !some;
    }
}
