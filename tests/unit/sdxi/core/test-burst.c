/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bursts do what turns do, and leave alone what is not theirs.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/burst.h"
#include "tests/unit/sdxi/fake-guest.h"

static FakeHost *active_as(bool by_pointer,
                           void (*change)(SdxiConfig *config))
{
    FakeHost *g = guest_new(change);

    g->by_pointer = g->quiet = by_pointer;
    guest_log(g);
    guest_activate(g);
    guest_context(g, 1, 1, STOP_SW);
    guest_akey(g, 1, 1, 0, 0);
    guest_akey(g, 1, 2, 0x00070001, 0);     /* of a function that is not */
    guest_akey(g, 1, 3, 0x900000005, 0);    /* of a process */
    guest_pattern(g, G_DATA, 0x100000, 3);
    guest_start(g, 1);
    for (unsigned i = 0; i < 8; i++) {
        guest_arm(g, 1, i, 1000);
    }
    return g;
}

static FakeHost *active(bool by_pointer)
{
    return active_as(by_pointer, NULL);
}

static void push(FakeHost *g, Dsc d)
{
    guest_push(g, 1, &d);
}

/* Both ways to the same end, byte by byte. */
static void compare_with(void (*fill)(FakeHost *g), uint64_t page_bytes)
{
    FakeHost *slow = active(false), *fast = active(true);

    fast->page_bytes = page_bytes;
    fake_epoch++;
    fill(slow);
    fill(fast);
    fast->accesses = 0;
    guest_ring(slow, 1, 1);
    guest_ring(fast, 1, 1);
    guest_run(slow);
    guest_run(fast);
    g_assert_cmpint(memcmp(slow->memory, fast->memory, slow->size), ==, 0);
    guest_free(slow);
    guest_free(fast);
}

static void compare(void (*fill)(FakeHost *g))
{
    static bool large;          /* one size each time: these take long */

    compare_with(fill, 0);
    compare_with(fill, large ? SDXI_ATC_LARGE : SDXI_ATC_SMALL);
    large = !large;
}

static void fill_simple(FakeHost *g)
{
    for (unsigned i = 0; i < 500; i++) {
        push(g, dsc_nop(i % 3 ? G_CSB(1, i % 8) : 0));
        push(g, dsc_copy(G_DATA + i, G_DATA + 0x8000 + 7 * i, 1 + i, 0, 0,
                         i % 5 ? G_CSB(1, i % 8) : 0));
    }
}

static void test_same(void)
{
    compare(fill_simple);
}

/* What lies behind the ring is none of its slots. */
static uint8_t *behind(FakeHost *g)
{
    return g->memory + guest_slot(g, 1, 1023) + 64;
}

static void put_behind(FakeHost *g)
{
    Dsc d = dsc_nop(0);

    d.dw[0] |= 1;
    memcpy(behind(g), &d, sizeof(d));
}

/* The ring begins again, in whatever page it was. */
static void test_wraps(void)
{
    static const uint64_t sizes[] = { 0, SDXI_ATC_SMALL, SDXI_ATC_LARGE };

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        FakeHost *slow = active(false), *fast = active(true);

        fast->page_bytes = sizes[i];
        fake_epoch++;
        put_behind(slow);
        put_behind(fast);
        for (unsigned n = 0; n < 3; n++) {
            fill_simple(slow);
            fill_simple(fast);
            guest_ring(slow, 1, 1);
            guest_ring(fast, 1, 1);
            guest_run(slow);
            guest_run(fast);
            g_assert_cmpuint(guest_read_index(fast, 1), ==, 1000 * (n + 1));
            g_assert_cmpint(memcmp(slow->memory, fast->memory, slow->size), ==,
                            0);
        }
        g_assert_cmpint(*behind(fast) & 1, ==, 1);
        guest_free(slow);
        guest_free(fast);
    }
}

