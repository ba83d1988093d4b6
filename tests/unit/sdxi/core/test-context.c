/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Context states in full, the table of contexts, and CXT_STS.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/context.h"
#include "tests/unit/sdxi/fake-guest.h"

/* Columns: JUMP, START_NM, START_RS, STOP, STOP_FN, ERROR; -1: no change */
static const struct {
    unsigned state;
    int next[SDXI_EVENTS];
} legal[] = {
    { STOP_SW, { -1, RUN, -1, -1, -1, ERR_FN } },
    { RUN, { RUN, RUN, -1, STOP_SW, STOP_FN, ERR_FN } },
    { STOPG_SW, { -1, -1, -1, STOP_SW, STOP_FN, ERR_FN } },
    { STOP_FN, { -1, RUN, RUN, -1, -1, ERR_FN } },
    { STOPG_FN, { -1, -1, -1, -1, STOP_FN, ERR_FN } },
    { ERR_FN, { -1, RUN, -1, -1, -1, -1 } },
};

static void test_states(void)
{
    unsigned seen = 0;

    for (unsigned state = 0; state < 16; state++) {
        for (unsigned e = 0; e < SDXI_EVENTS; e++) {
            SdxiCxtState next;
            SdxiCxtVerdict verdict = sdxi_context_next(state, e, &next);
            int want = -2;

            for (unsigned i = 0; i < ARRAY_SIZE(legal); i++) {
                if (legal[i].state == state) {
                    want = legal[i].next[e];
                }
            }
            g_assert_cmpint(verdict, ==, want == -2 ? SDXI_VERDICT_ILLEGAL
                            : want == -1 ? SDXI_VERDICT_STAY
                            : SDXI_VERDICT_GO);
            g_assert_cmpuint(next, ==, want < 0 ? state : want);
            seen += want >= 0;
        }
    }
    g_assert_cmpuint(seen, ==, 16);
}

static void test_table(void)
{
    SdxiContextTable table = { 0 };

    g_assert_null(sdxi_context_find(&table, 65535));
    g_assert_null(sdxi_context_from(&table, 0));
    for (unsigned n = 0; n < 65536; n += 257) {
        SdxiContext *cxt = sdxi_context_add(&table, n);

        cxt->geo.ring_entries = 1024;
        g_assert(sdxi_context_find(&table, n) == cxt);
    }
    g_assert_cmpstr(sdxi_context_check(&table), ==, NULL);
    for (unsigned n = 0; n < 65536; n++) {
        const SdxiContext *cxt = sdxi_context_from(&table, n);

        g_assert_nonnull(cxt);
        g_assert_cmpuint(cxt->number, ==, QEMU_ALIGN_UP(n, 257));
        g_assert(!!sdxi_context_find(&table, n) == (n % 257 == 0));
    }
    for (unsigned n = 0; n < 65536; n += 514) {
        sdxi_context_remove(&table, sdxi_context_find(&table, n));
        g_assert_null(sdxi_context_find(&table, n));
    }
    g_assert_cmpstr(sdxi_context_check(&table), ==, NULL);
    sdxi_context_remove_all(&table);
    g_assert_cmpuint(table.used, ==, 0);
    g_assert_null(sdxi_context_from(&table, 0));
}

/* The checker does find what is wrong. */
static void test_checker(void)
{
    SdxiContextTable table = { 0 };
    SdxiContext *cxt = sdxi_context_add(&table, 5);

    g_assert_nonnull(sdxi_context_check(&table));
    cxt->geo.ring_entries = 1024;
    g_assert_null(sdxi_context_check(&table));
    cxt->number = 6;
    g_assert_nonnull(sdxi_context_check(&table));
    cxt->number = 5;
    cxt->stopping_hard = true;
    g_assert_nonnull(sdxi_context_check(&table));
    cxt->stopping_hard = false;
    cxt->phase = SDXI_PHASE_EXECUTE;
    g_assert_nonnull(sdxi_context_check(&table));
    cxt->phase = SDXI_PHASE_NONE;
    table.used++;
    g_assert_nonnull(sdxi_context_check(&table));
    sdxi_context_remove_all(&table);
}

/* Only the state byte changes: neighbours are software's or ours to keep. */
static void test_status_bytes(void)
{
    FakeHost *g = guest_new(NULL);
    uint64_t rest = 0x123456789abc0100;

    guest_activate(g);
    guest_context(g, 1, 1, STOP_SW);
    fake_st(g, G_STS(1), rest);
    fake_st(g, G_STS(1) + 8, 77);
    fake_st(g, G_WIDX(1), 77);
    guest_start(g, 1);
    g_assert_cmphex(fake_ld(g, G_STS(1)), ==, rest | RUN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 77);
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    guest_run(g);
    g_assert_cmphex(fake_ld(g, G_STS(1)), ==, rest);
    guest_free(g);
}

static void huge(SdxiConfig *config)
{
    config->contexts = 65536;
}

/* 65,536 contexts configured cost nothing, one that runs little. */
static void test_memory(void)
{
    FakeHost *g = guest_new(huge);
    SdxiInfo info;

    g_assert_cmpuint(sizeof(SdxiContext), <=, 1024);
    guest_activate(g);
    for (unsigned n = 0; n < 65536; n++) {
        guest_ring(g, n, 0);
    }
    guest_run(g);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.running, ==, 1);
    guest_free(g);
}

static unsigned parts(const SdxiContextTable *table)
{
    unsigned n = 0;

    for (unsigned i = 0; i < SDXI_L2_ENTRIES; i++) {
        const SdxiContextBlock *block = table->block[i];

        n += block != NULL;
        for (unsigned k = 0; block && k < SDXI_ROWS; k++) {
            n += block->row[k] != NULL;
        }
    }
    return n;
}

/*
 * Idle contexts far apart share nothing, and cost 1 KiB at most all the same;
 * those that do not run cost nothing.
 */
static void test_far_apart(void)
{
    g_autofree SdxiContextTable *table = g_new0(SdxiContextTable, 1);
    const unsigned overhead = 32;       /* of an allocation, at most */

    for (unsigned n = 0; n < 65536; n += SDXI_L1_ENTRIES) {
        sdxi_context_add(table, n + n / SDXI_L1_ENTRIES % SDXI_L1_ENTRIES)
            ->geo.ring_entries = 1024;
    }
    g_assert_cmpstr(sdxi_context_check(table), ==, NULL);
    g_assert_cmpuint(parts(table), ==, 2 * SDXI_L2_ENTRIES);
    g_assert_cmpuint(sizeof(SdxiContext) + sizeof(SdxiContextRow) +
                     sizeof(SdxiContextBlock) + 3 * overhead, <=, 1024);
    for (SdxiContext *cxt; (cxt = sdxi_context_from(table, 0));) {
        sdxi_context_remove(table, cxt);
    }
    g_assert_cmpuint(parts(table), ==, 0);
    g_assert_cmpuint(table->used, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/context/states", test_states);
    g_test_add_func("/sdxi/context/table", test_table);
    g_test_add_func("/sdxi/context/checker", test_checker);
    g_test_add_func("/sdxi/context/status-bytes", test_status_bytes);
    g_test_add_func("/sdxi/context/memory", test_memory);
    g_test_add_func("/sdxi/context/far-apart", test_far_apart);
    return g_test_run();
}
