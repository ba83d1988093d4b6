/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large and scattered memory: thousands of extents, a set of 16 GiB that
 * nobody has touched, which costs neither time nor memory, and wiping, which
 * does not touch what nobody has.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/cxl/rig.h"
#include <glib/gstdio.h>

#define EXTENTS     4000u
#define BATCH       40u
#define BLOCK       0x10000ull
#define MARK(n)     (0x5a5a000000000000ull + (n))
#define LARGE       (2048 * RIG_MIB)    /* of each of eight devices */
#define GOAL_US     10000

/* Every second block: none of them touch. */
static uint64_t extent_at(unsigned n)
{
    return 2 * n * BLOCK;
}

static void offer(CxlFixture *f, unsigned first)
{
    g_autoptr(GString) list = g_string_new("");

    for (unsigned i = first; i < first + BATCH; i++) {
        g_string_append_printf(list, "%s{\"offset\":%" PRIu64 ",\"len\":%"
                               PRIu64 "}", i == first ? "" : ",",
                               extent_at(i), (uint64_t)BLOCK);
    }
    qtest_qmp_assert_success(f->qts, "{'execute':"
        " 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0, 'region': 0,"
        " 'selection-policy': 'prescriptive', 'tag': '', 'extents': %p }}",
        qobject_from_json(g_strdup_printf("[%s]", list->str), NULL));
}

static void take(CxlFixture *f, unsigned first)
{
    uint8_t in[8 + 24 * BATCH] = { 0 };
    CxlReply r;

    stl_le_p(in, BATCH);
    for (unsigned i = 0; i < BATCH; i++) {
        stq_le_p(in + 8 + 24 * i, extent_at(first + i));
        stq_le_p(in + 16 + 24 * i, BLOCK);
    }
    fix_command_ok(f, 0x4802, in, sizeof(in), &r);
    while (fix_take_records(f, 4, &r)) {
        continue; /* all of the log for capacity */
    }
}

static unsigned direct_maps(QTestState *qts)
{
    Rig r = { .qts = qts };

    return rig_count_aliases(&r);
}

/*
 * Of as many names as there are maps: of one name QEMU searches for a free
 * number among all that have it.
 */
static unsigned names_of_maps(QTestState *qts)
{
    g_autofree char *tree = qtest_hmp(qts, "info mtree");
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal,
                                                        g_free, NULL);

    for (char *p = tree; (p = strstr(p, "memfab-cxl-direct")); p++) {
        g_hash_table_add(names, g_strndup(p, strcspn(p, " ")));
    }
    return g_hash_table_size(names);
}

static void test_extents(void)
{
    CxlFixture *f = fix_start(
        "-object memory-backend-ram,id=dc,size=1G "
        "-device cxl-type3,bus=rp0,id=cxl0,volatile-dc-memdev=dc,"
        "num-dc-regions=1,dc-block-size=64K");
    uint64_t hpa = fix_map(f, 0, 0, 2 * RIG_SIZE);

    for (unsigned n = 0; n < EXTENTS; n += BATCH) {
        offer(f, n);
        take(f, n);
    }
    g_assert_cmpuint(direct_maps(f->qts), ==, 1024);
    g_assert_cmpuint(names_of_maps(f->qts), ==, 1024);
    for (unsigned n = 0; n < EXTENTS; n += 7) {
        fix_write(f, hpa + extent_at(n), 8, MARK(n));
        fix_write(f, hpa + extent_at(n) + BLOCK, 8, MARK(n));
    }
    for (unsigned n = 0; n < EXTENTS; n += 7) {
        g_assert_cmphex(fix_read(f, hpa + extent_at(n), 8), ==, MARK(n));
        g_assert_cmphex(fix_read(f, hpa + extent_at(n) + BLOCK, 8), ==,
                        UINT64_MAX);
    }
    fix_stop(f);
}

static char *large_memory(GString *cmd, unsigned i)
{
    g_string_append_printf(cmd, "-object memory-backend-ram,id=m%u,size=2G ",
                           i);
    return g_strdup_printf("volatile-memdev=m%u", i);
}

static uint64_t resident(QTestState *qts)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm",
                                            (int)qtest_pid(qts));
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return g_ascii_strtoull(strchr(text, ' '), NULL, 10) *
           qemu_real_host_page_size();
}

/* Microseconds that putting the set in order took, from the trace */
static uint64_t time_of_order(const char *log)
{
    for (unsigned i = 0; i < 24000; i++) {
        g_autofree char *text = NULL;
        char *found;

        g_file_get_contents(log, &text, NULL, NULL);
        found = text ? strstr(text, "bytes in ") : NULL;
        if (found && strstr(found, " us")) {
            g_assert_nonnull(strstr(text, "8 ways, moved 0 bytes"));
            return g_ascii_strtoull(found + 9, NULL, 10);
        }
        g_usleep(5000);
    }
    g_assert_not_reached();
}

