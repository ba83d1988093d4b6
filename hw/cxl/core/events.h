/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event logs: records, handles, overflow, interrupt policy.
 * CXL r3.1 8.2.9.2.  What is in a record: core/event-records.c; the commands:
 * cci/events.c.
 *
 * A log keeps records oldest first.  A record that does not fit is counted
 * and dropped; the dynamic capacity log must not lose any, so its writer asks
 * for room first (cxl_events_room).
 *
 * Invariant: count <= size; handles are nonzero and, oldest to newest,
 * successive; overflow time stamps are set only with a count.
 */
#ifndef HW_CXL_CORE_EVENTS_H
#define HW_CXL_CORE_EVENTS_H

#include "hw/common/save.h"
#include "hw/cxl/core/hostops.h"
#include "hw/cxl/core/timestamp.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/events.h"
#include "hw/cxl/wire/mailbox.h"

typedef struct CxlEventRing {
    uint8_t *records;   /* size * CXL_EVREC_SIZE; NULL until the first one */
    uint16_t size;
    uint16_t head;      /* oldest */
    uint16_t count;
    uint16_t next_handle;
    uint16_t overflow_count;
    uint64_t first_overflow;
    uint64_t last_overflow;
    bool overflow_seen; /* the host has read the overflow report */
    uint8_t policy;     /* CXL_EVPOLICY_* mode */
    uint8_t msgnum;
} CxlEventRing;

typedef struct CxlEvents {
    const CxlHostOps *ops;
    void *ops_opaque;
    const CxlTimestamp *clock;
    CxlEventRing log[CXL_EVLOGS];
    bool have_dc;       /* the fifth log exists */
} CxlEvents;

void cxl_events_init(CxlEvents *ev, const CxlHostOps *ops, void *ops_opaque,
                     const CxlTimestamp *clock, const uint16_t *sizes,
                     const uint8_t *msgnums, bool have_dc);
void cxl_events_destroy(CxlEvents *ev);
/* All logs empty, no overflow, policy none. */
void cxl_events_reset(CxlEvents *ev);
/* Logs empty, policies stay; dynamic capacity records are a dialogue: kept. */
void cxl_events_purge(CxlEvents *ev);

/*
 * Appends a copy of @record (0x80 bytes, see core/event-records.h), with
 * length, severity, handle and time stamp filled in.  False if it was dropped.
 */
bool cxl_events_insert(CxlEvents *ev, unsigned log, const void *record);
/* How many records fit now. */
unsigned cxl_events_room(const CxlEvents *ev, unsigned log);
/* Event status register: bit per log that is not empty. */
uint64_t cxl_events_status(const CxlEvents *ev);
bool cxl_events_log_exists(const CxlEvents *ev, unsigned log);

/* 0100h.  @out_max is at least the header; returns bytes written. */
uint32_t cxl_events_get(CxlEvents *ev, unsigned log, uint8_t *out,
                        uint32_t out_max);
/* 0101h.  @handles are the little-endian array of the command. */
CxlRc cxl_events_clear(CxlEvents *ev, unsigned log, const uint8_t *handles,
                       unsigned count);
void cxl_events_clear_all(CxlEvents *ev, unsigned log);
/* Records were dropped, and the report of it has not been cleared. */
bool cxl_events_overflowed(const CxlEvents *ev, unsigned log);
/* Who takes records without reading the log has seen what was lost. */
void cxl_events_see_overflow(CxlEvents *ev, unsigned log);
/* 0102h, 0103h: one byte per log. */
uint8_t cxl_events_get_policy(const CxlEvents *ev, unsigned log);
void cxl_events_set_policy(CxlEvents *ev, unsigned log, uint8_t mode);

/* The record number @index from the oldest, or NULL. */
const uint8_t *cxl_events_peek(const CxlEvents *ev, unsigned log,
                               unsigned index);

/* Saved state, see hw/common/save.h. */
void cxl_events_save(const CxlEvents *ev, SaveWriter *w);
void cxl_events_load(CxlEvents *ev, SaveReader *r);
const char *cxl_events_check(const CxlEvents *ev);

#endif /* HW_CXL_CORE_EVENTS_H */
