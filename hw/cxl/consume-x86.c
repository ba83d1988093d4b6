/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consumed poison as an x86 machine check.
 *
 * An x86 vCPU ignores the error result of a load, so the machine check is
 * raised here: "software recoverable action required, data load" of Intel's
 * SDM 16.9.3. The form depends on the guest's processor; where the guest would
 * panic whatever we say, nothing is raised and a person is told once.
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "cpu.h"
#include "system/kvm.h"
#include "hw/core/cpu.h"
#include "hw/cxl/consume.h"
#include "trace.h"

#define CONSUME_BANK 9
#define MCACOD_DATA_LOAD 0x134
/* MCi_MISC: the address in ADDR is physical, SDM 16.3.2.4 */
#define MISC_PHYSICAL (2 << 6)
/* beside the address of a line */
#define INSIST 1

typedef struct ConsumeCheck {
    uint64_t status;
    uint64_t mcg_status;
    int flags;
} ConsumeCheck;

static uint64_t recoverable(uint64_t extra)
{
    return MCI_STATUS_VAL | MCI_STATUS_UC | MCI_STATUS_EN | MCI_STATUS_MISCV |
           MCI_STATUS_ADDRV | extra;
}

/*
 * Linux on AMD takes the check only with SUCCOR, which TCG does not offer. On
 * Intel every processor must enter unless the guest has enabled local checks.
 */
static bool choose(CPUX86State *env, ConsumeCheck *check)
{
    check->mcg_status = MCG_STATUS_MCIP | MCG_STATUS_RIPV | MCG_STATUS_EIPV;
    check->flags = 0;
    if (!IS_INTEL_CPU(env)) {
        check->status = recoverable(MCI_STATUS_POISON);
        return env->features[FEAT_8000_0007_EBX] & CPUID_8000_0007_EBX_SUCCOR;
    }
    check->status = recoverable(MCI_STATUS_S | MCI_STATUS_AR |
                                MCACOD_DATA_LOAD);
    if (env->mcg_ext_ctl & MCG_EXT_CTL_LMCE_EN) {
        check->mcg_status |= MCG_STATUS_LMCE;
    } else if (cpu_x86_support_mca_broadcast(env)) {
        check->flags = MCE_INJECT_BROADCAST;
    }
    return env->mcg_cap & MCG_SER_P;
}

/*
 * A second check while one is under way resets the machine: one instruction
 * can load a poisoned line in several pieces, and is told once.
 */
static bool under_way(const ConsumeCheck *check, CPUX86State *env)
{
    CPUState *cs;

    if (!(check->flags & MCE_INJECT_BROADCAST)) {
        return env->mcg_status & MCG_STATUS_MCIP;
    }
    CPU_FOREACH(cs) {
        if (X86_CPU(cs)->env.mcg_status & MCG_STATUS_MCIP) {
            return true;
        }
    }
    return false;
}

static void inject(CPUState *cs, run_on_cpu_data data)
{
    X86CPU *cpu = X86_CPU(cs);
    hwaddr hpa = data.target_ptr & ~(hwaddr)INSIST;
    ConsumeCheck check;

    if (!choose(&cpu->env, &check) && !(data.target_ptr & INSIST)) {
        warn_report_once("poison was read, but the guest's processor cannot "
                         "recover from a machine check: none is raised; "
                         "-cpu ...,vendor=GenuineIntel can; see "
                         "property 'poison-mode'");
        return;
    }
    if (under_way(&check, &cpu->env)) {
        return;
    }
    trace_memfab_cxl_consume(cs->cpu_index, hpa, check.status);
    cpu_x86_inject_mce(NULL, cpu, CONSUME_BANK, check.status,
                       check.mcg_status, hpa,
                       MISC_PHYSICAL | CXL_CONSUME_GRANULE, check.flags);
}

void cxl_consume_poison(hwaddr hpa, MemTxAttrs attrs, bool insist)
{
    run_on_cpu_data data = RUN_ON_CPU_TARGET_PTR(
        (hpa & ~((1ULL << CXL_CONSUME_GRANULE) - 1)) | (insist ? INSIST : 0));

    if (!current_cpu || attrs.unspecified || attrs.requester_id) {
        return;
    }
    if (kvm_enabled()) {
        /* KVM completes the load first when it enters the guest again */
        async_run_on_cpu(current_cpu, inject, data);
    } else {
        inject(current_cpu, data);
    }
}
