/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a memory device feels: temperature, wear, corrected errors, broken
 * parts, as properties that can be set while the machine runs (qom-set).
 * The device then does what a real one does: it compares with its thresholds,
 * and logs memory module events on what it crosses.
 *
 * The rules are in core/health.c, names and ranges in core/vitals.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/core/vitals.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/memfab/problem.h"

/* Before the device is realized there is no core to keep them. */
static CxlHealthFacts *facts_of(CxlMemdevPci *s)
{
    return s->core ? &s->core->health.facts : &s->vitals;
}

static void vital_get(Object *obj, Visitor *v, const char *name,
                      void *opaque, Error **errp)
{
    int64_t value = cxl_vital_get(opaque, facts_of(CXL_MEMDEV_PCI(obj)));

    visit_type_int(v, name, &value, errp);
}

static void vital_set(Object *obj, Visitor *v, const char *name,
                      void *opaque, Error **errp)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(obj);
    CxlHealthFacts facts = *facts_of(s);
    int64_t value;

    if (!visit_type_int(v, name, &value, errp) ||
        memfab_refused(cxl_vital_set(opaque, &facts, value), errp)) {
        return;
    }
    if (s->core) {
        cxl_health_update(&s->core->health, &facts);
        notifier_list_notify(&s->stepped, NULL);
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
    const CxlVital *v;

    for (unsigned i = 0; (v = cxl_vital(i)); i++) {
        object_class_property_add(oc, v->name, "int", vital_get, vital_set,
                                  NULL, (void *)v);
        object_class_property_set_description(oc, v->name, v->text);
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
