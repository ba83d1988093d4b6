/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-topology: show the CXL memory, SDXI functions and NUMA nodes of a running
 * QEMU.  Options, and when to ask again; docs/tools/cxl-topology.md.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../lib/which.h"
#include "topology.h"

typedef struct Options {
    char *qmp, *output;
    gboolean json, dot, svg, html, version;
    int timeout;                /* seconds for an answer */
    double watch;               /* seconds between two looks; 0: one look */
} Options;

static gboolean parse_watch(const char *name, const char *value, gpointer data,
                            GError **error)
{
    Options *o = data;
    char *end = NULL;

    o->watch = value ? g_ascii_strtod(value, &end) : 1;
    if (value && (end == value || *end || !(o->watch >= 0.1) ||
                  !(o->watch <= 86400))) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--watch: '%s' is not within 0.1 to 86400 seconds",
                    value);
        return FALSE;
    }
    return TRUE;
}

static bool parse_options(Options *o, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        { "qmp", 'q', 0, G_OPTION_ARG_FILENAME, &o->qmp,
          "QEMU's monitor: a UNIX socket, or HOST:PORT", "SOCKET" },
        { "json", 'j', 0, G_OPTION_ARG_NONE, &o->json,
          "print the whole answer as JSON", NULL },
        { "dot", 'd', 0, G_OPTION_ARG_NONE, &o->dot,
          "print a graph in Graphviz's language", NULL },
        { "svg", 's', 0, G_OPTION_ARG_NONE, &o->svg,
          "print a picture; needs Graphviz", NULL },
        { "html", 0, 0, G_OPTION_ARG_NONE, &o->html,
          "print a page with the picture and details; needs Graphviz", NULL },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
          "write to a file, which is replaced as a whole", "FILE" },
        { "watch", 'w', G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK,
          parse_watch, "show again what changed, every SECONDS (1)",
          "SECONDS" },
        { "timeout", 't', 0, G_OPTION_ARG_INT, &o->timeout,
          "wait for an answer for so many seconds, 1 to 3600 (10)",
          "SECONDS" },
        { "version", 'V', 0, G_OPTION_ARG_NONE, &o->version,
          "print the version", NULL },
        { NULL }
    };
    g_autoptr(GOptionContext) context = g_option_context_new("[SOCKET]");
    GOptionGroup *group = g_option_group_new("", "", "", o, NULL);

    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_summary(context, "Shows the CXL memory, SDXI"
                                 " functions and NUMA nodes of a running"
                                 " QEMU.");
    g_option_context_set_description(
        context, "Without an option the answer is a tree of lines. SOCKET may"
        " come from the\nenvironment variable MEMFAB_QMP.\n\nExit status: 0"
        " shown; 1 QEMU does not answer, or Graphviz is missing;\n2 wrong"
        " options; 3 this QEMU is not memfab's.");
    return g_option_context_parse(context, argc, argv, error);
}

static char *render(const Options *o, JsonNode *doc, GError **error)
{
    JsonObject *object = json_node_get_object(doc);

    if (o->json) {
        g_autofree char *text = json_to_string(doc, true);

        return g_strconcat(text, "\n", NULL);
    }
    if (o->dot) {
        return topology_dot(object);
    }
    if (o->svg) {
        return topology_svg(object, error);
    }
    return o->html ? topology_page(object, error) : topology_tree(object);
}

static bool put(const Options *o, const char *text, GError **error)
{
    if (o->output) {
        return g_file_set_contents(o->output, text, -1, error);
    }
    if (o->watch && isatty(STDOUT_FILENO)) {
        fputs("\033[H\033[2J", stdout);
    }
    fputs(text, stdout);
    if (fflush(stdout)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO,
                    "standard output: %s", g_strerror(errno));
        return false;
    }
    return true;
}

static bool show(const Options *o, Qmp *qmp, GError **error)
{
    g_autofree char *before = NULL;

    do {
        g_autoptr(JsonNode) doc = topology_collect(qmp, error);
        g_autofree char *text = doc ? render(o, doc, error) : NULL;

        if (!text || (g_strcmp0(text, before) && !put(o, text, error))) {
            return false;
        }
        g_free(before);
        before = g_steal_pointer(&text);
        if (o->watch) {
            g_usleep(o->watch * G_USEC_PER_SEC);
        }
    } while (o->watch);
    return true;
}

static int run(const Options *o)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(Qmp) qmp = qmp_open(o->qmp, o->timeout, &why);

    if (qmp && show(o, qmp, &why)) {
        return EXIT_SHOWN;
    }
    return which_failed("cxl-topology", why);
}

/* What is left of the command line is wrong */
static const char *mistake(Options *o, int argc, char **argv)
{
    const char *fault = which_qemu(&o->qmp, o->timeout, argc, argv);

    if (!fault && o->json + o->dot + o->svg + o->html > 1) {
        fault = "only one of --json, --dot, --svg and --html can be given";
    }
    return fault;
}

int main(int argc, char **argv)
{
    Options o = { .timeout = 10 };
    g_autoptr(GError) why = NULL;
    int status = EXIT_USAGE;
    const char *fault;

    setlocale(LC_CTYPE, "");
    if (!parse_options(&o, &argc, &argv, &why)) {
        which_fault("cxl-topology", why->message);
    } else if (o.version) {
        puts("cxl-topology (memfab) " MEMFAB_VERSION);
        status = EXIT_SHOWN;
    } else {
        fault = mistake(&o, argc, argv);
        if (fault) {
            which_fault("cxl-topology", fault);
        } else {
            status = run(&o);
        }
    }
    g_free(o.qmp);
    g_free(o.output);
    return status;
}
