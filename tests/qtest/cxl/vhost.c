/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL memory as a vhost-user process sees it: the bytes that the guest stores,
 * in files that it can map, for as long as decoders and poison let it; and no
 * more pieces than it has slots for.
 *
 * The process is a thread of this test. The network device that it serves is
 * started by its status register; it has no queue unless a test gives it one.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/rig.h"
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/un.h>

/* vhost-user: messages and their layout */
#define GET_FEATURES    1
#define SET_MEM_TABLE   5
#define GET_VRING_BASE  11
#define GET_PROTOCOL    15
#define PROTOCOL        (1u << 30)
#define REPLY           4
#define VERSION         1
#define REGIONS         8       /* without a protocol feature for more */

typedef struct QEMU_PACKED Region {
    uint64_t gpa, size, user, offset;
} Region;

typedef struct QEMU_PACKED Message {
    uint32_t request, flags, size;
    union QEMU_PACKED {
        uint64_t u64;
        struct QEMU_PACKED {
            uint32_t index, num;
        } state;
        struct QEMU_PACKED {
            uint32_t count, padding;
            Region region[REGIONS];
        } table;
        uint8_t any[512];
    };
} Message;

#define HEADER offsetof(Message, u64)

typedef struct Peer {
    char *dir, *path;
    int listener;
    GThread *thread;
    GMutex lock;        /* over the rest */
    unsigned tables;    /* received */
    unsigned count;
    Region region[REGIONS];
    int fd[REGIONS];
} Peer;

/* Legacy virtio registers of the network device */
#define DEVICE      (0x80000000u | 0x10 << 11)
#define IO          0xc000
#define IO_QUEUE    (IO + 8)
#define IO_SELECT   (IO + 14)
#define IO_STATUS   (IO + 18)
#define DRIVER_OK   7

static void keep_table(Peer *p, const Message *m, const int *fd, unsigned fds)
{
    g_assert_cmpuint(m->table.count, <=, REGIONS);
    g_assert_cmpuint(m->table.count, ==, fds);
    g_mutex_lock(&p->lock);
    for (unsigned i = 0; i < p->count; i++) {
        close(p->fd[i]);
    }
    p->count = fds;
    memcpy(p->region, m->table.region, sizeof(p->region));
    memcpy(p->fd, fd, fds * sizeof(fd[0]));
    p->tables++;
    g_mutex_unlock(&p->lock);
}

static void answer(int port, Message *m)
{
    if (m->request == GET_FEATURES || m->request == GET_PROTOCOL) {
        m->u64 = m->request == GET_FEATURES ? PROTOCOL : 0;
        m->size = sizeof(m->u64);
    } else if (m->request == GET_VRING_BASE) {
        m->size = sizeof(m->state);
    } else {
        return;
    }
    m->flags = REPLY | VERSION;
    g_assert_cmpint(send(port, m, HEADER + m->size, 0), ==, HEADER + m->size);
}

static bool receive(int port, Message *m, int *fd, unsigned *fds)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(REGIONS * sizeof(int))];
    } control;
    struct iovec iov = { m, HEADER };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof(control),
    };
    struct cmsghdr *c;

    *fds = 0;
    if (recvmsg(port, &msg, MSG_WAITALL) != HEADER) {
        return false;
    }
    c = CMSG_FIRSTHDR(&msg);
    if (c && c->cmsg_type == SCM_RIGHTS) {
        *fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fd, CMSG_DATA(c), *fds * sizeof(int));
    }
    g_assert_cmpuint(m->size, <=, sizeof(m->any));
    return !m->size || recv(port, m->any, m->size, MSG_WAITALL) == m->size;
}

static void *serve(void *opaque)
{
    Peer *p = opaque;
    int port = accept(p->listener, NULL, NULL);
    int fd[REGIONS];
    unsigned fds;
    Message m;

    g_assert_cmpint(port, >=, 0);
    while (receive(port, &m, fd, &fds)) {
        if (m.request == SET_MEM_TABLE) {
            keep_table(p, &m, fd, fds);
            continue;
        }
        while (fds) {
            close(fd[--fds]);
        }
        answer(port, &m);
    }
    close(port);
    return NULL;
}

