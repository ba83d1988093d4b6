/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitor commands that inject what hardware would do by itself: events,
 * poison, link errors, dynamic capacity.  Names, arguments and results
 * are those of QEMU's schema module cxl.json.
 *
 * Turns arguments into records and ranges, and refusals into Errors; the
 * rules are the core's.  Queries are in query.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-cxl.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/mediaops.h"
#include "hw/cxl/monitor/monitor.h"
#include "hw/cxl/trace.h"
#include "hw/memfab/problem.h"

static Object *resolve(const char *path, Error **errp)
{
    Object *obj = object_resolve_path(path, NULL);

    if (!obj) {
        error_setg(errp, "argument 'path': unable to resolve '%s' to one"
                   " device", path);
    }
    return obj;
}

CxlMemdevPci *cxl_monitor_find(const char *path, Error **errp)
{
    Object *obj = resolve(path, errp);

    if (!obj) {
        return NULL;
    }
    if (!object_dynamic_cast(obj, TYPE_CXL_MEMDEV_PCI)) {
        error_setg(errp, "argument 'path': '%s' is not a CXL type 3 device",
                   path);
        return NULL;
    }
    if (!DEVICE(obj)->realized) {
        error_setg(errp, "argument 'path': device '%s' is not realized",
                   path);
        return NULL;
    }
    return CXL_MEMDEV_PCI(obj);
}

bool cxl_monitor_errors_of(Object *obj, CxlErrorSink *sink)
{
    bool memory = object_dynamic_cast(obj, TYPE_CXL_MEMDEV_PCI) &&
                  DEVICE(obj)->realized;

    *sink = (CxlErrorSink) {
        .endpoint = memory ? CXL_MEMDEV_PCI(obj)->ep : NULL,
        .port = cxl_port_ras(obj),
    };
    return sink->endpoint || sink->port;
}

void cxl_monitor_uncorrectable(const CxlErrorSink *sink,
                               const CxlRasRecord *errors, unsigned n)
{
    if (sink->port) {
        cxl_port_uncorrectable(sink->port, errors, n);
    } else {
        cxl_endpoint_uncorrectable(sink->endpoint, errors, n);
    }
}

void cxl_monitor_correctable(const CxlErrorSink *sink, unsigned bit)
{
    if (sink->port) {
        cxl_port_correctable(sink->port, bit);
    } else {
        cxl_endpoint_correctable(sink->endpoint, bit);
    }
}

bool cxl_monitor_has_errors(Object *obj)
{
    CxlErrorSink sink;

    return cxl_monitor_errors_of(obj, &sink);
}

bool cxl_monitor_find_errors(const char *path, CxlErrorSink *sink,
                             Error **errp)
{
    Object *obj = resolve(path, errp);

    if (!obj) {
        return false;
    }
    if (!cxl_monitor_errors_of(obj, sink)) {
        error_setg(errp, "argument 'path': '%s' is not a realized CXL type 3"
                   " device, root port, upstream port or downstream port",
                   path);
        return false;
    }
    return true;
}

static uint8_t log_number(CxlEventLog log)
{
    static const uint8_t number[CXL_EVENT_LOG__MAX] = {
        [CXL_EVENT_LOG_INFORMATIONAL] = CXL_EVLOG_INFO,
        [CXL_EVENT_LOG_WARNING] = CXL_EVLOG_WARNING,
        [CXL_EVENT_LOG_FAILURE] = CXL_EVLOG_FAILURE,
        [CXL_EVENT_LOG_FATAL] = CXL_EVLOG_FATAL,
    };

    return number[log];
}

/* A field that an argument may leave out: @put has the name of its room. */
#define PUT(rec, arg, put, field)                                       \
    do {                                                                \
        if ((arg)->has_##field) {                                       \
            put(rec, (arg)->field);                                     \
        }                                                               \
    } while (0)

