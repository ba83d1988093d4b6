/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/persist: what is saved is what is loaded, idle and in the middle
 * of everything; damaged and foreign bytes are refused by name, and the
 * device is what it was.  Streams of earlier formats: test-streams.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

#define DC_BASE (1280 * MiB)
#define BLOCK   (2 * MiB)

static CxlMemdevConfig config(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.num_dc_regions = 1;
    cfg.dc_regions[0] = (CxlDcRegionConfig) {
        .base = DC_BASE, .len = 256 * MiB, .block_size = BLOCK,
    };
    return cfg;
}

static FakeHost *start(void)
{
    CxlMemdevConfig cfg = config();

    return fake_host_new(&cfg);
}

/* Something in every room. */
static void fill(FakeHost *h)
{
    CxlMemdev *dev = h->dev;
    CxlDcRequest req = { .length = BLOCK, .tag = { { 1 } } };
    CxlBgRange taken = { DC_BASE, BLOCK };
    CxlHealthFacts facts = { .life_used = 96, .temperature = -20 };
    CxlScanIn scan = { .lines = cpu_to_le64(1 << 20) };
    uint8_t in[256] = { CXL_FW_INITIATE };
    const char *why;

    fake_command(h, CXL_OP_TIMESTAMP_SET, "12345678", 8);
    fake_command(h, CXL_OP_FW_TRANSFER, in, sizeof(in));
    fake_host_run(h, 1000000000);
    cxl_mediaops_poison(dev, 0x1000, 64, CXL_POISON_INJECTED);
    cxl_mediaops_poison(dev, 0x8000, 128, CXL_POISON_INTERNAL);
    cxl_memdev_host_wrote(dev, 0x1000, 8);
    cxl_health_update(&dev->health, &facts);
    dev->health.dirty = true;
    cxl_dcd_add(&dev->dc_pool, &req, &why);
    cxl_dcd_respond(&dev->dc_view, &taken, 1, false);
    req.tag.b[0] = 2;
    cxl_dcd_add(&dev->dc_pool, &req, &why);
    req.tag.b[0] = 3;
    req.length = 32 * BLOCK;
    cxl_dcd_add(&dev->dc_pool, &req, &why);
    cxl_logs_set_dump(&dev->logs, g_string_new("text"));
    cxl_media_set_next(&dev->media, 256 * MiB);
    memset(in, 5, 96);
    in[0] = CXL_PASSPHRASE_USER;
    fake_command(h, CXL_OP_PASSPHRASE_SET, in, 96);
    fake_command(h, CXL_OP_SCAN_MEDIA, &scan, sizeof(scan));
    fake_host_run(h, 300000);
    fake_check(h);
}

static GByteArray *save(FakeHost *h)
{
    GByteArray *out = g_byte_array_new();

    cxl_memdev_save(h->dev, out);
    return out;
}

static void assert_loads(FakeHost *h, const GByteArray *bytes)
{
    char *problem;

    g_assert_true(cxl_memdev_load(h->dev, bytes->data, bytes->len, &problem));
    g_assert_cmpstr(problem, ==, NULL);
    fake_check(h);
}

static void round_trip(FakeHost *from)
{
    g_autoptr(GByteArray) first = save(from), second = NULL;
    FakeHost *to = start();

    to->now = from->now;
    assert_loads(to, first);
    second = save(to);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    g_assert_cmpint(to->timer_at, ==, from->timer_at);
    fake_host_free(to);
}

static void test_idle(void)
{
    FakeHost *h = start();

    round_trip(h);
    fake_host_free(h);
}

static void test_busy(void)
{
    FakeHost *h = start();

    fill(h);
    g_assert_true(h->dev->cci.bg.running);
    g_assert_cmpuint(h->dev->dc_view.groups.length, ==, 2);
    round_trip(h);
    fake_host_free(h);
}

/* The operation goes on where it was and ends with an interrupt. */
static void test_background_goes_on(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL;

    fill(from);
    cxl_memdev_regs_write(from->dev, CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL,
                          CXL_MBREG_CONTROL_BG_INT, 4);
    bytes = save(from);
    to->now = from->now;
    assert_loads(to, bytes);
    fake_host_run(to, 10000000000);
    g_assert_cmpuint(to->irqs[7], ==, 1);
    g_assert_false(to->dev->cci.bg.running);
    g_assert_true(to->dev->poison.scan.valid);
    g_assert_cmpuint(to->dev->poison.listed.total, ==, 192);
    fake_check(to);
    fake_host_free(from);
    fake_host_free(to);
}

