/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers and block of the error source and of error injection; see apei.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/common/regmap.h"
#include "hw/cxl/core/apei.h"
#include "hw/cxl/wire/ras.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlApei) != 1368 && sizeof(void *) == 8);

#define ACKNOWLEDGED 1
/* Of the block: all that the operating system clears there */
#define BLOCK_STATUS 4

static bool acknowledged(const CxlApei *a)
{
    return regbank_get(&a->bank, CXL_APEI_READ_ACK) & ACKNOWLEDGED;
}

static void put(CxlApei *a, const void *record, size_t len)
{
    memset(a->block, 0, sizeof(a->block));
    memcpy(a->block, record, len);
    regbank_set(&a->bank, CXL_APEI_READ_ACK, 0);
    a->ops->notify(a->opaque);
}

static void read_ack(void *opaque, const RegbankWrite *w)
{
    CxlApei *a = opaque;
    GBytes *next;
    gsize len;

    if (!acknowledged(a)) {
        return;
    }
    next = g_queue_pop_head(&a->waiting);
    if (next) {
        const void *record = g_bytes_get_data(next, &len);

        put(a, record, len);
        g_bytes_unref(next);
    }
    if (!(w->old & ACKNOWLEDGED)) {
        a->ops->room(a->opaque);
    }
}

static unsigned execute(CxlApei *a)
{
    uint32_t type = regbank_get(&a->bank, CXL_APEI_ERROR_TYPE);
    uint32_t flags = regbank_get(&a->bank, CXL_APEI_ERROR_FLAGS);
    CxlEinjError error;

    if (!a->open) {
        a->ops->ignored(a->opaque, "error injection without a begin", type);
        return CXL_EINJ_FAILURE;
    }
    if (!cxl_einj_error(type, &error)) {
        a->ops->ignored(a->opaque, "error type", type);
        return CXL_EINJ_INVALID;
    }
    /* Nothing but a function of PCI can have such an error. */
    if (flags != CXL_EINJ_SBDF) {
        a->ops->ignored(a->opaque, "flags of an error type", flags);
        return CXL_EINJ_INVALID;
    }
    return a->ops->inject(a->opaque, type,
                          regbank_get(&a->bank, CXL_APEI_ERROR_SBDF));
}

static void command(void *opaque, const RegbankWrite *w)
{
    CxlApei *a = opaque;
    uint64_t status = CXL_EINJ_SUCCESS;

    switch (w->now) {
    case CXL_EINJ_BEGIN:
        a->open = true;
        break;
    case CXL_EINJ_EXECUTE:
        status = execute(a);
        break;
    case CXL_EINJ_END:
        a->open = false;
        break;
    default:
        a->ops->ignored(a->opaque, "error injection command", w->now);
        status = CXL_EINJ_FAILURE;
        break;
    }
    regbank_set(&a->bank, CXL_APEI_COMMAND, 0);
    regbank_set(&a->bank, CXL_APEI_STATUS, status);
}

static const RegbankRow rows[] = {
    { .offset = CXL_APEI_BLOCK_AT, .size = 8, .name = "error status address",
      .reset = CXL_APEI_BASE + CXL_APEI_BLOCK },
    { .offset = CXL_APEI_READ_ACK, .size = 8, .name = "read ack",
      .reset = ACKNOWLEDGED, .rw = ACKNOWLEDGED, .post = read_ack },
    { .offset = CXL_APEI_COMMAND, .size = 4, .name = "command",
      .rw = UINT32_MAX, .post = command },
    { .offset = CXL_APEI_BUSY, .size = 4, .name = "busy" },
    { .offset = CXL_APEI_STATUS, .size = 4, .name = "command status" },
    { .offset = CXL_APEI_TYPES, .size = 4, .name = "error types",
      .reset = CXL_EINJ_TYPES },
    { .offset = CXL_APEI_TRIGGER_AT, .size = 8, .name = "trigger address",
      .reset = CXL_APEI_BASE + CXL_APEI_TRIGGER },
    { .offset = CXL_APEI_ERROR_TYPE, .size = 4, .name = "error type",
      .rw = UINT32_MAX },
    { .offset = CXL_APEI_ERROR_VENDOR, .size = 4, .name = "vendor extension" },
    { .offset = CXL_APEI_ERROR_FLAGS, .size = 4, .name = "flags",
      .rw = UINT32_MAX },
    { .offset = CXL_APEI_ERROR_APIC, .size = 4, .name = "APIC id",
      .rw = UINT32_MAX },
    { .offset = CXL_APEI_ERROR_ADDRESS, .size = 8, .name = "address",
      .rw = UINT64_MAX },
    { .offset = CXL_APEI_ERROR_RANGE, .size = 8, .name = "address range",
      .rw = UINT64_MAX },
    { .offset = CXL_APEI_ERROR_SBDF, .size = 4, .name = "SBDF",
      .rw = UINT32_MAX },
    /* Header size, revision, table size, entries */
    { .offset = CXL_APEI_TRIGGER, .size = 4, .name = "trigger header size",
      .reset = CXL_APEI_TRIGGER_SIZE },
    { .offset = CXL_APEI_TRIGGER + 4, .size = 4, .name = "trigger revision" },
    { .offset = CXL_APEI_TRIGGER + 8, .size = 4, .name = "trigger size",
      .reset = CXL_APEI_TRIGGER_SIZE },
    { .offset = CXL_APEI_TRIGGER + 12, .size = 4, .name = "trigger entries" },
};

