/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mailbox through the BAR: doorbell, lengths, interrupts, background
 * operations, and one command of each generic set.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "tests/qtest/cxl/fixture.h"

#define MBOX_CAPS       0x00
#define MBOX_CTRL       0x04
#define MBOX_COMMAND    0x08
#define MBOX_STATUS     0x10
#define MBOX_BACKGROUND 0x18
#define MBOX_PAYLOAD    0x20

#define CTRL_DOORBELL   1
#define CTRL_DB_INT     2
#define CTRL_BG_INT     4

enum {
    RC_OK = 0x00, RC_BACKGROUND = 0x01, RC_INPUT = 0x02,
    RC_UNSUPPORTED = 0x03, RC_BUSY = 0x06, RC_MEDIA_DISABLED = 0x07,
    RC_LENGTH = 0x16, RC_LOG = 0x17,
};

#define MS              1000000ll

static const uint8_t cel_uuid[16] = {
    0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
    0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17
};

static void test_identify(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);
    CxlReply r;

    fix_command_ok(f, 0x4000, NULL, 0, &r);
    g_assert_cmpint(r.len, ==, 0x45);
    g_assert_cmpint(ldq_le_p(r.data + 0x10), ==, 3);    /* total */
    g_assert_cmpint(ldq_le_p(r.data + 0x18), ==, 1);    /* volatile */
    g_assert_cmpint(ldq_le_p(r.data + 0x20), ==, 2);    /* persistent */
    g_assert_cmpint(ldl_le_p(r.data + 0x38), ==, 1 << 20); /* labels */
    fix_stop(f);
}

static void test_status_register(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint64_t status = fix_read(f, f->memdev, 8);

    g_assert_cmphex(status & 3, ==, 0);             /* fatal, FW halt */
    g_assert_cmpint(extract64(status, 2, 2), ==, 1); /* media ready */
    g_assert_cmpint(extract64(status, 4, 1), ==, 1); /* mailbox ready */
    g_assert_cmphex(fix_read(f, f->status, 8), ==, 0);
    fix_stop(f);
}

static void test_unknown(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);

    g_assert_cmphex(fix_command_rc(f, 0xffff, NULL, 0), ==, RC_UNSUPPORTED);
    g_assert_cmphex(fix_command_rc(f, 0x0000, NULL, 0), ==, RC_UNSUPPORTED);
    fix_stop(f);
}

/* A length beyond the payload area must not be believed. */
static void test_lengths(void)
{
    static const uint32_t bad[] = { 1, 7, 9, 2047, 2048, 2049, 0x1fffff };
    CxlFixture *f = fix_start(FIX_VOLATILE);
    g_autofree uint8_t *zeroes = g_malloc0(0x200000);
    unsigned i;

    g_assert_cmpint(f->payload_max, ==, 2048);
    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_cmphex(fix_command_rc(f, 0x0301, zeroes, bad[i]), ==,
                        RC_LENGTH);
        g_assert_cmphex(fix_command_rc(f, 0x4000, zeroes, bad[i]), ==,
                        RC_LENGTH);
    }
    g_assert_cmphex(fix_command_rc(f, 0x0301, zeroes, 8), ==, RC_OK);
    fix_stop(f);
}

static void test_payload_property(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",mailbox-payload=64K");

    g_assert_cmpint(f->payload_max, ==, 0x10000);
    g_assert_cmphex(fix_command_rc(f, 0x4000, NULL, 0), ==, RC_OK);
    fix_write(f, f->mailbox + MBOX_PAYLOAD + 0xfff8, 8, 0x1122334455667788);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_PAYLOAD + 0xfffc, 4), ==,
                    0x11223344);
    fix_stop(f);
}

static void test_doorbell_interrupt(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint32_t caps = fix_read(f, f->mailbox + MBOX_CAPS, 4);

    g_assert_cmpint(extract32(caps, 5, 1), ==, 1);
    g_assert_cmpint(extract32(caps, 7, 4), ==, FIX_VECTOR_MAILBOX);
    fix_command_rc(f, 0x4000, NULL, 0);
    g_assert_false(fix_irq_taken(f, FIX_VECTOR_MAILBOX));
    fix_write(f, f->mailbox + MBOX_CTRL, 4, CTRL_DB_INT);
    fix_command_rc(f, 0x4000, NULL, 0);
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_MAILBOX));
    fix_stop(f);
}

/* Every width a bus can produce reads the same registers. */
static void test_widths(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint64_t caps = fix_read(f, f->bar[2], 8);
    unsigned i;

    for (i = 0; i < 8; i++) {
        g_assert_cmphex(fix_read(f, f->bar[2] + i, 1), ==,
                        extract64(caps, 8 * i, 8));
    }
    /* The capability array is not for the guest to write */
    fix_write(f, f->bar[2], 8, 0);
    fix_write(f, f->bar[2] + 0x10, 4, 0xffffffff);
    g_assert_cmphex(fix_read(f, f->bar[2], 8), ==, caps);
    /* A doorbell rung with one byte */
    fix_write(f, f->mailbox + MBOX_COMMAND, 8, 0x4000);
    fix_write(f, f->mailbox + MBOX_CTRL, 1, CTRL_DOORBELL);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_CTRL, 1), ==, 0);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_STATUS + 4, 2), ==, RC_OK);
    fix_stop(f);
}

