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

CxlMemdevPci *cxl_monitor_find(const char *path, Error **errp)
{
    Object *obj = object_resolve_path(path, NULL);

    if (!obj) {
        error_setg(errp, "argument 'path': unable to resolve '%s' to one"
                   " device", path);
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

/* Fields of records that are narrower than their arguments */
static bool check_flags(uint32_t flags, Error **errp)
{
    if (flags >> 24) {
        error_setg(errp, "argument 'flags': 0x%x is not within 0 to 0xffffff",
                   flags);
        return false;
    }
    return true;
}

static bool check_count(const char *name, uint32_t count, Error **errp)
{
    if (count >> 24) {
        error_setg(errp, "argument '%s': %u is not within 0 to 16777215",
                   name, count);
        return false;
    }
    return true;
}

/* What CXL r3.2 added to the header of every record */
#define SET_COMMON(hdr, arg)                                            \
    do {                                                                \
        if ((arg)->has_maint_op_class) {                                \
            cxl_evrec_maintenance_class(hdr, (arg)->maint_op_class);    \
        }                                                               \
        if ((arg)->has_maint_op_subclass) {                             \
            cxl_evrec_maintenance_subclass(hdr,                         \
                                           (arg)->maint_op_subclass);   \
        }                                                               \
        if ((arg)->has_ld_id) {                                         \
            cxl_evrec_ld(hdr, (arg)->ld_id);                            \
        }                                                               \
        if ((arg)->has_head_id) {                                       \
            cxl_evrec_head(hdr, (arg)->head_id);                        \
        }                                                               \
    } while (0)

static void general_media_optional(CxlEvGeneralMedia *rec,
                                   const CXLGeneralMediaEvent *arg)
{
    if (arg->has_channel) {
        cxl_evrec_general_media_channel(rec, arg->channel);
    }
    if (arg->has_rank) {
        cxl_evrec_general_media_rank(rec, arg->rank);
    }
    if (arg->has_device) {
        cxl_evrec_general_media_device(rec, arg->device);
    }
    if (arg->component_id) {
        cxl_evrec_general_media_component(rec, arg->component_id,
                                          strlen(arg->component_id));
        if (arg->is_comp_id_pldm) {
            cxl_evrec_general_media_pldm(rec);
        }
    }
    cxl_evrec_general_media_corrected(rec, arg->cme_ev_flags, arg->cme_count);
    rec->subtype = arg->sub_type;
}

void qmp_cxl_inject_general_media_event(CXLGeneralMediaEvent *arg,
                                        Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(arg->path, errp);
    CxlEvGeneralMedia rec;

    if (!s || !check_flags(arg->flags, errp) ||
        !check_count("cme-count", arg->cme_count, errp)) {
        return;
    }
    cxl_evrec_general_media(&rec, arg->flags, arg->dpa, arg->descriptor,
                            arg->type, arg->transaction_type);
    SET_COMMON(&rec.hdr, arg);
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

/* Where in the memory module it happened */
static void dram_place(CxlEvDram *rec, const CXLDRAMEvent *arg)
{
    if (arg->has_channel) {
        cxl_evrec_dram_channel(rec, arg->channel);
    }
    if (arg->has_rank) {
        cxl_evrec_dram_rank(rec, arg->rank);
    }
    if (arg->has_nibble_mask) {
        cxl_evrec_dram_nibble_mask(rec, arg->nibble_mask);
    }
    if (arg->has_bank_group) {
        cxl_evrec_dram_bank_group(rec, arg->bank_group);
    }
    if (arg->has_bank) {
        cxl_evrec_dram_bank(rec, arg->bank);
    }
    if (arg->has_row) {
        cxl_evrec_dram_row(rec, arg->row);
    }
    if (arg->has_column) {
        cxl_evrec_dram_column(rec, arg->column);
    }
    if (arg->has_correction_mask) {
        dram_correction(rec, arg->correction_mask);
    }
    if (arg->has_sub_channel) {
        cxl_evrec_dram_sub_channel(rec, arg->sub_channel);
    }
}

static void dram_component(CxlEvDram *rec, const CXLDRAMEvent *arg)
{
    if (arg->component_id) {
        cxl_evrec_dram_component(rec, arg->component_id,
                                 strlen(arg->component_id));
        if (arg->is_comp_id_pldm) {
            cxl_evrec_dram_pldm(rec);
        }
    }
    cxl_evrec_dram_corrected(rec, arg->cme_ev_flags, arg->cvme_count);
    rec->subtype = arg->sub_type;
}

void qmp_cxl_inject_dram_event(CXLDRAMEvent *arg, Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(arg->path, errp);
    CxlEvDram rec;

    if (!s || !check_flags(arg->flags, errp) ||
        !check_count("cvme-count", arg->cvme_count, errp)) {
        return;
    }
    cxl_evrec_dram(&rec, arg->flags, arg->dpa, arg->descriptor, arg->type,
                   arg->transaction_type);
    SET_COMMON(&rec.hdr, arg);
    dram_place(&rec, arg);
    dram_component(&rec, arg);
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

    if (!s || !check_flags(arg->flags, errp)) {
        return;
    }
    cxl_evrec_module(&rec, arg->flags, arg->type, &health);
    SET_COMMON(&rec.hdr, arg);
    if (arg->component_id) {
        cxl_evrec_module_component(&rec, arg->component_id,
                                   strlen(arg->component_id));
        if (arg->is_comp_id_pldm) {
            cxl_evrec_module_pldm(&rec);
        }
    }
    rec.subtype = arg->sub_type;
    cxl_events_insert(&s->core->events, log_number(arg->log), &rec);
}

void qmp_cxl_inject_poison(const char *path, uint64_t start, uint64_t length,
                           Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);

    if (!s) {
        return;
    }
    if (start % CXL_POISON_LINE || length % CXL_POISON_LINE || !length) {
        error_setg(errp, "arguments 'start' and 'length': 0x%" PRIx64
                   " and 0x%" PRIx64 " are not multiples of 64 bytes, or"
                   " empty", start, length);
        return;
    }
    if (!cxl_memdev_contains(s->core, start, length)) {
        error_setg(errp, "arguments 'start' and 'length': 0x%" PRIx64
                   " to 0x%" PRIx64 " is not within the capacity of 0x%"
                   PRIx64 " bytes", start, start + length - 1,
                   cxl_memdev_dpa_end(s->core));
        return;
    }
    if (extentset_overlaps(&s->core->poison.lines, start, length)) {
        error_setg(errp, "arguments 'start' and 'length': overlap with"
                   " existing poisoned region not supported");
        return;
    }
    if (cxl_poison_full(&s->core->poison)) {
        error_setg(errp, "argument 'start': the device has %d pieces of"
                   " poisoned memory, and more are not kept",
                   CXL_POISON_PIECES_MAX);
        return;
    }
    /* Not the host's doing, so internal; but listed at once and quietly */
    cxl_mediaops_poison(s->core, start, length, CXL_POISON_INTERNAL);
    cxl_mediaops_discover(s->core, start, length, CXL_EVTXN_UNKNOWN, false);
}

/* Bits of the RAS registers by their names in the schema */
const uint8_t cxl_monitor_uncorrectable[CXL_UNCOR_ERROR_TYPE__MAX] = {
    [CXL_UNCOR_ERROR_TYPE_CACHE_DATA_PARITY] =
        CXL_RAS_UE_CACHE_DATA_PARITY,
    [CXL_UNCOR_ERROR_TYPE_CACHE_ADDRESS_PARITY] =
        CXL_RAS_UE_CACHE_ADDR_PARITY,
    [CXL_UNCOR_ERROR_TYPE_CACHE_BE_PARITY] = CXL_RAS_UE_CACHE_BE_PARITY,
    [CXL_UNCOR_ERROR_TYPE_CACHE_DATA_ECC] = CXL_RAS_UE_CACHE_DATA_ECC,
    [CXL_UNCOR_ERROR_TYPE_MEM_DATA_PARITY] = CXL_RAS_UE_MEM_DATA_PARITY,
    [CXL_UNCOR_ERROR_TYPE_MEM_ADDRESS_PARITY] =
        CXL_RAS_UE_MEM_ADDR_PARITY,
    [CXL_UNCOR_ERROR_TYPE_MEM_BE_PARITY] = CXL_RAS_UE_MEM_BE_PARITY,
    [CXL_UNCOR_ERROR_TYPE_MEM_DATA_ECC] = CXL_RAS_UE_MEM_DATA_ECC,
    [CXL_UNCOR_ERROR_TYPE_REINIT_THRESHOLD] =
        CXL_RAS_UE_REINIT_THRESHOLD,
    [CXL_UNCOR_ERROR_TYPE_RSVD_ENCODING] = CXL_RAS_UE_RSVD_ENCODING,
    [CXL_UNCOR_ERROR_TYPE_POISON_RECEIVED] = CXL_RAS_UE_POISON_RECEIVED,
    [CXL_UNCOR_ERROR_TYPE_RECEIVER_OVERFLOW] =
        CXL_RAS_UE_RECEIVER_OVERFLOW,
    [CXL_UNCOR_ERROR_TYPE_INTERNAL] = CXL_RAS_UE_INTERNAL,
    [CXL_UNCOR_ERROR_TYPE_CXL_IDE_TX] = CXL_RAS_UE_IDE_TX,
    [CXL_UNCOR_ERROR_TYPE_CXL_IDE_RX] = CXL_RAS_UE_IDE_RX,
};

const uint8_t cxl_monitor_correctable[CXL_COR_ERROR_TYPE__MAX] = {
    [CXL_COR_ERROR_TYPE_CACHE_DATA_ECC] = CXL_RAS_CE_CACHE_DATA_ECC,
    [CXL_COR_ERROR_TYPE_MEM_DATA_ECC] = CXL_RAS_CE_MEM_DATA_ECC,
    [CXL_COR_ERROR_TYPE_CRC_THRESHOLD] = CXL_RAS_CE_CRC_THRESHOLD,
    [CXL_COR_ERROR_TYPE_RETRY_THRESHOLD] = CXL_RAS_CE_RETRY_THRESHOLD,
    [CXL_COR_ERROR_TYPE_CACHE_POISON_RECEIVED] = CXL_RAS_CE_CACHE_POISON,
    [CXL_COR_ERROR_TYPE_MEM_POISON_RECEIVED] = CXL_RAS_CE_MEM_POISON,
    [CXL_COR_ERROR_TYPE_PHYSICAL] = CXL_RAS_CE_PHYSICAL,
};

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

void qmp_cxl_inject_uncorrectable_errors(const char *path,
                                         CXLUncorErrorRecordList *errors,
                                         Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);
    g_autoptr(GArray) records = g_array_new(false, true, sizeof(CxlRasRecord));
    CXLUncorErrorRecordList *e;

    if (!s) {
        return;
    }
    for (e = errors; e; e = e->next) {
        if (!header_fits(e->value->header, errp)) {
            return;
        }
    }
    for (e = errors; e; e = e->next) {
        CxlRasRecord record = {
            .bit = cxl_monitor_uncorrectable[e->value->type],
        };
        uint32List *h = e->value->header;

        for (unsigned n = 0; h && n < CXL_RAS_HEADER_DWORDS; h = h->next) {
            record.header[n++] = h->value;
        }
        g_array_append_val(records, record);
    }
    cxl_endpoint_uncorrectable(s->ep, (const CxlRasRecord *)records->data,
                               records->len);
}

void qmp_cxl_inject_correctable_error(const char *path, CxlCorErrorType type,
                                      Error **errp)
{
    CxlMemdevPci *s = cxl_monitor_find(path, errp);

    if (s) {
        cxl_endpoint_correctable(s->ep, cxl_monitor_correctable[type]);
    }
}
