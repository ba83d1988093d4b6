/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds the pages of an accelerator: flips by both sides, the messages that
 * they cost, registers, several threads, and saved state.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/bias.h"

#define PAGE 4096ull

static void expect(const CxlBias *b, CxlBiasCounts want)
{
    CxlBiasCounts c = cxl_bias_counts(b);

    g_assert_cmpstr(cxl_bias_check(b), ==, NULL);
    g_assert_cmpmem(&c, sizeof(c), &want, sizeof(want));
}

/* Pages grow with the memory, so that their number stays below a limit. */
static void test_pages(void)
{
    static const struct {
        uint64_t size, shift, pages;
    } rows[] = {
        { 1, 12, 1 }, { PAGE, 12, 1 }, { PAGE + 1, 12, 2 },
        { 256 * MiB, 12, 65536 }, { 256 * MiB + 1, 13, 32769 },
        { 512 * MiB, 13, 65536 }, { 1 * TiB, 24, 65536 },
        { UINT64_MAX, 48, 65536 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        CxlBias *b = cxl_bias_new(rows[i].size);
        uint64_t last = rows[i].size - 1;

        g_assert_cmphex(cxl_bias_read(b, CXL_BIAS_CAP, 8), ==,
                        CXL_BIAS_CAP_VALUE(rows[i].shift, rows[i].pages));
        cxl_bias_device(b, last, 1, false);
        g_assert_cmpuint(cxl_bias_held(b, 0, UINT64_MAX), ==, 1);
        g_assert_cmpuint(cxl_bias_held(b, last, 1), ==, 1);
        cxl_bias_device(b, 0, UINT64_MAX, false);
        g_assert_cmpuint(cxl_bias_held(b, 0, UINT64_MAX), ==, rows[i].pages);
        expect(b, (CxlBiasCounts) {
            .taken = rows[i].pages, .requests = rows[i].pages, .reads = 2,
        });
        cxl_bias_unref(b);
    }
}

/* Every range against a map that is kept in the plainest way */
static void test_ranges(void)
{
    enum { PAGES = 200 };
    CxlBias *b = cxl_bias_new(PAGES * PAGE);
    bool held[PAGES] = { };

    for (unsigned i = 0; i < 20000; i++) {
        uint64_t at = g_test_rand_int_range(0, PAGES * PAGE + 2 * PAGE);
        uint64_t len = g_test_rand_int_range(0, 90 * PAGE);
        bool device = g_test_rand_bit();
        unsigned moved = 0, all = 0;

        for (unsigned p = 0; p < PAGES; p++) {
            if (len && at < (p + 1) * PAGE && at + len > p * PAGE) {
                moved += held[p] != device;
                held[p] = device;
            }
            all += held[p];
        }
        if (device) {
            size_t before = cxl_bias_counts(b).taken;

            cxl_bias_device(b, at, len, true);
            g_assert_cmpuint(cxl_bias_counts(b).taken - before, ==, moved);
        } else {
            g_assert_cmpuint(cxl_bias_host(b, at, len), ==, moved);
        }
        g_assert_cmpuint(cxl_bias_held(b, 0, b->size), ==, all);
    }
    cxl_bias_unref(b);
}

/* One message for each page that flips, and of which kind */
static void test_messages(void)
{
    CxlBias *b = cxl_bias_new(MiB);

    cxl_bias_device(b, 0, 2 * PAGE, false);
    cxl_bias_device(b, PAGE, 2 * PAGE, true);
    expect(b, (CxlBiasCounts) {
        .taken = 3, .requests = 3, .reads = 1, .writes = 1,
    });
    cxl_bias_set_snooping(b, true);
    g_assert_cmpuint(cxl_bias_host(b, 0, 1), ==, 1);
    g_assert_cmpuint(cxl_bias_host(b, 0, 1), ==, 0);
    cxl_bias_device(b, PAGE - 1, 1, true);
    expect(b, (CxlBiasCounts) {
        .taken = 4, .given = 1, .requests = 3, .snoops = 1, .reads = 1,
        .writes = 2,
    });
    /* Nothing, and nowhere, is no access. */
    cxl_bias_device(b, 0, 0, true);
    cxl_bias_device(b, MiB, 1, true);
    g_assert_cmpuint(cxl_bias_counts(b).writes, ==, 2);
    cxl_bias_unref(b);
}

/* Whoever carries out accesses of the device keeps it alive. */
static void test_watch(void)
{
    CxlBias *b = cxl_bias_new(MiB);

    cxl_bias_watch.ref(b);
    cxl_bias_unref(b);
    cxl_bias_watch.accessed(b, 0, 1, true);
    g_assert_cmpuint(cxl_bias_counts(b).writes, ==, 1);
    cxl_bias_watch.unref(b);
    cxl_bias_unref(NULL);
}

static uint64_t command(CxlBias *b, uint32_t what, uint64_t dpa, uint64_t len)
{
    cxl_bias_write(b, CXL_BIAS_ADDRESS, dpa, 8);
    cxl_bias_write(b, CXL_BIAS_LENGTH, len, 4);
    cxl_bias_write(b, CXL_BIAS_LENGTH + 4, len >> 32, 4);
    cxl_bias_write(b, CXL_BIAS_COMMAND, what, 4);
    return cxl_bias_read(b, CXL_BIAS_STATUS, 4);
}

static void test_registers(void)
{
    CxlBias *b = cxl_bias_new(MiB);

    g_assert_cmpstr(regbank_check(b->bank.desc), ==, NULL);
    g_assert_cmpuint(command(b, CXL_BIAS_TO_DEVICE, 0, 4 * PAGE), ==, 0);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_RESULT, 8), ==, 4);
    g_assert_cmpuint(command(b, CXL_BIAS_TO_HOST, PAGE, PAGE), ==, 0);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_RESULT, 8), ==, 1);
    g_assert_cmpuint(command(b, CXL_BIAS_COUNT, PAGE, 2 * PAGE), ==, 0);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_RESULT, 8), ==, 1);
    cxl_bias_device(b, 0, 1, false);
    cxl_bias_device(b, 0, 1, true);
    cxl_bias_device(b, 0, 1, true);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_HELD, 8), ==, 3);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_TAKEN, 8), ==, 4);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_GIVEN, 8), ==, 1);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_SNOOPS, 8), ==, 0);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_REQUESTS, 4), ==, 4);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_READS, 8), ==, 1);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_WRITES, 8), ==, 2);
    cxl_bias_write(b, CXL_BIAS_WRITES, 0, 8);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_WRITES, 8), ==, 2);
    cxl_bias_unref(b);
}

