/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logical devices of an MLD: what each is given of its memory, and quality of
 * service.  CXL r3.1 7.6.7.4.
 */
#include "qemu/osdep.h"
#include "hw/cxl/wire/fm.h"
#include "tools/lib/json-build.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"

#define LDS 16

/* 256 MiB, 512 MiB or 1 GiB */
static bool granularity_of(uint8_t code, uint64_t *bytes, GError **error)
{
    if (code > 2) {
        g_set_error(error, FM_ERROR, FM_NOBODY, "Get LD Allocations (%04xh)"
                    " says granularity %u, which CXL r3.1 does not know",
                    CXL_OP_MLD_ALLOCATIONS, code);
        return false;
    }
    *bytes = (256ull << 20) << code;
    return true;
}

/* Allocations of all; *@n of them, two multiples of *@unit bytes each. */
static bool allocations(Fm *fm, Place place, uint64_t ranges[LDS][2],
                        unsigned *n, uint64_t *unit, GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;
    uint8_t code;
    Reader r;

    put_u8(in, 0);
    put_u8(in, LDS);
    a = fm_ask(fm, place, CXL_OP_MLD_ALLOCATIONS, in, error);
    if (!a) {
        return false;
    }
    r = reader_of(a);
    skip_bytes(&r, 1);
    code = get_u8(&r);
    skip_bytes(&r, 1);
    *n = MIN(get_u8(&r), LDS);
    for (unsigned i = 0; i < *n; i++) {
        ranges[i][0] = get_u64(&r);
        ranges[i][1] = get_u64(&r);
    }
    return fm_complete(&r, CXL_OP_MLD_ALLOCATIONS, error) &&
           granularity_of(code, unit, error);
}

JsonNode *fm_lds(Fm *fm, Place place, GError **error)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    uint64_t ranges[LDS][2], unit;
    unsigned n;

    if (!allocations(fm, place, ranges, &n, &unit, error)) {
        return NULL;
    }
    json_builder_begin_array(b);
    for (unsigned i = 0; i < n; i++) {
        json_builder_begin_object(b);
        json_add_int(b, "ld", i);
        json_add_int(b, "size", (ranges[i][0] + ranges[i][1]) * unit);
        json_add_int(b, "range-1", ranges[i][0] * unit);
        json_add_int(b, "range-2", ranges[i][1] * unit);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
    return json_builder_get_root(b);
}

static bool take_port(char **args, Place *place, GError **error)
{
    if (!parse_place(args[0], &place->port, &place->ld, error)) {
        return false;
    }
    if (place->ld != NO_LD) {
        g_set_error(error, FM_ERROR, FM_USAGE, "'%s' names one LD; give the"
                    " PORT of the MLD", args[0]);
        return false;
    }
    return true;
}

static bool run_list(Fm *fm, char **args, GError **error)
{
    JsonNode *lds;
    Place place;

    if (!fm_options(args, NULL, 1, 1, error) ||
        !take_port(args, &place, error)) {
        return false;
    }
    lds = fm_lds(fm, place, error);
    if (lds) {
        fm_show(fm, lds);
    }
    return lds;
}

static bool parse_share(const char *text, uint64_t unit, uint64_t *out,
                        GError **error)
{
    uint64_t bytes;

    if (!parse_size(text, "the size of an LD", &bytes, error)) {
        return false;
    }
    if (bytes % unit) {
        g_autofree char *step = format_size(unit);

        g_set_error(error, FM_ERROR, FM_USAGE, "the size of an LD is '%s', it"
                    " takes multiples of %s", text, step);
        return false;
    }
    *out = bytes / unit;
    return true;
}

