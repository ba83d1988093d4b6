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
#include "hw/dma/sdxi/core/image.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/functions.h"
#include "hw/dma/sdxi/out.h"
#include "hw/dma/sdxi/bars.h"
#include "trace.h"

/*
 * More than a vCPU can write while a worker comes to its next boundary.  Each
 * takes 24 bytes.
 */
#define SDXI_KEPT_MAX 4096

/* ---- what is kept for the next owner ---- */

void sdxi_bars_keep(SdxiPci *s)
{
    qemu_mutex_init(&s->kept.mutex);
    s->kept.writes = g_array_new(false, false, sizeof(SdxiKeptWrite));
    s->kept.resets = 0;
}

void sdxi_bars_forget(SdxiPci *s)
{
    g_array_free(s->kept.writes, true);
    qemu_mutex_destroy(&s->kept.mutex);
}

bool sdxi_bars_pending(SdxiPci *s)
{
    QEMU_LOCK_GUARD(&s->kept.mutex);
    return s->kept.resets || s->kept.writes->len;
}

/* The function is as it was before, if it has not been reset meanwhile. */
static void sdxi_bars_done(SdxiPci *s, unsigned resets, bool was_reset)
{
    QEMU_LOCK_GUARD(&s->kept.mutex);
    if (s->kept.resets != resets) {
        return;
    }
    if (was_reset) {
        qatomic_set(&s->kept.resets, 0);
    } else {
        g_array_remove_index(s->kept.writes, 0);
    }
}

/* The first of what is kept; false: nothing, and the gate is open again. */
static bool sdxi_bars_next(SdxiPci *s, unsigned *resets, SdxiKeptWrite *write)
{
    QEMU_LOCK_GUARD(&s->kept.mutex);
    *resets = s->kept.resets;
    if (!*resets && !s->kept.writes->len) {
        qatomic_set(&s->gate.deciding, false);
        return false;
    }
    if (!*resets) {
        *write = g_array_index(s->kept.writes, SdxiKeptWrite, 0);
    }
    return true;
}

void sdxi_bars_apply(SdxiPci *s)
{
    bool decided = qatomic_read(&s->gate.deciding);
    bool any = false;
    SdxiKeptWrite w;
    unsigned resets;

    while (sdxi_bars_next(s, &resets, &w)) {
        any = true;
        if (resets) {
            sdxi_device_reset(s->core);
            sdxi_out_forget(s);
        } else {
            sdxi_device_write(s->core, w.addr, w.value, w.size);
        }
        sdxi_bars_done(s, resets, resets);
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
    WITH_QEMU_LOCK_GUARD(&s->kept.mutex) {
        g_array_set_size(s->kept.writes, 0);
        qatomic_set(&s->kept.resets, s->kept.resets + 1);
        qatomic_set(&s->gate.deciding, true);
    }
    sdxi_bars_kept(s, true);
}

/* ---- BAR0 ---- */

static uint64_t sdxi_bars_see(SdxiPci *s, uint64_t addr, unsigned size)
{
    SdxiImage image;

    QEMU_LOCK_GUARD(&s->kept.mutex);
    sdxi_device_image(s->core, &image);
    if (s->kept.resets) {
        sdxi_image_reset(&image);
    }
    for (unsigned i = 0; i < s->kept.writes->len; i++) {
        SdxiKeptWrite *w = &g_array_index(s->kept.writes, SdxiKeptWrite, i);

        sdxi_image_write(&image, w->addr, w->value, w->size);
    }
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

/* False: there is no room, which takes a worker that gets no processor. */
static bool sdxi_bars_push(SdxiPci *s, const SdxiKeptWrite *w, bool decides)
{
    QEMU_LOCK_GUARD(&s->kept.mutex);
    if (s->kept.writes->len == SDXI_KEPT_MAX) {
        return false;
    }
    g_array_append_val(s->kept.writes, *w);
    if (decides) {
        qatomic_set(&s->gate.deciding, true);
    }
    return true;
}

static void sdxi_bars_write(void *opaque, hwaddr addr, uint64_t v,
                            unsigned size)
{
    SdxiPci *s = opaque;
    SdxiKeptWrite w = { .addr = addr, .value = v, .size = size };
    bool decides = sdxi_image_decides(addr, size);

    trace_sdxi_reg_write(s->sfunc, addr, size, v);
    if (sdxi_gate_gone(&s->gate)) {
        return;
    }
    if (sdxi_owner_try(&s->worker)) {
        sdxi_bars_apply(s);
        sdxi_device_write(s->core, addr, v, size);
        sdxi_owner_leave(&s->worker);
    } else if (sdxi_bars_push(s, &w, decides)) {
        sdxi_bars_kept(s, decides);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "sdxi 0x%04x: register 0x%" PRIx64
                      ": more writes than can be kept, this one is lost\n",
                      s->sfunc, addr);
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
