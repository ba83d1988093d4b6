/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object cxl-firmware-first: firmware that keeps control of errors of CXL
 * devices and ports of a PC, hands them on as records of an error source, and
 * makes errors when it is asked to.  Registers are core/apei.h, records
 * core/cper.h, tables firmware/tables.c.
 *
 * At each reset it asks all devices for their events and unmasks errors of the
 * protocol, as firmware does before an operating system starts; what is plugged
 * in or bound later it asks when it comes.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "hw/memfab/compat.h"
#include "hw/acpi/acpi.h"
#include "hw/acpi/acpi_dev_interface.h"
#include "hw/core/boards.h"
#include "hw/core/qdev.h"
#include "hw/core/resettable.h"
#include "hw/cxl/core/apei.h"
#include "hw/cxl/core/firmware-events.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/firmware/firmware.h"
#include "hw/cxl/monitor/monitor.h"
#include "hw/cxl/port/ras.h"
#include "hw/cxl/tables.h"
#include "hw/cxl/trace.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/saved.h"
#include "hw/pci/shape.h"
#include "hw/pci/slot.h"
#include "migration/vmstate.h"
#include "qom/object_interfaces.h"
#include "system/reset.h"

#define TYPE_CXL_FIRMWARE_FIRST "cxl-firmware-first"
OBJECT_DECLARE_SIMPLE_TYPE(CxlFirmware, CXL_FIRMWARE_FIRST)

/* The header that has the name is of one target. */
#define PC_MACHINE_TYPE "generic-pc-machine"

struct CxlFirmware {
    Object parent_obj;

    CxlApei core;
    MemoryRegion registers;
    QEMUBH *bh;                 /* takes events out of devices */
    DeviceListener listener;
    GPtrArray *functions;       /* all PCIDevice that are realized */
    GPtrArray *fresh;           /* of them, those that came just now */
    QEMUBH *fresh_bh;           /* sets them up */
    ResettableState reset_state;
    PciSaved saved;
};

/* There is one of a platform. */
static CxlFirmware *platform_firmware;

bool cxl_firmware_first(void)
{
    return platform_firmware;
}

/* --- records ----------------------------------------------------------- */

static CxlCperFunction function_of(PCIDevice *pdev)
{
    CxlCperFunction fn = cxl_cper_function(pdev->config, pdev->exp.exp_cap);
    CxlMemdevPci *s = (CxlMemdevPci *)object_dynamic_cast(
        OBJECT(pdev), TYPE_CXL_MEMDEV_PCI);

    fn.bus = pci_dev_bus_num(pdev);
    fn.devfn = pdev->devfn;
    if (s && s->props.core.sn != CXL_PARAMS_NO_SERIAL) {
        fn.serial = s->props.core.sn;
    }
    return fn;
}

/* Has it errors, and does the guest see it? */
static bool is_seen(Object *obj, CxlErrorSink *sink)
{
    return cxl_monitor_errors_of(obj, sink) &&
           !pci_slot_hidden(PCI_DEVICE(obj));
}

/* What no host sees sends its messages to nobody, as without firmware. */
static bool take_error(PCIDevice *pdev, const CxlRas *ras, CxlRasSignal signal)
{
    CxlCperFunction fn = function_of(pdev);
    unsigned severity = cxl_cper_severity(signal);
    uint8_t record[CXL_CPER_MAX];
    size_t len = cxl_cper_protocol(record, &fn, severity, ras->bytes);
    bool kept;

    if (pci_slot_hidden(pdev)) {
        return false;
    }
    kept = cxl_apei_record(&platform_firmware->core, record, len);
    trace_memfab_cxl_firmware_error(pdev->name, severity, kept);
    return true;
}

static void took(void *opaque, unsigned log, size_t len)
{
    trace_memfab_cxl_firmware_event(((PCIDevice *)opaque)->name, log, len);
}

static void take_events_of(gpointer obj, gpointer opaque)
{
    CxlErrorSink sink;
    CxlFirmware *s = opaque;

    if (is_seen(obj, &sink) && sink.endpoint) {
        CxlCperFunction fn = function_of(PCI_DEVICE(obj));

        cxl_firmware_events_take(&CXL_MEMDEV_PCI(obj)->core->events, &fn,
                                 &s->core, took, obj);
    }
}

/* What is stopped stays as it is; see vm_state_changed(). */
static void take_all_events(void *opaque)
{
    CxlFirmware *s = opaque;

    if (runstate_is_running()) {
        g_ptr_array_foreach(s->functions, take_events_of, s);
    }
}

void cxl_firmware_events(void)
{
    if (platform_firmware) {
        qemu_bh_schedule(platform_firmware->bh);
    }
}

