/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that read a map within openings, while another one changes it and
 * frees what was before as soon as it is told that nobody uses that; and the
 * same with caches of translations, of which a command makes some void.  Run
 * with AddressSanitizer, which sees who does, and with ThreadSanitizer.
 *
 * What a machine shows of this is a matter of luck, so threads run here with
 * what they call played.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "system/iommu-change.h"
#include "hw/memfab/compat.h"
#include "hw/dma/sdxi/core/atc-renew.h"
#include "hw/dma/sdxi/core/span.h"
#include "hw/dma/sdxi/epoch.h"

#define READERS 3
#define WORDS   64

/* --- played --------------------------------------------------------------- */

AddressSpace address_space_memory;
NotifierList iommu_change_notifiers =
    NOTIFIER_LIST_INITIALIZER(iommu_change_notifiers);

static QemuMutex big_lock;
static __thread bool has_big_lock;

bool bql_locked(void)
{
    return has_big_lock;
}

void bql_lock_impl(const char *file, int line)
{
    qemu_mutex_lock(&big_lock);
    has_big_lock = true;
}

void bql_unlock(void)
{
    has_big_lock = false;
    qemu_mutex_unlock(&big_lock);
}

/* What QEMU's locks call, from the same file of stubs as the above */
#if MEMFAB_QEMU_AT_LEAST(10, 2)
bool mutex_is_bql(QemuMutex *mutex)
{
    return false;
}

void bql_update_status(bool locked)
{
}
#endif

void memory_listener_register(MemoryListener *listener, AddressSpace *as)
{
    listener->address_space = as;
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

/* --- translations --------------------------------------------------------- */

#define PAGES   16              /* of each table: a block */
#define TABLES  2               /* without a process, and of one */
#define PROCESS 5
#define NAME    511             /* the quadword that says which page it is */

/* Where pages are, each in one of two places; big lock held. */
static uint8_t *arena[TABLES][2];
static uint8_t *place[TABLES][PAGES];   /* NULL: the process has it no more */

typedef struct User {
    QemuThread thread;
    SdxiOpening opening;
    unsigned number;
    uint64_t hits;              /* atomic */
    SdxiAtc *atc;
} User;

static SdxiSpace space_of(unsigned table)
{
    return (SdxiSpace) { .pasid_valid = table, .pasid = PROCESS };
}

/* What is in a page is plain memory: who uses it too late is found out. */
static bool use_page(User *u, unsigned table, unsigned n)
{
    SdxiSpace space = space_of(table);
    uint64_t addr = n * SDXI_ATC_SMALL, *page;
    SdxiSpan *span;

    sdxi_epoch_open(&u->opening);
    sdxi_atc_renew(u->atc, u->opening.epoch, &sdxi_invals);
    span = sdxi_atc_row(u->atc, table, NULL, sdxi_space_process(&space), addr,
                        SDXI_ATC_SMALL, true);
    if (span) {
        page = sdxi_span_at(span, addr);
        g_assert_cmpuint(page[NAME], ==, table * PAGES + n);
        page[u->number]++;
    }
    sdxi_epoch_close(&u->opening);
    return span;
}

static void ask_for_page(User *u, unsigned table, unsigned n)
{
    SdxiSpace space = space_of(table);

    bql_lock();
    sdxi_atc_renew(u->atc, sdxi_epoch(), &sdxi_invals);
    sdxi_atc_insert(u->atc, &space, n * SDXI_ATC_SMALL, SDXI_ATC_SMALL, true,
                    place[table][n], false);
    bql_unlock();
}

static void *use_pages(void *opaque)
{
    User *u = opaque;
    GRand *rand = g_rand_new_with_seed(u->number);

    rcu_register_thread();
    while (!qatomic_read(&quit)) {
        unsigned table = g_rand_int_range(rand, 0, TABLES);
        unsigned n = g_rand_int_range(rand, 0, PAGES);

        if (use_page(u, table, n)) {
            qatomic_set(&u->hits, u->hits + 1);
        } else {
            ask_for_page(u, table, n);
        }
    }
    rcu_unregister_thread();
    g_rand_free(rand);
    return NULL;
}

/* Away from where it was; somewhere else, or nowhere. */
static void move_page(unsigned table, unsigned n, bool there)
{
    uint8_t *at = arena[table][0] + n * SDXI_ATC_SMALL;

    if (place[table][n] == at) {
        at = arena[table][1] + n * SDXI_ATC_SMALL;
    }
    stq_he_p(at + NAME * 8, table * PAGES + n);
    place[table][n] = there ? at : NULL;
}

static void tell(unsigned table, unsigned first, unsigned last)
{
    IommuChange c = {
        .kind = IOMMU_CHANGE_RANGE, .q0 = first * SDXI_ATC_SMALL,
        .q1 = (last + 1) * SDXI_ATC_SMALL - 1,
    };

    if (table) {
        /* Intel's: a page of a process, or all of the process */
        c.kind = IOMMU_CHANGE_INTEL;
        c.q0 = 0x6 | (first == last ? 3 : 2) << 4 | (uint64_t)PROCESS << 32;
        c.q1 = first * SDXI_ATC_SMALL;
    }
    notifier_list_notify(&iommu_change_notifiers, &c);
}

/* Tables are changed, a command says so, and all of before is overwritten. */
static void change_pages(GRand *rand)
{
    unsigned table = g_rand_int_range(rand, 0, TABLES);
    unsigned first = g_rand_int_range(rand, 0, PAGES);
    unsigned last = g_rand_int_range(rand, 0, 3) ? first : PAGES - 1;
    bool there = g_rand_int_range(rand, 0, 8);
    uint8_t *old[PAGES];

    bql_lock();
    for (unsigned n = first; n <= last; n++) {
        old[n] = place[table][n];
        move_page(table, n, there);
    }
    tell(table, first, last);
    for (unsigned n = first; n <= last; n++) {
        if (old[n]) {
            memset(old[n], 0xff, SDXI_ATC_SMALL);
        }
    }
    bql_unlock();
}

static void begin_users(User *users, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        users[i].number = i;
        users[i].atc = g_new0(SdxiAtc, 1);
        sdxi_epoch_add(&users[i].opening);
        qemu_thread_create(&users[i].thread, "user", use_pages, &users[i],
                           QEMU_THREAD_JOINABLE);
    }
}

