/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world for a CXL memory device; see fake-host.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

static int64_t now_ns(void *opaque)
{
    FakeHost *h = opaque;

    return h->now;
}

static void timer_arm(void *opaque, int64_t at_ns)
{
    FakeHost *h = opaque;

    h->timer_at = at_ns;
}

static void timer_cancel(void *opaque)
{
    FakeHost *h = opaque;

    h->timer_at = INT64_MAX;
}

static void message(void *opaque, unsigned msgnum)
{
    FakeHost *h = opaque;

    g_assert_cmpuint(msgnum, <, 16);
    h->irqs[msgnum]++;
}

static void firmware(void *opaque)
{
    ((FakeHost *)opaque)->firmware++;
}

static void assert_capacity(FakeHost *h, uint64_t dpa, uint64_t len)
{
    g_assert_true(cxl_memdev_contains(h->dev, dpa, len));
}

static uint8_t *page_of(FakeHost *h, uint64_t dpa, bool make)
{
    uint64_t key = dpa / FAKE_PAGE;
    uint8_t *page = g_hash_table_lookup(h->pages, &key);

    if (!page && make) {
        page = g_malloc0(FAKE_PAGE);
        g_hash_table_insert(h->pages, g_memdup2(&key, sizeof(key)), page);
    }
    return page;
}

static bool dpa_read(void *opaque, uint64_t dpa, void *buf, uint64_t len)
{
    FakeHost *h = opaque;

    assert_capacity(h, dpa, len);
    for (uint64_t i = 0; i < len; i++) {
        const uint8_t *page = page_of(h, dpa + i, false);

        ((uint8_t *)buf)[i] = page ? page[(dpa + i) % FAKE_PAGE] : 0;
    }
    return !h->media_broken;
}

static bool dpa_write(void *opaque, uint64_t dpa, const void *buf,
                      uint64_t len)
{
    FakeHost *h = opaque;

    assert_capacity(h, dpa, len);
    if (h->media_broken) {
        return false;
    }
    for (uint64_t i = 0; i < len; i++) {
        page_of(h, dpa + i, true)[(dpa + i) % FAKE_PAGE] =
            ((const uint8_t *)buf)[i];
    }
    return true;
}

static bool dpa_fill(void *opaque, uint64_t dpa, uint64_t len,
                     uint8_t pattern)
{
    FakeHost *h = opaque;
    GHashTableIter iter;
    gpointer key, value;

    assert_capacity(h, dpa, len);
    if (h->media_broken) {
        return false;
    }
    g_assert_cmpuint(pattern, ==, 0);
    h->filled += len;
    g_hash_table_iter_init(&iter, h->pages);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        uint64_t start = *(uint64_t *)key * FAKE_PAGE;
        uint64_t from = MAX(start, dpa);
        uint64_t to = MIN(start + FAKE_PAGE, dpa + len);

        if (from < to) {
            memset((uint8_t *)value + (from - start), pattern, to - from);
        }
    }
    return true;
}

static bool lsa_read(void *opaque, uint64_t offset, void *buf, uint64_t len)
{
    FakeHost *h = opaque;

    g_assert_cmpuint(offset + len, <=, h->lsa_size);
    memcpy(buf, h->lsa + offset, len);
    return !h->labels_broken;
}

static bool lsa_write(void *opaque, uint64_t offset, const void *buf,
                      uint64_t len)
{
    FakeHost *h = opaque;

    g_assert_cmpuint(offset + len, <=, h->lsa_size);
    if (h->labels_broken) {
        return false;
    }
    memcpy(h->lsa + offset, buf, len);
    return true;
}

static bool lsa_clear(void *opaque)
{
    FakeHost *h = opaque;

    if (h->labels_broken) {
        return false;
    }
    memset(h->lsa, 0, h->lsa_size);
    return true;
}

static void access_changed(void *opaque, uint64_t dpa, uint64_t len)
{
    FakeHost *h = opaque;

    h->access_changes++;
    h->last_change_dpa = dpa;
    h->last_change_len = len;
}

static bool fw_store(void *opaque, unsigned slot, const void *image,
                     uint64_t len)
{
    FakeHost *h = opaque;

    g_assert_true(slot >= 1 && slot <= 4 && image && len);
    h->fw_stored++;
    return !h->media_broken;
}

static void error(void *opaque, CxlRasSignal signal)
{
    FakeHost *h = opaque;

    g_assert_cmpint(signal, !=, CXL_RAS_SIGNAL_NONE);
    h->errors[signal]++;
}

static void decode_changed(void *opaque)
{
    FakeHost *h = opaque;

    h->decode_changes++;
}

