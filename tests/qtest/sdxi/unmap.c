/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that a function keeps of smmuv3 and of virtio-iommu: bytes go
 * where software has mapped them, and once it has been told that pages are not
 * mapped any more, nobody reads or writes what they were, in the middle of a
 * copy or not.
 *
 * All of RAM is at its own address, and a window of 2 MiB lies above it.  Those
 * of x86, whose tables are written to while they are in use, are in
 * translate.c.
 */
#include "qemu/osdep.h"
#include "hw/virtio/virtio-iommu.h"
#include "tests/qtest/libqos/libqos-malloc.h"
#include "tests/qtest/libqos/virtio-pci.h"
#include "tests/qtest/sdxi/util.h"

#define PAGE        4096u
#define WINDOW      (4 * GiB)
#define SLOT        4           /* of the function */
#define MMU_SLOT    6           /* of virtio-iommu */
#define BYTES       (64 * KiB)
#define COPIES      900u

typedef struct Rig Rig;

typedef struct Model {
    const char *args;
    const char *trace;          /* the event of a translation */
    void (*enable)(Rig *r);
    void (*map)(Rig *r, uint64_t addr, uint64_t to, uint64_t len);
    /* When it returns, nobody uses what was there. */
    void (*unmap)(Rig *r, uint64_t addr, uint64_t len);
} Model;

struct Rig {
    const Model *model;
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c;
    unsigned errors;
    uint64_t ram;               /* where it begins */
    /* virtio-iommu */
    QGuestAllocator alloc;
    QVirtioPCIDevice *pci;
    QVirtQueue *vq;
    /* smmuv3 */
    uint64_t pages, commands;
};

static void put(Rig *r, uint64_t at, uint64_t value)
{
    qtest_writeq(r->vm->qts, at, value);
}

static uint64_t get(Rig *r, uint64_t at)
{
    return qtest_readq(r->vm->qts, at);
}

/* ---- virtio-iommu: virtio 1.2 5.13 ---- */

static void request(Rig *r, const void *req, size_t len)
{
    QTestState *qts = r->vm->qts;
    size_t tail = sizeof(struct virtio_iommu_req_tail);
    uint64_t at = guest_alloc(&r->alloc, len);
    uint32_t head;

    qtest_memwrite(qts, at, req, len);
    qtest_memset(qts, at + len - tail, 0xff, tail);
    head = qvirtqueue_add(qts, r->vq, at, len - tail, false, true);
    qvirtqueue_add(qts, r->vq, at + len - tail, tail, true, false);
    qvirtqueue_kick(qts, &r->pci->vdev, r->vq, head);
    qvirtio_wait_used_elem(qts, &r->pci->vdev, r->vq, head, NULL,
                           600 * G_USEC_PER_SEC);
    g_assert_cmpuint(qtest_readb(qts, at + len - tail), ==, 0);
    guest_free(&r->alloc, at);
}

static void virtio_map(Rig *r, uint64_t addr, uint64_t to, uint64_t len)
{
    struct virtio_iommu_req_map req = {
        .head.type = VIRTIO_IOMMU_T_MAP,
        .domain = cpu_to_le32(1),
        .virt_start = cpu_to_le64(addr),
        .virt_end = cpu_to_le64(addr + len - 1),
        .phys_start = cpu_to_le64(to),
        .flags = cpu_to_le32(VIRTIO_IOMMU_MAP_F_READ |
                             VIRTIO_IOMMU_MAP_F_WRITE),
    };

    request(r, &req, sizeof(req));
}

static void virtio_unmap(Rig *r, uint64_t addr, uint64_t len)
{
    struct virtio_iommu_req_unmap req = {
        .head.type = VIRTIO_IOMMU_T_UNMAP,
        .domain = cpu_to_le32(1),
        .virt_start = cpu_to_le64(addr),
        .virt_end = cpu_to_le64(addr + len - 1),
    };

    request(r, &req, sizeof(req));
}

