/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event logs as rings of records; see events.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/events.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlEventRing) != 48 && sizeof(void *) == 8);
QEMU_BUILD_BUG_ON(sizeof(CxlEvents) != 272 && sizeof(void *) == 8);

void cxl_events_init(CxlEvents *ev, const CxlHostOps *ops, void *ops_opaque,
                     const CxlTimestamp *clock, const uint16_t *sizes,
                     const uint8_t *msgnums, bool have_dc)
{
    *ev = (CxlEvents) {
        .ops = ops, .ops_opaque = ops_opaque, .clock = clock,
        .have_dc = have_dc,
    };
    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        ev->log[i].size = sizes[i];
        ev->log[i].msgnum = msgnums[i];
        ev->log[i].next_handle = 1;
    }
}

static void empty(CxlEventRing *ring)
{
    g_free(ring->records);
    ring->records = NULL;
    ring->head = 0;
    ring->count = 0;
    ring->overflow_count = 0;
    ring->first_overflow = 0;
    ring->last_overflow = 0;
    ring->overflow_seen = false;
}

void cxl_events_purge(CxlEvents *ev)
{
    for (unsigned i = 0; i < CXL_EVLOG_DC; i++) {
        empty(&ev->log[i]);
    }
}

void cxl_events_destroy(CxlEvents *ev)
{
    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        empty(&ev->log[i]);
    }
}

void cxl_events_reset(CxlEvents *ev)
{
    cxl_events_destroy(ev);
    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        ev->log[i].policy = CXL_EVPOLICY_NONE;
        ev->log[i].next_handle = 1;
    }
}

bool cxl_events_log_exists(const CxlEvents *ev, unsigned log)
{
    return log < CXL_EVLOGS && (log != CXL_EVLOG_DC || ev->have_dc);
}

static uint8_t *slot(const CxlEventRing *ring, unsigned index)
{
    return ring->records +
           (ring->head + index) % ring->size * CXL_EVREC_SIZE;
}

const uint8_t *cxl_events_peek(const CxlEvents *ev, unsigned log,
                               unsigned index)
{
    const CxlEventRing *ring = &ev->log[log];

    return index < ring->count ? slot(ring, index) : NULL;
}

static void notify(CxlEvents *ev, const CxlEventRing *ring)
{
    if (ring->policy == CXL_EVPOLICY_MSI) {
        ev->ops->message(ev->ops_opaque, ring->msgnum);
    } else if (ring->policy == CXL_EVPOLICY_FW && ev->ops->firmware) {
        ev->ops->firmware(ev->ops_opaque);
    }
}

static uint64_t stamp(const CxlEvents *ev)
{
    return cxl_timestamp_get(ev->clock, ev->ops->now_ns(ev->ops_opaque));
}

static void count_dropped(CxlEvents *ev, unsigned log)
{
    CxlEventRing *ring = &ev->log[log];
    bool first = ring->overflow_count == 0;

    ring->last_overflow = stamp(ev);
    if (first) {
        ring->first_overflow = ring->last_overflow;
    }
    if (ring->overflow_count < UINT16_MAX) {
        ring->overflow_count++;
    }
    ring->overflow_seen = false;
    ev->ops->trace(ev->ops_opaque, CXL_TRACE_EVENT_DROPPED, log,
                   ring->overflow_count, 0);
    if (first) {
        notify(ev, ring);
    }
}

bool cxl_events_insert(CxlEvents *ev, unsigned log, const void *record)
{
    CxlEventRing *ring = &ev->log[log];
    CxlEvHeader *hdr;

    assert(cxl_events_log_exists(ev, log));
    if (ring->count == ring->size) {
        count_dropped(ev, log);
        return false;
    }
    if (!ring->records) {
        ring->records = g_malloc0((size_t)ring->size * CXL_EVREC_SIZE);
    }
    hdr = memcpy(slot(ring, ring->count), record, CXL_EVREC_SIZE);
    hdr->length = CXL_EVREC_SIZE;
    /* The dynamic capacity log is no severity: its records are informational */
    hdr->flags[0] &= ~CXL_EVFLAG_SEVERITY_MASK;
    hdr->flags[0] |= log == CXL_EVLOG_DC ? CXL_EVLOG_INFO : log;
    stw_le_p(&hdr->handle, ring->next_handle);
    stq_le_p(&hdr->timestamp, stamp(ev));
    ring->next_handle = ring->next_handle == UINT16_MAX ?
                        1 : ring->next_handle + 1;
    ring->count++;
    ev->ops->trace(ev->ops_opaque, CXL_TRACE_EVENT, log,
                   lduw_le_p(&hdr->handle), ring->count);
    /* Firmware is told of each: it may have left some there. */
    if (ring->count == 1 || ring->policy == CXL_EVPOLICY_FW) {
        notify(ev, ring);
    }
    return true;
}

unsigned cxl_events_room(const CxlEvents *ev, unsigned log)
{
    return ev->log[log].size - ev->log[log].count;
}

uint64_t cxl_events_status(const CxlEvents *ev)
{
    uint64_t status = 0;

    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        status |= (uint64_t)(ev->log[i].count != 0) << i;
    }
    return status;
}

