/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Warn of memory that is plugged on a node which no table tells the guest of.
 *
 * Which nodes the guest knows is settled at launch.  QEMU takes a pc-dimm or a
 * virtio-mem on any node of -numa; Linux puts it into another node then, and
 * says nothing.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/core/qdev.h"
#include "hw/mem/nvdimm.h"
#include "hw/virtio/virtio-mem.h"
#include "qapi/error.h"
#include "qemu/error-report.h"

static AcpiTopoNodes known;
static GHashTable *judged;      /* devices; QEMU tells of some repeatedly */

static bool is_memory(Object *obj)
{
    return object_dynamic_cast(obj, TYPE_PC_DIMM) ||
           object_dynamic_cast(obj, TYPE_VIRTIO_MEM);
}

/* virtio-mem is behind a device of its bus, which has the name. */
static const char *name_of(DeviceState *dev)
{
    const char *name = dev->id;

    if (!name && dev->parent_bus && dev->parent_bus->parent) {
        name = dev->parent_bus->parent->id;
    }
    return name ?: "without id";
}

static uint64_t node_of(Object *obj)
{
    return object_property_get_uint(obj, "node", &error_abort);
}

static void judge(DeviceState *dev)
{
    uint64_t node = node_of(OBJECT(dev));

    if (!g_hash_table_add(judged, dev)) {
        return;
    }
    if (node < ACPI_TOPO_MAX_NODES && !acpi_topo_nodes_test(&known, node)) {
        warn_report("%s '%s': 'node' is %" PRIu64 ", which the guest does not "
                    "know, Linux will put this memory into another node; "
                    "launch with '-object acpi-memory-nodes,id=later,"
                    "nodeset=%" PRIu64 "'", object_get_typename(OBJECT(dev)),
                    name_of(dev), node, node);
    }
}

static void judge_new(DeviceListener *listener, DeviceState *dev)
{
    if (is_memory(OBJECT(dev))) {
        judge(dev);
    }
}

static void forget(DeviceListener *listener, DeviceState *dev)
{
    g_hash_table_remove(judged, dev);
}

/* QEMU's table has an entry for each of these that is there at launch. */
static int add_nvdimm(Object *obj, void *opaque)
{
    if (object_dynamic_cast(obj, TYPE_NVDIMM) && DEVICE(obj)->realized) {
        acpi_topo_nodes_add(&known, node_of(obj));
    }
    return 0;
}

static int judge_present(Object *obj, void *opaque)
{
    if (is_memory(obj) && DEVICE(obj)->realized) {
        judge(DEVICE(obj));
    }
    return 0;
}

void acpi_topology_watch_memory(const AcpiTopoModel *model)
{
    static DeviceListener listener = {
        .realize = judge_new,
        .unrealize = forget,
    };

    if (acpi_topo_no_effect(&model->machine)) {
        return;
    }
    judged = g_hash_table_new(NULL, NULL);
    acpi_topo_model_known(model, &known);
    object_child_foreach_recursive(object_get_root(), add_nvdimm, NULL);
    object_child_foreach_recursive(object_get_root(), judge_present, NULL);
    device_listener_register(&listener);
}
