/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices appear to the host of a switch, and go, as the fabric manager says:
 * hot-plug without a device being created or destroyed (hw/pci/slot.h).
 *
 * The core asks in the middle of a command; what it wants is done by a bottom
 * half, since that tells the host by messages.  The switch is the hot-plug
 * handler of its ports' slots, so that a device that no host sees can be
 * plugged, and taken out by the monitor, without the host.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "hw/core/hotplug.h"
#include "hw/pci/extra.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/slot.h"
#include "hw/cxl/switch/internal.h"
#include "hw/cxl/core/binding.h"
#include "hw/cxl/port/ras.h"
#include "hw/cxl/type3/memdev.h"
#include "qemu/module.h"
#include "system/system.h"

static PCIBus *slot_bus(PCIDevice *port)
{
    return pci_bridge_get_sec_bus(PCI_BRIDGE(port));
}

/* --- the slots' handler --------------------------------------------------- */

static PCIDevice *port_of(DeviceState *dev)
{
    return pci_bridge_get_device(pci_get_bus(PCI_DEVICE(dev)));
}

static void pre_plug(HotplugHandler *handler, DeviceState *dev, Error **errp)
{
    hotplug_handler_pre_plug(HOTPLUG_HANDLER(port_of(dev)), dev, errp);
}

static void plug(HotplugHandler *handler, DeviceState *dev, Error **errp)
{
    if (!pci_slot_hidden(PCI_DEVICE(dev))) {
        hotplug_handler_plug(HOTPLUG_HANDLER(port_of(dev)), dev, errp);
    }
}

static void unplug(HotplugHandler *handler, DeviceState *dev, Error **errp)
{
    hotplug_handler_unplug(HOTPLUG_HANDLER(port_of(dev)), dev, errp);
}

/* What the host does not see it need not be asked for. */
static void unplug_request(HotplugHandler *handler, DeviceState *dev,
                           Error **errp)
{
    PCIDevice *port = port_of(dev);

    if (!pci_slot_hidden(PCI_DEVICE(dev))) {
        hotplug_handler_unplug_request(HOTPLUG_HANDLER(port), dev, errp);
        return;
    }
    dev->pending_deleted_event = true;
    object_unparent(OBJECT(dev));
}

void cxl_switch_bind_class_init(ObjectClass *oc)
{
    HotplugHandlerClass *hc = HOTPLUG_HANDLER_CLASS(oc);

    hc->pre_plug = pre_plug;
    hc->plug = plug;
    hc->unplug = unplug;
    hc->unplug_request = unplug_request;
}

/* --- what the host does with a slot --------------------------------------- */

static CxlSwitchCci *switch_of(PCIDevice *port)
{
    HotplugHandler *handler = BUS(slot_bus(port))->hotplug_handler;
    Object *obj = OBJECT(handler);

    return obj && object_dynamic_cast(obj, TYPE_CXL_SWITCH_CCI) ?
           CXL_SWITCH_CCI(obj) : NULL;
}

/* Behind the port's own function: it may let go of what is in the slot. */
static void port_wrote(void *opaque)
{
    PCIDevice *port = opaque;
    CxlSwitchCci *s = qdev_is_realized(DEVICE(port)) ? switch_of(port) : NULL;

    if (s && s->change.asked) {
        qemu_bh_schedule(s->bh);
    }
}

static const PciExtraOps port_ops = {
    .name = "cxl-switch-slot", .wrote = port_wrote,
};

void cxl_switch_bind_adopt(CxlSwitchCci *s, PCIDevice *port)
{
    PCIDevice *d = cxl_switch_below(port);

    if (switch_of(port) == s) {
        return;
    }
    qbus_set_hotplug_handler(BUS(slot_bus(port)), OBJECT(s));
    if (!pci_extra_of(port, &port_ops)) {
        pci_extra_add(port, &port_ops, port);
    }
    pci_slot_equip(port);
    /* Before there was a handler its slot took it for an ordinary one. */
    if (d && pci_slot_hidden(d)) {
        pci_slot_set_hidden(port, d, true);
    }
}

static void disown(CxlSwitchCci *s, PCIDevice *port)
{
    if (switch_of(port) == s) {
        qbus_set_hotplug_handler(BUS(slot_bus(port)), OBJECT(port));
    }
}

/* --- changes and errors --------------------------------------------------- */

static CxlSlotState state_of(PCIDevice *port, PCIDevice *d)
{
    if (!d) {
        return CXL_SLOT_EMPTY;
    }
    return pci_slot_hidden(d) ? CXL_SLOT_HIDDEN :
           pci_slot_link_down(port) ? CXL_SLOT_LET_GO : CXL_SLOT_SEEN;
}

