/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcodes, command effects and fixed payloads of the component command
 * interface, CXL r3.1 8.2.9 (7.6.7 for fabric manager sets).
 * Multi-byte fields are little-endian and unaligned: use ld*_le_p/st*_le_p.
 * Subjects with much of their own: wire/events.h, wire/features.h, wire/dcd.h,
 * wire/fm.h.
 */
#ifndef HW_CXL_WIRE_COMMANDS_H
#define HW_CXL_WIRE_COMMANDS_H

#include "hw/cxl/wire/uuid.h"

enum {
    CXL_OP_IS_IDENTIFY = 0x0001,
    CXL_OP_IS_BG_STATUS = 0x0002,
    CXL_OP_IS_GET_LIMIT = 0x0003,
    CXL_OP_IS_SET_LIMIT = 0x0004,
    CXL_OP_IS_ABORT = 0x0005,
    CXL_OP_EVENTS_GET = 0x0100,
    CXL_OP_EVENTS_CLEAR = 0x0101,
    CXL_OP_EVENTS_GET_POLICY = 0x0102,
    CXL_OP_EVENTS_SET_POLICY = 0x0103,
    CXL_OP_EVENTS_GET_MCTP_POLICY = 0x0104,
    CXL_OP_EVENTS_SET_MCTP_POLICY = 0x0105,
    CXL_OP_FW_INFO = 0x0200,
    CXL_OP_FW_TRANSFER = 0x0201,
    CXL_OP_FW_ACTIVATE = 0x0202,
    CXL_OP_TIMESTAMP_GET = 0x0300,
    CXL_OP_TIMESTAMP_SET = 0x0301,
    CXL_OP_LOGS_SUPPORTED = 0x0400,
    CXL_OP_LOGS_GET = 0x0401,
    CXL_OP_LOGS_CAPS = 0x0402,
    CXL_OP_LOGS_CLEAR = 0x0403,
    CXL_OP_LOGS_POPULATE = 0x0404,
    CXL_OP_LOGS_SUBLIST = 0x0405,
    CXL_OP_FEATURES_SUPPORTED = 0x0500,
    CXL_OP_FEATURES_GET = 0x0501,
    CXL_OP_FEATURES_SET = 0x0502,
    CXL_OP_MAINTENANCE = 0x0600,
    CXL_OP_IDENTIFY = 0x4000,
    CXL_OP_PARTITION_GET = 0x4100,
    CXL_OP_PARTITION_SET = 0x4101,
    CXL_OP_LSA_GET = 0x4102,
    CXL_OP_LSA_SET = 0x4103,
    CXL_OP_HEALTH = 0x4200,
    CXL_OP_ALERT_GET = 0x4201,
    CXL_OP_ALERT_SET = 0x4202,
    CXL_OP_SHUTDOWN_GET = 0x4203,
    CXL_OP_SHUTDOWN_SET = 0x4204,
    CXL_OP_POISON_LIST = 0x4300,
    CXL_OP_POISON_INJECT = 0x4301,
    CXL_OP_POISON_CLEAR = 0x4302,
    CXL_OP_SCAN_CAPS = 0x4303,
    CXL_OP_SCAN_MEDIA = 0x4304,
    CXL_OP_SCAN_RESULTS = 0x4305,
    CXL_OP_SANITIZE = 0x4400,
    CXL_OP_SECURE_ERASE = 0x4401,
    CXL_OP_MEDIA_OPERATION = 0x4402,
    CXL_OP_SECURITY_STATE = 0x4500,
    CXL_OP_PASSPHRASE_SET = 0x4501,
    CXL_OP_PASSPHRASE_DISABLE = 0x4502,
    CXL_OP_UNLOCK = 0x4503,
    CXL_OP_FREEZE = 0x4504,
    CXL_OP_PASSPHRASE_ERASE = 0x4505,
    CXL_OP_SECURITY_SEND = 0x4600,
    CXL_OP_SECURITY_RECEIVE = 0x4601,
    CXL_OP_QOS_GET = 0x4700,
    CXL_OP_QOS_SET = 0x4701,
    CXL_OP_QOS_STATUS = 0x4702,
    CXL_OP_DC_CONFIG = 0x4800,
    CXL_OP_DC_EXTENTS = 0x4801,
    CXL_OP_DC_ADD_RESPONSE = 0x4802,
    CXL_OP_DC_RELEASE = 0x4803,
};

