/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O MMU models as software sees them; see mmu.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/sdxi/config.h"
#include "tests/qtest/sdxi/mmu.h"

/* AMD I/O Virtualization 2.2.3: next level 7, the size is in the address */
static const MmuLeaf alike[] = {
    { "32k", 12, 32 * KiB, MMU_TARGET },
    { "16m", 21, 16 * MiB, MMU_TARGET },
};

static void put(SdxiVm *vm, uint64_t at, uint64_t value)
{
    qtest_writeq(vm->qts, at, value);
}

/* VT-d 9.8: second stage, read and write; a page if bit 7 is set */
static uint64_t vtd_table(uint64_t address, unsigned level)
{
    return address | 3;
}

static uint64_t vtd_leaf(const MmuLeaf *l)
{
    return l->base | 3 | (l->shift > 12 ? 0x80 : 0);
}

#define DMAR        0xfed90000ull

/* A queue for commands, and the tables at @root */
static void vtd_start(SdxiVm *vm, uint64_t root, bool wide)
{
    uint64_t queue = sdxi_vm_alloc(vm, 4096, 4096);
    uint32_t queued = 1u << 26;

    put(vm, DMAR + 0x90, queue | (uint64_t)wide << 11);
    put(vm, DMAR + 0x20, root);
    qtest_writel(vm->qts, DMAR + 0x18, queued);
    qtest_writel(vm->qts, DMAR + 0x18, 1u << 30 | queued);
    qtest_writel(vm->qts, DMAR + 0x18, 1u << 31 | queued);
    sdxi_wait_until(vm, 20, qtest_readl(vm->qts, DMAR + 0x1c) >> 31);
}

/* When this returns, it is done. */
static void vtd_queue(SdxiVm *vm, uint64_t lo, uint64_t hi)
{
    uint64_t queue = qtest_readq(vm->qts, DMAR + 0x90);
    uint64_t tail = qtest_readq(vm->qts, DMAR + 0x88);

    put(vm, (queue & ~0xfffull) + tail, lo);
    put(vm, (queue & ~0xfffull) + tail + 8, hi);
    /* Of 32 bytes, if they are wide */
    tail = (tail + (queue & 1 << 11 ? 32 : 16)) % 4096;
    put(vm, DMAR + 0x88, tail);
    sdxi_wait_until(vm, 20, qtest_readq(vm->qts, DMAR + 0x80) == tail);
}

static void vtd_switch(SdxiVm *vm, bool on)
{
    qtest_writel(vm->qts, DMAR + 0x18, (uint32_t)on << 31 | 1u << 26);
    sdxi_wait_until(vm, 20, qtest_readl(vm->qts, DMAR + 0x1c) >> 31 == on);
}

static void vtd_invalidate(SdxiVm *vm)
{
    vtd_queue(vm, 2 | 1 << 4, 0);
}

/* 39 bits; the context cache goes first (6.5.2.1) */
static void vtd_attach(SdxiVm *vm, int devfn, unsigned domain, uint64_t top)
{
    uint64_t root = qtest_readq(vm->qts, DMAR + 0x20);
    uint64_t entry = (qtest_readq(vm->qts, root) & ~0xfffull) + 16 * devfn;

    put(vm, entry + 8, domain << 8 | 1);
    put(vm, entry, top | 1);
    vtd_queue(vm, 1 | 1 << 4, 0);
    vtd_invalidate(vm);
}

static void vtd_ready(SdxiVm *vm)
{
    uint64_t root = sdxi_vm_alloc(vm, 4096, 4096);

    put(vm, root, sdxi_vm_alloc(vm, 4096, 4096) | 1);
    vtd_start(vm, root, false);
}

static void vtd_enable(SdxiVm *vm, uint64_t top)
{
    vtd_ready(vm);
    vtd_attach(vm, 8 * MMU_SLOT, 1, top);
}

static void vtd_invalidate_domain(SdxiVm *vm, unsigned domain, uint64_t addr,
                                  unsigned shift)
{
    vtd_queue(vm, 2 | 3 << 4 | domain << 16,
              QEMU_ALIGN_DOWN(addr, 1ull << shift) | (shift - 12));
}

static void vtd_invalidate_pages(SdxiVm *vm, uint64_t addr, unsigned shift)
{
    vtd_invalidate_domain(vm, 1, addr, shift);
}

/* ---- Intel's with processes ---- */

/* VT-d 9.9: first stage; present, written to, for users */
static uint64_t vtd_process_table(uint64_t address, unsigned level)
{
    return address | 7;
}

static uint64_t vtd_process_leaf(const MmuLeaf *l)
{
    return l->base | 7 | (l->shift > 12 ? 0x80 : 0);
}