/* Whose name the component has, and whether PLDM defines that name */
#define PUT_COMPONENT(rec, arg, kind)                                   \
    do {                                                                \
        if ((arg)->component_id) {                                      \
            cxl_evrec_##kind##_component(rec, (arg)->component_id,      \
                                         strlen((arg)->component_id));  \
            if ((arg)->is_comp_id_pldm) {                               \
                cxl_evrec_##kind##_pldm(rec);                           \
            }                                                           \
        }                                                               \
    } while (0)

/* What CXL r3.2 added to the header of every record */
#define PUT_COMMON(hdr, arg)                                                \
    do {                                                                    \
        PUT(hdr, arg, cxl_evrec_maintenance_class, maint_op_class);         \
        PUT(hdr, arg, cxl_evrec_maintenance_subclass, maint_op_subclass);   \
        PUT(hdr, arg, cxl_evrec_ld, ld_id);                                 \
        PUT(hdr, arg, cxl_evrec_head, head_id);                             \
    } while (0)

static void general_media_optional(CxlEvGeneralMedia *rec,
                                   const CXLGeneralMediaEvent *arg)
{
    PUT(rec, arg, cxl_evrec_general_media_channel, channel);
    PUT(rec, arg, cxl_evrec_general_media_rank, rank);
    PUT(rec, arg, cxl_evrec_general_media_device, device);
    PUT_COMPONENT(rec, arg, general_media);
    cxl_evrec_general_media_corrected(rec, arg->cme_ev_flags, arg->cme_count);
    rec->subtype = arg->sub_type;
}

void qmp_cxl_inject_general_media_event(CXLGeneralMediaEvent *arg,
                                        Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(arg->path, errp);
    CxlEvGeneralMedia rec;

    if (!s || memfab_refused(cxl_evrec_problem(arg->flags, "cme-count",
                                               arg->cme_count), errp)) {
        return;
    }
    cxl_evrec_general_media(&rec, arg->flags, arg->dpa, arg->descriptor,
                            arg->type, arg->transaction_type);
    PUT_COMMON(&rec.hdr, arg);
    general_media_optional(&rec, arg);
    cxl_events_insert(&s->core->events, log_number(arg->log), &rec);
}

static void dram_correction(CxlEvDram *rec, const uint64List *list)
{
    uint64_t mask[4];
    unsigned n;

    for (n = 0; list && n < ARRAY_SIZE(mask); list = list->next) {
        mask[n++] = list->value;
    }
    cxl_evrec_dram_correction(rec, mask, n);
}

static void dram_optional(CxlEvDram *rec, const CXLDRAMEvent *arg)
{
    PUT(rec, arg, cxl_evrec_dram_channel, channel);
    PUT(rec, arg, cxl_evrec_dram_rank, rank);
    PUT(rec, arg, cxl_evrec_dram_nibble_mask, nibble_mask);
    PUT(rec, arg, cxl_evrec_dram_bank_group, bank_group);
    PUT(rec, arg, cxl_evrec_dram_bank, bank);
    PUT(rec, arg, cxl_evrec_dram_row, row);
    PUT(rec, arg, cxl_evrec_dram_column, column);
    PUT(rec, arg, dram_correction, correction_mask);
    PUT(rec, arg, cxl_evrec_dram_sub_channel, sub_channel);
    PUT_COMPONENT(rec, arg, dram);
    cxl_evrec_dram_corrected(rec, arg->cme_ev_flags, arg->cvme_count);
    rec->subtype = arg->sub_type;
}

void qmp_cxl_inject_dram_event(CXLDRAMEvent *arg, Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(arg->path, errp);
    CxlEvDram rec;

    if (!s || memfab_refused(cxl_evrec_problem(arg->flags, "cvme-count",
                                               arg->cvme_count), errp)) {
        return;
    }
    cxl_evrec_dram(&rec, arg->flags, arg->dpa, arg->descriptor, arg->type,
                   arg->transaction_type);
    PUT_COMMON(&rec.hdr, arg);
    dram_optional(&rec, arg);
    cxl_events_insert(&s->core->events, log_number(arg->log), &rec);
}

