/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that the host cannot provide: a page of a device, the end of a file,
 * a page that can be read and no more, and errors that are told before anybody
 * has met them, while the list is being looked at.
 *
 * A test cannot give a machine memory that fails, so the signals are real here
 * and what describes the memory is played.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/atomic.h"
#include "qemu/event_notifier.h"
#include "qemu/main-loop.h"
#include "qemu/memfd.h"
#include "qemu/thread.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "hw/cxl/window/host-lost.h"

#define PAGES 4

/* --- played --------------------------------------------------------------- */

/* The first page is there, and no other. */
typedef struct Memory {
    MemoryRegion mr;
    RAMBlock block;
    uint8_t *host;
    int file, fd;               /* what is mapped; what it is said to be */
    uint64_t offset, len;       /* what is lost, as it was told last */
    unsigned told;
} Memory;

bool kvm_allowed;

static EventNotifierHandler *woken;
static EventNotifier *notifier;

static size_t page(void)
{
    return qemu_real_host_page_size();
}

/* 11.1 made what these are asked about constant. */
#if MEMFAB_QEMU_AT_LEAST(11, 1)
typedef const MemoryRegion AskedRegion;
typedef const RAMBlock AskedBlock;
#else
typedef MemoryRegion AskedRegion;
typedef RAMBlock AskedBlock;
#endif

void *memory_region_get_ram_ptr(AskedRegion *mr)
{
    return container_of(mr, Memory, mr)->host;
}

uint64_t memory_region_size(AskedRegion *mr)
{
    return PAGES * page();
}

size_t qemu_ram_pagesize(AskedBlock *rb)
{
    return page();
}

int qemu_ram_get_fd(AskedBlock *rb)
{
    return container_of(rb, Memory, block)->fd;
}

static RAMBlockNotifier *blocks;

void ram_block_notifier_add(RAMBlockNotifier *n)
{
    blocks = n;
}

void event_notifier_set_handler(EventNotifier *e,
                                EventNotifierHandler *handler)
{
    notifier = e;
    woken = handler;
}

/* Who had the signal before */
static unsigned earlier;
static int earlier_code;

static void earlier_handler(int number, siginfo_t *info, void *context)
{
    qatomic_inc(&earlier);
    earlier_code = info->si_code;
}

/* --- the test ------------------------------------------------------------- */

static void lost(void *opaque, MemoryRegion *mr, uint64_t offset, uint64_t len)
{
    Memory *m = opaque;

    m->offset = offset;
    m->len = len;
    m->told++;
}

/* For ever: what is watched is so until it is freed. */
static Memory *new_memory(const char *device)
{
    Memory *m = g_new0(Memory, 1);

    m->file = m->fd = qemu_memfd_create("memory", page(), false, 0, 0,
                                        &error_abort);
    if (device) {
        m->fd = open(device, O_RDONLY);
    }
    g_assert_cmpint(m->fd, >=, 0);
    m->host = mmap(NULL, PAGES * page(), PROT_READ | PROT_WRITE, MAP_SHARED,
                   m->file, 0);
    g_assert_true(m->host != MAP_FAILED);
    m->mr.ram_block = &m->block;
    cxl_host_lost_watch(&m->mr, lost, m);
    return m;
}

static uint8_t *byte(Memory *m, unsigned n)
{
    return m->host + n * page() + 5;
}

static void expect_told(Memory *m, unsigned first, unsigned count)
{
    unsigned before = m->told;

    woken(notifier);
    g_assert_cmpuint(m->told, ==, before + 1);
    g_assert_cmphex(m->offset, ==, first * page());
    g_assert_cmphex(m->len, ==, count * page());
}

/* It has no length, and so no end behind which all would be lost. */
static void test_device(void)
{
    Memory *m = new_memory("/dev/null");

    *byte(m, 0) = 1;
    g_assert_cmpuint(qatomic_read(byte(m, 2)), ==, 0);
    expect_told(m, 2, 1);
    *byte(m, 2) = 2;
    qatomic_set(byte(m, 3), 3);
    expect_told(m, 3, 1);
    g_assert_cmpuint(*byte(m, 0), ==, 1);
    g_assert_cmpuint(*byte(m, 2), ==, 2);
    g_assert_cmpuint(*byte(m, 3), ==, 3);
}

