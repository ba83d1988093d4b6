/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fixed memory windows of the machine, and the object cxl-window, which
 * gives one what the machine property "cxl-fmw" does not have: restrictions,
 * QTG ID and arithmetic.
 *
 * The bytes of the table are core/cedt.c; how a XOR window is decoded is
 * core/route.h, told by window/tree.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-visit-memfab-cxl.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "hw/core/qdev.h"
#include "hw/cxl/cxl_host.h"
#include "hw/cxl/tables.h"
#include "hw/cxl/window/attributes.h"
#include "hw/cxl/window/internal.h"
#include "hw/memfab/compat.h"
#include "hw/pci/given.h"
#include "qom/object_interfaces.h"
#include "system/system.h"

#define TYPE_CXL_WINDOW "cxl-window"
OBJECT_DECLARE_SIMPLE_TYPE(CxlWindowObject, CXL_WINDOW)

struct CxlWindowObject {
    Object parent_obj;

    /* Properties */
    uint32_t window;
    CxlWindowRestrictionList *restrictions;
    CxlWindowArithmetic arithmetic;
    char *near;

    CxlCedtWindow chosen;
    bool complete;
};

/* What is chosen for each window; NULL: nothing */
static CxlWindowObject *chosen[CXL_CEDT_WINDOWS];
static unsigned count;

static gint by_base(gconstpointer a, gconstpointer b)
{
    const CXLFixedWindow *x = *(CXLFixedWindow * const *)a;
    const CXLFixedWindow *y = *(CXLFixedWindow * const *)b;

    return x->base < y->base ? -1 : x->base > y->base;
}

/* How windows are kept differs between releases; their regions do not. */
GPtrArray *cxl_window_fixed(void)
{
    GPtrArray *fixed = g_ptr_array_new();
    MemoryRegion *mr;

    QTAILQ_FOREACH(mr, &get_system_memory()->subregions, subregions_link) {
        if (mr->ops == &cfmws_ops) {
            g_ptr_array_add(fixed, mr->opaque);
        }
    }
    g_ptr_array_sort(fixed, by_base);
    return fixed;
}

const CxlCedtWindow *cxl_window_attributes(unsigned n)
{
    return n < CXL_CEDT_WINDOWS && chosen[n] ? &chosen[n]->chosen : NULL;
}

const char *cxl_window_near_id(unsigned n)
{
    return n < CXL_CEDT_WINDOWS && chosen[n] ? chosen[n]->near : NULL;
}

void cxl_window_complete_cedt(GArray *cedt)
{
    for (unsigned n = 0; n < CXL_CEDT_WINDOWS; n++) {
        if (chosen[n]) {
            cxl_cedt_set_window(cedt, n, &chosen[n]->chosen);
        }
    }
    cxl_cedt_add_maps(cedt);
}

Aml *cxl_window_qtg_package(Aml *stock)
{
    g_autoptr(GPtrArray) fixed = cxl_window_fixed();
    const CxlCedtWindow *windows[CXL_CEDT_WINDOWS];
    uint16_t ids[CXL_CEDT_WINDOWS], most;
    unsigned n = MIN(fixed->len, CXL_CEDT_WINDOWS);
    Aml *list, *package;

    if (!count) {
        return stock;
    }
    for (unsigned i = 0; i < n; i++) {
        windows[i] = cxl_window_attributes(i);
    }
    n = cxl_cedt_recommend(windows, n, ids, &most);
    list = aml_package(n);
    for (unsigned i = 0; i < n; i++) {
        aml_append(list, aml_int(ids[i]));
    }
    package = aml_package(2);
    aml_append(package, aml_int(most));
    aml_append(package, list);
    return package;
}

static void machine_done(Notifier *notifier, void *data)
{
    g_autoptr(GPtrArray) fixed = cxl_window_fixed();

    for (unsigned n = fixed->len; n < CXL_CEDT_WINDOWS; n++) {
        if (chosen[n]) {
            error_report("%s: property 'window': there is no window %u, the "
                         "machine has %u", TYPE_CXL_WINDOW, n, fixed->len);
            exit(EXIT_FAILURE);
        }
    }
}

/* --- object ------------------------------------------------------------ */

