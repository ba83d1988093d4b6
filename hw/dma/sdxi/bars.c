/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BAR0 and BAR2: bus accesses to the core's registers, and doorbells.
 *
 * A vCPU that waits for the big lock while the function is unplugged comes
 * here after exit, and finds nobody.
 */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/log.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/functions.h"
#include "hw/dma/sdxi/out.h"
#include "hw/dma/sdxi/bars.h"
#include "trace.h"

/* ---- what is kept for the next owner ---- */

void sdxi_bars_keep(SdxiPci *s)
{
    qemu_mutex_init(&s->kept_mutex);
    sdxi_kept_init(&s->kept);
}

void sdxi_bars_forget(SdxiPci *s)
{
    qemu_mutex_destroy(&s->kept_mutex);
}

bool sdxi_bars_pending(SdxiPci *s)
{
    QEMU_LOCK_GUARD(&s->kept_mutex);
    return sdxi_kept_any(&s->kept);
}

static void sdxi_bars_done(SdxiPci *s, const SdxiKeptStep *step)
{
    QEMU_LOCK_GUARD(&s->kept_mutex);
    sdxi_kept_done(&s->kept, step);
}

/* What is to be done next; false: nothing, and the gate is open again. */
static bool sdxi_bars_next(SdxiPci *s, SdxiKeptStep *step)
{
    QEMU_LOCK_GUARD(&s->kept_mutex);
    if (!sdxi_kept_take(&s->kept, step)) {
        qatomic_set(&s->gate.deciding, false);
        return false;
    }
    return true;
}

void sdxi_bars_apply(SdxiPci *s)
{
    bool decided = qatomic_read(&s->gate.deciding);
    bool any = false;
    SdxiKeptStep step;

    while (sdxi_bars_next(s, &step)) {
        any = true;
        sdxi_kept_do(&step, s->core);
        if (step.resets) {
            sdxi_out_forget(s);
        }
        sdxi_bars_done(s, &step);
    }
    /* Accesses that met the closed gate, or gave way, are to be made again. */
    if (any) {
        sdxi_worker_kick(&s->worker);
    }
    if (decided) {
        sdxi_functions_kick_group(s);
    }
}

/*
 * The gate was closed if what was kept decides about accesses: when this
 * returns, none of before is under way.
 */
static void sdxi_bars_kept(SdxiPci *s, bool decides)
{
    if (decides) {
        sdxi_epoch_settle();
    }
    if (sdxi_owner_try(&s->worker)) {
        sdxi_bars_apply(s);
        sdxi_owner_leave(&s->worker);
    } else {
        sdxi_worker_ask(&s->worker);
    }
}

void sdxi_bars_reset_function(SdxiPci *s)
{
    WITH_QEMU_LOCK_GUARD(&s->kept_mutex) {
        sdxi_kept_reset(&s->kept);
        qatomic_set(&s->gate.deciding, true);
    }
    sdxi_bars_kept(s, true);
}

/* ---- BAR0 ---- */

static uint64_t sdxi_bars_see(SdxiPci *s, uint64_t addr, unsigned size)
{
    SdxiImage image;

    QEMU_LOCK_GUARD(&s->kept_mutex);
    sdxi_device_image(s->core, &image);
    sdxi_kept_show(&s->kept, &image);
    return sdxi_image_read(&image, addr, size);
}

static uint64_t sdxi_bars_read(void *opaque, hwaddr addr, unsigned size)
{
    SdxiPci *s = opaque;
    uint64_t v;

    if (sdxi_gate_gone(&s->gate)) {
        return UINT64_MAX;
    }
    v = sdxi_bars_see(s, addr, size);
    trace_sdxi_reg_read(s->sfunc, addr, size, v);
    return v;
}

/* The gate closes before anybody can see what decides. */
static void sdxi_bars_push(SdxiPci *s, uint64_t addr, uint64_t v,
                           unsigned size, bool decides)
{
    QEMU_LOCK_GUARD(&s->kept_mutex);
    if (!sdxi_kept_write(&s->kept, addr, v, size)) {
        qemu_log_mask(LOG_GUEST_ERROR, "sdxi 0x%04x: register 0x%" PRIx64
                      ": more requests than the function can look at, an "
                      "earlier one is not seen\n", s->sfunc, addr);
    }
    if (decides) {
        qatomic_set(&s->gate.deciding, true);
    }
}

static void sdxi_bars_write(void *opaque, hwaddr addr, uint64_t v,
                            unsigned size)
{
    SdxiPci *s = opaque;
    bool decides = sdxi_image_decides(addr, size);

    trace_sdxi_reg_write(s->sfunc, addr, size, v);
    if (sdxi_gate_gone(&s->gate)) {
        return;
    }
    if (sdxi_owner_try(&s->worker)) {
        sdxi_bars_apply(s);
        sdxi_device_write(s->core, addr, v, size);
        sdxi_owner_leave(&s->worker);
    } else {
        sdxi_bars_push(s, addr, v, size, decides);
        sdxi_bars_kept(s, decides);
    }
}

static const MemoryRegionOps sdxi_bars_ops = {
    .read = sdxi_bars_read,
    .write = sdxi_bars_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

/* ---- BAR2 ---- */

static uint64_t sdxi_doorbells_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0;
}

static void sdxi_doorbells_write(void *opaque, hwaddr addr, uint64_t v,
                                 unsigned size)
{
    SdxiPci *s = opaque;

    if (!sdxi_gate_gone(&s->gate)) {
        sdxi_device_doorbell(s->core, addr, v, size);
    }
}

static const MemoryRegionOps sdxi_doorbells_ops = {
    .read = sdxi_doorbells_read,
    .write = sdxi_doorbells_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

void sdxi_bars_init(SdxiPci *s, uint64_t doorbell_bytes)
{
    memory_region_init_io(&s->regs, OBJECT(s), &sdxi_bars_ops, s,
                          "sdxi-registers", SDXI_MMIO_BYTES);
    memory_region_init_io(&s->doorbells, OBJECT(s), &sdxi_doorbells_ops, s,
                          "sdxi-doorbells", doorbell_bytes);
}
