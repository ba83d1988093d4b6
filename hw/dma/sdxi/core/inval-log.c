/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of invalidations; see inval-log.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/inval-log.h"

QEMU_BUILD_BUG_ON(SDXI_INVALS & (SDXI_INVALS - 1));

void sdxi_inval_log_add(SdxiInvalLog *log, const SdxiInval *inval)
{
    uint64_t epoch = log->epoch + 1;
    SdxiInval *to = &log->inval[epoch % SDXI_INVALS];

    /* Pairs with sdxi_inval_log_lapped(): who sees this sees log->epoch. */
    smp_wmb();
    qatomic_set(&to->first, inval->first);
    qatomic_set(&to->last, inval->last);
    qatomic_set(&to->process, inval->process);
    qatomic_store_release(&log->epoch, epoch);
}

SdxiInval sdxi_inval_log_get(const SdxiInvalLog *log, uint64_t epoch)
{
    const SdxiInval *from = &log->inval[epoch % SDXI_INVALS];

    return (SdxiInval) {
        .first = qatomic_read(&from->first),
        .last = qatomic_read(&from->last),
        .process = qatomic_read(&from->process),
    };
}

bool sdxi_inval_log_lapped(const SdxiInvalLog *log, uint64_t epoch)
{
    /* Pairs with sdxi_inval_log_add(), after what was read there. */
    smp_rmb();
    /* The next one to be added may be half there. */
    return qatomic_read(&log->epoch) - epoch >= SDXI_INVALS;
}
