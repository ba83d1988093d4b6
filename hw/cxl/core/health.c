/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts against thresholds; see health.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/health.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlHealth) != 48 && sizeof(void *) == 8);

#define ALERT_HEAT       (CXL_ALERT_OVER | CXL_ALERT_UNDER)
#define LIFE_CRITICAL    95
#define OVER_CRITICAL    85
#define UNDER_CRITICAL  (-10)

/* Additional status, two bits each: 0 normal, 1 warning, 2 critical */
#define ADDITIONAL_LIFE_SHIFT        0
#define ADDITIONAL_TEMPERATURE_SHIFT 2
#define ADDITIONAL_VOLATILE          (1u << 4)
#define ADDITIONAL_PERSISTENT        (1u << 5)

void cxl_health_init(CxlHealth *h, CxlEvents *events)
{
    *h = (CxlHealth) {
        .events = events,
        .facts.temperature = CXL_HEALTH_TEMPERATURE,
        .alerts = {
            .life_warning = 75, .over_warning = 75, .under_warning = 0,
        },
        .qos = { 0, 10, 25, 8 },
    };
}

void cxl_health_power_lost(CxlHealth *h)
{
    if (h->dirty) {
        h->dirty = false;
        h->dirty_shutdowns++;
    }
}

void cxl_health_reset(CxlHealth *h)
{
    CxlHealth keep = *h;

    cxl_health_init(h, keep.events);
    h->facts = keep.facts;
    h->dirty = keep.dirty;
    h->dirty_shutdowns = keep.dirty_shutdowns;
}

static uint8_t warnings(const CxlHealth *h)
{
    const CxlHealthFacts *f = &h->facts;
    const CxlAlerts *a = &h->alerts;
    uint8_t bits = 0;

    bits |= f->life_used >= a->life_warning ? CXL_ALERT_LIFE : 0;
    bits |= f->temperature >= a->over_warning ? CXL_ALERT_OVER : 0;
    bits |= f->temperature <= a->under_warning ? CXL_ALERT_UNDER : 0;
    bits |= f->corrected_volatile >= a->corrected_volatile ?
            CXL_ALERT_CORRECTED_VOLATILE : 0;
    bits |= f->corrected_persistent >= a->corrected_persistent ?
            CXL_ALERT_CORRECTED_PERSISTENT : 0;
    return bits & a->enabled;
}

static uint8_t criticals(const CxlHealth *h)
{
    const CxlHealthFacts *f = &h->facts;

    return (f->life_used >= LIFE_CRITICAL ? CXL_ALERT_LIFE : 0) |
           (f->temperature >= OVER_CRITICAL ? CXL_ALERT_OVER : 0) |
           (f->temperature <= UNDER_CRITICAL ? CXL_ALERT_UNDER : 0);
}

static unsigned level(uint8_t mask, uint8_t warning, uint8_t critical)
{
    return critical & mask ? 2 : warning & mask ? 1 : 0;
}

static uint8_t additional_status(const CxlHealth *h)
{
    uint8_t c = h->critical, w = h->crossed;

    return level(CXL_ALERT_LIFE, w, c) << ADDITIONAL_LIFE_SHIFT |
           level(ALERT_HEAT, w, c) << ADDITIONAL_TEMPERATURE_SHIFT |
           (w & CXL_ALERT_CORRECTED_VOLATILE ? ADDITIONAL_VOLATILE : 0) |
           (w & CXL_ALERT_CORRECTED_PERSISTENT ? ADDITIONAL_PERSISTENT : 0);
}

void cxl_health_info(const CxlHealth *h, CxlHealthInfo *out)
{
    out->health_status = h->facts.status;
    out->media_status = h->facts.media_status;
    out->additional_status = additional_status(h);
    out->life_used = h->facts.life_used;
    stw_le_p(&out->temperature, h->facts.temperature);
    stl_le_p(&out->dirty_shutdowns, h->dirty_shutdowns);
    stl_le_p(&out->corrected_volatile, h->facts.corrected_volatile);
    stl_le_p(&out->corrected_persistent, h->facts.corrected_persistent);
}