static void test_file(void)
{
    Memory *m = new_memory(NULL);

    *byte(m, 0) = 1;
    g_assert_cmpuint(qatomic_read(byte(m, 2)), ==, 0);
    expect_told(m, 1, PAGES - 1);
    g_assert_cmpuint(*byte(m, 0), ==, 1);
    g_assert_cmpuint(*byte(m, 1), ==, 0);
}

/* From now on a store to the page is the signal, and a load is none. */
static bool refuse_stores(uint8_t *host)
{
    struct uffdio_api api = {
        .api = UFFD_API,
        .features = UFFD_FEATURE_SIGBUS | UFFD_FEATURE_PAGEFAULT_FLAG_WP,
    };
    struct uffdio_register range = {
        .range = { (uintptr_t)host, page() },
        .mode = UFFDIO_REGISTER_MODE_WP,
    };
    struct uffdio_writeprotect protect = {
        .range = range.range, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
    };
    int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

    return fd >= 0 && !ioctl(fd, UFFDIO_API, &api) &&
           !ioctl(fd, UFFDIO_REGISTER, &range) &&
           !ioctl(fd, UFFDIO_WRITEPROTECT, &protect);
}

/* So is a hole of a file, whose disk is full. */
static void test_read_only(void)
{
    Memory *m = new_memory("/dev/null");

    g_assert_true(mmap(m->host, page(), PROT_READ | PROT_WRITE, MAP_PRIVATE |
                       MAP_ANONYMOUS | MAP_FIXED, -1, 0) == m->host);
    *byte(m, 0) = 1;
    if (!refuse_stores(m->host)) {
        g_test_skip("userfaultfd() cannot be had here");
        return;
    }
    g_assert_cmpuint(qatomic_read(byte(m, 0)), ==, 1);
    qatomic_set(byte(m, 0) + 1, 2);
    expect_told(m, 0, 1);
    g_assert_cmpuint(*byte(m, 0), ==, 0);
    g_assert_cmpuint(byte(m, 0)[1], ==, 2);
}

/*
 * The kernel has found an error that nobody has met: it is for who had the
 * signal before, and not within a handler of signals.
 */
static void test_early(void)
{
    siginfo_t info = { .si_signo = SIGBUS, .si_code = BUS_MCEERR_AO };

    new_memory(NULL);
    earlier = 0;
    g_assert_cmpint(syscall(SYS_rt_tgsigqueueinfo, getpid(),
                            qemu_get_thread_id(), SIGBUS, &info), ==, 0);
    g_assert_cmpuint(earlier, ==, 0);
    woken(notifier);
    g_assert_cmpuint(earlier, ==, 1);
    g_assert_cmpint(earlier_code, ==, BUS_MCEERR_AO);
    woken(notifier);
    g_assert_cmpuint(earlier, ==, 1);
}

/* Nobody watches it any more. */
static void free_memory(Memory *m)
{
    munmap(m->host, PAGES * page());
    close(m->fd);
    close(m->file);
    g_free(m);
}

static void lost_and_freed(void *opaque, MemoryRegion *mr, uint64_t offset,
                           uint64_t len)
{
    Memory *m = opaque;

    lost(opaque, mr, offset, len);
    blocks->ram_block_removed(blocks, m->host, PAGES * page(),
                              PAGES * page());
}

/* Who is told has the memory freed, of which there is more to tell. */
static void test_freed(void)
{
    Memory *m = new_memory("/dev/null"), *other = new_memory("/dev/null");

    cxl_host_lost_watch(&m->mr, lost_and_freed, m);
    cxl_host_lost_watch(&other->mr, lost_and_freed, other);
    g_assert_cmpuint(qatomic_read(byte(m, 1)), ==, 0);
    g_assert_cmpuint(qatomic_read(byte(m, 3)), ==, 0);
    g_assert_cmpuint(qatomic_read(byte(other, 2)), ==, 0);
    woken(notifier);
    g_assert_cmpuint(m->told, ==, 1);
    g_assert_cmpuint(other->told, ==, 1);
    free_memory(m);
    free_memory(other);
}

typedef struct Looker {
    Memory *m;
    pid_t thread;
    unsigned looks;
    bool quit;
} Looker;

