/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QOM type "memory-backend-cxl-fabric": the memory of a pool (cxl-fabricd),
 * by a descriptor that the pool gives, and the connection through which it
 * lends capacity to the device that has this backend.
 *
 * Here are the socket, the descriptor, clocks and people's mistakes; what is
 * said is core/borrower.h.  Everything runs in the main loop: bytes that
 * come, bytes that can leave, time and what the device has to say all lead to
 * go_on().
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/uuid.h"
#include "io/channel-socket.h"
#include "migration/blocker.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/fabric/memory.h"
#include "hw/cxl/fm/socket.h"
#include "hw/cxl/window/window.h"
#include "hw/cxl/trace.h"

#define TYPE_CXL_FABRIC_MEMORY "memory-backend-cxl-fabric"
OBJECT_DECLARE_SIMPLE_TYPE(CxlFabricMemory, CXL_FABRIC_MEMORY)

/* Messages, or parts of them, before others have a turn */
#define READS_MAX 64

struct CxlFabricMemory {
    /*< private >*/
    HostMemoryBackend parent_obj;

    /*< public >*/
    char *socket;
    uint16_t head;
    CxlBorrower *host;        /* from completion on */
    QIOChannel *ioc;            /* NULL: no connection */
    guint watch;
    GIOCondition waits_for;
    QEMUBH *bh;
    QEMUTimer *timer;
    Error *blocker;
    int fd;                     /* what the pool has sent, or -1 */
    bool mapped;                /* these bytes: */
    dev_t dev;
    ino_t ino;
};

CxlBorrower *cxl_fabric_of(HostMemoryBackend *backend)
{
    Object *obj = object_dynamic_cast(OBJECT(backend), TYPE_CXL_FABRIC_MEMORY);

    return obj ? CXL_FABRIC_MEMORY(obj)->host : NULL;
}

static const char *name_of(CxlFabricMemory *s)
{
    return object_get_canonical_path_component(OBJECT(s)) ?: "";
}

/* What the core asks for */

static int64_t now_ms(void *opaque)
{
    return qemu_clock_get_ms(QEMU_CLOCK_REALTIME);
}

static void kick(void *opaque)
{
    qemu_bh_schedule(((CxlFabricMemory *)opaque)->bh);
}

static bool settled(void *opaque)
{
    return cxl_window_settled();
}

static void message(void *opaque, bool sent, const char *what,
                    uint32_t number, uint32_t extents)
{
    trace_memfab_cxl_fabric_message(name_of(opaque), sent ? "->" : "<-", what,
                                    number, extents);
}

static const CxlBorrowerOps host_ops = {
    .now_ms = now_ms, .kick = kick, .settled = settled, .trace = message,
};

/* The descriptor of the memory */

static void drop_fd(CxlFabricMemory *s)
{
    if (s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
}

static void keep_fds(CxlFabricMemory *s, const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s->fd < 0 && !cxl_borrower_attached(s->host)) {
            s->fd = fds[i];
        } else {
            close(fds[i]);
        }
    }
}

bool cxl_fabric_fd_fits(int fd, uint64_t size, struct stat *st)
{
    int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS);

    return fd >= 0 && fstat(fd, st) >= 0 && S_ISREG(st->st_mode) &&
           /* It is opened anew by a name that does not ask for rights. */
           (fcntl(fd, F_GETFL) & (O_ACCMODE | O_PATH)) == O_RDWR &&
           (uint64_t)st->st_size >= size &&
           (st->st_nlink || (seals >= 0 && seals & F_SEAL_SHRINK));
}

static bool look_at_memory(CxlFabricMemory *s, const char **why)
{
    struct stat st;

    if (!cxl_fabric_fd_fits(s->fd, cxl_borrower_size(s->host), &st)) {
        *why = "the pool gave no memory of its size, or none that is sealed"
               " against shrinking";
        return false;
    }
    if (s->mapped && (st.st_dev != s->dev || st.st_ino != s->ino)) {
        *why = "the pool has other memory than before";
        return false;
    }
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    return true;
}

/* The connection; false: it is of no use any more */

static bool flush(CxlFabricMemory *s, bool *blocked)
{
    const uint8_t *bytes;
    uint32_t len;

    *blocked = false;
    while (!*blocked && (len = cxl_borrower_next(s->host, &bytes))) {
        ssize_t n = qio_channel_write(s->ioc, (const char *)bytes, len, NULL);

        if (n != QIO_CHANNEL_ERR_BLOCK && n <= 0) {
            return false;
        }
        *blocked = n == QIO_CHANNEL_ERR_BLOCK;
        cxl_borrower_left(s->host, MAX(n, 0));
    }
    return true;
}

