/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device "cxl-fabric-host": slots of this machine are virtual bridges of a
 * switch that is another process (cxl-fabricd).  It is on no bus: what the
 * switch binds appears as an ordinary cxl-type3 in one of the slots, with
 * memory that the switch owns.
 *
 * Here are the connection, and devices that come and go; what is said is
 * core/fabric-slots.h.  Memory is another's when it is unmapped, and not when
 * the device has gone: what uses it may last longer.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "qemu/uuid.h"
#include "chardev/char-fe.h"
#include "hw/core/qdev.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/qdev-properties-system.h"
#include "hw/memfab/compat.h"
#include "hw/pci/once.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pcie_port.h"
#include "hw/pci/slot.h"
#include "migration/blocker.h"
#include "monitor/qdev.h"
#include "qom/object_interfaces.h"
#include "hw/cxl/core/fabric-slots.h"
#include "hw/cxl/core/message.h"
#include "hw/cxl/type3/memdev.h"
#include "hw/cxl/trace.h"

#define TYPE_CXL_FABRIC_HOST "cxl-fabric-host"
/* Of objects that tell when they end */
#define END "x-end"
/* What a device becomes is handed over so long after it began to, ms */
#define HAND_OVER 100

OBJECT_DECLARE_SIMPLE_TYPE(CxlFabricHostDev, CXL_FABRIC_HOST)

typedef enum SlotState {
    EMPTY, USED, CLOSING, IN_GRACE, UNMAPPED,
} SlotState;

typedef struct Slot {
    struct rcu_head rcu;
    CxlFabricHostDev *host;
    PCIDevice *port;
    DeviceState *dev;           /* until its very end */
    Object *backend[2];         /* memory and labels; of the host */
    unsigned mapped;            /* those that have not ended */
    bool shown;                 /* the machine has it: it has a state */
    Notifier stepped;           /* of @dev */
    bool warned;                /* of what is the matter with it now */
    SlotState state;
} Slot;

struct CxlFabricHostDev {
    /*< private >*/
    DeviceState parent_obj;

    /*< public >*/
    CharFrontend chr;
    char *ports;
    uint16_t vcs;
    CxlFabricSlots *core;       /* from realize on */
    Slot slot[CXL_FABRIC_VPPBS];
    unsigned slots;
    int fd;                     /* of the switch's memory, or -1 */
    const char *bad;            /* what is wrong with the connection */
    QEMUBH *bh;
    QEMUTimer *timer;           /* something is to be handed over */
    guint watch;                /* what is to be said waits for room; or 0 */
    Error *blocker;
};

static const char *name_of(CxlFabricHostDev *s)
{
    return DEVICE(s)->id ?: TYPE_CXL_FABRIC_HOST;
}

/* --- what is bound -------------------------------------------------------- */

static void wake(Slot *slot)
{
    qemu_bh_schedule(slot->host->bh);
}

static unsigned vppb_of(const Slot *slot)
{
    return slot - slot->host->slot + 1;
}

static void hand_over_soon(CxlFabricHostDev *s)
{
    if (!timer_pending(s->timer)) {
        timer_mod(s->timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) +
                  HAND_OVER);
    }
}

static void stepped(Notifier *n, void *data)
{
    Slot *slot = container_of(n, Slot, stepped);

    cxl_fabric_slots_changed(slot->host->core, vppb_of(slot));
    hand_over_soon(slot->host);
}

/* Its core is there until the object has ended. */
static void device_ended(Object *obj, const char *name, void *opaque)
{
    Slot *slot = opaque;

    cxl_fabric_slots_ends(slot->host->core, vppb_of(slot));
    if (slot->shown) {
        notifier_remove(&slot->stepped);
    }
    slot->shown = false;
    slot->dev = NULL;
    wake(slot);
}

static void backend_ended(Object *obj, const char *name, void *opaque)
{
    Slot *slot = opaque;

    slot->mapped--;
    wake(slot);
}

/* What was to be unmapped before has been. */
static void grace_ended(struct rcu_head *rcu)
{
    Slot *slot = container_of(rcu, Slot, rcu);

    slot->state = UNMAPPED;
    wake(slot);
}

