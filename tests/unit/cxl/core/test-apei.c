/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/apei: one record at a time, the next one when the last is
 * acknowledged; errors are made for who asks in the right order; saved state.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/apei.h"
#include "hw/cxl/wire/ras.h"

typedef struct World {
    CxlApei a;
    unsigned notified, rooms, ignored, injected;
    uint32_t type, sbdf;
    unsigned answer;
    unsigned records;           /* that an injected error makes */
} World;

static void notify(void *opaque)
{
    ((World *)opaque)->notified++;
}

static void room(void *opaque)
{
    ((World *)opaque)->rooms++;
}

static bool record(World *w, uint32_t number)
{
    uint8_t bytes[100] = { };

    stl_le_p(bytes, number);
    stl_le_p(bytes + 96, ~number);
    return cxl_apei_record(&w->a, bytes, sizeof(bytes));
}

static unsigned inject(void *opaque, uint32_t type, uint32_t sbdf)
{
    World *w = opaque;

    for (unsigned i = 1; i <= w->records; i++) {
        bool room = cxl_apei_room(&w->a);

        g_assert_true(record(w, i) == room);
    }
    w->injected++;
    w->type = type;
    w->sbdf = sbdf;
    return w->answer;
}

static void ignored(void *opaque, const char *what, uint64_t value)
{
    g_assert_nonnull(what);
    ((World *)opaque)->ignored++;
}

static const CxlApeiOps ops = { notify, room, inject, ignored };

static World *start(void)
{
    World *w = g_new0(World, 1);

    cxl_apei_init(&w->a, &ops, w);
    return w;
}

static void stop(World *w)
{
    g_assert_null(cxl_apei_check(&w->a));
    cxl_apei_destroy(&w->a);
    g_free(w);
}

static uint64_t rd(World *w, unsigned addr, unsigned size)
{
    return cxl_apei_read(&w->a, addr, size);
}

static void wr(World *w, unsigned addr, uint64_t value, unsigned size)
{
    cxl_apei_write(&w->a, addr, value, size);
    g_assert_null(cxl_apei_check(&w->a));
}

static void test_layout(void)
{
    World *w = start();

    g_assert_cmphex(rd(w, CXL_APEI_BLOCK_AT, 8), ==,
                    CXL_APEI_BASE + CXL_APEI_BLOCK);
    g_assert_cmphex(rd(w, CXL_APEI_TRIGGER_AT, 8), ==,
                    CXL_APEI_BASE + CXL_APEI_TRIGGER);
    g_assert_cmphex(rd(w, CXL_APEI_TYPES, 4), ==, 0x3f000);
    g_assert_cmphex(rd(w, CXL_APEI_TRIGGER, 4), ==, 16);
    g_assert_cmphex(rd(w, CXL_APEI_TRIGGER + 8, 8), ==, 16);
    g_assert_cmphex(rd(w, CXL_APEI_READ_ACK, 8), ==, 1);
    g_assert_cmphex(rd(w, CXL_APEI_SIZE - 1, 8), ==, 0);
    stop(w);
}

static void test_one_at_a_time(void)
{
    World *w = start();

    g_assert_true(record(w, 1));
    g_assert_true(record(w, 2));
    g_assert_true(record(w, 3));
    g_assert_cmpuint(w->notified, ==, 1);
    g_assert_cmphex(rd(w, CXL_APEI_READ_ACK, 8), ==, 0);
    for (uint32_t i = 1; i <= 3; i++) {
        g_assert_cmphex(rd(w, CXL_APEI_BLOCK, 4), ==, i);
        g_assert_cmphex(rd(w, CXL_APEI_BLOCK + 96, 4), ==, ~i);
        /* Only the status of the block can be cleared, not set. */
        wr(w, CXL_APEI_BLOCK, 0xffffffffffffffff, 8);
        g_assert_cmphex(rd(w, CXL_APEI_BLOCK, 4), ==, i);
        wr(w, CXL_APEI_BLOCK, 0, 4);
        g_assert_cmphex(rd(w, CXL_APEI_BLOCK, 4), ==, 0);
        wr(w, CXL_APEI_BLOCK + 96, 0, 4);
        g_assert_cmphex(rd(w, CXL_APEI_BLOCK + 96, 4), ==, ~i);
        wr(w, CXL_APEI_READ_ACK, 0, 8);
        g_assert_cmpuint(w->notified, ==, i);
        wr(w, CXL_APEI_READ_ACK, 1, 8);
    }
    g_assert_cmpuint(w->notified, ==, 3);
    g_assert_cmpuint(w->rooms, ==, 3);
    /* One who acknowledges twice is told nothing. */
    wr(w, CXL_APEI_READ_ACK, 1, 8);
    g_assert_cmpuint(w->rooms, ==, 3);
    stop(w);
}

