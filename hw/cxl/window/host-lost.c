/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGBUS on memory of ours becomes a page of zeroes, and news for its owner.
 *
 * The kernel sends it to the thread that makes the access, which goes on when
 * the handler has put memory there: a processor's thread in translated code, a
 * worker of SDXI, the main loop, migration.  Threads have it blocked without a
 * seam (qemu/seams/76-threads-sigbus.seam), and then it ends the process.  The
 * handler calls only what a handler of signals may, and mmap() and futex(),
 * which are system calls and nothing else; the list is guarded by a lock that
 * nobody holds over an access to that memory which could be a signal.
 *
 * What is not ours goes to the handler that was there.
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"
#include "qemu/error-report.h"
#include "qemu/event_notifier.h"
#include "qemu/main-loop.h"
#include "qemu/thread.h"
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "hw/cxl/window/host-lost.h"
#include "system/kvm.h"

typedef struct Watched Watched;
struct Watched {
    Watched *next;
    MemoryRegion *mr;
    uint8_t *host;
    uint64_t size, page;        /* of the mapping */
    int fd;                     /* -1: no file */
    uint64_t fd_offset;
    uint64_t file_end;          /* where the file ended, or UINT64_MAX */
    unsigned long *lost;        /* a bit for each of the processor's pages */
    unsigned long *untold;
    CxlHostLostFn *fn;
    void *opaque;
};

static QemuSpin guard;          /* of all below */
static Watched *watched;
static bool news;
static siginfo_t *later;        /* NULL: nothing */

static struct sigaction before;
static EventNotifier notifier;

static uint64_t page_of(uint64_t bytes)
{
    return bytes / qemu_real_host_page_size();
}

/* --- in the handler ------------------------------------------------------- */

/* A file that has become shorter has lost all that was behind its end. */
static void lost_range(Watched *w, uint64_t at, uint64_t *from, uint64_t *to)
{
    struct stat st;

    *from = ROUND_DOWN(at, w->page);
    *to = *from + w->page;
    /* Only a regular file has a length there: a device says 0. */
    if (w->fd >= 0 && !fstat(w->fd, &st) && S_ISREG(st.st_mode) &&
        (uint64_t)st.st_size <= w->fd_offset + *from) {
        w->file_end = st.st_size - MIN(st.st_size, w->fd_offset);
        *from = ROUND_UP(w->file_end, w->page);
        *to = ROUND_UP(w->size, w->page);
    }
}

/*
 * Has somebody else met it first?  To add 0 takes what a store does: behind a
 * full disk a hole of a file is read, and stores end here again and again.  The
 * kernel's own accesses are no signal.
 */
static bool is_there(const uint8_t *addr)
{
    static uint32_t nobody;

    return syscall(SYS_futex, &nobody, FUTEX_WAKE_OP_PRIVATE, 0, NULL,
                   ROUND_DOWN((uintptr_t)addr, sizeof(nobody)),
                   FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0)) >= 0;
}

static bool replace(const uint8_t *addr)
{
    for (Watched *w = watched; w; w = w->next) {
        uint64_t from, to;

        if (addr < w->host || addr >= w->host + w->size) {
            continue;
        }
        if (is_there(addr)) {
            return true;
        }
        lost_range(w, addr - w->host, &from, &to);
        bitmap_set(w->lost, page_of(from), page_of(to - from));
        bitmap_set(w->untold, page_of(from), page_of(to - from));
        qatomic_set(&news, true);
        return mmap(w->host + from, to - from, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
                    -1, 0) != MAP_FAILED;
    }
    return false;
}

/*
 * KVM passes errors of memory on to the guest itself.  Those that nobody has
 * met yet are not for a handler: QEMU took them in the main loop before.
 */
static bool handle(const siginfo_t *info)
{
    static siginfo_t kept;

    if (info->si_code == BUS_MCEERR_AO) {
        kept = *info;
        later = &kept;
        return true;
    }
    return (info->si_code == BUS_ADRERR ||
            (info->si_code == BUS_MCEERR_AR && !kvm_enabled())) &&
           replace(info->si_addr);
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
    int error = errno;
    bool handled;

    qemu_spin_lock(&guard);
    handled = handle(info);
    qemu_spin_unlock(&guard);
    if (handled) {
        event_notifier_set(&notifier);
    } else if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(number, info, context);
    } else {
        /* Made again, the access ends as it would have without us. */
        sigaction(SIGBUS, &before, NULL);
    }
    errno = error;
}

/* --- in the main loop ----------------------------------------------------- */

/*
 * Some errors are told before anybody meets them, and the handler waits for the
 * lock: not in the thread that holds it.
 */
static void hold(sigset_t *old)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGBUS);
    pthread_sigmask(SIG_BLOCK, &set, old);
    qemu_spin_lock(&guard);
}

static void let_go(const sigset_t *old)
{
    qemu_spin_unlock(&guard);
    pthread_sigmask(SIG_SETMASK, old, NULL);
}

static void memory_freed(RAMBlockNotifier *n, void *host, size_t size,
                         size_t max_size)
{
    Watched **w = &watched, *gone;
    sigset_t old;

    hold(&old);
    while (*w && (*w)->host != host) {
        w = &(*w)->next;
    }
    gone = *w;
    if (gone) {
        *w = gone->next;
    }
    let_go(&old);
    if (gone) {
        g_free(gone->lost);
        g_free(gone->untold);
        g_free(gone);
    }
}