static void raise_event(CxlHealth *h, unsigned log, uint8_t type)
{
    CxlHealthInfo info;
    CxlEvModule rec;

    cxl_health_info(h, &info);
    cxl_evrec_module(&rec, 0, type, &info);
    cxl_events_insert(h->events, log, &rec);
}

void cxl_health_forgotten(CxlHealth *h)
{
    raise_event(h, CXL_EVLOG_WARNING, CXL_EVMODULE_MEDIA_STATUS);
}

static uint8_t event_type(uint8_t alert)
{
    switch (alert) {
    case CXL_ALERT_LIFE:
        return CXL_EVMODULE_LIFE;
    case CXL_ALERT_OVER:
    case CXL_ALERT_UNDER:
        return CXL_EVMODULE_TEMPERATURE;
    default:
        return CXL_EVMODULE_HEALTH;
    }
}

/* One event per threshold that is newly crossed, or is new itself (@anew) */
static void evaluate(CxlHealth *h, uint8_t anew)
{
    uint8_t old_crossed = h->crossed, old_critical = h->critical;

    h->crossed = warnings(h);
    h->critical = criticals(h);
    for (uint8_t bit = 1; bit & CXL_ALERT_ALL; bit <<= 1) {
        if (h->critical & ~old_critical & bit) {
            raise_event(h, CXL_EVLOG_FAILURE, event_type(bit));
        } else if (h->crossed & ~(old_crossed & ~anew) & bit) {
            raise_event(h, CXL_EVLOG_WARNING, event_type(bit));
        }
    }
    if (level(ALERT_HEAT, old_crossed, old_critical) &&
        !level(ALERT_HEAT, h->crossed, h->critical)) {
        raise_event(h, CXL_EVLOG_INFO, CXL_EVMODULE_TEMPERATURE);
    }
}

void cxl_health_update(CxlHealth *h, const CxlHealthFacts *facts)
{
    CxlHealthFacts old = h->facts;

    assert(facts->life_used <= 100 &&
           facts->media_status <= CXL_MEDIA_STATUS_TOP &&
           !(facts->status & ~CXL_HEALTH_ALL));
    h->facts = *facts;
    evaluate(h, 0);
    if (facts->media_status != old.media_status) {
        raise_event(h, facts->media_status ? CXL_EVLOG_FATAL : CXL_EVLOG_INFO,
                    CXL_EVMODULE_MEDIA_STATUS);
    }
    if (facts->status != old.status) {
        uint8_t more = facts->status & ~old.status;

        raise_event(h, more & CXL_HEALTH_REPLACE ? CXL_EVLOG_FAILURE :
                    more ? CXL_EVLOG_WARNING : CXL_EVLOG_INFO,
                    CXL_EVMODULE_HEALTH);
    }
}

void cxl_health_corrected(CxlHealth *h, bool persistent)
{
    uint32_t *count = persistent ? &h->facts.corrected_persistent :
                      &h->facts.corrected_volatile;

    if (*count < UINT32_MAX) {
        (*count)++;
    }
    evaluate(h, 0);
}

void cxl_health_get_alerts(const CxlHealth *h, CxlAlertOut *out)
{
    out->valid = CXL_ALERT_LIFE | CXL_ALERT_OVER | CXL_ALERT_UNDER |
                 h->alerts.enabled;
    out->programmable = CXL_ALERT_ALL;
    out->life_critical = LIFE_CRITICAL;
    out->life_warning = h->alerts.life_warning;
    stw_le_p(&out->over_critical, OVER_CRITICAL);
    stw_le_p(&out->under_critical, UNDER_CRITICAL);
    stw_le_p(&out->over_warning, h->alerts.over_warning);
    stw_le_p(&out->under_warning, h->alerts.under_warning);
    stw_le_p(&out->corrected_volatile, h->alerts.corrected_volatile);
    stw_le_p(&out->corrected_persistent, h->alerts.corrected_persistent);
}