static const RegbankDesc desc = {
    .name = "APEI", .rows = rows, .num_rows = ARRAY_SIZE(rows),
    .size = CXL_APEI_REGISTERS,
};

static void bits_ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    CxlApei *a = opaque;

    a->ops->ignored(a->opaque, w->row->name, bits);
}

static uint64_t registers_read(void *owner, uint64_t offset, unsigned size)
{
    CxlApei *a = owner;

    return regbank_read(&a->bank, offset, size);
}

static void registers_write(void *owner, uint64_t offset, uint64_t value,
                            unsigned size)
{
    CxlApei *a = owner;

    regbank_write(&a->bank, offset, value, size);
}

static uint64_t block_read(void *owner, uint64_t offset, unsigned size)
{
    const CxlApei *a = owner;
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)a->block[offset + i] << (8 * i);
    }
    return value;
}

/* It is the firmware's, but that its status is cleared. */
static void block_write(void *owner, uint64_t offset, uint64_t value,
                        unsigned size)
{
    CxlApei *a = owner;

    for (unsigned i = 0; i < size && offset + i < BLOCK_STATUS; i++) {
        a->block[offset + i] &= value >> (8 * i);
    }
}

static const RegmapArea areas[] = {
    { 0, CXL_APEI_REGISTERS, registers_read, registers_write },
    { CXL_APEI_BLOCK, CXL_APEI_BLOCK_SIZE, block_read, block_write },
};

void cxl_apei_init(CxlApei *a, const CxlApeiOps *ops, void *opaque)
{
    *a = (CxlApei) { .ops = ops, .opaque = opaque };
    g_queue_init(&a->waiting);
    regbank_init(&a->bank, &desc, a->registers, a, bits_ignored);
}

static void forget(CxlApei *a)
{
    GBytes *record;

    while ((record = g_queue_pop_head(&a->waiting))) {
        g_bytes_unref(record);
    }
}

void cxl_apei_destroy(CxlApei *a)
{
    forget(a);
}

void cxl_apei_reset(CxlApei *a)
{
    forget(a);
    memset(a->block, 0, sizeof(a->block));
    a->open = false;
    regbank_reset(&a->bank, REGBANK_RESET_COLD);
}

uint64_t cxl_apei_read(CxlApei *a, uint64_t addr, unsigned size)
{
    return regmap_read(areas, ARRAY_SIZE(areas), a, addr, size);
}

void cxl_apei_write(CxlApei *a, uint64_t addr, uint64_t value, unsigned size)
{
    regmap_write(areas, ARRAY_SIZE(areas), a, addr, value, size);
}

unsigned cxl_apei_room(const CxlApei *a)
{
    return CXL_APEI_QUEUE - g_queue_get_length((GQueue *)&a->waiting);
}

bool cxl_apei_record(CxlApei *a, const void *record, size_t len)
{
    assert(len && len <= CXL_APEI_BLOCK_SIZE);
    if (acknowledged(a)) {
        put(a, record, len);
        return true;
    }
    if (!cxl_apei_room(a)) {
        return false;
    }
    g_queue_push_tail(&a->waiting, g_bytes_new(record, len));
    return true;
}

