/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of an object of the command line that are members of it: given
 * while it is made, and what they are once it is complete.
 *
 * The big lock is held.
 */
#ifndef HW_PCI_GIVEN_H
#define HW_PCI_GIVEN_H

#include "qom/object.h"
#include "qapi/visitor.h"

typedef bool GivenVisitFn(Visitor *v, const char *name, void *member,
                          Error **errp);

typedef struct GivenProperty {
    const char *name, *type;
    size_t member, complete;    /* offsets; the latter is a bool */
    GivenVisitFn *visit;
    const char *description;
} GivenProperty;

/* A property of objects of @struct_ that is their member @field */
#define GIVEN(struct_, field, name, type, visit, description)           \
    { name, type, offsetof(struct_, field), offsetof(struct_, complete), \
      visit, description }

GivenVisitFn given_visit_bool, given_visit_size, given_visit_uint16,
             given_visit_uint32, given_visit_string, given_visit_strings;

/* @properties live for ever. */
void given_class_add(ObjectClass *oc, const GivenProperty *properties,
                     unsigned count);
/* When the object goes: free what the members hold. */
void given_forget(Object *obj, const GivenProperty *properties,
                  unsigned count);

#endif
