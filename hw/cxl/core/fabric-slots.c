/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host of a switch hears and says; see fabric-slots.h.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/config.h"
#include "hw/cxl/core/fabric-slots.h"
#include "hw/cxl/wire/fm.h"

CxlFabricSlots *cxl_fabric_slots_new(const CxlUuid *id, uint16_t vcs,
                                     unsigned vppbs,
                                     const CxlFabricSlotsOps *ops,
                                     void *opaque)
{
    CxlFabricSlots *s = g_new0(CxlFabricSlots, 1);

    assert(vppbs && vppbs <= CXL_FABRIC_VPPBS);
    s->ops = ops;
    s->opaque = opaque;
    s->id = *id;
    s->vcs = vcs;
    s->vppbs = vppbs;
    s->out = g_byte_array_new();
    for (unsigned i = 0; i < CXL_FABRIC_VPPBS; i++) {
        s->slot[i].below = CXL_FABRIC_NO_LD;
    }
    cxl_fabric_stream_init(&s->stream, false);
    return s;
}

void cxl_fabric_slots_free(CxlFabricSlots *s)
{
    g_byte_array_unref(s->out);
    g_free(s);
}

/* Saying */

static void say(CxlFabricSlots *s, CxlFabricMessage *m)
{
    m->seq = s->seq++;
    cxl_fabric_put(s->out, m);
}

static void say_below(CxlFabricSlots *s, unsigned vppb)
{
    const CxlFabricSlotState *slot = &s->slot[vppb - 1];
    CxlFabricMessage m = {
        .type = CXL_FABRIC_BELOW,
        .below = { slot->number, vppb, slot->below },
    };

    if (s->entered) {
        say(s, &m);
    }
}

void cxl_fabric_slots_connected(CxlFabricSlots *s)
{
    CxlFabricMessage m = {
        .type = CXL_FABRIC_ENTER,
        .enter = { .id = s->id, .vcs = s->vcs, .vppbs = s->vppbs },
    };

    cxl_fabric_slots_lost(s);
    for (unsigned i = 0; i < CXL_FABRIC_VPPBS; i++) {
        m.enter.below[i] = s->slot[i].named = s->slot[i].below;
        s->slot[i].number = 0;
    }
    s->seq = 0;
    say(s, &m);
}

void cxl_fabric_slots_lost(CxlFabricSlots *s)
{
    s->entered = false;
    g_byte_array_set_size(s->out, 0);
    cxl_fabric_stream_init(&s->stream, false);
}

/*
 * Between ENTER and ENTERED the other side does not know yet what has changed:
 * it is said when it can be (entered()).
 */
void cxl_fabric_slots_is(CxlFabricSlots *s, unsigned vppb, uint8_t ld)
{
    s->slot[vppb - 1].below = ld;
    say_below(s, vppb);
}

/* Hearing; NULL, or what is wrong */

static const char *entered(CxlFabricSlots *s, const CxlFabricEntered *e)
{
    if (s->entered) {
        return "the switch welcomes this host twice";
    }
    s->entered = true;
    s->size = e->size;
    s->vcs = e->vcs;
    for (unsigned i = 0; i < s->vppbs; i++) {
        if (s->slot[i].below != s->slot[i].named) {
            say_below(s, i + 1);
        }
    }
    return NULL;
}

static bool is_mapped(const CxlFabricSlots *s, uint8_t ld)
{
    for (unsigned i = 0; i < s->vppbs; i++) {
        if (s->slot[i].below == ld) {
            return true;
        }
    }
    return false;
}

static bool fits(const CxlFabricSlots *s, const CxlFabricBind *b)
{
    bool persistent = b->flags & CXL_FABRIC_PERSISTENT;

    return !(b->len % CXL_MEMDEV_CAPACITY_UNIT) &&
           !(b->offset % CXL_MEMDEV_CAPACITY_UNIT) &&
           !(b->labels_offset % CXL_FABRIC_LABELS_UNIT) &&
           !(b->labels % CXL_FABRIC_LABELS_UNIT) &&
           b->labels <= CXL_FABRIC_LABELS_MAX && persistent == !!b->labels &&
           b->len <= INT64_MAX && b->offset + b->len <= s->size &&
           b->labels_offset + b->labels <= s->size;
}

static const char *bind_ld(CxlFabricSlots *s, const CxlFabricBind *b)
{
    CxlFabricSlotState *slot = &s->slot[b->vppb - 1];

    if (b->vppb > s->vppbs || slot->below != CXL_FABRIC_NO_LD) {
        return "the switch binds to a virtual bridge that is not free";
    }
    if (is_mapped(s, b->ld)) {
        return "the switch binds what is bound already";
    }
    if (!fits(s, b)) {
        return "a logical device lies outside of the memory, or has no size"
               " that it can have";
    }
    slot->number = b->number;
    slot->below = b->ld;
    s->ops->bind(s->opaque, b->vppb, b);
    return NULL;
}

/* It may have gone when this was on its way. */
static const char *unbind(CxlFabricSlots *s, const CxlFabricUnbind *u)
{
    CxlFabricSlotState *slot = &s->slot[u->vppb - 1];

    if (u->vppb > s->vppbs) {
        return "the switch unbinds a virtual bridge that is not there";
    }
    slot->number = u->number;
    if (slot->below == CXL_FABRIC_NO_LD) {
        say_below(s, u->vppb);
    } else {
        s->ops->unbind(s->opaque, u->vppb, u->option == CXL_UNBIND_SURPRISE);
    }
    return NULL;
}

static const char *refused(CxlFabricSlots *s, const CxlFabricRefusal *r)
{
    g_snprintf(s->why, sizeof(s->why), "it says: %s", r->text);
    return s->why;
}

static const char *take(CxlFabricSlots *s, const CxlFabricMessage *m)
{
    if (m->type == CXL_FABRIC_REFUSED) {
        return refused(s, &m->refusal);
    }
    if (m->type == CXL_FABRIC_ENTERED) {
        return entered(s, &m->entered);
    }
    if (m->type == CXL_FABRIC_BIND && s->entered) {
        return bind_ld(s, &m->bind);
    }
    if (m->type == CXL_FABRIC_UNBIND && s->entered) {
        return unbind(s, &m->unbind);
    }
    return "the switch says what has no place here";
}

uint8_t *cxl_fabric_slots_room(CxlFabricSlots *s, uint32_t *max)
{
    return cxl_fabric_stream_room(&s->stream, max);
}

CxlFabricSlotsStep cxl_fabric_slots_arrived(CxlFabricSlots *s, uint32_t n,
                                            const char **why)
{
    CxlFabricMessage m;

    switch (cxl_fabric_stream_arrived(&s->stream, n, &m, why)) {
    case CXL_FABRIC_WHOLE:
        *why = take(s, &m);
        return *why ? CXL_FABRIC_SLOTS_BAD :
               m.type == CXL_FABRIC_ENTERED ? CXL_FABRIC_SLOTS_ENTERED :
               CXL_FABRIC_SLOTS_GOOD;
    case CXL_FABRIC_BAD:
        return CXL_FABRIC_SLOTS_BAD;
    default:
        return CXL_FABRIC_SLOTS_GOOD;
    }
}
