/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/poison with cci/media: inject, list, clear, overflow and its
 * end, hidden poison, partial writes, scans, every refusal.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

#define END (1280 * MiB)

static FakeHost *start(uint32_t list_max, uint16_t limit)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.poison_list_max = list_max;
    cfg.inject_limit = limit;
    return fake_host_new(&cfg);
}

static uint16_t inject(FakeHost *h, uint64_t dpa)
{
    uint64_t in = cpu_to_le64(dpa);
    uint16_t rc = fake_command(h, CXL_OP_POISON_INJECT, &in, 8);

    fake_check(h);
    return rc;
}

static uint16_t clear(FakeHost *h, uint64_t dpa)
{
    CxlPoisonClearIn in = { .dpa = cpu_to_le64(dpa) };
    uint16_t rc;

    memset(in.data, 0x77, sizeof(in.data));
    rc = fake_command(h, CXL_OP_POISON_CLEAR, &in, sizeof(in));
    fake_check(h);
    return rc;
}

static uint16_t list(FakeHost *h, uint64_t dpa, uint64_t lines, void *out,
                     uint32_t max)
{
    CxlPoisonRangeIn in = { cpu_to_le64(dpa), cpu_to_le64(lines) };
    uint16_t rc = fake_command(h, CXL_OP_POISON_LIST, &in, sizeof(in));

    fake_reply(h, out, max);
    return rc;
}

typedef struct List {
    CxlPoisonListOut head;
    CxlPoisonRecord rec[16];
} QEMU_PACKED List;

static void test_inject_merges(void)
{
    FakeHost *h = start(0, 0);
    List out;

    g_assert_cmphex(inject(h, 0x1040), ==, 0);
    g_assert_cmphex(inject(h, 0x1000), ==, 0);
    g_assert_cmphex(inject(h, 0x1000), ==, 0);
    g_assert_cmphex(inject(h, 0x2000), ==, 0);
    g_assert_cmphex(list(h, 0, END / 64, &out, sizeof(out)), ==, 0);
    g_assert_cmpuint(lduw_le_p(&out.head.count), ==, 2);
    g_assert_cmphex(ldq_le_p(&out.rec[0].address), ==, 0x1003);
    g_assert_cmpuint(ldl_le_p(&out.rec[0].lines), ==, 2);
    g_assert_cmphex(out.head.flags, ==, 0);
    /* Clipped to the question */
    g_assert_cmphex(list(h, 0x1040, 1, &out, sizeof(out)), ==, 0);
    g_assert_cmphex(ldq_le_p(&out.rec[0].address), ==, 0x1043);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_INFO].count, ==, 3);
    g_assert_cmpuint(h->access_changes, ==, 3);
    fake_host_free(h);
}

/* Without a limit of its own a device still does not take everything. */
static void test_scattered(void)
{
    FakeHost *h = start(0, 0);
    uint64_t in;

    for (unsigned i = 0; i < CXL_POISON_PIECES_MAX; i++) {
        in = cpu_to_le64(i * 2 * CXL_POISON_LINE);
        g_assert_cmphex(fake_command(h, CXL_OP_POISON_INJECT, &in, 8), ==, 0);
    }
    g_assert_cmphex(inject(h, END - 64), ==, CXL_RC_INJECT_LIMIT);
    g_assert_cmphex(inject(h, 0), ==, 0); /* already is */
    g_assert_cmphex(clear(h, 128), ==, 0);
    g_assert_cmphex(inject(h, END - 64), ==, 0);
    fake_host_free(h);
}