/* False: the change has not ended. */
static bool carry_out_step(CxlSwitchCci *s, PCIDevice *port, bool *done,
                           Error **errp)
{
    PCIDevice *d = cxl_switch_below(port);
    CxlSlotStep step = cxl_slot_step(&s->change, state_of(port, d));

    *done = true;
    switch (step) {
    case CXL_SLOT_SHOW:
        *done = pci_slot_show(port, d, errp);
        if (*done) {
            cxl_errors_appeared(d);
        }
        return true;
    case CXL_SLOT_ASK:
    case CXL_SLOT_ASK_BY_BUTTON:
        *done = pci_slot_ask_back(port, d, step != CXL_SLOT_ASK, errp);
        s->change.asked = *done;
        return !*done || carry_out_step(s, port, done, errp);
    case CXL_SLOT_TAKE:
        pci_slot_take(port, d);
        return true;
    case CXL_SLOT_RESET:
        device_cold_reset(DEVICE(d));
        return true;
    default:
        *done = step == CXL_SLOT_DONE;
        return step != CXL_SLOT_WAIT;
    }
}

static void carry_out_change(CxlSwitchCci *s)
{
    uint8_t vppb = s->change.vppb;
    Error *err = NULL;
    bool done;

    if (carry_out_step(s, cxl_switch_bridge(s, vppb), &done, &err)) {
        if (err) {
            warn_reportf_err(err, "%s: ", PCI_DEVICE(s)->name);
        }
        s->change = (CxlSlotChange) { };
        cxl_binding_answer(s->core, 0, vppb, done);
    }
}

static bool has_error(PCIDevice *port, bool uncorrectable, unsigned bit)
{
    return port && pci_slot_has_error(port, uncorrectable, bit);
}

static PCIDevice *vppb_port(CxlSwitchCci *s, uint8_t vppb)
{
    return vppb ? cxl_switch_bridge(s, vppb) : s->target;
}

static void send_errors(CxlSwitchCci *s)
{
    CxlAerError e;

    while (cxl_switch_here(s) && cxl_switch_next_error(s->core, &e)) {
        PCIDevice *port = vppb_port(s, e.vppb);

        if (has_error(port, e.uncorrectable, e.bit)) {
            pci_slot_error(port, e.uncorrectable, e.bit, e.header);
        }
    }
}

/*
 * Not while the machine stands: the host would be told, and what a stream
 * brings may not be there yet.  A message may be the end of us.
 */
static void carry_out(void *opaque)
{
    CxlSwitchCci *s = opaque;

    if (!runstate_is_running()) {
        return;
    }
    object_ref(OBJECT(s));
    cxl_switch_refresh(s->core);
    if (cxl_switch_here(s) && s->change.goal != CXL_SLOT_STAYS) {
        carry_out_change(s);
    }
    send_errors(s);
    object_unref(OBJECT(s));
}

void cxl_switch_wake(void *opaque)
{
    CxlSwitchCci *s = opaque;

    if (s->bh) {
        qemu_bh_schedule(s->bh);
    }
}

static void begin(CxlSwitchCci *s, CxlSlotChange change)
{
    s->change = change;
    cxl_switch_wake(s);
}

bool cxl_switch_may_bind(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t port,
                         uint16_t ld)
{
    PCIDevice *bridge = cxl_switch_bridge(opaque, vppb);
    PCIDevice *d = cxl_switch_below(bridge);
    uint8_t number;
    uint16_t its_ld;

    if (!d || !pci_slot_hidden(d)) {
        return false;
    }
    /* A function stays on its bus: it is shown there, or nowhere. */
    cxl_switch_what(bridge, &number, &its_ld);
    return number == port && its_ld == ld;
}

void cxl_switch_bind(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t port,
                     uint16_t ld)
{
    begin(opaque, (CxlSlotChange) { .goal = CXL_SLOT_APPEARS, .vppb = vppb });
}

void cxl_switch_unbind(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t option,
                       bool again)
{
    begin(opaque, (CxlSlotChange) {
              .goal = CXL_SLOT_GOES, .vppb = vppb, .option = option,
              .again = again,
          });
}

void cxl_switch_give_up(void *opaque, uint8_t vcs, uint8_t vppb)
{
    CxlSwitchCci *s = opaque;
    PCIDevice *port = s->change.asked ? cxl_switch_bridge(s, vppb) : NULL;
    PCIDevice *d = cxl_switch_below(port);

    if (d && !pci_slot_hidden(d)) {
        pci_slot_keep(d);
    }
    s->change = (CxlSlotChange) { };
}

