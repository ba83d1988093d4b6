/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of a record, and the record of one uncorrectable memory error; see
 * error-record.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/error-record.h"

#define ONE_ENTRY (1 << 4)
#define UNCORRECTABLE BIT(0)
#define CORRECTABLE BIT(1)
#define REVISION 0x300
#define VALID_ADDRESS (BIT(1) | BIT(2)) /* and its mask */

void cxl_error_head(CxlErrorHead *head, const CxlUuid *section,
                    unsigned severity, uint32_t len)
{
    static const uint8_t order[16] = {
        3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15,
    };
    uint32_t kind = severity == CXL_ERROR_RECOVERABLE ||
                    severity == CXL_ERROR_FATAL ? UNCORRECTABLE : CORRECTABLE;

    *head = (CxlErrorHead) {
        .block_status = cpu_to_le32(kind | ONE_ENTRY),
        .data_len = cpu_to_le32(sizeof(*head) + len -
                                offsetof(CxlErrorHead, section)),
        .severity = cpu_to_le32(severity),
        .entry_severity = cpu_to_le32(severity),
        .revision = cpu_to_le16(REVISION),
        .error_len = cpu_to_le32(len),
    };
    for (unsigned i = 0; i < 16; i++) {
        head->section[i] = section->b[order[i]];
    }
}

void cxl_error_record(CxlErrorRecord *rec, uint64_t address, unsigned granule)
{
    static const CxlUuid memory =
        CXL_UUID(0xa5bc1114, 0x6f64, 0x4ede,
                 0xb8, 0x63, 0x3e, 0x83, 0xed, 0x7c, 0x83, 0xb1);
    uint64_t mask = ~((1ULL << granule) - 1);

    *rec = (CxlErrorRecord) {
        .valid = cpu_to_le64(VALID_ADDRESS),
        .address = cpu_to_le64(address & mask),
        .address_mask = cpu_to_le64(mask),
    };
    cxl_error_head(&rec->head, &memory, CXL_ERROR_RECOVERABLE,
                   sizeof(*rec) - sizeof(rec->head));
}