static Peer *peer_start(void)
{
    Peer *p = g_new0(Peer, 1);
    struct sockaddr_un name = { .sun_family = AF_UNIX };

    p->dir = g_dir_make_tmp("cxl-vhost-XXXXXX", NULL);
    p->path = g_build_filename(p->dir, "socket", NULL);
    g_strlcpy(name.sun_path, p->path, sizeof(name.sun_path));
    p->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(bind(p->listener, (struct sockaddr *)&name, sizeof(name)),
                    ==, 0);
    g_assert_cmpint(listen(p->listener, 1), ==, 0);
    g_mutex_init(&p->lock);
    p->thread = g_thread_new("vhost-user", serve, p);
    return p;
}

static void peer_stop(Peer *p)
{
    g_thread_join(p->thread);
    close(p->listener);
    for (unsigned i = 0; i < p->count; i++) {
        close(p->fd[i]);
    }
    g_unlink(p->path);
    g_rmdir(p->dir);
    g_mutex_clear(&p->lock);
    g_free(p->path);
    g_free(p->dir);
    g_free(p);
}

static unsigned tables(Peer *p)
{
    g_mutex_lock(&p->lock);
    unsigned n = p->tables;
    g_mutex_unlock(&p->lock);
    return n;
}

static void wait_table(Peer *p, unsigned after)
{
    for (unsigned i = 0; i < 12000 && tables(p) <= after; i++) {
        g_usleep(5000);
    }
    g_assert_cmpuint(tables(p), >, after);
}

/* The word at a guest address as the process maps it; false: it has none. */
static bool peer_word(Peer *p, uint64_t gpa, uint64_t *word)
{
    bool found = false;

    g_mutex_lock(&p->lock);
    for (unsigned i = 0; i < p->count && !found; i++) {
        Region *g = &p->region[i];

        if (gpa >= g->gpa && gpa - g->gpa < g->size) {
            size_t len = g->offset + g->size;
            uint8_t *map = mmap(NULL, len, PROT_READ, MAP_SHARED, p->fd[i], 0);

            g_assert_true(map != MAP_FAILED);
            *word = ldq_le_p(map + g->offset + (gpa - g->gpa));
            munmap(map, len);
            found = true;
        }
    }
    g_mutex_unlock(&p->lock);
    return found;
}

static unsigned in_window(Peer *p, const Rig *r)
{
    unsigned n = 0;

    g_mutex_lock(&p->lock);
    for (unsigned i = 0; i < p->count; i++) {
        n += p->region[i].gpa >= r->window;
    }
    g_mutex_unlock(&p->lock);
    return n;
}

static Rig *start(Peer *p, unsigned ways)
{
    g_autofree char *options = g_strdup_printf(
        "-object memory-backend-memfd,id=ram,size=128M -M memory-backend=ram "
        "-m 128M -chardev socket,id=peer,path=%s "
        "-netdev vhost-user,id=net,chardev=peer "
        "-device virtio-net-pci,netdev=net,addr=10.0,disable-modern=on,"
        "disable-legacy=off,romfile= ", p->path);
    Rig *r;

    rig_backend = "memory-backend-memfd";
    r = rig_by_window_with(ways, true, options, "8G");
    qtest_outl(r->qts, 0xcf8, DEVICE | 0x10);
    qtest_outl(r->qts, 0xcfc, IO);
    qtest_outl(r->qts, 0xcf8, DEVICE | 4);
    qtest_outl(r->qts, 0xcfc, 7);
    return r;
}

/* It tells the process of the memory; @before tables were there. */
static void run_device(Rig *r, Peer *p, unsigned before)
{
    qtest_outb(r->qts, IO_STATUS, DRIVER_OK);
    wait_table(p, before);
}

