/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/cci: properties of every row of every profile.  A new row is
 * tested by being there: each length from nothing to beyond its maximum, while
 * busy, while the media is disabled, while locked; its place in the effects
 * log.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

#define PAYLOAD 2048

static CxlMemdevConfig config(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.num_dc_regions = 1;
    cfg.dc_regions[0] = (CxlDcRegionConfig) {
        .base = 1280 * MiB, .len = 256 * MiB, .block_size = 2 * MiB,
    };
    return cfg;
}

static FakeHost *start(void)
{
    CxlMemdevConfig cfg = config();

    return fake_host_new(&cfg);
}

typedef void RowFn(const CxlCmdRow *row);

static void each_mailbox_row(RowFn *fn)
{
    for (unsigned s = 0; cxl_profile_memdev.sets[s]; s++) {
        const CxlCmdSet *set = cxl_profile_memdev.sets[s];

        for (unsigned i = 0; i < set->num_rows; i++) {
            fn(&set->rows[i]);
        }
    }
}

static void test_rows_sound(void)
{
    for (unsigned p = 0; cxl_profiles[p]; p++) {
        for (unsigned s = 0; cxl_profiles[p]->sets[s]; s++) {
            g_assert_cmpstr(cxl_cmd_set_check(cxl_profiles[p]->sets[s]), ==,
                            NULL);
        }
    }
}

static void test_opcodes_once(void)
{
    FakeHost *h = start();

    for (unsigned i = 1; i < h->dev->cci.num_rows; i++) {
        g_assert_cmphex(h->dev->cci.rows[i]->opcode, >,
                        h->dev->cci.rows[i - 1]->opcode);
    }
    fake_host_free(h);
}

static void test_unknown_opcodes(void)
{
    FakeHost *h = start();

    for (unsigned opcode = 0; opcode <= UINT16_MAX; opcode++) {
        if (!cxl_cci_find(&h->dev->cci, opcode)) {
            g_assert_cmphex(fake_command(h, opcode, NULL, 0), ==,
                            CXL_RC_UNSUPPORTED);
        }
    }
    fake_host_free(h);
}

static void one_row_lengths(const CxlCmdRow *row)
{
    uint32_t max = MIN(row->in_max, PAYLOAD);
    FakeHost *h = start();
    uint8_t in[PAYLOAD + 1] = { 0 };

    for (uint32_t len = 0; len <= MIN(max + 1, PAYLOAD); len++) {
        uint16_t rc = fake_command(h, row->opcode, in, len);

        if (len < row->in_min || len > max) {
            g_assert_cmphex(rc, ==, CXL_RC_PAYLOAD_LENGTH);
        } else {
            g_assert_cmphex(rc, !=, CXL_RC_UNSUPPORTED_MAILBOX);
            g_assert_cmphex(rc, <=, CXL_RC_EXTENT_LIST);
        }
        if (rc != CXL_RC_SUCCESS) {
            g_assert_cmpuint(fake_reply(h, in, 0), ==, 0);
        }
        if (rc == CXL_RC_BACKGROUND) {
            g_assert_true(row->effects & CXL_FX_BACKGROUND);
            fake_host_run(h, 10000000000);
        }
        fake_check(h);
        memset(in, 0, sizeof(in));
    }
    fake_host_free(h);
}

static void test_lengths(void)
{
    each_mailbox_row(one_row_lengths);
}

static void one_row_busy(const CxlCmdRow *row)
{
    FakeHost *h = start();
    CxlScanIn scan = { .lines = cpu_to_le64(64) };
    uint8_t in[PAYLOAD] = { 0 };
    bool refused = row->effects & CXL_FX_BACKGROUND ||
                   row->gates & CXL_GATE_BUSY;
    uint16_t rc;

    g_assert_cmphex(fake_command(h, CXL_OP_SCAN_MEDIA, &scan, sizeof(scan)),
                    ==, CXL_RC_BACKGROUND);
    rc = fake_command(h, row->opcode, in, row->in_min);
    g_assert_cmpint(rc == CXL_RC_BUSY, ==, refused);
    fake_check(h);
    fake_host_free(h);
}

static void test_busy(void)
{
    each_mailbox_row(one_row_busy);
}

static void one_row_disabled(const CxlCmdRow *row)
{
    FakeHost *h = start();
    uint8_t in[PAYLOAD] = { 0 };
    uint16_t rc;

    cxl_memdev_set_media_state(h->dev, CXL_MEDIA_DISABLED);
    rc = fake_command(h, row->opcode, in, row->in_min);
    g_assert_cmpint(rc == CXL_RC_MEDIA_DISABLED, ==,
                    !!(row->gates & CXL_GATE_MEDIA));
    fake_check(h);
    fake_host_free(h);
}

static void test_media_disabled(void)
{
    each_mailbox_row(one_row_disabled);
}

static void one_row_locked(const CxlCmdRow *row)
{
    FakeHost *h = start();
    uint8_t in[PAYLOAD] = { 0 };

    h->dev->security.set[CXL_PASSPHRASE_USER] = true;
    h->dev->security.passphrase[CXL_PASSPHRASE_USER][0] = 1;
    h->dev->security.locked = true;
    if (row->gates & CXL_GATE_LOCK) {
        g_assert_cmphex(fake_command(h, row->opcode, in, row->in_min), ==,
                        CXL_RC_SECURITY_STATE);
        g_assert_cmpuint(h->traced[CXL_TRACE_GUEST_ERROR], ==, 1);
    }
    fake_check(h);
    fake_host_free(h);
}

static void test_locked(void)
{
    each_mailbox_row(one_row_locked);
}

