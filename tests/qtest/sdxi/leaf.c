/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function behind each I/O MMU model, and page tables whose leaves have each
 * size that the model knows: bytes come from the place that the leaf names, at
 * its start, in its middle and at its end.
 *
 * RAM is mapped at its own address by pages of 4 KiB; what is tried lies above.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tests/qtest/sdxi/util.h"

#define RAM         (512 * MiB)
#define SLOT        4
#define WINDOW      (1 * GiB)   /* a GiB for each size that is tried */
#define TARGET      (64 * MiB)  /* what most leaves point at */
#define BYTES       1024

typedef struct Leaf {
    const char *name;
    unsigned shift;     /* of the table that holds it: 12, 21 or 30 */
    uint64_t size;      /* more than 1 << shift: so many entries are alike */
    uint64_t base;
} Leaf;

static const Leaf leaves[] = {
    { "4k", 12, 4 * KiB, TARGET },
    { "2m", 21, 2 * MiB, TARGET },
    { "1g", 30, 1 * GiB, 0 },
};

/* AMD I/O Virtualization 2.2.3: next level 7, the size is in the address */
static const Leaf alike[] = {
    { "32k", 12, 32 * KiB, TARGET },
    { "16m", 21, 16 * MiB, TARGET },
};

typedef struct Model {
    const char *device;
    uint64_t (*table)(uint64_t address, unsigned level);
    uint64_t (*leaf)(const Leaf *l);
    void (*enable)(SdxiVm *vm, uint64_t top);
    const Leaf *more;   /* sizes that only this model has */
    unsigned num_more;
} Model;

static void put(SdxiVm *vm, uint64_t at, uint64_t value)
{
    qtest_writeq(vm->qts, at, value);
}

/* VT-d 9.8: second stage, read and write; a page if bit 7 is set */
static uint64_t vtd_table(uint64_t address, unsigned level)
{
    return address | 3;
}

static uint64_t vtd_leaf(const Leaf *l)
{
    return l->base | 3 | (l->shift > 12 ? 0x80 : 0);
}

#define DMAR        0xfed90000ull

static void vtd_enable(SdxiVm *vm, uint64_t top)
{
    uint64_t root = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t devices = sdxi_vm_alloc(vm, 4096, 4096);

    /* domain 1, 39 bits */
    put(vm, devices + 16 * 8 * SLOT + 8, 1 << 8 | 1);
    put(vm, devices + 16 * 8 * SLOT, top | 1);
    put(vm, root, devices | 1);
    put(vm, DMAR + 0x20, root);
    qtest_writel(vm->qts, DMAR + 0x18, 1u << 30);
    qtest_writel(vm->qts, DMAR + 0x18, 1u << 31);
    sdxi_wait_until(vm, 20, qtest_readl(vm->qts, DMAR + 0x1c) >> 31);
}

/* AMD I/O Virtualization 2.2.3: present, next level, read and write */
#define AMD_RW      (3ull << 61)

static uint64_t amd_table(uint64_t address, unsigned level)
{
    return address | 1 | (uint64_t)level << 9 | AMD_RW;
}

static uint64_t amd_leaf(const Leaf *l)
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
    uint64_t entry = devices + 32 * 8 * SLOT;

    put(vm, entry + 8, 1);                      /* domain */
    put(vm, entry, amd_table(top, 3) | 3);      /* valid, translate */
    put(vm, AMDVI, devices | 1);
    put(vm, AMDVI + 8, commands | 8ull << 56);
    /* the device table's entry has changed, twice: one may wait */
    put(vm, commands, 2ull << 60 | 8 * SLOT);
    put(vm, AMDVI + 0x18, 1 | 1 << 12);
    put(vm, AMDVI + 0x2008, 16);
    sdxi_wait_until(vm, 20, qtest_readq(vm->qts, AMDVI + 0x2000) == 16);
}

static const Model intel = {
    "intel-iommu,aw-bits=39", vtd_table, vtd_leaf, vtd_enable,
};

static const Model amd = {
    "amd-iommu", amd_table, amd_leaf, amd_enable, alike, ARRAY_SIZE(alike),
};