/* Command effects log, 8.2.9.5.2.1; bits 9..11 as Linux reads them. */
#define CXL_FX_CONFIG_COLD      (1u << 0)
#define CXL_FX_CONFIG           (1u << 1)
#define CXL_FX_DATA             (1u << 2)
#define CXL_FX_POLICY           (1u << 3)
#define CXL_FX_LOG              (1u << 4)
#define CXL_FX_SECURITY         (1u << 5)
#define CXL_FX_BACKGROUND       (1u << 6)
#define CXL_FX_SECONDARY        (1u << 7)
#define CXL_FX_ABORT            (1u << 8)
#define CXL_FX_RESETS_VALID     (1u << 9)
#define CXL_FX_CONFIG_CONV      (1u << 10)
#define CXL_FX_CONFIG_CXL       (1u << 11)

typedef struct QEMU_PACKED CxlCelEntry {
    uint16_t opcode;
    uint16_t effects;
} CxlCelEntry;
QEMU_BUILD_BUG_ON(sizeof(CxlCelEntry) != 4);

/* 0001h, 8.2.9.1.1 */
typedef struct QEMU_PACKED CxlIsIdentify {
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint64_t serial;
    uint8_t max_message; /* log2 bytes */
    uint8_t component_type;
} CxlIsIdentify;
QEMU_BUILD_BUG_ON(sizeof(CxlIsIdentify) != 0x12);
#define CXL_COMPONENT_SWITCH 0
#define CXL_COMPONENT_TYPE3  3

/* 0002h, 8.2.9.1.2 */
typedef struct QEMU_PACKED CxlIsBgStatus {
    uint8_t status; /* [0] running, [7:1] percent */
    uint8_t reserved;
    uint16_t opcode;
    uint16_t rc;
    uint16_t vendor;
} CxlIsBgStatus;
QEMU_BUILD_BUG_ON(sizeof(CxlIsBgStatus) != 8);

/* 0100h to 0103h, 8.2.9.2.2 to 8.2.9.2.5 */
typedef struct QEMU_PACKED CxlEventsGetOut {
    uint8_t flags;
    uint8_t reserved;
    uint16_t overflow_count;
    uint64_t first_overflow;
    uint64_t last_overflow;
    uint16_t count;
    uint8_t reserved2[10];
} CxlEventsGetOut;
QEMU_BUILD_BUG_ON(sizeof(CxlEventsGetOut) != 0x20);
#define CXL_EVENTS_GET_OVERFLOW (1u << 0)
#define CXL_EVENTS_GET_MORE     (1u << 1)

typedef struct QEMU_PACKED CxlEventsClearIn {
    uint8_t log;
    uint8_t flags;
    uint8_t count;
    uint8_t reserved[3];
    uint16_t handles[];
} CxlEventsClearIn;
QEMU_BUILD_BUG_ON(sizeof(CxlEventsClearIn) != 6);
#define CXL_EVENTS_CLEAR_ALL    (1u << 0)

/* 0104h to 0106h: a bit per log, and one more; 8.2.9.2.6 to 8.2.9.2.8 */
#define CXL_EVENTS_MCTP_LOGS        0x001fu
#define CXL_EVENTS_MCTP_BACKGROUND  (1u << 15)

/* 0200h to 0202h, 8.2.9.3 */
typedef struct QEMU_PACKED CxlFwInfoOut {
    uint8_t slots;
    uint8_t slot_info; /* [2:0] active, [5:3] staged */
    uint8_t caps;
    uint8_t reserved[13];
    char revision[4][16];
} CxlFwInfoOut;
QEMU_BUILD_BUG_ON(sizeof(CxlFwInfoOut) != 0x50);
#define CXL_FW_CAP_ONLINE (1u << 0)

typedef struct QEMU_PACKED CxlFwTransferIn {
    uint8_t action;
    uint8_t slot;
    uint8_t reserved[2];
    uint32_t offset; /* 128 byte units */
    uint8_t reserved2[0x78];
    uint8_t data[];
} CxlFwTransferIn;
QEMU_BUILD_BUG_ON(sizeof(CxlFwTransferIn) != 0x80);
enum {
    CXL_FW_FULL, CXL_FW_INITIATE, CXL_FW_CONTINUE, CXL_FW_END, CXL_FW_ABORT,
};

/* 0400h, 0401h, 0405h, 8.2.9.5 */
typedef struct QEMU_PACKED CxlLogEntry {
    CxlUuid uuid;
    uint32_t size;
} CxlLogEntry;
QEMU_BUILD_BUG_ON(sizeof(CxlLogEntry) != 0x14);

