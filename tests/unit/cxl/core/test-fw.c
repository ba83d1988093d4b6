/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fw with cci/firmware: an update as the client does it, order,
 * slots, gaps, an image too long, refusal by the host, abort.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tests/unit/cxl/fake-host.h"

#define PART 256

static uint16_t part(FakeHost *h, uint8_t action, uint8_t slot,
                     uint32_t offset, uint32_t len)
{
    uint8_t in[0x80 + 1024] = { action, slot };
    uint16_t rc;

    stl_le_p(in + 4, offset / 128);
    memset(in + 0x80, action + 1, len);
    rc = fake_command(h, CXL_OP_FW_TRANSFER, in, 0x80 + len);
    fake_check(h);
    return rc;
}

static void wait_done(FakeHost *h)
{
    fake_host_run(h, 100000000);
    fake_check(h);
}

static uint16_t activate(FakeHost *h, uint8_t action, uint8_t slot)
{
    uint8_t in[2] = { action, slot };

    return fake_command(h, CXL_OP_FW_ACTIVATE, in, 2);
}

static CxlFwInfoOut info(FakeHost *h)
{
    CxlFwInfoOut out;

    g_assert_cmpuint(fake_query(h, CXL_OP_FW_INFO, &out, sizeof(out)), ==,
                     0x50);
    return out;
}

static void update(FakeHost *h)
{
    g_assert_cmphex(part(h, CXL_FW_INITIATE, 0, 0, PART), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, PART, PART), ==,
                    CXL_RC_BUSY);
    wait_done(h);
    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, PART, PART), ==,
                    CXL_RC_BACKGROUND);
    wait_done(h);
    g_assert_cmphex(part(h, CXL_FW_END, 2, 2 * PART, 100), ==,
                    CXL_RC_BACKGROUND);
    wait_done(h);
}

static void test_update(void)
{
    FakeHost *h = fake_host_default();
    CxlFwInfoOut out = info(h);

    g_assert_cmpuint(out.slots, ==, CXL_FW_SLOTS);
    g_assert_cmpuint(out.slot_info, ==, 1);
    g_assert_cmpstr(out.revision[0], ==, "BWFW VERSION 0");
    g_assert_cmphex(activate(h, 1, 2), ==, CXL_RC_FW_SLOT); /* empty */
    update(h);
    g_assert_cmpuint(h->fw_stored, ==, 1);
    g_assert_cmphex(activate(h, 1, 2), ==, 0);
    g_assert_cmpuint(info(h).slot_info, ==, 1 | 2 << 3);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_cmpuint(info(h).slot_info, ==, 1 | 2 << 3);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    out = info(h);
    g_assert_cmpuint(out.slot_info, ==, 2);
    g_assert_true(g_str_has_prefix(out.revision[1], "FW "));
    fake_host_free(h);
}

static void test_online(void)
{
    FakeHost *h = fake_host_default();

    update(h);
    g_assert_cmphex(activate(h, 0, 2), ==, CXL_RC_BACKGROUND);
    g_assert_cmpuint(info(h).slot_info, ==, 1);
    /* Not abortable, and says so. */
    g_assert_cmphex(fake_command(h, CXL_OP_IS_ABORT, NULL, 0), ==,
                    CXL_RC_ABORT_UNSUPPORTED);
    fake_check(h);
    wait_done(h);
    g_assert_cmpuint(info(h).slot_info, ==, 2);
    g_assert_cmphex(activate(h, 2, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(activate(h, 0, 0), ==, CXL_RC_FW_SLOT);
    g_assert_cmphex(activate(h, 0, 3), ==, CXL_RC_FW_SLOT);
    fake_host_free(h);
}

static void test_order(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, 0, PART), ==,
                    CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_END, 2, 0, PART), ==, CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_ABORT, 0, 0, 0), ==, CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_FULL, 1, 0, PART), ==, CXL_RC_FW_SLOT);
    g_assert_cmphex(part(h, CXL_FW_FULL, 3, 0, PART), ==, CXL_RC_FW_SLOT);
    g_assert_cmphex(part(h, CXL_FW_FULL, 2, 0, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(part(h, 5, 2, 0, PART), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(part(h, CXL_FW_INITIATE, 0, 0, 100), ==,
                    CXL_RC_INVALID_INPUT); /* not whole units */
    g_assert_cmphex(part(h, CXL_FW_INITIATE, 0, 0, PART), ==,
                    CXL_RC_BACKGROUND);
    wait_done(h);
    g_assert_cmphex(part(h, CXL_FW_INITIATE, 0, 0, PART), ==,
                    CXL_RC_FW_IN_PROGRESS);
    g_assert_cmphex(part(h, CXL_FW_FULL, 2, 0, PART), ==,
                    CXL_RC_FW_IN_PROGRESS);
    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, 2 * PART, PART), ==,
                    CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_END, 1, PART, PART), ==, CXL_RC_FW_SLOT);
    g_assert_cmphex(part(h, CXL_FW_ABORT, 0, 0, 0), ==, 0);
    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, PART, PART), ==,
                    CXL_RC_FW_ORDER);
    fake_host_free(h);
}

