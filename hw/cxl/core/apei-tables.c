/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies of HEST and EINJ; see apei-tables.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/apei-tables.h"
#include "hw/cxl/wire/apei.h"

/* Generic address structure, ACPI 6.5 5.2.3.2 */
typedef struct QEMU_PACKED Gas {
    uint8_t space;              /* 0: system memory */
    uint8_t width, offset;      /* bits */
    uint8_t access;             /* log2 of bytes, plus 1 */
    uint64_t address;
} Gas;
QEMU_BUILD_BUG_ON(sizeof(Gas) != 12);

static Gas gas(unsigned offset, unsigned bytes)
{
    return (Gas) {
        .width = bytes * 8,
        .access = ctz32(bytes) + 1,
        .address = cpu_to_le64(CXL_APEI_BASE + offset),
    };
}

/* Generic hardware error source version 2, ACPI 6.5 18.3.2.8 */
typedef struct QEMU_PACKED ErrorSource {
    uint16_t type;
    uint16_t id, related;
    uint8_t flags, enabled;
    uint32_t records, sections, raw_len;
    Gas block_at;
    uint8_t notify, notify_len; /* hardware error notification, 18.3.2.9 */
    uint8_t notify_rest[26];
    uint32_t block_len;
    Gas read_ack;
    uint64_t ack_preserve, ack_write;
} ErrorSource;
QEMU_BUILD_BUG_ON(sizeof(ErrorSource) != 92);
#define SOURCE_GENERIC_2    10
#define NOTIFY_SCI          3
#define NOTIFY_LEN          28
#define NO_RELATED          0xffff

void cxl_apei_hest(GArray *table)
{
    const uint32_t count = cpu_to_le32(1);
    const ErrorSource source = {
        .type = cpu_to_le16(SOURCE_GENERIC_2),
        .related = cpu_to_le16(NO_RELATED),
        .enabled = 1,
        .records = cpu_to_le32(1),
        .sections = cpu_to_le32(1),
        .raw_len = cpu_to_le32(CXL_APEI_BLOCK_SIZE),
        .block_at = gas(CXL_APEI_BLOCK_AT, 8),
        .notify = NOTIFY_SCI,
        .notify_len = NOTIFY_LEN,
        .block_len = cpu_to_le32(CXL_APEI_BLOCK_SIZE),
        .read_ack = gas(CXL_APEI_READ_ACK, 8),
        .ack_preserve = cpu_to_le64(~1ull),
        .ack_write = cpu_to_le64(1),
    };

    g_array_append_vals(table, &count, sizeof(count));
    g_array_append_vals(table, &source, sizeof(source));
}

/* Injection instruction entry, ACPI 6.5 18.6.2 */
typedef struct QEMU_PACKED Entry {
    uint8_t action, instruction, flags, reserved;
    Gas where;
    uint64_t value, mask;
} Entry;
QEMU_BUILD_BUG_ON(sizeof(Entry) != 32);

enum {
    BEGIN_OPERATION, GET_TRIGGER_TABLE, SET_ERROR_TYPE, GET_ERROR_TYPE,
    END_OPERATION, EXECUTE_OPERATION, CHECK_BUSY, GET_COMMAND_STATUS,
    SET_ERROR_TYPE_WITH_ADDRESS
};
enum { READ_REGISTER, READ_REGISTER_VALUE, WRITE_REGISTER, WRITE_VALUE };

typedef struct Action {
    uint8_t action, instruction;
    uint8_t bytes;
    uint16_t offset;
    uint32_t value;
} Action;

static const Action actions[] = {
    { BEGIN_OPERATION, WRITE_VALUE, 4, CXL_APEI_COMMAND, CXL_EINJ_BEGIN },
    { GET_TRIGGER_TABLE, READ_REGISTER, 8, CXL_APEI_TRIGGER_AT },
    { SET_ERROR_TYPE, WRITE_REGISTER, 4, CXL_APEI_ERROR_TYPE },
    { GET_ERROR_TYPE, READ_REGISTER, 4, CXL_APEI_TYPES },
    { END_OPERATION, WRITE_VALUE, 4, CXL_APEI_COMMAND, CXL_EINJ_END },
    { EXECUTE_OPERATION, WRITE_VALUE, 4, CXL_APEI_COMMAND,
      CXL_EINJ_EXECUTE },
    { CHECK_BUSY, READ_REGISTER_VALUE, 4, CXL_APEI_BUSY, 1 },
    { GET_COMMAND_STATUS, READ_REGISTER, 4, CXL_APEI_STATUS },
    { SET_ERROR_TYPE_WITH_ADDRESS, WRITE_REGISTER, 4, CXL_APEI_ERROR },
};

/* Injection interface, ACPI 6.5 18.6.1: its size, flags, entries */
#define INTERFACE_LEN 12

void cxl_apei_einj(GArray *table)
{
    const uint32_t head[3] = {
        cpu_to_le32(INTERFACE_LEN), 0, cpu_to_le32(ARRAY_SIZE(actions)),
    };

    g_array_append_vals(table, head, sizeof(head));
    for (unsigned i = 0; i < ARRAY_SIZE(actions); i++) {
        const Action *a = &actions[i];
        const Entry entry = {
            .action = a->action,
            .instruction = a->instruction,
            .where = gas(a->offset, a->bytes),
            .value = cpu_to_le64(a->value),
            .mask = cpu_to_le64(a->bytes == 8 ? UINT64_MAX : UINT32_MAX),
        };

        g_array_append_vals(table, &entry, sizeof(entry));
    }
}