/* All of RAM by pages of 4 KiB, which are written at once */
static void map_ram(SdxiVm *vm, const Model *m, uint64_t top)
{
    unsigned n = RAM / (2 * MiB);
    uint64_t middle = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t low = sdxi_vm_alloc(vm, n * 4096, 4096);
    g_autofree uint64_t *entries = g_new(uint64_t, n * 512);

    for (unsigned i = 0; i < n * 512; i++) {
        Leaf l = { .shift = 12, .size = 4096, .base = i * 4096ull };

        entries[i] = cpu_to_le64(m->leaf(&l));
    }
    qtest_bufwrite(vm->qts, low, entries, n * 4096);
    for (unsigned i = 0; i < n; i++) {
        put(vm, middle + 8 * i, m->table(low + i * 4096, 1));
    }
    put(vm, top, m->table(middle, 2));
}

/* One leaf at the third place of its size in the @nth window; its address */
static uint64_t map_leaf(SdxiVm *vm, const Model *m, uint64_t top,
                         unsigned nth, const Leaf *l)
{
    uint64_t at = WINDOW + nth * GiB, table = top;

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

static void try_leaf(SdxiCxt *c, uint64_t at, const Leaf *l)
{
    SdxiVm *vm = c->fn->vm;
    uint64_t size = MIN(l->size, RAM);
    uint64_t places[] = { 0, size / 2, size - BYTES };
    uint64_t to = sdxi_vm_alloc(vm, BYTES, 4096);

    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        if (!l->base && !i) {
            continue; /* tables and rings may be there */
        }
        sdxi_vm_fill(vm, l->base + places[i], BYTES, i + 1);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        g_test_message("%s at %" PRIx64, l->name, places[i]);
        g_assert_false(sdxi_cxt_do(c, sdxi_dsc_copy(at + places[i], to,
                                                    BYTES)));
        g_assert_true(sdxi_vm_equal(vm, l->base + places[i], to, BYTES));
    }
}

/* QEMU 10.1 and later only translate for emulated devices when asked to. */
static const char *remap(const Model *m)
{
    return m->device[0] == 'a' &&
           sdxi_vm_has_property(m->device, "dma-remap") ?
           ",dma-remap=on" : "";
}

static SdxiVm *start(const Model *m)
{
    return sdxi_vm_start("-device %s%s -device sdxi,id=dev0,addr=%u",
                         m->device, remap(m), SLOT);
}

static SdxiFn *bring_up(SdxiVm *vm, SdxiCxt *c)
{
    SdxiFn *fn = sdxi_fn_open(vm, SLOT);

    sdxi_fn_up(fn);
    sdxi_cxt_init(c, fn, 1, 1024);
    sdxi_cxt_start(c);
    return fn;
}

static void test_leaves(gconstpointer opaque)
{
    const Model *m = opaque;
    SdxiVm *vm = start(m);
    uint64_t top = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t at[ARRAY_SIZE(leaves) + ARRAY_SIZE(alike)];
    unsigned n = 0;
    SdxiFn *fn;
    SdxiCxt c;

    map_ram(vm, m, top);
    for (unsigned i = 0; i < ARRAY_SIZE(leaves); i++, n++) {
        at[n] = map_leaf(vm, m, top, n, &leaves[i]);
    }
    for (unsigned i = 0; i < m->num_more; i++, n++) {
        at[n] = map_leaf(vm, m, top, n, &m->more[i]);
    }
    m->enable(vm, top);
    fn = bring_up(vm, &c);
    for (unsigned i = 0; i < n; i++) {
        try_leaf(&c, at[i], i < ARRAY_SIZE(leaves) ? &leaves[i] :
                 &m->more[i - ARRAY_SIZE(leaves)]);
    }
    sdxi_fn_close(fn);
    sdxi_vm_stop(vm);
}

/* A table that is its own entry: the walk ends, and nothing is there. */
static void test_loop(void)
{
    SdxiVm *vm = start(&amd);
    uint64_t top = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t middle = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t low = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t to = sdxi_vm_alloc(vm, BYTES, 4096);
    SdxiFn *fn;
    SdxiCxt c;

    map_ram(vm, &amd, top);
    put(vm, top + 8, amd_table(middle, 2));
    put(vm, middle, amd_table(low, 1));
    put(vm, low, amd_table(low, 1));
    amd_enable(vm, top);
    fn = bring_up(vm, &c);
    g_assert_true(sdxi_cxt_do(&c, sdxi_dsc_copy(WINDOW, to, BYTES)));
    sdxi_fn_close(fn);
    sdxi_vm_stop(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("/sdxi/leaf/intel", &intel, test_leaves);
    qtest_add_data_func("/sdxi/leaf/amd", &amd, test_leaves);
    qtest_add_func("/sdxi/leaf/amd-loop", test_loop);
    return g_test_run();
}