static void test_queue(void)
{
    World *w = start();

    for (unsigned i = 0; i <= CXL_APEI_QUEUE; i++) {
        g_assert_true(record(w, i));
    }
    g_assert_cmpuint(cxl_apei_room(&w->a), ==, 0);
    g_assert_false(record(w, 99));
    wr(w, CXL_APEI_READ_ACK, 1, 1);
    g_assert_true(record(w, 99));
    cxl_apei_reset(&w->a);
    g_assert_cmpuint(cxl_apei_room(&w->a), ==, CXL_APEI_QUEUE);
    g_assert_cmphex(rd(w, CXL_APEI_BLOCK, 4), ==, 0);
    g_assert_true(record(w, 7));
    stop(w);
}

static void ask(World *w, uint32_t type, uint32_t flags, uint32_t sbdf)
{
    wr(w, CXL_APEI_COMMAND, CXL_EINJ_BEGIN, 4);
    wr(w, CXL_APEI_ERROR_TYPE, type, 4);
    wr(w, CXL_APEI_ERROR_FLAGS, flags, 4);
    wr(w, CXL_APEI_ERROR_SBDF, sbdf, 4);
    wr(w, CXL_APEI_COMMAND, CXL_EINJ_EXECUTE, 4);
    g_assert_cmphex(rd(w, CXL_APEI_COMMAND, 4), ==, 0);
    g_assert_cmphex(rd(w, CXL_APEI_BUSY, 4), ==, 0);
}

static void test_inject(void)
{
    World *w = start();

    for (unsigned bit = 0; bit < 32; bit++) {
        bool known = CXL_EINJ_TYPES & BIT(bit);
        CxlEinjError error;
        unsigned before = w->injected;

        ask(w, BIT(bit), CXL_EINJ_SBDF, 0x0c0800 + bit);
        g_assert_true(cxl_einj_error(BIT(bit), &error) == known);
        g_assert_cmpuint(w->injected - before, ==, known);
        g_assert_cmpuint(rd(w, CXL_APEI_STATUS, 4), ==,
                         known ? CXL_EINJ_SUCCESS : CXL_EINJ_INVALID);
        if (known) {
            g_assert_cmphex(w->type, ==, BIT(bit));
            g_assert_cmphex(w->sbdf, ==, 0x0c0800 + bit);
            g_assert_true((error.correctable ? CXL_RAS_CE_VALID
                                             : CXL_RAS_UE_VALID) &
                          BIT(error.bit));
        }
    }
    w->answer = CXL_EINJ_INVALID;
    ask(w, CXL_EINJ_MEM_FATAL, CXL_EINJ_SBDF, 0);
    g_assert_cmpuint(rd(w, CXL_APEI_STATUS, 4), ==, CXL_EINJ_INVALID);
    stop(w);
}

/* Errors are told while they are made, as many as there is room for. */
static void test_inject_records(void)
{
    World *w = start();

    w->records = CXL_APEI_QUEUE + 3;
    ask(w, CXL_EINJ_MEM_CORRECTABLE, CXL_EINJ_SBDF, 0x340000);
    g_assert_cmpuint(rd(w, CXL_APEI_STATUS, 4), ==, CXL_EINJ_SUCCESS);
    g_assert_cmpuint(w->injected, ==, 1);
    for (uint32_t i = 1; i <= CXL_APEI_QUEUE + 1; i++) {
        g_assert_cmphex(rd(w, CXL_APEI_BLOCK, 4), ==, i);
        g_assert_cmphex(rd(w, CXL_APEI_READ_ACK, 8), ==, 0);
        g_assert_cmpuint(w->notified, ==, i);
        wr(w, CXL_APEI_READ_ACK, 1, 8);
    }
    g_assert_cmpuint(w->notified, ==, CXL_APEI_QUEUE + 1);
    g_assert_cmphex(rd(w, CXL_APEI_READ_ACK, 8), ==, 1);
    stop(w);
}

