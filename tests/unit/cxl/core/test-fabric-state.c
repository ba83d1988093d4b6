/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-state: a state of any length there and back, and parts
 * that do not belong together.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-state.h"

#define PART CXL_FABRIC_PART_MAX

static CxlFabricStream stream;

static GByteArray *state_of(uint32_t len)
{
    GByteArray *state = g_byte_array_new();

    for (uint32_t i = 0; i < len; i++) {
        const uint8_t byte = i * 7 + i / PART;

        g_byte_array_append(state, &byte, 1);
    }
    return state;
}

/* The next message of @bytes, from *@at on */
static CxlFabricPart next(const GByteArray *bytes, uint32_t *at)
{
    CxlFabricVerdict v = CXL_FABRIC_WANTS_MORE;
    CxlFabricMessage m;
    const char *why;

    while (v == CXL_FABRIC_WANTS_MORE) {
        uint32_t max;
        uint8_t *to = cxl_fabric_stream_room(&stream, &max);

        max = MIN(max, bytes->len - *at);
        g_assert_cmpuint(max, >, 0);
        memcpy(to, bytes->data + *at, max);
        *at += max;
        v = cxl_fabric_stream_arrived(&stream, max, &m, &why);
    }
    g_assert_cmpint(v, ==, CXL_FABRIC_WHOLE);
    g_assert_cmpint(m.type, ==, CXL_FABRIC_STATE);
    return m.part;
}

static void put_all(GByteArray *out, const GByteArray *state)
{
    uint32_t at = 0, seq = 0;

    do {
        at = cxl_fabric_state_put(out, CXL_FABRIC_STATE, seq++, 3, 9, state,
                                  at);
    } while (at < (state ? state->len : 0));
}

static void test_lengths(void)
{
    static const uint32_t lens[] = {
        0, 1, PART - 1, PART, PART + 1, 3 * PART, CXL_FABRIC_STATE_MAX,
    };
    CxlFabricParts p = { };

    cxl_fabric_stream_init(&stream, true);
    for (unsigned i = 0; i < G_N_ELEMENTS(lens); i++) {
        g_autoptr(GByteArray) state = state_of(lens[i]);
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        CxlFabricPartsStep step = CXL_FABRIC_PARTS_MORE;
        uint32_t at = 0;

        put_all(bytes, i ? state : NULL);
        while (at < bytes->len) {
            CxlFabricPart part = next(bytes, &at);

            g_assert_cmpint(step, ==, CXL_FABRIC_PARTS_MORE);
            step = cxl_fabric_parts_take(&p, &part);
        }
        g_assert_cmpint(step, ==, CXL_FABRIC_PARTS_WHOLE);
        g_assert_cmpuint(p.vppb, ==, 3);
        g_assert_cmpuint(p.ld, ==, 9);
        g_assert_cmpmem(p.bytes->data, p.bytes->len, state->data, state->len);
    }
    cxl_fabric_parts_drop(&p);
    cxl_fabric_parts_drop(&p);
}

static void test_not_together(void)
{
    static const uint8_t bytes[PART];
    const CxlFabricPart first = { 1, 2, 3 * PART, 0, PART, bytes };
    const CxlFabricPart second = { 1, 2, 3 * PART, PART, PART, bytes };
    const CxlFabricPart bad[] = {
        { 2, 2, 3 * PART, PART, PART, bytes },
        { 1, 3, 3 * PART, PART, PART, bytes },
        { 1, 2, 4 * PART, PART, PART, bytes },
        { 1, 2, 3 * PART, 2 * PART, PART, bytes },
    };
    CxlFabricParts p = { };

    g_assert_cmpint(cxl_fabric_parts_take(&p, &second), ==,
                    CXL_FABRIC_PARTS_BAD);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmpint(cxl_fabric_parts_take(&p, &first), ==,
                        CXL_FABRIC_PARTS_MORE);
        g_assert_cmpint(cxl_fabric_parts_take(&p, &bad[i]), ==,
                        CXL_FABRIC_PARTS_BAD);
    }
    /* What begins anew is the end of what was not finished. */
    g_assert_cmpint(cxl_fabric_parts_take(&p, &first), ==,
                    CXL_FABRIC_PARTS_MORE);
    g_assert_cmpint(cxl_fabric_parts_take(&p, &second), ==,
                    CXL_FABRIC_PARTS_MORE);
    g_assert_cmpint(cxl_fabric_parts_take(&p, &second), ==,
                    CXL_FABRIC_PARTS_BAD);
    cxl_fabric_parts_drop(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-state/lengths", test_lengths);
    g_test_add_func("/cxl/fabric-state/not-together", test_not_together);
    return g_test_run();
}
