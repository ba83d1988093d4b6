/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data object exchange: discovery, dispatch, bounded queues, narrow accesses,
 * interrupt.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/common/doe.h"

static unsigned interrupts, calls;

static void interrupt(void *opaque)
{
    interrupts++;
}

/* Echoes; the first payload dword says how long the answer is. */
static unsigned echo(void *opaque, const uint32_t *request, unsigned dwords,
                     uint32_t *response, unsigned max)
{
    unsigned n = dwords > 2 ? request[2] : 0;

    calls++;
    g_assert_cmpuint(max, ==, DOE_DWORDS);
    for (unsigned i = 0; i < n; i++) {
        response[i] = i < dwords ? request[i] : i;
    }
    return n;
}

static const DoeRow rows[] = {
    { 0x1e98, 2, echo },
    { 0x1e98, 0, echo },
};

static void setup(Doe *doe)
{
    interrupts = 0;
    calls = 0;
    doe_init(doe, rows, G_N_ELEMENTS(rows), NULL, interrupt);
}

static uint32_t rd(Doe *doe, unsigned reg)
{
    return doe_read(doe, reg, 4);
}

static void wr(Doe *doe, unsigned reg, uint32_t value)
{
    doe_write(doe, reg, value, 4);
    g_assert_null(doe_check(doe));
}

static void give(Doe *doe, const uint32_t *dw, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        wr(doe, DOE_REG_WRITE, dw[i]);
    }
    wr(doe, DOE_REG_CTRL, DOE_CTRL_GO);
}

static uint32_t take(Doe *doe)
{
    uint32_t value = rd(doe, DOE_REG_READ);

    wr(doe, DOE_REG_READ, 0);
    return value;
}

static void expect_error(Doe *doe)
{
    g_assert_cmphex(rd(doe, DOE_REG_STATUS) & ~DOE_STATUS_INTR, ==,
                    DOE_STATUS_ERROR);
    g_assert_cmphex(rd(doe, DOE_REG_READ), ==, 0);
    wr(doe, DOE_REG_CTRL, DOE_CTRL_ABORT);
    g_assert_cmphex(rd(doe, DOE_REG_STATUS) & DOE_STATUS_ERROR, ==,
                    0);
}

static void test_discovery(void)
{
    static const uint32_t want[] = {
        0x01000001, 0x02021e98, 0x00001e98, 0x0000ffff,
    };
    Doe doe;

    setup(&doe);
    for (unsigned i = 0; i < G_N_ELEMENTS(want); i++) {
        const uint32_t request[] = { 1, 3, i };

        give(&doe, request, 3);
        g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==,
                        DOE_STATUS_READY);
        g_assert_cmphex(take(&doe), ==, 1);
        g_assert_cmphex(take(&doe), ==, 3);
        g_assert_cmphex(take(&doe), ==, want[i]);
        g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==, 0);
    }
}

static void test_bad_objects(void)
{
    static const uint32_t bad[][4] = {
        { 0x00021e98, 4, 3 },   /* claims more than was sent */
        { 0x00021e98, 2, 3 },   /* less */
        { 0x00021e98, 0, 3 },   /* means 2^18 */
        { 0x00031e98, 3, 3 },   /* nobody's type */
        { 0x00021e99, 3, 3 },   /* nobody's vendor */
        { 0x00021e98, 3, 0 },   /* handler has no answer */
    };
    const uint32_t discovery[] = { 1, 2 };
    Doe doe;

    setup(&doe);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        give(&doe, bad[i], 3);
        expect_error(&doe);
    }
    g_assert_cmpuint(calls, ==, 1);
    give(&doe, discovery, 2);
    expect_error(&doe);
    give(&doe, discovery, 1);
    expect_error(&doe);
    give(&doe, discovery, 0);
    expect_error(&doe);
}

static void test_bounds(void)
{
    uint32_t big[DOE_DWORDS + 2] = {
        0x00021e98, DOE_DWORDS, DOE_DWORDS,
    };
    Doe doe;

    setup(&doe);
    give(&doe, big, DOE_DWORDS);
    for (unsigned i = 0; i < DOE_DWORDS; i++) {
        g_assert_cmphex(take(&doe), ==, big[i]);
    }
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==, 0);
    /* Reading on does no harm. */
    g_assert_cmphex(take(&doe), ==, 0);

    big[1] = DOE_DWORDS + 2;
    give(&doe, big, DOE_DWORDS + 2);
    g_assert_cmpuint(calls, ==, 1);
    expect_error(&doe);
    big[1] = DOE_DWORDS;
    give(&doe, big, DOE_DWORDS);
    g_assert_cmpuint(calls, ==, 2);
}