static void end_users(User *users, unsigned count)
{
    qatomic_set(&quit, true);
    for (unsigned i = 0; i < count; i++) {
        qemu_thread_join(&users[i].thread);
        sdxi_epoch_remove(&users[i].opening);
        g_free(users[i].atc);
    }
}

static void test_translations(void)
{
    User users[READERS] = { };
    unsigned changes = g_test_slow() ? 50000 : 2000;
    GRand *rand = g_rand_new_with_seed(4711);
    bool all = false;

    bql_lock();
    sdxi_epoch_watch();
    for (unsigned table = 0; table < TABLES; table++) {
        for (unsigned i = 0; i < 2; i++) {
            arena[table][i] = g_malloc0(PAGES * SDXI_ATC_SMALL);
        }
        for (unsigned n = 0; n < PAGES; n++) {
            move_page(table, n, true);
        }
    }
    bql_unlock();
    quit = false;
    begin_users(users, READERS);
    for (unsigned n = 0; n < changes || !all; n++) {
        change_pages(rand);
        /* What was asked for again is used for a while. */
        g_usleep(20);
        all = true;
        for (unsigned i = 0; i < READERS; i++) {
            all &= qatomic_read(&users[i].hits) > 1000;
        }
    }
    end_users(users, READERS);
    for (unsigned table = 0; table < TABLES; table++) {
        g_free(arena[table][0]);
        g_free(arena[table][1]);
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_mutex_init(&big_lock);
    g_test_add_func("/sdxi/epoch/changes", test_changes);
    g_test_add_func("/sdxi/epoch/translations", test_translations);
    return g_test_run();
}
