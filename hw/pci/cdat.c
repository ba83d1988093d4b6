/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object pci-cdat: a data object exchange capability with an attribute
 * table for a PCI function that knows of none, whoever made its model, devices
 * of the host (vfio-pci) among them.  The table is core's (cdat-function.h), or
 * a file's.
 *
 * The capability comes when the function is realized, before a guest sees it.
 * Its model does not see it at all: one that has data object exchange itself
 * (nvme) takes any such capability for its own.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "hw/memfab/compat.h"
#include "hw/memfab/problem.h"
#include "hw/common/extcap.h"
#include "hw/core/qdev.h"
#include "hw/pci/cdat.h"
#include "hw/pci/doe-port.h"
#include "hw/pci/extra.h"
#include "hw/pci/given.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/pci/shape.h"
#include "migration/vmstate.h"
#include "qom/object_interfaces.h"
#include "system/system.h"

#define TYPE_PCI_CDAT "pci-cdat"
OBJECT_DECLARE_SIMPLE_TYPE(PciCdat, PCI_CDAT)

struct PciCdat {
    Object parent_obj;

    char *device, *file;
    CdatFunction function;
    bool flatten;

    bool complete;
    Cdat table;                 /* built when it is first asked for */
    char *file_sum;
    PCIDevice *pdev;            /* NULL: the function is not there */
    PCIDevice *refused;         /* one that is there without */
    DoePort port;               /* of that */
    ExtcapAdded shown;          /* its capability */
    QTAILQ_ENTRY(PciCdat) next;
};

static QTAILQ_HEAD(, PciCdat) objects = QTAILQ_HEAD_INITIALIZER(objects);

static PciCdatWayFn *add_switches;

void pci_cdat_set_way(PciCdatWayFn *fn)
{
    add_switches = fn;
}

/* --- the mailbox -------------------------------------------------------- */

static unsigned answer(void *opaque, const uint32_t *request, unsigned dwords,
                       uint32_t *response, unsigned max)
{
    PciCdat *s = ((DoePort *)opaque)->opaque;
    CdatWay way = { };

    if (!s->table.table) {
        if (s->flatten && add_switches) {
            add_switches(s->pdev, &way);
        }
        cdat_function_build(&s->table, &s->function, &way);
    }
    return cdat_doe(&s->table, request, dwords, response, max);
}

static const DoeRow rows[] = {
    { DOE_VENDOR_CXL, CDAT_DOE_TYPE, answer },
};

static uint32_t mailbox_read(void *opaque, uint32_t addr, uint32_t val,
                             int len)
{
    PciCdat *s = opaque;

    val = extcap_show(&s->shown, addr, val, len);
    return doe_port_config_read(&s->port, addr, val, len);
}

static bool mailbox_write(void *opaque, uint32_t addr, uint32_t val, int len)
{
    PciCdat *s = opaque;

    doe_port_config_write(&s->port, addr, val, len);
    return addr - s->port.offset < DOE_EXT_CAP_LEN;
}

static void mailbox_reset(void *opaque, bool function_level)
{
    doe_reset(&((PciCdat *)opaque)->port.doe);
}

DOE_PORT_VMSTATE(vmstate_mailbox, "pci-cdat", PciCdat, port);

static void mailbox_gone(void *opaque)
{
    PciCdat *s = opaque;

    vmstate_unregister(NULL, &vmstate_mailbox, s);
    doe_port_exit(&s->port);
    s->pdev = NULL;
    /* A function elsewhere may have another way. */
    if (!s->file) {
        cdat_destroy(&s->table);
    }
    object_unref(OBJECT(s));
}

static const PciExtraOps mailbox_ops = {
    .name = TYPE_PCI_CDAT, .read = mailbox_read, .write = mailbox_write,
    .reset = mailbox_reset, .gone = mailbox_gone,
};

/* --- a function gets one ------------------------------------------------ */

/* Why it cannot get one, or NULL; *@offset becomes the place. */
static const char *refusal(PCIDevice *pdev, uint16_t *offset)
{
    g_autoptr(GByteArray) table = NULL;

    if (!pci_is_express(pdev) || !pci_bus_is_express(pci_get_bus(pdev))) {
        return "has no extended configuration space";
    }
    if (IS_PCI_BRIDGE(pdev)) {
        return "is a bridge";
    }
    table = pci_cdat_fetch(pdev);
    if (table) {
        return "has an attribute table already";
    }
    *offset = pci_extra_room(pdev, DOE_EXT_CAP_LEN);
    return *offset ? NULL : "has no room for a capability of 24 bytes";
}

