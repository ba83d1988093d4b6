/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of translations: what is found, what is told apart, what stays when
 * others come, and what is asked for.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/atc-renew.h"

static const SdxiSpace here;
static uint8_t ram[4];          /* pages are never looked into */

static SdxiAtc *fresh(void)
{
    SdxiAtc *atc = g_new0(SdxiAtc, 1);

    sdxi_atc_renew(atc, 1, NULL);
    return atc;
}

static void done(SdxiAtc *atc)
{
    g_assert_cmpstr(sdxi_atc_check(atc), ==, NULL);
    g_free(atc);
}

static uint8_t *look(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                     uint64_t len, bool write)
{
    SdxiSpan *span = sdxi_atc_find(atc, space->target,
                                   sdxi_space_process(space), addr, len,
                                   write);

    return span ? span->host + (addr - span->addr) : NULL;
}

static void test_nothing(void)
{
    SdxiAtc *atc = fresh();

    g_assert_null(look(NULL, &here, 0, 1, false));
    g_assert_null(look(atc, &here, 0, 1, false));
    g_assert_null(look(atc, &here, UINT64_MAX, 1, true));
    g_assert_false(sdxi_atc_knows(NULL, &here, 0, false));
    g_assert_false(sdxi_atc_knows(atc, &here, 0, false));
    done(atc);
}

static void check_page(uint64_t page, uint64_t len)
{
    SdxiAtc *atc = fresh();

    sdxi_atc_insert(atc, &here, page, len, true, ram, false);
    g_assert_true(look(atc, &here, page, len, true) == ram);
    g_assert_true(look(atc, &here, page + len - 1, 1, true) == ram + len - 1);
    g_assert_null(look(atc, &here, page + len - 1, 2, true));
    g_assert_null(look(atc, &here, page, len + 1, true));
    g_assert_null(look(atc, &here, page, UINT64_MAX, true));
    g_assert_null(look(atc, &here, page + len, 1, true));
    g_assert_null(look(atc, &here, page - 1, 1, true));
    done(atc);
}

static void test_edges(void)
{
    check_page(0, SDXI_ATC_SMALL);
    check_page(0, SDXI_ATC_LARGE);
    check_page(UINT64_C(7) << 40, SDXI_ATC_SMALL);
    check_page(UINT64_C(7) << 40, SDXI_ATC_LARGE);
    check_page(-(uint64_t)SDXI_ATC_SMALL, SDXI_ATC_SMALL);
    check_page(-(uint64_t)SDXI_ATC_LARGE, SDXI_ATC_LARGE);
}

/* Nobody writes where only reading was asked for, and the other way round. */
static void test_rights(void)
{
    SdxiAtc *atc = fresh();

    sdxi_atc_insert(atc, &here, 0, SDXI_ATC_SMALL, false, ram, false);
    g_assert_nonnull(look(atc, &here, 0, 8, false));
    g_assert_null(look(atc, &here, 0, 8, true));
    g_assert_true(sdxi_atc_knows(atc, &here, 5, false));
    g_assert_false(sdxi_atc_knows(atc, &here, 5, true));
    sdxi_atc_insert(atc, &here, 0, SDXI_ATC_SMALL, true, ram, false);
    g_assert_nonnull(look(atc, &here, 0, 8, false));
    g_assert_nonnull(look(atc, &here, 0, 8, true));
    sdxi_atc_insert(atc, &here, 4096, SDXI_ATC_SMALL, true, ram, false);
    g_assert_null(look(atc, &here, 4096, 8, false));
    done(atc);
}

/* What is no RAM is known, too, for each direction by itself. */
static void test_no_ram(void)
{
    SdxiAtc *atc = fresh();

    sdxi_atc_insert(atc, &here, 0, SDXI_ATC_SMALL, true, NULL, false);
    g_assert_null(look(atc, &here, 0, 1, true));
    g_assert_null(look(atc, &here, 0, 1, false));
    g_assert_true(sdxi_atc_knows(atc, &here, 0, true));
    g_assert_false(sdxi_atc_knows(atc, &here, 0, false));
    /* as ROM */
    sdxi_atc_insert(atc, &here, 0, SDXI_ATC_SMALL, false, ram, false);
    g_assert_true(look(atc, &here, 0, 1, false) == ram);
    g_assert_null(look(atc, &here, 0, 1, true));
    g_assert_true(sdxi_atc_knows(atc, &here, 0, true));
    done(atc);
}

