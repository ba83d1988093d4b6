/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent memory that is interleaved: in device order in its files unless
 * a layout file is named, and back in that order when QEMU ends, or starts
 * again after it was killed.  What a copy of the files holds while QEMU runs
 * is what a kill at that moment would leave.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/refused.h"
#include "tests/qtest/status.h"
#include <glib/gstdio.h>

/* Where the files are, and who names a layout file */
static char *dir;
static unsigned named;      /* bit per device */
static bool beside;         /* and has us find it a place */
static bool half;           /* the second has no file, but lives in RAM */
static unsigned serial[2];

static char *path_of(const char *name)
{
    return g_build_filename(dir, name, NULL);
}

static char *persistent_memory(GString *cmd, unsigned i)
{
    if (half && i == 1) {
        g_string_append(cmd, "-object memory-backend-ram,id=p1,size=512M ");
    } else {
        g_string_append_printf(cmd, "-object memory-backend-file,id=p%u,"
                               "size=512M,share=on,mem-path=%s/p%u ", i, dir,
                               i);
    }
    g_string_append_printf(cmd, "-object memory-backend-ram,id=l%u,size=1M ",
                           i);
    if (named & 1u << i) {
        return g_strdup_printf("persistent-memdev=p%u,lsa=l%u,sn=%u,"
                               "layout-file=%s%s", i, i, serial[i],
                               beside ? "auto" : dir,
                               beside ? "" : "/layout");
    }
    return g_strdup_printf("persistent-memdev=p%u,lsa=l%u,sn=%u", i, i,
                           serial[i]);
}

static void set_up(unsigned who)
{
    dir = g_dir_make_tmp("cxl-layout-XXXXXX", NULL);
    g_assert_nonnull(dir);
    named = who;
    beside = half = false;
    serial[0] = 7;
    serial[1] = 8;
    rig_memory = persistent_memory;
}

static void remove_dir(void)
{
    GDir *d = g_dir_open(dir, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(d))) {
        g_autofree char *path = path_of(name);

        g_unlink(path);
    }
    g_dir_close(d);
    g_rmdir(dir);
    g_clear_pointer(&dir, g_free);
}

/* The rest of the test uses a copy, as if QEMU had died now. */
static void as_if_killed(void)
{
    char *copy = g_dir_make_tmp("cxl-layout-XXXXXX", NULL);
    g_autofree char *command = g_strdup_printf(
        "cp -r --sparse=always %s/. %s", dir, copy);
    int status;

    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, &status,
                                            NULL));
    g_assert_cmpint(status, ==, 0);
    remove_dir();
    dir = copy;
}

/* Memory in shared files is not part of a stream. */
static void ignore_shared(QTestState *qts)
{
    qtest_qmp_assert_success(qts, "{'execute': 'migrate-set-capabilities',"
                             "'arguments': {'capabilities': [{"
                             "'capability': 'x-ignore-shared',"
                             "'state': true}]}}");
}

static bool file_in_order(unsigned dev, unsigned seed)
{
    g_autofree char *name = g_strdup_printf("p%u", dev);
    g_autofree char *path = path_of(name);
    int fd = open(path, O_RDONLY);
    bool good = true;

    g_assert_cmpint(fd, >=, 0);
    for (unsigned i = 0; i < RIG_PLACES; i++) {
        uint64_t word;

        g_assert_cmpint(pread(fd, &word, 8, rig_places[i]), ==, 8);
        good &= word == rig_word(dev + seed, rig_places[i]);
    }
    close(fd);
    return good;
}

static bool files_in_order(unsigned seed)
{
    return file_in_order(0, seed) && file_in_order(1, seed);
}

/* Mapped, and in host order while it is */
static Rig *mapped(void)
{
    Rig *r = rig_by_host_bridge(true);

    rig_commit_set(r, 0, 1);
    rig_write_all(r, 0, 3);
    rig_expect_aliases(r, 2);
    rig_read_all(r, 0, 3);
    rig_write_all(r, 0, 4);
    rig_device_write(r, 1, 0x345640, 0x81);
    g_assert_false(files_in_order(4));
    return r;
}

static void reads_alone(unsigned seed)
{
    Rig *r = rig_by_host_bridge(true);

    rig_enable_mem(r, &r->dev[0]);
    rig_enable_mem(r, &r->dev[1]);
    rig_commit_alone(r);
    rig_expect_aliases(r, 2);
    rig_read_alone(r, seed);
    rig_stop(r);
}

