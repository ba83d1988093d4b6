/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-slots: a machine believes its switch only what can be.
 * What goes well is in test-fabric-switch.c, with both sides.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-switch-fixture.h"

static const CxlFabricMessage entered = {
    .type = CXL_FABRIC_ENTERED, .entered = { .size = 1 * GiB, .vcs = 1 },
};

static CxlFabricMessage bind_of(uint16_t vppb, uint16_t ld)
{
    return (CxlFabricMessage) {
        .type = CXL_FABRIC_BIND,
        .bind = { .number = 1, .vppb = vppb, .ld = ld, .offset = 256 * MiB,
                  .len = 256 * MiB },
    };
}

static CxlFabricSlotsStep hears(Machine *m, const CxlFabricMessage *message)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    CxlFabricSlotsStep step = CXL_FABRIC_SLOTS_GOOD;
    const char *why = NULL;

    cxl_fabric_put(bytes, message);
    for (uint32_t at = 0; at < bytes->len;) {
        uint32_t max;
        uint8_t *to = cxl_fabric_slots_room(m->slots, &max);

        memcpy(to, bytes->data + at, MIN(max, bytes->len - at));
        step = cxl_fabric_slots_arrived(m->slots, MIN(max, bytes->len - at),
                                        &why);
        at += MIN(max, bytes->len - at);
        if (step == CXL_FABRIC_SLOTS_BAD) {
            g_assert_nonnull(why);
            break;
        }
    }
    return step;
}

static Machine *machine_new(void)
{
    CxlUuid id = { { 1 } };
    Machine *m = g_new0(Machine, 1);

    m->slots = cxl_fabric_slots_new(&id, CXL_FABRIC_ANY_HEAD, VPPBS,
                                    &machine_ops, m);
    cxl_fabric_slots_connected(m->slots);
    g_assert_cmpuint(m->slots->out->len, ==, CXL_FABRIC_HEADER + 28);
    return m;
}

static void machine_free(Machine *m)
{
    cxl_fabric_slots_free(m->slots);
    g_free(m);
}

/* Bytes that are no message at all */
static void test_noise(void)
{
    Machine *m = machine_new();
    const char *why = NULL;
    uint32_t max;

    memset(cxl_fabric_slots_room(m->slots, &max), 0xff, CXL_FABRIC_HEADER);
    g_assert_cmpint(cxl_fabric_slots_arrived(m->slots, CXL_FABRIC_HEADER,
                                             &why), ==, CXL_FABRIC_SLOTS_BAD);
    g_assert_nonnull(why);
    machine_free(m);
}

static void bad(const CxlFabricMessage *message, bool after_one)
{
    Machine *m = machine_new();
    CxlFabricMessage one = bind_of(1, 0);

    g_assert_cmpint(hears(m, &entered), ==, CXL_FABRIC_SLOTS_ENTERED);
    if (after_one) {
        g_assert_cmpint(hears(m, &one), ==, CXL_FABRIC_SLOTS_GOOD);
        g_assert_cmpint(m->asked, ==, ASKED_BIND);
    }
    m->asked = NOTHING;
    g_assert_cmpint(hears(m, message), ==, CXL_FABRIC_SLOTS_BAD);
    g_assert_cmpint(m->asked, ==, NOTHING);
    machine_free(m);
}

static void test_out_of_order(void)
{
    CxlFabricMessage m = bind_of(1, 0);
    Machine *machine = machine_new();

    g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_BAD);
    m = (CxlFabricMessage) {
        .type = CXL_FABRIC_UNBIND, .unbind = { 1, 1, CXL_UNBIND_SURPRISE },
    };
    g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_BAD);
    machine_free(machine);
    bad(&entered, false);
    m = (CxlFabricMessage) { .type = CXL_FABRIC_PONG };
    bad(&m, false);
    m = (CxlFabricMessage) { .type = CXL_FABRIC_REFUSED };
    strcpy(m.refusal.text, "no");
    bad(&m, false);
}

