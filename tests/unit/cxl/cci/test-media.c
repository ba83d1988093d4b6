/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/media: the list of poison, injecting and clearing it, scans; and
 * ranges that are refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

#define END     (1280 * MiB)
#define SECOND  1000000000ll

static uint16_t of_range(FakeHost *h, uint16_t opcode, uint64_t dpa,
                         uint64_t lines)
{
    CxlScanIn in = { 0 };
    uint16_t rc;

    stq_le_p(&in.dpa, dpa);
    stq_le_p(&in.lines, lines);
    rc = fake_command(h, opcode, &in, opcode == CXL_OP_SCAN_MEDIA ?
                      sizeof(in) : sizeof(CxlPoisonRangeIn));
    fake_check(h);
    return rc;
}

static uint16_t inject(FakeHost *h, uint64_t dpa)
{
    uint8_t in[8];

    stq_le_p(in, dpa);
    return fake_command(h, CXL_OP_POISON_INJECT, in, sizeof(in));
}

static uint16_t clear(FakeHost *h, uint64_t dpa)
{
    CxlPoisonClearIn in = { .data = { 0x11, 0x22 } };

    stq_le_p(&in.dpa, dpa);
    return fake_command(h, CXL_OP_POISON_CLEAR, &in, sizeof(in));
}