/*
 * @bytes are refused with a sentence that contains @why; nobody learns of
 * them, and the device, which has a state of its own, keeps it.
 */
static void assert_refused(FakeHost *to, const uint8_t *bytes, size_t len,
                           const char *why)
{
    unsigned told = to->access_changes;
    g_autoptr(GByteArray) before = save(to), after = NULL;
    g_autofree char *problem = NULL;

    g_assert_false(cxl_memdev_load(to->dev, bytes, len, &problem));
    if (!strstr(problem, why)) {
        g_error("\"%s\" does not say \"%s\"", problem, why);
    }
    fake_check(to);
    g_assert_cmpuint(to->access_changes, ==, told);
    after = save(to);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
}

/* A device with a small state, so that each byte can have its turn. */
static FakeHost *start_small(void)
{
    CxlMemdevConfig cfg = config();

    cfg.payload_shift = 8;
    cfg.pmu_msgnum = 0;
    return fake_host_new(&cfg);
}

static void test_cut_at_every_byte(void)
{
    FakeHost *from = start_small(), *to = start_small();
    g_autoptr(GByteArray) bytes = NULL;
    size_t step = getenv("MEMFAB_LONG_TESTS") ? 1 : 7;

    fill(from);
    fill(to);
    bytes = save(from);
    for (size_t len = 0; len < bytes->len; len += step) {
        g_autofree char *problem = NULL;

        g_assert_false(cxl_memdev_load(to->dev, bytes->data, len, &problem));
        g_assert_nonnull(problem);
    }
    assert_refused(to, bytes->data, bytes->len - 1, "longer than the stream");
    fake_host_free(from);
    fake_host_free(to);
}

typedef struct Around {
    FakeHost *h;
    bool mapped;
} Around;

static const char *refuse_partition(void *opaque)
{
    Around *around = opaque;

    /* The question is about what has been loaded. */
    g_assert_true(around->h->dev->media.next_valid);
    return around->mapped ? "nothing but the mapping" : NULL;
}

/* Who is around the device has a say before anybody learns of it. */
static void test_part_of_something(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL, before = save(to), after = NULL;
    g_autofree char *problem = NULL, *none = NULL;
    Around around = { to, true };

    fill(from);
    bytes = save(from);
    g_assert_false(cxl_memdev_load_part(to->dev, bytes->data, bytes->len,
                                        refuse_partition, &around, &problem));
    g_assert_nonnull(strstr(problem, "nothing but the mapping"));
    g_assert_cmpuint(to->access_changes, ==, 0);
    after = save(to);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
    around.mapped = false;
    g_assert_true(cxl_memdev_load_part(to->dev, bytes->data, bytes->len,
                                       refuse_partition, &around, &none));
    g_assert_cmpuint(to->access_changes, ==, 1);
    fake_host_free(from);
    fake_host_free(to);
}

/* Where what the section holds begins, and its length field 4 bytes before. */
static uint8_t *section(const GByteArray *bytes, const char *name)
{
    size_t at = SAVE_HEADER;

    while (strcmp((char *)bytes->data + at, name)) {
        at += SAVE_HEADER + ldl_le_p(bytes->data + at + SAVE_HEADER - 4);
        g_assert_cmpuint(at, <, bytes->len);
    }
    return bytes->data + at + SAVE_HEADER;
}

static const char *const sections[] = {
    "config", "media", "clock", "mailbox", "background", "fm-interface",
    "ld-interface", "events", "poison", "health", "security", "logs", "dcd",
    "firmware", "features", "maintenance", "scrub", "compliance", "pmu",
};