static void test_not_free(void)
{
    CxlFabricMessage m = bind_of(1, 1);

    bad(&m, true);              /* the bridge */
    m = bind_of(2, 0);
    bad(&m, true);              /* the logical device */
    m = bind_of(VPPBS + 1, 1);
    bad(&m, false);
    m = (CxlFabricMessage) {
        .type = CXL_FABRIC_UNBIND,
        .unbind = { 1, VPPBS + 1, CXL_UNBIND_SURPRISE },
    };
    bad(&m, false);
}

static void test_memory(void)
{
    static const CxlFabricBind sizes[] = {
        { .offset = 1 * MiB, .len = 256 * MiB },
        { .offset = 256 * MiB, .len = 255 * MiB },
        { .offset = 1 * GiB, .len = 256 * MiB },
        { .offset = 768 * MiB, .len = 512 * MiB },
        { .len = 256 * MiB, .labels_offset = 1 * GiB - 4 * KiB,
          .labels = 8 * KiB, .flags = CXL_FABRIC_PERSISTENT },
        { .len = 256 * MiB, .labels = 2 * MiB,
          .flags = CXL_FABRIC_PERSISTENT },
        { .len = 256 * MiB, .labels = 100, .flags = CXL_FABRIC_PERSISTENT },
        { .len = 256 * MiB, .flags = CXL_FABRIC_PERSISTENT },
        { .len = 256 * MiB, .labels = 4 * KiB },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        CxlFabricMessage m = { .type = CXL_FABRIC_BIND, .bind = sizes[i] };

        m.bind.vppb = 1;
        bad(&m, false);
    }
}

/* What is gone was unbound when that was on its way. */
static void test_crosses(void)
{
    CxlFabricMessage m = {
        .type = CXL_FABRIC_UNBIND, .unbind = { 5, 2, CXL_UNBIND_MANAGED },
    };
    Machine *machine = machine_new();
    uint32_t len;

    hears(machine, &entered);
    len = machine->slots->out->len;
    g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_GOOD);
    g_assert_cmpint(machine->asked, ==, NOTHING);
    g_assert_cmpuint(machine->slots->out->len, ==, len + CXL_FABRIC_HEADER + 8);
    g_assert_cmpuint(machine->slots->out->data[len + CXL_FABRIC_HEADER], ==, 5);
    machine_free(machine);
}

/* What changes between ENTER and ENTERED is said then. */
static void test_late(void)
{
    CxlFabricMessage m = bind_of(1, 0);
    Machine *machine = machine_new();
    uint32_t len;

    hears(machine, &entered);
    hears(machine, &m);
    cxl_fabric_slots_connected(machine->slots);
    len = machine->slots->out->len;
    cxl_fabric_slots_is(machine->slots, 1, CXL_FABRIC_NO_LD);
    g_assert_cmpuint(machine->slots->out->len, ==, len);
    hears(machine, &entered);
    g_assert_cmpuint(machine->slots->out->len, ==, len + CXL_FABRIC_HEADER + 8);
    machine_free(machine);
}

static CxlFabricMessage part_of(uint16_t vppb, uint16_t ld, uint32_t total,
                                uint32_t at)
{
    static const uint8_t zeroes[CXL_FABRIC_PART_MAX];

    return (CxlFabricMessage) {
        .type = CXL_FABRIC_GIVEN,
        .part = { vppb, ld, total, at, MIN(CXL_FABRIC_PART_MAX, total - at),
                  zeroes },
    };
}

/* A state is for what it was said of, whole, and once. */
static void test_given(void)
{
    CxlFabricMessage b = bind_of(1, 0), m = part_of(1, 0, 9, 0);
    Machine *machine = machine_new();

    g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_BAD);
    machine_free(machine);
    m = part_of(1, 0, 2 * CXL_FABRIC_PART_MAX, CXL_FABRIC_PART_MAX);
    bad(&m, false);
    for (unsigned i = 0; i < 4; i++) {
        machine = machine_new();
        hears(machine, &entered);
        m = i == 0 ? part_of(1, 0, 9, 0) : i == 1 ? part_of(2, 0, 9, 0) :
            i == 2 ? part_of(1, 1, 9, 0) :
            part_of(1, 0, CXL_FABRIC_PART_MAX + 1, 0);
        g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_GOOD);
        g_assert_cmpint(hears(machine, &b), ==, CXL_FABRIC_SLOTS_GOOD);
        g_assert_true(!machine->given == (i != 0));
        g_clear_pointer(&machine->given, g_byte_array_unref);
        b = bind_of(2, 1);
        hears(machine, &b);
        g_assert_null(machine->given);
        b = bind_of(1, 0);
        machine_free(machine);
    }
}

