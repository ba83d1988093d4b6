/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/ld-request: how a request to the registers of a logical device
 * becomes accesses, and what is no request.  As a switch has them:
 * cci/test-mld-port.c; as a machine: test-fabric-slots.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/ld-request.h"
#include "hw/cxl/core/message.h"

#define HEADER sizeof(CxlMessageHeader)
#define WRITE  CXL_LD_REQUEST_WRITE

/* Each access in its order, and what the last one gets */
typedef struct Device {
    GString *log;
    unsigned fails_at;      /* which access; 0: none */
    unsigned accesses;
} Device;

static bool note(Device *d, char kind, uint64_t address, unsigned size,
                   bool is_write, uint64_t data)
{
    g_string_append_printf(d->log, "%c%c%" PRIx64 "/%u", kind,
                           is_write ? 'w' : 'r', address, size);
    if (is_write) {
        g_string_append_printf(d->log, "=%" PRIx64, data);
    }
    g_string_append_c(d->log, ' ');
    return ++d->accesses != d->fails_at;
}

static bool config(void *opaque, uint16_t address, unsigned size,
                   bool is_write, uint32_t *data)
{
    bool done = note(opaque, 'c', address, size, is_write, *data);

    if (!is_write) {
        *data = 0x04030201;
    }
    return done;
}

static bool memory(void *opaque, uint64_t address, unsigned size,
                   bool is_write, uint64_t *data)
{
    bool done = note(opaque, 'm', address, size, is_write, *data);

    if (!is_write) {
        *data = 0x0807060504030201;
    }
    return done;
}

static const CxlLdRegs regs = { .config = config, .memory = memory };

