/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch of several hosts that are processes of their own, with one MLD
 * below it: the other half of cxl-fabricd.  Ports, virtual switches, bindings
 * as background operations and the MLD are those that the emulator has
 * (core/switch.h, core/mld.h); here is what a host may have mapped whatever
 * the tables say, who is which host, and death.
 *
 * Each host is a virtual switch with vPPBs of its own.  Logical devices have
 * their bytes and their labels in memory that is ours; who has one maps it, and
 * is the only one.  So a logical device is lent from the moment that a host is
 * to be told of it until the host has said that it has unmapped it, or its
 * process has ended; until then nobody else gets it, whatever a manager gave
 * up or aborted.  Nothing is wiped then: a logical device keeps what it has.
 * One whose size a manager changes is empty; it is lent to nobody then.
 *
 * What a logical device is beside its bytes only hosts know; what the last one
 * has handed over of that is given to the next one, unread.
 *
 * Invariant (cxl_fabric_switch_check): those of the switch; a logical device is
 * lent once at most; who is nobody has none.
 */
#ifndef HW_CXL_CORE_FABRIC_SWITCH_H
#define HW_CXL_CORE_FABRIC_SWITCH_H

#include "hw/cxl/core/fabric.h"
#include "hw/cxl/core/fabric-relay.h"
#include "hw/cxl/core/fabric-state.h"
#include "hw/cxl/core/ld-places.h"
#include "hw/cxl/core/switch.h"

#define CXL_FABRIC_VCS          CXL_VCS_MAX
/* Physical ports: those of the hosts are 0, 1, ... */
#define CXL_FABRIC_MLD_PORT     32
#define CXL_FABRIC_POOL_PORT    33

/* Where a logical device is in the memory at first, bytes */
typedef struct CxlFabricLd {
    uint64_t offset, len;   /* multiples of CXL_MLD_UNIT */
    uint64_t labels_offset, labels;
    bool persistent;
} CxlFabricLd;

typedef struct CxlFabricSwitchConfig {
    unsigned hosts;         /* 1..CXL_FABRIC_VCS */
    unsigned lds;           /* 1..CXL_FABRIC_LDS */
    CxlFabricLd ld[CXL_FABRIC_LDS];
    uint64_t base, capacity; /* memory that they can have, bytes */
    bool fixed;             /* they have the size that they have */
    uint64_t size;          /* of all memory, bytes */
    uint64_t serial;        /* of the first logical device */
} CxlFabricSwitchConfig;

typedef struct CxlFabricSlot {
    uint8_t lent;           /* LD that its host may have mapped, or NO_LD */
    bool leaving;           /* it was given up: not bound any more */
    bool known;             /* what its host has to say of @lent is known */
    uint8_t to_say;         /* CXL_FABRIC_BIND, _UNBIND, or 0 */
    uint8_t option;         /* of an UNBIND */
    uint32_t number;        /* of the last command, said or to be said */
    uint32_t given;         /* bytes of the state that were said so far */
} CxlFabricSlot;

typedef struct CxlFabricVcs {
    CxlFabricSeat seat;
    uint8_t vppbs;          /* below its upstream port */
    CxlFabricSlot slot[CXL_FABRIC_VPPBS]; /* of vPPB 1, 2, ... */
    CxlFabricParts parts;   /* of a state that it hands over */
} CxlFabricVcs;

/* What is known of a logical device beside its bytes */
typedef struct CxlFabricLdState {
    GByteArray *bytes;      /* at most CXL_FABRIC_STATE_MAX; NULL: nothing */
    uint64_t changes;       /* counts what has to be kept */
} CxlFabricLdState;

/* As CxlFabricOps */
typedef struct CxlFabricSwitchOps {
    bool (*alive)(void *opaque, const uint8_t process[CXL_FABRIC_PROCESS]);
    /* So much of the memory reads as zero from now on; false: it does not. */
    bool (*wipe)(void *opaque, uint64_t offset, uint64_t len);
    /* As CxlDoorNotify: one manager has asked, all share the door. */
    void (*notify)(void *opaque, uint16_t what);
} CxlFabricSwitchOps;

