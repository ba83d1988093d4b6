/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device register block and the mailbox state machine in it,
 * CXL r3.1 8.2.8: capability array, device status, memory device status,
 * mailbox.  Bounds the length, copies the payload once, shows the result.
 * What a command does is behind core/cci.c.
 *
 * Status registers are computed when they are read, from the room that
 * owns the fact, so every access width sees the same.
 */
#ifndef HW_CXL_CORE_MAILBOX_H
#define HW_CXL_CORE_MAILBOX_H

#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/cxl/core/cci.h"
#include "hw/cxl/core/events.h"
#include "hw/cxl/core/media.h"

typedef struct CxlMailbox {
    Regbank bank;
    uint8_t bytes[CXL_DEVREG_PAYLOAD];
    CxlCci *cci;
    const CxlEvents *events; /* NULL on a switch */
    const CxlMedia *media;   /* NULL on a switch */
    uint8_t *payload;   /* guest visible, 1 << payload_shift bytes */
    uint8_t *input;     /* private copy of the same size */
    uint32_t dirty;     /* bytes from this one on are zero */
    uint8_t payload_shift;
    uint8_t msgnum;
    bool executing;     /* doorbell is set: a command is running */
    bool held;          /* it has, and its result is not known yet */
    uint16_t rc;        /* of the last command */
    uint16_t vendor;
} CxlMailbox;

/* All but the bank is set by this; @events and @media may both be NULL. */
void cxl_mailbox_init(CxlMailbox *mb, CxlCci *cci, const CxlEvents *events,
                      const CxlMedia *media, uint8_t payload_shift,
                      uint8_t msgnum);
void cxl_mailbox_destroy(CxlMailbox *mb);
void cxl_mailbox_reset(CxlMailbox *mb);

uint64_t cxl_mailbox_block_size(const CxlMailbox *mb);
/* Any offset, @size 1..8. */
uint64_t cxl_mailbox_read(CxlMailbox *mb, uint64_t offset, unsigned size);
void cxl_mailbox_write(CxlMailbox *mb, uint64_t offset, uint64_t value,
                       unsigned size);
/*
 * What executes now, if anything, is not over when it returns with success:
 * the doorbell stays set until cxl_mailbox_let_go() says how it ended, or a
 * reset comes.
 */
void cxl_mailbox_hold(CxlMailbox *mb);
void cxl_mailbox_let_go(CxlMailbox *mb, CxlRc rc);
/* The background operation of the interface ended. */
void cxl_mailbox_bg_ended(CxlMailbox *mb);

/* Saved state, see hw/common/save.h. */
void cxl_mailbox_save(const CxlMailbox *mb, SaveWriter *w);
void cxl_mailbox_load(CxlMailbox *mb, SaveReader *r);
const char *cxl_mailbox_check(const CxlMailbox *mb);

#endif /* HW_CXL_CORE_MAILBOX_H */
