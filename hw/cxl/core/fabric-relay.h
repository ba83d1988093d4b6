/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of managers for a logical device that is in a machine: two tunnels
 * (5300h), that of the switch's port and that of the MLD, lead to it.  The
 * command within goes to the machine, and its answer is kept until the
 * manager's command is executed, by which all that is around it is judged.
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
    uint32_t number;
    bool said;              /* to its machine */
    GByteArray *message, *reply; /* @reply NULL: nobody answers */
    struct CxlFabricRelay *next;
} CxlFabricRelay;

/* Of a switch; zeroes: none */
typedef struct CxlFabricRelays {
    CxlFabricRelay *first;
    CxlFabricRelay *now;    /* whose message is executed; or NULL */
    uint32_t count;         /* there were */
} CxlFabricRelays;

/*
 * The command in the manager's message that is for a logical device, through
 * @port; its length and the device go to *@len and *@ld.  NULL: it is for none,
 * or so wrong that it is refused when it is executed.
 */
const uint8_t *cxl_fabric_relay_find(const uint8_t *message, uint8_t port,
                                     uint32_t *len, uint8_t *ld);
/*
 * The command is for @ld, which is below that bridge of a host that is
 * attached.  @r is idle; when it is ANSWERED the message is to be executed.
 */
void cxl_fabric_relay_ask(CxlFabricRelays *s, CxlFabricRelay *r, uint8_t ld,
                          unsigned vcs, unsigned vppb, const uint8_t *command,
                          uint32_t len);
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
/* A CxlMldRelay (core/mld.h) of CxlFabricRelays: what @now was answered */
bool cxl_fabric_relay_answer(void *opaque, uint8_t ld, const uint8_t *in,
                             uint32_t in_len, uint8_t *out, uint32_t out_max,
                             uint32_t *out_len);

#endif /* HW_CXL_CORE_FABRIC_RELAY_H */
