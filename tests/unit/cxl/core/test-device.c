/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/device: what host accesses meet, run by run; resets; the timer.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

/* Runs from 0 to beyond the end, as a list of answers. */
static void assert_runs(FakeHost *h, const CxlAccess *want, unsigned n)
{
    uint64_t dpa = 0, end = cxl_memdev_dpa_end(h->dev) + 64;

    for (unsigned i = 0; i < n; i++) {
        CxlAccess access, last = CXL_ACCESS_OK;
        uint64_t from = dpa;

        do {
            last = i ? want[i - 1] : CXL_ACCESS_OK;
            dpa += cxl_memdev_access_run(h->dev, dpa, end - dpa, &access);
        } while (i && access == last && dpa < end);
        g_assert_cmpint(access, ==, want[i]);
        g_assert_cmphex(dpa, >, from);
    }
    g_assert_cmphex(dpa, ==, end);
}

static void test_access_runs(void)
{
    static const CxlAccess want[] = {
        CXL_ACCESS_OK, CXL_ACCESS_POISON, CXL_ACCESS_OK, CXL_ACCESS_NONE,
        CXL_ACCESS_OK, CXL_ACCESS_NONE,
    };
    FakeHost *h = start();
    CxlBgRange x = { BASE0 + 4 * BLOCK, BLOCK };

    cxl_mediaops_poison(h->dev, 0x1000, 128, CXL_POISON_INJECTED);
    add(h, (CxlDcRequest) { .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = &x,
                            .num_extents = 1 });
    respond(h, x.start, x.len);
    assert_runs(h, want, ARRAY_SIZE(want));
    g_assert_cmpint(cxl_memdev_access(h->dev, UINT64_MAX - 1, 8), ==,
                    CXL_ACCESS_NONE);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0, 0), ==, CXL_ACCESS_OK);
    fake_host_free(h);
}

static void test_reset_ends_background(void)
{
    static const CxlResetKind kinds[] = {
        CXL_RESET_COLD, CXL_RESET_HOT, CXL_RESET_CXL_CLEAR, CXL_RESET_CXL,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        FakeHost *h = start();

        fake_command(h, CXL_OP_SANITIZE, NULL, 0);
        cxl_memdev_reset(h->dev, kinds[i]);
        g_assert_false(h->dev->cci.bg.running);
        g_assert_cmpint(h->timer_at, ==, INT64_MAX);
        g_assert_cmpint(access_at(h, 0), ==, CXL_ACCESS_DISABLED);
        fake_check(h);
        fake_host_free(h);
    }
}

static void test_reset_contents(void)
{
    FakeHost *h = start();
    uint8_t seen[2];

    h->dev->store->dpa_write(h, 0, "v", 1);
    h->dev->store->dpa_write(h, 600 * MiB, "p", 1);
    cxl_memdev_reset(h->dev, CXL_RESET_CXL);
    h->dev->store->dpa_read(h, 0, seen, 1);
    g_assert_cmpuint(seen[0], ==, 'v');
    cxl_memdev_reset(h->dev, CXL_RESET_CXL_CLEAR);
    h->dev->store->dpa_read(h, 0, seen, 1);
    h->dev->store->dpa_read(h, 600 * MiB, seen + 1, 1);
    g_assert_cmpuint(seen[0], ==, 0);
    g_assert_cmpuint(seen[1], ==, 'p');
    fake_host_free(h);
}

/* A timer that comes for nothing does nothing. */
static void test_spurious_timer(void)
{
    FakeHost *h = start();

    cxl_memdev_timer(h->dev);
    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    cxl_memdev_timer(h->dev);
    g_assert_true(h->dev->cci.bg.running);
    g_assert_cmpuint(h->dev->cci.bg.slices_done, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/*
 * What a device takes beside its memory: nothing is allocated for logs, lists
 * and images that are empty.  The glue's struct is bounded where it is.
 */
#define IDLE_BYTES (64 * KiB)

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);
#define allocated() __sanitizer_get_current_allocated_bytes()
#else
#include <malloc.h>
#define allocated() ((size_t)mallinfo2().uordblks)
#endif

/* What a driver does before anybody uses the device. */
static void probe(FakeHost *h)
{
    static const uint8_t policy[4] = { 1, 1, 1, 1 };
    static const uint16_t queries[] = {
        CXL_OP_LOGS_SUPPORTED, CXL_OP_IDENTIFY, CXL_OP_PARTITION_GET,
        CXL_OP_FW_INFO, CXL_OP_HEALTH, CXL_OP_SECURITY_STATE,
        CXL_OP_EVENTS_GET_POLICY,
    };
    uint8_t out[2048];

    for (unsigned i = 0; i < G_N_ELEMENTS(queries); i++) {
        fake_query(h, queries[i], out, sizeof(out));
    }
    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_SET_POLICY, policy,
                                 sizeof(policy)), ==, 0);
}

