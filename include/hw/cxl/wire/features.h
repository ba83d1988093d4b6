/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Feature and maintenance payloads, CXL r3.1 8.2.9.6, 8.2.9.7; memory sparing
 * from CXL r3.2 8.2.10.7.2.  Multi-byte fields are little-endian, unaligned.
 */
#ifndef HW_CXL_WIRE_FEATURES_H
#define HW_CXL_WIRE_FEATURES_H

#include "hw/cxl/wire/uuid.h"

/* 0500h, 8.2.9.6.1 */
typedef struct QEMU_PACKED CxlFeaturesIn {
    uint32_t count; /* bytes */
    uint16_t start;
    uint16_t reserved;
} CxlFeaturesIn;
QEMU_BUILD_BUG_ON(sizeof(CxlFeaturesIn) != 8);

typedef struct QEMU_PACKED CxlFeatureEntry {
    CxlUuid uuid;
    uint16_t index;
    uint16_t get_size;
    uint16_t set_size;
    uint32_t flags;
    uint8_t get_version;
    uint8_t set_version;
    uint16_t set_effects;
    uint8_t reserved[18];
} CxlFeatureEntry;
QEMU_BUILD_BUG_ON(sizeof(CxlFeatureEntry) != 0x30);
#define CXL_FEATURE_CHANGEABLE     (1u << 0)
#define CXL_FEATURE_PERSIST_SHIFT  1
#define CXL_FEATURE_PERSIST_HOT    2
#define CXL_FEATURE_DEFAULT        (1u << 5)
#define CXL_FEATURE_SAVED          (1u << 6)

typedef struct QEMU_PACKED CxlFeaturesOut {
    uint16_t count;
    uint16_t total;
    uint8_t reserved[4];
    CxlFeatureEntry entries[];
} CxlFeaturesOut;
QEMU_BUILD_BUG_ON(sizeof(CxlFeaturesOut) != 8);

/* 0501h, 8.2.9.6.2 */
typedef struct QEMU_PACKED CxlFeatureGetIn {
    CxlUuid uuid;
    uint16_t offset;
    uint16_t count;
    uint8_t selection;
} CxlFeatureGetIn;
QEMU_BUILD_BUG_ON(sizeof(CxlFeatureGetIn) != 0x15);
enum {
    CXL_FEATURE_SEL_CURRENT, CXL_FEATURE_SEL_DEFAULT, CXL_FEATURE_SEL_SAVED,
};

/* 0502h, 8.2.9.6.3 */
typedef struct QEMU_PACKED CxlFeatureSetIn {
    CxlUuid uuid;
    uint32_t flags;
    uint16_t offset;
    uint8_t version;
    uint8_t reserved[9];
    uint8_t data[];
} CxlFeatureSetIn;
QEMU_BUILD_BUG_ON(sizeof(CxlFeatureSetIn) != 0x20);
#define CXL_FEATURE_SET_ACTION_MASK 7u
#define CXL_FEATURE_SET_SAVE        (1u << 3)
enum {
    CXL_FEATURE_FULL, CXL_FEATURE_INITIATE, CXL_FEATURE_CONTINUE,
    CXL_FEATURE_FINISH, CXL_FEATURE_ABORT
};

/* Patrol scrub, 8.2.9.9.11.1 */
typedef struct QEMU_PACKED CxlScrubRead {
    uint8_t caps;       /* [0] cycle changeable, [1] real time reporting */
    uint16_t cycle;     /* [7:0] hours, [15:8] least hours */
    uint8_t flags;      /* [0] enable */
} CxlScrubRead;
QEMU_BUILD_BUG_ON(sizeof(CxlScrubRead) != 4);

typedef struct QEMU_PACKED CxlScrubWrite {
    uint8_t cycle;
    uint8_t flags;
} CxlScrubWrite;
QEMU_BUILD_BUG_ON(sizeof(CxlScrubWrite) != 2);

/*
 * A feature of this device alone: how long its background operations last, as
 * a power of two of what they would last.
 */
