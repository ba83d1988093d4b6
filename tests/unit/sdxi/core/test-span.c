/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spans: when the host is asked for a pointer, when a pointer is used, and
 * when it is not used any more.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "hw/dma/sdxi/core/ram.h"
#include "hw/dma/sdxi/core/span.h"
#include "tests/unit/sdxi/pointer-rig.h"

static uint64_t get(Rig *r, uint64_t addr)
{
    SdxiSpan *span = sdxi_host_span(&r->host, &here, addr, 8, true);

    g_assert_nonnull(span);
    return ldq_le_p(sdxi_span_at(span, addr));
}

static void test_asked_once(void)
{
    Rig r;

    set_up(&r);
    for (unsigned i = 0; i < 100; i++) {
        fake_st(r.g, 8 * i, i);
        g_assert_cmpuint(get(&r, 8 * i), ==, i);
    }
    g_assert_cmpuint(r.g->spans, ==, 1);
    g_assert_cmpuint(r.g->accesses, ==, 0);
    fake_host_free(r.g);
}

/* What is known stays known while others come and go, up to a number. */
static void test_slots(void)
{
    Rig r;

    set_up(&r);
    r.g->span_bytes = 4096;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < SDXI_SPANS; i++) {
            get(&r, i * 4096);
        }
        g_assert_cmpuint(r.g->spans, ==, SDXI_SPANS);
    }
    get(&r, SDXI_SPANS * 4096);
    get(&r, (SDXI_SPANS - 1) * 4096);
    g_assert_cmpuint(r.g->spans, ==, SDXI_SPANS + 1);
    g_assert_cmpuint(r.g->accesses, ==, 0);
    fake_host_free(r.g);
}

static void test_epoch(void)
{
    Rig r;

    set_up(&r);
    get(&r, 0);
    g_free(r.g->memory);
    r.g->memory = g_malloc0(r.g->size);
    fake_st(r.g, 0, 77);
    fake_epoch++;
    g_assert_cmpuint(get(&r, 0), ==, 77);
    g_assert_cmpuint(r.g->spans, ==, 2);
    fake_host_free(r.g);
}

/* Logging may have begun since the span was made: told, too. */
static void test_watched_since(void)
{
    Rig r;
    SdxiSpan *span;

    set_up(&r);
    span = sdxi_host_span(&r.host, &here, 0, 8, true);
    g_assert_nonnull(span);
    sdxi_host_wrote(&r.host, span, 0, 8);
    g_assert_cmpuint(r.g->wrote, ==, 0);
    fake_epoch++;
    sdxi_host_wrote(&r.host, span, 0, 8);
    g_assert_cmpuint(r.g->wrote, ==, 8);
    fake_host_free(r.g);
}

/* Aligned pieces of each size, and others */
static void test_move(void)
{
    uint64_t from = UINT64_C(0x8877665544332211), to;

    for (unsigned at = 0; at < 8; at++) {
        for (unsigned len = 1; len <= 8 - at; len++) {
            uint8_t *bytes = (uint8_t *)&to;

            to = 0;
            sdxi_ram_move(bytes + at, (uint8_t *)&from + at, len);
            g_assert_cmpmem(bytes + at, len, (uint8_t *)&from + at, len);
            g_assert_cmpuint(ctpop64(to), ==,
                             ctpop64(from & MAKE_64BIT_MASK(8 * at, 8 * len)));
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/span/asked-once", test_asked_once);
    g_test_add_func("/sdxi/span/slots", test_slots);
    g_test_add_func("/sdxi/span/epoch", test_epoch);
    g_test_add_func("/sdxi/span/watched-since", test_watched_since);
    g_test_add_func("/sdxi/span/move", test_move);
    return g_test_run();
}