static void slot_is(Slot *slot, uint8_t ld)
{
    trace_memfab_cxl_fabric_slot(name_of(slot->host), vppb_of(slot), ld);
    cxl_fabric_slots_is(slot->host->core, vppb_of(slot), ld);
}

static void go_on(Slot *slot)
{
    if (slot->state == USED && !slot->dev) {
        slot->state = CLOSING;
        for (unsigned i = 0; i < ARRAY_SIZE(slot->backend); i++) {
            if (slot->backend[i]) {
                object_unparent(g_steal_pointer(&slot->backend[i]));
            }
        }
    }
    if (slot->state == CLOSING && !slot->mapped) {
        slot->state = IN_GRACE;
        call_rcu1(&slot->rcu, grace_ended);
    }
    if (slot->state == UNMAPPED) {
        slot->state = EMPTY;
        slot_is(slot, CXL_FABRIC_NO_LD);
    }
}

/* Once: the switch may ask as often as it likes. */
static void warn(Slot *slot, Error *err, const char *what)
{
    if (slot->warned) {
        error_free(err);
        return;
    }
    slot->warned = true;
    warn_reportf_err(err, "%s: vPPB %u%s: ", name_of(slot->host),
                     vppb_of(slot), what);
}

static bool make_backend(Slot *slot, unsigned i, uint64_t offset,
                         uint64_t len, Error **errp)
{
    static const char *const names[] = { "memory", "labels" };
    g_autofree char *name = g_strdup_printf("vppb%u-%s", vppb_of(slot),
                                            names[i]);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d",
                                            slot->host->fd);
    Object *obj = object_new("memory-backend-file");

    object_property_add(obj, END, "bool", NULL, NULL, backend_ended, slot);
    slot->mapped++;
    slot->backend[i] = obj;
    object_property_add_child(OBJECT(slot->host), name, obj);
    object_unref(obj);
    return object_property_set_str(obj, "mem-path", path, errp) &&
           object_property_set_bool(obj, "share", true, errp) &&
           object_property_set_uint(obj, "offset", offset, errp) &&
           object_property_set_uint(obj, "size", len, errp) &&
           user_creatable_complete(USER_CREATABLE(obj), errp);
}

static bool make_backends(Slot *slot, const CxlFabricBind *b, Error **errp)
{
    return make_backend(slot, 0, b->offset, b->len, errp) &&
           (!b->labels ||
            make_backend(slot, 1, b->labels_offset, b->labels, errp));
}

static bool realize_device(Slot *slot, const CxlFabricBind *b, Error **errp)
{
    const char *memory = b->flags & CXL_FABRIC_PERSISTENT ?
                         "persistent-memdev" : "volatile-memdev";
    BusState *bus = BUS(pci_bridge_get_sec_bus(PCI_BRIDGE(slot->port)));
    Object *dev = OBJECT(slot->dev);

    if (!DEVICE(slot->port)->realized) {
        error_setg(errp, "property 'ports': this one has left the machine");
        return false;
    }
    return object_property_set_link(dev, memory, slot->backend[0], errp) &&
           (!slot->backend[1] ||
            object_property_set_link(dev, "lsa", slot->backend[1], errp)) &&
           object_property_set_uint(dev, "sn", b->serial, errp) &&
           qdev_set_id(slot->dev, g_strdup_printf("%s-ld%u",
                                                  name_of(slot->host), b->ld),
                       errp) &&
           qdev_realize(slot->dev, bus, errp);
}

static bool save(void *opaque, unsigned vppb, GByteArray *out)
{
    CxlFabricHostDev *s = opaque;
    Slot *slot = &s->slot[vppb - 1];
    Error *err = NULL;

    if (slot->shown && !cxl_memdev_save_ld(CXL_MEMDEV_PCI(slot->dev)->core,
                                           out)) {
        error_setg(&err, "the state of '%s' is more than a switch keeps, and"
                   " the next machine gets none of it", slot->dev->id);
        warn(slot, err, "");
    }
    return slot->shown;
}

/* A manager's command, as it would come by the tunnel of an MLD. */
static uint32_t execute(void *opaque, unsigned vppb, const uint8_t *message,
                        uint32_t len, uint8_t *out, uint32_t out_max)
{
    CxlFabricHostDev *s = opaque;
    Slot *slot = &s->slot[vppb - 1];
    uint32_t reply;

    return slot->shown && cxl_memdev_here(CXL_MEMDEV_PCI(slot->dev)) &&
           cxl_message_execute(cxl_memdev_ld_cci(CXL_MEMDEV_PCI(slot->dev)
                                                 ->core),
                               message, len, out, out_max, &reply) ? reply : 0;
}