static void trace(void *opaque, CxlTraceStep step, uint64_t a, uint64_t b,
                  uint64_t c)
{
    FakeHost *h = opaque;

    h->traced[step]++;
}

const CxlHostOps fake_host_ops = {
    .now_ns = now_ns,
    .timer_arm = timer_arm,
    .timer_cancel = timer_cancel,
    .message = message,
    .firmware = firmware,
    .trace = trace,
};

const CxlMediaOps fake_media_ops = {
    .dpa_read = dpa_read,
    .dpa_write = dpa_write,
    .dpa_fill = dpa_fill,
    .lsa_read = lsa_read,
    .lsa_write = lsa_write,
    .lsa_clear = lsa_clear,
    .access_changed = access_changed,
    .fw_store = fw_store,
};

static void ignored(void *opaque, const char *name, uint64_t bits)
{
    FakeHost *h = opaque;

    g_assert_nonnull(name);
    h->ignored++;
}

const CxlEndpointOps fake_endpoint_ops = {
    .error = error,
    .decode_changed = decode_changed,
    .ignored = ignored,
};

CxlEndpointConfig fake_endpoint_config(void)
{
    return (CxlEndpointConfig) {
        .serial = 0x1122334455667788,
        .hdm_decoders = 4,
        .hdm_db = true,
        .bi_link = true,
        .dvsec = { .link_partner = 0xffff },
        .device_bar = 2,
        .cdat_msgnum = 0,
        .compliance_msgnum = 8,
        .perf = { { 100, 200, 300, 400 } },
    };
}

CxlMemdevConfig fake_config(void)
{
    return (CxlMemdevConfig) {
        .volatile_only = 512 * MiB,
        .persistent_only = 512 * MiB,
        .partitionable = 256 * MiB,
        .lsa_size = 64 * KiB,
        .mailbox_msgnum = 7,
        .pmu_msgnum = 9,
        .event_msgnum = { 2, 3, 4, 5, 6 },
        .event_log_size = { 8, 8, 8, 8, 8 },
        .serial = 0x1122334455667788,
        .vendor_id = 0x8086,
        .device_id = 0x0d93,
        .security = true,
    };
}

static FakeHost *new_host(const CxlEndpointConfig *config,
                          const CxlMemdevConfig *cfg)
{
    FakeHost *h = g_new0(FakeHost, 1);
    char *problem;

    h->now = 1000000;
    h->timer_at = INT64_MAX;
    h->pages = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                     g_free);
    h->lsa_size = cfg->lsa_size;
    h->lsa = g_malloc0(MAX(h->lsa_size, 1));
    h->ep = cxl_type3_new(config, cfg, &fake_host_ops, &fake_endpoint_ops, h,
                          &fake_media_ops, h, &problem);
    g_assert_cmpstr(problem, ==, NULL);
    h->dev = cxl_endpoint_ld(h->ep);
    h->memory_told = h->ep->cdat.sequence;
    return h;
}

FakeHost *fake_host_new(const CxlMemdevConfig *cfg)
{
    CxlEndpointConfig config = fake_endpoint_config();

    return new_host(&config, cfg);
}

FakeHost *fake_host_accelerator(void)
{
    CxlEndpointConfig config = fake_endpoint_config();
    CxlMemdevConfig cfg = fake_config();

    cfg.persistent_only = cfg.partitionable = cfg.lsa_size = 0;
    cfg.pmu_msgnum = 0;
    cfg.payload_shift = 8;
    config.accelerator = config.no_mailbox = true;
    config.dvsec.cache = true;
    config.dvsec.cache_size = 5 * 64 * KiB;
    config.memory = cfg.volatile_only;
    return new_host(&config, &cfg);
}

FakeHost *fake_host_default(void)
{
    CxlMemdevConfig cfg = fake_config();

    return fake_host_new(&cfg);
}

void fake_host_free(FakeHost *h)
{
    if (h->ep) {
        cxl_endpoint_free(h->ep);
    }
    g_hash_table_destroy(h->pages);
    g_free(h->lsa);
    g_free(h);
}

void fake_host_run(FakeHost *h, int64_t ns)
{
    int64_t until = h->now + ns;

    while (h->timer_at <= until) {
        h->now = MAX(h->now, h->timer_at);
        h->timer_at = INT64_MAX;
        cxl_endpoint_timer(h->ep);
    }
    h->now = until;
}

