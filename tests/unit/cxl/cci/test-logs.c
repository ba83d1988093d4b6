/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/logs: which logs there are, what can be done with each, and what
 * cannot.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/logs.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

#define HEADER 8
#define LOGS   6

typedef struct List {
    uint8_t header[HEADER];
    CxlLogEntry entry[LOGS];
} List;

static List list(FakeHost *h)
{
    List out;

    g_assert_cmpuint(fake_query(h, CXL_OP_LOGS_SUPPORTED, &out, sizeof(out)),
                     ==, sizeof(out));
    g_assert_cmpuint(lduw_le_p(out.header), ==, LOGS);
    return out;
}

static uint16_t get(FakeHost *h, const CxlUuid *uuid, uint32_t offset,
                    uint32_t length)
{
    CxlLogsGetIn in = { .uuid = *uuid };

    stl_le_p(&in.offset, offset);
    stl_le_p(&in.length, length);
    return fake_command(h, CXL_OP_LOGS_GET, &in, sizeof(in));
}

static uint32_t caps(FakeHost *h, const CxlUuid *uuid)
{
    uint8_t out[4];

    g_assert_cmphex(fake_command(h, CXL_OP_LOGS_CAPS, uuid, sizeof(*uuid)),
                    ==, 0);
    g_assert_cmpuint(fake_reply(h, out, 4), ==, 4);
    return ldl_le_p(out);
}

/* All of each can be had, and not a byte more. */
static void test_sizes(void)
{
    FakeHost *h = fake_host_default();
    List logs = list(h);

    for (unsigned i = 0; i < LOGS; i++) {
        const CxlUuid *uuid = &logs.entry[i].uuid;
        uint32_t size = ldl_le_p(&list(h).entry[i].size);
        uint8_t out[2048];

        /* The history grows by what is asked meanwhile. */
        size = MIN(size, 1024);
        g_assert_cmphex(get(h, uuid, 0, size), ==, 0);
        g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, size);
        g_assert_cmphex(get(h, uuid, UINT32_MAX, 1), ==, CXL_RC_INVALID_INPUT);
        g_assert_cmphex(get(h, uuid, 1, UINT32_MAX), ==, CXL_RC_INVALID_INPUT);
        g_assert_cmphex(get(h, uuid, 0, 1 << 20), ==, CXL_RC_INVALID_INPUT);
    }
    fake_check(h);
    fake_host_free(h);
}

/* Each can do what it says, and refuses the rest. */
static void test_capabilities(void)
{
    FakeHost *h = fake_host_default();
    List logs = list(h);

    for (unsigned i = 0; i < LOGS; i++) {
        const CxlUuid *uuid = &logs.entry[i].uuid;
        uint32_t can = caps(h, uuid);

        g_assert_cmphex(fake_command(h, CXL_OP_LOGS_CLEAR, uuid,
                                     sizeof(*uuid)), ==,
                        can & CXL_LOGCAP_CLEAR ? 0 : CXL_RC_INVALID_INPUT);
        g_assert_cmphex(fake_command(h, CXL_OP_LOGS_POPULATE, uuid,
                                     sizeof(*uuid)), ==,
                        can & CXL_LOGCAP_POPULATE ? 0 : CXL_RC_INVALID_INPUT);
        fake_check(h);
    }
    fake_host_free(h);
}

