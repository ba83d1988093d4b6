/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "info cxl": the answer of query-cxl (topology.c) as a tree that a person can
 * read.
 */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-memfab.h"
#include "qemu/cutils.h"
#include "qemu/module.h"
#include "monitor/monitor.h"

static void show_range(Monitor *mon, int indent, const char *what,
                       uint64_t base, uint64_t size)
{
    g_autofree char *length = size_to_str(size);

    monitor_printf(mon, "%*s%s0x%" PRIx64 "-0x%" PRIx64 " (%s)", indent, "",
                   what, base, base + size - 1, length);
}

static void show_ways(Monitor *mon, unsigned ways, uint32_t granularity)
{
    if (ways > 1) {
        monitor_printf(mon, ", %u ways of %u bytes", ways, granularity);
    }
}

static void show_piece(Monitor *mon, const MemfabCxlPiece *p)
{
    MemfabCxlMemberList *m;

    show_range(mon, 2, "", p->base, p->size);
    monitor_printf(mon, ": %s", MemfabCxlAccess_str(p->access));
    if (p->access == MEMFAB_CXL_ACCESS_PARTLY) {
        g_autofree char *rest = size_to_str(p->size - p->mapped);

        monitor_printf(mon, ", %s trapped", rest);
    }
    if (p->reason) {
        monitor_printf(mon, " (%s)", p->reason);
    }
    show_ways(mon, p->ways, p->granularity);
    for (m = p->members; m; m = m->next) {
        monitor_printf(mon, "%s %s at dpa 0x%" PRIx64,
                       m == p->members ? ":" : ",", m->value->name,
                       m->value->dpa);
    }
    monitor_printf(mon, "\n");
}

static void show_window(Monitor *mon, const MemfabCxlWindow *w)
{
    MemfabCxlPieceList *p;
    strList *t;

    show_range(mon, 0, "window ", w->base, w->size);
    show_ways(mon, w->ways, w->granularity);
    for (t = w->targets; t; t = t->next) {
        monitor_printf(mon, "%s %s", t == w->targets ? ", to" : ",",
                       *t->value ? t->value : "nothing");
    }
    monitor_printf(mon, "\n");
    for (p = w->pieces; p; p = p->next) {
        show_piece(mon, p->value);
    }
    if (!w->pieces) {
        monitor_printf(mon, "  nothing decoded\n");
    }
}

static void show_decoder(Monitor *mon, int indent, const MemfabCxlDecoder *d)
{
    uint8List *t;

    show_range(mon, indent, "decoder ", d->base, d->size);
    show_ways(mon, d->ways, d->granularity);
    if (d->has_dpa) {
        monitor_printf(mon, ", dpa 0x%" PRIx64, d->dpa);
    }
    for (t = d->targets; t; t = t->next) {
        monitor_printf(mon, "%s %u", t == d->targets ? ", to port" : ",",
                       t->value);
    }
    monitor_printf(mon, "\n");
}

static void show_node(Monitor *mon, int indent, const MemfabCxlNode *node)
{
    MemfabCxlDecoderList *d;
    MemfabCxlRefusalList *r;
    MemfabCxlPortList *p;

    monitor_printf(mon, "%s %s%s%s\n", MemfabCxlNodeType_str(node->type),
                   node->name, node->passthrough ? ", passes all on" : "",
                   node->enabled ? "" : ", off");
    for (d = node->decoders; d; d = d->next) {
        show_decoder(mon, indent + 2, d->value);
    }
    if (node->bias) {
        monitor_printf(mon, "%*sheld by the device: %" PRIu64 " pages of %"
                       PRIu64 " bytes, %" PRIu64 " taken, %" PRIu64
                       " given back\n", indent + 2, "", node->bias->held,
                       node->bias->page_size, node->bias->taken,
                       node->bias->given);
    }
    for (r = node->refused; r; r = r->next) {
        monitor_printf(mon, "%*sdecoder %u not committed: %s\n", indent + 2,
                       "", r->value->decoder, r->value->reason);
    }
    for (p = node->ports; p; p = p->next) {
        monitor_printf(mon, "%*sport %u: ", indent + 2, "",
                       p->value->number);
        if (p->value->below) {
            show_node(mon, indent + 2, p->value->below);
        } else {
            monitor_printf(mon, "empty\n");
        }
    }
}

static void hmp_info_cxl(Monitor *mon, const QDict *qdict)
{
    g_autoptr(MemfabCxlInfo) info = qmp_query_cxl(NULL);
    MemfabCxlWindowList *w;
    MemfabCxlNodeList *b;

    if (!info->windows) {
        monitor_printf(mon, "No CXL memory\n");
    }
    for (w = info->windows; w; w = w->next) {
        show_window(mon, w->value);
    }
    for (b = info->bridges; b; b = b->next) {
        show_node(mon, 0, b->value);
    }
}

static void register_commands(void)
{
    monitor_register_hmp("cxl", true, hmp_info_cxl);
}

type_init(register_commands)
