/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors by windows: which are taken, what is done for them, and what is
 * left alone.
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

typedef struct Rig {
    FakeHost *g;
    SdxiHostOps ops;
    SdxiSpans spans;
    SdxiHost host;
    SdxiGeometry geo;               /* of no process */
    SdxiNear near;
    uint32_t active;
    uint64_t bytes;                 /* copied so far */
} Rig;

/* All of memory */
static SdxiWindow whole(Rig *r)
{
    SdxiSpan *span = sdxi_host_span(&r->host, &r->geo.space, RING, 64, true);

    g_assert_nonnull(span);
    return (SdxiWindow) {
        .addr = span->addr, .len = span->len, .host = span->host, .span = span,
    };
}

static void set_up(Rig *r)
{
    SdxiWindow w;

    memset(r, 0, sizeof(*r));
    r->g = fake_host_new();
    r->g->by_pointer = true;
    r->ops = fake_host_ops;
    r->ops.epoch = (uint64_t *)(r->g->memory + EPOCH);
    r->host = (SdxiHost) {
        .ops = &r->ops, .opaque = r->g, .spans = &r->spans,
    };
    r->active = 1;
    w = whole(r);
    r->near = (SdxiNear) {
        .host = &r->host, .ring_span = w.span, .sts_span = w.span,
        .slot = (uint64_t *)(w.host + RING),
        .read_index = (uint64_t *)(w.host + STS + 8),
        .active = &r->active, .max_bytes = MAX_BYTES,
        .keys = w.host + AKEYS, .num_keys = 5,
        .source = sdxi_near_key(1), .target = sdxi_near_key(1),
        .from = w, .to = w, .block = w,
    };
    fake_st(r->g, AKEYS, 1);
    fake_st(r->g, AKEYS + 16, UINT64_C(0x4000000000000001)); /* as well */
    fake_st(r->g, AKEYS + 32, UINT64_C(0x00080001));    /* of another one */
    fake_st(r->g, AKEYS + 48, UINT64_C(0x900000005));   /* of a process */
    fake_st(r->g, AKEYS + 64, 0);
    fake_st(r->g, AKEYS + 80, 1);                       /* beyond the table */
    fake_st(r->g, BLOCK, 1000);
    guest_pattern(r->g, DATA, MAX_BYTES, 5);
}

static void put(Rig *r, unsigned index, Dsc d)
{
    d.dw[0] |= 1;
    memcpy(r->g->memory + RING + index % ENTRIES * 64, &d, 64);
}

/* The ones from @index to @limit */
static uint64_t run_for(Rig *r, uint64_t index, uint64_t limit,
                        uint64_t allowance)
{
    r->near.slot = (uint64_t *)(r->g->memory + RING + index % ENTRIES * 64);
    return sdxi_near_run(&r->near, index, limit - index, allowance, &r->bytes);
}

static uint64_t run(Rig *r, uint64_t index, uint64_t limit)
{
    return run_for(r, index, limit, UINT64_MAX);
}

static bool slot_valid(Rig *r, unsigned index)
{
    return r->g->memory[RING + index % ENTRIES * 64] & 1;
}

static void test_done(void)
{
    Rig r;

    set_up(&r);
    for (unsigned i = 0; i < 20; i++) {
        put(&r, 20 + i, i & 1 ? dsc_nop(0)
                              : dsc_copy(DATA + 64 * i, DATA + MAX_BYTES +
                                         64 * i, 100 * i + 1, 0, 1, BLOCK));
    }
    put(&r, 40, dsc_nop(BLOCK));
    g_assert_cmpuint(run(&r, 20, 40), ==, 20);
    g_assert_cmpuint(fake_ld(r.g, STS + 8), ==, 40);
    g_assert_cmpuint(fake_ld(r.g, BLOCK), ==, 990);
    g_assert_cmpuint(r.bytes, ==, 9010);
    g_assert_cmpint(memcmp(r.g->memory + DATA + 128, r.g->memory + DATA +
                           MAX_BYTES + 128, 2953 - 128), ==, 0);
    for (unsigned i = 20; i < 40; i++) {
        g_assert_false(slot_valid(&r, i));
    }
    g_assert_true(slot_valid(&r, 40));
    g_assert_cmpuint(r.g->wrote, ==, 0);
    fake_host_free(r.g);
}

/* ---- windows ---- */

static SdxiWindow part(const SdxiWindow *whole, uint64_t addr, uint64_t len)
{
    return (SdxiWindow) {
        .addr = addr, .len = len, .host = whole->host + addr,
        .span = whole->span,
    };
}

