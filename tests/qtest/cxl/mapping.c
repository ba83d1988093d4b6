/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that map guest memory, with their rings and buffers in CXL memory
 * that traps: virtio disks, networks and SCSI, and NVMe.  All of them work,
 * and what they read of poison is an error of that request.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/cxl/rig.h"
#include <glib/gstdio.h>
#include <sys/socket.h>

#define PAGE        4096u
#define DISK        (1 * RIG_MIB)
#define SECTOR      512

/* Legacy registers of a virtio device, relative to BAR 0 */
#define V_QUEUE     8
#define V_SIZE      12
#define V_SELECT    14
#define V_NOTIFY    16
#define V_STATUS    18
#define DRIVER_OK   7

#define NEXT        1
#define WRITE       2

#define BLK_IN      0
#define BLK_OUT     1
#define BLK_IOERR   1
#define SCSI_FAILURE 9

#define NVME_MMIO   0xd0000000u
#define LINE        0x12340     /* that is poisoned, in the first device */

typedef struct Queue {
    Rig *r;
    uint16_t io;
    unsigned number, size;
    uint64_t desc, avail, used;
    uint16_t next, filled;      /* descriptor, entry of the avail ring */
} Queue;

typedef struct Machine {
    Rig *r;
    char *dir, *disk[3];
    int net;
} Machine;

static uint16_t io_of(unsigned slot)
{
    return 0xc000 + slot * 0x100;
}

static uint32_t config(unsigned slot, unsigned reg)
{
    return 0x80000000u | slot << 11 | reg;
}

static void set_config(Rig *r, unsigned slot, unsigned reg, uint32_t value)
{
    qtest_outl(r->qts, 0xcf8, config(slot, reg));
    qtest_outl(r->qts, 0xcfc, value);
}

