/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine as a host of a switch that is another process (cxl-fabricd,
 * core/fabric-switch.h): virtual bridges, what is below them, and what both
 * sides say of it (core/fabric-wire.h).  Whoever has the machine shows devices
 * to it and takes them away; here is what the switch may ask for, and when.
 *
 * What is below a bridge stays when the connection is lost: it is named when
 * there is a new one.  The switch is not trusted: what it says is judged.
 */
#ifndef HW_CXL_CORE_FABRIC_SLOTS_H
#define HW_CXL_CORE_FABRIC_SLOTS_H

#include "hw/cxl/core/fabric-wire.h"

/*
 * What is asked of the machine.  The answer is cxl_fabric_slots_is(), at once
 * or later.  A bridge is numbered from 1.
 */
typedef struct CxlFabricSlotsOps {
    /* Show the logical device to the machine; nothing is below the bridge. */
    void (*bind)(void *opaque, unsigned vppb, const CxlFabricBind *what);
    /* Ask for what is there (managed), or take it away; and unmap it. */
    void (*unbind)(void *opaque, unsigned vppb, bool surprise);
} CxlFabricSlotsOps;

typedef struct CxlFabricSlotState {
    uint8_t below;      /* LD whose memory is mapped, or CXL_FABRIC_NO_LD */
    uint8_t named;      /* the same, as ENTER said it */
    uint32_t number;    /* of the last command */
} CxlFabricSlotState;

typedef struct CxlFabricSlots {
    const CxlFabricSlotsOps *ops;
    void *opaque;
    CxlUuid id;
    uint16_t vcs;       /* that is wanted, or that it is */
    uint16_t vppbs;
    bool entered;       /* the switch has said ENTERED on this connection */
    uint64_t size;      /* of the memory */
    uint32_t seq;
    char why[CXL_FABRIC_TEXT + 1];
    GByteArray *out;    /* bytes to be sent; taken out by whoever sends */
    CxlFabricSlotState slot[CXL_FABRIC_VPPBS];
    CxlFabricStream stream;
} CxlFabricSlots;

/* @vcs is a number or CXL_FABRIC_ANY_HEAD; 1 <= @vppbs <= CXL_FABRIC_VPPBS. */
CxlFabricSlots *cxl_fabric_slots_new(const CxlUuid *id, uint16_t vcs,
                                     unsigned vppbs,
                                     const CxlFabricSlotsOps *ops,
                                     void *opaque);
void cxl_fabric_slots_free(CxlFabricSlots *s);

/* There is a connection, or none any more. */
void cxl_fabric_slots_connected(CxlFabricSlots *s);
void cxl_fabric_slots_lost(CxlFabricSlots *s);

typedef enum CxlFabricSlotsStep {
    CXL_FABRIC_SLOTS_GOOD,
    CXL_FABRIC_SLOTS_ENTERED,   /* look at the memory's descriptor */
    CXL_FABRIC_SLOTS_BAD,       /* the connection is of no use: end it */
} CxlFabricSlotsStep;

/* As cxl_borrower_room() and cxl_borrower_arrived() */
uint8_t *cxl_fabric_slots_room(CxlFabricSlots *s, uint32_t *max);
CxlFabricSlotsStep cxl_fabric_slots_arrived(CxlFabricSlots *s, uint32_t n,
                                            const char **why);

/*
 * The memory of @ld is mapped below the bridge, and the machine has it;
 * CXL_FABRIC_NO_LD: nothing is mapped there any more, or nothing could be.
 */
void cxl_fabric_slots_is(CxlFabricSlots *s, unsigned vppb, uint8_t ld);

#endif /* HW_CXL_CORE_FABRIC_SLOTS_H */
