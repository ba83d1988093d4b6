/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling a processor that it has consumed poison.
 */
#ifndef HW_CXL_POISON_CONSUME_H
#define HW_CXL_POISON_CONSUME_H

#include "exec/hwaddr.h"
#include "exec/memattrs.h"

/* Granule of poison as a power of two of bytes, CXL r3.1 8.2.9.9.4.1. */
#define CXL_CONSUME_GRANULE 6

/*
 * A load of @attrs at @hpa has met poison. If a vCPU of this thread made it,
 * that vCPU is told in its architecture's way, as far as this is not done by
 * the error result of the access itself. Loads of devices are left alone.
 * @always: even if the guest is known not to survive it.
 *
 * May leave the vCPU's instruction and not return: the caller holds nothing
 * but the big lock.
 */
void cxl_consume_poison(hwaddr hpa, MemTxAttrs attrs, bool always);

#endif /* HW_CXL_POISON_CONSUME_H */