static Machine *start(bool direct)
{
    Machine *m = g_new0(Machine, 1);
    g_autoptr(GString) options = g_string_new("");
    int pair[2];

    g_assert_cmpint(socketpair(PF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    m->net = pair[0];
    m->dir = g_dir_make_tmp("cxl-mapping-XXXXXX", NULL);
    for (unsigned i = 0; i < 3; i++) {
        g_autofree char *zero = g_malloc0(DISK);

        m->disk[i] = g_strdup_printf("%s/disk%u", m->dir, i);
        g_assert_true(g_file_set_contents(m->disk[i], zero, DISK, NULL));
        g_string_append_printf(options, "-drive if=none,id=d%u,format=raw,"
                               "file=%s ", i, m->disk[i]);
    }
    g_string_append_printf(options,
        "-device virtio-blk-pci,drive=d0,addr=10.0,disable-modern=on,"
        "disable-legacy=off -netdev socket,id=net,fd=%d "
        "-device virtio-net-pci,netdev=net,addr=11.0,disable-modern=on,"
        "disable-legacy=off,romfile= "
        "-device virtio-scsi-pci,id=scsi,addr=12.0,disable-modern=on,"
        "disable-legacy=off -device scsi-hd,bus=scsi.0,drive=d1 "
        "-device nvme,drive=d2,serial=1,addr=13.0 ", pair[1]);
    m->r = rig_by_window_with(2, direct, options->str, "8G");
    close(pair[1]);
    for (unsigned slot = 0x10; slot < 0x13; slot++) {
        set_config(m->r, slot, PCI_BASE_ADDRESS_0, io_of(slot));
        set_config(m->r, slot, PCI_COMMAND, 7);
    }
    set_config(m->r, 0x13, PCI_BASE_ADDRESS_0, NVME_MMIO);
    set_config(m->r, 0x13, PCI_BASE_ADDRESS_1, 0);
    set_config(m->r, 0x13, PCI_COMMAND, 6);
    rig_commit_set(m->r, 0, 1);
    return m;
}

static void stop(Machine *m)
{
    rig_stop(m->r);
    close(m->net);
    for (unsigned i = 0; i < 3; i++) {
        g_unlink(m->disk[i]);
        g_free(m->disk[i]);
    }
    g_rmdir(m->dir);
    g_free(m->dir);
    g_free(m);
}

static Queue queue_at(Rig *r, unsigned slot, unsigned number, uint64_t at)
{
    Queue q = { .r = r, .io = io_of(slot), .number = number, .desc = at };

    qtest_outw(r->qts, q.io + V_SELECT, number);
    q.size = qtest_inw(r->qts, q.io + V_SIZE);
    g_assert_cmpuint(q.size, >, 0);
    q.avail = at + 16 * q.size;
    q.used = ROUND_UP(q.avail + 6 + 2 * q.size, PAGE);
    qtest_outl(r->qts, q.io + V_QUEUE, at / PAGE);
    return q;
}

static void run(Queue *q)
{
    qtest_outb(q->r->qts, q->io + V_STATUS, DRIVER_OK);
}

/* One more part of a request; NEXT: and it goes on */
static void part(Queue *q, uint64_t addr, uint32_t len, uint16_t flags)
{
    uint64_t at = q->desc + 16 * q->next++;

    qtest_writeq(q->r->qts, at, addr);
    qtest_writel(q->r->qts, at + 8, len);
    qtest_writew(q->r->qts, at + 12, flags);
    qtest_writew(q->r->qts, at + 14, q->next);
    g_assert_cmpuint(q->next, <=, q->size);
}

/* The request that begins at descriptor @head */
static void offer(Queue *q, uint16_t head)
{
    qtest_writew(q->r->qts, q->avail + 4 + 2 * (q->filled++ % q->size), head);
    qtest_writew(q->r->qts, q->avail + 2, q->filled);
}

static void notify(Queue *q)
{
    qtest_outw(q->r->qts, q->io + V_NOTIFY, q->number);
}

/* All that was offered; the length of the last */
static uint32_t wait_used(Queue *q)
{
    uint16_t used = 0;

    for (unsigned i = 0; i < 240000 && used != q->filled; i++) {
        used = qtest_readw(q->r->qts, q->used + 2);
        g_usleep(500);
    }
    g_assert_cmpuint(used, ==, q->filled);
    return qtest_readl(q->r->qts,
                       q->used + 8 + 8 * ((q->filled - 1) % q->size));
}

/* @pages pages at @data, its header in the 32 bytes at @head */
static void blk_offer(Queue *q, uint64_t head, uint32_t type, uint64_t sector,
                      uint64_t data, unsigned pages)
{
    uint16_t first = q->next;

    qtest_writeq(q->r->qts, head, type);
    qtest_writeq(q->r->qts, head + 8, sector);
    qtest_writeb(q->r->qts, head + 16, 0xee);
    part(q, head, 16, NEXT);
    for (unsigned i = 0; i < pages; i++) {
        part(q, data + i * PAGE, PAGE, NEXT | (type == BLK_IN ? WRITE : 0));
    }
    part(q, head + 16, 1, WRITE);
    offer(q, first);
}

static uint8_t blk_status(Queue *q, uint64_t head)
{
    return qtest_readb(q->r->qts, head + 16);
}

static uint8_t blk(Queue *q, uint64_t head, uint32_t type, uint64_t sector,
                   uint64_t data)
{
    q->next = 0;
    blk_offer(q, head, type, sector, data, 1);
    notify(q);
    wait_used(q);
    return blk_status(q, head);
}

static void pattern(uint8_t *buf, size_t len, unsigned seed)
{
    for (size_t i = 0; i < len; i++) {
        buf[i] = (i * 7 + i / 251 + seed) | 1;
    }
}

static void expect_disk(const char *path, size_t at, const uint8_t *want,
                        size_t len)
{
    g_autofree char *now = NULL;

    g_assert_true(g_file_get_contents(path, &now, NULL, NULL));
    g_assert_cmpmem(now + at, len, want, len);
}

/* Eight requests of 64 KiB at a time, there and back */
static void test_blk(void)
{
    enum { REQUESTS = 8, PAGES = 16, ALL = REQUESTS * PAGES * PAGE };
    Machine *m = start(false);
    Queue q = queue_at(m->r, 0x10, 0, m->r->window);
    uint64_t head = m->r->window + RIG_MIB, data = head + RIG_MIB;
    g_autofree uint8_t *want = g_malloc(ALL), *got = g_malloc(ALL);

    pattern(want, ALL, 3);
    qtest_bufwrite(m->r->qts, data, want, ALL);
    run(&q);
    for (uint32_t type = BLK_OUT; type <= BLK_OUT; type--) {
        q.next = 0;
        for (unsigned i = 0; i < REQUESTS; i++) {
            blk_offer(&q, head + 32 * i, type, i * PAGES * PAGE / SECTOR,
                      data + i * PAGES * PAGE, PAGES);
        }
        notify(&q);
        wait_used(&q);
        for (unsigned i = 0; i < REQUESTS; i++) {
            g_assert_cmphex(blk_status(&q, head + 32 * i), ==, 0);
        }
        data += RIG_MIB;
    }
    expect_disk(m->disk[0], 0, want, ALL);
    qtest_bufread(m->r->qts, data - RIG_MIB, got, ALL);
    g_assert_cmpmem(got, ALL, want, ALL);
    stop(m);
}

static void read_all(int fd, void *buf, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = read(fd, (uint8_t *)buf + done, len - done);

        g_assert_cmpint(n, >, 0);
        done += n;
    }
}

/* A packet leaves: ten bytes of virtio's header, the frame in two parts */
static void net_send(Queue *q, uint64_t at, unsigned len)
{
    uint16_t first = q->next = 0;

    part(q, at, 10, NEXT);
    part(q, at + PAGE, 60, NEXT);
    part(q, at + PAGE + 60, len - 60, 0);
    offer(q, first);
    notify(q);
    wait_used(q);
}

static void expect_frame(Machine *m, const uint8_t *want, uint32_t len)
{
    uint8_t got[PAGE];
    uint32_t size;

    read_all(m->net, &size, sizeof(size));
    g_assert_cmpuint(be32_to_cpu(size), ==, len);
    read_all(m->net, got, len);
    g_assert_cmpmem(got, len, want, len);
}

static void test_net(void)
{
    enum { LEN = 1400 };
    Machine *m = start(false);
    Queue rx = queue_at(m->r, 0x11, 0, m->r->window);
    Queue tx = queue_at(m->r, 0x11, 1, m->r->window + RIG_MIB);
    uint64_t data = m->r->window + 2 * RIG_MIB;
    uint8_t want[LEN], got[LEN];
    uint32_t size = cpu_to_be32(LEN);

    pattern(want, LEN, 5);
    memset(want, 0xff, 6);
    qtest_bufwrite(m->r->qts, data + PAGE, want, LEN);
    run(&rx);
    net_send(&tx, data, LEN);
    expect_frame(m, want, LEN);

    data += RIG_MIB;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t at = data + i * 2 * PAGE;
        uint16_t first = rx.next;

        part(&rx, at, 10, WRITE | NEXT);
        part(&rx, at + PAGE, 2048, WRITE);
        offer(&rx, first);
    }
    notify(&rx);
    rx.filled = 1;      /* of which one is used */
    g_assert_cmpint(write(m->net, &size, sizeof(size)), ==, sizeof(size));
    g_assert_cmpint(write(m->net, want, LEN), ==, LEN);
    g_assert_cmpuint(wait_used(&rx), ==, LEN + 10);
    qtest_bufread(m->r->qts, data + PAGE, got, LEN);
    g_assert_cmpmem(got, LEN, want, LEN);
    stop(m);
}

