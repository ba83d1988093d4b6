/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register bank: every row, width and alignment against a byte-wise model,
 * then hooks, locks, write-once bits, resets, and tables that must be refused.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/common/regbank.h"

#define BANK_SIZE 0x60

typedef struct Log {
    unsigned pre, post, ignored;
    RegbankWrite last;
    uint64_t ignored_bits;
    bool veto;
} Log;

static uint64_t hook_read(void *opaque, const RegbankRow *row, unsigned index,
                          uint64_t stored)
{
    return stored ^ 0xff;
}

static uint64_t hook_pre(void *opaque, const RegbankWrite *w)
{
    Log *log = opaque;

    log->pre++;
    return log->veto ? w->old : w->now;
}

static void hook_post(void *opaque, const RegbankWrite *w)
{
    Log *log = opaque;

    log->post++;
    log->last = *w;
}

static void hook_ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    Log *log = opaque;

    log->ignored++;
    log->ignored_bits = bits;
}

static const RegbankRow rows[] = {
    { .offset = 0x00, .size = 4, .name = "id", .reset = 0xa1b2c3d4 },
    { .offset = 0x04, .size = 2, .name = "ctrl", .reset = 0x8001,
      .rw = 0x0ff0, .post = hook_post },
    { .offset = 0x06, .size = 1, .name = "lock", .rw = 3, .once = 1 },
    /* 0x07 is a hole */
    { .offset = 0x08, .size = 8, .name = "wide",
      .reset = 0x1122334455667788, .rw = UINT64_MAX, .pre = hook_pre,
      .post = hook_post },
    { .offset = 0x10, .size = 4, .name = "status", .reset = 0xf0f0,
      .w1c = 0xffff, .rw = 0xff0000, .sticky = 0xff },
    { .offset = 0x18, .size = 8, .name = "mirror", .reset = 0x1234,
      .read = hook_read },
    { .offset = 0x20, .size = 4, .name = "base", .count = 3, .stride = 0x10,
      .rw = 0xfffff000, .lock_group = 5, .lock_per_index = true },
    { .offset = 0x24, .size = 2, .name = "limit", .count = 3, .stride = 0x10,
      .rw = 0xffff, .lock_group = 1 },
    { .offset = 0x58, .size = 8, .name = "end", .rw = 0xff000000000000ff },
};

static const RegbankDesc desc = {
    .name = "test", .rows = rows, .num_rows = G_N_ELEMENTS(rows),
    .size = BANK_SIZE,
};

typedef struct Fixture {
    Regbank bank;
    Log log;
    uint8_t bytes[BANK_SIZE];
} Fixture;

static void setup(Fixture *f)
{
    memset(f, 0, sizeof(*f));
    memset(f->bytes, 0xee, sizeof(f->bytes));
    regbank_init(&f->bank, &desc, f->bytes, &f->log, hook_ignored);
}

/* What one byte of the bank is made of, worked out the slow, obvious way. */
typedef struct ByteModel {
    uint8_t value, rw, w1c, once, invert;
} ByteModel;

static void model_init(ByteModel *model)
{
    memset(model, 0, sizeof(*model) * BANK_SIZE);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const RegbankRow *r = &rows[i];

        for (unsigned n = 0; n < MAX(1, r->count); n++) {
            for (unsigned b = 0; b < r->size; b++) {
                ByteModel *m = &model[r->offset + n * r->stride + b];

                m->value = r->reset >> (8 * b);
                m->rw = r->rw >> (8 * b);
                m->w1c = r->w1c >> (8 * b);
                m->once = r->once >> (8 * b);
                m->invert = r->read && b == 0 ? 0xff : 0;
            }
        }
    }
}

static void model_write(ByteModel *model, uint64_t addr, uint64_t value,
                        unsigned size)
{
    for (unsigned i = 0; i < size && addr + i < BANK_SIZE; i++) {
        ByteModel *m = &model[addr + i];
        uint8_t v = value >> (8 * i);
        uint8_t kept = m->value & m->once;

        m->value = (m->value & ~m->rw) | (v & m->rw) | kept;
        m->value &= ~(v & m->w1c);
    }
}

static uint64_t model_read(const ByteModel *model, uint64_t addr,
                           unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size && addr + i < BANK_SIZE; i++) {
        value |= (uint64_t)(model[addr + i].value ^ model[addr + i].invert)
                 << (8 * i);
    }
    return value;
}

static void compare_all(Fixture *f, const ByteModel *model)
{
    for (unsigned size = 1; size <= 8; size++) {
        for (uint64_t addr = 0; addr < BANK_SIZE + 4; addr++) {
            g_assert_cmphex(regbank_read(&f->bank, addr, size), ==,
                            model_read(model, addr, size));
        }
    }
}

