/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxl-fabricd: a pool of memory that several emulators have capacity of, and
 * logical devices that they have one after the other.
 * Options, signals, and the exit status.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include <glib-unix.h>
#include <locale.h>
#include <sys/resource.h>
#include "hw/cxl/wire/dcd.h"
#include "tools/cxl-fabricd/fabricd.h"
#include "tools/cxl-fm/parse.h"

enum { DONE, FAILED, USAGE };

/* Connections, processes of hosts, and files */
#define DESCRIPTORS (FABRICD_HOSTS + FABRICD_MANAGERS + CXL_FABRIC_HOSTS + \
                     CXL_FABRIC_VCS + 32)
#define LD_MAX  (1ull << 40)
#define LABELS  (256 * KiB)
#define SERIAL  0xfab00000      /* of the first logical device */

typedef struct Options {
    char *size, *block_size, *host_socket, *manager_socket, *journal, *memory;
    char *ld_capacity;
    char **shared, **lds;
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

    *c = (CxlFabricConfig) {
        .serial = UINT64_MAX, .hosts = MAX(o->hosts, 0), .below = o->lds,
    };
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

/* SIZE[,volatile|,persistent] */
static bool add_ld(CxlFabricSwitchConfig *c, const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", 2);
    CxlFabricLd *ld = &c->ld[c->lds];
    const char *kind = words[0] && words[1] ? words[1] : "volatile";

    if (c->lds == CXL_FABRIC_LDS) {
        g_set_error(error, FABRICD_ERROR, 0, "--ld: there are more than %d",
                    CXL_FABRIC_LDS);
        return false;
    }
    *ld = (CxlFabricLd) { .persistent = g_str_equal(kind, "persistent") };
    if (!ld->persistent && !g_str_equal(kind, "volatile")) {
        g_set_error(error, FABRICD_ERROR, 0, "--ld %s: '%s' is neither"
                    " 'volatile' nor 'persistent'", text, kind);
        return false;
    }
    if (!parse_size(words[0] ?: "", "--ld", &ld->len, error)) {
        return false;
    }
    if (!ld->len || ld->len % CXL_MLD_UNIT || ld->len > LD_MAX) {
        g_set_error(error, FABRICD_ERROR, 0, "--ld %s: it takes a multiple of"
                    " 256M, up to 1T", text);
        return false;
    }
    c->lds++;
    return true;
}

/* Behind the pool: first all bytes, then all labels. */
static void place_lds(CxlFabricSwitchConfig *c)
{
    uint64_t at = c->size;

    c->base = at;
    for (unsigned i = 0; i < c->lds; i++) {
        c->ld[i].offset = at;
        at += c->ld[i].len;
    }
    c->size += c->capacity;
    for (unsigned i = 0; i < c->lds; i++) {
        if (c->ld[i].persistent) {
            c->ld[i].labels_offset = c->size;
            c->ld[i].labels = LABELS;
            c->size += LABELS;
        }
    }
    c->size = QEMU_ALIGN_UP(c->size, 2 * MiB);
}

/* What they have at first, or more */
static bool add_capacity(CxlFabricSwitchConfig *c, const char *text,
                         GError **error)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < c->lds; i++) {
        sum += c->ld[i].len;
    }
    c->capacity = sum;
    if (!text) {
        return true;
    }
    if (!parse_size(text, "--ld-capacity", &c->capacity, error)) {
        return false;
    }
    if (!c->lds || c->capacity < sum || c->capacity % CXL_MLD_UNIT ||
        c->capacity > CXL_FABRIC_LDS * LD_MAX) {
        g_set_error(error, FABRICD_ERROR, 0, "--ld-capacity %s: it takes a"
                    " multiple of 256M that is no less than all --ld together,"
                    " of which there must be one", text);
        return false;
    }
    return true;
}

static bool configure_lds(const Options *o, const CxlFabricConfig *pool,
                          CxlFabricSwitchConfig *c, GError **error)
{
    const CxlDcRegionConfig *last = &pool->regions[pool->num_regions - 1];

    *c = (CxlFabricSwitchConfig) {
        .hosts = pool->hosts, .size = last->base + last->len, .serial = SERIAL,
        .fixed = o->memory && !o->journal,
    };
    for (char **s = o->lds; s && *s; s++) {
        if (!add_ld(c, *s, error)) {
            return false;
        }
    }
    if (c->lds && c->hosts > CXL_FABRIC_VCS) {
        g_set_error(error, FABRICD_ERROR, 0, "--hosts: %u, but with --ld there"
                    " can be %u", c->hosts, CXL_FABRIC_VCS);
        return false;
    }
    if (!add_capacity(c, o->ld_capacity, error)) {
        return false;
    }
    place_lds(c);
    return true;
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

/* The shortest piece that is one host's, and not another's */
static uint64_t step_of(const CxlFabricConfig *c,
                        const CxlFabricSwitchConfig *sw)
{
    uint64_t step = MIN(c->regions[0].block_size, CXL_MLD_UNIT);

    for (unsigned i = 0; i < sw->lds; i++) {
        step = sw->ld[i].labels ? MIN(step, sw->ld[i].labels) : step;
    }
    return step;
}

static gboolean stop(gpointer opaque)
{
    Fabricd *d = opaque;

    g_main_loop_quit(d->loop);
    return G_SOURCE_CONTINUE;
}

/* Who has none to look with takes a host that lives for one that has died. */
static bool have_descriptors(GError **error)
{
    struct rlimit limit;

    if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < DESCRIPTORS) {
        limit.rlim_cur = MIN(DESCRIPTORS, limit.rlim_max);
        if (setrlimit(RLIMIT_NOFILE, &limit) ||
            limit.rlim_cur < DESCRIPTORS) {
            g_set_error(error, FABRICD_ERROR, 0, "it may need %d files at the"
                        " same time, and may have %ju: ulimit -n", DESCRIPTORS,
                        (uintmax_t)limit.rlim_max);
            return false;
        }
    }
    return true;
}

static bool start(Fabricd *d, const Options *o, const CxlFabricConfig *c,
                  const CxlFabricSwitchConfig *sw, GError **error)
{
    if (!have_descriptors(error)) {
        return false;
    }
    d->memory = memory_open(o->memory, sw->size, step_of(c, sw), &d->lock,
                            &d->memory_used, error);
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
           (!sw->lds || switch_open(d, sw, o->journal, error)) &&
           listen_on(d, o->host_socket, host_comes, error) &&
           listen_on(d, o->manager_socket, manager_comes, error);
}

static int run(const Options *o, const CxlFabricConfig *c,
               const CxlFabricSwitchConfig *sw)
{
    g_autoptr(GError) err = NULL;
    Fabricd d = { .memory = -1, .lock = -1 };
    int status = DONE;

    d.loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGTERM, stop, &d);
    g_unix_signal_add(SIGINT, stop, &d);
    signal(SIGPIPE, SIG_IGN);
    if (start(&d, o, c, sw, &err)) {
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
        { "ld", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->lds,
          "A logical device of SIZE[,persistent], up to 16 of them", "SIZE" },
        { "ld-capacity", 0, 0, G_OPTION_ARG_STRING, &o->ld_capacity,
          "What logical devices can have together (what they have)", "SIZE" },
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
    CxlFabricSwitchConfig sw;
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
    if (!check(&o, &err) || !configure(&o, &c, &err) ||
        !configure_lds(&o, &c, &sw, &err)) {
        g_printerr("cxl-fabricd: %s\n", err->message);
        return USAGE;
    }
    return run(&o, &c, &sw);
}
