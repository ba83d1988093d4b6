/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "info sdxi": the answer of query-sdxi (monitor.c) as text for a person.
 */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-memfab.h"
#include "qemu/module.h"
#include "monitor/monitor.h"

static void show_context(Monitor *mon, const SdxiContextStatus *c)
{
    g_autofree char *of = c->has_write_index
        ? g_strdup_printf(" of %" PRIu64, c->write_index) : g_strdup("");

    monitor_printf(mon, "  context %u: %s%s%s, priority %u, %u entries,"
                   " at index %" PRIu64 "%s, %" PRIu64 " descriptors, %"
                   PRIu64 " bytes\n", c->number,
                   SdxiContextState_str(c->state), c->ready ? ", ready" : "",
                   c->in_flight ? ", in a descriptor" : "", c->qos,
                   c->ring_entries, c->read_index, of, c->descriptors,
                   c->bytes);
}

static void show_error(Monitor *mon, const char *title, const SdxiError *e)
{
    monitor_printf(mon, "  %s: %s, %s", title, SdxiErrorStep_str(e->step),
                   SdxiErrorKind_str(e->kind));
    if (e->has_context) {
        monitor_printf(mon, ", context %u", e->context);
    }
    if (e->has_index) {
        monitor_printf(mon, ", index %" PRIu64, e->index);
    }
    if (e->has_operand) {
        monitor_printf(mon, ", operand %u", e->operand);
    }
    monitor_printf(mon, ", stopped: %s%s\n",
                   SdxiErrorReaction_str(e->stopped),
                   e->logged ? "" : ", not logged");
}

static void show_function(Monitor *mon, const SdxiStatus *f)
{
    const SdxiStatistics *n = f->statistics;
    SdxiContextStatusList *c;
    SdxiErrorList *e;
    unsigned shown = 0;

    monitor_printf(mon, "%s: %s, sfunc %u", f->qom_path,
                   SdxiFunctionState_str(f->state), f->sfunc);
    if (f->group) {
        monitor_printf(mon, ", group %s", f->group);
    }
    if (f->physical) {
        monitor_printf(mon, ", virtual function %u of %s", f->vf,
                       f->physical);
    }
    monitor_printf(mon, ", %u contexts run, %u ready\n", f->running,
                   f->ready);
    monitor_printf(mon, "  %" PRIu64 " doorbells, %" PRIu64 " descriptors (%"
                   PRIu64 " failed), %" PRIu64 " bytes (%" PRIu64
                   " remote, %" PRIu64 " below the same switch; %" PRIu64
                   " by UIO, %" PRIu64 " refused), %" PRIu64
                   " translations, %" PRIu64 " interrupts, %" PRIu64
                   " errors logged, %" PRIu64 " lost\n", n->doorbells,
                   n->descriptors, n->failed, n->bytes, n->remote_bytes,
                   n->peer_bytes, n->uio_bytes, n->uio_refused,
                   n->translations, n->interrupts,
                   n->errors_logged, n->errors_lost);
    for (c = f->contexts; c; c = c->next) {
        show_context(mon, c->value);
        shown++;
    }
    if (shown < f->running) {
        monitor_printf(mon, "  and %u more contexts\n", f->running - shown);
    }
    for (e = f->errors; e; e = e->next) {
        show_error(mon, "error", e->value);
    }
    for (e = f->stops; e; e = e->next) {
        show_error(mon, "last stop", e->value);
    }
}

static void hmp_info_sdxi(Monitor *mon, const QDict *qdict)
{
    g_autoptr(SdxiStatusList) list = qmp_query_sdxi(NULL);
    SdxiStatusList *f;

    if (!list) {
        monitor_printf(mon, "No SDXI functions\n");
    }
    for (f = list; f; f = f->next) {
        show_function(mon, f->value);
    }
}

static void register_commands(void)
{
    monitor_register_hmp("sdxi", true, hmp_info_sdxi);
}

type_init(register_commands)
