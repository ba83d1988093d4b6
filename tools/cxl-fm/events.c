/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event records: shown once, or as they come.  Each manager that has a
 * connection of its own has logs of its own, which begin with it.
 * CXL r3.1 8.2.9.2.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/uuid.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/events.h"
#include "hw/cxl/wire/fm.h"
#include "tools/lib/json-build.h"
#include "tools/cxl-fm/codes.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"
#include "tools/cxl-fm/show.h"

#define LOGS        5
/* How long nobody has to tell us anything before we look, ms */
#define LOOK_AGAIN  1000
/* Identify Memory Device has 16 bits for the size of a log. */
#define LOG_MAX     UINT16_MAX

static void add_dc(JsonBuilder *b, Reader *r)
{
    uint8_t type = get_u8(r);
    CxlUuid tag;
    g_autofree char *text = NULL;

    skip_bytes(r, 1);
    json_add_text(b, "event", word_of(dc_event_words, type));
    json_add_int(b, "host", get_u16(r));
    json_add_int(b, "region", get_u8(r));
    skip_bytes(r, 3);
    json_add_int(b, "address", get_u64(r));
    json_add_int(b, "length", get_u64(r));
    get_bytes(r, &tag, sizeof(tag));
    text = cxl_uuid_text(&tag);
    json_add_text(b, "tag", text);
}

/* Physical switch and virtual switch records, CXL r3.1 7.6.8 */
static void add_port(JsonBuilder *b, Reader *r)
{
    static const char *const types[] = { "link-change", "slot-change", NULL };
    uint8_t port = get_u8(r), type = get_u8(r);

    json_add_text(b, "event", word_of(types, type));
    json_add_int(b, "port", port);
}

static void add_vcs(JsonBuilder *b, Reader *r)
{
    static const char *const types[] = {
        "binding-change", "secondary-bus-reset", "link-control-change",
        "slot-control-change", NULL
    };
    uint8_t vcs = get_u8(r), vppb = get_u8(r), type = get_u8(r);
    uint8_t status = get_u8(r), port = get_u8(r), ld = get_u8(r);

    json_add_text(b, "event", word_of(types, type));
    json_add_int(b, "vcs", vcs);
    json_add_int(b, "vppb", vppb);
    json_add_text(b, "status", word_of(vppb_words, status));
    json_add_int(b, "port", port);
    json_add_int(b, "ld", ld);
}

static const struct {
    CxlUuid uuid;
    const char *name;
    void (*add)(JsonBuilder *b, Reader *r);
} kinds[] = {
    { CXL_EVUUID_DC, "dynamic-capacity", add_dc },
    { CXL_EVUUID_PORT, "port", add_port },
    { CXL_EVUUID_VCS, "virtual-switch", add_vcs },
};

static void add_record(JsonBuilder *b, unsigned log, const uint8_t *record)
{
    Reader r = { .bytes = record, .len = CXL_EVREC_SIZE };
    g_autofree char *uuid = NULL;
    CxlUuid id;

    get_bytes(&r, &id, sizeof(id));
    skip_bytes(&r, 4);
    json_builder_begin_object(b);
    json_add_text(b, "log", word_of(log_words, log));
    json_add_int(b, "handle", get_u16(&r));
    skip_bytes(&r, 2);
    json_add_int(b, "time-ns", get_u64(&r));
    skip_bytes(&r, 16);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (cxl_uuid_equal(&id, &kinds[i].uuid)) {
            json_add_text(b, "type", kinds[i].name);
            kinds[i].add(b, &r);
            json_builder_end_object(b);
            return;
        }
    }
    uuid = cxl_uuid_text(&id);
    json_add_text(b, "type", uuid);
    json_builder_end_object(b);
}

/* Record @i of an answer that is long enough */
static const uint8_t *record_of(const GByteArray *a, unsigned i)
{
    return a->data + sizeof(CxlEventsGetOut) + i * CXL_EVREC_SIZE;
}

static bool clear(Fm *fm, Place place, unsigned log, const GByteArray *records,
                  unsigned n, GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GByteArray) a = NULL;

    put_u8(in, log);
    put_u8(in, 0);
    put_u8(in, n);
    put_zeros(in, 3);
    for (unsigned i = 0; i < n; i++) {
        g_byte_array_append(in, record_of(records, i) +
                            offsetof(CxlEvHeader, handle), 2);
    }
    a = fm_ask(fm, place, CXL_OP_EVENTS_CLEAR, in, error);
    return a;
}