static void woken(EventNotifier *n)
{
    siginfo_t *info = qatomic_xchg(&later, NULL);

    event_notifier_test_and_clear(n);
    if (info && before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(SIGBUS, info, NULL);
    }
    cxl_host_lost_tell();
}

static void take_signal(void)
{
    struct sigaction action = {
        .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO,
    };
    static RAMBlockNotifier blocks = { .ram_block_removed = memory_freed };
    sigset_t set;

    if (event_notifier_init(&notifier, false)) {
        warn_report("memory whose file becomes shorter ends this process: no "
                    "event notifier is to be had");
        return;
    }
    event_notifier_set_handler(&notifier, woken);
    ram_block_notifier_add(&blocks);
    sigaction(SIGBUS, &action, &before);
    sigemptyset(&set);
    sigaddset(&set, SIGBUS);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static Watched *find(const MemoryRegion *mr)
{
    Watched *w = watched;

    while (w && w->mr != mr) {
        w = w->next;
    }
    return w;
}

static Watched *watch(MemoryRegion *mr)
{
    RAMBlock *rb = mr->ram_block;
    Watched *w = g_new0(Watched, 1);
    sigset_t old;
    long pages;

    *w = (Watched) {
        .mr = mr, .host = memory_region_get_ram_ptr(mr),
        .size = memory_region_size(mr), .page = qemu_ram_pagesize(rb),
        .fd = qemu_ram_get_fd(rb), .fd_offset = rb->fd_offset,
        .file_end = UINT64_MAX,
    };
    pages = page_of(ROUND_UP(w->size, w->page));
    w->lost = bitmap_try_new(pages);
    w->untold = bitmap_try_new(pages);
    if (!w->lost || !w->untold) {
        g_free(w->lost);
        g_free(w->untold);
        g_free(w);
        return NULL;
    }
    hold(&old);
    w->next = watched;
    watched = w;
    let_go(&old);
    return w;
}

void cxl_host_lost_watch(MemoryRegion *mr, CxlHostLostFn *lost, void *opaque)
{
    static bool taken;
    Watched *w = find(mr) ?: watch(mr);

    if (!taken) {
        taken = true;
        take_signal();
    }
    if (w) {
        w->opaque = opaque;
        w->fn = lost;
        qatomic_set(&news, true);
    }
}

void cxl_host_lost_unwatch(MemoryRegion *mr)
{
    Watched *w = find(mr);

    if (w) {
        w->fn = NULL;
    }
}

/* The first range that is not told of; false if there is none. */
static bool take_untold(Watched *w, uint64_t *offset, uint64_t *len)
{
    long pages = page_of(ROUND_UP(w->size, w->page)), first, end;
    sigset_t old;

    hold(&old);
    first = find_first_bit(w->untold, pages);
    end = find_next_zero_bit(w->untold, pages, first);
    if (first < pages) {
        bitmap_clear(w->untold, first, end - first);
    }
    *offset = first * qemu_real_host_page_size();
    *len = MIN(end * qemu_real_host_page_size(), w->size) - *offset;
    /* What the file's last page had behind its end reads zero, too. */
    if (w->file_end < *offset &&
        *offset - w->file_end < qemu_real_host_page_size()) {
        *len += *offset - w->file_end;
        *offset = w->file_end;
    }
    let_go(&old);
    return first < pages;
}

/* From the first one: who is told may have memory freed, this one's too. */
static Watched *next_untold(uint64_t *offset, uint64_t *len)
{
    Watched *w = watched;

    while (w && !(w->fn && take_untold(w, offset, len))) {
        w = w->next;
    }
    return w;
}

bool cxl_host_lost_tell(void)
{
    bool told = false;
    uint64_t offset, len;
    Watched *w;

    if (!qatomic_xchg(&news, false)) {
        return false;
    }
    while ((w = next_untold(&offset, &len))) {
        w->fn(w->opaque, w->mr, offset, len);
        told = true;
    }
    return told;
}

bool cxl_host_lost_news(void)
{
    return qatomic_read(&news);
}

bool cxl_host_lost_untold(MemoryRegion *mr, uint64_t offset, uint64_t len)
{
    Watched *w = qatomic_read(&news) ? find(mr) : NULL;
    unsigned long end = page_of(offset + len - 1) + 1;
    sigset_t old;
    bool any;

    if (!w || !len) {
        return false;
    }
    hold(&old);
    any = find_next_bit(w->untold, end, page_of(offset)) < end;
    let_go(&old);
    return any;
}

bool cxl_host_lost_any(MemoryRegion *mr)
{
    Watched *w = find(mr);
    unsigned long pages = w ? page_of(ROUND_UP(w->size, w->page)) : 0;

    return w && find_first_bit(w->lost, pages) < pages;
}

void cxl_host_lost_zero(MemoryRegion *mr, uint64_t offset, uint64_t len)
{
    uint64_t page = qemu_real_host_page_size(), end = offset + len;
    Watched *w = find(mr);

    while (w && offset < end) {
        long at = find_next_bit(w->lost, page_of(end - 1) + 1,
                                page_of(offset));
        uint64_t from = MAX(offset, at * page), to = MIN(end, (at + 1) * page);

        if (from < end) {
            memset(w->host + from, 0, to - from);
        }
        offset = (at + 1) * page;
    }
}
