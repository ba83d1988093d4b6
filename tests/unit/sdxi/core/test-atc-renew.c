/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a cache of translations stays after invalidations, and what does not:
 * by size of page, by process, and for those who come too late.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/atc-renew.h"

#define PAGE    SDXI_ATC_SMALL
#define BLOCK   SDXI_ATC_BLOCK
#define LARGE   SDXI_ATC_LARGE

static const SdxiSpace here;
static const SdxiSpace process = { .pasid_valid = true, .pasid = 5 };
static uint8_t *ram;            /* 2 * LARGE bytes */

typedef struct Rig {
    SdxiAtc *atc;
    SdxiInvalLog *log;
} Rig;

static Rig set_up(void)
{
    return (Rig) { g_new0(SdxiAtc, 1), g_new0(SdxiInvalLog, 1) };
}

static void tear_down(Rig *r)
{
    g_assert_cmpstr(sdxi_atc_check(r->atc), ==, NULL);
    g_free(r->atc);
    g_free(r->log);
}

static void insert(Rig *r, const SdxiSpace *space, uint64_t addr, uint64_t len)
{
    sdxi_atc_insert(r->atc, space, addr, len, true, ram + addr % LARGE, false);
}

static bool is_there(Rig *r, const SdxiSpace *space, uint64_t addr)
{
    return sdxi_atc_find(r->atc, space->target, sdxi_space_process(space),
                         addr, 1, true);
}

static void say(Rig *r, uint64_t first, uint64_t last, uint32_t pasid)
{
    SdxiInval v = { .first = first, .last = last, .process = pasid };

    sdxi_inval_log_add(r->log, &v);
}

static void renew(Rig *r)
{
    sdxi_atc_renew(r->atc, r->log->epoch, r->log);
    g_assert_cmpuint(r->atc->epoch, ==, r->log->epoch);
}

static void invalidate(Rig *r, uint64_t first, uint64_t last, uint32_t pasid)
{
    say(r, first, last, pasid);
    renew(r);
}