static void virtio_enable(Rig *r)
{
    QPCIAddress addr = { .devfn = QPCI_DEVFN(MMU_SLOT, 0) };
    struct virtio_iommu_req_attach req = {
        .head.type = VIRTIO_IOMMU_T_ATTACH,
        .domain = cpu_to_le32(1),
        .endpoint = cpu_to_le32(QPCI_DEVFN(SLOT, 0)),
    };
    uint64_t own = sdxi_vm_alloc(r->vm, 1 * MiB, PAGE);
    QVirtioDevice *dev;

    alloc_init(&r->alloc, ALLOC_NO_FLAGS, own, own + 1 * MiB, PAGE);
    r->pci = virtio_pci_new(r->vm->bus, &addr);
    dev = &r->pci->vdev;
    qvirtio_pci_device_enable(r->pci);
    qvirtio_start_device(dev);
    qvirtio_set_features(dev, qvirtio_get_features(dev) &
                         (1ull << VIRTIO_F_VERSION_1 |
                          1ull << VIRTIO_IOMMU_F_MAP_UNMAP |
                          1ull << VIRTIO_IOMMU_F_INPUT_RANGE |
                          1ull << VIRTIO_IOMMU_F_DOMAIN_RANGE));
    r->vq = qvirtqueue_setup(dev, &r->alloc, 0);
    qvirtio_set_driver_ok(dev);
    request(r, &req, sizeof(req));
    virtio_map(r, r->ram, r->ram, 512 * MiB);
}

/* ---- smmuv3: ARM IHI 0070; first stage, 39 bits, pages of 4 KiB ---- */

#define SMMU            0x09050000ull
#define SMMU_CR0        (SMMU + 0x20)
#define SMMU_CR0ACK     (SMMU + 0x24)
#define SMMU_STRTAB     (SMMU + 0x80)
#define SMMU_STRTAB_CFG (SMMU + 0x88)
#define SMMU_CMDQ       (SMMU + 0x90)
#define SMMU_CMDQ_PROD  (SMMU + 0x98)
#define SMMU_CMDQ_CONS  (SMMU + 0x9c)
#define SMMU_EVENTQ     (SMMU + 0xa0)
#define QUEUE_BITS      7
/* valid, accessed, read and written to by all */
#define PTE_BLOCK       (1ull | 1ull << 10 | 1ull << 6)
#define PTE_PAGE        (3ull | 1ull << 10 | 1ull << 6)
#define PTE_TABLE       3ull
#define CMD_CFGI_ALL    (0x04 | 0ull)
#define CMD_TLBI_ALL    0x30
#define CMD_TLBI_VA     (0x12 | 1ull << 48)
#define TLBI_LEAF       1ull
#define TLBI_PAGES      (1ull << 10)    /* of 4 KiB, so many as it says */
#define CMD_SYNC        0x46

static void smmu_command(Rig *r, uint64_t q0, uint64_t q1)
{
    QTestState *qts = r->vm->qts;
    uint32_t at = qtest_readl(qts, SMMU_CMDQ_PROD);
    uint32_t next = (at + 1) & MAKE_64BIT_MASK(0, QUEUE_BITS + 1);

    put(r, r->commands + 16 * (at & MAKE_64BIT_MASK(0, QUEUE_BITS)), q0);
    put(r, r->commands + 16 * (at & MAKE_64BIT_MASK(0, QUEUE_BITS)) + 8, q1);
    qtest_writel(qts, SMMU_CMDQ_PROD, next);
    sdxi_wait_until(r->vm, 20, qtest_readl(qts, SMMU_CMDQ_CONS) == next);
}

static void smmu_invalidate(Rig *r)
{
    smmu_command(r, CMD_TLBI_ALL, 0);
    smmu_command(r, CMD_SYNC, 0);
}

/* Page by page, or several with one command: each in its turn. */
static void smmu_invalidate_pages(Rig *r, uint64_t addr, uint64_t len)
{
    if (qtest_readl(r->vm->qts, SMMU_CMDQ_PROD) & 2) {
        smmu_command(r, CMD_TLBI_VA | (len / PAGE - 1) << 12,
                     addr | TLBI_PAGES | TLBI_LEAF);
    } else {
        for (uint64_t i = 0; i < len; i += PAGE) {
            smmu_command(r, CMD_TLBI_VA, (addr + i) | TLBI_LEAF);
        }
    }
    smmu_command(r, CMD_SYNC, 0);
}

static void smmu_map(Rig *r, uint64_t addr, uint64_t to, uint64_t len)
{
    for (uint64_t i = 0; i < len; i += PAGE) {
        put(r, r->pages + (addr + i - WINDOW) / PAGE * 8,
            (to + i) | PTE_PAGE);
    }
}

