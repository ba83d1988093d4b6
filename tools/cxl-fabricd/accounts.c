/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accounts in their world: clock, wiping when there is time for it, the
 * journal, and the ends of processes.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-log.h"
#include "tools/cxl-fabricd/fabricd.h"

/* How long to wait until what cannot be kept is tried again, seconds */
#define AGAIN 1

GQuark fabricd_error_quark(void)
{
    return g_quark_from_static_string("cxl-fabricd-error");
}

/* What the accounts ask */

static int64_t now_ns(void *opaque G_GNUC_UNUSED)
{
    return g_get_monotonic_time() * 1000;
}

static gboolean wipe_some(gpointer opaque)
{
    Fabricd *d = opaque;

    d->wiping = 0;
    cxl_fabric_timer(d->fabric);
    fabricd_settle(d);
    return G_SOURCE_REMOVE;
}

/* It is never for later than now. */
static void timer_arm(void *opaque, int64_t at_ns G_GNUC_UNUSED)
{
    Fabricd *d = opaque;

    if (!d->wiping) {
        /* As urgent as who talks: no host can talk for ever instead. */
        d->wiping = g_idle_add_full(G_PRIORITY_DEFAULT, wipe_some, d, NULL);
    }
}

static void timer_cancel(void *opaque)
{
    Fabricd *d = opaque;

    g_clear_handle_id(&d->wiping, g_source_remove);
}

/* A log has something for managers, who asked to hear of that. */
static void message(void *opaque, unsigned msgnum)
{
    Fabricd *d = opaque;

    d->news |= 1u << msgnum;
}

static void trace(void *opaque G_GNUC_UNUSED, CxlTraceStep step G_GNUC_UNUSED,
                  uint64_t a G_GNUC_UNUSED, uint64_t b G_GNUC_UNUSED,
                  uint64_t c G_GNUC_UNUSED)
{
}

