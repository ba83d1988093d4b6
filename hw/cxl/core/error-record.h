/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What firmware tells of an error: a generic error status block with one
 * section, ACPI 6.5 18.3.2.7.1; and of memory whose bytes are lost: with a
 * memory error section, UEFI 2.10 N.2.5.  Who hands the latter to the guest is
 * hw/cxl/poison/ghes.c; sections of CXL are core/cper.h.
 */
#ifndef HW_CXL_CORE_ERROR_RECORD_H
#define HW_CXL_CORE_ERROR_RECORD_H

#include "hw/cxl/wire/uuid.h"

/* UEFI 2.10 N.2.2; of entry and block */
enum {
    CXL_ERROR_RECOVERABLE, CXL_ERROR_FATAL, CXL_ERROR_CORRECTED,
    CXL_ERROR_INFORMATIONAL
};

/* The block and its only entry; little-endian.  The section follows. */
typedef struct QEMU_PACKED CxlErrorHead {
    uint32_t block_status;
    uint32_t raw_offset;
    uint32_t raw_len;
    uint32_t data_len;          /* bytes behind this header */
    uint32_t severity;
    uint8_t section[16];        /* a UUID, first three parts swapped */
    uint32_t entry_severity;
    uint16_t revision;
    uint8_t entry_valid;
    uint8_t entry_flags;
    uint32_t error_len;         /* bytes of the section */
    uint8_t fru_id[16];
    uint8_t fru_text[20];
    uint64_t timestamp;
} CxlErrorHead;
QEMU_BUILD_BUG_ON(offsetof(CxlErrorHead, section) != 20);
QEMU_BUILD_BUG_ON(sizeof(CxlErrorHead) != 20 + 72);

typedef struct QEMU_PACKED CxlErrorRecord {
    CxlErrorHead head;
    /* Memory error section, UEFI 2.10 N.2.5 */
    uint64_t valid;             /* which of the fields below say something */
    uint64_t status;
    uint64_t address;           /* host physical */
    uint64_t address_mask;
    uint8_t where[40];
    uint8_t type;
    uint8_t rest[7];
} CxlErrorRecord;
QEMU_BUILD_BUG_ON(sizeof(CxlErrorRecord) != 20 + 72 + 80);

/*
 * Of a section of @len bytes that is identified by @section, in the order of
 * CXL's bytes, and as severe as @severity, CXL_ERROR_... .
 */
void cxl_error_head(CxlErrorHead *head, const CxlUuid *section,
                    unsigned severity, uint32_t len);
/*
 * An uncorrectable error, from which software can recover, in the naturally
 * aligned 1 << @granule bytes at @address.
 */
void cxl_error_record(CxlErrorRecord *rec, uint64_t address,
                      unsigned granule);

#endif /* HW_CXL_CORE_ERROR_RECORD_H */
