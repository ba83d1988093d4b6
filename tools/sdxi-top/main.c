/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdxi-top: watch the SDXI functions of a running QEMU.  Options;
 * docs/tools/sdxi-top.md.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include "../lib/which.h"
#include "top.h"

typedef struct Options {
    char *qmp;
    gboolean batch, version;
    int timeout;                /* seconds for an answer */
    int count;                  /* looks in batch mode; 0: no end */
    double delay;               /* seconds between two looks */
} Options;

static bool parse_options(Options *o, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        { "qmp", 'q', 0, G_OPTION_ARG_FILENAME, &o->qmp,
          "QEMU's monitor: a UNIX socket, or HOST:PORT", "SOCKET" },
        { "batch", 'b', 0, G_OPTION_ARG_NONE, &o->batch,
          "print lines, without a terminal", NULL },
        { "count", 'n', 0, G_OPTION_ARG_INT, &o->count,
          "with --batch: end after so many looks", "LOOKS" },
        { "delay", 'd', 0, G_OPTION_ARG_DOUBLE, &o->delay,
          "look every so many seconds, 0.1 to 86400 (1)", "SECONDS" },
        { "timeout", 't', 0, G_OPTION_ARG_INT, &o->timeout,
          "wait for an answer for so many seconds, 1 to 3600 (10)",
          "SECONDS" },
        { "version", 'V', 0, G_OPTION_ARG_NONE, &o->version,
          "print the version", NULL },
        { NULL }
    };
    g_autoptr(GOptionContext) context = g_option_context_new("[SOCKET]");

    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(context, "Shows the SDXI functions of a"
                                 " running QEMU, their contexts, rates and"
                                 " errors.");
    g_option_context_set_description(
        context, "SOCKET may come from the environment variable MEMFAB_QMP."
        "\n\nExit status: 0 shown; 1 QEMU does not answer, or there is no"
        " terminal;\n2 wrong options; 3 this QEMU is not memfab's.");
    return g_option_context_parse(context, argc, argv, error);
}

static bool print_lines(GArray *lines, bool more, GError **error)
{
    unsigned i;

    for (i = 0; i < lines->len; i++) {
        puts(g_array_index(lines, Line, i).text);
    }
    if (more) {
        putchar('\n');
    }
    if (fflush(stdout)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO,
                    "standard output: %s", g_strerror(errno));
        return false;
    }
    return true;
}

static bool run_batch(const Options *o, Qmp *qmp, GError **error)
{
    g_autoptr(Look) before = NULL;
    int64_t done;

    for (done = 1; ; done++) {
        Look *now = look_take(qmp, error);
        g_autoptr(GArray) lines = now ? lines_make(before, now) : NULL;

        if (!now) {
            return false;
        }
        look_free(before);
        before = now;
        if (!print_lines(lines, done != o->count, error)) {
            return false;
        }
        if (done == o->count) {
            return true;
        }
        g_usleep(o->delay * G_USEC_PER_SEC);
    }
}

static int run(const Options *o)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(Qmp) qmp = qmp_open(o->qmp, o->timeout, &why);

    if (qmp && (o->batch ? run_batch(o, qmp, &why)
                         : screen_run(qmp, o->delay, &why))) {
        return EXIT_SHOWN;
    }
    return which_failed("sdxi-top", why);
}

/* What is left of the command line is wrong */
static const char *mistake(Options *o, int argc, char **argv)
{
    const char *fault = which_qemu(&o->qmp, o->timeout, argc, argv);

    if (fault) {
        return fault;
    }
    if (!(o->delay >= 0.1 && o->delay <= 86400)) {
        return "--delay: not within 0.1 to 86400 seconds";
    }
    if (o->count < 0) {
        return "--count: not 1 or more looks";
    }
    return o->count && !o->batch ? "--count goes with --batch" : NULL;
}

int main(int argc, char **argv)
{
    Options o = { .timeout = 10, .delay = 1 };
    g_autoptr(GError) why = NULL;
    int status = EXIT_USAGE;
    const char *fault;

    setlocale(LC_CTYPE, "");
    if (!parse_options(&o, &argc, &argv, &why)) {
        which_fault("sdxi-top", why->message);
    } else if (o.version) {
        puts("sdxi-top (memfab) " MEMFAB_VERSION);
        status = EXIT_SHOWN;
    } else {
        fault = mistake(&o, argc, argv);
        if (fault) {
            which_fault("sdxi-top", fault);
        } else {
            status = run(&o);
        }
    }
    g_free(o.qmp);
    return status;
}