static bool config(void *opaque, unsigned vppb, uint16_t address,
                   unsigned size, bool is_write, uint32_t *data)
{
    Slot *slot = &((CxlFabricHostDev *)opaque)->slot[vppb - 1];

    return slot->shown &&
           cxl_memdev_config_access(CXL_MEMDEV_PCI(slot->dev), address, size,
                                    is_write, data);
}

static bool memory(void *opaque, unsigned vppb, uint64_t address,
                   unsigned size, bool is_write, uint64_t *data)
{
    Slot *slot = &((CxlFabricHostDev *)opaque)->slot[vppb - 1];

    return slot->shown &&
           cxl_memdev_regs_access(CXL_MEMDEV_PCI(slot->dev), address, size,
                                  is_write, data);
}

/* What another machine has left of it; bytes from anywhere. */
static void begin_with(Slot *slot, const GByteArray *state)
{
    CxlMemdevPci *dev = CXL_MEMDEV_PCI(slot->dev);
    g_autofree char *problem = NULL;
    Error *err = NULL;

    if (state && !cxl_memdev_load_ld(dev->core, state->data, state->len,
                                     &problem)) {
        error_setg(&err, "'%s' begins as a new device: %s", slot->dev->id,
                   problem);
        warn(slot, err, "");
    } else {
        slot->warned = false;
    }
    slot->shown = true;
    slot->stepped.notify = stepped;
    notifier_list_add(&dev->stepped, &slot->stepped);
}

static void bind_ld(void *opaque, unsigned vppb, const CxlFabricBind *b,
                    const GByteArray *state)
{
    CxlFabricHostDev *s = opaque;
    Slot *slot = &s->slot[vppb - 1];
    DeviceState *dev = qdev_new("cxl-type3");
    Error *err = NULL;

    slot->state = USED;
    slot->dev = dev;
    object_property_add(OBJECT(dev), END, "bool", NULL, NULL, device_ended,
                        slot);
    if (make_backends(slot, b, &err) && realize_device(slot, b, &err)) {
        begin_with(slot, state);
        slot_is(slot, b->ld);
        hand_over_soon(s);
    } else {
        warn(slot, err, ", a logical device cannot be bound");
        if (OBJECT(dev)->parent) {
            object_unparent(OBJECT(dev));
        }
    }
    object_unref(OBJECT(dev));
}

/* Messages to the machine may be the end of the device. */
static void take(Slot *slot)
{
    DeviceState *dev = slot->dev;

    object_ref(OBJECT(dev));
    pci_slot_take(slot->port, PCI_DEVICE(dev));
    if (dev->realized) {
        dev->pending_deleted_event = true;
        object_unparent(OBJECT(dev));
    }
    object_unref(OBJECT(dev));
}

/*
 * What is on its way out needs nothing more: it is said when it is over.  What
 * a monitor client has taken out by "realized" would never be on its way.
 */
static void unbind(void *opaque, unsigned vppb, bool surprise)
{
    CxlFabricHostDev *s = opaque;
    Slot *slot = &s->slot[vppb - 1];
    Error *err = NULL;

    if (slot->dev && !slot->dev->realized && OBJECT(slot->dev)->parent) {
        object_unparent(OBJECT(slot->dev));
    }
    if (!slot->dev || !slot->dev->realized) {
        return;
    }
    if (surprise) {
        take(slot);
        return;
    }
    qdev_unplug(slot->dev, &err);
    if (err) {
        warn(slot, err, "");
        slot_is(slot, s->core->slot[vppb - 1].below);
    }
}

static const CxlFabricSlotsOps slots_ops = {
    .bind = bind_ld, .unbind = unbind, .save = save, .execute = execute,
    .config = config, .memory = memory,
};

/* --- the connection ------------------------------------------------------- */

