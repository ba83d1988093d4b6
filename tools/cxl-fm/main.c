/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-fm: the fabric manager of people and scripts.  Options, the table of
 * commands, and the exit status.
 */
#include "qemu/osdep.h"
#include <locale.h>
#include "tools/cxl-fm/codes.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"

#define SOCKET_VARIABLE "CXL_FM_SOCKET"
#define TIMEOUT_MS      5000

static const FmCommand *const tables[] = {
    tree_commands, switch_commands, event_commands, ld_commands, dc_commands,
    config_commands,
};

/* A negative number is a word, so options end where the first word is. */
bool fm_options(char **args, const GOptionEntry *entries, unsigned least,
                unsigned most, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_auto(GStrv) copy = NULL;
    g_autoptr(GError) err = NULL;
    unsigned n = g_strv_length(args), left;
    char **all = g_new0(char *, n + 2);

    /* It takes words away from the front of a vector with a program's name. */
    all[0] = g_strdup("cxl-fm");
    for (unsigned i = 0; i < n; i++) {
        all[i + 1] = args[i];
        args[i] = NULL;
    }
    copy = all;
    g_option_context_set_help_enabled(context, false);
    if (entries) {
        g_option_context_add_main_entries(context, entries, NULL);
    }
    if (!g_option_context_parse_strv(context, &copy, &err)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "%s", err->message);
        return false;
    }
    left = g_strv_length(copy) - 1;
    for (unsigned i = 0; i < left; i++) {
        args[i] = g_steal_pointer(&copy[i + 1]);
    }
    if (left < least || left > most) {
        g_set_error(error, FM_ERROR, FM_USAGE, "%s", left < least ?
                    "something is missing" : "there are too many words");
        return false;
    }
    return true;
}

static void usage(FILE *out)
{
    fputs("Usage: cxl-fm [-c SOCKET] [--json] [--timeout SECONDS] COMMAND"
          " ...\n\nThe socket is that of a cxl-fm-port; without -c, the one"
          " that " SOCKET_VARIABLE " names.\n\nCommands:\n", out);
    for (unsigned t = 0; t < G_N_ELEMENTS(tables); t++) {
        for (const FmCommand *c = tables[t]; c->name; c++) {
            fprintf(out, "  %s%s%s\n        %s\n", c->name,
                    *c->arguments ? " " : "", c->arguments, c->help);
        }
    }
    fputs("\nExit status: 0 done, 1 refused, 2 wrong use, 3 nobody answers.\n",
          out);
}

/* A name has one word or two; *@words: how many. */
static const FmCommand *find(char **args, unsigned *words)
{
    g_autofree char *two = args[0] && args[1] ?
        g_strjoin(" ", args[0], args[1], NULL) : NULL;

    for (unsigned t = 0; t < G_N_ELEMENTS(tables); t++) {
        for (const FmCommand *c = tables[t]; c->name; c++) {
            *words = strchr(c->name, ' ') ? 2 : 1;
            if (!g_strcmp0(c->name, *words == 2 ? two : args[0])) {
                return c;
            }
        }
    }
    return NULL;
}

typedef struct Options {
    char *path;
    double timeout;
    gboolean json, version, help;
} Options;

/* Ours stand before the command; the rest is the command's. */
static bool parse(int argc, char **argv, Options *o, char ***rest,
                  GError **error)
{
    const GOptionEntry entries[] = {
        { "connect", 'c', 0, G_OPTION_ARG_FILENAME, &o->path },
        { "json", 'j', 0, G_OPTION_ARG_NONE, &o->json },
        { "timeout", 0, 0, G_OPTION_ARG_DOUBLE, &o->timeout },
        { "version", 0, 0, G_OPTION_ARG_NONE, &o->version },
        { "help", 'h', 0, G_OPTION_ARG_NONE, &o->help },
        { NULL }
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) err = NULL;
    char **all = g_strdupv(argv);

    g_option_context_set_help_enabled(context, false);
    g_option_context_set_ignore_unknown_options(context, true);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse_strv(context, &all, &err)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "%s", err->message);
        g_strfreev(all);
        return false;
    }
    g_free(all[0]);
    memmove(all, all + 1, g_strv_length(all + 1) * sizeof(*all) +
            sizeof(*all));
    *rest = all;
    /* No comparison with what is no number is true. */
    if (!(o->timeout >= 0.001 && o->timeout <= 86400)) {
        g_set_error(error, FM_ERROR, FM_USAGE, "--timeout takes seconds, from"
                    " 0.001 to 86400");
        return false;
    }
    o->path = o->path ?: g_strdup(g_getenv(SOCKET_VARIABLE));
    return true;
}

static int fail(const GError *error, const FmCommand *command)
{
    fprintf(stderr, "cxl-fm: %s\n", error->message);
    if (error->code == FM_USAGE && command) {
        fprintf(stderr, "Usage: cxl-fm %s %s\n", command->name,
                command->arguments);
    } else if (error->code == FM_USAGE) {
        fprintf(stderr, "'cxl-fm --help' lists the commands\n");
    }
    return error->code;
}

static int act(const Options *o, char **args)
{
    Fm fm = { .path = o->path, .timeout_ms = o->timeout * 1000,
              .json = o->json, .is_switch = -1 };
    g_autoptr(GError) error = NULL;
    const FmCommand *command;
    unsigned words;
    bool done;

    if (o->help || o->version) {
        if (o->help) {
            usage(stdout);
        } else {
            puts("cxl-fm " MEMFAB_VERSION);
        }
        return FM_DONE;
    }
    command = find(args, &words);
    if (!command) {
        g_set_error(&error, FM_ERROR, FM_USAGE, "%s%s%s",
                    args[0] ? "there is no command '" : "no command is given",
                    args[0] ?: "", args[0] ? "'" : "");
        return fail(error, NULL);
    }
    if (!o->path) {
        g_set_error(&error, FM_ERROR, FM_USAGE, "which socket? Give -c SOCKET"
                    " or set " SOCKET_VARIABLE);
        return fail(error, NULL);
    }
    done = command->run(&fm, args + words, &error);
    g_clear_pointer(&fm.link, link_close);
    if (!done) {
        return fail(error, command);
    }
    return fflush(stdout) || ferror(stdout) ? FM_REFUSED : FM_DONE;
}

int main(int argc, char **argv)
{
    Options o = { .timeout = TIMEOUT_MS / 1000.0 };
    g_autoptr(GError) error = NULL;
    char **args = NULL;
    int status;

    setlocale(LC_ALL, "");
    status = parse(argc, argv, &o, &args, &error) ? act(&o, args) :
             fail(error, NULL);
    g_strfreev(args);
    g_free(o.path);
    return status;
}
