/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/logs with cci/logs: which logs there are, reading at the edges,
 * history as a ring, clear and populate where they are allowed.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tests/unit/cxl/fake-host.h"

enum { CEL, HISTORY, DUMP, TESTS, LOGS = TESTS + 3 };

static CxlUuid uuid_of(FakeHost *h, unsigned log, uint32_t *size)
{
    uint8_t out[256];
    CxlUuid uuid;

    fake_query(h, CXL_OP_LOGS_SUPPORTED, out, sizeof(out));
    memcpy(&uuid, out + 8 + log * 0x14, sizeof(uuid));
    if (size) {
        *size = ldl_le_p(out + 8 + log * 0x14 + 16);
    }
    return uuid;
}

static uint16_t on_log(FakeHost *h, uint16_t opcode, unsigned log)
{
    CxlUuid uuid = uuid_of(h, log, NULL);

    return fake_command(h, opcode, &uuid, sizeof(uuid));
}

static uint16_t get(FakeHost *h, unsigned log, uint32_t offset, uint32_t len)
{
    CxlLogsGetIn in = {
        .uuid = uuid_of(h, log, NULL), .offset = cpu_to_le32(offset),
        .length = cpu_to_le32(len),
    };

    return fake_command(h, CXL_OP_LOGS_GET, &in, sizeof(in));
}