static void drop_fd(CxlFabricHostDev *s)
{
    if (s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
}

static bool is_used(const CxlFabricHostDev *s)
{
    for (unsigned i = 0; i < s->slots; i++) {
        if (s->slot[i].state != EMPTY) {
            return true;
        }
    }
    return false;
}

/* What is mapped is the same memory still. */
static void entered(CxlFabricHostDev *s)
{
    int fd = qemu_chr_fe_get_msgfd(&s->chr);
    struct stat was, is;

    if (!cxl_fabric_fd_fits(fd, s->core->size, &is)) {
        s->bad = "the switch gave no memory of its size, or none that is"
                 " sealed against shrinking";
    } else if (is_used(s) && (s->fd < 0 || fstat(s->fd, &was) < 0 ||
                              was.st_dev != is.st_dev ||
                              was.st_ino != is.st_ino)) {
        s->bad = "the switch has other memory than before";
    }
    if (s->bad) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    drop_fd(s);
    s->fd = fd;
}

static gboolean can_write(void *do_not_use, GIOCondition condition,
                          void *opaque)
{
    CxlFabricHostDev *s = opaque;

    s->watch = 0;
    qemu_bh_schedule(s->bh);
    return G_SOURCE_REMOVE;
}

/*
 * A switch that does not read is not read from: what there is to say is no more
 * than the state of what is below our ports then.
 */
static void flush(CxlFabricHostDev *s)
{
    GByteArray *out = s->core->out;
    int n = 1;

    while (!s->bad && out->len && n > 0) {
        n = qemu_chr_fe_write(&s->chr, out->data, out->len);
        /* It may have been the end of the connection, and of @out. */
        g_byte_array_remove_range(out, 0, CLAMP(n, 0, (int)out->len));
    }
    if (out->len && !s->bad && !s->watch) {
        s->watch = qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP,
                                         can_write, s);
    }
}

/* Nothing of the connection is on the stack. */
static void carry_on(void *opaque)
{
    CxlFabricHostDev *s = opaque;

    for (unsigned i = 0; i < s->slots; i++) {
        go_on(&s->slot[i]);
    }
    flush(s);
    if (!s->core->out->len) {
        qemu_chr_fe_accept_input(&s->chr);
    }
    if (s->bad) {
        warn_report("%s: lost the switch: %s", name_of(s), s->bad);
        s->bad = NULL;
        cxl_fabric_slots_lost(s->core);
        qemu_chr_fe_disconnect(&s->chr);
    }
}

static int can_read(void *opaque)
{
    CxlFabricHostDev *s = opaque;
    uint32_t max;

    cxl_fabric_slots_room(s->core, &max);
    return s->bad || s->core->out->len >= CXL_FABRIC_SLOTS_FULL ? 0 : max;
}

static void hand_over(void *opaque)
{
    CxlFabricHostDev *s = opaque;

    if (!cxl_fabric_slots_hand_over(s->core) && s->core->entered) {
        hand_over_soon(s);
    }
    qemu_bh_schedule(s->bh);
}

static void bytes_came(void *opaque, const uint8_t *buf, int size)
{
    CxlFabricHostDev *s = opaque;
    uint32_t max;

    memcpy(cxl_fabric_slots_room(s->core, &max), buf, size);
    switch (cxl_fabric_slots_arrived(s->core, size, &s->bad)) {
    case CXL_FABRIC_SLOTS_ENTERED:
        entered(s);
        hand_over_soon(s);
        break;
    case CXL_FABRIC_SLOTS_BAD:
        break;
    default:
        s->bad = NULL;
    }
    qemu_bh_schedule(s->bh);
}

static void event(void *opaque, QEMUChrEvent event)
{
    CxlFabricHostDev *s = opaque;

    if (event == CHR_EVENT_OPENED) {
        s->bad = NULL;
        cxl_fabric_slots_connected(s->core);
        qemu_bh_schedule(s->bh);
    } else if (event == CHR_EVENT_CLOSED) {
        g_clear_handle_id(&s->watch, g_source_remove);
        cxl_fabric_slots_lost(s->core);
    }
}

/* --- the device ----------------------------------------------------------- */

