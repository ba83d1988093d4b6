/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything at once: as a tree (list), and as a picture (graph).
 */
#include "qemu/osdep.h"
#include "tools/lib/json.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"

/* What is below a port that has a memory device. */
static bool add_below(Fm *fm, JsonObject *port, GError **error)
{
    Place place = { .port = json_object_get_int_member(port, "port"),
                    .ld = NO_LD };
    const char *device = json_object_get_string_member(port, "device");
    bool is_mld = !strcmp(device, "mld");
    JsonNode *extents, *lds;

    if (!is_mld && strcmp(device, "sld")) {
        return true;
    }
    if (is_mld) {
        lds = fm_lds(fm, place, error);
        if (!lds) {
            return false;
        }
        json_object_set_member(port, "ld-list", lds);
    }
    extents = fm_dc_extents(fm, place, error);
    if (!extents) {
        return false;
    }
    json_object_set_member(port, "extents", extents);
    return true;
}

static bool add_ports(Fm *fm, JsonObject *root, GError **error)
{
    JsonNode *ports = fm_switch_ports(fm, error), *vcs;

    if (!ports) {
        return false;
    }
    json_object_set_member(root, "ports", ports);
    JSON_EACH(port, json_node_get_array(ports)) {
        if (!add_below(fm, port, error)) {
            return false;
        }
    }
    vcs = fm_switch_vcs(fm, error);
    if (vcs) {
        json_object_set_member(root, "vcs", vcs);
    }
    return vcs;
}

static JsonNode *everything(Fm *fm, GError **error)
{
    JsonObject *root = json_object_new();
    JsonNode *node = fm_switch_identity(fm, error), *extents;
    bool done = node;

    if (done) {
        json_object_set_member(root, "identity", node);
        if (fm->is_switch) {
            done = add_ports(fm, root, error);
        } else {
            extents = fm_dc_extents(fm, PLACE_HERE, error);
            done = extents;
            if (done) {
                json_object_set_member(root, "extents", extents);
            }
        }
    }
    if (!done) {
        json_object_unref(root);
        return NULL;
    }
    node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(node, root);
    return node;
}

/* The tree as text */

static void show_extents(JsonArray *a, const char *indent)
{
    JSON_EACH(o, a) {
        g_autofree char *len = format_size(json_object_get_int_member(
                                               o, "length"));

        printf("%sextent 0x%" G_GINT64_MODIFIER "x %s host %"
               G_GINT64_FORMAT " tag %s\n", indent,
               json_object_get_int_member(o, "address"), len,
               json_object_get_int_member(o, "host"),
               json_object_get_string_member(o, "tag"));
    }
}

static void show_lds(JsonArray *a, const char *indent)
{
    JSON_EACH(o, a) {
        g_autofree char *size = format_size(json_object_get_int_member(
                                                o, "size"));

        printf("%sld %" G_GINT64_FORMAT " %s\n", indent,
               json_object_get_int_member(o, "ld"), size);
    }
}

static void show_ports(JsonArray *a)
{
    JSON_EACH(o, a) {
        printf("  port %" G_GINT64_FORMAT " %s, %s, link %s x%"
               G_GINT64_FORMAT "\n", json_object_get_int_member(o, "port"),
               json_object_get_string_member(o, "state"),
               json_object_get_string_member(o, "device"),
               json_object_get_string_member(o, "link"),
               json_object_get_int_member(o, "width"));
        show_lds(json_list(o, "ld-list"), "    ");
        show_extents(json_list(o, "extents"), "    ");
    }
}

static void show_vcs(JsonArray *a)
{
    JSON_EACH(o, a) {
        JsonArray *vppbs = json_list(o, "vppbs");
        gint64 vcs = json_object_get_int_member(o, "vcs");

        printf("  vcs %" G_GINT64_FORMAT " %s\n", vcs,
               json_object_get_string_member(o, "state"));
        JSON_EACH(v, vppbs) {
            printf("    vppb %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT " %s",
                   vcs, json_object_get_int_member(v, "vppb"),
                   json_object_get_string_member(v, "status"));
            if (!json_object_get_null_member(v, "port")) {
                printf(" %" G_GINT64_FORMAT,
                       json_object_get_int_member(v, "port"));
            }
            if (!json_object_get_null_member(v, "ld")) {
                printf(".%" G_GINT64_FORMAT,
                       json_object_get_int_member(v, "ld"));
            }
            printf("\n");
        }
    }
}

static bool run_list(Fm *fm, char **args, GError **error)
{
    g_autoptr(JsonNode) node = NULL;
    JsonObject *root, *identity;

    if (!fm_options(args, NULL, 0, 0, error)) {
        return false;
    }
    node = everything(fm, error);
    if (!node || fm->json) {
        if (node) {
            fm_show(fm, json_node_ref(node));
        }
        return node;
    }
    root = json_node_get_object(node);
    identity = json_object_get_object_member(root, "identity");
    printf("%s %s\n", json_object_get_string_member(identity, "component"),
           json_object_get_string_member(identity, "device"));
    show_ports(json_list(root, "ports"));
    show_vcs(json_list(root, "vcs"));
    show_extents(json_list(root, "extents"), "  ");
    return true;
}

/* The picture: hosts' side on top, then virtual switches, ports, devices */

#define BOX_W  150
#define BOX_H  44
#define STEP_X 170
#define STEP_Y 100

typedef struct Picture {
    GString *out;
    bool svg;
    unsigned columns;
} Picture;