/* The error bit waits for an abort; a new object is not taken before. */
static void test_error_sticks(void)
{
    const uint32_t good[] = { 0x00021e98, 3, 3 };
    Doe doe;

    setup(&doe);
    give(&doe, good, 2);
    give(&doe, good, 3);
    g_assert_cmpuint(calls, ==, 0);
    expect_error(&doe);
    give(&doe, good, 3);
    g_assert_cmpuint(calls, ==, 1);
    /* The answer waits, too: GO is ignored until it has been read. */
    give(&doe, good, 3);
    g_assert_cmpuint(calls, ==, 1);
    wr(&doe, DOE_REG_CTRL, DOE_CTRL_ABORT);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==, 0);
}

static void test_narrow(void)
{
    const uint32_t good[] = { 0x00021e98, 3, 3 };
    Doe doe;

    setup(&doe);
    for (unsigned i = 0; i < 12; i++) {
        doe_write(&doe, DOE_REG_WRITE + i % 4,
                  extract32(good[i / 4], i % 4 * 8, 8), 1);
    }
    doe_write(&doe, DOE_REG_CTRL + 3, 0x80, 1);
    g_assert_cmpuint(calls, ==, 1);
    g_assert_cmphex(doe_read(&doe, DOE_REG_STATUS + 3, 1), ==, 0x80);
    g_assert_cmphex(doe_read(&doe, DOE_REG_READ + 2, 2), ==, 2);
    doe_write(&doe, DOE_REG_READ, 0, 1);
    g_assert_cmphex(rd(&doe, DOE_REG_READ), ==, good[0]);
    doe_write(&doe, DOE_REG_READ + 2, 0, 2);
    g_assert_cmphex(rd(&doe, DOE_REG_READ), ==, good[1]);
    /* What is no register of it takes nothing. */
    wr(&doe, DOE_REG_READ + 4, UINT32_MAX);
    wr(&doe, 0, UINT32_MAX);
    g_assert_cmphex(rd(&doe, DOE_REG_READ), ==, good[1]);
}

static void test_interrupt(void)
{
    const uint32_t good[] = { 0x00021e98, 3, 3 };
    Doe doe;

    setup(&doe);
    wr(&doe, DOE_REG_CTRL, DOE_CTRL_INTR_EN);
    g_assert_cmphex(rd(&doe, DOE_REG_CTRL), ==, DOE_CTRL_INTR_EN);
    for (unsigned i = 0; i < 3; i++) {
        wr(&doe, DOE_REG_WRITE, good[i]);
    }
    wr(&doe, DOE_REG_CTRL, DOE_CTRL_GO | DOE_CTRL_INTR_EN);
    g_assert_cmpuint(interrupts, ==, 1);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==,
                    DOE_STATUS_READY | DOE_STATUS_INTR);
    wr(&doe, DOE_REG_STATUS, DOE_STATUS_INTR);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==, DOE_STATUS_READY);
    doe_reset(&doe);
    g_assert_cmphex(rd(&doe, DOE_REG_CTRL), ==, 0);
    /* Without a vector the enable does not stick. */
    doe_init(&doe, rows, 1, NULL, NULL);
    wr(&doe, DOE_REG_CTRL, DOE_CTRL_INTR_EN);
    g_assert_cmphex(rd(&doe, DOE_REG_CTRL), ==, 0);
}

/* --- answers that come later, or never ------------------------------------ */

static bool watched;

static void watch(void *opaque, bool on)
{
    g_assert_cmpint(watched, !=, on);
    watched = on;
}

static unsigned later(void *opaque, const uint32_t *request, unsigned dwords,
                      uint32_t *response, unsigned max)
{
    calls++;
    return DOE_LATER;
}

static const DoeRow slow_rows[] = { { 0x1e98, 5, later } };
static const uint32_t slow[] = { 0x00051e98, 3, 7 };

static void setup_slow(Doe *doe)
{
    setup(doe);
    doe_init(doe, slow_rows, G_N_ELEMENTS(slow_rows), NULL, interrupt);
    doe_set_watch(doe, watch);
    watched = false;
    wr(doe, DOE_REG_CTRL, DOE_CTRL_INTR_EN);
    for (unsigned i = 0; i < 3; i++) {
        wr(doe, DOE_REG_WRITE, slow[i]);
    }
    wr(doe, DOE_REG_CTRL, DOE_CTRL_GO | DOE_CTRL_INTR_EN);
    g_assert_cmphex(rd(doe, DOE_REG_STATUS), ==, DOE_STATUS_BUSY);
    g_assert_true(watched);
    g_assert_cmpuint(interrupts, ==, 0);
}

