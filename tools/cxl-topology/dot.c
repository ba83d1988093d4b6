/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-topology: the document as a graph in Graphviz's language.
 *
 * Windows stand above, bridges and devices below them; what belongs to one
 * region has one colour.  The "id" of a node is where its details are in the
 * document ("bridges/0/ports/1/below"), which is what page.c goes by.
 */
#include <inttypes.h>
#include <string.h>
#include "topology.h"

#define GREY            "#e4e7eb"
#define RED             "#ffc9c9"

/* One for each region, then again from the first */
static const char *const colours[] = {
    "#b9dcff", "#c4ecc0", "#ffdfab", "#dccbff", "#ffccda", "#b8ebe7",
    "#efe9a6", "#d3d9c4",
};

typedef struct Drawing {
    JsonObject *doc;
    GString *out;
} Drawing;

static void head(GString *out, const char *name, const char *what)
{
    g_autofree char *a = g_markup_escape_text(name, -1);
    g_autofree char *b = g_markup_escape_text(what, -1);

    g_string_append_printf(out, "<TABLE BORDER=\"0\" CELLBORDER=\"1\""
                           " CELLSPACING=\"0\" CELLPADDING=\"5\""
                           " COLOR=\"#7b8794\"><TR><TD BGCOLOR=\"%s\">"
                           "<B>%s</B><BR/><FONT POINT-SIZE=\"10\">&#160;%s"
                           "&#160;</FONT>"
                           "</TD></TR>", GREY, a, b);
}

static void row(GString *out, const char *colour, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    g_string_append_printf(out, "<TR><TD ALIGN=\"LEFT\" BGCOLOR=\"%s\">"
                           "<FONT POINT-SIZE=\"10\">%s&#160;&#160;</FONT>"
                           "</TD></TR>", colour, escaped);
}

/* Begin a node, its label follows; @path says where its details are. */
static void open_node(Drawing *d, const char *path)
{
    g_string_append_printf(d->out, "  \"%s\" [id=\"%s\" label=<", path, path);
}

static void close_node(Drawing *d)
{
    g_string_append(d->out, "</TABLE>>];\n");
}

static const char *piece_colour(unsigned number)
{
    return colours[number % G_N_ELEMENTS(colours)];
}

/* The colour of the region that a decoder is part of */
static const char *decoder_colour(Drawing *d, JsonObject *decoder)
{
    uint64_t base = json_number(decoder, "base");
    unsigned number = 0;

    JSON_EACH(window, json_list(d->doc, "windows")) {
        JSON_EACH(piece, json_list(window, "pieces")) {
            uint64_t start = json_number(piece, "base");

            if (base >= start && base - start < json_number(piece, "size")) {
                return piece_colour(number);
            }
            number++;
        }
    }
    return "white";
}

static void draw_window(Drawing *d, JsonObject *window, unsigned index,
                        unsigned *pieces)
{
    g_autofree char *path = g_strdup_printf("windows/%u", index);
    g_autofree char *name = g_strdup_printf("window %u", index);
    g_autofree char *range = topology_range(json_number(window, "base"),
                                            json_number(window, "size"));

    open_node(d, path);
    head(d->out, name, range);
    JSON_EACH(piece, json_list(window, "pieces")) {
        g_autofree char *size = topology_size(json_number(piece, "size"));
        g_autofree char *access = topology_access(piece);
        g_autofree char *ways = topology_ways(piece);
        g_autofree char *text = g_strdup_printf(
            "0x%" PRIx64 ": %s %s%s", json_number(piece, "base"), size,
            access, ways);

        row(d->out, piece_colour((*pieces)++), text);
    }
    if (!json_count(json_list(window, "pieces"))) {
        row(d->out, "white", "nothing is decoded");
    }
    close_node(d);
}

/* From a window to the bridges that it leads to, once each */
static void draw_targets(Drawing *d, JsonObject *window, unsigned index)
{
    g_autofree char *targets = topology_join(json_list(window, "targets"),
                                             "\n");
    g_auto(GStrv) names = g_strsplit(targets, "\n", -1);
    JsonArray *bridges = json_list(d->doc, "bridges");
    unsigned i;

    for (i = 0; i < json_count(bridges); i++) {
        const char *name = json_text(json_at(bridges, i), "name");

        if (g_strv_contains((const char *const *)names, name)) {
            g_string_append_printf(d->out, "  \"windows/%u\" -> \"bridges/%u\""
                                   ";\n", index, i);
        }
    }
}

