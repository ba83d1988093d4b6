/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builders of event records; see event-records.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/event-records.h"

static const CxlUuid uuid_general_media = CXL_EVUUID_GENERAL_MEDIA;
static const CxlUuid uuid_dram = CXL_EVUUID_DRAM;
static const CxlUuid uuid_module = CXL_EVUUID_MODULE;
static const CxlUuid uuid_sparing = CXL_EVUUID_SPARING;
static const CxlUuid uuid_dc = CXL_EVUUID_DC;
static const CxlUuid uuid_port = CXL_EVUUID_PORT;
static const CxlUuid uuid_vcs = CXL_EVUUID_VCS;

static void put24(uint8_t *p, uint32_t value)
{
    p[0] = value;
    p[1] = value >> 8;
    p[2] = value >> 16;
}

/* @validity is a little-endian field without alignment. */
static void mark(void *validity, uint16_t bits)
{
    stw_le_p(validity, lduw_le_p(validity) | bits);
}

static void begin(void *rec, const CxlUuid *uuid, uint32_t flags)
{
    CxlEvHeader *hdr = memset(rec, 0, CXL_EVREC_SIZE);

    hdr->uuid = *uuid;
    hdr->length = CXL_EVREC_SIZE;
    put24(hdr->flags, flags);
}

static void flag(CxlEvHeader *hdr, uint32_t bit)
{
    hdr->flags[0] |= bit;
    hdr->flags[1] |= bit >> 8;
}

/* Shorter identifiers are padded with zeroes. */
static void put_component(uint8_t field[16], const void *id, size_t len)
{
    memset(field, 0, 16);
    memcpy(field, id, MIN(len, 16));
}

void cxl_evrec_maintenance_class(CxlEvHeader *hdr, uint8_t class)
{
    hdr->maint_class = class;
}

void cxl_evrec_maintenance_subclass(CxlEvHeader *hdr, uint8_t subclass)
{
    hdr->maint_subclass = subclass;
    flag(hdr, CXL_EVFLAG_SUBCLASS_VALID);
}

void cxl_evrec_ld(CxlEvHeader *hdr, uint16_t ld)
{
    stw_le_p(&hdr->ld_id, ld);
    flag(hdr, CXL_EVFLAG_LD_VALID);
}

void cxl_evrec_head(CxlEvHeader *hdr, uint8_t head)
{
    hdr->head_id = head;
    flag(hdr, CXL_EVFLAG_HEAD_VALID);
}

void cxl_evrec_general_media(CxlEvGeneralMedia *rec, uint32_t flags,
                             uint64_t dpa, uint8_t descriptor, uint8_t type,
                             uint8_t transaction)
{
    begin(rec, &uuid_general_media, flags);
    stq_le_p(&rec->dpa, dpa);
    rec->descriptor = descriptor;
    rec->type = type;
    rec->transaction = transaction;
}

void cxl_evrec_general_media_channel(CxlEvGeneralMedia *rec, uint8_t channel)
{
    rec->channel = channel;
    mark(&rec->validity, CXL_EVGM_CHANNEL);
}

void cxl_evrec_general_media_rank(CxlEvGeneralMedia *rec, uint8_t rank)
{
    rec->rank = rank;
    mark(&rec->validity, CXL_EVGM_RANK);
}

void cxl_evrec_general_media_device(CxlEvGeneralMedia *rec, uint32_t device)
{
    put24(rec->device, device);
    mark(&rec->validity, CXL_EVGM_DEVICE);
}

void cxl_evrec_general_media_component(CxlEvGeneralMedia *rec,
                                       const void *id, size_t len)
{
    put_component(rec->component_id, id, len);
    mark(&rec->validity, CXL_EVGM_COMPONENT);
}

void cxl_evrec_general_media_pldm(CxlEvGeneralMedia *rec)
{
    mark(&rec->validity, CXL_EVGM_PLDM);
}

void cxl_evrec_general_media_corrected(CxlEvGeneralMedia *rec, uint8_t flags,
                                       uint32_t count)
{
    rec->cme_flags = flags;
    put24(rec->cme_count, count);
}