static void smmu_unmap(Rig *r, uint64_t addr, uint64_t len)
{
    for (uint64_t i = 0; i < len; i += PAGE) {
        put(r, r->pages + (addr + i - WINDOW) / PAGE * 8, 0);
    }
    smmu_invalidate_pages(r, addr, len);
}

static void smmu_enable(Rig *r)
{
    QTestState *qts = r->vm->qts;
    uint64_t streams = sdxi_vm_alloc(r->vm, 64 * 256, 64 * 256);
    uint64_t context = sdxi_vm_alloc(r->vm, 64, 64);
    uint64_t top = sdxi_vm_alloc(r->vm, PAGE, PAGE);
    uint64_t middle = sdxi_vm_alloc(r->vm, PAGE, PAGE);
    uint64_t events = sdxi_vm_alloc(r->vm, 32 << QUEUE_BITS, PAGE);
    uint64_t ste = streams + 64 * QPCI_DEVFN(SLOT, 0);

    r->pages = sdxi_vm_alloc(r->vm, PAGE, PAGE);
    r->commands = sdxi_vm_alloc(r->vm, 16 << QUEUE_BITS, PAGE);
    put(r, top + 8, r->ram | PTE_BLOCK);            /* the second GiB */
    put(r, top + WINDOW / GiB * 8, middle | PTE_TABLE);
    put(r, middle, r->pages | PTE_TABLE);
    /* 39 bits, one table; 48 bits out, AArch64, A and R; ASID 1 */
    put(r, context, 25 | 1ull << 30 | 1ull << 31 | 5ull << 32 | 1ull << 41 |
        1ull << 45 | 1ull << 46 | 1ull << 48);
    put(r, context + 8, top);
    /* valid, first stage */
    put(r, ste, context | 5 << 1 | 1);
    qtest_writeq(qts, SMMU_STRTAB, streams);
    qtest_writel(qts, SMMU_STRTAB_CFG, 8);
    qtest_writeq(qts, SMMU_CMDQ, r->commands | QUEUE_BITS);
    qtest_writeq(qts, SMMU_EVENTQ, events | QUEUE_BITS);
    qtest_writel(qts, SMMU_CR0, 0xd);
    g_assert_cmphex(qtest_readl(qts, SMMU_CR0ACK), ==, 0xd);
    smmu_command(r, CMD_CFGI_ALL, 31);
    smmu_invalidate(r);
}

static const Model virtio_model = {
    "-device virtio-iommu-pci,addr=6", "virtio_iommu_translate_out",
    virtio_enable, virtio_map, virtio_unmap,
};

static const Model smmu_model = {
    "-machine iommu=smmuv3", "smmuv3_translate_success", smmu_enable,
    smmu_map, smmu_unmap,
};

/* ---- a function behind it ---- */

static uint64_t translations(Rig *r)
{
    return sdxi_vm_statistic(r->vm, "translations");
}

