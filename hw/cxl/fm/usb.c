/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type "usb-cxl-mctp": MCTP over USB (DSP0283 1.0.1), by which a guest
 * with an MCTP stack is the fabric manager of this machine's switch or memory
 * device, or, over a stream, of what another process has.  Bytes become packets
 * in core/mctp-usb.c; who answers is core/mctp-function.c, or behind
 * core/mctp-pipe.c.
 *
 * All with the big lock.  A bottom half looks at what has come and wakes host
 * controllers, only while the machine runs: a command may reset or remove what
 * is below a port of the switch, and the host controller may be there, with us.
 * What that does to us waits until the command has been answered.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "chardev/char-fe.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/qdev-properties-system.h"
#include "hw/usb/usb.h"
#include "hw/usb/desc.h"
#include "hw/memfab/compat.h"
#include "migration/blocker.h"
#include "system/runstate.h"
#include "hw/cxl/core/mctp-function.h"
#include "hw/cxl/core/mctp-pipe.h"
#include "hw/cxl/fm/client.h"
#include "hw/cxl/fm/target.h"
#include "hw/cxl/trace.h"
#include "hw/pci/saved.h"

#define TYPE_CXL_MCTP_USB "usb-cxl-mctp"
OBJECT_DECLARE_SIMPLE_TYPE(CxlMctpUsb, CXL_MCTP_USB)

struct CxlMctpUsb {
    /*< private >*/
    USBDevice parent_obj;

    /*< public >*/
    char *target_name;
    CharFrontend chr;
    CxlFmTarget target;         /* its own endpoint is in @function: */
    MctpFunction function;
    MctpPipe pipe;              /* to somebody else's */
    MctpUsb to_pipe;
    MctpUsb *usb;               /* either's transfers; NULL: not realized */
    QEMUBH *bh;
    bool works;                 /* a command may be under way; meanwhile, */
    bool resets;                /* there was a reset, */
    bool leaves;                /* or the target left */
    VMChangeStateEntry *runs;
    guint watch;                /* until the stream takes more */
    Error *blocker;
    PciSaved saved;
    DeviceListener listener;    /* the target leaves the machine */
};

/* What the guest's host controller is told of it; high speed only */

enum { STR_MAKER = 1, STR_PRODUCT, STR_SERIAL };
enum { EP_MCTP = 1 };

static const USBDescStrings strings = {
    [STR_MAKER] = "memfab", [STR_PRODUCT] = "CXL fabric management (MCTP)",
    [STR_SERIAL] = "1",
};

static const USBDescIface iface = {
    .bNumEndpoints = 2,
    .bInterfaceClass = MCTP_USB_CLASS,
    .bInterfaceSubClass = MCTP_USB_SUBCLASS,
    .bInterfaceProtocol = MCTP_USB_PROTOCOL,
    .eps = (USBDescEndpoint[]) {
        { .bEndpointAddress = USB_DIR_IN | EP_MCTP,
          .bmAttributes = USB_ENDPOINT_XFER_BULK, .wMaxPacketSize = 512 },
        { .bEndpointAddress = USB_DIR_OUT | EP_MCTP,
          .bmAttributes = USB_ENDPOINT_XFER_BULK, .wMaxPacketSize = 512 },
    },
};

static const USBDescDevice high_speed = {
    .bcdUSB = 0x0200, .bMaxPacketSize0 = 64, .bNumConfigurations = 1,
    .confs = (USBDescConfig[]) {
        { .bNumInterfaces = 1, .bConfigurationValue = 1,
          .bmAttributes = USB_CFG_ATT_ONE | USB_CFG_ATT_SELFPOWER,
          .nif = 1, .ifs = &iface },
    },
};

static const USBDesc desc = {
    .id = { .idVendor = 0x46f4, .idProduct = 0x0d93, .bcdDevice = 0x0100,
            .iManufacturer = STR_MAKER, .iProduct = STR_PRODUCT,
            .iSerialNumber = STR_SERIAL },
    .high = &high_speed, .str = strings,
};

/* The stream */

static bool is_pipe(const CxlMctpUsb *s)
{
    return s->usb == &s->to_pipe;
}

static gboolean takes_more(void *do_not_use, GIOCondition condition,
                           void *opaque)
{
    CxlMctpUsb *s = opaque;

    s->watch = 0;
    qemu_bh_schedule(s->bh);
    return G_SOURCE_REMOVE;
}

static int can_read(void *opaque)
{
    return mctp_pipe_room(&((CxlMctpUsb *)opaque)->pipe);
}

