/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/common/save: what is saved is what is loaded, older versions and bytes
 * without sections too; whatever is wrong is refused by the name of its
 * section.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/save.h"

/* Where a section's header has what */
#define VERSION     16
#define LENGTH      20

typedef struct Toy {
    uint8_t small;
    int8_t sign;
    bool flag;
    uint64_t wide;
    uint8_t fixed[5];
    uint8_t text[8];
    size_t text_len;
    uint16_t list[4];
    unsigned list_len;
    uint32_t late;              /* since version 2 of its section */
    uint32_t extra;             /* of a room that not every toy has */
    bool has_extra;
    uint32_t young;             /* of a room that not every stream has */
} Toy;

static void numbers_save(const void *device, SaveWriter *w)
{
    const Toy *t = device;

    save_put(w, t->small);
    save_put(w, t->sign);
    save_put(w, t->flag);
    save_put(w, t->wide);
    save_put(w, t->late);
}

static void numbers_load(void *device, SaveReader *r)
{
    Toy *t = device;

    SAVE_GET(r, t->small);
    SAVE_GET(r, t->sign);
    SAVE_GET(r, t->flag);
    SAVE_GET(r, t->wide);
    t->late = 77;
    if (r->version >= 2) {
        SAVE_GET(r, t->late);
    }
}

static void bytes_save(const void *device, SaveWriter *w)
{
    const Toy *t = device;

    save_put(w, 4711);
    save_put_bytes(w, t->fixed, sizeof(t->fixed));
    save_put_blob(w, t->text, t->text_len);
    save_put(w, t->list_len);
    for (unsigned i = 0; i < t->list_len; i++) {
        save_put(w, t->list[i]);
    }
}

static void bytes_load(void *device, SaveReader *r)
{
    Toy *t = device;
    const uint8_t *text;

    save_get_same(r, "magic", 4711);
    save_get_bytes(r, t->fixed, sizeof(t->fixed));
    text = save_get_blob(r, "text", sizeof(t->text), &t->text_len);
    if (text) {
        memcpy(t->text, text, t->text_len);
    }
    t->list_len = save_get_count(r, "list", ARRAY_SIZE(t->list), 8);
    for (unsigned i = 0; i < t->list_len; i++) {
        SAVE_GET(r, t->list[i]);
    }
}

static bool extra_has(const void *device)
{
    return ((const Toy *)device)->has_extra;
}

static void extra_save(const void *device, SaveWriter *w)
{
    save_put(w, ((const Toy *)device)->extra);
}

static void extra_load(void *device, SaveReader *r)
{
    Toy *t = device;

    SAVE_GET(r, t->extra);
    if (t->extra == 13) {
        save_refuse_number(r, "extra", t->extra);
        save_refuse(r, "not this one");
    }
}

static void young_save(const void *device, SaveWriter *w)
{
    save_put(w, ((const Toy *)device)->young);
}

static void young_load(void *device, SaveReader *r)
{
    SAVE_GET(r, ((Toy *)device)->young);
}

static const SaveRoom rooms[] = {
    { "numbers", .version = 2, .save = numbers_save, .load = numbers_load },
    { "bytes", .version = 1, .save = bytes_save, .load = bytes_load },
    { "extra", .version = 1, .has = extra_has, .save = extra_save,
      .load = extra_load },
    { "young", .version = 1, .may_miss = true, .save = young_save,
      .load = young_load },
};

static const Toy full = {
    .small = 200, .sign = -3, .flag = true, .wide = UINT64_MAX,
    .fixed = { 1, 2, 3, 4, 5 }, .text = "abc", .text_len = 3,
    .list = { 10, 20, 65535 }, .list_len = 3, .late = 5, .extra = 6,
    .has_extra = true, .young = 9,
};

static GByteArray *save(const Toy *t)
{
    GByteArray *out = g_byte_array_new();

    save_rooms("toy", rooms, ARRAY_SIZE(rooms), t, out);
    return out;
}

static bool load(Toy *t, const void *bytes, size_t len, char **problem)
{
    /* Exactly so many bytes, so that a sanitizer sees one too many. */
    g_autofree uint8_t *copy = g_memdup2(bytes, len);

    return save_load_rooms("toy", rooms, ARRAY_SIZE(rooms), t, copy, len,
                           problem);
}