/* What is in a log, in as many parts as it comes; and cleared, if @clear_it */
static bool add_log(Fm *fm, Place place, JsonBuilder *b, unsigned log,
                    bool clear_it, GError **error)
{
    unsigned all = 0;

    for (bool more = true; more; ) {
        g_autoptr(GByteArray) in = g_byte_array_new();
        g_autoptr(GByteArray) a = NULL;
        unsigned n;
        Reader r;

        if (all >= LOG_MAX) {
            /* What is cleared is nowhere else: it is shown. */
            g_printerr("cxl-fm: the log '%s' has more records than the %d that"
                       " a log can have; the others stay there\n",
                       word_of(log_words, log), LOG_MAX);
            return true;
        }
        put_u8(in, log);
        a = fm_ask(fm, place, CXL_OP_EVENTS_GET, in, error);
        if (!a) {
            return false;
        }
        r = reader_of(a);
        more = get_u8(&r) & CXL_EVENTS_GET_MORE && clear_it;
        skip_bytes(&r, offsetof(CxlEventsGetOut, count) - 1);
        n = get_u16(&r);
        skip_bytes(&r, 10 + n * CXL_EVREC_SIZE);
        if (!fm_complete(&r, CXL_OP_EVENTS_GET, error)) {
            return false;
        }
        for (unsigned i = 0; i < n; i++) {
            add_record(b, log, record_of(a, i));
        }
        if (n && clear_it &&
            !clear(fm, place, log, a, MIN(n, UINT8_MAX), error)) {
            return false;
        }
        more &= n;
        all += n;
    }
    return true;
}

static JsonNode *all_logs(Fm *fm, Place place, bool clear_it, GError **error)
{
    g_autoptr(JsonBuilder) b = json_builder_new();

    json_builder_begin_array(b);
    for (unsigned log = 0; log < LOGS; log++) {
        g_autoptr(GError) err = NULL;

        /* Who has no dynamic capacity may have no log of it. */
        if (!add_log(fm, place, b, log, clear_it, &err) &&
            (log != CXL_EVLOG_DC || err->code != FM_REFUSED)) {
            g_propagate_error(error, g_steal_pointer(&err));
            return NULL;
        }
    }
    json_builder_end_array(b);
    return json_builder_get_root(b);
}

/* One line for each, so that scripts can read them as they come. */
static void show_lines(Fm *fm, JsonNode *records)
{
    JsonArray *a = json_node_get_array(records);

    for (guint i = 0; i < json_array_get_length(a); i++) {
        JsonObject *o = json_array_get_object_element(a, i);
        g_autoptr(GList) names = json_object_get_members(o);

        if (fm->json) {
            g_autofree char *line =
                json_to_string(json_array_get_element(a, i), FALSE);

            puts(line);
            continue;
        }
        for (GList *l = names; l; l = l->next) {
            g_autofree char *text = show_text(json_object_get_member(
                                                  o, l->data));

            printf("%s%s=%s", l == names ? "" : " ", (char *)l->data,
                   g_strchomp(text));
        }
        printf("\n");
    }
    fflush(stdout);
    json_node_unref(records);
}

static bool follow(Fm *fm, Place place, GError **error)
{
    g_autoptr(GByteArray) in = g_byte_array_new();
    g_autoptr(GError) err = NULL;

    /* A component that tells nobody is asked again and again. */
    put_u16(in, (1u << LOGS) - 1);
    if (place.port == NO_PORT) {
        g_autoptr(GByteArray) a = fm_ask(fm, place,
                                         CXL_OP_EVENTS_SET_MCTP_POLICY, in,
                                         &err);

        if (!a && err->code == FM_NOBODY) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        g_clear_error(&err);
    }
    for (;;) {
        JsonNode *records = all_logs(fm, place, true, error);

        if (!records) {
            return false;
        }
        show_lines(fm, records);
        link_wait_news(fm->link, LOOK_AGAIN, &err);
        if (err) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
    }
}

static bool run_events(Fm *fm, char **args, GError **error)
{
    gboolean follows = FALSE, clears = FALSE;
    const GOptionEntry entries[] = {
        { "follow", 'f', 0, G_OPTION_ARG_NONE, &follows },
        { "clear", 0, 0, G_OPTION_ARG_NONE, &clears },
        { NULL }
    };
    Place place = PLACE_HERE;
    JsonNode *records;

    if (!fm_options(args, entries, 0, 1, error) ||
        (args[0] && !parse_place(args[0], &place.port, &place.ld, error))) {
        return false;
    }
    if (follows) {
        return follow(fm, place, error);
    }
    records = all_logs(fm, place, clears, error);
    if (records) {
        fm_show(fm, records);
    }
    return records;
}

const FmCommand event_commands[] = {
    { "events", "[PORT[.LD]] [--clear] [--follow]",
      "event records; --follow shows and clears them as they come",
      run_events },
    { NULL }
};