static void test_later(void)
{
    Doe doe;

    setup_slow(&doe);
    /* Nothing is taken while it is busy. */
    wr(&doe, DOE_REG_WRITE, 1);
    wr(&doe, DOE_REG_CTRL, DOE_CTRL_GO | DOE_CTRL_INTR_EN);
    g_assert_cmpuint(calls, ==, 1);
    g_assert_cmphex(take(&doe), ==, 0);
    doe_answer(&doe, doe_ticket(&doe), slow, 3);
    g_assert_null(doe_check(&doe));
    g_assert_false(watched);
    g_assert_cmpuint(interrupts, ==, 1);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==,
                    DOE_STATUS_READY | DOE_STATUS_INTR);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmphex(take(&doe), ==, slow[i]);
    }
    /* Once is enough. */
    doe_answer(&doe, doe_ticket(&doe), slow, 3);
    doe_overdue(&doe);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==, DOE_STATUS_INTR);
}

static void test_never(void)
{
    Doe doe;

    setup_slow(&doe);
    doe_overdue(&doe);
    g_assert_null(doe_check(&doe));
    g_assert_false(watched);
    g_assert_cmpuint(interrupts, ==, 1);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==,
                    DOE_STATUS_ERROR | DOE_STATUS_INTR);
    doe_answer(&doe, doe_ticket(&doe), slow, 3);
    expect_error(&doe);
    /* No answer at all is the same. */
    setup_slow(&doe);
    doe_answer(&doe, doe_ticket(&doe), NULL, 0);
    expect_error(&doe);
}

/* Whoever asked has gone; the next one does not get the answer. */
static void test_too_late(void)
{
    uint32_t ticket;
    Doe doe;

    setup_slow(&doe);
    ticket = doe_ticket(&doe);
    wr(&doe, DOE_REG_CTRL, DOE_CTRL_ABORT);
    g_assert_false(watched);
    doe_answer(&doe, ticket, slow, 3);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==, 0);
    give(&doe, slow, 3);
    doe_answer(&doe, ticket, slow, 3);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==, DOE_STATUS_BUSY);
    doe_reset(&doe);
    g_assert_null(doe_check(&doe));
    g_assert_false(watched);
    doe_answer(&doe, doe_ticket(&doe), slow, 3);
    g_assert_cmphex(rd(&doe, DOE_REG_STATUS), ==, 0);
}

static void test_loaded(void)
{
    Doe doe;

    setup_slow(&doe);
    watched = false;            /* on the other side nobody watches yet */
    doe_loaded(&doe);
    g_assert_true(watched);
    g_assert_cmpuint(calls, ==, 2);
    doe_answer(&doe, doe_ticket(&doe), slow, 3);
    g_assert_cmphex(take(&doe), ==, slow[0]);
    doe_loaded(&doe);
    g_assert_cmpuint(calls, ==, 2);
    /* A stream may say busy without an object. */
    doe_reset(&doe);
    doe.busy = true;
    g_assert_cmpstr(doe_check(&doe), ==, "busy with nothing");
}

static void save(const void *device, SaveWriter *w)
{
    doe_save(device, w);
}

static void load(void *device, SaveReader *r)
{
    doe_load(device, r);
}

static bool pass(const Doe *from, Doe *to)
{
    static const SaveRoom room = {
        .name = "doe", .version = 1, .save = save, .load = load,
    };
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;
    bool good;

    save_rooms("toy", &room, 1, from, bytes);
    good = save_load_rooms("toy", &room, 1, to, bytes->data, bytes->len,
                           &problem);
    g_assert_cmpint(good, ==, !problem);
    return good;
}

static void test_saved(void)
{
    const uint32_t in[] = { 0x00021e98, 3, 3 };
    Doe from, to, third;

    /* Half an object, and half a dword more */
    setup(&from);
    setup(&to);
    setup(&third);
    wr(&from, DOE_REG_WRITE, in[0]);
    doe_write(&from, DOE_REG_WRITE, in[1], 2);
    g_assert_true(pass(&from, &to));
    doe_adopt(&third, &from);
    doe_write(&to, DOE_REG_WRITE + 2, 0, 2);
    doe_write(&third, DOE_REG_WRITE + 2, 0, 2);
    wr(&to, DOE_REG_WRITE, in[2]);
    wr(&third, DOE_REG_WRITE, in[2]);
    wr(&to, DOE_REG_CTRL, DOE_CTRL_GO);
    wr(&third, DOE_REG_CTRL, DOE_CTRL_GO);
    /* Half an answer */
    g_assert_cmphex(take(&to), ==, in[0]);
    g_assert_cmphex(take(&third), ==, in[0]);
    g_assert_true(pass(&to, &from));
    g_assert_null(doe_check(&from));
    g_assert_cmphex(take(&from), ==, in[1]);
    g_assert_cmphex(take(&from), ==, in[2]);
    g_assert_cmphex(rd(&from, DOE_REG_STATUS), ==, 0);
}