/* A second answer that contradicts the first takes its place. */
static void test_contradiction(void)
{
    SdxiAtc *atc = fresh();

    sdxi_atc_insert(atc, &here, 0, SDXI_ATC_SMALL, true, ram, false);
    sdxi_atc_insert(atc, &here, 0, SDXI_ATC_SMALL, false, ram + 1, false);
    g_assert_true(look(atc, &here, 0, 1, false) == ram + 1);
    g_assert_null(look(atc, &here, 0, 1, true));
    done(atc);
}

/* ---- pages in a row ---- */

#define PAGE SDXI_ATC_SMALL
#define BLOCK SDXI_ATC_BLOCK
#define PER_BLOCK (BLOCK / PAGE)

static uint8_t *row;            /* SDXI_ATC_LARGE bytes, and as many again */

/* All pages of the block at @addr but one, in any order. */
static void insert_all_but(SdxiAtc *atc, const SdxiSpace *space, uint64_t addr,
                           uint8_t *host, unsigned but)
{
    for (unsigned i = 0; i < PER_BLOCK; i++) {
        unsigned n = i * 5 % PER_BLOCK;

        if (n != but) {
            sdxi_atc_insert(atc, space, addr + n * PAGE, PAGE, true,
                            host + n * PAGE, false);
        }
    }
}

/* The last that comes makes it a block, whichever that is. */
static void test_block(void)
{
    for (unsigned but = 0; but < PER_BLOCK; but++) {
        SdxiAtc *atc = fresh();
        uint64_t at = 7 * BLOCK, gap = at + but * PAGE;

        insert_all_but(atc, &here, at, row, but);
        g_assert_cmpuint(atc->block, ==, 0);
        g_assert_null(look(atc, &here, at, BLOCK, true));
        sdxi_atc_insert(atc, &here, gap, PAGE, true, row + but * PAGE,
                        false);
        g_assert_true(look(atc, &here, at, BLOCK, true) == row);
        g_assert_true(look(atc, &here, at + 5, BLOCK - 5, true) == row + 5);
        g_assert_null(look(atc, &here, at + 5, BLOCK - 4, true));
        /* only writing was asked for */
        g_assert_null(look(atc, &here, at, 1, false));
        sdxi_atc_renew(atc, 2, NULL);
        g_assert_null(look(atc, &here, at, 1, true));
        done(atc);
    }
}

/* They lie in a row for the guest only, or are not all of one kind. */
static void test_no_block(void)
{
    static const SdxiSpace other = { .pasid_valid = true, .pasid = 5 };

    for (unsigned but = 0; but < PER_BLOCK; but++) {
        uint8_t *elsewhere = row + BLOCK + but * PAGE;
        uint64_t gap = but * PAGE;
        SdxiAtc *atc = fresh();

        insert_all_but(atc, &here, 0, row, but);
        sdxi_atc_insert(atc, &here, gap, PAGE, true, elsewhere, false);
        g_assert_cmpuint(atc->block, ==, 0);
        g_assert_true(look(atc, &here, gap, 1, true) == elsewhere);
        sdxi_atc_insert(atc, &here, gap, PAGE, true, NULL, false);
        sdxi_atc_renew(atc, 2, NULL);
        insert_all_but(atc, &here, 0, row, but);
        sdxi_atc_insert(atc, &here, gap, PAGE, true, NULL, false);
        sdxi_atc_insert(atc, &other, gap, PAGE, true, row + gap, false);
        g_assert_cmpuint(atc->block, ==, 0);
        g_assert_null(look(atc, &here, gap, 1, true));
        done(atc);
    }
}

/* What is true of each page is true of the block; the page says the rest. */
static void test_block_rights(void)
{
    SdxiAtc *atc = fresh();

    for (unsigned i = 0; i < PER_BLOCK; i++) {
        sdxi_atc_insert(atc, &here, i * PAGE, PAGE, false, row + i * PAGE,
                        i == 3);
    }
    g_assert_nonnull(look(atc, &here, 0, BLOCK, false));
    g_assert_false(sdxi_atc_knows(atc, &here, 0, true));
    /* one can be written as well, and is found */
    sdxi_atc_insert(atc, &here, 0, PAGE, true, row, false);
    g_assert_nonnull(look(atc, &here, 0, PAGE, true));
    g_assert_null(look(atc, &here, PAGE, 1, true));
    for (unsigned i = 1; i < PER_BLOCK; i++) {
        sdxi_atc_insert(atc, &here, i * PAGE, PAGE, true, row + i * PAGE,
                        false);
    }
    g_assert_nonnull(look(atc, &here, 0, BLOCK, true));
    g_assert_nonnull(look(atc, &here, 0, BLOCK, false));
    g_assert_true(sdxi_atc_find(atc, NULL, SDXI_NO_PROCESS, 0, BLOCK,
                                true)->watched);
    done(atc);
}

