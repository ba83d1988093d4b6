/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity: what there is, who has it, giving and taking it.
 * CXL r3.1 7.6.7.6.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/uuid.h"
#include "hw/cxl/wire/fm.h"
#include "tools/lib/json-build.h"
#include "tools/cxl-fm/codes.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"

/* Extents that one question is about */
#define CHUNK 64
/* Extents that a device can have, of all hosts; memfab's have 131072. */
#define EXTENTS_MAX (1u << 20)
#define UNIT  (256ull << 20)

enum { POLICY_FREE, POLICY_CONTIGUOUS, POLICY_PRESCRIPTIVE, POLICY_SHARED };
enum { REMOVE_BY_TAG, REMOVE_PRESCRIPTIVE };

/* The first word is PORT[.LD]; a memory device at the socket needs none. */
static bool take_place(Fm *fm, char **args, Place *place, GError **error)
{
    *place = PLACE_HERE;
    if (args[0]) {
        return parse_place(args[0], &place->port, &place->ld, error);
    }
    if (!fm_know(fm, error)) {
        return false;
    }
    if (fm->is_switch) {
        g_set_error(error, FM_ERROR, FM_USAGE, "which device is meant? Give"
                    " the PORT it is below; 'cxl-fm ports' lists them");
        return false;
    }
    return true;
}

static GByteArray *ask_config(Fm *fm, Place place, uint16_t host,
                              GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();

    put_u16(in, host);
    put_u8(in, 8);
    put_u8(in, 0);
    return fm_ask(fm, place, CXL_OP_FM_DC_CONFIG, in, error);
}

static void add_region(JsonBuilder *b, unsigned number, Reader *r)
{
    uint8_t flags, sanitize;

    json_builder_begin_object(b);
    json_add_int(b, "region", number);
    json_add_int(b, "base", get_u64(r));
    json_add_int(b, "decode-length", get_u64(r) * UNIT);
    json_add_int(b, "length", get_u64(r));
    json_add_int(b, "block-size", get_u64(r));
    flags = get_u8(r);
    skip_bytes(r, 3);
    sanitize = get_u8(r);
    skip_bytes(r, 3);
    json_add_bool(b, "sharable", flags & CXL_DC_REGION_SHARABLE);
    json_add_bool(b, "read-only", flags & CXL_DC_REGION_READ_ONLY);
    json_add_bool(b, "non-volatile", flags & CXL_DC_REGION_NONVOLATILE);
    json_add_bool(b, "sanitize", sanitize & 1);
    json_builder_end_object(b);
}

static bool add_config(Fm *fm, Place place, JsonBuilder *b, GError **error)
{
    g_autoptr(GByteArray) a = ask_config(fm, place, 0, error);
    unsigned regions;
    Reader r;

    if (!a) {
        return false;
    }
    r = reader_of(a);
    skip_bytes(&r, 3);
    regions = get_u8(&r);
    json_builder_set_member_name(b, "region-list");
    json_builder_begin_array(b);
    for (unsigned i = 0; i < regions; i++) {
        add_region(b, i, &r);
    }
    json_builder_end_array(b);
    json_add_int(b, "extents-supported", get_u32(&r));
    json_add_int(b, "extents-available", get_u32(&r));
    json_add_int(b, "tags-supported", get_u32(&r));
    json_add_int(b, "tags-available", get_u32(&r));
    return fm_complete(&r, CXL_OP_FM_DC_CONFIG, error);
}

static bool run_info(Fm *fm, char **args, GError **error)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    g_autoptr(GByteArray) a = NULL;
    uint64_t capacity;
    Place place;
    Reader r;

    if (!fm_options(args, NULL, 0, 1, error) ||
        !take_place(fm, args, &place, error)) {
        return false;
    }
    a = fm_ask(fm, place, CXL_OP_FM_DC_INFO, NULL, error);
    if (!a) {
        return false;
    }
    r = reader_of(a);
    json_builder_begin_object(b);
    json_add_int(b, "hosts", get_u8(&r));
    json_add_int(b, "regions", get_u8(&r));
    skip_bytes(&r, 2);
    json_add_int(b, "add-policies", get_u16(&r));
    skip_bytes(&r, 2);
    json_add_int(b, "release-policies", get_u16(&r));
    skip_bytes(&r, 2);
    capacity = get_u64(&r) * UNIT;
    json_add_int(b, "capacity", capacity);
    if (!fm_complete(&r, CXL_OP_FM_DC_INFO, error) ||
        !add_config(fm, place, b, error)) {
        return false;
    }
    json_builder_end_object(b);
    fm_show(fm, json_builder_get_root(b));
    return true;
}

static void add_extent(JsonBuilder *b, uint16_t host, Reader *r)
{
    g_autofree char *text = NULL;
    CxlUuid tag;

    json_builder_begin_object(b);
    json_add_int(b, "host", host);
    json_add_int(b, "address", get_u64(r));
    json_add_int(b, "length", get_u64(r));
    get_bytes(r, &tag, sizeof(tag));
    text = cxl_uuid_text(&tag);
    json_add_text(b, "tag", text);
    json_add_int(b, "sequence", get_u16(r));
    skip_bytes(r, 6);
    json_builder_end_object(b);
}