/* One of each that a burst must leave to others, between simple ones. */
static void fill_mixed(FakeHost *g)
{
    uint8_t data[32] = { 1, 2, 3 };

    fill_simple(g);
    push(g, dsc_imm(G_DATA + 4, data, 32, G_CSB(1, 1)));
    push(g, dsc_copy(G_DATA, G_DATA + 0x200000, 0x60000, 0, 0, G_CSB(1, 2)));
    push(g, dsc_repcopy(G_DATA, G_DATA + 0x300000, 8192, G_CSB(1, 3)));
    push(g, dsc_nop(G_CSB(1, 4)));
}

static void test_mixed(void)
{
    compare(fill_mixed);
}

/* Each of these ends the context, the slow way and the fast way. */
static unsigned bad;
static Dsc bad_one(void)
{
    Dsc d = dsc_copy(G_DATA, G_DATA + 0x1000, 16, 0, 0, G_CSB(1, 0));

    switch (bad) {
    case 0:
        d.dw[3] = 1;                    /* source key is not valid */
        break;
    case 1:
        d.dw[3] = 1 << 16;              /* destination key is not valid */
        break;
    case 2:
        d.dw[3] = 2;                    /* of nobody */
        break;
    case 3:
        d.dw[3] = 3 << 16;              /* of a process that is not there */
        break;
    case 4:
        d.dw[3] = 0x100;                /* beyond the table */
        break;
    case 5:
        d.dw[0] |= 1 << 6;              /* reserved */
        break;
    case 6:
        d.dw[0] |= 1u << 31;            /* reserved */
        break;
    case 7:
        d.dw[0] += 0x700;               /* no such operation */
        break;
    case 8:
        d.dw[5] = 0x7fffffff;           /* nothing there */
        break;
    case 9:
        d.dw[7] = 0x7fffffff;
        break;
    case 10:
        d.dw[4] = d.dw[5] = 0xfffffff8; /* wraps */
        break;
    default:
        return dsc_nop(UINT64_C(0x7fff00000000)); /* no block there */
    }
    return d;
}
#define BAD 12

static void fill_bad(FakeHost *g)
{
    fill_simple(g);
    push(g, bad_one());
    push(g, dsc_nop(G_CSB(1, 0)));
}

static void test_bad(void)
{
    for (bad = 0; bad < BAD; bad++) {
        FakeHost *g = active(true);

        compare(fill_bad);
        fill_bad(g);
        guest_ring(g, 1, 1);
        guest_run(g);
        g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
        g_assert_cmpuint(guest_read_index(g, 1), ==, 1001);
        g_assert_true(guest_log_entry(g, 0).vl);
        guest_free(g);
    }
}

static void test_by_pointer(void)
{
    FakeHost *g = active(true);

    fill_simple(g);
    g->accesses = 0;
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(g->accesses, ==, 0);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1000);
    guest_free(g);
}

/* The I/O MMU is asked for many descriptors at once. */
static void test_pages(void)
{
    static const uint64_t sizes[] = { SDXI_ATC_SMALL, SDXI_ATC_LARGE };

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        FakeHost *g = active(true);

        g->page_bytes = sizes[i];
        fake_epoch++;
        g->fetches = 0;
        for (unsigned n = 0; n < 200; n++) {
            push(g, dsc_copy(G_DATA + n * 4096, G_DATA + 0x400000 + n * 4096,
                             4096, 0, 0, G_CSB(1, n % 8)));
        }
        g->accesses = 0;
        guest_ring(g, 1, 1);
        guest_run(g);
        g_assert_cmpuint(guest_read_index(g, 1), ==, 200);
        g_assert_cmpint(memcmp(g->memory + G_DATA, g->memory + G_DATA +
                               0x400000, 200 * 4096), ==, 0);
        g_assert_cmpuint(g->accesses, ==, 0);
        /*
         * 32 descriptors each time, pages of the ring to be read and to be
         * written, and the context's own
         */
        g_assert_cmpuint(g->fetches, <=, 200 / 32 + 1 + 2 * 4 + 5);
        guest_free(g);
    }
}

