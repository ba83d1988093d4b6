/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consumed poison as an x86 machine check.
 *
 * An x86 vCPU ignores the error result of a load, so the check is raised here:
 * "software recoverable action required" of Intel's SDM 16.9.3, or AMD's form
 * of the same.  Under TCG the instruction is left before it has loaded
 * anything, so that the check finds the program at it; KVM completes the load
 * first.  Where the guest would panic whatever we say nothing is raised, unless
 * a person insists.
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/rcu.h"
#include "cpu.h"
#include "exec/cpu-common.h"
#include "hw/core/cpu.h"
#include "hw/cxl/consume.h"
#include "system/hw_accel.h"
#include "system/kvm.h"
#include "system/tcg.h"
#include "trace.h"

#define CONSUME_BANK 9
/* Where the processors report that only have to come along */
#define BYSTANDER_BANK 1
#define MCACOD_DATA_LOAD 0x134
#define MCACOD_FETCH 0x150
/* MCi_MISC: the address in ADDR is physical, SDM 16.3.2.4 */
#define MISC_PHYSICAL (2 << 6)
#define HYGON_1 0x6f677948 /* "Hygo" */
#define INSIST 1

typedef struct ConsumeCheck {
    uint64_t status;
    uint64_t mcg_status;
    bool broadcast;
} ConsumeCheck;

static bool amd_form(CPUX86State *env)
{
    return IS_AMD_CPU(env) || env->cpuid_vendor1 == HYGON_1;
}

/* Is the guest told by its processor that such a check can be survived? */
static bool recovers(CPUX86State *env)
{
    return amd_form(env) ?
           env->features[FEAT_8000_0007_EBX] & CPUID_8000_0007_EBX_SUCCOR :
           env->mcg_cap & MCG_SER_P;
}

/* On Intel all processors enter, unless the guest has enabled local checks. */
static ConsumeCheck choose(CPUX86State *env, bool fetch)
{
    ConsumeCheck check = {
        .status = MCI_STATUS_VAL | MCI_STATUS_UC | MCI_STATUS_EN |
                  MCI_STATUS_MISCV | MCI_STATUS_ADDRV |
                  (fetch ? MCACOD_FETCH : MCACOD_DATA_LOAD),
        .mcg_status = MCG_STATUS_MCIP | MCG_STATUS_RIPV | MCG_STATUS_EIPV,
    };

    /* Wherever recovery is claimed Intel's way, an error has to be signaled. */
    if (env->mcg_cap & MCG_SER_P) {
        check.status |= MCI_STATUS_S;
    }
    if (amd_form(env)) {
        check.status |= MCI_STATUS_POISON;
        return check;
    }
    check.status |= MCI_STATUS_AR;
    if (env->mcg_ext_ctl & MCG_EXT_CTL_LMCE_EN) {
        check.mcg_status |= MCG_STATUS_LMCE;
    } else {
        check.broadcast = cpu_x86_support_mca_broadcast(env);
    }
    return check;
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

static void raise_check(CPUState *cs, hwaddr line, bool insist, bool fetch)
{
    X86CPU *cpu = X86_CPU(cs);
    ConsumeCheck check;

    cpu_synchronize_state(cs);
    if (!cpu->env.mcg_cap || !(insist || recovers(&cpu->env))) {
        warn_report_once("poison was read, but the guest's processor cannot "
                         "recover from a machine check: none is raised; see "
                         "property 'poison-mode', or choose a processor with "
                         "recovery (Intel's, or AMD's with succor=on)");
        return;
    }
    check = choose(&cpu->env, fetch);
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
    hwaddr line = data.target_ptr & ~(hwaddr)INSIST;

    /* An instruction that loads in pieces is told once. */
    if (!check_pending(cs)) {
        raise_check(cs, line, data.target_ptr & INSIST, false);
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
           !cs->singlestep_enabled &&
           (X86_CPU(cs)->env.hflags2 & HF2_GIF_MASK);
}

static void consume_now(CPUState *cs, hwaddr line, bool insist)
{
    bool precise = can_leave(cs);

    if (!check_pending(cs)) {
        /* The translator has no place in translated code. */
        raise_check(cs, line, insist, precise && !cs->mem_io_pc);
    }
    if (precise && (check_pending(cs) || cs->stopped)) {
        cpu_loop_exit_restore(cs, cs->mem_io_pc);
    }
}

void cxl_consume_poison(hwaddr hpa, MemTxAttrs attrs, bool insist)
{
    hwaddr line = hpa & ~((1ULL << CXL_CONSUME_GRANULE) - 1);

    if (!current_cpu || attrs.unspecified || attrs.requester_id) {
        return;
    }
    if (tcg_enabled()) {
        consume_now(current_cpu, line, insist);
    } else if (kvm_enabled()) {
        async_run_on_cpu(current_cpu, consume_later,
                         RUN_ON_CPU_TARGET_PTR(line | (insist ? INSIST : 0)));
    }
}
