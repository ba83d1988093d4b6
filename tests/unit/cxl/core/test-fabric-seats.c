/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-seats: who gets which seat, in every state of it, with
 * processes that are numbers and die when they are told to.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-seats.h"

#define SEATS 3

typedef struct World {
    CxlFabricSeat seat[SEATS];
    bool dead[10];          /* by process */
    unsigned deaths;
} World;

static CxlFabricSeat *at(void *owner, unsigned n)
{
    World *w = owner;

    g_assert_cmpuint(n, <, SEATS);
    return &w->seat[n];
}

static bool alive(void *owner, const uint8_t process[CXL_FABRIC_PROCESS])
{
    const World *w = owner;

    return !w->dead[process[0]];
}

static void died(void *owner, unsigned n)
{
    World *w = owner;

    g_assert_true(w->seat[n].known && !alive(w, w->seat[n].process));
    w->seat[n].known = false;
    w->deaths++;
}

/* The number, or -1 with a code and a text that begins with @text */
static int find(World *w, uint8_t id, uint8_t process, uint16_t wanted,
                unsigned code, const char *text)
{
    const CxlFabricSeats seats = {
        .one = "chair", .all = "chairs", .count = SEATS, .at = at,
        .alive = alive, .died = died, .owner = w,
    };
    const uint8_t bytes[CXL_FABRIC_PROCESS] = { process };
    const CxlUuid uuid = { { id } };
    CxlFabricRefusal refusal = { 0 };
    int n = cxl_fabric_seat_find(&seats, &uuid, bytes, wanted, &refusal);

    g_assert_cmpuint(refusal.code, ==, code);
    g_assert_cmpstr(refusal.text, ==, text ? text : "");
    g_assert_true((n < 0) == !!code);
    return n;
}

static int sit(World *w, uint8_t id, uint8_t process, uint16_t wanted)
{
    const uint8_t bytes[CXL_FABRIC_PROCESS] = { process };
    const CxlUuid uuid = { { id } };
    int n = find(w, id, process, wanted, 0, NULL);

    g_assert_false(cxl_fabric_seat_is_anothers(&w->seat[n], &uuid, bytes));
    cxl_fabric_seat_take(&w->seat[n], &uuid, bytes);
    g_assert_false(cxl_fabric_seat_is_anothers(&w->seat[n], &uuid, bytes));
    return n;
}

static void test_new(void)
{
    World w = { 0 };

    g_assert_cmpint(sit(&w, 1, 1, 1), ==, 1);
    find(&w, 2, 2, 1, CXL_FABRIC_HEAD_TAKEN, "another host has the chair");
    find(&w, 2, 2, SEATS, CXL_FABRIC_NO_HEAD, "there is no such chair");
    g_assert_cmpint(sit(&w, 2, 2, CXL_FABRIC_ANY_HEAD), ==, 0);
    g_assert_cmpint(sit(&w, 3, 3, CXL_FABRIC_ANY_HEAD), ==, 2);
    find(&w, 4, 4, CXL_FABRIC_ANY_HEAD, CXL_FABRIC_NO_HEAD,
         "all chairs are taken");
    g_assert_cmpuint(w.deaths, ==, 0);
}

/* The dead make room, but only when there is no other, and the living never. */
static void test_dead(void)
{
    World w = { 0 };

    sit(&w, 1, 1, 0);
    sit(&w, 2, 2, 1);
    w.dead[1] = true;
    g_assert_cmpint(sit(&w, 3, 3, CXL_FABRIC_ANY_HEAD), ==, 2);
    g_assert_cmpuint(w.deaths, ==, 0);
    g_assert_cmpint(sit(&w, 4, 4, CXL_FABRIC_ANY_HEAD), ==, 0);
    g_assert_cmpuint(w.deaths, ==, 1);
    w.dead[2] = true;
    g_assert_cmpint(sit(&w, 5, 5, 1), ==, 1);
    g_assert_cmpuint(w.deaths, ==, 2);
}

