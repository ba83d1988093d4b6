/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the glue files of this folder share: the QOM objects, and the way from
 * QEMU's machine and PCI devices to the plain data of model.h.
 */
#ifndef HW_ACPI_TOPOLOGY_GLUE_H
#define HW_ACPI_TOPOLOGY_GLUE_H

#include "hw/acpi/topology/core/cdat.h"
#include "hw/acpi/topology/core/model.h"
#include "hw/pci/pci.h"
#include "qom/object.h"

#define TYPE_ACPI_NODE_SET "acpi-node-set"
#define TYPE_ACPI_DEVICE_NODES "acpi-device-nodes"
#define TYPE_ACPI_MEMORY_NODES "acpi-memory-nodes"
#define TYPE_ACPI_GENERIC_AFFINITY "acpi-generic-affinity"
#define TYPE_ACPI_GENERIC_INITIATOR "acpi-generic-initiator"
#define TYPE_ACPI_GENERIC_PORT "acpi-generic-port"

OBJECT_DECLARE_SIMPLE_TYPE(AcpiNodeSet, ACPI_NODE_SET)
OBJECT_DECLARE_SIMPLE_TYPE(AcpiGenericAffinity, ACPI_GENERIC_AFFINITY)

/* acpi-device-nodes, acpi-memory-nodes */
struct AcpiNodeSet {
    Object parent_obj;

    char *pci_dev;
    char *pci_bus;
    char *addr;
    char *start_key;
    char *count_key;
    uint8_t devfn;              /* of addr */
    bool complete;              /* created for good; no more changes */
    bool warned;                /* that its device is gone */
    AcpiTopoSet set;            /* all but present and fn */
};

/* acpi-generic-initiator, acpi-generic-port */
struct AcpiGenericAffinity {
    Object parent_obj;

    char *target;               /* device or bus */
    uint32_t node;
    bool complete;
    bool warned;
};

/* common.c */

/* "type 'id'" for messages; owned by the caller */
char *acpi_topology_object_name(const void *obj);
/* Properties are fixed once the object is @complete. */
bool acpi_topology_may_change(const void *obj, bool complete,
                              const char *property, Error **errp);
/*
 * Count initiators of a node, so that -numa hmat-lb takes it for one as long
 * as there is an object that says so.
 */
void acpi_topology_claim_initiator(unsigned node, bool claim);

/* machine.c */

/* Has the machine started, so that tables may have been read? */
bool acpi_topology_launched(void);
void acpi_topology_machine(AcpiTopoMachine *machine);

/* place.c; false with an error, or if @errp is NULL without */
bool acpi_topology_place(AcpiTopoFunction *fn, PCIBus *bus, int devfn,
                         Error **errp);
PCIDevice *acpi_topology_device(const char *property, const char *path,
                                Error **errp);
bool acpi_topology_place_set(AcpiTopoFunction *fn, const AcpiNodeSet *object,
                             Error **errp);
bool acpi_topology_place_generic(AcpiTopoGeneric *generic,
                                 AcpiGenericAffinity *object, Error **errp);
/* The device that is there now, by name or in the slot; or NULL. */
PCIDevice *acpi_topology_set_device(const AcpiNodeSet *object);

/* windows.c; the model's sets must be sorted */
void acpi_topology_add_windows(AcpiTopoModel *model);
/* HMAT caches of the windows with near memory; after the rows of their nodes */
bool acpi_topology_add_caches(const AcpiTopoModel *model, Error **errp);

/* plugged.c: warn of memory on nodes that @model does not tell the guest of */
void acpi_topology_watch_memory(const AcpiTopoModel *model);

/* defaults.c: distances and HMAT rows that nobody has typed. */
void acpi_topology_add_defaults(const AcpiTopoModel *model);

#endif
