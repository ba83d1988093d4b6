/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event records on the wire, CXL r3.1 8.2.9.2.1.  Every record is 0x80 bytes.
 * Multi-byte fields are little-endian and unaligned.
 */
#ifndef HW_CXL_WIRE_EVENTS_H
#define HW_CXL_WIRE_EVENTS_H

#include "hw/cxl/wire/uuid.h"

#define CXL_EVREC_SIZE 0x80

enum {
    CXL_EVLOG_INFO, CXL_EVLOG_WARNING, CXL_EVLOG_FAILURE, CXL_EVLOG_FATAL,
    CXL_EVLOG_DC, CXL_EVLOGS
};

/* Interrupt policy byte, 8.2.9.2.4 */
#define CXL_EVPOLICY_MODE_MASK    0x03
#define CXL_EVPOLICY_NONE         0
#define CXL_EVPOLICY_MSI          1
#define CXL_EVPOLICY_FW           2
#define CXL_EVPOLICY_MSGNUM_SHIFT 4

/* Flags of the common header; severity equals the number of the log. */
#define CXL_EVFLAG_SEVERITY_MASK  0x03
#define CXL_EVFLAG_PERMANENT      (1u << 2)
#define CXL_EVFLAG_MAINTENANCE    (1u << 3)
#define CXL_EVFLAG_DEGRADED       (1u << 4)
#define CXL_EVFLAG_REPLACEMENT    (1u << 5)
#define CXL_EVFLAG_SUBCLASS_VALID (1u << 6)
/* CXL r3.2 8.2.10.2.1 */
#define CXL_EVFLAG_LD_VALID       (1u << 7)
#define CXL_EVFLAG_HEAD_VALID     (1u << 8)

typedef struct QEMU_PACKED CxlEvHeader {
    CxlUuid uuid;
    uint8_t length;
    uint8_t flags[3];
    uint16_t handle;
    uint16_t related;
    uint64_t timestamp;
    uint8_t maint_class;
    uint8_t maint_subclass;
    uint16_t ld_id;
    uint8_t head_id;
    uint8_t reserved[11];
} CxlEvHeader;
QEMU_BUILD_BUG_ON(sizeof(CxlEvHeader) != 0x30);

#define CXL_EVDPA_VOLATILE       (1u << 0)
#define CXL_EVDPA_NOT_REPAIRABLE (1u << 1)
#define CXL_EVDESC_UNCORRECTABLE (1u << 0)
#define CXL_EVDESC_THRESHOLD     (1u << 1)
#define CXL_EVDESC_LIST_OVERFLOW (1u << 2)

enum {
    CXL_EVTXN_UNKNOWN, CXL_EVTXN_HOST_READ, CXL_EVTXN_HOST_WRITE,
    CXL_EVTXN_SCAN_MEDIA, CXL_EVTXN_INJECT, CXL_EVTXN_SCRUB,
    CXL_EVTXN_MANAGEMENT, CXL_EVTXN_ECS, CXL_EVTXN_MEDIA_INIT
};

/* 8.2.9.2.1.1 */
#define CXL_EVUUID_GENERAL_MEDIA                                              \
    CXL_UUID(0xfbcd0a77, 0xc260, 0x417f,                                      \
             0x85, 0xa9, 0x08, 0x8b, 0x16, 0x21, 0xeb, 0xa6)
typedef struct QEMU_PACKED CxlEvGeneralMedia {
    CxlEvHeader hdr;
    uint64_t dpa;
    uint8_t descriptor;
    uint8_t type;
    uint8_t transaction;
    uint16_t validity;
    uint8_t channel;
    uint8_t rank;
    uint8_t device[3];
    uint8_t component_id[16];
    uint8_t cme_flags;
    uint8_t cme_count[3];
    uint8_t subtype;
    uint8_t reserved[0x29];
} CxlEvGeneralMedia;
QEMU_BUILD_BUG_ON(sizeof(CxlEvGeneralMedia) != CXL_EVREC_SIZE);
#define CXL_EVGM_CHANNEL   (1u << 0)
#define CXL_EVGM_RANK      (1u << 1)
#define CXL_EVGM_DEVICE    (1u << 2)
#define CXL_EVGM_COMPONENT (1u << 3)
#define CXL_EVGM_PLDM      (1u << 4)