static bool read_some(CxlFabricMemory *s, bool *more, const char **why)
{
    g_autofree int *fds = NULL;
    CxlBorrowerStep step;
    struct iovec iov;
    uint32_t max;
    size_t nfds = 0;
    ssize_t n;

    iov.iov_base = cxl_borrower_room(s->host, &max);
    iov.iov_len = max;
    n = qio_channel_readv_full(s->ioc, &iov, 1, &fds, &nfds, 0, NULL);
    keep_fds(s, fds, nfds);
    *more = n > 0;
    if (n <= 0) {
        return n == QIO_CHANNEL_ERR_BLOCK;
    }
    step = cxl_borrower_arrived(s->host, n, why);
    return step == CXL_BORROWER_GOOD ||
           (step == CXL_BORROWER_WELCOME && look_at_memory(s, why));
}

static bool talk(CxlFabricMemory *s, bool *blocked, const char **why)
{
    bool more = true;

    *why = "the pool has gone";
    for (unsigned i = 0; more && i < READS_MAX; i++) {
        if (!read_some(s, &more, why)) {
            return false;
        }
    }
    return flush(s, blocked) &&
           cxl_borrower_tick(s->host, why) == CXL_BORROWER_GOOD;
}

static bool connect_to_pool(CxlFabricMemory *s, Error **errp)
{
    int fd = cxl_fm_socket_connect(s->socket, errp);
    QIOChannelSocket *sioc = fd < 0 ? NULL : qio_channel_socket_new_fd(fd,
                                                                       errp);

    if (!sioc) {
        return false;
    }
    s->ioc = QIO_CHANNEL(sioc);
    cxl_borrower_connected(s->host);
    return true;
}

static void hang_up(CxlFabricMemory *s)
{
    g_clear_handle_id(&s->watch, g_source_remove);
    s->waits_for = 0;
    drop_fd(s);
    if (s->ioc) {
        qio_channel_close(s->ioc, NULL);
        object_unref(OBJECT(s->ioc));
        s->ioc = NULL;
    }
    cxl_borrower_lost(s->host);
}

static gboolean pool_io(QIOChannel *ioc, GIOCondition condition,
                        gpointer opaque);

static void wait_for(CxlFabricMemory *s, GIOCondition next)
{
    if (s->ioc && s->waits_for != next) {
        g_clear_handle_id(&s->watch, g_source_remove);
        s->waits_for = next;
        s->watch = qio_channel_add_watch(s->ioc, next, pool_io, s, NULL);
    }
}

static void come_back(CxlFabricMemory *s)
{
    if (cxl_borrower_wants_connection(s->host) &&
        !connect_to_pool(s, NULL)) {
        cxl_borrower_lost(s->host);
    }
}

static void go_on(void *opaque)
{
    CxlFabricMemory *s = opaque;
    bool was = cxl_borrower_attached(s->host), blocked = false;
    const char *why;
    int64_t due;

    if (!s->ioc) {
        come_back(s);
    }
    if (s->ioc && !talk(s, &blocked, &why)) {
        trace_memfab_cxl_fabric_hang_up(name_of(s), why);
        if (was) {
            warn_report("memory backend '%s': lost the pool at '%s': %s; what"
                        " it has lent stays, and it is tried again",
                        name_of(s), s->socket, why);
        }
        hang_up(s);
    }
    wait_for(s, blocked ? G_IO_IN | G_IO_OUT : G_IO_IN);
    due = cxl_borrower_due(s->host);
    if (due == INT64_MAX) {
        timer_del(s->timer);
    } else {
        timer_mod(s->timer, MAX(due, now_ms(s) + 1));
    }
}

static gboolean pool_io(QIOChannel *ioc, GIOCondition condition,
                        gpointer opaque)
{
    go_on(opaque);
    return G_SOURCE_CONTINUE;
}

/* Until the pool has said what there is, and no longer than it may take */
static bool wait_for_welcome(CxlFabricMemory *s, Error **errp)
{
    GPollFD poll = {
        .fd = QIO_CHANNEL_SOCKET(s->ioc)->fd, .events = G_IO_IN,
    };
    const char *why;
    bool blocked;

    while (talk(s, &blocked, &why)) {
        if (cxl_borrower_attached(s->host)) {
            return true;
        }
        g_poll(&poll, 1, MAX(cxl_borrower_due(s->host) - now_ms(s), 0));
    }
    error_setg(errp, "property 'socket': no pool at '%s': %s", s->socket, why);
    return false;
}

/* The backend */

static bool check_props(CxlFabricMemory *s, Error **errp)
{
    if (!s->socket) {
        error_setg(errp, "property 'socket' must be set: the path of the socket"
                   " for hosts of a cxl-fabricd");
        return false;
    }
    error_setg(&s->blocker, "%s: memory that a pool lends does not migrate",
               name_of(s));
    return migrate_add_blocker(&s->blocker, errp) == 0;
}

