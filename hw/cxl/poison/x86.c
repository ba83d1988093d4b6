/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consumed poison as an x86 machine check.
 *
 * An x86 vCPU ignores the error result of a load, so the check is raised here;
 * what is in it is core/machine-check.c.  Under TCG the instruction is left
 * before it has loaded anything, so that the check finds the program at it; KVM
 * completes the load first.  Where the guest would panic whatever we say
 * nothing is raised, unless a person wants it so.
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "accel/tcg/cpu-loop.h"
#include "cpu.h"
#include "exec/cpu-common.h"
#include "hw/core/cpu.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/core/machine-check.h"
#include "hw/cxl/poison/consume.h"
#include "system/hw_accel.h"
#include "system/kvm.h"
#include "system/tcg.h"
#include "hw/cxl/trace.h"

#define CONSUME_BANK 9
/* Where the processors report that only have to come along */
#define BYSTANDER_BANK 1
/* MCi_MISC: the address in ADDR is physical, SDM 16.3.2.4 */
#define MISC_PHYSICAL (2 << 6)
#define HYGON_1 0x6f677948 /* "Hygo" */
#define ALWAYS 1

/* How long a load is held back at most, and how often it is tried again */
#define HOLD_NS (10 * NANOSECONDS_PER_SECOND)
#define HOLD_STEP_US 200

static CxlCheckCpu seen_by_guest(CPUX86State *env)
{
    return (CxlCheckCpu) {
        .amd = IS_AMD_CPU(env) || env->cpuid_vendor1 == HYGON_1,
        .checks = env->mcg_cap,
        .ser = env->mcg_cap & MCG_SER_P,
        .succor = env->features[FEAT_8000_0007_EBX] &
                  CPUID_8000_0007_EBX_SUCCOR,
        .local = env->mcg_ext_ctl & MCG_EXT_CTL_LMCE_EN,
        .broadcasts = cpu_x86_support_mca_broadcast(env),
    };
}

static bool check_pending(CPUState *cs)
{
    return qatomic_read(&cs->interrupt_request) & CPU_INTERRUPT_MCE;
}

/*
 * A processor that has not been started, or that is in its handler already,
 * would take the whole machine down.
 */
static void come_along(CPUState *cs, run_on_cpu_data data)
{
    CPUX86State *env = &X86_CPU(cs)->env;

    cpu_synchronize_state(cs);
    if ((env->cr[4] & CR4_MCE_MASK) && !(env->mcg_status & MCG_STATUS_MCIP)) {
        cpu_x86_inject_mce(NULL, X86_CPU(cs), BYSTANDER_BANK,
                           MCI_STATUS_VAL | MCI_STATUS_UC,
                           MCG_STATUS_MCIP | MCG_STATUS_RIPV, 0, 0, 0);
    }
}

/*
 * Nobody waits for the others: two processors that read poison at once would
 * wait for each other.
 */
static void broadcast(CPUState *self)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        if (cs != self) {
            async_run_on_cpu(cs, come_along, RUN_ON_CPU_NULL);
        }
    }
}

static void raise_check(CPUState *cs, hwaddr line, bool always, bool fetch)
{
    X86CPU *cpu = X86_CPU(cs);
    CxlCheckCpu seen;
    CxlCheck check;

    cpu_synchronize_state(cs);
    seen = seen_by_guest(&cpu->env);
    if (cxl_check_declined(&seen, always)) {
        warn_report_once("poison was read, but the guest's processor cannot "
                         "recover from a machine check: none is raised; see "
                         "property 'poison-mode', or choose a processor with "
                         "recovery (Intel's, or AMD's with succor=on)");
        return;
    }
    check = cxl_check_choose(&seen, fetch);
    trace_memfab_cxl_consume(cs->cpu_index, line, check.status);
    cpu_x86_inject_mce(NULL, cpu, CONSUME_BANK, check.status,
                       check.mcg_status, line,
                       MISC_PHYSICAL | CXL_CONSUME_GRANULE, 0);
    if (check.broadcast && check_pending(cs)) {
        broadcast(cs);
    }
}

static void consume_later(CPUState *cs, run_on_cpu_data data)
{
    hwaddr line = data.target_ptr & ~(hwaddr)ALWAYS;

    /* An instruction that loads in pieces is told once. */
    if (!check_pending(cs)) {
        raise_check(cs, line, data.target_ptr & ALWAYS, false);
    }
}

/*
 * Can the instruction be left in the middle of its load?  Only a load of
 * translated code, or of the translator itself, holds nothing that would leak;
 * and only if the check is then taken before the load is tried again.
 */
static bool can_leave(CPUState *cs)
{
    unsigned depth = cpu_in_exclusive_context(cs) ? 0 : 1;

    return cs->running && get_ptr_rcu_reader()->depth == depth &&
           !memfab_single_stepping(cs) &&
           (X86_CPU(cs)->env.hflags2 & HF2_GIF_MASK);
}

/*
 * Is another processor in the handler of the last check, or on its way out: the
 * check is over, but the handler's stack is in use until interrupts are
 * enabled again?  It writes its state meanwhile.
 */
static bool others_inside(CPUState *self)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        CPUX86State *env = &X86_CPU(cs)->env;

        if (cs == self || qatomic_read(&cs->halted)) {
            continue;
        }
        if (qatomic_read(&env->mcg_status) & MCG_STATUS_MCIP) {
            return true;
        }
        /* It clears interrupts first, and the check last. */
        smp_rmb();
        if (!(qatomic_read(&env->eflags) & IF_MASK)) {
            return true;
        }
    }
    return false;
}

/*
 * Where all processors enter, one that is still inside could not come along,
 * and the guest would wait for it in vain.  True if the load should be tried
 * again when they had time to come out; not for ever, for they may have
 * reasons of their own.
 */
static bool hold(CPUState *cs, bool always)
{
    static int64_t since, last;
    CxlCheckCpu seen = seen_by_guest(&X86_CPU(cs)->env);
    int64_t now = get_clock();

    if (cxl_check_declined(&seen, always) || !cxl_check_all_enter(&seen) ||
        !others_inside(cs)) {
        last = 0;
        return false;
    }
    if (now - last > HOLD_NS / 10) {
        since = now;
    }
    last = now;
    return now - since < HOLD_NS;
}

static G_NORETURN void try_again(CPUState *cs)
{
    /* Others may need it to come out. */
    bql_unlock();
    g_usleep(HOLD_STEP_US);
    /* Let what is queued for this one come first. */
    cpu_exit(cs);
    cpu_loop_exit_restore(cs, cs->mem_io_pc);
}

static void consume_now(CPUState *cs, hwaddr line, bool always)
{
    bool precise = can_leave(cs);

    if (!check_pending(cs)) {
        if (precise && hold(cs, always)) {
            try_again(cs);
        }
        /* The translator has no place in translated code. */
        raise_check(cs, line, always, precise && !cs->mem_io_pc);
    }
    if (precise && (check_pending(cs) || cs->stopped)) {
        cpu_loop_exit_restore(cs, cs->mem_io_pc);
    }
}

void cxl_consume_poison(hwaddr hpa, MemTxAttrs attrs, bool always)
{
    hwaddr line = hpa & ~((1ULL << CXL_CONSUME_GRANULE) - 1);

    if (!current_cpu || attrs.unspecified || attrs.requester_id) {
        return;
    }
    if (tcg_enabled()) {
        consume_now(current_cpu, line, always);
    } else if (kvm_enabled()) {
        async_run_on_cpu(current_cpu, consume_later,
                         RUN_ON_CPU_TARGET_PTR(line | (always ? ALWAYS : 0)));
    }
}