/* @bytes are refused, and the sentence contains @why. */
static void assert_refused(const GByteArray *bytes, const char *why)
{
    Toy t = { .has_extra = true };
    g_autofree char *problem = NULL;

    g_assert_false(load(&t, bytes->data, bytes->len, &problem));
    if (!strstr(problem, why)) {
        g_error("\"%s\" does not say \"%s\"", problem, why);
    }
}

/* Where the section begins. */
static size_t find(const GByteArray *bytes, const char *name)
{
    size_t at = SAVE_HEADER;

    while (strcmp((char *)bytes->data + at, name)) {
        at += SAVE_HEADER + ldl_le_p(bytes->data + at + LENGTH);
        g_assert_cmpuint(at, <, bytes->len);
    }
    return at;
}

/* Put @len bytes at @at, and account for them in the stream's length. */
static void insert(GByteArray *bytes, size_t at, const void *what, size_t len)
{
    g_autofree uint8_t *copy = g_memdup2(what, len);
    size_t old = bytes->len;

    g_byte_array_set_size(bytes, old + len);
    memmove(bytes->data + at + len, bytes->data + at, old - at);
    memcpy(bytes->data + at, copy, len);
    stl_le_p(bytes->data + LENGTH, bytes->len - SAVE_HEADER);
}

/* Take out a section. */
static void cut(GByteArray *bytes, const char *name)
{
    size_t at = find(bytes, name);

    g_byte_array_remove_range(bytes, at, SAVE_HEADER +
                              ldl_le_p(bytes->data + at + LENGTH));
    stl_le_p(bytes->data + LENGTH, bytes->len - SAVE_HEADER);
}

static void test_round_trip(void)
{
    g_autoptr(GByteArray) first = save(&full), second = NULL;
    Toy t = { .has_extra = true };
    g_autofree char *problem = NULL;

    g_assert_true(save_is_kind("toy", first->data, first->len));
    g_assert_false(save_is_kind("toys", first->data, first->len));
    g_assert_false(save_is_kind("to", first->data, first->len));
    g_assert_false(save_is_kind("toy", first->data, 15));
    g_assert_true(load(&t, first->data, first->len, &problem));
    g_assert_null(problem);
    second = save(&t);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    g_assert_cmpint(t.sign, ==, -3);
    g_assert_cmpuint(t.late, ==, 5);
}

/* Sections in another order are the same state. */
static void test_any_order(void)
{
    g_autoptr(GByteArray) bytes = save(&full), again = NULL;
    g_autoptr(GByteArray) expected = save(&full);
    size_t at = find(bytes, "extra");
    size_t len = SAVE_HEADER + ldl_le_p(bytes->data + at + LENGTH);
    g_autofree uint8_t *section = g_memdup2(bytes->data + at, len);
    Toy t = { .has_extra = true };
    char *problem;

    cut(bytes, "extra");
    insert(bytes, SAVE_HEADER, section, len);
    g_assert_true(load(&t, bytes->data, bytes->len, &problem));
    again = save(&t);
    g_assert_cmpmem(again->data, again->len, expected->data, expected->len);
}

static void test_cut_at_every_byte(void)
{
    g_autoptr(GByteArray) bytes = save(&full);

    for (size_t len = 0; len < bytes->len; len++) {
        Toy t = { .has_extra = true };
        g_autofree char *problem = NULL;

        g_assert_false(load(&t, bytes->data, len, &problem));
        g_assert_nonnull(problem);
    }
    /* And cut with an outer length that agrees. */
    for (size_t len = bytes->len - 1; len >= SAVE_HEADER; len--) {
        Toy t = { .has_extra = true };
        g_autofree char *problem = NULL;

        stl_le_p(bytes->data + LENGTH, len - SAVE_HEADER);
        g_assert_cmpint(load(&t, bytes->data, len, &problem), ==,
                        len == find(bytes, "young"));
    }
}

static void test_longer(void)
{
    g_autoptr(GByteArray) bytes = save(&full);

    g_byte_array_append(bytes, (const uint8_t *)"", 1);
    assert_refused(bytes, "section 'toy': something follows it");
}

