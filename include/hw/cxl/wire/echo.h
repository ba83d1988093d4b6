/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command set of our own in the range of vendors, CXL r3.1 8.2.9: answers for
 * those who write transports.  Multi-byte fields are little-endian and
 * unaligned.  Behaviour is in hw/cxl/cci/echo.c.
 */
#ifndef HW_CXL_WIRE_ECHO_H
#define HW_CXL_WIRE_ECHO_H

#include "hw/cxl/wire/uuid.h"

enum {
    CXL_OP_ECHO_IDENTIFY = 0xc000,
    CXL_OP_ECHO = 0xc001,
    CXL_OP_ECHO_STATUS = 0xc002,
    CXL_OP_ECHO_BACKGROUND = 0xc003,
};

/* a859a97e-07cd-4ae3-96d5-8a6c8f0ca7dc */
#define CXL_ECHO_UUID                                                         \
    CXL_UUID(0xa859a97e, 0x07cd, 0x4ae3,                                      \
             0x96, 0xd5, 0x8a, 0x6c, 0x8f, 0x0c, 0xa7, 0xdc)
#define CXL_ECHO_VERSION 1

/* C000h: whose command set this is, and how long its payloads may be */
typedef struct QEMU_PACKED CxlEchoIdentify {
    CxlUuid uuid;
    uint16_t version;
    uint16_t reserved;
    uint32_t in_max, out_max;   /* bytes, of C001h by the way it came */
} CxlEchoIdentify;
QEMU_BUILD_BUG_ON(sizeof(CxlEchoIdentify) != 28);

/* C002h: the answer that is wanted; any output follows, and is sent back. */
typedef struct QEMU_PACKED CxlEchoStatusIn {
    uint16_t rc;                /* not 1, "background" */
    uint16_t vendor;            /* vendor specific status */
    uint8_t output[];
} CxlEchoStatusIn;
QEMU_BUILD_BUG_ON(sizeof(CxlEchoStatusIn) != 4);

/* C003h: goes on for a while, and ends with that */
typedef struct QEMU_PACKED CxlEchoBackgroundIn {
    uint32_t ms;                /* 1 to CXL_ECHO_MS_MAX */
    uint16_t rc;
    uint16_t vendor;
} CxlEchoBackgroundIn;
QEMU_BUILD_BUG_ON(sizeof(CxlEchoBackgroundIn) != 8);
#define CXL_ECHO_MS_MAX 3600000

#endif /* HW_CXL_WIRE_ECHO_H */