typedef struct CxlFabricSwitch {
    const CxlHostOps *ops;
    const CxlFabricSwitchOps *switch_ops;
    void *opaque;           /* of both */
    CxlFabricSwitchConfig cfg;
    CxlFabric *pool;        /* below CXL_FABRIC_POOL_PORT; borrowed */
    CxlSwitch *sw;
    CxlDoor *door;          /* of all managers */
    CxlMld *mld;
    CxlLdPlaces places;
    uint64_t changes;       /* counts what has to be kept */
    CxlFabricVcs vcs[CXL_FABRIC_VCS];
    CxlFabricLdState state[CXL_FABRIC_LDS];
    CxlFabricRelays relays;
} CxlFabricSwitch;

typedef struct CxlFabricSwitchProfiles {
    CxlSwitchProfiles sw;
    const CxlProfile *mld;
} CxlFabricSwitchProfiles;

/* The configuration is in range.  @pool outlives the switch. */
CxlFabricSwitch *
cxl_fabric_switch_create(const CxlFabricSwitchConfig *config,
                         const CxlFabricSwitchProfiles *profiles,
                         CxlFabric *pool, const CxlHostOps *ops,
                         const CxlFabricSwitchOps *switch_ops, void *opaque);
/* The same with the rows that such a switch has; in cci/profiles.c. */
CxlFabricSwitch *cxl_fabric_switch_new(const CxlFabricSwitchConfig *config,
                                       CxlFabric *pool, const CxlHostOps *ops,
                                       const CxlFabricSwitchOps *switch_ops,
                                       void *opaque);
/* No link is there any more. */
void cxl_fabric_switch_free(CxlFabricSwitch *s);

/* As cxl_fabric_payload(), _would_change(), _execute() and _timer() */
uint32_t cxl_fabric_switch_payload(const CxlFabricSwitch *s);
bool cxl_fabric_switch_would_change(const CxlFabricSwitch *s,
                                    const uint8_t *message, uint32_t len);
/*
 * @relay is idle, has been answered, or is NULL.  It is ASKED afterwards: the
 * message is for a logical device in a machine that is attached; it is to be
 * executed again when @relay is ANSWERED (core/fabric-relay.h).
 */
uint32_t cxl_fabric_switch_execute(CxlFabricSwitch *s,
                                   CxlFabricRelay *relay,
                                   const uint8_t *message, uint32_t len,
                                   uint8_t *out, uint32_t out_max);
void cxl_fabric_switch_timer(CxlFabricSwitch *s);

/*
 * Logical devices that have got another size become empty.  To be called when
 * that is kept; what cannot be wiped is tried again before it is lent.
 */
void cxl_fabric_switch_clean(CxlFabricSwitch *s);

/* What the host is to be told goes to the link's @out. */
void cxl_fabric_switch_fill(CxlFabricSwitch *s, CxlFabricLink *link);
/* The connection has ended; the host keeps what it has. */
void cxl_fabric_switch_detach(CxlFabricSwitch *s, CxlFabricLink *link);
/* Its process has ended: it has nothing any more. */
void cxl_fabric_switch_died(CxlFabricSwitch *s, unsigned vcs);

/* For core/fabric-enter.c: tables follow what is lent, with events. */
void cxl_fabric_switch_follow(CxlFabricSwitch *s);
/* For it, too: a command about the vPPB is to be said. */
void cxl_fabric_switch_ask(CxlFabricSwitch *s, unsigned vcs, unsigned vppb,
                           uint8_t type, uint8_t option);
/* Nothing is lent below the vPPB any more, or it is there: who waits hears. */
void cxl_fabric_switch_gone(CxlFabricSwitch *s, unsigned vcs, unsigned vppb);
void cxl_fabric_switch_there(CxlFabricSwitch *s, unsigned vcs, unsigned vppb);

/* @bytes is what is known of @ld; a reference is taken.  NULL: nothing is. */
void cxl_fabric_switch_know(CxlFabricSwitch *s, unsigned ld,
                            GByteArray *bytes);

/* For core/fabric-switch-save.c: the MLD learns what logical devices have. */
void cxl_fabric_switch_resized(CxlFabricSwitch *s);

/* As cxl_fabric_save() and cxl_fabric_load(); states of devices are apart. */
void cxl_fabric_switch_save(const CxlFabricSwitch *s, GByteArray *out);
bool cxl_fabric_switch_load(CxlFabricSwitch *s, const uint8_t *bytes,
                            size_t len, char **problem);

const char *cxl_fabric_switch_check(const CxlFabricSwitch *s);

#endif /* HW_CXL_CORE_FABRIC_SWITCH_H */