/* It is asked for all pages of the ring at once. */
static void test_ring_pages(void)
{
    FakeHost *g = active(true);
    unsigned fetches;

    g->page_bytes = SDXI_ATC_SMALL;
    fake_epoch++;
    for (unsigned n = 0; n < 1000; n++) {
        push(g, dsc_nop(G_CSB(1, n % 8)));
    }
    guest_ring(g, 1, 1);
    fetches = g->fetches;
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1000);
    /* Write_Index, status, the first slot, the other 15 pages, blocks */
    g_assert_cmpuint(g->fetches - fetches, <=, 6);
    guest_free(g);
}

/* Nothing but what was not there is left undone. */
static void test_page_missing(void)
{
    FakeHost *g = active(true);

    g->page_bytes = SDXI_ATC_SMALL;
    fake_epoch++;
    fake_host_trap(g, G_DATA + 0x400000 + 50 * 4096, 1, FAKE_WRITE,
                   SDXI_MEM_TRANSLATION, 0);
    for (unsigned n = 0; n < 60; n++) {
        push(g, dsc_copy(G_DATA + n * 4096, G_DATA + 0x400000 + n * 4096,
                         4096, 0, 0, G_CSB(1, n % 8)));
    }
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 51);
    g_assert_cmpint(memcmp(g->memory + G_DATA, g->memory + G_DATA + 0x400000,
                           50 * 4096), ==, 0);
    guest_free(g);
}

/* Buffers of a process, by a key that names it. */
static void test_pages_process(void)
{
    FakeHost *g = active(true);
    uint8_t *theirs = fake_host_memory(g, true, 2);

    guest_akey(g, 1, 4, 0x200000005, 0);
    memset(theirs + G_DATA, 0x77, 0x8000);
    g->page_bytes = SDXI_ATC_SMALL;
    fake_epoch++;
    for (unsigned n = 0; n < 100; n++) {
        push(g, dsc_copy(G_DATA + n * 64, G_DATA + 0x400000 + n * 64, 64, 4, 0,
                         G_CSB(1, n % 8)));
        push(g, dsc_copy(G_DATA + n * 64, G_DATA + 0x400000 + n * 64, 64, 0, 4,
                         G_CSB(1, n % 8)));
    }
    g->accesses = 0;
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 200);
    g_assert_cmpuint(g->accesses, ==, 0);
    g_assert_cmpint(memcmp(g->memory + G_DATA + 0x400000, theirs + G_DATA,
                           6400), ==, 0);
    g_assert_cmpint(memcmp(theirs + G_DATA + 0x400000, g->memory + G_DATA,
                           6400), ==, 0);
    guest_free(g);
}

/* A slot that is not handed over yet ends it; a doorbell takes it up. */
static void test_not_valid(void)
{
    FakeHost *g = active(true);

    fill_simple(g);
    g->memory[guest_slot(g, 1, 300)] &= ~1;
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 300);
    g->memory[guest_slot(g, 1, 300)] |= 1;
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1000);
    guest_free(g);
}

/* Nothing beyond Write_Index is taken, even where indexes end. */
static void test_last_numbers(void)
{
    FakeHost *g = active(true);
    Dsc nop = dsc_nop(0);

    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    fake_st(g, G_STS(1) + 8, UINT64_MAX - 100);
    fake_st(g, G_WIDX(1), UINT64_MAX - 100);
    for (unsigned i = 0; i < 90; i++) {
        guest_push(g, 1, &nop);
    }
    fake_st(g, G_WIDX(1), UINT64_MAX - 50);
    guest_start(g, 1);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, UINT64_MAX - 50);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

static void test_yields(void)
{
    FakeHost *g = active(true);
    uint64_t before = 0;

    fill_simple(g);
    guest_ring(g, 1, 1);
    g->yield = true;
    while (guest_run_once(g, 1 << 20)) {
        uint64_t index = guest_read_index(g, 1);

        g_assert_cmpuint(index, <=, before + 65);
        before = index;
    }
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1000);
    guest_free(g);
}

