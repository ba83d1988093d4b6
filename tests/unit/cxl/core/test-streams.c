/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved states of earlier formats, tests/data/streams/FORMAT/DEVICE: each
 * loads for ever, shows what was saved, goes on running, and can be saved
 * again.  tests/data/streams/README.md says where they come from.
 *
 * MEMFAB_WRITE_STREAMS=DIRECTORY writes the streams of today's format there
 * instead of testing anything.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/mediaops.h"
#include "hw/cxl/core/switch.h"
#include "tests/unit/cxl/fake-host.h"

#define STREAMS  "tests/data/streams"
#define SECOND   1000000000ll
#define DC_BASE  (1280 * MiB)
#define BLOCK    (2 * MiB)
#define HIDDEN   (700 * MiB)    /* poison that nobody has found */

typedef struct Device {
    const char *name;
    void (*configure)(CxlMemdevConfig *cfg);
    void (*fill)(FakeHost *h);
    void (*expect)(FakeHost *h);
} Device;

static void command(FakeHost *h, uint16_t opcode, const void *in,
                    uint32_t len, uint16_t rc)
{
    g_assert_cmphex(fake_command(h, opcode, in, len), ==, rc);
}

/* --- volatile memory, nothing special ------------------------------------ */

static void configure_volatile(CxlMemdevConfig *cfg)
{
    cfg->persistent_only = 0;
    cfg->partitionable = 0;
    cfg->lsa_size = 0;
}

static void fill_volatile(FakeHost *h)
{
    static const uint8_t policy[] = { 1, 1, 0, 0 };
    CxlHealthFacts facts = { .life_used = 96, .temperature = -20 };

    command(h, CXL_OP_EVENTS_SET_POLICY, policy, sizeof(policy),
            CXL_RC_SUCCESS);
    command(h, CXL_OP_TIMESTAMP_SET, "12345678", 8, CXL_RC_SUCCESS);
    cxl_health_update(&h->dev->health, &facts);
    cxl_memdev_poison_next(h->dev, true);
}

static void expect_volatile(FakeHost *h)
{
    CxlHealthInfo info;
    uint8_t policy[4], stamp[8];

    fake_query(h, CXL_OP_EVENTS_GET_POLICY, policy, sizeof(policy));
    g_assert_cmphex(policy[0] & 3, ==, 1);
    g_assert_cmphex(policy[2] & 3, ==, 0);
    fake_query(h, CXL_OP_TIMESTAMP_GET, stamp, sizeof(stamp));
    /* It was set, and has gone on since. */
    g_assert_cmphex(ldq_le_p(stamp) - ldq_le_p("12345678"), <, 20 * SECOND);
    fake_query(h, CXL_OP_HEALTH, &info, sizeof(info));
    g_assert_cmpuint(info.life_used, ==, 96);
    g_assert_cmpuint(cxl_memdev_access(h->dev, 0, 64), ==, CXL_ACCESS_POISON);
}

/* --- persistent memory with labels: security, firmware, features --------- */

static void configure_persistent(CxlMemdevConfig *cfg)
{
}

static void fill_persistent(FakeHost *h)
{
    uint8_t in[256] = { CXL_FW_INITIATE };

    fake_start_patrol(h, CXL_FEATURE_FULL | CXL_FEATURE_SET_SAVE);
    command(h, CXL_OP_FW_TRANSFER, in, sizeof(in), CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND);
    memset(in, 'p', 0x60);
    in[0] = CXL_PASSPHRASE_USER;
    command(h, CXL_OP_PASSPHRASE_SET, in, 0x60, CXL_RC_SUCCESS);
    in[0] = 1;
    command(h, CXL_OP_SHUTDOWN_SET, in, 1, CXL_RC_SUCCESS);
    g_assert_cmphex(cxl_media_set_next(&h->dev->media, 256 * MiB), ==,
                    CXL_RC_SUCCESS);
    cxl_logs_set_dump(&h->dev->logs, g_string_new("a picture"));
}

