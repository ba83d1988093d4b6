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
    stw_le_p(((CxlMessageHeader *)m->data)->length, len);
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

/* The message goes as far as a machine, which is asked. */
static bool asks(World *w, CxlFabricRelay *r, const GByteArray *m,
                 uint32_t len)
{
    uint8_t out[8192];
    bool asked;

    cxl_fabric_switch_execute(w->sw, r, m->data, len, out, sizeof(out));
    asked = r->step == CXL_FABRIC_RELAY_ASKED;
    if (!asked) {
        g_assert_null(w->sw->relays.first);
    }
    return asked;
}

/* The return code of what the manager gets in the end, and the answer within */
static CxlRc ends(World *w, CxlFabricRelay *r, const GByteArray *m,
                  uint8_t *inner, uint32_t *inner_len)
{
    uint8_t out[8192];
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

    g_assert_true(asks(w, &a, m, m->len));
    g_assert_true(asks(w, &b, m, m->len));
    g_assert_cmpint(a.step, ==, CXL_FABRIC_RELAY_ASKED);
    exchange(w);
    g_assert_cmpuint(w->machine[1].executed, ==, 2);
    g_assert_cmpuint(w->machine[1].asked_vppb, ==, 2);
    /* That of the MLD, whose tunnel the answer has to pass */
    g_assert_cmpuint(w->machine[1].room, ==, 2048 - FRAME);
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

        g_assert_false(asks(w, &r, m, m->len));
    }
    for (uint32_t len = 0; len < good->len; len++) {
        g_assert_false(asks(w, &r, good, len));
    }
    good->data[HEADER + 1] = 1;      /* no LD pool */
    g_assert_false(asks(w, &r, good, good->len));
    machine_leaves(w, 1);
    good->data[HEADER + 1] = 0;
    g_assert_false(asks(w, &r, good, good->len));
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
        g_assert_true(asks(w, &r, question, question->len));
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
        g_assert_true(asks(w, &r, question, question->len));
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
    g_assert_true(asks(w, &r, question, question->len));
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

    g_assert_true(asks(w, &r, question, question->len));
    cxl_fabric_slots_is(m->slots, 2, CXL_FABRIC_NO_LD);
    exchange(w);
    g_assert_cmpuint(m->executed, ==, 0);
    g_assert_cmpint(r.step, ==, CXL_FABRIC_RELAY_ANSWERED);
    g_assert_cmphex(ends(w, &r, question, got, &len), ==,
                    CXL_RC_INVALID_INPUT);
    world_free(w);
}

/* An answer that is longer than there is room is none. */
static void test_room(void)
{
    World *w = world_with_ld();
    Machine *m = &w->machine[1];
    g_autoptr(GByteArray) question = to_ld(0);
    uint8_t got[2048];
    uint32_t len;

    for (unsigned more = 0; more < 2; more++) {
        CxlFabricRelay r = { };
        uint32_t n = 2048 - FRAME + more;
        CxlMessageHeader *h;

        m->lie = g_byte_array_new();
        g_byte_array_set_size(m->lie, n);
        memset(m->lie->data, 0, n);
        h = (CxlMessageHeader *)m->lie->data;
        memcpy(h, question->data + 2 * (HEADER + FRAME), HEADER);
        h->category = CXL_MESSAGE_RESPONSE;
        stw_le_p(h->length, n - HEADER);
        g_assert_true(asks(w, &r, question, question->len));
        r.room += more;     /* it is told so, and would not say it */
        exchange(w);
        g_assert_cmphex(ends(w, &r, question, got, &len), ==,
                        more ? CXL_RC_INVALID_INPUT : CXL_RC_SUCCESS);
        g_clear_pointer(&m->lie, g_byte_array_unref);
    }
    world_free(w);
}

/* --- registers ------------------------------------------------------------ */

static GByteArray *config(unsigned ld, uint16_t at, uint8_t type,
                          uint8_t enables, uint32_t data)
{
    const int to[] = { -1 };
    GByteArray *m = command(CXL_OP_LD_CONFIG, sizeof(CxlLdConfigIn), to);
    CxlLdConfigIn *in = (CxlLdConfigIn *)(m->data + HEADER);

    in->port = CXL_FABRIC_MLD_PORT;
    in->reg = at;
    in->ext = at >> 8 | enables << 4;
    in->type = type;
    stw_le_p(&in->ld, ld);
    stl_le_p(&in->data, data);
    return m;
}

