/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What firmware tells of CXL components: records with a section of an event,
 * UEFI 2.10 N.2.14, or of an error of the protocol, N.2.13.  How they reach the
 * operating system is core/apei.h.
 */
#ifndef HW_CXL_CORE_CPER_H
#define HW_CXL_CORE_CPER_H

#include "hw/cxl/core/error-record.h"
#include "hw/cxl/core/ras.h"
#include "hw/cxl/wire/events.h"
#include "hw/cxl/wire/ras.h"

/* UEFI 2.10 table N.37 */
enum {
    CXL_CPER_DEVICE = 2,
    CXL_CPER_ROOT_PORT = 5,
    CXL_CPER_DOWNSTREAM_PORT,
    CXL_CPER_UPSTREAM_PORT,
};

/* Who it is about, as configuration space and the bus say */
typedef struct CxlCperFunction {
    uint8_t agent;              /* CXL_CPER_... */
    uint16_t segment;
    uint8_t bus, devfn;
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint16_t class;             /* base class and subclass */
    uint16_t slot;
    uint64_t serial;            /* of a device; 0: none */
} CxlCperFunction;

/*
 * What configuration space says of a function whose PCI Express capability is
 * at @express: all but its place and serial number.
 */
CxlCperFunction cxl_cper_function(const uint8_t *config, uint8_t express);
/* CXL_ERROR_... of an error that is told by @signal, not CXL_RAS_SIGNAL_NONE */
unsigned cxl_cper_severity(CxlRasSignal signal);

/* Bytes of the longest record */
#define CXL_CPER_MAX 512

/*
 * The record of an event record with its header, CXL_EVREC_SIZE bytes, in
 * @out of CXL_CPER_MAX bytes.  Returns its length, or 0: firmware has no
 * section for that kind of event.
 */
size_t cxl_cper_event(uint8_t *out, const CxlCperFunction *fn,
                      const uint8_t *record);
/*
 * The same for an error that the registers @ras, CXL_RAS_LEN bytes, show;
 * @severity is CXL_ERROR_... .
 */
size_t cxl_cper_protocol(uint8_t *out, const CxlCperFunction *fn,
                         unsigned severity, const uint8_t *ras);

#endif /* HW_CXL_CORE_CPER_H */
