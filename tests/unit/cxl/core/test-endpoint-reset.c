/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of reset keeps of each room of an endpoint and of the logical
 * device in it, as a table.  A row
 * puts something into a room and says which kinds leave it there; whatever
 * they do, the invariants hold, and what is kept is also saved and loaded.
 * Work in the background is in test-background-ends.c.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/common/wire/doe.h"
#include "hw/cxl/core/mediaops.h"
#include "hw/cxl/wire/cpmu.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

#define COLD      BIT(CXL_RESET_COLD)
#define HOT       BIT(CXL_RESET_HOT)
#define CLEAR     BIT(CXL_RESET_CXL_CLEAR)
#define CXL       BIT(CXL_RESET_CXL)
#define FUNCTION  BIT(CXL_RESET_FUNCTION)
/* What is PCIe's goes with a conventional reset, CXL.mem stays till then. */
#define NOT_PCI   (CLEAR | CXL | FUNCTION)
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

    h->dev->store->dpa_read(h, dpa, &seen, 1);
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
    h->dev->store->dpa_write(h, 0, "v", 1);
}

static bool there_volatile_bytes(FakeHost *h)
{
    return byte_is(h, 0, 'v');
}

static void put_persistent(FakeHost *h)
{
    h->dev->store->dpa_write(h, 1280 * MiB - 1, "p", 1);
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

/* ---- component registers ---- */

#define COMP(offset) (CXL_COMP_CACHEMEM + (offset))

static void component(FakeHost *h, uint32_t offset, uint32_t value)
{
    cxl_endpoint_component_write(h->ep, COMP(offset), value, 4);
}

static uint32_t component_at(FakeHost *h, uint32_t offset)
{
    return cxl_endpoint_component_read(h->ep, COMP(offset), 4);
}

static void put_decoder(FakeHost *h)
{
    fake_map(h, true);
}

static bool there_decoder(FakeHost *h)
{
    return cxl_endpoint_mapped(h->ep, 0, 64);
}

static void put_hdm_enable(FakeHost *h)
{
    component(h, CXL_COMP_HDM + CXL_HDM_GLOBAL, CXL_HDM_GLOBAL_ENABLE);
}

static bool there_hdm_enable(FakeHost *h)
{
    return cxl_endpoint_hdm_enabled(h->ep);
}

static void put_bi(FakeHost *h)
{
    component(h, CXL_COMP_BI + CXL_BI_CTRL, CXL_BI_CTRL_ENABLE);
}

static bool there_bi(FakeHost *h)
{
    return component_at(h, CXL_COMP_BI + CXL_BI_CTRL) & CXL_BI_CTRL_ENABLE;
}

static void put_error_mask(FakeHost *h)
{
    component(h, CXL_COMP_RAS + CXL_RAS_UE_MASK, 0);
}

static bool there_error_mask(FakeHost *h)
{
    return !component_at(h, CXL_COMP_RAS + CXL_RAS_UE_MASK);
}

static void put_error(FakeHost *h)
{
    const CxlRasRecord error = {
        .bit = CXL_RAS_UE_RECEIVER_OVERFLOW, .header = { 0x1234 },
    };

    put_error_mask(h);
    cxl_endpoint_uncorrectable(h->ep, &error, 1);
}

static bool there_error(FakeHost *h)
{
    CxlRasErrors errors;

    cxl_endpoint_errors(h->ep, &errors);
    g_assert_cmpint(errors.recorded == 1, ==, errors.uncorrectable != 0);
    return errors.recorded && errors.record[0].header[0] == 0x1234;
}

static void put_correctable(FakeHost *h)
{
    cxl_endpoint_correctable(h->ep, CXL_RAS_CE_CRC_THRESHOLD);
}

static bool there_correctable(FakeHost *h)
{
    CxlRasErrors errors;

    cxl_endpoint_errors(h->ep, &errors);
    return errors.correctable == BIT(CXL_RAS_CE_CRC_THRESHOLD);
}

/* ---- configuration space ---- */

#define DVSEC  0x10c    /* behind the serial number */
#define TEST   0x270

static void put_mem_enable(FakeHost *h)
{
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL,
                              CXL_DVSEC_DEV_CTRL_MEM, 2);
}

static bool there_mem_enable(FakeHost *h)
{
    return cxl_endpoint_mem_enabled(h->ep);
}