static void test_config(void)
{
    static const struct {
        uint8_t type, ext;
        unsigned fails_at;
        CxlRc rc;
        const char *log;
    } rows[] = {
        { 0, 0x03, 0, CXL_RC_SUCCESS, "cr3f0/4 " },
        { 0, 0xf3, 1, CXL_RC_INVALID_INPUT, "cr3f0/4 " },
        { WRITE, 0xf3, 0, CXL_RC_SUCCESS, "cw3f0/4=44332211 " },
        { WRITE, 0x63, 0, CXL_RC_SUCCESS, "cw3f1/1=22 cw3f2/1=33 " },
        { WRITE, 0xb3, 0, CXL_RC_SUCCESS, "cw3f0/2=2211 cw3f3/1=44 " },
        { WRITE, 0xb3, 1, CXL_RC_INVALID_INPUT, "cw3f0/2=2211 " },
        { WRITE, 0x03, 0, CXL_RC_SUCCESS, "" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        Device d = { g_string_new(""), rows[i].fails_at };
        CxlLdConfigIn in = {
            .reg = 0xf0, .ext = rows[i].ext, .type = rows[i].type,
        };
        uint8_t out[4];

        stl_le_p(&in.data, 0x44332211);
        g_assert_cmphex(cxl_ld_config_request(&in, &regs, &d, out), ==,
                        rows[i].rc);
        g_assert_cmpstr(d.log->str, ==, rows[i].log);
        if (rows[i].rc == CXL_RC_SUCCESS) {
            g_assert_cmphex((uint32_t)ldl_le_p(out), ==,
                            rows[i].type ? 0 : 0x04030201);
        }
        g_string_free(d.log, true);
    }
}

static void test_memory(void)
{
    static const struct {
        uint64_t at;
        uint32_t len;
        uint8_t first, type;
        uint32_t in_len, out_max;
        unsigned fails_at;
        CxlRc rc;
        const char *log;
    } rows[] = {
        { 0x1000, 4, 0xf, 0, 16, 8, 0, CXL_RC_SUCCESS, "mr1000/4 " },
        { 0x1000, 4, 0xf, 0, 16, 7, 0, CXL_RC_INVALID_INPUT, "" },
        { 0x1000, 4, 0xf, 0, 17, 8, 0, CXL_RC_PAYLOAD_LENGTH, "" },
        { 0x1000, 4, 0xf, WRITE, 20, 4, 0, CXL_RC_SUCCESS,
          "mw1000/4=4030201 " },
        { 0x1000, 4, 0xf, WRITE, 19, 4, 0, CXL_RC_PAYLOAD_LENGTH, "" },
        { 0x1004, 12, 0xf, 0xf, 16, 64, 0, CXL_RC_SUCCESS,
          "mr1004/4 mr1008/8 " },
        { 0x1000, 12, 0x8, 0x1, 16, 64, 0, CXL_RC_SUCCESS,
          "mr1003/1 mr1004/4 mr1008/1 " },
        { 0x1000, 16, 0xf, WRITE | 0xf, 32, 4, 2, CXL_RC_INVALID_INPUT,
          "mw1000/8=807060504030201 mw1008/8=100f0e0d0c0b0a09 " },
        { 0x1002, 4, 0xf, 0, 16, 64, 0, CXL_RC_INVALID_INPUT, "" },
        { 0x1ffc, 8, 0xf, 0xf, 16, 64, 0, CXL_RC_INVALID_INPUT, "" },
        { 0x1000, 0, 0xf, 0, 16, 64, 0, CXL_RC_INVALID_INPUT, "" },
        { 0x1000, 4, 0x0, 0, 16, 64, 0, CXL_RC_INVALID_INPUT, "" },
        { 0x1000, 4, 0xf, 0xf, 16, 64, 0, CXL_RC_INVALID_INPUT, "" },
        { 0x1000, 8, 0xf, 0, 16, 64, 0, CXL_RC_INVALID_INPUT, "" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        Device d = { g_string_new(""), rows[i].fails_at };
        uint8_t bytes[64], out[64];
        CxlLdMemoryIn *in = (CxlLdMemoryIn *)bytes;
        uint32_t len = 0;

        memset(bytes, 0, sizeof(*in));
        in->first = rows[i].first << 4;
        in->type = rows[i].type;
        stw_le_p(&in->length, rows[i].len);
        stq_le_p(&in->address, rows[i].at);
        for (unsigned k = sizeof(*in); k < sizeof(bytes); k++) {
            bytes[k] = k - sizeof(*in) + 1;
        }
        g_assert_cmphex(cxl_ld_memory_request(bytes, rows[i].in_len, &regs, &d,
                                              out, rows[i].out_max, &len), ==,
                        rows[i].rc);
        g_assert_cmpstr(d.log->str, ==, rows[i].log);
        if (rows[i].rc == CXL_RC_SUCCESS) {
            uint32_t read = rows[i].type & WRITE ? 0 : rows[i].len;

            g_assert_cmpuint(len, ==, 4 + read);
            g_assert_cmpuint(lduw_le_p(out), ==, read);
        }
        g_string_free(d.log, true);
    }
}

/* Bytes that are not enabled read as zero. */
static void test_not_enabled(void)
{
    Device d = { g_string_new("") };
    CxlLdMemoryIn in = { .first = 0x60 };
    uint8_t out[8];
    uint32_t len;

    memset(out, 0xff, sizeof(out));
    stw_le_p(&in.length, 4);
    g_assert_cmphex(cxl_ld_memory_request((uint8_t *)&in, sizeof(in), &regs,
                                          &d, out, sizeof(out), &len), ==, 0);
    g_assert_cmphex((uint32_t)ldl_le_p(out + 4), ==, 0x00010100);
    g_string_free(d.log, true);
}

/* A whole message; 0: it is none that is meant for registers. */
static void test_message(void)
{
    Device d = { g_string_new("") };
    uint8_t m[HEADER + 12] = {
        [1] = 0x5a, [3] = CXL_OP_LD_CONFIG & 0xff,
        [4] = CXL_OP_LD_CONFIG >> 8, [5] = 12,
    };
    uint8_t out[64];

    for (uint32_t len = 0; len < sizeof(m); len++) {
        g_assert_cmpuint(cxl_ld_request_execute(m, len, &regs, &d, out,
                                                sizeof(out)), ==, 0);
    }
    g_assert_cmpuint(cxl_ld_request_execute(m, sizeof(m), &regs, &d, out,
                                            sizeof(out)), ==, HEADER + 4);
    g_assert_cmphex(out[0], ==, CXL_MESSAGE_RESPONSE);
    g_assert_cmphex(out[1], ==, 0x5a);
    g_assert_cmpuint(cxl_message_length((CxlMessageHeader *)out), ==, 4);
    /* There is no room for it, and it is not asked for. */
    g_string_truncate(d.log, 0);
    g_assert_cmpuint(cxl_ld_request_execute(m, sizeof(m), &regs, &d, out,
                                            HEADER + 3), ==, HEADER);
    g_assert_cmphex(lduw_le_p(out + 8), ==, CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmpstr(d.log->str, ==, "");
    m[0] = CXL_MESSAGE_RESPONSE;
    g_assert_cmpuint(cxl_ld_request_execute(m, sizeof(m), &regs, &d, out,
                                            sizeof(out)), ==, 0);
    m[0] = 0;
    m[3] = CXL_OP_TUNNEL & 0xff;
    g_assert_cmpuint(cxl_ld_request_execute(m, sizeof(m), &regs, &d, out,
                                            sizeof(out)), ==, 0);
    g_string_free(d.log, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ld-request/config", test_config);
    g_test_add_func("/cxl/ld-request/memory", test_memory);
    g_test_add_func("/cxl/ld-request/not-enabled", test_not_enabled);
    g_test_add_func("/cxl/ld-request/message", test_message);
    return g_test_run();
}