static void test_lengths_and_versions(void)
{
    FakeHost *from = start(), *to = start();

    fill(from);
    fill(to);
    for (unsigned i = 0; i < ARRAY_SIZE(sections); i++) {
        g_autoptr(GByteArray) longer = save(from), shorter = save(from);
        g_autoptr(GByteArray) newer = save(from), gone = save(from);
        uint8_t *len;

        len = section(longer, sections[i]) - 4;
        stl_le_p(len, ldl_le_p(len) + 1);
        assert_refused(to, longer->data, longer->len, "section '");
        len = section(shorter, sections[i]) - 4;
        stl_le_p(len, ldl_le_p(len) - 1);
        assert_refused(to, shorter->data, shorter->len, "section '");
        stl_le_p(section(newer, sections[i]) - 8, 99);
        assert_refused(to, newer->data, newer->len, sections[i]);
        section(gone, sections[i])[-SAVE_HEADER] = 'x';
        assert_refused(to, gone->data, gone->len, sections[i] + 1);
    }
    fake_host_free(from);
    fake_host_free(to);
}

/* The number @index of a section becomes @value. */
static void refuse_number(FakeHost *from, const char *name, unsigned index,
                          uint64_t value, const char *why)
{
    g_autoptr(GByteArray) bytes = save(from);
    FakeHost *to = start();

    stq_le_p(section(bytes, name) + 8 * index, value);
    assert_refused(to, bytes->data, bytes->len, why);
    fake_host_free(to);
}

enum { BG_START = 5, BG_DURATION, BG_SLICES, BG_FLAGS, BG_DONE,
       BG_COUNT = 12, BG_FIRST, BG_LEN };

/* What the steps of a scan rely on. */
static void test_scan_that_cannot_be(void)
{
    FakeHost *h = start();
    const char *arguments = "arguments of the background operation";

    fill(h);
    g_assert_true(h->dev->cci.bg.running);
    refuse_number(h, "background", BG_COUNT, 0, "section 'background'");
    refuse_number(h, "background", 0, CXL_OP_IDENTIFY, "opcode of what runs");
    refuse_number(h, "background", 0, CXL_OP_SANITIZE + 7, "opcode");
    refuse_number(h, "background", 0, CXL_OP_FW_ACTIVATE, arguments);
    refuse_number(h, "background", BG_START, INT64_MIN, "time of the start");
    refuse_number(h, "background", BG_START, INT64_MAX, "time of the start");
    refuse_number(h, "background", BG_DURATION, 0, "without a duration");
    refuse_number(h, "background", BG_DURATION, UINT64_MAX, "duration");
    refuse_number(h, "background", BG_SLICES, 100000, "slices");
    refuse_number(h, "background", BG_FLAGS, 0x80, arguments);
    refuse_number(h, "background", BG_DONE, UINT64_MAX, arguments);
    refuse_number(h, "background", BG_FIRST, 1, arguments);
    refuse_number(h, "background", BG_LEN, 63, arguments);
    refuse_number(h, "background", BG_LEN, UINT64_MAX, arguments);
    fake_host_free(h);
}

/* What a sanitize in the background would write */
static void test_pattern_that_cannot_be(void)
{
    FakeHost *h = start();

    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    refuse_number(h, "background", BG_FLAGS, 0x5a,
                  "arguments of the background operation");
    fake_host_free(h);
}

/* The same without the range: the count, and the section's length. */
static void test_scan_of_nothing(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL;
    uint8_t *bg;

    fill(from);
    bytes = save(from);
    bg = section(bytes, "background");
    stq_le_p(bg + 8 * BG_COUNT, 0);
    stl_le_p(bg - 4, ldl_le_p(bg - 4) - 16);
    g_byte_array_remove_range(bytes, bg + 8 * BG_FIRST - bytes->data, 16);
    stl_le_p(bytes->data + SAVE_HEADER - 4, bytes->len - SAVE_HEADER);
    assert_refused(to, bytes->data, bytes->len,
                   "arguments of the background operation");
    fake_host_free(from);
    fake_host_free(to);
}

/* An activation that ends would make slot 0 active. */
static void test_activation_of_nothing(void)
{
    static const uint8_t online[] = { 0, 1 };
    FakeHost *h = start();

    g_assert_cmphex(fake_command(h, CXL_OP_FW_ACTIVATE, online,
                                 sizeof(online)), ==, CXL_RC_BACKGROUND);
    refuse_number(h, "firmware", 6 + 5, 0, "arguments of the background");
    refuse_number(h, "firmware", 6 + 5, 2, "arguments of the background");
    fake_host_free(h);
}

