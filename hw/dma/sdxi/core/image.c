/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers as they will be; the rules are in image.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/function.h"
#include "hw/dma/sdxi/core/image.h"

QEMU_BUILD_BUG_ON(sizeof(SdxiImage) != 8 * SDXI_REGS);

/* The part of an access that falls into one register. */
typedef struct Part {
    unsigned skip;      /* bytes of the access before it */
    unsigned shift;     /* bits of the register before it */
    uint64_t bits;      /* its bits, in the register */
} Part;

static bool part_of(uint32_t offset, uint64_t addr, unsigned size, Part *part)
{
    uint64_t start = MAX(addr, offset);
    uint64_t end = MIN(addr + size, (uint64_t)offset + 8);

    if (addr + size < addr || start >= end) {
        return false;
    }
    part->skip = start - addr;
    part->shift = (start - offset) * 8;
    part->bits = MAKE_64BIT_MASK(part->shift, (end - start) * 8);
    return true;
}

void sdxi_image_take(SdxiImage *image, const SdxiRegs *regs)
{
    for (unsigned i = 0; i < SDXI_REGS; i++) {
        image->reg[i] = qatomic_read(&regs->shown[i]);
    }
}

uint64_t sdxi_image_read(const SdxiImage *image, uint64_t addr, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < SDXI_REGS; i++) {
        uint32_t offset;
        Part part;

        sdxi_regs_row(i, &offset);
        if (part_of(offset, addr, size, &part)) {
            value |= (image->reg[i] & part.bits) >> part.shift
                     << (part.skip * 8);
        }
    }
    return value;
}

static uint64_t *reg_at(SdxiImage *image, uint32_t wanted)
{
    for (unsigned i = 0; i < SDXI_REGS; i++) {
        uint32_t offset;

        sdxi_regs_row(i, &offset);
        if (offset == wanted) {
            return &image->reg[i];
        }
    }
    g_assert_not_reached();
}

static SdxiGsv state_of(SdxiImage *image)
{
    return FIELD_EX64(*reg_at(image, SDXI_MMIO_STS0), SDXI_STS0, GSV);
}

static void request(SdxiImage *image, SdxiRequest wanted)
{
    SdxiTransition t = sdxi_function_next(state_of(image), wanted);

    *reg_at(image, SDXI_MMIO_STS0) = FIELD_DP64(0, SDXI_STS0, GSV, t.next);
}

static void write_part(SdxiImage *image, unsigned i, uint32_t offset,
                       const RegbankRow *row, uint64_t bits, uint64_t value)
{
    uint64_t *reg = &image->reg[i];
    uint64_t rw = row->rw & bits;

    /* Limits hold still while contexts rely on them. */
    if (offset == SDXI_MMIO_CTL2 && state_of(image) != SDXI_GSV_STOP) {
        return;
    }
    *reg = (*reg & ~rw) | (value & rw);
    *reg &= ~(value & row->w1c & bits);
    if (offset == SDXI_MMIO_CTL0 && bits & R_SDXI_CTL0_GSR_MASK) {
        request(image, FIELD_EX64(*reg, SDXI_CTL0, GSR));
    }
}

void sdxi_image_write(SdxiImage *image, uint64_t addr, uint64_t value,
                      unsigned size)
{
    for (unsigned i = 0; i < SDXI_REGS; i++) {
        uint32_t offset;
        const RegbankRow *row = sdxi_regs_row(i, &offset);
        Part part;

        if (part_of(offset, addr, size, &part)) {
            write_part(image, i, offset, row, part.bits,
                       value >> (part.skip * 8) << part.shift);
        }
    }
}

void sdxi_image_reset(SdxiImage *image)
{
    uint64_t cap1 = *reg_at(image, SDXI_MMIO_CAP1);

    for (unsigned i = 0; i < SDXI_REGS; i++) {
        uint32_t offset;
        const RegbankRow *row = sdxi_regs_row(i, &offset);

        if (offset == SDXI_MMIO_CTL2) {
            image->reg[i] = cap1 & row->rw;
        } else if (offset != SDXI_MMIO_CAP0 && offset != SDXI_MMIO_CAP1) {
            image->reg[i] = row->reset;
        }
    }
}

bool sdxi_image_decides(uint64_t addr, unsigned size)
{
    Part part;

    return part_of(SDXI_MMIO_CTL0, addr, size, &part) ||
           part_of(SDXI_MMIO_RKEY, addr, size, &part);
}