static bool wipe(void *opaque, uint64_t dpa, uint64_t len)
{
    Fabricd *d = opaque;

    if (memory_wipe(d->memory, dpa, len)) {
        return true;
    }
    g_printerr("cxl-fabricd: memory at %" PRIu64 " cannot be wiped, and stays"
               " out of use until a manager adds capacity: %s\n", dpa,
               g_strerror(errno));
    return false;
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
static const CxlFabricOps fabric_ops = { .wipe = wipe, .alive = alive };

/* Keeping */

static gboolean keep_again(gpointer opaque)
{
    Fabricd *d = opaque;

    d->retry = 0;
    fabricd_settle(d);
    return G_SOURCE_REMOVE;
}

static void complain(Fabricd *d, const GError *err)
{
    if (!d->complained) {
        g_printerr("cxl-fabricd: %s; nothing is changed until it can be\n",
                   err->message);
    }
    d->complained = true;
}

static bool keep_all(Fabricd *d, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cxl_fabric_save(d->fabric, bytes);
    return journal_write(d->journal, bytes, error);
}

static bool keep_changes(Fabricd *d, GError **error)
{
    GByteArray *log = d->fabric->log;

    if (log && log->len) {
        if (!journal_append(d->journal, log, error)) {
            return false;
        }
        g_byte_array_set_size(log, 0);
    }
    return true;
}

bool fabricd_keep(Fabricd *d)
{
    g_autoptr(GError) err = NULL;

    if (!keep_changes(d, &err) || !switch_keep(d, &err)) {
        complain(d, err);
        if (!d->retry) {
            d->retry = g_timeout_add_seconds(AGAIN, keep_again, d);
        }
        return false;
    }
    /* If it cannot be shorter, it is longer. */
    if (d->journal && journal_is_long(d->journal)) {
        keep_all(d, NULL);
    }
    return true;
}

bool fabricd_may_change(Fabricd *d)
{
    g_autoptr(GError) err = NULL;

    if (!d->journal) {
        return true;
    }
    if (!fabricd_keep(d)) {
        return false;
    }
    if (!journal_ready(d->journal, &err)) {
        complain(d, err);
        return false;
    }
    /* Not before: a full disk has room for what there is not to be kept. */
    d->complained = false;
    return true;
}

void fabricd_settle(Fabricd *d)
{
    /* A host that ends is an answer, and what a manager says may be news. */
    do {
        hosts_flush(d, fabricd_keep(d));
    } while (managers_go_on(d));
    managers_tell(d);
}

/* Ends of processes */

static void process_ended(Fabricd *d, unsigned head)
{
    const CxlFabricSeat *seat = &d->fabric->host[head].seat;

    /* It may be another one's head by now. */
    if (seat->known && !process_is_alive(seat->process)) {
        cxl_fabric_died(d->fabric, head);
    }
}

void fabricd_watch(Fabricd *d, unsigned head)
{
    if (!watch_begin(&d->watch[head], &d->fabric->host[head].seat, d, head,
                     process_ended)) {
        cxl_fabric_died(d->fabric, head);
    }
}

/* Life */

/* What a file has in it that was there before the accounts is somebody's. */
static void begin_anew(Fabricd *d)
{
    if (d->memory_used) {
        cxl_dcd_pool_distrust(&d->fabric->pool);
    }
}

static bool read_accounts(Fabricd *d, bool same_boot, GError **error)
{
    GError *err = NULL;
    g_autoptr(GByteArray) changes = g_byte_array_new();
    g_autoptr(GByteArray) bytes = journal_read(d->journal, changes, &err);
    g_autofree char *problem = NULL;

    if (!bytes) {
        if (err) {
            g_propagate_error(error, err);
            return false;
        }
        begin_anew(d);
        return true;
    }
    if (!cxl_fabric_load(d->fabric, bytes->data, bytes->len, &problem) ||
        !cxl_fabric_replay(d->fabric, changes->data, changes->len,
                           &problem)) {
        g_set_error(error, FABRICD_ERROR, 0, "--journal: %s; give the --size,"
                    " --shared and --hosts that it was written with", problem);
        return false;
    }
    /*
     * The machine was off meanwhile, as far as anybody knows.  Holes that were
     * made in a file may not have been on the disk, and what is free has
     * somebody's bytes again; waiting for the disk at each of them would be
     * waiting for all that hosts have written.
     */
    if (!same_boot) {
        cxl_fabric_power_lost(d->fabric);
    }
    return true;
}

/* All is written at once: later is a bad time to see that it cannot be. */
static bool open_accounts(Fabricd *d, GError **error)
{
    CxlUuid boot = { { 0 } };
    bool same = process_boot(&boot) && journal_is_of_boot(d->journal, &boot);

    if (!read_accounts(d, same, error)) {
        return false;
    }
    for (unsigned i = 0; i < d->fabric->cfg.hosts; i++) {
        fabricd_watch(d, i);
    }
    /* What is distrusted is kept before it is not known any more that it is. */
    if (!keep_all(d, error) ||
        (!same && !journal_set_boot(d->journal, &boot, error))) {
        return false;
    }
    cxl_fabric_log_start(d->fabric);
    return true;
}

bool fabricd_open(Fabricd *d, const CxlFabricConfig *config, GError **error)
{
    d->hosts = g_ptr_array_new_with_free_func(host_free);
    d->managers = g_ptr_array_new_with_free_func(manager_free);
    d->fabric = cxl_fabric_new(config, &host_ops, &fabric_ops, d);
    if (!d->journal) {
        begin_anew(d);
        return true;
    }
    return open_accounts(d, error);
}

void fabricd_close(Fabricd *d)
{
    g_clear_pointer(&d->hosts, g_ptr_array_unref);
    g_clear_pointer(&d->managers, g_ptr_array_unref);
    for (unsigned i = 0; i < CXL_FABRIC_HOSTS; i++) {
        watch_end(&d->watch[i]);
    }
    g_clear_handle_id(&d->wiping, g_source_remove);
    g_clear_handle_id(&d->retry, g_source_remove);
    switch_close(d);
    g_clear_pointer(&d->fabric, cxl_fabric_free);
}
