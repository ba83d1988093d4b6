/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the device that the user names to its command interface; see target.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "system/runstate.h"
#include "hw/core/qdev.h"
#include "hw/cxl/cxl.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/core/message.h"
#include "hw/cxl/fm/target.h"
#include "hw/cxl/switch/cci.h"
#include "hw/cxl/type3/memdev.h"

Object *cxl_fm_target_named(const char *id, const char *who, Error **errp)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path_type(id, TYPE_DEVICE, &ambiguous);

    if (!obj) {
        error_setg(errp, "property 'target': %s '%s'; give the id of a switch"
                   " or memory device that stands before the %s on the command"
                   " line", ambiguous ? "several devices are called" :
                   "there is no device", id, who);
    }
    return obj;
}

typedef struct Search {
    Object *port;
    Object *found;
} Search;

static int is_mailbox_of(Object *obj, void *opaque)
{
    Search *s = opaque;

    if (object_dynamic_cast(obj, TYPE_CXL_SWITCH_CCI) &&
        object_property_get_link(obj, "target", NULL) == s->port) {
        s->found = obj;
    }
    return s->found != NULL;
}

Object *cxl_fm_target_find(Object *obj, Error **errp)
{
    Search s = { .port = obj };

    if (object_dynamic_cast(obj, TYPE_CXL_SWITCH_CCI) ||
        object_dynamic_cast(obj, TYPE_CXL_MEMDEV_TYPE3)) {
        return obj;
    }
    if (!object_dynamic_cast(obj, TYPE_CXL_USP)) {
        error_setg(errp, "property 'target': a %s has no interface for a"
                   " fabric manager; name a " TYPE_CXL_SWITCH_CCI ", the "
                   TYPE_CXL_USP " beside it, or a " TYPE_CXL_MEMDEV_TYPE3,
                   object_get_typename(obj));
        return NULL;
    }
    object_child_foreach_recursive(object_get_root(), is_mailbox_of, &s);
    if (!s.found) {
        error_setg(errp, "property 'target': this " TYPE_CXL_USP
                   " has no " TYPE_CXL_SWITCH_CCI " beside it, whose interface"
                   " could be used; add one before");
    }
    return s.found;
}

bool cxl_fm_target_here(const CxlFmTarget *t)
{
    return t->obj && qdev_is_realized(DEVICE(t->obj));
}

bool cxl_fm_target_open(CxlFmTarget *t, Object *obj, CxlDoorNotify *notify,
                        void *opaque, Error **errp)
{
    CxlFmTarget opened = { .obj = obj };

    if (!cxl_fm_target_here(&opened)) {
        error_setg(errp, "device '%s' has been taken out",
                   object_get_typename(obj));
        return false;
    }
    if (object_dynamic_cast(obj, TYPE_CXL_SWITCH_CCI)) {
        opened.sw = cxl_switch_of(obj);
        opened.door = cxl_switch_open(opened.sw, CXL_FM_PAYLOAD_SHIFT, notify,
                                      opaque);
        if (!opened.door) {
            error_setg(errp, "device '%s' has %d managers already",
                       DEVICE(obj)->id ?: TYPE_CXL_SWITCH_CCI,
                       CXL_SWITCH_DOORS);
            return false;
        }
    }
    object_ref(obj);
    *t = opened;
    return true;
}

void cxl_fm_target_close(CxlFmTarget *t)
{
    if (t->door) {
        cxl_switch_close(t->sw, t->door);
    }
    object_unref(t->obj);
    *t = (CxlFmTarget) { };
}

static CxlCci *interface(const CxlFmTarget *t)
{
    return t->door ? cxl_door_cci(t->door) :
           cxl_memdev_fm_cci(CXL_MEMDEV_PCI(t->obj)->core);
}

uint32_t cxl_fm_target_payload(const CxlFmTarget *t)
{
    return interface(t)->payload_max;
}

/* What changed now would not go with the machine's state, or be overwritten. */
static bool state_is_moving(void)
{
    return runstate_check(RUN_STATE_INMIGRATE) ||
           runstate_check(RUN_STATE_FINISH_MIGRATE) ||
           runstate_check(RUN_STATE_POSTMIGRATE) ||
           runstate_check(RUN_STATE_SAVE_VM) ||
           runstate_check(RUN_STATE_RESTORE_VM);
}

uint32_t cxl_fm_target_execute(CxlFmTarget *t, const uint8_t *message,
                               uint32_t len, uint8_t *out, uint32_t out_max)
{
    uint32_t reply;

    if (!cxl_fm_target_here(t)) {
        return 0;
    }
    if (state_is_moving()) {
        return cxl_message_head((const CxlMessageHeader *)message,
                                CXL_RC_RETRY, out);
    }
    return cxl_message_execute(interface(t), message, len, out, out_max,
                               &reply) ? reply : 0;
}