static void put_viral(FakeHost *h)
{
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL,
                              CXL_DVSEC_DEV_CTRL_VIRAL, 2);
    g_assert_true(cxl_dvsec_enter_viral(&h->ep->dvsec));
}

static bool there_viral(FakeHost *h)
{
    return cxl_endpoint_config_read(h->ep, DVSEC + CXL_DVSEC_DEV_STATUS, 0, 2)
           & CXL_DVSEC_DEV_STATUS_VIRAL;
}

static void put_config_lock(FakeHost *h)
{
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_LOCK,
                              CXL_DVSEC_DEV_LOCK_CONFIG, 2);
}

/* It is not a bit only. */
static bool there_config_lock(FakeHost *h)
{
    bool locked;

    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_RANGE_BASE_HI(1),
                              7, 4);
    locked = !cxl_endpoint_config_read(h->ep, DVSEC +
                                       CXL_DVSEC_DEV_RANGE_BASE_HI(1), 0, 4);
    g_assert_cmpint(cxl_endpoint_config_read(h->ep,
                                             DVSEC + CXL_DVSEC_DEV_LOCK,
                                             0, 2), ==, locked);
    return locked;
}

static void put_test_lock(FakeHost *h)
{
    cxl_endpoint_config_write(h->ep, TEST + CXL_DVSEC_TEST_LOCK, 1, 2);
}

static bool there_test_lock(FakeHost *h)
{
    return cxl_endpoint_config_read(h->ep, TEST + CXL_DVSEC_TEST_LOCK, 0, 2);
}

static void put_range(FakeHost *h)
{
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_RANGE_BASE_LO(0),
                              0x40000000, 4);
}

static bool there_range(FakeHost *h)
{
    uint64_t hpa, size, dpa;

    return cxl_endpoint_range(h->ep, 0, &hpa, &size, &dpa) &&
           hpa == 0x40000000 && size == 512 * MiB && !dpa;
}

static uint16_t status2(FakeHost *h)
{
    return cxl_endpoint_config_read(h->ep, DVSEC + CXL_DVSEC_DEV_STATUS2, 0,
                                    2);
}

static void ask_for_reset(FakeHost *h)
{
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL2,
                              CXL_DVSEC_DEV_CTRL2_RESET, 2);
}

static void put_reset_done(FakeHost *h)
{
    ask_for_reset(h);
    fake_host_run(h, CXL_ENDPOINT_RESET_NS);
}

static bool there_reset_done(FakeHost *h)
{
    return status2(h) & CXL_DVSEC_DEV_STATUS2_RESET_DONE;
}

static void put_reset_going_on(FakeHost *h)
{
    ask_for_reset(h);
    g_assert_false(there_reset_done(h));
}

/* It has an end of its own. */
static bool there_reset_going_on(FakeHost *h)
{
    return h->ep->reset_due != INT64_MAX;
}

/* ---- data object exchange ---- */

#define DOE_CDAT        0x190
#define DOE_COMPLIANCE  0x1b0

static void put_half_object(FakeHost *h)
{
    cxl_endpoint_config_write(h->ep, DOE_CDAT + DOE_REG_WRITE,
                              DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 4);
}

static bool there_half_object(FakeHost *h)
{
    return h->ep->doe[CXL_DOE_CDAT].doe.received == 1;
}

static void put_doe_interrupt(FakeHost *h)
{
    cxl_endpoint_config_write(h->ep, DOE_COMPLIANCE + DOE_REG_CTRL,
                              DOE_CTRL_INTR_EN, 4);
}

static bool there_doe_interrupt(FakeHost *h)
{
    return cxl_endpoint_config_read(h->ep, DOE_COMPLIANCE + DOE_REG_CTRL, 0,
                                    4) & DOE_CTRL_INTR_EN;
}

/* The table has been another before, and who reads it learns so. */
static void put_sequence(FakeHost *h)
{
    h->ep->cdat.sequence = 41;
}

static bool there_sequence(FakeHost *h)
{
    return h->ep->cdat.sequence == 41;
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
    ROW(FUNCTION, decoder),
    ROW(FUNCTION, hdm_enable),
    ROW(FUNCTION, bi),
    ROW(WARM, error_mask),
    ROW(WARM, error),
    ROW(WARM, correctable),
    ROW(NOT_PCI, mem_enable),
    ROW(WARM, viral),
    ROW(NOT_PCI, config_lock),
    ROW(NOT_PCI, test_lock),
    ROW(NOT_PCI, range),
    ROW(WARM, reset_done),
    ROW(NOT_PCI, reset_going_on),
    ROW(CLEAR | CXL, half_object),
    ROW(CLEAR | CXL, doe_interrupt),
    ROW(ALL, sequence),
};