static void test_end(void)
{
    set_up(3);
    rig_stop(mapped());
    g_assert_true(files_in_order(4));
    reads_alone(4);
    remove_dir();
}

static bool file_has(unsigned dev, uint64_t at, uint8_t value)
{
    g_autofree char *name = g_strdup_printf("p%u", dev);
    g_autofree char *path = path_of(name);
    int fd = open(path, O_RDONLY);
    uint8_t byte;

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(pread(fd, &byte, 1, at), ==, 1);
    close(fd);
    return byte == value;
}

/*
 * The process ends, or that and a member has left, while the bytes of a set
 * are on their way: the files are in order afterwards.
 */
static void ends_on_the_way(bool removed)
{
    const uint64_t half = 64 * RIG_MIB;
    Rig *r;

    set_up(3);
    r = rig_by_host_bridge(true);
    for (unsigned i = 0; i < 2; i++) {
        rig_enable_mem(r, &r->dev[i]);
    }
    rig_commit_alone(r);
    for (unsigned i = 0; i < 2; i++) {
        qtest_memset(r->qts, r->window + i * RIG_SIZE, 0x11 * (i + 1), half);
        rig_release(r, r->dev[i].bar0, 0);
        rig_release(r, r->bridge, i);
    }
    rig_commit_set(r, 0, 1);
    if (removed) {
        rig_tear_out(r, 1, 0xb2008000);
    }
    rig_stop(r);
    for (unsigned i = 0; i < 2; i++) {
        for (uint64_t at = 0; at < half; at += RIG_MIB + 256) {
            g_assert_true(file_has(i, at, 0x11 * (i + 1)));
        }
        g_assert_true(file_has(i, half, 0));
    }
    remove_dir();
}

static void test_end_on_the_way(void)
{
    ends_on_the_way(false);
    ends_on_the_way(true);
}

/* Another device with the same file comes while two are interleaved. */
static void test_third(void)
{
    g_autofree char *layout = NULL;
    Rig *r;

    set_up(3);
    layout = path_of("layout");
    r = rig_host_bridge_machine(true, "-device cxl-rp,id=rp2,bus=hb0,"
                                "chassis=0,slot=2,port=2 -object "
                                "memory-backend-ram,id=third,size=256M ");
    rig_enumerate_host_bridge(r);
    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    rig_write_all(r, 0, 4);
    qtest_qmp_assert_success(r->qts, "{'execute': 'device_add', 'arguments': {"
                    "'driver': 'cxl-type3', 'bus': 'rp2', 'id': 'cxl2',"
                    "'volatile-memdev': 'third', 'sn': 9,"
                    "'layout-file': %s}}", layout);
    rig_expect_aliases(r, 2);
    rig_read_all(r, 0, 4);
    rig_stop(r);
    g_assert_true(files_in_order(4));
    remove_dir();
}

static void test_killed(void)
{
    Rig *r;

    set_up(3);
    r = mapped();
    as_if_killed();
    g_assert_false(files_in_order(4));
    reads_alone(4);
    g_assert_true(files_in_order(4));
    rig_stop(r);
    remove_dir();
}

/* Often enough that a copy is worth it */
static void read_often(Rig *r, uint64_t offset)
{
    for (unsigned i = 0; i < 256; i++) {
        qtest_readb(r->qts, r->window + offset);
    }
}

static bool any_copy(Rig *r)
{
    return rig_region(r, "memfab-cxl-copy-") != 0;
}

/*
 * Without a layout file, what is read often is read from a copy.  Stores are
 * in the files at once, and the copy has whatever the devices have.
 */
