/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/sanitize: what each operation erases and what it leaves, and the
 * ranges and states that are refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

#define PERSISTENT  (512 * MiB)
#define END         (1280 * MiB)
#define SECOND      1000000000ll

static void mark(FakeHost *h, uint64_t dpa)
{
    g_assert_true(h->dev->store->dpa_write(h, dpa, "m", 1));
}

static bool marked(FakeHost *h, uint64_t dpa)
{
    char byte;

    h->dev->store->dpa_read(h, dpa, &byte, 1);
    return byte == 'm';
}

static FakeHost *start(void)
{
    FakeHost *h = fake_host_default();

    mark(h, 0);
    mark(h, PERSISTENT);
    h->lsa[5] = 'm';
    return h;
}

static void test_sanitize(void)
{
    FakeHost *h = start();

    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_DISABLED);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BUSY);
    fake_host_run(h, SECOND);
    g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_READY);
    g_assert_false(marked(h, 0) || marked(h, PERSISTENT) || h->lsa[5]);
    fake_check(h);
    fake_host_free(h);
}

/* What has not been erased is not shown. */
static void test_sanitize_fails(void)
{
    FakeHost *h = start();

    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    h->media_broken = true;
    fake_host_run(h, SECOND);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_INTERNAL);
    g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_DISABLED);
    g_assert_cmphex(fake_command(h, CXL_OP_SECURE_ERASE, NULL, 0), ==,
                    CXL_RC_MEDIA_DISABLED);
    h->media_broken = false;
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND);
    g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_READY);
    fake_check(h);
    fake_host_free(h);
}

/* Labels are erased last; without that it has not succeeded. */
static void test_labels_fail(void)
{
    FakeHost *h = start();

    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    h->labels_broken = true;
    fake_host_run(h, SECOND);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_INTERNAL);
    g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_DISABLED);
    g_assert_cmphex(h->lsa[5], ==, 'm');
    fake_check(h);
    fake_host_free(h);
}

static void test_secure_erase(void)
{
    FakeHost *h = start();

    g_assert_cmphex(fake_command(h, CXL_OP_SECURE_ERASE, NULL, 0), ==, 0);
    g_assert_true(marked(h, 0));
    g_assert_false(marked(h, PERSISTENT) || h->lsa[5]);
    h->media_broken = true;
    g_assert_cmphex(fake_command(h, CXL_OP_SECURE_ERASE, NULL, 0), ==,
                    CXL_RC_INTERNAL);
    h->media_broken = false;
    h->dev->security.set[CXL_PASSPHRASE_USER] = true;
    g_assert_cmphex(fake_command(h, CXL_OP_SECURE_ERASE, NULL, 0), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_SECURITY_STATE);
    fake_check(h);
    fake_host_free(h);
}

static uint16_t operate(FakeHost *h, uint8_t class, uint8_t subclass,
                        uint32_t count, const CxlMediaOpRange *ranges,
                        unsigned there)
{
    uint8_t in[sizeof(CxlMediaOpIn) + 8 * sizeof(*ranges)] = {
        class, subclass,
    };
    uint16_t rc;

    stl_le_p(in + 4, count);
    if (there) {
        memcpy(in + sizeof(CxlMediaOpIn), ranges, there * sizeof(*ranges));
    }
    rc = fake_command(h, CXL_OP_MEDIA_OPERATION, in,
                      sizeof(CxlMediaOpIn) + there * sizeof(*ranges));
    fake_check(h);
    return rc;
}

static CxlMediaOpRange range(uint64_t dpa, uint64_t length)
{
    CxlMediaOpRange r;

    stq_le_p(&r.dpa, dpa);
    stq_le_p(&r.length, length);
    return r;
}

