/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consumed poison where the error result of a load is all that is needed: the
 * vCPU takes it as an external abort or access fault.
 */

#include "qemu/osdep.h"
#include "hw/cxl/consume.h"

void cxl_consume_poison(hwaddr hpa, MemTxAttrs attrs, bool insist)
{
}