static void test_widths(void)
{
    static const uint64_t patterns[] = {
        0, UINT64_MAX, 0x0123456789abcdef, 0xaa55aa55aa55aa55, 1,
    };

    for (unsigned size = 1; size <= 8; size++) {
        for (uint64_t addr = 0; addr < BANK_SIZE + 4; addr++) {
            for (unsigned p = 0; p < G_N_ELEMENTS(patterns); p++) {
                ByteModel model[BANK_SIZE];
                Fixture f;

                setup(&f);
                model_init(model);
                regbank_write(&f.bank, addr, patterns[p], size);
                model_write(model, addr, patterns[p], size);
                compare_all(&f, model);
            }
        }
    }
}

static void test_random(void)
{
    ByteModel model[BANK_SIZE];
    Fixture f;

    setup(&f);
    model_init(model);
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t addr = g_test_rand_int_range(0, BANK_SIZE + 8);
        unsigned size = g_test_rand_int_range(1, 9);
        uint64_t value = ((uint64_t)g_test_rand_int() << 32) |
                         (uint32_t)g_test_rand_int();

        regbank_write(&f.bank, addr, value, size);
        model_write(model, addr, value, size);
        g_assert_cmphex(regbank_read(&f.bank, addr, size), ==,
                        model_read(model, addr, size));
    }
    compare_all(&f, model);
}

static void test_beyond(void)
{
    Fixture f;

    setup(&f);
    /* Neither wraps around to the rows at 0. */
    regbank_write(&f.bank, UINT64_MAX, 0x800, 8);
    regbank_write(&f.bank, UINT64_MAX - 3, UINT64_MAX, 8);
    regbank_write(&f.bank, BANK_SIZE, UINT64_MAX, 8);
    g_assert_cmphex(regbank_read(&f.bank, UINT64_MAX - 3, 8), ==, 0);
    g_assert_cmphex(regbank_read(&f.bank, UINT64_MAX, 8), ==, 0);
    g_assert_cmphex(regbank_read(&f.bank, BANK_SIZE, 8), ==, 0);
    g_assert_cmpuint(f.log.post, ==, 0);
}

static void test_half_update(void)
{
    Fixture f;

    setup(&f);
    regbank_write(&f.bank, 0x0c, 0xdeadbeef, 4);
    g_assert_cmpuint(f.log.post, ==, 1);
    g_assert_cmphex(f.log.last.old, ==, 0x1122334455667788);
    g_assert_cmphex(f.log.last.now, ==, 0xdeadbeef55667788);
    g_assert_cmphex(f.log.last.raw, ==, 0xdeadbeef00000000);
    g_assert_cmphex(f.log.last.lanes, ==, 0xffffffff00000000);
    g_assert_cmphex(regbank_get(&f.bank, 8), ==, 0xdeadbeef55667788);
}

static void test_hooks_once_per_row(void)
{
    Fixture f;

    setup(&f);
    /* Bytes 4..11: ctrl, lock, hole, first half of wide. */
    regbank_write(&f.bank, 4, 0, 8);
    g_assert_cmpuint(f.log.pre, ==, 1);
    g_assert_cmpuint(f.log.post, ==, 2);
    g_assert_cmpstr(f.log.last.row->name, ==, "wide");
    /* Writing the value it has still runs the hook. */
    regbank_write(&f.bank, 8, regbank_read(&f.bank, 8, 8), 8);
    g_assert_cmpuint(f.log.post, ==, 3);
    g_assert_cmphex(f.log.last.old, ==, f.log.last.now);
}

static void test_veto(void)
{
    Fixture f;

    setup(&f);
    f.log.veto = true;
    regbank_write(&f.bank, 8, 0, 8);
    g_assert_cmphex(regbank_get(&f.bank, 8), ==, 0x1122334455667788);
}

static void test_ignored_bits(void)
{
    Fixture f;

    setup(&f);
    regbank_write(&f.bank, 4, 0x7ff1, 2);
    g_assert_cmpuint(f.log.ignored, ==, 1);
    g_assert_cmphex(f.log.ignored_bits, ==, 0xf000);
    g_assert_cmphex(regbank_get(&f.bank, 4), ==, 0x8ff1);
    /* Writing back what was read is not reported. */
    regbank_write(&f.bank, 4, regbank_read(&f.bank, 4, 2), 2);
    regbank_write(&f.bank, 0, regbank_read(&f.bank, 0, 4), 4);
    regbank_write(&f.bank, 0x18, regbank_read(&f.bank, 0x18, 8), 8);
    g_assert_cmpuint(f.log.ignored, ==, 1);
    /* Only the bytes that were driven count. */
    regbank_write(&f.bank, 0, 0xd5, 1);
    g_assert_cmpuint(f.log.ignored, ==, 2);
    g_assert_cmphex(f.log.ignored_bits, ==, 1);
}

