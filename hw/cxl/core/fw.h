/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware slots and the transfer of an image, CXL r3.1 8.2.9.3.
 *
 * An image is opaque: it gets a revision made from its checksum, and is handed
 * to the host, which may keep or refuse it.
 *
 * Invariant: the active slot has a revision; staged is 0 or a slot with one;
 * an image in transfer is no longer than the limit.
 */
#ifndef HW_CXL_CORE_FW_H
#define HW_CXL_CORE_FW_H

#include "hw/common/save.h"
#include "hw/cxl/core/hostops.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/mailbox.h"

#define CXL_FW_SLOTS 2

typedef struct CxlFw {
    const CxlMediaOps *store;
    void *store_opaque;
    uint64_t image_max;
    char revision[CXL_FW_SLOTS + 1][16]; /* by slot number; [0] unused */
    uint8_t active;     /* 1..CXL_FW_SLOTS */
    uint8_t staged;     /* 0: none */
    /* The image being received */
    bool open;          /* between initiate and end */
    uint8_t slot;       /* of the part that completes it; 0: not complete */
    int64_t last_ns;    /* of the last part */
    GByteArray *image;  /* never NULL */
    uint8_t activating; /* slot being activated online; 0: none */
} CxlFw;

void cxl_fw_init(CxlFw *fw, const char *revision, uint64_t image_max,
                 const CxlMediaOps *store, void *store_opaque);
void cxl_fw_destroy(CxlFw *fw);
/* A transfer is forgotten. */
void cxl_fw_interrupt(CxlFw *fw);
/* The same, and a staged slot becomes active. */
void cxl_fw_cold_reset(CxlFw *fw);

/*
 * One part of an image.  CXL_RC_BACKGROUND: taken, cxl_fw_part_done() must
 * follow when its time has passed.
 */
CxlRc cxl_fw_transfer(CxlFw *fw, const CxlFwTransferIn *in, uint32_t data_len,
                      int64_t now_ns);
CxlRc cxl_fw_part_done(CxlFw *fw, CxlRc rc);
/* @online: as with transfer, cxl_fw_activated() follows. */
CxlRc cxl_fw_activate(CxlFw *fw, unsigned slot, bool online);
CxlRc cxl_fw_activated(CxlFw *fw, CxlRc rc);

/* A part has been taken, or a slot been chosen, and its time passes. */
bool cxl_fw_in_transfer(const CxlFw *fw);
bool cxl_fw_in_activation(const CxlFw *fw);

/* Saved state, see hw/common/save.h. */
void cxl_fw_save(const CxlFw *fw, SaveWriter *w);
void cxl_fw_load(CxlFw *fw, SaveReader *r);
/* The same without a transfer, which is its host's; one is refused. */
void cxl_fw_save_at_rest(const CxlFw *fw, SaveWriter *w);
void cxl_fw_load_at_rest(CxlFw *fw, SaveReader *r);
const char *cxl_fw_check(const CxlFw *fw);

#endif /* HW_CXL_CORE_FW_H */
