/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type "cxl-fm-port": a Unix socket through which fabric managers
 * outside of the guest reach the command interface of a switch or a memory
 * device.  Several at the same time; each is a client of client.h.
 *
 * No state of it is saved: managers connect to the destination's own socket.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-memfab.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "io/channel-socket.h"
#include "io/net-listener.h"
#include "hw/core/qdev.h"
#include "hw/core/qdev-properties.h"
#include "hw/memfab/compat.h"
#include "system/system.h"
#include "hw/cxl/fm/client.h"
#include "hw/cxl/fm/socket.h"
#include "hw/cxl/fm/target.h"
#include "hw/cxl/trace.h"

#define TYPE_CXL_FM_PORT "cxl-fm-port"

/* Connections of one socket at the same time */
#define CLIENTS_MAX CXL_SWITCH_DOORS

OBJECT_DECLARE_SIMPLE_TYPE(CxlFmPort, CXL_FM_PORT)

struct CxlFmPort {
    /*< private >*/
    DeviceState parent_obj;

    /*< public >*/
    char *target_name;
    char *socket;
    Object *target;             /* the property's, a reference; NULL: gone */
    char *target_path;          /* what it is called, or was */
    DeviceListener devices;     /* it leaves the machine */
    QIONetListener *listener;
    int fd;                     /* of the listener, to give its file back */
    Notifier exit;              /* QEMU ends without taking devices out */
    GPtrArray *clients;
    uint64_t requests, dropped; /* of clients that have gone */
    uint64_t refused;           /* connections without a way in */
};

static void client_ended(void *opaque, CxlFmClient *client)
{
    CxlFmPort *s = opaque;

    s->requests += cxl_fm_client_requests(client);
    s->dropped += cxl_fm_client_dropped(client);
    g_ptr_array_remove(s->clients, client);
    trace_memfab_cxl_fm_disconnect(s->socket, s->clients->len);
}

/* Who cannot be served is told so by the end of the connection. */
static void client_comes(QIONetListener *listener, QIOChannelSocket *sioc,
                         void *opaque)
{
    CxlFmPort *s = opaque;
    CxlFmClient *client = NULL;
    Error *err = NULL;
    Object *target;

    if (s->clients->len == CLIENTS_MAX) {
        error_setg(&err, "property 'socket': '%s' has %d managers already",
                   s->socket, CLIENTS_MAX);
    } else if (!s->target) {
        error_setg(&err, "device '%s' has been taken out", s->target_path);
    } else {
        target = cxl_fm_target_find(s->target, &err);
        if (target) {
            client = cxl_fm_client_new(sioc, target, client_ended, s, &err);
        }
    }
    if (!client) {
        s->refused++;
        trace_memfab_cxl_fm_refuse(s->socket, error_get_pretty(err));
        error_free(err);
        return;
    }
    g_ptr_array_add(s->clients, client);
    trace_memfab_cxl_fm_connect(s->socket, s->clients->len);
}

static bool find_target(CxlFmPort *s, Error **errp)
{
    Object *obj;

    if (!s->target_name || !s->socket) {
        error_setg(errp, "property '%s' must be set: a " TYPE_CXL_FM_PORT
                   " needs the id of a switch or memory device as 'target' and"
                   " the path of a 'socket'",
                   s->target_name ? "socket" : "target");
        return false;
    }
    obj = cxl_fm_target_named(s->target_name, TYPE_CXL_FM_PORT, errp);
    if (!obj || !cxl_fm_target_find(obj, errp)) {
        return false;
    }
    s->target = object_ref(obj);
    s->target_path = object_get_canonical_path(obj);
    return true;
}

/* Who held on to it would keep it from being deleted; clients end by use. */
static void device_leaves(DeviceListener *listener, DeviceState *dev)
{
    CxlFmPort *s = container_of(listener, CxlFmPort, devices);

    if (OBJECT(dev) == s->target) {
        object_unref(s->target);
        s->target = NULL;
    }
}