typedef struct QEMU_PACKED CxlLogsGetIn {
    CxlUuid uuid;
    uint32_t offset;
    uint32_t length;
} CxlLogsGetIn;
QEMU_BUILD_BUG_ON(sizeof(CxlLogsGetIn) != 0x18);
#define CXL_LOGCAP_CLEAR      (1u << 0)
#define CXL_LOGCAP_POPULATE   (1u << 1)
#define CXL_LOGCAP_AUTO       (1u << 2)
#define CXL_LOGCAP_PERSISTENT (1u << 3)

/* Ahead of a component state dump, 8.2.9.5.2.3; @len is of what follows */
typedef struct QEMU_PACKED CxlDumpHeader {
    uint32_t len;
    uint8_t triggers;       /* and the rest of it: if by itself */
    uint8_t event_log;
    uint16_t event_handle;
    uint64_t timestamp;
    CxlUuid format;
    uint32_t flags;
    uint8_t reserved[0x1c];
} CxlDumpHeader;
QEMU_BUILD_BUG_ON(sizeof(CxlDumpHeader) != 0x40);

/* 4000h, 8.2.9.9.1.1; capacities in units of 256 MiB */
typedef struct QEMU_PACKED CxlIdentifyOut {
    char fw_revision[16];
    uint64_t total;
    uint64_t volatile_only;
    uint64_t persistent_only;
    uint64_t partition_align;
    uint16_t event_log_size[4];
    uint32_t lsa_size;
    uint8_t poison_list_max[3];
    uint16_t inject_limit;
    uint8_t poison_caps;
    uint8_t qos_caps;
    uint16_t dc_log_size;
} CxlIdentifyOut;
QEMU_BUILD_BUG_ON(sizeof(CxlIdentifyOut) != 0x45);
#define CXL_POISON_CAP_PERSISTENT (1u << 0)
#define CXL_POISON_CAP_SCANS      (1u << 1)
#define CXL_QOS_CAP_EGRESS        (1u << 0)
#define CXL_QOS_CAP_TEMPORARY     (1u << 1)

/* 4100h, 4101h, 8.2.9.9.2; units of 256 MiB */
typedef struct QEMU_PACKED CxlPartitionOut {
    uint64_t active_volatile, active_persistent;
    uint64_t next_volatile, next_persistent;
} CxlPartitionOut;
QEMU_BUILD_BUG_ON(sizeof(CxlPartitionOut) != 0x20);

typedef struct QEMU_PACKED CxlPartitionIn {
    uint64_t volatile_capacity;
    uint8_t flags;
} CxlPartitionIn;
QEMU_BUILD_BUG_ON(sizeof(CxlPartitionIn) != 9);
#define CXL_PARTITION_IMMEDIATE (1u << 0)

/* 4200h to 4202h, 8.2.9.9.3 */
typedef struct QEMU_PACKED CxlHealthInfo {
    uint8_t health_status;
    uint8_t media_status;
    uint8_t additional_status;
    uint8_t life_used;
    uint16_t temperature;
    uint32_t dirty_shutdowns;
    uint32_t corrected_volatile;
    uint32_t corrected_persistent;
} CxlHealthInfo;
QEMU_BUILD_BUG_ON(sizeof(CxlHealthInfo) != 0x12);

typedef struct QEMU_PACKED CxlAlertOut {
    uint8_t valid;
    uint8_t programmable;
    uint8_t life_critical;
    uint8_t life_warning;
    uint16_t over_critical, under_critical;
    uint16_t over_warning, under_warning;
    uint16_t corrected_volatile, corrected_persistent;
} CxlAlertOut;
QEMU_BUILD_BUG_ON(sizeof(CxlAlertOut) != 0x10);

typedef struct QEMU_PACKED CxlAlertIn {
    uint8_t valid;
    uint8_t enable;
    uint8_t life_warning;
    uint8_t reserved;
    uint16_t over_warning, under_warning;
    uint16_t corrected_volatile, corrected_persistent;
} CxlAlertIn;
QEMU_BUILD_BUG_ON(sizeof(CxlAlertIn) != 12);
#define CXL_ALERT_LIFE                 (1u << 0)
#define CXL_ALERT_OVER                 (1u << 1)
#define CXL_ALERT_UNDER                (1u << 2)
#define CXL_ALERT_CORRECTED_VOLATILE   (1u << 3)
#define CXL_ALERT_CORRECTED_PERSISTENT (1u << 4)
#define CXL_ALERT_ALL                  0x1f

/* 4300h to 4305h, 8.2.9.9.4 */
typedef struct QEMU_PACKED CxlPoisonRangeIn {
    uint64_t dpa;
    uint64_t lines; /* 64 byte units */
} CxlPoisonRangeIn;
QEMU_BUILD_BUG_ON(sizeof(CxlPoisonRangeIn) != 0x10);

