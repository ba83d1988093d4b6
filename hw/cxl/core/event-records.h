/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building event records: who raises an event fills one of these and gives it
 * to cxl_events_insert(), which adds severity, handle and time stamp.
 * Layouts: wire/events.h.  CXL r3.1 8.2.9.2.1.
 *
 * A builder zeroes the record and sets identity, length and flags; optional
 * fields come with a setter that also marks them valid.
 */
#ifndef HW_CXL_CORE_EVENT_RECORDS_H
#define HW_CXL_CORE_EVENT_RECORDS_H

#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/dcd.h"
#include "hw/cxl/wire/events.h"
#include "hw/cxl/wire/fm.h"

/*
 * Optional fields that all records have; after the builder.  A class needs no
 * mark of its own; the others set their bit of the flags.
 */
void cxl_evrec_maintenance_class(CxlEvHeader *hdr, uint8_t class);
void cxl_evrec_maintenance_subclass(CxlEvHeader *hdr, uint8_t subclass);
void cxl_evrec_ld(CxlEvHeader *hdr, uint16_t ld);
void cxl_evrec_head(CxlEvHeader *hdr, uint8_t head);

/* @flags: CXL_EVFLAG_* without severity, 24 bits. */
void cxl_evrec_general_media(CxlEvGeneralMedia *rec, uint32_t flags,
                             uint64_t dpa, uint8_t descriptor, uint8_t type,
                             uint8_t transaction);
void cxl_evrec_general_media_channel(CxlEvGeneralMedia *rec, uint8_t channel);
void cxl_evrec_general_media_rank(CxlEvGeneralMedia *rec, uint8_t rank);
void cxl_evrec_general_media_device(CxlEvGeneralMedia *rec, uint32_t device);
/* At most 16 bytes of @id; shorter ones are padded with zeroes. */
void cxl_evrec_general_media_component(CxlEvGeneralMedia *rec,
                                       const void *id, size_t len);
/* The component identifier that was set follows PLDM. */
void cxl_evrec_general_media_pldm(CxlEvGeneralMedia *rec);
/* @flags: [0] several media, [1] threshold; @count: 24 bits */
void cxl_evrec_general_media_corrected(CxlEvGeneralMedia *rec, uint8_t flags,
                                       uint32_t count);

void cxl_evrec_dram(CxlEvDram *rec, uint32_t flags, uint64_t dpa,
                    uint8_t descriptor, uint8_t type, uint8_t transaction);
void cxl_evrec_dram_channel(CxlEvDram *rec, uint8_t channel);
void cxl_evrec_dram_rank(CxlEvDram *rec, uint8_t rank);
void cxl_evrec_dram_nibble_mask(CxlEvDram *rec, uint32_t mask);
void cxl_evrec_dram_bank_group(CxlEvDram *rec, uint8_t bank_group);
void cxl_evrec_dram_bank(CxlEvDram *rec, uint8_t bank);
void cxl_evrec_dram_row(CxlEvDram *rec, uint32_t row);
void cxl_evrec_dram_column(CxlEvDram *rec, uint16_t column);
/* One mask per nibble; further ones are zero. */
void cxl_evrec_dram_correction(CxlEvDram *rec, const uint64_t *masks,
                               unsigned count);
void cxl_evrec_dram_sub_channel(CxlEvDram *rec, uint8_t sub_channel);
void cxl_evrec_dram_component(CxlEvDram *rec, const void *id, size_t len);
void cxl_evrec_dram_pldm(CxlEvDram *rec);
void cxl_evrec_dram_corrected(CxlEvDram *rec, uint8_t flags, uint32_t count);

/* @type: CXL_EVMODULE_*. */
void cxl_evrec_module(CxlEvModule *rec, uint32_t flags, uint8_t type,
                      const CxlHealthInfo *health);
void cxl_evrec_module_component(CxlEvModule *rec, const void *id, size_t len);
void cxl_evrec_module_pldm(CxlEvModule *rec);

/* @op_flags: CXL_EVSPARING_*; where is given as in a DRAM record. */
void cxl_evrec_sparing(CxlEvSparing *rec, uint32_t flags, uint8_t op_flags,
                       uint8_t result, uint16_t spares);

/* @type: CXL_EVDC_*; @extent may be NULL. */
void cxl_evrec_dc(CxlEvDc *rec, uint8_t type, uint16_t host_id,
                  uint8_t region, bool more, const CxlDcExtentWire *extent,
                  uint32_t extents_available, uint32_t tags_available);

/* @type: CXL_EVPORT_*. */
void cxl_evrec_port(CxlEvPort *rec, uint8_t type, const CxlPortInfo *info,
                    uint16_t slot_status);
/* @type: CXL_EVVCS_*; link and slot control as the host set them. */
void cxl_evrec_vcs(CxlEvVcs *rec, uint8_t type, uint8_t vcs, uint8_t vppb,
                   const CxlVppbInfo *binding, uint16_t link_control,
                   uint16_t slot_control);

typedef enum CxlEvKind {
    CXL_EVKIND_GENERAL_MEDIA,
    CXL_EVKIND_DRAM,
    CXL_EVKIND_MODULE,
    CXL_EVKIND_SPARING,
    CXL_EVKIND_DC,
    CXL_EVKIND_UNKNOWN,
} CxlEvKind;

/* What the identity of a record of any origin says. */
CxlEvKind cxl_evrec_kind(const CxlEvHeader *hdr);
/* Identity of records of a known kind; section of CXL whose layout they have */
const char *cxl_evrec_layout(CxlEvKind kind, const CxlUuid **uuid);
/* The address that a record is about; false if its kind has none. */
bool cxl_evrec_dpa(const CxlEvHeader *hdr, uint64_t *dpa);

/*
 * Of fields that are narrower than numbers: NULL, or an allocated sentence
 * about argument 'flags', or about the one called @name with a count.
 */
char *cxl_evrec_problem(uint32_t flags, const char *name, uint32_t count);

#endif /* HW_CXL_CORE_EVENT_RECORDS_H */
