/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/mld-port, 5301h and 5302h: who can be asked, how an access is cut
 * by its byte enables, and every request that no TLP could be.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/switch-fixture.h"

#define WRITE CXL_LD_REQUEST_WRITE

static uint16_t config(Pair p, uint8_t port, uint16_t ld, uint16_t at,
                       uint8_t enables, bool is_write, uint32_t *data)
{
    CxlLdConfigIn in = {
        .port = port, .reg = at, .ext = at >> 8 | enables << 4,
        .type = is_write ? WRITE : 0,
    };
    uint8_t out[2048];
    uint16_t rc;

    stw_le_p(&in.ld, ld);
    stl_le_p(&in.data, *data);
    rc = command(p, CXL_OP_LD_CONFIG, &in, sizeof(in));
    if (!rc) {
        g_assert_cmpuint(reply(p, out), ==, 4);
        *data = ldl_le_p(out);
    }
    return rc;
}

static void test_config(void)
{
    Pair p = start();
    uint32_t data = 0x11223344;

    memset(config_space, 0, sizeof(config_space));
    g_assert_cmphex(config(p, MLD, 1, 0xa34, 0xf, true, &data), ==, 0);
    g_assert_cmphex(data, ==, 0);
    data = 0xaabbccdd;
    g_assert_cmphex(config(p, MLD, 1, 0xa34, 0x9, true, &data), ==, 0);
    g_assert_cmphex(config(p, MLD, 1, 0xa37, 0, false, &data), ==, 0);
    g_assert_cmphex(data, ==, 0xaa2233dd);
    g_assert_cmphex((uint32_t)ldl_le_p(config_space + 0xa34), ==, data);
    for (unsigned len = 0; len < 24; len++) {
        uint8_t in[24] = { MLD, 0, 0, 0, 1 };

        g_assert_cmphex(command(p, CXL_OP_LD_CONFIG, in, len), ==,
                        len == 12 ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    stop(p);
}

static uint16_t memory(Pair p, uint8_t port, uint16_t ld, uint64_t address,
                       uint16_t length, uint8_t first, uint8_t last,
                       const void *data)
{
    uint8_t raw[2048] = { 0 };
    CxlLdMemoryIn *in = (CxlLdMemoryIn *)raw;

    in->port = port;
    in->first = first << 4;
    in->type = last | (data ? WRITE : 0);
    stw_le_p(&in->ld, ld);
    stw_le_p(&in->length, length);
    stq_le_p(&in->address, address);
    if (data) {
        memcpy(in->data, data, length);
    }
    return command(p, CXL_OP_LD_MEMORY, raw,
                   sizeof(*in) + (data ? length : 0));
}

static char *without(const char *text, const char *gone)
{
    g_auto(GStrv) parts = g_strsplit(text, gone, -1);

    return g_strjoinv("", parts);
}

/* What is enabled is accessed as a host would, and nothing else. */
static void test_memory(void)
{
    static const struct {
        uint16_t at, len;
        uint8_t first, last;
        const char *expected;
    } rows[] = {
        { 0x10, 4, 0xf, 0, "10:4 " },
        { 0x10, 4, 0x6, 0, "11:1 12:1 " },
        { 0x10, 4, 0xc, 0, "12:2 " },
        { 0x10, 8, 0xf, 0xf, "10:8 " },
        { 0x14, 8, 0xf, 0xf, "14:4 18:4 " },
        { 0x10, 8, 0xe, 0xf, "11:1 12:2 14:4 " },
        { 0x10, 16, 0xf, 0x3, "10:8 18:4 1c:2 " },
        { 0xffc, 4, 0x8, 0, "fff:1 " },
    };
    Pair p = start();
    uint8_t data[64], out[2048], model[sizeof(ld_space)] = { 0 };

    memset(ld_space, 0, sizeof(ld_space));
    for (unsigned i = 0; i < sizeof(data); i++) {
        data[i] = 0x80 + i;
    }
    config_writes = g_string_new("");
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (unsigned is_read = 0; is_read < 2; is_read++) {
            g_autofree char *said = NULL;

            g_string_truncate(config_writes, 0);
            g_assert_cmphex(memory(p, MLD, 1, LD_BASE + rows[i].at,
                                   rows[i].len, rows[i].first, rows[i].last,
                                   is_read ? NULL : data), ==, 0);
            said = without(config_writes->str, is_read ? "r" : "w");
            g_assert_cmpstr(said, ==, rows[i].expected);
            g_assert_cmpuint(reply(p, out), ==,
                             4 + (is_read ? rows[i].len : 0));
            g_assert_cmpuint(lduw_le_p(out), ==, is_read ? rows[i].len : 0);
            for (unsigned k = 0; k < rows[i].len; k++) {
                uint8_t be = k < 4 ? rows[i].first :
                             k + 4 >= rows[i].len ? rows[i].last : 0xf;
                bool on = be >> k % 4 & 1;

                if (on) {
                    model[rows[i].at + k] = data[k];
                }
                if (is_read) {
                    g_assert_cmphex(out[4 + k], ==, on ? data[k] : 0);
                }
            }
        }
    }
    g_string_free(g_steal_pointer(&config_writes), true);
    g_assert_cmpmem(ld_space, sizeof(ld_space), model, sizeof(model));
    stop(p);
}

static void test_memory_refusals(void)
{
    static const struct {
        uint64_t address;
        uint16_t len;
        uint8_t first, last;
    } rows[] = {
        { LD_BASE, 0, 0xf, 0xf },       /* nothing */
        { LD_BASE, 6, 0xf, 0xf },       /* half a double word */
        { LD_BASE + 2, 4, 0xf, 0 },
        { LD_BASE, 4, 0, 0 },           /* enables that no TLP has */
        { LD_BASE, 4, 0xf, 0xf },
        { LD_BASE, 8, 0xf, 0 },
        { LD_BASE, 8, 0, 0xf },
        { LD_BASE + 0xffc, 8, 0xf, 0xf }, /* over the end of the page */
        { LD_BASE + 0x1000, 4, 0xf, 0 }, /* nobody's */
        { LD_BASE - 4, 4, 0xf, 0 },
        { UINT64_MAX - 3, 4, 0xf, 0 },
    };
    Pair p = start();
    uint8_t data[64] = { 0 }, raw[64] = { MLD, 0, 0xf0, 0, 1, 0, 4 };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (unsigned k = 0; k < 2; k++) {
            g_assert_cmphex(memory(p, MLD, 1, rows[i].address, rows[i].len,
                                   rows[i].first, rows[i].last,
                                   k ? data : NULL), ==,
                            CXL_RC_INVALID_INPUT);
        }
    }
    /* Longer than an answer can be, or than a page is */
    g_assert_cmphex(memory(p, MLD, 1, LD_BASE, 2044, 0xf, 0xf, NULL), ==, 0);
    g_assert_cmphex(memory(p, MLD, 1, LD_BASE, 2048, 0xf, 0xf, NULL), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(memory(p, MLD, 1, LD_BASE, 0xfffc, 0xf, 0xf, NULL), ==,
                    CXL_RC_INVALID_INPUT);
    /* A read brings no data, a write as much as it says. */
    stq_le_p(raw + 8, LD_BASE);
    for (unsigned len = 0; len < 40; len++) {
        raw[3] = 0;
        g_assert_cmphex(command(p, CXL_OP_LD_MEMORY, raw, len), ==,
                        len == 16 ? 0 : CXL_RC_PAYLOAD_LENGTH);
        raw[3] = WRITE;
        g_assert_cmphex(command(p, CXL_OP_LD_MEMORY, raw, len), ==,
                        len == 20 ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    stop(p);
}

/* Every port and logical device but the one that is there; one in reset. */
static void test_who(void)
{
    Pair p = start();
    uint32_t data = 0;

    for (unsigned port = 0; port < 256; port++) {
        for (unsigned ld = 0; ld < 18; ld++) {
            uint16_t id = ld == 17 ? CXL_WHOLE_PORT : ld;
            uint16_t rc = port == MLD && ld == 1 ? 0 : CXL_RC_INVALID_INPUT;

            g_assert_cmphex(config(p, port, id, 0, 0xf, false, &data), ==,
                            rc);
            g_assert_cmphex(config(p, port, id, 0, 0xf, true, &data), ==, rc);
            g_assert_cmphex(memory(p, port, id, LD_BASE, 4, 0xf, 0, NULL), ==,
                            rc);
        }
    }
    g_assert_cmphex(command(p, CXL_OP_SWITCH_PORT_CONTROL, "\2\0", 2), ==, 0);
    g_assert_cmphex(config(p, MLD, 1, 0, 0xf, false, &data), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(memory(p, MLD, 1, LD_BASE, 4, 0xf, 0, NULL), ==,
                    CXL_RC_INVALID_INPUT);
    stop(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/mld-port/config", test_config);
    g_test_add_func("/cxl/cci/mld-port/memory", test_memory);
    g_test_add_func("/cxl/cci/mld-port/memory-refusals",
                    test_memory_refusals);
    g_test_add_func("/cxl/cci/mld-port/who", test_who);
    return g_test_run();
}