static void expect_persistent(FakeHost *h)
{
    uint8_t in[256] = { CXL_FW_CONTINUE }, word[4];
    CxlPartitionOut part;

    fake_query(h, CXL_OP_SECURITY_STATE, word, sizeof(word));
    g_assert_cmphex(ldl_le_p(word), ==, CXL_SECURITY_USER_SET);
    fake_query(h, CXL_OP_SHUTDOWN_GET, word, 1);
    g_assert_cmphex(word[0], ==, 1);
    fake_query(h, CXL_OP_PARTITION_GET, &part, sizeof(part));
    g_assert_cmpuint(ldq_le_p(&part.active_volatile), ==, 2);
    g_assert_cmpuint(ldq_le_p(&part.next_volatile), ==, 3);
    g_assert_cmpstr(h->dev->logs.dump->str, ==, "a picture");
    g_assert_true(h->dev->scrub.enabled);
    /* The transfer goes on where it was. */
    stl_le_p(in + 4, 1);
    command(h, CXL_OP_FW_TRANSFER, in, sizeof(in), CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND);
    /* The patrol finds what was hidden. */
    cxl_mediaops_poison(h->dev, HIDDEN, 64, CXL_POISON_INTERNAL);
    fake_host_run(h, 3600 * SECOND);
    g_assert_cmpuint(h->dev->poison.listed.total, ==, 64);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmpuint(cxl_memdev_access(h->dev, 900 * MiB, 64), ==,
                     CXL_ACCESS_LOCKED);
}

/* --- dynamic capacity ----------------------------------------------------- */

static void configure_dynamic(CxlMemdevConfig *cfg)
{
    cfg->num_dc_regions = 2;
    cfg->dc_regions[0] = (CxlDcRegionConfig) {
        .base = DC_BASE, .len = 256 * MiB, .block_size = BLOCK,
    };
    cfg->dc_regions[1] = (CxlDcRegionConfig) {
        .base = DC_BASE + 256 * MiB, .len = 256 * MiB, .block_size = BLOCK,
    };
}

static void add(FakeHost *h, uint8_t tag, uint64_t len)
{
    CxlDcRequest req = { .length = len, .tag = { { tag } } };
    const char *why;

    g_assert_cmphex(cxl_dcd_add(&h->dev->dc_pool, &req, &why), ==,
                    CXL_RC_SUCCESS);
}

/* One part of an answer or a release. */
static void update(FakeHost *h, uint16_t opcode, uint64_t dpa, uint64_t len,
                   bool more)
{
    uint8_t in[32] = { 1, [4] = more };

    stq_le_p(in + 8, dpa);
    stq_le_p(in + 16, len);
    command(h, opcode, in, sizeof(in), CXL_RC_SUCCESS);
}

static void fill_dynamic(FakeHost *h)
{
    CxlUuid kept = { { 1 } };
    CxlDcRequest back = {
        .policy = CXL_DC_REMOVE_TAG, .tag = { { 2 } }, .length = BLOCK,
    };
    const char *why;

    add(h, 1, 2 * BLOCK);
    update(h, CXL_OP_DC_ADD_RESPONSE, DC_BASE, 2 * BLOCK, false);
    add(h, 2, BLOCK);
    update(h, CXL_OP_DC_ADD_RESPONSE, DC_BASE + 2 * BLOCK, BLOCK, false);
    /* Asked back, and kept by the fabric manager when it came. */
    g_assert_cmphex(cxl_dcd_remove(&h->dev->dc_pool, &back, &why), ==,
                    CXL_RC_SUCCESS);
    g_assert_cmphex(cxl_dcd_reference(&h->dev->dc_pool, &kept), ==,
                    CXL_RC_SUCCESS);
    update(h, CXL_OP_DC_RELEASE, DC_BASE, BLOCK, false);
    /* Two groups without an answer, more records than the log holds. */
    add(h, 3, 20 * BLOCK);
    for (unsigned i = 0; i < 12; i++) {
        add(h, 4 + i, BLOCK);
    }
    cxl_dcd_configure(&h->dev->dc_pool, 1, BLOCK / 2, true);
    /* An answer that is to be continued. */
    update(h, CXL_OP_DC_ADD_RESPONSE, DC_BASE + 3 * BLOCK, BLOCK, true);
}

static void expect_dynamic(FakeHost *h)
{
    CxlDcView *view = &h->dev->dc_view;

    g_assert_cmpuint(view->accepted.total, ==, 2 * BLOCK);
    g_assert_cmpuint(view->groups.length, ==, 13);
    g_assert_cmpuint(view->pool->regions[1].cfg.block_size, ==, BLOCK / 2);
    update(h, CXL_OP_DC_ADD_RESPONSE, DC_BASE + 5 * BLOCK, BLOCK, false);
    g_assert_cmpuint(view->accepted.total, ==, 4 * BLOCK);
    for (unsigned i = 0; i < 12; i++) {
        command(h, CXL_OP_DC_ADD_RESPONSE, "\0\0\0\0\0\0\0", 8,
                CXL_RC_SUCCESS);
    }
    g_assert_cmpuint(view->groups.length, ==, 0);
    update(h, CXL_OP_DC_RELEASE, DC_BASE + 2 * BLOCK, BLOCK, false);
    fake_drain_events(h, CXL_EVLOG_DC);
    g_assert_cmpuint(view->accepted.total, ==, 3 * BLOCK);
}

