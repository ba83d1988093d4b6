/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Save, load and go on: nothing is lost and nothing is done twice.
 */
#include "qemu/osdep.h"
#include "hw/common/save.h"
#include "tests/unit/sdxi/fake-guest.h"

/* Puts the function of @g into a fresh one; memory and clock stay. */
static void migrate(FakeHost *g)
{
    g_autoptr(GByteArray) saved = guest_save(g);
    g_autoptr(GByteArray) again = NULL;

    guest_device_with(g, &fake_host_ops);
    guest_load(g, g_byte_array_ref(saved));
    again = guest_save(g);
    g_assert_cmpmem(again->data, again->len, saved->data, saved->len);
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

static void test_other_capabilities(void)
{
    FakeHost *g = guest_new(NULL);
    FakeHost *other[] = { guest_new(fewer), guest_new(other_sfunc) };
    g_autoptr(GByteArray) saved = guest_save(g);

    guest_load_refused(other[0], saved->data, saved->len, "MMIO_CAP1");
    guest_load_refused(other[1], saved->data, saved->len, "MMIO_CAP0");
    guest_free(other[0]);
    guest_free(other[1]);
    guest_free(g);
}

/* --- streams that nobody wrote ------------------------------------------ */

/* A function with much to save. */
static FakeHost *busy(void)
{
    FakeHost *g = guest_new(atomics);
    Dsc stop = dsc_admin(D_STOP | D_FE, 2, 2, 0);
    SdxiInfo info;

    guest_log(g);
    guest_activate(g);
    for (unsigned n = 1; n <= 3; n++) {
        guest_context(g, n, n, STOP_SW);
        guest_start(g, n);
    }
    for (unsigned n = 1; n <= 3; n++) {
        push_work(g, n, 9);
        guest_ring(g, n, 9);
    }
    guest_run_once(g, 1 << 20);
    guest_ring(g, 0, guest_push(g, 0, &stop) + 1);
    guest_run_once(g, 1 << 20);
    guest_ring(g, 100, 1);
    guest_ring(g, 90, 1);
    /* contexts 1 to 3 have work; see section "sched" */
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.ready, ==, 3);
    return g;
}

/* Where section @name begins: its header. */
static size_t section(const GByteArray *saved, const char *name)
{
    size_t at = SAVE_HEADER;

    while (strcmp((char *)saved->data + at, name)) {
        at += SAVE_HEADER + ldl_le_p(saved->data + at + 20);
        g_assert_cmpuint(at, <, saved->len);
    }
    return at;
}

/* With number @n of section @name being @value: refused, with @what. */
static void spoiled(FakeHost *to, const GByteArray *saved, const char *name,
                    unsigned n, uint64_t value, const char *what)
{
    g_autofree uint8_t *bytes = g_memdup2(saved->data, saved->len);

    stq_le_p(bytes + section(saved, name) + SAVE_HEADER + 8 * n, value);
    guest_load_refused(to, bytes, saved->len, what);
}

