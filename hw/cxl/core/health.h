/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health, alerts, shutdown state, QoS settings.  CXL r3.1 8.2.9.9.3, 8.2.9.9.7.
 *
 * Who changes a fact about health calls cxl_health_update(); the room compares
 * the facts with the thresholds and raises memory module events on crossings.
 */
#ifndef HW_CXL_CORE_HEALTH_H
#define HW_CXL_CORE_HEALTH_H

#include "hw/common/save.h"
#include "hw/cxl/core/events.h"
#include "hw/cxl/wire/commands.h"

#define CXL_HEALTH_MAINTENANCE (1u << 0)
#define CXL_HEALTH_PERFORMANCE (1u << 1)
#define CXL_HEALTH_REPLACE     (1u << 2)
#define CXL_HEALTH_CAPACITY    (1u << 3)
#define CXL_HEALTH_ALL         0x0f
#define CXL_MEDIA_STATUS_TOP   9
/* What a device has that nothing happened to, degrees Celsius */
#define CXL_HEALTH_TEMPERATURE 25

/* Facts, in host order.  Life 0..100, temperature in degrees Celsius. */
typedef struct CxlHealthFacts {
    uint8_t status;         /* CXL_HEALTH_* */
    uint8_t media_status;   /* 0..CXL_MEDIA_STATUS_TOP */
    uint8_t life_used;
    int16_t temperature;
    uint32_t corrected_volatile;
    uint32_t corrected_persistent;
} CxlHealthFacts;

typedef struct CxlAlerts {
    uint8_t enabled;        /* CXL_ALERT_*: warnings that are programmed */
    uint8_t life_warning;
    int16_t over_warning, under_warning;
    uint16_t corrected_volatile, corrected_persistent;
} CxlAlerts;

typedef struct CxlHealth {
    CxlEvents *events;
    CxlHealthFacts facts;
    CxlAlerts alerts;
    uint8_t crossed;        /* CXL_ALERT_* warnings in force */
    uint8_t critical;       /* CXL_ALERT_* critical thresholds crossed */
    uint32_t dirty_shutdowns;
    bool dirty;             /* shutdown state */
    uint8_t qos[4];         /* 4701h: control, moderate, severe, interval */
} CxlHealth;

void cxl_health_init(CxlHealth *h, CxlEvents *events);
/* Power was lost: count a dirty shutdown; alerts are as programmed before. */
void cxl_health_power_lost(CxlHealth *h);
void cxl_health_reset(CxlHealth *h);

/* @facts in range (assert); events for what changed and what was crossed. */
void cxl_health_update(CxlHealth *h, const CxlHealthFacts *facts);
/* One more corrected error. */
void cxl_health_corrected(CxlHealth *h, bool persistent);

void cxl_health_info(const CxlHealth *h, CxlHealthInfo *out);
void cxl_health_get_alerts(const CxlHealth *h, CxlAlertOut *out);
CxlRc cxl_health_set_alerts(CxlHealth *h, const CxlAlertIn *in);
CxlRc cxl_health_set_qos(CxlHealth *h, const uint8_t *in);

/* What was known of the device is lost: an event says so. */
void cxl_health_forgotten(CxlHealth *h);

/* Saved state, see hw/common/save.h. */
void cxl_health_save(const CxlHealth *h, SaveWriter *w);
void cxl_health_load(CxlHealth *h, SaveReader *r);
const char *cxl_health_check(const CxlHealth *h);

#endif /* HW_CXL_CORE_HEALTH_H */
