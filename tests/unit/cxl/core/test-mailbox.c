/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mailbox: the register block at every width and offset, lengths
 * beyond the payload, interrupts, stale bytes, reset.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tests/unit/cxl/fake-host.h"

#define MB(reg) (CXL_DEVREG_MAILBOX + (reg))

static FakeHost *start(void)
{
    CxlMemdevConfig cfg = fake_config();

    return fake_host_new(&cfg);
}

static uint64_t rd(FakeHost *h, uint64_t offset, unsigned size)
{
    return cxl_memdev_regs_read(h->dev, offset, size);
}

static void wr(FakeHost *h, uint64_t offset, uint64_t value, unsigned size)
{
    cxl_memdev_regs_write(h->dev, offset, value, size);
}

static void test_capabilities(void)
{
    FakeHost *h = start();
    uint64_t array = rd(h, CXL_DEVREG_ARRAY, 8);

    g_assert_cmphex(array, ==, 3ull << 32 | 1ull << 24 | 1 << 16);
    g_assert_cmphex(rd(h, 0x10, 4), ==, 0x10001);
    g_assert_cmphex(rd(h, 0x20, 4), ==, 0x10002);
    g_assert_cmphex(rd(h, 0x24, 4), ==, CXL_DEVREG_MAILBOX);
    g_assert_cmphex(rd(h, 0x28, 4), ==, 0x20 + 2048);
    g_assert_cmphex(rd(h, 0x30, 4), ==, 0x14000);
    g_assert_cmphex(rd(h, CXL_DEVREG_MEMDEV, 8), ==, 1 << 4 | 1 << 2);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_CAPS), 4) & 0x1f, ==, 11);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_CAPS), 4) >> 7 & 0xf, ==, 7);
    g_assert_cmpuint(cxl_mailbox_block_size(&h->dev->mailbox), ==, 4096);
    fake_host_free(h);
}

static void test_read_only(void)
{
    FakeHost *h = start();
    uint64_t caps = rd(h, MB(CXL_MBREG_CAPS), 4);

    for (unsigned at = 0; at < MB(CXL_MBREG_CONTROL); at++) {
        wr(h, at, 0xff, 1);
    }
    g_assert_cmphex(rd(h, MB(CXL_MBREG_CAPS), 4), ==, caps);
    g_assert_cmpuint(h->traced[CXL_TRACE_READ_ONLY], >, 0);
    wr(h, MB(CXL_MBREG_STATUS), UINT64_MAX, 8);
    wr(h, MB(CXL_MBREG_BACKGROUND), UINT64_MAX, 8);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_STATUS), 8), ==, 0);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_BACKGROUND), 8), ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* Bytes read one by one equal the wide read, everywhere. */
static void test_widths_agree(void)
{
    FakeHost *h = start();
    uint8_t bytes[CXL_DEVREG_PAYLOAD + 64];

    for (unsigned i = 0; i < 32; i++) {
        wr(h, CXL_DEVREG_PAYLOAD + i, i + 1, 1);
    }
    wr(h, MB(CXL_MBREG_COMMAND), 0x123456789aull, 8);
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        bytes[i] = rd(h, i, 1);
    }
    for (unsigned size = 2; size <= 8; size++) {
        for (unsigned at = 0; at + size <= sizeof(bytes); at++) {
            uint64_t value = rd(h, at, size);

            for (unsigned i = 0; i < size; i++) {
                g_assert_cmphex(value >> (8 * i) & 0xff, ==, bytes[at + i]);
            }
        }
    }
    fake_host_free(h);
}

static void test_any_write_anywhere(void)
{
    static const uint64_t values[] = { 0, 1, UINT64_MAX };
    FakeHost *h = start();
    uint64_t size = cxl_memdev_regs_size(h->dev);

    for (uint64_t at = 0; at < size + 16; at++) {
        for (unsigned width = 1; width <= 8; width++) {
            for (unsigned v = 0; v < ARRAY_SIZE(values); v++) {
                wr(h, at, values[v], width);
                rd(h, at, width);
            }
        }
    }
    fake_check(h);
    fake_host_free(h);
}

static void test_length_beyond_payload(void)
{
    FakeHost *h = start();

    wr(h, MB(CXL_MBREG_COMMAND), CXL_OP_LSA_SET | 2049ull << 16, 8);
    wr(h, MB(CXL_MBREG_CONTROL), 1, 4);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_STATUS), 8) >> 32, ==,
                    CXL_RC_PAYLOAD_LENGTH);
    wr(h, MB(CXL_MBREG_COMMAND), UINT64_MAX, 8);
    wr(h, MB(CXL_MBREG_CONTROL), 1, 1);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_STATUS), 8) >> 32, ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_check(h);
    fake_host_free(h);
}

