/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that read a map within openings, while another one changes it and
 * frees what was before as soon as it is told that nobody uses that: run with
 * AddressSanitizer, which sees who does, and with ThreadSanitizer.
 *
 * What a machine shows of this is a matter of luck, so threads run here with
 * what they call played.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "system/iommu-change.h"
#include "hw/memfab/compat.h"
#include "hw/dma/sdxi/epoch.h"

#define READERS 3
#define WORDS   64

/* --- played --------------------------------------------------------------- */

AddressSpace address_space_memory;
NotifierList iommu_change_notifiers =
    NOTIFIER_LIST_INITIALIZER(iommu_change_notifiers);

void memory_listener_register(MemoryListener *listener, AddressSpace *as)
{
    g_assert_not_reached();
}

/* --- the test ------------------------------------------------------------- */

typedef struct Map {
    uint64_t word[WORDS];   /* all the same */
} Map;

typedef struct Reader {
    QemuThread thread;
    SdxiOpening opening;
    uint64_t turns;
} Reader;

static Map *map;
static bool quit;

static void *read_it(void *opaque)
{
    Reader *r = opaque;

    rcu_register_thread();
    while (!qatomic_read(&quit)) {
        const Map *m;

        sdxi_epoch_open(&r->opening);
        m = qatomic_load_acquire(&map);
        for (unsigned i = 0; i < WORDS; i++) {
            g_assert_cmphex(m->word[i], ==, m->word[0]);
        }
        sdxi_epoch_close(&r->opening);
        qatomic_set(&r->turns, r->turns + 1);
    }
    rcu_unregister_thread();
    return NULL;
}

static Map *map_of(uint64_t word)
{
    Map *m = g_new(Map, 1);

    for (unsigned i = 0; i < WORDS; i++) {
        m->word[i] = word;
    }
    return m;
}

static void change(uint64_t n)
{
    Map *old = map;

    qatomic_store_release(&map, map_of(n));
    sdxi_epoch_settle();
    memset(old, 0xff, 8);
    g_free(old);
}

static void test_changes(void)
{
    Reader readers[READERS] = { };
    unsigned changes = g_test_slow() ? 1000000 : 3000;
    bool all = false;

    map = map_of(0);
    quit = false;
    for (unsigned i = 0; i < READERS; i++) {
        sdxi_epoch_add(&readers[i].opening);
        qemu_thread_create(&readers[i].thread, "reader", read_it, &readers[i],
                           QEMU_THREAD_JOINABLE);
    }
    /* All take part; the runner ends a test that waits for ever. */
    for (uint64_t n = 1; n < changes || !all; n++) {
        change(n);
        all = true;
        for (unsigned i = 0; i < READERS; i++) {
            all &= qatomic_read(&readers[i].turns) > 10;
        }
    }
    qatomic_set(&quit, true);
    for (unsigned i = 0; i < READERS; i++) {
        qemu_thread_join(&readers[i].thread);
        sdxi_epoch_remove(&readers[i].opening);
    }
    g_clear_pointer(&map, g_free);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/epoch/changes", test_changes);
    return g_test_run();
}