static bool map_memory(CxlFabricMemory *s, Error **errp)
{
    HostMemoryBackend *backend = MEMORY_BACKEND(s);
    uint64_t size = cxl_borrower_size(s->host);
    g_autofree char *name = host_memory_backend_get_name(backend);

    if (backend->size && backend->size != size) {
        error_setg(errp, "property 'size': 0x%" PRIx64 ", but the pool has 0x%"
                   PRIx64 " bytes; leave it out", backend->size, size);
        return false;
    }
    backend->size = size;
    backend->aligned = true;
    s->mapped = true;
    return memory_region_init_ram_from_fd(
        &backend->mr, OBJECT(s), name, size, RAM_SHARED | RAM_NAMED_FILE |
        (backend->reserve ? 0 : RAM_NORESERVE), qemu_dup(s->fd), 0, errp);
}

static bool fabric_alloc(HostMemoryBackend *backend, Error **errp)
{
    CxlFabricMemory *s = CXL_FABRIC_MEMORY(backend);
    QemuUUID uuid;
    CxlUuid id;

    if (!check_props(s, errp)) {
        return false;
    }
    qemu_uuid_generate(&uuid);
    memcpy(&id, &uuid, sizeof(id));
    s->bh = qemu_bh_new(go_on, s);
    s->timer = timer_new_ms(QEMU_CLOCK_REALTIME, go_on, s);
    s->host = cxl_borrower_new(&id, s->head, &host_ops, s);
    if (!connect_to_pool(s, errp) || !wait_for_welcome(s, errp) ||
        !map_memory(s, errp)) {
        return false;
    }
    drop_fd(s);
    kick(s);
    cxl_fabric_share_atomics();
    return true;
}

static char *get_socket(Object *obj, Error **errp)
{
    return g_strdup(CXL_FABRIC_MEMORY(obj)->socket);
}

static void set_socket(Object *obj, const char *value, Error **errp)
{
    CxlFabricMemory *s = CXL_FABRIC_MEMORY(obj);

    if (s->host) {
        error_setg(errp, "property 'socket' cannot be changed");
        return;
    }
    g_free(s->socket);
    s->socket = g_strdup(value);
}

static void get_head(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    CxlFabricMemory *s = CXL_FABRIC_MEMORY(obj);
    const CxlFabricWelcome *w = s->host ? cxl_borrower_welcome(s->host) :
                                          NULL;
    uint16_t head = w ? w->head : s->head;

    visit_type_uint16(v, name, &head, errp);
}

static void set_head(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    CxlFabricMemory *s = CXL_FABRIC_MEMORY(obj);

    if (s->host) {
        error_setg(errp, "property 'head' cannot be changed");
        return;
    }
    visit_type_uint16(v, name, &s->head, errp);
}

static bool get_attached(Object *obj, Error **errp)
{
    CxlFabricMemory *s = CXL_FABRIC_MEMORY(obj);

    return s->host && cxl_borrower_attached(s->host);
}

static void fabric_init(Object *obj)
{
    CxlFabricMemory *s = CXL_FABRIC_MEMORY(obj);

    MEMORY_BACKEND(obj)->share = true;
    s->head = CXL_FABRIC_ANY_HEAD;
    s->fd = -1;
}

static void fabric_finalize(Object *obj)
{
    CxlFabricMemory *s = CXL_FABRIC_MEMORY(obj);

    if (s->host) {
        hang_up(s);
        qemu_bh_delete(s->bh);
        timer_free(s->timer);
        cxl_borrower_free(s->host);
    }
    migrate_del_blocker(&s->blocker);
    g_free(s->socket);
}

static void fabric_class_init(ObjectClass *oc, MemfabClassData data)
{
    MEMORY_BACKEND_CLASS(oc)->alloc = fabric_alloc;
    object_class_property_add_str(oc, "socket", get_socket, set_socket);
    object_class_property_set_description(oc, "socket",
        "path of the socket for hosts of a cxl-fabricd");
    object_class_property_add(oc, "head", "uint16", get_head, set_head, NULL,
                              NULL);
    object_class_property_set_description(oc, "head",
        "head of the pool to be; without, the first that is free");
    object_class_property_add_bool(oc, "attached", get_attached, NULL);
    object_class_property_set_description(oc, "attached",
        "there is a connection to the pool");
}

static const TypeInfo fabric_info = {
    .name = TYPE_CXL_FABRIC_MEMORY,
    .parent = TYPE_MEMORY_BACKEND,
    .instance_size = sizeof(CxlFabricMemory),
    .instance_init = fabric_init,
    .instance_finalize = fabric_finalize,
    .class_init = fabric_class_init,
};

static void fabric_register(void)
{
    type_register_static(&fabric_info);
}

type_init(fabric_register)
