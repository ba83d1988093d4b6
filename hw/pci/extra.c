/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beside the model of a function; see extra.h.
 *
 * Each is a bus below the function, on which there is nothing: it is reset with
 * the function, and goes with it.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "hw/memfab/compat.h"
#include "hw/common/extcap.h"
#include "hw/core/qdev.h"
#include "hw/core/resettable.h"
#include "hw/pci/extra.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "system/system.h"

#define TYPE_PCI_EXTRA "pci-extra"
OBJECT_DECLARE_SIMPLE_TYPE(PciExtra, PCI_EXTRA)

struct PciExtra {
    BusState parent_obj;

    PCIDevice *pdev;
    const PciExtraOps *ops;
    void *opaque;
    PCIConfigReadFunc *read;    /* the model's */
    PCIConfigWriteFunc *write;
    bool function_level;        /* a reset that is under way */
};

/* The first behind @after, which may be NULL */
static PciExtra *next_of(PCIDevice *pdev, PciExtra *after)
{
    BusState *bus = after ? QLIST_NEXT(BUS(after), sibling)
                          : QLIST_FIRST(&DEVICE(pdev)->child_bus);

    while (bus && !object_dynamic_cast(OBJECT(bus), TYPE_PCI_EXTRA)) {
        bus = QLIST_NEXT(bus, sibling);
    }
    return bus ? PCI_EXTRA(bus) : NULL;
}

#define FOR_EACH(x, pdev) \
    for (PciExtra *x = next_of(pdev, NULL); x; x = next_of(pdev, x))

void *pci_extra_of(PCIDevice *pdev, const PciExtraOps *ops)
{
    FOR_EACH(x, pdev) {
        if (x->ops == ops) {
            return x->opaque;
        }
    }
    return NULL;
}

static uint32_t extra_read(PCIDevice *pdev, uint32_t addr, int len)
{
    uint32_t val = next_of(pdev, NULL)->read(pdev, addr, len);

    FOR_EACH(x, pdev) {
        val = x->ops->read ? x->ops->read(x->opaque, addr, val, len) : val;
    }
    return val;
}

static void set_function_level(PCIDevice *pdev, bool on)
{
    FOR_EACH(x, pdev) {
        x->function_level = on;
    }
}

/* A model that resets itself otherwise than by QEMU's way is followed. */
static void follow_reset(PCIDevice *pdev)
{
    FOR_EACH(x, pdev) {
        if (x->function_level && x->ops->reset) {
            x->ops->reset(x->opaque, true);
        }
    }
    set_function_level(pdev, false);
}

/* It may send a message, by which the guest takes the function out. */
static void extra_write(PCIDevice *pdev, uint32_t addr, uint32_t val, int len)
{
    PciExtra *first = next_of(pdev, NULL);

    FOR_EACH(x, pdev) {
        if (x->ops->write && x->ops->write(x->opaque, addr, val, len)) {
            return;
        }
    }
    object_ref(OBJECT(pdev));
    set_function_level(pdev, pci_is_express(pdev) &&
                       extcap_asks_reset(pdev->config,
                       pdev->exp.exp_cap, addr, val, len));
    first->write(pdev, addr, val, len);
    follow_reset(pdev);
    FOR_EACH(x, pdev) {
        if (x->ops->wrote) {
            x->ops->wrote(x->opaque);
        }
    }
    object_unref(OBJECT(pdev));
}

/* The last phase: what the model puts back it has put back by then. */
static void extra_reset_exit(Object *obj, ResetType type)
{
    PciExtra *x = PCI_EXTRA(obj);

    if (x->ops->reset) {
        x->ops->reset(x->opaque, x->function_level);
    }
}

static void extra_unrealize(BusState *bus)
{
    PciExtra *x = PCI_EXTRA(bus);

    x->pdev->config_read = x->read;
    x->pdev->config_write = x->write;
}

static void extra_finalize(Object *obj)
{
    PciExtra *x = PCI_EXTRA(obj);

    /* Who asks for the properties of a type has one made, and dropped. */
    if (x->ops && x->ops->gone) {
        x->ops->gone(x->opaque);
    }
}

static void extra_class_init(ObjectClass *oc, MemfabClassData data)
{
    BUS_CLASS(oc)->unrealize = extra_unrealize;
    RESETTABLE_CLASS(oc)->phases.exit = extra_reset_exit;
}

static const TypeInfo extra_types[] = {
    {
        .name = TYPE_PCI_EXTRA,
        .parent = TYPE_BUS,
        .instance_size = sizeof(PciExtra),
        .instance_finalize = extra_finalize,
        .class_init = extra_class_init,
    },
};

DEFINE_TYPES(extra_types)

/* One that is realized again has other bytes of configuration space. */
static void device_unrealized(DeviceListener *listener, DeviceState *dev)
{
    if (object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE)) {
        PciExtra *x;

        while ((x = next_of(PCI_DEVICE(dev), NULL))) {
            object_unparent(OBJECT(x));
        }
    }
}

/*
 * When one begins to listen, QEMU tells all who do of all devices: of one that
 * is being realized and may yet fail, too.  So not when something is added
 * first; and nothing is taken out before this.
 */
static void machine_done(Notifier *notifier, void *data)
{
    static DeviceListener listener = { .unrealize = device_unrealized };

    device_listener_register(&listener);
}

static void extra_init(void)
{
    static Notifier notifier = { .notify = machine_done };

    qemu_add_machine_init_done_notifier(&notifier);
}

type_init(extra_init)

void pci_extra_add(PCIDevice *pdev, const PciExtraOps *ops, void *opaque)
{
    PciExtra *other = next_of(pdev, NULL);
    PciExtra *x = PCI_EXTRA(qbus_new(TYPE_PCI_EXTRA, DEVICE(pdev), ops->name));

    x->pdev = pdev;
    x->ops = ops;
    x->opaque = opaque;
    x->read = other ? other->read : pdev->config_read;
    x->write = other ? other->write : pdev->config_write;
    pdev->config_read = extra_read;
    pdev->config_write = extra_write;
    if (DEVICE(pdev)->realized) {
        qbus_realize(BUS(x), &error_abort);
    }
}

/* A function of the host, or of another process; by its names in releases */
static bool is_passed_through(PCIDevice *pdev)
{
    return object_dynamic_cast(OBJECT(pdev), "vfio-pci-device") ||
           object_dynamic_cast(OBJECT(pdev), "vfio-pci");
}

/*
 * QEMU lets guests write all bytes that nobody has claimed, but for the header
 * that a list begins with.  A capability that is passed through claims all up
 * to the next one, or to the end, whatever its length is.
 */
uint16_t pci_extra_room(PCIDevice *pdev, unsigned len)
{
    g_autofree uint8_t *taken = g_malloc0(EXTCAP_END);
    bool claims = !is_passed_through(pdev);

    if (!pci_is_express(pdev) || !pci_bus_is_express(pci_get_bus(pdev))) {
        return 0;
    }
    for (unsigned i = EXTCAP_FIRST; i < EXTCAP_END; i++) {
        taken[i] = pdev->config[i] ||
            (claims && (pdev->cmask[i] || pdev->w1cmask[i] ||
                        (pdev->wmask[i] != 0xff && i >= EXTCAP_FIRST + 4)));
    }
    return extcap_room(pdev->config, taken, len);
}