static void test_times_that_cannot_be(void)
{
    static const struct {
        const char *section;
        unsigned index;
    } times[] = {
        { "clock", 1 }, { "firmware", 6 + 4 }, { "scrub", 1 }, { "scrub", 2 },
        { "pmu", sizeof(((CxlPmu *)0)->bytes) / 8 },
    };
    FakeHost *h = start();

    fill(h);
    for (unsigned i = 0; i < ARRAY_SIZE(times); i++) {
        refuse_number(h, times[i].section, times[i].index, INT64_MIN,
                      times[i].section);
        refuse_number(h, times[i].section, times[i].index, INT64_MAX,
                      times[i].section);
    }
    fake_host_free(h);
}

static void test_damaged(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    g_autoptr(GByteArray) bytes = NULL;

    fill(from);
    bytes = save(from);
    for (unsigned i = 0; i < 3000; i++) {
        unsigned at = g_rand_int_range(rand, 0, bytes->len);
        uint8_t old = bytes->data[at];
        g_autofree char *problem = NULL;

        bytes->data[at] ^= 1 << g_rand_int_range(rand, 0, 8);
        cxl_memdev_load(to->dev, bytes->data, bytes->len, &problem);
        fake_check(to);
        fake_host_run(to, 100000000);
        fake_check(to);
        bytes->data[at] = old;
    }
    fake_host_free(from);
    fake_host_free(to);
}

static void test_other_configuration(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *from = start(), *to;
    g_autoptr(GByteArray) bytes = save(from);
    g_autofree char *problem = NULL;

    cfg.volatile_only = 256 * MiB;
    cfg.dc_regions[0].base = 1024 * MiB;
    to = fake_host_new(&cfg);
    g_assert_false(cxl_memdev_load(to->dev, bytes->data, bytes->len,
                                   &problem));
    g_assert_nonnull(problem);
    fake_host_free(from);
    fake_host_free(to);
}

static void test_state_is_small(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *h;
    g_autoptr(GByteArray) bytes = NULL;

    memset(cfg.event_log_size, 0, sizeof(cfg.event_log_size));
    h = fake_host_new(&cfg);
    fill(h);
    bytes = save(h);
    g_assert_cmpuint(bytes->len + sizeof(CxlMemdev), <, 200 * KiB);
    fake_host_free(h);
}

/* Every container at its maximum, in bytes; what is fixed is small. */
static uint64_t all_maxima(const CxlMemdevConfig *cfg)
{
    const uint64_t piece = 24, range = 16, number = 8;
    uint64_t extents = cfg->dc_max_extents, sum = MiB;

    sum += 1u << cfg->payload_shift;
    sum += CXL_BG_MAX_RANGES * range;
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        sum += (uint64_t)cfg->event_log_size[i] * CXL_EVREC_SIZE;
    }
    sum += piece * (2 * CXL_POISON_CUT_MAX + CXL_POISON_PARTIAL_MAX +
                    CXL_POISON_REPORTED_MAX + CXL_POISON_RESULTS_MAX);
    sum += CXL_HISTORY_ENTRIES * sizeof(CxlHistoryEntry) + CXL_LOGS_DUMP_MAX;
    sum += cfg->fw_image_max;
    /* Accepted or offered, asked back, kept; and free between all these */
    sum += piece * (2 * (3 * extents) + CXL_MEMDEV_DC_REGIONS);
    sum += number * extents;                        /* groups */
    sum += CXL_DC_RECORDS_MAX(extents) * (6 * number + sizeof(CxlUuid));
    sum += range * extents;                         /* parts of an answer */
    sum += (cfg->dc_max_tags + UINT64_C(1)) * (3 * number + sizeof(CxlUuid));
    return sum;
}

/* --- what goes with a logical device to another host ---------------------- */

static GByteArray *save_ld(FakeHost *h)
{
    GByteArray *out = g_byte_array_new();

    g_assert_true(cxl_memdev_save_ld(h->dev, out));
    return out;
}

static void assert_ld_loads(FakeHost *h, const GByteArray *bytes)
{
    g_autofree char *problem = NULL;

    g_assert_true(cxl_memdev_load_ld(h->dev, bytes->data, bytes->len,
                                     &problem));
    fake_check(h);
}

