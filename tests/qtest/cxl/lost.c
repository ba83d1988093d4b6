/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory whose file becomes shorter while it is mapped, or for which the host
 * has no page: poison, in whichever thread an access finds it, and memory
 * again when it was written; whose bytes are lost with those of a set.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/mailbox.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/cxl/rig.h"
#include <glib/gstdio.h>

#define SIZE        (512 * FIX_MIB)
#define CUT         (128 * FIX_MIB + 100)   /* the file's new length */
#define LINE        (128 * FIX_MIB + 64)    /* the first line that lost any */
#define WORD        0x1122334455667788ull
#define INTERNAL    2

#define VOLATILE(backend) \
    "-object " backend " -device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=v"

static char *dir;

static char *path_of(const char *name)
{
    return g_build_filename(dir, name, NULL);
}

static void set_up(void)
{
    dir = g_dir_make_tmp("cxl-lost-XXXXXX", NULL);
    g_assert_nonnull(dir);
}

static void tear_down(void)
{
    static const char *const names[] = { "v", "l", "p0", "p1", "state" };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = path_of(names[i]);

        g_unlink(path);
    }
    g_rmdir(dir);
    g_clear_pointer(&dir, g_free);
}

static void cut(const char *name, uint64_t len)
{
    g_autofree char *path = path_of(name);

    g_assert_cmpint(truncate(path, len), ==, 0);
}

static unsigned list(CxlFixture *f, CxlReply *r)
{
    uint8_t in[16];

    stq_le_p(in, 0);
    stq_le_p(in + 8, SIZE / 64);
    fix_command_ok(f, CXL_OP_POISON_LIST, in, sizeof(in), r);
    return lduw_le_p(r->data + 0x0a);
}

/* One record, from @dpa to the end */
static void check_list(CxlFixture *f, uint64_t dpa)
{
    CxlReply r;

    g_assert_cmpuint(list(f, &r), ==, 1);
    g_assert_cmphex(ldq_le_p(r.data + 0x20), ==, dpa | INTERNAL);
    g_assert_cmphex(ldl_le_p(r.data + 0x28), ==, (SIZE - dpa) / 64);
}

/* The access that finds it reads zeroes; what comes after that is told. */
static void wait_for_list(CxlFixture *f)
{
    CxlReply r;

    for (unsigned i = 0; i < 24000 && !list(f, &r); i++) {
        g_usleep(5000);
    }
    g_assert_cmpuint(list(f, &r), >, 0);
}

static CxlFixture *with_file(const char *more, uint64_t *hpa)
{
    g_autofree char *options = NULL;
    CxlFixture *f;

    set_up();
    options = g_strdup_printf(VOLATILE("memory-backend-file,id=v,size=512M,"
                                       "share=on,mem-path=%s/v") "%s", dir,
                              more);
    f = fix_start(options);
    *hpa = fix_map(f, 0, 0, SIZE);
    fix_write(f, *hpa, 8, WORD);
    fix_write(f, *hpa + LINE - 8, 8, WORD);
    fix_write(f, *hpa + LINE, 8, WORD);
    fix_write(f, *hpa + SIZE - 8, 8, WORD);
    return f;
}

static void write_line(CxlFixture *f, uint64_t hpa)
{
    for (unsigned i = 0; i < 64; i += 8) {
        fix_write(f, hpa + i, 8, WORD);
    }
}

/* What is there before the end is, what was behind it never comes back. */
static void check_shorter(CxlFixture *f, uint64_t hpa)
{
    CxlReply r;

    check_list(f, LINE);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, WORD);
    g_assert_cmphex(fix_read(f, hpa + LINE - 8, 8), ==, WORD);
    g_assert_cmphex(fix_read(f, hpa + LINE, 8), !=, WORD);
    g_assert_cmphex(fix_read(f, hpa + SIZE - 8, 8), !=, 0);
    g_assert_cmphex(fix_read(f, hpa + SIZE - 8, 8), !=, WORD);
    /* The loss, and the first of the loads that met it */
    g_assert_cmpuint(fix_take_records(f, 2, &r), >=, 2);
    g_assert_cmphex(ldq_le_p(r.data + 0x20 + 0x30) & ~0x3full, ==, LINE);
    g_assert_cmphex(r.data[0x20 + 0x38] & 1, ==, 1);
}