static void test_list(void)
{
    FakeHost *h = fake_host_default();
    uint8_t out[256], in[2] = { 1, 1 };
    CxlUuid history = uuid_of(h, HISTORY, NULL);

    g_assert_cmpuint(fake_query(h, CXL_OP_LOGS_SUPPORTED, out, sizeof(out)),
                     ==, 8 + LOGS * 0x14);
    g_assert_cmphex(fake_command(h, CXL_OP_LOGS_SUBLIST, in, 2), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8 + 0x14);
    g_assert_cmpuint(out[0], ==, 1);
    g_assert_cmpuint(lduw_le_p(out + 2), ==, LOGS);
    g_assert_cmpuint(out[4], ==, 1);
    g_assert_cmpmem(out + 8, 16, &history, 16);
    in[1] = LOGS;
    g_assert_cmphex(fake_command(h, CXL_OP_LOGS_SUBLIST, in, 2), ==,
                    CXL_RC_INVALID_INPUT);
    in[0] = in[1] = 0;
    g_assert_cmphex(fake_command(h, CXL_OP_LOGS_SUBLIST, in, 2), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_edges(void)
{
    FakeHost *h = fake_host_default();
    uint32_t size;

    uuid_of(h, CEL, &size);
    g_assert_cmphex(get(h, CEL, 0, size), ==, 0);
    g_assert_cmphex(get(h, CEL, 1, size), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get(h, CEL, size, 0), ==, 0);
    g_assert_cmphex(get(h, CEL, size - 1, 1), ==, 0);
    g_assert_cmphex(get(h, CEL, UINT32_MAX, 2), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get(h, CEL, 0, UINT32_MAX), ==, CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_unknown(void)
{
    static const uint16_t ops[] = {
        CXL_OP_LOGS_CAPS, CXL_OP_LOGS_CLEAR, CXL_OP_LOGS_POPULATE,
    };
    FakeHost *h = fake_host_default();
    uint8_t in[0x18] = { 1 };

    g_assert_cmphex(fake_command(h, CXL_OP_LOGS_GET, in, sizeof(in)), ==,
                    CXL_RC_INVALID_LOG);
    for (unsigned i = 0; i < ARRAY_SIZE(ops); i++) {
        g_assert_cmphex(fake_command(h, ops[i], in, 16), ==,
                        CXL_RC_INVALID_LOG);
    }
    fake_host_free(h);
}

/* The capabilities say what clear and populate will say. */
static void test_capabilities(void)
{
    FakeHost *h = fake_host_default();

    for (unsigned log = 0; log < LOGS; log++) {
        uint8_t out[4];
        uint32_t caps;

        g_assert_cmphex(on_log(h, CXL_OP_LOGS_CAPS, log), ==, 0);
        fake_reply(h, out, sizeof(out));
        caps = ldl_le_p(out);
        g_assert_cmphex(on_log(h, CXL_OP_LOGS_POPULATE, log), ==,
                        caps & CXL_LOGCAP_POPULATE ? 0 : CXL_RC_INVALID_INPUT);
        g_assert_cmphex(on_log(h, CXL_OP_LOGS_CLEAR, log), ==,
                        caps & CXL_LOGCAP_CLEAR ? 0 : CXL_RC_INVALID_INPUT);
    }
    fake_host_free(h);
}

static void test_history(void)
{
    FakeHost *h = fake_host_default();
    CxlHistoryEntry e;

    cxl_logs_clear_history(&h->dev->logs);
    for (unsigned i = 0; i < CXL_HISTORY_ENTRIES + 5; i++) {
        fake_command(h, i, NULL, 0);
    }
    g_assert_cmpuint(h->dev->logs.history_count, ==, CXL_HISTORY_ENTRIES);
    cxl_logs_read_history(&h->dev->logs, 0, (uint8_t *)&e, sizeof(e));
    g_assert_cmphex(lduw_le_p(&e.opcode), ==, 5); /* the oldest kept */
    g_assert_cmphex(on_log(h, CXL_OP_LOGS_CLEAR, HISTORY), ==, 0);
    g_assert_cmpuint(h->dev->logs.history_count, ==, 1); /* the clearing */
    fake_host_free(h);
}

/* The first format says where in the ring the oldest is. */
static void test_history_of_before(void)
{
    static const uint8_t ring[CXL_HISTORY_ENTRIES * sizeof(CxlHistoryEntry)];
    static const struct {
        uint64_t head, count;
        bool good;
    } rows[] = {
        { CXL_HISTORY_ENTRIES - 1, CXL_HISTORY_ENTRIES, true },
        { CXL_HISTORY_ENTRIES, 0, false },
        { 0, CXL_HISTORY_ENTRIES + 1, false },
    };
    FakeHost *h = fake_host_default();

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        SaveWriter w = { bytes };
        SaveReader r;

        save_put(&w, false);
        save_put(&w, rows[i].head);
        save_put(&w, rows[i].count);
        save_put_bytes(&w, ring, sizeof(ring));
        r = (SaveReader) { bytes->data, bytes->len, "logs", 1 };
        cxl_logs_load(&h->dev->logs, &r);
        g_assert_cmpint(!r.problem, ==, rows[i].good);
        g_assert_true(!r.problem || strstr(r.problem, "command history"));
        g_free(r.problem);
    }
    fake_host_free(h);
}

/* Which tests the media has, and what came of them: none, nothing. */
static void test_media_test(void)
{
    static const uint8_t ids[][4] = {
        { 0xe6, 0xdf, 0xa3, 0x2c }, { 0x2c, 0x25, 0x55, 0x22 },
        { 0xc1, 0xfe, 0x0b, 0x3e },
    };
    static const uint8_t none[][16] = {
        { [5] = 1, [6] = 1 }, { [1] = 1 }, { [1] = 1 },
    };
    FakeHost *h = fake_host_default();

    for (unsigned i = 0; i < ARRAY_SIZE(ids); i++) {
        uint8_t out[16] = { 1 };
        uint32_t size;
        CxlUuid uuid = uuid_of(h, TESTS + i, &size);

        g_assert_cmpmem(&uuid, 4, ids[i], 4);
        g_assert_cmpuint(size, ==, sizeof(none[i]));
        g_assert_cmphex(get(h, TESTS + i, 0, size), ==, 0);
        g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, size);
        g_assert_cmpmem(out, size, none[i], size);
        g_assert_cmphex(get(h, TESTS + i, 1, size), ==, CXL_RC_INVALID_INPUT);
    }
    fake_host_free(h);
}

static void test_dump(void)
{
    FakeHost *h = fake_host_default();
    char out[2048];
    uint32_t size;

    uuid_of(h, DUMP, &size);
    g_assert_cmpuint(size, ==, sizeof(CxlDumpHeader));
    g_assert_cmphex(get(h, DUMP, size, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(on_log(h, CXL_OP_LOGS_POPULATE, DUMP), ==, 0);
    uuid_of(h, DUMP, &size);
    g_assert_cmphex(get(h, DUMP, 0, size), ==, 0);
    fake_reply(h, out, sizeof(out) - 1);
    g_assert_nonnull(strstr(out + sizeof(CxlDumpHeader), "media: state 1"));
    g_assert_nonnull(strstr(out + sizeof(CxlDumpHeader), "decoder 3: free"));
    /* A dump of a memfab that had no header yet */
    cxl_logs_set_dump(&h->dev->logs, g_string_new("a picture"));
    g_assert_cmphex(get(h, DUMP, 0, 0x40 + 9), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 0x40 + 9);
    g_assert_cmpuint(ldl_le_p(out), ==, 9);
    g_assert_cmpmem(out + 0x40, 9, "a picture", 9);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/logs/list", test_list);
    g_test_add_func("/cxl/logs/edges", test_edges);
    g_test_add_func("/cxl/logs/unknown", test_unknown);
    g_test_add_func("/cxl/logs/capabilities", test_capabilities);
    g_test_add_func("/cxl/logs/history", test_history);
    g_test_add_func("/cxl/logs/history-of-before", test_history_of_before);
    g_test_add_func("/cxl/logs/dump", test_dump);
    g_test_add_func("/cxl/logs/media-test", test_media_test);
    return g_test_run();
}
