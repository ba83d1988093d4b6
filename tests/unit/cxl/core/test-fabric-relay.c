/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-relay: a manager's command for a logical device that is in
 * a machine, and machines that answer nonsense, late, or never.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-switch-fixture.h"

#define HEADER  sizeof(CxlMessageHeader)
#define FRAME   offsetof(CxlTunnelIn, message)

/* A command of @len zeroes, in tunnels to the ports that are given */
static GByteArray *command(uint16_t opcode, uint32_t len, const int *to)
{
    GByteArray *m = g_byte_array_new();

    g_byte_array_set_size(m, HEADER + len);
    memset(m->data, 0, m->len);
    ((CxlMessageHeader *)m->data)->command = opcode & 0xff;
    ((CxlMessageHeader *)m->data)->command_set = opcode >> 8;
    ((CxlMessageHeader *)m->data)->tag = 0x5a;
    ((CxlMessageHeader *)m->data)->length[0] = len;
    for (; *to >= 0; to++) {
        uint8_t head[HEADER + FRAME] = { 0 };
        CxlMessageHeader *h = (CxlMessageHeader *)head;

        h->command = CXL_OP_TUNNEL & 0xff;
        h->command_set = CXL_OP_TUNNEL >> 8;
        stw_le_p(h->length, m->len + FRAME);
        head[HEADER] = *to;
        stw_le_p(head + HEADER + 2, m->len);
        g_byte_array_prepend(m, head, sizeof(head));
    }
    return m;
}

static GByteArray *to_ld(int ld)
{
    const int to[] = { ld, CXL_FABRIC_MLD_PORT, -1 };

    return command(CXL_OP_IS_IDENTIFY, 3, to);
}

static World *world_with_ld(void)
{
    World *w = world_new();

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bound(w, 1, 2, 0);
    w->machine[1].asked = NOTHING;
    return w;
}

/* The return code of what the manager gets in the end, and the answer within */
static CxlRc ends(World *w, CxlFabricRelay *r, const GByteArray *m,
                  uint8_t *inner, uint32_t *inner_len)
{
    uint8_t out[2048];
    uint32_t len = cxl_fabric_switch_execute(w->sw, r, m->data, m->len, out,
                                             sizeof(out));
    const CxlMessageHeader *within = (void *)(out + HEADER + FRAME);

    cxl_fabric_relay_end(&w->sw->relays, r);
    g_assert_cmpuint(len, >=, HEADER);
    g_assert_cmphex(lduw_le_p(&((CxlMessageHeader *)out)->rc), ==, 0);
    if (lduw_le_p(&within->rc)) {
        return lduw_le_p(&within->rc);
    }
    *inner_len = len - 2 * (HEADER + FRAME);
    memcpy(inner, out + 2 * (HEADER + FRAME), *inner_len);
    return CXL_RC_SUCCESS;
}

