/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sections of CXL; see cper.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/cper.h"
#include "hw/cxl/core/event-records.h"

/* Component event section, UEFI 2.10 N.2.14 */
typedef struct QEMU_PACKED EventSection {
    uint32_t length;
    uint64_t valid;
    uint16_t vendor, device;
    uint8_t function, slot_device, bus;
    uint16_t segment;
    uint16_t slot;              /* from bit 3 on */
    uint8_t reserved;
    uint64_t serial;
    uint8_t event[CXL_EVREC_SIZE - sizeof(CxlUuid)];
} EventSection;
QEMU_BUILD_BUG_ON(sizeof(EventSection) != 32 + 0x70);
#define EVENT_DEVICE_ID BIT(0)
#define EVENT_SERIAL    BIT(1)
#define EVENT_LOG       BIT(2)

/* Protocol error section, UEFI 2.10 N.2.13; the registers follow. */
typedef struct QEMU_PACKED ProtocolSection {
    uint64_t valid;
    uint8_t agent;
    uint8_t reserved[7];
    uint8_t function, slot_device, bus;
    uint16_t segment;
    uint8_t reserved2[3];
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint16_t class;
    uint16_t slot;              /* from bit 3 on */
    uint8_t reserved3[4];
    uint64_t serial;
    uint8_t capability[60];
    uint16_t dvsec_len, ras_len; /* bytes that follow */
    uint8_t reserved4[4];
    uint8_t ras[CXL_RAS_LEN];
} ProtocolSection;
QEMU_BUILD_BUG_ON(sizeof(ProtocolSection) != 116 + CXL_RAS_LEN);
#define PROTOCOL_AGENT      BIT(0)
#define PROTOCOL_ADDRESS    BIT(1)
#define PROTOCOL_DEVICE_ID  BIT(2)
#define PROTOCOL_SERIAL     BIT(3)
#define PROTOCOL_RAS        BIT(6)

#define SLOT_SHIFT 3

QEMU_BUILD_BUG_ON(sizeof(CxlErrorHead) + sizeof(EventSection) > CXL_CPER_MAX);
QEMU_BUILD_BUG_ON(sizeof(CxlErrorHead) + sizeof(ProtocolSection) >
                  CXL_CPER_MAX);

/*
 * What is fatal for a device is not so for the machine, which goes on without
 * it: an operating system would give up.
 */
static unsigned severity_of(const CxlEvHeader *hdr)
{
    static const uint8_t severity[] = {
        [CXL_EVLOG_INFO] = CXL_ERROR_INFORMATIONAL,
        [CXL_EVLOG_WARNING] = CXL_ERROR_CORRECTED,
        [CXL_EVLOG_FAILURE] = CXL_ERROR_RECOVERABLE,
        [CXL_EVLOG_FATAL] = CXL_ERROR_RECOVERABLE,
    };

    return severity[hdr->flags[0] & CXL_EVFLAG_SEVERITY_MASK];
}

/* PCIe r6.0 7.5.1, and of the PCI Express capability 7.5.3.2 */
#define PCI_VENDOR              0x00
#define PCI_DEVICE              0x02
#define PCI_CLASS               0x0a
#define PCI_SUBSYSTEM_VENDOR    0x2c
#define PCI_SUBSYSTEM           0x2e
#define EXPRESS_FLAGS           2
#define EXPRESS_TYPE_SHIFT      4
#define EXPRESS_TYPE_MASK       15

enum { ENDPOINT, ROOT_PORT = 4, UPSTREAM, DOWNSTREAM };

CxlCperFunction cxl_cper_function(const uint8_t *config, uint8_t express)
{
    static const uint8_t agent[EXPRESS_TYPE_MASK + 1] = {
        [ENDPOINT] = CXL_CPER_DEVICE,
        [ROOT_PORT] = CXL_CPER_ROOT_PORT,
        [UPSTREAM] = CXL_CPER_UPSTREAM_PORT,
        [DOWNSTREAM] = CXL_CPER_DOWNSTREAM_PORT,
    };
    uint16_t flags = lduw_le_p(config + express + EXPRESS_FLAGS);

    return (CxlCperFunction) {
        .agent = agent[flags >> EXPRESS_TYPE_SHIFT & EXPRESS_TYPE_MASK],
        .vendor = lduw_le_p(config + PCI_VENDOR),
        .device = lduw_le_p(config + PCI_DEVICE),
        .subsystem_vendor = lduw_le_p(config + PCI_SUBSYSTEM_VENDOR),
        .subsystem = lduw_le_p(config + PCI_SUBSYSTEM),
        .class = lduw_le_p(config + PCI_CLASS),
    };
}

