/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A multi-logical device as its fabric manager has it: the FM-owned logical
 * device with its interface, which logical devices there are and how large,
 * quality of service.  CXL r3.1 2.4, 7.6.7.4.
 *
 * A logical device itself is a memory device of its own (core/device.h), with
 * decoders, mailbox, events and contents that nobody shares; here is only what
 * all of them have in common.  To which host one is bound: core/vcs.h.
 *
 * Bandwidth fractions and telemetry are kept and reported; the model has no
 * links that could be congested, so nothing is ever slowed down.
 *
 * Invariant (cxl_mld_check): settings are within their ranges; what is beyond
 * the number of logical devices has neither capacity nor an interface.
 */
#ifndef HW_CXL_CORE_MLD_H
#define HW_CXL_CORE_MLD_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/wire/fm.h"

#define CXL_MLD_LDS 16
/* Capacity is counted in these, 5401h */
#define CXL_MLD_UNIT (256ull << 20)

typedef struct CxlMldConfig {
    uint8_t lds;            /* 1..CXL_MLD_LDS */
    uint64_t serial;        /* all ones: none */
    uint16_t vendor_id, device_id;
    uint8_t payload_shift;  /* 8..20; 0 means 11 */
} CxlMldConfig;

typedef struct CxlMldLd {
    uint64_t range[2];      /* bytes: volatile, persistent */
    CxlCci *cci;            /* of the logical device, or NULL; borrowed */
} CxlMldLd;

typedef struct CxlMld {
    CxlTimestamp clock;
    CxlCci cci;             /* the FM-owned logical device's */
    uint8_t lds;
    CxlMldLd ld[CXL_MLD_LDS];
    CxlMldQos qos;          /* wire order */
    /* Fractions of 256 */
    uint8_t allocated[CXL_MLD_LDS], limit[CXL_MLD_LDS];
} CxlMld;

/* Of @ops only clock and trace are used. */
CxlMld *cxl_mld_create(const CxlMldConfig *config, const CxlProfile *profile,
                       const CxlHostOps *ops, void *opaque);
/* The same with the rows that an MLD has; in cci/profiles.c. */
CxlMld *cxl_mld_new(const CxlMldConfig *config, const CxlHostOps *ops,
                    void *opaque);
void cxl_mld_free(CxlMld *mld);

/*
 * Logical device @ld is there with these multiples of CXL_MLD_UNIT, or (both 0,
 * @cci NULL) not any more.  @cci NULL: it is, and nobody answers for it here.
 */
void cxl_mld_set(CxlMld *mld, unsigned ld, CxlCci *cci, uint64_t volatile_len,
                 uint64_t persistent_len);

/* What the manager of the switch finds behind the device's port. */
static inline CxlCci *cxl_mld_fm_cci(CxlMld *mld)
{
    return &mld->cci;
}

/* May Set QoS Control have these values?  CXL r3.1 7.6.7.4.5 */
bool cxl_mld_qos_fits(const CxlMldQos *qos);
const char *cxl_mld_check(const CxlMld *mld);

#endif /* HW_CXL_CORE_MLD_H */
