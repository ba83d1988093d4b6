/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O MMU models as VFIO drives them; see domain.h.
 */
#include "qemu/osdep.h"
#include "hw/virtio/virtio-iommu.h"
#include "tests/qtest/sdxi/domain.h"
#include "tests/qtest/sdxi/mmu.h"

#define PAGE        DOMAIN_PAGE
#define RAM_SIZE    (512 * MiB)
#define VIRTIO_SLOT 6

static void put(SdxiDomains *d, uint64_t at, uint64_t value)
{
    qtest_writeq(d->vm->qts, at, value);
}

static uint64_t new_page(SdxiDomains *d)
{
    return sdxi_vm_alloc(d->vm, PAGE, PAGE);
}

/* ---- tables of three levels, 39 bits ---- */

/* SMMUv3, first stage: valid, accessed, read and written to by all */
#define PTE_BLOCK       (1ull | 1ull << 10 | 1ull << 6)
#define PTE_PAGE        (3ull | 1ull << 10 | 1ull << 6)
#define PTE_TABLE       3ull

static uint64_t table_entry(SdxiDomains *d, uint64_t table, unsigned level)
{
    return d->iommu->mmu ? d->iommu->mmu->table(table, level)
                         : table | PTE_TABLE;
}

static uint64_t leaf_entry(SdxiDomains *d, uint64_t to, unsigned shift)
{
    MmuLeaf leaf = { .shift = shift, .size = 1ull << shift, .base = to };

    return d->iommu->mmu ? d->iommu->mmu->leaf(&leaf)
                         : to | (shift == 12 ? PTE_PAGE : PTE_BLOCK);
}

/* Where the entry of @addr in a table of that size of leaf is. */
static uint64_t leaf_slot(SdxiDomains *d, unsigned domain, uint64_t addr,
                          unsigned shift)
{
    uint64_t table = d->top[domain];

    for (unsigned s = 30, level = 2; s > shift; s -= 9, level--) {
        uint64_t slot = table + (addr >> s & 511) * 8;

        table = qtest_readq(d->vm->qts, slot) & MAKE_64BIT_MASK(12, 40);
        if (!table) {
            table = new_page(d);
            put(d, slot, table_entry(d, table, level));
        }
    }
    return table + (addr >> shift & 511) * 8;
}

/* As many entries as are in one table; how many bytes that was */
static uint64_t put_leaves(SdxiDomains *d, unsigned domain, uint64_t addr,
                           uint64_t to, uint64_t len, bool there)
{
    unsigned shift = (addr | to | len) % (2 * MiB) ? 12 : 21;
    unsigned n = MIN(len >> shift, 512 - (addr >> shift & 511));
    g_autofree uint64_t *entries = g_new0(uint64_t, n);

    for (unsigned i = 0; there && i < n; i++) {
        entries[i] = cpu_to_le64(leaf_entry(d, to + ((uint64_t)i << shift),
                                            shift));
    }
    qtest_memwrite(d->vm->qts, leaf_slot(d, domain, addr, shift), entries,
                   8 * n);
    return (uint64_t)n << shift;
}

static void tables_map(SdxiDomains *d, unsigned domain, uint64_t addr,
                       uint64_t to, uint64_t len)
{
    for (uint64_t n; len; addr += n, to += n, len -= n) {
        n = put_leaves(d, domain, addr, to, len, true);
    }
}

/* Of pages of 4 KiB */
static void tables_clear(SdxiDomains *d, unsigned domain, uint64_t addr,
                         uint64_t len)
{
    g_assert_cmpuint(len, <, 2 * MiB);
    for (uint64_t n; len; addr += n, len -= n) {
        n = put_leaves(d, domain, addr, 0, len, false);
    }
}

/* ---- x86 ---- */

static void x86_ready(SdxiDomains *d)
{
    d->iommu->mmu->ready(d->vm);
}

static void x86_attach(SdxiDomains *d, unsigned domain, int devfn)
{
    d->iommu->mmu->attach(d->vm, devfn, domain, d->top[domain]);
}