typedef struct QEMU_PACKED CxlPaceRead {
    uint8_t shift;
    uint8_t max;        /* the largest shift */
} CxlPaceRead;
QEMU_BUILD_BUG_ON(sizeof(CxlPaceRead) != 2);

typedef struct QEMU_PACKED CxlPaceWrite {
    uint8_t shift;
} CxlPaceWrite;
QEMU_BUILD_BUG_ON(sizeof(CxlPaceWrite) != 1);

/* DDR5 error check scrub, 8.2.9.9.11.2 */
typedef struct QEMU_PACKED CxlEcsReadFru {
    uint8_t caps;
    uint16_t config;
    uint8_t flags;
} CxlEcsReadFru;
QEMU_BUILD_BUG_ON(sizeof(CxlEcsReadFru) != 4);
#define CXL_ECS_THRESHOLD_MASK 7u
#define CXL_ECS_RESET_COUNTER  (1u << 4)
#define CXL_ECS_CONFIG_MASK    0x1fu

/* Common part of post package repair and sparing attributes, 8.2.9.7.2 */
typedef struct QEMU_PACKED CxlMaintHeader {
    uint8_t max_latency;
    uint16_t op_caps;
    uint16_t op_mode;
    uint8_t class;
    uint8_t subclass;
    uint8_t reserved[9];
} CxlMaintHeader;
QEMU_BUILD_BUG_ON(sizeof(CxlMaintHeader) != 16);
#define CXL_MAINT_DEVICE_INITIATED (1u << 0)

typedef struct QEMU_PACKED CxlPprRead {
    CxlMaintHeader hdr;
    uint8_t flags;
    uint16_t restriction;
    uint8_t op_mode;
} CxlPprRead;
QEMU_BUILD_BUG_ON(sizeof(CxlPprRead) != 20);
#define CXL_PPR_DPA          (1u << 0)
#define CXL_PPR_NIBBLE       (1u << 1)
#define CXL_PPR_SPARING_EVENT (1u << 2)

typedef struct QEMU_PACKED CxlPprWrite {
    uint16_t op_mode;
    uint8_t ppr_op_mode;
} CxlPprWrite;
QEMU_BUILD_BUG_ON(sizeof(CxlPprWrite) != 3);
#define CXL_PPR_SPARING_EVENT_ON (1u << 0)

typedef struct QEMU_PACKED CxlSparingRead {
    CxlMaintHeader hdr;
    uint8_t reserved;
    uint16_t restriction;
} CxlSparingRead;
QEMU_BUILD_BUG_ON(sizeof(CxlSparingRead) != 19);
#define CXL_SPARING_HARD_ABLE (1u << 1)
#define CXL_SPARING_SOFT_ABLE (1u << 2)

/* 0600h, 8.2.9.7.1 */
#define CXL_MAINT_PPR     1
#define CXL_MAINT_SPARING 2

typedef struct QEMU_PACKED CxlPprIn {
    uint8_t class, subclass;
    uint8_t flags;
    uint64_t dpa;
    uint8_t nibble_mask[3];
} CxlPprIn;
QEMU_BUILD_BUG_ON(sizeof(CxlPprIn) != 14);
#define CXL_MAINT_QUERY (1u << 0)

typedef struct QEMU_PACKED CxlSparingIn {
    uint8_t class, subclass;
    uint8_t flags;
    uint8_t channel;
    uint8_t rank;
    uint8_t nibble_mask[3];
    uint8_t bank_group;
    uint8_t bank;
    uint8_t row[3];
    uint16_t column;
    uint8_t sub_channel;
} CxlSparingIn;
QEMU_BUILD_BUG_ON(sizeof(CxlSparingIn) != 16);
#define CXL_SPARING_IN_HARD        (1u << 1)
#define CXL_SPARING_IN_SUB_CHANNEL (1u << 2)
#define CXL_SPARING_IN_NIBBLE      (1u << 3)

#endif /* HW_CXL_WIRE_FEATURES_H */