/* --- background operations, half-way -------------------------------------- */

static void fill_scan(FakeHost *h)
{
    CxlScanIn scan = { .lines = cpu_to_le64((1280 * MiB) / 64) };

    cxl_mediaops_poison(h->dev, 64 * MiB, 128, CXL_POISON_INTERNAL);
    cxl_mediaops_poison(h->dev, HIDDEN, 64, CXL_POISON_INTERNAL);
    cxl_memdev_regs_write(h->dev, CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL,
                          CXL_MBREG_CONTROL_BG_INT, 4);
    command(h, CXL_OP_SCAN_MEDIA, &scan, sizeof(scan), CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND / 4);
}

static void expect_scan(FakeHost *h)
{
    g_assert_true(h->dev->cci.bg.running);
    g_assert_cmpuint(h->dev->poison.listed.total, ==, 128);
    fake_host_run(h, SECOND);
    g_assert_false(h->dev->cci.bg.running);
    g_assert_cmpuint(h->irqs[7], ==, 1);
    g_assert_cmpuint(h->dev->poison.listed.total, ==, 192);
    g_assert_true(h->dev->poison.scan.valid);
}

static void fill_sanitize(FakeHost *h)
{
    command(h, CXL_OP_SANITIZE, NULL, 0, CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND / 4);
}

static void expect_sanitize(FakeHost *h)
{
    g_assert_cmpuint(cxl_memdev_access(h->dev, 0, 64), ==,
                     CXL_ACCESS_DISABLED);
    fake_host_run(h, SECOND);
    g_assert_false(h->dev->cci.bg.running);
    g_assert_cmpuint(cxl_memdev_access(h->dev, 0, 64), ==, CXL_ACCESS_OK);
}

static void fill_media_operation(FakeHost *h)
{
    uint8_t in[sizeof(CxlMediaOpIn) + 2 * sizeof(CxlMediaOpRange)] = { 1, 1 };
    CxlMediaOpIn *op = (CxlMediaOpIn *)in;

    stl_le_p(&op->count, 2);
    stq_le_p(op->body, 64 * MiB);
    stq_le_p(op->body + 8, 128 * MiB);
    stq_le_p(op->body + 16, 800 * MiB);
    stq_le_p(op->body + 24, 64);
    cxl_mediaops_poison(h->dev, 800 * MiB, 64, CXL_POISON_INJECTED);
    command(h, CXL_OP_MEDIA_OPERATION, in, sizeof(in), CXL_RC_BACKGROUND);
    fake_host_run(h, SECOND / 40);
}

static void expect_media_operation(FakeHost *h)
{
    g_assert_cmpuint(h->dev->poison.listed.total, ==, 64);
    fake_host_run(h, SECOND);
    g_assert_false(h->dev->cci.bg.running);
    g_assert_cmpuint(h->dev->poison.listed.total, ==, 0);
}

/* --- poison, events, monitoring unit -------------------------------------- */

static void configure_poison(CxlMemdevConfig *cfg)
{
    cfg->poison_list_max = 4;
}

static void fill_poison(FakeHost *h)
{
    CxlScanIn scan = { .lines = cpu_to_le64((1280 * MiB) / 64) };
    uint8_t dpa[8];

    for (unsigned i = 0; i < 6; i++) {
        stq_le_p(dpa, (i + 1) * MiB);
        command(h, CXL_OP_POISON_INJECT, dpa, sizeof(dpa), CXL_RC_SUCCESS);
    }
    cxl_memdev_host_read_poison(h->dev, 2 * MiB);
    cxl_memdev_host_wrote(h->dev, MiB, 60);
    command(h, CXL_OP_SCAN_MEDIA, &scan, sizeof(scan), CXL_RC_BACKGROUND);
    fake_host_run(h, 2 * SECOND);
}

static void expect_poison(FakeHost *h)
{
    g_assert_true(h->dev->poison.overflow);
    g_assert_cmpuint(h->dev->poison.listed.count, ==, 4);
    g_assert_cmpuint(h->dev->poison.injected, ==, 6);
    g_assert_cmpuint(h->dev->poison.scan.results.count, ==, 6);
    /* Four more bytes and the line is whole. */
    cxl_memdev_host_wrote(h->dev, MiB + 60, 4);
    g_assert_cmpuint(cxl_memdev_access(h->dev, MiB, 64), ==, CXL_ACCESS_OK);
    cxl_memdev_host_read_poison(h->dev, 2 * MiB);
    g_assert_cmpuint(h->dev->poison.reported.count, ==, 1);
}

