/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which host has which seat: a head of a pool (core/fabric-attach.h), or a
 * virtual switch (core/fabric-enter.h).  A seat is a process's until that has
 * ended, whether it is connected or not; a host is known again by its id, and
 * by being the same process.
 */
#ifndef HW_CXL_CORE_FABRIC_SEATS_H
#define HW_CXL_CORE_FABRIC_SEATS_H

#include "hw/common/save.h"
#include "hw/cxl/core/fabric-wire.h"

/* What tells one process from another; whoever makes it compares it */
#define CXL_FABRIC_PROCESS  40

typedef struct CxlFabricLink CxlFabricLink;

typedef struct CxlFabricSeat {
    bool known;             /* it is somebody's: */
    CxlUuid id;
    uint8_t process[CXL_FABRIC_PROCESS];
    CxlFabricLink *link;    /* NULL: not attached */
} CxlFabricSeat;

typedef struct CxlFabricSeats {
    const char *one, *all;  /* what people call a seat, and several */
    unsigned count;
    CxlFabricSeat *(*at)(void *owner, unsigned n);
    /* Does the process live? */
    bool (*alive)(void *owner, const uint8_t process[CXL_FABRIC_PROCESS]);
    /* It has ended: the seat is not known afterwards. */
    void (*died)(void *owner, unsigned n);
    void *owner;
} CxlFabricSeats;

/* Always false, for who has refused. */
bool cxl_fabric_refuse(CxlFabricRefusal *refusal, CxlFabricCode code,
                       const char *text);

/*
 * The seat for that host and process, which wants number @wanted or
 * CXL_FABRIC_ANY_HEAD: the one that it has, or else one that is not known.
 * Seats of processes that have ended may be made free on the way.  -1: refused.
 */
int cxl_fabric_seat_find(const CxlFabricSeats *seats, const CxlUuid *id,
                         const uint8_t process[CXL_FABRIC_PROCESS],
                         uint16_t wanted, CxlFabricRefusal *refusal);

/* Is it known, and not that host's and process's? */
bool cxl_fabric_seat_is_anothers(const CxlFabricSeat *seat, const CxlUuid *id,
                                 const uint8_t process[CXL_FABRIC_PROCESS]);
/* It is that host's and process's from now on. */
void cxl_fabric_seat_take(CxlFabricSeat *seat, const CxlUuid *id,
                          const uint8_t process[CXL_FABRIC_PROCESS]);

/* Part of what has to be kept; nobody is attached when it is loaded. */
void cxl_fabric_seat_save(const CxlFabricSeat *seat, SaveWriter *w);
void cxl_fabric_seat_load(CxlFabricSeat *seat, SaveReader *r);

#endif /* HW_CXL_CORE_FABRIC_SEATS_H */