static void set_up(Rig *r, const Model *m, const char *props)
{
    *r = (Rig) { .model = m };
    r->vm = sdxi_vm_start("%s -device sdxi,id=dev0,addr=%u%s", m->args, SLOT,
                          props);
    r->ram = QEMU_ALIGN_DOWN(r->vm->next, 1 * GiB);
    m->enable(r);
    r->fn = sdxi_fn_open(r->vm, SLOT);
    sdxi_fn_up(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    sdxi_cxt_start(&r->c);
}

static void tear_down(Rig *r)
{
    sdxi_fn_close(r->fn);
    if (r->pci) {
        qvirtqueue_cleanup(r->pci->vdev.bus, r->vq, &r->alloc);
        qvirtio_pci_device_disable(r->pci);
        qvirtio_pci_destructor(&r->pci->obj);
        alloc_destroy(&r->alloc);
        g_free(r->pci);
    }
    sdxi_vm_stop(r->vm);
}

static uint64_t buffer(Rig *r, unsigned seed)
{
    uint64_t at = sdxi_vm_alloc(r->vm, BYTES, PAGE);

    sdxi_vm_fill(r->vm, at, BYTES, seed);
    return at;
}

static bool copy(Rig *r, uint64_t src, uint64_t dst)
{
    return sdxi_cxt_do(&r->c, sdxi_dsc_copy(src, dst, BYTES));
}

static void go_on(Rig *r)
{
    sdxi_cxt_data_err(&r->c, r->errors++, SDXI_NO_TRANSLATION);
    sdxi_cxt_start(&r->c);
}

/* Each time the bytes go where the window leads to at that time. */
static void test_remap(gconstpointer model)
{
    uint64_t src, place[2];
    Rig r;

    set_up(&r, model, "");
    src = buffer(&r, 1);
    place[0] = buffer(&r, 2);
    place[1] = buffer(&r, 3);
    for (unsigned i = 0; i < 20; i++) {
        uint64_t now = place[i % 2], then = place[!(i % 2)];

        r.model->map(&r, WINDOW, now, BYTES);
        put(&r, src + PAGE, i + 1);
        put(&r, then + PAGE, 7777);
        g_assert_false(copy(&r, src, WINDOW));
        g_assert_true(sdxi_vm_equal(r.vm, src, now, BYTES));
        g_assert_cmpuint(get(&r, then + PAGE), ==, 7777);
        put(&r, now, i + 5);
        g_assert_false(copy(&r, WINDOW, then));
        g_assert_cmpuint(get(&r, then), ==, i + 5);
        r.model->unmap(&r, WINDOW, BYTES);
        put(&r, now + PAGE, 8888);
        g_assert_true(copy(&r, src, WINDOW));
        go_on(&r);
        g_assert_cmpuint(get(&r, now + PAGE), ==, 8888);
    }
    tear_down(&r);
}

/* It is asked for pages that are new, and no more. */
static void test_kept(gconstpointer model)
{
    const Model *m = model;
    g_autofree char *file = NULL, *trace = NULL;
    uint64_t src, dst;
    unsigned first;
    Rig r;

    close(g_file_open_tmp("sdxi-qtest-XXXXXX", &file, NULL));
    trace = g_strdup_printf(" -trace %s -D %s", m->trace, file);
    set_up(&r, m, trace);
    src = buffer(&r, 1);
    dst = buffer(&r, 2);
    m->map(&r, WINDOW, dst, BYTES);
    g_assert_false(copy(&r, src, WINDOW));
    first = sdxi_lines(file);
    g_assert_cmpuint(first, >=, BYTES / PAGE);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_false(copy(&r, src, WINDOW));
    }
    /* Not even once for each copy: only completion blocks are new. */
    g_assert_cmpuint(sdxi_lines(file) - first, <, 100);
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, BYTES));
    tear_down(&r);
    unlink(file);
}

/* The window is made of single pages, and has taken a copy. */
static void copy_by_pages(Rig *r, gconstpointer model, uint64_t *src,
                          uint64_t *dst)
{
    set_up(r, model, "");
    *src = buffer(r, 1);
    *dst = buffer(r, 2);
    for (uint64_t i = 0; i < BYTES; i += PAGE) {
        r->model->map(r, WINDOW + i, *dst + i, PAGE);
    }
    g_assert_false(copy(r, *src, WINDOW));
}

/* Other pages that are not mapped any more cost no translation. */
static void test_neighbours(gconstpointer model)
{
    uint64_t src, dst;
    Rig r;

    copy_by_pages(&r, model, &src, &dst);
    for (unsigned i = 0; i < 20; i++) {
        uint64_t before = translations(&r);

        r.model->map(&r, WINDOW + BYTES + PAGE, dst, PAGE);
        r.model->unmap(&r, WINDOW + BYTES + PAGE, PAGE);
        g_assert_false(copy(&r, src, WINDOW));
        /* that of a completion block, at most */
        g_assert_cmpuint(translations(&r), <=, before + 1);
        r.model->unmap(&r, WINDOW + 7 * PAGE, PAGE);
        r.model->map(&r, WINDOW + 7 * PAGE, dst + 7 * PAGE, PAGE);
        g_assert_false(copy(&r, src, WINDOW));
        g_assert_cmpuint(translations(&r), >, before);
        g_assert_cmpuint(translations(&r), <=, before + 3);
    }
    tear_down(&r);
}

