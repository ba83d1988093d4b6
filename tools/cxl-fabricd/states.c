/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hosts have handed over of logical devices, in the journal's folder: a
 * file for each, which a new one takes the place of when it is on the disk.
 * Nobody here knows what the bytes mean.
 *
 * The disk takes its time, and a machine may hand over a state ten times in a
 * second: a thread writes it, one file after the other, while everybody else
 * goes on.  Who has to know that all is kept waits for the thread.
 *
 * A file: magic, length u64, SHA-256 of the bytes, the bytes.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/sha256.h"
#include "tools/cxl-fabricd/fabricd.h"

#define MAGIC   "cxlfld01"
#define HEADER  48

static bool is_state(const uint8_t *file, gsize len)
{
    uint8_t sum[SHA256_BYTES];

    if (len < HEADER || memcmp(file, MAGIC, 8) ||
        ldq_le_p(file + 8) != len - HEADER) {
        return false;
    }
    sha256_of(file + HEADER, len - HEADER, sum);
    return !memcmp(sum, file + 16, sizeof(sum));
}

/* It has got another size: what was known was of other bytes. */
static bool is_new(const Fabricd *d, unsigned ld)
{
    const CxlLdPlace *place = &d->sw->places.ld[ld];

    return place->stale || !place->len;
}

/* One that is longer than any is not read. */
static bool read_state(Fabricd *d, unsigned ld, GError **error)
{
    const char *name = d->states[ld];
    g_autofree char *text = NULL;
    g_autoptr(GByteArray) bytes = NULL;
    g_autoptr(GError) err = NULL;
    gsize len = 0;

    if (is_new(d, ld)) {
        cxl_fabric_switch_know(d->sw, ld, NULL);
        return true;
    }
    if (!file_read(name, HEADER + CXL_FABRIC_STATE_MAX, &text, &len, &err)) {
        if (g_error_matches(err, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
            return true;
        }
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    if (!text || !is_state((uint8_t *)text, len)) {
        g_set_error(error, FABRICD_ERROR, 0, "--journal: '%s' is damaged; move"
                    " it away, and logical device %u begins as a new one, with"
                    " the bytes that it has", name, ld);
        return false;
    }
    bytes = g_byte_array_new();
    g_byte_array_append(bytes, (uint8_t *)text + HEADER, len - HEADER);
    cxl_fabric_switch_know(d->sw, ld, bytes);
    d->states_kept[ld] = d->sw->state[ld].changes;
    return true;
}

struct StateWrite {
    Fabricd *d;             /* for the main thread alone */
    unsigned ld;
    uint64_t changes;       /* what is kept then */
    const char *name;
    GByteArray *state;      /* a reference to what nobody changes; or NULL */
    GThread *thread;
    int done;               /* atomic */
    GError *error;          /* NULL: it is kept */
};

static void write_state(StateWrite *w)
{
    g_autoptr(GByteArray) file = g_byte_array_new();
    uint32_t len = w->state ? w->state->len : 0;
    uint8_t header[HEADER] = MAGIC;

    stq_le_p(header + 8, len);
    sha256_of(w->state ? w->state->data : NULL, len, header + 16);
    g_byte_array_append(file, header, HEADER);
    if (len) {
        g_byte_array_append(file, w->state->data, len);
    }
    g_file_set_contents_full(w->name, (const char *)file->data, file->len,
                             G_FILE_SET_CONTENTS_CONSISTENT |
                             G_FILE_SET_CONTENTS_DURABLE, 0600, &w->error);
}

static StateWrite *write_new(Fabricd *d, unsigned ld)
{
    const CxlFabricLdState *state = &d->sw->state[ld];
    StateWrite *w = g_new0(StateWrite, 1);

    w->d = d;
    w->ld = ld;
    w->name = d->states[ld];
    w->changes = state->changes;
    w->state = state->bytes ? g_byte_array_ref(state->bytes) : NULL;
    return w;
}

/* It has been written, or could not be: false. */
static bool write_ended(Fabricd *d, StateWrite *w, GError **error)
{
    bool kept = !w->error;

    if (kept) {
        d->states_kept[w->ld] = w->changes;
    } else {
        g_propagate_error(error, w->error);
    }
    g_clear_pointer(&w->state, g_byte_array_unref);
    g_free(w);
    return kept;
}

static bool is_kept(const Fabricd *d, unsigned ld)
{
    return d->states_kept[ld] == d->sw->state[ld].changes;
}

static bool join(Fabricd *d, GError **error)
{
    StateWrite *w = g_steal_pointer(&d->writing);

    g_thread_join(w->thread);
    g_idle_remove_by_data(w);
    return write_ended(d, w, error);
}

bool states_keep(Fabricd *d, bool all, GError **error)
{
    /* It may be an older one of the same. */
    if (d->writing && !join(d, error)) {
        return false;
    }
    for (unsigned i = 0; i < d->sw->cfg.lds; i++) {
        StateWrite *w;

        if (is_kept(d, i) || (!all && is_new(d, i))) {
            continue;
        }
        w = write_new(d, i);
        write_state(w);
        if (!write_ended(d, w, error)) {
            return false;
        }
    }
    return true;
}

/* --- while others go on --------------------------------------------------- */

static gboolean thread_ended(gpointer opaque)
{
    StateWrite *w = opaque;

    fabricd_settle(w->d);
    return G_SOURCE_REMOVE;
}

static gpointer write_in_thread(gpointer opaque)
{
    StateWrite *w = opaque;

    write_state(w);
    g_atomic_int_set(&w->done, 1);
    g_idle_add_full(G_PRIORITY_DEFAULT, thread_ended, w, NULL);
    return NULL;
}

/* In turn, so that no device keeps the others waiting. */
static void begin(Fabricd *d)
{
    for (unsigned i = 0; i < d->sw->cfg.lds; i++) {
        unsigned ld = (d->state_next + i) % d->sw->cfg.lds;

        if (!is_kept(d, ld)) {
            d->state_next = ld + 1;
            d->writing = write_new(d, ld);
            d->writing->thread = g_thread_new("state", write_in_thread,
                                              d->writing);
            return;
        }
    }
}

bool states_go_on(Fabricd *d, GError **error)
{
    if (d->writing && g_atomic_int_get(&d->writing->done) &&
        !join(d, error)) {
        d->states_failed = true;
        return false;
    }
    if (!d->writing) {
        begin(d);
    }
    return true;
}

bool states_are_kept(const Fabricd *d, const uint64_t *changes)
{
    for (unsigned i = 0; i < d->sw->cfg.lds; i++) {
        if (d->states_kept[i] < changes[i]) {
            return false;
        }
    }
    return true;
}

bool states_open(Fabricd *d, const char *folder, GError **error)
{
    for (unsigned i = 0; i < d->sw->cfg.lds; i++) {
        d->states[i] = g_strdup_printf("%s/ld-%u", folder, i);
        if (!read_state(d, i, error)) {
            return false;
        }
    }
    return true;
}

void states_close(Fabricd *d)
{
    /* What hosts have said last may wait; who would hear why not has gone. */
    if (d->bindings) {
        states_keep(d, false, NULL);
    }
    if (d->writing) {
        join(d, NULL);
    }
    for (unsigned i = 0; i < CXL_FABRIC_LDS; i++) {
        g_clear_pointer(&d->states[i], g_free);
    }
}