static GByteArray *memory(unsigned ld, uint64_t at, uint8_t type,
                          uint16_t len, const void *data)
{
    const int to[] = { -1 };
    uint32_t all = sizeof(CxlLdMemoryIn) + (data ? len : 0);
    GByteArray *m = command(CXL_OP_LD_MEMORY, all, to);
    CxlLdMemoryIn *in = (CxlLdMemoryIn *)(m->data + HEADER);

    in->port = CXL_FABRIC_MLD_PORT;
    in->first = 0xf0;
    in->type = type | (len > 4 ? 0xf : 0);
    stw_le_p(&in->ld, ld);
    stw_le_p(&in->length, len);
    stq_le_p(&in->address, at);
    if (data) {
        memcpy(in->data, data, len);
    }
    return m;
}

/* Asked, answered and executed again; what comes back */
static CxlRc goes(World *w, GByteArray *message, uint8_t *out, uint32_t *len)
{
    g_autoptr(GByteArray) m = message;
    CxlFabricRelay r = { };

    g_assert_true(asks(w, &r, m, m->len));
    exchange(w);
    g_assert_cmpint(r.step, ==, CXL_FABRIC_RELAY_ANSWERED);
    *len = cxl_fabric_switch_execute(w->sw, &r, m->data, m->len, out, 8192);
    cxl_fabric_relay_end(&w->sw->relays, &r);
    return lduw_le_p(&((CxlMessageHeader *)out)->rc);
}

static void test_config(void)
{
    World *w = world_with_ld();
    Machine *m = &w->machine[1];
    uint8_t out[8192];
    uint32_t len;

    g_assert_cmphex(goes(w, config(0, 0xa34, CXL_LD_REQUEST_WRITE, 0xb,
                                   0x11223344), out, &len), ==, 0);
    g_assert_cmpuint(len, ==, HEADER + 4);
    g_assert_cmphex((uint32_t)ldl_le_p(m->config + 0xa34), ==, 0x11003344);
    g_assert_cmpuint(m->accesses, ==, 2);
    g_assert_cmpuint(m->asked_vppb, ==, 2);
    g_assert_cmphex(goes(w, config(0, 0xa34, 0, 0xf, 0), out, &len), ==, 0);
    g_assert_cmphex((uint32_t)ldl_le_p(out + HEADER), ==, 0x11003344);
    g_assert_cmpuint(m->executed, ==, 0);
    world_free(w);
}

