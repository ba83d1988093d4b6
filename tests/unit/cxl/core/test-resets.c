/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of reset keeps of each room of a device, as a table.  A row
 * puts something into a room and says which kinds leave it there; whatever
 * they do, the invariants hold, and what is kept is also saved and loaded.
 * Work in the background is in test-background-ends.c.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/mediaops.h"
#include "hw/cxl/wire/cpmu.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

#define COLD      BIT(CXL_RESET_COLD)
#define HOT       BIT(CXL_RESET_HOT)
#define CLEAR     BIT(CXL_RESET_CXL_CLEAR)
#define CXL       BIT(CXL_RESET_CXL)
#define FUNCTION  BIT(CXL_RESET_FUNCTION)
#define NONE      0u
#define WARM      (HOT | CLEAR | CXL | FUNCTION)
#define ALL       (COLD | WARM)

#define PERSISTENT  (512 * MiB)
#define CONTROL     (CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL)
#define PMU_COUNTER CXL_CPMU_COUNTER(0)

typedef struct Row {
    const char *room;
    unsigned keeps;
    void (*put)(FakeHost *h);
    bool (*there)(FakeHost *h);
} Row;

static bool byte_is(FakeHost *h, uint64_t dpa, char want)
{
    char seen;

    h->dev->ops->dpa_read(h, dpa, &seen, 1);
    return seen == want;
}

/* ---- mailbox and interfaces ---- */

static void put_control(FakeHost *h)
{
    cxl_memdev_regs_write(h->dev, CONTROL, CXL_MBREG_CONTROL_BG_INT, 4);
}

static bool there_control(FakeHost *h)
{
    return cxl_memdev_regs_read(h->dev, CONTROL, 4) &
           CXL_MBREG_CONTROL_BG_INT;
}

static void put_payload(FakeHost *h)
{
    cxl_memdev_regs_write(h->dev, CXL_DEVREG_PAYLOAD, 0x55, 1);
}

static bool there_payload(FakeHost *h)
{
    return cxl_memdev_regs_read(h->dev, CXL_DEVREG_PAYLOAD, 1) == 0x55;
}

static void put_limit(FakeHost *h)
{
    h->dev->fm_cci.response_limit = 8;
}

static bool there_limit(FakeHost *h)
{
    return h->dev->fm_cci.response_limit == 8;
}

static void put_clock(FakeHost *h)
{
    uint8_t in[8] = { 1 };

    g_assert_cmphex(fake_command(h, CXL_OP_TIMESTAMP_SET, in, 8), ==, 0);
}

static bool there_clock(FakeHost *h)
{
    return cxl_timestamp_get(&h->dev->clock, h->now);
}

/* ---- media ---- */

static void put_volatile_bytes(FakeHost *h)
{
    h->dev->ops->dpa_write(h, 0, "v", 1);
}

static bool there_volatile_bytes(FakeHost *h)
{
    return byte_is(h, 0, 'v');
}

static void put_persistent(FakeHost *h)
{
    h->dev->ops->dpa_write(h, 1280 * MiB - 1, "p", 1);
}

static bool there_persistent(FakeHost *h)
{
    return byte_is(h, 1280 * MiB - 1, 'p');
}

static void put_label(FakeHost *h)
{
    h->lsa[0] = 'l';
}

static bool there_label(FakeHost *h)
{
    return h->lsa[0] == 'l';
}

/* It takes effect with the next loss of power. */
static void put_partition(FakeHost *h)
{
    g_assert_cmpint(cxl_media_set_next(&h->dev->media, 256 * MiB), ==, 0);
}

static bool there_partition(FakeHost *h)
{
    g_assert_cmpint(h->dev->media.next_valid, ==, !h->dev->media.given);
    return h->dev->media.next_valid;
}

static void put_disabled(FakeHost *h)
{
    cxl_memdev_set_media_state(h->dev, CXL_MEDIA_DISABLED);
}

static bool there_disabled(FakeHost *h)
{
    return h->dev->media.state == CXL_MEDIA_DISABLED;
}

static void put_fatal(FakeHost *h)
{
    h->dev->media.fatal = true;
}

static bool there_fatal(FakeHost *h)
{
    return h->dev->media.fatal;
}

/* ---- poison ---- */

static void put_volatile_poison(FakeHost *h)
{
    cxl_mediaops_poison(h->dev, 0x1000, 64, CXL_POISON_INJECTED);
}

static bool there_volatile_poison(FakeHost *h)
{
    return access_at(h, 0x1000) == CXL_ACCESS_POISON;
}

static void put_poison(FakeHost *h)
{
    cxl_mediaops_poison(h->dev, PERSISTENT, 64, CXL_POISON_INJECTED);
}

static bool there_poison(FakeHost *h)
{
    return access_at(h, PERSISTENT) == CXL_ACCESS_POISON;
}

static void put_next_poison(FakeHost *h)
{
    cxl_memdev_poison_next(h->dev, true);
}

static bool there_next_poison(FakeHost *h)
{
    return h->dev->poison_next;
}

/* ---- events, health, logs ---- */

static void put_event(FakeHost *h)
{
    cxl_mediaops_event(h->dev, CXL_EVLOG_WARNING, 0, 0, 0);
}

static bool there_event(FakeHost *h)
{
    return cxl_events_peek(&h->dev->events, CXL_EVLOG_WARNING, 0);
}

static void put_policy(FakeHost *h)
{
    static const uint8_t policy[4] = { 1, 1, 1, 1 };

    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_SET_POLICY, policy, 4), ==,
                    0);
}

static bool there_policy(FakeHost *h)
{
    return h->dev->events.log[CXL_EVLOG_INFO].policy == CXL_EVPOLICY_MSI;
}

