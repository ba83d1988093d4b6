/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command history as a ring, state dump as a string; see logs.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/logs.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlLogs) != 4112 && sizeof(void *) == 8);

void cxl_logs_init(CxlLogs *logs)
{
    *logs = (CxlLogs) { };
}

void cxl_logs_set_dump(CxlLogs *logs, GString *text)
{
    if (logs->dump) {
        g_string_free(logs->dump, TRUE);
    }
    logs->dump = text;
}

static void put_header(CxlDumpHeader *to, uint32_t len, uint64_t timestamp)
{
    *to = (CxlDumpHeader) { 0 };
    stl_le_p(&to->len, len);
    stq_le_p(&to->timestamp, timestamp);
}

void cxl_logs_populate(CxlLogs *logs, uint64_t timestamp, GString *text)
{
    CxlDumpHeader header;

    put_header(&header, text->len, timestamp);
    g_string_prepend_len(text, (const char *)&header, sizeof(header));
    cxl_logs_set_dump(logs, text);
}

/* Bytes of the header that is missing: in older streams, or without a dump */
static uint32_t missing(const GString *dump)
{
    return dump && dump->len >= sizeof(CxlDumpHeader) &&
           ldl_le_p(dump->str) == dump->len - sizeof(CxlDumpHeader) ? 0 :
           sizeof(CxlDumpHeader);
}

uint32_t cxl_logs_dump_size(const CxlLogs *logs)
{
    return missing(logs->dump) + (logs->dump ? logs->dump->len : 0);
}

void cxl_logs_read_dump(const CxlLogs *logs, uint32_t offset, uint8_t *out,
                        uint32_t len)
{
    uint32_t head = missing(logs->dump);
    CxlDumpHeader header;

    assert(offset + len <= cxl_logs_dump_size(logs));
    put_header(&header, logs->dump ? logs->dump->len : 0, 0);
    for (uint32_t i = 0; i < len; i++) {
        uint32_t at = offset + i;

        out[i] = at < head ? ((const uint8_t *)&header)[at] :
                 logs->dump->str[at - head];
    }
}

void cxl_logs_destroy(CxlLogs *logs)
{
    cxl_logs_set_dump(logs, NULL);
}

void cxl_logs_record(CxlLogs *logs, int64_t now_ns, uint16_t opcode,
                     uint16_t rc, uint32_t in_len)
{
    CxlHistoryEntry *e = &logs->history[
        (logs->history_head + logs->history_count) % CXL_HISTORY_ENTRIES];

    stq_le_p(&e->virtual_ns, now_ns);
    stw_le_p(&e->opcode, opcode);
    stw_le_p(&e->rc, rc);
    stl_le_p(&e->in_len, in_len);
    if (logs->history_count < CXL_HISTORY_ENTRIES) {
        logs->history_count++;
    } else {
        logs->history_head = (logs->history_head + 1) % CXL_HISTORY_ENTRIES;
    }
}

void cxl_logs_clear_history(CxlLogs *logs)
{
    logs->history_head = 0;
    logs->history_count = 0;
}

uint32_t cxl_logs_history_size(const CxlLogs *logs)
{
    return logs->history_count * sizeof(CxlHistoryEntry);
}

void cxl_logs_read_history(const CxlLogs *logs, uint32_t offset, uint8_t *out,
                           uint32_t len)
{
    assert(offset + len <= cxl_logs_history_size(logs));
    for (uint32_t i = 0; i < len; i++) {
        uint32_t at = offset + i;
        uint32_t n = (logs->history_head + at / sizeof(CxlHistoryEntry)) %
                     CXL_HISTORY_ENTRIES;

        out[i] = ((const uint8_t *)&logs->history[n])
                 [at % sizeof(CxlHistoryEntry)];
    }
}

/* Version 1: the ring as it lies in memory; since 2, its entries. */
void cxl_logs_save(const CxlLogs *logs, SaveWriter *w)
{
    save_put(w, logs->dump != NULL);
    save_put(w, logs->history_count);
    for (uint32_t i = 0; i < logs->history_count; i++) {
        save_put_bytes(w, &logs->history[(logs->history_head + i) %
                                         CXL_HISTORY_ENTRIES],
                       sizeof(CxlHistoryEntry));
    }
    if (logs->dump) {
        save_put_blob(w, logs->dump->str, logs->dump->len);
    }
}

static void load_history(CxlLogs *logs, SaveReader *r)
{
    uint32_t bytes = sizeof(logs->history);

    if (r->version == 1) {
        SAVE_GET(r, logs->history_head);
        SAVE_GET(r, logs->history_count);
    } else {
        logs->history_head = 0;
        logs->history_count = save_get_count(r, "command history",
                                             CXL_HISTORY_ENTRIES,
                                             sizeof(CxlHistoryEntry));
        bytes = logs->history_count * sizeof(CxlHistoryEntry);
    }
    if (logs->history_head >= CXL_HISTORY_ENTRIES ||
        logs->history_count > CXL_HISTORY_ENTRIES) {
        save_refuse(r, "command history");
        return;
    }
    save_get_bytes(r, logs->history, bytes);
}

void cxl_logs_load(CxlLogs *logs, SaveReader *r)
{
    bool dumped = false;
    const uint8_t *text;
    size_t len;

    SAVE_GET(r, dumped);
    load_history(logs, r);
    cxl_logs_set_dump(logs, NULL);
    if (dumped) {
        text = save_get_blob(r, "state dump", CXL_LOGS_DUMP_MAX, &len);
        if (text) {
            cxl_logs_set_dump(logs, g_string_new_len((const char *)text,
                                                     len));
        }
    }
}
