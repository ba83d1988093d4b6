/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-save: what is saved comes back, offers and records that wait
 * included; and what cannot be is refused by name.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

/* The room alone: version 1, nothing before and nothing after it. */
static GByteArray *save(const CxlDcView *view)
{
    SaveWriter w = { .out = g_byte_array_new() };

    cxl_dcd_save(view, &w);
    return w.out;
}

/* NULL, or the sentence that refuses @bytes. */
static char *load(FakeHost *h, const GByteArray *bytes)
{
    SaveReader r = {
        .at = bytes->data, .left = bytes->len, .section = "dcd", .version = 1,
    };

    cxl_memdev_rooms_renew(h->dev);
    cxl_dcd_load(&h->dev->dc_view, &r);
    return r.problem ?: g_strdup(cxl_dcd_check(&h->dev->dc_pool));
}

static FakeHost *filled(void)
{
    FakeHost *h = start();

    add(h, (CxlDcRequest) { .length = 4 * BLOCK, .tag = tag_a });
    respond(h, BASE0, 2 * BLOCK);
    for (unsigned i = 0; i < 12; i++) {
        add(h, (CxlDcRequest) { .length = BLOCK, .tag = { { 1 + i } } });
    }
    cxl_dcd_configure(&h->dev->dc_pool, 1, BLOCK / 2, true);
    return h;
}

static void test_round_trip(void)
{
    FakeHost *from = filled(), *to = start();
    g_autoptr(GByteArray) first = save(&from->dev->dc_view), second = NULL;

    g_assert_null(load(to, first));
    second = save(&to->dev->dc_view);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    g_assert_cmpuint(to->dev->dc_view.offers.count, ==, 12);
    g_assert_cmpuint(to->dev->dc_view.records.length, ==,
                     from->dev->dc_view.records.length);
    g_assert_cmphex(to->dev->dc_view.updates, ==, from->dev->dc_view.updates);
    fake_host_free(from);
    fake_host_free(to);
}

static void test_cut_at_every_byte(void)
{
    FakeHost *from = filled(), *to = start();
    g_autoptr(GByteArray) bytes = save(&from->dev->dc_view);

    while (bytes->len) {
        g_autofree char *problem = NULL;

        g_byte_array_set_size(bytes, bytes->len - 1);
        problem = load(to, bytes);
        g_assert_nonnull(problem);
    }
    fake_host_free(from);
    fake_host_free(to);
}

/* Each number of the state has its turn; none ends in anything but words. */
static void test_any_number(void)
{
    static const uint64_t odd[] = {
        0, 1, 7, BLOCK, BASE0, UINT32_MAX, INT64_MAX, UINT64_MAX,
    };
    FakeHost *from = filled(), *to = start();
    g_autoptr(GByteArray) bytes = save(&from->dev->dc_view);
    unsigned refused = 0;

    for (size_t at = 0; at + 8 <= bytes->len; at += 8) {
        uint64_t was = ldq_le_p(bytes->data + at);

        for (unsigned i = 0; i < ARRAY_SIZE(odd); i++) {
            g_autofree char *problem = NULL;

            stq_le_p(bytes->data + at, odd[i]);
            problem = load(to, bytes);
            refused += problem != NULL;
        }
        stq_le_p(bytes->data + at, was);
    }
    g_assert_cmpuint(refused, >, 100);
    fake_host_free(from);
    fake_host_free(to);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-save/round-trip", test_round_trip);
    g_test_add_func("/cxl/dcd-save/cut-at-every-byte",
                    test_cut_at_every_byte);
    g_test_add_func("/cxl/dcd-save/any-number", test_any_number);
    return g_test_run();
}