static bool attach(PciCdat *s, PCIDevice *pdev, Error **errp)
{
    uint16_t offset;
    const char *why = refusal(pdev, &offset);

    if (why) {
        error_setg(errp, "property 'device' of %s '%s': '%s' %s",
                   TYPE_PCI_CDAT,
                   object_get_canonical_path_component(OBJECT(s)), s->device,
                   why);
        return false;
    }
    object_ref(OBJECT(s));
    s->pdev = pdev;
    extcap_add(&s->shown, pdev->config, offset, DOE_EXT_CAP_LEN,
               DOE_EXT_CAP_ID);
    doe_port_init_shown(&s->port, pdev, offset, rows, ARRAY_SIZE(rows), s);
    vmstate_register(VMSTATE_IF(pdev), VMSTATE_INSTANCE_ID_ANY,
                     &vmstate_mailbox, s);
    pci_extra_add(pdev, &mailbox_ops, s);
    return true;
}

/*
 * A mistake ends QEMU at launch.  QEMU lets nobody refuse a device that has
 * been realized: a later one is plugged without, and the person is told.
 */
static void attach_or_tell(PciCdat *s, PCIDevice *pdev)
{
    Error *err = NULL;

    if (pdev == s->refused || attach(s, pdev, &err)) {
        return;
    }
    if (!phase_check(PHASE_MACHINE_READY)) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
    warn_report_err(err);
    s->refused = pdev;
}

/* QEMU tells of those that are there again when somebody begins to listen. */
static void device_realized(DeviceListener *listener, DeviceState *dev)
{
    PciCdat *s;

    QTAILQ_FOREACH(s, &objects, next) {
        if (!dev->realized && !s->pdev &&
            OBJECT(dev) == pci_shape_device(s->device)) {
            attach_or_tell(s, PCI_DEVICE(dev));
        }
    }
}

static void device_unrealized(DeviceListener *listener, DeviceState *dev)
{
    PciCdat *s;

    QTAILQ_FOREACH(s, &objects, next) {
        s->refused = (DeviceState *)s->refused == dev ? NULL : s->refused;
    }
}

static DeviceListener listener = {
    .realize = device_realized,
    .unrealize = device_unrealized,
};

static void machine_done(Notifier *notifier, void *data)
{
    PciCdat *s;

    QTAILQ_FOREACH(s, &objects, next) {
        if (!s->pdev) {
            warn_report("%s '%s': there is no PCI device '%s' yet; it gets "
                        "its table when it is plugged", TYPE_PCI_CDAT,
                        object_get_canonical_path_component(OBJECT(s)),
                        s->device);
        }
    }
}

static Notifier done = { .notify = machine_done };

/* --- the object --------------------------------------------------------- */

static const GivenProperty properties[] = {
    GIVEN(PciCdat, device, "device", "string", given_visit_string,
          "id or QOM path of the PCI function"),
    GIVEN(PciCdat, file, "file", "string", given_visit_string,
          "table to answer with as it is; excludes all that follow"),
    GIVEN(PciCdat, function.memory, "memory", "size", given_visit_size,
          "bytes of memory that the function has"),
    GIVEN(PciCdat, function.persistent, "persistent", "bool",
          given_visit_bool, "that memory keeps its bytes without power"),
    GIVEN(PciCdat, function.initiator, "initiator", "bool", given_visit_bool,
          "the function uses memory itself"),
    GIVEN(PciCdat, function.read_latency, "read-latency", "uint32",
          given_visit_uint32, "ns; 0 says nothing"),
    GIVEN(PciCdat, function.write_latency, "write-latency", "uint32",
          given_visit_uint32, "ns; 0 says nothing"),
    GIVEN(PciCdat, function.read_bandwidth, "read-bandwidth", "uint32",
          given_visit_uint32, "MB/s; 0 says nothing"),
    GIVEN(PciCdat, function.write_bandwidth, "write-bandwidth", "uint32",
          given_visit_uint32, "MB/s; 0 says nothing"),
    GIVEN(PciCdat, flatten, "flatten", "bool", given_visit_bool,
          "add what CXL switches above the function say of themselves"),
};

