/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mediaops with cci/sanitize: wiping really wipes, half a wipe is
 * half, what else goes and what stays, and who may ask for it.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"
#include "tests/unit/scarce.h"

#define PERSISTENT (512 * MiB)
#define LAST       (1280 * MiB - 64)

static void test_sanitize(void)
{
    FakeHost *h = fake_host_default();

    fake_mark(h, 0);
    fake_mark(h, PERSISTENT);
    fake_mark(h, LAST);
    memset(h->lsa, 1, 16);
    cxl_mediaops_poison(h->dev, 0x1000, 64, CXL_POISON_INJECTED);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0, 64), ==,
                    CXL_ACCESS_DISABLED);
    /* The poison, and the state of the media */
    g_assert_cmpuint(h->access_changes, ==, 2);
    g_assert_cmphex(fake_command(h, CXL_OP_POISON_INJECT, "12345678", 8), ==,
                    CXL_RC_MEDIA_DISABLED);
    fake_host_run(h, 700000000);
    fake_check(h);
    g_assert_false(fake_marked(h, 0));
    g_assert_false(fake_marked(h, PERSISTENT));
    g_assert_true(fake_marked(h, LAST));
    fake_host_run(h, 300000000);
    g_assert_false(fake_marked(h, LAST));
    g_assert_cmpuint(h->lsa[0], ==, 0);
    g_assert_cmpuint(h->dev->poison.lines.count, ==, 0);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_INFO].count, ==, 0);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0, 64), ==, CXL_ACCESS_OK);
    fake_check(h);
    fake_host_free(h);
}

static void test_abort(void)
{
    FakeHost *h = fake_host_default();

    fake_mark(h, 0);
    fake_mark(h, LAST);
    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    fake_host_run(h, 500000000);
    g_assert_cmphex(fake_command(h, CXL_OP_IS_ABORT, NULL, 0), ==, 0);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_ABORTED);
    g_assert_false(fake_marked(h, 0));
    g_assert_true(fake_marked(h, LAST));
    g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_DISABLED);
    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    fake_host_free(h);
}

static void test_broken_media(void)
{
    FakeHost *h = fake_host_default();

    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    h->media_broken = true;
    fake_host_run(h, 2000000000);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_INTERNAL);
    g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_DISABLED);
    g_assert_cmphex(fake_command(h, CXL_OP_SECURE_ERASE, NULL, 0), ==,
                    CXL_RC_MEDIA_DISABLED);
    fake_check(h);
    fake_host_free(h);
}

static void test_secure_erase(void)
{
    FakeHost *h = fake_host_default();

    fake_mark(h, 0);
    fake_mark(h, PERSISTENT);
    g_assert_cmphex(fake_command(h, CXL_OP_SECURE_ERASE, NULL, 0), ==, 0);
    g_assert_true(fake_marked(h, 0));
    g_assert_false(fake_marked(h, PERSISTENT));
    h->dev->security.set[CXL_PASSPHRASE_USER] = true;
    g_assert_cmphex(fake_command(h, CXL_OP_SECURE_ERASE, NULL, 0), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_SECURITY_STATE);
    fake_host_free(h);
}

typedef struct Op {
    CxlMediaOpIn head;
    CxlMediaOpRange ranges[3];
} QEMU_PACKED Op;

static uint16_t operate(FakeHost *h, Op *op, uint8_t subclass, unsigned n)
{
    op->head.class = 1;
    op->head.subclass = subclass;
    stl_le_p(&op->head.count, n);
    return fake_command(h, CXL_OP_MEDIA_OPERATION, op, 8 + 16 * n);
}

static void range(Op *op, unsigned i, uint64_t dpa, uint64_t len)
{
    stq_le_p(&op->ranges[i].dpa, dpa);
    stq_le_p(&op->ranges[i].length, len);
}

static void test_ranges(void)
{
    FakeHost *h = fake_host_default();
    Op op = { };

    fake_mark(h, 0x1000);
    fake_mark(h, 0x1040);
    fake_mark(h, PERSISTENT);
    range(&op, 0, PERSISTENT - 64, 128);
    range(&op, 1, 0x1000, 64);
    g_assert_cmphex(operate(h, &op, 1, 2), ==, CXL_RC_BACKGROUND);
    g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_READY);
    fake_host_run(h, 1000000000);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, 0);
    g_assert_false(fake_marked(h, 0x1000));
    g_assert_true(fake_marked(h, 0x1040));
    g_assert_false(fake_marked(h, PERSISTENT));
    fake_check(h);
    fake_host_free(h);
}