static void test_copies(void)
{
    uint64_t at = rig_places[4], bad;
    uint8_t line[64];
    Rig *r;

    set_up(0);
    r = rig_by_host_bridge(true);
    rig_commit_set(r, 0, 1);
    rig_write_all(r, 0, 3);
    g_assert_false(any_copy(r));
    for (unsigned d = 0; d < 2; d++) {
        for (unsigned i = 0; i < RIG_PLACES; i++) {
            read_often(r, rig_offset(r, 0, d, rig_places[i]));
        }
    }
    g_assert_true(any_copy(r));
    rig_read_all(r, 0, 3);
    for (unsigned seed = 4; seed < 6; seed++) {
        rig_write_all(r, 0, seed);
        g_assert_true(files_in_order(seed));
        rig_read_all(r, 0, seed);
        g_assert_true(any_copy(r));
    }

    rig_device_write(r, 1, at & ~63ull, 0x81);
    qtest_memread(r->qts, r->window + rig_offset(r, 0, 1, at & ~63ull), line,
                  sizeof(line));
    for (unsigned i = 0; i < sizeof(line); i++) {
        g_assert_cmphex(line[i], ==, 0x81);
    }

    bad = rig_offset(r, 0, 0, at & ~63ull);
    read_often(r, bad);
    g_assert_true(any_copy(r));
    rig_inject(r, at & ~63ull);
    g_assert_false(any_copy(r));
    g_assert_cmphex(qtest_readq(r->qts, r->window + bad), ==, UINT64_MAX);
    read_often(r, bad);
    g_assert_cmphex(qtest_readq(r->qts, r->window + bad), ==, UINT64_MAX);

    read_often(r, 64 * RIG_MIB);
    g_assert_true(any_copy(r));
    rig_release_set(r);
    g_assert_false(any_copy(r));
    rig_stop(r);
    remove_dir();
}

/* Mapped without a path: the file is found again beside the memory. */
static void test_auto(void)
{
    g_autofree char *layout = NULL;
    Rig *r;

    set_up(3);
    beside = true;
    r = mapped();
    as_if_killed();
    layout = path_of("cxl-layout");
    g_assert_true(g_file_test(layout, G_FILE_TEST_IS_REGULAR));
    g_assert_false(files_in_order(4));
    reads_alone(4);
    g_assert_true(files_in_order(4));
    rig_stop(r);
    remove_dir();
}

/*
 * What is in files is not in the stream, and whoever opens them puts them in
 * order: then the order of before is not that of the bytes.
 */
static void moved_without_memory(bool killed)
{
    g_autofree char *state = g_build_filename(g_get_tmp_dir(), "cxl-layout-"
                                              "state-XXXXXX", NULL);
    g_autofree char *uri = NULL;
    int fd = g_mkstemp(state);
    Rig *before, *r;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    uri = g_strconcat("file:", state, NULL);
    set_up(3);
    before = mapped();
    ignore_shared(before->qts);
    qtest_qmp_assert_success(before->qts, "{'execute': 'migrate',"
                             "'arguments': {'uri': %s}}", uri);
    status_wait(before->qts, "query-migrate", "completed");
    if (killed) {
        as_if_killed();
    }
    rig_stop(before);

    r = rig_host_bridge_machine(true, "-incoming defer ");
    ignore_shared(r->qts);
    qtest_qmp_assert_success(r->qts, "{'execute': 'migrate-incoming',"
                             "'arguments': {'uri': %s}}", uri);
    status_wait(r->qts, "query-status", "running");
    rig_enumerate_host_bridge(r);
    rig_read_all(r, 0, 4);
    rig_expect_aliases(r, 2);
    rig_read_all(r, 0, 4);
    rig_write_all(r, 0, 5);
    rig_stop(r);
    g_assert_true(files_in_order(5));
    g_unlink(state);
    remove_dir();
}

static void test_moved(void)
{
    moved_without_memory(false);
    moved_without_memory(true);
}

/* Half of the bytes of a set are no set. */
static void test_moved_in_part(void)
{
    g_autofree char *uri = NULL;
    Rig *r;

    set_up(3);
    half = true;
    uri = g_strdup_printf("file:%s/state", dir);
    r = rig_by_host_bridge(true);
    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    rig_write_all(r, 0, 3);
    ignore_shared(r->qts);
    qtest_qmp_assert_success(r->qts, "{'execute': 'migrate', 'arguments': {"
                             "'uri': %s}}", uri);
    g_assert_false(status_migrated(r->qts));
    status_wait(r->qts, "query-status", "running");
    rig_read_all(r, 0, 3);
    rig_stop(r);
    remove_dir();
}

static QTestState *start_with(const char *objects)
{
    return qtest_initf("-machine q35,cxl=on -nodefaults "
                       "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
                       "-device cxl-rp,id=rp0,bus=hb0,slot=0 %s", objects);
}

