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
    monitor_printf(mon, "  context %u: %s%s%s, priority %u, %u entries,"
                   " at index %" PRIu64 ", %" PRIu64 " descriptors, %" PRIu64
                   " bytes\n", c->number, SdxiContextState_str(c->state),
                   c->ready ? ", ready" : "",
                   c->in_flight ? ", in a descriptor" : "", c->qos,
                   c->ring_entries, c->read_index, c->descriptors, c->bytes);
}

static void show_function(Monitor *mon, const SdxiStatus *f)
{
    const SdxiStatistics *n = f->statistics;
    SdxiContextStatusList *c;
    unsigned shown = 0;

    monitor_printf(mon, "%s: %s, sfunc %u", f->qom_path,
                   SdxiFunctionState_str(f->state), f->sfunc);
    if (f->group) {
        monitor_printf(mon, ", group %s", f->group);
    }
    monitor_printf(mon, ", %u contexts run, %u ready\n", f->running,
                   f->ready);
    monitor_printf(mon, "  %" PRIu64 " doorbells, %" PRIu64 " descriptors (%"
                   PRIu64 " failed), %" PRIu64 " bytes (%" PRIu64
                   " remote), %" PRIu64 " interrupts, %" PRIu64
                   " errors logged, %" PRIu64 " lost\n", n->doorbells,
                   n->descriptors, n->failed, n->bytes, n->remote_bytes,
                   n->interrupts, n->errors_logged, n->errors_lost);
    for (c = f->contexts; c; c = c->next) {
        show_context(mon, c->value);
        shown++;
    }
    if (shown < f->running) {
        monitor_printf(mon, "  and %u more contexts\n", f->running - shown);
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