static Rig *commit_large(const char *log)
{
    g_autofree char *options = g_strdup_printf(
        "-trace enable=memfab_cxl_window_order -D %s ", log);
    char *(*usual)(GString *cmd, unsigned i) = rig_memory;
    Rig *r;

    rig_memory = large_memory;
    r = rig_by_window_with(8, true, options, "16G");
    rig_memory = usual;
    for (unsigned i = 0; i < 8; i++) {
        rig_enable_mem(r, &r->dev[i]);
        g_assert_cmphex(rig_commit(r, r->dev[i].bar0, 0, r->window, 8 * LARGE,
                                   3 << 4, 0) & 0xc00, ==, 0x400);
    }
    rig_expect_aliases(r, 8);
    return r;
}

/* The best of some: the machine may be busy with something else. */
static void test_untouched(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-limits-XXXXXX", NULL);
    g_autofree char *log = g_build_filename(dir, "log", NULL);
    uint64_t best = UINT64_MAX;

    for (unsigned i = 0; i < 5 && best > GOAL_US; i++) {
        Rig *r = commit_large(log);

        best = MIN(best, time_of_order(log));
        rig_stop(r);
        g_unlink(log);
    }
    g_test_message("16 GiB, 8 ways: %" PRIu64 " us", best);
    g_assert_cmpuint(best, <=, GOAL_US);
    g_rmdir(dir);
}

/* AddressSanitizer's shadow has a byte for every eight that are looked at. */
static int64_t shadow_of(QTestState *qts, int64_t bytes)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps",
                                            (int)qtest_pid(qts));
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return strstr(text, "libasan") ? bytes / 8 : 0;
}

/* Of 16 GiB, what the guest touches and 2 %, and a little for the machine */
static void test_resident(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-limits-XXXXXX", NULL);
    g_autofree char *log = g_build_filename(dir, "log", NULL);
    const int64_t touched = 256 * RIG_MIB;
    int64_t before, grown;
    Rig *r;

    /* A sanitizer would keep what the test protocol frees. */
    g_setenv("ASAN_OPTIONS", "quarantine_size_mb=0:"
             "thread_local_quarantine_size_kb=0", true);
    r = commit_large(log);
    before = resident(r->qts);

    /* In stretches of 4 MiB, since the host's pages may have 2 MiB */
    for (unsigned i = 0; i < 256; i++) {
        qtest_memset(r->qts, r->window + i / 4 * LARGE / 8 + i % 4 * RIG_MIB,
                     0xa5, touched / 256);
    }
    /*
     * The kernel counts in portions for each thread.  What the commits left
     * for RCU to free is still in "before", so that the growth may look
     * smaller than it is; half of it shows that the count is of this memory.
     */
    grown = resident(r->qts) - before;
    g_test_message("touched %" PRId64 ", grew by %" PRId64 " bytes", touched,
                   grown);
    g_assert_cmpint(grown, >=, touched / 2);
    g_assert_cmpint(grown, <=, touched + touched / 50 + 2 * RIG_MIB +
                    shadow_of(r->qts, touched));
    rig_stop(r);
    g_unlink(log);
    g_rmdir(dir);
}

/* The most that a process ever had in memory, in bytes */
static uint64_t peak(QTestState *qts)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status",
                                            (int)qtest_pid(qts));
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return g_ascii_strtoull(strstr(text, "VmHWM:") + 6, NULL, 10) * 1024;
}

/*
 * Memory that holds something is put in order with a bounded buffer, and the
 * monitor is served meanwhile.
 */
static void test_order(void)
{
    const uint64_t half = 128 * RIG_MIB;
    g_autofree char *dir = g_dir_make_tmp("cxl-limits-XXXXXX", NULL);
    g_autofree char *log = g_build_filename(dir, "log", NULL);
    g_autofree char *options = g_strdup_printf(
        "-trace enable=memfab_cxl_window_order -D %s ", log);
    Rig *r = rig_host_bridge_machine(true, options);
    int64_t grown, began;
    uint64_t before;
    unsigned asked = 0;

    rig_enumerate_host_bridge(r);
    for (unsigned i = 0; i < 2; i++) {
        rig_enable_mem(r, &r->dev[i]);
    }
    rig_commit_alone(r);
    rig_expect_aliases(r, 2);
    for (unsigned i = 0; i < 2; i++) {
        qtest_memset(r->qts, r->window + i * RIG_SIZE, 0x11 * (i + 1), half);
    }
    for (unsigned i = 0; i < 2; i++) {
        rig_release(r, r->dev[i].bar0, 0);
        rig_release(r, r->bridge, i);
    }
    before = peak(r->qts);
    began = g_get_monotonic_time();
    rig_commit_set(r, 0, 1);
    while (rig_count_aliases(r) != 2) {
        g_assert_cmpuint(asked++, <, 100000);
    }
    grown = peak(r->qts) - before;
    g_test_message("256 MiB in order after %" PRId64 " ms, %u answers, grew by"
                   " %" PRId64 " bytes", (g_get_monotonic_time() - began) /
                   1000, asked, grown);
    g_assert_cmpint(grown, <, half / 2);
    for (uint64_t dpa = 0; dpa < half; dpa += RIG_MIB + 256) {
        for (unsigned i = 0; i < 2; i++) {
            g_assert_cmphex(qtest_readb(r->qts, r->window +
                                        rig_offset(r, 0, i, dpa)), ==,
                            0x11 * (i + 1));
        }
    }
    rig_stop(r);
    rig_check_steps(log, 2 * half, 16 * RIG_MIB);
    g_unlink(log);
    g_rmdir(dir);
}