static void test_range_refusals(void)
{
    FakeHost *h = fake_host_default();
    Op op = { };

    g_assert_cmphex(operate(h, &op, 0, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(operate(h, &op, 2, 0), ==, CXL_RC_UNSUPPORTED);
    range(&op, 0, 32, 64);
    g_assert_cmphex(operate(h, &op, 0, 1), ==, CXL_RC_INVALID_INPUT);
    range(&op, 0, 64, 63);
    g_assert_cmphex(operate(h, &op, 0, 1), ==, CXL_RC_INVALID_INPUT);
    range(&op, 0, 64, 0);
    g_assert_cmphex(operate(h, &op, 0, 1), ==, CXL_RC_INVALID_INPUT);
    range(&op, 0, LAST, 128);
    g_assert_cmphex(operate(h, &op, 0, 1), ==, CXL_RC_INVALID_DPA);
    range(&op, 0, 64, UINT64_MAX - 63);
    g_assert_cmphex(operate(h, &op, 0, 1), ==, CXL_RC_INVALID_DPA);
    stl_le_p(&op.head.count, 0x10000000);
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, &op, 8), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    range(&op, 0, 64, 64);
    scarce_after = 0;
    g_assert_cmphex(operate(h, &op, 0, 1), ==, CXL_RC_RESOURCES);
    fake_check(h);
    fake_host_free(h);
}

static void test_discovery(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[12] = { 0 }, out[64];

    in[8] = 1;
    in[10] = 10;
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 12), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 12 + 2);
    g_assert_cmpuint(ldq_le_p(out), ==, 64);
    g_assert_cmpuint(lduw_le_p(out + 8), ==, 2);
    g_assert_cmpuint(lduw_le_p(out + 10), ==, 1);
    g_assert_cmphex(lduw_le_p(out + 12), ==, 0x0101);
    in[8] = 0;
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 12), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 12 + 4);
    g_assert_cmphex(lduw_le_p(out + 12), ==, 0x0001);
    /* How many there are can be asked alone. */
    in[10] = 0;
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 12), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 12);
    g_assert_cmpuint(lduw_le_p(out + 8), ==, 2);
    in[4] = 1;
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 12), ==,
                    CXL_RC_INVALID_INPUT);
    in[4] = 0;
    in[8] = 2;
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 12), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 11), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_host_free(h);
}

static void refuse(FakeHost *h, uint64_t start, uint64_t length,
                   const char *wanted)
{
    uint64_t before = h->dev->poison.lines.count;
    g_autofree char *problem = cxl_mediaops_inject(h->dev, start, length);

    g_assert_nonnull(problem);
    g_assert_nonnull(strstr(problem, wanted));
    g_assert_cmpuint(h->dev->poison.lines.count, ==, before);
    fake_check(h);
}

/* What a person injects is on the list at once, and no event tells of it. */
static void test_inject(void)
{
    FakeHost *h = fake_host_default();

    refuse(h, 1, 64, "0x1 and 0x40 are not multiples of 64");
    refuse(h, 64, 65, "are not multiples");
    refuse(h, 64, 0, "or empty");
    refuse(h, LAST, 128, "is not within the capacity of 0x50000000");
    refuse(h, 0, UINT64_MAX & ~63ull, "is not within the capacity");
    g_assert_null(cxl_mediaops_inject(h->dev, 0x1000, 128));
    g_assert_true(extentset_covers(&h->dev->poison.listed, 0x1000, 128));
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_INFO].count, ==, 0);
    refuse(h, 0x1040, 64, "overlap");
    refuse(h, 0xfc0, 128, "overlap");
    for (unsigned i = 1; i < CXL_POISON_PIECES_MAX; i++) {
        g_assert_null(cxl_mediaops_inject(h->dev, 0x10000 + 128ull * i, 64));
    }
    refuse(h, LAST, 64, "the device has 16384 pieces");
    fake_check(h);
    fake_host_free(h);
}

