/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function for libsdxi-user in this program; see fake-port.h.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "tests/unit/tools/fake-port.h"

#define NO_DOORBELL UINT64_MAX
#define MS          1000000

static FakePort *fake(SdxiUserPort *port)
{
    return container_of(port, FakePort, port);
}

static uint64_t *doorbell(FakePort *f, unsigned cxt)
{
    return (uint64_t *)(f->doorbells + cxt * PAGE);
}

void fake_port_work(FakePort *f)
{
    if (f->deaf || f->now_ns < f->busy_until_ns) {
        return;
    }
    for (unsigned i = 0; i < FAKE_CONTEXTS; i++) {
        if (*doorbell(f, i) != NO_DOORBELL) {
            guest_ring(f->g, i, *doorbell(f, i));
            *doorbell(f, i) = NO_DOORBELL;
        }
    }
    guest_run(f->g);
}

static uint64_t port_read(SdxiUserPort *port, unsigned reg)
{
    FakePort *f = fake(port);

    if (f->version && reg == R_VERSION) {
        return f->version;
    }
    return guest_rd(f->g, reg) | (reg == R_CAP1 ? f->cap1 : 0);
}

static void port_write(SdxiUserPort *port, unsigned reg, uint64_t value)
{
    guest_wr(fake(port)->g, reg, value);
}

static int port_alloc(SdxiUserPort *port, size_t bytes, int node,
                      SdxiUserMemory *m)
{
    FakePort *f = fake(port);
    size_t n = DIV_ROUND_UP(bytes, PAGE);

    if (!f->allocs_left--) {
        return SDXI_USER_E_MEMORY;
    }
    m->len = n * PAGE;
    m->va = mmap(NULL, m->len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_assert(m->va != MAP_FAILED);
    m->pages = calloc(1, sizeof(*m->pages));
    *m->pages = (SdxiUserPages) {
        .size = PAGE, .n = n, .at = calloc(n, sizeof(uint64_t)),
    };
    for (size_t i = 0; i < n; i++) {
        m->pages->at[i] = f->next;
        f->next += f->scattered && i % 3 ? 2 * PAGE : PAGE;
        g_assert_cmpuint(f->next, <=, f->g->size);
        g_assert(mmap(m->va + i * PAGE, PAGE, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_FIXED, f->fd,
                      m->pages->at[i]) != MAP_FAILED);
    }
    f->maps++;
    return 0;
}

static void port_release(SdxiUserPort *port, SdxiUserMemory *m)
{
    FakePort *f = fake(port);

    /* One that does not stop may still write to it. */
    g_assert(!f->deaf || f->is_cut);
    f->maps--;
    munmap(m->va, m->len);
    free(m->pages->at);
    free(m->pages);
}

static int port_check(SdxiUserPort *port, const SdxiUserMemory *m)
{
    return fake(port)->scattered ? SDXI_USER_E_MOVED : 0;
}

static int port_eventfd(SdxiUserPort *port, unsigned vector, int *fd)
{
    *fd = memfd_create("event", 0);
    g_assert_cmpint(ftruncate(*fd, vector), ==, 0);
    return 0;
}

static void port_relax(SdxiUserPort *port, unsigned round)
{
    fake_port_work(fake(port));
}

static uint64_t port_now(SdxiUserPort *port)
{
    return fake(port)->now_ns += 10 * MS;
}

static void port_cut(SdxiUserPort *port)
{
    fake(port)->g->dma_off = fake(port)->is_cut = true;
}

static void port_close(SdxiUserPort *port)
{
    FakePort *f = fake(port);

    g_assert_cmpuint(f->maps, ==, 0);
    g_assert_true(f->is_cut);
    if (f->closed) {
        *f->closed = true;
    }
    guest_free(f->g);
    munmap(f->memory, FAKE_MEMORY);
    close(f->fd);
    g_free(f);
}

static const SdxiUserPortOps port_ops = {
    .read = port_read, .write = port_write, .alloc = port_alloc,
    .release = port_release, .check = port_check, .eventfd = port_eventfd,
    .relax = port_relax, .now_ns = port_now, .cut = port_cut,
    .close = port_close,
};

FakePort *fake_port_new(void (*change)(SdxiConfig *config))
{
    FakePort *f = g_new0(FakePort, 1);

    f->fd = memfd_create("memory", 0);
    g_assert_cmpint(ftruncate(f->fd, FAKE_MEMORY), ==, 0);
    f->memory = mmap(NULL, FAKE_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED,
                     f->fd, 0);
    g_assert(f->memory != MAP_FAILED);
    f->g = guest_new_over(f->memory, FAKE_MEMORY, change);
    f->next = PAGE;                     /* address 0 is nobody's */
    f->allocs_left = UINT_MAX;
    memset(f->doorbells, 0xff, sizeof(f->doorbells));
    f->port = (SdxiUserPort) {
        .ops = &port_ops, .way = SDXI_USER_SYSFS, .bdf = "0000:00:01.0",
        .doorbells = f->doorbells, .doorbells_len = sizeof(f->doorbells),
        .vectors = 4,
    };
    return f;
}