/* Each page that is met is gone, and its neighbours are there. */
static void test_range(void)
{
    static const struct { uint64_t len, first, last, gone, end; } cases[] = {
        { PAGE, 5 * PAGE, 6 * PAGE - 1, 5, 6 },
        { PAGE, 5 * PAGE, 5 * PAGE, 5, 6 },
        { PAGE, 6 * PAGE - 1, 6 * PAGE, 5, 7 },
        { PAGE, 0, 3 * PAGE - 1, 0, 3 },
        { PAGE, 9 * PAGE + 5, UINT64_MAX, 9, 16 },
        { LARGE, 5 * LARGE + PAGE, 5 * LARGE + 2 * PAGE - 1, 5, 6 },
        { LARGE, 6 * LARGE - 1, 8 * LARGE, 5, 9 },
        { LARGE, 3 * LARGE, UINT64_MAX - 1, 3, 16 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Rig r = set_up();

        for (unsigned n = 0; n < 16; n++) {
            /* not in a row */
            sdxi_atc_insert(r.atc, &here, n * cases[i].len, cases[i].len,
                            true, ram, false);
        }
        invalidate(&r, cases[i].first, cases[i].last, SDXI_NO_PROCESS);
        for (unsigned n = 0; n < 16; n++) {
            g_assert_cmpint(is_there(&r, &here, n * cases[i].len), ==,
                            n < cases[i].gone || n >= cases[i].end);
        }
        tear_down(&r);
    }
}

/* What a page was a part of is gone with it, and its neighbours are not. */
static void test_row(void)
{
    Rig r = set_up();
    SdxiSpan *span;

    for (uint64_t n = 0; n < LARGE; n += PAGE) {
        insert(&r, &here, n, PAGE);
    }
    g_assert_cmpuint(r.atc->large, ==, 1);
    span = sdxi_atc_row(r.atc, 2, NULL, SDXI_NO_PROCESS, 0, LARGE, true);
    g_assert_nonnull(span);
    invalidate(&r, 7 * PAGE, 8 * PAGE - 1, SDXI_NO_PROCESS);
    g_assert_cmpuint(span->len, ==, 0);
    for (uint64_t n = 0; n < LARGE; n += PAGE) {
        g_assert_cmpint(is_there(&r, &here, n), ==, n != 7 * PAGE);
    }
    g_assert_null(sdxi_atc_row(r.atc, 2, NULL, SDXI_NO_PROCESS, 6 * PAGE,
                               PAGE + 1, true));
    g_assert_nonnull(sdxi_atc_row(r.atc, 2, NULL, SDXI_NO_PROCESS, BLOCK,
                                  LARGE - BLOCK, true));
    /* Once it is there again, so is all of it. */
    insert(&r, &here, 7 * PAGE, PAGE);
    g_assert_nonnull(sdxi_atc_find(r.atc, NULL, SDXI_NO_PROCESS, 0, LARGE,
                                   true));
    tear_down(&r);
}

static void insert_part(Rig *r, uint64_t addr, uint64_t len, uint64_t mask)
{
    sdxi_atc_insert_part(r->atc, &here, addr, len, mask, true,
                         ram + addr % LARGE, false);
}

/* Whichever part is named, the page of the I/O MMU is void, and no other. */
static void test_part(void)
{
    Rig r = set_up();

    insert_part(&r, 3 * LARGE, PAGE, PAGE - 1);
    g_assert_cmpuint(r.atc->parts, ==, 0);
    /* 64 KiB, of which two pages were asked for */
    insert_part(&r, 5 * BLOCK + PAGE, PAGE, BLOCK - 1);
    insert_part(&r, 5 * BLOCK + 9 * PAGE, PAGE, BLOCK - 1);
    insert(&r, &here, 6 * BLOCK, PAGE);
    insert(&r, &here, 4 * BLOCK + 15 * PAGE, PAGE);
    /* 1 GiB */
    insert_part(&r, 2 * GiB, LARGE, GiB - 1);
    insert_part(&r, 3 * GiB - LARGE, LARGE, GiB - 1);
    invalidate(&r, 5 * BLOCK, 5 * BLOCK, SDXI_NO_PROCESS);
    g_assert_false(is_there(&r, &here, 5 * BLOCK + PAGE));
    g_assert_false(is_there(&r, &here, 5 * BLOCK + 9 * PAGE));
    g_assert_true(is_there(&r, &here, 6 * BLOCK));
    g_assert_true(is_there(&r, &here, 4 * BLOCK + 15 * PAGE));
    g_assert_true(is_there(&r, &here, 3 * LARGE));
    g_assert_true(is_there(&r, &here, 2 * GiB));
    invalidate(&r, 2 * GiB + 50 * LARGE, 2 * GiB + 50 * LARGE,
               SDXI_NO_PROCESS);
    g_assert_false(is_there(&r, &here, 2 * GiB));
    g_assert_false(is_there(&r, &here, 3 * GiB - LARGE));
    g_assert_true(is_there(&r, &here, 6 * BLOCK));
    /* the largest there is */
    insert_part(&r, 64 * LARGE, LARGE, UINT64_MAX);
    invalidate(&r, 0, 0, SDXI_NO_PROCESS);
    g_assert_false(is_there(&r, &here, 64 * LARGE));
    g_assert_true(is_there(&r, &here, 6 * BLOCK));
    tear_down(&r);
}

/* Blocks and rows are as large as the largest page that is a part of them. */
static void test_joined_parts(void)
{
    Rig r = set_up();

    for (unsigned i = 0; i < BLOCK / PAGE; i++) {
        insert_part(&r, LARGE + i * PAGE, PAGE, i == 3 ? LARGE - 1 : PAGE - 1);
    }
    g_assert_cmpuint(r.atc->block, ==, 1);
    g_assert_nonnull(sdxi_atc_row(r.atc, 1, NULL, SDXI_NO_PROCESS, LARGE,
                                  BLOCK, true));
    invalidate(&r, 2 * LARGE - 1, 2 * LARGE - 1, SDXI_NO_PROCESS);
    g_assert_null(sdxi_atc_row(r.atc, 1, NULL, SDXI_NO_PROCESS, LARGE, BLOCK,
                               true));
    for (unsigned i = 0; i < BLOCK / PAGE; i++) {
        g_assert_cmpint(is_there(&r, &here, LARGE + i * PAGE), ==, i != 3);
    }
    tear_down(&r);
}

static void put_both(Rig *r)
{
    SdxiSpace other = { .pasid_valid = true, .pasid = 6 };

    insert(r, &here, PAGE, PAGE);
    insert(r, &process, PAGE, PAGE);
    insert(r, &other, PAGE, PAGE);
    insert(r, &process, 3 * LARGE, LARGE);
}

/* Those of other processes stay, unless none is named. */
static void test_process(void)
{
    SdxiSpace other = { .pasid_valid = true, .pasid = 6 };
    Rig r = set_up();

    put_both(&r);
    invalidate(&r, PAGE, PAGE, 5);
    g_assert_false(is_there(&r, &here, PAGE));
    g_assert_false(is_there(&r, &process, PAGE));
    g_assert_true(is_there(&r, &other, PAGE));
    g_assert_true(is_there(&r, &process, 3 * LARGE));
    put_both(&r);
    invalidate(&r, 0, UINT64_MAX - 1, 7);
    g_assert_false(is_there(&r, &here, PAGE));
    g_assert_true(is_there(&r, &process, PAGE));
    invalidate(&r, 100 * LARGE, 100 * LARGE, SDXI_NO_PROCESS);
    g_assert_false(is_there(&r, &process, PAGE));
    g_assert_false(is_there(&r, &other, PAGE));
    g_assert_false(is_there(&r, &process, 3 * LARGE));
    /* Without processes, it is a range again. */
    insert(&r, &here, PAGE, PAGE);
    invalidate(&r, 100 * LARGE, 100 * LARGE, SDXI_NO_PROCESS);
    g_assert_true(is_there(&r, &here, PAGE));
    tear_down(&r);
}

/* Another function's pages are no better. */
static void test_target(void)
{
    SdxiPeer peer = { };
    SdxiSpace there = { .target = &peer };
    Rig r = set_up();

    insert(&r, &there, PAGE, PAGE);
    insert(&r, &there, 2 * PAGE, PAGE);
    invalidate(&r, PAGE, PAGE, SDXI_NO_PROCESS);
    g_assert_false(is_there(&r, &there, PAGE));
    g_assert_true(is_there(&r, &there, 2 * PAGE));
    tear_down(&r);
}

/* Several at once, in any number that the log has. */
static void test_several(void)
{
    Rig r = set_up();

    for (unsigned count = 1; count < SDXI_INVALS; count++) {
        insert(&r, &here, PAGE, PAGE);
        insert(&r, &here, 2 * PAGE, PAGE);
        for (unsigned i = 0; i < count; i++) {
            uint64_t at = i == count / 2 ? PAGE : (100 + i) * PAGE;

            say(&r, at, at, SDXI_NO_PROCESS);
        }
        renew(&r);
        g_assert_false(is_there(&r, &here, PAGE));
        g_assert_true(is_there(&r, &here, 2 * PAGE));
    }
    tear_down(&r);
}

/* One more than the log has: nothing is known. */
static void test_lapped(void)
{
    Rig r = set_up();

    insert(&r, &here, PAGE, PAGE);
    for (unsigned i = 0; i < SDXI_INVALS; i++) {
        say(&r, 100 * PAGE, 100 * PAGE, SDXI_NO_PROCESS);
    }
    renew(&r);
    g_assert_false(is_there(&r, &here, PAGE));
    /* The same while it reads */
    insert(&r, &here, PAGE, PAGE);
    say(&r, 100 * PAGE, 100 * PAGE, SDXI_NO_PROCESS);
    for (unsigned i = 0; i < SDXI_INVALS; i++) {
        say(&r, 200 * PAGE, 200 * PAGE, SDXI_NO_PROCESS);
    }
    sdxi_atc_renew(r.atc, r.log->epoch - SDXI_INVALS, r.log);
    g_assert_false(is_there(&r, &here, PAGE));
    tear_down(&r);
}

/* What is too much to look for, what is everything, and who has no log */
static void test_too_much(void)
{
    Rig r = set_up();

    for (unsigned i = 0; i < 20; i++) {
        say(&r, 1ull << 50, 1ull << 60, SDXI_NO_PROCESS);
    }
    renew(&r);
    insert(&r, &here, PAGE, PAGE);
    for (unsigned i = 0; i < 3; i++) {
        say(&r, 1ull << 50, 1ull << 60, SDXI_NO_PROCESS);
    }
    renew(&r);
    g_assert_true(is_there(&r, &here, PAGE));
    for (unsigned i = 0; i < 20; i++) {
        say(&r, 1ull << 50, 1ull << 60, SDXI_NO_PROCESS);
    }
    renew(&r);
    g_assert_false(is_there(&r, &here, PAGE));

    insert(&r, &here, PAGE, PAGE);
    sdxi_inval_log_add(r.log, &SDXI_INVAL_ALL);
    renew(&r);
    g_assert_false(is_there(&r, &here, PAGE));

    insert(&r, &here, PAGE, PAGE);
    say(&r, 3 * PAGE, 2 * PAGE, SDXI_NO_PROCESS);
    renew(&r);
    g_assert_false(is_there(&r, &here, PAGE));

    insert(&r, &here, PAGE, PAGE);
    sdxi_atc_renew(r.atc, r.log->epoch + 1, NULL);
    g_assert_false(is_there(&r, &here, PAGE));
    tear_down(&r);
}

/* After the last number comes the first, of which there is nothing left. */
static void test_generations(void)
{
    Rig r = set_up();

    insert(&r, &here, PAGE, PAGE);
    r.atc->generation = UINT32_MAX;
    insert(&r, &here, 2 * PAGE, PAGE);
    sdxi_inval_log_add(r.log, &SDXI_INVAL_ALL);
    renew(&r);
    g_assert_cmpuint(r.atc->generation, ==, 0);
    g_assert_false(is_there(&r, &here, PAGE));
    g_assert_false(is_there(&r, &here, 2 * PAGE));
    tear_down(&r);
}

int main(int argc, char **argv)
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    ram = g_malloc(2 * LARGE);
    g_test_add_func("/sdxi/atc-renew/range", test_range);
    g_test_add_func("/sdxi/atc-renew/row", test_row);
    g_test_add_func("/sdxi/atc-renew/part", test_part);
    g_test_add_func("/sdxi/atc-renew/joined-parts", test_joined_parts);
    g_test_add_func("/sdxi/atc-renew/process", test_process);
    g_test_add_func("/sdxi/atc-renew/target", test_target);
    g_test_add_func("/sdxi/atc-renew/several", test_several);
    g_test_add_func("/sdxi/atc-renew/lapped", test_lapped);
    g_test_add_func("/sdxi/atc-renew/too-much", test_too_much);
    g_test_add_func("/sdxi/atc-renew/generations", test_generations);
    failed = g_test_run();
    g_free(ram);
    return failed;
}