/* Each length, of each section and inside, one too large and too small. */
static void test_lengths(void)
{
    static const char *const names[] = { "numbers", "bytes", "extra", "young" };

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        for (int by = -1; by <= 1; by += 2) {
            g_autoptr(GByteArray) bytes = save(&full);
            uint8_t *at = bytes->data + find(bytes, names[i]) + LENGTH;

            stl_le_p(at, ldl_le_p(at) + by);
            assert_refused(bytes, "section '");
        }
    }
    for (int by = -1; by <= 1; by += 2) {
        g_autoptr(GByteArray) bytes = save(&full);
        uint8_t *at = bytes->data + LENGTH;

        stl_le_p(at, ldl_le_p(at) + by);
        assert_refused(bytes, "section '");
    }
}

static void test_inner_lengths(void)
{
    static const uint64_t wrong[] = { 9, 1000, UINT32_MAX, UINT64_MAX };
    const size_t text = SAVE_HEADER + 8 + 5, list = text + 8 + 3;

    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        g_autoptr(GByteArray) a = save(&full), b = save(&full);

        stq_le_p(a->data + find(a, "bytes") + text, wrong[i]);
        assert_refused(a, "section 'bytes': text is 0x");
        stq_le_p(b->data + find(b, "bytes") + list, wrong[i]);
        assert_refused(b, "section 'bytes': list is 0x");
    }
    {
        g_autoptr(GByteArray) a = save(&full), b = save(&full);

        stq_le_p(a->data + find(a, "bytes") + text, 4);
        assert_refused(a, "section 'bytes': ");
        stq_le_p(b->data + find(b, "bytes") + list, 4);
        assert_refused(b, "section 'bytes': list is 0x4");
        stq_le_p(b->data + find(b, "bytes") + list, 2);
        assert_refused(b, "section 'bytes': it is longer than its version");
    }
}

static void test_twice(void)
{
    g_autoptr(GByteArray) bytes = save(&full);
    size_t at = find(bytes, "bytes");

    insert(bytes, at, bytes->data + at,
           SAVE_HEADER + ldl_le_p(bytes->data + at + LENGTH));
    assert_refused(bytes, "section 'bytes': it is there twice");
}

static void test_missing(void)
{
    g_autoptr(GByteArray) bytes = save(&full), none = save(&full);
    Toy t = { .has_extra = true, .young = 1 };
    char *problem;

    cut(bytes, "extra");
    assert_refused(bytes, "section 'extra': it is missing");
    cut(none, "young");
    g_assert_true(load(&t, none->data, none->len, &problem));
    g_assert_cmpuint(t.young, ==, 1);
}

static void test_unknown(void)
{
    g_autoptr(GByteArray) bytes = save(&full), other = save(&full);
    Toy without = { 0 };
    char *problem;

    memcpy(bytes->data + find(bytes, "young"), "older", 5);
    assert_refused(bytes, "section 'older': it is not known here");
    g_assert_false(load(&without, other->data, other->len, &problem));
    g_assert_cmpstr(problem, ==, "section 'extra': it is not known here");
    g_free(problem);
}

static void test_names(void)
{
    static const char wrong[][17] = {
        "Numbers", "", "num bers", "nu\0mbers", "0123456789abcdef",
    };

    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        g_autoptr(GByteArray) bytes = save(&full);

        memcpy(bytes->data + SAVE_HEADER, wrong[i], 16);
        assert_refused(bytes, "section 'toy': something in it is not a");
    }
    {
        g_autoptr(GByteArray) bytes = save(&full);

        memcpy(bytes->data, "tot", 3);
        assert_refused(bytes, "the state is of another kind");
    }
}

static void test_versions(void)
{
    static const uint32_t wrong[] = { 0, 3, UINT32_MAX };

    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        g_autoptr(GByteArray) bytes = save(&full), outer = save(&full);

        stl_le_p(bytes->data + find(bytes, "numbers") + VERSION, wrong[i]);
        assert_refused(bytes, "section 'numbers': its version is 0x");
        stl_le_p(outer->data + VERSION, wrong[i]);
        assert_refused(outer, "section 'toy': its version is 0x");
    }
}

static void test_older_version(void)
{
    g_autoptr(GByteArray) bytes = save(&full);
    size_t at = find(bytes, "numbers");
    Toy t = { .has_extra = true };
    char *problem;

    stl_le_p(bytes->data + at + VERSION, 1);
    assert_refused(bytes, "section 'numbers': it is longer than its version");
    g_byte_array_remove_range(bytes, at + SAVE_HEADER + 32, 8);
    stl_le_p(bytes->data + at + LENGTH, 32);
    stl_le_p(bytes->data + LENGTH, bytes->len - SAVE_HEADER);
    g_assert_true(load(&t, bytes->data, bytes->len, &problem));
    g_assert_cmpuint(t.late, ==, 77);
    g_assert_cmpuint(t.wide, ==, UINT64_MAX);
}