static void test_inject_refused(void)
{
    World *w = start();

    /* Two types, memory instead of a function, nothing begun, no command */
    ask(w, CXL_EINJ_MEM_FATAL | CXL_EINJ_MEM_NONFATAL, CXL_EINJ_SBDF, 0);
    g_assert_cmpuint(rd(w, CXL_APEI_STATUS, 4), ==, CXL_EINJ_INVALID);
    ask(w, CXL_EINJ_MEM_FATAL, BIT(1), 0);
    g_assert_cmpuint(rd(w, CXL_APEI_STATUS, 4), ==, CXL_EINJ_INVALID);
    wr(w, CXL_APEI_COMMAND, CXL_EINJ_END, 4);
    g_assert_cmpuint(rd(w, CXL_APEI_STATUS, 4), ==, CXL_EINJ_SUCCESS);
    wr(w, CXL_APEI_COMMAND, CXL_EINJ_EXECUTE, 4);
    g_assert_cmpuint(rd(w, CXL_APEI_STATUS, 4), ==, CXL_EINJ_FAILURE);
    wr(w, CXL_APEI_COMMAND, 77, 4);
    g_assert_cmpuint(rd(w, CXL_APEI_STATUS, 4), ==, CXL_EINJ_FAILURE);
    g_assert_cmpuint(w->injected, ==, 0);
    g_assert_cmpuint(w->ignored, >=, 4);
    stop(w);
}

static void same(World *x, World *y)
{
    for (unsigned addr = 0; addr < CXL_APEI_SIZE; addr += 8) {
        g_assert_cmphex(rd(x, addr, 8), ==, rd(y, addr, 8));
    }
}

static void test_save(void)
{
    World *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char *problem = NULL;

    record(from, 1);
    record(from, 2);
    record(from, 3);
    ask(from, CXL_EINJ_MEM_FATAL, 0, 0x123400);
    cxl_apei_save(&from->a, bytes);
    g_assert_cmpuint(bytes->len, <, CXL_APEI_SAVED_MAX);
    record(to, 9);
    g_assert_true(cxl_apei_load(&to->a, bytes->data, bytes->len, &problem));
    same(from, to);
    for (unsigned i = 0; i < 3; i++) {
        wr(from, CXL_APEI_READ_ACK, 1, 8);
        wr(to, CXL_APEI_READ_ACK, 1, 8);
        same(from, to);
    }
    /* Every stream that is cut short is refused, and changes nothing. */
    for (unsigned len = 0; len < bytes->len; len += 7) {
        g_assert_false(cxl_apei_load(&to->a, bytes->data, len, &problem));
        g_assert_nonnull(problem);
        g_clear_pointer(&problem, g_free);
        same(from, to);
    }
    stop(from);
    stop(to);
}

/* Less than there is: of registers, or of the block */
static void put_short(const void *device, SaveWriter *w)
{
    static const uint8_t zero[CXL_APEI_SIZE];
    bool registers = *(const bool *)device;

    save_put(w, false);
    save_put_blob(w, zero, registers ? 8 : CXL_APEI_REGISTERS);
    save_put_blob(w, zero, registers ? CXL_APEI_BLOCK_SIZE : 8);
    save_put(w, 0);
}

static void test_save_short(void)
{
    const SaveRoom rooms[] = {
        { .name = "apei", .version = 1, .save = put_short },
    };
    World *w = start();

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_autofree char *problem = NULL;
        bool registers = i;

        save_rooms("cxl-apei", rooms, G_N_ELEMENTS(rooms), &registers, bytes);
        g_assert_false(cxl_apei_load(&w->a, bytes->data, bytes->len,
                                     &problem));
        g_assert_nonnull(strstr(problem, registers ? "length of the registers"
                                : "length of the block"));
    }
    stop(w);
}

/* A full queue fits. */
static void test_save_full(void)
{
    World *w = start();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    uint8_t longest[CXL_APEI_BLOCK_SIZE] = { 1 };
    char *problem = NULL;

    while (cxl_apei_record(&w->a, longest, sizeof(longest))) {
        ;
    }
    cxl_apei_save(&w->a, bytes);
    g_assert_cmpuint(bytes->len, <, CXL_APEI_SAVED_MAX);
    g_assert_true(cxl_apei_load(&w->a, bytes->data, bytes->len, &problem));
    g_assert_cmpuint(cxl_apei_room(&w->a), ==, 0);
    stop(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/apei/layout", test_layout);
    g_test_add_func("/cxl/apei/one-at-a-time", test_one_at_a_time);
    g_test_add_func("/cxl/apei/queue", test_queue);
    g_test_add_func("/cxl/apei/inject", test_inject);
    g_test_add_func("/cxl/apei/inject/records", test_inject_records);
    g_test_add_func("/cxl/apei/inject/refused", test_inject_refused);
    g_test_add_func("/cxl/apei/save", test_save);
    g_test_add_func("/cxl/apei/save/short", test_save_short);
    g_test_add_func("/cxl/apei/save/full", test_save_full);
    return g_test_run();
}