/* A page that contradicts its block leaves nothing of that. */
static void test_block_contradicted(void)
{
    SdxiAtc *atc = fresh();

    insert_all_but(atc, &here, 0, row, PER_BLOCK);
    g_assert_nonnull(look(atc, &here, 0, BLOCK, true));
    sdxi_atc_insert(atc, &here, PAGE, PAGE, true, row, false);
    g_assert_null(look(atc, &here, 0, BLOCK, true));
    g_assert_true(look(atc, &here, PAGE, 1, true) == row);
    g_assert_true(look(atc, &here, 2 * PAGE, 1, true) == row + 2 * PAGE);
    sdxi_atc_insert(atc, &here, PAGE, PAGE, true, row + PAGE, false);
    g_assert_nonnull(look(atc, &here, 0, BLOCK, true));
    sdxi_atc_insert(atc, &here, PAGE, PAGE, true, NULL, false);
    g_assert_null(look(atc, &here, 0, BLOCK, true));
    done(atc);
}

/* Blocks in a row are a large page in the end. */
static void test_blocks(void)
{
    SdxiAtc *atc = fresh();

    for (uint64_t n = SDXI_ATC_LARGE; n; n -= BLOCK) {
        g_assert_cmpuint(atc->large, ==, 0);
        insert_all_but(atc, &here, n - BLOCK, row + n - BLOCK, PER_BLOCK);
    }
    g_assert_true(look(atc, &here, 0, SDXI_ATC_LARGE, true) == row);
    sdxi_atc_insert(atc, &here, 9 * PAGE, PAGE, true, row, false);
    g_assert_null(look(atc, &here, 0, SDXI_ATC_LARGE, true));
    g_assert_null(look(atc, &here, 0, BLOCK, true));
    g_assert_nonnull(look(atc, &here, BLOCK, BLOCK, true));
    done(atc);
}

static SdxiSpan *row_of(SdxiAtc *atc, uint64_t addr, uint64_t len)
{
    return sdxi_atc_row(atc, 1, NULL, SDXI_NO_PROCESS, addr, len, true);
}

/* What is beside it is added, before and behind; what is elsewhere is not. */
static void test_row(void)
{
    SdxiAtc *atc = fresh();
    SdxiSpan *span;

    g_assert_null(row_of(atc, 0, 1));
    for (unsigned i = 2; i < 7; i++) {
        sdxi_atc_insert(atc, &here, i * PAGE, PAGE, true, row + i * PAGE,
                        i == 2);
    }
    span = row_of(atc, 4 * PAGE + 5, 10);
    g_assert_true(span->host == row + 4 * PAGE);
    g_assert_cmpuint(span->len, ==, PAGE);
    g_assert_false(span->watched);
    g_assert_null(row_of(atc, 6 * PAGE, PAGE + 1));
    span = row_of(atc, 5 * PAGE, 2 * PAGE);
    g_assert_cmphex(span->addr, ==, 4 * PAGE);
    g_assert_cmpuint(span->len, ==, 3 * PAGE);
    span = row_of(atc, 3 * PAGE + 1, 1);
    g_assert_cmphex(span->addr, ==, 3 * PAGE);
    g_assert_cmpuint(span->len, ==, 4 * PAGE);
    g_assert_true(span->host == row + 3 * PAGE);
    span = row_of(atc, 2 * PAGE, 2 * PAGE);
    g_assert_true(span->watched && span->writable);
    g_assert_cmpuint(span->len, ==, 5 * PAGE);
    /* in a row for the guest alone */
    sdxi_atc_insert(atc, &here, 7 * PAGE, PAGE, true, row, false);
    g_assert_null(row_of(atc, 6 * PAGE, 2 * PAGE));
    span = row_of(atc, 7 * PAGE, PAGE);
    g_assert_true(span->host == row);
    g_assert_cmpuint(span->len, ==, PAGE);
    done(atc);
}