static void put_dirty(FakeHost *h)
{
    h->dev->health.dirty = true;
}

static bool there_dirty(FakeHost *h)
{
    g_assert_cmpuint(h->dev->health.dirty_shutdowns, ==,
                     !h->dev->health.dirty);
    return h->dev->health.dirty;
}

static void put_temperature(FakeHost *h)
{
    CxlHealthFacts facts = h->dev->health.facts;

    facts.temperature = 40;
    cxl_health_update(&h->dev->health, &facts);
}

static bool there_temperature(FakeHost *h)
{
    return h->dev->health.facts.temperature == 40;
}

static void put_history(FakeHost *h)
{
    fake_command(h, CXL_OP_IDENTIFY, NULL, 0);
}

static bool there_history(FakeHost *h)
{
    return h->dev->logs.history_count;
}

static void put_dump(FakeHost *h)
{
    cxl_logs_set_dump(&h->dev->logs, g_string_new("dump"));
}

static bool there_dump(FakeHost *h)
{
    return h->dev->logs.dump;
}

/* ---- security, firmware, features, maintenance ---- */

static void put_frozen(FakeHost *h)
{
    cxl_security_freeze(&h->dev->security);
}

static bool there_frozen(FakeHost *h)
{
    return h->dev->security.frozen;
}

static void put_unlocked(FakeHost *h)
{
    h->dev->security.set[CXL_PASSPHRASE_USER] = true;
}

/* Power makes it lock again. */
static bool there_unlocked(FakeHost *h)
{
    return !h->dev->security.locked;
}

static void put_staged(FakeHost *h)
{
    strcpy(h->dev->fw.revision[2], "two");
    h->dev->fw.staged = 2;
}

static bool there_staged(FakeHost *h)
{
    g_assert_cmpuint(h->dev->fw.active, ==, h->dev->fw.staged ? 1 : 2);
    return h->dev->fw.staged;
}

static void put_feature(FakeHost *h)
{
    h->dev->features.state[CXL_FEATURE_SCRUB].current[0] ^= 1;
}

static bool there_feature(FakeHost *h)
{
    return memcmp(h->dev->features.state[CXL_FEATURE_SCRUB].current,
                  h->dev->features.state[CXL_FEATURE_SCRUB].saved, 1);
}

/* ---- dynamic capacity ---- */

static CxlBgRange extent = { BASE0 + BLOCK, BLOCK };

static void put_offer(FakeHost *h)
{
    add(h, (CxlDcRequest) { .policy = CXL_DC_ADD_PRESCRIPTIVE,
                            .extents = &extent, .num_extents = 1 });
}

/* Withdrawn and offered again: the host can still take it. */
static bool there_offer(FakeHost *h)
{
    return cxl_events_peek(&h->dev->events, CXL_EVLOG_DC, 0);
}

static void put_extent(FakeHost *h)
{
    put_offer(h);
    g_assert_cmphex(respond(h, extent.start, extent.len), ==, 0);
}

static bool there_extent(FakeHost *h)
{
    return access_at(h, extent.start) == CXL_ACCESS_OK;
}

/* ---- the performance monitoring unit ---- */

static void put_counter(FakeHost *h)
{
    uint64_t pmu = cxl_memdev_regs_pmu(h->dev);

    cxl_memdev_regs_write(h->dev, pmu + CXL_CPMU_FREEZE, UINT64_MAX, 8);
    cxl_memdev_regs_write(h->dev, pmu + PMU_COUNTER, 77, 8);
}

static bool there_counter(FakeHost *h)
{
    return cxl_memdev_regs_read(h->dev, cxl_memdev_regs_pmu(h->dev) +
                                PMU_COUNTER, 8) == 77;
}

#define ROW(keeps, name) { #name, keeps, put_##name, there_##name }

static const Row rows[] = {
    ROW(FUNCTION, control),
    ROW(FUNCTION, payload),
    ROW(FUNCTION, limit),
    ROW(WARM, clock),
    ROW(HOT | CXL | FUNCTION, volatile_bytes),
    ROW(ALL, persistent),
    ROW(ALL, label),
    ROW(WARM, partition),
    ROW(ALL, disabled),
    ROW(WARM, fatal),
    ROW(HOT | CXL | FUNCTION, volatile_poison),
    ROW(ALL, poison),
    ROW(FUNCTION, next_poison),
    ROW(WARM, event),
    ROW(WARM, policy),
    ROW(WARM, dirty),
    ROW(ALL, temperature),
    ROW(WARM, history),
    ROW(WARM, dump),
    ROW(WARM, frozen),
    ROW(WARM, unlocked),
    ROW(WARM, staged),
    ROW(WARM, feature),
    ROW(ALL, offer),
    ROW(ALL, extent),
    ROW(FUNCTION, counter),
};

static void check_kept(FakeHost *h, const Row *row)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;
    bool there = row->there(h);

    cxl_memdev_save(h->dev, bytes);
    g_assert_true(cxl_memdev_load(h->dev, bytes->data, bytes->len,
                                  &problem));
    g_assert_cmpint(row->there(h), ==, there);
    fake_check(h);
}

static void test_row(gconstpointer data)
{
    const Row *row = data;

    for (unsigned kind = 0; kind < CXL_RESET_KINDS; kind++) {
        FakeHost *h = start();

        row->put(h);
        g_assert_true(row->there(h));
        check_kept(h, row);
        cxl_memdev_reset(h->dev, kind);
        fake_check(h);
        g_test_message("%s, reset of kind %u", row->room, kind);
        g_assert_cmpint(row->there(h), ==, !!(row->keeps & BIT(kind)));
        check_kept(h, row);
        fake_host_free(h);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/cxl/resets/%s",
                                                rows[i].room);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
