/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O MMU models as software sees them; see mmu.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
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

static void vtd_enable(SdxiVm *vm, uint64_t top)
{
    uint64_t root = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t devices = sdxi_vm_alloc(vm, 4096, 4096);

    /* domain 1, 39 bits */
    put(vm, devices + 16 * 8 * MMU_SLOT + 8, 1 << 8 | 1);
    put(vm, devices + 16 * 8 * MMU_SLOT, top | 1);
    put(vm, root, devices | 1);
    put(vm, DMAR + 0x20, root);
    qtest_writel(vm->qts, DMAR + 0x18, 1u << 30);
    qtest_writel(vm->qts, DMAR + 0x18, 1u << 31);
    sdxi_wait_until(vm, 20, qtest_readl(vm->qts, DMAR + 0x1c) >> 31);
}

/* All of it; when this returns, nobody uses what was before. */
static void vtd_invalidate(SdxiVm *vm)
{
    put(vm, DMAR + 0xf8, 1ull << 63 | 1ull << 60);
    sdxi_wait_until(vm, 20, !(qtest_readq(vm->qts, DMAR + 0xf8) >> 63));
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

static void amd_enable(SdxiVm *vm, uint64_t top)
{
    uint64_t devices = sdxi_vm_alloc(vm, 8192, 4096);
    uint64_t commands = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t entry = devices + 32 * 8 * MMU_SLOT;

    put(vm, entry + 8, 1);                      /* domain */
    put(vm, entry, amd_table(top, 3) | 3);      /* valid, translate */
    put(vm, AMDVI, devices | 1);
    put(vm, AMDVI + 8, commands | 8ull << 56);
    /* the device table's entry has changed, twice: one may wait */
    put(vm, commands, 2ull << 60 | 8 * MMU_SLOT);
    put(vm, AMDVI + 0x18, 1 | 1 << 12);
    put(vm, AMDVI + 0x2008, 16);
    sdxi_wait_until(vm, 20, qtest_readq(vm->qts, AMDVI + 0x2000) == 16);
}

/* All pages of the domain */
static void amd_invalidate(SdxiVm *vm)
{
    uint64_t commands = qtest_readq(vm->qts, AMDVI + 8) & 0xffffffffff000;
    uint64_t tail = qtest_readq(vm->qts, AMDVI + 0x2008);

    put(vm, commands + tail, 3ull << 60 | 1ull << 32);
    put(vm, commands + tail + 8, 0x7ffffffffffff001);
    tail = (tail + 16) % 4096;
    put(vm, AMDVI + 0x2008, tail);
    sdxi_wait_until(vm, 20, qtest_readq(vm->qts, AMDVI + 0x2000) == tail);
}

const MmuModel mmu_intel = {
    "intel-iommu,aw-bits=39", vtd_table, vtd_leaf, vtd_enable, vtd_invalidate,
    1ull << 1,
};

const MmuModel mmu_amd = {
    "amd-iommu", amd_table, amd_leaf, amd_enable, amd_invalidate,
    1ull << 62, alike, ARRAY_SIZE(alike),
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
static const char *remap(const MmuModel *m)
{
    return m->device[0] == 'a' &&
           sdxi_vm_has_property(m->device, "dma-remap") ?
           ",dma-remap=on" : "";
}

SdxiVm *mmu_start(const MmuModel *m, const char *props)
{
    return sdxi_vm_start("-device %s%s -device sdxi,id=dev0,addr=%u%s",
                         m->device, remap(m), MMU_SLOT, props);
}