static void recovers(CxlFixture *f, uint64_t hpa)
{
    CxlReply r;

    write_line(f, hpa + SIZE - 64);
    g_assert_cmphex(fix_read(f, hpa + SIZE - 8, 8), ==, WORD);
    g_assert_cmpuint(list(f, &r), ==, 1);
    /* Nothing of it outlives a sanitize, nor what has been written since. */
    fix_command(f, CXL_OP_SANITIZE, NULL, 0, &r);
    g_assert_cmphex(r.rc, ==, CXL_RC_BACKGROUND);
    for (unsigned i = 0; i < 64; i++) {
        qtest_clock_step(f->qts, 250000000);
    }
    g_assert_cmpuint(list(f, &r), ==, 0);
    g_assert_cmphex(fix_read(f, hpa + SIZE - 8, 8), ==, 0);
    g_assert_cmphex(fix_read(f, hpa + LINE, 8), ==, 0);
    fix_write(f, hpa + LINE, 8, ~WORD);
    g_assert_cmphex(fix_read(f, hpa + LINE, 8), ==, ~WORD);
}

/* A load finds it, or a store; by an alias, or in the trapping path */
static void test_shorter(gconstpointer data)
{
    const char *how = data;
    uint64_t hpa;
    CxlFixture *f = with_file(strstr(how, "traps") ? ",direct=off" : "", &hpa);

    cut("v", CUT);
    if (strstr(how, "store")) {
        fix_write(f, hpa + SIZE - 4096, 8, WORD);
    } else {
        g_assert_cmphex(fix_read(f, hpa + SIZE - 8, 8), !=, WORD);
    }
    wait_for_list(f);
    check_shorter(f, hpa);
    recovers(f, hpa);
    fix_stop(f);
    tear_down();
}

/* The thread of a migration finds it, and the list goes along. */
static void test_migration(void)
{
    uint64_t hpa;
    CxlFixture *f = with_file("", &hpa);

    cut("v", CUT);
    f = fix_move(f, VOLATILE("memory-backend-ram,id=v,size=512M"));
    check_shorter(f, hpa);
    fix_stop(f);
    tear_down();
}

/* Longer again: what is lost stays so, and what is behind it, too. */
static void test_longer_again(void)
{
    uint64_t hpa;
    CxlFixture *f = with_file("", &hpa);

    cut("v", CUT);
    fix_read(f, hpa + SIZE - 8, 8);
    wait_for_list(f);
    cut("v", SIZE);
    check_shorter(f, hpa);
    recovers(f, hpa);
    fix_stop(f);
    tear_down();
}

/* Labels are gone: zeroes, which are none. */
static void test_labels(void)
{
    uint8_t in[8] = { [4] = 16 };
    g_autofree char *options = NULL;
    CxlFixture *f;
    CxlReply r;

    set_up();
    options = g_strdup_printf(
        "-object memory-backend-ram,id=p,size=512M -object memory-backend-file,"
        "id=l,size=1M,share=on,mem-path=%s/l -device cxl-type3,bus=rp0,"
        "id=cxl0,persistent-memdev=p,lsa=l", dir);
    f = fix_start(options);
    fix_command_ok(f, CXL_OP_LSA_SET, "\0\0\0\0\0\0\0\0labels", 14, &r);
    cut("l", 0);
    fix_command_ok(f, CXL_OP_LSA_GET, in, sizeof(in), &r);
    g_assert_cmpuint(r.len, ==, 16);
    for (unsigned i = 0; i < r.len; i++) {
        g_assert_cmphex(r.data[i], ==, 0);
    }
    fix_command_ok(f, CXL_OP_LSA_SET, "\0\0\0\0\0\0\0\0again", 13, &r);
    fix_command_ok(f, CXL_OP_LSA_GET, in, sizeof(in), &r);
    g_assert_cmpmem(r.data, 5, "again", 5);
    g_assert_cmpuint(list(f, &r), ==, 0);
    fix_stop(f);
    tear_down();
}

static char *set_memory(GString *cmd, unsigned i)
{
    g_string_append_printf(cmd, "-object memory-backend-file,id=m%u,size=512M,"
                           "share=off,mem-path=%s/p%u ", i, dir, i);
    return g_strdup_printf("volatile-memdev=m%u", i);
}