void cxl_evrec_dram(CxlEvDram *rec, uint32_t flags, uint64_t dpa,
                    uint8_t descriptor, uint8_t type, uint8_t transaction)
{
    begin(rec, &uuid_dram, flags);
    stq_le_p(&rec->dpa, dpa);
    rec->descriptor = descriptor;
    rec->type = type;
    rec->transaction = transaction;
}

void cxl_evrec_dram_channel(CxlEvDram *rec, uint8_t channel)
{
    rec->channel = channel;
    mark(&rec->validity, CXL_EVDRAM_CHANNEL);
}

void cxl_evrec_dram_rank(CxlEvDram *rec, uint8_t rank)
{
    rec->rank = rank;
    mark(&rec->validity, CXL_EVDRAM_RANK);
}

void cxl_evrec_dram_nibble_mask(CxlEvDram *rec, uint32_t mask)
{
    put24(rec->nibble_mask, mask);
    mark(&rec->validity, CXL_EVDRAM_NIBBLE);
}

void cxl_evrec_dram_bank_group(CxlEvDram *rec, uint8_t bank_group)
{
    rec->bank_group = bank_group;
    mark(&rec->validity, CXL_EVDRAM_BANK_GROUP);
}

void cxl_evrec_dram_bank(CxlEvDram *rec, uint8_t bank)
{
    rec->bank = bank;
    mark(&rec->validity, CXL_EVDRAM_BANK);
}

void cxl_evrec_dram_row(CxlEvDram *rec, uint32_t row)
{
    put24(rec->row, row);
    mark(&rec->validity, CXL_EVDRAM_ROW);
}

void cxl_evrec_dram_column(CxlEvDram *rec, uint16_t column)
{
    stw_le_p(&rec->column, column);
    mark(&rec->validity, CXL_EVDRAM_COLUMN);
}

void cxl_evrec_dram_correction(CxlEvDram *rec, const uint64_t *masks,
                               unsigned count)
{
    for (unsigned i = 0; i < ARRAY_SIZE(rec->correction_mask); i++) {
        stq_le_p(&rec->correction_mask[i], i < count ? masks[i] : 0);
    }
    mark(&rec->validity, CXL_EVDRAM_CORRECTION);
}

void cxl_evrec_dram_sub_channel(CxlEvDram *rec, uint8_t sub_channel)
{
    rec->sub_channel = sub_channel;
    mark(&rec->validity, CXL_EVDRAM_SUB_CHANNEL);
}

void cxl_evrec_dram_component(CxlEvDram *rec, const void *id, size_t len)
{
    put_component(rec->component_id, id, len);
    mark(&rec->validity, CXL_EVDRAM_COMPONENT);
}

void cxl_evrec_dram_pldm(CxlEvDram *rec)
{
    mark(&rec->validity, CXL_EVDRAM_PLDM);
}

void cxl_evrec_dram_corrected(CxlEvDram *rec, uint8_t flags, uint32_t count)
{
    rec->cme_flags = flags;
    put24(rec->cvme_count, count);
}

void cxl_evrec_module(CxlEvModule *rec, uint32_t flags, uint8_t type,
                      const CxlHealthInfo *health)
{
    begin(rec, &uuid_module, flags);
    rec->type = type;
    memcpy(rec->health, health, sizeof(rec->health));
}

void cxl_evrec_module_component(CxlEvModule *rec, const void *id, size_t len)
{
    put_component(rec->component_id, id, len);
    mark(&rec->validity, CXL_EVMODULE_COMPONENT);
}

void cxl_evrec_module_pldm(CxlEvModule *rec)
{
    mark(&rec->validity, CXL_EVMODULE_PLDM);
}

void cxl_evrec_sparing(CxlEvSparing *rec, uint32_t flags, uint8_t op_flags,
                       uint8_t result, uint16_t spares)
{
    begin(rec, &uuid_sparing, flags);
    rec->flags = op_flags;
    rec->result = result;
    stw_le_p(&rec->spares, spares);
}