static void stop(Rig *r, Peer *p)
{
    rig_stop(r);
    peer_stop(p);
}

/* All of a set, then without the page of a poisoned line, then nothing */
static void test_memory(void)
{
    Peer *p = peer_start();
    Rig *r = start(p, 2);
    uint64_t word;
    unsigned before;

    run_device(r, p, 0);
    g_assert_cmpuint(in_window(p, r), ==, 0);
    before = tables(p);
    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    wait_table(p, before);
    g_assert_cmpuint(in_window(p, r), ==, 2);
    rig_write_all(r, 0, 1);
    for (unsigned d = 0; d < 2; d++) {
        for (unsigned i = 0; i < RIG_PLACES; i++) {
            g_assert_true(peer_word(p, r->window +
                                    rig_offset(r, 0, d, rig_places[i]),
                                    &word));
            g_assert_cmphex(word, ==, rig_word(d + 1, rig_places[i]));
        }
    }

    before = tables(p);
    rig_inject(r, 0x12340);
    wait_table(p, before);
    g_assert_cmpuint(in_window(p, r), ==, 3);
    g_assert_false(peer_word(p, r->window + rig_offset(r, 0, 0, 0x12340),
                             &word));
    g_assert_true(peer_word(p, r->window, &word));

    before = tables(p);
    rig_release_set(r);
    wait_table(p, before);
    g_assert_cmpuint(in_window(p, r), ==, 0);
    stop(r, p);
}

/* More holes than slots: what is left out traps, and reads the same. */
static void test_slots(void)
{
    Peer *p = peer_start();
    Rig *r = start(p, 2);
    unsigned before;

    run_device(r, p, 0);
    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    rig_write_all(r, 0, 7);
    before = tables(p);
    for (unsigned i = 1; i <= 20; i++) {
        rig_inject(r, i * 0x100000 + 0x40000);
    }
    wait_table(p, before);
    g_assert_cmpuint(in_window(p, r), >=, 2);
    g_assert_cmpuint(rig_count_aliases(r), ==, in_window(p, r));
    rig_read_all(r, 0, 7);
    stop(r, p);
}

/*
 * A smaller set puts other memory at the address of a ring: the device waits
 * for a reset, and is good after it.
 */
static void test_ring(void)
{
    Peer *p = peer_start();
    Rig *r = start(p, 2);
    unsigned before;

    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    qtest_outw(r->qts, IO_SELECT, 0);
    qtest_outl(r->qts, IO_QUEUE, (r->window + RIG_SIZE / 2) >> 12);
    run_device(r, p, 0);
    g_assert_cmpuint(in_window(p, r), ==, 2);

    before = tables(p);
    rig_release_set(r);
    wait_table(p, before);
    before = tables(p);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmphex(rig_commit(r, r->dev[i].bar0, 0, r->window, RIG_SIZE,
                                   1 << 4, 0) & 0xc00, ==, 0x400);
    }
    rig_expect_aliases(r, 2);
    g_assert_cmpuint(tables(p), ==, before);

    qtest_outb(r->qts, IO_STATUS, 0);
    qtest_outl(r->qts, IO_QUEUE, r->window >> 12);
    run_device(r, p, before);
    g_assert_cmpuint(in_window(p, r), ==, 2);
    stop(r, p);
}

static const struct {
    const char *path;
    void (*test)(void);
} tests[] = {
    { "/cxl/vhost/memory", test_memory },
    { "/cxl/vhost/slots", test_slots },
    { "/cxl/vhost/ring", test_ring },
};

static void skip(void)
{
    g_test_skip("this emulator was built without vhost-user");
}

int main(int argc, char **argv)
{
    bool there;

    g_test_init(&argc, &argv, NULL);
    there = qtest_has_device("vhost-user-blk-pci");
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add_func(tests[i].path, there ? tests[i].test : skip);
    }
    return g_test_run();
}