/* A file that takes no store cannot be in the order that is recorded. */
static void test_private_refused(void)
{
    g_autofree char *objects = NULL, *layout = NULL;
    QTestState *qts;
    QDict *rsp;

    set_up(0);
    layout = path_of("layout");
    objects = g_strdup_printf("-object memory-backend-file,share=off,id=mine,"
                              "size=256M,mem-path=%s/m -object "
                              "memory-backend-ram,id=lsa,size=1M", dir);
    qts = start_with(objects);
    rsp = qtest_qmp(qts, "{'execute': 'device_add', 'arguments': {"
                    "'driver': 'cxl-type3', 'bus': 'rp0', 'sn': 1,"
                    "'persistent-memdev': 'mine', 'lsa': 'lsa',"
                    "'layout-file': %s}}", layout);
    expect_refused(rsp, "'layout-file': persistent memory 'mine' is a "
                        "file with share=off");
    qtest_quit(qts);
    remove_dir();
}

/* Anonymous, private, a name that is no file of its own */
static void test_auto_refused(void)
{
    static const char *const backends[] = {
        "memory-backend-ram,share=on", "memory-backend-memfd",
        "memory-backend-file,share=off,mem-path=%s/m",
        "memory-backend-file,share=on,mem-path=%s",
    };

    set_up(0);
    for (unsigned i = 0; i < G_N_ELEMENTS(backends); i++) {
        g_autofree char *object = g_strdup_printf(backends[i], dir);
        g_autofree char *objects = g_strdup_printf(
            "-object %s,id=mine,size=256M", object);
        QTestState *qts = start_with(objects);
        QDict *rsp = qtest_qmp(qts, "{'execute': 'device_add', 'arguments': {"
                               "'driver': 'cxl-type3', 'bus': 'rp0', 'sn': 1,"
                               "'volatile-memdev': 'mine', "
                               "'layout-file': 'auto'}}");
        const char *desc = qdict_get_str(qdict_get_qdict(rsp, "error"),
                                         "desc");

        g_assert_nonnull(strstr(desc, "'layout-file': 'auto'"));
        g_assert_nonnull(strstr(desc, "'mine' is not"));
        qobject_unref(rsp);
        qtest_quit(qts);
    }
    remove_dir();
}

/* Another set, released and committed again */
static void test_flips(void)
{
    Rig *r;

    set_up(3);
    r = mapped();
    rig_release_set(r);
    rig_commit_set(r, 4, 1);
    rig_expect_aliases(r, 2);
    rig_read_all(r, 4, 4);
    rig_release_set(r);
    rig_commit_alone(r);
    rig_expect_aliases(r, 2);
    rig_read_alone(r, 4);
    g_assert_true(files_in_order(4));
    rig_stop(r);
    remove_dir();
}

/* Without the property, or with it at one device only: always in order */
static void test_not_named(void)
{
    for (unsigned who = 0; who < 2; who++) {
        Rig *r;

        set_up(who);
        r = rig_by_host_bridge(true);
        rig_commit_set(r, 0, 1);
        rig_write_all(r, 0, 3);
        g_assert_cmpuint(rig_count_aliases(r), ==, 0);
        rig_read_all(r, 0, 3);
        g_assert_true(files_in_order(3));
        rig_stop(r);
        remove_dir();
    }
}

/* QEMU with the devices of @who has to refuse with @sentence. */
static void start_fails(unsigned who, const char *sentence)
{
    g_autoptr(GString) cmd = g_string_new(getenv("QTEST_QEMU_BINARY"));
    g_autofree char *err = NULL;
    int status;

    g_string_append(cmd, " -machine q35,cxl=on,cxl-fmw.0.targets.0=hb0,"
                    "cxl-fmw.0.size=8G -nodefaults -display none "
                    "-accel qtest -device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
                    "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
                    "-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1 ");
    for (unsigned i = 0; i < 2; i++) {
        if (who & 1u << i) {
            g_autofree char *props = persistent_memory(cmd, i);

            g_string_append_printf(cmd, "-device cxl-type3,bus=rp%u,%s ", i,
                                   props);
        }
    }
    g_assert_true(g_spawn_command_line_sync(cmd->str, NULL, &err, &status,
                                            NULL));
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), !=, 0);
    g_test_message("%s", err);
    g_assert_nonnull(strstr(err, sentence));
}

static void test_member_missing(void)
{
    Rig *r;

    set_up(3);
    r = mapped();
    as_if_killed();
    start_fails(1, "interleaved with a device of sn=0x8, which is not there");
    start_fails(2, "interleaved with a device of sn=0x7, which is not there");
    reads_alone(4);
    rig_stop(r);
    remove_dir();
}