static void vm_state_changed(void *opaque, bool running, RunState state)
{
    if (running) {
        cxl_firmware_events();
    }
}

/* --- what the core asks ------------------------------------------------ */

static void notify(void *opaque)
{
    Object *obj = object_resolve_path_type("", TYPE_ACPI_DEVICE_IF, NULL);

    if (obj) {
        acpi_send_event(DEVICE(obj), (AcpiEventStatusBits)
                                     BIT(CXL_FIRMWARE_EVENT));
    }
}

static void has_room(void *opaque)
{
    cxl_firmware_events();
}

static void ignored(void *opaque, const char *what, uint64_t value)
{
    trace_memfab_cxl_firmware_ignored(what, value);
    qemu_log_mask(LOG_GUEST_ERROR, "CXL firmware: %s: 0x%" PRIx64
                  " is ignored\n", what, value);
}

typedef struct Target {
    uint32_t sbdf;
    PCIDevice *pdev;            /* NULL: there is none */
    CxlErrorSink sink;
} Target;

static void aim(gpointer obj, gpointer opaque)
{
    Target *target = opaque;
    CxlErrorSink sink;

    if (is_seen(obj, &sink) &&
        (uint32_t)pci_get_bdf(PCI_DEVICE(obj)) << 8 == target->sbdf) {
        target->pdev = PCI_DEVICE(obj);
        target->sink = sink;
    }
}

static CxlRas *registers_of(const CxlErrorSink *sink)
{
    return sink->port ? cxl_port_ras_registers(sink->port)
                      : cxl_endpoint_ras(sink->endpoint);
}

static unsigned inject(void *opaque, uint32_t type, uint32_t sbdf)
{
    Target target = { .sbdf = sbdf };
    CxlRasRecord record = { };
    CxlEinjError error;

    g_ptr_array_foreach(platform_firmware->functions, aim, &target);
    if (!target.pdev) {
        ignored(opaque, "error injection into no CXL function", sbdf);
        return CXL_EINJ_INVALID;
    }
    cxl_einj_error(type, &error);
    trace_memfab_cxl_firmware_inject(target.pdev->name, type);
    record.bit = error.bit;
    if (!error.correctable) {
        cxl_ras_set_fatal(registers_of(&target.sink), error.bit, error.fatal);
        cxl_monitor_uncorrectable(&target.sink, &record, 1);
    } else {
        cxl_monitor_correctable(&target.sink, error.bit);
    }
    return CXL_EINJ_SUCCESS;
}

static const CxlApeiOps apei_ops = { notify, has_room, inject, ignored };

static uint64_t registers_read(void *opaque, hwaddr addr, unsigned size)
{
    CxlFirmware *s = opaque;

    return cxl_apei_read(&s->core, addr, size);
}

static void registers_write(void *opaque, hwaddr addr, uint64_t value,
                            unsigned size)
{
    CxlFirmware *s = opaque;

    cxl_apei_write(&s->core, addr, value, size);
}

static const MemoryRegionOps registers_ops = {
    .read = registers_read,
    .write = registers_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8,
               .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8,
              .unaligned = true },
};

/* --- when -------------------------------------------------------------- */

static void set_up(gpointer obj, gpointer opaque)
{
    CxlErrorSink sink;

    if (!is_seen(obj, &sink)) {
        return;
    }
    cxl_ras_unmask(registers_of(&sink));
    if (sink.endpoint) {
        cxl_firmware_events_ask(&CXL_MEMDEV_PCI(obj)->core->events);
    }
}

/* Not before the reset that goes with the plugging */
static void set_up_fresh(void *opaque)
{
    CxlFirmware *s = opaque;

    g_ptr_array_foreach(s->fresh, set_up, NULL);
    g_ptr_array_set_size(s->fresh, 0);
    cxl_firmware_events();
}

static void appeared(PCIDevice *pdev)
{
    /* It may have been plugged just now, and bound. */
    if (!g_ptr_array_find(platform_firmware->fresh, pdev, NULL)) {
        g_ptr_array_add(platform_firmware->fresh, pdev);
    }
    qemu_bh_schedule(platform_firmware->fresh_bh);
}

/* QEMU tells of those that are there again when somebody begins to listen. */
static void device_comes(DeviceListener *listener, DeviceState *dev)
{
    CxlFirmware *s = container_of(listener, CxlFirmware, listener);

    if (!object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE) ||
        g_ptr_array_find(s->functions, dev, NULL)) {
        return;
    }
    g_ptr_array_add(s->functions, dev);
    if (dev->hotplugged) {
        appeared(PCI_DEVICE(dev));
    }
}

