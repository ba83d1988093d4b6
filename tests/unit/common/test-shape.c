/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/common/shape: a machine of the same shape is accepted whatever its parts
 * are called; every difference is told by part, property and both values; and
 * nothing that a stream says is believed.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/save.h"
#include "hw/common/shape.h"

/* A machine as it is saved; tests change one thing of it. */
typedef struct Machine {
    const char *name;               /* of the first device */
    const char *decoders;
    const char *file;
    const char *late;               /* a property that only some know */
    bool second;                    /* is there another device? */
    bool renamed;                   /* parts without a place have new names */
    const char *nodes;
} Machine;

static const Machine usual = {
    .name = "mem0", .decoders = "4", .second = true, .nodes = "2-3",
};

static Shapes *build(const Machine *m)
{
    Shapes *s = shapes_new();

    shapes_add(s, "nodes", NULL, m->renamed ? "zz" : "a");
    shapes_put(s, "nodeset", m->nodes);
    shapes_add(s, "nodes", NULL, m->renamed ? "b" : "y");
    shapes_put(s, "nodeset", "0-1");
    shapes_add(s, "mem", "0d:00.0", m->name);
    shapes_put(s, "hdm-decoders", m->decoders);
    shapes_put(s, "file", m->file);
    if (m->late) {
        shapes_put(s, "late", m->late);
    }
    if (m->second) {
        shapes_add(s, "mem", "0e:00.0", NULL);
        shapes_put(s, "hdm-decoders", "4");
    }
    return s;
}

static GByteArray *saved(const Machine *m)
{
    g_autoptr(Shapes) s = build(m);
    GByteArray *out = g_byte_array_new();

    shapes_save(s, out);
    return out;
}

/* What @is says of bytes, in one line */
static char *said(const Machine *is, const uint8_t *bytes, size_t len)
{
    g_autoptr(Shapes) s = build(is);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Shapes) saved = shapes_load(bytes, len, problems);
    bool same = saved && shapes_same(s, saved, problems);

    g_assert_cmpint(same, ==, !problems->len);
    g_ptr_array_add(problems, NULL);
    return g_strjoinv("; ", (char **)problems->pdata);
}

static void expect(const Machine *was, const Machine *is, const char *want)
{
    g_autoptr(GByteArray) bytes = saved(was);
    g_autofree char *words = said(is, bytes->data, bytes->len);

    g_assert_cmpstr(words, ==, want);
}

static void test_same(void)
{
    Machine other = usual;
    g_autoptr(Shapes) s = build(&usual);

    g_assert_cmpuint(shapes_count(s), ==, 4);
    expect(&usual, &usual, "");
    other.name = "dimm7";
    other.renamed = true;
    expect(&usual, &other, "");
    expect(&other, &usual, "");
}

static void test_different(void)
{
    Machine other = usual;

    other.decoders = "8";
    expect(&usual, &other,
           "mem 'mem0': property 'hdm-decoders' was 4, is 8");
    other.file = "a\nb";
    other.name = NULL;
    expect(&usual, &other,
           "mem at 0d:00.0: property 'hdm-decoders' was 4, is 8; "
           "mem at 0d:00.0: property 'file' was not set, is a\\nb");
    expect(&other, &usual,
           "mem 'mem0': property 'hdm-decoders' was 8, is 4; "
           "mem 'mem0': property 'file' was a\\nb, is not set");
    other = usual;
    other.nodes = "2-4";
    expect(&usual, &other, "nodes 'a': property 'nodeset' was 2-3, is 2-4");
}

static void test_missing(void)
{
    Machine other = usual;

    other.second = false;
    expect(&usual, &other,
           "mem at 0e:00.0 was there, and is not here");
    expect(&other, &usual,
           "mem at 0e:00.0 is here, and was not there");
}

/* A stream of before a property was compared; and one of after us */
static void test_ages(void)
{
    Machine newer = usual;

    newer.late = "on";
    expect(&usual, &newer, "");
    expect(&newer, &usual,
           "mem 'mem0': property 'late' was on, and is not known here");
}