static void check_kept(FakeHost *h, const Row *row)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;
    bool there = row->there(h);

    cxl_endpoint_save(h->ep, bytes);
    g_assert_true(cxl_endpoint_load(h->ep, bytes->data, bytes->len,
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
        cxl_endpoint_reset(h->ep, kind);
        fake_check(h);
        g_test_message("%s, reset of kind %u", row->room, kind);
        g_assert_cmpint(row->there(h), ==, !!(row->keeps & BIT(kind)));
        check_kept(h, row);
        fake_host_free(h);
    }
}

/* CXL r3.1 8.1.3.5: software asks, and is told of the end. */
static void test_by_software(void)
{
    static const uint16_t how[] = { 0, CXL_DVSEC_DEV_CTRL2_MEM_CLEAR };

    for (unsigned i = 0; i < ARRAY_SIZE(how); i++) {
        FakeHost *h = start();

        put_volatile_bytes(h);
        fake_map(h, true);
        put_mem_enable(h);
        cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL2,
                                  CXL_DVSEC_DEV_CTRL2_RESET | how[i], 2);
        g_assert_cmphex(cxl_endpoint_config_read(
            h->ep, DVSEC + CXL_DVSEC_DEV_CTRL2, 0, 2), ==, how[i]);
        g_assert_false(there_decoder(h));
        g_assert_true(there_mem_enable(h));
        g_assert_cmpint(there_volatile_bytes(h), ==, !how[i]);
        g_assert_false(there_reset_done(h));
        fake_host_run(h, CXL_ENDPOINT_RESET_NS - 1);
        g_assert_false(there_reset_done(h));
        fake_host_run(h, 1);
        g_assert_true(there_reset_done(h));
        fake_check(h);
        /* Once more, and a hot reset before the end: it has none then. */
        ask_for_reset(h);
        g_assert_false(there_reset_done(h));
        cxl_endpoint_reset(h->ep, CXL_RESET_HOT);
        fake_host_run(h, 10 * CXL_ENDPOINT_RESET_NS);
        g_assert_false(there_reset_done(h));
        fake_host_free(h);
    }
}

/* Whoever maps memory learns of what a reset takes away, before it returns. */
static void test_told(void)
{
    static const unsigned tells = COLD | HOT | CLEAR | CXL;

    for (unsigned kind = 0; kind < CXL_RESET_KINDS; kind++) {
        FakeHost *h = start();

        fake_map(h, true);
        put_mem_enable(h);
        h->decode_changes = 0;
        cxl_endpoint_reset(h->ep, kind);
        g_assert_cmpint(h->decode_changes > 0, ==, !!(tells & BIT(kind)));
        g_assert_cmpuint(h->traced[CXL_TRACE_RESET], ==, 1);
        fake_host_free(h);
    }
}

/* What PCIe resets alone leaves an accelerator's memory to whom it is. */
static void test_bias(void)
{
    static const struct {
        unsigned keeps_pages, keeps_counts;
    } want = { FUNCTION, FUNCTION | CXL | CLEAR };

    for (unsigned kind = 0; kind < CXL_RESET_KINDS; kind++) {
        FakeHost *h = fake_host_accelerator();
        CxlBias *b = cxl_endpoint_bias(h->ep);

        cxl_endpoint_component_write(h->ep, CXL_COMP_CACHEMEM + CXL_COMP_BI +
                                     CXL_BI_CTRL, CXL_BI_CTRL_ENABLE, 4);
        cxl_bias_device(b, 0, 1, true);
        cxl_endpoint_reset(h->ep, kind);
        g_assert_cmpint(cxl_bias_held(b, 0, 1), ==,
                        !!(want.keeps_pages & BIT(kind)));
        g_assert_cmpint(cxl_bias_counts(b).writes, ==,
                        !!(want.keeps_counts & BIT(kind)));
        fake_check(h);
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
    g_test_add_func("/cxl/resets/by-software", test_by_software);
    g_test_add_func("/cxl/resets/told", test_told);
    g_test_add_func("/cxl/resets/bias", test_bias);
    return g_test_run();
}