/* Tables of the scalable mode, so that those of MMU_PROCESS are at @top. */
static uint64_t vtd_scalable(SdxiVm *vm, int devfn, uint64_t top)
{
    uint64_t root = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t contexts = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t dir = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t pasids = sdxi_vm_alloc(vm, 4096, 4096);

    put(vm, root, contexts | 1);
    /* page requests, translation requests */
    put(vm, contexts + devfn * 32, dir | 1 << 4 | 1 << 2 | 1);
    put(vm, dir, pasids | 1);
    /* pass through, domain 1; first stage, domain 2 */
    put(vm, pasids, 4 << 6 | 2 << 2 | 1);
    put(vm, pasids + 8, 1);
    put(vm, pasids + MMU_PROCESS * 64, 1 << 6 | 2 << 2 | 1);
    put(vm, pasids + MMU_PROCESS * 64 + 8, 2);
    put(vm, pasids + MMU_PROCESS * 64 + 16, top);
    return root | 1 << 10;
}

void mmu_process_control(SdxiVm *vm, int devfn, bool on)
{
    unsigned ats = sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_ATS);
    unsigned pri = sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_PRI);
    unsigned pasid = sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_PASID);

    qtest_writew(vm->qts, sdxi_config_at(vm, devfn, pasid + PCI_PASID_CTRL),
                 on);
    qtest_writew(vm->qts, sdxi_config_at(vm, devfn, pri + PCI_PRI_CTRL), on);
    qtest_writew(vm->qts, sdxi_config_at(vm, devfn, ats + PCI_ATS_CTRL),
                 on ? PCI_ATS_CTRL_ENABLE : 0);
}

static void vtd_process_enable(SdxiVm *vm, uint64_t top)
{
    uint64_t first = sdxi_vm_alloc(vm, 4096, 4096);

    put(vm, first, top | 7);            /* there are four levels */
    vtd_start(vm, vtd_scalable(vm, 8 * MMU_SLOT, first), true);
    mmu_process_control(vm, 8 * MMU_SLOT, true);
}

/* All pages of the process */
static void vtd_process_invalidate(SdxiVm *vm)
{
    vtd_queue(vm, 6 | 2 << 4 | 2 << 16 | (uint64_t)MMU_PROCESS << 32, 0);
}

static void vtd_process_invalidate_pages(SdxiVm *vm, uint64_t addr,
                                         unsigned shift)
{
    vtd_queue(vm, 6 | 3 << 4 | 2 << 16 | (uint64_t)MMU_PROCESS << 32,
              QEMU_ALIGN_DOWN(addr, 1ull << shift) | (shift - 12));
}

void mmu_process_command(SdxiVm *vm, bool interrupts)
{
    /* a fence, so that nothing is written */
    vtd_queue(vm, interrupts ? 4 : 5 | 1 << 6, 0);
}

/* VT-d 7.7.1 */
void mmu_page_answer(SdxiVm *vm, int devfn, unsigned index, unsigned code)
{
    vtd_queue(vm, 9 | 1 << 4 | code << 12 | devfn << 16 |
              (uint64_t)MMU_PROCESS << 32, index << 3);
}

/* AMD I/O Virtualization 2.2.3: present, next level, read and write */
#define AMD_RW      (3ull << 61)

static uint64_t amd_table(uint64_t address, unsigned level)
{
    return address | 1 | (uint64_t)level << 9 | AMD_RW;
}

static uint64_t amd_leaf(const MmuLeaf *l)
{
    if (l->size == 1ull << l->shift) {
        return l->base | 1 | AMD_RW;
    }
    return l->base | (l->size / 2 - 4096) | 1 | 7 << 9 | AMD_RW;
}

#define AMDVI       0xfed80000ull

static void amd_queue(SdxiVm *vm, uint64_t lo, uint64_t hi)
{
    uint64_t commands = qtest_readq(vm->qts, AMDVI + 8) & 0xffffffffff000;
    uint64_t tail = qtest_readq(vm->qts, AMDVI + 0x2008);

    put(vm, commands + tail, lo);
    put(vm, commands + tail + 8, hi);
    tail = (tail + 16) % 4096;
    put(vm, AMDVI + 0x2008, tail);
    sdxi_wait_until(vm, 20, qtest_readq(vm->qts, AMDVI + 0x2000) == tail);
}

static void amd_switch(SdxiVm *vm, bool on)
{
    put(vm, AMDVI + 0x18, on | 1 << 12);
}

/* The device table's entry has changed: valid, translate */
static void amd_attach(SdxiVm *vm, int devfn, unsigned domain, uint64_t top)
{
    uint64_t devices = qtest_readq(vm->qts, AMDVI) & 0xffffffffff000;
    uint64_t entry = devices + 32 * devfn;

    put(vm, entry + 8, domain);
    put(vm, entry, amd_table(top, 3) | 3);
    amd_queue(vm, 2ull << 60 | devfn, 0);
}

static void amd_ready(SdxiVm *vm)
{
    put(vm, AMDVI, sdxi_vm_alloc(vm, 8192, 4096) | 1);
    put(vm, AMDVI + 8, sdxi_vm_alloc(vm, 4096, 4096) | 8ull << 56);
    amd_switch(vm, true);
}

