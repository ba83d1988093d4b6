/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queries of one device as text for a person: "info cxl-poison",
 * "info cxl-events", "info cxl-extents" and "info cxl-errors".
 *
 * Everything shown is asked of the QMP queries in query.c; how host addresses
 * reach a device is shown by monitor/topology-hmp.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-memfab.h"
#include "qemu/module.h"
#include "monitor/hmp.h"
#include "monitor/monitor.h"
#include "qobject/qdict.h"
#include "hw/cxl/monitor/monitor.h"

typedef void ShowFn(Monitor *mon, const char *path, Error **errp);
typedef bool HasFn(Object *obj);

typedef struct Shower {
    Monitor *mon;
    ShowFn *show;
    HasFn *has;
} Shower;

static bool is_memory(Object *obj)
{
    return object_dynamic_cast(obj, TYPE_CXL_MEMDEV_PCI) &&
           DEVICE(obj)->realized;
}

static void show_one(Shower *sh, const char *path)
{
    Error *err = NULL;

    sh->show(sh->mon, path, &err);
    hmp_handle_error(sh->mon, err);
}

static int show_if_device(Object *obj, void *opaque)
{
    g_autofree char *path = NULL;
    Shower *sh = opaque;

    if (sh->has(obj)) {
        path = object_get_canonical_path(obj);
        show_one(sh, path);
    }
    return 0;
}

/* The device that the person named, by id or path, or all of them. */
static void show(Monitor *mon, const QDict *qdict, ShowFn *fn, HasFn *has)
{
    const char *name = qdict_get_try_str(qdict, "device");
    Shower sh = { mon, fn, has };

    if (name) {
        show_one(&sh, name);
    } else {
        object_child_foreach_recursive(object_get_root(), show_if_device,
                                       &sh);
    }
}

static void show_range(Monitor *mon, uint64_t start, uint64_t length)
{
    monitor_printf(mon, "  0x%012" PRIx64 "-0x%012" PRIx64, start,
                   start + length - 1);
}

static void show_poison(Monitor *mon, const char *path, Error **errp)
{
    g_autoptr(MemfabPoisonInfo) info = qmp_query_cxl_poison(path, errp);
    MemfabPoisonRangeList *r;

    if (!info) {
        return;
    }
    monitor_printf(mon, "%s: %s%s\n", path,
                   info->ranges ? "poison" : "no poison",
                   info->overflow ? ", the host's list is not complete" : "");
    for (r = info->ranges; r; r = r->next) {
        show_range(mon, r->value->start, r->value->length);
        monitor_printf(mon, " %s%s\n",
                       MemfabPoisonSource_str(r->value->source),
                       r->value->listed ? "" : ", not found yet");
    }
}

static void show_record(Monitor *mon, const MemfabEventRecord *rec)
{
    monitor_printf(mon, "    handle %u at %" PRIu64 " ns: %s", rec->handle,
                   rec->timestamp, MemfabEventType_str(rec->type));
    if (rec->has_dpa) {
        monitor_printf(mon, ", dpa 0x%" PRIx64, rec->dpa);
    }
    monitor_printf(mon, "\n");
}

static void show_events(Monitor *mon, const char *path, Error **errp)
{
    g_autoptr(MemfabEventLogInfoList) logs = qmp_query_cxl_events(path, errp);
    MemfabEventLogInfoList *l;
    MemfabEventRecordList *r;

    if (!logs) {
        return;
    }
    monitor_printf(mon, "%s:\n", path);
    for (l = logs; l; l = l->next) {
        monitor_printf(mon, "  %s:%s", MemfabEventLog_str(l->value->log),
                       l->value->records ? "" : " empty");
        if (l->value->overflow_count) {
            monitor_printf(mon, " (%u more were lost)",
                           l->value->overflow_count);
        }
        monitor_printf(mon, "\n");
        for (r = l->value->records; r; r = r->next) {
            show_record(mon, r->value);
        }
    }
}

static void show_extents(Monitor *mon, const char *path, Error **errp)
{
    g_autoptr(MemfabExtentInfo) info = qmp_query_cxl_extents(path, errp);
    MemfabExtentList *e;

    if (!info) {
        return;
    }
    monitor_printf(mon, "%s: %s, generation %u\n", path,
                   info->extents ? "extents" : "no extents",
                   info->generation);
    for (e = info->extents; e; e = e->next) {
        show_range(mon, e->value->start, e->value->length);
        monitor_printf(mon, " %s", MemfabExtentState_str(e->value->state));
        if (e->value->tag) {
            monitor_printf(mon, ", tag %s", e->value->tag);
        }
        if (e->value->sequence) {
            monitor_printf(mon, ", sequence %u", e->value->sequence);
        }
        monitor_printf(mon, "\n");
    }
}

static void show_errors(Monitor *mon, const char *path, Error **errp)
{
    g_autoptr(MemfabErrorInfo) info = qmp_query_cxl_errors(path, errp);
    MemfabLinkErrorList *u;
    CxlCorErrorTypeList *c;
    uint32List *h;

    if (!info) {
        return;
    }
    monitor_printf(mon, "%s:%s\n", path,
                   info->uncorrectable || info->correctable ? ""
                                                            : " no errors");
    for (u = info->uncorrectable; u; u = u->next) {
        monitor_printf(mon, "  uncorrectable %s%s",
                       CxlUncorErrorType_str(u->value->type),
                       u->value->header ? ", header" : ", masked");
        for (h = u->value->header; h; h = h->next) {
            monitor_printf(mon, " %08x", h->value);
        }
        monitor_printf(mon, "\n");
    }
    for (c = info->correctable; c; c = c->next) {
        monitor_printf(mon, "  correctable %s\n",
                       CxlCorErrorType_str(c->value));
    }
}

static void hmp_info_cxl_poison(Monitor *mon, const QDict *qdict)
{
    show(mon, qdict, show_poison, is_memory);
}

static void hmp_info_cxl_events(Monitor *mon, const QDict *qdict)
{
    show(mon, qdict, show_events, is_memory);
}

static void hmp_info_cxl_extents(Monitor *mon, const QDict *qdict)
{
    show(mon, qdict, show_extents, is_memory);
}

static void hmp_info_cxl_errors(Monitor *mon, const QDict *qdict)
{
    show(mon, qdict, show_errors, cxl_monitor_has_errors);
}

static void register_commands(void)
{
    monitor_register_hmp("cxl-poison", true, hmp_info_cxl_poison);
    monitor_register_hmp("cxl-events", true, hmp_info_cxl_events);
    monitor_register_hmp("cxl-extents", true, hmp_info_cxl_extents);
    monitor_register_hmp("cxl-errors", true, hmp_info_cxl_errors);
}

type_init(register_commands)