static void box(Picture *p, unsigned row, unsigned column, const char *id,
                const char *first, const char *second)
{
    unsigned x = 10 + column * STEP_X, y = 10 + row * STEP_Y;

    p->columns = MAX(p->columns, column + 1);
    if (!p->svg) {
        g_string_append_printf(p->out, "  \"%s\" [label=\"%s\\n%s\"];\n", id,
                               first, second);
        return;
    }
    g_string_append_printf(p->out,
        "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"6\""
        " fill=\"#eef\" stroke=\"#336\"/>\n"
        "<text x=\"%u\" y=\"%u\">%s</text>\n"
        "<text x=\"%u\" y=\"%u\">%s</text>\n", x, y, BOX_W, BOX_H, x + 8,
        y + 18, first, x + 8, y + 36, second);
}

static void line(Picture *p, unsigned row, unsigned from, unsigned to,
                 const char *id, const char *other)
{
    if (!p->svg) {
        g_string_append_printf(p->out, "  \"%s\" -- \"%s\";\n", id, other);
        return;
    }
    g_string_append_printf(p->out,
        "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" stroke=\"#336\"/>\n",
        10 + from * STEP_X + BOX_W / 2, 10 + row * STEP_Y + BOX_H,
        10 + to * STEP_X + BOX_W / 2, 10 + (row + 1) * STEP_Y);
}

static void draw_ports(Picture *p, JsonArray *ports)
{
    for (guint i = 0; i < json_count(ports); i++) {
        JsonObject *o = json_array_get_object_element(ports, i);
        gint64 number = json_object_get_int_member(o, "port");
        const char *device = json_object_get_string_member(o, "device");
        g_autofree char *id = g_strdup_printf("port %" G_GINT64_FORMAT,
                                              number);
        g_autofree char *below = g_strdup_printf("%s %" G_GINT64_FORMAT,
                                                 device, number);
        g_autofree char *extents = g_strdup_printf(
            "%u extents, %u LDs", json_count(json_list(o, "extents")),
            json_count(json_list(o, "ld-list")));

        box(p, 1, i, id, id, json_object_get_string_member(o, "state"));
        if (strcmp(device, "none")) {
            box(p, 2, i, below, device, extents);
            line(p, 1, i, i, id, below);
        }
    }
}

static guint column_of(JsonArray *ports, gint64 number)
{
    for (guint i = 0; i < json_count(ports); i++) {
        if (json_object_get_int_member(json_array_get_object_element(
                                           ports, i), "port") == number) {
            return i;
        }
    }
    return 0;
}

static void draw_vcs(Picture *p, JsonArray *vcs, JsonArray *ports)
{
    for (guint i = 0; i < json_count(vcs); i++) {
        JsonObject *o = json_array_get_object_element(vcs, i);
        JsonArray *vppbs = json_list(o, "vppbs");
        g_autofree char *id = g_strdup_printf("vcs %" G_GINT64_FORMAT,
            json_object_get_int_member(o, "vcs"));

        box(p, 0, i, id, id, json_object_get_string_member(o, "state"));
        JSON_EACH(v, vppbs) {
            g_autofree char *port = NULL;

            if (json_object_get_null_member(v, "port")) {
                continue;
            }
            port = g_strdup_printf("port %" G_GINT64_FORMAT,
                                   json_object_get_int_member(v, "port"));
            line(p, 0, i, column_of(ports, json_object_get_int_member(
                                        v, "port")), id, port);
        }
    }
}

static char *draw(JsonObject *root, bool svg)
{
    Picture p = { .out = g_string_new(NULL), .svg = svg };
    JsonArray *ports = json_list(root, "ports");
    g_autofree char *inner = NULL;

    draw_vcs(&p, json_list(root, "vcs"), ports);
    draw_ports(&p, ports);
    if (!ports) {
        box(&p, 0, 0, "device", "memory device",
            json_object_get_string_member(json_object_get_object_member(
                root, "identity"), "device"));
    }
    inner = g_string_free(p.out, FALSE);
    if (!svg) {
        return g_strdup_printf("graph fabric {\n  node [shape=box];\n%s}\n",
                               inner);
    }
    return g_strdup_printf(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\""
        " height=\"%u\" font-family=\"sans-serif\" font-size=\"13\">\n"
        "%s</svg>\n", 10 + p.columns * STEP_X, 20 + 2 * STEP_Y + BOX_H,
        inner);
}

static bool run_graph(Fm *fm, char **args, GError **error)
{
    gboolean dot = FALSE;
    g_autofree char *svg = NULL, *text = NULL;
    const GOptionEntry entries[] = {
        { "dot", 0, 0, G_OPTION_ARG_NONE, &dot },
        { "svg", 0, 0, G_OPTION_ARG_FILENAME, &svg },
        { NULL }
    };
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(GError) err = NULL;

    if (!fm_options(args, entries, 0, 0, error)) {
        return false;
    }
    if (dot && svg) {
        g_set_error(error, FM_ERROR, FM_USAGE, "--dot and --svg exclude each"
                    " other");
        return false;
    }
    node = everything(fm, error);
    if (!node) {
        return false;
    }
    text = draw(json_node_get_object(node), svg);
    if (!svg) {
        fputs(text, stdout);
    } else if (!g_file_set_contents(svg, text, -1, &err)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "%s", err->message);
        return false;
    }
    return true;
}

const FmCommand tree_commands[] = {
    { "list", "", "everything there is, as a tree", run_list },
    { "graph", "[--dot | --svg FILE]",
      "the same as a picture: Graphviz's language, or SVG", run_graph },
    { NULL }
};