static bool visit_restrictions(Visitor *v, const char *name, void *member,
                               Error **errp)
{
    return visit_type_CxlWindowRestrictionList(v, name, member, errp);
}

static bool visit_arithmetic(Visitor *v, const char *name, void *member,
                             Error **errp)
{
    return visit_type_CxlWindowArithmetic(v, name, member, errp);
}

#define PROPERTY(field, name, type, visit, description) \
    GIVEN(CxlWindowObject, field, name, type, visit, description)

static const GivenProperty properties[] = {
    PROPERTY(window, "window", "uint32", given_visit_uint32,
             "number of the fixed memory window, in the order of addresses"),
    PROPERTY(restrictions, "restrictions", "CxlWindowRestrictionList",
             visit_restrictions, "what the window can be used for"),
    PROPERTY(chosen.qtg, "qtg-id", "uint16", given_visit_uint16,
             "QoS throttling group of the window"),
    PROPERTY(arithmetic, "arithmetic", "CxlWindowArithmetic",
             visit_arithmetic,
             "how the host bridge is selected: modulo or xor"),
    PROPERTY(near, "near-memdev", "string", given_visit_string,
             "memory backend of its lower half, a cache of the upper one"),
};

/* In the order of the bits */
static uint16_t restriction_bits(const CxlWindowRestrictionList *list)
{
    uint16_t bits = 0;

    QEMU_BUILD_BUG_ON(BIT(CXL_WINDOW_RESTRICTION_BACK_INVALIDATE) !=
                      CXL_CEDT_BACK_INVALIDATE);
    for (; list; list = list->next) {
        bits |= BIT(list->value);
    }
    return bits;
}

static void window_complete(UserCreatable *uc, Error **errp)
{
    CxlWindowObject *s = CXL_WINDOW(uc);

    if (phase_check(PHASE_MACHINE_READY)) {
        error_setg(errp, "%s: windows are made when the machine starts, give "
                   "it with -object on the command line", TYPE_CXL_WINDOW);
        return;
    }
    if (s->window >= CXL_CEDT_WINDOWS) {
        error_setg(errp, "%s: property 'window': %u is not within 0 to %d",
                   TYPE_CXL_WINDOW, s->window, CXL_CEDT_WINDOWS - 1);
        return;
    }
    if (chosen[s->window]) {
        error_setg(errp, "%s: property 'window': %u has an object already",
                   TYPE_CXL_WINDOW, s->window);
        return;
    }
    s->chosen.restrictions = restriction_bits(s->restrictions);
    s->chosen.xor = s->arithmetic == CXL_WINDOW_ARITHMETIC_XOR;
    chosen[s->window] = s;
    count++;
    s->complete = true;
}

/* A window that the guest knows stays what it is. */
static bool window_prepare_delete(UserCreatable *uc, Error **errp)
{
    if (phase_check(PHASE_MACHINE_READY)) {
        error_setg(errp, "%s: the guest knows its windows since it started",
                   TYPE_CXL_WINDOW);
    }
    return !phase_check(PHASE_MACHINE_READY);
}

MEMFAB_DEFINE_PREPARE_DELETE(window_prepare_delete)

static void window_finalize(Object *obj)
{
    CxlWindowObject *s = CXL_WINDOW(obj);

    if (s->complete) {
        chosen[s->window] = NULL;
        count--;
    }
    given_forget(obj, properties, ARRAY_SIZE(properties));
}

static void window_class_init(ObjectClass *oc, MemfabClassData data)
{
    static Notifier notifier = { .notify = machine_done };
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(oc);

    ucc->complete = window_complete;
    MEMFAB_SET_PREPARE_DELETE(ucc, window_prepare_delete);
    given_class_add(oc, properties, ARRAY_SIZE(properties));
    qemu_add_machine_init_done_notifier(&notifier);
}

static const TypeInfo window_types[] = {
    {
        .name = TYPE_CXL_WINDOW,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(CxlWindowObject),
        .instance_finalize = window_finalize,
        .class_init = window_class_init,
        .interfaces = MEMFAB_INTERFACES({ TYPE_USER_CREATABLE }),
    },
};

DEFINE_TYPES(window_types)