/* Of an event log with more than it holds, in a device that does everything */
static void fill_ld(FakeHost *h)
{
    fill(h);
    for (unsigned i = 0; i < 200; i++) {
        cxl_mediaops_event(h->dev, CXL_EVLOG_FAILURE, 64 * i, 0, 0);
    }
    h->dev->health.dirty_shutdowns = 5;
    /* Half of a setting, which its host does not finish */
    h->dev->features.open = true;
    h->dev->features.have = 1;
    h->dev->features.last_ns = h->now;
}

static void test_ld_moves(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL, again = NULL;
    CxlMemdev *a = from->dev, *b = to->dev;

    fill_ld(from);
    g_assert_true(cxl_events_overflowed(&a->events, CXL_EVLOG_FAILURE));
    g_assert_true(a->cci.bg.running && a->features.open);
    bytes = save_ld(from);
    g_assert_cmpuint(bytes->len, <, 256 * KiB);
    assert_ld_loads(to, bytes);
    g_assert_cmpuint(to->access_changes, >, 0);
    /* Where the host's memory is, and what a load meets there */
    g_assert_cmpint(cxl_memdev_access(b, 0x1000, 64), ==, CXL_ACCESS_POISON);
    g_assert_cmpint(cxl_memdev_access(b, 0x1040, 64), ==, CXL_ACCESS_OK);
    g_assert_cmpuint(b->poison.listed.total, ==, a->poison.listed.total);
    g_assert_cmpuint(b->poison.lines.total, ==, a->poison.lines.total);
    g_assert_cmpuint(b->events.log[CXL_EVLOG_FAILURE].overflow_count, ==,
                     a->events.log[CXL_EVLOG_FAILURE].overflow_count);
    g_assert_cmpuint(b->health.dirty_shutdowns, ==, 5);
    g_assert_cmpint(b->health.facts.temperature, ==, -20);
    g_assert_true(b->security.set[CXL_PASSPHRASE_USER]);
    g_assert_true(b->media.next_valid);
    /* What was the host's is not there. */
    g_assert_false(b->cci.bg.running || b->features.open || b->fw.open);
    g_assert_cmpuint(b->fw.image->len, ==, 0);
    g_assert_cmpuint(cxl_memdev_stamp(b), ==, 0);
    g_assert_cmpuint(b->dc_view.groups.length, ==, 0);
    again = save_ld(to);
    g_assert_cmpmem(bytes->data, bytes->len, again->data, again->len);
    fake_host_free(from);
    fake_host_free(to);
}

/* It is what it was, but for one event. */
static void assert_ld_refused(FakeHost *to, const uint8_t *bytes, size_t len,
                              const char *why)
{
    uint16_t *count = &to->dev->events.log[CXL_EVLOG_WARNING].count;
    unsigned told = to->access_changes, before = *count;
    g_autofree char *problem = NULL;
    const CxlEvHeader *rec;

    g_assert_false(cxl_memdev_load_ld(to->dev, bytes, len, &problem));
    if (!strstr(problem, why)) {
        g_error("\"%s\" does not say \"%s\"", problem, why);
    }
    fake_check(to);
    g_assert_cmpuint(to->access_changes, ==, told);
    g_assert_cmpuint(*count, ==, before + 1);
    rec = (const void *)cxl_events_peek(&to->dev->events, CXL_EVLOG_WARNING,
                                        before);
    g_assert_cmpint(cxl_evrec_kind(rec), ==, CXL_EVKIND_MODULE);
    cxl_events_reset(&to->dev->events);
}

static void test_ld_refused(void)
{
    FakeHost *from = start(), *to = start(), *other;
    CxlMemdevConfig cfg = config();
    g_autoptr(GByteArray) whole = NULL, bytes = NULL;

    fill_ld(from);
    whole = save(from);
    bytes = save_ld(from);
    /* That of all of a device is none of a logical device, nor the reverse. */
    assert_ld_refused(to, whole->data, whole->len, "another kind of device");
    assert_refused(from, bytes->data, bytes->len, "another kind of device");
    assert_ld_refused(to, bytes->data, bytes->len - 1,
                      "longer than the stream");
    assert_ld_refused(to, (const uint8_t *)"", 0, "section");
    stl_le_p(section(bytes, "poison") - 8, 99);
    assert_ld_refused(to, bytes->data, bytes->len, "section 'poison'");
    cfg.poison_list_max = 9;
    other = fake_host_new(&cfg);
    g_byte_array_unref(bytes);
    bytes = save_ld(from);
    assert_ld_refused(other, bytes->data, bytes->len, "section 'config'");
    g_assert_cmpuint(to->dev->poison.lines.total, ==, 0);
    fake_host_free(other);
    fake_host_free(from);
    fake_host_free(to);
}

