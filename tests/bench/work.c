/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work for a context, who else does the same, and how long both take; see
 * work.h.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "qemu/processor.h"
#include "tests/bench/threads.h"
#include "tests/bench/work.h"

#define PLACES 16u

uint8_t *bench_ram;
unsigned bench_rounds = 50;
bool bench_busy;
const char *bench_only;

/* ---- a machine whose RAM is here, too ---- */

SdxiVm *bench_start(const char *iommu, const char *props)
{
    /* Not a file on a disk: that would write back what we measure. */
    char file[] = "/dev/shm/memfab-bench-XXXXXX";
    SdxiVm *vm;
    int fd = mkstemp(file);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, BENCH_RAM), ==, 0);
    bench_ram = mmap(NULL, BENCH_RAM, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                     0);
    g_assert_true(bench_ram != MAP_FAILED);
    close(fd);
    vm = sdxi_vm_start("-name bench,debug-threads=on "
                       "-m 1G -machine memory-backend=ram "
                       "-object memory-backend-file,id=ram,size=1G,share=on,"
                       "mem-path=%s %s -device sdxi,id=dev0,addr=4,%s",
                       file, iommu, props);
    unlink(file);
    return vm;
}

void bench_stop(SdxiVm *vm, SdxiFn *fn)
{
    sdxi_fn_close(fn);
    sdxi_vm_stop(vm);
    munmap(bench_ram, BENCH_RAM);
}

/* No row pays for pages of the ring that are new to the device. */
static void see_ring(SdxiVm *vm, SdxiCxt *c)
{
    BenchJob j;
    uint64_t end;

    bench_job_init(vm, &j, 0, c->entries);
    end = bench_fill(c, &j);
    sdxi_cxt_kick(c);
    bench_wait(c, &j, end, 500 * SCALE_US);
}

SdxiFn *bench_bring_up(SdxiVm *vm, SdxiCxt *c, uint64_t key)
{
    SdxiFn *fn = sdxi_fn_open(vm, 4);

    sdxi_fn_up(fn);
    sdxi_cxt_init(c, fn, 1, BENCH_RING);
    if (key) {
        sdxi_cxt_akey(c, 0, key, 0);
    }
    sdxi_cxt_start(c);
    bench_pin_self(0);
    bench_pin_threads(vm, "sdxi", 1, 0);
    see_ring(vm, c);
    return fn;
}

/* ---- jobs ---- */

void bench_job_init(SdxiVm *vm, BenchJob *j, unsigned bytes, unsigned count)
{
    *j = (BenchJob) { .bytes = bytes, .count = count };
    j->csb = sdxi_vm_alloc(vm, PLACES * 64, 64);
    if (bytes) {
        j->src = sdxi_vm_alloc(vm, (uint64_t)PLACES * bytes, 4096);
        j->dst = sdxi_vm_alloc(vm, (uint64_t)PLACES * bytes, 4096);
        memset(bench_ram + j->src, 1, (uint64_t)PLACES * bytes);
        memset(bench_ram + j->dst, 2, (uint64_t)PLACES * bytes);
    }
}

BenchJob bench_job_twin(SdxiVm *vm, const BenchJob *j)
{
    BenchJob twin = *j;

    twin.csb = sdxi_vm_alloc(vm, PLACES * 64, 64);
    return twin;
}

SdxiCxt bench_cxt_twin(SdxiVm *vm, const SdxiCxt *c)
{
    SdxiCxt twin = *c;

    twin.ring = sdxi_vm_alloc(vm, 64ull * c->entries, 4096);
    twin.akeys = sdxi_vm_alloc(vm, 4096, 4096);
    twin.sts = sdxi_vm_alloc(vm, 64, 64);
    twin.wi = sdxi_vm_alloc(vm, 64, 64);
    *bench_quad(twin.akeys) = SDXI_AKEY_VL;
    return twin;
}

static uint64_t *signal_of(const BenchJob *j, unsigned i)
{
    return bench_quad(j->csb + i % PLACES * 64);
}

static uint64_t place(uint64_t base, const BenchJob *j, unsigned i)
{
    return base + (uint64_t)(i % PLACES) * j->bytes;
}

uint64_t bench_fill(SdxiCxt *c, const BenchJob *j)
{
    uint64_t index = *bench_quad(c->sts + 8);

    for (unsigned i = 0; i < j->count; i++) {
        SdxiDsc d = j->bytes
            ? sdxi_dsc_copy(place(j->src, j, i), place(j->dst, j, i), j->bytes)
            : sdxi_dsc_nop();

        d.q[0] |= 1;           /* valid */
        sdxi_dsc_set_csb(&d, j->csb + i % PLACES * 64);
        memcpy(bench_ram + c->ring + (index + i) % c->entries * 64, &d, 64);
    }
    for (unsigned i = 0; i < PLACES; i++) {
        *signal_of(j, i) = (j->count + PLACES - 1 - i) / PLACES;
    }
    /* the slots, then the index */
    smp_wmb();
    qatomic_set(bench_quad(c->wi), index + j->count);
    return index + j->count;
}

