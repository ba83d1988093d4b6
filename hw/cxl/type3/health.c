/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a memory device feels: temperature, wear, corrected errors, broken
 * parts, as properties that can be set while the machine runs (qom-set).
 * The device then does what a real one does: it compares with its thresholds,
 * and logs memory module events on what it crosses.
 *
 * The rules are in core/health.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/type3/memdev.h"

typedef struct Vital {
    const char *name;
    int64_t min, max;
    int64_t (*get)(const CxlHealthFacts *f);
    void (*set)(CxlHealthFacts *f, int64_t value);
    const char *help;
} Vital;

#define VITAL(field)                                                    \
    static int64_t get_##field(const CxlHealthFacts *f)                 \
    {                                                                   \
        return f->field;                                                \
    }                                                                   \
                                                                        \
    static void set_##field(CxlHealthFacts *f, int64_t value)           \
    {                                                                   \
        f->field = value;                                               \
    }

VITAL(temperature)
VITAL(life_used)
VITAL(status)
VITAL(media_status)
VITAL(corrected_volatile)
VITAL(corrected_persistent)

/* The largest temperature of the wire format stands for "not known". */
static const Vital vitals[] = {
    { "temperature", INT16_MIN, INT16_MAX - 1, get_temperature,
      set_temperature, "degrees Celsius" },
    { "life-used", 0, 100, get_life_used, set_life_used,
      "percent of the expected life" },
    { "health-status", 0, CXL_HEALTH_ALL, get_status, set_status,
      "bits: maintenance needed, performance degraded, replacement needed,"
      " capacity degraded" },
    { "media-status", 0, CXL_MEDIA_STATUS_TOP, get_media_status,
      set_media_status, "0 for normal, else as in Get Health Info" },
    { "corrected-volatile-errors", 0, UINT32_MAX, get_corrected_volatile,
      set_corrected_volatile, "count of corrected errors" },
    { "corrected-persistent-errors", 0, UINT32_MAX, get_corrected_persistent,
      set_corrected_persistent, "count of corrected errors" },
};

/* Before the device is realized there is no core to keep them. */
static CxlHealthFacts *facts_of(CxlMemdevPci *s)
{
    return s->core ? &s->core->health.facts : &s->vitals;
}

static void vital_get(Object *obj, Visitor *v, const char *name,
                      void *opaque, Error **errp)
{
    const Vital *vital = opaque;
    int64_t value = vital->get(facts_of(CXL_MEMDEV_PCI(obj)));

    visit_type_int(v, name, &value, errp);
}

static void vital_set(Object *obj, Visitor *v, const char *name,
                      void *opaque, Error **errp)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);
    const Vital *vital = opaque;
    CxlHealthFacts facts = *facts_of(s);
    int64_t value;

    if (!visit_type_int(v, name, &value, errp)) {
        return;
    }
    if (value < vital->min || value > vital->max) {
        error_setg(errp, "property '%s': %" PRId64 " is not within %" PRId64
                   " to %" PRId64, name, value, vital->min, vital->max);
        return;
    }
    vital->set(&facts, value);
    if (s->core) {
        cxl_health_update(&s->core->health, &facts);
    } else {
        s->vitals = facts;
    }
}

static void dirty_shutdowns_get(Object *obj, Visitor *v, const char *name,
                                void *opaque, Error **errp)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);
    uint32_t count = s->core ? s->core->health.dirty_shutdowns : 0;

    visit_type_uint32(v, name, &count, errp);
}

void cxl_memdev_vitals_init(ObjectClass *oc)
{
    for (unsigned i = 0; i < ARRAY_SIZE(vitals); i++) {
        object_class_property_add(oc, vitals[i].name, "int", vital_get,
                                  vital_set, NULL, (void *)&vitals[i]);
        object_class_property_set_description(oc, vitals[i].name,
                                              vitals[i].help);
    }
    object_class_property_add(oc, "dirty-shutdowns", "uint32",
                              dirty_shutdowns_get, NULL, NULL, NULL);
    object_class_property_set_description(oc, "dirty-shutdowns",
        "losses of power while the guest had not flushed");
}

void cxl_memdev_vitals_default(CxlMemdevPci *s)
{
    s->vitals = (CxlHealthFacts) { .temperature = CXL_HEALTH_TEMPERATURE };
}

void cxl_memdev_vitals_apply(CxlMemdevPci *s)
{
    cxl_health_update(&s->core->health, &s->vitals);
}