static void *look(void *opaque)
{
    Looker *l = opaque;

    qatomic_set(&l->thread, qemu_get_thread_id());
    while (!qatomic_read(&l->quit)) {
        cxl_host_lost_watch(&l->m->mr, lost, l->m);
        cxl_host_lost_tell();
        qatomic_inc(&l->looks);
    }
    return NULL;
}

/*
 * Who looks does not wait for itself, wherever it is when the signal comes.  No
 * thread can send another one what the kernel does, so this is no error.
 */
static void test_early_while_looking(void)
{
    Looker l = { .m = new_memory(NULL) };
    QemuThread thread;

    earlier = 0;
    qemu_thread_create(&thread, "looks", look, &l, QEMU_THREAD_JOINABLE);
    while (!qatomic_read(&l.thread)) {
        g_usleep(100);
    }
    for (unsigned i = 0; i < 5000; i++) {
        unsigned before = qatomic_read(&l.looks);

        g_assert_cmpint(syscall(SYS_tgkill, getpid(),
                                qatomic_read(&l.thread), SIGBUS), ==,
                        0);
        /* The runner ends a test that waits for ever. */
        while (i % 100 == 0 && qatomic_read(&l.looks) == before) {
            g_usleep(10);
        }
    }
    qatomic_set(&l.quit, true);
    qemu_thread_join(&thread);
    g_assert_cmpuint(qatomic_read(&earlier), >, 0);
}

/* --- several threads ------------------------------------------------------ */

#define ROUNDS  (g_test_slow() ? 2000 : 50)

typedef struct Toucher {
    QemuThread thread;
    Memory *m;
    unsigned page;
} Toucher;

/* The sanitizer takes another thread's mmap() for a store to all of it. */
static __attribute__((no_sanitize("thread"))) void *touch(void *opaque)
{
    Toucher *t = opaque;

    *byte(t->m, t->page) = t->page;
    return NULL;
}

static void lost_more(void *opaque, MemoryRegion *mr, uint64_t offset,
                      uint64_t len)
{
    Memory *m = opaque;

    m->len += len;
}

/* Each meets a page that is not there while the list is being looked at. */
static void test_threads(void)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        bool file = i % 2;
        Memory *m = new_memory(file ? NULL : "/dev/null");
        Memory *other = new_memory("/dev/null");
        Toucher t[PAGES];

        cxl_host_lost_watch(&m->mr, lost_more, m);
        for (unsigned n = 1; n < PAGES; n++) {
            t[n].m = m;
            t[n].page = n;
            qemu_thread_create(&t[n].thread, "touches", touch, &t[n],
                               QEMU_THREAD_JOINABLE);
        }
        while (m->len < (PAGES - 1) * page()) {
            cxl_host_lost_untold(&m->mr, 0, PAGES * page());
            cxl_host_lost_tell();
        }
        blocks->ram_block_removed(blocks, other->host, PAGES * page(),
                                  PAGES * page());
        free_memory(other);
        for (unsigned n = 1; n < PAGES; n++) {
            qemu_thread_join(&t[n].thread);
            g_assert_cmpuint(*byte(m, n), ==, n);
        }
        /* Of a file each of them may have lost all. */
        g_assert_true(cxl_host_lost_tell() <= file);
        g_assert_true(file || m->len == (PAGES - 1) * page());
        blocks->ram_block_removed(blocks, m->host, PAGES * page(),
                                  PAGES * page());
        free_memory(m);
    }
}

int main(int argc, char **argv)
{
    struct sigaction action = {
        .sa_sigaction = earlier_handler, .sa_flags = SA_SIGINFO,
    };

    sigaction(SIGBUS, &action, NULL);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/host-lost/device", test_device);
    g_test_add_func("/cxl/host-lost/file", test_file);
    g_test_add_func("/cxl/host-lost/read-only", test_read_only);
    g_test_add_func("/cxl/host-lost/freed", test_freed);
    g_test_add_func("/cxl/host-lost/early", test_early);
    g_test_add_func("/cxl/host-lost/early-while-looking",
                    test_early_while_looking);
    g_test_add_func("/cxl/host-lost/threads", test_threads);
    return g_test_run();
}
