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
#include "qemu/bswap.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "hw/core/hotplug.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/slot.h"
#include "hw/cxl/switch/internal.h"
#include "hw/cxl/core/binding.h"
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
static void port_config_write(PCIDevice *port, uint32_t addr, uint32_t val,
                              int len)
{
    CxlSwitchCci *s;

    PCI_DEVICE_GET_CLASS(port)->config_write(port, addr, val, len);
    s = qdev_is_realized(DEVICE(port)) ? switch_of(port) : NULL;
    if (s && s->wish.begun) {
        qemu_bh_schedule(s->bh);
    }
}

void cxl_switch_bind_adopt(CxlSwitchCci *s, PCIDevice *port)
{
    PCIDevice *d = cxl_switch_below(port);

    if (switch_of(port) == s) {
        return;
    }
    qbus_set_hotplug_handler(BUS(slot_bus(port)), OBJECT(s));
    port->config_write = port_config_write;
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
        port->config_write = PCI_DEVICE_GET_CLASS(port)->config_write;
    }
}

/* --- wishes --------------------------------------------------------------- */

static void answer(CxlSwitchCci *s, bool done)
{
    uint8_t vppb = s->wish.vppb;

    s->wish = (CxlSwitchWish) { };
    cxl_binding_answer(s->core, 0, vppb, done);
}

static void say(CxlSwitchCci *s, Error *err)
{
    warn_report("%s: %s", PCI_DEVICE(s)->name, error_get_pretty(err));
    error_free(err);
}

static void carry_out_bind(CxlSwitchCci *s, PCIDevice *port)
{
    PCIDevice *d = cxl_switch_below(port);
    Error *err = NULL;
    bool done;

    if (!d || !pci_slot_hidden(d)) {
        answer(s, false);
        return;
    }
    done = pci_slot_show(port, d, &err);
    if (err) {
        say(s, err);
    }
    answer(s, done);
}

/* Nobody waits for the host any more, once it has let go. */
static void look_for_end(CxlSwitchCci *s, PCIDevice *port)
{
    PCIDevice *d = cxl_switch_below(port);

    if (d && !pci_slot_hidden(d)) {
        if (!pci_slot_link_down(port)) {
            return;
        }
        pci_slot_take(port, d);
    } else if (d) {
        device_cold_reset(DEVICE(d));
    }
    answer(s, true);
}

static void carry_out_unbind(CxlSwitchCci *s, PCIDevice *port)
{
    PCIDevice *d = cxl_switch_below(port);
    bool button = s->wish.option == CXL_UNBIND_MANAGED && !s->wish.again;
    Error *err = NULL;

    if (d && !pci_slot_hidden(d)) {
        if (s->wish.option == CXL_UNBIND_SURPRISE) {
            pci_slot_take(port, d);
        } else if (!pci_slot_ask_back(port, d, button, &err)) {
            say(s, err);
            answer(s, false);
            return;
        }
    }
    s->wish.begun = true;
    look_for_end(s, port);
}

static void send_errors(CxlSwitchCci *s)
{
    while (cxl_switch_here(s) && s->num_errors) {
        CxlSwitchError e = s->errors[--s->num_errors];
        PCIDevice *port = e.vppb ? cxl_switch_bridge(s, e.vppb) : s->target;

        if (port) {
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
    PCIDevice *port;

    if (!runstate_is_running()) {
        return;
    }
    object_ref(OBJECT(s));
    cxl_switch_refresh(s->core);
    if (cxl_switch_here(s) && s->wish.kind != CXL_WISH_NONE) {
        port = cxl_switch_bridge(s, s->wish.vppb);
        if (s->wish.begun) {
            look_for_end(s, port);
        } else if (s->wish.kind == CXL_WISH_BIND) {
            carry_out_bind(s, port);
        } else {
            carry_out_unbind(s, port);
        }
    }
    send_errors(s);
    object_unref(OBJECT(s));
}

static void wish(CxlSwitchCci *s, CxlSwitchWish w)
{
    s->wish = w;
    if (s->bh) {
        qemu_bh_schedule(s->bh);
    }
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
    wish(opaque, (CxlSwitchWish) { .kind = CXL_WISH_BIND, .vppb = vppb });
}

void cxl_switch_unbind(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t option,
                       bool again)
{
    wish(opaque, (CxlSwitchWish) {
             .kind = CXL_WISH_UNBIND, .vppb = vppb, .option = option,
             .again = again,
         });
}

void cxl_switch_give_up(void *opaque, uint8_t vcs, uint8_t vppb)
{
    CxlSwitchCci *s = opaque;
    PCIDevice *port = s->wish.begun ? cxl_switch_bridge(s, vppb) : NULL;
    PCIDevice *d = cxl_switch_below(port);

    if (d && !pci_slot_hidden(d)) {
        pci_slot_keep(d);
    }
    s->wish = (CxlSwitchWish) { };
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

bool cxl_switch_aer(void *opaque, uint8_t vcs, uint8_t vppb,
                    bool uncorrectable, unsigned bit,
                    const uint8_t header[32])
{
    CxlSwitchCci *s = opaque;
    PCIDevice *port = vppb ? cxl_switch_bridge(s, vppb) : s->target;
    CxlSwitchError *e = &s->errors[s->num_errors];

    if (!port || !pci_slot_has_error(port, uncorrectable, bit) ||
        s->num_errors == CXL_SWITCH_ERRORS) {
        return false;
    }
    *e = (CxlSwitchError) {
        .vppb = vppb, .uncorrectable = uncorrectable, .bit = bit,
    };
    for (unsigned i = 0; i < ARRAY_SIZE(e->header); i++) {
        e->header[i] = ldl_be_p(header + 4 * i);
    }
    s->num_errors++;
    qemu_bh_schedule(s->bh);
    return true;
}

static void run_state_changed(void *opaque, bool running, RunState state)
{
    if (running) {
        qemu_bh_schedule(CXL_SWITCH_CCI(opaque)->bh);
    }
}

static QLIST_HEAD(, CxlSwitchCci) switches =
    QLIST_HEAD_INITIALIZER(switches);

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
            qemu_bh_schedule(s->bh);
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