static void test_once(void)
{
    Fixture f;

    setup(&f);
    regbank_write(&f.bank, 6, 3, 1);
    g_assert_cmphex(regbank_get(&f.bank, 6), ==, 3);
    regbank_write(&f.bank, 6, 0, 1);
    g_assert_cmphex(regbank_get(&f.bank, 6), ==, 1);
    g_assert_cmphex(f.log.ignored_bits, ==, 1);
    regbank_reset(&f.bank, REGBANK_RESET_WARM);
    g_assert_cmphex(regbank_get(&f.bank, 6), ==, 0);
}

static void test_lock(void)
{
    Fixture f;

    setup(&f);
    regbank_lock(&f.bank, 6);
    for (unsigned n = 0; n < 3; n++) {
        regbank_write(&f.bank, 0x20 + 0x10 * n, 0xabcde000, 4);
        regbank_write(&f.bank, 0x24 + 0x10 * n, 0x7777, 2);
        g_assert_cmphex(regbank_get(&f.bank, 0x20 + 0x10 * n), ==,
                        n == 1 ? 0 : 0xabcde000);
        g_assert_cmphex(regbank_get(&f.bank, 0x24 + 0x10 * n), ==, 0x7777);
    }
    g_assert_cmphex(f.log.ignored_bits, ==, 0xabcde000);
    regbank_unlock(&f.bank, 6);
    regbank_write(&f.bank, 0x30, 0x1000, 4);
    g_assert_cmphex(regbank_get(&f.bank, 0x30), ==, 0x1000);

    regbank_lock(&f.bank, 1);
    regbank_write(&f.bank, 0x34, 1, 2);
    g_assert_cmphex(regbank_get(&f.bank, 0x34), ==, 0x7777);
    regbank_reset(&f.bank, REGBANK_RESET_WARM);
    g_assert_cmphex(f.bank.locked, ==, 0);
}

/* Of somebody else's bytes only what software or events can change */
static void test_adopt(void)
{
    uint8_t ones[BANK_SIZE], zeroes[BANK_SIZE] = { 0 };
    Fixture f;

    memset(ones, 0xff, sizeof(ones));
    setup(&f);
    regbank_lock(&f.bank, 6);
    g_assert_true(regbank_is_locked(&f.bank, 6));
    g_assert_false(regbank_is_locked(&f.bank, 5));
    regbank_adopt(&f.bank, ones);
    g_assert_cmphex(regbank_get(&f.bank, 0x00), ==, 0xa1b2c3d4);
    g_assert_cmphex(regbank_get(&f.bank, 0x04), ==, 0x8ff1);
    g_assert_cmphex(regbank_get(&f.bank, 0x06), ==, 3);
    g_assert_cmphex(regbank_get(&f.bank, 0x08), ==, UINT64_MAX);
    g_assert_cmphex(regbank_get(&f.bank, 0x10), ==, 0xffffff);
    /* Each element, locked or not */
    for (unsigned n = 0; n < 3; n++) {
        g_assert_cmphex(regbank_get(&f.bank, 0x20 + 0x10 * n) & 0xfffff000,
                        ==, 0xfffff000);
        g_assert_cmphex(regbank_get(&f.bank, 0x24 + 0x10 * n), ==, 0xffff);
    }
    regbank_adopt(&f.bank, zeroes);
    g_assert_cmphex(regbank_get(&f.bank, 0x00), ==, 0xa1b2c3d4);
    g_assert_cmphex(regbank_get(&f.bank, 0x04), ==, 0x8001);
    g_assert_cmphex(regbank_get(&f.bank, 0x08), ==, 0);
    g_assert_true(regbank_is_locked(&f.bank, 6));
    g_assert_cmpuint(f.log.pre + f.log.post, ==, 0);
}

/* Each element counts, and only bits that nobody changes do. */
static void test_differs(void)
{
    Fixture f, fresh;

    setup(&f);
    setup(&fresh);
    g_assert_null(regbank_differs(&f.bank, &fresh.bank));
    regbank_set(&f.bank, 0x04, 0x8ff1);
    regbank_set(&f.bank, 0x10, 0x12345);
    g_assert_null(regbank_differs(&f.bank, &fresh.bank));
    f.bytes[0x20 + 0x10 * 2] ^= 1;
    g_assert_cmpstr(regbank_differs(&f.bank, &fresh.bank), ==, "base");
    f.bytes[0x20 + 0x10 * 2] ^= 1;
    f.bytes[1] ^= 0x80;
    g_assert_cmpstr(regbank_differs(&f.bank, &fresh.bank), ==, "id");
}