static void test_doorbell_interrupt(void)
{
    FakeHost *h = start();

    wr(h, MB(CXL_MBREG_CONTROL), CXL_MBREG_CONTROL_DOORBELL_INT, 4);
    g_assert_cmpuint(h->irqs[7], ==, 0);
    fake_command(h, CXL_OP_TIMESTAMP_GET, NULL, 0);
    g_assert_cmpuint(h->irqs[7], ==, 1);
    /* Writing zero to the doorbell starts nothing. */
    wr(h, MB(CXL_MBREG_CONTROL), 0, 4);
    g_assert_cmpuint(h->traced[CXL_TRACE_COMMAND], ==, 1);
    fake_host_free(h);
}

static void test_no_stale_bytes(void)
{
    FakeHost *h = start();
    uint8_t junk[2048], out[2048];

    memset(junk, 0xee, sizeof(junk));
    for (unsigned i = 0; i < sizeof(junk); i += 8) {
        wr(h, CXL_DEVREG_PAYLOAD + i, ldq_le_p(junk + i), 8);
    }
    g_assert_cmphex(fake_command(h, CXL_OP_TIMESTAMP_GET, NULL, 0), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8);
    for (unsigned i = 8; i < sizeof(junk); i += 8) {
        g_assert_cmphex(rd(h, CXL_DEVREG_PAYLOAD + i, 8), ==, 0);
    }
    fake_check(h);
    fake_host_free(h);
}

static void test_background_registers(void)
{
    FakeHost *h = start();
    uint64_t bg;

    wr(h, MB(CXL_MBREG_CONTROL), CXL_MBREG_CONTROL_BG_INT, 4);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_STATUS), 1) & 1, ==, 1);
    g_assert_cmphex(rd(h, CXL_DEVREG_MEMDEV, 1) >> 2 & 3, ==,
                    CXL_MEDIA_DISABLED);
    fake_host_run(h, 500000000);
    bg = rd(h, MB(CXL_MBREG_BACKGROUND), 8);
    g_assert_cmphex(bg & 0xffff, ==, CXL_OP_SANITIZE);
    g_assert_cmpuint(bg >> 16 & 0x7f, ==, 50);
    /* Every width sees the same percentage. */
    g_assert_cmpuint(rd(h, MB(CXL_MBREG_BACKGROUND) + 2, 1), ==, 50);
    g_assert_cmpuint(rd(h, MB(CXL_MBREG_BACKGROUND), 4) >> 16, ==, 50);
    g_assert_cmpuint(h->irqs[7], ==, 0);
    fake_host_run(h, 500000000);
    g_assert_cmpuint(h->irqs[7], ==, 1);
    bg = rd(h, MB(CXL_MBREG_BACKGROUND), 8);
    g_assert_cmpuint(bg >> 16 & 0x7f, ==, 100);
    g_assert_cmphex(bg >> 32, ==, CXL_RC_SUCCESS);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_STATUS), 1) & 1, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

static void test_reset(void)
{
    FakeHost *h = start();

    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    wr(h, CXL_DEVREG_PAYLOAD, UINT64_MAX, 8);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_STATUS), 8), ==, 0);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_BACKGROUND), 8), ==, 0);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_COMMAND), 8), ==, 0);
    g_assert_cmphex(rd(h, CXL_DEVREG_PAYLOAD, 8), ==, 0);
    g_assert_cmphex(rd(h, MB(CXL_MBREG_CAPS), 4) & 0x1f, ==, 11);
    g_assert_cmphex(rd(h, CXL_DEVREG_MEMDEV, 1) >> 2 & 3, ==,
                    CXL_MEDIA_DISABLED);
    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    fake_check(h);
    fake_host_free(h);
}

static void test_checker(void)
{
    FakeHost *h = start();
    CxlMailbox *mb = &h->dev->mailbox;

    mb->executing = true;
    g_assert_cmpstr(cxl_mailbox_check(mb), ==, "doorbell left set");
    mb->executing = false;
    mb->payload[mb->dirty] = 1;
    g_assert_cmpstr(cxl_mailbox_check(mb), ==, "stale payload");
    mb->dirty++;
    g_assert_null(cxl_mailbox_check(mb));
    mb->dirty = UINT32_MAX;
    g_assert_cmpstr(cxl_mailbox_check(mb), ==, "stale payload");
    mb->dirty = 1;
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mailbox/capabilities", test_capabilities);
    g_test_add_func("/cxl/mailbox/read-only", test_read_only);
    g_test_add_func("/cxl/mailbox/widths-agree", test_widths_agree);
    g_test_add_func("/cxl/mailbox/any-write-anywhere",
                    test_any_write_anywhere);
    g_test_add_func("/cxl/mailbox/length-beyond-payload",
                    test_length_beyond_payload);
    g_test_add_func("/cxl/mailbox/doorbell-interrupt",
                    test_doorbell_interrupt);
    g_test_add_func("/cxl/mailbox/no-stale-bytes", test_no_stale_bytes);
    g_test_add_func("/cxl/mailbox/background-registers",
                    test_background_registers);
    g_test_add_func("/cxl/mailbox/reset", test_reset);
    g_test_add_func("/cxl/mailbox/checker", test_checker);
    return g_test_run();
}
