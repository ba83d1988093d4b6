/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoders of a device: registers, commit rules and their errors, for 1
 * to 10 decoders.  CXL r3.1 8.2.4.20.  The arithmetic of a committed decoder
 * is in interleave.h, the host's side of the path in route.h, the bytes in
 * wire/hdm.h.
 *
 * A decoder is committed when the guest drives COMMIT to 1 and every rule of
 * cxl_hdm_error_name() holds; otherwise ERROR is set.  While it is committed
 * its registers ignore writes, except that COMMIT driven to 0 releases it,
 * unless it was locked at commit.
 *
 * A decoder of size 0 can be committed, and takes no part in decode (CXL r3.1
 * 8.2.4.20.12): it is only one that the next can follow.
 *
 * Invariant (cxl_hdm_check): committed decoders have valid codes, aligned and
 * ascending host ranges that do not overlap, and device ranges that do not
 * overlap and lie in one area each; only they are locked.
 */
#ifndef HW_CXL_CORE_HDM_H
#define HW_CXL_CORE_HDM_H

#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/cxl/wire/hdm.h"

/* Capability areas: volatile, persistent and eight dynamic regions */
#define CXL_HDM_AREAS_MAX 10

/* What the device can do; constant after init. */
typedef struct CxlHdmConfig {
    unsigned decoders;      /* 1, 2, 4, 6, 8 or 10 */
    unsigned uio_decoders;  /* the first so many can do UIO; 0: none */
    bool bi;                /* HDM-DB capable */
    bool bi_link;           /* the link has flits that carry back-invalidate */
    bool poison_on_error;   /* poison on decode error capable */
    uint8_t coherency;      /* CXL_HDM_COHERENCY_... */
} CxlHdmConfig;

/* A range of device physical addresses that one decoder may map. */
typedef struct CxlHdmArea {
    uint64_t base;
    uint64_t size;          /* bytes; 0: unused */
} CxlHdmArea;

/* A decoder in plain numbers */
typedef struct CxlHdmDecoder {
    uint64_t base;          /* host physical address */
    uint64_t size;          /* bytes of host address space, all ways */
    uint64_t skip;          /* bytes of device space left out before it */
    uint64_t dpa;           /* device address of its first byte */
    uint8_t ig, iw;         /* codes, see interleave.h */
    bool committed;
    bool locked;
    bool bi;
    bool uio;
    uint8_t isp;            /* position in the set, for UIO and snoops */
} CxlHdmDecoder;

typedef struct CxlHdmOps {
    /*
     * A decoder was committed or released, or the global enable moved
     * (@decoder is then -1).  Called after the registers changed and before
     * the guest's write returns.
     */
    void (*changed)(void *opaque, int decoder, bool committed);
    /* Bits that the guest cannot change; may be NULL. */
    RegbankIgnoredFn *ignored;
} CxlHdmOps;

typedef struct CxlHdm {
    CxlHdmConfig config;
    const CxlHdmOps *ops;
    void *opaque;
    Regbank bank;
    CxlHdmArea area[CXL_HDM_AREAS_MAX];
    bool bi_enabled;        /* the BI decoder's enable bit */

    /* Saved state, with the locks of the bank: */
    uint8_t bytes[CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)];
    uint64_t dpa[CXL_HDM_DEVICE_MAX]; /* device base while committed */
    uint8_t error[CXL_HDM_DEVICE_MAX]; /* CxlHdmError of the last commit */
} CxlHdm;

/* Why a commit was refused; the guest only sees ERROR. */
typedef enum CxlHdmError {
    CXL_HDM_OK,
    CXL_HDM_BAD_INTERLEAVE,
    CXL_HDM_BAD_ORDER,      /* the decoder before it is not committed */
    CXL_HDM_BAD_SIZE,
    CXL_HDM_BAD_BASE,
    CXL_HDM_OVERLAP,        /* not above the one before, below the one after */
    CXL_HDM_BAD_DPA,        /* no area holds it, or it would move the next */
    CXL_HDM_BAD_BI,
    CXL_HDM_BAD_UIO,
} CxlHdmError;

/* True if a device can have that many decoders. */
bool cxl_hdm_count_valid(unsigned decoders);
/* Decoders of the code in a capability register; 0: it is reserved. */
unsigned cxl_hdm_count(uint32_t cap);

/* @config must be valid; @ops and @opaque must outlive @hdm. */
void cxl_hdm_init(CxlHdm *hdm, const CxlHdmConfig *config,
                  const CxlHdmOps *ops, void *opaque);
/* Every kind of reset clears the decoders; reports what was released. */
void cxl_hdm_reset(CxlHdm *hdm);

/*
 * The areas a decoder may map, copied.  Does not touch committed decoders:
 * move a partition only while none is committed.
 */
void cxl_hdm_set_areas(CxlHdm *hdm, const CxlHdmArea *areas, unsigned count);

/* Guest access at @offset into the capability structure, 1..8 bytes. */
uint64_t cxl_hdm_read(CxlHdm *hdm, uint64_t offset, unsigned size);
void cxl_hdm_write(CxlHdm *hdm, uint64_t offset, uint64_t value,
                   unsigned size);

bool cxl_hdm_enabled(const CxlHdm *hdm);
/* Poison or all-zeroes for addresses no decoder claims? */
bool cxl_hdm_poison_on_error(const CxlHdm *hdm);
void cxl_hdm_decoder(const CxlHdm *hdm, unsigned n, CxlHdmDecoder *out);
bool cxl_hdm_any_committed(const CxlHdm *hdm);

/*
 * Translate for a committed decoder.  Do not ask whether decoders are enabled
 * or CXL.mem is: the caller knows.  False if no decoder claims the address.
 */
bool cxl_hdm_to_dpa(const CxlHdm *hdm, uint64_t hpa, uint64_t *dpa,
                    unsigned *decoder);
/* The decoder that maps device address @dpa, or -1. */
int cxl_hdm_by_dpa(const CxlHdm *hdm, uint64_t dpa);

CxlHdmError cxl_hdm_last_error(const CxlHdm *hdm, unsigned n);
const char *cxl_hdm_error_name(CxlHdmError error);

/*
 * Become what somebody else's registers, bits of locked decoders, device bases
 * and reasons say, as far as a device like this can.  Nobody is told.
 */
void cxl_hdm_adopt(CxlHdm *hdm, uint32_t locked,
                   const uint8_t bytes[CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)],
                   const uint64_t dpa[CXL_HDM_DEVICE_MAX],
                   const uint8_t error[CXL_HDM_DEVICE_MAX]);
/* Saved state, see hw/common/save.h; loading tells nobody. */
void cxl_hdm_save(const CxlHdm *hdm, SaveWriter *w);
void cxl_hdm_load(CxlHdm *hdm, SaveReader *r);

/* NULL if the invariant holds, else what is wrong. */
const char *cxl_hdm_check(const CxlHdm *hdm);

#endif /* HW_CXL_CORE_HDM_H */