unsigned cxl_cper_severity(CxlRasSignal signal)
{
    static const uint8_t severity[] = {
        [CXL_RAS_SIGNAL_CORRECTABLE] = CXL_ERROR_CORRECTED,
        [CXL_RAS_SIGNAL_NONFATAL] = CXL_ERROR_RECOVERABLE,
        [CXL_RAS_SIGNAL_FATAL] = CXL_ERROR_FATAL,
    };

    return severity[signal];
}

size_t cxl_cper_event(uint8_t *out, const CxlCperFunction *fn,
                      const uint8_t *record)
{
    const CxlEvHeader *hdr = (const void *)record;
    CxlEvKind kind = cxl_evrec_kind(hdr);
    CxlErrorHead head;
    EventSection section = {
        .length = cpu_to_le32(sizeof(section)),
        .valid = cpu_to_le64(EVENT_DEVICE_ID | EVENT_LOG |
                             (fn->serial ? EVENT_SERIAL : 0)),
        .vendor = cpu_to_le16(fn->vendor),
        .device = cpu_to_le16(fn->device),
        .function = fn->devfn & 7,
        .slot_device = fn->devfn >> 3,
        .bus = fn->bus,
        .segment = cpu_to_le16(fn->segment),
        .slot = cpu_to_le16(fn->slot << SLOT_SHIFT),
        .serial = cpu_to_le64(fn->serial),
    };

    if (kind != CXL_EVKIND_GENERAL_MEDIA && kind != CXL_EVKIND_DRAM &&
        kind != CXL_EVKIND_MODULE) {
        return 0;
    }
    memcpy(section.event, record + sizeof(CxlUuid), sizeof(section.event));
    cxl_error_head(&head, &hdr->uuid, severity_of(hdr), sizeof(section));
    memcpy(out, &head, sizeof(head));
    memcpy(out + sizeof(head), &section, sizeof(section));
    return sizeof(head) + sizeof(section);
}

size_t cxl_cper_protocol(uint8_t *out, const CxlCperFunction *fn,
                         unsigned severity, const uint8_t *ras)
{
    static const CxlUuid protocol =
        CXL_UUID(0x80b9efb4, 0x52b5, 0x4de3,
                 0xa7, 0x77, 0x68, 0x78, 0x4b, 0x77, 0x10, 0x48);
    CxlErrorHead head;
    ProtocolSection section = {
        .valid = cpu_to_le64(PROTOCOL_AGENT | PROTOCOL_ADDRESS |
                             PROTOCOL_DEVICE_ID | PROTOCOL_RAS |
                             (fn->serial ? PROTOCOL_SERIAL : 0)),
        .agent = fn->agent,
        .function = fn->devfn & 7,
        .slot_device = fn->devfn >> 3,
        .bus = fn->bus,
        .segment = cpu_to_le16(fn->segment),
        .vendor = cpu_to_le16(fn->vendor),
        .device = cpu_to_le16(fn->device),
        .subsystem_vendor = cpu_to_le16(fn->subsystem_vendor),
        .subsystem = cpu_to_le16(fn->subsystem),
        .class = cpu_to_le16(fn->class),
        .slot = cpu_to_le16(fn->slot << SLOT_SHIFT),
        .serial = cpu_to_le64(fn->serial),
        .ras_len = cpu_to_le16(CXL_RAS_LEN),
    };

    memcpy(section.ras, ras, CXL_RAS_LEN);
    cxl_error_head(&head, &protocol, severity, sizeof(section));
    memcpy(out, &head, sizeof(head));
    memcpy(out + sizeof(head), &section, sizeof(section));
    return sizeof(head) + sizeof(section);
}