static void test_memory(void)
{
    World *w = world_with_ld();
    Machine *m = &w->machine[1];
    uint8_t out[8192], data[4096];
    uint32_t len;

    for (unsigned i = 0; i < sizeof(data); i++) {
        data[i] = i + i / 256;
    }
    g_assert_cmphex(goes(w, memory(0, MACHINE_REGS, CXL_LD_REQUEST_WRITE,
                                   4096, data), out, &len), ==, 0);
    g_assert_cmpuint(len, ==, HEADER + 4);
    g_assert_cmpmem(m->regs, sizeof(m->regs), data, sizeof(data));
    g_assert_cmpuint(m->accesses, ==, 512);
    g_assert_cmphex(goes(w, memory(0, MACHINE_REGS, 0, 4096, NULL), out, &len),
                    ==, 0);
    g_assert_cmpmem(out + HEADER + 4, len - HEADER - 4, data, sizeof(data));
    g_assert_cmphex(goes(w, memory(0, MACHINE_REGS + 12, 0, 4, NULL), out,
                         &len), ==, 0);
    g_assert_cmpmem(out + HEADER + 4, len - HEADER - 4, data + 12, 4);
    /* Nothing of it is there. */
    g_assert_cmphex(goes(w, memory(0, 0x1000, 0, 4, NULL), out, &len), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(len, ==, HEADER);
    world_free(w);
}

/* What is wrong is refused before anybody is asked, and so is who is away. */
static void test_registers_refused(void)
{
    World *w = world_with_ld();
    CxlFabricRelay r = { };
    g_autoptr(GByteArray) good = config(0, 0, 0, 0xf, 0);
    GByteArray *bad[] = {
        config(1, 0, 0, 0xf, 0), config(LDS, 0, 0, 0xf, 0),
        config(0x100, 0, 0, 0xf, 0), config(0, 0, CXL_LD_REQUEST_WRITE, 0, 0),
        memory(1, MACHINE_REGS, 0, 4, NULL),
        memory(0, MACHINE_REGS + 2, 0, 4, NULL),
        memory(0, MACHINE_REGS + 8, 0, 4096, NULL),
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(asks(w, &r, bad[i], bad[i]->len));
        g_byte_array_unref(bad[i]);
    }
    for (uint32_t len = 0; len < good->len; len++) {
        g_assert_false(asks(w, &r, good, len));
    }
    good->data[HEADER] = CXL_FABRIC_POOL_PORT;
    g_assert_false(asks(w, &r, good, good->len));
    good->data[HEADER] = CXL_FABRIC_MLD_PORT;
    g_assert_true(asks(w, &r, good, good->len));
    cxl_fabric_relay_end(&w->sw->relays, &r);
    /* An interface does not know these commands: by a tunnel it says so. */
    {
        const int to[] = { 0, CXL_FABRIC_MLD_PORT, -1 };
        g_autoptr(GByteArray) t = command(CXL_OP_LD_CONFIG, 12, to);

        g_assert_true(asks(w, &r, t, t->len));
        exchange(w);
        g_assert_cmpuint(w->machine[1].executed, ==, 1);
        g_assert_cmpuint(w->machine[1].accesses, ==, 0);
        cxl_fabric_relay_end(&w->sw->relays, &r);
    }
    machine_leaves(w, 1);
    g_assert_false(asks(w, &r, good, good->len));
    world_free(w);
}

/* A machine that says something else than it was asked */
static void test_registers_lies(void)
{
    World *w = world_with_ld();
    Machine *m = &w->machine[1];
    uint8_t out[8192];
    uint32_t len;

    for (unsigned i = 0; i < 5; i++) {
        g_autoptr(GByteArray) question = i < 3 ?
            config(0, 0, i == 2 ? CXL_LD_REQUEST_WRITE : 0, 0xf, 0) :
            memory(0, MACHINE_REGS, 0, 8, NULL);
        CxlFabricRelay r = { };
        uint8_t lie[HEADER + 12];
        CxlMessageHeader *h = (CxlMessageHeader *)lie;
        uint32_t payload = i < 3 ? 4 : 12;

        memset(lie, 0, sizeof(lie));
        memcpy(lie, question->data, HEADER);
        h->category = CXL_MESSAGE_RESPONSE;
        if (i == 0) {
            stw_le_p(&h->rc, CXL_RC_INTERNAL);
        } else if (i < 3) {
            payload = i - 1;
        } else {
            stw_le_p(lie + HEADER, i == 3 ? 4 : 12);
        }
        h->length[0] = payload;
        g_assert_true(asks(w, &r, question, question->len));
        cxl_fabric_switch_fill(w->sw, &m->link);
        g_byte_array_set_size(m->link.out, 0);
        cxl_fabric_relay_take(&w->sw->relays, 1, &(CxlFabricRelayed) {
            .number = r.number, .len = HEADER + payload, .bytes = lie,
        });
        len = cxl_fabric_switch_execute(w->sw, &r, question->data,
                                        question->len, out, sizeof(out));
        g_assert_cmphex(lduw_le_p(&((CxlMessageHeader *)out)->rc), ==,
                        CXL_RC_INVALID_INPUT);
        g_assert_cmpuint(len, ==, HEADER);
        cxl_fabric_relay_end(&w->sw->relays, &r);
    }
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
    g_test_add_func("/cxl/fabric-relay/room", test_room);
    g_test_add_func("/cxl/fabric-relay/config", test_config);
    g_test_add_func("/cxl/fabric-relay/memory", test_memory);
    g_test_add_func("/cxl/fabric-relay/registers-refused",
                    test_registers_refused);
    g_test_add_func("/cxl/fabric-relay/registers-lies", test_registers_lies);
    return g_test_run();
}
