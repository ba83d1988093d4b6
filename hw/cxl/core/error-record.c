/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of one uncorrectable memory error; see error-record.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/error-record.h"

#define ONE_UNCORRECTABLE (BIT(0) | 1 << 4)
#define RECOVERABLE 0
#define REVISION 0x300
#define VALID_ADDRESS (BIT(1) | BIT(2)) /* and its mask */

void cxl_error_record(CxlErrorRecord *rec, uint64_t address, unsigned granule)
{
    uint64_t mask = ~((1ULL << granule) - 1);

    /* a5bc1114-6f64-4ede-b863-3e83ed7c83b1 */
    *rec = (CxlErrorRecord) {
        .block_status = cpu_to_le32(ONE_UNCORRECTABLE),
        .data_len = cpu_to_le32(sizeof(*rec) -
                                offsetof(CxlErrorRecord, section)),
        .severity = cpu_to_le32(RECOVERABLE),
        .section = { 0x14, 0x11, 0xbc, 0xa5, 0x64, 0x6f, 0xde, 0x4e,
                     0xb8, 0x63, 0x3e, 0x83, 0xed, 0x7c, 0x83, 0xb1 },
        .entry_severity = cpu_to_le32(RECOVERABLE),
        .revision = cpu_to_le16(REVISION),
        .error_len = cpu_to_le32(sizeof(*rec) -
                                 offsetof(CxlErrorRecord, valid)),
        .valid = cpu_to_le64(VALID_ADDRESS),
        .address = cpu_to_le64(address & mask),
        .address_mask = cpu_to_le64(mask),
    };
}
