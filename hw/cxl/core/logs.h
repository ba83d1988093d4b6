/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logs beside the event logs and the command effects log: the history of
 * commands (vendor debug log) and a text picture of the device (component
 * state dump).  CXL r3.1 8.2.9.5.  The commands: cci/logs.c.
 */
#ifndef HW_CXL_CORE_LOGS_H
#define HW_CXL_CORE_LOGS_H

#include "hw/common/save.h"
#include "hw/cxl/wire/commands.h"

#define CXL_HISTORY_ENTRIES 256
/* Bytes; core/dump.c writes far less. */
#define CXL_LOGS_DUMP_MAX   (64 << 10)

/* Vendor debug log entry, little-endian, 16 bytes */
typedef struct QEMU_PACKED CxlHistoryEntry {
    uint64_t virtual_ns;
    uint16_t opcode;
    uint16_t rc;
    uint32_t in_len;
} CxlHistoryEntry;
QEMU_BUILD_BUG_ON(sizeof(CxlHistoryEntry) != 16);

typedef struct CxlLogs {
    CxlHistoryEntry history[CXL_HISTORY_ENTRIES];
    uint32_t history_head;  /* oldest */
    uint32_t history_count;
    GString *dump;          /* NULL until populated; a CxlDumpHeader first */
} CxlLogs;

void cxl_logs_init(CxlLogs *logs);
void cxl_logs_destroy(CxlLogs *logs);

void cxl_logs_record(CxlLogs *logs, int64_t now_ns, uint16_t opcode,
                     uint16_t rc, uint32_t in_len);
void cxl_logs_clear_history(CxlLogs *logs);
uint32_t cxl_logs_history_size(const CxlLogs *logs); /* bytes */
void cxl_logs_read_history(const CxlLogs *logs, uint32_t offset, uint8_t *out,
                           uint32_t len);

/* Takes ownership of @text; NULL clears. */
void cxl_logs_set_dump(CxlLogs *logs, GString *text);
/* With a header that says when @text was made, which becomes the dump. */
void cxl_logs_populate(CxlLogs *logs, uint64_t timestamp, GString *text);
uint32_t cxl_logs_dump_size(const CxlLogs *logs); /* bytes */
void cxl_logs_read_dump(const CxlLogs *logs, uint32_t offset, uint8_t *out,
                        uint32_t len);

/* Saved state, see hw/common/save.h. */
void cxl_logs_save(const CxlLogs *logs, SaveWriter *w);
void cxl_logs_load(CxlLogs *logs, SaveReader *r);

#endif /* HW_CXL_CORE_LOGS_H */