/* A row of before, of another process or for reading is not used. */
static void test_row_ends(void)
{
    static const SdxiSpace other = { .pasid_valid = true, .pasid = 5 };
    SdxiAtc *atc = fresh();

    for (unsigned i = 0; i < 4; i++) {
        sdxi_atc_insert(atc, &here, i * PAGE, PAGE, true, row + i * PAGE,
                        false);
        sdxi_atc_insert(atc, &other, i * PAGE, PAGE, true,
                        row + BLOCK + i * PAGE, false);
    }
    g_assert_nonnull(row_of(atc, 0, 4 * PAGE));
    g_assert_null(sdxi_atc_row(atc, 1, NULL, SDXI_NO_PROCESS, 0, 1, false));
    g_assert_true(sdxi_atc_row(atc, 1, NULL, 5, 0, 4 * PAGE, true)->host ==
                  row + BLOCK);
    g_assert_true(row_of(atc, 0, 4 * PAGE)->host == row);
    /* one page is elsewhere now */
    sdxi_atc_insert(atc, &here, 2 * PAGE, PAGE, true, row, false);
    g_assert_null(row_of(atc, 0, 4 * PAGE));
    g_assert_true(row_of(atc, 2 * PAGE, PAGE)->host == row);
    sdxi_atc_insert(atc, &here, 2 * PAGE, PAGE, true, row + 2 * PAGE, false);
    g_assert_nonnull(row_of(atc, 0, 4 * PAGE));
    sdxi_atc_renew(atc, 2, NULL);
    g_assert_null(row_of(atc, 0, 1));
    done(atc);
}

/* A large page leaves nothing of a row that it contradicts, wherever it is. */
static void test_row_in_large(void)
{
    const uint64_t at = SDXI_ATC_LARGE, middle = at + 40 * PAGE;
    uint8_t *const hosts[] = { NULL, row, row + BLOCK };

    for (unsigned i = 0; i < G_N_ELEMENTS(hosts); i++) {
        SdxiAtc *atc = fresh();
        SdxiSpan *span;

        sdxi_atc_insert(atc, &here, middle, PAGE, true, row + 40 * PAGE, false);
        g_assert_nonnull(row_of(atc, middle, PAGE));
        sdxi_atc_insert(atc, &here, at, SDXI_ATC_LARGE, true, hosts[i], false);
        span = row_of(atc, middle, PAGE);
        if (hosts[i]) {
            g_assert_true(span->host + (middle - span->addr) ==
                          hosts[i] + 40 * PAGE);
        } else {
            g_assert_null(span);
        }
        done(atc);
    }
}

/* What is no RAM any more is not found, whatever the size of its page. */
static void test_no_ram_any_more(void)
{
    static const uint64_t lens[] = { SDXI_ATC_SMALL, SDXI_ATC_LARGE };

    for (unsigned i = 0; i < G_N_ELEMENTS(lens); i++) {
        SdxiAtc *atc = fresh();

        insert_all_but(atc, &here, 0, row, PER_BLOCK);
        sdxi_atc_insert(atc, &here, 0, PAGE, false, row, false);
        sdxi_atc_insert(atc, &here, 0, lens[i], true, NULL, false);
        g_assert_null(look(atc, &here, 0, 1, true));
        g_assert_true(sdxi_atc_knows(atc, &here, 0, true));
        g_assert_true(!look(atc, &here, 3 * PAGE, 1, true) ==
                      (lens[i] > 3 * PAGE));
        /* and it may be again */
        sdxi_atc_insert(atc, &here, 0, lens[i], true, row, false);
        g_assert_true(look(atc, &here, 0, 1, true) == row);
        done(atc);
    }
}

/* The last page of all has none behind it. */
static void test_row_wraps(void)
{
    SdxiAtc *atc = fresh();

    sdxi_atc_insert(atc, &here, -(uint64_t)PAGE, PAGE, true, row, false);
    sdxi_atc_insert(atc, &here, 0, PAGE, true, row + PAGE, false);
    g_assert_null(row_of(atc, -(uint64_t)PAGE, 2 * PAGE));
    g_assert_nonnull(row_of(atc, -(uint64_t)PAGE, PAGE));
    g_assert_cmpuint(row_of(atc, 0, PAGE)->len, ==, PAGE);
    g_assert_null(row_of(atc, -(uint64_t)PAGE, 2 * PAGE));
    done(atc);
}