/* The last part may come twice, with other bytes; no other may. */
static void test_again(void)
{
    FakeHost *h = fake_host_default();
    const GByteArray *image;

    part(h, CXL_FW_INITIATE, 0, 0, PART);
    wait_done(h);
    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, 0, PART), ==,
                    CXL_RC_BACKGROUND);
    wait_done(h);
    image = h->dev->fw.image;
    g_assert_cmpuint(image->len, ==, PART);
    g_assert_cmphex(image->data[0], ==, CXL_FW_CONTINUE + 1);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, PART, 2 * PART), ==,
                        CXL_RC_BACKGROUND);
        wait_done(h);
        g_assert_cmpuint(h->dev->fw.image->len, ==, 3 * PART);
    }
    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, 0, PART), ==,
                    CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, PART, PART), ==,
                    CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_END, 2, 2 * PART, 2 * PART), ==,
                    CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_END, 2, 3 * PART, 100), ==,
                    CXL_RC_BACKGROUND);
    wait_done(h);
    g_assert_cmpuint(h->fw_stored, ==, 1);
    fake_host_free(h);
}

/* Of a whole image the offset is ignored; a first part has none. */
static void test_offset(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(part(h, CXL_FW_INITIATE, 0, PART, PART), ==,
                    CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_FULL, 2, PART, PART), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmpuint(h->dev->fw.image->len, ==, PART);
    wait_done(h);
    g_assert_cmpuint(h->fw_stored, ==, 1);
    fake_host_free(h);
}

static void test_gap(void)
{
    FakeHost *h = fake_host_default();

    part(h, CXL_FW_INITIATE, 0, 0, PART);
    fake_host_run(h, 31000000000);
    g_assert_cmphex(part(h, CXL_FW_CONTINUE, 0, PART, PART), ==,
                    CXL_RC_FW_ORDER);
    g_assert_cmphex(part(h, CXL_FW_INITIATE, 0, 0, PART), ==,
                    CXL_RC_BACKGROUND);
    fake_host_free(h);
}

static void test_too_long(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h;

    cfg.fw_image_max = PART;
    h = fake_host_new(&cfg);
    g_assert_cmphex(part(h, CXL_FW_FULL, 2, 0, PART + 128), ==,
                    CXL_RC_INVALID_INPUT);
    part(h, CXL_FW_INITIATE, 0, 0, PART);
    wait_done(h);
    g_assert_cmphex(part(h, CXL_FW_END, 2, PART, 128), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_refused_and_aborted(void)
{
    FakeHost *h = fake_host_default();

    h->media_broken = true;
    g_assert_cmphex(part(h, CXL_FW_FULL, 2, 0, PART), ==, CXL_RC_BACKGROUND);
    wait_done(h);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_FW_AUTH);
    g_assert_cmphex(activate(h, 1, 2), ==, CXL_RC_FW_SLOT);
    h->media_broken = false;
    part(h, CXL_FW_FULL, 2, 0, PART);
    g_assert_cmphex(fake_command(h, CXL_OP_IS_ABORT, NULL, 0), ==, 0);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_ABORTED);
    g_assert_cmphex(activate(h, 1, 2), ==, CXL_RC_FW_SLOT);
    fake_check(h);
    fake_host_free(h);
}

/* What goes to another machine has no transfer under way. */
static void test_at_rest(void)
{
    FakeHost *h = fake_host_default();

    part(h, CXL_FW_INITIATE, 0, 0, PART);
    wait_done(h);
    for (unsigned rest = 0; rest < 2; rest++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        SaveReader r = { .section = "fw", .version = 1 };
        SaveWriter w = { bytes };

        (rest ? cxl_fw_save_at_rest : cxl_fw_save)(&h->dev->fw, &w);
        r.at = bytes->data;
        r.left = bytes->len;
        cxl_fw_load_at_rest(&h->dev->fw, &r);
        g_assert_cmpint(!r.problem, ==, rest);
        g_assert_true(rest || strstr(r.problem, "nobody transfers"));
        g_free(r.problem);
    }
    fake_host_free(h);
}

static void test_checker(void)
{
    FakeHost *h = fake_host_default();
    CxlFw *fw = &h->dev->fw;
    uint8_t active = fw->active, byte = 0;

    fw->active = 0;
    g_assert_cmpstr(cxl_fw_check(fw), ==, "active firmware slot");
    fw->active = CXL_FW_SLOTS + 1;
    g_assert_cmpstr(cxl_fw_check(fw), ==, "active firmware slot");
    fw->active = active;
    g_byte_array_append(fw->image, &byte, 1);
    g_assert_cmpstr(cxl_fw_check(fw), ==, "firmware image in transfer");
    g_byte_array_set_size(fw->image, 0);
    fw->slot = CXL_FW_SLOTS + 1;
    g_assert_cmpstr(cxl_fw_check(fw), ==, "firmware slot of a transfer");
    fw->slot = 0;
    /* The background operation is looked at, too, and asks for its slot. */
    fw->activating = UINT8_MAX;
    g_assert_false(cxl_fw_in_activation(fw));
    g_assert_cmpstr(cxl_fw_check(fw), ==, "firmware slot of a transfer");
    fw->activating = 0;
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fw/update", test_update);
    g_test_add_func("/cxl/fw/online", test_online);
    g_test_add_func("/cxl/fw/order", test_order);
    g_test_add_func("/cxl/fw/again", test_again);
    g_test_add_func("/cxl/fw/offset", test_offset);
    g_test_add_func("/cxl/fw/gap", test_gap);
    g_test_add_func("/cxl/fw/too-long", test_too_long);
    g_test_add_func("/cxl/fw/refused-and-aborted", test_refused_and_aborted);
    g_test_add_func("/cxl/fw/at-rest", test_at_rest);
    g_test_add_func("/cxl/fw/checker", test_checker);
    return g_test_run();
}
