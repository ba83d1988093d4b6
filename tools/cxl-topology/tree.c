/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-topology: the document as a tree of lines, for a terminal.
 *
 * Lines are made as children of a GNode, and drawn at the end: only then is
 * known which branch is the last one.
 */
#include <inttypes.h>
#include <string.h>
#include "topology.h"

/*
 * Add a line below @parent, which takes over @text.  What an emulator says is
 * text, and no command to the terminal.
 */
static GNode *add(GNode *parent, char *text)
{
    for (guchar *c = (guchar *)text; *c; c++) {
        if (c[0] == 0xc2 && (c[1] & 0xe0) == 0x80) {
            /* U+0080 to U+009F, one of which begins commands */
            c[0] = c[1] = '?';
        } else if (g_ascii_iscntrl(*c)) {
            *c = '?';
        }
    }
    return g_node_append_data(parent, text);
}

static void add_piece(GNode *window, JsonObject *piece)
{
    g_autofree char *range = topology_range(json_number(piece, "base"),
                                            json_number(piece, "size"));
    g_autofree char *ways = topology_ways(piece);
    g_autofree char *access = topology_access(piece);
    g_autoptr(GString) members = g_string_new(NULL);

    JSON_EACH(member, json_list(piece, "members")) {
        g_string_append_printf(members, "%s %s at dpa 0x%" PRIx64,
                               members->len ? "," : ":",
                               json_text(member, "name"),
                               json_number(member, "dpa"));
    }
    add(window, g_strdup_printf("region %s, %s%s%s", range, access, ways,
                                members->str));
}

static void add_window(GNode *root, JsonObject *window)
{
    g_autofree char *range = topology_range(json_number(window, "base"),
                                            json_number(window, "size"));
    g_autofree char *ways = topology_ways(window);
    g_autofree char *targets = topology_join(json_list(window, "targets"),
                                             ", ");
    GNode *node = add(root, g_strdup_printf("window %s to %s%s", range,
                                            targets, ways));

    JSON_EACH(piece, json_list(window, "pieces")) {
        add_piece(node, piece);
    }
    if (!json_count(json_list(window, "pieces"))) {
        add(node, g_strdup("nothing is decoded"));
    }
}

static void add_decoder(GNode *parent, JsonObject *decoder)
{
    g_autofree char *range = topology_range(json_number(decoder, "base"),
                                            json_number(decoder, "size"));
    g_autofree char *ways = topology_ways(decoder);
    g_autoptr(GString) where = g_string_new(NULL);

    if (json_list(decoder, "targets")) {
        g_autofree char *targets = topology_join(
            json_list(decoder, "targets"), ", ");

        g_string_printf(where, " to port %s", targets);
    } else if (json_member(decoder, "dpa")) {
        g_string_printf(where, " at dpa 0x%" PRIx64,
                        json_number(decoder, "dpa"));
    }
    add(parent, g_strdup_printf("decoder %s%s%s", range, where->str, ways));
}

static void add_decoders(GNode *parent, JsonObject *node)
{
    JSON_EACH(decoder, json_list(node, "decoders")) {
        add_decoder(parent, decoder);
    }
    JSON_EACH(refusal, json_list(node, "refused")) {
        add(parent, g_strdup_printf("decoder %" PRIu64 " not committed: %s",
                                    json_number(refusal, "decoder"),
                                    json_text(refusal, "reason")));
    }
}

static void add_extents(GNode *parent, JsonObject *device)
{
    JsonObject *info = json_below(device, "dynamic-capacity");

    JSON_EACH(extent, json_list(info, "extents")) {
        g_autofree char *range = topology_range(
            json_number(extent, "start"), json_number(extent, "length"));
        const char *tag = json_text(extent, "tag");

        add(parent, g_strdup_printf("extent %s, %s%s%s", range,
                                    json_text(extent, "state"),
                                    *tag ? ", tag " : "", tag));
    }
}

static void add_faults(GNode *parent, JsonObject *device)
{
    JsonObject *errors = json_below(device, "errors");
    g_autofree char *corrected = topology_join(
        json_list(errors, "correctable"), ", ");

    JSON_EACH(range, json_list(json_below(device, "poison"), "ranges")) {
        g_autofree char *text = topology_range(
            json_number(range, "start"), json_number(range, "length"));

        add(parent, g_strdup_printf("poison %s, %s%s", text,
                                    json_text(range, "source"),
                                    json_truth(range, "listed") ? ""
                                    : ", not found yet"));
    }
    JSON_EACH(error, json_list(errors, "uncorrectable")) {
        add(parent, g_strdup_printf("uncorrectable error: %s",
                                    json_text(error, "type")));
    }
    if (*corrected) {
        add(parent, g_strdup_printf("correctable errors: %s", corrected));
    }
    JSON_EACH(log, json_list(device, "events")) {
        unsigned records = json_count(json_list(log, "records"));

        if (records) {
            add(parent, g_strdup_printf("event log %s: %u record%s",
                                        json_text(log, "log"), records,
                                        records == 1 ? "" : "s"));
        }
    }
}

static void fill_memory(GNode *line, JsonObject *device)
{
    char *bias = topology_bias(device);

    add_decoders(line, device);
    if (bias) {
        add(line, bias);
    }
    add_extents(line, device);
    add_faults(line, device);
}