/* Who is refused for what it has says nothing of it the next time. */
static void test_refused_state(void)
{
    CxlFabricMessage m = bind_of(1, 0);
    Machine *machine = machine_new();

    hears(machine, &entered);
    hears(machine, &m);
    machine->has[0] = g_byte_array_new();
    g_byte_array_append(machine->has[0], (const uint8_t *)"x", 1);
    cxl_fabric_slots_lost(machine->slots);
    cxl_fabric_slots_ends(machine->slots, 1);
    cxl_fabric_slots_is(machine->slots, 1, CXL_FABRIC_NO_LD);
    for (unsigned code = CXL_FABRIC_NOT_NOW; code >= CXL_FABRIC_NOT_UNDERSTOOD;
         code--) {
        cxl_fabric_slots_connected(machine->slots);
        g_assert_cmpuint(machine->slots->slot[0].named, ==, 0);
        m = (CxlFabricMessage) {
            .type = CXL_FABRIC_REFUSED, .refusal = { code, "no" },
        };
        g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_BAD);
    }
    cxl_fabric_slots_connected(machine->slots);
    g_assert_cmpuint(machine->slots->slot[0].named, ==, CXL_FABRIC_NO_LD);
    g_byte_array_unref(machine->has[0]);
    machine_free(machine);
}

/* One that is of no use is no reason to forget the others. */
static void test_refused_one(void)
{
    Machine *machine = machine_new();

    hears(machine, &entered);
    for (unsigned i = 0; i < VPPBS; i++) {
        CxlFabricMessage b = bind_of(i + 1, i);

        hears(machine, &b);
        machine->has[i] = g_byte_array_new();
        g_byte_array_append(machine->has[i], (const uint8_t *)"x", 1);
    }
    cxl_fabric_slots_lost(machine->slots);
    for (unsigned i = 0; i < VPPBS; i++) {
        cxl_fabric_slots_ends(machine->slots, i + 1);
        cxl_fabric_slots_is(machine->slots, i + 1, CXL_FABRIC_NO_LD);
    }
    for (unsigned i = 0; i < VPPBS; i++) {
        CxlFabricMessage m = {
            .type = CXL_FABRIC_REFUSED,
            .refusal = { CXL_FABRIC_NOT_UNDERSTOOD, "no", VPPBS - i },
        };

        cxl_fabric_slots_connected(machine->slots);
        for (unsigned k = 0; k < VPPBS; k++) {
            g_assert_cmpuint(machine->slots->slot[k].named, ==,
                             k < VPPBS - i ? k : CXL_FABRIC_NO_LD);
        }
        g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_BAD);
    }
    for (unsigned i = 0; i < VPPBS; i++) {
        g_assert_null(machine->slots->slot[i].last);
        g_byte_array_unref(machine->has[i]);
    }
    machine_free(machine);
}

static CxlFabricSlotState *let_go(Machine *m)
{
    CxlFabricMessage b = bind_of(1, 0);

    hears(m, &b);
    m->has[0] = g_byte_array_new();
    g_byte_array_append(m->has[0], (const uint8_t *)"x", 1);
    cxl_fabric_slots_is(m->slots, 1, 0);
    cxl_fabric_slots_ends(m->slots, 1);
    cxl_fabric_slots_is(m->slots, 1, CXL_FABRIC_NO_LD);
    g_clear_pointer(&m->has[0], g_byte_array_unref);
    return &m->slots->slot[0];
}

/*
 * It hands over what it ended with until the switch says that this is kept, or
 * could not say what it says without it.
 */