static bool listen_on(CxlFmPort *s, Error **errp)
{
    QIOChannelSocket *sioc;

    s->fd = cxl_fm_socket_listen(s->socket, errp);
    if (s->fd < 0) {
        return false;
    }
    sioc = qio_channel_socket_new_fd(qemu_dup(s->fd), errp);
    if (!sioc) {
        return false;
    }
    s->listener = qio_net_listener_new();
    qio_net_listener_set_name(s->listener, TYPE_CXL_FM_PORT);
    qio_net_listener_add(s->listener, sioc);
    object_unref(OBJECT(sioc));
    qio_net_listener_set_client_func(s->listener, client_comes, s, NULL);
    return true;
}

static void stop(CxlFmPort *s)
{
    if (s->listener) {
        qio_net_listener_disconnect(s->listener);
        object_unref(OBJECT(s->listener));
        s->listener = NULL;
    }
    if (s->fd >= 0) {
        cxl_fm_socket_close(s->socket, s->fd);
        s->fd = -1;
    }
    g_clear_pointer(&s->clients, g_ptr_array_unref);
    g_clear_pointer(&s->target, object_unref);
    g_clear_pointer(&s->target_path, g_free);
}

static void at_exit(Notifier *n, void *data)
{
    stop(container_of(n, CxlFmPort, exit));
}

static void fm_port_realize(DeviceState *dev, Error **errp)
{
    CxlFmPort *s = CXL_FM_PORT(dev);

    s->clients = g_ptr_array_new_with_free_func(
        (GDestroyNotify)cxl_fm_client_free);
    if (!find_target(s, errp) || !listen_on(s, errp)) {
        stop(s);
        return;
    }
    s->exit.notify = at_exit;
    qemu_add_exit_notifier(&s->exit);
    s->devices.unrealize = device_leaves;
    device_listener_register(&s->devices);
}

static void fm_port_unrealize(DeviceState *dev)
{
    CxlFmPort *s = CXL_FM_PORT(dev);

    device_listener_unregister(&s->devices);
    qemu_remove_exit_notifier(&s->exit);
    stop(s);
}

static void fm_port_init(Object *obj)
{
    CXL_FM_PORT(obj)->fd = -1;
}

static void fm_port_finalize(Object *obj)
{
    stop(CXL_FM_PORT(obj));
}

static const Property fm_port_props[] = {
    DEFINE_PROP_STRING("target", CxlFmPort, target_name),
    DEFINE_PROP_STRING("socket", CxlFmPort, socket),
};

static int describe(Object *obj, void *opaque)
{
    CxlFmPortInfoList **list = opaque;
    CxlFmPortInfo *info;
    CxlFmPort *s;

    s = (CxlFmPort *)object_dynamic_cast(obj, TYPE_CXL_FM_PORT);
    if (!s || !s->clients) {
        return 0;
    }
    info = g_new0(CxlFmPortInfo, 1);
    info->path = object_get_canonical_path(obj);
    info->target = g_strdup(s->target_path);
    info->socket = g_strdup(s->socket);
    info->clients = s->clients->len;
    info->requests = s->requests;
    info->dropped = s->dropped;
    info->refused = s->refused;
    for (guint i = 0; i < s->clients->len; i++) {
        info->requests += cxl_fm_client_requests(s->clients->pdata[i]);
        info->dropped += cxl_fm_client_dropped(s->clients->pdata[i]);
    }
    QAPI_LIST_PREPEND(*list, info);
    return 0;
}

CxlFmPortInfoList *qmp_query_cxl_fm_ports(Error **errp)
{
    CxlFmPortInfoList *list = NULL;

    object_child_foreach_recursive(object_get_root(), describe, &list);
    return list;
}

static void fm_port_class_init(ObjectClass *oc, MemfabClassData data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "Socket for fabric managers of a CXL switch or memory device";
    dc->realize = fm_port_realize;
    dc->unrealize = fm_port_unrealize;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, fm_port_props);
    object_class_property_set_description(oc, "target",
        "id of the switch's mailbox function or upstream port, or of a memory"
        " device");
    object_class_property_set_description(oc, "socket",
        "path of the Unix socket; it is made with mode 0600");
}

static const TypeInfo fm_port_info = {
    .name = TYPE_CXL_FM_PORT,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(CxlFmPort),
    .instance_init = fm_port_init,
    .instance_finalize = fm_port_finalize,
    .class_init = fm_port_class_init,
};

static void fm_port_register(void)
{
    type_register_static(&fm_port_info);
}

type_init(fm_port_register)
