/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mctp-function: a command comes by USB to a switch and its answer
 * goes back, news come unasked, and all of that goes to another machine.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/mctp-function.h"
#include "hw/cxl/core/message.h"
#include "tests/unit/cxl/switch-fixture.h"

#define SHIFT 13

typedef struct Rig {
    Pair pair;
    CxlDoor *door;
    MctpFunction f;
} Rig;

static uint32_t execute(void *opaque, const uint8_t *message, uint32_t len,
                        uint8_t *out, uint32_t out_max)
{
    Rig *r = opaque;
    uint32_t n;

    return cxl_message_execute(cxl_door_cci(r->door), message, len, out,
                               out_max, &n) ? n : 0;
}

static void notify(void *opaque, uint16_t what)
{
    mctp_endpoint_notify(&((Rig *)opaque)->f.ep, what);
}

static void rig_init(Rig *r)
{
    r->pair = start();
    r->door = cxl_switch_open(r->pair.sw, SHIFT, notify, r);
    mctp_function_init(&r->f, r->door, 1u << SHIFT, execute, r);
}

static void rig_free(Rig *r)
{
    g_assert_null(mctp_function_wrong(&r->f));
    mctp_function_destroy(&r->f);
    cxl_switch_close(r->pair.sw, r->door);
    stop(r->pair);
}

/* In as many transfers as there are packets of @unit bytes */
static void say(Rig *r, const uint8_t *body, uint32_t len, uint32_t unit)
{
    for (uint32_t at = 0; at < len; at += unit) {
        uint32_t n = MIN(unit, len - at);
        uint8_t bytes[512] = {
            0x1a, 0xb4, 0, 8 + n, 1, 9, 20,
            (at ? 0 : MCTP_SOM) | (at + n == len ? MCTP_EOM : 0) |
            (at / unit & 3) << MCTP_SEQ_SHIFT | MCTP_TAG_OWNER | 3,
        };

        memcpy(bytes + 8, body + at, n);
        g_assert_true(mctp_usb_may_write(&r->f.usb));
        g_assert_true(mctp_usb_write(&r->f.usb, bytes, 8 + n));
        mctp_usb_go_on(&r->f.usb);
    }
}

static void order(Rig *r, uint16_t opcode, const void *in, uint32_t len,
                  uint32_t unit)
{
    uint8_t body[1 + sizeof(CxlMessageHeader) + 64] = { MCTP_TYPE_FM_API };
    CxlMessageHeader *h = (CxlMessageHeader *)(body + 1);

    *h = (CxlMessageHeader) {
        .tag = 7, .command = opcode & 0xff, .command_set = opcode >> 8,
        .length = { len },
    };
    if (len) {
        memcpy(h + 1, in, len);
    }
    say(r, body, 1 + sizeof(*h) + len, unit);
}

/* All that there is for the host: the last message of it, and its length */
static uint32_t hear(Rig *r, uint8_t *body, uint32_t max)
{
    uint8_t bytes[512];
    MctpAssembly a;
    MctpMessage m;
    uint32_t n, len = 0;

    mctp_assembly_init(&a, max);
    while ((n = mctp_usb_read(&r->f.usb, bytes, sizeof(bytes)))) {
        mctp_usb_go_on(&r->f.usb);
        for (uint32_t at = 0; at < n; at += bytes[at + 3]) {
            if (mctp_assembly_packet(&a, bytes + at + 4, bytes[at + 3] - 4,
                                     &m) == MCTP_COMPLETE) {
                memcpy(body, m.body, m.len);
                len = m.len;
                g_assert_cmpuint(m.dest, ==, 20);
            }
        }
    }
    mctp_assembly_destroy(&a);
    return len;
}

static void test_command(void)
{
    const uint8_t set_id[] = { 0, 0x81, 1, 0, 9 };
    uint8_t body[4096];

    for (uint32_t unit = 1; unit < 247; unit += unit < 16 ? 1 : 77) {
        CxlMessageHeader *h = (CxlMessageHeader *)(body + 1);
        Rig r;

        rig_init(&r);
        say(&r, set_id, sizeof(set_id), MAX(unit, 5));
        g_assert_cmpuint(hear(&r, body, sizeof(body)), ==, 7);
        g_assert_cmpuint(r.f.ep.eid, ==, 9);
        order(&r, CXL_OP_SWITCH_IDENTIFY, NULL, 0, unit);
        /* Until it has been read nothing more is taken. */
        g_assert_true(mctp_endpoint_busy(&r.f.ep) ||
                      mctp_usb_may_read(&r.f.usb));
        g_assert_cmpuint(hear(&r, body, sizeof(body)), ==,
                         1 + sizeof(*h) + 0x49);
        g_assert_cmpuint(h->category, ==, CXL_MESSAGE_RESPONSE);
        g_assert_cmpuint(lduw_le_p(&h->rc), ==, 0);
        mctp_function_reset(&r.f);
        g_assert_cmpuint(r.f.ep.eid, ==, 0);
        rig_free(&r);
    }
}