static void test_last_state(void)
{
    const uint32_t state = CXL_FABRIC_HEADER + 16 + 1;
    const uint32_t below = CXL_FABRIC_HEADER + 8, ping = CXL_FABRIC_HEADER;

    for (unsigned end = 0; end < 4; end++) {
        CxlFabricMessage b = bind_of(1 + end / 2, end % 2);
        CxlFabricMessage pong = { .type = CXL_FABRIC_PONG };
        Machine *m = machine_new();
        CxlFabricSlotState *slot;
        uint32_t len;

        hears(m, &entered);
        len = m->slots->out->len;
        slot = let_go(m);
        g_assert_cmpuint(m->slots->out->len, ==, len + below + state + below +
                         ping);
        /* The switch reads none of it, or not all, and comes back. */
        for (unsigned i = 0; i < 2; i++) {
            cxl_fabric_slots_lost(m->slots);
            g_assert_false(slot->asked);
            cxl_fabric_slots_connected(m->slots);
            g_assert_cmpuint(slot->named, ==, 0);
            len = m->slots->out->len;
            hears(m, &entered);
            g_assert_cmpuint(m->slots->out->len, ==, len + state + below +
                             ping);
            g_assert_true(slot->asked);
        }
        pong.seq = slot->ping + 1;
        g_assert_cmpint(hears(m, end ? &b : &pong), ==, CXL_FABRIC_SLOTS_GOOD);
        pong.seq = slot->ping;
        if (end == 0) {
            /* Not that one, and there was no more. */
            g_assert_nonnull(slot->last);
        } else {
            /* Something else comes there, or it elsewhere; or neither. */
            g_assert_true(!slot->last == (end < 3));
            g_assert_cmpint(hears(m, &pong), ==, CXL_FABRIC_SLOTS_GOOD);
            g_assert_null(slot->last);
        }
        g_assert_cmpint(hears(m, &pong), ==, CXL_FABRIC_SLOTS_BAD);
        cxl_fabric_slots_connected(m->slots);
        g_assert_cmpuint(slot->named, ==, end == 0 ? 0 :
                         end == 1 ? 1 : CXL_FABRIC_NO_LD);
        machine_free(m);
    }
}

/* Nobody reads: no more is put there. */
static void test_not_read(void)
{
    CxlFabricMessage m = bind_of(1, 0);
    Machine *machine = machine_new();
    uint32_t len;

    hears(machine, &entered);
    hears(machine, &m);
    machine->has[0] = g_byte_array_new();
    g_byte_array_set_size(machine->has[0], 2 * CXL_FABRIC_SLOTS_FULL);
    memset(machine->has[0]->data, 1, machine->has[0]->len);
    cxl_fabric_slots_is(machine->slots, 1, 0);
    g_assert_true(cxl_fabric_slots_hand_over(machine->slots));
    len = machine->slots->out->len;
    g_assert_cmpuint(len, >, 2 * CXL_FABRIC_SLOTS_FULL);
    machine->has[0]->data[0]++;
    cxl_fabric_slots_changed(machine->slots, 1);
    g_assert_false(cxl_fabric_slots_hand_over(machine->slots));
    g_assert_cmpuint(machine->slots->out->len, ==, len);
    g_byte_array_set_size(machine->slots->out, 0);
    g_assert_true(cxl_fabric_slots_hand_over(machine->slots));
    g_assert_cmpuint(machine->slots->out->len, >, 2 * CXL_FABRIC_SLOTS_FULL);
    g_byte_array_unref(machine->has[0]);
    machine_free(machine);
}

/* A command is for what is there, and answered whoever is. */
static void test_relay(void)
{
    CxlFabricMessage b = bind_of(1, 0);
    CxlFabricMessage m = {
        .type = CXL_FABRIC_RELAY,
        .relayed = { 9, 1, 0, 300, 3, (const uint8_t *)"abc" },
    };
    Machine *machine = machine_new();
    uint32_t len;

    g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_BAD);
    machine_free(machine);
    machine = machine_new();
    hears(machine, &entered);
    len = machine->slots->out->len;
    g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_GOOD);
    g_assert_cmpuint(machine->slots->out->len, ==, len + CXL_FABRIC_HEADER + 8);
    g_assert_cmpuint(machine->executed, ==, 0);
    hears(machine, &b);
    g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_GOOD);
    g_assert_cmpuint(machine->executed, ==, 1);
    g_assert_cmpuint(machine->slots->out->len, ==,
                     len + 2 * (CXL_FABRIC_HEADER + 8) + 3);
    g_assert_cmpuint(machine->room, ==, 300);
    m.relayed.vppb = VPPBS + 1;
    g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_BAD);
    machine_free(machine);
}

