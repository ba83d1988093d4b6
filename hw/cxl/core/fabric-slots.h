/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine as a host of a switch that is another process (cxl-fabricd,
 * core/fabric-switch.h): virtual bridges, what is below them, and what both
 * sides say of it (core/fabric-wire.h).  Whoever has the machine shows devices
 * to it and takes them away; here is what the switch may ask for, and when.
 *
 * What is below a bridge stays when the connection is lost: it is named when
 * there is a new one.  What it ended with is handed over until the switch says
 * that it has it.
 * The switch is not trusted: what it says is judged.
 */
#ifndef HW_CXL_CORE_FABRIC_SLOTS_H
#define HW_CXL_CORE_FABRIC_SLOTS_H

#include "hw/common/sha256.h"
#include "hw/cxl/core/fabric-state.h"

/* Bytes to be sent from which on nothing more is said or heard */
#define CXL_FABRIC_SLOTS_FULL 65536

/*
 * What is asked of the machine.  The answer is cxl_fabric_slots_is(), at once
 * or later.  A bridge is numbered from 1.
 */
typedef struct CxlFabricSlotsOps {
    /*
     * Show the logical device to the machine; nothing is below the bridge.
     * @state is what the last host handed over, which may be anything; NULL:
     * there is none.
     */
    void (*bind)(void *opaque, unsigned vppb, const CxlFabricBind *what,
                 const GByteArray *state);
    /* Ask for what is there (managed), or take it away; and unmap it. */
    void (*unbind)(void *opaque, unsigned vppb, bool surprise);
    /*
     * Append to @out what the logical device is beside its bytes, none if that
     * is too much to be kept.  False: it was never shown.
     */
    bool (*save)(void *opaque, unsigned vppb, GByteArray *out);
    /* A manager's command for it; as MctpExecute (core/mctp-endpoint.h) */
    uint32_t (*execute)(void *opaque, unsigned vppb, const uint8_t *message,
                        uint32_t len, uint8_t *out, uint32_t out_max);
    /* An access of its registers, as CxlLdRegs (core/ld-request.h) */
    bool (*config)(void *opaque, unsigned vppb, uint16_t address,
                   unsigned size, bool is_write, uint32_t *data);
    bool (*memory)(void *opaque, unsigned vppb, uint64_t address,
                   unsigned size, bool is_write, uint64_t *data);
} CxlFabricSlotsOps;

typedef struct CxlFabricSlotState {
    uint8_t below;      /* LD whose memory is mapped, or CXL_FABRIC_NO_LD */
    uint8_t named;      /* the same, as ENTER said it */
    uint32_t number;    /* of the last command */
    bool changed;       /* since it was handed over */
    uint8_t digest[SHA256_BYTES]; /* of what was handed over */
    GByteArray *last;   /* what it ended with, if the switch may lack it */
    uint8_t last_ld;    /* of @last */
    bool asked;         /* by PING @ping whether it has */
    uint32_t ping;
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
    unsigned pings;     /* that were not answered on this connection */
    char why[CXL_FABRIC_TEXT + 1];
    GByteArray *out;    /* bytes to be sent; taken out by whoever sends */
    CxlFabricSlotState slot[CXL_FABRIC_VPPBS];
    CxlFabricParts given;
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

/* What is below the bridge may be something else than was handed over. */
void cxl_fabric_slots_changed(CxlFabricSlots *s, unsigned vppb);
/*
 * What has changed is handed over, where there is room.  False: there is more,
 * or nobody to take it; again after ENTERED, or when @out has been sent.
 */
bool cxl_fabric_slots_hand_over(CxlFabricSlots *s);
/* It is asked what it is for the last time: the machine has let go of it. */
void cxl_fabric_slots_ends(CxlFabricSlots *s, unsigned vppb);

#endif /* HW_CXL_CORE_FABRIC_SLOTS_H */