/* Bytes of a file that are really there */
static uint64_t stored(const char *path)
{
    GStatBuf st;

    g_assert_cmpint(g_stat(path, &st), ==, 0);
    return (uint64_t)st.st_blocks * 512;
}

static void erases(CxlFixture *f, uint64_t hpa, uint16_t opcode,
                   const void *in, uint32_t len)
{
    CxlReply r;

    for (unsigned i = 0; i < 64; i++) {
        fix_write(f, hpa + i * 4 * FIX_MIB, 8, MARK(i));
    }
    fix_command_ok(f, opcode, in, len, &r);
    for (unsigned i = 0; i < 64; i++) {
        g_assert_cmphex(fix_read(f, hpa + i * 4 * FIX_MIB, 8), ==, 0);
    }
}

/*
 * Erasing a file at once must not mean to write all of it, nor to give up the
 * room in it that @options asked for.
 */
static void erase_file(const char *options, uint64_t least, uint64_t most)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-limits-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "pmem", NULL);
    g_autofree char *labels = g_build_filename(dir, "lsa", NULL);
    g_autofree char *devices = g_strdup_printf(
        "-object memory-backend-file,id=pmem,size=256M,share=on,mem-path=%s%s "
        "-object memory-backend-file,id=lsa,size=256M,share=on,mem-path=%s "
        "-device cxl-type3,bus=rp0,id=cxl0,persistent-memdev=pmem,lsa=lsa",
        path, options, labels);
    CxlFixture *f = fix_start(devices);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    uint8_t user[64] = { 1 }, label[16] = { [8] = 0xa5 }, get[8] = { [4] = 8 };
    CxlReply r;

    fix_command_ok(f, 0x4103, label, sizeof(label), &r);
    erases(f, hpa, 0x4401, NULL, 0);
    erases(f, hpa, 0x4505, user, sizeof(user));
    g_assert_cmpuint(stored(path), >=, least);
    g_assert_cmpuint(stored(path), <=, most);
    fix_command_ok(f, 0x4102, get, sizeof(get), &r);
    g_assert_cmpuint(r.len, ==, 8);
    g_assert_cmphex(ldq_le_p(r.data), ==, 0);
    g_assert_cmpuint(stored(labels), <=, 16 * FIX_MIB);
    fix_stop(f);
    g_unlink(path);
    g_unlink(labels);
    g_rmdir(dir);
}

static void test_erase_file(void)
{
    /* The reads bring pages back. */
    erase_file("", 0, 16 * FIX_MIB);
    erase_file(",prealloc=on", FIX_UNIT, UINT64_MAX);
}

/* What the memfd backends of the machine really hold */
static uint64_t stored_memfd(QTestState *qts)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fd",
                                            (int)qtest_pid(qts));
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    uint64_t sum = 0;
    const char *name;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *fd = g_build_filename(path, name, NULL);
        g_autofree char *what = g_file_read_link(fd, NULL);

        if (what && strstr(what, "memfd:memory-backend-memfd")) {
            sum += stored(fd);
        }
    }
    return sum;
}

/* Sanitizing a set that was hardly touched must not make it real. */
static void test_sanitize_set(void)
{
    const uint64_t second = 1000000000;
    Rig *r;

    rig_backend = "memory-backend-memfd,share=on";
    r = rig_by_window(2, true);
    rig_backend = "memory-backend-ram";
    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    rig_write_all(r, 0, 0);
    g_assert_cmpuint(stored_memfd(r->qts), >, 0);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmphex(rig_command(r, i, 0x4400, NULL, 0), ==, 1);
        qtest_clock_step(r->qts, 2 * second);
    }
    g_assert_cmpuint(stored_memfd(r->qts), <, 64 * RIG_MIB);
    for (unsigned i = 0; i < 2 * RIG_PLACES; i++) {
        g_assert_cmphex(qtest_readq(r->qts, r->window +
                                    rig_offset(r, 0, i % 2,
                                               rig_places[i / 2])), ==, 0);
    }
    rig_stop(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/limits/extents", test_extents);
    g_test_add_func("/cxl/limits/untouched", test_untouched);
    g_test_add_func("/cxl/limits/resident", test_resident);
    g_test_add_func("/cxl/limits/order", test_order);
    g_test_add_func("/cxl/limits/erase-file", test_erase_file);
    g_test_add_func("/cxl/limits/sanitize-set", test_sanitize_set);
    return g_test_run();
}
