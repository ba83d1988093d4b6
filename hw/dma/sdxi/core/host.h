/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HostOps with its opaque, and the address rule that all callers share: an
 * access that would wrap at 2^64 fails like one to nowhere.
 */
#ifndef HW_DMA_SDXI_CORE_HOST_H
#define HW_DMA_SDXI_CORE_HOST_H

#include "qemu/bswap.h"
#include "hw/dma/sdxi/core/hostops.h"

typedef struct SdxiHost {
    const SdxiHostOps *ops;
    void *opaque;
} SdxiHost;

/* @len > 0 */
static inline bool sdxi_host_wraps(uint64_t addr, uint64_t len)
{
    return len - 1 > UINT64_MAX - addr;
}

static inline SdxiMemResult sdxi_host_read(const SdxiHost *host,
                                           const SdxiSpace *space,
                                           uint64_t addr, void *buf,
                                           uint32_t len)
{
    if (sdxi_host_wraps(addr, len)) {
        return SDXI_MEM_ACCESS;
    }
    return host->ops->read(host->opaque, space, addr, buf, len);
}

static inline SdxiMemResult sdxi_host_write(const SdxiHost *host,
                                            const SdxiSpace *space,
                                            uint64_t addr, const void *buf,
                                            uint32_t len)
{
    if (sdxi_host_wraps(addr, len)) {
        return SDXI_MEM_ACCESS;
    }
    return host->ops->write(host->opaque, space, addr, buf, len);
}

/* @count little-endian quadwords to host order */
static inline SdxiMemResult sdxi_host_read_quads(const SdxiHost *host,
                                                 const SdxiSpace *space,
                                                 uint64_t addr, uint64_t *q,
                                                 unsigned count)
{
    SdxiMemResult result = sdxi_host_read(host, space, addr, q, count * 8);

    for (unsigned i = 0; i < count && result == SDXI_MEM_OK; i++) {
        q[i] = le64_to_cpu(q[i]);
    }
    return result;
}

static inline void sdxi_host_trace(const SdxiHost *host, SdxiTraceStep step,
                                   uint64_t a, uint64_t b, uint64_t c)
{
    host->ops->trace(host->opaque, step, a, b, c);
}

#endif /* HW_DMA_SDXI_CORE_HOST_H */