/* It may say again and again that there are more. */
static bool are_few(uint64_t extents, GError **error)
{
    if (extents > EXTENTS_MAX) {
        g_set_error(error, FM_ERROR, FM_NOBODY, "%s (%04xh) is answered with %"
                    PRIu64 " extents, a device has at most %u",
                    opcode_name(CXL_OP_FM_DC_EXTENTS), CXL_OP_FM_DC_EXTENTS,
                    extents, EXTENTS_MAX);
    }
    return extents <= EXTENTS_MAX;
}

/* *@all: those of the hosts before, and then of this one */
static bool add_extents(Fm *fm, Place place, JsonBuilder *b, uint16_t host,
                        uint64_t *all, GError **error)
{
    uint32_t start = 0, total = 1;

    while (start < total) {
        g_autoptr(GByteArray) in = g_byte_array_new();
        g_autoptr(GByteArray) a = NULL;
        uint32_t returned;
        Reader r;

        put_u16(in, host);
        put_zeros(in, 2);
        put_u32(in, CHUNK);
        put_u32(in, start);
        a = fm_ask(fm, place, CXL_OP_FM_DC_EXTENTS, in, error);
        if (!a) {
            return false;
        }
        r = reader_of(a);
        skip_bytes(&r, 8);
        returned = get_u32(&r);
        total = get_u32(&r);
        skip_bytes(&r, 8);
        for (uint32_t i = 0; i < returned && !r.too_short; i++) {
            add_extent(b, host, &r);
        }
        r.too_short |= !returned && start < total;
        if (!fm_complete(&r, CXL_OP_FM_DC_EXTENTS, error) ||
            !are_few(*all + total, error)) {
            return false;
        }
        start += returned;
    }
    *all += start;
    return true;
}

/* Hosts of a device with dynamic capacity; 0: it has none. */
static bool count_hosts(Fm *fm, Place place, unsigned *hosts, GError **error)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GByteArray) a = fm_ask(fm, place, CXL_OP_FM_DC_INFO, NULL,
                                     &err);
    Reader r;

    *hosts = 0;
    if (!a && err->code == FM_REFUSED) {
        return true;
    }
    if (!a) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    r = reader_of(a);
    *hosts = get_u8(&r);
    return fm_complete(&r, CXL_OP_FM_DC_INFO, error);
}

JsonNode *fm_dc_extents(Fm *fm, Place place, GError **error)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    uint64_t all = 0;
    unsigned hosts;

    if (!count_hosts(fm, place, &hosts, error)) {
        return NULL;
    }
    json_builder_begin_array(b);
    for (unsigned host = 0; host < hosts; host++) {
        if (!add_extents(fm, place, b, host, &all, error)) {
            return NULL;
        }
    }
    json_builder_end_array(b);
    return json_builder_get_root(b);
}

static bool run_list(Fm *fm, char **args, GError **error)
{
    JsonNode *extents;
    Place place;

    if (!fm_options(args, NULL, 0, 1, error) ||
        !take_place(fm, args, &place, error)) {
        return false;
    }
    extents = fm_dc_extents(fm, place, error);
    if (extents) {
        fm_show(fm, extents);
    }
    return extents;
}

/* Giving and taking */

typedef struct Change {
    char *host_text, *region_text, *size_text, *tag_text, *policy_text;
    gboolean forced, sanitize;
    Place place;
    uint64_t host, region, size;
    CxlUuid tag;
    bool has_tag;
    GByteArray *extents;
    unsigned count;
} Change;

static void change_free(Change *c)
{
    g_free(c->host_text);
    g_free(c->region_text);
    g_free(c->size_text);
    g_free(c->tag_text);
    g_free(c->policy_text);
    g_byte_array_unref(c->extents);
}

static bool change_numbers(Change *c, GError **error)
{
    if ((c->host_text && !parse_number(c->host_text, "--host", 255, &c->host,
                                       error)) ||
        (c->region_text && !parse_number(c->region_text, "--region", 7,
                                         &c->region, error)) ||
        (c->size_text && !parse_size(c->size_text, "--size", &c->size,
                                     error)) ||
        (c->tag_text && !parse_tag(c->tag_text, &c->tag, error))) {
        return false;
    }
    c->has_tag = c->tag_text;
    return true;
}

/* The words that have a comma are extents; one before them is the place. */
static bool change_words(Fm *fm, Change *c, char **args, GError **error)
{
    char *none[] = { NULL };
    bool has_place = args[0] && !strchr(args[0], ',');

    if (!take_place(fm, has_place ? args : none, &c->place, error)) {
        return false;
    }
    for (char **word = args + has_place; *word; word++) {
        uint64_t dpa, len;

        if (!parse_extent(*word, &dpa, &len, error)) {
            return false;
        }
        put_u64(c->extents, dpa);
        put_u64(c->extents, len);
        g_byte_array_append(c->extents, c->tag.b, sizeof(c->tag.b));
        put_zeros(c->extents, 8);
        c->count++;
        c->size += c->size_text ? 0 : len;
    }
    return true;
}