uint32_t cxl_events_get(CxlEvents *ev, unsigned log, uint8_t *out,
                        uint32_t out_max)
{
    CxlEventRing *ring = &ev->log[log];
    CxlEventsGetOut *head = (CxlEventsGetOut *)out;
    uint32_t fit = (out_max - sizeof(*head)) / CXL_EVREC_SIZE;
    uint32_t n = MIN(fit, ring->count);

    memset(head, 0, sizeof(*head));
    if (ring->overflow_count) {
        head->flags |= CXL_EVENTS_GET_OVERFLOW;
        stw_le_p(&head->overflow_count, ring->overflow_count);
        stq_le_p(&head->first_overflow, ring->first_overflow);
        stq_le_p(&head->last_overflow, ring->last_overflow);
        ring->overflow_seen = true;
    }
    if (n < ring->count) {
        head->flags |= CXL_EVENTS_GET_MORE;
    }
    stw_le_p(&head->count, n);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(out + sizeof(*head) + i * CXL_EVREC_SIZE, slot(ring, i),
               CXL_EVREC_SIZE);
    }
    return sizeof(*head) + n * CXL_EVREC_SIZE;
}

static uint16_t handle_at(const CxlEventRing *ring, unsigned index)
{
    return lduw_le_p(slot(ring, index) + offsetof(CxlEvHeader, handle));
}

CxlRc cxl_events_clear(CxlEvents *ev, unsigned log, const uint8_t *handles,
                       unsigned count)
{
    CxlEventRing *ring = &ev->log[log];

    if (count > ring->count) {
        return CXL_RC_INVALID_HANDLE;
    }
    for (unsigned i = 0; i < count; i++) {
        if (lduw_le_p(handles + 2 * i) != handle_at(ring, i)) {
            return CXL_RC_INVALID_HANDLE;
        }
    }
    ring->head = (ring->head + count) % ring->size;
    ring->count -= count;
    /* The report stays until the host has had a chance to read it. */
    if (count && ring->overflow_seen) {
        ring->overflow_count = 0;
        ring->first_overflow = 0;
        ring->last_overflow = 0;
        ring->overflow_seen = false;
    }
    return CXL_RC_SUCCESS;
}

void cxl_events_clear_all(CxlEvents *ev, unsigned log)
{
    empty(&ev->log[log]);
}

void cxl_events_see_overflow(CxlEvents *ev, unsigned log)
{
    ev->log[log].overflow_seen = ev->log[log].overflow_count;
}

bool cxl_events_overflowed(const CxlEvents *ev, unsigned log)
{
    return ev->log[log].overflow_count != 0;
}

uint8_t cxl_events_get_policy(const CxlEvents *ev, unsigned log)
{
    const CxlEventRing *ring = &ev->log[log];
    uint8_t msgnum = ring->policy == CXL_EVPOLICY_MSI ? ring->msgnum : 0;

    return ring->policy | msgnum << CXL_EVPOLICY_MSGNUM_SHIFT;
}

void cxl_events_set_policy(CxlEvents *ev, unsigned log, uint8_t mode)
{
    assert(mode <= CXL_EVPOLICY_FW);
    ev->log[log].policy = mode;
}

static void save_ring(const CxlEventRing *ring, SaveWriter *w)
{
    save_put(w, ring->count);
    save_put(w, ring->next_handle);
    save_put(w, ring->overflow_count);
    save_put(w, ring->first_overflow);
    save_put(w, ring->last_overflow);
    save_put(w, ring->overflow_seen);
    save_put(w, ring->policy);
    for (unsigned i = 0; i < ring->count; i++) {
        save_put_bytes(w, slot(ring, i), CXL_EVREC_SIZE);
    }
}

static void load_ring(CxlEventRing *ring, SaveReader *r)
{
    empty(ring);
    ring->count = save_get_count(r, "count of event records", ring->size,
                                 CXL_EVREC_SIZE);
    SAVE_GET(r, ring->next_handle);
    SAVE_GET(r, ring->overflow_count);
    SAVE_GET(r, ring->first_overflow);
    SAVE_GET(r, ring->last_overflow);
    SAVE_GET(r, ring->overflow_seen);
    SAVE_GET(r, ring->policy);
    if (ring->count) {
        ring->records = g_malloc0((size_t)ring->size * CXL_EVREC_SIZE);
        save_get_bytes(r, ring->records,
                       (size_t)ring->count * CXL_EVREC_SIZE);
    }
}

void cxl_events_save(const CxlEvents *ev, SaveWriter *w)
{
    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        save_ring(&ev->log[i], w);
    }
}

void cxl_events_load(CxlEvents *ev, SaveReader *r)
{
    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        load_ring(&ev->log[i], r);
    }
}

const char *cxl_events_check(const CxlEvents *ev)
{
    for (unsigned l = 0; l < CXL_EVLOGS; l++) {
        const CxlEventRing *ring = &ev->log[l];
        uint16_t expect = ring->next_handle;

        if (!ring->size || ring->count > ring->size ||
            ring->head >= ring->size) {
            return "event ring bounds";
        }
        if (ring->count && !ring->records) {
            return "event ring storage";
        }
        for (unsigned i = ring->count; i-- > 0;) {
            expect = expect == 1 ? UINT16_MAX : expect - 1;
            if (handle_at(ring, i) != expect) {
                return "event handles";
            }
        }
        if (!ring->next_handle || ring->policy > CXL_EVPOLICY_FW) {
            return "event handle or policy";
        }
        if (!ring->overflow_count &&
            (ring->first_overflow || ring->last_overflow)) {
            return "event overflow stamps";
        }
    }
    return NULL;
}
