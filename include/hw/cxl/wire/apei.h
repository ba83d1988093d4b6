/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page through which a platform's firmware and its operating system speak
 * about errors: what the generic error source of the HEST (ACPI 6.5 18.3.2.8)
 * and the actions of the EINJ (ACPI 6.5 18.6) point to.  Where registers are is
 * this platform's own business; the layout of the error type structure is
 * ACPI 6.5 18.6.4.  Behaviour is in hw/cxl/core/apei.c.
 */
#ifndef HW_CXL_WIRE_APEI_H
#define HW_CXL_WIRE_APEI_H

#include "qemu/bitops.h"

/* Guest physical address; between the HPET and the IOMMUs of the PC boards */
#define CXL_APEI_BASE           0xfed60000u
#define CXL_APEI_SIZE           0x1000

/* Of the error source, ACPI 6.5 18.3.2.8 */
#define CXL_APEI_BLOCK_AT       0x000   /* 8 bytes: where the block is */
#define CXL_APEI_READ_ACK       0x008   /* 8 bytes, bit 0 */

/* Of error injection, ACPI 6.5 18.6.1 */
#define CXL_APEI_COMMAND        0x010   /* 4 bytes */
#define   CXL_EINJ_BEGIN            1
#define   CXL_EINJ_EXECUTE          2
#define   CXL_EINJ_END              3
#define CXL_APEI_BUSY           0x014   /* 4 bytes, bit 0: never */
#define CXL_APEI_STATUS         0x018   /* 4 bytes */
#define   CXL_EINJ_SUCCESS          0
#define   CXL_EINJ_FAILURE          1
#define   CXL_EINJ_INVALID          2
#define CXL_APEI_TYPES          0x01c   /* 4 bytes: what can be injected */
#define CXL_APEI_TRIGGER_AT     0x020   /* 8 bytes: where the table is */

/* Set Error Type With Address, ACPI 6.5 18.6.4, from here on */
#define CXL_APEI_ERROR          0x040
#define CXL_APEI_ERROR_TYPE     0x040   /* 4 bytes, one CXL_EINJ_... */
#define CXL_APEI_ERROR_VENDOR   0x044   /* 4 bytes: none */
#define CXL_APEI_ERROR_FLAGS    0x048   /* 4 bytes */
#define   CXL_EINJ_SBDF             BIT(2)
#define CXL_APEI_ERROR_APIC     0x04c   /* 4 bytes */
#define CXL_APEI_ERROR_ADDRESS  0x050   /* 8 bytes */
#define CXL_APEI_ERROR_RANGE    0x058   /* 8 bytes */
#define CXL_APEI_ERROR_SBDF     0x060   /* 4 bytes, from bit 8 on: function */

/* Trigger Error action table, ACPI 6.5 18.6.3: no action is needed */
#define CXL_APEI_TRIGGER        0x080
#define CXL_APEI_TRIGGER_SIZE   16

#define CXL_APEI_REGISTERS      0x100   /* bytes */

/* The generic error status block, ACPI 6.5 18.3.2.7.1 */
#define CXL_APEI_BLOCK          0x400
#define CXL_APEI_BLOCK_SIZE     0x400

/* Error types, ACPI 6.5 table 18.30 */
#define CXL_EINJ_CACHE_CORRECTABLE  BIT(12)
#define CXL_EINJ_CACHE_NONFATAL     BIT(13)
#define CXL_EINJ_CACHE_FATAL        BIT(14)
#define CXL_EINJ_MEM_CORRECTABLE    BIT(15)
#define CXL_EINJ_MEM_NONFATAL       BIT(16)
#define CXL_EINJ_MEM_FATAL          BIT(17)
#define CXL_EINJ_TYPES              0x3f000u

#endif /* HW_CXL_WIRE_APEI_H */