/* 8.2.9.2.1.2 */
#define CXL_EVUUID_DRAM                                                       \
    CXL_UUID(0x601dcbb3, 0x9c06, 0x4eab,                                      \
             0xb8, 0xaf, 0x4e, 0x9b, 0xfb, 0x5c, 0x96, 0x24)
typedef struct QEMU_PACKED CxlEvDram {
    CxlEvHeader hdr;
    uint64_t dpa;
    uint8_t descriptor;
    uint8_t type;
    uint8_t transaction;
    uint16_t validity;
    uint8_t channel;
    uint8_t rank;
    uint8_t nibble_mask[3];
    uint8_t bank_group;
    uint8_t bank;
    uint8_t row[3];
    uint16_t column;
    uint64_t correction_mask[4];
    uint8_t component_id[16];
    uint8_t sub_channel;
    uint8_t cme_flags;
    uint8_t cvme_count[3];
    uint8_t subtype;
    uint8_t reserved;
} CxlEvDram;
QEMU_BUILD_BUG_ON(sizeof(CxlEvDram) != CXL_EVREC_SIZE);
#define CXL_EVDRAM_CHANNEL     (1u << 0)
#define CXL_EVDRAM_RANK        (1u << 1)
#define CXL_EVDRAM_NIBBLE      (1u << 2)
#define CXL_EVDRAM_BANK_GROUP  (1u << 3)
#define CXL_EVDRAM_BANK        (1u << 4)
#define CXL_EVDRAM_ROW         (1u << 5)
#define CXL_EVDRAM_COLUMN      (1u << 6)
#define CXL_EVDRAM_CORRECTION  (1u << 7)
#define CXL_EVDRAM_COMPONENT   (1u << 8)
#define CXL_EVDRAM_PLDM        (1u << 9)
#define CXL_EVDRAM_SUB_CHANNEL (1u << 10)

/* 8.2.9.2.1.3; the health block is CxlHealthInfo of wire/commands.h */
#define CXL_EVUUID_MODULE                                                     \
    CXL_UUID(0xfe927475, 0xdd59, 0x4339,                                      \
             0xa5, 0x86, 0x79, 0xba, 0xb1, 0x13, 0xb7, 0x74)
typedef struct QEMU_PACKED CxlEvModule {
    CxlEvHeader hdr;
    uint8_t type;
    uint8_t health[0x12];
    uint16_t validity;
    uint8_t component_id[16];
    uint8_t subtype;
    uint8_t reserved[0x2a];
} CxlEvModule;
QEMU_BUILD_BUG_ON(sizeof(CxlEvModule) != CXL_EVREC_SIZE);
#define CXL_EVMODULE_COMPONENT (1u << 0)
#define CXL_EVMODULE_PLDM      (1u << 1)
enum {
    CXL_EVMODULE_HEALTH, CXL_EVMODULE_MEDIA_STATUS, CXL_EVMODULE_LIFE,
    CXL_EVMODULE_TEMPERATURE, CXL_EVMODULE_DATA_PATH, CXL_EVMODULE_LSA,
    CXL_EVMODULE_SIDEBAND, CXL_EVMODULE_FRU, CXL_EVMODULE_POWER
};

/* CXL r3.2 8.2.10.2.1.4 */
#define CXL_EVUUID_SPARING                                                    \
    CXL_UUID(0xe71f3a40, 0x2d29, 0x4092,                                      \
             0x8a, 0x39, 0x4d, 0x1c, 0x96, 0x6c, 0x7c, 0x65)
