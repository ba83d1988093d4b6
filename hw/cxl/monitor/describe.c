/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What "query-memfab" says of CXL devices, switches and ports: the tables that
 * commands, logs, records, features and compliance requests are carried out
 * by, in QAPI's words.  Nothing is listed here but the monitor's own commands.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "hw/cxl/cci/logs.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/core/uuid.h"
#include "hw/cxl/monitor/monitor.h"
#include "hw/cxl/switch/cci.h"
#include "hw/memfab/describe.h"

static MemfabInterface *interface(const CxlCci *cci)
{
    MemfabInterface *out = g_new0(MemfabInterface, 1);
    MemfabCommandList **tail = &out->commands;
    unsigned i;

    out->name = g_strdup(cci->name);
    for (i = 0; i < cci->num_rows; i++) {
        const CxlCmdRow *row = cci->rows[i];
        MemfabCommand *c = g_new0(MemfabCommand, 1);

        c->opcode = row->opcode;
        c->name = g_strdup(row->name);
        c->section = g_strdup(row->section);
        c->background = row->effects & CXL_FX_BACKGROUND;
        QAPI_LIST_APPEND(tail, c);
    }
    return out;
}

static MemfabLogList *logs(const CxlCci *cci)
{
    MemfabLogList *list = NULL, **tail = &list;
    const char *name;
    CxlUuid uuid;
    unsigned i;

    for (i = 0; (name = cxl_logs_nth(cci, i, &uuid)); i++) {
        MemfabLog *log = g_new0(MemfabLog, 1);

        log->name = g_strdup(name);
        log->uuid = cxl_uuid_text(&uuid);
        QAPI_LIST_APPEND(tail, log);
    }
    return list;
}

static MemfabEventFormatList *events(const CxlEvents *ev)
{
    MemfabEventFormatList *list = NULL, **tail = &list;
    CxlEvKind kind;

    for (kind = 0; kind < CXL_EVKIND_UNKNOWN; kind++) {
        MemfabEventFormat *format;
        const CxlUuid *uuid;

        if (kind == CXL_EVKIND_DC && !cxl_events_log_exists(ev, CXL_EVLOG_DC)) {
            continue;
        }
        format = g_new0(MemfabEventFormat, 1);
        format->type = (MemfabEventType)kind;
        format->section = g_strdup(cxl_evrec_layout(kind, &uuid));
        format->uuid = cxl_uuid_text(uuid);
        QAPI_LIST_APPEND(tail, format);
    }
    return list;
}

static MemfabFeatureList *features(void)
{
    MemfabFeatureList *list = NULL, **tail = &list;
    unsigned i;

    for (i = 0; i < CXL_FEATURES; i++) {
        MemfabFeature *f = g_new0(MemfabFeature, 1);
        CxlFeatureEntry entry;

        cxl_features_entry(i, &entry);
        f->name = g_strdup(cxl_features_name(i));
        f->uuid = cxl_uuid_text(&entry.uuid);
        f->read = lduw_le_p(&entry.get_size);
        f->written = lduw_le_p(&entry.set_size);
        QAPI_LIST_APPEND(tail, f);
    }
    return list;
}

static MemfabComplianceList *compliance(void)
{
    MemfabComplianceList *list = NULL, **tail = &list;
    unsigned code, i;

    for (code = 0; code < CXL_COMPLIANCE_CODES; code++) {
        CxlComplianceTest test;
        MemfabCompliance *c;
        strList **arguments;

        if (!cxl_endpoint_compliance(code, &test)) {
            continue;
        }
        c = g_new0(MemfabCompliance, 1);
        c->code = code;
        c->name = g_strdup(test.name);
        arguments = &c->arguments;
        for (i = 0; test.argument[i]; i++) {
            QAPI_LIST_APPEND(arguments, g_strdup(test.argument[i]));
        }
        QAPI_LIST_APPEND(tail, c);
    }
    return list;
}

static strList **injections(strList **tail, const char *const *names)
{
    while (*names) {
        QAPI_LIST_APPEND(tail, g_strdup(*names++));
    }
    return tail;
}

/* Who records link errors at all records all that have a bit. */
static strList **link_errors(MemfabDevice *dev)
{
    static const char *const names[] = {
        "cxl-inject-uncorrectable-errors", "cxl-inject-correctable-error",
        NULL
    };
    CxlUncorErrorTypeList **uncorrectable = &dev->uncorrectable;
    CxlCorErrorTypeList **correctable = &dev->correctable;
    unsigned i;

    for (i = 0; i < CXL_UNCOR_ERROR_TYPE__MAX; i++) {
        if (cxl_ras_uncorrectable_named(CxlUncorErrorType_str(i)) < 32) {
            QAPI_LIST_APPEND(uncorrectable, i);
        }
    }
    for (i = 0; i < CXL_COR_ERROR_TYPE__MAX; i++) {
        if (cxl_ras_correctable_named(CxlCorErrorType_str(i)) < 32) {
            QAPI_LIST_APPEND(correctable, i);
        }
    }
    return injections(&dev->injections, names);
}

static MemfabDevice *memory(const CxlMemdev *core)
{
    static const char *const media[] = {
        "cxl-inject-poison", "cxl-inject-general-media-event",
        "cxl-inject-dram-event", "cxl-inject-memory-module-event", NULL
    };
    static const char *const dynamic[] = {
        "cxl-add-dynamic-capacity", "cxl-release-dynamic-capacity", NULL
    };
    const CxlCci *const ccis[] = { &core->cci, &core->fm_cci, &core->ld_cci };
    MemfabDevice *dev = g_new0(MemfabDevice, 1);
    MemfabInterfaceList **tail = &dev->interfaces;
    strList **next;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(ccis); i++) {
        QAPI_LIST_APPEND(tail, interface(ccis[i]));
    }
    dev->logs = logs(&core->cci);
    dev->events = events(&core->events);
    dev->features = features();
    dev->compliance = compliance();
    next = injections(link_errors(dev), media);
    if (cxl_events_log_exists(&core->events, CXL_EVLOG_DC)) {
        injections(next, dynamic);
    }
    return dev;
}

static MemfabDevice *switch_mailbox(const CxlSwitch *sw)
{
    MemfabDevice *dev = g_new0(MemfabDevice, 1);
    MemfabInterfaceList **tail = &dev->interfaces;

    QAPI_LIST_APPEND(tail, interface(&sw->cci));
    dev->logs = logs(&sw->cci);
    return dev;
}

static MemfabDevice *describe(Object *obj)
{
    CxlErrorSink sink;
    MemfabDevice *dev;

    if (object_dynamic_cast(obj, TYPE_CXL_SWITCH_CCI)) {
        const CxlSwitch *sw = cxl_switch_of(obj);

        return sw ? switch_mailbox(sw) : NULL;
    }
    if (!cxl_monitor_errors_of(obj, &sink)) {
        return NULL;
    }
    if (sink.endpoint) {
        return memory(CXL_MEMDEV_PCI(obj)->core);
    }
    dev = g_new0(MemfabDevice, 1);
    link_errors(dev);
    return dev;
}

static void register_describer(void)
{
    memfab_describe_register(describe);
}

type_init(register_describer)