/* Where the poisoned line is, in memory that is mapped but for its page */
static uint64_t poison(Machine *m)
{
    rig_expect_aliases(m->r, 2);
    rig_inject(m->r, LINE);
    rig_expect_aliases(m->r, 3);
    return m->r->window + rig_offset(m->r, 0, 0, LINE);
}

static void test_blk_poison(void)
{
    Machine *m = start(true);
    Queue q = queue_at(m->r, 0x10, 0, m->r->window + 16 * RIG_MIB);
    uint64_t head = m->r->window + 18 * RIG_MIB, bad = poison(m);
    uint64_t good = head + RIG_MIB;
    g_autofree uint8_t *want = g_malloc0(2 * PAGE);

    bad -= bad % PAGE;
    qtest_memset(m->r->qts, good, 0x5a, PAGE);
    memset(want + PAGE, 0x5a, PAGE);
    run(&q);
    g_assert_cmphex(blk(&q, head, BLK_OUT, 0, bad), ==, BLK_IOERR);
    g_assert_cmphex(blk(&q, head, BLK_OUT, 8, good), ==, 0);
    expect_disk(m->disk[0], 0, want, 2 * PAGE);

    /* A good one behind a bad one, in one go */
    q.next = 0;
    blk_offer(&q, head, BLK_OUT, 0, bad, 1);
    blk_offer(&q, head + 32, BLK_OUT, 16, good, 1);
    notify(&q);
    wait_used(&q);
    g_assert_cmphex(blk_status(&q, head), ==, BLK_IOERR);
    g_assert_cmphex(blk_status(&q, head + 32), ==, 0);

    /* What is stored over it is good. */
    g_assert_cmphex(blk(&q, head, BLK_IN, 8, bad), ==, 0);
    rig_expect_aliases(m->r, 2);
    g_assert_cmphex(blk(&q, head, BLK_OUT, 0, bad), ==, 0);
    expect_disk(m->disk[0], 0, want + PAGE, PAGE);
    stop(m);
}

