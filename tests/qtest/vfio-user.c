/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contract is in vfio-user.h. */
#include "qemu/osdep.h"
#include "tests/qtest/vfio-user.h"

#include <sys/socket.h>
#include <sys/un.h>

/* Messages, vfio-user protocol 0.0 */
typedef struct Header {
    uint16_t id, command;
    uint32_t size, flags, error;
} Header;
#define REPLY       1
#define NO_REPLY    0x10

enum {
    VERSION = 1, DMA_MAP, DMA_UNMAP, GET_INFO, GET_REGION_INFO,
    GET_REGION_IO_FDS, GET_IRQ_INFO, SET_IRQS, REGION_READ, REGION_WRITE,
    RESET = 13,
};

typedef struct Message {
    Header header;
    union {
        struct {
            uint16_t major, minor;
            char capabilities[1000];
        } version;
        struct {
            uint32_t argsz, flags, regions, irqs;
        } info;
        struct {
            uint32_t argsz, flags, index, cap_offset;
            uint64_t size, offset;
        } region_info;
        struct {
            uint32_t argsz, flags, index, count;
        } irq_info;
        struct {
            uint64_t offset;
            uint32_t region, count;
            uint8_t data[VFIO_USER_CONFIG_LEN];
        } rw;
    };
} Message;

#define RESETS_AND_PCI      3
#define READS_AND_WRITES    3
#define REGIONS             9
#define BAR_REGION          0
#define BAR_LEN             0x2000
#define CONFIG_REGION       7
#define IRQS                5
#define MSIX_IRQS           2
#define MSIX_VECTORS        8
#define WITH_EVENTFD        1
#define RW_LEN              (sizeof(Header) + 16)

static bool receive(int fd, void *bytes, size_t len)
{
    while (len) {
        ssize_t n = recv(fd, bytes, len, 0);

        if (n <= 0) {
            return false;
        }
        bytes = (uint8_t *)bytes + n;
        len -= n;
    }
    return true;
}

static bool in_config(const Message *m)
{
    g_assert_cmpuint(m->rw.count, <=, VFIO_USER_CONFIG_LEN);
    if (m->rw.region == CONFIG_REGION) {
        g_assert_cmpuint(m->rw.offset, <=, VFIO_USER_CONFIG_LEN - m->rw.count);
    }
    return m->rw.region == CONFIG_REGION;
}

/* The message becomes its own answer. */
static void answer(VfioUser *v, Message *m)
{
    switch (m->header.command) {
    case VERSION:
        strcpy(m->version.capabilities, "{\"capabilities\":{}}");
        m->header.size = sizeof(Header) + 4 +
                         strlen(m->version.capabilities) + 1;
        break;
    case GET_INFO:
        m->info.flags = RESETS_AND_PCI;
        m->info.regions = REGIONS;
        m->info.irqs = IRQS;
        break;
    case GET_REGION_INFO:
        if (m->region_info.index == CONFIG_REGION ||
            m->region_info.index == BAR_REGION) {
            m->region_info.flags = READS_AND_WRITES;
            m->region_info.size = m->region_info.index == BAR_REGION ?
                                  BAR_LEN : VFIO_USER_CONFIG_LEN;
        }
        break;
    case GET_IRQ_INFO:
        if (m->irq_info.index == MSIX_IRQS) {
            m->irq_info.flags = WITH_EVENTFD;
            m->irq_info.count = MSIX_VECTORS;
        }
        break;
    case REGION_READ:
        memset(m->rw.data, 0, m->rw.count);
        if (in_config(m)) {
            memcpy(m->rw.data, v->config + m->rw.offset, m->rw.count);
        }
        m->header.size = RW_LEN + m->rw.count;
        break;
    case REGION_WRITE:
        if (in_config(m)) {
            memcpy(v->config + m->rw.offset, m->rw.data, m->rw.count);
            v->writes[m->rw.offset / 4]++;
        }
        m->header.size = RW_LEN;
        break;
    case RESET:
        v->resets++;
        break;
    default:
        break;
    }
}

static gpointer serve(gpointer opaque)
{
    VfioUser *v = opaque;
    g_autofree Message *m = g_new0(Message, 1);
    int fd = accept(v->listener, NULL, NULL);

    while (fd >= 0 && receive(fd, &m->header, sizeof(Header))) {
        size_t len = m->header.size - sizeof(Header);
        uint32_t flags = m->header.flags;

        g_assert_cmpuint(len, <=, sizeof(*m) - sizeof(Header));
        if (!receive(fd, &m->header + 1, len)) {
            break;
        }
        answer(v, m);
        m->header.flags = REPLY;
        m->header.error = 0;
        if (!(flags & NO_REPLY) &&
            send(fd, m, m->header.size, MSG_NOSIGNAL) < 0) {
            break;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return NULL;
}

VfioUser *vfio_user_new(void)
{
    VfioUser *v = g_new0(VfioUser, 1);
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    v->path = g_strdup_printf("%s/memfab-vfio-user-%d.sock", g_get_tmp_dir(),
                              getpid());
    g_assert_cmpuint(strlen(v->path), <, sizeof(addr.sun_path));
    strcpy(addr.sun_path, v->path);
    unlink(v->path);
    v->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(v->listener, >=, 0);
    g_assert_cmpint(bind(v->listener, (struct sockaddr *)&addr, sizeof(addr)),
                    ==, 0);
    g_assert_cmpint(listen(v->listener, 1), ==, 0);
    v->thread = g_thread_new("vfio-user", serve, v);
    return v;
}

void vfio_user_free(VfioUser *v)
{
    shutdown(v->listener, SHUT_RDWR);
    g_thread_join(v->thread);
    close(v->listener);
    unlink(v->path);
    g_free(v->path);
    g_free(v);
}
