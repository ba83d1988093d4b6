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
 * the number of logical devices has neither capacity nor an interface; all
 * together have no more than there is.
 */
#ifndef HW_CXL_CORE_MLD_H
#define HW_CXL_CORE_MLD_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/wire/fm.h"

#define CXL_MLD_LDS 16
/* Capacity is counted in these, 5401h */
#define CXL_MLD_UNIT (256ull << 20)

/* What an MLD asks of whoever has its memory */
typedef struct CxlMldOps {
    /*
     * Set LD Allocations (5402h): logical devices @start to @start + @count - 1
     * get @range[.][0] volatile and [1] persistent bytes, multiples of
     * CXL_MLD_UNIT, which together with the others' are no more than the
     * capacity.  Done: cxl_mld_set() says so of each.  Refused: nothing has
     * changed.  CXL r3.1 7.6.7.4.3.
     */
    CxlRc (*allocate)(void *opaque, unsigned start, unsigned count,
                      const uint64_t (*range)[2]);
} CxlMldOps;

typedef struct CxlMldConfig {
    uint8_t lds;            /* 1..CXL_MLD_LDS */
    uint64_t capacity;      /* bytes; 0: what logical devices have */
    const CxlMldOps *ops;   /* NULL: they have the size they came with */
    uint64_t serial;        /* all ones: none */
    uint16_t vendor_id, device_id;
    uint8_t payload_shift;  /* 8..20; 0 means 11 */
} CxlMldConfig;

typedef struct CxlMldLd {
    uint64_t range[2];      /* bytes: volatile, persistent */
    CxlCci *cci;            /* of the logical device, or NULL; borrowed */
} CxlMldLd;

/* As CxlCciOwner's, of a logical device that answers elsewhere */
typedef bool CxlMldRelay(void *opaque, uint8_t ld, const uint8_t *in,
                         uint32_t in_len, uint8_t *out, uint32_t out_max,
                         uint32_t *out_len);

typedef struct CxlMld {
    CxlMldRelay *relay;     /* NULL: none does */
    void *relay_opaque;
    CxlTimestamp clock;
    CxlCci cci;             /* the FM-owned logical device's */
    uint8_t lds;
    uint64_t capacity;      /* as in the configuration */
    const CxlMldOps *mld_ops;
    CxlMldLd ld[CXL_MLD_LDS];
    CxlMldQos qos;          /* wire order */
    /* Fractions of 256 */
    uint8_t allocated[CXL_MLD_LDS], limit[CXL_MLD_LDS];
} CxlMld;

/* Of @ops only clock and trace are used; @opaque is for those of MLDs too. */
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

/* Of all logical devices, bytes */
uint64_t cxl_mld_allocated(const CxlMld *mld);

/* What the manager of the switch finds behind the device's port. */
static inline CxlCci *cxl_mld_fm_cci(CxlMld *mld)
{
    return &mld->cci;
}

/* May Set QoS Control have these values?  CXL r3.1 7.6.7.4.5 */
bool cxl_mld_qos_fits(const CxlMldQos *qos);
const char *cxl_mld_check(const CxlMld *mld);

#endif /* HW_CXL_CORE_MLD_H */
