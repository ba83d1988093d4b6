/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device register block on the wire: capability array, device status,
 * memory device status and mailbox registers, CXL r3.1 8.2.8.
 * Payloads are in wire/commands.h, event records in wire/events.h.
 */
#ifndef HW_CXL_WIRE_MAILBOX_H
#define HW_CXL_WIRE_MAILBOX_H

/* Capability array register and headers, 8.2.8.1 and 8.2.8.2 */
#define CXL_DEVREG_ARRAY              0x00
#define   CXL_DEVREG_ARRAY_VERSION    (1ull << 16)
#define   CXL_DEVREG_ARRAY_MEMDEV     (1ull << 24)
#define   CXL_DEVREG_ARRAY_SWITCH     (2ull << 24)
#define   CXL_DEVREG_ARRAY_COUNT_SHIFT 32
#define CXL_DEVREG_HEADER             0x10
#define CXL_DEVREG_HEADER_STRIDE      0x10
#define   CXL_DEVREG_HEADER_VERSION   (1u << 16)
#define CXL_DEVREG_HEADER_OFFSET      0x04 /* from the header */
#define CXL_DEVREG_HEADER_LENGTH      0x08

#define CXL_DEVCAP_STATUS             0x0001
#define CXL_DEVCAP_MAILBOX            0x0002
#define CXL_DEVCAP_MEMDEV             0x4000

/*
 * Where this implementation puts the blocks; software finds them through the
 * headers.
 */
#define CXL_DEVREG_STATUS             0x80
#define CXL_DEVREG_MEMDEV             0x88
#define CXL_DEVREG_MAILBOX            0x100
#define CXL_DEVREG_PAYLOAD            0x120

/* Memory device status, 8.2.8.5.1.1 */
#define CXL_MEMDEV_STATUS_FATAL       (1u << 0)
#define CXL_MEMDEV_STATUS_FW_HALT     (1u << 1)
#define CXL_MEMDEV_STATUS_MEDIA_SHIFT 2
#define CXL_MEMDEV_STATUS_READY       (1u << 4)
#define CXL_MEMDEV_STATUS_RESET_SHIFT 5

/* Mailbox registers, 8.2.8.4, offsets from the capability's start */
#define CXL_MBREG_CAPS                0x00
#define   CXL_MBREG_CAPS_DOORBELL_INT (1u << 5)
#define   CXL_MBREG_CAPS_BG_INT       (1u << 6)
#define   CXL_MBREG_CAPS_MSGNUM_SHIFT 7
#define   CXL_MBREG_CAPS_TYPE_SHIFT   19
#define CXL_MBREG_CONTROL             0x04
#define   CXL_MBREG_CONTROL_DOORBELL     (1u << 0)
#define   CXL_MBREG_CONTROL_DOORBELL_INT (1u << 1)
#define   CXL_MBREG_CONTROL_BG_INT       (1u << 2)
#define CXL_MBREG_COMMAND             0x08
#define   CXL_MBREG_COMMAND_LENGTH_SHIFT 16
#define   CXL_MBREG_COMMAND_LENGTH_BITS  21
#define   CXL_MBREG_COMMAND_MASK      0x1fffffffffull
#define CXL_MBREG_STATUS              0x10
#define   CXL_MBREG_STATUS_BG         (1ull << 0)
#define   CXL_MBREG_STATUS_RC_SHIFT   32
#define   CXL_MBREG_STATUS_VENDOR_SHIFT 48
#define CXL_MBREG_BACKGROUND          0x18
#define   CXL_MBREG_BACKGROUND_PERCENT_SHIFT 16
#define   CXL_MBREG_BACKGROUND_RC_SHIFT 32
#define   CXL_MBREG_BACKGROUND_VENDOR_SHIFT 48
#define CXL_MBREG_SIZE                0x20 /* payload follows */

#define CXL_MAILBOX_PAYLOAD_SHIFT_MIN 8
#define CXL_MAILBOX_PAYLOAD_SHIFT_TOP 20

/* Return codes, 8.2.8.4.5.1 */
typedef enum CxlRc {
    CXL_RC_SUCCESS = 0x00,
    CXL_RC_BACKGROUND = 0x01,
    CXL_RC_INVALID_INPUT = 0x02,
    CXL_RC_UNSUPPORTED = 0x03,
    CXL_RC_INTERNAL = 0x04,
    CXL_RC_RETRY = 0x05,
    CXL_RC_BUSY = 0x06,
    CXL_RC_MEDIA_DISABLED = 0x07,
    CXL_RC_FW_IN_PROGRESS = 0x08,
    CXL_RC_FW_ORDER = 0x09,
    CXL_RC_FW_AUTH = 0x0a,
    CXL_RC_FW_SLOT = 0x0b,
    CXL_RC_FW_ROLLED_BACK = 0x0c,
    CXL_RC_FW_NEEDS_RESET = 0x0d,
    CXL_RC_INVALID_HANDLE = 0x0e,
    CXL_RC_INVALID_DPA = 0x0f,
    CXL_RC_INJECT_LIMIT = 0x10,
    CXL_RC_MEDIA_FAILURE = 0x11,
    CXL_RC_ABORTED = 0x12,
    CXL_RC_SECURITY_STATE = 0x13,
    CXL_RC_PASSPHRASE = 0x14,
    CXL_RC_UNSUPPORTED_MAILBOX = 0x15,
    CXL_RC_PAYLOAD_LENGTH = 0x16,
    CXL_RC_INVALID_LOG = 0x17,
    CXL_RC_INTERRUPTED = 0x18,
    CXL_RC_FEATURE_VERSION = 0x19,
    CXL_RC_FEATURE_SELECTION = 0x1a,
    CXL_RC_FEATURE_IN_PROGRESS = 0x1b,
    CXL_RC_FEATURE_ORDER = 0x1c,
    CXL_RC_RESOURCES = 0x1d,
    CXL_RC_EXTENT_LIST = 0x1e,
    CXL_RC_TRANSFER_ORDER = 0x1f,
    CXL_RC_ABORT_UNSUPPORTED = 0x20,
} CxlRc;

#endif /* HW_CXL_WIRE_MAILBOX_H */