static void test_timestamp(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint8_t set[8];
    CxlReply r;
    uint64_t now;

    fix_command_ok(f, 0x0300, NULL, 0, &r);
    g_assert_cmphex(ldq_le_p(r.data), ==, 0);
    stq_le_p(set, 1000000007);
    fix_command_ok(f, 0x0301, set, 8, &r);
    qtest_clock_step(f->qts, 5 * MS);
    fix_command_ok(f, 0x0300, NULL, 0, &r);
    now = ldq_le_p(r.data);
    g_assert_cmpint(now, >=, 1000000007 + 5 * MS);
    g_assert_cmpint(now, <, 1000000007 + 1000 * MS);
    fix_stop(f);
}

/* What the effects log lists is what is answered. */
static void test_effects_log(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);
    uint8_t in[0x18] = { };
    CxlReply r;
    uint32_t i, len = 0;
    bool identify = false;

    fix_command_ok(f, 0x0400, NULL, 0, &r);
    for (i = 0; i < lduw_le_p(r.data); i++) {
        const uint8_t *entry = r.data + 8 + 20 * i;

        if (!memcmp(entry, cel_uuid, 16)) {
            len = ldl_le_p(entry + 16);
        }
    }
    g_assert_cmpint(len, >, 0);
    memcpy(in, cel_uuid, 16);
    stl_le_p(in + 0x14, len);
    fix_command_ok(f, 0x0401, in, sizeof(in), &r);
    g_assert_cmpint(r.len, ==, len);
    for (i = 0; i < len; i += 4) {
        identify |= lduw_le_p(r.data + i) == 0x4000;
    }
    g_assert_true(identify);

    stl_le_p(in + 0x14, len + 1);
    g_assert_cmphex(fix_command_rc(f, 0x0401, in, sizeof(in)), ==, RC_INPUT);
    in[0] ^= 0xff;
    g_assert_cmphex(fix_command_rc(f, 0x0401, in, sizeof(in)), ==, RC_LOG);
    fix_stop(f);
}

static void test_labels(void)
{
    CxlFixture *f = fix_start(FIX_PERSISTENT);
    uint8_t set[8 + 64] = { }, get[8] = { };
    CxlReply r;
    unsigned i;

    stl_le_p(set, 0x100);
    for (i = 0; i < 64; i++) {
        set[8 + i] = i + 1;
    }
    fix_command_ok(f, 0x4103, set, sizeof(set), &r);
    stl_le_p(get, 0x100);
    stl_le_p(get + 4, 64);
    fix_command_ok(f, 0x4102, get, sizeof(get), &r);
    g_assert_cmpint(r.len, ==, 64);
    g_assert_cmpmem(r.data, 64, set + 8, 64);

    stl_le_p(get, (1 << 20) - 32);
    g_assert_cmphex(fix_command_rc(f, 0x4102, get, sizeof(get)), ==,
                    RC_INPUT);
    stl_le_p(get, 0xfffffff0);
    g_assert_cmphex(fix_command_rc(f, 0x4102, get, sizeof(get)), ==,
                    RC_INPUT);
    stl_le_p(set, (1 << 20) - 32);
    g_assert_cmphex(fix_command_rc(f, 0x4103, set, sizeof(set)), ==,
                    RC_INPUT);
    fix_stop(f);
}

static void test_partitions(void)
{
    CxlFixture *f = fix_start(FIX_PERSISTENT ",partitionable=256M");
    uint32_t dvsec = fix_find_ext_cap(f, 0x23, 0);
    uint8_t in[9] = { };
    CxlReply r;

    fix_command_ok(f, 0x4100, NULL, 0, &r);
    g_assert_cmpint(ldq_le_p(r.data), ==, 0);
    g_assert_cmpint(ldq_le_p(r.data + 8), ==, 2);

    /* Now, so configuration space follows at once */
    stq_le_p(in, 1);
    in[8] = 1;
    fix_command_ok(f, 0x4101, in, sizeof(in), &r);
    fix_command_ok(f, 0x4100, NULL, 0, &r);
    g_assert_cmpint(ldq_le_p(r.data), ==, 1);
    g_assert_cmpint(ldq_le_p(r.data + 8), ==, 1);
    g_assert_cmpint(extract32(fix_config_read(f, dvsec + 0x0a, 2), 4, 2), ==,
                    2);
    g_assert_cmphex(fix_config_read(f, dvsec + 0x1c, 4) & 0xf0000000, ==,
                    0x10000000);
    g_assert_cmphex(fix_config_read(f, dvsec + 0x2c, 4) & 0xf0000000, ==,
                    0x10000000);

    stq_le_p(in, 3);
    g_assert_cmphex(fix_command_rc(f, 0x4101, in, sizeof(in)), ==, RC_INPUT);
    fix_stop(f);
}