static void test_dump(void)
{
    FakeHost *h = fake_host_default();
    CxlUuid uuid = list(h).entry[2].uuid;
    uint64_t time = 1000000, later = time + 60000000000;
    CxlDumpHeader header, none = { 0 };
    uint32_t size;
    char text[64];

    /* Without a dump, its header only */
    g_assert_cmpuint(ldl_le_p(&list(h).entry[2].size), ==, sizeof(header));
    g_assert_cmphex(get(h, &uuid, 0, sizeof(header)), ==, 0);
    fake_reply(h, &header, sizeof(header));
    g_assert_cmpmem(&header, sizeof(header), &none, sizeof(none));
    stq_le_p(text, time);
    fake_command(h, CXL_OP_TIMESTAMP_SET, text, 8);
    fake_command(h, CXL_OP_LOGS_POPULATE, &uuid, sizeof(uuid));
    size = ldl_le_p(&list(h).entry[2].size);
    g_assert_cmpuint(size, >, sizeof(header) + sizeof(text));
    g_assert_cmphex(get(h, &uuid, 0, sizeof(header)), ==, 0);
    fake_reply(h, &header, sizeof(header));
    g_assert_cmpuint(ldl_le_p(&header.len), ==, size - sizeof(header));
    g_assert_cmpuint(ldq_le_p(&header.timestamp), >=, time);
    g_assert_cmpuint(ldq_le_p(&header.timestamp), <, later);
    g_assert_cmphex(get(h, &uuid, sizeof(header), sizeof(text)), ==, 0);
    fake_reply(h, text, sizeof(text));
    g_assert_true(g_ascii_isalpha(text[0]));
    fake_command(h, CXL_OP_LOGS_CLEAR, &uuid, sizeof(uuid));
    g_assert_cmpuint(ldl_le_p(&list(h).entry[2].size), ==, sizeof(header));
    fake_host_free(h);
}

static void test_unknown(void)
{
    static const uint16_t about[] = {
        CXL_OP_LOGS_CAPS, CXL_OP_LOGS_CLEAR, CXL_OP_LOGS_POPULATE,
    };
    FakeHost *h = fake_host_default();
    CxlUuid uuid = list(h).entry[0].uuid;

    uuid.b[15] ^= 1;
    g_assert_cmphex(get(h, &uuid, 0, 0), ==, CXL_RC_INVALID_LOG);
    for (unsigned i = 0; i < ARRAY_SIZE(about); i++) {
        g_assert_cmphex(fake_command(h, about[i], &uuid, sizeof(uuid)), ==,
                        CXL_RC_INVALID_LOG);
        g_assert_cmphex(fake_command(h, about[i], &uuid, 15), ==,
                        CXL_RC_PAYLOAD_LENGTH);
    }
    fake_host_free(h);
}

static void test_sublist(void)
{
    FakeHost *h = fake_host_default();
    List whole = list(h);

    for (unsigned start = 0; start < 256; start++) {
        for (unsigned max = 0; max < 8; max++) {
            uint8_t in[] = { max, start };
            bool good = max && start < LOGS;
            unsigned n = good ? MIN(max, LOGS - start) : 0;
            List out;

            g_assert_cmphex(fake_command(h, CXL_OP_LOGS_SUBLIST, in, 2), ==,
                            good ? 0 : CXL_RC_INVALID_INPUT);
            if (good) {
                g_assert_cmpuint(fake_reply(h, &out, sizeof(out)), ==,
                                 HEADER + n * sizeof(CxlLogEntry));
                g_assert_cmpuint(out.header[0], ==, n);
                g_assert_cmpuint(lduw_le_p(out.header + 2), ==, LOGS);
                g_assert_cmpmem(&out.entry[0].uuid, 16,
                                &whole.entry[start].uuid, 16);
            }
        }
    }
    fake_host_free(h);
}

/* Those that are named are those that the command lists, in its order. */
static void test_named(void)
{
    FakeHost *h = fake_host_default();
    List logs = list(h);
    CxlUuid uuid;

    for (unsigned i = 0; i < LOGS; i++) {
        g_assert_nonnull(cxl_logs_nth(&h->dev->cci, i, &uuid));
        g_assert_true(cxl_uuid_equal(&uuid, &logs.entry[i].uuid));
    }
    g_assert_null(cxl_logs_nth(&h->dev->cci, LOGS, &uuid));
    g_assert_nonnull(cxl_logs_nth(&h->dev->fm_cci, 0, &uuid));
    g_assert_null(cxl_logs_nth(&h->dev->fm_cci, 1, &uuid));
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/logs/sizes", test_sizes);
    g_test_add_func("/cxl/cci/logs/capabilities", test_capabilities);
    g_test_add_func("/cxl/cci/logs/dump", test_dump);
    g_test_add_func("/cxl/cci/logs/unknown", test_unknown);
    g_test_add_func("/cxl/cci/logs/sublist", test_sublist);
    g_test_add_func("/cxl/cci/logs/named", test_named);
    return g_test_run();
}
