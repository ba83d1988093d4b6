/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device "cxl-mld"; see mld.h.  It is on no bus: a host meets its logical
 * devices, a fabric manager its FM-owned logical device behind a port of the
 * switch (tree.c).
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "migration/blocker.h"
#include "hw/core/qdev-properties.h"
#include "hw/pci/once.h"
#include "hw/pci/pci_ids.h"
#include "hw/cxl/steps.h"
#include "hw/cxl/switch/mld.h"
#include "hw/memfab/compat.h"

/* As a cxl-type3 */
#define MLD_DEVICE_ID 0x0d93

static int64_t now_ns(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void trace_step(void *opaque, CxlTraceStep step, uint64_t a,
                       uint64_t b, uint64_t c)
{
    cxl_trace_step(DEVICE(opaque), step, a, b, c);
}

/* All that an FM-owned logical device asks for */
static const CxlHostOps host_ops = {
    .now_ns = now_ns,
    .trace = trace_step,
};

static const char *name_of(CxlMldDev *m)
{
    return DEVICE(m)->id ?: TYPE_CXL_MLD;
}

bool cxl_mld_join(CxlMldDev *m, unsigned ld, DeviceState *dev, CxlCci *cci,
                  uint64_t volatile_len, uint64_t persistent_len,
                  Error **errp)
{
    if (!qdev_is_realized(DEVICE(m))) {
        error_setg(errp, "property 'mld': '%s' has been taken out",
                   name_of(m));
        return false;
    }
    if (ld >= m->core->lds) {
        error_setg(errp, "property 'ld': %u is not a logical device of '%s',"
                   " which has 0 to %u", ld, name_of(m), m->core->lds - 1);
        return false;
    }
    if (m->ld[ld]) {
        error_setg(errp, "property 'ld': logical device %u of '%s' is '%s'",
                   ld, name_of(m), m->ld[ld]->id ?: "another device");
        return false;
    }
    m->ld[ld] = dev;
    cxl_mld_set(m->core, ld, cci, volatile_len, persistent_len);
    return true;
}

void cxl_mld_leave(CxlMldDev *m, DeviceState *dev)
{
    for (unsigned i = 0; i < ARRAY_SIZE(m->ld); i++) {
        if (m->ld[i] == dev) {
            m->ld[i] = NULL;
            cxl_mld_set(m->core, i, NULL, 0, 0);
        }
    }
}

static void mld_realize(DeviceState *dev, Error **errp)
{
    CxlMldDev *m = CXL_MLD(dev);
    CxlMldConfig config = {
        .lds = m->lds, .serial = m->sn, .vendor_id = PCI_VENDOR_ID_INTEL,
        .device_id = MLD_DEVICE_ID,
    };

    if (!device_realize_first(m->core, errp)) {
        return;
    }
    if (!m->lds || m->lds > CXL_MLD_LDS) {
        error_setg(errp, "property 'lds': %u logical devices are not 1 to %u",
                   m->lds, CXL_MLD_LDS);
        return;
    }
    error_setg(&m->blocker, "%s: a " TYPE_CXL_MLD " does not migrate",
               name_of(m));
    if (migrate_add_blocker(&m->blocker, errp) < 0) {
        return;
    }
    m->port = m->given_port;
    m->core = cxl_mld_new(&config, &host_ops, m);
}

static void mld_unrealize(DeviceState *dev)
{
    migrate_del_blocker(&CXL_MLD(dev)->blocker);
}

static void mld_finalize(Object *obj)
{
    g_clear_pointer(&CXL_MLD(obj)->core, cxl_mld_free);
}

static const Property mld_props[] = {
    DEFINE_PROP_UINT8("lds", CxlMldDev, lds, 4),
    DEFINE_PROP_UINT8("port", CxlMldDev, given_port, 128),
    DEFINE_PROP_UINT64("sn", CxlMldDev, sn, UINT64_MAX),
};

static void mld_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "CXL multi-logical device";
    dc->user_creatable = true;
    dc->hotpluggable = false;
    dc->realize = mld_realize;
    dc->unrealize = mld_unrealize;
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
    device_class_set_props(dc, mld_props);
    object_class_property_set_description(oc, "lds",
                                          "how many logical devices, 1 to 16");
    object_class_property_set_description(oc, "port",
                                          "its port of the switch, a number"
                                          " that no other port has");
    object_class_property_set_description(oc, "sn", "serial number");
}

static const TypeInfo mld_info = {
    .name = TYPE_CXL_MLD,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(CxlMldDev),
    .instance_finalize = mld_finalize,
    .class_init = mld_class_init,
};

static void mld_register(void)
{
    type_register_static(&mld_info);
}

type_init(mld_register)