static void fill_events(FakeHost *h)
{
    command(h, CXL_OP_TIMESTAMP_SET, "12345678", 8, CXL_RC_SUCCESS);
    for (unsigned i = 0; i < 11; i++) {
        cxl_mediaops_event(h->dev, CXL_EVLOG_FAILURE, i * 64,
                           CXL_EVDESC_UNCORRECTABLE, CXL_EVTXN_HOST_READ);
    }
    cxl_mediaops_event(h->dev, CXL_EVLOG_INFO, 0, 0, CXL_EVTXN_SCRUB);
}

static void expect_events(FakeHost *h)
{
    const CxlEventRing *ring = &h->dev->events.log[CXL_EVLOG_FAILURE];

    g_assert_cmpuint(ring->count, ==, 8);
    g_assert_cmpuint(ring->overflow_count, ==, 3);
    g_assert_cmpuint(ring->next_handle, ==, 9);
    g_assert_cmphex(cxl_events_status(&h->dev->events), ==,
                    BIT(CXL_EVLOG_FAILURE) | BIT(CXL_EVLOG_INFO));
    fake_drain_events(h, CXL_EVLOG_FAILURE);
}

static void configure_monitoring(CxlMemdevConfig *cfg)
{
    cfg->pmu_msgnum = 9;
}

static void fill_monitoring(FakeHost *h)
{
    uint64_t base = cxl_memdev_regs_pmu(h->dev);

    cxl_memdev_regs_write(h->dev, base + CXL_CPMU_CONFIG(1),
                          CXL_CPMU_CONFIG_ENABLE, 8);
    for (unsigned i = 0; i < 42; i++) {
        cxl_memdev_host_counts(h->dev, true, 0, 1, -1);
    }
}

static void expect_monitoring(FakeHost *h)
{
    uint64_t base = cxl_memdev_regs_pmu(h->dev);
    uint64_t before = cxl_memdev_regs_read(h->dev,
                                           base + CXL_CPMU_COUNTER(1), 8);

    g_assert_cmpuint(before, ==, 42);
    cxl_memdev_host_counts(h->dev, true, 0, 1, -1);
    g_assert_cmpuint(cxl_memdev_regs_read(h->dev, base + CXL_CPMU_COUNTER(1),
                                          8), ==, before + 1);
}

static const Device devices[] = {
    { "volatile", configure_volatile, fill_volatile, expect_volatile },
    { "persistent", configure_persistent, fill_persistent,
      expect_persistent },
    { "dynamic", configure_dynamic, fill_dynamic, expect_dynamic },
    { "scan", configure_persistent, fill_scan, expect_scan },
    { "sanitize", configure_dynamic, fill_sanitize, expect_sanitize },
    { "media-operation", configure_persistent, fill_media_operation,
      expect_media_operation },
    { "poison", configure_poison, fill_poison, expect_poison },
    { "events", configure_persistent, fill_events, expect_events },
    { "monitoring", configure_monitoring, fill_monitoring,
      expect_monitoring },
};

static FakeHost *start(const Device *device)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.payload_shift = 8;
    cfg.pmu_msgnum = 0;
    device->configure(&cfg);
    return fake_host_new(&cfg);
}

/* When the streams were saved. */
static void settle(FakeHost *h)
{
    h->now = MAX(h->now, 10 * SECOND);
}

static GByteArray *filled(const Device *device)
{
    GByteArray *bytes = g_byte_array_new();
    FakeHost *h = start(device);

    device->fill(h);
    fake_check(h);
    cxl_memdev_save(h->dev, bytes);
    fake_host_free(h);
    return bytes;
}

/* --- the mailbox of a switch ---------------------------------------------- */

static const CxlSwitchConfig switch_config = {
    .serial = 5, .vendor_id = 0x8086, .device_id = 1, .payload_shift = 8,
};

static void no_ports(void *opaque)
{
}

static const CxlSwitchOps switch_ops = { .refresh = no_ports };

static void set_response_limit(CxlSwitch *sw)
{
    cxl_switch_regs_write(sw, CXL_DEVREG_PAYLOAD, 9, 1);
    cxl_switch_regs_write(sw, CXL_DEVREG_MAILBOX + CXL_MBREG_COMMAND,
                          CXL_OP_TIMESTAMP_SET | UINT64_C(8) <<
                          CXL_MBREG_COMMAND_LENGTH_SHIFT, 8);
    cxl_switch_regs_write(sw, CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL,
                          CXL_MBREG_CONTROL_DOORBELL, 4);
    sw->ports.port[0].perst = true;
    sw->ports.port[2].perst = true;
}

