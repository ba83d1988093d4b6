/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doors of a component; see door.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/door.h"

/*
 * A door of a connection is not saved: who comes back opens a new one.  A new
 * member: save it for the others, and raise the version of their section.
 */
QEMU_BUILD_BUG_ON(sizeof(CxlDoor) != 496 && sizeof(void *) == 8);

static int64_t now_ns(void *opaque)
{
    CxlDoor *door = opaque;

    return cxl_cci_now(door->cci.shares);
}

/* The number of a message is that of the log. */
static void message(void *opaque, unsigned msgnum)
{
    CxlDoor *door = opaque;

    door->notify(door->opaque, 1u << msgnum);
}

static void trace(void *opaque, CxlTraceStep step, uint64_t a, uint64_t b,
                  uint64_t c)
{
    CxlDoor *door = opaque;

    cxl_cci_trace(door->cci.shares, step, a, b, c);
}

/* All that logs and interfaces ask for */
static const CxlHostOps door_ops = {
    .now_ns = now_ns,
    .message = message,
    .trace = trace,
};

void cxl_door_init(CxlDoor *door, CxlCci *first, const CxlProfile *profile,
                   uint8_t payload_shift, CxlDoorNotify *notify, void *opaque)
{
    uint16_t sizes[CXL_EVLOGS];
    uint8_t msgnums[CXL_EVLOGS];
    uint8_t max_message;

    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        sizes[i] = CXL_DOOR_LOG_SIZE;
        msgnums[i] = i;
    }
    cxl_cci_init(&door->cci, profile, CXL_NEED_MESSAGES, 1u << payload_shift,
                 first->clock, first->owner_ops, first->owner, &door_ops,
                 door);
    max_message = door->cci.identity.max_message;
    door->cci.identity = first->identity;
    door->cci.identity.max_message = max_message;
    door->cci.events = &door->events;
    cxl_cci_share(&door->cci, first);
    cxl_events_init(&door->events, &door_ops, door, first->clock, sizes,
                    msgnums, false);
    door->notify = notify;
    door->opaque = opaque;
}

void cxl_door_destroy(CxlDoor *door)
{
    cxl_events_destroy(&door->events);
    cxl_cci_destroy(&door->cci);
}

void cxl_door_reset(CxlDoor *door)
{
    cxl_events_reset(&door->events);
    cxl_cci_reset(&door->cci);
}

void cxl_door_bg_ended(CxlDoor *door)
{
    if (door->cci.notify_background) {
        door->notify(door->opaque, CXL_EVENTS_MCTP_BACKGROUND);
    }
}

void cxl_door_save(const CxlDoor *door, SaveWriter *w)
{
    cxl_cci_limit_save(&door->cci, w);
    save_put(w, door->cci.notify_background);
    cxl_events_save(&door->events, w);
}

void cxl_door_load(CxlDoor *door, SaveReader *r)
{
    cxl_cci_limit_load(&door->cci, r);
    SAVE_GET(r, door->cci.notify_background);
    cxl_events_load(&door->events, r);
}

const char *cxl_door_check(const CxlDoor *door)
{
    if (door->cci.shares == &door->cci || door->cci.bg.running) {
        return "door with a background operation of its own";
    }
    return cxl_events_check(&door->events);
}
