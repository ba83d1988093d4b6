/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BAR0 and BAR2: bus accesses to the core's register table, and doorbells.
 *
 * Registers belong to whoever owns the core, so an access may wait for the end
 * of the worker's portion.  Doorbells wait for nobody.
 *
 * A vCPU that waits for the big lock while the function is unplugged comes
 * here after exit: there is no core then.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "hw/dma/sdxi/device.h"
#include "trace.h"

static uint64_t sdxi_regs_read(void *opaque, hwaddr addr, unsigned size)
{
    SdxiPci *s = opaque;
    uint64_t v = 0;

    if (qatomic_read(&s->gone)) {
        return UINT64_MAX;
    }
    if (sdxi_worker_enter(&s->worker)) {
        v = sdxi_device_read(s->core, addr, size);
        sdxi_worker_leave(&s->worker);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "sdxi: function 0x%04x reads its own "
                      "registers by DMA\n", s->sfunc);
    }
    trace_sdxi_reg_read(s->sfunc, addr, size, v);
    return v;
}

static void sdxi_regs_write(void *opaque, hwaddr addr, uint64_t v,
                            unsigned size)
{
    SdxiPci *s = opaque;

    trace_sdxi_reg_write(s->sfunc, addr, size, v);
    if (qatomic_read(&s->gone)) {
        return;
    }
    if (sdxi_worker_enter(&s->worker)) {
        sdxi_device_write(s->core, addr, v, size);
        sdxi_worker_leave(&s->worker);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "sdxi: function 0x%04x writes its own "
                      "registers by DMA\n", s->sfunc);
    }
}

static const MemoryRegionOps sdxi_regs_ops = {
    .read = sdxi_regs_read,
    .write = sdxi_regs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

static uint64_t sdxi_doorbells_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0;
}

static void sdxi_doorbells_write(void *opaque, hwaddr addr, uint64_t v,
                                 unsigned size)
{
    SdxiPci *s = opaque;

    if (qatomic_read(&s->gone)) {
        return;
    }
    sdxi_device_doorbell(s->core, addr, v, size);
}

static const MemoryRegionOps sdxi_doorbells_ops = {
    .read = sdxi_doorbells_read,
    .write = sdxi_doorbells_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

void sdxi_mmio_init(SdxiPci *s, uint64_t doorbell_bytes)
{
    memory_region_init_io(&s->regs, OBJECT(s), &sdxi_regs_ops, s,
                          "sdxi-registers", SDXI_MMIO_BYTES);
    memory_region_init_io(&s->doorbells, OBJECT(s), &sdxi_doorbells_ops, s,
                          "sdxi-doorbells", doorbell_bytes);
}
