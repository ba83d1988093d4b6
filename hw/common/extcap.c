/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of extended capabilities; see extcap.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/common/extcap.h"

/* PCIe r6.0 7.6.3: id, version, offset of the next one */
#define HEADER_ID(hdr)      extract32(hdr, 0, 16)
#define HEADER_NEXT(hdr)    (extract32(hdr, 20, 12) & ~3u)

/* PCIe r6.0 7.9.6.2: vendor, and behind revision and length the DVSEC's id */
#define DVSEC_VENDOR        4
#define DVSEC_ID            8

/* The smallest has a header and a dword. */
#define STEPS_MAX           ((EXTCAP_END - EXTCAP_FIRST) / 8)

uint16_t extcap_find(const uint8_t *config, uint16_t after, uint16_t id)
{
    uint16_t at = after ? HEADER_NEXT(ldl_le_p(config + after)) : EXTCAP_FIRST;

    for (unsigned left = STEPS_MAX; at >= EXTCAP_FIRST && left; left--) {
        uint32_t header = ldl_le_p(config + at);

        if (HEADER_ID(header) == id) {
            return at;
        }
        at = HEADER_NEXT(header);
    }
    return 0;
}

uint16_t extcap_find_dvsec(const uint8_t *config, uint16_t vendor, uint16_t id)
{
    uint16_t at = extcap_find(config, 0, EXTCAP_ID_DVSEC);

    for (unsigned left = STEPS_MAX; at && left; left--) {
        /* One at the very end of configuration space has no second dword. */
        if (at <= EXTCAP_END - DVSEC_ID - 2 &&
            lduw_le_p(config + at + DVSEC_VENDOR) == vendor &&
            lduw_le_p(config + at + DVSEC_ID) == id) {
            return at;
        }
        at = extcap_find(config, at, EXTCAP_ID_DVSEC);
    }
    return 0;
}