void bench_bare(SdxiCxt *c, const BenchJob *j)
{
    uint64_t index = *bench_quad(c->sts + 8), limit = *bench_quad(c->wi);

    while (index < limit) {
        uint64_t *slot = bench_quad(c->ring + index % c->entries * 64);
        SdxiDsc d;

        if (!(qatomic_read(slot) & 1)) {
            break;
        }
        /* the valid bit, then the body, once */
        smp_rmb();
        memcpy(&d, slot, 64);
        barrier();
        /* the slot is ours */
        qatomic_set((uint8_t *)slot, (uint8_t)d.q[0] & ~1);
        if (j->bytes) {
            uint64_t akey[2];

            memcpy(akey, bench_quad(c->akeys) + 2 * (uint16_t)(d.q[1] >> 32),
                   16);
            if (akey[0] & 1) {
                memcpy(bench_quad(d.q[3]), bench_quad(d.q[2]),
                       (d.q[0] >> 32) + 1);
            }
        }
        /* read_index, then the signal */
        smp_wmb();
        qatomic_set(bench_quad(c->sts + 8), ++index);
        qatomic_dec(bench_quad(d.q[7] & ~31ull));
    }
}

void bench_memcpy(SdxiCxt *c, const BenchJob *j)
{
    for (unsigned i = 0; i < j->count; i++) {
        memcpy(bench_quad(place(j->dst, j, i)), bench_quad(place(j->src, j, i)),
               j->bytes);
        barrier();
    }
}

/* ---- the end of it ---- */

static void spin(int64_t ns)
{
    int64_t end = get_clock() + ns;

    do {
        cpu_relax();
    } while (get_clock() < end);
}

/* Each was done, and once. */
static void check_done(const SdxiCxt *c, const BenchJob *j, uint64_t index)
{
    for (unsigned i = 0; i < PLACES; i++) {
        g_assert_cmpuint(qatomic_read(signal_of(j, i)), ==, 0);
    }
    g_assert_cmpuint(qatomic_read(bench_quad(c->sts + 8)), ==, index);
}

void bench_wait(SdxiCxt *c, const BenchJob *j, uint64_t index, int64_t ns)
{
    int64_t moved = get_clock();
    uint64_t seen = 0;

    while (qatomic_read(signal_of(j, j->count - 1))) {
        uint64_t at = qatomic_read(bench_quad(c->sts + 8));
        int state = qatomic_read(bench_quad(c->sts)) & 15;

        if (at != seen) {
            seen = at;
            moved = get_clock();
        }
        if (state != SDXI_CXT_RUN || get_clock() - moved > BENCH_PATIENCE_NS) {
            g_error("context %u %s: state %d, descriptor %" PRIu64 " of %"
                    PRIu64, c->num,
                    state == SDXI_CXT_RUN ? "hangs" : "has stopped", state,
                    at, index);
        }
        if (ns >= 10 * SCALE_US) {
            g_usleep(ns / SCALE_US);
        } else {
            spin(ns);
            sched_yield();
        }
    }
    check_done(c, j, index);
}

/* ---- clocks ---- */

static double device_clock(SdxiVm *vm)
{
    if (!bench_busy) {
        return get_clock();
    }
    /* The worker goes to sleep, and only then is its time right. */
    g_usleep(1000);
    return bench_threads_ns(vm, "sdxi");
}

double bench_own_clock(void)
{
    struct timespec t;

    clock_gettime(bench_busy ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

typedef struct Other {
    SdxiCxt *c;
    const BenchJob *j;
    BenchOther *run;
    double ns;
} Other;

static void *other_thread(void *opaque)
{
    Other *o = opaque;
    double t;

    bench_pin_self(1);
    t = bench_own_clock();
    o->run(o->c, o->j);
    o->ns = bench_own_clock() - t;
    return NULL;
}

static double other_ns(SdxiCxt *c, const BenchJob *j, BenchOther *run)
{
    Other o = { .c = c, .j = j, .run = run };

    g_thread_join(g_thread_new("other", other_thread, &o));
    return o.ns;
}

BenchResult bench_measure(SdxiCxt *c, const BenchJob *j, BenchOther *other)
{
    BenchResult best = { 1e18, 1e18 };
    SdxiCxt twin = bench_cxt_twin(c->fn->vm, c);
    BenchJob same = bench_job_twin(c->fn->vm, j);

    for (unsigned r = 0; r < bench_rounds; r++) {
        uint64_t end = bench_fill(c, j);
        double t = device_clock(c->fn->vm);

        sdxi_cxt_kick(c);
        bench_wait(c, j, end, bench_busy ? 500 * SCALE_US : 5 * SCALE_US);
        best.device = MIN(best.device,
                          (device_clock(c->fn->vm) - t) / j->count);
        bench_fill(&twin, &same);
        best.other = MIN(best.other,
                         other_ns(&twin, &same, other) / j->count);
    }
    return best;
}
