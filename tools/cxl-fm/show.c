/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results as text; see show.h.
 */
#include "qemu/osdep.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"
#include "tools/cxl-fm/show.h"

/* Members that count bytes */
static bool is_size(const char *name)
{
    static const char *const sizes[] = {
        "size", "length", "block-size", "capacity", "granularity",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        if (!strcmp(name, sizes[i])) {
            return true;
        }
    }
    return false;
}

static char *scalar(const char *name, JsonNode *node)
{
    if (json_node_is_null(node)) {
        return g_strdup("-");
    }
    switch (json_node_get_value_type(node)) {
    case G_TYPE_STRING:
        return json_node_dup_string(node);
    case G_TYPE_BOOLEAN:
        return g_strdup(json_node_get_boolean(node) ? "yes" : "no");
    default:
        return is_size(name) ? format_size(json_node_get_int(node)) :
               g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
    }
}

/* What fits into one cell: a scalar, or scalars of an array with commas. */
static char *cell(const char *name, JsonNode *node)
{
    GString *s;
    JsonArray *a;

    if (!node) {
        return g_strdup("-");
    }
    if (!JSON_NODE_HOLDS_ARRAY(node)) {
        return JSON_NODE_HOLDS_OBJECT(node) ? g_strdup("...") :
               scalar(name, node);
    }
    s = g_string_new(NULL);
    a = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(a); i++) {
        g_autofree char *one = cell(name, json_array_get_element(a, i));

        g_string_append_printf(s, "%s%s", i ? "," : "", one);
    }
    return g_string_free(s, FALSE);
}

static bool is_table(JsonNode *node)
{
    JsonArray *a = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) :
                   NULL;

    return a && json_array_get_length(a) &&
           JSON_NODE_HOLDS_OBJECT(json_array_get_element(a, 0));
}

static void show(GString *s, JsonNode *node, unsigned indent);

/* A column for each member of the first row that is no table itself. */
static GList *columns_of(JsonArray *rows)
{
    JsonObject *first = json_array_get_object_element(rows, 0);
    GList *names = json_object_get_members(first), *next;

    for (GList *l = names; l; l = next) {
        next = l->next;
        if (is_table(json_object_get_member(first, l->data))) {
            names = g_list_delete_link(names, l);
        }
    }
    return names;
}

static void row_line(GString *s, GList *columns, JsonObject *row,
                     const guint *widths, unsigned indent)
{
    guint c = 0;

    g_string_append_printf(s, "%*s", indent, "");
    for (GList *l = columns; l; l = l->next, c++) {
        g_autofree char *text = row ?
            cell(l->data, json_object_get_member(row, l->data)) :
            g_ascii_strup(l->data, -1);

        if (l->next) {
            g_string_append_printf(s, "%-*s  ", (int)widths[c], text);
        } else {
            g_string_append(s, text);
        }
    }
    g_string_append_c(s, '\n');
}

/* Tables within a row come below it, further in. */
static void inner_tables(GString *s, JsonObject *row, unsigned indent)
{
    g_autoptr(GList) names = json_object_get_members(row);

    for (GList *l = names; l; l = l->next) {
        JsonNode *node = json_object_get_member(row, l->data);

        if (is_table(node)) {
            show(s, node, indent + 4);
        }
    }
}

static void show_table(GString *s, JsonArray *rows, unsigned indent)
{
    g_autoptr(GList) columns = columns_of(rows);
    g_autofree guint *widths = g_new0(guint, g_list_length(columns) + 1);
    guint c = 0;

    for (GList *l = columns; l; l = l->next, c++) {
        widths[c] = strlen(l->data);
        for (guint i = 0; i < json_array_get_length(rows); i++) {
            JsonObject *row = json_array_get_object_element(rows, i);
            g_autofree char *text = cell(l->data, json_object_get_member(
                                             row, l->data));

            widths[c] = MAX(widths[c], strlen(text));
        }
    }
    row_line(s, columns, NULL, widths, indent);
    for (guint i = 0; i < json_array_get_length(rows); i++) {
        JsonObject *row = json_array_get_object_element(rows, i);

        row_line(s, columns, row, widths, indent);
        inner_tables(s, row, indent);
    }
}

static void show_object(GString *s, JsonObject *object, unsigned indent)
{
    g_autoptr(GList) names = json_object_get_members(object);

    for (GList *l = names; l; l = l->next) {
        const char *name = l->data;
        JsonNode *node = json_object_get_member(object, name);

        g_string_append_printf(s, "%*s%s:", indent, "", name);
        if (is_table(node) || JSON_NODE_HOLDS_OBJECT(node)) {
            g_string_append_c(s, '\n');
            show(s, node, indent + 2);
        } else {
            g_autofree char *text = cell(name, node);

            g_string_append_printf(s, " %s\n", text);
        }
    }
}

static void show(GString *s, JsonNode *node, unsigned indent)
{
    if (is_table(node)) {
        show_table(s, json_node_get_array(node), indent);
    } else if (JSON_NODE_HOLDS_OBJECT(node)) {
        show_object(s, json_node_get_object(node), indent);
    } else if (!JSON_NODE_HOLDS_ARRAY(node) ||
               json_array_get_length(json_node_get_array(node))) {
        g_autofree char *text = cell("", node);

        g_string_append_printf(s, "%*s%s\n", indent, "", text);
    }
}

char *show_text(JsonNode *node)
{
    GString *s = g_string_new(NULL);

    show(s, node, 0);
    return g_string_free(s, FALSE);
}

char *show_json(JsonNode *node)
{
    g_autofree char *text = json_to_string(node, TRUE);

    return g_strconcat(text, "\n", NULL);
}

void fm_show(Fm *fm, JsonNode *result)
{
    g_autofree char *text = fm->json ? show_json(result) : show_text(result);

    fputs(text, stdout);
    json_node_unref(result);
}