bool cxl_einj_error(uint32_t type, CxlEinjError *error)
{
    static const struct {
        uint32_t type;
        CxlEinjError error;
    } types[] = {
        { CXL_EINJ_CACHE_CORRECTABLE, { true, false,
                                        CXL_RAS_CE_CACHE_DATA_ECC } },
        { CXL_EINJ_CACHE_NONFATAL, { false, false,
                                     CXL_RAS_UE_CACHE_DATA_ECC } },
        { CXL_EINJ_CACHE_FATAL, { false, true, CXL_RAS_UE_CACHE_DATA_ECC } },
        { CXL_EINJ_MEM_CORRECTABLE, { true, false,
                                      CXL_RAS_CE_MEM_DATA_ECC } },
        { CXL_EINJ_MEM_NONFATAL, { false, false, CXL_RAS_UE_MEM_DATA_ECC } },
        { CXL_EINJ_MEM_FATAL, { false, true, CXL_RAS_UE_MEM_DATA_ECC } },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
        if (types[i].type == type) {
            *error = types[i].error;
            return true;
        }
    }
    return false;
}

static void save(const void *device, SaveWriter *w)
{
    const CxlApei *a = device;
    const GList *l;

    save_put(w, a->open);
    save_put_blob(w, a->registers, sizeof(a->registers));
    save_put_blob(w, a->block, sizeof(a->block));
    save_put(w, g_queue_get_length((GQueue *)&a->waiting));
    for (l = a->waiting.head; l; l = l->next) {
        gsize len;
        const void *record = g_bytes_get_data(l->data, &len);

        save_put_blob(w, record, len);
    }
}

static void load(void *device, SaveReader *r)
{
    CxlApei *a = device;
    const uint8_t *bytes;
    unsigned count;
    size_t len;

    cxl_apei_reset(a);
    SAVE_GET(r, a->open);
    bytes = save_get_blob(r, "registers", sizeof(a->registers), &len);
    if (len == sizeof(a->registers)) {
        regbank_adopt(&a->bank, bytes);
        regbank_set(&a->bank, CXL_APEI_COMMAND, 0);
        regbank_set(&a->bank, CXL_APEI_STATUS,
                    ldl_le_p(bytes + CXL_APEI_STATUS));
    } else {
        save_refuse(r, "length of the registers");
    }
    bytes = save_get_blob(r, "block", sizeof(a->block), &len);
    if (len == sizeof(a->block)) {
        memcpy(a->block, bytes, len);
    } else {
        save_refuse(r, "length of the block");
    }
    count = save_get_count(r, "waiting records", CXL_APEI_QUEUE, 8);
    for (unsigned i = 0; i < count; i++) {
        bytes = save_get_blob(r, "waiting record", CXL_APEI_BLOCK_SIZE, &len);
        g_queue_push_tail(&a->waiting, g_bytes_new(bytes, len));
    }
    if (cxl_apei_check(a)) {
        save_refuse(r, cxl_apei_check(a));
    }
}

static const SaveRoom rooms[] = {
    { .name = "apei", .version = 1, .save = save, .load = load },
};

void cxl_apei_save(const CxlApei *a, GByteArray *out)
{
    save_rooms("cxl-apei", rooms, ARRAY_SIZE(rooms), a, out);
}

bool cxl_apei_load(CxlApei *a, const uint8_t *bytes, size_t len,
                   char **problem)
{
    CxlApei next;

    cxl_apei_init(&next, a->ops, a->opaque);
    if (!save_load_rooms("cxl-apei", rooms, ARRAY_SIZE(rooms), &next, bytes,
                         len, problem)) {
        cxl_apei_destroy(&next);
        return false;
    }
    cxl_apei_destroy(a);
    *a = next;
    regbank_attach(&a->bank, &desc, a->registers, a, bits_ignored);
    return true;
}

const char *cxl_apei_check(const CxlApei *a)
{
    const GList *l;

    if (a->waiting.length > CXL_APEI_QUEUE) {
        return "more records wait than can";
    }
    if (a->waiting.length && acknowledged(a)) {
        return "records wait for nothing";
    }
    for (l = a->waiting.head; l; l = l->next) {
        gsize len = g_bytes_get_size(l->data);

        if (!len || len > CXL_APEI_BLOCK_SIZE) {
            return "length of a waiting record";
        }
    }
    if (regbank_get(&a->bank, CXL_APEI_STATUS) > CXL_EINJ_INVALID) {
        return "status of the error injection";
    }
    return NULL;
}