/* One piece of poison that is cut, written and read in every way. */
static void test_cut_to_pieces(void)
{
    FakeHost *h = start(4, 0);
    CxlPoisonMap *p = &h->dev->poison;
    uint64_t line = 2 * CXL_POISON_LINE;

    cxl_mediaops_poison(h->dev, 0, 64 * MiB, CXL_POISON_EXTERNAL);
    for (; p->lines.count < CXL_POISON_CUT_MAX; line += 128) {
        g_assert_true(cxl_mediaops_clear_poison(h->dev, line, 64));
    }
    /* No hole more: neither by a command nor by a store. */
    g_assert_cmphex(clear(h, line), ==, CXL_RC_RESOURCES);
    cxl_memdev_host_wrote(h->dev, line, 64);
    g_assert_cmpint(cxl_memdev_access(h->dev, line, 64), ==,
                    CXL_ACCESS_POISON);
    g_assert_false(cxl_mediaops_wipe(h->dev, line, 64, 0));
    g_assert_true(cxl_poison_full(p));
    g_assert_cmphex(inject(h, 128 * MiB), ==, CXL_RC_INJECT_LIMIT);
    fake_check(h);
    /* From an end it goes on, and a wipe of everything ends it. */
    g_assert_cmphex(clear(h, 64 * MiB - 64), ==, CXL_RC_SUCCESS);
    g_assert_true(cxl_mediaops_wipe(h->dev, 0, 64 * MiB, 0));
    g_assert_cmpuint(p->lines.count, ==, 0);
    fake_host_free(h);
}

/* Hidden poison that is found line by line, from the top. */
static void test_found_in_pieces(void)
{
    FakeHost *h = start(4, 0);
    CxlPoisonMap *p = &h->dev->poison;
    uint64_t line = 64 * MiB;

    cxl_mediaops_poison(h->dev, 0, 64 * MiB, CXL_POISON_INTERNAL);
    while (p->lines.count + 2 <= CXL_POISON_CUT_MAX) {
        line -= 128;
        cxl_mediaops_discover(h->dev, line, 64, CXL_EVTXN_HOST_READ, false);
    }
    /* The next one takes what is left of the piece with it. */
    line -= 128;
    g_assert_cmpuint(cxl_mediaops_discover(h->dev, line, 64,
                                           CXL_EVTXN_HOST_READ, false), ==,
                     line + 128);
    fake_check(h);
    fake_host_free(h);
}

/* What is remembered of lines does not grow with them. */
static void test_memory_of_lines(void)
{
    FakeHost *h = start(4, 0);
    CxlPoisonMap *p = &h->dev->poison;
    uint64_t clear_dpa, clear_len;

    cxl_mediaops_poison(h->dev, 0, 64 * MiB, CXL_POISON_EXTERNAL);
    for (unsigned i = 0; i < 3 * CXL_POISON_PARTIAL_MAX; i++) {
        g_assert_false(cxl_poison_wrote(p, i * 64, 63, &clear_dpa,
                                        &clear_len));
    }
    g_assert_cmpuint(p->partial.count, ==, CXL_POISON_PARTIAL_MAX);
    /* The newest is remembered, the first is not. */
    g_assert_false(cxl_poison_wrote(p, 63, 1, &clear_dpa, &clear_len));
    g_assert_true(cxl_poison_wrote(p, 3 * CXL_POISON_PARTIAL_MAX * 64 - 1, 1,
                                   &clear_dpa, &clear_len));
    for (unsigned i = 0; i < 3 * CXL_POISON_REPORTED_MAX; i++) {
        g_assert_true(cxl_poison_consumed(p, i * 128));
    }
    g_assert_cmpuint(p->reported.count, ==, CXL_POISON_REPORTED_MAX);
    g_assert_false(cxl_poison_consumed(p, 3 * CXL_POISON_REPORTED_MAX * 128 -
                                       128));
    fake_check(h);
    fake_host_free(h);
}