static bool change_parse(Fm *fm, Change *c, char **args, bool is_add,
                         GError **error)
{
    const GOptionEntry entries[] = {
        { "host", 0, 0, G_OPTION_ARG_STRING, &c->host_text },
        { "tag", 0, 0, G_OPTION_ARG_STRING, &c->tag_text },
        { is_add ? "region" : "forced", 0, 0,
          is_add ? G_OPTION_ARG_STRING : G_OPTION_ARG_NONE,
          is_add ? (gpointer)&c->region_text : &c->forced },
        { is_add ? "size" : "sanitize", 0, 0,
          is_add ? G_OPTION_ARG_STRING : G_OPTION_ARG_NONE,
          is_add ? (gpointer)&c->size_text : &c->sanitize },
        { is_add ? "policy" : NULL, 0, 0, G_OPTION_ARG_STRING,
          &c->policy_text },
        { NULL }
    };

    c->extents = g_byte_array_new();
    return fm_options(args, entries, 0, UINT_MAX, error) &&
           change_numbers(c, error) && change_words(fm, c, args, error);
}

static bool send_change(Fm *fm, const Change *c, uint16_t opcode,
                        uint8_t selector, GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;

    put_u16(in, c->host);
    put_u8(in, selector);
    put_u8(in, c->region);
    put_u64(in, c->size);
    g_byte_array_append(in, c->tag.b, sizeof(c->tag.b));
    put_u32(in, c->count);
    g_byte_array_append(in, c->extents->data ?: (const uint8_t *)"",
                        c->extents->len);
    a = fm_ask(fm, c->place, opcode, in, error);
    return a;
}

static bool parse_policy(const Change *c, uint8_t *policy, GError **error)
{
    const char *text = c->policy_text ?: c->count ? "prescriptive" : "free";

    if (!strcmp(text, "free")) {
        *policy = POLICY_FREE;
    } else if (!strcmp(text, "contiguous")) {
        *policy = POLICY_CONTIGUOUS;
    } else if (!strcmp(text, "prescriptive")) {
        *policy = POLICY_PRESCRIPTIVE;
    } else {
        g_set_error(error, FM_ERROR, FM_USAGE, "--policy is '%s', it takes"
                    " free, contiguous or prescriptive", text);
        return false;
    }
    if ((*policy == POLICY_PRESCRIPTIVE) != !!c->count || !c->size) {
        g_set_error(error, FM_ERROR, FM_USAGE, "give --size for the policies"
                    " free and contiguous, extents (ADDRESS,LENGTH) for"
                    " prescriptive");
        return false;
    }
    return true;
}

static bool run_add(Fm *fm, char **args, GError **error)
{
    Change c = { 0 };
    uint8_t policy;
    bool done = change_parse(fm, &c, args, true, error) &&
                parse_policy(&c, &policy, error) &&
                send_change(fm, &c, CXL_OP_FM_DC_ADD, policy, error);

    change_free(&c);
    return done;
}

static bool run_release(Fm *fm, char **args, GError **error)
{
    Change c = { 0 };
    bool done = change_parse(fm, &c, args, false, error);

    if (done && c.has_tag == !!c.count) {
        g_set_error(error, FM_ERROR, FM_USAGE, "say what is to be released:"
                    " --tag for all of a tag, or extents (ADDRESS,LENGTH)");
        done = false;
    }
    done = done &&
           send_change(fm, &c, CXL_OP_FM_DC_RELEASE,
                       (c.has_tag ? REMOVE_BY_TAG : REMOVE_PRESCRIPTIVE) |
                       (c.forced ? CXL_FM_DC_FORCED : 0) |
                       (c.sanitize ? CXL_FM_DC_SANITIZE : 0), error);
    change_free(&c);
    return done;
}

/* What one host has by a tag, another one gets, too. */
static bool run_share(Fm *fm, char **args, GError **error)
{
    Change c = { 0 };
    bool done = change_parse(fm, &c, args, true, error);

    if (done && (!c.has_tag || !c.host_text || c.count)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "say what is to be shared and"
                    " with whom: --tag UUID --host HOST");
        done = false;
    }
    done = done && send_change(fm, &c, CXL_OP_FM_DC_ADD, POLICY_SHARED,
                               error);
    change_free(&c);
    return done;
}

const FmCommand dc_commands[] = {
    { "dc info", "[PORT[.LD]]", "dynamic capacity of a device, its regions",
      run_info },
    { "dc list", "[PORT[.LD]]", "extents that hosts have", run_list },
    { "dc add", "[PORT[.LD]] [--host HOST] [--region REGION] [--tag UUID]"
      " [--policy free|contiguous|prescriptive] --size SIZE |"
      " ADDRESS,LENGTH...", "offer capacity to a host", run_add },
    { "dc release", "[PORT[.LD]] [--host HOST] [--forced] [--sanitize]"
      " --tag UUID | ADDRESS,LENGTH...", "ask a host to give it back",
      run_release },
    { "dc share", "[PORT[.LD]] --tag UUID --host HOST [--region REGION]",
      "offer what another host has to one more", run_share },
    { NULL }
};
