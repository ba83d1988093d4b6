/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work for a context, who else does the same, and how long both take.
 *
 * The emulator runs without a processor; its RAM is a file that is mapped here
 * as well.  So rings are filled and looked at from here at the speed of RAM,
 * and what is measured is the device: from the doorbell to the last completion,
 * the way of the doorbell included.
 *
 * The bare loop does, for each descriptor, the memory operations that the
 * specification asks for and nothing else.  It runs here, over a ring of the
 * same content which the device does not know (a device may look for
 * descriptors at any time, doorbell or not), in a thread of its own: whoever
 * fills the ring is on another core, as a guest's processor would be.  Rounds
 * of it and of the device take turns; the best round of each counts, so that a
 * busy machine is not taken for a slow one.
 */
#ifndef TESTS_BENCH_WORK_H
#define TESTS_BENCH_WORK_H

#include "qemu/atomic.h"
#include "qemu/timer.h"
#include "tests/qtest/sdxi/util.h"

#define BENCH_RAM   (1024 * MiB)
#define BENCH_RING  65536u
/* Without any progress; a busy machine may keep the device waiting. */
#define BENCH_PATIENCE_NS (60 * NANOSECONDS_PER_SECOND)

extern uint8_t *bench_ram;      /* of the machine that runs */
extern unsigned bench_rounds;
/* Processor time counts, in place of time that passes. */
extern bool bench_busy;
/* A part of the names of rows that are wanted, or NULL: all. */
extern const char *bench_only;

static inline bool bench_wanted(const char *row)
{
    return !bench_only || strstr(row, bench_only);
}

typedef struct BenchJob {
    unsigned bytes;             /* 0: NOP */
    unsigned count;             /* descriptors */
    uint64_t src, dst, csb;
} BenchJob;

typedef struct BenchResult {
    double device, other;       /* ns per descriptor */
} BenchResult;

/* Somebody else who does the job: the bare loop, or copies alone */
typedef void BenchOther(SdxiCxt *c, const BenchJob *j);

/* A machine with one function in slot 4, of which @props are properties. */
SdxiVm *bench_start(const char *iommu, const char *props);
void bench_stop(SdxiVm *vm, SdxiFn *fn);
/*
 * A context runs, with its key 0 if that is not 0; its worker is on one core,
 * and who asks here on another.
 */
SdxiFn *bench_bring_up(SdxiVm *vm, SdxiCxt *c, uint64_t key);

static inline uint64_t *bench_quad(uint64_t addr)
{
    return (uint64_t *)(bench_ram + addr);
}

void bench_job_init(SdxiVm *vm, BenchJob *j, unsigned bytes, unsigned count);
/* The same work for somebody else: with signals of its own. */
BenchJob bench_job_twin(SdxiVm *vm, const BenchJob *j);
/* Memory like that of @c, of which the device knows nothing. */
SdxiCxt bench_cxt_twin(SdxiVm *vm, const SdxiCxt *c);
/* All descriptors into the ring; where its index then stands. */
uint64_t bench_fill(SdxiCxt *c, const BenchJob *j);
/*
 * Until the last descriptor, the one before @index, has signalled.  Looks every
 * @ns only: who looks all the time takes the line away from who writes it.
 */
void bench_wait(SdxiCxt *c, const BenchJob *j, uint64_t index, int64_t ns);

/* ns, of this thread */
double bench_own_clock(void);
BenchOther bench_bare, bench_memcpy;
BenchResult bench_measure(SdxiCxt *c, const BenchJob *j, BenchOther *other);

#endif