static void test_refused(void)
{
    static const struct {
        uint32_t what;
        uint64_t dpa, len;
        uint32_t status;
    } rows[] = {
        { 0, 0, PAGE, CXL_BIAS_BAD_COMMAND },
        { 4, 0, PAGE, CXL_BIAS_BAD_COMMAND },
        { UINT32_MAX, 0, PAGE, CXL_BIAS_BAD_COMMAND },
        { CXL_BIAS_TO_HOST, 0, 0, CXL_BIAS_BAD_RANGE },
        { CXL_BIAS_TO_DEVICE, MiB, 1, CXL_BIAS_BAD_RANGE },
        { CXL_BIAS_TO_DEVICE, 0, MiB + 1, CXL_BIAS_BAD_RANGE },
        { CXL_BIAS_TO_DEVICE, MiB - 1, UINT64_MAX, CXL_BIAS_BAD_RANGE },
        { CXL_BIAS_COUNT, UINT64_MAX, 2, CXL_BIAS_BAD_RANGE },
    };
    CxlBias *b = cxl_bias_new(MiB);

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_assert_cmpuint(command(b, CXL_BIAS_TO_DEVICE, 0, PAGE), ==, 0);
        g_assert_cmpuint(command(b, rows[i].what, rows[i].dpa, rows[i].len),
                         ==, rows[i].status);
        g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_RESULT, 8), ==, 0);
        g_assert_cmpuint(cxl_bias_held(b, 0, MiB), ==, 1);
    }
    g_assert_cmpuint(cxl_bias_counts(b).taken, ==, 1);
    cxl_bias_unref(b);
}

static void test_reset(void)
{
    CxlBias *b = cxl_bias_new(MiB);

    command(b, 9, 0, PAGE);
    cxl_bias_device(b, 0, MiB, true);
    cxl_bias_reset(b, false);
    g_assert_cmpuint(cxl_bias_held(b, 0, MiB), ==, 0);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_STATUS, 4), ==, 0);
    g_assert_cmpuint(cxl_bias_read(b, CXL_BIAS_LENGTH, 8), ==, 0);
    expect(b, (CxlBiasCounts) {
        .taken = 256, .given = 256, .requests = 256, .writes = 1,
    });
    cxl_bias_reset(b, true);
    expect(b, (CxlBiasCounts) { });
    cxl_bias_unref(b);
}