typedef struct QEMU_PACKED CxlPoisonRecord {
    uint64_t address; /* [2:0] source */
    uint32_t lines;
    uint32_t reserved;
} CxlPoisonRecord;
QEMU_BUILD_BUG_ON(sizeof(CxlPoisonRecord) != 0x10);

typedef struct QEMU_PACKED CxlPoisonListOut {
    uint8_t flags;
    uint8_t reserved;
    uint64_t overflow_time;
    uint16_t count;
    uint8_t reserved2[0x14];
    CxlPoisonRecord records[];
} CxlPoisonListOut;
QEMU_BUILD_BUG_ON(sizeof(CxlPoisonListOut) != 0x20);
#define CXL_POISON_LIST_MORE     (1u << 0)
#define CXL_POISON_LIST_OVERFLOW (1u << 1)
#define CXL_POISON_LIST_SCANNING (1u << 2)

typedef struct QEMU_PACKED CxlPoisonClearIn {
    uint64_t dpa;
    uint8_t data[64];
} CxlPoisonClearIn;
QEMU_BUILD_BUG_ON(sizeof(CxlPoisonClearIn) != 0x48);

typedef struct QEMU_PACKED CxlScanIn {
    uint64_t dpa;
    uint64_t lines;
    uint8_t flags;
} CxlScanIn;
QEMU_BUILD_BUG_ON(sizeof(CxlScanIn) != 0x11);
#define CXL_SCAN_NO_EVENT (1u << 0)

typedef struct QEMU_PACKED CxlScanOut {
    uint64_t restart_dpa;
    uint64_t restart_lines;
    uint8_t flags;
    uint8_t reserved;
    uint16_t count;
    uint8_t reserved2[0xc];
    CxlPoisonRecord records[];
} CxlScanOut;
QEMU_BUILD_BUG_ON(sizeof(CxlScanOut) != 0x20);
#define CXL_SCAN_OUT_MORE    (1u << 0)
#define CXL_SCAN_OUT_STOPPED (1u << 1)

/* 4402h, 8.2.9.9.5.3 */
typedef struct QEMU_PACKED CxlMediaOpIn {
    uint8_t class;
    uint8_t subclass;
    uint8_t reserved[2];
    uint32_t count;
    uint8_t body[];
} CxlMediaOpIn;
QEMU_BUILD_BUG_ON(sizeof(CxlMediaOpIn) != 8);

typedef struct QEMU_PACKED CxlMediaOpRange {
    uint64_t dpa;
    uint64_t length; /* bytes */
} CxlMediaOpRange;
QEMU_BUILD_BUG_ON(sizeof(CxlMediaOpRange) != 0x10);

typedef struct QEMU_PACKED CxlMediaOpDiscovery {
    uint64_t granularity;
    uint16_t total;
    uint16_t count;
    struct {
        uint8_t class, subclass;
    } ops[];
} CxlMediaOpDiscovery;
QEMU_BUILD_BUG_ON(sizeof(CxlMediaOpDiscovery) != 12);

/* 4501h, 4502h, 4505h, 8.2.9.9.6 */
#define CXL_PASSPHRASE_SIZE 32
typedef struct QEMU_PACKED CxlPassphraseIn {
    uint8_t type;
    uint8_t reserved[31];
    uint8_t current[CXL_PASSPHRASE_SIZE];
    uint8_t next[]; /* 32 bytes in 4501h, absent in the others */
} CxlPassphraseIn;
QEMU_BUILD_BUG_ON(sizeof(CxlPassphraseIn) != 0x40);
#define CXL_PASSPHRASE_MASTER 0
#define CXL_PASSPHRASE_USER   1

/* 4600h, 4601h, 8.2.9.9: what SCSI's commands of these names have */
typedef struct QEMU_PACKED CxlSecurityProtocolIn {
    uint8_t protocol;
    uint16_t specific;
    uint8_t reserved[5];
    uint8_t data[];
} CxlSecurityProtocolIn;
QEMU_BUILD_BUG_ON(sizeof(CxlSecurityProtocolIn) != 8);

#define CXL_SECURITY_USER_SET     (1u << 0)
#define CXL_SECURITY_MASTER_SET   (1u << 1)
#define CXL_SECURITY_LOCKED       (1u << 2)
#define CXL_SECURITY_FROZEN       (1u << 3)
#define CXL_SECURITY_USER_LIMIT   (1u << 4)
#define CXL_SECURITY_MASTER_LIMIT (1u << 5)

#endif /* HW_CXL_WIRE_COMMANDS_H */
