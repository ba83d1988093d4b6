/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Component registers of a device: layout of the capability headers, dispatch
 * to the rooms, and the BI decoder.  CXL r3.1 8.2.4.  Contract: component.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/common/regmap.h"
#include "hw/cxl/core/component.h"

/* Whoever adds a field decides whether it has to be saved. */
QEMU_BUILD_BUG_ON(sizeof(CxlComponent) != 3344 && sizeof(void *) == 8);

/* Capability versions of CXL r3.1 */
#define RAS_VERSION     3
#define LINK_VERSION    2
#define HDM_VERSION     3
#define BI_VERSION      1

/* Flits that a retry buffer holds */
#define LINK_WRAP       0x40

static const RegbankRow header_rows[] = {
    { .offset = 0, .size = 4, .name = "cap-header" },
    { .offset = CXL_COMP_ENTRY(0), .size = 4, .name = "cap-entry",
      .count = 4 },
};

static const RegbankDesc header_desc = {
    .name = "component", .rows = header_rows,
    .num_rows = G_N_ELEMENTS(header_rows), .size = CXL_COMP_RAS,
};

/* There is no link: it is always up, and nobody can stall or reset it. */
static const RegbankRow link_rows[] = {
    { .offset = CXL_LINK_CAP, .size = 8, .name = "link-cap",
      .reset = CXL_LINK_CAP_VERSION(CXL_LINK_VERSION_2_AND_LATER) |
               CXL_LINK_CAP_PARTNER_VERSION(CXL_LINK_VERSION_2_AND_LATER) |
               CXL_LINK_CAP_WRAP(LINK_WRAP) |
               CXL_LINK_CAP_PARTNER_WRAP(LINK_WRAP) },
    { .offset = CXL_LINK_STATUS, .size = 8, .name = "link-status",
      .reset = CXL_LINK_STATUS_INIT_DONE },
};

static const RegbankDesc link_desc = {
    .name = "link", .rows = link_rows, .num_rows = G_N_ELEMENTS(link_rows),
    .size = CXL_LINK_LEN,
};

static uint64_t bi_ctrl_pre(void *opaque, const RegbankWrite *w);
static void bi_ctrl_post(void *opaque, const RegbankWrite *w);

/* Commit is implicit on endpoints, so the commit bit is not there. */
static const RegbankRow bi_rows[] = {
    { .offset = CXL_BI_CAP, .size = 4, .name = "bi-cap",
      .reset = CXL_BI_CAP_HDM_D },
    { .offset = CXL_BI_CTRL, .size = 4, .name = "bi-ctrl",
      .rw = CXL_BI_CTRL_ENABLE, .pre = bi_ctrl_pre, .post = bi_ctrl_post },
    { .offset = CXL_BI_STATUS, .size = 4, .name = "bi-status" },
};

static const RegbankDesc bi_desc = {
    .name = "bi", .rows = bi_rows, .num_rows = G_N_ELEMENTS(bi_rows),
    .size = CXL_BI_LEN,
};

static bool relies_on_bi(const CxlHdm *hdm)
{
    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        CxlHdmDecoder d;

        cxl_hdm_decoder(hdm, n, &d);
        if (d.committed && d.bi) {
            return true;
        }
    }
    return false;
}

/* Back-invalidate needs flits of 256 bytes, which not every link has. */
static uint64_t bi_refused(CxlComponent *comp, const RegbankWrite *w)
{
    if ((w->now & CXL_BI_CTRL_ENABLE) && comp->hdm.ops->ignored) {
        comp->hdm.ops->ignored(comp->hdm.opaque, w, CXL_BI_CTRL_ENABLE);
    }
    return w->now & ~(uint64_t)CXL_BI_CTRL_ENABLE;
}

/* While a decoder relies on it, back-invalidate cannot be taken away. */
static uint64_t bi_ctrl_pre(void *opaque, const RegbankWrite *w)
{
    CxlComponent *comp = opaque;

    if (!comp->hdm.config.bi_link) {
        return bi_refused(comp, w);
    }
    return relies_on_bi(&comp->hdm) ? w->old : w->now;
}

static void bi_ctrl_post(void *opaque, const RegbankWrite *w)
{
    CxlComponent *comp = opaque;

    comp->hdm.bi_enabled = w->now & CXL_BI_CTRL_ENABLE;
}

static void write_headers(CxlComponent *comp)
{
    unsigned n = 0;

    regbank_set(&comp->bank, CXL_COMP_ENTRY(n++),
                CXL_COMP_ENTRY_VALUE(CXL_COMP_ID_RAS, RAS_VERSION,
                                     CXL_COMP_RAS));
    regbank_set(&comp->bank, CXL_COMP_ENTRY(n++),
                CXL_COMP_ENTRY_VALUE(CXL_COMP_ID_LINK, LINK_VERSION,
                                     CXL_COMP_LINK));
    regbank_set(&comp->bank, CXL_COMP_ENTRY(n++),
                CXL_COMP_ENTRY_VALUE(CXL_COMP_ID_HDM, HDM_VERSION,
                                     CXL_COMP_HDM));
    if (comp->hdm.config.bi) {
        regbank_set(&comp->bank, CXL_COMP_ENTRY(n++),
                    CXL_COMP_ENTRY_VALUE(CXL_COMP_ID_BI, BI_VERSION,
                                         CXL_COMP_BI));
    }
    regbank_set(&comp->bank, 0, CXL_COMP_HEADER(n));
}

