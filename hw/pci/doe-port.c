/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data object exchange capability in configuration space: places the
 * registers of the mailbox and routes accesses and interrupts.  The mailbox
 * itself is hw/common/doe.c; what is asked through it is the device's.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "migration/vmstate.h"
#include "hw/pci/doe-port.h"

static void interrupt(void *opaque)
{
    DoePort *port = opaque;

    port->raise(port->pdev, port->vector);
}

static void overdue(void *opaque)
{
    DoePort *port = opaque;

    doe_overdue(&port->doe);
}

/* An answer is awaited, or no longer. */
static void watch(void *opaque, bool on)
{
    DoePort *port = opaque;

    if (on) {
        timer_mod(&port->overdue, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                                  DOE_ANSWER_NS);
    } else {
        timer_del(&port->overdue);
    }
}

static void start(DoePort *port, PCIDevice *pdev, uint16_t offset,
                  uint8_t vector, DoePortRaise *raise, const DoeRow *rows,
                  unsigned num_rows, void *opaque)
{
    port->pdev = pdev;
    port->raise = raise;
    port->offset = offset;
    port->vector = vector;
    port->opaque = opaque;
    doe_init(&port->doe, rows, num_rows, port, raise ? interrupt : NULL);
    timer_init_ns(&port->overdue, QEMU_CLOCK_VIRTUAL, overdue, port);
    doe_set_watch(&port->doe, watch);
}

void doe_port_init_shown(DoePort *port, PCIDevice *pdev, uint16_t offset,
                         const DoeRow *rows, unsigned num_rows, void *opaque)
{
    start(port, pdev, offset, 0, NULL, rows, num_rows, opaque);
}

void doe_port_init(DoePort *port, PCIDevice *pdev, uint16_t offset,
                   uint8_t vector, DoePortRaise *raise, const DoeRow *rows,
                   unsigned num_rows, void *opaque)
{
    start(port, pdev, offset, vector, raise, rows, num_rows, opaque);
    pcie_add_capability(pdev, DOE_EXT_CAP_ID, 1, offset,
                        DOE_EXT_CAP_LEN);
    pci_set_long(pdev->config + offset + DOE_REG_CAP,
                 raise ? DOE_CAP_INTR | DOE_CAP_VECTOR(vector) : 0);
    /* The mailbox is not kept in the config bytes, so do not compare them */
    memset(pdev->cmask + offset + DOE_REG_CTRL, 0,
           DOE_EXT_CAP_LEN - DOE_REG_CTRL);
}

void doe_port_exit(DoePort *port)
{
    if (port->offset) {
        doe_reset(&port->doe);
    }
}

uint32_t doe_port_config_read(const DoePort *port, uint32_t addr,
                              uint32_t val, int len)
{
    return port->offset ? doe_config_read(&port->doe, addr - port->offset,
                                          val, len) : val;
}

void doe_port_config_write(DoePort *port, uint32_t addr,
                           uint32_t val, int len)
{
    if (port->offset) {
        doe_config_write(&port->doe, addr - port->offset, val, len);
    }
}

/*
 * A mailbox on its way in a stream: what comes is judged before the one that
 * there is learns of it, and one that stays is not half of each.
 */
typedef struct DoeTransit {
    Doe *parent;
    Doe doe;
} DoeTransit;

static int doe_pre_save(void *opaque)
{
    DoeTransit *t = opaque;

    t->doe = *t->parent;
    return 0;
}

static int doe_pre_load(void *opaque)
{
    DoeTransit *t = opaque;

    t->doe = *t->parent;
    t->doe.busy = false;
    return 0;
}

/* Who has to answer learns of the object, and its second begins, anew. */
static int doe_post_load(void *opaque, int version)
{
    DoeTransit *t = opaque;

    if (doe_check(&t->doe)) {
        return -EINVAL;
    }
    doe_adopt(t->parent, &t->doe);
    doe_loaded(t->parent);
    return 0;
}

static bool doe_is_busy(void *opaque)
{
    const DoeTransit *t = opaque;

    return t->doe.busy;
}

static const VMStateDescription doe_vmstate_busy = {
    .name = "memfab-cxl/doe/busy",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = doe_is_busy,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(doe.busy, DoeTransit),
        VMSTATE_END_OF_LIST()
    }
};

/* What states had room for before there were longer objects */
#define SHORT 512

static bool doe_is_long(void *opaque)
{
    const DoeTransit *t = opaque;

    return t->doe.received >= SHORT || t->doe.length > SHORT;
}

static const VMStateDescription doe_vmstate_long = {
    .name = "memfab-cxl/doe/long",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = doe_is_long,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_SUB_ARRAY(doe.request, DoeTransit, SHORT,
                                 DOE_DWORDS - SHORT),
        VMSTATE_UINT32_SUB_ARRAY(doe.response, DoeTransit, SHORT,
                                 DOE_DWORDS - SHORT),
        VMSTATE_END_OF_LIST()
    }
};

/* Its version is that of what is around it. */
static const VMStateDescription doe_vmstate_transit = {
    .name = "memfab-cxl/doe",
    .pre_save = doe_pre_save,
    .pre_load = doe_pre_load,
    .post_load = doe_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(doe.intr_enabled, DoeTransit),
        VMSTATE_BOOL(doe.intr_status, DoeTransit),
        VMSTATE_BOOL(doe.error, DoeTransit),
        VMSTATE_BOOL(doe.overrun, DoeTransit),
        VMSTATE_UINT32(doe.received, DoeTransit),
        VMSTATE_UINT32(doe.length, DoeTransit),
        VMSTATE_UINT32(doe.taken, DoeTransit),
        VMSTATE_UINT32_SUB_ARRAY(doe.request, DoeTransit, 0, SHORT),
        VMSTATE_UINT32_SUB_ARRAY(doe.response, DoeTransit, 0, SHORT),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *const []) {
        &doe_vmstate_long,
        &doe_vmstate_busy,
        NULL
    }
};

const VMStateDescription doe_vmstate = {
    .name = "memfab-cxl/doe",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_WITH_TMP(Doe, DoeTransit, doe_vmstate_transit),
        VMSTATE_END_OF_LIST()
    }
};
