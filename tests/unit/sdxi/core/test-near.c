/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that are all in one span: which are taken, what is done for
 * them, and what is left alone.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/dma/sdxi/core/near.h"
#include "tests/unit/sdxi/fake-guest.h"

#define STS         0x1000u
#define AKEYS       0x2000u
#define RING        0x4000u
#define ENTRIES     64u
#define BLOCK       0x8000u
#define DATA        0x100000u
#define EPOCH       0x200000u       /* of HostOps, where copies get to */
#define MAX_BYTES   (64 * KiB)
#define OWN         UINT64_C(0x00070001)

typedef struct Rig {
    FakeHost *g;
    SdxiHostOps ops;
    SdxiSpans spans;
    SdxiHost host;
    SdxiGeometry geo;
    SdxiNear near;
    uint32_t active;
    uint64_t bytes;                 /* copied so far */
} Rig;

static void span_again(Rig *r)
{
    static const SdxiSpace here;

    sdxi_spans_drop(&r->spans);
    r->near.span = sdxi_host_span(&r->host, &here, RING, 64, true);
    g_assert_nonnull(r->near.span);
}

static void set_up(Rig *r)
{
    memset(r, 0, sizeof(*r));
    r->g = fake_host_new();
    r->g->by_pointer = true;
    r->ops = fake_host_ops;
    r->ops.epoch = (uint64_t *)(r->g->memory + EPOCH);
    r->host = (SdxiHost) {
        .ops = &r->ops, .opaque = r->g, .spans = &r->spans,
    };
    r->geo = (SdxiGeometry) {
        .ring = RING, .ring_entries = ENTRIES, .sts = STS, .akeys = AKEYS,
        .akey_entries = 4,
    };
    r->active = 1;
    r->near = (SdxiNear) {
        .host = &r->host, .geo = &r->geo, .max_bytes = MAX_BYTES,
        .own_key = OWN, .active = &r->active,
    };
    span_again(r);
    fake_st(r->g, AKEYS, 1);
    fake_st(r->g, AKEYS + 16, OWN);
    fake_st(r->g, AKEYS + 32, UINT64_C(0x00080001));    /* of another one */
    fake_st(r->g, AKEYS + 48, 0x900000005);             /* of a process */
    fake_st(r->g, AKEYS + 64, 1);                       /* beyond the table */
    fake_st(r->g, BLOCK, 1000);
    guest_pattern(r->g, DATA, MAX_BYTES, 5);
}

static void put(Rig *r, unsigned index, Dsc d)
{
    d.dw[0] |= 1;
    memcpy(r->g->memory + RING + index % ENTRIES * 64, &d, 64);
}

static uint64_t run(Rig *r, uint64_t index, uint64_t limit)
{
    return sdxi_near_run(&r->near, index, limit, UINT64_MAX, &r->bytes);
}

static bool slot_valid(Rig *r, unsigned index)
{
    return r->g->memory[RING + index % ENTRIES * 64] & 1;
}

static void test_done(void)
{
    Rig r;

    set_up(&r);
    g_assert_true(sdxi_near_init(&r.near));
    /* The ring begins again in between. */
    for (unsigned i = 0; i < 20; i++) {
        put(&r, 50 + i, i & 1 ? dsc_nop(0)
                              : dsc_copy(DATA + 64 * i, DATA + MAX_BYTES +
                                         64 * i, 100 * i + 1, 0, 1, BLOCK));
    }
    put(&r, 70, dsc_nop(BLOCK));
    g_assert_cmpuint(run(&r, 50, 70), ==, 20);
    g_assert_cmpuint(fake_ld(r.g, STS + 8), ==, 70);
    g_assert_cmpuint(fake_ld(r.g, BLOCK), ==, 990);
    g_assert_cmpuint(r.bytes, ==, 9010);
    g_assert_cmpint(memcmp(r.g->memory + DATA + 128, r.g->memory + DATA +
                           MAX_BYTES + 128, 2953 - 128), ==, 0);
    for (unsigned i = 50; i < 70; i++) {
        g_assert_false(slot_valid(&r, i));
    }
    g_assert_true(slot_valid(&r, 70));
    g_assert_cmpuint(r.g->wrote, ==, 0);
    fake_host_free(r.g);
}

/* ---- what is another case ---- */

static bool init_with(void (*change)(Rig *r))
{
    bool ok;
    Rig r;

    set_up(&r);
    change(&r);
    ok = sdxi_near_init(&r.near);
    fake_host_free(r.g);
    return ok;
}

static void change_nothing(Rig *r)
{
}

static void watch(Rig *r)
{
    r->g->watch = true;
    span_again(r);
}

static void odd_ring(Rig *r)
{
    r->geo.ring_entries = ENTRIES - 1;
}

static void ring_ends_elsewhere(Rig *r)
{
    r->geo.ring = FAKE_MEMORY - 64;
}

static void status_elsewhere(Rig *r)
{
    r->geo.sts = FAKE_MEMORY;
}

static void keys_end_elsewhere(Rig *r)
{
    r->geo.akeys = FAKE_MEMORY - 48;
}

static void small_span(Rig *r)
{
    r->near.max_bytes = FAKE_MEMORY + 1;
}

