/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: descriptors, SDXI 1.0 Tables 6-1 to 6-12.  What lies in memory
 * of them is said by hw/dma/sdxi/core too, in other words.
 */
#include <string.h>
#include "private.h"

static SdxiUserDescriptor make(uint64_t code)
{
    return (SdxiUserDescriptor) { .q = { code, [7] = DSC_NP } };
}

static SdxiUserDescriptor sized(uint64_t code, uint64_t bytes)
{
    return make(code | (uint64_t)(uint32_t)(bytes - 1) << 32);
}

SdxiUserDescriptor sdxi_user_nop(void)
{
    return make(DSC(1, 1));
}

SdxiUserDescriptor sdxi_user_copy(uint64_t dst, uint64_t src, uint64_t bytes)
{
    SdxiUserDescriptor d = sized(DSC(1, 3), bytes);

    d.q[2] = src;
    d.q[3] = dst;
    return d;
}

SdxiUserDescriptor sdxi_user_repeat(uint64_t dst, uint64_t src, uint64_t bytes)
{
    SdxiUserDescriptor d = sized(DSC(1, 4), bytes);

    d.q[2] = src;
    d.q[3] = dst;
    return d;
}

SdxiUserDescriptor sdxi_user_write(uint64_t dst, const void *data,
                                   unsigned bytes)
{
    SdxiUserDescriptor d = sized(DSC(1, 2), bytes);

    d.q[2] = dst;
    memcpy(&d.q[3], data, bytes < 32 ? bytes : 32);
    return d;
}

SdxiUserDescriptor sdxi_user_intr(unsigned akey)
{
    SdxiUserDescriptor d = make(DSC(4, 0) | DSC_FE);

    d.q[1] = (uint64_t)akey << 32;
    return d;
}

SdxiUserDescriptor sdxi_user_atomic(SdxiUserAtomic operation, uint64_t dst,
                                    unsigned bytes, uint64_t a, uint64_t b,
                                    uint64_t result)
{
    SdxiUserDescriptor d = make(DSC(3, (unsigned)operation));

    d.q[0] |= (uint64_t)(bytes == 8) << 32 | (uint64_t)(result != 0) << 33;
    d.q[2] = dst;
    d.q[3] = result;
    d.q[4] = a;
    d.q[5] = b;
    return d;
}

void sdxi_user_fence(SdxiUserDescriptor *d)
{
    d->q[0] |= DSC_FE;
}

/* A write has its destination where others have their source. */
void sdxi_user_keys(SdxiUserDescriptor *d, uint16_t dst, uint16_t src)
{
    unsigned code = d->q[0] >> 8 & 0x7ffff;
    bool dst_first = code == 0x102 || code >> 8 == 3;

    d->q[1] = (d->q[1] & UINT32_MAX) |
              (uint64_t)(dst_first ? dst : src) << 32 |
              (uint64_t)(dst_first ? src : dst) << 48;
}

void sdxi_user_report(SdxiUserDescriptor *d, const SdxiUserContext *context,
                      unsigned block)
{
    d->q[7] = context->at.completions_at +
              block % SDXI_USER_COMPLETIONS * CST_WORDS * 8;
}
