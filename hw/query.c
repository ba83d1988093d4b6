/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "query-memfab" and "info memfab": which memfab this emulator was built with,
 * and what can be asked of each device, as the parts that know devices say it.
 */

#include "qemu/osdep.h"
#include "memfab-version.h"
#include "hw/core/qdev.h"
#include "hw/memfab/describe.h"
#include "monitor/hmp.h"
#include "monitor/monitor.h"
#include "qapi/qapi-commands-memfab.h"
#include "qemu/module.h"

static GSList *describers;

void memfab_describe_register(MemfabDescribeFn *fn)
{
    describers = g_slist_append(describers, fn);
}

static int describe(Object *obj, void *opaque)
{
    MemfabDeviceList ***tail = opaque;
    MemfabDevice *dev = NULL;

    for (GSList *l = describers; l && !dev; l = l->next) {
        MemfabDescribeFn *fn = l->data;

        dev = fn(obj);
    }
    if (dev) {
        dev->qom_path = object_get_canonical_path(obj);
        dev->type = g_strdup(object_get_typename(obj));
        QAPI_LIST_APPEND(*tail, dev);
    }
    return 0;
}

MemfabInfo *qmp_query_memfab(Error **errp)
{
    MemfabInfo *info = g_new0(MemfabInfo, 1);
    MemfabDeviceList **tail = &info->devices;

    info->version = g_strdup(MEMFAB_VERSION);
    object_child_foreach_recursive(object_get_root(), describe, &tail);
    return info;
}

/* The lists as words, where they are short enough to be read. */
static void show_device(Monitor *mon, const MemfabDevice *dev)
{
    MemfabInterfaceList *i;
    MemfabCommandList *c;
    strList *s;

    monitor_printf(mon, "%s (%s)\n", dev->qom_path, dev->type);
    for (i = dev->interfaces; i; i = i->next) {
        monitor_printf(mon, "  %s:", i->value->name);
        for (c = i->value->commands; c; c = c->next) {
            monitor_printf(mon, " %04xh", c->value->opcode);
        }
        monitor_printf(mon, "\n");
    }
    for (s = dev->injections; s; s = s->next) {
        monitor_printf(mon, "  %s\n", s->value);
    }
}

static void hmp_info_memfab(Monitor *mon, const QDict *qdict)
{
    g_autoptr(MemfabInfo) info = qmp_query_memfab(NULL);
    MemfabDeviceList *d;

    monitor_printf(mon, "memfab %s\n", info->version);
    for (d = info->devices; d; d = d->next) {
        show_device(mon, d->value);
    }
}

static void register_commands(void)
{
    monitor_register_hmp("memfab", true, hmp_info_memfab);
}

type_init(register_commands)