uint16_t fake_command(FakeHost *h, uint16_t opcode, const void *in,
                      uint32_t in_len)
{
    const uint8_t *bytes = in;
    uint64_t status;

    for (uint32_t i = 0; i < in_len; i++) {
        cxl_memdev_regs_write(h->dev, CXL_DEVREG_PAYLOAD + i, bytes[i], 1);
    }
    cxl_memdev_regs_write(h->dev, CXL_DEVREG_MAILBOX + CXL_MBREG_COMMAND,
                          opcode | (uint64_t)in_len <<
                          CXL_MBREG_COMMAND_LENGTH_SHIFT, 8);
    /* One byte, to leave the interrupt enables alone */
    status = cxl_memdev_regs_read(h->dev,
                                  CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL, 1);
    cxl_memdev_regs_write(h->dev, CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL,
                          status | CXL_MBREG_CONTROL_DOORBELL, 1);
    status = cxl_memdev_regs_read(h->dev,
                                  CXL_DEVREG_MAILBOX + CXL_MBREG_STATUS, 8);
    return status >> CXL_MBREG_STATUS_RC_SHIFT;
}

uint32_t fake_reply(FakeHost *h, void *out, uint32_t max)
{
    uint64_t command =
        cxl_memdev_regs_read(h->dev, CXL_DEVREG_MAILBOX + CXL_MBREG_COMMAND,
                             8);
    uint32_t len = command >> CXL_MBREG_COMMAND_LENGTH_SHIFT;

    memset(out, 0, max);
    for (uint32_t i = 0; i < MIN(len, max); i++) {
        ((uint8_t *)out)[i] =
            cxl_memdev_regs_read(h->dev, CXL_DEVREG_PAYLOAD + i, 1);
    }
    return len;
}

uint32_t fake_query(FakeHost *h, uint16_t opcode, void *out, uint32_t max)
{
    g_assert_cmphex(fake_command(h, opcode, NULL, 0), ==, CXL_RC_SUCCESS);
    return fake_reply(h, out, max);
}

void fake_set_patrol(FakeHost *h, uint32_t flags, const uint8_t *data,
                     uint32_t len)
{
    uint8_t in[sizeof(CxlFeatureSetIn) + 2] = { 0 };
    CxlFeatureSetIn *set = (CxlFeatureSetIn *)in;
    CxlFeatureEntry entry;

    g_assert_cmpuint(len, <=, 2);
    cxl_features_entry(CXL_FEATURE_SCRUB, &entry);
    set->uuid = entry.uuid;
    set->version = entry.set_version;
    stl_le_p(&set->flags, flags);
    memcpy(set->data, data, len);
    g_assert_cmphex(fake_command(h, CXL_OP_FEATURES_SET, in,
                                 sizeof(*set) + len), ==, 0);
}

void fake_start_patrol(FakeHost *h, uint32_t flags)
{
    static const uint8_t hourly[] = { 1, true };

    fake_set_patrol(h, flags, hourly, sizeof(hourly));
}

void fake_drain_events(FakeHost *h, uint8_t log)
{
    const uint8_t *rec;

    while (cxl_events_peek(&h->dev->events, log, 0)) {
        uint8_t in[6 + 2 * 100] = { log };

        while (in[2] < 100 &&
               (rec = cxl_events_peek(&h->dev->events, log, in[2]))) {
            memcpy(in + 6 + 2 * in[2]++, rec + offsetof(CxlEvHeader, handle),
                   2);
        }
        g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_CLEAR, in,
                                     6 + 2 * in[2]), ==, CXL_RC_SUCCESS);
    }
}

void fake_check(FakeHost *h)
{
    g_assert_cmpstr(cxl_endpoint_check(h->ep), ==, NULL);
}

#define HDM (CXL_COMP_CACHEMEM + CXL_COMP_HDM)

void fake_map(FakeHost *h, bool on)
{
    static const struct {
        uint32_t at, value;
    } writes[] = {
        { CXL_HDM_BASE_LO(0), 0x40000000 }, { CXL_HDM_SIZE_LO(0), 256 * MiB },
        { CXL_HDM_CTRL(0), CXL_HDM_CTRL_COMMIT },
    };

    if (!on) {
        cxl_endpoint_component_write(h->ep, HDM + CXL_HDM_CTRL(0), 0, 4);
    }
    for (unsigned i = 0; on && i < ARRAY_SIZE(writes); i++) {
        cxl_endpoint_component_write(h->ep, HDM + writes[i].at,
                                     writes[i].value, 4);
    }
    g_assert_cmpint(cxl_endpoint_mapped(h->ep, 0, 1), ==, on);
}

unsigned fake_memory_changes(const FakeHost *h)
{
    return h->ep->cdat.sequence - h->memory_told;
}

void fake_mark(FakeHost *h, uint64_t dpa)
{
    g_assert_true(h->dev->store->dpa_write(h, dpa, "mark", 5));
}

bool fake_marked(FakeHost *h, uint64_t dpa)
{
    char seen[5];

    h->dev->store->dpa_read(h, dpa, seen, 5);
    return !memcmp(seen, "mark", 5);
}
