/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The function as a whole: doorbells, DMA switched off, introspection.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/device.h"
#include "tests/unit/sdxi/fake-guest.h"

static void wide(SdxiConfig *config)
{
    config->doorbell_stride = 16384;
}

static FakeHost *active(void (*change)(SdxiConfig *config))
{
    FakeHost *g = guest_new(change);

    guest_log(g);
    guest_activate(g);
    guest_context(g, 1, 1, RUN);
    return g;
}

/* Only the first eight bytes of a slot, in any part. */
static void test_place(void)
{
    FakeHost *g = active(wide);
    uint64_t want = 0;

    for (unsigned at = 0; at < 16; at++) {
        Dsc nop = dsc_nop(0);

        guest_push(g, 1, &nop);
        sdxi_device_doorbell(g->dev, 16384 + at, 0, 1);
        guest_run(g);
        want = at < 8 ? at + 1 : 8;
        g_assert_cmpuint(guest_read_index(g, 1), ==, want);
    }
    sdxi_device_doorbell(g->dev, 4096, 0, 8);
    sdxi_device_doorbell(g->dev, 2 * 16384 - 8, 0, 8);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 8);
    sdxi_device_doorbell(g->dev, 16384, 9, 8);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 16);
    guest_free(g);
}

static void test_jump_start(void)
{
    FakeHost *g = active(NULL);

    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_cmpuint(guest_state(g, 0), ==, RUN);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
    guest_free(g);
}

static void test_not_running(void)
{
    static const unsigned states[] = { STOP_SW, STOPG_SW, STOP_FN, STOPG_FN,
                                       ERR_FN };
    FakeHost *g = active(NULL);
    g_autofree uint8_t *before = NULL;

    for (unsigned i = 0; i < ARRAY_SIZE(states); i++) {
        Dsc nop = dsc_nop(G_CSB(1, 0));

        guest_context(g, 1, 1, states[i]);
        guest_push(g, 1, &nop);
        before = g_memdup2(g->memory, 0x400000);
        guest_ring(g, 1, 1);
        guest_run(g);
        g_assert_cmpint(memcmp(before, g->memory, 0x400000), ==, 0);
        g_clear_pointer(&before, g_free);
    }
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    guest_free(g);
}

static void test_lower_later(void)
{
    FakeHost *g = active(NULL);

    for (unsigned i = 0; i < 4; i++) {
        Dsc nop = dsc_nop(0);

        nop.dw[0] -= i == 0;
        guest_push(g, 1, &nop);
    }
    guest_ring(g, 1, 4);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 0);
    g->memory[guest_slot(g, 1, 0)] |= 1;
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 4);
    guest_free(g);
}

static void test_too_high(void)
{
    FakeHost *g = active(NULL);
    Dsc nop = dsc_nop(0);

    guest_push(g, 1, &nop);
    guest_push(g, 1, &nop);
    fake_st(g, G_WIDX(1), 1);
    guest_ring(g, 1, 1000);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

static void test_while_stopped(void)
{
    FakeHost *g = active(NULL);
    uint64_t accesses;
    unsigned kicks;

    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    accesses = g->accesses;
    kicks = g->kicks;
    guest_context(g, 1, 1, RUN);
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(g->accesses, ==, accesses);
    g_assert_cmpuint(g->kicks, ==, kicks);
    /* nor is it remembered */
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    g_assert_cmpuint(g->traces[SDXI_TRACE_CXT_START], ==, 1);
    guest_free(g);
}

static void test_above(void)
{
    FakeHost *g = guest_new(NULL);
    uint64_t accesses;

    guest_log(g);
    guest_wr(g, R_CTL2, (guest_rd(g, R_CTL2) & ~UINT64_C(0xffff0000)) |
                        3 << 16);
    guest_activate(g);
    guest_context(g, 3, 3, RUN);
    guest_context(g, 4, 4, RUN);
    accesses = g->accesses;
    guest_ring(g, 4, 1);
    guest_ring(g, 127, 1);
    guest_ring(g, 128, 1);
    guest_ring(g, 65535, 1);
    guest_run(g);
    g_assert_cmpuint(g->accesses, ==, accesses);
    guest_do(g, 3, 3, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 3), ==, 1);
    sdxi_device_doorbell(g->dev, UINT64_MAX, 0, 8);
    sdxi_device_doorbell(g->dev, UINT64_MAX & ~7ull, 0, 8);
    guest_run(g);
    guest_free(g);
}

/* Bus mastering off, at every moment of a working life. */
static void test_dma_off(void)
{
    FakeHost *g = active(NULL);
    g_autofree uint8_t *before = NULL;
    Dsc copy = dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0, G_CSB(1, 0));

    guest_wr(g, R_CTL0, guest_rd(g, R_CTL0) | 0x10);
    guest_do(g, 1, 1, dsc_nop(0));
    guest_push(g, 1, &copy);
    before = g_memdup2(g->memory, FAKE_MEMORY);
    g->dma_off = true;
    guest_ring(g, 1, 2);
    guest_run(g);
    guest_ring(g, 0, 2);
    guest_ring(g, 2, 2);
    guest_run(g);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    guest_request(g, GSR_RESET);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ERROR);
    g_assert_cmpint(memcmp(before, g->memory, FAKE_MEMORY), ==, 0);
    for (unsigned i = 0; i < FAKE_VECTORS; i++) {
        g_assert_cmpuint(g->interrupts[i], ==, 0);
    }
    guest_free(g);
}