void cxl_component_init(CxlComponent *comp, const CxlHdmConfig *hdm,
                        const CxlHdmOps *ops, void *opaque)
{
    memset(comp, 0, sizeof(*comp));
    cxl_hdm_init(&comp->hdm, hdm, ops, opaque);
    cxl_ras_init(&comp->ras, opaque, ops->ignored);
    regbank_init(&comp->bank, &header_desc, comp->bytes, comp, NULL);
    regbank_init(&comp->link_bank, &link_desc, comp->link_bytes, comp, NULL);
    regbank_init(&comp->bi_bank, &bi_desc, comp->bi_bytes, comp, NULL);
    write_headers(comp);
}

void cxl_component_reset(CxlComponent *comp, bool cold)
{
    cxl_hdm_reset(&comp->hdm);
    cxl_ras_reset(&comp->ras, cold);
    regbank_reset(&comp->bi_bank, REGBANK_RESET_COLD);
    comp->hdm.bi_enabled = false;
}

#define BANK(name, member)                                              \
    static uint64_t read_##name(void *owner, uint64_t offset,           \
                                unsigned size)                          \
    {                                                                   \
        CxlComponent *comp = owner;                                     \
                                                                        \
        return regbank_read(&comp->member, offset, size);               \
    }                                                                   \
    static void write_##name(void *owner, uint64_t offset,              \
                             uint64_t value, unsigned size)             \
    {                                                                   \
        CxlComponent *comp = owner;                                     \
                                                                        \
        regbank_write(&comp->member, offset, value, size);              \
    }

BANK(header, bank)
BANK(ras, ras.bank)
BANK(link, link_bank)
BANK(hdm, hdm.bank)
BANK(bi, bi_bank)

static const RegmapArea areas[] = {
    { 0, CXL_COMP_RAS, read_header, write_header },
    { CXL_COMP_RAS, CXL_RAS_LEN, read_ras, write_ras },
    { CXL_COMP_LINK, CXL_LINK_LEN, read_link, write_link },
    { CXL_COMP_HDM, CXL_HDM_LEN(CXL_HDM_DEVICE_MAX), read_hdm, write_hdm },
    /* The last one, so that a component without it has one less */
    { CXL_COMP_BI, CXL_BI_LEN, read_bi, write_bi },
};

static unsigned num_areas(const CxlComponent *comp)
{
    return ARRAY_SIZE(areas) - !comp->hdm.config.bi;
}

uint64_t cxl_component_read(CxlComponent *comp, uint64_t offset,
                            unsigned size)
{
    return regmap_read(areas, num_areas(comp), comp, offset, size);
}

void cxl_component_write(CxlComponent *comp, uint64_t offset, uint64_t value,
                         unsigned size)
{
    regmap_write(areas, num_areas(comp), comp, offset, value, size);
}

static bool bi_enabled(const CxlComponent *comp)
{
    return regbank_get(&comp->bi_bank, CXL_BI_CTRL) & CXL_BI_CTRL_ENABLE;
}

void cxl_component_adopt_bi(CxlComponent *comp,
                            const uint8_t bytes[CXL_BI_LEN])
{
    regbank_reset(&comp->bi_bank, REGBANK_RESET_COLD);
    if (comp->hdm.config.bi) {
        regbank_adopt(&comp->bi_bank, bytes);
    }
    comp->hdm.bi_enabled = bi_enabled(comp);
}

void cxl_component_save(const CxlComponent *comp, SaveWriter *w)
{
    save_put_bytes(w, comp->bi_bytes, sizeof(comp->bi_bytes));
}

void cxl_component_load(CxlComponent *comp, SaveReader *r)
{
    uint8_t bytes[CXL_BI_LEN];

    save_get_bytes(r, bytes, sizeof(bytes));
    cxl_component_adopt_bi(comp, bytes);
}

const char *cxl_component_check(const CxlComponent *comp)
{
    const char *wrong = cxl_hdm_check(&comp->hdm) ?: cxl_ras_check(&comp->ras);

    if (!wrong && comp->hdm.bi_enabled != bi_enabled(comp)) {
        wrong = "two opinions of back-invalidate";
    }
    if (!wrong && relies_on_bi(&comp->hdm) && !bi_enabled(comp)) {
        wrong = "a decoder without the back-invalidate that it relies on";
    }
    return wrong;
}