typedef struct QEMU_PACKED CxlEvSparing {
    CxlEvHeader hdr;
    uint8_t reserved[2];
    uint8_t flags;
    uint8_t result;
    uint16_t validity;
    uint8_t reserved2[6];
    uint16_t spares;
    uint8_t channel;
    uint8_t rank;
    uint8_t nibble_mask[3];
    uint8_t bank_group;
    uint8_t bank;
    uint8_t row[3];
    uint16_t column;
    uint8_t component_id[16];
    uint8_t sub_channel;
    uint8_t reserved3[0x25];
} CxlEvSparing;
QEMU_BUILD_BUG_ON(sizeof(CxlEvSparing) != CXL_EVREC_SIZE);
#define CXL_EVSPARING_QUERY  (1u << 0)
#define CXL_EVSPARING_HARD   (1u << 1)
#define CXL_EVSPARING_DEVICE (1u << 2)
/* Validity: as of a DRAM record, but for this */
#define CXL_EVSPARING_SUB_CHANNEL (1u << 9)

/* Those of a fabric, CXL r3.1 7.6.8.1 to 7.6.8.3 */
#define CXL_EVUUID_PORT                                                       \
    CXL_UUID(0x77cf9271, 0x9c02, 0x470b,                                      \
             0x9f, 0xe4, 0xbc, 0x7b, 0x75, 0xf2, 0xda, 0x97)
typedef struct QEMU_PACKED CxlEvPort {
    CxlEvHeader hdr;
    uint8_t port;
    uint8_t type;
    uint16_t slot_status;
    uint8_t reserved;
    uint8_t info[14];   /* CxlPortInfo of wire/fm.h but for first and last */
    uint8_t reserved2[0x3d];
} CxlEvPort;
QEMU_BUILD_BUG_ON(sizeof(CxlEvPort) != CXL_EVREC_SIZE);
enum { CXL_EVPORT_LINK, CXL_EVPORT_SLOT };

#define CXL_EVUUID_VCS                                                        \
    CXL_UUID(0x40d26425, 0x3396, 0x4c4d,                                      \
             0xa5, 0xda, 0x3d, 0x47, 0x26, 0x3a, 0xf4, 0x25)
typedef struct QEMU_PACKED CxlEvVcs {
    CxlEvHeader hdr;
    uint8_t vcs;
    uint8_t vppb;
    uint8_t type;
    uint8_t status;     /* CXL_VPPB_* of wire/fm.h */
    uint8_t port;
    uint8_t ld;
    uint16_t link_control;
    uint16_t slot_control;
    uint8_t reserved[0x46];
} CxlEvVcs;
QEMU_BUILD_BUG_ON(sizeof(CxlEvVcs) != CXL_EVREC_SIZE);
enum {
    CXL_EVVCS_BINDING, CXL_EVVCS_BUS_RESET, CXL_EVVCS_LINK_CONTROL,
    CXL_EVVCS_SLOT_CONTROL
};

/* 8.2.9.2.1.5; the extent is CxlDcExtentWire of wire/dcd.h */
#define CXL_EVUUID_DC                                                         \
    CXL_UUID(0xca95afa7, 0xf183, 0x4018,                                      \
             0x8c, 0x2f, 0x95, 0x26, 0x8e, 0x10, 0x1a, 0x2a)
typedef struct QEMU_PACKED CxlEvDc {
    CxlEvHeader hdr;
    uint8_t type;
    uint8_t validity;
    uint16_t host_id;
    uint8_t region;
    uint8_t flags;
    uint8_t reserved[2];
    uint8_t extent[0x28];
    uint8_t reserved2[0x18];
    uint32_t extents_available;
    uint32_t tags_available;
} CxlEvDc;
QEMU_BUILD_BUG_ON(sizeof(CxlEvDc) != CXL_EVREC_SIZE);
#define CXL_EVDC_MORE          (1u << 0)
#define CXL_EVDC_EXTENTS_VALID (1u << 0)
#define CXL_EVDC_TAGS_VALID    (1u << 1)
enum {
    CXL_EVDC_ADD, CXL_EVDC_RELEASE, CXL_EVDC_FORCED_RELEASE,
    CXL_EVDC_REGION_UPDATED, CXL_EVDC_ADD_RESPONSE, CXL_EVDC_RELEASED
};

#endif /* HW_CXL_WIRE_EVENTS_H */
