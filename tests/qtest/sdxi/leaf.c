/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function behind each I/O MMU model, and page tables whose leaves have each
 * size that the model knows: bytes come from the place that the leaf names, at
 * its start, in its middle and at its end.
 *
 * RAM is mapped at its own address by pages of 4 KiB; what is tried lies above.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/mmu.h"

#define BYTES       1024

static const MmuLeaf leaves[] = {
    { "4k", 12, 4 * KiB, MMU_TARGET },
    { "2m", 21, 2 * MiB, MMU_TARGET },
    { "1g", 30, 1 * GiB, 0 },
};

static void put(SdxiVm *vm, uint64_t at, uint64_t value)
{
    qtest_writeq(vm->qts, at, value);
}

static void try_leaf(SdxiCxt *c, uint64_t at, const MmuLeaf *l)
{
    SdxiVm *vm = c->fn->vm;
    uint64_t size = MIN(l->size, MMU_RAM);
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

static SdxiFn *bring_up(SdxiVm *vm, SdxiCxt *c)
{
    SdxiFn *fn = sdxi_fn_open(vm, MMU_SLOT);

    sdxi_fn_up(fn);
    sdxi_cxt_init(c, fn, 1, 1024);
    sdxi_cxt_start(c);
    return fn;
}

static void test_leaves(gconstpointer opaque)
{
    const MmuModel *m = opaque;
    SdxiVm *vm = mmu_start(m, "");
    uint64_t top = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t at[ARRAY_SIZE(leaves) + MMU_MORE];
    unsigned n = 0;
    SdxiFn *fn;
    SdxiCxt c;

    mmu_map_ram(vm, m, top);
    for (unsigned i = 0; i < ARRAY_SIZE(leaves); i++, n++) {
        at[n] = mmu_map_leaf(vm, m, top, n, &leaves[i]);
    }
    for (unsigned i = 0; i < m->num_more; i++, n++) {
        at[n] = mmu_map_leaf(vm, m, top, n, &m->more[i]);
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
    SdxiVm *vm = mmu_start(&mmu_amd, "");
    uint64_t top = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t middle = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t low = sdxi_vm_alloc(vm, 4096, 4096);
    uint64_t to = sdxi_vm_alloc(vm, BYTES, 4096);
    SdxiFn *fn;
    SdxiCxt c;

    mmu_map_ram(vm, &mmu_amd, top);
    put(vm, top + 8, mmu_amd.table(middle, 2));
    put(vm, middle, mmu_amd.table(low, 1));
    put(vm, low, mmu_amd.table(low, 1));
    mmu_amd.enable(vm, top);
    fn = bring_up(vm, &c);
    g_assert_true(sdxi_cxt_do(&c, sdxi_dsc_copy(MMU_WINDOW, to, BYTES)));
    sdxi_fn_close(fn);
    sdxi_vm_stop(vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("/sdxi/leaf/intel", &mmu_intel, test_leaves);
    qtest_add_data_func("/sdxi/leaf/amd", &mmu_amd, test_leaves);
    qtest_add_func("/sdxi/leaf/amd-loop", test_loop);
    return g_test_run();
}
