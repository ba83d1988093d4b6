/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shapes of machines: saved as words, and compared; the contract is in
 * shape.h.
 */
#include "qemu/osdep.h"
#include "hw/common/save.h"
#include "hw/common/shape.h"

#define KIND        "shape"

#define PARTS_MAX   65536
#define PAIRS_MAX   1024            /* of one part */
#define WORD_MAX    4096            /* characters */
/* Three words and a number; two words */
#define PART_MIN    (4 * 8)
#define PAIR_MIN    (2 * 8)

typedef struct Pair {
    char *property, *value;
} Pair;

typedef struct Part {
    char *type, *place, *name;      /* place and name may be empty */
    GArray *pairs;                  /* Pair */
} Part;

struct Shapes {
    GPtrArray *parts;               /* Part */
};

static void free_part(void *opaque)
{
    Part *part = opaque;

    for (unsigned i = 0; i < part->pairs->len; i++) {
        Pair *pair = &g_array_index(part->pairs, Pair, i);

        g_free(pair->property);
        g_free(pair->value);
    }
    g_array_unref(part->pairs);
    g_free(part->type);
    g_free(part->place);
    g_free(part->name);
    g_free(part);
}

Shapes *shapes_new(void)
{
    Shapes *s = g_new0(Shapes, 1);

    s->parts = g_ptr_array_new_with_free_func(free_part);
    return s;
}

void shapes_free(Shapes *s)
{
    g_ptr_array_unref(s->parts);
    g_free(s);
}

unsigned shapes_count(const Shapes *s)
{
    return s->parts->len;
}

/* --- filling ------------------------------------------------------------- */

/* Printable, and not longer than what is read again. */
static char *word(const char *text)
{
    char *escaped = g_strescape(text ?: "", NULL);

    if (strlen(escaped) > WORD_MAX) {
        char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, escaped,
                                                  -1);

        g_free(escaped);
        return sum;
    }
    return escaped;
}

/* Takes the words. */
static Part *new_part(Shapes *s, char *type, char *place, char *name)
{
    Part *part = g_new(Part, 1);

    *part = (Part) {
        .type = type, .place = place, .name = name,
        .pairs = g_array_new(false, false, sizeof(Pair)),
    };
    g_ptr_array_add(s->parts, part);
    return part;
}

void shapes_add(Shapes *s, const char *type, const char *place,
                const char *name)
{
    new_part(s, word(type), word(place), word(name));
}

void shapes_put(Shapes *s, const char *property, const char *value)
{
    Part *part = g_ptr_array_index(s->parts, s->parts->len - 1);
    Pair pair = { word(property), word(value) };

    g_array_append_val(part->pairs, pair);
}

void shapes_put_number(Shapes *s, const char *property, uint64_t value)
{
    g_autofree char *words = g_strdup_printf("%" PRIu64, value);

    shapes_put(s, property, words);
}

void shapes_put_address(Shapes *s, const char *property, uint64_t value)
{
    g_autofree char *words = g_strdup_printf("0x%" PRIx64, value);

    shapes_put(s, property, words);
}

static int compare_values(const Part *a, const Part *b)
{
    for (unsigned i = 0; i < MIN(a->pairs->len, b->pairs->len); i++) {
        int order = strcmp(g_array_index(a->pairs, Pair, i).value,
                           g_array_index(b->pairs, Pair, i).value);

        if (order) {
            return order;
        }
    }
    return 0;
}

static int compare_parts(const void *x, const void *y)
{
    const Part *a = *(Part *const *)x, *b = *(Part *const *)y;

    return strcmp(a->type, b->type) ?: strcmp(a->place, b->place) ?:
           compare_values(a, b) ?: strcmp(a->name, b->name);
}

/* Those without a place take the next one of their type. */
static void settle(Shapes *s)
{
    const char *type = "";
    unsigned next = 0;

    g_ptr_array_sort(s->parts, compare_parts);
    for (unsigned i = 0; i < s->parts->len; i++) {
        Part *part = g_ptr_array_index(s->parts, i);

        next = strcmp(type, part->type) ? 0 : next;
        type = part->type;
        if (!*part->place) {
            g_free(part->place);
            part->place = g_strdup_printf("#%u", next++);
        }
    }
}

/* --- saving and loading -------------------------------------------------- */

static void put_word(SaveWriter *w, const char *text)
{
    save_put_blob(w, text, strlen(text));
}

static void save_parts(const void *device, SaveWriter *w)
{
    const Shapes *s = device;

    save_put(w, s->parts->len);
    for (unsigned i = 0; i < s->parts->len; i++) {
        const Part *part = g_ptr_array_index(s->parts, i);

        put_word(w, part->type);
        put_word(w, part->place);
        put_word(w, part->name);
        save_put(w, part->pairs->len);
        for (unsigned p = 0; p < part->pairs->len; p++) {
            const Pair *pair = &g_array_index(part->pairs, Pair, p);

            put_word(w, pair->property);
            put_word(w, pair->value);
        }
    }
}

/* Never NULL; what a terminal would not show is refused. */
static char *get_word(SaveReader *r)
{
    size_t len;
    const uint8_t *bytes = save_get_blob(r, "length of a word", WORD_MAX,
                                         &len);

    for (size_t i = 0; i < len; i++) {
        if (!g_ascii_isprint(bytes[i])) {
            save_refuse_number(r, "a character of a word", bytes[i]);
            return g_strdup("");
        }
    }
    return g_strndup(bytes ? (const char *)bytes : "", len);
}

