/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows over several devices: interleave by window, by host bridge and by
 * switch, trapping and direct; what one device calls its bytes and what the
 * host sees stay the same thing through commits and releases.
 */
#include "qemu/osdep.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/status.h"
#include <glib/gstdio.h>

static void check_device_side(Rig *r, unsigned ig)
{
    for (unsigned d = 0; d < r->devs; d++) {
        uint64_t dpa = 0x345640 + 64 * d;

        rig_device_write(r, d, dpa, 0x80 + d);
        g_assert_cmphex(qtest_readq(r->qts, r->window +
                                    rig_offset(r, ig, d, dpa)), ==,
                        0x0101010101010101ull * (0x80 + d));
    }
}

static void check_by_window(unsigned ways, unsigned ig, unsigned iw,
                            bool direct)
{
    Rig *r = rig_by_window(ways, direct);

    g_assert_cmpuint(rig_count_aliases(r), ==, 0);
    rig_commit_set(r, ig, iw);
    /* Right from the start, whoever carries it out */
    rig_write_all(r, ig, 1);
    rig_read_all(r, ig, 1);
    rig_expect_aliases(r, direct ? ways : 0);
    rig_read_all(r, ig, 1);
    rig_write_all(r, ig, 5);
    rig_read_all(r, ig, 5);
    check_device_side(r, ig);
    rig_release_set(r);
    rig_expect_aliases(r, 0);
    g_assert_cmphex(qtest_readq(r->qts, r->window), ==, UINT64_MAX);
    rig_commit_set(r, ig, iw);
    rig_expect_aliases(r, direct ? ways : 0);
    rig_read_all(r, ig, 5);
    rig_stop(r);
}

static void test_window_two(void)
{
    check_by_window(2, 0, 1, true);
}

static void test_window_three(void)
{
    check_by_window(3, 0, 8, true);
}

static void test_window_four(void)
{
    check_by_window(4, 0, 2, true);
}

static void test_window_trapping(void)
{
    check_by_window(2, 0, 1, false);
}

/* In sets of one shape, then of another, then each device alone */
static void check_bridge(Rig *r, bool direct)
{
    rig_commit_set(r, 0, 1);
    rig_write_all(r, 0, 3);
    rig_expect_aliases(r, direct ? 2 : 0);
    rig_read_all(r, 0, 3);
    check_device_side(r, 0);
    rig_release_set(r);
    rig_expect_aliases(r, 0);

    rig_commit_set(r, 4, 1);
    rig_expect_aliases(r, direct ? 2 : 0);
    rig_read_all(r, 4, 3);
    rig_release_set(r);

    rig_commit_alone(r);
    rig_expect_aliases(r, direct ? 2 : 0);
    rig_read_alone(r, 3);
    qtest_writeq(r->qts, r->window + RIG_SIZE, rig_word(4, 0));
    rig_release(r, r->bridge, 1);
    rig_expect_aliases(r, direct ? 1 : 0);
    g_assert_cmphex(qtest_readq(r->qts, r->window + RIG_SIZE), ==,
                    UINT64_MAX);
    rig_stop(r);
}

static void test_host_bridge(void)
{
    check_bridge(rig_by_host_bridge(true), true);
}

static void test_host_bridge_trapping(void)
{
    check_bridge(rig_by_host_bridge(false), false);
}

static void test_switch(void)
{
    check_bridge(rig_by_switch(true), true);
}

static void test_switch_trapping(void)
{
    check_bridge(rig_by_switch(false), false);
}

/* Memory in files of ours is put in order like any other, */
static void test_memfd(void)
{
    rig_backend = "memory-backend-memfd,share=on";
    check_bridge(rig_by_switch(true), true);
    rig_backend = "memory-backend-memfd,share=off";
    check_bridge(rig_by_switch(true), true);
    rig_backend = "memory-backend-ram";
}