/* Of two packets the one with poison is not sent. */
static void test_net_poison(void)
{
    enum { LEN = 256 };
    Machine *m = start(true);
    Queue tx = queue_at(m->r, 0x11, 1, m->r->window + 16 * RIG_MIB);
    uint64_t bad = poison(m), good = m->r->window + 18 * RIG_MIB;
    uint8_t want[LEN];

    pattern(want, LEN, 9);
    qtest_bufwrite(m->r->qts, good + PAGE, want, LEN);
    run(&tx);
    net_send(&tx, bad - PAGE, LEN);
    net_send(&tx, good, LEN);
    expect_frame(m, want, LEN);
    stop(m);
}

/* WRITE(10) of a block; what the device makes of it */
static uint8_t scsi(Queue *q, uint64_t at, uint64_t data)
{
    uint8_t head[51] = { 1, 0, 0x40, [19] = 0x2a, [19 + 8] = 1 };
    uint16_t first = q->next = 0;

    qtest_bufwrite(q->r->qts, at, head, sizeof(head));
    qtest_memset(q->r->qts, at + 64, 0xee, 108);
    part(q, at, sizeof(head), NEXT);
    part(q, data, SECTOR, NEXT);
    part(q, at + 64, 108, WRITE);
    offer(q, first);
    notify(q);
    wait_used(q);
    return qtest_readb(q->r->qts, at + 64 + 11);
}

static void test_scsi_poison(void)
{
    Machine *m = start(true);
    Queue q = queue_at(m->r, 0x12, 2, m->r->window + 16 * RIG_MIB);
    uint64_t bad = poison(m), at = m->r->window + 18 * RIG_MIB;
    g_autofree uint8_t *want = g_malloc0(SECTOR);

    run(&q);
    g_assert_cmphex(scsi(&q, at, at + PAGE), ==, 0); /* unit attention */
    qtest_memset(m->r->qts, at + PAGE, 0x33, SECTOR);
    g_assert_cmphex(scsi(&q, at, bad), ==, SCSI_FAILURE);
    expect_disk(m->disk[1], 0, want, SECTOR);
    g_assert_cmphex(scsi(&q, at, at + PAGE), ==, 0);
    memset(want, 0x33, SECTOR);
    expect_disk(m->disk[1], 0, want, SECTOR);
    stop(m);
}