static void test_told_apart(void)
{
    SdxiAtc *atc = fresh();
    SdxiPeer peer[2] = { };
    SdxiSpace space[6] = {
        { }, { .pasid_valid = true }, { .pasid_valid = true, .pasid = 0xfffff },
        { .target = &peer[0] }, { .target = &peer[1] },
        { .target = &peer[1], .pasid_valid = true, .pasid = 7 },
    };

    for (unsigned n = 0; n < 2; n++) {
        uint64_t len = n ? SDXI_ATC_LARGE : SDXI_ATC_SMALL;

        for (unsigned i = 0; i < ARRAY_SIZE(space); i++) {
            SdxiSpan *span;

            sdxi_atc_renew(atc, 100 * n + 10 * i, NULL);
            sdxi_atc_insert(atc, &space[i], 0, len, true, ram + n, i & 1);
            for (unsigned j = 0; j < ARRAY_SIZE(space); j++) {
                g_assert_cmpint(look(atc, &space[j], 8, 8, true) != NULL, ==,
                                i == j);
            }
            span = sdxi_atc_find(atc, space[i].target,
                                 sdxi_space_process(&space[i]), 8, 8, true);
            g_assert_cmpint(span->watched, ==, i & 1);
            g_assert_cmpuint(span->slot, ==, SDXI_SPANS);
            g_assert_true(span->target == space[i].target);
        }
    }
    done(atc);
}

/* Of another epoch there is nothing, whatever its number. */
static void test_epoch(void)
{
    SdxiAtc *atc = fresh();

    for (unsigned i = 0; i < 5; i++) {
        uint64_t len = i & 1 ? SDXI_ATC_LARGE : SDXI_ATC_SMALL;

        sdxi_atc_renew(atc, i - 2, NULL);
        g_assert_null(look(atc, &here, 0, 1, true));
        sdxi_atc_insert(atc, &here, 0, len, true, ram, false);
        sdxi_atc_renew(atc, i - 2, NULL);
        g_assert_nonnull(look(atc, &here, 0, 1, true));
    }
    done(atc);
}

/* @count pages that are in one set */
static void find_rivals(uint64_t *addr, unsigned count)
{
    uint64_t page = 0;

    for (unsigned n = 0; n < count; page++) {
        if (!sdxi_atc_set(page, SDXI_NO_PROCESS, SDXI_ATC_SMALL_BITS)) {
            addr[n++] = page * SDXI_ATC_SMALL;
        }
    }
}

/* What a copy uses stays while it is in use, wherever that is. */
static void test_four_stay(void)
{
    SdxiAtc *atc = fresh();
    GRand *rand = g_rand_new_with_seed(5);
    uint64_t rival[64], page[4];

    find_rivals(rival, ARRAY_SIZE(rival));
    for (unsigned i = 0; i < 200000; i++) {
        uint64_t len = g_rand_boolean(rand) ? SDXI_ATC_LARGE : SDXI_ATC_SMALL;
        uint64_t first = (uint64_t)g_rand_int(rand) * len;

        len = i % 3 ? len : SDXI_ATC_SMALL;
        for (unsigned n = 0; n < 4; n++) {
            page[n] = i % 3 ? first + (len << g_rand_int_range(rand, 0, 30))
                            : rival[g_rand_int_range(rand, 0, 64)];
            sdxi_atc_insert(atc, &here, page[n], len, n & 1, ram, false);
        }
        for (unsigned n = 0; n < 4; n++) {
            g_assert_nonnull(look(atc, &here, page[n], 1, n & 1));
        }
    }
    g_rand_free(rand);
    done(atc);
}

