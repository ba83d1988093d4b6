/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Swaps and decrements; see atomic-access.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/atomic-access.h"
#include "hw/dma/sdxi/core/ram.h"

static bool decrement(uint64_t *at)
{
    uint64_t old;

    if (!HOST_BIG_ENDIAN) {
        qatomic_dec(at);
        return true;
    }
    old = qatomic_read(at);
    return qatomic_cmpxchg(at, old, cpu_to_le64(le64_to_cpu(old) - 1)) == old;
}

bool sdxi_atomic_ram(void *host, SdxiAtomic *x)
{
    if (x->what == SDXI_ACCESS_DECREMENT) {
        return decrement(host);
    }
    x->found = sdxi_ram_cmpxchg(host, x->size, x->expected, x->wanted);
    return true;
}

bool sdxi_atomic_next(SdxiAtomic *x, uint64_t found, uint64_t *next)
{
    if (x->what == SDXI_ACCESS_DECREMENT) {
        *next = found - 1;
        return true;
    }
    x->found = found;
    *next = x->wanted;
    return found == x->expected;
}