static CxlSwitch *new_switch(FakeHost *world)
{
    return cxl_switch_new(&switch_config, &switch_ops, &fake_host_ops, world);
}

/* --- writing and reading them --------------------------------------------- */

static void write_streams(const char *directory)
{
    FakeHost *world = start(&devices[0]);
    CxlSwitch *sw = new_switch(world);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *path = g_build_filename(directory, "switch", NULL);

    for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
        g_autoptr(GByteArray) stream = filled(&devices[i]);
        g_autofree char *name = g_build_filename(directory, devices[i].name,
                                                 NULL);

        g_assert_true(g_file_set_contents(name, (char *)stream->data,
                                          stream->len, NULL));
    }
    set_response_limit(sw);
    cxl_switch_save(sw, bytes);
    g_assert_true(g_file_set_contents(path, (char *)bytes->data, bytes->len,
                                      NULL));
    cxl_switch_free(sw);
    fake_host_free(world);
}

static void load_file(FakeHost *h, const char *path)
{
    g_autofree char *bytes = NULL, *problem = NULL;
    size_t len;

    g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    settle(h);
    cxl_memdev_load(h->dev, (uint8_t *)bytes, len, &problem);
    g_assert_cmpstr(problem, ==, NULL);
    fake_check(h);
}

/* What was loaded, through today's format once more. */
static FakeHost *again(FakeHost *from, const Device *device)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;
    FakeHost *to = start(device);

    settle(to);
    cxl_memdev_save(from->dev, bytes);
    g_assert_true(cxl_memdev_load(to->dev, bytes->data, bytes->len,
                                  &problem));
    fake_check(to);
    return to;
}

static void test_device(gconstpointer data)
{
    const char *path = data;
    g_autofree char *name = g_path_get_basename(path);
    const Device *device = devices;
    FakeHost *first, *second;

    while (strcmp(device->name, name)) {
        g_assert_true(++device < devices + ARRAY_SIZE(devices));
    }
    first = start(device);
    load_file(first, path);
    second = again(first, device);
    device->expect(first);
    device->expect(second);
    for (unsigned i = 0; i < 2; i++) {
        FakeHost *h = i ? second : first;

        fake_check(h);
        fake_host_run(h, 3600 * SECOND);
        cxl_memdev_reset(h->dev, CXL_RESET_HOT);
        cxl_memdev_reset(h->dev, CXL_RESET_COLD);
        fake_check(h);
        fake_host_free(h);
    }
}

static void test_switch(gconstpointer data)
{
    FakeHost *world = start(&devices[0]);
    CxlSwitch *sw = new_switch(world);
    g_autofree char *bytes = NULL, *problem = NULL;
    size_t len;

    g_assert_true(g_file_get_contents(data, &bytes, &len, NULL));
    cxl_switch_load(sw, (uint8_t *)bytes, len, &problem);
    g_assert_cmpstr(problem, ==, NULL);
    g_assert_null(cxl_switch_check(sw));
    g_assert_true(sw->ports.port[2].perst);
    g_assert_false(sw->ports.port[1].perst);
    g_assert_cmphex(cxl_switch_regs_read(sw, CXL_DEVREG_MAILBOX +
                                         CXL_MBREG_COMMAND, 2), ==,
                    CXL_OP_TIMESTAMP_SET);
    cxl_switch_free(sw);
    fake_host_free(world);
}

static void add_format(const char *format)
{
    g_autofree char *folder = g_build_filename(STREAMS, format, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *test = g_strdup_printf("/cxl/streams/%s/%s", format,
                                                name);

        g_test_add_data_func_full(test, g_build_filename(folder, name, NULL),
                                  strcmp(name, "switch") ? test_device :
                                  test_switch, g_free);
    }
}

int main(int argc, char **argv)
{
    const char *directory = getenv("MEMFAB_WRITE_STREAMS");
    g_autoptr(GDir) formats = g_dir_open(STREAMS, 0, NULL);
    const char *format;

    g_test_init(&argc, &argv, NULL);
    if (directory) {
        write_streams(directory);
        return 0;
    }
    while (formats && (format = g_dir_read_name(formats))) {
        if (g_str_has_prefix(format, "cxl-")) {
            add_format(format);
        }
    }
    return g_test_run();
}