/* A command of NVMe in slot @n of queue @id, whose rings are at @rings */
static uint16_t nvme(Rig *r, unsigned id, unsigned n, uint64_t rings,
                     uint32_t opcode, uint64_t prp, uint32_t dw10,
                     uint32_t dw11)
{
    uint64_t sq = rings + 64 * n, cq = rings + PAGE + 16 * n;
    uint16_t status = 0;

    qtest_writel(r->qts, sq, opcode);
    qtest_writel(r->qts, sq + 4, opcode == 1 && id ? 1 : 0);
    qtest_writeq(r->qts, sq + 24, prp);
    qtest_writeq(r->qts, sq + 32, 0);
    qtest_writel(r->qts, sq + 40, dw10);
    qtest_writel(r->qts, sq + 44, dw11);
    qtest_writel(r->qts, sq + 48, 0);
    qtest_writel(r->qts, NVME_MMIO + 0x1000 + 8 * id, n + 1);
    for (unsigned i = 0; i < 240000 && !(status & 1); i++) {
        qtest_clock_step(r->qts, 1000000);
        status = qtest_readw(r->qts, cq + 14);
        g_usleep(500);
    }
    g_assert_cmphex(status & 1, ==, 1);
    return status >> 1;
}

/* The rings are in memory that traps, and poison is an error of a command. */
static void test_nvme_poison(void)
{
    Machine *m = start(true);
    Rig *r = m->r;
    uint64_t bad = poison(m), admin = r->window + 16 * RIG_MIB;
    uint64_t io = admin + RIG_MIB, good = io + RIG_MIB;
    g_autofree uint8_t *want = g_malloc0(2 * PAGE);

    qtest_writel(r->qts, NVME_MMIO + 0x24, 7 << 16 | 7);
    qtest_writeq(r->qts, NVME_MMIO + 0x28, admin);
    qtest_writeq(r->qts, NVME_MMIO + 0x30, admin + PAGE);
    qtest_writel(r->qts, NVME_MMIO + 0x14, 4 << 20 | 6 << 16 | 1);
    g_assert_cmphex(qtest_readl(r->qts, NVME_MMIO + 0x1c), ==, 1);
    g_assert_cmphex(nvme(r, 0, 0, admin, 5, io + PAGE, 7 << 16 | 1, 1), ==, 0);
    g_assert_cmphex(nvme(r, 0, 1, admin, 1, io, 7 << 16 | 1, 1 << 16 | 1),
                    ==, 0);

    qtest_memset(r->qts, good, 0x77, PAGE);
    memset(want + PAGE, 0x77, PAGE);
    g_assert_cmphex(nvme(r, 1, 0, io, 1, bad - bad % SECTOR, 0, 0), !=, 0);
    g_assert_cmphex(nvme(r, 1, 1, io, 1, good, 8, 0), ==, 0);
    expect_disk(m->disk[2], 0, want, PAGE);
    expect_disk(m->disk[2], PAGE, want + PAGE, SECTOR);
    stop(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mapping/blk", test_blk);
    g_test_add_func("/cxl/mapping/net", test_net);
    g_test_add_func("/cxl/mapping/blk-poison", test_blk_poison);
    g_test_add_func("/cxl/mapping/net-poison", test_net_poison);
    g_test_add_func("/cxl/mapping/scsi-poison", test_scsi_poison);
    g_test_add_func("/cxl/mapping/nvme-poison", test_nvme_poison);
    return g_test_run();
}
