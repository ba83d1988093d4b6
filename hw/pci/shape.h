/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What saved state says first: the shape of the machine it is of
 * (hw/common/shape.h).  A machine of another shape refuses it before it has
 * looked at anything else, RAM and QEMU's devices included.
 *
 * Types and sources are told at type registration.  The big lock is held.
 */
#ifndef HW_PCI_SHAPE_H
#define HW_PCI_SHAPE_H

#include "hw/common/shape.h"
#include "qom/object.h"

/* Objects of a type, and what of them a guest can see */
typedef struct PciShapeType {
    const char *type;
    const char *const *properties;      /* NULL after the last */
    /*
     * What a property has become, where its value does not say it: allocated.
     * May be NULL, or answer NULL for what the value says.
     */
    char *(*value)(Object *obj, const char *property);
    /*
     * The saved machine is of our shape; take over what it calls things.  May
     * be NULL.  False: it calls them what it must not.
     */
    bool (*rename)(Object *obj, const Shapes *saved, const char *place);
} PciShapeType;

/* @type lives for ever. */
void pci_shape_type(const PciShapeType *type);
/* For parts that are no objects */
void pci_shape_source(void (*fill)(Shapes *s));

/*
 * The PCI device that a person means by @id, or NULL; backends and buses may
 * have the same id.
 */
Object *pci_shape_device(const char *id);
/*
 * Where the device, or the bridge of the bus, that @id means is, by which both
 * machines know it; @id if that is unknown.  Allocated.
 */
char *pci_shape_place(const char *id);

#endif
