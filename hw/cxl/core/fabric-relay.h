/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of managers for a logical device that is in a machine: two tunnels
 * (5300h), that of the switch's port and that of the MLD, lead to it, or it is
 * about its registers (5301h, 5302h).
 *
 * A manager's message is executed twice.  What comes as far as the logical
 * device is asked of the machine, the first time; when that has answered, all
 * goes the same way again, and finds the answer there.  So all that is around
 * it is judged where it is for any other device, and the machine is told how
 * long the answer may be.
 *
 * A relay is a manager's, who has one command under way; where logical devices
 * are only the switch knows (core/fabric-switch.h).
 */
#ifndef HW_CXL_CORE_FABRIC_RELAY_H
#define HW_CXL_CORE_FABRIC_RELAY_H

#include "hw/cxl/core/fabric-parts.h"

typedef enum CxlFabricRelayStep {
    CXL_FABRIC_RELAY_IDLE,
    CXL_FABRIC_RELAY_ASKED,
    CXL_FABRIC_RELAY_ANSWERED,
} CxlFabricRelayStep;

/* Zeroes: idle */
typedef struct CxlFabricRelay {
    CxlFabricRelayStep step;
    unsigned vcs, vppb;     /* where the logical device is */
    uint8_t ld;
    uint8_t kind;           /* CXL_FABRIC_FOR_* */
    uint32_t room;          /* of the answer, bytes */
    uint32_t number;
    bool said;              /* to its machine */
    GByteArray *message, *reply; /* @reply NULL: nobody answers */
    struct CxlFabricRelay *next;
} CxlFabricRelay;

/* Of a switch; zeroes but @where and @opaque: none */
typedef struct CxlFabricRelays {
    /* The bridge of an attached host that @ld is below; false: there is none */
    bool (*where)(void *opaque, uint8_t ld, unsigned *vcs, unsigned *vppb);
    void *opaque;
    CxlFabricRelay *first;
    CxlFabricRelay *now;    /* of the manager whose message is executed */
    const uint8_t *message; /* that message; NULL: none is */
    uint32_t message_len;
    uint32_t count;         /* there were */
} CxlFabricRelays;

/*
 * Who executes a message begins, and ends; @r NULL: it is asked of nobody.  An
 * idle @r that is ASKED at the end: what the message was answered is of no use,
 * it is to be executed again when @r is ANSWERED.  @message stays meanwhile.
 */
void cxl_fabric_relay_begin(CxlFabricRelays *s, CxlFabricRelay *r,
                            const uint8_t *message, uint32_t len);
void cxl_fabric_relay_done(CxlFabricRelays *s);

/* Nobody has answered in the time that there is. */
void cxl_fabric_relay_give_up(CxlFabricRelay *r);
/* It is idle, whatever it was. */
void cxl_fabric_relay_end(CxlFabricRelays *s, CxlFabricRelay *r);

/* What the host @vcs is to be told, what it says, its end */
void cxl_fabric_relay_fill(CxlFabricRelays *s, unsigned vcs,
                           CxlFabricLink *link);
void cxl_fabric_relay_take(CxlFabricRelays *s, unsigned vcs,
                           const CxlFabricRelayed *reply);
void cxl_fabric_relay_lost(CxlFabricRelays *s, unsigned vcs);
/*
 * From within the execution, @opaque is a CxlFabricRelays.  A CxlMldRelay
 * (core/mld.h), and accesses as core/ld-request.h has them.
 */
bool cxl_fabric_relay_answer(void *opaque, uint8_t ld, const uint8_t *in,
                             uint32_t in_len, uint8_t *out, uint32_t out_max,
                             uint32_t *out_len);
bool cxl_fabric_relay_config(CxlFabricRelays *s, uint8_t ld, uint16_t address,
                             unsigned size, bool is_write, uint32_t *data);
bool cxl_fabric_relay_memory(CxlFabricRelays *s, uint8_t ld, uint64_t address,
                             unsigned size, bool is_write, uint64_t *data);

#endif /* HW_CXL_CORE_FABRIC_RELAY_H */