static void page(Rig *r, uint8_t rights)
{
    static SdxiSpan span;

    span = *r->near.span;
    span.slot = SDXI_SPANS;
    span.rights = rights;
    r->near.span = &span;
}

static void page_to_write(Rig *r)
{
    page(r, SDXI_ATC_WRITE);
}

static void page_for_both(Rig *r)
{
    page(r, SDXI_ATC_READ | SDXI_ATC_WRITE);
}

static void odd_span(Rig *r)
{
    static SdxiSpan odd;

    odd = *r->near.span;
    odd.host++;
    r->near.span = &odd;
}

static void test_other_cases(void)
{
    g_assert_cmpint(init_with(change_nothing), ==, !HOST_BIG_ENDIAN);
    g_assert_false(init_with(watch));
    g_assert_false(init_with(odd_ring));
    g_assert_false(init_with(ring_ends_elsewhere));
    g_assert_false(init_with(status_elsewhere));
    g_assert_false(init_with(keys_end_elsewhere));
    g_assert_false(init_with(small_span));
    g_assert_false(init_with(odd_span));
    g_assert_false(init_with(page_to_write));
    g_assert_cmpint(init_with(page_for_both), ==, !HOST_BIG_ENDIAN);
}

/* ---- descriptors for others ---- */

static Dsc other(unsigned n)
{
    uint8_t data[4] = { };
    Dsc d = dsc_copy(DATA, DATA + MAX_BYTES, 16, 0, 0, BLOCK);

    switch (n) {
    case 0:
        return dsc_imm(DATA, data, 4, BLOCK);
    case 1:
        d.dw[0] |= 1 << 6;              /* reserved */
        break;
    case 2:
        d.dw[3] = 2;                    /* of another function */
        break;
    case 3:
        d.dw[3] = 3 << 16;              /* of a process */
        break;
    case 4:
        d.dw[3] = 4;                    /* beyond the table */
        break;
    case 5:
        return dsc_copy(DATA, DATA, MAX_BYTES + 1, 0, 0, BLOCK);
    case 6:
        d.dw[5] = 1;                    /* not here */
        break;
    case 7:
        d.dw[6] = FAKE_MEMORY - 8;
        break;
    case 8:
        d.dw[6] = d.dw[7] = 0xfffffff8; /* wraps */
        break;
    case 9:
        return dsc_nop(FAKE_MEMORY);
    default:
        d.dw[0] &= ~1u;
    }
    return d;
}
#define OTHERS 11

static void test_left_alone(void)
{
    for (unsigned n = 0; n < OTHERS; n++) {
        g_autofree uint8_t *before = NULL;
        Rig r;

        set_up(&r);
        g_assert_true(sdxi_near_init(&r.near));
        put(&r, 0, other(n));
        r.g->memory[RING] -= n == OTHERS - 1;   /* not valid yet */
        before = g_memdup2(r.g->memory, FAKE_MEMORY);
        g_assert_cmpuint(run(&r, 0, 1), ==, 0);
        g_assert_cmpint(memcmp(before, r.g->memory, FAKE_MEMORY), ==, 0);
        fake_host_free(r.g);
    }
}

/* ---- when it ends ---- */

static void test_ends(void)
{
    Rig r;

    set_up(&r);
    g_assert_true(sdxi_near_init(&r.near));
    for (unsigned i = 0; i < 10; i++) {
        put(&r, i, dsc_copy(DATA, DATA + MAX_BYTES, 4096, 0, 0, BLOCK));
    }
    /* One goes beyond what is allowed, and is the last. */
    g_assert_cmpuint(sdxi_near_run(&r.near, 0, 10, 8192, &r.bytes), ==, 2);
    g_assert_cmpuint(r.bytes, ==, 8192);
    r.active = 0;
    g_assert_cmpuint(run(&r, 2, 10), ==, 0);
    r.active = 1;
    r.near.epoch = 1;
    g_assert_cmpuint(run(&r, 2, 10), ==, 0);
    r.near.epoch = 0;
    g_assert_cmpuint(run(&r, 2, 10), ==, 8);
    fake_host_free(r.g);
}

/* What was written when somebody may have begun to watch is told. */
static void test_epoch(void)
{
    Rig r;

    set_up(&r);
    g_assert_true(sdxi_near_init(&r.near));
    put(&r, 0, dsc_copy(DATA, DATA + MAX_BYTES, 100, 0, 0, BLOCK));
    put(&r, 1, dsc_copy(DATA, EPOCH, 4, 0, 0, BLOCK));
    put(&r, 2, dsc_copy(DATA, DATA + MAX_BYTES, 100, 0, 0, BLOCK));
    fake_st(r.g, DATA, 1);
    g_assert_cmpuint(run(&r, 0, 3), ==, 2);
    /* valid bit, index, data and signal of the second */
    g_assert_cmpuint(r.g->wrote, ==, 1 + 8 + 4 + 8);
    g_assert_true(slot_valid(&r, 2));
    fake_host_free(r.g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/near/other-cases", test_other_cases);
    if (!HOST_BIG_ENDIAN) {
        g_test_add_func("/sdxi/near/done", test_done);
        g_test_add_func("/sdxi/near/left-alone", test_left_alone);
        g_test_add_func("/sdxi/near/ends", test_ends);
        g_test_add_func("/sdxi/near/epoch", test_epoch);
    }
    return g_test_run();
}