/* Memory moves elsewhere in mid-burst. */
static void move_memory(FakeHost *g, void *opaque, FakeKind kind,
                        uint64_t addr, uint32_t len)
{
    uint8_t **old = opaque;

    if (addr == G_CSB(1, 7)) {
        *old = g->memory;
        g->memory = g_memdup2(g->memory, g->size);
        g->meddle = NULL;
        fake_epoch++;
    }
}

static void test_epoch(void)
{
    FakeHost *g = active(true);
    uint8_t *old = NULL;

    g->watch = true;
    fill_simple(g);
    guest_ring(g, 1, 1);
    g->meddle = move_memory;
    g->meddle_opaque = &old;
    guest_run(g);
    g_assert_nonnull(old);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1000);
    g_assert_cmpuint(ldq_le_p(old + G_STS(1) + 8), <, 20);
    g_free(old);
    guest_free(g);
}

/* A ring, status or index that is not all in one piece is no obstacle. */
static void test_pieces(void)
{
    for (uint64_t bytes = 64; bytes <= 0x100000; bytes *= 4) {
        FakeHost *slow = active(false), *fast = active(true);

        fast->span_bytes = bytes;
        fill_mixed(slow);
        fill_mixed(fast);
        guest_ring(slow, 1, 1);
        guest_ring(fast, 1, 1);
        guest_run(slow);
        guest_run(fast);
        g_assert_cmpint(memcmp(slow->memory, fast->memory, slow->size), ==,
                        0);
        guest_free(slow);
        guest_free(fast);
    }
}

static void be_switched(SdxiConfig *config)
{
    config->switched = true;
}

/* 500 copies of 1 to 500 bytes, and who owns the memory they go to */
static void test_peers(void)
{
    for (int by_pointer = 0; by_pointer < 2; by_pointer++) {
        FakeHost *g = active_as(by_pointer, be_switched);
        SdxiInfo info;

        g->switched = G_DATA;
        g->switched_len = FAKE_MEMORY - G_DATA;
        fill_simple(g);
        guest_ring(g, 1, 1);
        guest_run(g);
        sdxi_device_query(g->dev, &info);
        g_assert_cmpuint(info.counters.peer_bytes, ==, 500 * 501 / 2);
        g_assert_cmpuint(info.counters.bytes, ==, 500 * 501 / 2);
        guest_free(g);
    }
}

static void test_counters(void)
{
    FakeHost *g = active(true);
    SdxiInfo before, after;

    sdxi_device_query(g->dev, &before);
    fill_simple(g);
    guest_ring(g, 1, 1);
    guest_run(g);
    sdxi_device_query(g->dev, &after);
    g_assert_cmpuint(after.counters.descriptors - before.counters.descriptors,
                     ==, 1000);
    g_assert_cmpuint(after.counters.bytes - before.counters.bytes, ==,
                     500 * 501 / 2);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/burst/same", test_same);
    g_test_add_func("/sdxi/burst/wraps", test_wraps);
    g_test_add_func("/sdxi/burst/mixed", test_mixed);
    g_test_add_func("/sdxi/burst/bad", test_bad);
    g_test_add_func("/sdxi/burst/by-pointer", test_by_pointer);
    g_test_add_func("/sdxi/burst/not-valid", test_not_valid);
    g_test_add_func("/sdxi/burst/last-numbers", test_last_numbers);
    g_test_add_func("/sdxi/burst/yields", test_yields);
    g_test_add_func("/sdxi/burst/epoch", test_epoch);
    g_test_add_func("/sdxi/burst/pieces", test_pieces);
    g_test_add_func("/sdxi/burst/counters", test_counters);
    g_test_add_func("/sdxi/burst/peers", test_peers);
    g_test_add_func("/sdxi/burst/pages", test_pages);
    g_test_add_func("/sdxi/burst/ring-pages", test_ring_pages);
    g_test_add_func("/sdxi/burst/page-missing", test_page_missing);
    g_test_add_func("/sdxi/burst/pages-process", test_pages_process);
    return g_test_run();
}