static void x86_unmap(SdxiDomains *d, unsigned domain, uint64_t addr,
                      uint64_t len)
{
    unsigned shift = 12;

    while (addr >> shift != (addr + len - 1) >> shift) {
        shift++;
    }
    tables_clear(d, domain, addr, len);
    d->iommu->mmu->invalidate_domain(d->vm, domain, addr, shift);
}

static void x86_on_or_off(SdxiDomains *d, bool on)
{
    d->iommu->mmu->on_or_off(d->vm, on);
}

/* ---- virtio-iommu: virtio 1.2 5.13 ---- */

/* A domain whose functions reach all memory by its own address */
#define VIRTIO_BYPASS   9

static void request(SdxiDomains *d, const void *req, size_t len)
{
    QTestState *qts = d->vm->qts;
    size_t tail = sizeof(struct virtio_iommu_req_tail);
    uint64_t at = guest_alloc(&d->alloc, len);
    uint32_t head;

    qtest_memwrite(qts, at, req, len);
    qtest_memset(qts, at + len - tail, 0xff, tail);
    head = qvirtqueue_add(qts, d->vq, at, len - tail, false, true);
    qvirtqueue_add(qts, d->vq, at + len - tail, tail, true, false);
    qvirtqueue_kick(qts, &d->pci->vdev, d->vq, head);
    qvirtio_wait_used_elem(qts, &d->pci->vdev, d->vq, head, NULL,
                           600 * G_USEC_PER_SEC);
    g_assert_cmpuint(qtest_readb(qts, at + len - tail), ==, 0);
    guest_free(&d->alloc, at);
}

static void virtio_ready(SdxiDomains *d)
{
    QPCIAddress addr = { .devfn = QPCI_DEVFN(VIRTIO_SLOT, 0) };
    uint64_t own = sdxi_vm_alloc(d->vm, 1 * MiB, PAGE);
    QVirtioDevice *dev;

    alloc_init(&d->alloc, ALLOC_NO_FLAGS, own, own + 1 * MiB, PAGE);
    d->pci = virtio_pci_new(d->vm->bus, &addr);
    dev = &d->pci->vdev;
    qvirtio_pci_device_enable(d->pci);
    qvirtio_start_device(dev);
    qvirtio_set_features(dev, qvirtio_get_features(dev) &
                         (1ull << VIRTIO_F_VERSION_1 |
                          1ull << VIRTIO_IOMMU_F_MAP_UNMAP |
                          1ull << VIRTIO_IOMMU_F_INPUT_RANGE |
                          1ull << VIRTIO_IOMMU_F_DOMAIN_RANGE |
                          1ull << VIRTIO_IOMMU_F_BYPASS_CONFIG));
    d->vq = qvirtqueue_setup(dev, &d->alloc, 0);
    qvirtio_set_driver_ok(dev);
}

static void virtio_stop(SdxiDomains *d)
{
    qvirtqueue_cleanup(d->pci->vdev.bus, d->vq, &d->alloc);
    qvirtio_pci_device_disable(d->pci);
    qvirtio_pci_destructor(&d->pci->obj);
    alloc_destroy(&d->alloc);
    g_free(d->pci);
}

static void virtio_put_into(SdxiDomains *d, unsigned domain, int devfn,
                            uint32_t flags)
{
    struct virtio_iommu_req_attach req = {
        .head.type = VIRTIO_IOMMU_T_ATTACH,
        .domain = cpu_to_le32(domain),
        .endpoint = cpu_to_le32(devfn),
        .flags = cpu_to_le32(flags),
    };

    request(d, &req, sizeof(req));
}

static void virtio_attach(SdxiDomains *d, unsigned domain, int devfn)
{
    virtio_put_into(d, domain, devfn, 0);
}

static void virtio_map(SdxiDomains *d, unsigned domain, uint64_t addr,
                       uint64_t to, uint64_t len)
{
    struct virtio_iommu_req_map req = {
        .head.type = VIRTIO_IOMMU_T_MAP,
        .domain = cpu_to_le32(domain),
        .virt_start = cpu_to_le64(addr),
        .virt_end = cpu_to_le64(addr + len - 1),
        .phys_start = cpu_to_le64(to),
        .flags = cpu_to_le32(VIRTIO_IOMMU_MAP_F_READ |
                             VIRTIO_IOMMU_MAP_F_WRITE),
    };

    request(d, &req, sizeof(req));
}