/*
 * The second half of a set that is in host order: of both devices half is
 * lost, and nothing of the other half.
 */
static void test_set(void)
{
    unsigned lost = 0;
    Rig *r;

    set_up();
    rig_memory = set_memory;
    r = rig_by_host_bridge(true);
    rig_commit_set(r, 0, 1);
    rig_write_all(r, 0, 3);
    rig_expect_aliases(r, 2);
    rig_read_all(r, 0, 3);
    cut("p1", 0);
    for (unsigned i = 0; i < 24000 &&
         !qtest_readq(r->qts, r->window + RIG_SIZE + 0x100000); i++) {
        g_usleep(5000);
    }
    for (unsigned dev = 0; dev < 2; dev++) {
        for (unsigned i = 0; i < RIG_PLACES; i++) {
            uint64_t off = rig_offset(r, 0, dev, rig_places[i]);
            uint64_t is = qtest_readq(r->qts, r->window + off);

            if (off < RIG_SIZE) {
                g_assert_cmphex(is, ==, rig_word(dev + 3, rig_places[i]));
            } else {
                g_assert_cmphex(is, !=, rig_word(dev + 3, rig_places[i]));
                g_assert_cmphex(is, !=, 0);
                lost++;
            }
        }
    }
    g_assert_cmpuint(lost, >=, 2);
    rig_stop(r);
    tear_down();
}

static bool has_huge_pages(const char *options)
{
    g_autofree char *command = g_strdup_printf(
        "%s -machine none -display none -monitor null -serial none -S %s"
        " -daemonize -pidfile %s/state", getenv("QTEST_QEMU_BINARY"), options,
        dir);
    g_autofree char *path = path_of("state");
    g_autofree char *pid = NULL;
    int status = 1;

    if (!g_spawn_command_line_sync(command, NULL, NULL, &status, NULL) ||
        status || !g_file_get_contents(path, &pid, NULL, NULL)) {
        return false;
    }
    kill(g_ascii_strtoll(pid, NULL, 10), SIGTERM);
    return true;
}

/* The host promises pages, and has none when they are touched. */
static void test_no_pages(void)
{
    const char *memory = "memory-backend-memfd,id=v,size=512M,hugetlb=on,"
                         "hugetlbsize=2M,reserve=off";
    g_autofree char *object = g_strdup_printf("-object %s", memory);
    g_autofree char *options = g_strdup_printf(
        "%s -device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=v", object);
    CxlFixture *f;
    CxlReply r;
    uint64_t hpa;

    set_up();
    if (!has_huge_pages(object)) {
        g_test_skip("the host has no huge pages");
        tear_down();
        return;
    }
    f = fix_start(options);
    hpa = fix_map(f, 0, 0, SIZE);
    fix_write(f, hpa + 5 * FIX_MIB, 8, WORD);
    if (list(f, &r)) {
        g_assert_cmphex(ldq_le_p(r.data + 0x20), ==, 4 * FIX_MIB | INTERNAL);
        g_assert_cmphex(ldl_le_p(r.data + 0x28), ==, 2 * FIX_MIB / 64);
        g_assert_cmphex(fix_read(f, hpa + 5 * FIX_MIB, 8), !=, 0);
        write_line(f, hpa + 5 * FIX_MIB);
    }
    g_assert_cmphex(fix_read(f, hpa + 5 * FIX_MIB, 8), ==, WORD);
    fix_stop(f);
    tear_down();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("/cxl/lost/load", "load", test_shorter);
    qtest_add_data_func("/cxl/lost/store", "store", test_shorter);
    qtest_add_data_func("/cxl/lost/load-traps", "load traps", test_shorter);
    qtest_add_data_func("/cxl/lost/store-traps", "store traps", test_shorter);
    qtest_add_func("/cxl/lost/migration", test_migration);
    qtest_add_func("/cxl/lost/longer-again", test_longer_again);
    qtest_add_func("/cxl/lost/labels", test_labels);
    qtest_add_func("/cxl/lost/set", test_set);
    qtest_add_func("/cxl/lost/no-pages", test_no_pages);
    return g_test_run();
}
