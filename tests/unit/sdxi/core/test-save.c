/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Save, load and go on: nothing is lost and nothing is done twice.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/unit/sdxi/fake-guest.h"

/* Puts the function of @g into a fresh one; memory and clock stay. */
static void migrate(FakeHost *g)
{
    SdxiDevice *old = g->dev;
    SdxiSaved saved, again;
    SdxiConfigError err;

    sdxi_device_save(old, &saved);
    g->dev = sdxi_device_new(sdxi_device_config(old), &sdxi_profile_standard,
                             &fake_host_ops, g);
    g_assert_true(sdxi_device_load(g->dev, &saved, &err));
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    sdxi_device_save(g->dev, &again);
    g_assert_cmpuint(again.num_contexts, ==, saved.num_contexts);
    g_assert_cmpuint(again.num_doorbells, ==, saved.num_doorbells);
    for (unsigned i = 0; i < saved.num_contexts; i++) {
        g_assert_cmpmem(&again.contexts[i], sizeof(again.contexts[i]),
                        &saved.contexts[i], sizeof(saved.contexts[i]));
    }
    sdxi_saved_clear(&again);
    sdxi_saved_clear(&saved);
    sdxi_device_free(old);
}

/* Atomics show what is done twice, immediate writes what is lost. */
static void atomics(SdxiConfig *config)
{
    config->groups |= 8;
}

static void push_work(FakeHost *g, unsigned slot, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint32_t number = i;
        Dsc add = { { 0x00030201, 1, 0, 0, G_DATA + slot * 8, [8] = 1 } };
        Dsc imm = dsc_imm(G_DATA + 0x1000 * slot + 4 * i, &number, 4,
                          G_CSB(slot, 0));
        Dsc copy = dsc_copy(G_DATA + 0x100000, G_DATA + 0x400000, 3 << 20, 0,
                            0, G_CSB(slot, 0));

        add.dw[14] = G_CSB(slot, 0);
        guest_push(g, slot, &add);
        guest_push(g, slot, &imm);
        if (i % 8 == 0) {
            guest_push(g, slot, &copy);
        }
    }
}

static void test_running(void)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        FakeHost *g = guest_new(atomics);
        unsigned rounds = 0;
        bool more = true;

        guest_activate(g);
        for (unsigned n = 1; n <= 3; n++) {
            guest_context(g, n, n, STOP_SW);
            guest_start(g, n);
            push_work(g, n, 64);
            guest_ring(g, n, 999);
        }
        while (more) {
            g->yield_after = 1 + (seed * 7 + rounds * 13) % 61;
            g->yield = false;
            more = sdxi_device_run(g->dev, 1 << 20);
            migrate(g);
            g_assert_cmpuint(rounds++, <, 10000);
        }
        for (unsigned n = 1; n <= 3; n++) {
            g_assert_cmpuint(fake_ld(g, G_DATA + n * 8), ==, 64);
            g_assert_cmpuint(guest_read_index(g, n), ==, 64 * 2 + 8);
            g_assert_cmphex(guest_signal(g, n, 0), ==, -(64 * 2 + 8));
            for (unsigned i = 3; i < 64; i++) {
                g_assert_cmpuint(ldl_le_p(g->memory + G_DATA + 0x1000 * n +
                                          4 * i), ==, i);
            }
        }
        guest_free(g);
    }
}

/* A doorbell nobody has looked at yet is part of the state. */
static void test_doorbell(void)
{
    FakeHost *g = guest_new(NULL);
    Dsc nop = dsc_nop(0);

    guest_activate(g);
    guest_context(g, 1, 1, RUN);
    guest_push(g, 1, &nop);
    guest_ring(g, 1, 1);
    migrate(g);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    guest_free(g);
}

/* In the middle of a stop. */
static void test_stopping(void)
{
    FakeHost *g = guest_new(NULL);
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, 64 << 20, 0, 0, G_CSB(1, 0));

    guest_activate(g);
    guest_context(g, 1, 1, RUN);
    guest_arm(g, 1, 0, 1);
    guest_push(g, 1, &copy);
    guest_ring(g, 1, 1);
    guest_run_once(g, 1 << 20);
    guest_request(g, GSR_STOP_SF);
    guest_run_once(g, 1 << 20);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOPG_SF);
    migrate(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOPG_SF);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_FN);
    guest_free(g);
}