static void virtio_unmap(SdxiDomains *d, unsigned domain, uint64_t addr,
                         uint64_t len)
{
    struct virtio_iommu_req_unmap req = {
        .head.type = VIRTIO_IOMMU_T_UNMAP,
        .domain = cpu_to_le32(domain),
        .virt_start = cpu_to_le64(addr),
        .virt_end = cpu_to_le64(addr + len - 1),
    };

    request(d, &req, sizeof(req));
}

/* A domain that its last function has left is forgotten. */
static void virtio_on_or_off(SdxiDomains *d, bool on)
{
    for (unsigned i = 1; i < DOMAINS; i++) {
        if (d->devfn[i]) {
            virtio_put_into(d, on ? i : VIRTIO_BYPASS, d->devfn[i],
                            on ? 0 : VIRTIO_IOMMU_ATTACH_F_BYPASS);
        }
    }
}

/* ---- smmuv3: ARM IHI 0070; first stage ---- */

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
#define STREAM_BITS     8
#define CMD_CFGI_ALL    (0x04 | 0ull)
#define CMD_TLBI_ALL    0x30
#define CMD_TLBI_VA     0x12
#define TLBI_LEAF       1ull
#define TLBI_PAGES      (1ull << 10)    /* of 4 KiB, so many as it says */
#define CMD_SYNC        0x46

static void smmu_command(SdxiDomains *d, uint64_t q0, uint64_t q1)
{
    QTestState *qts = d->vm->qts;
    uint32_t at = qtest_readl(qts, SMMU_CMDQ_PROD);
    uint32_t next = (at + 1) & MAKE_64BIT_MASK(0, QUEUE_BITS + 1);
    uint64_t slot = d->commands + 16 * (at & MAKE_64BIT_MASK(0, QUEUE_BITS));

    put(d, slot, q0);
    put(d, slot + 8, q1);
    qtest_writel(qts, SMMU_CMDQ_PROD, next);
    sdxi_wait_until(d->vm, 20, qtest_readl(qts, SMMU_CMDQ_CONS) == next);
}

/*
 * One page with its granule, as Linux does it.  Several page by page, without
 * one, which makes everything void; or with one command: each in its turn.
 */
static void smmu_unmap(SdxiDomains *d, unsigned domain, uint64_t addr,
                       uint64_t len)
{
    uint64_t command = CMD_TLBI_VA | (uint64_t)domain << 48;

    tables_clear(d, domain, addr, len);
    if (len == PAGE || qtest_readl(d->vm->qts, SMMU_CMDQ_PROD) & 2) {
        smmu_command(d, command | (len / PAGE - 1) << 12,
                     addr | TLBI_PAGES | TLBI_LEAF);
    } else {
        for (uint64_t i = 0; i < len; i += PAGE) {
            smmu_command(d, command, (addr + i) | TLBI_LEAF);
        }
    }
    smmu_command(d, CMD_SYNC, 0);
}

/* The function's stream: valid, first stage; the domain's number is the ASID */
static void smmu_attach(SdxiDomains *d, unsigned domain, int devfn)
{
    uint64_t context = sdxi_vm_alloc(d->vm, 64, 64);

    /* 39 bits, one table; 48 bits out, AArch64, A and R */
    put(d, context, (64 - DOMAIN_BITS) | 1ull << 30 | 1ull << 31 |
        5ull << 32 | 1ull << 41 | 1ull << 45 | 1ull << 46 |
        (uint64_t)domain << 48);
    put(d, context + 8, d->top[domain]);
    put(d, d->streams + 64 * devfn, context | 5 << 1 | 1);
    smmu_command(d, CMD_CFGI_ALL, 31);
    smmu_command(d, CMD_TLBI_ALL, 0);
    smmu_command(d, CMD_SYNC, 0);
}

static void smmu_on_or_off(SdxiDomains *d, bool on)
{
    /* queues of commands and of events go on */
    uint32_t cr0 = 0xc | on;

    qtest_writel(d->vm->qts, SMMU_CR0, cr0);
    g_assert_cmphex(qtest_readl(d->vm->qts, SMMU_CR0ACK), ==, cr0);
}