static void put_event(Rig *r)
{
    CxlEvGeneralMedia rec;

    cxl_evrec_general_media(&rec, 0, 0, 0, 0, 0);
    cxl_switch_event(r->pair.sw, CXL_EVLOG_WARNING, &rec);
}

static void test_news(void)
{
    const uint8_t wanted[] = { 1u << CXL_EVLOG_WARNING, 0 };
    uint8_t body[256];
    CxlMessageHeader *h = (CxlMessageHeader *)(body + 1);
    Rig r;

    rig_init(&r);
    order(&r, CXL_OP_EVENTS_SET_MCTP_POLICY, wanted, 2, 64);
    hear(&r, body, sizeof(body));
    g_assert_cmpuint(lduw_le_p(&h->rc), ==, 0);
    put_event(&r);
    g_assert_true(mctp_usb_may_read(&r.f.usb));
    g_assert_cmpuint(hear(&r, body, sizeof(body)), ==, 1 + sizeof(*h) + 2);
    g_assert_cmphex(h->command_set << 8 | h->command, ==, CXL_MESSAGE_EVENTS);
    g_assert_cmphex(lduw_le_p(h + 1), ==, 1u << CXL_EVLOG_WARNING);
    /* After a reset nobody asked. */
    mctp_function_reset(&r.f);
    put_event(&r);
    g_assert_false(mctp_usb_may_read(&r.f.usb));
    rig_free(&r);
}

/*
 * Saved with half of a command there, half of an answer gone, and an event in
 * the log: the other one goes on with each.
 */
static void test_saved(void)
{
    const uint8_t wanted[] = { 1u << CXL_EVLOG_WARNING, 0x80 };
    uint8_t log = CXL_EVLOG_WARNING, part[72], a[4096], b[4096];
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;
    uint32_t len;
    Rig from, to;

    rig_init(&from);
    rig_init(&to);
    order(&from, CXL_OP_EVENTS_SET_MCTP_POLICY, wanted, 2, 64);
    hear(&from, a, sizeof(a));
    put_event(&from);
    hear(&from, a, sizeof(a));
    order(&from, CXL_OP_EVENTS_GET, &log, 1, 64);
    g_assert_cmpuint(mctp_usb_read(&from.f.usb, part, sizeof(part)), ==, 72);
    /* A command of somebody else has begun. */
    mctp_assembly_packet(&from.f.ep.in, (const uint8_t *)"\1\11\25\214\7\0",
                         6, NULL);
    mctp_function_save(&from.f, bytes);
    g_assert_cmpuint(bytes->len, <, mctp_function_save_max(&from.f));
    for (uint32_t cut = 0; cut < bytes->len; cut++) {
        g_assert_false(mctp_function_load(&to.f, bytes->data, cut, &problem));
        g_assert_nonnull(problem);
        g_clear_pointer(&problem, g_free);
        g_assert_null(mctp_function_wrong(&to.f));
    }
    g_assert_true(mctp_function_load(&to.f, bytes->data, bytes->len,
                                     &problem));
    len = hear(&from, a, sizeof(a));
    g_assert_cmpuint(hear(&to, b, sizeof(b)), ==, len);
    g_assert_true(to.f.ep.in.slots[0].busy);
    g_assert_cmphex(to.f.ep.in.slots[0].source, ==, 0x15);
    order(&from, CXL_OP_EVENTS_GET_MCTP_POLICY, NULL, 0, 64);
    order(&to, CXL_OP_EVENTS_GET_MCTP_POLICY, NULL, 0, 64);
    len = hear(&from, a, sizeof(a));
    hear(&to, b, sizeof(b));
    g_assert_cmpmem(a, len, b, len);
    order(&to, CXL_OP_EVENTS_GET, &log, 1, 64);
    hear(&to, b, sizeof(b));
    g_assert_cmpuint(lduw_le_p(b + 1 + sizeof(CxlMessageHeader) + 0x14), ==,
                     1);
    rig_free(&from);
    rig_free(&to);
}

/* No byte of it leads to what cannot be. */
static void test_damaged(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Rig r;

    rig_init(&r);
    order(&r, CXL_OP_SWITCH_IDENTIFY, NULL, 0, 64);
    mctp_function_save(&r.f, bytes);
    for (uint32_t at = 0; at < bytes->len; at++) {
        for (unsigned k = 0; k < 3; k++) {
            const uint8_t flips[] = { 0xff, 1, 0x40 };
            g_autofree char *problem = NULL;
            uint8_t heard[8 * KiB];

            bytes->data[at] ^= flips[k];
            if (mctp_function_load(&r.f, bytes->data, bytes->len, &problem)) {
                g_assert_null(mctp_function_wrong(&r.f));
                while (mctp_usb_read(&r.f.usb, heard, 512)) {
                    continue;
                }
            }
            bytes->data[at] ^= flips[k];
        }
    }
    mctp_function_reset(&r.f);
    rig_free(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mctp-function/command", test_command);
    g_test_add_func("/cxl/mctp-function/news", test_news);
    g_test_add_func("/cxl/mctp-function/saved", test_saved);
    g_test_add_func("/cxl/mctp-function/damaged", test_damaged);
    return g_test_run();
}
