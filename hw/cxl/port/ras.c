/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recorder of errors of a CXL root port or switch port.  The contract is in
 * ras.h; the rules are core/ras.h.
 *
 * Who injects errors is monitor/inject.c; when ports come and leave, and the
 * rest of their saved state, is switch/ports.c.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/cxl.h"
#include "hw/cxl/port/ras.h"
#include "hw/cxl/trace.h"
#include "hw/pci/messages.h"
#include "hw/pci/saved.h"

#define TYPE_PORT_RAS "memfab-cxl-port-ras"
OBJECT_DECLARE_SIMPLE_TYPE(CxlPortRas, PORT_RAS)

#define CHILD "memfab-ras"

/*
 * A child of its port, so that it dies no sooner.  A vCPU that waited for the
 * big lock may come to the registers after the port has left the machine.
 */
struct CxlPortRas {
    Object parent_obj;

    PCIDevice *port;
    CxlRas ras;
    PciMessages messages;
    MemoryRegion registers;
    PciSaved saved;
};

static void bits_ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    CxlPortRas *s = opaque;

    trace_memfab_cxl_ignored(s->port->name, w->row->name, bits);
    qemu_log_mask(LOG_GUEST_ERROR, "%s: %s does not let bits 0x%" PRIx64
                  " be changed\n", s->port->name, w->row->name, bits);
}

static void port_ras_finalize(Object *obj)
{
    pci_saved_clear(&PORT_RAS(obj)->saved);
}

static const TypeInfo port_ras_types[] = {
    {
        .name = TYPE_PORT_RAS,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(CxlPortRas),
        .instance_finalize = port_ras_finalize,
    },
};

DEFINE_TYPES(port_ras_types)

static uint64_t ras_read(void *opaque, hwaddr addr, unsigned size)
{
    CxlPortRas *s = opaque;

    return cxl_ras_read(&s->ras, addr, size);
}

static void ras_write(void *opaque, hwaddr addr, uint64_t value,
                      unsigned size)
{
    CxlPortRas *s = opaque;

    cxl_ras_write(&s->ras, addr, value, size);
}

/* The widths of the block around it */
static const MemoryRegionOps ras_ops = {
    .read = ras_read,
    .write = ras_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 8 },
};

static MemoryRegion *component_block(PCIDevice *port)
{
    return port->io_regions[CXL_COMPONENT_REG_BAR_IDX].memory;
}

/* NULL: nobody is told before the operating system */
static CxlErrorsFirstFn *firmware_takes;
static CxlErrorsAppearedFn *firmware_sees;

void cxl_errors_set_first(CxlErrorsFirstFn *fn, CxlErrorsAppearedFn *appeared)
{
    firmware_takes = fn;
    firmware_sees = appeared;
}

void cxl_errors_appeared(PCIDevice *pdev)
{
    if (firmware_sees) {
        firmware_sees(pdev);
    }
}

bool cxl_errors_taken(PCIDevice *pdev, const CxlRas *ras, CxlRasSignal signal)
{
    return firmware_takes && firmware_takes(pdev, ras, signal);
}

static void signal_error(CxlPortRas *s, CxlRasSignal signal)
{
    if (signal != CXL_RAS_SIGNAL_NONE &&
        !cxl_errors_taken(s->port, &s->ras, signal)) {
        pci_messages_error(&s->messages,
                           signal == CXL_RAS_SIGNAL_CORRECTABLE ?
                           PCI_MESSAGE_CORRECTABLE :
                           PCI_MESSAGE_UNCORRECTABLE);
    }
}

void cxl_port_uncorrectable(CxlPortRas *s, const CxlRasRecord *errors,
                            unsigned n)
{
    signal_error(s, cxl_ras_uncorrectables(&s->ras, errors, n));
}

void cxl_port_correctable(CxlPortRas *s, unsigned bit)
{
    CxlRasSignal signal;

    cxl_ras_correctable(&s->ras, bit, &signal);
    signal_error(s, signal);
}

void cxl_port_errors(const CxlPortRas *s, CxlRasErrors *out)
{
    cxl_ras_errors(&s->ras, out);
}

CxlRas *cxl_port_ras_registers(CxlPortRas *s)
{
    return &s->ras;
}

static CxlPortRas *find(Object *port)
{
    Object *obj = object_resolve_path_component(port, CHILD);

    return obj ? PORT_RAS(obj) : NULL;
}

CxlPortRas *cxl_port_ras(Object *obj)
{
    CxlPortRas *s = find(obj);

    return s && pci_messages_here(&s->messages) ? s : NULL;
}

void cxl_port_ras_reset(PCIDevice *port)
{
    CxlPortRas *s = find(OBJECT(port));

    cxl_ras_reset(&s->ras, true);
    pci_messages_forget(&s->messages);
}

static void core_save(void *opaque, GByteArray *out)
{
    cxl_ras_save_alone(opaque, out);
}

static bool core_load(void *opaque, const uint8_t *bytes, size_t len,
                      char **problem)
{
    return cxl_ras_load_alone(opaque, bytes, len, problem);
}

static const PciSavedOps saved_ops = { .save = core_save, .load = core_load };

/*
 * A port without errors that nobody listens to says nothing; unless firmware
 * has set up that of the destination already.
 */
static bool needed(void *opaque)
{
    CxlPortRas *s = opaque;

    return firmware_takes || !cxl_ras_pristine(&s->ras) ||
           pci_messages_pending(&s->messages);
}

static const VMStateDescription vmstate_port_ras = {
    .name = "memfab-cxl-port-ras",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = needed,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(messages, CxlPortRas, 1, vmstate_pci_messages,
                       PciMessages),
        VMSTATE_STRUCT(saved, CxlPortRas, 1, vmstate_pci_saved, PciSaved),
        VMSTATE_END_OF_LIST()
    }
};

void cxl_port_ras_comes(PCIDevice *port)
{
    CxlPortRas *s = PORT_RAS(object_new(TYPE_PORT_RAS));

    object_property_add_child(OBJECT(port), CHILD, OBJECT(s));
    object_unref(OBJECT(s));
    s->port = port;
    pci_saved_init(&s->saved, CXL_RAS_SAVED_MAX, &saved_ops, &s->ras,
                   port->name);
    cxl_ras_init(&s->ras, s, bits_ignored);
    pci_messages_init(&s->messages, port);
    memory_region_init_io(&s->registers, OBJECT(s), &ras_ops, s,
                          "memfab-cxl-port-ras", CXL_RAS_REGISTERS_SIZE);
    memory_region_add_subregion_overlap(component_block(port),
        CXL2_COMPONENT_IO_REGION_SIZE + CXL_RAS_REGISTERS_OFFSET,
        &s->registers, 1);
    vmstate_register(VMSTATE_IF(port), VMSTATE_INSTANCE_ID_ANY,
                     &vmstate_port_ras, s);
}

void cxl_port_ras_goes(PCIDevice *port)
{
    CxlPortRas *s = find(OBJECT(port));

    vmstate_unregister(VMSTATE_IF(port), &vmstate_port_ras, s);
    memory_region_del_subregion(component_block(port), &s->registers);
    pci_messages_exit(&s->messages);
    object_unparent(OBJECT(s));
}
