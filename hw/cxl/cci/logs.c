/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logs, 04xxh.  A log is a row too: identity, capabilities, size, bytes.
 * Interfaces that are no memory device have the effects log only.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/logs.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/dump.h"
#include "hw/cxl/core/memdev.h"

typedef struct LogRow {
    const char *name;
    CxlUuid uuid;
    uint32_t caps;      /* CXL_LOGCAP_* */
    uint32_t (*size)(const CxlCall *call);
    void (*read)(const CxlCall *call, uint32_t offset, uint8_t *out,
                 uint32_t len);
    void (*clear)(CxlMemdev *dev);
    void (*populate)(CxlMemdev *dev);
} LogRow;

static uint32_t cel_size(const CxlCall *call)
{
    return cxl_cci_cel_size(call->cci);
}

static void cel_read(const CxlCall *call, uint32_t offset, uint8_t *out,
                     uint32_t len)
{
    cxl_cci_cel_read(call->cci, offset, out, len);
}

static uint32_t history_size(const CxlCall *call)
{
    const CxlMemdev *dev = call->owner;

    return cxl_logs_history_size(&dev->logs);
}

static void history_read(const CxlCall *call, uint32_t offset, uint8_t *out,
                         uint32_t len)
{
    const CxlMemdev *dev = call->owner;

    cxl_logs_read_history(&dev->logs, offset, out, len);
}

static void history_clear(CxlMemdev *dev)
{
    cxl_logs_clear_history(&dev->logs);
}

static uint32_t dump_size(const CxlCall *call)
{
    const CxlMemdev *dev = call->owner;

    return cxl_logs_dump_size(&dev->logs);
}

static void dump_read(const CxlCall *call, uint32_t offset, uint8_t *out,
                      uint32_t len)
{
    const CxlMemdev *dev = call->owner;

    cxl_logs_read_dump(&dev->logs, offset, out, len);
}

static void dump_clear(CxlMemdev *dev)
{
    cxl_logs_set_dump(&dev->logs, NULL);
}

static void dump_populate(CxlMemdev *dev)
{
    cxl_logs_populate(&dev->logs, cxl_memdev_stamp(dev),
                      cxl_dump_text(dev));
}

/*
 * Logs about tests that the media can run by itself: each begins with a header
 * of this size, and entries would follow.  There are no tests.
 */
#define MEDIA_TEST_HEADER 16

static uint32_t media_test_size(const CxlCall *call G_GNUC_UNUSED)
{
    return MEDIA_TEST_HEADER;
}

/* No test can be done: of what the log of them says, versions are not 0. */
static void media_test_caps(const CxlCall *call G_GNUC_UNUSED, uint32_t offset,
                            uint8_t *out, uint32_t len)
{
    static const uint8_t header[MEDIA_TEST_HEADER] = { [5] = 1, [6] = 1 };

    memcpy(out, header + offset, len);
}

static void media_test_results(const CxlCall *call G_GNUC_UNUSED,
                               uint32_t offset, uint8_t *out, uint32_t len)
{
    static const uint8_t header[MEDIA_TEST_HEADER] = { [1] = 1 };

    memcpy(out, header + offset, len);
}

#define MEDIA_TEST_LOG(which, reads, ...)                               \
    { .name = "media test " which, .uuid = CXL_UUID(__VA_ARGS__),       \
      .caps = CXL_LOGCAP_AUTO,                                          \
      .size = media_test_size, .read = reads }