static bool load_file(PciCdat *s, Error **errp)
{
    static const CdatFunction none;

    if (memcmp(&s->function, &none, sizeof(none)) || s->flatten) {
        error_setg(errp, "property 'file' is given, and so is what it says; "
                   "it excludes 'memory', 'initiator', 'flatten' and figures");
        return false;
    }
    return !memfab_refused(cdat_load_file(&s->table, "file", s->file,
                                          &s->file_sum), errp);
}

static bool take_device(PciCdat *s, Error **errp)
{
    Object *dev = s->device ? pci_shape_device(s->device) : NULL;
    PciCdat *other;

    if (!s->device) {
        error_setg(errp, "property 'device' has to be given");
        return false;
    }
    QTAILQ_FOREACH(other, &objects, next) {
        if (!strcmp(other->device, s->device) ||
            (other->pdev && OBJECT(other->pdev) == dev)) {
            error_setg(errp, "property 'device': '%s' has its table from "
                       "'%s' already", s->device,
                       object_get_canonical_path_component(OBJECT(other)));
            return false;
        }
    }
    if (!dev || !DEVICE(dev)->realized) {
        return true;
    }
    if (phase_check(PHASE_MACHINE_READY)) {
        error_setg(errp, "property 'device': '%s' is there, and the guest has "
                   "seen it; give the object before the device", s->device);
        return false;
    }
    return attach(s, PCI_DEVICE(dev), errp);
}

static void cdat_complete(UserCreatable *uc, Error **errp)
{
    static bool listens;
    PciCdat *s = PCI_CDAT(uc);

    if (s->file ? !load_file(s, errp)
                : memfab_refused(cdat_function_check(&s->function), errp)) {
        return;
    }
    if (!take_device(s, errp)) {
        return;
    }
    s->complete = true;
    QTAILQ_INSERT_TAIL(&objects, s, next);
    if (!listens) {
        listens = true;
        device_listener_register(&listener);
        qemu_add_machine_init_done_notifier(&done);
    }
}

static bool cdat_prepare_delete(UserCreatable *uc, Error **errp)
{
    PciCdat *s = PCI_CDAT(uc);

    if (s->pdev) {
        error_setg(errp, "object '%s' is in use by device '%s', can not be "
                   "deleted", object_get_canonical_path_component(OBJECT(s)),
                   s->device);
    }
    return !s->pdev;
}
MEMFAB_DEFINE_PREPARE_DELETE(cdat_prepare_delete)

static void cdat_object_init(Object *obj)
{
    cdat_init(&PCI_CDAT(obj)->table);
}

static void cdat_finalize(Object *obj)
{
    PciCdat *s = PCI_CDAT(obj);

    if (s->complete) {
        QTAILQ_REMOVE(&objects, s, next);
    }
    cdat_destroy(&s->table);
    g_free(s->file_sum);
    given_forget(obj, properties, ARRAY_SIZE(properties));
}

static char *shape_value(Object *obj, const char *property)
{
    PciCdat *s = PCI_CDAT(obj);

    if (!strcmp(property, "file")) {
        return g_strdup(s->file_sum ?: "");
    }
    return strcmp(property, "device") ? NULL : pci_shape_place(s->device);
}

static const char *const shape_properties[] = {
    "device", "file", "memory", "persistent", "initiator", "read-latency",
    "write-latency", "read-bandwidth", "write-bandwidth", "flatten", NULL
};

static const PciShapeType shape = {
    .type = TYPE_PCI_CDAT, .properties = shape_properties,
    .value = shape_value,
};

static void cdat_class_init(ObjectClass *oc, MemfabClassData data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(oc);

    ucc->complete = cdat_complete;
    MEMFAB_SET_PREPARE_DELETE(ucc, cdat_prepare_delete);
    given_class_add(oc, properties, ARRAY_SIZE(properties));
    pci_shape_type(&shape);
}

static const TypeInfo cdat_types[] = {
    {
        .name = TYPE_PCI_CDAT,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(PciCdat),
        .instance_init = cdat_object_init,
        .instance_finalize = cdat_finalize,
        .class_init = cdat_class_init,
        .interfaces = MEMFAB_INTERFACES({ TYPE_USER_CREATABLE }),
    },
};

DEFINE_TYPES(cdat_types)
