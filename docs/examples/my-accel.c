/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "my-accel": an accelerator of one's own, in the fewest lines that are right.
 * It adds a number to the bytes of its memory.  docs/cxl/derive.md goes through
 * it; tests compile it.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "migration/vmstate.h"
#include "hw/cxl/type3/memdev.h"

#define TYPE_MY_ACCEL "my-accel"
OBJECT_DECLARE_SIMPLE_TYPE(MyAccel, MY_ACCEL)

/* BAR 2, 64 bits each: a write of MY_GO runs it on at most MY_MOST bytes. */
enum { MY_DPA, MY_LENGTH, MY_NUMBER, MY_GO, MY_REGS };
#define MY_BAR  2
#define MY_MOST 4096

struct MyAccel {
    CxlMemdevPci parent_obj;
    MemoryRegion bar;
    uint64_t reg[MY_REGS];      /* MY_GO reads 1 if the last run was good */
};

/* Take the lines, then use them; never more than a bounded piece at once. */
static bool my_run(MyAccel *m)
{
    CxlMemdevPci *s = CXL_MEMDEV_PCI(m);
    uint64_t dpa = m->reg[MY_DPA], len = m->reg[MY_LENGTH];
    uint8_t bytes[MY_MOST];

    if (len > MY_MOST) {
        return false;
    }
    cxl_bias_device(cxl_endpoint_bias(s->ep), dpa, len, true);
    if (!cxl_window_dpa_rw(&s->window, dpa, bytes, len, false)) {
        return false;
    }
    for (unsigned i = 0; i < len; i++) {
        bytes[i] += m->reg[MY_NUMBER];
    }
    return cxl_window_dpa_rw(&s->window, dpa, bytes, len, true);
}

/* A vCPU that waited may come here after the device has been unplugged. */
static uint64_t my_read(void *opaque, hwaddr addr, unsigned size)
{
    MyAccel *m = opaque;

    return m->reg[addr / 8];
}

static void my_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    MyAccel *m = opaque;

    m->reg[addr / 8] = value;
    if (addr / 8 == MY_GO && cxl_memdev_here(CXL_MEMDEV_PCI(m))) {
        m->reg[MY_GO] = my_run(m);
        if (!m->reg[MY_GO]) {
            qemu_log_mask(LOG_GUEST_ERROR, "my-accel: not all is memory\n");
        }
    }
}

static const MemoryRegionOps my_ops = {
    .read = my_read,
    .write = my_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 8, .max_access_size = 8 },
};

static void my_realize(PCIDevice *pdev, Error **errp)
{
    MyAccel *m = MY_ACCEL(pdev);
    ERRP_GUARD();

    PCI_DEVICE_CLASS(object_class_by_name(TYPE_CXL_ACCEL))->realize(pdev,
                                                                    errp);
    if (*errp) {
        return;
    }
    memory_region_init_io(&m->bar, OBJECT(m), &my_ops, m, "my-accel",
                          8 * MY_REGS);
    pci_register_bar(pdev, MY_BAR, PCI_BASE_ADDRESS_SPACE_MEMORY |
                     PCI_BASE_ADDRESS_MEM_TYPE_64, &m->bar);
}

/* Memory, decoders and who holds what are the parent's. */
static const VMStateDescription my_vmstate = {
    .name = "my-accel",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(parent_obj, MyAccel, 0, vmstate_cxl_memdev,
                       CxlMemdevPci),
        VMSTATE_UINT64_ARRAY(reg, MyAccel, MY_REGS),
        VMSTATE_END_OF_LIST()
    }
};

static void my_class_init(ObjectClass *oc, MemfabClassData data)
{
    PCI_DEVICE_CLASS(oc)->realize = my_realize;
    DEVICE_CLASS(oc)->vmsd = &my_vmstate;
    DEVICE_CLASS(oc)->desc = "Adds a number to its memory";
}

static const TypeInfo my_info = {
    .name = TYPE_MY_ACCEL,
    .parent = TYPE_CXL_ACCEL,
    .instance_size = sizeof(MyAccel),
    .class_init = my_class_init,
};

static void my_register(void)
{
    type_register_static(&my_info);
}

type_init(my_register)