/* Results that nobody fetches: the scan ends early and says where. */
static void test_scan_fills_up(void)
{
    FakeHost *h = start(4, 0);
    CxlPoisonMap *p = &h->dev->poison;
    CxlScanIn scan = { .lines = cpu_to_le64(END / 64) };

    g_assert_cmphex(fake_command(h, CXL_OP_SCAN_MEDIA, &scan, sizeof(scan)),
                    ==, CXL_RC_BACKGROUND);
    fake_host_run(h, 500000000);
    for (unsigned i = 0; i <= CXL_POISON_RESULTS_MAX; i++) {
        extentset_insert(&p->scan.results, i * 128, 64, 0);
    }
    extentset_erase(&p->scan.results, 0, 64);
    cxl_mediaops_poison(h->dev, END - 64, 64, CXL_POISON_INJECTED);
    fake_host_run(h, 1000000000);
    g_assert_false(h->dev->cci.bg.running);
    g_assert_true(p->scan.stopped);
    g_assert_cmpuint(p->scan.restart_dpa, >, END / 4);
    g_assert_cmpuint(p->scan.restart_dpa + p->scan.restart_len, ==, END);
    g_assert_cmpuint(p->scan.results.count, ==, CXL_POISON_RESULTS_MAX);
    fake_check(h);
    fake_host_free(h);
}

static void test_refusals(void)
{
    FakeHost *h = start(0, 2);
    uint8_t out[64];

    g_assert_cmphex(inject(h, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(inject(h, END), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(inject(h, UINT64_MAX - 63), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(clear(h, 8), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(h, END), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(list(h, 32, 1, out, 64), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(list(h, END + 64, 0, out, 64), ==, CXL_RC_INVALID_DPA);
    /* Linux asks for what is left behind a region, be it nothing. */
    g_assert_cmphex(list(h, 0, 0, out, 64), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(list(h, END, 0, out, 64), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(list(h, END - 64, 2, out, 64), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(list(h, 64, UINT64_MAX / 64, out, 64), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(list(h, 64, UINT64_MAX, out, 64), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(inject(h, END - 64), ==, 0);
    g_assert_cmphex(inject(h, 0), ==, 0);
    g_assert_cmphex(inject(h, 64), ==, CXL_RC_INJECT_LIMIT);
    g_assert_cmphex(inject(h, 0), ==, 0); /* already is */
    g_assert_cmphex(clear(h, 0), ==, 0);
    g_assert_cmphex(inject(h, 64), ==, 0);
    h->media_broken = true;
    g_assert_cmphex(clear(h, 64), ==, CXL_RC_MEDIA_FAILURE);
    fake_host_free(h);
}

static void test_clear_writes(void)
{
    FakeHost *h = start(0, 0);
    uint8_t seen[64];

    g_assert_cmphex(clear(h, 0x40), ==, 0); /* healthy: still written */
    h->dev->store->dpa_read(h, 0x40, seen, 64);
    g_assert_cmpuint(seen[63], ==, 0x77);
    cxl_mediaops_poison(h->dev, 0x1000, 192, CXL_POISON_EXTERNAL);
    g_assert_cmphex(clear(h, 0x1040), ==, 0);
    g_assert_cmpuint(h->dev->poison.listed.count, ==, 2);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x1040, 64), ==, CXL_ACCESS_OK);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x1000, 128), ==,
                    CXL_ACCESS_POISON);
    fake_host_free(h);
}

static void test_overflow(void)
{
    FakeHost *h = start(2, 0);
    List out;

    inject(h, 0x1000);
    inject(h, 0x2000);
    inject(h, 0x3000);
    list(h, 0, END / 64, &out, sizeof(out));
    g_assert_cmphex(out.head.flags, ==, CXL_POISON_LIST_OVERFLOW);
    g_assert_cmpuint(lduw_le_p(&out.head.count), ==, 2);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_FAILURE].count, ==, 1);
    /* Memory is as poisoned as ever. */
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x3000, 1), ==,
                    CXL_ACCESS_POISON);
    clear(h, 0x1000);
    list(h, 0, END / 64, &out, sizeof(out));
    g_assert_cmphex(out.head.flags, ==, 0);
    g_assert_cmpuint(lduw_le_p(&out.head.count), ==, 2);
    g_assert_cmphex(ldq_le_p(&out.rec[1].address), ==, 0x3003);
    fake_host_free(h);
}

/* Cutting a record in two can be one record too many. */
static void test_cut_overflows(void)
{
    FakeHost *h = start(1, 0);

    cxl_mediaops_poison(h->dev, 0x1000, 192, CXL_POISON_INJECTED);
    g_assert_false(h->dev->poison.overflow);
    clear(h, 0x1040);
    g_assert_true(h->dev->poison.overflow);
    clear(h, 0x1000);
    g_assert_false(h->dev->poison.overflow);
    g_assert_cmpuint(h->dev->poison.listed.total, ==, 64);
    fake_host_free(h);
}

static void test_more(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h;
    List out;

    cfg.payload_shift = 8; /* 14 records */
    h = fake_host_new(&cfg);
    for (unsigned i = 0; i < 20; i++) {
        inject(h, i * 128);
    }
    list(h, 0, 1024, &out, sizeof(out));
    g_assert_cmphex(out.head.flags, ==, CXL_POISON_LIST_MORE);
    g_assert_cmpuint(lduw_le_p(&out.head.count), ==, 14);
    list(h, 0, 1024, &out, sizeof(out));
    g_assert_cmphex(out.head.flags, ==, 0);
    g_assert_cmpuint(lduw_le_p(&out.head.count), ==, 6);
    g_assert_cmphex(ldq_le_p(&out.rec[0].address), ==, 14 * 128 | 3);
    list(h, 0, 1024, &out, sizeof(out));
    list(h, 0, 1023, &out, sizeof(out)); /* another question: from start */
    g_assert_cmphex(ldq_le_p(&out.rec[0].address), ==, 3);
    fake_host_free(h);
}

static void test_hidden(void)
{
    FakeHost *h = start(0, 0);
    List out;

    cxl_mediaops_poison(h->dev, 0x1000, 128, CXL_POISON_INTERNAL);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_INFO].count, ==, 0);
    list(h, 0, 1024, &out, sizeof(out));
    g_assert_cmpuint(lduw_le_p(&out.head.count), ==, 0);
    cxl_memdev_host_read_poison(h->dev, 0x1050);
    cxl_memdev_host_read_poison(h->dev, 0x1050);
    list(h, 0, 1024, &out, sizeof(out));
    g_assert_cmpuint(lduw_le_p(&out.head.count), ==, 1);
    g_assert_cmphex(ldq_le_p(&out.rec[0].address), ==, 0x1042);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_FAILURE].count, ==, 1);
    fake_host_free(h);
}

