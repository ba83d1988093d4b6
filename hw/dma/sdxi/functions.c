/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All functions of the machine: how workers find their peers and the memory
 * below the same switch, and how peers forget one that is removed.
 *
 * The list is changed under the big lock; the mutex lets workers look.
 */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qapi/error.h"
#include "hw/pci/peer.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/functions.h"
#include "hw/memfab/problem.h"

static QTAILQ_HEAD(, SdxiPci) sdxi_functions =
    QTAILQ_HEAD_INITIALIZER(sdxi_functions);
static QemuMutex sdxi_functions_mutex;

static void __attribute__((constructor)) sdxi_functions_init(void)
{
    qemu_mutex_init(&sdxi_functions_mutex);
}

SdxiPci *sdxi_functions_find(const char *group, uint16_t sfunc)
{
    SdxiPci *s;

    QEMU_LOCK_GUARD(&sdxi_functions_mutex);
    QTAILQ_FOREACH(s, &sdxi_functions, next) {
        if (s->sfunc == sfunc && !g_strcmp0(s->prop.group, group)) {
            return s;
        }
    }
    return NULL;
}

SdxiPci *sdxi_functions_find_vf(const SdxiPci *pf, unsigned number)
{
    SdxiPci *s;

    QEMU_LOCK_GUARD(&sdxi_functions_mutex);
    if (number >= qatomic_read(&pf->shown.vfs)) {
        return NULL;
    }
    QTAILQ_FOREACH(s, &sdxi_functions, next) {
        if (s->pf == pf && s->vf_number == number) {
            return s;
        }
    }
    return NULL;
}

void sdxi_functions_kick(const SdxiPeer *peer)
{
    SdxiPci *s;

    QEMU_LOCK_GUARD(&sdxi_functions_mutex);
    QTAILQ_FOREACH(s, &sdxi_functions, next) {
        if (sdxi_device_peer(s->core) == peer) {
            sdxi_worker_kick(&s->worker);
        }
    }
}

void sdxi_functions_kick_group(const SdxiPci *of)
{
    SdxiPci *s;

    QEMU_LOCK_GUARD(&sdxi_functions_mutex);
    QTAILQ_FOREACH(s, &sdxi_functions, next) {
        if (s != of && of->prop.group &&
            !g_strcmp0(s->prop.group, of->prop.group)) {
            sdxi_worker_kick(&s->worker);
        }
    }
}

void sdxi_functions_each(void (*fn)(SdxiPci *s, void *opaque), void *opaque)
{
    SdxiPci *s;

    g_assert(bql_locked());
    QTAILQ_FOREACH(s, &sdxi_functions, next) {
        fn(s, opaque);
    }
}

static bool sdxi_functions_taken(void *opaque, uint16_t sfunc)
{
    return sdxi_functions_find(opaque, sfunc);
}

bool sdxi_functions_choose(SdxiPci *s, Error **errp)
{
    return !memfab_refused(sdxi_params_choose_sfunc(&s->prop.core,
        sdxi_functions_taken, s->prop.group, &s->sfunc), errp);
}

void sdxi_functions_add(SdxiPci *s)
{
    g_assert(bql_locked());
    QEMU_LOCK_GUARD(&sdxi_functions_mutex);
    QTAILQ_INSERT_TAIL(&sdxi_functions, s, next);
}

/* ---- what is below the same switch, and in the same slot ---- */

bool sdxi_functions_stale(const SdxiPeerRanges *below)
{
    return sdxi_peer_ranges_stale(below, sdxi_epoch(),
                                  pci_peer_epoch());
}

static void sdxi_functions_add_range(void *opaque, uint64_t base,
                                     uint64_t size)
{
    sdxi_peer_ranges_add(opaque, base, size);
}

static void sdxi_functions_add_watch(void *opaque, uint64_t base,
                                     uint64_t size, const Watch *watch)
{
    sdxi_peer_ranges_watch(opaque, base, size, watch);
}

static void sdxi_functions_add_uio(void *opaque, uint64_t base, uint64_t size,
                                   bool refused)
{
    SdxiCaller *caller = opaque;

    sdxi_peer_ranges_add(refused ? &caller->refused : &caller->uio, base,
                         size);
}

/* The epochs first, so that a change meanwhile is seen. */
void sdxi_functions_look(SdxiCaller *caller)
{
    SdxiPci *s = caller->s;
    uint64_t mapped = sdxi_epoch();
    uint32_t decoded = pci_peer_epoch();

    g_assert(bql_locked());
    sdxi_peer_ranges_begin(&caller->below, mapped, decoded);
    sdxi_peer_ranges_begin(&caller->beside, mapped, decoded);
    sdxi_peer_ranges_begin(&caller->uio, mapped, decoded);
    sdxi_peer_ranges_begin(&caller->refused, mapped, decoded);
    if (s->upstream) {
        pci_peer_each_range(PCI_DEVICE(s), s->upstream,
                            sdxi_functions_add_range, &caller->below);
    }
    pci_peer_each_uio(PCI_DEVICE(s), sdxi_functions_add_uio, caller);
    pci_peer_each_beside(PCI_DEVICE(s), sdxi_functions_add_watch,
                         &caller->beside);
}

/* ---- coming and leaving ---- */

static unsigned sdxi_removals;

void sdxi_functions_remove(SdxiPci *s)
{
    g_assert(bql_locked());
    QEMU_LOCK_GUARD(&sdxi_functions_mutex);
    QTAILQ_REMOVE(&sdxi_functions, s, next);
    sdxi_removals++;
}

bool sdxi_functions_settle(void)
{
    SdxiPci *s;
    unsigned seen;
    bool all;

    do {
        /* An access that is made in here may remove another one. */
        seen = sdxi_removals;
        all = true;
        QTAILQ_FOREACH(s, &sdxi_functions, next) {
            all &= sdxi_owner_settle(&s->worker);
            if (seen != sdxi_removals) {
                break;
            }
        }
    } while (seen != sdxi_removals);
    return all;
}