static void test_again(void)
{
    World w = { 0 };
    CxlFabricLink *link = (CxlFabricLink *)&w;

    sit(&w, 1, 1, 1);
    /* Its connection ended, and it comes back. */
    g_assert_cmpint(sit(&w, 1, 1, CXL_FABRIC_ANY_HEAD), ==, 1);
    g_assert_cmpint(sit(&w, 1, 1, 1), ==, 1);
    find(&w, 1, 1, 0, CXL_FABRIC_NO_HEAD, "this host has another chair");
    w.seat[1].link = link;
    find(&w, 1, 1, 1, CXL_FABRIC_ATTACHED, "this host is attached already");
    /* Another process says that it is the same host. */
    find(&w, 1, 2, CXL_FABRIC_ANY_HEAD, CXL_FABRIC_HEAD_TAKEN,
         "a process that lives is this host already");
    g_assert_cmpuint(w.deaths, ==, 0);
    /* The first one has ended: the second is new, on whatever seat it likes. */
    w.dead[1] = true;
    w.seat[1].link = NULL;
    g_assert_cmpint(sit(&w, 1, 2, 2), ==, 2);
    g_assert_cmpuint(w.deaths, ==, 1);
    g_assert_false(w.seat[1].known);
}

static void test_anothers(void)
{
    const uint8_t process[CXL_FABRIC_PROCESS] = { 1 };
    const uint8_t other[CXL_FABRIC_PROCESS] = { [CXL_FABRIC_PROCESS - 1] = 1 };
    const CxlUuid id = { { 1 } }, other_id = { { 2 } };
    CxlFabricSeat seat = { 0 };

    g_assert_false(cxl_fabric_seat_is_anothers(&seat, &id, process));
    cxl_fabric_seat_take(&seat, &id, process);
    g_assert_true(cxl_fabric_seat_is_anothers(&seat, &other_id, process));
    g_assert_true(cxl_fabric_seat_is_anothers(&seat, &id, other));
}

/* A text that is too long is cut, at its end. */
static void test_refuse(void)
{
    g_autofree char *text = g_strnfill(CXL_FABRIC_TEXT + 10, 'x');
    CxlFabricRefusal refusal;

    g_assert_false(cxl_fabric_refuse(&refusal, CXL_FABRIC_ATTACHED, text));
    g_assert_cmpuint(refusal.code, ==, CXL_FABRIC_ATTACHED);
    g_assert_cmpuint(strlen(refusal.text), ==, CXL_FABRIC_TEXT);
}

static void load(CxlFabricSeat *seat, GByteArray *bytes, const char *problem)
{
    SaveReader r = { .at = bytes->data, .left = bytes->len, .section = "s" };

    cxl_fabric_seat_load(seat, &r);
    if (problem) {
        g_assert_nonnull(strstr(r.problem, problem));
    } else {
        g_assert_true(save_good(&r));
        g_assert_cmpuint(r.left, ==, 0);
    }
    g_free(r.problem);
}

static void test_saved(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const uint8_t process[CXL_FABRIC_PROCESS] = { [7] = 3 };
    const CxlUuid id = { { 9, 8 } };
    CxlFabricSeat seat = { 0 }, loaded = { 0 };
    SaveWriter w = { .out = bytes };

    cxl_fabric_seat_take(&seat, &id, process);
    cxl_fabric_seat_save(&seat, &w);
    load(&loaded, bytes, NULL);
    g_assert_true(loaded.known);
    g_assert_false(cxl_fabric_seat_is_anothers(&loaded, &id, process));
    bytes->data[0] = 2;
    load(&loaded, bytes, "known");
    bytes->data[0] = 0;
    load(&loaded, bytes, NULL);
    g_assert_false(loaded.known);
    g_byte_array_set_size(bytes, bytes->len - 1);
    load(&loaded, bytes, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-seats/new", test_new);
    g_test_add_func("/cxl/fabric-seats/dead", test_dead);
    g_test_add_func("/cxl/fabric-seats/again", test_again);
    g_test_add_func("/cxl/fabric-seats/anothers", test_anothers);
    g_test_add_func("/cxl/fabric-seats/refuse", test_refuse);
    g_test_add_func("/cxl/fabric-seats/saved", test_saved);
    return g_test_run();
}