static void test_ld_damaged(void)
{
    FakeHost *from = start_small(), *to = start_small();
    g_autoptr(GByteArray) bytes = NULL;
    size_t step = getenv("MEMFAB_LONG_TESTS") ? 1 : 13;
    unsigned good = 0;

    fill_ld(from);
    bytes = save_ld(from);
    for (size_t at = 0; at < bytes->len; at += step) {
        g_autofree char *problem = NULL;

        bytes->data[at] ^= 0xff;
        good += cxl_memdev_load_ld(to->dev, bytes->data, bytes->len, &problem);
        fake_check(to);
        bytes->data[at] ^= 0xff;
    }
    g_assert_cmpuint(good, >, 0);
    g_assert_cmpuint(good, <, bytes->len / step);
    fake_host_free(from);
    fake_host_free(to);
}

/* Poison in as many pieces as there can be is handed over; more is not. */
static void test_ld_maxima(void)
{
    FakeHost *h = start();
    g_autoptr(GByteArray) bytes = NULL, none = g_byte_array_new();

    for (unsigned i = 0; i < CXL_POISON_CUT_MAX; i++) {
        extentset_insert(&h->dev->poison.lines, 128ull * i, 64, 1);
        extentset_insert(&h->dev->poison.scan.results, 128ull * i, 64, 1);
    }
    bytes = save_ld(h);
    g_assert_cmpuint(bytes->len, >, CXL_POISON_CUT_MAX * 48);
    for (unsigned i = CXL_POISON_CUT_MAX; i < 6 * CXL_POISON_CUT_MAX; i++) {
        extentset_insert(&h->dev->poison.scan.results, 128ull * i, 64, 1);
    }
    g_assert_false(cxl_memdev_save_ld(h->dev, none));
    g_assert_cmpuint(none->len, ==, 0);
    fake_host_free(h);
}

/* The largest configuration there can be does not exceed what is accepted. */
static void test_maxima(void)
{
    CxlMemdevConfig cfg = config();

    cfg.payload_shift = CXL_MAILBOX_PAYLOAD_SHIFT_TOP;
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        cfg.event_log_size[i] = UINT16_MAX;
    }
    cxl_config_defaults(&cfg);
    g_assert_cmpuint(all_maxima(&cfg), <, CXL_MEMDEV_SAVED_MAX / 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/persist/idle", test_idle);
    g_test_add_func("/cxl/persist/busy", test_busy);
    g_test_add_func("/cxl/persist/background-goes-on",
                    test_background_goes_on);
    g_test_add_func("/cxl/persist/cut-at-every-byte", test_cut_at_every_byte);
    g_test_add_func("/cxl/persist/lengths-and-versions",
                    test_lengths_and_versions);
    g_test_add_func("/cxl/persist/part-of-something", test_part_of_something);
    g_test_add_func("/cxl/persist/scan-that-cannot-be",
                    test_scan_that_cannot_be);
    g_test_add_func("/cxl/persist/pattern-that-cannot-be",
                    test_pattern_that_cannot_be);
    g_test_add_func("/cxl/persist/scan-of-nothing", test_scan_of_nothing);
    g_test_add_func("/cxl/persist/activation-of-nothing",
                    test_activation_of_nothing);
    g_test_add_func("/cxl/persist/times-that-cannot-be",
                    test_times_that_cannot_be);
    g_test_add_func("/cxl/persist/damaged", test_damaged);
    g_test_add_func("/cxl/persist/other-configuration",
                    test_other_configuration);
    g_test_add_func("/cxl/persist/ld-moves", test_ld_moves);
    g_test_add_func("/cxl/persist/ld-refused", test_ld_refused);
    g_test_add_func("/cxl/persist/ld-damaged", test_ld_damaged);
    g_test_add_func("/cxl/persist/ld-maxima", test_ld_maxima);
    g_test_add_func("/cxl/persist/maxima", test_maxima);
    g_test_add_func("/cxl/persist/state-is-small", test_state_is_small);
    return g_test_run();
}