/* but a file that others can open stays as the device sees it. */
static void test_named_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-window-XXXXXX", NULL);
    Rig *r;

    rig_backend = g_strdup_printf("memory-backend-file,share=on,mem-path=%s",
                              dir);
    r = rig_by_switch(true);
    rig_commit_set(r, 0, 1);
    rig_write_all(r, 0, 3);
    rig_read_all(r, 0, 3);
    g_assert_cmpuint(rig_count_aliases(r), ==, 0);
    rig_release_set(r);
    rig_commit_alone(r);
    rig_expect_aliases(r, 2);
    rig_read_alone(r, 3);
    rig_stop(r);
    g_free((char *)rig_backend);
    rig_backend = "memory-backend-ram";
    g_rmdir(dir);
}

/*
 * Two decoders of a bridge claim the same addresses for different ports: the
 * first one wins, and what the other one leads to appears when it goes.
 */
static void test_overlap(void)
{
    Rig *r = rig_by_host_bridge(true);

    for (unsigned i = 0; i < 2; i++) {
        rig_enable_mem(r, &r->dev[i]);
        rig_commit(r, r->bridge, i, r->window, (1 + i) * RIG_SIZE, 0, i);
        rig_commit(r, r->dev[i].bar0, 0, r->window, RIG_SIZE, 0, 0);
    }
    rig_expect_aliases(r, 1);
    qtest_writeq(r->qts, r->window + 0x1000, rig_word(0, 1));
    rig_release(r, r->bridge, 0);
    rig_expect_aliases(r, 1);
    g_assert_cmphex(qtest_readq(r->qts, r->window + 0x1000), ==, 0);
    qtest_writeq(r->qts, r->window + 0x1000, rig_word(1, 1));
    rig_commit(r, r->bridge, 0, r->window, RIG_SIZE, 0, 0);
    g_assert_cmphex(qtest_readq(r->qts, r->window + 0x1000), ==,
                    rig_word(0, 1));
    rig_release(r, r->dev[0].bar0, 0);
    rig_expect_aliases(r, 0);
    g_assert_cmphex(qtest_readq(r->qts, r->window + 0x1000), ==, UINT64_MAX);
    rig_stop(r);
}

/* Members that lend different sizes: a set as far as the smaller one goes */
static void test_uneven(void)
{
    Rig *r = rig_by_window(2, true);
    uint64_t at = r->window + rig_offset(r, 0, 1, 0x1000);

    for (unsigned i = 0; i < 2; i++) {
        rig_enable_mem(r, &r->dev[i]);
        rig_commit(r, r->dev[i].bar0, 0, r->window, (2 - i) * RIG_SIZE, 16,
                   0);
    }
    rig_expect_aliases(r, 2);
    qtest_writeq(r->qts, at, rig_word(1, 1));
    g_assert_cmphex(qtest_readq(r->qts, at), ==, rig_word(1, 1));
    /* Beyond, every second chunk is nowhere. */
    at = r->window + RIG_SIZE;
    qtest_writeq(r->qts, at, rig_word(0, 2));
    qtest_writeq(r->qts, at + 256, rig_word(1, 2));
    g_assert_cmphex(qtest_readq(r->qts, at), ==, rig_word(0, 2));
    g_assert_cmphex(qtest_readq(r->qts, at + 256), ==, UINT64_MAX);
    rig_stop(r);
}

/* A reset takes decoders and aliases away. */
static void test_reset(void)
{
    Rig *r = rig_by_host_bridge(true);

    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    qtest_system_reset(r->qts);
    rig_expect_aliases(r, 0);
    g_assert_cmphex(qtest_readq(r->qts, r->window), ==, UINT64_MAX);
    rig_stop(r);
}

/*
 * The memory travels in host order, so the order has to travel, too; the
 * decoders of the host bridge are nobody else's.
 */
