/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdxi-top: what was looked at, as lines for a file or a screen.
 */
#include <inttypes.h>
#include <string.h>
#include "top.h"

static void add(GArray *lines, LineKind kind, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void add(GArray *lines, LineKind kind, const char *format, ...)
{
    Line line = { .kind = kind };
    va_list values;

    va_start(values, format);
    line.text = g_strdup_vprintf(format, values);
    va_end(values);
    g_strchomp(line.text);
    g_array_append_val(lines, line);
}

static void clear_line(gpointer line)
{
    g_free(((Line *)line)->text);
}

/* A number as people write it, in steps of @step: "1.2M"; "-" if below 0 */
static char *short_number(double value, double step)
{
    static const char unit[] = " KMGTPE";
    unsigned n = 0;

    if (value < 0) {
        return g_strdup("-");
    }
    while (value >= step && n + 1 < sizeof(unit) - 1) {
        value /= step;
        n++;
    }
    if (n == 0) {
        return g_strdup_printf("%.0f", value);
    }
    return g_strdup_printf(value < 10 ? "%.2f%c" : value < 100 ? "%.1f%c"
                                                               : "%.0f%c",
                           value, unit[n]);
}

/* How a person calls what has this QOM path: its id where it has one */
static const char *id_of(const char *path)
{
    static const char named[] = "/machine/peripheral/";

    return g_str_has_prefix(path, named) ? path + strlen(named) : path;
}

static void add_function(GArray *lines, JsonObject *before, JsonObject *now,
                         double seconds)
{
    JsonObject *was = json_below(before, "statistics");
    JsonObject *is = json_below(now, "statistics");
    g_autofree char *descriptors =
        short_number(look_rate(was, is, "descriptors", seconds), 1000);
    g_autofree char *bytes =
        short_number(look_rate(was, is, "bytes", seconds), 1024);
    g_autofree char *interrupts =
        short_number(look_rate(was, is, "interrupts", seconds), 1000);
    g_autofree char *moved = short_number(json_number(is, "bytes"), 1024);

    add(lines, LINE_FUNCTION, "%-16s %5" PRIu64 " %-13s %5" PRIu64 " %5" PRIu64
        " %8s %8s %8s %7" PRIu64 " %7s",
        id_of(json_text(now, "qom-path")), json_number(now, "sfunc"),
        json_text(now, "state"), json_number(now, "running"),
        json_number(now, "ready"), descriptors, bytes, moved,
        json_number(is, "failed"), interrupts);
}

static void add_context(GArray *lines, JsonObject *before, JsonObject *now,
                        double seconds)
{
    g_autofree char *descriptors =
        short_number(look_rate(before, now, "descriptors", seconds), 1000);
    g_autofree char *bytes =
        short_number(look_rate(before, now, "bytes", seconds), 1024);
    g_autofree char *moved = short_number(json_number(now, "bytes"), 1024);
    g_autofree char *behind = NULL;

    if (json_member(now, "write-index")) {
        behind = g_strdup_printf("%" PRIu64 " of %" PRIu64 " wait",
                                 json_number(now, "write-index") -
                                 json_number(now, "read-index"),
                                 json_number(now, "ring-entries"));
    }
    add(lines, LINE_CONTEXT, "  context %-6" PRIu64 "       %-25s %8s %8s %8s"
        "  priority %" PRIu64 "%s%s%s", json_number(now, "number"),
        json_text(now, "state"), descriptors, bytes, moved,
        json_number(now, "qos"), behind ? ", " : "", behind ? behind : "",
        json_truth(now, "in-flight") ? ", one half-way" : "");
}

/* Errors of @list, the newest first */
static void add_errors(GArray *lines, JsonArray *list, const char *what)
{
    unsigned i;

    for (i = json_count(list); i-- > 0;) {
        JsonObject *error = json_at(list, i);
        g_autoptr(GString) where = g_string_new(NULL);

        if (!error) {
            continue;
        }
        if (json_member(error, "context")) {
            g_string_append_printf(where, ", context %" PRIu64,
                                   json_number(error, "context"));
        }
        if (json_member(error, "index")) {
            g_string_append_printf(where, ", descriptor %" PRIu64,
                                   json_number(error, "index"));
        }
        add(lines, LINE_ERROR, "  %s: %s at %s%s, stopped: %s%s", what,
            json_text(error, "kind"), json_text(error, "step"), where->str,
            json_text(error, "stopped"),
            json_truth(error, "logged") ? "" : ", not logged");
    }
}

GArray *lines_make(const Look *before, const Look *now)
{
    GArray *lines = g_array_new(false, false, sizeof(Line));
    JsonArray *functions = json_node_get_array(now->answer);
    double seconds = before ? (now->at - before->at) / 1e6 : 0;

    g_array_set_clear_func(lines, clear_line);
    add(lines, LINE_TITLE, "sdxi-top: %u function%s", json_count(functions),
        json_count(functions) == 1 ? "" : "s");
    add(lines, LINE_HEAD, "%-16s %5s %-13s %5s %5s %8s %8s %8s %7s %7s",
        "FUNCTION", "SFUNC", "STATE", "CTX", "READY", "DESC/s", "BYTES/s",
        "BYTES", "FAILED", "INTR/s");
    JSON_EACH(function, functions) {
        JsonObject *was = look_function(before, function);

        add_function(lines, was, function, seconds);
        JSON_EACH(context, json_list(function, "contexts")) {
            add_context(lines, look_context(was, context), context, seconds);
        }
        add_errors(lines, json_list(function, "stops"), "stopped");
        add_errors(lines, json_list(function, "errors"), "error");
    }
    return lines;
}