/* Of registers, whatever the switch says, and no longer than it has room for */
static void test_registers(void)
{
    static const struct {
        uint16_t opcode, len, wants;
        uint32_t room;
        uint16_t answer;    /* 0xffff: none at all */
        unsigned accesses;
    } rows[] = {
        { CXL_OP_LD_CONFIG, 12, 0, 16, 0, 1 },
        { CXL_OP_LD_CONFIG, 12, 0, 15, CXL_RC_PAYLOAD_LENGTH, 0 },
        { CXL_OP_LD_CONFIG, 11, 0, 16, CXL_RC_PAYLOAD_LENGTH, 0 },
        { CXL_OP_LD_CONFIG, 13, 0, 16, CXL_RC_PAYLOAD_LENGTH, 0 },
        { CXL_OP_LD_MEMORY, 16, 8, 24, 0, 1 },
        { CXL_OP_LD_MEMORY, 16, 8, 23, CXL_RC_INVALID_INPUT, 0 },
        { CXL_OP_LD_MEMORY, 16, 6, 64, CXL_RC_INVALID_INPUT, 0 },
        { CXL_OP_LD_MEMORY, 15, 8, 64, CXL_RC_PAYLOAD_LENGTH, 0 },
        { CXL_OP_LD_MEMORY, 17, 8, 64, CXL_RC_PAYLOAD_LENGTH, 0 },
        { CXL_OP_IS_IDENTIFY, 12, 0, 64, 0xffff, 0 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint8_t bytes[12 + 32] = {
            [3] = rows[i].opcode & 0xff, [4] = rows[i].opcode >> 8,
            [5] = rows[i].len,
        };
        CxlFabricMessage b = bind_of(1, 0), m = {
            .type = CXL_FABRIC_RELAY,
            .relayed = { 9, 1, CXL_FABRIC_FOR_REGISTERS, rows[i].room,
                         12 + rows[i].len, bytes },
        };
        Machine *machine = machine_new();
        const uint8_t *reply;
        uint32_t len;

        if (rows[i].opcode == CXL_OP_LD_MEMORY) {
            CxlLdMemoryIn *in = (CxlLdMemoryIn *)(bytes + 12);

            in->first = 0xf0;
            in->type = 0xf;
            stw_le_p(&in->length, rows[i].wants);
            stq_le_p(&in->address, MACHINE_REGS);
        }
        hears(machine, &entered);
        hears(machine, &b);
        len = machine->slots->out->len;
        g_assert_cmpint(hears(machine, &m), ==, CXL_FABRIC_SLOTS_GOOD);
        g_assert_cmpuint(machine->accesses, ==, rows[i].accesses);
        reply = machine->slots->out->data + len + CXL_FABRIC_HEADER + 8;
        len = machine->slots->out->len - len - CXL_FABRIC_HEADER - 8;
        g_assert_cmpuint(len, <=, rows[i].room);
        g_assert_cmphex(len ? lduw_le_p(reply + 8) : 0xffff, ==,
                        rows[i].answer);
        machine_free(machine);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-slots/noise", test_noise);
    g_test_add_func("/cxl/fabric-slots/out-of-order", test_out_of_order);
    g_test_add_func("/cxl/fabric-slots/not-free", test_not_free);
    g_test_add_func("/cxl/fabric-slots/memory", test_memory);
    g_test_add_func("/cxl/fabric-slots/crosses", test_crosses);
    g_test_add_func("/cxl/fabric-slots/late", test_late);
    g_test_add_func("/cxl/fabric-slots/given", test_given);
    g_test_add_func("/cxl/fabric-slots/refused-state", test_refused_state);
    g_test_add_func("/cxl/fabric-slots/refused-one", test_refused_one);
    g_test_add_func("/cxl/fabric-slots/last-state", test_last_state);
    g_test_add_func("/cxl/fabric-slots/not-read", test_not_read);
    g_test_add_func("/cxl/fabric-slots/relay", test_relay);
    g_test_add_func("/cxl/fabric-slots/registers", test_registers);
    return g_test_run();
}