enum { TURNS = 2000 };

static void *device_thread(void *opaque)
{
    for (unsigned i = 0; i < TURNS; i++) {
        cxl_bias_device(opaque, (i % 100) * PAGE, 30 * PAGE, i & 1);
    }
    return NULL;
}

/* Whoever is first, each flip is counted once. */
static void test_threads(void)
{
    CxlBias *b = cxl_bias_new(MiB);
    GThread *thread[3];
    CxlBiasCounts c;

    for (unsigned i = 0; i < ARRAY_SIZE(thread); i++) {
        thread[i] = g_thread_new("device", device_thread, b);
    }
    for (unsigned i = 0; i < TURNS; i++) {
        cxl_bias_host(b, (i % 90) * PAGE, 7 * PAGE);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(thread); i++) {
        g_thread_join(thread[i]);
    }
    c = cxl_bias_counts(b);
    g_assert_cmpuint(c.taken - c.given, ==, cxl_bias_held(b, 0, MiB));
    g_assert_cmpuint(c.requests, ==, c.taken);
    g_assert_cmpuint(c.reads, ==, ARRAY_SIZE(thread) * TURNS / 2);
    g_assert_cmpuint(c.writes, ==, ARRAY_SIZE(thread) * TURNS / 2);
    cxl_bias_unref(b);
}

static SaveReader reader(const GByteArray *bytes, size_t len)
{
    return (SaveReader) {
        .at = bytes->data, .left = len, .section = "bias", .version = 1,
    };
}

static void test_saved(void)
{
    CxlBias *b = cxl_bias_new(5 * PAGE), *to = cxl_bias_new(5 * PAGE);
    CxlBias *other = cxl_bias_new(6 * PAGE);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    SaveWriter w = { bytes };
    SaveReader r;

    command(b, CXL_BIAS_TO_DEVICE, PAGE, PAGE);
    cxl_bias_device(b, 4 * PAGE, 1, true);
    command(b, 7, PAGE, 2 * PAGE);
    cxl_bias_save(b, &w);
    r = reader(bytes, bytes->len);
    cxl_bias_load(to, &r);
    g_assert_true(save_good(&r));
    g_assert_cmpuint(r.left, ==, 0);
    g_assert_cmpmem(b->held, sizeof(b->held), to->held, sizeof(to->held));
    expect(to, cxl_bias_counts(b));
    g_assert_cmpuint(cxl_bias_read(to, CXL_BIAS_STATUS, 4), ==,
                     CXL_BIAS_BAD_COMMAND);
    g_assert_cmpuint(cxl_bias_read(to, CXL_BIAS_LENGTH, 8), ==, 2 * PAGE);
    cxl_bias_reset(b, true);
    cxl_bias_assign(b, to);
    expect(b, cxl_bias_counts(to));
    g_assert_cmpuint(cxl_bias_held(b, 0, b->size), ==, 2);

    r = reader(bytes, bytes->len);
    cxl_bias_load(other, &r);
    g_assert_false(save_good(&r));
    g_clear_pointer(&r.problem, g_free);
    for (size_t len = 0; len < bytes->len; len++) {
        r = reader(bytes, len);
        cxl_bias_load(to, &r);
        g_assert_false(save_good(&r));
        g_clear_pointer(&r.problem, g_free);
    }
    /* Page 5 of five */
    bytes->data[bytes->len - 1] |= 1u << 5;
    r = reader(bytes, bytes->len);
    cxl_bias_load(to, &r);
    g_assert_nonnull(strstr(r.problem, "beyond the memory"));
    g_free(r.problem);
    cxl_bias_unref(b);
    cxl_bias_unref(to);
    cxl_bias_unref(other);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/bias/pages", test_pages);
    g_test_add_func("/cxl/bias/ranges", test_ranges);
    g_test_add_func("/cxl/bias/messages", test_messages);
    g_test_add_func("/cxl/bias/watch", test_watch);
    g_test_add_func("/cxl/bias/registers", test_registers);
    g_test_add_func("/cxl/bias/refused", test_refused);
    g_test_add_func("/cxl/bias/reset", test_reset);
    g_test_add_func("/cxl/bias/threads", test_threads);
    g_test_add_func("/cxl/bias/saved", test_saved);
    return g_test_run();
}