/* How something is called may differ, and can be asked for. */
static void test_names(void)
{
    g_autoptr(Shapes) from = build(&usual), is = build(&usual), was = NULL;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    shapes_put(from, "@block", "old");
    shapes_put(is, "@block", "new");
    shapes_save(from, bytes);
    was = shapes_load(bytes->data, bytes->len, problems);
    g_assert_true(shapes_same(is, was, problems));
    g_assert_cmpstr(shapes_value(was, "mem", "0e:00.0", "@block"), ==, "old");
    g_assert_null(shapes_value(was, "mem", "0d:00.0", "@block"));
    g_assert_null(shapes_value(was, "mem", "0f:00.0", "@block"));
}

static void test_numbers(void)
{
    g_autoptr(Shapes) s = shapes_new();

    shapes_add(s, "window", "w", NULL);
    shapes_put_number(s, "size", UINT64_MAX);
    shapes_put_address(s, "base", 0x1a0000000);
    g_assert_cmpstr(shapes_value(s, "window", "w", "size"), ==,
                    "18446744073709551615");
    g_assert_cmpstr(shapes_value(s, "window", "w", "base"), ==,
                    "0x1a0000000");
}

/* A word that is too long to be read again is known by its sum. */
static void test_long(void)
{
    g_autofree char *file = g_strnfill(5000, 'x');
    g_autofree char *another = g_strnfill(5000, 'y');
    Machine a = usual, b = usual;

    a.file = file;
    b.file = another;
    expect(&a, &a, "");
    {
        g_autoptr(GByteArray) bytes = saved(&a);
        g_autofree char *words = said(&b, bytes->data, bytes->len);

        g_assert_nonnull(strstr(words, "property 'file' was "));
    }
}

static void test_many(void)
{
    g_autoptr(Shapes) was = shapes_new(), is = shapes_new();
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < 2 * SHAPES_PROBLEMS_MAX; i++) {
        g_autofree char *place = g_strdup_printf("%u", i);

        shapes_add(was, "mem", place, NULL);
    }
    g_assert_false(shapes_same(is, was, problems));
    g_assert_cmpuint(problems->len, ==, SHAPES_PROBLEMS_MAX);
    g_assert_cmpstr(g_ptr_array_index(problems, SHAPES_PROBLEMS_MAX - 1), ==,
                    "and more");
}

/* Cut anywhere, or with any byte changed, it is refused or means something. */
static void test_hostile(void)
{
    g_autoptr(GByteArray) bytes = saved(&usual);
    unsigned refused = 0;

    for (size_t len = 0; len < bytes->len; len++) {
        g_autofree char *words = said(&usual, bytes->data, len);

        g_assert_cmpstr(words, !=, "");
    }
    for (size_t i = 0; i < bytes->len; i++) {
        uint8_t before = bytes->data[i];
        g_autofree char *words = NULL;

        bytes->data[i] ^= 0x81;
        words = said(&usual, bytes->data, bytes->len);
        refused += *words != 0;
        for (const char *c = words; *c; c++) {
            g_assert_true(g_ascii_isprint(*c));
        }
        bytes->data[i] = before;
    }
    /* All but the names of parts count. */
    g_assert_cmpuint(refused, >, bytes->len - 16);
}

static void test_twice(void)
{
    g_autoptr(Shapes) s = shapes_new();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *words = NULL;

    shapes_add(s, "mem", "0d:00.0", "a");
    shapes_add(s, "mem", "0d:00.0", "b");
    shapes_save(s, bytes);
    words = said(&usual, bytes->data, bytes->len);
    g_assert_nonnull(strstr(words, "mem 'b': its place is there twice"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/common/shape/same", test_same);
    g_test_add_func("/common/shape/different", test_different);
    g_test_add_func("/common/shape/missing", test_missing);
    g_test_add_func("/common/shape/ages", test_ages);
    g_test_add_func("/common/shape/names", test_names);
    g_test_add_func("/common/shape/numbers", test_numbers);
    g_test_add_func("/common/shape/long", test_long);
    g_test_add_func("/common/shape/many", test_many);
    g_test_add_func("/common/shape/hostile", test_hostile);
    g_test_add_func("/common/shape/twice", test_twice);
    return g_test_run();
}