/* The place of one that is dropped is used before another goes. */
static void test_dropped_first(void)
{
    SdxiAtc *atc = fresh();
    SdxiInvalLog log = { .epoch = 1 };
    uint64_t page[6];

    find_rivals(page, 6);
    for (unsigned i = 0; i < 4; i++) {
        sdxi_atc_insert(atc, &here, page[i], SDXI_ATC_SMALL, true, ram, false);
    }
    sdxi_inval_log_add(&log, &(SdxiInval) {
        .first = page[2], .last = page[2], .process = SDXI_NO_PROCESS,
    });
    sdxi_atc_renew(atc, 2, &log);
    sdxi_atc_insert(atc, &here, page[4], SDXI_ATC_SMALL, true, ram, false);
    for (unsigned i = 0; i < 5; i++) {
        g_assert_true((i == 2) == !look(atc, &here, page[i], 1, true));
    }
    /* None is free now, and the oldest goes. */
    sdxi_atc_insert(atc, &here, page[5], SDXI_ATC_SMALL, true, ram, false);
    g_assert_null(look(atc, &here, page[0], 1, true));
    g_assert_nonnull(look(atc, &here, page[1], 1, true));
    done(atc);
}

/* Whatever is put in, what is found is what was put in last. */
static void test_model(void)
{
    enum { PAGES = 32768 };
    SdxiAtc *atc = fresh();
    GRand *rand = g_rand_new_with_seed(6);
    uint8_t *model[PAGES] = { };
    unsigned hits = 0;

    for (unsigned i = 0; i < 400000; i++) {
        unsigned page = g_rand_int_range(rand, 0, PAGES);
        uint8_t *found = look(atc, &here, page * SDXI_ATC_SMALL, 64, true);

        g_assert_true(!found || found == model[page]);
        hits += found != NULL;
        if (!found) {
            model[page] = ram + g_rand_int_range(rand, 0, sizeof(ram));
            sdxi_atc_insert(atc, &here, page * SDXI_ATC_SMALL, SDXI_ATC_SMALL,
                            true, model[page], false);
        }
        if (i % 100000 == 99999) {
            sdxi_atc_renew(atc, i, NULL);
            memset(model, 0, sizeof(model));
            g_assert_cmpstr(sdxi_atc_check(atc), ==, NULL);
        }
    }
    /* A quarter of the pages fits. */
    g_assert_cmpuint(hits, >, 50000);
    g_rand_free(rand);
    done(atc);
}

/* Neighbours do not get into each other's way. */
static void test_spread(void)
{
    for (unsigned shift = 0; shift < 12; shift++) {
        SdxiAtc *atc = fresh();
        unsigned found = 0;

        for (uint64_t i = 0; i < 4096; i++) {
            sdxi_atc_insert(atc, &here, (i << shift) * SDXI_ATC_SMALL,
                            SDXI_ATC_SMALL, true, ram, false);
        }
        for (uint64_t i = 0; i < 4096; i++) {
            found += look(atc, &here, (i << shift) * SDXI_ATC_SMALL, 1,
                          true) != NULL;
        }
        g_assert_cmpuint(found, >, 3200);
        done(atc);
    }
}

static void check_part(uint64_t addr, uint64_t at, uint64_t mask,
                       uint64_t start, uint64_t len, uint64_t leads_to)
{
    uint64_t s, n;

    g_assert_cmphex(sdxi_atc_page(addr, at, mask, &s, &n), ==, leads_to);
    g_assert_cmphex(s, ==, start);
    g_assert_cmphex(n, ==, len);
}

static void test_page(void)
{
    uint64_t large = SDXI_ATC_LARGE - 1;

    check_part(0x1234567, 0x9876000, 0xfff, 0x1234000, 4096, 0x9876000);
    check_part(0x1234567, 0x9800000, large, 0x1200000, 2 * MiB, 0x9800000);
    /* of 1 GiB, of everything, and too small */
    check_part(0x41234567, 0x80000000, 1 * GiB - 1, 0x41200000, 2 * MiB,
               0x81200000);
    check_part(0x41234567, 0, UINT64_MAX, 0x41200000, 2 * MiB, 0x41200000);
    check_part(0x1234, 0x5000, 0x3ff, 0x1234, 0, 0x5234);
}

/* ---- wants ---- */