static void test_ranges(void)
{
    FakeHost *h = start();
    CxlMediaOpRange two[] = { range(0, 64), range(PERSISTENT + 64, 64) };

    mark(h, PERSISTENT + 64);
    mark(h, 64);
    for (unsigned subclass = 0; subclass < 2; subclass++) {
        mark(h, 0);
        g_assert_cmphex(operate(h, 1, subclass, 2, two, 2), ==,
                        CXL_RC_BACKGROUND);
        /* The rest of the memory goes on being used. */
        g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_READY);
        fake_host_run(h, SECOND);
        g_assert_cmphex(h->dev->cci.bg.rc, ==, 0);
        g_assert_false(marked(h, 0) || marked(h, PERSISTENT + 64));
        g_assert_true(marked(h, 64) && marked(h, PERSISTENT));
    }
    fake_host_free(h);
}

static void test_refused(void)
{
    static const struct {
        uint64_t dpa, length;
        uint16_t rc;
    } bad[] = {
        { 0, 0, CXL_RC_INVALID_INPUT }, { 1, 64, CXL_RC_INVALID_INPUT },
        { 0, 65, CXL_RC_INVALID_INPUT }, { END, 64, CXL_RC_INVALID_DPA },
        { 64, UINT64_MAX - 63, CXL_RC_INVALID_DPA },
        { UINT64_MAX - 63, 64, CXL_RC_INVALID_DPA },
    };
    FakeHost *h = start();
    CxlMediaOpRange one = range(0, 64);

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        CxlMediaOpRange r[] = { one, range(bad[i].dpa, bad[i].length) };

        g_assert_cmphex(operate(h, 1, 0, 2, r, 2), ==, bad[i].rc);
    }
    g_assert_cmphex(operate(h, 1, 0, 2, &one, 1), ==, CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(operate(h, 1, 0, UINT32_MAX, &one, 1), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(operate(h, 1, 0, 0, NULL, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(operate(h, 1, 2, 1, &one, 1), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmphex(operate(h, 2, 0, 1, &one, 1), ==, CXL_RC_UNSUPPORTED);
    g_assert_true(marked(h, 0));
    fake_host_free(h);
}

/* Which operations there are, itself not among them */
static void test_discovery(void)
{
    FakeHost *h = start();
    uint8_t in[12] = { 0 }, out[32];
    const CxlMediaOpDiscovery *d = (const void *)out;

    in[10] = 9;                                 /* as many as there are */
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 12), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, sizeof(*d) + 4);
    g_assert_cmpuint(lduw_le_p(&d->total), ==, 2);
    g_assert_cmpuint(lduw_le_p(&d->count), ==, 2);
    g_assert_cmpuint(ldq_le_p(&d->granularity), ==, 64);
    in[8] = 2;                                  /* behind the last */
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 12), ==,
                    CXL_RC_INVALID_INPUT);
    in[8] = 0;
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 11), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    in[4] = 1;                                  /* it has no ranges */
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 12), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_false(h->dev->cci.bg.running);
    fake_host_free(h);
}

/* Of a stranger's stream: a pattern that no command writes */
static void test_pattern(void)
{
    FakeHost *h = start(), *to = fake_host_default();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;

    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    h->dev->cci.bg.args[0] = 0x5a;
    cxl_memdev_save(h->dev, bytes);
    g_assert_false(cxl_memdev_load(to->dev, bytes->data, bytes->len,
                                   &problem));
    g_assert_nonnull(strstr(problem, "arguments of the background"));
    fake_host_free(h);
    fake_host_free(to);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/sanitize/sanitize", test_sanitize);
    g_test_add_func("/cxl/cci/sanitize/sanitize-fails", test_sanitize_fails);
    g_test_add_func("/cxl/cci/sanitize/labels-fail", test_labels_fail);
    g_test_add_func("/cxl/cci/sanitize/secure-erase", test_secure_erase);
    g_test_add_func("/cxl/cci/sanitize/ranges", test_ranges);
    g_test_add_func("/cxl/cci/sanitize/refused", test_refused);
    g_test_add_func("/cxl/cci/sanitize/discovery", test_discovery);
    g_test_add_func("/cxl/cci/sanitize/pattern", test_pattern);
    return g_test_run();
}
