/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of extended capabilities; see extcap.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/common/extcap.h"

/* PCIe r6.0 7.6.3: id, version, offset of the next one */
#define HEADER(id)          ((id) | 1u << 16)
#define HEADER_ID(hdr)      extract32(hdr, 0, 16)
#define HEADER_NEXT(hdr)    (extract32(hdr, 20, 12) & ~3u)

/* PCIe r6.0 7.9.6.2: vendor, and behind revision and length the DVSEC's id */
#define DVSEC_VENDOR        4
#define DVSEC_ID            8

/* The smallest has a header and a dword. */
#define LAST_PLACE          (EXTCAP_END - 8)
#define STEPS_MAX           ((EXTCAP_END - EXTCAP_FIRST) / 8)
#define DWORDS              (EXTCAP_END / 4)

/* PCIe r6.0 7.5.3.3 and 7.5.3.4; bit 15 of the latter */
#define EXPRESS_CAP         4
#define   EXPRESS_CAP_FLR       BIT(28)
#define EXPRESS_CONTROL     8
#define   EXPRESS_CONTROL_FLR   0x80

/* PCIe r6.0 7.8.4: first error, TLP prefix present; header, source, prefixes */
#define AER_CONTROL         0x18
#define   AER_CONTROL_FIRST     (0x1f | BIT(11))
#define AER_HEADER          0x1c
#define AER_SOURCES         0x34
#define AER_PREFIXES        0x38
#define AER_LOG_LEN         16

/* PCIe r6.0 7.5.1.3.13 */
#define BRIDGE_CONTROL      0x3e
#define   BRIDGE_CONTROL_RESET  0x40

uint16_t extcap_find(const uint8_t *config, uint32_t size, uint16_t after,
                     uint16_t id)
{
    uint16_t at = size < EXTCAP_END ? 0 : after ?
                  HEADER_NEXT(ldl_le_p(config + after)) : EXTCAP_FIRST;

    for (unsigned left = STEPS_MAX; at >= EXTCAP_FIRST && left; left--) {
        uint32_t header = ldl_le_p(config + at);

        if (HEADER_ID(header) == id) {
            return at;
        }
        at = HEADER_NEXT(header);
    }
    return 0;
}

uint16_t extcap_find_dvsec(const uint8_t *config, uint32_t size,
                           uint16_t vendor, uint16_t id)
{
    uint16_t at = extcap_find(config, size, 0, EXTCAP_ID_DVSEC);

    for (unsigned left = STEPS_MAX; at && left; left--) {
        /* One at the very end of configuration space has no second dword. */
        if (at <= EXTCAP_END - DVSEC_ID - 2 &&
            lduw_le_p(config + at + DVSEC_VENDOR) == vendor &&
            lduw_le_p(config + at + DVSEC_ID) == id) {
            return at;
        }
        at = extcap_find(config, size, at, EXTCAP_ID_DVSEC);
    }
    return 0;
}

/*
 * Bytes that a capability of this id has at most; 0: its length is not known.
 * Where lanes or entries count, as many as there can be.
 */
static const uint8_t lengths[] = {
    [0x01] = 0x60,      /* AER, with the longest logs */
    [0x03] = 0x0c,      /* serial number */
    [0x04] = 0x10,      /* power budgeting */
    [0x06] = 0x0c,      /* RCRB link control */
    [0x07] = 0x0c,      /* event collector */
    [0x0a] = 0x14,      /* RCRB header */
    [0x0d] = 0x28,      /* ACS, with the longest vector */
    [0x0e] = 0x08,      /* ARI */
    [0x0f] = 0x08,      /* ATS */
    [0x10] = 0x40,      /* SR-IOV */
    [0x12] = 0x30,      /* multicast */
    [0x13] = 0x10,      /* page requests */
    [0x15] = 0x34,      /* resizable BARs */
    [0x16] = 0x30,      /* dynamic power */
    [0x18] = 0x08,      /* latency tolerance */
    [0x19] = 0x4c,      /* secondary PCIe */
    [0x1b] = 0x08,      /* PASID */
    [0x1c] = 0x08,      /* lightweight notification */
    [0x1d] = 0x5c,      /* downstream port containment */
    [0x1e] = 0x14,      /* L1 substates */
    [0x1f] = 0x0c,      /* precision time */
    [0x21] = 0x10,      /* readiness queueing */
    [0x22] = 0x0c,      /* readiness time */
    [0x24] = 0x34,      /* resizable BARs of virtual functions */
    [0x25] = 0x0c,      /* data link features */
    [0x26] = 0x40,      /* physical layer 16 GT/s */
    [0x27] = 0x88,      /* lane margining */
    [0x29] = 0x10,      /* enclosure management */
    [0x2a] = 0x40,      /* physical layer 32 GT/s */
    [0x2e] = 0x18,      /* data object exchange */
    [0x2f] = 0x10,      /* device 3 */
    [0x31] = 0x30,      /* physical layer 64 GT/s */
};

