/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/door: managers beside the mailbox of a switch. They share its
 * background operation, and nothing else.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/event-records.h"
#include "tests/unit/cxl/switch-fixture.h"

typedef struct Manager {
    CxlDoor *door;
    unsigned heard[16];     /* 0106h, by bit */
    uint8_t out[4096];
    uint32_t out_len;
} Manager;

static void notify(void *opaque, uint16_t what)
{
    Manager *m = opaque;

    for (unsigned i = 0; i < 16; i++) {
        m->heard[i] += what >> i & 1;
    }
}

static void come(Manager *m, CxlSwitch *sw, uint8_t shift)
{
    *m = (Manager) { .door = cxl_switch_open(sw, shift, notify, m) };
    g_assert_nonnull(m->door);
}

static CxlRc ask(Manager *m, uint16_t opcode, const void *in, uint32_t len)
{
    uint16_t vendor;

    return cxl_cci_execute(cxl_door_cci(m->door), opcode, in, len, m->out,
                           sizeof(m->out), &m->out_len, &vendor);
}

static uint16_t policy(Manager *m)
{
    g_assert_cmphex(ask(m, CXL_OP_EVENTS_GET_MCTP_POLICY, NULL, 0), ==, 0);
    g_assert_cmpuint(m->out_len, ==, 2);
    return lduw_le_p(m->out);
}

static CxlRc set_policy(Manager *m, uint16_t wanted)
{
    uint16_t in = cpu_to_le16(wanted);

    return ask(m, CXL_OP_EVENTS_SET_MCTP_POLICY, &in, sizeof(in));
}

static unsigned records(Manager *m, uint8_t log)
{
    g_assert_cmphex(ask(m, CXL_OP_EVENTS_GET, &log, 1), ==, 0);
    return lduw_le_p(m->out + 0x14);
}

static void test_policy(void)
{
    Pair p = start();
    Manager m;

    come(&m, p.sw, 11);
    for (unsigned wanted = 0; wanted <= UINT16_MAX; wanted++) {
        bool good = !(wanted & ~0x801fu);
        uint16_t before = policy(&m);

        g_assert_cmphex(set_policy(&m, wanted), ==,
                        good ? CXL_RC_SUCCESS : CXL_RC_INVALID_INPUT);
        /* A switch has no log of dynamic capacity. */
        g_assert_cmphex(policy(&m), ==, good ? wanted & 0x800f : before);
    }
    for (unsigned len = 0; len < 5; len++) {
        g_assert_cmphex(ask(&m, CXL_OP_EVENTS_SET_MCTP_POLICY, "\0\0\0\0\0",
                            len), ==, len == 2 ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    /* What has interrupts is not what has messages. */
    g_assert_cmphex(ask(&m, CXL_OP_EVENTS_GET_POLICY, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED);
    g_assert_cmphex(command(p, CXL_OP_EVENTS_GET_MCTP_POLICY, "", 0), ==,
                    CXL_RC_UNSUPPORTED);
    cxl_switch_close(p.sw, m.door);
    stop(p);
}

/* Each has all records, and clears only its own. */
static void test_logs(void)
{
    Pair p = start();
    Manager a, b;
    CxlEvGeneralMedia rec;
    uint8_t clear[] = { CXL_EVLOG_WARNING, 0, 1, 0, 0, 0, 1, 0 };
    uint8_t log = CXL_EVLOG_WARNING, out[2048];

    come(&a, p.sw, 11);
    come(&b, p.sw, 11);
    g_assert_cmphex(set_policy(&a, 1u << CXL_EVLOG_WARNING), ==, 0);
    cxl_evrec_general_media(&rec, 0, 0, 0, 0, 0);
    cxl_switch_event(p.sw, CXL_EVLOG_WARNING, &rec);
    g_assert_cmpuint(a.heard[CXL_EVLOG_WARNING], ==, 1);
    g_assert_cmpuint(b.heard[CXL_EVLOG_WARNING], ==, 0);
    g_assert_cmpuint(records(&a, CXL_EVLOG_WARNING), ==, 1);
    g_assert_cmphex(ask(&a, CXL_OP_EVENTS_CLEAR, clear, sizeof(clear)), ==, 0);
    g_assert_cmpuint(records(&a, CXL_EVLOG_WARNING), ==, 0);
    g_assert_cmpuint(records(&b, CXL_EVLOG_WARNING), ==, 1);
    g_assert_cmphex(command(p, CXL_OP_EVENTS_GET, &log, 1), ==, 0);
    reply(p, out);
    g_assert_cmpuint(lduw_le_p(out + 0x14), ==, 1);
    log = CXL_EVLOG_DC;
    g_assert_cmphex(ask(&b, CXL_OP_EVENTS_GET, &log, 1), ==,
                    CXL_RC_INVALID_INPUT);
    cxl_door_reset(b.door);
    g_assert_cmpuint(records(&b, CXL_EVLOG_WARNING), ==, 0);
    cxl_switch_close(p.sw, a.door);
    cxl_switch_close(p.sw, b.door);
    stop(p);
}

/* Limits are each one's own, and so is the size of messages. */
static void test_limits(void)
{
    Pair p = start();
    Manager a, b;
    uint8_t limit = 8;

    come(&a, p.sw, 8);
    come(&b, p.sw, 12);
    g_assert_cmphex(ask(&a, CXL_OP_IS_IDENTIFY, NULL, 0), ==, 0);
    g_assert_cmpuint(a.out[0x10], ==, 8);
    g_assert_cmpuint(a.out[0x11], ==, CXL_COMPONENT_SWITCH);
    g_assert_cmphex(ask(&b, CXL_OP_IS_SET_LIMIT, &limit, 1), ==, 0);
    g_assert_cmphex(ask(&a, CXL_OP_IS_GET_LIMIT, NULL, 0), ==, 0);
    g_assert_cmpuint(a.out[0], ==, 8);
    cxl_door_reset(b.door);
    g_assert_cmphex(ask(&b, CXL_OP_IS_GET_LIMIT, NULL, 0), ==, 0);
    g_assert_cmpuint(b.out[0], ==, 12);
    cxl_switch_close(p.sw, a.door);
    cxl_switch_close(p.sw, b.door);
    stop(p);
}

static void test_how_many(void)
{
    Pair p = start();
    Manager m[CXL_SWITCH_DOORS];

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < CXL_SWITCH_DOORS; i++) {
            come(&m[i], p.sw, 11);
        }
        g_assert_null(cxl_switch_open(p.sw, 11, notify, NULL));
        for (unsigned i = 0; i < CXL_SWITCH_DOORS; i++) {
            cxl_switch_close(p.sw, m[i].door);
        }
    }
    stop(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/door/policy", test_policy);
    g_test_add_func("/cxl/door/logs", test_logs);
    g_test_add_func("/cxl/door/limits", test_limits);
    g_test_add_func("/cxl/door/how-many", test_how_many);
    return g_test_run();
}