static void test_migrate(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-window-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "state", NULL);
    g_autofree char *uri = g_strconcat("file:", path, NULL);
    g_autofree char *incoming = g_strconcat("-incoming ", uri, " ", NULL);
    Rig *r = rig_by_host_bridge(true);
    uint64_t ctrl;

    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    rig_write_all(r, 0, 7);
    qtest_qmp_assert_success(r->qts, "{'execute': 'migrate', 'arguments': {"
                             "'uri': %s}}", uri);
    status_wait(r->qts, "query-migrate", "completed");
    rig_stop(r);

    r = rig_host_bridge_machine(true, incoming);
    status_wait(r->qts, "query-status", "running");
    rig_enumerate_host_bridge(r);
    ctrl = qtest_readl(r->qts, r->bridge + RIG_HDM + 0x20);
    g_assert_cmphex(ctrl & 0x400, ==, 0x400);
    rig_commit_set(r, 0, 1);
    rig_read_all(r, 0, 7);
    rig_expect_aliases(r, 2);
    rig_read_all(r, 0, 7);
    rig_release_set(r);
    rig_commit_alone(r);
    rig_read_alone(r, 7);
    rig_expect_aliases(r, 2);
    rig_read_alone(r, 7);
    rig_stop(r);
    g_unlink(path);
    g_rmdir(dir);
}

/* What is in the section of sets, after the length and two headers */
#define SETS (4 + 2 * 24)

/* A stream in which the state of the windows was tampered with is refused. */
static void load_tampered(char *state, gsize len, const char *path,
                          unsigned at, uint8_t value)
{
    g_autofree char *uri = g_strconcat("file:", path, NULL);
    static const char name[] = "memfab-cxl-windows";
    char *found = memmem(state, len, name, strlen(name));
    uint8_t before;
    Rig *r;

    /* instance and version come before the fields */
    g_assert_nonnull(found);
    found += strlen(name) + 8 + at;
    before = *found;
    *found = value;
    g_assert_true(g_file_set_contents(path, state, len, NULL));
    *found = before;
    r = rig_host_bridge_machine(true, "-incoming defer ");
    qtest_qmp_assert_success(r->qts, "{'execute': 'migrate-incoming',"
                             "'arguments': {'uri': %s,"
                             "'exit-on-error': false}}", uri);
    status_wait(r->qts, "query-migrate", "failed");
    rig_stop(r);
}

static void test_migrate_tampered(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-window-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "state", NULL);
    g_autofree char *uri = g_strconcat("file:", path, NULL);
    g_autofree char *state = NULL;
    Rig *r = rig_by_host_bridge(true);
    gsize len;

    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    qtest_qmp_assert_success(r->qts, "{'execute': 'migrate', 'arguments': {"
                             "'uri': %s}}", uri);
    status_wait(r->qts, "query-migrate", "completed");
    rig_stop(r);
    g_assert_true(g_file_get_contents(path, &state, &len, NULL));
    /* Length, big-endian; name and version of the sections */
    load_tampered(state, len, path, 0, 0xff);
    load_tampered(state, len, path, 1, 0xff);
    load_tampered(state, len, path, 4, 'x');
    load_tampered(state, len, path, 4 + 16, 0x09);
    load_tampered(state, len, path, 4 + 24, 'x');
    /* The first set: how many there are, length, codes, steps left */
    load_tampered(state, len, path, SETS, 0xff);
    load_tampered(state, len, path, SETS + 8, 0x01);
    load_tampered(state, len, path, SETS + 8 + 1, 0x01);
    load_tampered(state, len, path, SETS + 8 + 3, 0x00);
    load_tampered(state, len, path, SETS + 16, 0x09);
    load_tampered(state, len, path, SETS + 24, 0x07);
    load_tampered(state, len, path, SETS + 32 + 7, 0xff);
    g_unlink(path);
    g_rmdir(dir);
}

/*
 * More holes than QEMU has sections: aliases stay within the budget, the
 * rest traps, and what is read is the same.  Each hole in memory that is
 * mapped makes QEMU look at all others, so most come before.
 */