#define ID_VENDOR_SPECIFIC  0x0b

static unsigned length_of(const uint8_t *config, uint16_t at)
{
    uint16_t id = HEADER_ID(ldl_le_p(config + at));

    if (id == ID_VENDOR_SPECIFIC || id == EXTCAP_ID_DVSEC) {
        return extract32(ldl_le_p(config + at + 4), 20, 12);
    }
    return id < G_N_ELEMENTS(lengths) ? lengths[id] : 0;
}

/* Calls @fn for each; false: it is no list, or leads out. */
static bool each(const uint8_t *config,
                 void (*fn)(void *opaque, uint16_t at), void *opaque)
{
    uint16_t at = ldl_le_p(config + EXTCAP_FIRST) ? EXTCAP_FIRST : 0;
    unsigned left = STEPS_MAX;

    while (at >= EXTCAP_FIRST && at <= LAST_PLACE && left--) {
        fn(opaque, at);
        at = HEADER_NEXT(ldl_le_p(config + at));
    }
    return !at;
}

static void remember(void *opaque, uint16_t at)
{
    *(uint16_t *)opaque = at;
}

uint16_t extcap_last(const uint8_t *config)
{
    uint16_t last = 0;

    return each(config, remember, &last) ? last : 0;
}

typedef struct Map {
    const uint8_t *config;
    bool begins[DWORDS], used[DWORDS];
} Map;

static void mark_beginning(void *opaque, uint16_t at)
{
    ((Map *)opaque)->begins[at / 4] = true;
}

static void mark_used(void *opaque, uint16_t at)
{
    Map *map = opaque;
    unsigned len = length_of(map->config, at) ?: EXTCAP_END;
    unsigned end = MIN(at + MAX(len, 8), EXTCAP_END);
    unsigned i = at / 4;

    do {
        map->used[i++] = true;
    } while (i < DIV_ROUND_UP(end, 4) && !map->begins[i]);
}

uint16_t extcap_room(const uint8_t *config, const uint8_t *taken, unsigned len)
{
    g_autofree Map *map = g_new0(Map, 1);
    unsigned free = 0, first = EXTCAP_FIRST / 4, at;

    map->config = config;
    if (!each(config, mark_beginning, map)) {
        return 0;
    }
    each(config, mark_used, map);
    for (unsigned i = EXTCAP_FIRST; i < EXTCAP_END; i++) {
        map->used[i / 4] |= taken[i];
    }
    at = map->begins[first] ? DWORDS : first + len / 4;
    while (at-- > first && free < len / 4) {
        free = map->used[at] ? 0 : free + 1;
    }
    return free == len / 4 ? (at + 1) * 4 : 0;
}

void extcap_add(ExtcapAdded *added, const uint8_t *config, uint16_t at,
                uint16_t len, uint16_t id)
{
    *added = (ExtcapAdded) {
        .at = at, .len = len, .header = HEADER(id),
        .link = extcap_last(config),
    };
    if (added->link) {
        added->link_header = deposit32(ldl_le_p(config + added->link), 20, 12,
                                       at);
    }
}

uint32_t extcap_show(const ExtcapAdded *added, uint32_t addr, uint32_t val,
                     unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        uint32_t at = addr + i - added->at, link = addr + i - added->link;

        if (at < added->len) {
            val = deposit32(val, i * 8, 8,
                            at < 4 ? extract32(added->header, at * 8, 8) : 0);
        } else if (added->link && link < 4) {
            val = deposit32(val, i * 8, 8,
                            extract32(added->link_header, link * 8, 8));
        }
    }
    return val;
}

bool extcap_asks_reset(const uint8_t *config, uint8_t express, uint32_t addr,
                       uint32_t val, unsigned size)
{
    /* The byte of device control that has the bit */
    uint32_t at = express + EXPRESS_CONTROL + 1;

    return ldl_le_p(config + express + EXPRESS_CAP) & EXPRESS_CAP_FLR &&
           at - addr < size && (val >> (at - addr) * 8) & EXPRESS_CONTROL_FLR;
}

bool extcap_asks_bus_reset(uint32_t addr, uint32_t val, unsigned size)
{
    return BRIDGE_CONTROL - addr < size &&
           (val >> (BRIDGE_CONTROL - addr) * 8) & BRIDGE_CONTROL_RESET;
}

void extcap_aer_may_differ(uint8_t *compared, uint16_t at)
{
    uint8_t *aer = compared + at;

    stl_le_p(aer + AER_CONTROL,
             ldl_le_p(aer + AER_CONTROL) & ~AER_CONTROL_FIRST);
    memset(aer + AER_HEADER, 0, AER_LOG_LEN);
    stl_le_p(aer + AER_SOURCES, 0);
    memset(aer + AER_PREFIXES, 0, AER_LOG_LEN);
}