static void test_lost(void)
{
    FakeHost *h = fake_host_default();
    Extent e;

    /* Whole lines, around what is poison already; one record */
    cxl_mediaops_poison(h->dev, 0x2000, 64, CXL_POISON_INJECTED);
    cxl_mediaops_lost(h->dev, 0x1ff0, 0x1010);
    fake_check(h);
    g_assert_cmpuint(h->dev->poison.lines.count, ==, 3);
    g_assert_true(extentset_find(&h->dev->poison.listed, 0x1fc0, &e));
    g_assert_cmphex(e.value, ==, CXL_POISON_INTERNAL);
    g_assert_cmphex(e.len, ==, 64);
    g_assert_true(extentset_find(&h->dev->poison.listed, 0x2040, &e));
    g_assert_cmphex(e.start + e.len, ==, 0x3000);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x2fff, 1), ==,
                    CXL_ACCESS_POISON);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x3000, 64), ==, CXL_ACCESS_OK);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_FAILURE].count, ==, 1);
    /* Nothing new, and nothing beyond the end */
    cxl_mediaops_lost(h->dev, 0x2000, 0x1000);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_FAILURE].count, ==, 1);
    cxl_mediaops_lost(h->dev, LAST, 4096);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_FAILURE].count, ==, 2);
    g_assert_cmpint(cxl_memdev_access(h->dev, LAST, 64), ==,
                    CXL_ACCESS_POISON);
    fake_check(h);
    fake_host_free(h);
}

/* The list has no room for what is lost: that is said, and known. */
static void test_lost_overflows(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h;

    cfg.poison_list_max = 2;
    h = fake_host_new(&cfg);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_false(h->dev->poison.overflow);
        cxl_mediaops_lost(h->dev, i * MiB, 4096);
    }
    g_assert_true(h->dev->poison.overflow);
    g_assert_cmpuint(h->dev->poison.listed.count, ==, 2);
    g_assert_cmpuint(h->dev->poison.lines.count, ==, 3);
    /* The third and that the list is full */
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_FAILURE].count, ==, 4);
    /* To wipe nothing needs no memory. */
    h->media_broken = true;
    g_assert_true(cxl_mediaops_wipe(h->dev, 0, 0, 0));
    g_assert_false(cxl_mediaops_wipe(h->dev, 0, 64, 0));
    fake_check(h);
    fake_host_free(h);
}

/* What is lost is poison however much is poison already. */
static void lost_when_full(CxlPoisonSource source, uint64_t base,
                           uint64_t dpa)
{
    FakeHost *h = fake_host_default();
    CxlPoisonMap *p = &h->dev->poison;
    bool overflowed;

    for (unsigned i = 0; i < CXL_POISON_CUT_MAX; i++) {
        cxl_poison_add(p, base + i * 128, 64, source, i % 2, 0, &overflowed);
    }
    cxl_mediaops_lost(h->dev, dpa, 4096);
    fake_check(h);
    g_assert_cmpuint(p->lines.count, <=, CXL_POISON_CUT_MAX);
    g_assert_true(extentset_covers(&p->lines, dpa, 4096));
    cxl_mediaops_lost(h->dev, 16 * MiB, 64 * MiB);
    fake_check(h);
    g_assert_cmpuint(p->lines.count, <=, CXL_POISON_CUT_MAX);
    g_assert_true(extentset_covers(&p->lines, 16 * MiB, 64 * MiB));
    fake_host_free(h);
}

static void test_lost_when_full(void)
{
    lost_when_full(CXL_POISON_INTERNAL, 0, 512 * MiB);
    lost_when_full(CXL_POISON_INTERNAL, 0, 4096);
    lost_when_full(CXL_POISON_INJECTED, 512 * MiB, 4096);
    lost_when_full(CXL_POISON_INJECTED, 512 * MiB, 512 * MiB + 64);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mediaops/sanitize", test_sanitize);
    g_test_add_func("/cxl/mediaops/abort", test_abort);
    g_test_add_func("/cxl/mediaops/broken-media", test_broken_media);
    g_test_add_func("/cxl/mediaops/secure-erase", test_secure_erase);
    g_test_add_func("/cxl/mediaops/ranges", test_ranges);
    g_test_add_func("/cxl/mediaops/range-refusals", test_range_refusals);
    g_test_add_func("/cxl/mediaops/discovery", test_discovery);
    g_test_add_func("/cxl/mediaops/inject", test_inject);
    g_test_add_func("/cxl/mediaops/lost", test_lost);
    g_test_add_func("/cxl/mediaops/lost-overflows", test_lost_overflows);
    g_test_add_func("/cxl/mediaops/lost-when-full", test_lost_when_full);
    return g_test_run();
}