static void smmu_ready(SdxiDomains *d)
{
    QTestState *qts = d->vm->qts;
    uint64_t events = sdxi_vm_alloc(d->vm, 32 << QUEUE_BITS, PAGE);

    d->streams = sdxi_vm_alloc(d->vm, 64 << STREAM_BITS, 64 << STREAM_BITS);
    d->commands = sdxi_vm_alloc(d->vm, 16 << QUEUE_BITS, PAGE);
    qtest_writeq(qts, SMMU_STRTAB, d->streams);
    qtest_writel(qts, SMMU_STRTAB_CFG, STREAM_BITS);
    qtest_writeq(qts, SMMU_CMDQ, d->commands | QUEUE_BITS);
    qtest_writeq(qts, SMMU_EVENTQ, events | QUEUE_BITS);
    smmu_on_or_off(d, true);
}

/* ---- all of them ---- */

const SdxiIommu domain_intel = {
    .name = "intel", .mmu = &mmu_intel, .ready = x86_ready,
    .attach = x86_attach, .map = tables_map, .unmap = x86_unmap,
    .on_or_off = x86_on_or_off,
};

const SdxiIommu domain_amd = {
    .name = "amd", .mmu = &mmu_amd, .ready = x86_ready, .attach = x86_attach,
    .map = tables_map, .unmap = x86_unmap, .on_or_off = x86_on_or_off,
};

const SdxiIommu domain_virtio = {
    .name = "virtio", .args = "-device virtio-iommu-pci,addr=6",
    .trace = "virtio_iommu_translate_out", .reset_forgets = true,
    .ready = virtio_ready, .attach = virtio_attach, .map = virtio_map,
    .unmap = virtio_unmap, .on_or_off = virtio_on_or_off,
};

const SdxiIommu domain_smmuv3 = {
    .name = "smmuv3", .args = "-machine iommu=smmuv3",
    .trace = "smmuv3_translate_success", .ready = smmu_ready,
    .attach = smmu_attach, .map = tables_map, .unmap = smmu_unmap,
    .on_or_off = smmu_on_or_off,
};

const SdxiIommu *const *domain_iommus(void)
{
    static const SdxiIommu *const x86[] = {
        &domain_intel, &domain_amd, &domain_virtio, NULL,
    };
    static const SdxiIommu *const arm[] = {
        &domain_virtio, &domain_smmuv3, NULL,
    };

    return g_str_equal(qtest_get_arch(), "aarch64") ? arm : x86;
}

void domain_start(SdxiDomains *d, const SdxiIommu *iommu, const char *args)
{
    *d = (SdxiDomains) { .iommu = iommu };
    if (iommu->mmu) {
        d->vm = sdxi_vm_start("-device %s%s %s", iommu->mmu->device,
                              mmu_remap(iommu->mmu), args);
    } else {
        d->vm = sdxi_vm_start("%s %s", iommu->args, args);
    }
    d->ram = QEMU_ALIGN_DOWN(d->vm->next, 1 * GiB);
    for (unsigned i = 1; i < DOMAINS; i++) {
        d->top[i] = new_page(d);
    }
    iommu->ready(d);
}

void domain_stop(SdxiDomains *d)
{
    if (d->pci) {
        virtio_stop(d);
    }
    sdxi_vm_stop(d->vm);
}

void domain_attach(SdxiDomains *d, unsigned domain, int devfn)
{
    d->devfn[domain] = devfn;
    d->iommu->attach(d, domain, devfn);
}

void domain_map(SdxiDomains *d, unsigned domain, uint64_t addr, uint64_t to,
                uint64_t len)
{
    d->iommu->map(d, domain, addr, to, len);
}

void domain_unmap(SdxiDomains *d, unsigned domain, uint64_t addr,
                  uint64_t len)
{
    d->iommu->unmap(d, domain, addr, len);
}

void domain_map_ram(SdxiDomains *d, unsigned domain)
{
    domain_map(d, domain, d->ram, d->ram, RAM_SIZE);
}
