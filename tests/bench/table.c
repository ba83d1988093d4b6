/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of figures; see table.h.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "tests/bench/table.h"

static QList *ratios;

static void keep(const char *what, const char *against, double ratio,
                 double goal)
{
    g_autofree char *name = g_strdup_printf("%s / %s", what, against);
    QDict *row = qdict_new();
    QList *values = qlist_new();

    qlist_append(values, qnum_from_double(ratio));
    qdict_put_str(row, "name", name);
    qdict_put(row, "values", values);
    if (goal) {
        qdict_put(row, "goal", qnum_from_double(goal));
    }
    qlist_append(ratios, row);
}

static void save(const char *path)
{
    QDict *table = qdict_new();
    QList *columns = qlist_new();
    g_autoptr(GString) text = NULL;
    g_autoptr(GError) error = NULL;

    qlist_append_str(columns, "ratio");
    qdict_put_str(table, "title", "sdxi beside the processor's own loops");
    qdict_put_str(table, "unit", "ratio of speeds");
    qdict_put(table, "columns", columns);
    qdict_put(table, "rows", ratios);
    text = qobject_to_json_pretty(QOBJECT(table), true);
    if (!g_file_set_contents(path, text->str, text->len, &error)) {
        g_error("%s", error->message);
    }
    qobject_unref(table);
}

void bench_table_begin(void)
{
    ratios = qlist_new();
    printf("%-28s %11s  %-10s %11s  %6s %5s\n", "sdxi", "ns/dsc", "against",
           "ns/dsc", "ratio", "goal");
}

void bench_table_row(const char *what, double ns, const char *against,
                     double against_ns, double ratio, double goal)
{
    printf("%-28s %11.1f  %-10s %11.1f  %6.2f", what, ns, against, against_ns,
           ratio);
    if (goal) {
        printf(" %5.2f%s", goal, ratio < goal ? "  !" : "");
    }
    printf("\n");
    keep(what, against, ratio, goal);
}

void bench_table_end(const char *path)
{
    if (path) {
        save(path);
    } else {
        qobject_unref(ratios);
    }
}