static bool add_slot(CxlFabricHostDev *s, const char *id, Error **errp)
{
    Object *obj = object_resolve_path_type(id, TYPE_PCIE_SLOT, NULL);
    PCIDevice *port = obj ? PCI_DEVICE(obj) : NULL;

    if (!port || !qbus_is_hotpluggable(
                     BUS(pci_bridge_get_sec_bus(PCI_BRIDGE(port))))) {
        error_setg(errp, "property 'ports': '%s' is no port into whose slot a"
                   " device can be plugged; give ids of such ports, before the "
                   TYPE_CXL_FABRIC_HOST " on the command line, with ':'"
                   " between them", id);
        return false;
    }
    if (s->slots == CXL_FABRIC_VPPBS) {
        error_setg(errp, "property 'ports': there are more than %d",
                   CXL_FABRIC_VPPBS);
        return false;
    }
    /* It may leave the machine: one below a switch can. */
    object_ref(obj);
    s->slot[s->slots++] = (Slot) { .host = s, .port = port };
    return true;
}

static bool add_slots(CxlFabricHostDev *s, Error **errp)
{
    g_auto(GStrv) ids = g_strsplit(s->ports ?: "", ":", 0);

    if (!ids[0]) {
        error_setg(errp, "property 'ports' must be set: ids of ports, with ':'"
                   " between them");
        return false;
    }
    s->slots = 0;
    for (char **id = ids; *id; id++) {
        if (!add_slot(s, *id, errp)) {
            return false;
        }
    }
    return true;
}

static void host_realize(DeviceState *dev, Error **errp)
{
    CxlFabricHostDev *s = CXL_FABRIC_HOST(dev);
    QemuUUID uuid;
    CxlUuid id;

    if (!device_realize_first(s->core, errp)) {
        return;
    }
    if (!qemu_chr_fe_backend_connected(&s->chr)) {
        error_setg(errp, "property 'chardev' must be set: a socket,path= of"
                   " hosts of a cxl-fabricd, with reconnect-ms=");
        return;
    }
    if (!add_slots(s, errp)) {
        return;
    }
    error_setg(&s->blocker, "%s: a " TYPE_CXL_FABRIC_HOST " does not migrate",
               name_of(s));
    if (migrate_add_blocker(&s->blocker, errp) < 0) {
        return;
    }
    for (unsigned i = 0; i < s->slots; i++) {
        pci_slot_equip(s->slot[i].port);
    }
    qemu_uuid_generate(&uuid);
    memcpy(&id, &uuid, sizeof(id));
    s->core = cxl_fabric_slots_new(&id, s->vcs, s->slots, &slots_ops, s);
    s->bh = qemu_bh_new(carry_on, s);
    s->timer = timer_new_ms(QEMU_CLOCK_REALTIME, hand_over, s);
    qemu_chr_fe_set_handlers(&s->chr, can_read, bytes_came, event, NULL, s,
                             NULL, true);
}

static bool get_attached(Object *obj, Error **errp)
{
    CxlFabricHostDev *s = CXL_FABRIC_HOST(obj);

    return s->core && s->core->entered;
}

static void host_init(Object *obj)
{
    CXL_FABRIC_HOST(obj)->fd = -1;
}

static const Property host_props[] = {
    DEFINE_PROP_CHR("chardev", CxlFabricHostDev, chr),
    DEFINE_PROP_STRING("ports", CxlFabricHostDev, ports),
    DEFINE_PROP_UINT16("vcs", CxlFabricHostDev, vcs, CXL_FABRIC_ANY_HEAD),
};

static void host_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "Slots that a CXL switch of another process fills";
    dc->user_creatable = true;
    dc->hotpluggable = false;
    dc->realize = host_realize;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, host_props);
    object_class_property_set_description(oc, "chardev",
        "connection to the socket for hosts of a cxl-fabricd");
    object_class_property_set_description(oc, "ports",
        "ids of the ports that are vPPB 1, 2, ..., with ':' between them");
    object_class_property_set_description(oc, "vcs",
        "virtual switch to be; without, the first that is free");
    object_class_property_add_bool(oc, "attached", get_attached, NULL);
    object_class_property_set_description(oc, "attached",
        "there is a connection to the switch");
}

static const TypeInfo host_info = {
    .name = TYPE_CXL_FABRIC_HOST,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(CxlFabricHostDev),
    .instance_init = host_init,
    .class_init = host_class_init,
};

static void host_register(void)
{
    type_register_static(&host_info);
}

type_init(host_register)
