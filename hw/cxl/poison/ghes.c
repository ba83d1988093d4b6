/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consumed poison where the error result of a load makes the vCPU take an
 * abort or an access fault: arm and others.
 *
 * What is added here, before that, is the firmware's error record, which names
 * the memory: with it the guest knows which page to take out of use.  It takes
 * a machine with such records, which is "virt,ras=on" with ACPI.
 */

#include "qemu/osdep.h"
#include "hw/memfab/compat.h"
#include "qapi/error.h"
#include "qemu/bswap.h"
#include "qemu/log.h"
#include "hw/core/cpu.h"
#include "hw/cxl/poison/consume.h"
#ifdef MEMFAB_HAVE_CXL_VIRT
#include CONFIG_DEVICES
#include "hw/acpi/ghes.h"
#endif
#include "hw/cxl/trace.h"

#if defined(MEMFAB_HAVE_CXL_VIRT) && defined(CONFIG_ACPI_APEI)

/* Generic error status block, ACPI 6.5 18.3.2.7.1: it and its only entry */
typedef struct QEMU_PACKED ErrorRecord {
    uint32_t block_status;
    uint32_t raw_offset;
    uint32_t raw_len;
    uint32_t data_len;
    uint32_t severity;
    uint8_t section[16];
    uint32_t entry_severity;
    uint16_t revision;
    uint8_t entry_valid;
    uint8_t entry_flags;
    uint32_t error_len;
    uint8_t fru_id[16];
    uint8_t fru_text[20];
    uint64_t timestamp;
    /* Memory error section, UEFI 2.10 N.2.5 */
    uint64_t valid;
    uint64_t status;
    uint64_t address;
    uint64_t address_mask;
    uint8_t where[40];
    uint8_t type;
    uint8_t rest[7];
} ErrorRecord;

#define ONE_UNCORRECTABLE (BIT(0) | 1 << 4)
#define RECOVERABLE 0
#define REVISION 0x300
#define VALID_ADDRESS (BIT(1) | BIT(2)) /* and its mask */

QEMU_BUILD_BUG_ON(offsetof(ErrorRecord, section) != 20);
QEMU_BUILD_BUG_ON(offsetof(ErrorRecord, valid) != 20 + 72);
QEMU_BUILD_BUG_ON(sizeof(ErrorRecord) != 20 + 72 + 80);

static ErrorRecord record_of(hwaddr line)
{
    /* a5bc1114-6f64-4ede-b863-3e83ed7c83b1 */
    ErrorRecord rec = {
        .block_status = cpu_to_le32(ONE_UNCORRECTABLE),
        .data_len = cpu_to_le32(sizeof(rec) - offsetof(ErrorRecord, section)),
        .severity = cpu_to_le32(RECOVERABLE),
        .section = { 0x14, 0x11, 0xbc, 0xa5, 0x64, 0x6f, 0xde, 0x4e,
                     0xb8, 0x63, 0x3e, 0x83, 0xed, 0x7c, 0x83, 0xb1 },
        .entry_severity = cpu_to_le32(RECOVERABLE),
        .revision = cpu_to_le16(REVISION),
        .error_len = cpu_to_le32(sizeof(rec) - offsetof(ErrorRecord, valid)),
        .valid = cpu_to_le64(VALID_ADDRESS),
        .address = cpu_to_le64(line),
        .address_mask = cpu_to_le64(~((1ULL << CXL_CONSUME_GRANULE) - 1)),
    };

    return rec;
}

/* Fails if the guest has not taken the last one. */
static bool record(hwaddr line)
{
    AcpiGhesState *ghes = acpi_ghes_get_state();
    ErrorRecord rec = record_of(line);
    Error *err = NULL;

    if (!ghes) {
        return false;
    }
    ghes_record_cper_errors(ghes, &rec, sizeof(rec), ACPI_HEST_SRC_ID_SYNC,
                            &err);
    if (err) {
        qemu_log_mask(LOG_GUEST_ERROR, "poison at 0x%" PRIx64 ": %s\n", line,
                      error_get_pretty(err));
        error_free(err);
        return false;
    }
    return true;
}

#else

static bool record(hwaddr line)
{
    return false;
}

#endif

void cxl_consume_poison(hwaddr hpa, MemTxAttrs attrs, bool always)
{
    hwaddr line = hpa & ~((1ULL << CXL_CONSUME_GRANULE) - 1);

    if (current_cpu && !attrs.unspecified && !attrs.requester_id) {
        trace_memfab_cxl_consume_record(current_cpu->cpu_index, line,
                                        record(line));
    }
}