/* Added later, one after the other, they cannot be put in order. */
static void test_member_missing_later(void)
{
    Rig *r;
    QDict *rsp;
    uint64_t window;
    g_autofree char *layout = NULL;

    set_up(3);
    r = mapped();
    as_if_killed();
    layout = path_of("layout");
    rig_stop(r);
    r = g_new0(Rig, 1);
    r->qts = qtest_initf("-machine q35,cxl=on,cxl-fmw.0.targets.0=hb0,"
                         "cxl-fmw.0.size=4G -nodefaults "
                         "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
                         "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0 "
                         "-object memory-backend-file,id=p0,size=512M,share=on"
                         ",mem-path=%s/p0 "
                         "-object memory-backend-ram,id=l0,size=1M", dir);
    rsp = qtest_qmp(r->qts, "{'execute': 'device_add', 'arguments': {"
                    "'driver': 'cxl-type3', 'bus': 'rp0', 'id': 'cxl0',"
                    "'persistent-memdev': 'p0', 'lsa': 'l0', 'sn': 7,"
                    "'layout-file': %s}}", layout);
    expect_refused(rsp, "sn=0x8, which is not");
    window = rig_region(r, "cxl-fixed-memory-region");
    /* The window is ours all the same, and nobody decodes it. */
    g_assert_cmphex(qtest_readq(r->qts, window), ==, UINT64_MAX);
    qtest_writeq(r->qts, window, 1);
    /* Nothing of it was kept: the file is free again. */
    reads_alone(4);
    rig_stop(r);
    remove_dir();
}

static void test_refused(void)
{
    g_autofree char *layout = NULL;

    set_up(3);
    serial[1] = serial[0];
    start_fails(3, "has a device of sn=0x7 already");
    serial[1] = -1;
    layout = path_of("layout");
    g_assert_true(g_file_set_contents(layout, "mine", -1, NULL));
    start_fails(1, "is not a layout file");
    g_assert_cmpint(g_unlink(layout), ==, 0);
    g_assert_cmpint(g_mkdir(layout, 0700), ==, 0);
    start_fails(1, "cannot be opened for writing");
    g_assert_cmpint(g_rmdir(layout), ==, 0);
    remove_dir();
}

static void test_no_serial(void)
{
    QTestState *qts = qtest_init("-machine q35,cxl=on -nodefaults "
                                 "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
                                 "-device cxl-rp,id=rp0,bus=hb0,slot=0 "
                                 "-object memory-backend-ram,id=m,size=256M");
    QDict *rsp = qtest_qmp(qts, "{'execute': 'device_add', 'arguments': {"
                           "'driver': 'cxl-type3', 'bus': 'rp0', "
                           "'volatile-memdev': 'm', 'layout-file': 'x', "
                           "'sn': 18446744073709551615}}");

    expect_refused(rsp, "'sn' says none");
    qtest_quit(qts);
}

static void test_in_use(void)
{
    Rig *r;

    set_up(3);
    r = rig_by_host_bridge(true);
    start_fails(3, "is in use by another process");
    rig_stop(r);
    remove_dir();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/layout/end", test_end);
    g_test_add_func("/cxl/layout/end-on-the-way", test_end_on_the_way);
    g_test_add_func("/cxl/layout/third", test_third);
    g_test_add_func("/cxl/layout/killed", test_killed);
    g_test_add_func("/cxl/layout/copies", test_copies);
    g_test_add_func("/cxl/layout/auto", test_auto);
    g_test_add_func("/cxl/layout/auto-refused", test_auto_refused);
    g_test_add_func("/cxl/layout/private-refused", test_private_refused);
    g_test_add_func("/cxl/layout/moved", test_moved);
    g_test_add_func("/cxl/layout/moved-in-part", test_moved_in_part);
    g_test_add_func("/cxl/layout/flips", test_flips);
    g_test_add_func("/cxl/layout/not-named", test_not_named);
    g_test_add_func("/cxl/layout/member-missing", test_member_missing);
    g_test_add_func("/cxl/layout/member-missing-later",
                   test_member_missing_later);
    g_test_add_func("/cxl/layout/refused", test_refused);
    g_test_add_func("/cxl/layout/no-serial", test_no_serial);
    g_test_add_func("/cxl/layout/in-use", test_in_use);
    return g_test_run();
}