static void test_wants(void)
{
    const SdxiSpace process = { .pasid_valid = true, .pasid = 3 };
    SdxiAtc *atc = fresh();
    SdxiWants *wants = g_new0(SdxiWants, 1);

    sdxi_atc_insert(atc, &here, 0, SDXI_ATC_SMALL, true, ram, false);
    g_assert_true(sdxi_wants_add(wants, atc, &here, 17, true));
    g_assert_cmpuint(wants->count, ==, 0);
    g_assert_true(sdxi_wants_add(wants, atc, &here, 17, false));
    g_assert_true(sdxi_wants_add(wants, atc, &here, 4095, false));
    g_assert_cmpuint(wants->count, ==, 1);
    g_assert_true(sdxi_wants_add(wants, atc, &process, 17, true));
    g_assert_cmpuint(wants->count, ==, 2);
    g_assert_cmphex(wants->want[1].addr, ==, 0);
    g_assert_cmpuint(wants->want[1].space.pasid, ==, 3);
    g_assert_true(wants->want[1].write);
    g_assert_true(sdxi_wants_add_range(wants, atc, &here, 4090, 4102 + 1,
                                       true));
    g_assert_cmpuint(wants->count, ==, 4);
    g_assert_cmphex(wants->want[3].addr, ==, 8192);
    g_free(wants);
    done(atc);
}

/* Both sides take turns, and the longest copy fits. */
static void test_wants_copy(void)
{
    SdxiWants *wants = g_new0(SdxiWants, 1);
    uint64_t next[2] = { 0x10000, 0x200000 };

    g_assert_true(sdxi_wants_add_copy(wants, NULL, &here, 0x10fff, &here,
                                      0x200800, SDXI_HOST_CHUNK));
    g_assert_cmpuint(wants->count, ==, SDXI_WANTS);
    for (unsigned i = 0; i < wants->count; i++) {
        const SdxiWant *w = &wants->want[i];

        g_assert_cmphex(w->addr, ==, next[w->write]);
        next[w->write] += SDXI_ATC_SMALL;
        g_assert_cmphex(MAX(next[0] - 0x10000, next[1] - 0x200000), <=,
                        MIN(next[0] - 0x10000, next[1] - 0x200000) +
                        2 * SDXI_ATC_SMALL);
    }
    g_assert_false(sdxi_wants_add(wants, NULL, &here, 0, false));
    g_assert_cmpuint(wants->count, ==, SDXI_WANTS);
    g_free(wants);
}

static void test_hears_of(void)
{
    g_assert_true(sdxi_atc_hears_of("intel-iommu-iommu-memory-region"));
    g_assert_true(sdxi_atc_hears_of("virtio-iommu-memory-region"));
    g_assert_false(sdxi_atc_hears_of("riscv-iommu-memory-region"));
    g_assert_false(sdxi_atc_hears_of(""));
}

int main(int argc, char **argv)
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    row = g_malloc(2 * SDXI_ATC_LARGE);
    g_test_add_func("/sdxi/atc/block", test_block);
    g_test_add_func("/sdxi/atc/no-block", test_no_block);
    g_test_add_func("/sdxi/atc/block-rights", test_block_rights);
    g_test_add_func("/sdxi/atc/block-contradicted", test_block_contradicted);
    g_test_add_func("/sdxi/atc/blocks", test_blocks);
    g_test_add_func("/sdxi/atc/row", test_row);
    g_test_add_func("/sdxi/atc/row-ends", test_row_ends);
    g_test_add_func("/sdxi/atc/row-in-large", test_row_in_large);
    g_test_add_func("/sdxi/atc/no-ram-any-more", test_no_ram_any_more);
    g_test_add_func("/sdxi/atc/row-wraps", test_row_wraps);
    g_test_add_func("/sdxi/atc/nothing", test_nothing);
    g_test_add_func("/sdxi/atc/edges", test_edges);
    g_test_add_func("/sdxi/atc/rights", test_rights);
    g_test_add_func("/sdxi/atc/no-ram", test_no_ram);
    g_test_add_func("/sdxi/atc/contradiction", test_contradiction);
    g_test_add_func("/sdxi/atc/told-apart", test_told_apart);
    g_test_add_func("/sdxi/atc/epoch", test_epoch);
    g_test_add_func("/sdxi/atc/four-stay", test_four_stay);
    g_test_add_func("/sdxi/atc/dropped-first", test_dropped_first);
    g_test_add_func("/sdxi/atc/model", test_model);
    g_test_add_func("/sdxi/atc/spread", test_spread);
    g_test_add_func("/sdxi/atc/page", test_page);
    g_test_add_func("/sdxi/atc/wants", test_wants);
    g_test_add_func("/sdxi/atc/wants-copy", test_wants_copy);
    g_test_add_func("/sdxi/atc/hears-of", test_hears_of);
    failed = g_test_run();
    g_free(row);
    return failed;
}