/* Order of the gates: length, busy, media, lock. */
static void test_gate_order(void)
{
    FakeHost *h = start();
    uint8_t in[64] = { 0 };

    h->dev->security.set[CXL_PASSPHRASE_USER] = true;
    h->dev->security.locked = true;
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_SECURITY_STATE);
    h->dev->media.state = CXL_MEDIA_DISABLED;
    g_assert_cmphex(fake_command(h, CXL_OP_MEDIA_OPERATION, in, 8), ==,
                    CXL_RC_MEDIA_DISABLED);
    h->dev->media.state = CXL_MEDIA_READY;
    h->dev->security.locked = false;
    h->dev->security.set[CXL_PASSPHRASE_USER] = false;
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    h->dev->security.set[CXL_PASSPHRASE_USER] = true;
    h->dev->security.locked = true;
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BUSY);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, in, 1), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    /* What the client polls meanwhile works. */
    g_assert_cmphex(fake_command(h, CXL_OP_HEALTH, NULL, 0), ==,
                    CXL_RC_SUCCESS);
    fake_host_free(h);
}

static void test_effects_log(void)
{
    FakeHost *h = start();
    CxlLogsGetIn in = {
        .uuid = CXL_UUID(0x0da9c0b5, 0xbf41, 0x4b78,
                         0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17),
        .length = cpu_to_le32(cxl_cci_cel_size(&h->dev->cci)),
    };
    CxlCelEntry cel[256];
    uint32_t len;

    g_assert_cmphex(fake_command(h, CXL_OP_LOGS_GET, &in, sizeof(in)), ==, 0);
    len = fake_reply(h, cel, sizeof(cel));
    g_assert_cmpuint(len, ==, h->dev->cci.num_rows * sizeof(cel[0]));
    for (unsigned i = 0; i < h->dev->cci.num_rows; i++) {
        const CxlCmdRow *row = cxl_cci_find(&h->dev->cci,
                                            le16_to_cpu(cel[i].opcode));

        g_assert_nonnull(row);
        g_assert_cmphex(le16_to_cpu(cel[i].effects), ==, row->effects);
        /* The client refuses entries with bits it does not know. */
        g_assert_cmphex(row->effects & 0xf000, ==, 0);
    }
    fake_host_free(h);
}

/* Rows that need something vanish with it. */
static void test_needs(void)
{
    CxlMemdevConfig cfg = { .volatile_only = 256 * MiB };
    FakeHost *h = fake_host_new(&cfg);

    g_assert_null(cxl_cci_find(&h->dev->cci, CXL_OP_LSA_GET));
    g_assert_null(cxl_cci_find(&h->dev->cci, CXL_OP_PARTITION_SET));
    g_assert_null(cxl_cci_find(&h->dev->cci, CXL_OP_PASSPHRASE_SET));
    g_assert_null(cxl_cci_find(&h->dev->cci, CXL_OP_DC_CONFIG));
    g_assert_null(cxl_cci_find(&h->dev->cci, CXL_OP_SHUTDOWN_GET));
    g_assert_nonnull(cxl_cci_find(&h->dev->cci, CXL_OP_IDENTIFY));
    fake_host_free(h);
}

static CxlRc handler(CxlCall *call G_GNUC_UNUSED)
{
    return CXL_RC_SUCCESS;
}

static bool judge(const void *owner G_GNUC_UNUSED,
                  const CxlBackground *bg G_GNUC_UNUSED)
{
    return true;
}

/* Two rows, the second one with a mistake in it */
static void expect_mistake(const CxlCmdRow *second, const char *mistake)
{
    const CxlCmdRow mistaken[] = {
        { .opcode = 1, .name = "first", .section = "1", .handler = handler },
        *second,
    };
    const CxlCmdSet set = { "set", mistaken, G_N_ELEMENTS(mistaken) };

    g_assert_cmpstr(cxl_cmd_set_check(&set), ==, mistake);
}

static void test_checker(void)
{
    static const CxlBgWork blind = { .abortable = true };
    static const CxlBgWork sound = { .abortable = true, .fits = judge };
    const CxlCmdRow good = {
        .opcode = 2, .name = "second", .section = "2", .handler = handler,
    };
    CxlCmdRow row = good;

    expect_mistake(&row, NULL);
    row.opcode = 1;
    expect_mistake(&row, "opcodes not ascending");
    row = good;
    row.handler = NULL;
    expect_mistake(&row, "incomplete row");
    row = good;
    row.name = NULL;
    expect_mistake(&row, "incomplete row");
    row = good;
    row.section = NULL;
    expect_mistake(&row, "incomplete row");
    row = good;
    row.in_min = 1;
    expect_mistake(&row, "input range");
    row = good;
    row.work = &sound;
    expect_mistake(&row, "background effect and work disagree");
    row.effects = CXL_FX_BACKGROUND;
    expect_mistake(&row, "abortable but not in the effects");
    row.effects |= CXL_FX_ABORT;
    expect_mistake(&row, NULL);
    row.work = &blind;
    expect_mistake(&row, "work without a judge of its arguments");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/rows-sound", test_rows_sound);
    g_test_add_func("/cxl/cci/opcodes-once", test_opcodes_once);
    g_test_add_func("/cxl/cci/unknown-opcodes", test_unknown_opcodes);
    g_test_add_func("/cxl/cci/lengths", test_lengths);
    g_test_add_func("/cxl/cci/busy", test_busy);
    g_test_add_func("/cxl/cci/media-disabled", test_media_disabled);
    g_test_add_func("/cxl/cci/locked", test_locked);
    g_test_add_func("/cxl/cci/gate-order", test_gate_order);
    g_test_add_func("/cxl/cci/effects-log", test_effects_log);
    g_test_add_func("/cxl/cci/needs", test_needs);
    g_test_add_func("/cxl/cci/checker", test_checker);
    return g_test_run();
}
