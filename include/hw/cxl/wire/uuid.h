/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UUIDs as CXL puts them on the wire: 16 bytes in the order of their text,
 * RFC 9562 4.
 */
#ifndef HW_CXL_WIRE_UUID_H
#define HW_CXL_WIRE_UUID_H

typedef struct CxlUuid {
    uint8_t b[16];
} CxlUuid;
QEMU_BUILD_BUG_ON(sizeof(CxlUuid) != 16);

/* The five groups of the text; the last two are given as single bytes. */
#define CXL_UUID(a, b_, c, d0, d1, e0, e1, e2, e3, e4, e5)                    \
    { { (uint8_t)((uint32_t)(a) >> 24), (uint8_t)((uint32_t)(a) >> 16),       \
        (uint8_t)((uint32_t)(a) >> 8), (uint8_t)(a),                          \
        (uint8_t)((b_) >> 8), (uint8_t)(b_), (uint8_t)((c) >> 8),             \
        (uint8_t)(c), d0, d1, e0, e1, e2, e3, e4, e5 } }

static inline bool cxl_uuid_equal(const CxlUuid *a, const CxlUuid *b)
{
    return !memcmp(a, b, sizeof(*a));
}

#endif /* HW_CXL_WIRE_UUID_H */