static bool run_alloc(Fm *fm, char **args, GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;
    uint64_t ranges[LDS][2], unit, range1, range2 = 0;
    unsigned n, ld;
    Place place;

    if (!fm_options(args, NULL, 2, 3, error) ||
        !parse_place(args[0], &place.port, &place.ld, error)) {
        return false;
    }
    if (place.ld == NO_LD) {
        g_set_error(error, FM_ERROR, FM_USAGE, "'%s' names no LD, it takes"
                    " PORT.LD, like 2.0", args[0]);
        return false;
    }
    ld = place.ld;
    place.ld = NO_LD;
    if (!allocations(fm, place, ranges, &n, &unit, error) ||
        !parse_share(args[1], unit, &range1, error) ||
        (args[2] && !parse_share(args[2], unit, &range2, error))) {
        return false;
    }
    put_u8(in, 1);
    put_u8(in, ld);
    put_zeros(in, 2);
    put_u64(in, range1);
    put_u64(in, range2);
    a = fm_ask(fm, place, CXL_OP_MLD_ALLOCATE, in, error);
    return a;
}

/* Quality of service */

static const struct {
    const char *name;
    unsigned bytes;
} qos[] = {
    { "control", 1 }, { "egress-moderate-percent", 1 },
    { "egress-severe-percent", 1 }, { "sample-interval", 1 },
    { "completion-basis", 2 }, { "collection-interval", 1 },
};

static bool get_qos(Fm *fm, Place place, uint64_t *values, GError **error)
{
    g_autoptr(GByteArray) a = fm_ask(fm, place, CXL_OP_MLD_QOS_GET, NULL,
                                     error);
    Reader r;

    if (!a) {
        return false;
    }
    r = reader_of(a);
    for (unsigned i = 0; i < G_N_ELEMENTS(qos); i++) {
        values[i] = qos[i].bytes == 2 ? get_u16(&r) : get_u8(&r);
    }
    return fm_complete(&r, CXL_OP_MLD_QOS_GET, error);
}

static bool show_qos(Fm *fm, Place place, const uint64_t *values,
                     GError **error)
{
    g_autoptr(JsonBuilder) b = json_builder_new();
    g_autoptr(GByteArray) a = fm_ask(fm, place, CXL_OP_MLD_QOS_STATUS, NULL,
                                     error);
    Reader r;

    if (!a) {
        return false;
    }
    r = reader_of(a);
    json_builder_begin_object(b);
    for (unsigned i = 0; i < G_N_ELEMENTS(qos); i++) {
        json_add_int(b, qos[i].name, values[i]);
    }
    json_add_int(b, "backpressure-percent", get_u8(&r));
    json_builder_end_object(b);
    if (!fm_complete(&r, CXL_OP_MLD_QOS_STATUS, error)) {
        return false;
    }
    fm_show(fm, json_builder_get_root(b));
    return true;
}

/* NAME=VALUE */
static bool set_one(const char *word, uint64_t *values, GError **error)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(qos); i++) {
        size_t len = strlen(qos[i].name);

        if (!strncmp(word, qos[i].name, len) && word[len] == '=') {
            return parse_number(word + len + 1, qos[i].name,
                                qos[i].bytes == 2 ? 0xffff : 0xff, &values[i],
                                error);
        }
    }
    g_set_error(error, FM_ERROR, FM_USAGE, "'%s' is no setting, it takes"
                " NAME=VALUE with a name that 'ld qos PORT' shows", word);
    return false;
}

static bool run_qos(Fm *fm, char **args, GError **error)
{
    uint64_t values[G_N_ELEMENTS(qos)];
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;
    Place place;

    if (!fm_options(args, NULL, 1, UINT_MAX, error) ||
        !take_port(args, &place, error) ||
        !get_qos(fm, place, values, error)) {
        return false;
    }
    if (!args[1]) {
        return show_qos(fm, place, values, error);
    }
    for (char **word = args + 1; *word; word++) {
        if (!set_one(*word, values, error)) {
            return false;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(qos); i++) {
        put_u8(in, values[i]);
        if (qos[i].bytes == 2) {
            put_u8(in, values[i] >> 8);
        }
    }
    a = fm_ask(fm, place, CXL_OP_MLD_QOS_SET, in, error);
    return a;
}

const FmCommand ld_commands[] = {
    { "ld list", "PORT", "logical devices of an MLD, and their sizes",
      run_list },
    { "ld alloc", "PORT.LD SIZE [SIZE2]", "give an LD memory of the MLD",
      run_alloc },
    { "ld qos", "PORT [NAME=VALUE...]", "quality of service: show or set",
      run_qos },
    { NULL }
};