/* A stream is input like any other. */
static void test_impossible(void)
{
    static const struct {
        const char *section;
        unsigned number;
        uint64_t value;
        const char *what;
    } cases[] = {
        { "regs", 2, 0x10001, "MMIO_VERSION" },
        { "regs", 3, UINT64_MAX, "MMIO_CTL0" },
        { "regs", 5, 1, "MMIO_CXT_L2" }, { "regs", 8, 4, "MMIO_ERR_STS" },
        { "function", 0, 6, "state" }, { "function", 0, GSV_STOP, "contexts" },
        { "function", 0, GSV_INIT, "contexts" },
        { "function", 2, 1, "L2 table" },
        { "function", 3, UINT64_MAX, "time left" },
        { "contexts", 0, 129, "contexts" }, { "contexts", 0, 5, "contexts" },
        { "contexts", 1, 128, "context" }, { "contexts", 35, 0, "context" },
        { "contexts", 2, 1, "no table" }, { "contexts", 2, -64, "no table" },
        { "contexts", 3, 8, "no table" }, { "contexts", 4, 4, "no table" },
        { "contexts", 5, 8, "no table" }, { "contexts", 6, 0, "no table" },
        { "contexts", 6, 1023, "no table" },
        { "contexts", 6, 1 << 21, "no table" },
        { "contexts", 6, UINT64_C(1) << 32, "ring_entries" },
        { "contexts", 7, 65537, "no table" },
        { "contexts", 9, 16, "no table" }, { "contexts", 10, 4, "no table" },
        { "contexts", 11, 1 << 20, "no table" },
        { "contexts", 12, 2, "pasid_valid" },
        { "contexts", 16, UINT64_MAX, "time left" },
        { "contexts", 17, 5, "phase" }, { "contexts", 18, 2, "stopping" },
        { "contexts", 19, 1, "stops and does not" },
        { "contexts", 22, 13, "error" }, { "contexts", 23, 4, "error" },
        { "contexts", 24, 3, "error" }, { "contexts", 25, 8, "error" },
        { "sched", 0, 5, "with work" }, { "sched", 1, 9, "with work" },
        { "sched", 1, 128, "with work" }, { "sched", 2, 3, "with work" },
        { "sched", 3, 1, "with work" }, { "sched", 4, 129, "doorbells" },
        { "sched", 5, 128, "doorbell" }, { "sched", 5, 100, "doorbell" },
        { "sched", 0, 2, "sched" },
    };
    FakeHost *g = busy(), *to = guest_new(atomics);
    g_autoptr(GByteArray) saved = guest_save(g);

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        spoiled(to, saved, cases[i].section, cases[i].number, cases[i].value,
                cases[i].what);
    }
    guest_load(to, g_byte_array_ref(saved));
    guest_request(to, GSR_RESET);
    guest_free(g);
    guest_free(to);
}

static void test_cut(void)
{
    FakeHost *g = busy(), *to = guest_new(atomics);
    g_autoptr(GByteArray) saved = guest_save(g);

    for (size_t len = 0; len < saved->len; len++) {
        g_autofree uint8_t *bytes = g_memdup2(saved->data, len);

        guest_load_refused(to, bytes, len, "section '");
    }
    guest_free(g);
    guest_free(to);
}

static const char *const names[] = { "regs", "function", "contexts", "sched" };

/* Lengths that are one too large or too small, and versions to come. */
static void test_lengths(void)
{
    FakeHost *g = busy(), *to = guest_new(atomics);
    g_autoptr(GByteArray) saved = guest_save(g);

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        uint8_t *header = saved->data + section(saved, names[i]);
        uint32_t len = ldl_le_p(header + 20);

        stl_le_p(header + 20, len + 1);
        guest_load_refused(to, saved->data, saved->len, "section '");
        stl_le_p(header + 20, len - 1);
        guest_load_refused(to, saved->data, saved->len, "section '");
        stl_le_p(header + 20, len);
        stl_le_p(header + 16, 2);
        guest_load_refused(to, saved->data, saved->len, names[i]);
        stl_le_p(header + 16, 1);
    }
    guest_free(g);
    guest_free(to);
}

/* The stream without the section at @cut, and with that at @twice twice. */
static GByteArray *with(const GByteArray *saved, const char *cut,
                        const char *twice)
{
    GByteArray *out = g_byte_array_new();

    g_byte_array_append(out, saved->data, SAVE_HEADER);
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        const uint8_t *header = saved->data + section(saved, names[i]);
        size_t len = SAVE_HEADER + ldl_le_p(header + 20);
        unsigned times = (twice && !strcmp(names[i], twice)) +
                         !(cut && !strcmp(names[i], cut));

        while (times--) {
            g_byte_array_append(out, header, len);
        }
    }
    stl_le_p(out->data + 20, out->len - SAVE_HEADER);
    return out;
}

static void test_sections(void)
{
    FakeHost *g = busy(), *to = guest_new(atomics);
    g_autoptr(GByteArray) saved = guest_save(g);

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        g_autoptr(GByteArray) less = with(saved, names[i], NULL);
        g_autoptr(GByteArray) more = with(saved, NULL, names[i]);
        g_autoptr(GByteArray) other = with(saved, NULL, NULL);

        guest_load_refused(to, less->data, less->len, "missing");
        guest_load_refused(to, more->data, more->len, "twice");
        other->data[section(other, names[i])] = 'x';
        guest_load_refused(to, other->data, other->len, "not known");
    }
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
    g_test_add_func("/sdxi/save/cut", test_cut);
    g_test_add_func("/sdxi/save/lengths", test_lengths);
    g_test_add_func("/sdxi/save/sections", test_sections);
    return g_test_run();
}