static void bytes_came(void *opaque, const uint8_t *buf, int size)
{
    CxlMctpUsb *s = opaque;

    mctp_pipe_arrived(&s->pipe, buf, size);
    qemu_bh_schedule(s->bh);
}

static void event(void *opaque, QEMUChrEvent event)
{
    CxlMctpUsb *s = opaque;

    if (event == CHR_EVENT_OPENED || event == CHR_EVENT_CLOSED) {
        g_clear_handle_id(&s->watch, g_source_remove);
        mctp_pipe_connect(&s->pipe, event == CHR_EVENT_OPENED);
        qemu_bh_schedule(s->bh);
    }
}

/* Its own endpoint */

static uint32_t execute(void *opaque, const uint8_t *message, uint32_t len,
                        uint8_t *out, uint32_t out_max)
{
    CxlMctpUsb *s = opaque;

    return cxl_fm_target_execute(&s->target, message, len, out, out_max);
}

/* Until the command is over that is the end of us, too. */
static void notify(void *opaque, uint16_t what)
{
    CxlMctpUsb *s = opaque;

    mctp_endpoint_notify(&s->function.ep, what);
    if (s->bh) {
        qemu_bh_schedule(s->bh);
    }
}

static void let_go(CxlMctpUsb *s)
{
    s->leaves = false;
    s->function.door = NULL;
    cxl_fm_target_close(&s->target);
}

/* Who held on to it would keep it from being deleted. */
static void device_leaves(DeviceListener *listener, DeviceState *dev)
{
    CxlMctpUsb *s = container_of(listener, CxlMctpUsb, listener);

    if (OBJECT(dev) != s->target.obj) {
        return;
    }
    if (s->works) {
        s->leaves = true;
    } else {
        let_go(s);
    }
}

static void end_function(CxlMctpUsb *s)
{
    s->resets = false;
    let_go(s);
    mctp_function_destroy(&s->function);
}

/* Both */

/* A frame that has begun to leave leaves: the stream has no other end of it. */
static void reset(CxlMctpUsb *s)
{
    s->resets = false;
    if (is_pipe(s)) {
        mctp_usb_reset(s->usb);
    } else {
        mctp_function_reset(&s->function);
    }
}

static void complain(const MctpUsb *usb, uint64_t dropped)
{
    if (usb->dropped != dropped) {
        qemu_log_mask(LOG_GUEST_ERROR, TYPE_CXL_MCTP_USB ": what the host sent"
                      " is no MCTP packets\n");
    }
}

/* False: it was the end of us. */
static bool work(CxlMctpUsb *s)
{
    MctpUsb *usb = s->usb;
    uint64_t dropped = usb->dropped;

    s->works = true;
    mctp_usb_go_on(usb);
    s->works = false;
    complain(usb, dropped);
    if (!s->usb) {
        end_function(s);
        return false;
    }
    if (s->leaves) {
        let_go(s);
    }
    if (s->resets) {
        reset(s);
    }
    return true;
}

/* An interrupt of a host controller may be the end of it, too. */
static void wake_host(CxlMctpUsb *s)
{
    USBDevice *dev = USB_DEVICE(s);

    if (mctp_usb_may_write(s->usb)) {
        usb_wakeup(usb_ep_get(dev, USB_TOKEN_OUT, EP_MCTP), 0);
    }
    if (s->usb && mctp_usb_may_read(s->usb)) {
        usb_wakeup(usb_ep_get(dev, USB_TOKEN_IN, EP_MCTP), 0);
    }
}

/* As much as the stream takes; who has the rest to say waits. */
static void flush(CxlMctpUsb *s)
{
    const uint8_t *bytes;
    uint32_t len;

    while (!s->watch && (len = mctp_pipe_next(&s->pipe, &bytes))) {
        int n = qemu_chr_fe_write(&s->chr, bytes, len);

        if (n <= 0) {
            s->watch = qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP,
                                             takes_more, s);
            break;
        }
        /* It may have been the end of the connection, and of the frame. */
        mctp_pipe_left(&s->pipe, MIN((uint32_t)n,
                                     mctp_pipe_next(&s->pipe, &bytes)));
        work(s);
    }
}

/* Not every kind of stream can hang up: what follows is listened to. */
static void hear_stream(CxlMctpUsb *s)
{
    if (s->pipe.line.garbage > CXL_FM_GARBAGE_MAX) {
        trace_memfab_cxl_fm_hang_up(s->pipe.line.garbage);
        qemu_chr_fe_disconnect(&s->chr);
        mctp_serial_init(&s->pipe.line);
    }
    if (mctp_pipe_room(&s->pipe)) {
        qemu_chr_fe_accept_input(&s->chr);
    }
}