/* One page in the middle is gone, and its neighbours stay. */
static void test_one_page(gconstpointer model)
{
    uint64_t src, dst;
    Rig r;

    copy_by_pages(&r, model, &src, &dst);
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, BYTES));
    r.model->unmap(&r, WINDOW + 7 * PAGE, PAGE);
    sdxi_vm_fill(r.vm, src, BYTES, 3);
    put(&r, dst + 7 * PAGE, 9);
    g_assert_true(copy(&r, src, WINDOW));
    go_on(&r);
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, 7 * PAGE));
    g_assert_cmpuint(get(&r, dst + 7 * PAGE), ==, 9);
    r.model->map(&r, WINDOW + 7 * PAGE, dst + 7 * PAGE, PAGE);
    g_assert_false(copy(&r, src, WINDOW));
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, BYTES));
    tear_down(&r);
}

/* ---- in the middle of copies ---- */

static uint64_t fill_ring(Rig *r, uint64_t src)
{
    uint64_t csb = sdxi_csb_new(r->vm, COPIES);

    for (unsigned i = 0; i < COPIES; i++) {
        SdxiDsc d = sdxi_dsc_copy(src, WINDOW, BYTES);

        sdxi_dsc_set_csb(&d, csb);
        sdxi_cxt_push(&r->c, &d);
    }
    return csb;
}

/* False: it was over before anything was unmapped. */
static bool take_away(Rig *r, uint64_t src, uint64_t now, uint64_t then,
                      uint64_t pattern)
{
    uint64_t csb, left;

    r->model->map(r, WINDOW, now, BYTES);
    csb = fill_ring(r, src);
    put(r, now + BYTES - 8, 0);
    sdxi_cxt_kick(&r->c);
    sdxi_wait_until(r->vm, 60, get(r, now + BYTES - 8));
    r->model->unmap(r, WINDOW, BYTES);
    left = sdxi_csb_signal(r->vm, csb);
    /* From here on it belongs to somebody else. */
    sdxi_vm_fill(r->vm, now, BYTES, 5);
    sdxi_wait_until(r->vm, 60, !sdxi_csb_signal(r->vm, csb) ||
                    sdxi_cxt_state(&r->c) == SDXI_CXT_ERR);
    /* It is set before the signal, if the next one found nothing there. */
    if (sdxi_csb_er(r->vm, csb)) {
        r->model->map(r, WINDOW, then, BYTES);
        go_on(r);
        sdxi_csb_wait(r->vm, csb, 0);
        r->model->unmap(r, WINDOW, BYTES);
    }
    g_assert_true(sdxi_vm_equal(r->vm, now, pattern, BYTES));
    if (left > 3) {
        g_assert_true(sdxi_vm_equal(r->vm, then, src, BYTES));
    }
    return left > 3;
}

static void move_under_copies(const Model *m, const char *props)
{
    uint64_t src, pattern, place[2];
    unsigned hits = 0;
    Rig r;

    set_up(&r, m, props);
    src = buffer(&r, 1);
    put(&r, src + BYTES - 8, 1);
    pattern = buffer(&r, 5);
    place[0] = buffer(&r, 2);
    place[1] = buffer(&r, 3);
    for (unsigned i = 0; i < 40 && hits < 5; i++) {
        hits += take_away(&r, src, place[i % 2], place[!(i % 2)], pattern);
    }
    if (!hits) {
        g_test_skip("all copies were over each time before that");
    }
    tear_down(&r);
}

static void test_move(gconstpointer model)
{
    move_under_copies(model, "");
}

static void test_move_workers(gconstpointer model)
{
    move_under_copies(model, ",workers=3,poll-us=100");
}

static void add(const char *name, const Model *m)
{
    static const struct {
        const char *name;
        void (*test)(gconstpointer model);
    } tests[] = {
        { "kept", test_kept }, { "remap", test_remap },
        { "neighbours", test_neighbours }, { "one-page", test_one_page },
        { "move", test_move }, { "move-workers", test_move_workers },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_autofree char *path = g_strdup_printf("/sdxi/unmap/%s/%s", name,
                                                tests[i].name);

        qtest_add_data_func(path, m, tests[i].test);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("virtio", &virtio_model);
    if (g_str_equal(qtest_get_arch(), "aarch64")) {
        add("smmuv3", &smmu_model);
    }
    return g_test_run();
}