/* Numbers of a stranger */
static void test_saved_refused(void)
{
    Doe from, to;

    setup(&from);
    setup(&to);
    from.length = 4;
    from.taken = 5;
    g_assert_true(pass(&from, &to));
    g_assert_nonnull(doe_check(&to));
    /* Nobody here would end the wait. */
    setup_slow(&from);
    setup(&to);
    g_assert_false(pass(&from, &to));
    doe_reset(&to);
    doe_set_watch(&to, watch);
    watched = false;
    g_assert_true(pass(&from, &to));
    g_assert_null(doe_check(&to));
    doe_loaded(&to);
}

/* Each byte is the register's, or stays; whatever the access covers. */
static void test_config_read(void)
{
    Doe doe;

    setup(&doe);
    doe_write(&doe, DOE_REG_CTRL, DOE_CTRL_INTR_EN, 4);
    for (unsigned len = 1; len <= 4; len++) {
        for (uint32_t at = (uint32_t)-8; at != DOE_EXT_CAP_LEN + 8; at++) {
            uint32_t value = doe_config_read(&doe, at, 0x5a5a5a5a, len);

            for (unsigned i = 0; i < 4; i++) {
                uint32_t byte = at + i;
                bool ours = i < len && byte >= 8 && byte < 0x18;

                g_assert_cmphex(extract32(value, 8 * i, 8), ==,
                                ours ? byte == 8 ? 2 : 0 : 0x5a);
            }
        }
    }
}

/* In whole dwords, in pieces, and straddling: the same object arrives. */
static void test_config_write(void)
{
    static const uint32_t request[] = { DOE_OBJ(0x1e98, 2), 3, 0 };
    Doe doe;

    for (unsigned len = 1; len <= 4; len *= 2) {
        setup(&doe);
        for (unsigned i = 0; i < G_N_ELEMENTS(request); i++) {
            for (unsigned at = 0; at < 4; at += len) {
                doe_config_write(&doe, DOE_REG_WRITE + at,
                                 request[i] >> (8 * at), len);
            }
        }
        doe_config_write(&doe, DOE_REG_CTRL, DOE_CTRL_GO, 4);
        g_assert_cmpuint(calls, ==, 1);
    }
    setup(&doe);
    /* The end of the status and the start of the queue: no whole dword */
    doe_config_write(&doe, DOE_REG_WRITE - 2, 0x12345678, 4);
    g_assert_cmpuint(doe.received, ==, 0);
    doe_config_write(&doe, DOE_REG_WRITE + 2, 0x00009abc, 2);
    g_assert_cmpuint(doe.received, ==, 1);
    g_assert_cmphex(doe.request[0], ==, 0x9abc1234);
    /* Before and behind is nothing of ours. */
    doe_config_write(&doe, (uint32_t)-4, DOE_CTRL_ABORT, 4);
    doe_config_write(&doe, DOE_EXT_CAP_LEN, DOE_CTRL_ABORT, 4);
    doe_config_write(&doe, 0, UINT32_MAX, 4);
    g_assert_cmpuint(doe.received, ==, 1);
    g_assert_null(doe_check(&doe));
}

/* What no access leads to, and saved state may not say */
static void test_checker(void)
{
    Doe doe;

    setup(&doe);
    doe.length = 2;
    doe.error = true;
    g_assert_cmpstr(doe_check(&doe), ==, "ready and error at once");
    doe_init(&doe, rows, G_N_ELEMENTS(rows), NULL, NULL);
    doe.intr_status = true;
    g_assert_cmpstr(doe_check(&doe), ==,
                    "interrupt status without an interrupt");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/doe/discovery", test_discovery);
    g_test_add_func("/doe/bad-objects", test_bad_objects);
    g_test_add_func("/doe/bounds", test_bounds);
    g_test_add_func("/doe/error-sticks", test_error_sticks);
    g_test_add_func("/doe/narrow-accesses", test_narrow);
    g_test_add_func("/doe/interrupt", test_interrupt);
    g_test_add_func("/doe/later", test_later);
    g_test_add_func("/doe/never", test_never);
    g_test_add_func("/doe/too-late", test_too_late);
    g_test_add_func("/doe/loaded", test_loaded);
    g_test_add_func("/doe/saved", test_saved);
    g_test_add_func("/doe/saved-refused", test_saved_refused);
    g_test_add_func("/common/doe/config-read", test_config_read);
    g_test_add_func("/common/doe/config-write", test_config_write);
    g_test_add_func("/doe/checker", test_checker);
    return g_test_run();
}