static void faults(GString *out, JsonObject *device)
{
    JsonArray *ranges = json_list(json_below(device, "poison"), "ranges");
    JsonObject *errors = json_below(device, "errors");
    unsigned count = json_count(json_list(errors, "uncorrectable")) +
                     json_count(json_list(errors, "correctable"));
    uint64_t bytes = 0;

    JSON_EACH(range, ranges) {
        bytes += json_number(range, "length");
    }
    if (bytes) {
        g_autofree char *size = topology_size(bytes);
        g_autofree char *text = g_strdup_printf("poison: %s in %u place%s",
                                                size, json_count(ranges),
                                                json_count(ranges) == 1 ?
                                                "" : "s");

        row(out, RED, text);
    }
    if (count) {
        g_autofree char *text = g_strdup_printf("link errors: %u", count);

        row(out, RED, text);
    }
}

static void extents(GString *out, JsonObject *device)
{
    JsonArray *list = json_list(json_below(device, "dynamic-capacity"),
                                "extents");
    uint64_t bytes = 0;

    JSON_EACH(extent, list) {
        bytes += json_number(extent, "length");
    }
    if (bytes) {
        g_autofree char *size = topology_size(bytes);
        g_autofree char *text = g_strdup_printf("%s in %u extent%s", size,
                                                json_count(list),
                                                json_count(list) == 1 ?
                                                "" : "s");

        row(out, "white", text);
    }
}

static void decoders(Drawing *d, JsonObject *node)
{
    JSON_EACH(decoder, json_list(node, "decoders")) {
        g_autofree char *size = topology_size(json_number(decoder, "size"));
        g_autofree char *ways = topology_ways(decoder);
        g_autofree char *text = g_strdup_printf(
            "0x%" PRIx64 ": %s%s", json_number(decoder, "base"), size, ways);

        row(d->out, decoder_colour(d, decoder), text);
    }
    JSON_EACH(refusal, json_list(node, "refused")) {
        g_autofree char *text = g_strdup_printf(
            "decoder %" PRIu64 ": %s", json_number(refusal, "decoder"),
            json_text(refusal, "reason"));

        row(d->out, RED, text);
    }
}

static void draw_memory(Drawing *d, JsonObject *device, const char *path)
{
    g_autofree char *bias = topology_bias(device);
    g_autofree char *capacity = topology_capacity(device);
    g_autofree char *what = g_strconcat(
        *capacity ? capacity : "CXL memory",
        json_truth(device, "enabled") ? "" : ", not enabled", NULL);

    open_node(d, path);
    head(d->out, json_text(device, "name"), what);
    decoders(d, device);
    if (bias) {
        row(d->out, "white", bias);
    }
    extents(d->out, device);
    faults(d->out, device);
    close_node(d);
}

static void draw_node(Drawing *d, JsonObject *node, const char *path);

static void draw_port(Drawing *d, JsonObject *port, const char *path,
                      unsigned index)
{
    JsonObject *below = json_below(port, "below");
    g_autofree char *to = g_strdup_printf("%s/ports/%u/below", path, index);
    const char *id = json_text(port, "id");
    g_autofree char *escaped = NULL;

    if (!below) {
        g_string_append_printf(d->out, "  \"%s\" [shape=point"
                               " color=\"#7b8794\"];\n", to);
    } else {
        draw_node(d, below, to);
    }
    escaped = g_strescape(id, NULL);
    g_string_append_printf(d->out, "  \"%s\" -> \"%s\" [label=\" %s%s%" PRIu64
                           "\"];\n", path, to, escaped, *id ? ", port " :
                           "port ", json_number(port, "number"));
}