/* "memory mem0: 256 MiB volatile, serial 0x1" */
static char *memory_words(JsonObject *device)
{
    g_autofree char *capacity = topology_capacity(device);
    const char *serial = json_text(device, "serial");

    return g_strdup_printf("%s %s%s%s%s%s%s", json_text(device, "type"),
                           json_text(device, "name"),
                           *capacity ? ": " : "", capacity,
                           *serial ? ", serial " : "", serial,
                           json_truth(device, "enabled") ? ""
                           : ", not enabled by the guest");
}

static char *node_words(JsonObject *node)
{
    const char *type = json_text(node, "type");

    if (topology_is_memory(node)) {
        return memory_words(node);
    }
    return g_strdup_printf("%s %s%s", type, json_text(node, "name"),
                           json_truth(node, "passthrough") ?
                           ", passes all on" : "");
}

/* @before: what stands in front, "port 0 (rp0): " */
static void add_node(GNode *parent, const char *before, JsonObject *node)
{
    g_autofree char *words = node_words(node);
    GNode *line = add(parent, g_strconcat(before, words, NULL));

    fill_memory(line, node);
    JSON_EACH(port, json_list(node, "ports")) {
        JsonObject *below = json_below(port, "below");
        const char *id = json_text(port, "id");
        g_autofree char *name = g_strdup_printf(
            "port %" PRIu64 "%s%s%s: ", json_number(port, "number"),
            *id ? " (" : "", id, *id ? ")" : "");

        if (below) {
            add_node(line, name, below);
        } else {
            add(line, g_strconcat(name, "empty", NULL));
        }
    }
}

static void add_context(GNode *parent, JsonObject *context)
{
    g_autofree char *moved = topology_size(json_number(context, "bytes"));

    add(parent, g_strdup_printf("context %" PRIu64 ": %s, %" PRIu64
                                " descriptors, %s moved",
                                json_number(context, "number"),
                                json_text(context, "state"),
                                json_number(context, "descriptors"), moved));
}

static void add_function(GNode *root, JsonObject *function)
{
    JsonObject *did = json_below(function, "statistics");
    g_autofree char *moved = topology_size(json_number(did, "bytes"));
    GNode *line = add(root, g_strdup_printf(
        "sdxi %s: function %" PRIu64 ", %s, %" PRIu64 " descriptors (%" PRIu64
        " failed), %s moved", topology_id(json_text(function, "qom-path")),
        json_number(function, "sfunc"), json_text(function, "state"),
        json_number(did, "descriptors"), json_number(did, "failed"), moved));

    JSON_EACH(context, json_list(function, "contexts")) {
        add_context(line, context);
    }
    JSON_EACH(error, json_list(function, "errors")) {
        add(line, g_strdup_printf("error at %s: %s, stopped %s",
                                  json_text(error, "step"),
                                  json_text(error, "kind"),
                                  json_text(error, "stopped")));
    }
}

static void add_numa(GNode *root, JsonObject *node)
{
    g_autofree char *size = topology_size(json_number(node, "size"));
    const char *cpus = json_text(node, "cpus");
    const char *owner = json_text(node, "owner");

    add(root, g_strdup_printf("node %" PRIu64 ": %s%s%s%s%s",
                              json_number(node, "node"),
                              json_number(node, "size") ? size : "no memory",
                              *cpus ? ", cpus " : "", cpus,
                              *owner ? ", of " : "", owner));
}

static void add_dimm(GNode *root, JsonObject *device)
{
    JsonObject *data = json_below(device, "data");
    g_autofree char *size = topology_size(json_number(data, "size"));

    add(root, g_strdup_printf("%s %s: %s, node %" PRIu64,
                              json_text(device, "type"),
                              json_text(data, "id"), size,
                              json_number(data, "node")));
}

static void draw(GNode *node, const char *indent, GString *out)
{
    GNode *child;

    for (child = node->children; child; child = child->next) {
        bool last = !child->next, top = G_NODE_IS_ROOT(node);
        g_autofree char *deeper = g_strconcat(
            indent, top ? "" : last ? "   " : "│  ", NULL);

        g_string_append_printf(out, "%s%s%s\n", indent,
                               top ? "" : last ? "└─ " : "├─ ",
                               (char *)child->data);
        draw(child, deeper, out);
    }
}

static gboolean free_line(GNode *node, gpointer data)
{
    g_free(node->data);
    return FALSE;
}

char *topology_tree(JsonObject *doc)
{
    GNode *root = g_node_new(NULL);
    GString *out = g_string_new(NULL);

    JSON_EACH(window, json_list(doc, "windows")) {
        add_window(root, window);
    }
    JSON_EACH(bridge, json_list(doc, "bridges")) {
        add_node(root, "", bridge);
    }
    JSON_EACH(device, json_list(doc, "unreached")) {
        add_node(root, "no window leads to ", device);
    }
    JSON_EACH(function, json_list(doc, "functions")) {
        add_function(root, function);
    }
    JSON_EACH(node, json_list(doc, "nodes")) {
        add_numa(root, node);
    }
    JSON_EACH(device, json_list(doc, "memory-devices")) {
        add_dimm(root, device);
    }
    draw(root, "", out);
    g_node_traverse(root, G_PRE_ORDER, G_TRAVERSE_ALL, -1, free_line, NULL);
    g_node_destroy(root);
    return g_string_free(out, false);
}