void cxl_evrec_port(CxlEvPort *rec, uint8_t type, const CxlPortInfo *info,
                    uint16_t slot_status)
{
    begin(rec, &uuid_port, 0);
    rec->port = info->port;
    rec->type = type;
    stw_le_p(&rec->slot_status, slot_status);
    memcpy(rec->info, &info->config_state, sizeof(rec->info));
}

void cxl_evrec_vcs(CxlEvVcs *rec, uint8_t type, uint8_t vcs, uint8_t vppb,
                   const CxlVppbInfo *binding, uint16_t link_control,
                   uint16_t slot_control)
{
    begin(rec, &uuid_vcs, 0);
    rec->vcs = vcs;
    rec->vppb = vppb;
    rec->type = type;
    rec->status = binding->status;
    rec->port = binding->port;
    rec->ld = binding->ld;
    stw_le_p(&rec->link_control, link_control);
    stw_le_p(&rec->slot_control, slot_control);
}

void cxl_evrec_dc(CxlEvDc *rec, uint8_t type, uint16_t host_id,
                  uint8_t region, bool more, const CxlDcExtentWire *extent,
                  uint32_t extents_available, uint32_t tags_available)
{
    begin(rec, &uuid_dc, 0);
    rec->type = type;
    rec->validity = CXL_EVDC_EXTENTS_VALID | CXL_EVDC_TAGS_VALID;
    stw_le_p(&rec->host_id, host_id);
    rec->region = region;
    rec->flags = more ? CXL_EVDC_MORE : 0;
    if (extent) {
        memcpy(rec->extent, extent, sizeof(rec->extent));
    }
    stl_le_p(&rec->extents_available, extents_available);
    stl_le_p(&rec->tags_available, tags_available);
}

/* The sections are those whose fields the builders know. */
static const struct {
    const CxlUuid *uuid;
    const char *section;
} kinds[CXL_EVKIND_UNKNOWN] = {
    [CXL_EVKIND_GENERAL_MEDIA] = { &uuid_general_media, "r3.2 8.2.10.2.1.1" },
    [CXL_EVKIND_DRAM] = { &uuid_dram, "r3.2 8.2.10.2.1.2" },
    [CXL_EVKIND_MODULE] = { &uuid_module, "r3.2 8.2.10.2.1.3" },
    [CXL_EVKIND_SPARING] = { &uuid_sparing, "r3.2 8.2.10.2.1.4" },
    [CXL_EVKIND_DC] = { &uuid_dc, "r3.1 8.2.9.2.1.5" },
};

CxlEvKind cxl_evrec_kind(const CxlEvHeader *hdr)
{
    CxlEvKind kind = 0;

    while (kind < CXL_EVKIND_UNKNOWN &&
           !cxl_uuid_equal(&hdr->uuid, kinds[kind].uuid)) {
        kind++;
    }
    return kind;
}

const char *cxl_evrec_layout(CxlEvKind kind, const CxlUuid **uuid)
{
    assert(kind < CXL_EVKIND_UNKNOWN);
    *uuid = kinds[kind].uuid;
    return kinds[kind].section;
}

bool cxl_evrec_dpa(const CxlEvHeader *hdr, uint64_t *dpa)
{
    CxlEvKind kind = cxl_evrec_kind(hdr);

    QEMU_BUILD_BUG_ON(offsetof(CxlEvGeneralMedia, dpa) !=
                      offsetof(CxlEvDram, dpa));
    if (kind != CXL_EVKIND_GENERAL_MEDIA && kind != CXL_EVKIND_DRAM) {
        return false;
    }
    /* The lowest bits of the field are flags. */
    *dpa = ldq_le_p(&((const CxlEvGeneralMedia *)hdr)->dpa) &
           ~(uint64_t)(CXL_EVDPA_VOLATILE | CXL_EVDPA_NOT_REPAIRABLE);
    return true;
}

char *cxl_evrec_problem(uint32_t flags, const char *name, uint32_t count)
{
    if (flags >> 24) {
        return g_strdup_printf("argument 'flags': 0x%x is not within 0 to"
                               " 0xffffff", flags);
    }
    if (count >> 24) {
        return g_strdup_printf("argument '%s': %u is not within 0 to 16777215",
                               name, count);
    }
    return NULL;
}