void qmp_cxl_inject_memory_module_event(CXLMemModuleEvent *arg, Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(arg->path, errp);
    CxlHealthInfo health = {
        .health_status = arg->health_status,
        .media_status = arg->media_status,
        .additional_status = arg->additional_status,
        .life_used = arg->life_used,
        .temperature = cpu_to_le16(arg->temperature),
        .dirty_shutdowns = cpu_to_le32(arg->dirty_shutdown_count),
        .corrected_volatile =
            cpu_to_le32(arg->corrected_volatile_error_count),
        .corrected_persistent =
            cpu_to_le32(arg->corrected_persistent_error_count),
    };
    CxlEvModule rec;

    if (!s || memfab_refused(cxl_evrec_problem(arg->flags, NULL, 0), errp)) {
        return;
    }
    cxl_evrec_module(&rec, arg->flags, arg->type, &health);
    PUT_COMMON(&rec.hdr, arg);
    PUT_COMPONENT(&rec, arg, module);
    rec.subtype = arg->sub_type;
    cxl_events_insert(&s->core->events, log_number(arg->log), &rec);
}

void qmp_cxl_inject_poison(const char *path, uint64_t start, uint64_t length,
                           Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);

    if (s) {
        memfab_refused(cxl_mediaops_inject(s->core, start, length), errp);
    }
}

/*
 * The log holds 16 dwords.  The stock device takes 32, and so do the examples
 * that people copy; what does not fit is not logged.
 */
#define HEADER_ARGUMENT_DWORDS 32

static bool header_fits(const uint32List *h, Error **errp)
{
    if (QAPI_LIST_LENGTH(h) > HEADER_ARGUMENT_DWORDS) {
        error_setg(errp, "argument 'header': more than %u dwords",
                   HEADER_ARGUMENT_DWORDS);
        return false;
    }
    return true;
}

static bool all_fit(const CXLUncorErrorRecordList *errors, Error **errp)
{
    for (; errors; errors = errors->next) {
        if (!header_fits(errors->value->header, errp)) {
            return false;
        }
    }
    return true;
}

static CxlRasRecord record_of(const CXLUncorErrorRecord *error)
{
    CxlRasRecord record = {
        .bit = cxl_ras_uncorrectable_named(
            CxlUncorErrorType_str(error->type)),
    };
    const uint32List *h = error->header;

    for (unsigned n = 0; h && n < CXL_RAS_HEADER_DWORDS; h = h->next) {
        record.header[n++] = h->value;
    }
    return record;
}

void qmp_cxl_inject_uncorrectable_errors(const char *path,
                                         CXLUncorErrorRecordList *errors,
                                         Error **errp)
{
    g_autoptr(GArray) records = g_array_new(false, true, sizeof(CxlRasRecord));
    CxlErrorSink sink;

    if (!cxl_monitor_find_errors(path, &sink, errp) ||
        !all_fit(errors, errp)) {
        return;
    }
    for (; errors; errors = errors->next) {
        CxlRasRecord record = record_of(errors->value);

        trace_memfab_cxl_error(path,
                               CxlUncorErrorType_str(errors->value->type));
        g_array_append_val(records, record);
    }
    cxl_monitor_uncorrectable(&sink, (const CxlRasRecord *)records->data,
                              records->len);
}

void qmp_cxl_inject_correctable_error(const char *path, CxlCorErrorType type,
                                      Error **errp)
{
    const char *name = CxlCorErrorType_str(type);
    unsigned bit = cxl_ras_correctable_named(name);
    CxlErrorSink sink;

    if (!cxl_monitor_find_errors(path, &sink, errp)) {
        return;
    }
    trace_memfab_cxl_error(path, name);
    cxl_monitor_correctable(&sink, bit);
}