/* Each as large as it must be, and what one byte less or more makes of it. */
static void test_windows(void)
{
    static const struct {
        int from, from_len, to_len, block_len;
        bool done;
    } cases[] = {
        { 0, 0, 0, 0, true }, { 1, -1, 0, 0, false }, { 0, -1, 0, 0, false },
        { 0, 0, -1, 0, false }, { 0, 0, 0, -1, false }, { -1, 1, 0, 0, true },
        { 0, 1, 1, 1, true },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        SdxiWindow w;
        Rig r;

        set_up(&r);
        w = r.near.from;
        r.near.from = part(&w, DATA + cases[i].from, 100 + cases[i].from_len);
        r.near.to = part(&w, DATA + MAX_BYTES, 100 + cases[i].to_len);
        r.near.block = part(&w, BLOCK, 8 + cases[i].block_len);
        put(&r, 0, dsc_copy(DATA, DATA + MAX_BYTES, 100, 0, 0, BLOCK));
        g_assert_cmpuint(run(&r, 0, 1), ==, cases[i].done);
        g_assert_cmpint(slot_valid(&r, 0), ==, !cases[i].done);
        fake_host_free(r.g);
    }
}

/* A copy with both keys @a and @b, where those of the windows are given. */
static uint64_t with_keys(uint64_t source, uint64_t target, unsigned a,
                          unsigned b)
{
    uint64_t done;
    Rig r;

    set_up(&r);
    r.near.source = sdxi_near_key(source);
    r.near.target = sdxi_near_key(target);
    put(&r, 0, dsc_copy(DATA, DATA + MAX_BYTES, 100, a, b, BLOCK));
    done = run(&r, 0, 1);
    fake_host_free(r.g);
    return done;
}

static void test_keys(void)
{
    const uint64_t own = 0x00080001, process = UINT64_C(0x900000005);
    Rig r;

    g_assert_cmpuint(with_keys(1, 1, 0, 1), ==, 1);
    g_assert_cmpuint(with_keys(own, 1, 2, 0), ==, 1);
    g_assert_cmpuint(with_keys(own, 1, 2, 2), ==, 0);
    g_assert_cmpuint(with_keys(1, own, 0, 0), ==, 0);
    g_assert_cmpuint(with_keys(process, process, 3, 3), ==, 1);
    g_assert_cmpuint(with_keys(process, 1, 3, 0), ==, 1);
    g_assert_cmpuint(with_keys(process + (UINT64_C(1) << 32), 1, 3, 0), ==, 0);
    g_assert_cmpuint(with_keys(process, 1, 0, 3), ==, 0);
    /* No key is good for what was not valid, nor one that is not. */
    g_assert_cmpuint(with_keys(0, 0, 4, 4), ==, 0);
    /* A part of the table */
    set_up(&r);
    r.near.first_key = 1;
    r.near.num_keys = 1;
    r.near.keys += 16;
    put(&r, 0, dsc_copy(DATA, DATA + MAX_BYTES, 100, 1, 1, BLOCK));
    put(&r, 1, dsc_copy(DATA, DATA + MAX_BYTES, 100, 1, 0, BLOCK));
    put(&r, 2, dsc_copy(DATA, DATA + MAX_BYTES, 100, 2, 1, BLOCK));
    g_assert_cmpuint(run(&r, 0, 3), ==, 1);
    g_assert_cmpuint(run(&r, 2, 3), ==, 0);
    fake_host_free(r.g);
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
        d.dw[3] = 5;                    /* beyond the table */
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
    case 10:
        d.dw[3] = 4;                    /* not valid */
        break;
    default:
        d.dw[0] &= ~1u;
    }
    return d;
}
#define OTHERS 12

static void test_left_alone(void)
{
    for (unsigned n = 0; n < OTHERS; n++) {
        g_autofree uint8_t *before = NULL;
        Rig r;

        set_up(&r);
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
    for (unsigned i = 0; i < 10; i++) {
        put(&r, i, dsc_copy(DATA, DATA + MAX_BYTES, 4096, 0, 0, BLOCK));
    }
    /* One goes beyond what is allowed, and is the last. */
    g_assert_cmpuint(run_for(&r, 0, 10, 8192), ==, 2);
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

/* Copies around one cache line, wherever their sides overlap */
static void test_lines(void)
{
    uint8_t want[256];
    uint64_t index = 0;
    Rig r;

    set_up(&r);
    for (unsigned len = 63; len <= 65; len++) {
        for (unsigned to = 0; to <= 128; to++) {
            guest_pattern(r.g, DATA, sizeof(want), to);
            memcpy(want, r.g->memory + DATA, sizeof(want));
            memmove(want + to, want + 64, len);
            put(&r, index, dsc_copy(DATA + 64, DATA + to, len, 0, 1, 0));
            g_assert_cmpuint(run(&r, index, index + 1), ==, 1);
            g_assert_cmpmem(r.g->memory + DATA, sizeof(want), want,
                            sizeof(want));
            index++;
        }
    }
    fake_host_free(r.g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/near/done", test_done);
    g_test_add_func("/sdxi/near/lines", test_lines);
    g_test_add_func("/sdxi/near/windows", test_windows);
    g_test_add_func("/sdxi/near/keys", test_keys);
    g_test_add_func("/sdxi/near/left-alone", test_left_alone);
    g_test_add_func("/sdxi/near/ends", test_ends);
    g_test_add_func("/sdxi/near/epoch", test_epoch);
    return g_test_run();
}