static void test_many_holes(void)
{
    const unsigned lines = 5000, before = 4800, stride = 0x10000;
    Rig *r = rig_by_window(1, true);

    rig_commit_set(r, 0, 0);
    rig_expect_aliases(r, 1);
    rig_write_all(r, 0, 2);
    rig_release_set(r);
    rig_expect_aliases(r, 0);
    for (unsigned i = 0; i < lines; i++) {
        if (i == before) {
            rig_commit_set(r, 0, 0);
            g_assert_cmpuint(rig_count_aliases(r), ==, 1024);
        }
        rig_inject(r, (i + 1) * stride + 0x8000);
    }
    g_assert_cmpuint(rig_count_aliases(r), ==, 1024);
    rig_read_all(r, 0, 2);
    for (unsigned i = 0; i < lines; i += 97) {
        uint64_t at = r->window + (i + 1) * stride + 0x8000;

        g_assert_cmphex(qtest_readq(r->qts, at), ==, UINT64_MAX);
        g_assert_cmphex(qtest_readq(r->qts, at - 8), ==, 0);
        g_assert_cmphex(qtest_readq(r->qts, at + 64), ==, 0);
    }
    rig_release_set(r);
    rig_expect_aliases(r, 0);
    rig_stop(r);
}

/* One line of one member takes one page out of the set. */
static void test_hole_in_set(void)
{
    Rig *r = rig_by_window(2, true);
    uint64_t at = r->window + rig_offset(r, 0, 0, 0x12340);

    rig_commit_set(r, 0, 1);
    rig_write_all(r, 0, 2);
    rig_expect_aliases(r, 2);
    rig_inject(r, 0x12340);
    rig_expect_aliases(r, 3);
    g_assert_cmphex(qtest_readq(r->qts, at), ==, UINT64_MAX);
    g_assert_cmphex(qtest_readq(r->qts, at + 256), ==, rig_word(3, 0x12340));
    rig_device_write(r, 0, 0x12340, 0x5a);
    rig_expect_aliases(r, 2);
    g_assert_cmphex(qtest_readq(r->qts, at), ==, 0x5a5a5a5a5a5a5a5aull);
    rig_stop(r);
}

/* Accesses of any size across chunks, and across the end of the region */
static void test_straddle(void)
{
    Rig *r = rig_by_window(2, false);
    uint8_t out[64], in[64];

    rig_commit_set(r, 0, 1);
    for (unsigned i = 0; i < sizeof(out); i++) {
        out[i] = i;
    }
    for (unsigned at = 0xc1; at < 0x101; at++) {
        qtest_memwrite(r->qts, r->window + at, out, sizeof(out));
        qtest_memread(r->qts, r->window + at, in, sizeof(in));
        g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
    }
    qtest_writeq(r->qts, r->window + 0xfd, 0x1122334455667788ull);
    g_assert_cmphex(qtest_readl(r->qts, r->window + 0x100), ==, 0x22334455);
    qtest_writeq(r->qts, r->window + 2 * RIG_SIZE - 4, 0x99aabbccddeeff00ull);
    g_assert_cmphex(qtest_readl(r->qts, r->window + 2 * RIG_SIZE - 4), ==,
                    0xddeeff00);
    rig_stop(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/window/interleave/two", test_window_two);
    g_test_add_func("/cxl/window/interleave/three", test_window_three);
    g_test_add_func("/cxl/window/interleave/four", test_window_four);
    g_test_add_func("/cxl/window/interleave/trapping", test_window_trapping);
    g_test_add_func("/cxl/window/host-bridge/direct", test_host_bridge);
    g_test_add_func("/cxl/window/host-bridge/trapping",
                   test_host_bridge_trapping);
    g_test_add_func("/cxl/window/switch/direct", test_switch);
    g_test_add_func("/cxl/window/switch/trapping", test_switch_trapping);
    g_test_add_func("/cxl/window/backend/memfd", test_memfd);
    g_test_add_func("/cxl/window/backend/named-file", test_named_file);
    g_test_add_func("/cxl/window/overlap", test_overlap);
    g_test_add_func("/cxl/window/uneven", test_uneven);
    g_test_add_func("/cxl/window/reset", test_reset);
    g_test_add_func("/cxl/window/straddle", test_straddle);
    g_test_add_func("/cxl/window/migrate", test_migrate);
    g_test_add_func("/cxl/window/migrate-tampered", test_migrate_tampered);
    g_test_add_func("/cxl/window/holes/set", test_hole_in_set);
    g_test_add_func("/cxl/window/holes/many", test_many_holes);
    return g_test_run();
}
