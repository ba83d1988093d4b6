/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties that are members of an object of the command line; see given.h.
 */
#include "qemu/osdep.h"
#include "hw/pci/given.h"
#include "qapi/dealloc-visitor.h"
#include "qapi/error.h"
#include "qapi/qapi-builtin-visit.h"

bool given_visit_bool(Visitor *v, const char *name, void *member, Error **errp)
{
    return visit_type_bool(v, name, member, errp);
}

bool given_visit_size(Visitor *v, const char *name, void *member, Error **errp)
{
    return visit_type_size(v, name, member, errp);
}

bool given_visit_uint16(Visitor *v, const char *name, void *member,
                        Error **errp)
{
    return visit_type_uint16(v, name, member, errp);
}

bool given_visit_uint32(Visitor *v, const char *name, void *member,
                        Error **errp)
{
    return visit_type_uint32(v, name, member, errp);
}

bool given_visit_string(Visitor *v, const char *name, void *member,
                        Error **errp)
{
    char **string = member;

    return visit_type_str(v, name, string, errp);
}

bool given_visit_strings(Visitor *v, const char *name, void *member,
                         Error **errp)
{
    return visit_type_strList(v, name, member, errp);
}

static void *at(Object *obj, size_t offset)
{
    return (char *)obj + offset;
}

static void forget(Object *obj, const GivenProperty *p)
{
    Visitor *v = qapi_dealloc_visitor_new();

    p->visit(v, NULL, at(obj, p->member), NULL);
    visit_free(v);
}

static void get(Object *obj, Visitor *v, const char *name, void *opaque,
                Error **errp)
{
    const GivenProperty *p = opaque;

    p->visit(v, name, at(obj, p->member), errp);
}

static void set(Object *obj, Visitor *v, const char *name, void *opaque,
                Error **errp)
{
    const GivenProperty *p = opaque;

    if (*(bool *)at(obj, p->complete)) {
        error_setg(errp, "property '%s' of %s cannot be changed any more",
                   name, object_get_typename(obj));
        return;
    }
    forget(obj, p);
    p->visit(v, name, at(obj, p->member), errp);
}

void given_class_add(ObjectClass *oc, const GivenProperty *properties,
                     unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const GivenProperty *p = &properties[i];

        object_class_property_add(oc, p->name, p->type, get, set, NULL,
                                  (void *)p);
        object_class_property_set_description(oc, p->name, p->description);
    }
}

void given_forget(Object *obj, const GivenProperty *properties,
                  unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        forget(obj, &properties[i]);
    }
}
