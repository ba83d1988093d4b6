/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function behind an I/O MMU: copies of each size, without a process and for
 * one, by how large the pages of the I/O MMU are.
 */
#include "qemu/osdep.h"
#include "hw/memfab/compat.h"
#include "tests/bench/rows.h"
#include "tests/bench/threads.h"
#include "tests/qtest/sdxi/mmu.h"

typedef struct Setting {
    const char *name;
    const MmuModel *model;
    unsigned shift;             /* of the pages; 0: it does not translate */
} Setting;

static SdxiVm *start(const Setting *s)
{
    SdxiVm *vm = s->model->process
        ? bench_start(sdxi_vm_pasid_iommu(), "contexts=9,pasid=on")
        : bench_start("-device intel-iommu,aw-bits=39", "contexts=9");

    if (s->shift) {
        uint64_t top = sdxi_vm_alloc(vm, 4096, 4096);

        mmu_map_same(vm, s->model, top, BENCH_RAM, s->shift);
        s->model->enable(vm, top);
    }
    return vm;
}

static const struct {
    const char *what;
    unsigned bytes, count;
    double goal;
} rows[] = {
    { "1 MiB", 1 * MiB, 128, 0.9 }, { "64 KiB", 64 * KiB, 4096, 0.9 },
    { "4 KiB", 4 * KiB, BENCH_RING / 4, 0.7 },
    { "64 B", 64, BENCH_RING, 0.45 },
};

static char *row_name(const Setting *s, unsigned i)
{
    return g_strdup_printf("%s, COPY %s", s->name, rows[i].what);
}

static bool are_wanted(const Setting *s)
{
    bool wanted = false;

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *what = row_name(s, i);

        wanted |= bench_wanted(what);
    }
    return wanted;
}

static void rows_of(const Setting *s)
{
    SdxiVm *vm = start(s);
    SdxiCxt c;
    SdxiFn *fn = bench_bring_up(vm, &c, s->model->process
                                ? SDXI_AKEY_VL | SDXI_AKEY_PV |
                                  (uint64_t)MMU_PROCESS << 32 : 0);

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *what = row_name(s, i);
        bool small = rows[i].bytes < 4 * KiB;

        bench_row(vm, &c, what, rows[i].bytes, rows[i].count,
                  small ? "bare loop" : "memcpy",
                  small ? bench_bare : bench_memcpy, rows[i].goal);
    }
    bench_stop(vm, fn);
}

void bench_translated_rows(const cpu_set_t *all)
{
    static const Setting settings[] = {
        { "MMU off", &mmu_intel, 0 }, { "2 MiB", &mmu_intel, 21 },
        { "4 KiB", &mmu_intel, 12 },
#ifdef MEMFAB_HAVE_PASID
        { "process, 2 MiB", &mmu_intel_process, 21 },
        { "process, 4 KiB", &mmu_intel_process, 12 },
#endif
    };

    for (unsigned i = 0; i < ARRAY_SIZE(settings); i++) {
        if (are_wanted(&settings[i])) {
            sched_setaffinity(0, sizeof(*all), all);
            rows_of(&settings[i]);
        }
    }
}
