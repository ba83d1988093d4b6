/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitor commands that show what can be injected, and what became of it:
 * poison, event logs, extents, link errors.
 *
 * Nothing is changed here; injection is in monitor/inject.c and monitor/dcd.c.
 */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-memfab.h"
#include "qemu/bswap.h"
#include "qemu/cutils.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/core/uuid.h"
#include "hw/cxl/monitor/monitor.h"
#include "hw/cxl/wire/events.h"

/* Those that are not named are unknown. */
static const MemfabPoisonSource poison_source[8] = {
    [CXL_POISON_EXTERNAL] = MEMFAB_POISON_SOURCE_EXTERNAL,
    [CXL_POISON_INTERNAL] = MEMFAB_POISON_SOURCE_INTERNAL,
    [CXL_POISON_INJECTED] = MEMFAB_POISON_SOURCE_INJECTED,
    [CXL_POISON_VENDOR] = MEMFAB_POISON_SOURCE_VENDOR,
};

MemfabPoisonInfo *qmp_query_cxl_poison(const char *path, Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);
    MemfabPoisonRangeList **tail;
    MemfabPoisonInfo *info;
    uint64_t pos = 0;
    Extent e;

    if (!s) {
        return NULL;
    }
    info = g_new0(MemfabPoisonInfo, 1);
    info->overflow = s->core->poison.overflow;
    tail = &info->ranges;
    while (extentset_next(&s->core->poison.lines, pos, &e)) {
        MemfabPoisonRange *range = g_new0(MemfabPoisonRange, 1);

        range->start = e.start;
        range->length = e.len;
        range->source = poison_source[e.value & 7];
        range->listed = extentset_covers(&s->core->poison.listed, e.start,
                                         e.len);
        QAPI_LIST_APPEND(tail, range);
        pos = e.start + e.len;
    }
    return info;
}

static MemfabEventRecord *event_record(const uint8_t *bytes)
{
    const CxlEvHeader *hdr = (const CxlEvHeader *)bytes;
    MemfabEventRecord *rec = g_new0(MemfabEventRecord, 1);
    GString *text = g_string_new(NULL);
    unsigned i;

    QEMU_BUILD_BUG_ON((int)MEMFAB_EVENT_TYPE_UNKNOWN !=
                      (int)CXL_EVKIND_UNKNOWN);
    for (i = 0; i < CXL_EVREC_SIZE; i++) {
        g_string_append_printf(text, "%02x", bytes[i]);
    }
    rec->handle = lduw_le_p(&hdr->handle);
    rec->type = (MemfabEventType)cxl_evrec_kind(hdr);
    rec->has_dpa = cxl_evrec_dpa(hdr, &rec->dpa);
    rec->timestamp = ldq_le_p(&hdr->timestamp);
    rec->uuid = cxl_uuid_text(&hdr->uuid);
    rec->data = g_string_free(text, false);
    return rec;
}

static MemfabEventLogInfo *event_log(const CxlEvents *ev, unsigned log)
{
    MemfabEventLogInfo *info = g_new0(MemfabEventLogInfo, 1);
    MemfabEventRecordList **tail = &info->records;
    const uint8_t *bytes;
    unsigned i;

    QEMU_BUILD_BUG_ON((int)MEMFAB_EVENT_LOG_DYNAMIC_CAPACITY !=
                      (int)CXL_EVLOG_DC);
    info->log = log;
    info->overflow_count = ev->log[log].overflow_count;
    for (i = 0; (bytes = cxl_events_peek(ev, log, i)); i++) {
        QAPI_LIST_APPEND(tail, event_record(bytes));
    }
    return info;
}

MemfabEventLogInfoList *qmp_query_cxl_events(const char *path, Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);
    MemfabEventLogInfoList *list = NULL, **tail = &list;
    unsigned log;

    for (log = 0; s && log < CXL_EVLOGS; log++) {
        if (cxl_events_log_exists(&s->core->events, log)) {
            QAPI_LIST_APPEND(tail, event_log(&s->core->events, log));
        }
    }
    return list;
}

static MemfabExtentList **extents_append(MemfabExtentList **tail,
                                         const CxlDcPool *pool,
                                         const ExtentSet *set,
                                         MemfabExtentState state)
{
    uint64_t pos = 0;
    Extent e;

    while (extentset_next(set, pos, &e)) {
        MemfabExtent *out = g_new0(MemfabExtent, 1);
        CxlDcExtentWire wire;

        cxl_dcd_put_extent(pool, &e, &wire);
        out->start = e.start;
        out->length = e.len;
        out->sequence = CXL_DC_VALUE_SEQ(e.value);
        out->state = state;
        if (CXL_DC_VALUE_TAG(e.value)) {
            out->tag = cxl_uuid_text(&wire.tag);
        }
        QAPI_LIST_APPEND(tail, out);
        pos = e.start + e.len;
    }
    return tail;
}

MemfabExtentInfo *qmp_query_cxl_extents(const char *path, Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);
    MemfabExtentList **tail;
    MemfabExtentInfo *info;
    const CxlDcView *view;
    ExtentSet rest;
    GList *group;

    if (!s) {
        return NULL;
    }
    view = &s->core->dc_view;
    info = g_new0(MemfabExtentInfo, 1);
    info->generation = view->generation;
    tail = extents_append(&info->extents, view->pool, &view->accepted,
                          MEMFAB_EXTENT_STATE_ACCEPTED);
    for (group = view->groups.head; group; group = group->next) {
        tail = extents_append(tail, view->pool, group->data,
                              MEMFAB_EXTENT_STATE_OFFERED);
    }
    extentset_init(&rest, false);
    cxl_dcd_pool_unshared(view->pool, &rest);
    extents_append(tail, view->pool, &rest, MEMFAB_EXTENT_STATE_HELD);
    extentset_clear(&rest);
    return info;
}

static MemfabLinkError *link_error(const CxlRasRecord *rec, bool has_header)
{
    MemfabLinkError *error = g_new0(MemfabLinkError, 1);
    uint32List **tail = &error->header;
    unsigned i;

    for (i = 0; i < CXL_UNCOR_ERROR_TYPE__MAX; i++) {
        if (cxl_ras_uncorrectable_named(CxlUncorErrorType_str(i)) ==
            rec->bit) {
            error->type = i;
        }
    }
    for (i = 0; has_header && i < CXL_RAS_HEADER_DWORDS; i++) {
        QAPI_LIST_APPEND(tail, rec->header[i]);
    }
    return error;
}

MemfabErrorInfo *qmp_query_cxl_errors(const char *path, Error **errp)
{
    CxlErrorSink sink;
    MemfabLinkErrorList **unc;
    CxlCorErrorTypeList **cor;
    CxlRasErrors seen;
    MemfabErrorInfo *info;
    unsigned i;

    if (!cxl_monitor_find_errors(path, &sink, errp)) {
        return NULL;
    }
    info = g_new0(MemfabErrorInfo, 1);
    unc = &info->uncorrectable;
    if (sink.port) {
        cxl_port_errors(sink.port, &seen);
    } else {
        cxl_endpoint_errors(sink.endpoint, &seen);
    }
    for (i = 0; i < seen.count; i++) {
        QAPI_LIST_APPEND(unc, link_error(&seen.record[i], i < seen.recorded));
    }
    cor = &info->correctable;
    for (i = 0; i < CXL_COR_ERROR_TYPE__MAX; i++) {
        if (seen.correctable &
            BIT(cxl_ras_correctable_named(CxlCorErrorType_str(i)))) {
            QAPI_LIST_APPEND(cor, i);
        }
    }
    return info;
}
