/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bits of machine checks; see machine-check.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/machine-check.h"

/* MCi_STATUS, Intel SDM 16.3.2.2; poison: AMD APM volume 2, 9.3.2.4 */
#define STATUS_VAL      BIT_ULL(63)
#define STATUS_UC       BIT_ULL(61)
#define STATUS_EN       BIT_ULL(60)
#define STATUS_MISCV    BIT_ULL(59)
#define STATUS_ADDRV    BIT_ULL(58)
#define STATUS_S        BIT_ULL(56)
#define STATUS_AR       BIT_ULL(55)
#define STATUS_POISON   BIT_ULL(43)

/* Error codes of SDM table 16-10 */
#define CODE_DATA_LOAD  0x134
#define CODE_FETCH      0x150

/* MCG_STATUS, SDM 16.3.1.2 */
#define MCG_RIPV        BIT_ULL(0)
#define MCG_EIPV        BIT_ULL(1)
#define MCG_MCIP        BIT_ULL(2)
#define MCG_LMCE        BIT_ULL(3)

/* Is the guest told by its processor that such a check can be survived? */
static bool recovers(const CxlCheckCpu *cpu)
{
    return cpu->amd ? cpu->succor : cpu->ser;
}

bool cxl_check_declined(const CxlCheckCpu *cpu, bool always)
{
    return !cpu->checks || !(always || recovers(cpu));
}

bool cxl_check_all_enter(const CxlCheckCpu *cpu)
{
    return !cpu->amd && !cpu->local && cpu->broadcasts;
}

CxlCheck cxl_check_choose(const CxlCheckCpu *cpu, bool fetch)
{
    CxlCheck check = {
        .status = STATUS_VAL | STATUS_UC | STATUS_EN | STATUS_MISCV |
                  STATUS_ADDRV | (fetch ? CODE_FETCH : CODE_DATA_LOAD),
        .mcg_status = MCG_MCIP | MCG_RIPV | MCG_EIPV,
        .broadcast = cxl_check_all_enter(cpu),
    };

    /* Wherever recovery is claimed Intel's way, an error has to be signaled. */
    if (cpu->ser) {
        check.status |= STATUS_S;
    }
    if (cpu->amd) {
        check.status |= STATUS_POISON;
        return check;
    }
    check.status |= STATUS_AR;
    if (cpu->local) {
        check.mcg_status |= MCG_LMCE;
    }
    return check;
}