static void test_reset(void)
{
    Fixture f;

    setup(&f);
    regbank_write(&f.bank, 0x10, 0x00aa0010, 4);
    g_assert_cmphex(regbank_get(&f.bank, 0x10), ==, 0xaaf0e0);
    regbank_reset(&f.bank, REGBANK_RESET_WARM);
    g_assert_cmphex(regbank_get(&f.bank, 0x10), ==, 0xf0e0);
    regbank_reset(&f.bank, REGBANK_RESET_COLD);
    g_assert_cmphex(regbank_get(&f.bank, 0x10), ==, 0xf0f0);
    g_assert_cmphex(regbank_get(&f.bank, 8), ==, 0x1122334455667788);
}

static void test_get_set(void)
{
    Fixture f;

    setup(&f);
    regbank_set(&f.bank, 0, 0x55);
    g_assert_cmphex(regbank_read(&f.bank, 0, 4), ==, 0x55);
    g_assert_cmphex(regbank_get(&f.bank, 0x18), ==, 0x1234);
    g_assert_cmpuint(f.log.post, ==, 0);
}

static void test_find(void)
{
    unsigned index;

    g_assert_true(regbank_find(&desc, 0x33, &index) == &rows[6]);
    g_assert_cmpuint(index, ==, 1);
    g_assert_null(regbank_find(&desc, 7, &index));
    g_assert_null(regbank_find(&desc, 0x50, &index));
    g_assert_null(regbank_find(&desc, UINT64_MAX, &index));
}

static void test_bad_tables(void)
{
    static const RegbankRow bad[] = {
        { .offset = 0, .size = 3, .name = "size" },
        { .offset = 0, .size = 0, .name = "nosize" },
        { .offset = 2, .size = 4, .name = "align" },
        { .offset = 0, .size = 2, .name = "mask", .rw = 0x10000 },
        { .offset = 0, .size = 2, .name = "resetmask", .reset = 0x10000 },
        { .offset = 0, .size = 2, .name = "both", .rw = 1, .w1c = 1 },
        { .offset = 0, .size = 2, .name = "once", .once = 1 },
        { .offset = 0xc, .size = 4, .name = "end", .count = 2 },
        { .offset = 0, .size = 4, .name = "self", .count = 2, .stride = 2 },
        { .offset = 0, .size = 1, .name = "group", .count = 2,
          .lock_group = 63, .lock_per_index = true },
    };
    static const RegbankRow order[] = {
        { .offset = 4, .size = 4, .name = "a" },
        { .offset = 0, .size = 4, .name = "b" },
    };
    static const RegbankRow overlap[] = {
        { .offset = 0, .size = 4, .name = "a", .count = 2, .stride = 8 },
        { .offset = 4, .size = 4, .name = "b", .count = 2 },
        { .offset = 12, .size = 4, .name = "c" },
    };
    RegbankDesc d = { .name = "bad", .num_rows = 1, .size = 0x10 };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        d.rows = &bad[i];
        g_assert_cmpstr(regbank_check(&d), ==, bad[i].name);
    }
    d.rows = order;
    d.num_rows = 2;
    g_assert_cmpstr(regbank_check(&d), ==, "b");
    d.rows = overlap;
    d.num_rows = 3;
    g_assert_cmpstr(regbank_check(&d), ==, "b");
    g_assert_null(regbank_check(&desc));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/regbank/widths-match-model", test_widths);
    g_test_add_func("/regbank/random-matches-model", test_random);
    g_test_add_func("/regbank/beyond-is-hole", test_beyond);
    g_test_add_func("/regbank/half-updates-at-once", test_half_update);
    g_test_add_func("/regbank/hooks-once-per-row", test_hooks_once_per_row);
    g_test_add_func("/regbank/pre-can-refuse", test_veto);
    g_test_add_func("/regbank/reports-ignored-bits", test_ignored_bits);
    g_test_add_func("/regbank/write-once", test_once);
    g_test_add_func("/regbank/lock-groups", test_lock);
    g_test_add_func("/regbank/adopt", test_adopt);
    g_test_add_func("/regbank/differs", test_differs);
    g_test_add_func("/regbank/reset-kinds", test_reset);
    g_test_add_func("/regbank/get-set-bypass", test_get_set);
    g_test_add_func("/regbank/find", test_find);
    g_test_add_func("/regbank/refuses-bad-tables", test_bad_tables);
    return g_test_run();
}