/* A command that waits for something may bring us here once more. */
static void carry_on(void *opaque)
{
    CxlMctpUsb *s = opaque;

    if (!runstate_is_running() || s->works) {
        return;
    }
    object_ref(OBJECT(s));
    if (work(s)) {
        if (is_pipe(s)) {
            flush(s);
        }
        wake_host(s);
        if (is_pipe(s)) {
            hear_stream(s);
        }
    }
    object_unref(OBJECT(s));
}

static void runs(void *opaque, bool running, RunState state)
{
    if (running) {
        qemu_bh_schedule(((CxlMctpUsb *)opaque)->bh);
    }
}

static void from_host(CxlMctpUsb *s, USBPacket *p)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];
    uint64_t dropped = s->usb->dropped;
    size_t len = p->iov.size;

    if (s->works || !mctp_usb_may_write(s->usb)) {
        p->status = USB_RET_NAK;
        return;
    }
    if (len > sizeof(bytes)) {
        usb_packet_skip(p, len);
    } else {
        usb_packet_copy(p, bytes, len);
    }
    mctp_usb_write(s->usb, bytes, MIN(len, sizeof(bytes) + 1));
    trace_memfab_cxl_usb_from_host(DEVICE(s)->id ?: "", len);
    complain(s->usb, dropped);
    qemu_bh_schedule(s->bh);
}

static void to_host(CxlMctpUsb *s, USBPacket *p)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];
    uint32_t len = s->works ? 0 : mctp_usb_read(s->usb, bytes,
                                                MIN(p->iov.size,
                                                    sizeof(bytes)));

    if (!len) {
        p->status = USB_RET_NAK;
        return;
    }
    usb_packet_copy(p, bytes, len);
    trace_memfab_cxl_usb_to_host(DEVICE(s)->id ?: "", len);
    qemu_bh_schedule(s->bh);
}

static void handle_data(USBDevice *dev, USBPacket *p)
{
    CxlMctpUsb *s = CXL_MCTP_USB(dev);

    if (p->ep->nr == EP_MCTP && p->pid == USB_TOKEN_OUT) {
        from_host(s, p);
    } else if (p->ep->nr == EP_MCTP && p->pid == USB_TOKEN_IN) {
        to_host(s, p);
    } else {
        p->status = USB_RET_STALL;
    }
}

static void handle_control(USBDevice *dev, USBPacket *p, int request,
                           int value, int index, int length, uint8_t *data)
{
    if (usb_desc_handle_control(dev, p, request, value, index, length,
                                data) < 0) {
        p->status = USB_RET_STALL;
    }
}

static void handle_reset(USBDevice *dev)
{
    CxlMctpUsb *s = CXL_MCTP_USB(dev);

    if (s->works) {
        s->resets = true;
        mctp_usb_reset(s->usb);
    } else {
        reset(s);
    }
}

/* Life */

static bool begin_pipe(CxlMctpUsb *s, Error **errp)
{
    error_setg(&s->blocker, "%s: a " TYPE_CXL_MCTP_USB " with a 'chardev' does"
               " not migrate", DEVICE(s)->id ?: TYPE_CXL_MCTP_USB);
    if (migrate_add_blocker(&s->blocker, errp) < 0) {
        return false;
    }
    mctp_pipe_init(&s->pipe);
    mctp_usb_init(&s->to_pipe, &mctp_pipe_behind, &s->pipe);
    s->usb = &s->to_pipe;
    return true;
}

static void core_save(void *opaque, GByteArray *out)
{
    mctp_function_save(opaque, out);
}

static bool core_load(void *opaque, const uint8_t *bytes, size_t len,
                      char **problem)
{
    return mctp_function_load(opaque, bytes, len, problem);
}

static const PciSavedOps saved_ops = { .save = core_save, .load = core_load };

static bool begin_function(CxlMctpUsb *s, Error **errp)
{
    Object *obj = cxl_fm_target_named(s->target_name, TYPE_CXL_MCTP_USB, errp);

    obj = obj ? cxl_fm_target_find(obj, errp) : NULL;
    if (!obj || !cxl_fm_target_open(&s->target, obj, notify, s, errp)) {
        return false;
    }
    mctp_function_init(&s->function, s->target.door,
                       cxl_fm_target_payload(&s->target), execute, s);
    pci_saved_init(&s->saved, mctp_function_save_max(&s->function), &saved_ops,
                   &s->function, TYPE_CXL_MCTP_USB);
    s->listener.unrealize = device_leaves;
    device_listener_register(&s->listener);
    s->usb = &s->function.usb;
    return true;
}

