/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of register writes; the rules are in kept.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/kept.h"

QEMU_BUILD_BUG_ON(sizeof(SdxiKept) > 2 * 1024);

void sdxi_kept_init(SdxiKept *kept)
{
    memset(kept, 0, sizeof(*kept));
}

static SdxiKeptWrite *at(const SdxiKept *kept, unsigned n)
{
    return (SdxiKeptWrite *)&kept->write[(kept->first + n) % SDXI_KEPT_ROOM];
}

static void merge(SdxiKeptWrite *w, uint64_t value, uint64_t lanes)
{
    w->value = (w->value & ~lanes) | value;
    w->lanes |= lanes;
}

/* Written ones of both count; all other registers keep the later bits. */
static uint64_t both(const SdxiKeptWrite *earlier, uint64_t value,
                     uint64_t lanes)
{
    return value | (earlier->value & lanes &
                    sdxi_regs_row_at(earlier->offset)->w1c);
}

/*
 * The last write of the register at @offset, or NULL.  @near: not one before a
 * request, which acts on what was written until then.
 */
static SdxiKeptWrite *last_of(const SdxiKept *kept, uint32_t offset, bool near)
{
    for (unsigned n = kept->count; n > kept->taken; n--) {
        SdxiKeptWrite *w = at(kept, n - 1);

        if (near && w->offset == SDXI_MMIO_CTL0) {
            return NULL;
        }
        if (w->offset == offset) {
            return w;
        }
    }
    return NULL;
}

static void add(SdxiKept *kept, uint32_t offset, uint64_t value,
                uint64_t lanes)
{
    assert(kept->count < SDXI_KEPT_ROOM);
    *at(kept, kept->count++) = (SdxiKeptWrite) {
        .offset = offset, .value = value, .lanes = lanes,
    };
}

typedef struct Keeper {
    SdxiKept *kept;
    bool all;
} Keeper;

static void keep(void *opaque, uint32_t offset, uint64_t value, uint64_t lanes)
{
    Keeper *keeper = opaque;
    SdxiKept *kept = keeper->kept;
    SdxiKeptWrite *w = last_of(kept, offset, true);

    if (!w && kept->count >= SDXI_KEPT_MAX) {
        w = last_of(kept, offset, false);
        keeper->all &= !w;
    }
    if (w) {
        merge(w, both(w, value, lanes), lanes);
    } else {
        add(kept, offset, value, lanes);
    }
}

bool sdxi_kept_write(SdxiKept *kept, uint64_t addr, uint64_t value,
                     unsigned size)
{
    Keeper keeper = { .kept = kept, .all = true };

    sdxi_regs_each_met(addr, value, size, keep, &keeper);
    return keeper.all;
}

void sdxi_kept_reset(SdxiKept *kept)
{
    kept->count = 0;
    kept->taken = false;
    qatomic_set(&kept->resets, kept->resets + 1);
}

bool sdxi_kept_any(const SdxiKept *kept)
{
    return kept->resets || kept->count;
}

bool sdxi_kept_take(SdxiKept *kept, SdxiKeptStep *step)
{
    step->resets = kept->resets;
    if (!step->resets && !kept->count) {
        return false;
    }
    if (!step->resets) {
        step->write = *at(kept, 0);
        kept->taken = true;
    }
    return true;
}

void sdxi_kept_done(SdxiKept *kept, const SdxiKeptStep *step)
{
    if (kept->resets != step->resets) {
        return;
    }
    if (step->resets) {
        qatomic_set(&kept->resets, 0);
        return;
    }
    kept->taken = false;
    kept->first = (kept->first + 1) % SDXI_KEPT_ROOM;
    kept->count--;
}

typedef void WriteFn(void *opaque, uint64_t addr, uint64_t value,
                     unsigned size);

/* As accesses: one for each run of bytes. */
static void replay(const SdxiKeptWrite *w, WriteFn *fn, void *opaque)
{
    unsigned byte = 0, size;

    while (byte < 8) {
        size = 0;
        while (byte + size < 8 && extract64(w->lanes, 8 * (byte + size), 8)) {
            size++;
        }
        if (size) {
            fn(opaque, w->offset + byte,
               extract64(w->value, 8 * byte, 8 * size), size);
        }
        byte += size + 1;
    }
}

static void write_device(void *opaque, uint64_t addr, uint64_t value,
                         unsigned size)
{
    sdxi_device_write(opaque, addr, value, size);
}

static void write_image(void *opaque, uint64_t addr, uint64_t value,
                        unsigned size)
{
    sdxi_image_write(opaque, addr, value, size);
}

void sdxi_kept_do(const SdxiKeptStep *step, SdxiDevice *dev)
{
    if (step->resets) {
        sdxi_device_reset(dev);
    } else {
        replay(&step->write, write_device, dev);
    }
}

void sdxi_kept_show(const SdxiKept *kept, SdxiImage *image)
{
    if (kept->resets) {
        sdxi_image_reset(image);
    }
    for (unsigned n = 0; n < kept->count; n++) {
        replay(at(kept, n), write_image, image);
    }
}

const char *sdxi_kept_check(const SdxiKept *kept)
{
    if (kept->count > SDXI_KEPT_ROOM || kept->first >= SDXI_KEPT_ROOM) {
        return "more is kept than there is room for";
    }
    if (kept->taken && !kept->count) {
        return "what was taken is not there";
    }
    for (unsigned n = 0; n < kept->count; n++) {
        if (!at(kept, n)->lanes || at(kept, n)->value & ~at(kept, n)->lanes) {
            return "a write of nothing, or of more than it says";
        }
    }
    return NULL;
}
