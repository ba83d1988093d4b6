/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers as they will be; the rules are in image.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/function.h"
#include "hw/dma/sdxi/core/image.h"

QEMU_BUILD_BUG_ON(sizeof(SdxiImage) != sizeof(SdxiRegs));

/* ---- what the hooks of the table do to an image ---- */

static void on_request(void *owner, SdxiRequest request)
{
    SdxiImage *image = owner;
    SdxiTransition t = sdxi_function_next(sdxi_regs_gsv(&image->regs),
                                          request);

    sdxi_regs_set(&image->regs, SDXI_MMIO_STS0,
                  FIELD_DP64(0, SDXI_STS0, GSV, t.next));
}

static void on_limits(void *owner G_GNUC_UNUSED)
{
}

static void on_ignored(void *owner G_GNUC_UNUSED,
                       uint32_t offset G_GNUC_UNUSED,
                       uint64_t bits G_GNUC_UNUSED)
{
}

static const SdxiRegsEvents events = {
    .request = on_request,
    .limits = on_limits,
    .ignored = on_ignored,
};

void sdxi_image_take(SdxiImage *image, const SdxiRegs *regs)
{
    sdxi_regs_copy(&image->regs, regs, &events, image);
}

uint64_t sdxi_image_read(SdxiImage *image, uint64_t addr, unsigned size)
{
    return sdxi_regs_read(&image->regs, addr, size);
}

void sdxi_image_write(SdxiImage *image, uint64_t addr, uint64_t value,
                      unsigned size)
{
    sdxi_regs_write(&image->regs, addr, value, size);
}

void sdxi_image_reset(SdxiImage *image)
{
    sdxi_regs_reset(&image->regs);
}

/* ---- writes that decide ---- */

static void met(void *opaque, uint32_t offset, uint64_t value G_GNUC_UNUSED,
                uint64_t lanes G_GNUC_UNUSED)
{
    bool *decides = opaque;

    *decides |= offset == SDXI_MMIO_CTL0 || offset == SDXI_MMIO_RKEY;
}

bool sdxi_image_decides(uint64_t addr, unsigned size)
{
    bool decides = false;

    sdxi_regs_each_met(addr, 0, size, met, &decides);
    return decides;
}