/* The first format had no maximum: what is too much is forgotten. */
static void test_lines_of_before(void)
{
    FakeHost *from = start(4, 0), *to = start(4, 0);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    CxlPoisonMap *p = &from->dev->poison;
    SaveReader r = { .section = "poison", .version = 1 };
    SaveWriter w = { bytes };

    for (unsigned i = 0; i < CXL_POISON_PARTIAL_MAX + 7; i++) {
        g_assert_true(extentset_insert(&p->partial, i * 128, 64, 1));
    }
    cxl_poison_save(p, &w);
    r.at = bytes->data;
    r.left = bytes->len;
    cxl_poison_load(&to->dev->poison, &r);
    g_assert_cmpstr(r.problem, ==, NULL);
    g_assert_cmpuint(r.left, ==, 0);
    g_assert_cmpuint(to->dev->poison.partial.count, ==,
                     CXL_POISON_PARTIAL_MAX);
    r = (SaveReader) { bytes->data, bytes->len, "poison", 2 };
    cxl_poison_load(&to->dev->poison, &r);
    g_assert_nonnull(strstr(r.problem, "partly written lines"));
    g_free(r.problem);
    fake_host_free(from);
    fake_host_free(to);
}

static void test_partial_writes(void)
{
    FakeHost *h = start(0, 0);
    const ExtentSet *lines = &h->dev->poison.lines;

    inject(h, 0x1000);
    inject(h, 0x1040);
    for (unsigned i = 0; i < 56; i += 8) {
        cxl_memdev_host_wrote(h->dev, 0x1000 + i, 8);
    }
    g_assert_cmpuint(lines->total, ==, 128);
    cxl_memdev_host_wrote(h->dev, 0x1038, 9); /* and one of the next */
    g_assert_cmpuint(lines->total, ==, 64);
    cxl_memdev_host_read_poison(h->dev, 0x1040); /* starts over */
    cxl_memdev_host_wrote(h->dev, 0x1041, 63);
    g_assert_cmpuint(lines->total, ==, 64);
    cxl_memdev_host_wrote(h->dev, 0x1040, 1);
    g_assert_cmpuint(lines->total, ==, 0);
    inject(h, 0x1000);
    cxl_memdev_host_wrote(h->dev, 0xfe0, 256);
    g_assert_cmpuint(lines->total, ==, 0);
    /* The last of it in the middle */
    inject(h, 0x1000);
    cxl_memdev_host_wrote(h->dev, 0x1000, 24);
    cxl_memdev_host_wrote(h->dev, 0x1020, 32);
    g_assert_cmpuint(lines->total, ==, 64);
    cxl_memdev_host_wrote(h->dev, 0x1018, 8);
    g_assert_cmpuint(lines->total, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

static uint16_t scan(FakeHost *h, uint64_t dpa, uint64_t lines, uint8_t flags)
{
    CxlScanIn in = { cpu_to_le64(dpa), cpu_to_le64(lines), flags };

    return fake_command(h, CXL_OP_SCAN_MEDIA, &in, sizeof(in));
}

typedef struct Results {
    CxlScanOut head;
    CxlPoisonRecord rec[16];
} QEMU_PACKED Results;

static void test_scan(void)
{
    FakeHost *h = start(1, 0);
    CxlPoisonRangeIn range = { 0, cpu_to_le64(END / 64) };
    Results out;
    List poison;
    uint8_t ms[4];

    g_assert_cmphex(fake_command(h, CXL_OP_SCAN_RESULTS, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED);
    g_assert_cmphex(fake_command(h, CXL_OP_SCAN_CAPS, &range, 16), ==, 0);
    fake_reply(h, ms, 4);
    g_assert_cmpuint(ldl_le_p(ms), ==, 1001);
    cxl_mediaops_poison(h->dev, 0x1000, 64, CXL_POISON_INTERNAL);
    g_assert_cmphex(scan(h, 0, END / 64, 2), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(scan(h, 0, 0, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(scan(h, 0, END / 64, 0), ==, CXL_RC_BACKGROUND);
    list(h, 0, 64, &poison, sizeof(poison));
    g_assert_cmphex(poison.head.flags, ==, CXL_POISON_LIST_SCANNING);
    fake_host_run(h, 2000000000);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_FAILURE].count, ==, 1);
    fake_query(h, CXL_OP_SCAN_RESULTS, &out, sizeof(out));
    g_assert_cmpuint(lduw_le_p(&out.head.count), ==, 1);
    g_assert_cmphex(ldq_le_p(&out.rec[0].address), ==, 0x1002);
    g_assert_cmphex(out.head.flags, ==, 0);
    g_assert_cmphex(fake_command(h, CXL_OP_SCAN_RESULTS, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED); /* consumed */
    fake_host_free(h);
}

static void test_scan_stopped(void)
{
    FakeHost *h = start(0, 0);
    Results out;

    scan(h, 0x1000, 1 << 20, CXL_SCAN_NO_EVENT);
    fake_host_run(h, h->dev->cci.bg.duration_ns / 2);
    fake_command(h, CXL_OP_IS_ABORT, NULL, 0);
    fake_query(h, CXL_OP_SCAN_RESULTS, &out, sizeof(out));
    g_assert_cmphex(out.head.flags, ==, CXL_SCAN_OUT_STOPPED);
    g_assert_cmphex(ldq_le_p(&out.head.restart_dpa) +
                    ldq_le_p(&out.head.restart_lines) * 64, ==,
                    0x1000 + (64 << 20));
    fake_host_free(h);
}

/* Against one byte per line. */
static void test_random(void)
{
    enum { LINES = 256 };
    FakeHost *h = start(8, 0);
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    uint8_t model[LINES] = { 0 };

    for (unsigned round = 0; round < 3000; round++) {
        unsigned at = g_rand_int_range(rand, 0, LINES - 8);
        unsigned n = g_rand_int_range(rand, 1, 8);

        switch (g_rand_int_range(rand, 0, 4)) {
        case 0:
            cxl_mediaops_poison(h->dev, at * 64, n * 64, CXL_POISON_INTERNAL);
            memset(model + at, 1, n);
            break;
        case 1:
            cxl_mediaops_poison(h->dev, at * 64, n * 64, CXL_POISON_EXTERNAL);
            memset(model + at, 1, n);
            break;
        case 2:
            cxl_mediaops_discover(h->dev, at * 64, n * 64, 5, false);
            break;
        default:
            cxl_memdev_host_wrote(h->dev, at * 64 - !!at * 8, n * 64 + 16);
            memset(model + at, 0, n);
            break;
        }
        fake_check(h);
        for (unsigned i = 0; i < LINES && round % 50 == 0; i++) {
            /* Neighbours may have been completed by partial writes. */
            if (cxl_memdev_access(h->dev, i * 64, 64) == CXL_ACCESS_POISON) {
                g_assert_cmpuint(model[i], ==, 1);
            }
        }
    }
    fake_host_free(h);
}

static void test_resets(void)
{
    FakeHost *h = start(0, 0);

    inject(h, 0);
    inject(h, 600 * MiB);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_cmpuint(h->dev->poison.lines.total, ==, 128);
    cxl_memdev_reset(h->dev, CXL_RESET_CXL_CLEAR);
    g_assert_cmpuint(h->dev->poison.lines.total, ==, 64);
    inject(h, 0);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmpint(cxl_memdev_access(h->dev, 600 * MiB, 1), ==,
                    CXL_ACCESS_POISON);
    g_assert_cmpuint(h->dev->poison.lines.total, ==, 64);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/poison/inject-merges", test_inject_merges);
    g_test_add_func("/cxl/poison/refusals", test_refusals);
    g_test_add_func("/cxl/poison/scattered", test_scattered);
    g_test_add_func("/cxl/poison/cut-to-pieces", test_cut_to_pieces);
    g_test_add_func("/cxl/poison/found-in-pieces", test_found_in_pieces);
    g_test_add_func("/cxl/poison/memory-of-lines", test_memory_of_lines);
    g_test_add_func("/cxl/poison/scan-fills-up", test_scan_fills_up);
    g_test_add_func("/cxl/poison/clear-writes", test_clear_writes);
    g_test_add_func("/cxl/poison/overflow", test_overflow);
    g_test_add_func("/cxl/poison/cut-overflows", test_cut_overflows);
    g_test_add_func("/cxl/poison/more", test_more);
    g_test_add_func("/cxl/poison/hidden", test_hidden);
    g_test_add_func("/cxl/poison/partial-writes", test_partial_writes);
    g_test_add_func("/cxl/poison/lines-of-before", test_lines_of_before);
    g_test_add_func("/cxl/poison/scan", test_scan);
    g_test_add_func("/cxl/poison/scan-stopped", test_scan_stopped);
    g_test_add_func("/cxl/poison/random", test_random);
    g_test_add_func("/cxl/poison/resets", test_resets);
    return g_test_run();
}
