/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of all SDXI functions of the machine: who is in it, and how one of
 * them is found by a peer.  What a function is like is in pci.c.
 */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "hw/dma/sdxi/device.h"

/*
 * All functions.  Changed under the big lock; the mutex lets workers look for
 * peers.
 */
static QTAILQ_HEAD(, SdxiPci) sdxi_functions =
    QTAILQ_HEAD_INITIALIZER(sdxi_functions);
static QemuMutex sdxi_functions_mutex;

void sdxi_functions_init(void)
{
    qemu_mutex_init(&sdxi_functions_mutex);
}

SdxiPci *sdxi_pci_find(const char *group, uint16_t sfunc)
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

SdxiPci *sdxi_pci_find_vf(const SdxiPci *pf, unsigned number)
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

void sdxi_pci_kick(const SdxiFace *face)
{
    SdxiPci *s;

    QEMU_LOCK_GUARD(&sdxi_functions_mutex);
    QTAILQ_FOREACH(s, &sdxi_functions, next) {
        if (sdxi_device_face(s->core) == face) {
            sdxi_worker_kick(&s->worker);
        }
    }
}

void sdxi_pci_foreach(void (*fn)(SdxiPci *s, void *opaque), void *opaque)
{
    SdxiPci *s;

    QTAILQ_FOREACH(s, &sdxi_functions, next) {
        fn(s, opaque);
    }
}

void sdxi_functions_add(SdxiPci *s)
{
    QEMU_LOCK_GUARD(&sdxi_functions_mutex);
    QTAILQ_INSERT_TAIL(&sdxi_functions, s, next);
}

static unsigned sdxi_removals;

void sdxi_functions_remove(SdxiPci *s)
{
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
        /* An access that is served in here may remove another one. */
        seen = sdxi_removals;
        all = true;
        QTAILQ_FOREACH(s, &sdxi_functions, next) {
            all &= sdxi_worker_settle(&s->worker);
            if (seen != sdxi_removals) {
                break;
            }
        }
    } while (seen != sdxi_removals);
    return all;
}
