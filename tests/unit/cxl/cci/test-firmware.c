/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/firmware: slots, transfer in parts, activation, and each order
 * of them that is refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

#define SECOND 1000000000ll

static uint16_t transfer(FakeHost *h, uint8_t action, uint8_t slot,
                         uint32_t offset)
{
    uint8_t in[sizeof(CxlFwTransferIn) + 128] = { action, slot };

    stl_le_p(in + 4, offset);
    memset(in + sizeof(CxlFwTransferIn), 'f', 128);
    return fake_command(h, CXL_OP_FW_TRANSFER, in, sizeof(in));
}

/* The same, to its end in the background */
static void transferred(FakeHost *h, uint8_t action, uint8_t slot,
                        uint32_t offset)
{
    g_assert_cmphex(transfer(h, action, slot, offset), ==, CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, 0);
    fake_check(h);
}

static uint16_t activate(FakeHost *h, uint8_t how, uint8_t slot)
{
    const uint8_t in[] = { how, slot };

    return fake_command(h, CXL_OP_FW_ACTIVATE, in, sizeof(in));
}

static CxlFwInfoOut info(FakeHost *h)
{
    CxlFwInfoOut out;

    g_assert_cmpuint(fake_query(h, CXL_OP_FW_INFO, &out, sizeof(out)), ==,
                     sizeof(out));
    return out;
}

static void test_info(void)
{
    FakeHost *h = fake_host_default();
    CxlFwInfoOut out = info(h);

    g_assert_cmpuint(out.slots, ==, CXL_FW_SLOTS);
    g_assert_cmphex(out.slot_info, ==, 1);
    g_assert_cmphex(out.caps, ==, CXL_FW_CAP_ONLINE);
    g_assert_cmpstr(out.revision[0], ==, "BWFW VERSION 0");
    fake_host_free(h);
}

static void test_parts(void)
{
    FakeHost *h = fake_host_default();

    transferred(h, CXL_FW_INITIATE, 0, 0);
    transferred(h, CXL_FW_CONTINUE, 0, 1);
    g_assert_cmpuint(h->fw_stored, ==, 0);
    transferred(h, CXL_FW_END, 2, 2);
    g_assert_cmpuint(h->fw_stored, ==, 1);
    /* Staged for the next loss of power */
    g_assert_cmphex(activate(h, 1, 2), ==, 0);
    g_assert_cmphex(info(h).slot_info, ==, 1 | 2 << 3);
    cxl_endpoint_reset(h->ep, CXL_RESET_COLD);
    g_assert_cmphex(info(h).slot_info, ==, 2);
    fake_host_free(h);
}

static void test_refused_order(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(transfer(h, CXL_FW_CONTINUE, 0, 1), ==, CXL_RC_FW_ORDER);
    g_assert_cmphex(transfer(h, CXL_FW_END, 2, 1), ==, CXL_RC_FW_ORDER);
    g_assert_cmphex(transfer(h, 5, 0, 0), ==, CXL_RC_INVALID_INPUT);
    /* The active slot cannot be written, and others do not exist. */
    g_assert_cmphex(transfer(h, CXL_FW_FULL, 1, 0), ==, CXL_RC_FW_SLOT);
    g_assert_cmphex(transfer(h, CXL_FW_FULL, CXL_FW_SLOTS + 1, 0), ==,
                    CXL_RC_FW_SLOT);
    transferred(h, CXL_FW_INITIATE, 0, 0);
    g_assert_cmphex(transfer(h, CXL_FW_CONTINUE, 0, 7), ==, CXL_RC_FW_ORDER);
    fake_check(h);
    fake_host_free(h);
}

static void test_busy(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(transfer(h, CXL_FW_INITIATE, 0, 0), ==, CXL_RC_BACKGROUND);
    g_assert_cmphex(transfer(h, CXL_FW_CONTINUE, 0, 1), ==, CXL_RC_BUSY);
    g_assert_cmphex(activate(h, 0, 2), ==, CXL_RC_BUSY);
    fake_host_free(h);
}

static void test_activation(void)
{
    FakeHost *h = fake_host_default();

    for (unsigned slot = 0; slot < 256; slot++) {
        g_assert_cmphex(activate(h, 1, slot), ==,
                        slot == 1 ? 0 : CXL_RC_FW_SLOT); /* is active */
    }
    transferred(h, CXL_FW_FULL, 2, 0);
    for (unsigned how = 2; how < 256; how++) {
        g_assert_cmphex(activate(h, how, 2), ==, CXL_RC_INVALID_INPUT);
    }
    g_assert_cmphex(activate(h, 0, 2), ==, CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND);
    g_assert_cmphex(info(h).slot_info, ==, 2);
    fake_check(h);
    fake_host_free(h);
}

/* The host does not keep the image: the transfer fails, the slot is empty. */
static void test_not_stored(void)
{
    FakeHost *h = fake_host_default();

    h->media_broken = true;
    g_assert_cmphex(transfer(h, CXL_FW_FULL, 2, 0), ==, CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND);
    g_assert_cmphex(h->dev->cci.bg.rc, !=, 0);
    g_assert_cmphex(activate(h, 1, 2), ==, CXL_RC_FW_SLOT);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/firmware/info", test_info);
    g_test_add_func("/cxl/cci/firmware/parts", test_parts);
    g_test_add_func("/cxl/cci/firmware/refused-order", test_refused_order);
    g_test_add_func("/cxl/cci/firmware/busy", test_busy);
    g_test_add_func("/cxl/cci/firmware/activation", test_activation);
    g_test_add_func("/cxl/cci/firmware/not-stored", test_not_stored);
    return g_test_run();
}