/* The effects log comes first: others exist on memory devices only. */
static const LogRow log_rows[] = {
    { .name = "command effects",
      .uuid = CXL_UUID(0x0da9c0b5, 0xbf41, 0x4b78,
                       0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17),
      .caps = CXL_LOGCAP_AUTO | CXL_LOGCAP_PERSISTENT,
      .size = cel_size, .read = cel_read },
    { .name = "vendor debug",
      .uuid = CXL_UUID(0x5e1819d9, 0x11a9, 0x400c,
                       0x81, 0x1f, 0xd6, 0x07, 0x19, 0x40, 0x3d, 0x86),
      .caps = CXL_LOGCAP_CLEAR | CXL_LOGCAP_AUTO,
      .size = history_size, .read = history_read, .clear = history_clear },
    { .name = "component state dump",
      .uuid = CXL_UUID(0xb3fab4cf, 0x01b6, 0x4332,
                       0x94, 0x3e, 0x5e, 0x99, 0x62, 0xf2, 0x35, 0x67),
      .caps = CXL_LOGCAP_CLEAR | CXL_LOGCAP_POPULATE,
      .size = dump_size, .read = dump_read, .clear = dump_clear,
      .populate = dump_populate },
    MEDIA_TEST_LOG("capabilities", media_test_caps,
                   0xe6dfa32c, 0xd13e, 0x4a5c,
                   0x8c, 0xa8, 0x99, 0xbe, 0xbb, 0xf7, 0x31, 0xa4),
    MEDIA_TEST_LOG("results, short", media_test_results,
                   0x2c255522, 0x8ce4, 0x11ec,
                   0xb9, 0x09, 0x02, 0x42, 0xac, 0x12, 0x00, 0x02),
    MEDIA_TEST_LOG("results, long", media_test_results,
                   0xc1fe0b3e, 0x7a00, 0x448e,
                   0xa2, 0x4e, 0xa6, 0xaa, 0xbb, 0xfe, 0x58, 0x7a),
};

static unsigned num_logs(const CxlCci *cci)
{
    /* Whoever has the capability commands has the logs they are about. */
    return cxl_cci_find(cci, CXL_OP_LOGS_CAPS) ? ARRAY_SIZE(log_rows) : 1;
}

const char *cxl_logs_nth(const CxlCci *cci, unsigned n, CxlUuid *uuid)
{
    if (n >= num_logs(cci)) {
        return NULL;
    }
    *uuid = log_rows[n].uuid;
    return log_rows[n].name;
}

static const LogRow *find_log(const CxlCall *call, const CxlUuid *uuid)
{
    for (unsigned i = 0; i < num_logs(call->cci); i++) {
        if (cxl_uuid_equal(&log_rows[i].uuid, uuid)) {
            return &log_rows[i];
        }
    }
    return NULL;
}

static void put_entry(CxlCall *call, uint32_t offset, const LogRow *log)
{
    CxlLogEntry *entry = (CxlLogEntry *)(call->out + offset);

    entry->uuid = log->uuid;
    stl_le_p(&entry->size, log->size(call));
}

#define SUPPORTED_HEADER 8

static CxlRc supported(CxlCall *call)
{
    unsigned n = num_logs(call->cci);

    stw_le_p(call->out, n);
    for (unsigned i = 0; i < n; i++) {
        put_entry(call, SUPPORTED_HEADER + i * sizeof(CxlLogEntry),
                  &log_rows[i]);
    }
    call->out_len = SUPPORTED_HEADER + n * sizeof(CxlLogEntry);
    return CXL_RC_SUCCESS;
}

static CxlRc get(CxlCall *call)
{
    const CxlLogsGetIn *in = (const void *)call->in;
    const LogRow *log = find_log(call, &in->uuid);
    uint32_t offset = ldl_le_p(&in->offset);
    uint32_t length = ldl_le_p(&in->length);

    if (!log) {
        return CXL_RC_INVALID_LOG;
    }
    if ((uint64_t)offset + length > log->size(call) ||
        length > call->out_max) {
        return CXL_RC_INVALID_INPUT;
    }
    log->read(call, offset, call->out, length);
    call->out_len = length;
    return CXL_RC_SUCCESS;
}

