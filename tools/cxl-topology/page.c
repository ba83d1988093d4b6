/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-topology: the graph as a picture that Graphviz draws, and the picture in
 * a page of HTML that needs nothing else.
 *
 * The page holds the document, and a script that shows the part of it that the
 * pointer is on; the script makes text of it, never markup.
 */
#include <gio/gio.h>
#include <string.h>
#include "page-text.h"
#include "topology.h"

static char *run_graphviz(const char *dot, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GSubprocess) graphviz = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
        G_SUBPROCESS_FLAGS_STDERR_PIPE, &why, "dot", "-Tsvg", NULL);
    g_autofree char *svg = NULL, *said = NULL;

    if (!graphviz) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "Graphviz draws the picture, and cannot be started (%s):"
                    " apt-get install graphviz, or take --dot", why->message);
        return NULL;
    }
    if (!g_subprocess_communicate_utf8(graphviz, dot, NULL, &svg, &said,
                                       &why) ||
        !g_subprocess_get_successful(graphviz)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                    "Graphviz (dot -Tsvg) draws nothing: %s",
                    said && *said ? g_strchomp(said) : why ? why->message :
                    "it says nothing");
        return NULL;
    }
    return g_steal_pointer(&svg);
}

char *topology_svg(JsonObject *doc, GError **error)
{
    g_autofree char *dot = topology_dot(doc);

    return run_graphviz(dot, error);
}

/* The document as a value of a script: no "</script>" may be in it */
static char *script_value(JsonObject *doc)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *text = NULL;
    g_auto(GStrv) parts = NULL;

    json_node_set_object(node, doc);
    text = json_to_string(node, false);
    parts = g_strsplit(text, "<", -1);
    return g_strjoinv("\\u003c", parts);
}

char *topology_page(JsonObject *doc, GError **error)
{
    g_autofree char *svg = topology_svg(doc, error);
    g_autofree char *tree = NULL, *lines = NULL, *value = NULL;
    const char *picture;

    if (!svg) {
        return NULL;
    }
    /* what is before it, XML's own head, has no place within HTML */
    picture = strstr(svg, "<svg");
    tree = topology_tree(doc);
    lines = g_markup_escape_text(tree, -1);
    value = script_value(doc);
    return g_strconcat(PAGE_HEAD, picture ? picture : svg, PAGE_MIDDLE, lines,
                       PAGE_SCRIPT, value, PAGE_END, NULL);
}