static void device_goes(DeviceListener *listener, DeviceState *dev)
{
    CxlFirmware *s = container_of(listener, CxlFirmware, listener);

    g_ptr_array_remove(s->functions, dev);
    g_ptr_array_remove(s->fresh, dev);
}

/* After all that the reset clears has been cleared, as with decoders */
static void first_reset_exit(Object *obj, ResetType type)
{
    CxlFirmware *s = CXL_FIRMWARE_FIRST(obj);

    cxl_apei_reset(&s->core);
    g_ptr_array_foreach(s->functions, set_up, NULL);
}

static void core_save(void *opaque, GByteArray *out)
{
    cxl_apei_save(opaque, out);
}

static bool core_load(void *opaque, const uint8_t *bytes, size_t len,
                      char **problem)
{
    return cxl_apei_load(opaque, bytes, len, problem);
}

static const PciSavedOps saved_ops = { .save = core_save, .load = core_load };

static const VMStateDescription vmstate_firmware = {
    .name = "memfab-cxl-firmware",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(saved, CxlFirmware, 1, vmstate_pci_saved, PciSaved),
        VMSTATE_END_OF_LIST()
    }
};

static void first_complete(UserCreatable *uc, Error **errp)
{
    CxlFirmware *s = CXL_FIRMWARE_FIRST(uc);

    if (phase_check(PHASE_MACHINE_READY)) {
        error_setg(errp, "%s: firmware is there when the machine starts, give "
                   "it with -object on the command line",
                   TYPE_CXL_FIRMWARE_FIRST);
        return;
    }
    if (!object_dynamic_cast(qdev_get_machine(), PC_MACHINE_TYPE)) {
        error_setg(errp, "%s: only machines q35 and pc have such firmware; "
                   "that of virt is told by 'ras=on'",
                   TYPE_CXL_FIRMWARE_FIRST);
        return;
    }
    if (platform_firmware) {
        error_setg(errp, "%s: there is one already", TYPE_CXL_FIRMWARE_FIRST);
        return;
    }
    platform_firmware = s;
    cxl_errors_set_first(take_error, appeared);
    cxl_apei_init(&s->core, &apei_ops, s);
    pci_saved_init(&s->saved, CXL_APEI_SAVED_MAX, &saved_ops, &s->core,
                   TYPE_CXL_FIRMWARE_FIRST);
    s->bh = qemu_bh_new(take_all_events, s);
    s->fresh_bh = qemu_bh_new(set_up_fresh, s);
    s->functions = g_ptr_array_new();
    s->fresh = g_ptr_array_new();
    s->listener.realize = device_comes;
    s->listener.unrealize = device_goes;
    device_listener_register(&s->listener);
    qemu_add_vm_change_state_handler(vm_state_changed, s);
    memory_region_init_io(&s->registers, OBJECT(s), &registers_ops, s,
                          TYPE_CXL_FIRMWARE_FIRST, CXL_APEI_SIZE);
    memory_region_add_subregion(get_system_memory(), CXL_APEI_BASE,
                                &s->registers);
    qemu_register_resettable(OBJECT(s));
    vmstate_register(NULL, 0, &vmstate_firmware, s);
}

/*
 * Nobody takes a platform's firmware away.  It has no end: what is mapped holds
 * a reference.
 */
static bool first_prepare_delete(UserCreatable *uc, Error **errp)
{
    error_setg(errp, "%s: firmware stays as long as its machine",
               TYPE_CXL_FIRMWARE_FIRST);
    return false;
}

MEMFAB_DEFINE_PREPARE_DELETE(first_prepare_delete)

static ResettableState *first_reset_state(Object *obj)
{
    return &CXL_FIRMWARE_FIRST(obj)->reset_state;
}

static const char *const shape_properties[] = { NULL };

static const PciShapeType shape = {
    TYPE_CXL_FIRMWARE_FIRST, shape_properties,
};

static void first_class_init(ObjectClass *oc, MemfabClassData data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    ucc->complete = first_complete;
    MEMFAB_SET_PREPARE_DELETE(ucc, first_prepare_delete);
    rc->get_state = first_reset_state;
    rc->phases.exit = first_reset_exit;
    pci_shape_type(&shape);
}

static const TypeInfo first_types[] = {
    {
        .name = TYPE_CXL_FIRMWARE_FIRST,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(CxlFirmware),
        .class_init = first_class_init,
        .interfaces = MEMFAB_INTERFACES({ TYPE_USER_CREATABLE },
                                        { TYPE_RESETTABLE_INTERFACE }),
    },
};

DEFINE_TYPES(first_types)
