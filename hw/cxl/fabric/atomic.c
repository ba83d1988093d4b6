/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atomic accesses that other machines see.
 *
 * Where all processors of a machine take turns, one processor above all, TCG
 * makes a load and a store of an atomic access: nobody can come between.  The
 * processors of a machine that shares this memory do, so code is made as if
 * there was one more processor.
 */
#include "qemu/osdep.h"
#include "qemu/notify.h"
#include "hw/core/cpu.h"
#include "exec/translation-block.h"
#include "system/system.h"
#include "system/tcg.h"
#include "hw/cxl/fabric/memory.h"

/* In the processor's own thread, between two blocks of its code */
static void make_parallel(CPUState *cpu, run_on_cpu_data data)
{
    tcg_cflags_set(cpu, CF_PARALLEL);
}

static void processors_are_there(Notifier *notifier, void *opaque)
{
    CPUState *cpu;

    if (tcg_enabled()) {
        CPU_FOREACH(cpu) {
            async_run_on_cpu(cpu, make_parallel, RUN_ON_CPU_NULL);
        }
    }
}

void cxl_fabric_share_atomics(void)
{
    static Notifier notifier = { .notify = processors_are_there };

    if (!QLIST_IS_INSERTED(&notifier, node)) {
        qemu_add_machine_init_done_notifier(&notifier);
    }
}