/* What the valid bits select, on top of what was there. */
static void merge_alerts(CxlAlerts *a, const CxlAlertIn *in)
{
    if (in->valid & CXL_ALERT_LIFE) {
        a->life_warning = in->life_warning;
    }
    if (in->valid & CXL_ALERT_OVER) {
        a->over_warning = lduw_le_p(&in->over_warning);
    }
    if (in->valid & CXL_ALERT_UNDER) {
        a->under_warning = lduw_le_p(&in->under_warning);
    }
    if (in->valid & CXL_ALERT_CORRECTED_VOLATILE) {
        a->corrected_volatile = lduw_le_p(&in->corrected_volatile);
    }
    if (in->valid & CXL_ALERT_CORRECTED_PERSISTENT) {
        a->corrected_persistent = lduw_le_p(&in->corrected_persistent);
    }
    a->enabled = (a->enabled & ~in->valid) | (in->enable & in->valid);
}

static bool alerts_ok(const CxlAlerts *a)
{
    return a->life_warning < LIFE_CRITICAL && a->over_warning < OVER_CRITICAL &&
           a->under_warning > UNDER_CRITICAL;
}

CxlRc cxl_health_set_alerts(CxlHealth *h, const CxlAlertIn *in)
{
    CxlAlerts next = h->alerts;

    if ((in->valid | in->enable) & ~CXL_ALERT_ALL) {
        return CXL_RC_INVALID_INPUT;
    }
    merge_alerts(&next, in);
    if (!alerts_ok(&next)) {
        return CXL_RC_INVALID_INPUT;
    }
    h->alerts = next;
    evaluate(h, in->valid);
    return CXL_RC_SUCCESS;
}

CxlRc cxl_health_set_qos(CxlHealth *h, const uint8_t *in)
{
    /* Telemetry enables, then moderate and severe in percent, interval */
    if ((in[0] & ~3u) || !in[1] || in[1] > 100 || !in[2] || in[2] > 100 ||
        in[3] > 15) {
        return CXL_RC_INVALID_INPUT;
    }
    memcpy(h->qos, in, sizeof(h->qos));
    return CXL_RC_SUCCESS;
}

void cxl_health_save(const CxlHealth *h, SaveWriter *w)
{
    save_put(w, h->facts.status);
    save_put(w, h->facts.media_status);
    save_put(w, h->facts.life_used);
    save_put(w, h->facts.temperature);
    save_put(w, h->facts.corrected_volatile);
    save_put(w, h->facts.corrected_persistent);
    save_put(w, h->alerts.enabled);
    save_put(w, h->alerts.life_warning);
    save_put(w, h->alerts.over_warning);
    save_put(w, h->alerts.under_warning);
    save_put(w, h->alerts.corrected_volatile);
    save_put(w, h->alerts.corrected_persistent);
    save_put(w, h->crossed);
    save_put(w, h->critical);
    save_put(w, h->dirty_shutdowns);
    save_put(w, h->dirty);
    save_put_bytes(w, h->qos, sizeof(h->qos));
}

void cxl_health_load(CxlHealth *h, SaveReader *r)
{
    SAVE_GET(r, h->facts.status);
    SAVE_GET(r, h->facts.media_status);
    SAVE_GET(r, h->facts.life_used);
    SAVE_GET(r, h->facts.temperature);
    SAVE_GET(r, h->facts.corrected_volatile);
    SAVE_GET(r, h->facts.corrected_persistent);
    SAVE_GET(r, h->alerts.enabled);
    SAVE_GET(r, h->alerts.life_warning);
    SAVE_GET(r, h->alerts.over_warning);
    SAVE_GET(r, h->alerts.under_warning);
    SAVE_GET(r, h->alerts.corrected_volatile);
    SAVE_GET(r, h->alerts.corrected_persistent);
    SAVE_GET(r, h->crossed);
    SAVE_GET(r, h->critical);
    SAVE_GET(r, h->dirty_shutdowns);
    SAVE_GET(r, h->dirty);
    save_get_bytes(r, h->qos, sizeof(h->qos));
}

const char *cxl_health_check(const CxlHealth *h)
{
    if (!alerts_ok(&h->alerts) || h->alerts.enabled & ~CXL_ALERT_ALL) {
        return "alert thresholds";
    }
    if (h->facts.life_used > 100 ||
        h->facts.media_status > CXL_MEDIA_STATUS_TOP ||
        h->facts.status & ~CXL_HEALTH_ALL) {
        return "health facts";
    }
    if (h->crossed & ~h->alerts.enabled) {
        return "alert crossed but not enabled";
    }
    return NULL;
}