static void test_idle_footprint(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h;
    size_t before, after;

    cfg.num_dc_regions = 8;
    for (unsigned i = 0; i < 8; i++) {
        cfg.dc_regions[i] = (CxlDcRegionConfig) {
            .base = (1280ull + i * 256) * MiB, .len = 256 * MiB,
            .block_size = 2 * MiB, .dsmad_handle = 2 + i,
        };
    }
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        cfg.event_log_size[i] = 128;
    }
    h = fake_host_new(&cfg);
    before = allocated();
    cxl_endpoint_free(h->ep);
    after = allocated();
    g_assert_cmpuint(before, >, after);
    g_test_message("idle device: %zu bytes", before - after);
    g_assert_cmpuint(before - after, <=, IDLE_BYTES);
    h->ep = NULL;
    fake_host_free(h);

    h = fake_host_new(&cfg);
    probe(h);
    before = allocated();
    cxl_endpoint_free(h->ep);
    after = allocated();
    g_test_message("probed device: %zu bytes", before - after);
    g_assert_cmpuint(before - after, <=, IDLE_BYTES);
    h->ep = NULL;
    fake_host_free(h);
}

/* ---- what takes several commands: which resets it outlives ---- */

#define FAR         (512 * MiB)
#define CXL_RESETS  (BIT(CXL_RESET_CXL) | BIT(CXL_RESET_CXL_CLEAR))

/* The first of two records has been read. */
static void begin_list_cursor(FakeHost *h)
{
    CxlPoisonRecord record;
    bool more;

    for (unsigned i = 0; i < 2; i++) {
        cxl_mediaops_poison(h->dev, FAR + i * 4096, 64,
                            CXL_POISON_INJECTED);
    }
    cxl_poison_list(&h->dev->poison, FAR, 8192, &record, 1, &more);
    g_assert_true(more);
}

static bool goes_on_list_cursor(FakeHost *h)
{
    CxlPoisonMap *p = &h->dev->poison;
    CxlPoisonRecord record;
    uint64_t next = p->cursor_next;
    bool was = p->cursor_valid, more;

    g_assert_cmpuint(cxl_poison_list(p, FAR, 8192, &record, 1, &more),
                     ==, 1);
    g_assert_cmphex(ldq_le_p(&record.address) & ~7ull, ==,
                    was ? next + 4096 - 64 : FAR);
    p->cursor_valid = was;
    p->cursor_next = next;
    p->cursor_dpa = was ? FAR : 0;
    p->cursor_len = was ? 8192 : 0;
    return was;
}

static void begin_scan(FakeHost *h)
{
    static const uint8_t in[sizeof(CxlScanIn)] = { [8] = 1 };

    g_assert_cmphex(fake_command(h, CXL_OP_SCAN_MEDIA, in, sizeof(in)), ==,
                    CXL_RC_BACKGROUND);
    fake_host_run(h, 1000000000);
}

static bool goes_on_scan(FakeHost *h)
{
    return h->dev->poison.scan.valid;
}

static void begin_image_part(FakeHost *h)
{
    static const uint8_t in[sizeof(CxlFwTransferIn) + 128] = {
        CXL_FW_INITIATE,
    };

    g_assert_cmphex(fake_command(h, CXL_OP_FW_TRANSFER, in, sizeof(in)), ==,
                    CXL_RC_BACKGROUND);
    fake_host_run(h, 1000000000);
}

static bool goes_on_image_part(FakeHost *h)
{
    return h->dev->fw.open;
}

static void begin_feature_part(FakeHost *h)
{
    static const uint8_t part[] = { 0 };

    fake_set_patrol(h, CXL_FEATURE_INITIATE, part, sizeof(part));
}

static bool goes_on_feature_part(FakeHost *h)
{
    return h->dev->features.open;
}

static const struct {
    unsigned outlives;
    void (*begin)(FakeHost *h);
    bool (*goes_on)(FakeHost *h);
} several[] = {
    { 0, begin_list_cursor, goes_on_list_cursor },
    { CXL_RESETS, begin_scan, goes_on_scan },
    { 0, begin_image_part, goes_on_image_part },
    { 0, begin_feature_part, goes_on_feature_part },
};

static void test_reset_in_the_middle(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(several); i++) {
        for (unsigned kind = 0; kind < CXL_RESET_KINDS; kind++) {
            FakeHost *h = start();
            bool keeps = kind == CXL_RESET_FUNCTION ||
                         several[i].outlives & BIT(kind);

            several[i].begin(h);
            g_assert_true(several[i].goes_on(h));
            cxl_endpoint_reset(h->ep, kind);
            fake_check(h);
            g_test_message("row %u, reset of kind %u", i, kind);
            g_assert_cmpint(several[i].goes_on(h), ==, keeps);
            fake_host_free(h);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/device/idle-footprint", test_idle_footprint);
    g_test_add_func("/cxl/device/access-runs", test_access_runs);
    g_test_add_func("/cxl/device/reset-ends-background",
                    test_reset_ends_background);
    g_test_add_func("/cxl/device/reset-contents", test_reset_contents);
    g_test_add_func("/cxl/device/reset-in-the-middle",
                    test_reset_in_the_middle);
    g_test_add_func("/cxl/device/spurious-timer", test_spurious_timer);
    return g_test_run();
}
