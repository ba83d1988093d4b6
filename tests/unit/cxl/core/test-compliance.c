/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compliance objects: what is offered, what reaches the device, and what is
 * answered to everything else.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/compliance.h"

static uint8_t poison(void *opaque, uint8_t protocol)
{
    *(unsigned *)opaque = protocol;
    return CXL_COMPLIANCE_OK;
}

static uint8_t crc(void *opaque, uint8_t bits, uint8_t flits)
{
    *(unsigned *)opaque = bits << 8 | flits;
    return CXL_COMPLIANCE_OK;
}

static unsigned poison_protocol;
static const CxlComplianceOps compliance_ops = {
    .inject_poison = poison, .inject_crc = crc,
};

/* One request; the bytes of the answer in @out, their dwords returned. */
static unsigned comply(uint8_t code, uint8_t body, unsigned dwords,
                       uint8_t out[256])
{
    const uint32_t request[4] = {
        0x00001e98, dwords, code, body | 0x4200,
    };
    uint32_t response[64];
    unsigned n = cxl_compliance_doe(&compliance_ops, &poison_protocol,
                                    request, dwords, response,
                                    G_N_ELEMENTS(response));

    for (unsigned i = 0; i < n; i++) {
        stl_le_p(out + 4 * i, response[i]);
    }
    if (n) {
        g_assert_cmphex(response[0], ==, 0x00001e98);
        g_assert_cmpuint(response[1], ==, n);
        g_assert_cmpuint(out[8], ==, code);
        g_assert_cmpuint(DIV_ROUND_UP(out[10], 4), ==, n);
    }
    return n;
}

static void test_offered(void)
{
    uint8_t out[256];

    g_assert_cmpuint(comply(CXL_COMPLIANCE_CAPABILITIES, 0, 3, out), ==, 9);
    g_assert_cmpuint(out[11], ==, CXL_COMPLIANCE_OK);
    g_assert_cmphex(ldq_le_p(out + 12), ==, 0xc7);
    g_assert_cmpuint(comply(CXL_COMPLIANCE_STATUS, 0, 3, out), ==, 5);
    g_assert_cmphex(ldl_le_p(out + 11), ==, 0xc7);
    comply(CXL_COMPLIANCE_HALT_ALL, 0, 3, out);
    g_assert_cmpuint(out[11], ==, CXL_COMPLIANCE_OK);
}

static void test_inject(void)
{
    uint8_t out[256];

    g_assert_cmpuint(comply(CXL_COMPLIANCE_INJECT_POISON, 5, 4, out), ==, 3);
    g_assert_cmpuint(out[11], ==, CXL_COMPLIANCE_OK);
    g_assert_cmpuint(poison_protocol, ==, 5);
    comply(CXL_COMPLIANCE_INJECT_POISON, 6, 3, out);
    g_assert_cmpuint(out[11], ==, CXL_COMPLIANCE_BAD_PARAMETER);
    g_assert_cmpuint(poison_protocol, ==, 5);
    comply(CXL_COMPLIANCE_INJECT_CRC, 3, 4, out);
    g_assert_cmpuint(out[11], ==, CXL_COMPLIANCE_OK);
    g_assert_cmphex(poison_protocol, ==, 0x342);
    comply(CXL_COMPLIANCE_INJECT_CRC, 1, 3, out);
    g_assert_cmpuint(out[11], ==, CXL_COMPLIANCE_BAD_PARAMETER);
    g_assert_cmphex(poison_protocol, ==, 0x342);
    comply(CXL_COMPLIANCE_INJECT_VIRAL, 0, 4, out);
    g_assert_cmpuint(out[11], ==, CXL_COMPLIANCE_UNSUPPORTED);
}

/* Every code has an answer; too little room or request has none. */
static void test_every_code(void)
{
    const uint32_t request[3] = { 0x00001e98, 3, 0 };
    uint32_t response[9];
    uint64_t refused = 0;
    uint8_t out[256];

    for (unsigned code = 0; code < 256; code++) {
        g_assert_cmpuint(comply(code, 0, 3, out), >, 0);
        g_assert_true((out[11] == CXL_COMPLIANCE_UNKNOWN) ==
                      (code >= CXL_COMPLIANCE_CODES));
        if (out[11] == CXL_COMPLIANCE_UNSUPPORTED) {
            refused |= 1ull << code;
        }
    }
    /* why each of them is: docs/cxl/index.md */
    g_assert_cmphex(refused, ==, 0xef38);
    g_assert_cmpuint(comply(0, 0, 2, out), ==, 0);
    g_assert_cmpuint(cxl_compliance_doe(&compliance_ops, NULL, request, 3,
                                        response, 8), ==, 0);
    g_assert_cmpuint(cxl_compliance_doe(&compliance_ops, NULL, request, 3,
                                        response, 9), ==, 9);
}

/* What is described is what is acted on, with as many bytes as it names. */
static void test_described(void)
{
    CxlComplianceTest test;
    uint8_t out[256];

    for (unsigned code = 0; code < CXL_COMPLIANCE_CODES; code++) {
        bool acts = cxl_compliance_describe(&compliance_ops, code, &test);
        unsigned n = 0;

        g_assert_nonnull(test.name);
        while (test.argument[n]) {
            n++;
        }
        comply(code, 1, 3 + DIV_ROUND_UP(n, 4), out);
        g_assert_true(acts == (out[11] != CXL_COMPLIANCE_UNSUPPORTED) ||
                      code == CXL_COMPLIANCE_STATUS);
        comply(code, 1, 3, out);
        g_assert_true((out[11] == CXL_COMPLIANCE_BAD_PARAMETER) == (n > 0));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/compliance/offered", test_offered);
    g_test_add_func("/cxl/compliance/inject", test_inject);
    g_test_add_func("/cxl/compliance/described", test_described);
    g_test_add_func("/cxl/compliance/every-code", test_every_code);
    return g_test_run();
}