static void amd_enable(SdxiVm *vm, uint64_t top)
{
    amd_ready(vm);
    amd_attach(vm, 8 * MMU_SLOT, 1, top);
}

/* All pages of the domain */
static void amd_invalidate(SdxiVm *vm)
{
    amd_queue(vm, 3ull << 60 | 1ull << 32, 0x7ffffffffffff001);
}

static void amd_invalidate_domain(SdxiVm *vm, unsigned domain, uint64_t addr,
                                  unsigned shift)
{
    uint64_t size = 1ull << shift;

    addr = QEMU_ALIGN_DOWN(addr, size);
    amd_queue(vm, 3ull << 60 | (uint64_t)domain << 32,
              shift == 12 ? addr : addr | (size / 2 - 4096) | 1);
}

static void amd_invalidate_pages(SdxiVm *vm, uint64_t addr, unsigned shift)
{
    amd_invalidate_domain(vm, 1, addr, shift);
}

const MmuModel mmu_intel = {
    "intel-iommu,aw-bits=39", vtd_table, vtd_leaf, vtd_enable, vtd_invalidate,
    vtd_invalidate_pages, 1ull << 1,
    .ready = vtd_ready, .attach = vtd_attach, .on_or_off = vtd_switch,
    .invalidate_domain = vtd_invalidate_domain,
};

const MmuModel mmu_intel_process = {
    "intel-iommu", vtd_process_table, vtd_process_leaf, vtd_process_enable,
    vtd_process_invalidate, vtd_process_invalidate_pages, 1ull << 1,
    .process = true,
};

const MmuModel mmu_amd = {
    "amd-iommu", amd_table, amd_leaf, amd_enable, amd_invalidate,
    amd_invalidate_pages, 1ull << 62, alike, ARRAY_SIZE(alike),
    .ready = amd_ready, .attach = amd_attach, .on_or_off = amd_switch,
    .invalidate_domain = amd_invalidate_domain,
};

/* The entries are written at once. */
static uint64_t leaves(SdxiVm *vm, const MmuModel *m, uint64_t size,
                       unsigned shift)
{
    unsigned n = size >> shift;
    uint64_t table = sdxi_vm_alloc(vm, ROUND_UP(8 * n, 4096), 4096);
    g_autofree uint64_t *entries = g_new(uint64_t, n);

    for (unsigned i = 0; i < n; i++) {
        MmuLeaf l = {
            .shift = shift, .size = 1ull << shift,
            .base = (uint64_t)i << shift,
        };

        entries[i] = cpu_to_le64(m->leaf(&l));
    }
    qtest_bufwrite(vm->qts, table, entries, 8 * n);
    return table;
}

void mmu_map_same(SdxiVm *vm, const MmuModel *m, uint64_t top, uint64_t size,
                  unsigned shift)
{
    uint64_t table = leaves(vm, m, size, shift), middle = table;

    if (shift == 12) {
        middle = sdxi_vm_alloc(vm, 4096, 4096);
        for (unsigned i = 0; i < size / (2 * MiB); i++) {
            put(vm, middle + 8 * i, m->table(table + i * 4096, 1));
        }
    }
    put(vm, top, m->table(middle, 2));
}

void mmu_map_ram(SdxiVm *vm, const MmuModel *m, uint64_t top)
{
    mmu_map_same(vm, m, top, MMU_RAM, 12);
}

uint64_t mmu_map_leaf(SdxiVm *vm, const MmuModel *m, uint64_t top,
                      unsigned nth, const MmuLeaf *l)
{
    uint64_t at = MMU_WINDOW + nth * GiB, table = top;

    if (l->size < GiB) {
        at += 3 * l->size;
    }
    for (unsigned shift = 30, level = 2; shift > l->shift; shift -= 9) {
        uint64_t slot = table + (at >> shift & 511) * 8;

        table = sdxi_vm_alloc(vm, 4096, 4096);
        put(vm, slot, m->table(table, level--));
    }
    for (uint64_t i = 0; i < l->size; i += 1ull << l->shift) {
        put(vm, table + ((at + i) >> l->shift & 511) * 8, m->leaf(l));
    }
    return at;
}

/* QEMU 10.1 and later only translate for emulated devices when asked to. */
const char *mmu_remap(const MmuModel *m)
{
    return m->device[0] == 'a' &&
           sdxi_vm_has_property(m->device, "dma-remap") ?
           ",dma-remap=on" : "";
}

SdxiVm *mmu_start(const MmuModel *m, const char *props)
{
    if (m->process) {
        return sdxi_vm_start("%s -device sdxi,id=dev0,addr=%u,pasid=on%s",
                             sdxi_vm_pasid_iommu(), MMU_SLOT, props);
    }
    return sdxi_vm_start("-device %s%s -device sdxi,id=dev0,addr=%u%s",
                         m->device, mmu_remap(m), MMU_SLOT, props);
}
