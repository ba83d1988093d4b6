/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page requests: one at a time, each with an index of its own, and an access
 * ends after a refusal or when the page was granted too often.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/page-request.h"

#define PAGE 0x1000

static SdxiPageStep next(SdxiPageRequest *r, uint64_t page)
{
    return sdxi_page_request_next(r, 7, page);
}

static void test_one_at_a_time(void)
{
    SdxiPageRequest r = { };

    g_assert_cmpint(next(&r, PAGE), ==, SDXI_PAGE_SEND);
    g_assert_cmpuint(r.prgi, ==, 1);
    g_assert_cmpint(next(&r, PAGE), ==, SDXI_PAGE_WAIT);
    g_assert_cmpint(next(&r, 2 * PAGE), ==, SDXI_PAGE_WAIT);
    g_assert_true(sdxi_page_request_answer(&r, 1, true));
    g_assert_cmpint(next(&r, 2 * PAGE), ==, SDXI_PAGE_SEND);
    g_assert_cmpuint(r.prgi, ==, 2);
}

/* Of another request, a second time, or when nobody waits */
static void test_other_answers(void)
{
    SdxiPageRequest r = { };

    g_assert_false(sdxi_page_request_answer(&r, 0, true));
    next(&r, PAGE);
    g_assert_false(sdxi_page_request_answer(&r, 0, false));
    g_assert_false(sdxi_page_request_answer(&r, 2, false));
    g_assert_true(r.pending);
    g_assert_true(sdxi_page_request_answer(&r, 1, true));
    g_assert_false(sdxi_page_request_answer(&r, 1, false));
    g_assert_false(r.refused);
}

/* A refusal ends one access; the next one asks again. */
static void test_refused(void)
{
    SdxiPageRequest r = { };

    next(&r, PAGE);
    g_assert_true(sdxi_page_request_answer(&r, 1, false));
    g_assert_cmpint(next(&r, PAGE), ==, SDXI_PAGE_FAULT);
    g_assert_cmpint(next(&r, PAGE), ==, SDXI_PAGE_SEND);
    g_assert_true(sdxi_page_request_answer(&r, 2, false));
    /* It was another page that was refused, or another process's. */
    g_assert_cmpint(next(&r, 2 * PAGE), ==, SDXI_PAGE_SEND);
    g_assert_true(sdxi_page_request_answer(&r, 3, false));
    g_assert_cmpint(sdxi_page_request_next(&r, 8, 2 * PAGE), ==,
                    SDXI_PAGE_SEND);
}

static void test_granted_and_gone(void)
{
    SdxiPageRequest r = { };

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < SDXI_PAGE_TRIES; i++) {
            g_assert_cmpint(next(&r, PAGE), ==, SDXI_PAGE_SEND);
            g_assert_true(sdxi_page_request_answer(&r, r.prgi, true));
        }
        g_assert_cmpint(next(&r, PAGE), ==, SDXI_PAGE_FAULT);
    }
    /* Another page starts to count anew. */
    next(&r, PAGE);
    sdxi_page_request_answer(&r, r.prgi, true);
    next(&r, 2 * PAGE);
    g_assert_cmpuint(r.tries, ==, 1);
}

static void test_unsent(void)
{
    SdxiPageRequest r = { };

    next(&r, PAGE);
    sdxi_page_request_unsent(&r);
    g_assert_false(sdxi_page_request_answer(&r, 1, true));
    g_assert_cmpint(next(&r, PAGE), ==, SDXI_PAGE_SEND);
}

/* An index does not come again soon, not even after a reset. */
static void test_indices(void)
{
    SdxiPageRequest r = { };

    next(&r, PAGE);
    sdxi_page_request_forget(&r);
    g_assert_false(r.pending);
    g_assert_false(sdxi_page_request_answer(&r, 1, true));
    for (unsigned i = 2; i < 1200; i++) {
        g_assert_cmpint(next(&r, i * PAGE), ==, SDXI_PAGE_SEND);
        g_assert_cmpuint(r.prgi, ==, i % 512);
        g_assert_true(sdxi_page_request_answer(&r, r.prgi, true));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/page-request/one-at-a-time", test_one_at_a_time);
    g_test_add_func("/sdxi/page-request/other-answers", test_other_answers);
    g_test_add_func("/sdxi/page-request/refused", test_refused);
    g_test_add_func("/sdxi/page-request/granted-and-gone",
                    test_granted_and_gone);
    g_test_add_func("/sdxi/page-request/unsent", test_unsent);
    g_test_add_func("/sdxi/page-request/indices", test_indices);
    return g_test_run();
}
