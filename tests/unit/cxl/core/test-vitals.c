/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each fact by its name: both ends of its range are kept as they are and are
 * taken by the device, what is beyond is refused in words, and no fact moves
 * another one.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/vitals.h"
#include "tests/unit/cxl/fake-host.h"

static const CxlVital *named(const char *name)
{
    const CxlVital *v;

    for (unsigned n = 0; (v = cxl_vital(n)); n++) {
        if (!strcmp(v->name, name)) {
            return v;
        }
    }
    g_error("no fact is called %s", name);
}

static void expect(const CxlVital *v, CxlHealthFacts *facts, int64_t value)
{
    g_assert_null(cxl_vital_set(v, facts, value));
    g_assert_cmpint(cxl_vital_get(v, facts), ==, value);
}

static void refused(const CxlVital *v, CxlHealthFacts *facts, int64_t value)
{
    int64_t before = cxl_vital_get(v, facts);
    g_autofree char *problem = cxl_vital_set(v, facts, value);
    g_autofree char *start = g_strdup_printf("property '%s': %" PRId64 " is",
                                             v->name, value);

    g_assert_nonnull(problem);
    g_assert_true(g_str_has_prefix(problem, start));
    g_assert_cmpint(cxl_vital_get(v, facts), ==, before);
}

static void test_ranges(void)
{
    FakeHost *h = fake_host_default();
    CxlHealthFacts facts = { };
    const CxlVital *v;

    for (unsigned n = 0; (v = cxl_vital(n)); n++) {
        expect(v, &facts, v->min);
        cxl_health_update(&h->dev->health, &facts);
        expect(v, &facts, v->max);
        cxl_health_update(&h->dev->health, &facts);
        refused(v, &facts, v->min - 1);
        refused(v, &facts, v->max + 1);
        refused(v, &facts, INT64_MIN);
        refused(v, &facts, INT64_MAX);
        g_assert_cmpuint(strlen(v->text), >, 10);
    }
    fake_check(h);
    fake_host_free(h);
}

/* A fact that is set is the one of that name, and all others stay. */
static void test_members(void)
{
    CxlHealthFacts facts = { };
    const CxlVital *v;

    expect(named("temperature"), &facts, -40);
    expect(named("life-used"), &facts, 11);
    expect(named("health-status"), &facts, 5);
    expect(named("media-status"), &facts, 3);
    expect(named("corrected-volatile-errors"), &facts, 0xfedcba98);
    expect(named("corrected-persistent-errors"), &facts, 77);
    g_assert_cmpint(facts.temperature, ==, -40);
    g_assert_cmpuint(facts.life_used, ==, 11);
    g_assert_cmpuint(facts.status, ==, 5);
    g_assert_cmpuint(facts.media_status, ==, 3);
    g_assert_cmphex(facts.corrected_volatile, ==, 0xfedcba98);
    g_assert_cmpuint(facts.corrected_persistent, ==, 77);
    v = named("corrected-volatile-errors");
    g_assert_cmpint(cxl_vital_get(v, &facts), ==, 0xfedcba98);
    g_assert_null(cxl_vital(6));
}

/* All ones is how the wire format says that nobody knows. */
static void test_temperature(void)
{
    CxlHealthFacts facts = { };
    const CxlVital *v = named("temperature");

    expect(v, &facts, 32766);
    refused(v, &facts, 32767);
    expect(v, &facts, -32768);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/vitals/ranges", test_ranges);
    g_test_add_func("/cxl/vitals/members", test_members);
    g_test_add_func("/cxl/vitals/temperature", test_temperature);
    return g_test_run();
}