static void see(void *opaque, const SdxiContextInfo *info)
{
    SdxiContextInfo *last = opaque;

    g_assert(!last->ring_entries || info->number > last->number);
    *last = *info;
}

static void test_query(void)
{
    FakeHost *g = active(NULL);
    SdxiContextInfo last = { 0 };
    SdxiInfo info;

    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 4096, 100, 0, 0, 0));
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.gsv, ==, GSV_ACTIVE);
    g_assert_cmpuint(info.running, ==, 2);
    g_assert_cmpuint(info.ready, ==, 0);
    g_assert_cmpuint(info.counters.descriptors, ==, 1);
    g_assert_cmpuint(info.counters.bytes, ==, 100);
    g_assert_cmpuint(info.counters.doorbells, ==, 2);
    sdxi_device_each_context(g->dev, see, &last);
    g_assert_cmpuint(last.number, ==, 1);
    g_assert_cmpuint(last.state, ==, RUN);
    g_assert_cmpuint(last.read_index, ==, 1);
    g_assert_cmpuint(last.ring_entries, ==, 1024);
    g_assert_cmpuint(last.bytes, ==, 100);
    guest_free(g);
}

static void see_error(void *opaque, const SdxiErrorInfo *info)
{
    uint64_t *next = opaque;

    g_assert_cmpuint(info->step, ==, 10);
    g_assert_cmpuint(info->sub, ==, 2);
    g_assert_cmpuint(info->reaction, ==, 1);
    g_assert_true(info->has_context && info->has_index && info->has_buffer);
    g_assert_cmpuint(info->context, ==, 1);
    g_assert_cmpuint(info->index, ==, (*next)++);
    g_assert_cmpuint(info->buffer, ==, 0);
    g_assert_false(info->logged);
}

/* The last 16 errors, though there is no log for them. */
static void test_errors(void)
{
    FakeHost *g = active(NULL);
    uint64_t next = 0;

    guest_wr(g, R_ERR_CFG, 0);
    sdxi_device_each_error(g->dev, see_error, &next);
    g_assert_cmpuint(next, ==, 0);
    for (unsigned i = 0; i < 20; i++) {
        guest_do(g, 1, 1, dsc_copy(1ull << 50, G_DATA, 100, 0, 0, 0));
        g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
        guest_start(g, 1);
        if (i == 0) {
            sdxi_device_each_error(g->dev, see_error, &next);
            g_assert_cmpuint(next, ==, 1);
        }
    }
    next = 4;
    sdxi_device_each_error(g->dev, see_error, &next);
    g_assert_cmpuint(next, ==, 20);
    guest_free(g);
}

static void test_checker(void)
{
    FakeHost *g = active(NULL);

    g->dev->peer.active = false;
    g_assert_cmpstr(sdxi_device_check(g->dev), ==,
                    "peers are not shown the state");
    g->dev->peer.active = true;
    g->dev->winding_down = true;
    g_assert_cmpstr(sdxi_device_check(g->dev), ==,
                    "winding down in a state that does not");
    g->dev->winding_down = false;
    g->dev->sched.ready.length++;
    g_assert_cmpstr(sdxi_device_check(g->dev), ==,
                    "the ready queue is inconsistent");
    g->dev->sched.ready.length--;
    g->dev->sched.parked[0].length++;
    g_assert_cmpstr(sdxi_device_check(g->dev), ==,
                    "a queue of parked contexts is inconsistent");
    g->dev->sched.parked[0].length--;
    g->dev->sched.rung[0] = 2;
    g->dev->sched.summary[0] = 0;
    g_assert_cmpstr(sdxi_device_check(g->dev), ==,
                    "a doorbell is not in the summary");
    g->dev->sched.rung[0] = 0;
    g_assert_null(sdxi_device_check(g->dev));
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/dbl-01/place", test_place);
    g_test_add_func("/sdxi/dbl-02/jump-start", test_jump_start);
    g_test_add_func("/sdxi/dbl-03/not-running", test_not_running);
    g_test_add_func("/sdxi/dbl-04/lower-later", test_lower_later);
    g_test_add_func("/sdxi/dbl-05/too-high", test_too_high);
    g_test_add_func("/sdxi/dbl-06/while-stopped", test_while_stopped);
    g_test_add_func("/sdxi/dbl-07/above", test_above);
    g_test_add_func("/sdxi/pci-05/dma-off", test_dma_off);
    g_test_add_func("/sdxi/device/query", test_query);
    g_test_add_func("/sdxi/device/errors", test_errors);
    g_test_add_func("/sdxi/device/checker", test_checker);
    return g_test_run();
}
