/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A further way into a component for a fabric manager that comes by messages
 * (MCTP, a socket): commands as through the first interface, the same
 * background operation, but event logs, response limit and notifications of
 * its own.  CXL r3.1 7.6.3, 8.2.9.2.6.
 *
 * How messages get here: core/message.h on cxl_door_cci().  One thread at a
 * time is in the component, whichever door it came by.
 */
#ifndef HW_CXL_CORE_DOOR_H
#define HW_CXL_CORE_DOOR_H

#include "hw/cxl/core/cci.h"

/* Records that each of a door's logs holds */
#define CXL_DOOR_LOG_SIZE 64

/*
 * The manager asked to hear of @what: bits of 0106h (CXL_EVENTS_MCTP_*).  Must
 * not enter the component again; send the message later.
 */
typedef void CxlDoorNotify(void *opaque, uint16_t what);

typedef struct CxlDoor {
    CxlCci cci;
    CxlEvents events;
    CxlDoorNotify *notify;
    void *opaque;
} CxlDoor;

/*
 * @first is the component's first interface and outlives the door; payloads
 * have at most 1 << @payload_shift bytes (8 to 20).
 */
void cxl_door_init(CxlDoor *door, CxlCci *first, const CxlProfile *profile,
                   uint8_t payload_shift, CxlDoorNotify *notify, void *opaque);
void cxl_door_destroy(CxlDoor *door);
/* Logs empty, nothing is asked for. */
void cxl_door_reset(CxlDoor *door);

/* The component's background operation has ended. */
void cxl_door_bg_ended(CxlDoor *door);

static inline CxlCci *cxl_door_cci(CxlDoor *door)
{
    return &door->cci;
}

/* Saved state, see hw/common/save.h: logs, limit, and what was asked for. */
void cxl_door_save(const CxlDoor *door, SaveWriter *w);
void cxl_door_load(CxlDoor *door, SaveReader *r);
const char *cxl_door_check(const CxlDoor *door);

#endif /* HW_CXL_CORE_DOOR_H */