static void test_registers(void)
{
    static const uint64_t regs[][2] = {
        { R_CTL2, 0x1000000100030000 }, { R_CXT_L2, 0x12345000 },
        { R_RKEY, 0xabc005 }, { R_ERR_CTL, 1 }, { R_ERR_CFG, 0xdef003 },
        { R_ERR_WRT, 0x123456789 }, { R_ERR_RD, 0x12345678 },
        { R_CTL0, 0x1234567800000114 },
    };
    FakeHost *g = guest_new(NULL);

    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        guest_wr(g, regs[i][0], regs[i][1]);
    }
    migrate(g);
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        g_assert_cmphex(guest_rd(g, regs[i][0]), ==, regs[i][1]);
    }
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 0);
    guest_free(g);
}

/* ERR_STS cannot be written, so it is made to happen. */
static void test_err_sts(void)
{
    FakeHost *g = guest_new(NULL);

    guest_activate(g);
    guest_wr(g, R_ERR_CFG, UINT64_C(0x5500000000) | 1);
    guest_ring(g, 5, 0);
    guest_run(g);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 9);
    migrate(g);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 9);
    guest_free(g);
}

static void fewer(SdxiConfig *config)
{
    config->contexts = 64;
}

static void other_sfunc(SdxiConfig *config)
{
    config->sfunc = 9;
}

static void refused(FakeHost *g, SdxiSaved *saved, const char *what)
{
    SdxiConfigError err = { 0 };

    g_assert_false(sdxi_device_load(g->dev, saved, &err));
    g_assert_cmpstr(err.property, ==, what);
    g_assert_nonnull(err.accepted);
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
}

static void test_other_capabilities(void)
{
    FakeHost *g = guest_new(NULL);
    FakeHost *other[] = { guest_new(fewer), guest_new(other_sfunc) };
    SdxiSaved saved;

    sdxi_device_save(g->dev, &saved);
    refused(other[0], &saved, "cap1");
    refused(other[1], &saved, "cap0");
    saved.version = 0x10001;
    refused(g, &saved, "version");
    sdxi_saved_clear(&saved);
    guest_free(other[0]);
    guest_free(other[1]);
    guest_free(g);
}

/* A stream is input like any other. */
static void test_impossible(void)
{
    FakeHost *g = guest_new(NULL);
    FakeHost *to = guest_new(NULL);
    SdxiSaved saved;
    SdxiSavedContext good;

    guest_activate(g);
    sdxi_device_save(g->dev, &saved);
    g_assert_cmpuint(saved.num_contexts, ==, 1);
    good = saved.contexts[0];
    saved.gsv = 6;
    refused(to, &saved, "gsv");
    saved.gsv = GSV_STOP;
    refused(to, &saved, "number of contexts");
    saved.gsv = GSV_ACTIVE;
    saved.contexts[0].number = 128;
    refused(to, &saved, "context");
    saved.contexts[0] = good;
    saved.contexts[0].ring_entries = 0;
    refused(to, &saved, "context");
    saved.contexts[0] = good;
    saved.contexts[0].phase = 200;
    refused(to, &saved, "context");
    saved.contexts[0] = good;
    saved.contexts[0].state = STOP_SW;
    refused(to, &saved, "context");
    saved.contexts[0] = good;
    saved.contexts[0].qos = 64;
    refused(to, &saved, "context");
    saved.contexts[0] = good;
    saved.contexts[0].ring = 1;
    refused(to, &saved, "context");
    saved.contexts[0] = good;
    saved.deadline_left = UINT64_MAX;
    refused(to, &saved, "time left");
    sdxi_saved_clear(&saved);
    guest_free(g);
    guest_free(to);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/mig-01/running", test_running);
    g_test_add_func("/sdxi/mig-01/doorbell", test_doorbell);
    g_test_add_func("/sdxi/mig-01/stopping", test_stopping);
    g_test_add_func("/sdxi/mig-02/registers", test_registers);
    g_test_add_func("/sdxi/mig-02/err-sts", test_err_sts);
    g_test_add_func("/sdxi/mig-03/other-capabilities",
                    test_other_capabilities);
    g_test_add_func("/sdxi/mig-03/impossible", test_impossible);
    return g_test_run();
}