static void test_too_large_for_its_member(void)
{
    g_autoptr(GByteArray) bytes = save(&full), flag = save(&full);

    stq_le_p(bytes->data + find(bytes, "numbers") + SAVE_HEADER, 256);
    assert_refused(bytes, "section 'numbers': t->small is 0x100");
    stq_le_p(flag->data + find(flag, "numbers") + SAVE_HEADER + 16, 2);
    assert_refused(flag, "section 'numbers': t->flag is 0x2");
}

static void test_not_the_same(void)
{
    g_autoptr(GByteArray) bytes = save(&full);

    stq_le_p(bytes->data + find(bytes, "bytes") + SAVE_HEADER, 4712);
    assert_refused(bytes, "section 'bytes': magic is 0x1268, and 0x1267 here");
}

/* The room's own refusal, and the first of two. */
static void test_refused_by_the_room(void)
{
    Toy bad = full;
    g_autoptr(GByteArray) bytes = NULL;

    bad.extra = 13;
    bytes = save(&bad);
    assert_refused(bytes, "section 'extra': extra is 0xd");
}

/* Bytes of before there were sections: version 1 of each, nothing between. */
static GByteArray *untagged(void)
{
    GByteArray *out = g_byte_array_new();
    SaveWriter w = { .out = out };

    numbers_save(&full, &w);
    g_byte_array_set_size(out, 32);
    bytes_save(&full, &w);
    extra_save(&full, &w);
    return out;
}

static void test_untagged(void)
{
    g_autoptr(GByteArray) bytes = untagged();
    Toy t = { .has_extra = true, .young = 1 };
    char *problem;

    g_assert_true(save_load_untagged(rooms, ARRAY_SIZE(rooms), &t,
                                     bytes->data, bytes->len, &problem));
    g_assert_cmpuint(t.late, ==, 77);
    g_assert_cmpuint(t.extra, ==, 6);
    g_assert_cmpuint(t.young, ==, 1);
    for (size_t len = 0; len < bytes->len; len++) {
        g_autofree uint8_t *copy = g_memdup2(bytes->data, len);

        g_assert_false(save_load_untagged(rooms, ARRAY_SIZE(rooms), &t, copy,
                                          len, &problem));
        g_assert_true(g_str_has_prefix(problem, "section '"));
        g_free(problem);
    }
    g_byte_array_append(bytes, (const uint8_t *)"", 1);
    g_assert_false(save_load_untagged(rooms, ARRAY_SIZE(rooms), &t,
                                      bytes->data, bytes->len, &problem));
    g_assert_cmpstr(problem, ==, "section 'extra': something follows it");
    g_free(problem);
}

/* Any one byte changed: refused or loaded, and never beyond the bytes. */
static void test_damaged(void)
{
    g_autoptr(GByteArray) bytes = save(&full);

    for (unsigned bit = 0; bit < bytes->len * 8; bit++) {
        Toy t = { .has_extra = true };
        g_autofree char *problem = NULL;
        bool good;

        bytes->data[bit / 8] ^= 1 << bit % 8;
        good = load(&t, bytes->data, bytes->len, &problem);
        g_assert_cmpint(good, ==, problem == NULL);
        bytes->data[bit / 8] ^= 1 << bit % 8;
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        { "/save/round-trip", test_round_trip },
        { "/save/any-order", test_any_order },
        { "/save/cut-at-every-byte", test_cut_at_every_byte },
        { "/save/longer", test_longer },
        { "/save/lengths", test_lengths },
        { "/save/inner-lengths", test_inner_lengths },
        { "/save/twice", test_twice },
        { "/save/missing", test_missing },
        { "/save/unknown", test_unknown },
        { "/save/names", test_names },
        { "/save/versions", test_versions },
        { "/save/older-version", test_older_version },
        { "/save/too-large-for-its-member", test_too_large_for_its_member },
        { "/save/not-the-same", test_not_the_same },
        { "/save/refused-by-the-room", test_refused_by_the_room },
        { "/save/untagged", test_untagged },
        { "/save/damaged", test_damaged },
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_test_add_func(tests[i].name, tests[i].run);
    }
    return g_test_run();
}
