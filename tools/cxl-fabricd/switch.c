/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch in its world, if there is one: clock, the ends of hosts, and a
 * file in the journal's folder that says who has which logical device.
 */
#include "qemu/osdep.h"
#include "tools/cxl-fabricd/fabricd.h"

#define NAME "bindings"

/* What the switch asks */

static int64_t now_ns(void *opaque G_GNUC_UNUSED)
{
    return g_get_monotonic_time() * 1000;
}

static gboolean due(gpointer opaque)
{
    Fabricd *d = opaque;

    d->sw_timer = 0;
    cxl_fabric_switch_timer(d->sw);
    fabricd_settle(d);
    return G_SOURCE_REMOVE;
}

static void timer_cancel(void *opaque)
{
    Fabricd *d = opaque;

    g_clear_handle_id(&d->sw_timer, g_source_remove);
}

/* Not before its time, which is in whole milliseconds here. */
static void timer_arm(void *opaque, int64_t at_ns)
{
    Fabricd *d = opaque;
    int64_t ms = MAX(at_ns - now_ns(d), 0) / 1000000 + 1;

    timer_cancel(d);
    d->sw_timer = g_timeout_add(MIN(ms, G_MAXUINT), due, d);
}

/* The switch has no interrupts: managers come by its door. */
static void message(void *opaque G_GNUC_UNUSED, unsigned msgnum G_GNUC_UNUSED)
{
}

static void trace(void *opaque G_GNUC_UNUSED, CxlTraceStep step G_GNUC_UNUSED,
                  uint64_t a G_GNUC_UNUSED, uint64_t b G_GNUC_UNUSED,
                  uint64_t c G_GNUC_UNUSED)
{
}

static bool alive(void *opaque G_GNUC_UNUSED,
                  const uint8_t process[CXL_FABRIC_PROCESS])
{
    return process_is_alive(process);
}

static const CxlHostOps host_ops = {
    .now_ns = now_ns, .timer_arm = timer_arm, .timer_cancel = timer_cancel,
    .message = message, .trace = trace,
};
static bool wipe(void *opaque, uint64_t offset, uint64_t len)
{
    Fabricd *d = opaque;

    /* Nobody looks at it again when the machine has lost its power. */
    if (memory_wipe(d->memory, offset, len) &&
        (!d->bindings || !fdatasync(d->memory))) {
        return true;
    }
    g_printerr("cxl-fabricd: memory at %" PRIu64 " cannot be wiped, and its"
               " logical device cannot be bound: %s\n", offset,
               g_strerror(errno));
    return false;
}

static void notify(void *opaque, uint16_t what)
{
    Fabricd *d = opaque;

    d->news |= what;
}

static const CxlFabricSwitchOps switch_ops = {
    .alive = alive, .wipe = wipe, .notify = notify,
};

/* Ends of processes */

static void process_ended(Fabricd *d, unsigned vcs)
{
    const CxlFabricSeat *seat = &d->sw->vcs[vcs].seat;

    switch_hear_dead(d);
    /* It may be another one's by now. */
    if (seat->known && !process_is_alive(seat->process)) {
        cxl_fabric_switch_died(d->sw, vcs);
    }
}

/* What it was when it died is for the next one, and may not be read yet. */
void switch_hear_dead(Fabricd *d)
{
    for (unsigned i = 0; i < d->sw->cfg.hosts; i++) {
        const CxlFabricVcs *v = &d->sw->vcs[i];

        if (v->seat.link && !process_is_alive(v->seat.process)) {
            host_hear_out(d, v);
        }
    }
}

void switch_watch(Fabricd *d, unsigned vcs)
{
    if (!watch_begin(&d->sw_watch[vcs], &d->sw->vcs[vcs].seat, d, vcs,
                     process_ended)) {
        cxl_fabric_switch_died(d->sw, vcs);
    }
}

/* Keeping */

static bool write_bindings(Fabricd *d, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cxl_fabric_switch_save(d->sw, bytes);
    if (!g_file_set_contents_full(d->bindings, (const char *)bytes->data,
                                  bytes->len, G_FILE_SET_CONTENTS_CONSISTENT |
                                  G_FILE_SET_CONTENTS_DURABLE, 0600, error)) {
        return false;
    }
    d->sw_kept = d->sw->changes;
    return true;
}

/*
 * Wherever this ends a state is one of the device that the bindings are about:
 * what hosts have said of one that they let go of is kept before that, and that
 * nothing is known of one with another size when it is known that it has that,
 * and before it is wiped and may be lent.  Where nothing but states has changed
 * nobody waits.
 */
static bool keep_files(Fabricd *d, GError **error)
{
    if (d->sw_kept == d->sw->changes && !d->states_failed) {
        return states_go_on(d, error);
    }
    d->states_failed = !states_keep(d, false, error);
    return !d->states_failed &&
           (d->sw_kept == d->sw->changes || write_bindings(d, error)) &&
           states_keep(d, true, error);
}

bool switch_keep(Fabricd *d, GError **error)
{
    bool changed = d->sw && d->sw_kept != d->sw->changes;

    if (!d->sw || (d->bindings && !keep_files(d, error))) {
        return !d->sw;
    }
    if (changed) {
        cxl_fabric_switch_clean(d->sw);
    }
    return true;
}

static bool read_bindings(Fabricd *d, GError **error)
{
    g_autofree char *text = NULL, *problem = NULL;
    g_autoptr(GError) err = NULL;
    gsize len;

    if (!file_read(d->bindings, UINT64_MAX, &text, &len, &err)) {
        if (g_error_matches(err, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
            return true;
        }
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    if (!cxl_fabric_switch_load(d->sw, (const uint8_t *)text, len,
                                &problem)) {
        g_set_error(error, FABRICD_ERROR, 0, "--journal: '" NAME "': %s; give"
                    " the --ld, --ld-capacity and --hosts that it was written"
                    " with, or move it away when no host is left", problem);
        return false;
    }
    for (unsigned i = 0; i < d->sw->cfg.hosts; i++) {
        switch_watch(d, i);
    }
    return true;
}

/* Life */

bool switch_open(Fabricd *d, const CxlFabricSwitchConfig *config,
                 const char *folder, GError **error)
{
    d->sw = cxl_fabric_switch_new(config, d->fabric, &host_ops, &switch_ops,
                                  d);
    d->sw->changes++;
    if (!folder) {
        return true;
    }
    d->bindings = g_build_filename(folder, NAME, NULL);
    return read_bindings(d, error) && states_open(d, folder, error) &&
           switch_keep(d, error);
}

/* No connection is there any more. */
void switch_close(Fabricd *d)
{
    for (unsigned i = 0; i < CXL_FABRIC_VCS; i++) {
        watch_end(&d->sw_watch[i]);
    }
    g_clear_handle_id(&d->sw_timer, g_source_remove);
    states_close(d);
    g_clear_pointer(&d->sw, cxl_fabric_switch_free);
    g_clear_pointer(&d->bindings, g_free);
}