static void mctp_usb_realize(USBDevice *dev, Error **errp)
{
    CxlMctpUsb *s = CXL_MCTP_USB(dev);
    bool stream = qemu_chr_fe_backend_connected(&s->chr);

    if (stream == !!s->target_name) {
        error_setg(errp, "property 'target' or 'chardev' must be set, and not"
                   " both: the id of a switch or memory device of this"
                   " machine, or a socket where managers of another one"
                   " connect");
        return;
    }
    if (stream ? !begin_pipe(s, errp) : !begin_function(s, errp)) {
        return;
    }
    usb_desc_create_serial(dev);
    usb_desc_init(dev);
    s->bh = qemu_bh_new(carry_on, s);
    s->runs = qemu_add_vm_change_state_handler(runs, s);
    if (stream) {
        qemu_chr_fe_set_handlers(&s->chr, can_read, bytes_came, event, NULL, s,
                                 NULL, true);
    }
}

static void mctp_usb_unrealize(USBDevice *dev)
{
    CxlMctpUsb *s = CXL_MCTP_USB(dev);

    g_clear_handle_id(&s->watch, g_source_remove);
    g_clear_pointer(&s->runs, qemu_del_vm_change_state_handler);
    if (is_pipe(s)) {
        qemu_chr_fe_deinit(&s->chr, false);
        migrate_del_blocker(&s->blocker);
    } else {
        device_listener_unregister(&s->listener);
        mctp_usb_reset(s->usb);
        if (!s->works) {
            end_function(s);
        }
    }
    g_clear_pointer(&s->bh, qemu_bh_delete);
    pci_saved_clear(&s->saved);
    s->usb = NULL;
}

/*
 * By QEMU's fields its default pipe finds bytes of a request: they are judged
 * on their way, so that a load that fails leaves none.
 */
typedef struct UsbTransit {
    CxlMctpUsb *parent;
    USBDevice usb;
} UsbTransit;

static int usb_begins(void *opaque)
{
    UsbTransit *t = opaque;

    t->usb = t->parent->parent_obj;
    return 0;
}

static int usb_loaded(void *opaque, int version)
{
    UsbTransit *t = opaque;
    USBDevice *usb = &t->usb;

    if (usb->setup_index < 0 || usb->setup_index > usb->setup_len ||
        usb->setup_len > (int)sizeof(usb->data_buf)) {
        return -EINVAL;
    }
    t->parent->parent_obj = *usb;
    return 0;
}

static const VMStateDescription vmstate_transit = {
    .name = "memfab-usb",
    .pre_save = usb_begins,
    .pre_load = usb_begins,
    .post_load = usb_loaded,
    .fields = (const VMStateField[]) {
        VMSTATE_USB_DEVICE(usb, UsbTransit),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_mctp_usb = {
    .name = "memfab-" TYPE_CXL_MCTP_USB,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_WITH_TMP(CxlMctpUsb, UsbTransit, vmstate_transit),
        VMSTATE_STRUCT(saved, CxlMctpUsb, 1, vmstate_pci_saved, PciSaved),
        VMSTATE_END_OF_LIST()
    }
};

static const Property mctp_usb_props[] = {
    DEFINE_PROP_STRING("target", CxlMctpUsb, target_name),
    DEFINE_PROP_CHR("chardev", CxlMctpUsb, chr),
};

static void mctp_usb_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    USBDeviceClass *uc = USB_DEVICE_CLASS(oc);

    dc->desc = "MCTP over USB for a fabric manager in the guest";
    dc->vmsd = &vmstate_mctp_usb;
    uc->product_desc = strings[STR_PRODUCT];
    uc->usb_desc = &desc;
    uc->realize = mctp_usb_realize;
    uc->unrealize = mctp_usb_unrealize;
    uc->handle_attach = usb_desc_attach;
    uc->handle_reset = handle_reset;
    uc->handle_control = handle_control;
    uc->handle_data = handle_data;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, mctp_usb_props);
    object_class_property_set_description(oc, "target",
        "id of the switch's mailbox function or upstream port, or of a memory"
        " device, which the guest manages");
    object_class_property_set_description(oc, "chardev",
        "instead: connection to a socket for managers, of a cxl-fabricd or a"
        " cxl-fm-port");
}

static const TypeInfo mctp_usb_info = {
    .name = TYPE_CXL_MCTP_USB,
    .parent = TYPE_USB_DEVICE,
    .instance_size = sizeof(CxlMctpUsb),
    .class_init = mctp_usb_class_init,
};

static void mctp_usb_register(void)
{
    type_register_static(&mctp_usb_info);
}

type_init(mctp_usb_register)