static CxlRc capabilities(CxlCall *call)
{
    const LogRow *log = find_log(call, (const CxlUuid *)call->in);

    if (!log) {
        return CXL_RC_INVALID_LOG;
    }
    stl_le_p(call->out, log->caps);
    call->out_len = 4;
    return CXL_RC_SUCCESS;
}

static CxlRc clear(CxlCall *call)
{
    const LogRow *log = find_log(call, (const CxlUuid *)call->in);

    if (!log) {
        return CXL_RC_INVALID_LOG;
    }
    if (!(log->caps & CXL_LOGCAP_CLEAR)) {
        return CXL_RC_INVALID_INPUT;
    }
    log->clear(call->owner);
    return CXL_RC_SUCCESS;
}

static CxlRc populate(CxlCall *call)
{
    const LogRow *log = find_log(call, (const CxlUuid *)call->in);

    if (!log) {
        return CXL_RC_INVALID_LOG;
    }
    if (!(log->caps & CXL_LOGCAP_POPULATE)) {
        return CXL_RC_INVALID_INPUT;
    }
    log->populate(call->owner);
    return CXL_RC_SUCCESS;
}

static CxlRc sublist(CxlCall *call)
{
    unsigned total = num_logs(call->cci), n;
    unsigned max = call->in[0], start = call->in[1];

    if (start >= total || !max) {
        return CXL_RC_INVALID_INPUT;
    }
    n = MIN(max, total - start);
    call->out[0] = n;
    stw_le_p(call->out + 2, total);
    call->out[4] = start;
    for (unsigned i = 0; i < n; i++) {
        put_entry(call, SUPPORTED_HEADER + i * sizeof(CxlLogEntry),
                  &log_rows[start + i]);
    }
    call->out_len = SUPPORTED_HEADER + n * sizeof(CxlLogEntry);
    return CXL_RC_SUCCESS;
}

#define LIST_MAX \
    (SUPPORTED_HEADER + ARRAY_SIZE(log_rows) * sizeof(CxlLogEntry))

/* The first two are all that other interfaces than a memory device's have. */
static const CxlCmdRow logs_rows[] = {
    { .opcode = CXL_OP_LOGS_SUPPORTED, .name = "Get Supported Logs",
      .out_max = LIST_MAX, .handler = supported, .section = "8.2.9.5.1" },
    { .opcode = CXL_OP_LOGS_GET, .name = "Get Log",
      .in_min = sizeof(CxlLogsGetIn), .in_max = sizeof(CxlLogsGetIn),
      .out_max = CXL_LEN_PAYLOAD, .handler = get, .gates = CXL_GATE_MEDIA,
      .section = "8.2.9.5.2" },
    { .opcode = CXL_OP_LOGS_CAPS, .name = "Get Log Capabilities",
      .in_min = sizeof(CxlUuid), .in_max = sizeof(CxlUuid), .out_max = 4,
      .handler = capabilities, .section = "8.2.9.5.3" },
    { .opcode = CXL_OP_LOGS_CLEAR, .name = "Clear Log",
      .in_min = sizeof(CxlUuid), .in_max = sizeof(CxlUuid),
      .handler = clear, .effects = CXL_FX_LOG, .section = "8.2.9.5.4" },
    { .opcode = CXL_OP_LOGS_POPULATE, .name = "Populate Log",
      .in_min = sizeof(CxlUuid), .in_max = sizeof(CxlUuid),
      .handler = populate, .effects = CXL_FX_LOG, .section = "8.2.9.5.5" },
    { .opcode = CXL_OP_LOGS_SUBLIST, .name = "Get Supported Logs Sub-List",
      .in_min = 2, .in_max = 2, .out_max = LIST_MAX, .handler = sublist,
      .section = "8.2.9.5.6" },
};

const CxlCmdSet cxl_set_logs = {
    "Logs", logs_rows, ARRAY_SIZE(logs_rows),
};

const CxlCmdSet cxl_set_logs_effects = {
    "Logs (effects log only)", logs_rows, 2,
};