static void test_answered(void)
{
    World *w = world_with_ld();
    g_autoptr(GByteArray) m = to_ld(0);
    CxlFabricRelay a = { }, b = { };
    uint8_t got[2048];
    uint32_t len;

    g_assert_true(cxl_fabric_switch_relay(w->sw, &a, m->data, m->len));
    g_assert_true(cxl_fabric_switch_relay(w->sw, &b, m->data, m->len));
    g_assert_cmpint(a.step, ==, CXL_FABRIC_RELAY_ASKED);
    exchange(w);
    g_assert_cmpuint(w->machine[1].executed, ==, 2);
    g_assert_cmpuint(w->machine[1].asked_vppb, ==, 2);
    g_assert_cmpint(a.step, ==, CXL_FABRIC_RELAY_ANSWERED);
    g_assert_cmpint(b.step, ==, CXL_FABRIC_RELAY_ANSWERED);
    cxl_fabric_relay_end(&w->sw->relays, &b);
    g_assert_cmphex(ends(w, &a, m, got, &len), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(len, ==, HEADER + 3);
    g_assert_cmpuint(got[0], ==, CXL_MESSAGE_RESPONSE);
    g_assert_cmphex(((CxlMessageHeader *)got)->tag, ==, 0x5a);
    g_assert_null(w->sw->relays.first);
    world_free(w);
}

/* What is for nobody there is executed at once, and refused as ever. */
static void test_not_there(void)
{
    static const int ways[][4] = {
        { 1, CXL_FABRIC_MLD_PORT, -1 }, { 9, CXL_FABRIC_MLD_PORT, -1 },
        { 0, CXL_FABRIC_POOL_PORT, -1 }, { 0, 5, -1 },
        { CXL_FABRIC_MLD_PORT, -1 }, { -1 },
        { 0, 0, CXL_FABRIC_MLD_PORT, -1 },
    };
    World *w = world_with_ld();
    g_autoptr(GByteArray) good = to_ld(0);
    CxlFabricRelay r = { };

    for (unsigned i = 0; i + 1 < G_N_ELEMENTS(ways); i++) {
        g_autoptr(GByteArray) m = command(CXL_OP_IS_IDENTIFY, 0, ways[i]);

        g_assert_false(cxl_fabric_switch_relay(w->sw, &r, m->data, m->len));
    }
    for (uint32_t len = 0; len < good->len; len++) {
        g_assert_false(cxl_fabric_switch_relay(w->sw, &r, good->data, len));
    }
    good->data[HEADER + 1] = 1;      /* no LD pool */
    g_assert_false(cxl_fabric_switch_relay(w->sw, &r, good->data, good->len));
    machine_leaves(w, 1);
    good->data[HEADER + 1] = 0;
    g_assert_false(cxl_fabric_switch_relay(w->sw, &r, good->data, good->len));
    world_free(w);
}

static void test_lies(void)
{
    World *w = world_with_ld();
    Machine *m = &w->machine[1];
    g_autoptr(GByteArray) question = to_ld(0);
    const CxlMessageHeader *asked =
        (void *)(question->data + 2 * (HEADER + FRAME));
    uint8_t got[2048];
    uint32_t len;

    for (unsigned i = 0; i < 7; i++) {
        CxlFabricRelay r = { };
        CxlMessageHeader h = *asked;

        h.category = i == 1 ? CXL_MESSAGE_REQUEST : CXL_MESSAGE_RESPONSE;
        h.tag += i == 2;
        h.command += i == 3;
        h.command_set += i == 4;
        h.length[0] = i == 5;
        m->lie = g_byte_array_new();
        g_byte_array_append(m->lie, (uint8_t *)&h, i == 6 ? HEADER - 1 :
                            i ? HEADER : 0);
        g_assert_true(cxl_fabric_switch_relay(w->sw, &r, question->data,
                                              question->len));
        exchange(w);
        g_assert_cmpint(r.step, ==, CXL_FABRIC_RELAY_ANSWERED);
        g_assert_cmphex(ends(w, &r, question, got, &len), ==,
                        CXL_RC_INVALID_INPUT);
        g_clear_pointer(&m->lie, g_byte_array_unref);
    }
    g_assert_true(m->attached);
    world_free(w);
}

/* Nobody waits for ever, and what comes then is nobody's. */
static void test_never(void)
{
    World *w = world_with_ld();
    Machine *m = &w->machine[1];
    g_autoptr(GByteArray) question = to_ld(0);
    CxlFabricRelay r = { };
    uint8_t got[2048];
    uint32_t len;

    for (unsigned i = 0; i < 3; i++) {
        g_assert_true(cxl_fabric_switch_relay(w->sw, &r, question->data,
                                              question->len));
        if (i == 0) {
            cxl_fabric_relay_give_up(&r);
        } else if (i == 1) {
            cxl_fabric_switch_fill(w->sw, &m->link);
            cxl_fabric_relay_give_up(&r);
        } else {
            machine_leaves(w, 1);
        }
        g_assert_cmphex(ends(w, &r, question, got, &len), ==,
                        CXL_RC_INVALID_INPUT);
        if (i < 2) {
            to_machine(m, m->link.out->data, m->link.out->len);
            g_byte_array_set_size(m->link.out, 0);
            exchange(w);
            g_assert_true(m->attached);
            g_assert_cmpuint(m->executed, ==, i);
        }
    }
    /* A manager that goes away meanwhile */
    machine_comes(w, 1, 1);
    g_assert_true(cxl_fabric_switch_relay(w->sw, &r, question->data,
                                          question->len));
    cxl_fabric_relay_end(&w->sw->relays, &r);
    exchange(w);
    g_assert_cmpuint(m->executed, ==, 1);
    world_free(w);
}

/* It lets go before it hears of the command. */
static void test_gone(void)
{
    World *w = world_with_ld();
    Machine *m = &w->machine[1];
    g_autoptr(GByteArray) question = to_ld(0);
    CxlFabricRelay r = { };
    uint8_t got[2048];
    uint32_t len;

    g_assert_true(cxl_fabric_switch_relay(w->sw, &r, question->data,
                                          question->len));
    cxl_fabric_slots_is(m->slots, 2, CXL_FABRIC_NO_LD);
    exchange(w);
    g_assert_cmpuint(m->executed, ==, 0);
    g_assert_cmpint(r.step, ==, CXL_FABRIC_RELAY_ANSWERED);
    g_assert_cmphex(ends(w, &r, question, got, &len), ==,
                    CXL_RC_INVALID_INPUT);
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-relay/answered", test_answered);
    g_test_add_func("/cxl/fabric-relay/not-there", test_not_there);
    g_test_add_func("/cxl/fabric-relay/lies", test_lies);
    g_test_add_func("/cxl/fabric-relay/never", test_never);
    g_test_add_func("/cxl/fabric-relay/gone", test_gone);
    return g_test_run();
}