/* The same rules for all that take a range */
static void test_ranges(void)
{
    static const uint16_t opcodes[] = {
        CXL_OP_POISON_LIST, CXL_OP_SCAN_CAPS, CXL_OP_SCAN_MEDIA,
    };
    static const struct {
        uint64_t dpa, lines;
        uint16_t rc;
    } refused[] = {
        { 1, 1, CXL_RC_INVALID_INPUT },
        { 63, 1, CXL_RC_INVALID_INPUT },
        { END, 1, CXL_RC_INVALID_DPA },
        { 0, END / 64 + 1, CXL_RC_INVALID_DPA },
        { 64, UINT64_MAX, CXL_RC_INVALID_DPA },
        { 64, UINT64_MAX / 64, CXL_RC_INVALID_DPA },
        { UINT64_MAX - 63, 1, CXL_RC_INVALID_DPA },
    };
    FakeHost *h = fake_host_default();

    for (unsigned i = 0; i < ARRAY_SIZE(opcodes); i++) {
        for (unsigned n = 0; n < ARRAY_SIZE(refused); n++) {
            g_assert_cmphex(of_range(h, opcodes[i], refused[n].dpa,
                                     refused[n].lines), ==, refused[n].rc);
        }
    }
    /* Nothing can be listed, but not scanned. */
    g_assert_cmphex(of_range(h, CXL_OP_POISON_LIST, END, 0), ==, 0);
    g_assert_cmphex(of_range(h, CXL_OP_SCAN_CAPS, 0, 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(of_range(h, CXL_OP_SCAN_MEDIA, 0, 0), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_inject_and_clear(void)
{
    FakeHost *h = fake_host_default();
    CxlPoisonListOut out;
    uint8_t byte;

    g_assert_cmphex(inject(h, 0x1001), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(inject(h, END), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(inject(h, 0x1000), ==, 0);
    g_assert_cmphex(of_range(h, CXL_OP_POISON_LIST, 0, END / 64), ==, 0);
    fake_reply(h, &out, sizeof(out));
    g_assert_cmpuint(lduw_le_p(&out.count), ==, 1);
    g_assert_cmphex(out.flags, ==, 0);
    g_assert_cmphex(clear(h, 0x1001), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(h, END), ==, CXL_RC_INVALID_DPA);
    h->media_broken = true;
    g_assert_cmphex(clear(h, 0x1000), ==, CXL_RC_MEDIA_FAILURE);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x1000, 64), ==,
                    CXL_ACCESS_POISON);
    h->media_broken = false;
    g_assert_cmphex(clear(h, 0x1000), ==, 0);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x1000, 64), ==, CXL_ACCESS_OK);
    h->dev->store->dpa_read(h, 0x1001, &byte, 1);
    g_assert_cmphex(byte, ==, 0x22);
    fake_check(h);
    fake_host_free(h);
}

static void test_limit(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h;

    cfg.inject_limit = 2;
    h = fake_host_new(&cfg);
    g_assert_cmphex(inject(h, 0), ==, 0);
    g_assert_cmphex(inject(h, 0x100), ==, 0);
    g_assert_cmphex(inject(h, 0x200), ==, CXL_RC_INJECT_LIMIT);
    /* What is poisoned already takes no more of it. */
    g_assert_cmphex(inject(h, 0), ==, 0);
    fake_host_free(h);
}

static void test_scan(void)
{
    FakeHost *h = fake_host_default();
    CxlScanIn in = { .flags = 2 };
    CxlScanOut out;
    CxlPoisonListOut list;

    g_assert_cmphex(fake_command(h, CXL_OP_SCAN_RESULTS, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED);
    stq_le_p(&in.lines, 1);
    g_assert_cmphex(fake_command(h, CXL_OP_SCAN_MEDIA, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    cxl_mediaops_poison(h->dev, 0x4000, 64, CXL_POISON_INTERNAL);
    g_assert_cmphex(of_range(h, CXL_OP_SCAN_MEDIA, 0, 0x8000 / 64), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmphex(of_range(h, CXL_OP_SCAN_MEDIA, 0, 1), ==, CXL_RC_BUSY);
    g_assert_cmphex(of_range(h, CXL_OP_POISON_LIST, 0, 1), ==, 0);
    fake_reply(h, &list, sizeof(list));
    g_assert_cmphex(list.flags, ==, CXL_POISON_LIST_SCANNING);
    fake_host_run(h, SECOND);
    g_assert_cmpuint(fake_query(h, CXL_OP_SCAN_RESULTS, &out, sizeof(out)),
                     ==, sizeof(out) + sizeof(CxlPoisonRecord));
    g_assert_cmpuint(lduw_le_p(&out.count), ==, 1);
    g_assert_cmphex(out.flags, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* A scan does not end an overflow that is still one, nor says it anew. */
static void test_scan_in_overflow(void)
{
    CxlMemdevConfig cfg = fake_config();
    CxlPoisonMap *p;
    uint64_t when;
    FakeHost *h;

    cfg.poison_list_max = 4;
    h = fake_host_new(&cfg);
    p = &h->dev->poison;
    fake_command(h, CXL_OP_TIMESTAMP_SET, "12345678", 8);
    for (unsigned i = 0; i < 6; i++) {
        g_assert_cmphex(inject(h, i * MiB), ==, 0);
    }
    g_assert_true(p->overflow);
    when = p->overflow_time;
    fake_host_run(h, SECOND);
    g_assert_cmphex(of_range(h, CXL_OP_SCAN_MEDIA, 0, END / 64), ==,
                    CXL_RC_BACKGROUND);
    fake_host_run(h, 2 * SECOND);
    g_assert_false(h->dev->cci.bg.running);
    g_assert_true(p->overflow);
    g_assert_cmpuint(p->overflow_time, ==, when);
    g_assert_cmpuint(p->listed.count, ==, 4);
    fake_check(h);
    fake_host_free(h);
}

static void test_gates(void)
{
    FakeHost *h = fake_host_default();

    cxl_memdev_set_media_state(h->dev, CXL_MEDIA_DISABLED);
    g_assert_cmphex(inject(h, 0), ==, CXL_RC_MEDIA_DISABLED);
    g_assert_cmphex(clear(h, 0), ==, CXL_RC_MEDIA_DISABLED);
    g_assert_cmphex(of_range(h, CXL_OP_SCAN_MEDIA, 0, 1), ==,
                    CXL_RC_MEDIA_DISABLED);
    cxl_memdev_set_media_state(h->dev, CXL_MEDIA_READY);
    h->dev->security.set[CXL_PASSPHRASE_USER] = true;
    h->dev->security.locked = true;
    g_assert_cmphex(inject(h, 0), ==, CXL_RC_SECURITY_STATE);
    g_assert_cmphex(of_range(h, CXL_OP_SCAN_CAPS, 0, 1), ==,
                    CXL_RC_SECURITY_STATE);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/media/ranges", test_ranges);
    g_test_add_func("/cxl/cci/media/inject-and-clear", test_inject_and_clear);
    g_test_add_func("/cxl/cci/media/limit", test_limit);
    g_test_add_func("/cxl/cci/media/scan", test_scan);
    g_test_add_func("/cxl/cci/media/scan-in-overflow", test_scan_in_overflow);
    g_test_add_func("/cxl/cci/media/gates", test_gates);
    return g_test_run();
}