static void load_parts(void *device, SaveReader *r)
{
    uint64_t count = save_get_count(r, "parts", PARTS_MAX, PART_MIN);

    for (uint64_t i = 0; save_good(r) && i < count; i++) {
        char *type = get_word(r), *place = get_word(r), *name = get_word(r);
        Part *part = new_part(device, type, place, name);
        uint64_t pairs = save_get_count(r, "properties", PAIRS_MAX, PAIR_MIN);

        for (uint64_t p = 0; save_good(r) && p < pairs; p++) {
            char *property = get_word(r), *value = get_word(r);
            Pair pair = { .property = property, .value = value };

            g_array_append_val(part->pairs, pair);
        }
    }
}

static const SaveRoom rooms[] = {
    { .name = "parts", .version = 1, .save = save_parts, .load = load_parts },
};

void shapes_save(Shapes *s, GByteArray *out)
{
    settle(s);
    save_rooms(KIND, rooms, ARRAY_SIZE(rooms), s, out);
}

/* --- comparing ----------------------------------------------------------- */

/* Takes @sentence; the last one says that there are more. */
static void tell(GPtrArray *problems, char *sentence)
{
    if (problems->len < SHAPES_PROBLEMS_MAX) {
        g_ptr_array_add(problems, problems->len < SHAPES_PROBLEMS_MAX - 1 ?
                        g_strdup(sentence) : g_strdup("and more"));
    }
    g_free(sentence);
}

static char *title(const Part *part)
{
    return *part->name ? g_strdup_printf("%s '%s'", part->type, part->name)
                       : g_strdup_printf("%s at %s", part->type, part->place);
}

static const char *shown(const char *value)
{
    return *value ? value : "not set";
}

static const Pair *find_pair(const Part *part, const char *property)
{
    for (unsigned i = 0; i < part->pairs->len; i++) {
        const Pair *pair = &g_array_index(part->pairs, Pair, i);

        if (!strcmp(pair->property, property)) {
            return pair;
        }
    }
    return NULL;
}

static void compare_part(const Part *was, const Part *is, GPtrArray *problems)
{
    g_autofree char *who = title(is);

    for (unsigned i = 0; i < was->pairs->len; i++) {
        const Pair *a = &g_array_index(was->pairs, Pair, i);
        const Pair *b = find_pair(is, a->property);

        if (*a->property == SHAPE_NAME) {
            continue;
        }
        if (!b) {
            tell(problems, g_strdup_printf(
                 "%s: property '%s' was %s, and is not known here", who,
                 a->property, shown(a->value)));
        } else if (strcmp(a->value, b->value)) {
            tell(problems, g_strdup_printf(
                 "%s: property '%s' was %s, is %s", who, a->property,
                 shown(a->value), shown(b->value)));
        }
    }
}

/* Part by "type place"; a place that is taken twice is a problem. */
static GHashTable *by_place(const Shapes *s, GPtrArray *problems)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                              NULL);

    for (unsigned i = 0; i < s->parts->len; i++) {
        Part *part = g_ptr_array_index(s->parts, i);
        char *key = g_strdup_printf("%s %s", part->type, part->place);

        if (!g_hash_table_insert(table, key, part)) {
            g_autofree char *who = title(part);

            tell(problems, g_strdup_printf("%s: its place is there twice",
                                           who));
        }
    }
    return table;
}

/* Every part of @a has to have one of @b. */
static void match(const Shapes *a, GHashTable *b, bool loaded,
                  GPtrArray *problems)
{
    for (unsigned i = 0; i < a->parts->len; i++) {
        const Part *part = g_ptr_array_index(a->parts, i), *other;
        g_autofree char *key = g_strdup_printf("%s %s", part->type,
                                               part->place);
        g_autofree char *who = title(part);

        other = g_hash_table_lookup(b, key);
        if (!other) {
            tell(problems, g_strdup_printf(loaded ? "%s was there, and is not"
                                                    " here"
                                                  : "%s is here, and was not"
                                                    " there", who));
        } else if (loaded) {
            compare_part(part, other, problems);
        }
    }
}

Shapes *shapes_load(const uint8_t *bytes, size_t len, GPtrArray *problems)
{
    g_autoptr(Shapes) saved = shapes_new();
    char *problem = NULL;

    if (!save_load_rooms(KIND, rooms, ARRAY_SIZE(rooms), saved, bytes, len,
                         &problem)) {
        tell(problems, problem);
        return NULL;
    }
    return g_steal_pointer(&saved);
}

bool shapes_same(Shapes *s, const Shapes *saved, GPtrArray *problems)
{
    unsigned before = problems->len;
    g_autoptr(GHashTable) was = by_place(saved, problems), is = NULL;

    settle(s);
    is = by_place(s, problems);
    match(saved, is, true, problems);
    match(s, was, false, problems);
    return problems->len == before;
}

const char *shapes_value(const Shapes *s, const char *type, const char *place,
                         const char *property)
{
    for (unsigned i = 0; i < s->parts->len; i++) {
        const Part *part = g_ptr_array_index(s->parts, i);

        if (!strcmp(part->type, type) && !strcmp(part->place, place)) {
            const Pair *pair = find_pair(part, property);

            return pair ? pair->value : NULL;
        }
    }
    return NULL;
}
