/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Component registers of a device: the CXL.cache/mem range that holds the
 * capability headers, RAS, link, HDM decoders and the BI decoder.  CXL r3.1
 * 8.2.4.  It only lays out and dispatches; each capability is its own room
 * (ras.h, hdm.h).  The BI decoder is small enough to live here.
 *
 * Registers are 32 bits wide; accesses of any size from 1 to 8 bytes and any
 * alignment act on each register they touch.
 */
#ifndef HW_CXL_CORE_COMPONENT_H
#define HW_CXL_CORE_COMPONENT_H

#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/ras.h"
#include "hw/cxl/wire/component.h"

typedef struct CxlComponent {
    Regbank bank;           /* headers */
    Regbank link_bank;
    Regbank bi_bank;
    CxlHdm hdm;
    CxlRas ras;

    /* Saved state, with that of hdm and ras: */
    uint8_t bi_bytes[CXL_BI_LEN];

    uint8_t bytes[CXL_COMP_RAS]; /* constant after init */
    uint8_t link_bytes[CXL_LINK_LEN]; /* the same */
} CxlComponent;

/*
 * @hdm as for cxl_hdm_init(); a BI decoder exists if hdm->bi.  @ops and
 * @opaque must outlive @comp.
 */
void cxl_component_init(CxlComponent *comp, const CxlHdmConfig *hdm,
                        const CxlHdmOps *ops, void *opaque);
void cxl_component_reset(CxlComponent *comp, bool cold);

/* Become what somebody else's BI decoder says. */
void cxl_component_adopt_bi(CxlComponent *comp,
                            const uint8_t bytes[CXL_BI_LEN]);
/* Saved state beside that of hdm and ras; see hw/common/save.h. */
void cxl_component_save(const CxlComponent *comp, SaveWriter *w);
void cxl_component_load(CxlComponent *comp, SaveReader *r);
/* With hdm and ras: NULL if the invariants hold, else what is wrong. */
const char *cxl_component_check(const CxlComponent *comp);

/*
 * @offset counts from the start of the CXL.cache/mem range, that is from
 * CXL_COMP_CACHEMEM in the BAR; what lies beyond its length is a hole.
 */
uint64_t cxl_component_read(CxlComponent *comp, uint64_t offset,
                            unsigned size);
void cxl_component_write(CxlComponent *comp, uint64_t offset, uint64_t value,
                         unsigned size);

#endif /* HW_CXL_CORE_COMPONENT_H */
