/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-fabricd: a pool of memory that several emulators have capacity of.
 * Options, signals, and the exit status.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include <glib-unix.h>
#include <locale.h>
#include "hw/cxl/wire/dcd.h"
#include "tools/cxl-fabricd/fabricd.h"
#include "tools/cxl-fm/parse.h"

enum { DONE, FAILED, USAGE };

typedef struct Options {
    char *size, *block_size, *host_socket, *manager_socket, *journal, *memory;
    char **shared;
    int hosts;
    gboolean version;
} Options;

static bool say(GError **error, const char *text)
{
    g_set_error_literal(error, FABRICD_ERROR, 0, text);
    return false;
}

static bool add_region(CxlFabricConfig *c, const char *text, const char *what,
                       uint64_t block_size, uint8_t flags, GError **error)
{
    CxlDcRegionConfig *r = &c->regions[c->num_regions];
    uint64_t base = c->num_regions ? r[-1].base + r[-1].len : 0;

    if (c->num_regions == CXL_FABRIC_REGIONS) {
        g_set_error(error, FABRICD_ERROR, 0, "there are more than %d --shared,"
                    " with --size", CXL_FABRIC_REGIONS);
        return false;
    }
    *r = (CxlDcRegionConfig) {
        .base = base, .block_size = block_size, .flags = flags,
        .dsmad_handle = c->num_regions,
    };
    c->num_regions++;
    return parse_size(text, what, &r->len, error);
}

static bool configure(const Options *o, CxlFabricConfig *c, GError **error)
{
    g_autofree char *problem = NULL;
    uint64_t block_size;

    *c = (CxlFabricConfig) { .serial = UINT64_MAX, .hosts = MAX(o->hosts, 0) };
    if (!parse_size(o->block_size ?: "2M", "--block-size", &block_size,
                    error) ||
        (o->size && !add_region(c, o->size, "--size", block_size, 0, error))) {
        return false;
    }
    for (char **s = o->shared; s && *s; s++) {
        if (!add_region(c, *s, "--shared", block_size, CXL_DC_REGION_SHARABLE,
                        error)) {
            return false;
        }
    }
    if (!c->num_regions) {
        return say(error, "give the pool a --size, or --shared capacity");
    }
    if (block_size < 4 * KiB) {
        return say(error, "--block-size: it takes a power of two from 4K, for"
                   " hosts map whole pages");
    }
    problem = cxl_fabric_problem(c);
    if (problem) {
        g_set_error(error, FABRICD_ERROR, 0, "--hosts, --size, --shared or"
                    " --block-size: %s", problem);
    }
    return !problem;
}

static bool check(const Options *o, GError **error)
{
    if (!o->host_socket || !o->manager_socket) {
        return say(error, "give a --host-socket and a --manager-socket");
    }
    if (o->journal && !o->memory) {
        return say(error, "--journal needs --memory FILE: memory without a"
                   " name ends with this process, and what is kept would be"
                   " about nothing");
    }
    return true;
}

static gboolean stop(gpointer opaque)
{
    Fabricd *d = opaque;

    g_main_loop_quit(d->loop);
    return G_SOURCE_CONTINUE;
}

static bool start(Fabricd *d, const Options *o, const CxlFabricConfig *c,
                  GError **error)
{
    const CxlDcRegionConfig *last = &c->regions[c->num_regions - 1];

    d->memory = memory_open(o->memory, last->base + last->len, &d->lock,
                            error);
    if (d->memory < 0) {
        return false;
    }
    if (o->journal) {
        d->journal = journal_open(o->journal, d->memory, error);
        if (!d->journal) {
            return false;
        }
    }
    return fabricd_open(d, c, error) &&
           listen_on(d, o->host_socket, host_comes, error) &&
           listen_on(d, o->manager_socket, manager_comes, error);
}

static int run(const Options *o, const CxlFabricConfig *c)
{
    g_autoptr(GError) err = NULL;
    Fabricd d = { .memory = -1, .lock = -1 };
    int status = DONE;

    d.loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGTERM, stop, &d);
    g_unix_signal_add(SIGINT, stop, &d);
    signal(SIGPIPE, SIG_IGN);
    if (start(&d, o, c, &err)) {
        printf("cxl-fabricd: hosts at %s, managers at %s\n", o->host_socket,
               o->manager_socket);
        fflush(stdout);
        g_main_loop_run(d.loop);
    } else {
        g_printerr("cxl-fabricd: %s\n", err->message);
        status = FAILED;
    }
    listen_end();
    if (d.fabric) {
        fabricd_close(&d);
    }
    g_clear_pointer(&d.journal, journal_close);
    if (d.memory >= 0) {
        close(d.memory);
    }
    if (d.lock >= 0) {
        close(d.lock);
    }
    g_main_loop_unref(d.loop);
    return status;
}

static bool parse(int argc, char **argv, Options *o, GError **error)
{
    const GOptionEntry entries[] = {
        { "size", 0, 0, G_OPTION_ARG_STRING, &o->size,
          "Capacity that one host has at a time", "SIZE" },
        { "shared", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->shared,
          "Capacity that several hosts may have; a region each time", "SIZE" },
        { "block-size", 0, 0, G_OPTION_ARG_STRING, &o->block_size,
          "Unit of capacity, a power of two (2M)", "SIZE" },
        { "hosts", 0, 0, G_OPTION_ARG_INT, &o->hosts,
          "Heads, 1 to 32 (2)", "NUMBER" },
        { "host-socket", 0, 0, G_OPTION_ARG_FILENAME, &o->host_socket,
          "Where emulators attach", "PATH" },
        { "manager-socket", 0, 0, G_OPTION_ARG_FILENAME, &o->manager_socket,
          "Where cxl-fm and other managers connect", "PATH" },
        { "memory", 0, 0, G_OPTION_ARG_FILENAME, &o->memory,
          "File that is the memory; without, it has no name", "FILE" },
        { "journal", 0, 0, G_OPTION_ARG_FILENAME, &o->journal,
          "Folder where accounts are kept; needs --memory", "FOLDER" },
        { "version", 0, 0, G_OPTION_ARG_NONE, &o->version,
          "Print the version", NULL },
        { NULL }
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_set_summary(context, "A pool of CXL memory that several"
                                 " emulators have capacity of.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error)) {
        return false;
    }
    if (argc > 1) {
        g_set_error(error, FABRICD_ERROR, 0, "'%s' is not understood; there"
                    " are options only, see --help", argv[1]);
    }
    return argc == 1;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) err = NULL;
    Options o = { .hosts = 2 };
    CxlFabricConfig c;

    setlocale(LC_ALL, "");
    if (!parse(argc, argv, &o, &err)) {
        g_printerr("cxl-fabricd: %s\n", err->message);
        return USAGE;
    }
    if (o.version) {
        printf("cxl-fabricd " MEMFAB_VERSION "\n");
        return DONE;
    }
    if (!check(&o, &err) || !configure(&o, &c, &err)) {
        g_printerr("cxl-fabricd: %s\n", err->message);
        return USAGE;
    }
    return run(&o, &c);
}