static void draw_node(Drawing *d, JsonObject *node, const char *path)
{
    JsonArray *ports = json_list(node, "ports");
    unsigned i;

    if (topology_is_memory(node)) {
        draw_memory(d, node, path);
        return;
    }
    open_node(d, path);
    head(d->out, json_text(node, "name"), json_text(node, "type"));
    decoders(d, node);
    close_node(d);
    for (i = 0; i < json_count(ports); i++) {
        draw_port(d, json_at(ports, i), path, i);
    }
}

static void draw_function(Drawing *d, JsonObject *function, unsigned index)
{
    g_autofree char *path = g_strdup_printf("functions/%u", index);
    JsonObject *did = json_below(function, "statistics");
    g_autofree char *moved = topology_size(json_number(did, "bytes"));
    g_autofree char *text = g_strdup_printf(
        "%" PRIu64 " descriptors, %s moved", json_number(did, "descriptors"),
        moved);
    g_autofree char *what = g_strdup_printf("SDXI function %" PRIu64 ", %s",
                                            json_number(function, "sfunc"),
                                            json_text(function, "state"));

    open_node(d, path);
    head(d->out, topology_id(json_text(function, "qom-path")), what);
    row(d->out, "white", text);
    JSON_EACH(context, json_list(function, "contexts")) {
        g_autofree char *words = g_strdup_printf(
            "context %" PRIu64 ": %s", json_number(context, "number"),
            json_text(context, "state"));

        row(d->out, "white", words);
    }
    if (json_number(did, "failed")) {
        g_autofree char *words = g_strdup_printf(
            "%" PRIu64 " failed", json_number(did, "failed"));

        row(d->out, RED, words);
    }
    close_node(d);
}

/* All nodes in one table: there may be many, and little to say of each */
static void draw_nodes(Drawing *d)
{
    open_node(d, "nodes");
    head(d->out, "NUMA nodes", "as the command line has them");
    JSON_EACH(node, json_list(d->doc, "nodes")) {
        g_autofree char *size = topology_size(json_number(node, "size"));
        const char *cpus = json_text(node, "cpus");
        const char *owner = json_text(node, "owner");
        g_autofree char *text = g_strdup_printf(
            "node %" PRIu64 ": %s%s%s%s%s", json_number(node, "node"),
            json_number(node, "size") ? size : "no memory",
            *cpus ? ", cpus " : "", cpus, *owner ? ", of " : "", owner);

        row(d->out, *owner ? piece_colour(0) : "white", text);
    }
    close_node(d);
}

static void draw_all(Drawing *d)
{
    JsonArray *windows = json_list(d->doc, "windows");
    JsonArray *bridges = json_list(d->doc, "bridges");
    JsonArray *functions = json_list(d->doc, "functions");
    JsonArray *unreached = json_list(d->doc, "unreached");
    unsigned i, pieces = 0;

    for (i = 0; i < json_count(windows); i++) {
        draw_window(d, json_at(windows, i), i, &pieces);
        draw_targets(d, json_at(windows, i), i);
    }
    for (i = 0; i < json_count(bridges); i++) {
        g_autofree char *path = g_strdup_printf("bridges/%u", i);

        draw_node(d, json_at(bridges, i), path);
    }
    for (i = 0; i < json_count(unreached); i++) {
        g_autofree char *path = g_strdup_printf("unreached/%u", i);

        draw_memory(d, json_at(unreached, i), path);
    }
    for (i = 0; i < json_count(functions); i++) {
        draw_function(d, json_at(functions, i), i);
    }
    if (json_count(json_list(d->doc, "nodes"))) {
        draw_nodes(d);
    }
}

char *topology_dot(JsonObject *doc)
{
    Drawing d = { .doc = doc, .out = g_string_new(NULL) };

    g_string_append(d.out, "digraph topology {\n"
                    "  graph [rankdir=TB nodesep=0.4 ranksep=0.5];\n"
                    "  node [shape=plain fontname=\"Helvetica,sans-serif\""
                    " fontsize=12];\n"
                    "  edge [fontname=\"Helvetica,sans-serif\" fontsize=10"
                    " color=\"#7b8794\" arrowsize=0.6];\n");
    draw_all(&d);
    g_string_append(d.out, "}\n");
    return g_string_free(d.out, false);
}