static unsigned background_percent(CxlFixture *f)
{
    return extract64(fix_read(f, f->mailbox + MBOX_BACKGROUND, 8), 16, 7);
}

/*
 * Sanitize takes its time, shows its progress at any width, keeps other
 * background commands and the media out, and reports its end.
 */
static void test_background(void)
{
    CxlFixture *f = fix_start(FIX_BOTH ",sanitize-ms=1000");
    unsigned half;

    fix_write(f, f->mailbox + MBOX_CTRL, 4, CTRL_BG_INT);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_STATUS, 4) & 1, ==, 0);
    g_assert_cmphex(fix_command_rc(f, 0x4400, NULL, 0), ==, RC_BACKGROUND);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_STATUS, 4) & 1, ==, 1);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_BACKGROUND, 2), ==,
                    0x4400);
    g_assert_cmpint(extract64(fix_read(f, f->memdev, 8), 2, 2), ==, 3);

    g_assert_cmphex(fix_command_rc(f, 0x4400, NULL, 0), ==, RC_BUSY);
    g_assert_cmphex(fix_command_rc(f, 0x4100, NULL, 0), ==,
                    RC_MEDIA_DISABLED);
    g_assert_cmphex(fix_command_rc(f, 0x4200, NULL, 0), ==, RC_OK);

    qtest_clock_step(f->qts, 500 * MS);
    half = background_percent(f);
    g_assert_cmpint(half, >=, 40);
    g_assert_cmpint(half, <, 100);
    g_assert_cmpint(extract32(fix_read(f, f->mailbox + MBOX_BACKGROUND, 4),
                              16, 7), ==, half);
    g_assert_false(fix_irq_taken(f, FIX_VECTOR_MAILBOX));

    qtest_clock_step(f->qts, 600 * MS);
    g_assert_cmpint(background_percent(f), ==, 100);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_BACKGROUND + 4, 2), ==,
                    RC_OK);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_STATUS, 4) & 1, ==, 0);
    g_assert_cmpint(extract64(fix_read(f, f->memdev, 8), 2, 2), ==, 1);
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_MAILBOX));
    g_assert_cmphex(fix_command_rc(f, 0x4100, NULL, 0), ==, RC_OK);
    fix_stop(f);
}

/* The message that tells of the end is aimed at the doorbell: too bad. */
static void test_message_to_doorbell(void)
{
    CxlFixture *f = fix_start(FIX_BOTH ",sanitize-ms=1000");
    uint64_t entry = f->bar[4] + 16 * FIX_VECTOR_MAILBOX;

    fix_write(f, entry, 8, f->mailbox + MBOX_CTRL);
    fix_write(f, entry + 8, 4, CTRL_DOORBELL | CTRL_BG_INT);
    fix_write(f, f->mailbox + MBOX_CTRL, 4, CTRL_BG_INT);
    g_assert_cmphex(fix_command_rc(f, 0x4400, NULL, 0), ==, RC_BACKGROUND);
    fix_write(f, f->mailbox + MBOX_COMMAND, 8, 0x4000);
    qtest_clock_step(f->qts, 1100 * MS);
    g_assert_cmpint(background_percent(f), ==, 100);
    /* Had it been rung, the answer's length would be here. */
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_COMMAND, 8), ==, 0x4000);
    fix_write(f, f->mailbox + MBOX_CTRL, 4, CTRL_DOORBELL);
    g_assert_cmphex(fix_read(f, f->mailbox + MBOX_COMMAND, 8), !=, 0x4000);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mailbox/identify", test_identify);
    g_test_add_func("/cxl/mailbox/status-register", test_status_register);
    g_test_add_func("/cxl/mailbox/unknown", test_unknown);
    g_test_add_func("/cxl/mailbox/lengths", test_lengths);
    g_test_add_func("/cxl/mailbox/payload-property", test_payload_property);
    g_test_add_func("/cxl/mailbox/doorbell-interrupt",
                    test_doorbell_interrupt);
    g_test_add_func("/cxl/mailbox/widths", test_widths);
    g_test_add_func("/cxl/mailbox/timestamp", test_timestamp);
    g_test_add_func("/cxl/mailbox/effects-log", test_effects_log);
    g_test_add_func("/cxl/mailbox/labels", test_labels);
    g_test_add_func("/cxl/mailbox/partitions", test_partitions);
    g_test_add_func("/cxl/mailbox/background", test_background);
    g_test_add_func("/cxl/mailbox/message-to-doorbell",
                    test_message_to_doorbell);
    return g_test_run();
}