void cxl_switch_place(void *opaque, uint8_t vcs, uint8_t vppb, bool bound,
                      uint8_t port, uint16_t ld)
{
    PCIDevice *bridge = cxl_switch_bridge(opaque, vppb);
    PCIDevice *d = cxl_switch_below(bridge);

    if (d && pci_slot_hidden(d) == bound) {
        pci_slot_set_hidden(bridge, d, !bound);
    }
}

bool cxl_switch_has_aer(void *opaque, uint8_t vcs, uint8_t vppb,
                        bool uncorrectable, unsigned bit)
{
    return has_error(vppb_port(opaque, vppb), uncorrectable, bit);
}

static void run_state_changed(void *opaque, bool running, RunState state)
{
    if (running) {
        cxl_switch_wake(opaque);
    }
}

static QLIST_HEAD(, CxlSwitchCci) switches =
    QLIST_HEAD_INITIALIZER(switches);

bool cxl_switch_bind_check(const CxlSwitchCci *s, Error **errp)
{
    const CxlSwitchCci *other;

    QLIST_FOREACH(other, &switches, next) {
        if (other->target == s->target) {
            error_setg(errp, "property 'target': the slots of '%s' are looked"
                       " after by another " TYPE_CXL_SWITCH_CCI " ('%s')",
                       DEVICE(s->target)->canonical_path,
                       DEVICE(other)->canonical_path);
            return false;
        }
    }
    return true;
}

void cxl_switch_bind_init(CxlSwitchCci *s)
{
    s->bh = qemu_bh_new(carry_out, s);
    s->runs = qemu_add_vm_change_state_handler(run_state_changed, s);
    QLIST_INSERT_HEAD(&switches, s, next);
    cxl_switch_refresh(s->core);
}

void cxl_switch_bind_exit(CxlSwitchCci *s)
{
    PCIDevice *port;

    for (unsigned i = 1; qdev_is_realized(DEVICE(s->target)) &&
                         (port = cxl_switch_bridge(s, i)); i++) {
        disown(s, port);
    }
    QLIST_REMOVE(s, next);
    g_clear_pointer(&s->runs, qemu_del_vm_change_state_handler);
    g_clear_pointer(&s->bh, qemu_bh_delete);
}

/* Something was plugged in or taken out: managers hear of it soon. */
static void tree_changed(DeviceListener *listener, DeviceState *dev)
{
    CxlSwitchCci *s;

    if (object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE)) {
        QLIST_FOREACH(s, &switches, next) {
            cxl_switch_wake(s);
        }
    }
}

/* --- devices that nobody could ever bind ---------------------------------- */

/* The port of an MLD is nobody else's. */
static void refuse_port(CxlSwitchCci *s, PCIDevice *d)
{
    const CxlMldDev *m = CXL_MEMDEV_PCI(d)->props.mld;

    if (m && cxl_switch_port(s, m->port)) {
        error_report("%s: property 'port': %u is the number of another port"
                     " of the switch", DEVICE(m)->id ?: TYPE_CXL_MLD,
                     m->port);
        exit(EXIT_FAILURE);
    }
}

static int refuse_lonely(Object *obj, void *opaque)
{
    PCIDevice *d = (PCIDevice *)object_dynamic_cast(obj, TYPE_CXL_MEMDEV_PCI);
    PCIDevice *port = d && d->qdev.realized ? port_of(DEVICE(d)) : NULL;

    if (port && switch_of(port)) {
        refuse_port(switch_of(port), d);
    } else if (port && pci_slot_hidden(d)) {
        error_report("%s: property 'bound': the switch above it has no"
                     " cxl-switch-mailbox-cci by which it could be bound",
                     DEVICE(d)->id ?: d->name);
        exit(EXIT_FAILURE);
    }
    return 0;
}

static void machine_done(Notifier *notifier, void *data)
{
    static DeviceListener listener = {
        .realize = tree_changed,
        .unrealize = tree_changed,
    };
    CxlSwitchCci *s;

    device_listener_register(&listener);
    /* Ports that came after their mailbox */
    QLIST_FOREACH(s, &switches, next) {
        cxl_switch_refresh(s->core);
    }
    object_child_foreach_recursive(object_get_root(), refuse_lonely, NULL);
}

static void bind_register(void)
{
    static Notifier notifier = { .notify = machine_done };

    qemu_add_machine_init_done_notifier(&notifier);
}

type_init(bind_register)
