/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ENTER and BELOW; see fabric-enter.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-enter.h"
#include "hw/cxl/core/fabric-link.h"

/* Who gets which one */

static CxlFabricSeat *vcs_at(void *owner, unsigned n)
{
    CxlFabricSwitch *s = owner;

    return &s->vcs[n].seat;
}

static bool alive(void *owner, const uint8_t process[CXL_FABRIC_PROCESS])
{
    const CxlFabricSwitch *s = owner;

    return s->switch_ops->alive(s->opaque, process);
}

static void died(void *owner, unsigned n)
{
    cxl_fabric_switch_died(owner, n);
}

/* NULL: refused */
static CxlFabricVcs *find(CxlFabricSwitch *s, const CxlFabricLink *link,
                          const CxlFabricEnter *in, CxlFabricRefusal *refusal)
{
    const CxlFabricSeats seats = {
        .one = "virtual switch", .all = "virtual switches",
        .count = s->cfg.hosts, .at = vcs_at, .alive = alive, .died = died,
        .owner = s,
    };
    int n = cxl_fabric_seat_find(&seats, &in->id, link->process, in->vcs,
                                 refusal);

    if (n < 0) {
        return NULL;
    }
    if (s->vcs[n].seat.known && s->vcs[n].vppbs != in->vppbs) {
        cxl_fabric_refuse(refusal, CXL_FABRIC_NO_HEAD, "this host has a virtual"
                          " switch with more bridges, or fewer");
        return NULL;
    }
    return &s->vcs[n];
}

/* What it has */

/* Lent elsewhere, or nothing that there is: a size that was changed since */
static bool is_anothers(const CxlFabricSwitch *s, const CxlFabricVcs *v,
                        unsigned at, uint8_t ld)
{
    if (ld >= s->cfg.lds || !s->places.ld[ld].len || s->places.ld[ld].stale) {
        return true;
    }
    for (unsigned i = 0; i < s->cfg.hosts; i++) {
        for (unsigned k = 0; k < CXL_FABRIC_VPPBS; k++) {
            if (s->vcs[i].slot[k].lent == ld &&
                (&s->vcs[i] != v || k != at)) {
                return true;
            }
        }
    }
    return v->slot[at].lent != CXL_FABRIC_NO_LD && v->slot[at].lent != ld;
}

/* The first bridge below which it cannot have what it says; 0: there is none */
static unsigned wrong_one(const CxlFabricSwitch *s, const CxlFabricVcs *v,
                          const CxlFabricEnter *in)
{
    for (unsigned k = 0; k < in->vppbs; k++) {
        if (in->below[k] != CXL_FABRIC_NO_LD &&
            is_anothers(s, v, k, in->below[k])) {
            return k + 1;
        }
    }
    return 0;
}

/*
 * It knows nothing of what it was told, only what it has.  What it has let go
 * of (@again: by the accounts) it may name because it has not heard that this
 * is known; another host may have made something else of it meanwhile.
 */
static void compare(CxlFabricSwitch *s, unsigned vcs, unsigned vppb,
                    uint8_t below, bool again)
{
    CxlFabricSlot *slot = &s->vcs[vcs].slot[vppb - 1];
    const CxlVppb *table = cxl_vcs_find(&s->sw->vcs, vcs, vppb);
    uint8_t state = table ? table->state : CXL_UNBOUND;

    slot->number = 0;
    slot->to_say = 0;
    if (below == CXL_FABRIC_NO_LD && state == CXL_BINDING) {
        cxl_fabric_switch_ask(s, vcs, vppb, CXL_FABRIC_BIND, 0);
    } else if (below == CXL_FABRIC_NO_LD) {
        cxl_fabric_switch_gone(s, vcs, vppb);
    } else if (slot->leaving) {
        cxl_fabric_switch_ask(s, vcs, vppb, CXL_FABRIC_UNBIND,
                              CXL_UNBIND_SURPRISE);
    } else if (state == CXL_UNBINDING && slot->option != CXL_UNBIND_WAIT) {
        cxl_fabric_switch_ask(s, vcs, vppb, CXL_FABRIC_UNBIND, slot->option);
    } else if (state == CXL_BINDING) {
        cxl_fabric_switch_there(s, vcs, vppb);
    }
    if (below != CXL_FABRIC_NO_LD) {
        slot->known |= again && slot->lent == CXL_FABRIC_NO_LD;
        slot->lent = below;
    }
}

/* True: it has one, and ENTERED is in @out.  False: it is refused. */
static bool enter(CxlFabricSwitch *s, CxlFabricLink *link,
                  const CxlFabricEnter *in, CxlFabricRefusal *refusal)
{
    CxlFabricVcs *v = find(s, link, in, refusal);
    CxlFabricMessage m = {
        .type = CXL_FABRIC_ENTERED, .entered = { .size = s->cfg.size },
    };
    bool again;

    if (!v) {
        return false;
    }
    again = v->seat.known;
    refusal->vppb = wrong_one(s, v, in);
    if (refusal->vppb) {
        return cxl_fabric_refuse(refusal, CXL_FABRIC_NOT_UNDERSTOOD, "it has"
                                 " what is another host's, or does not exist");
    }
    cxl_fabric_seat_take(&v->seat, &in->id, link->process);
    v->vppbs = in->vppbs;
    for (unsigned k = 0; k < in->vppbs; k++) {
        compare(s, v - s->vcs, k + 1, in->below[k], again);
    }
    v->seat.link = link;
    link->vcs = v;
    link->greeted = true;
    s->changes++;
    m.seq = link->seq++;
    m.entered.vcs = v - s->vcs;
    cxl_fabric_put(link->out, &m);
    return true;
}

static void not_understood(CxlFabricSwitch *s, CxlFabricLink *link,
                           unsigned vppb, const char *text)
{
    cxl_fabric_link_refuse_vppb(link, vppb <= CXL_FABRIC_VPPBS ? vppb : 0,
                                CXL_FABRIC_NOT_UNDERSTOOD, text);
    cxl_fabric_switch_detach(s, link);
}

static void take_below(CxlFabricSwitch *s, CxlFabricLink *link,
                       const CxlFabricBelow *b)
{
    unsigned vcs = link->vcs - s->vcs;
    CxlFabricSlot *slot = &link->vcs->slot[b->vppb - 1];

    /* It crossed a command, whose answer is still to come. */
    if (b->vppb <= link->vcs->vppbs && b->number < slot->number) {
        return;
    }
    if (b->vppb > link->vcs->vppbs || b->number != slot->number ||
        (b->ld != CXL_FABRIC_NO_LD && b->ld != slot->lent)) {
        not_understood(s, link, b->vppb, "below a virtual bridge is what was"
                       " not bound to it");
        return;
    }
    if (b->ld != CXL_FABRIC_NO_LD) {
        cxl_fabric_switch_there(s, vcs, b->vppb);
    } else if (slot->lent != CXL_FABRIC_NO_LD) {
        cxl_fabric_switch_gone(s, vcs, b->vppb);
    }
    cxl_fabric_switch_follow(s);
}

/* Who has it mapped says what it is. */
static void take_part(CxlFabricSwitch *s, CxlFabricLink *link,
                      const CxlFabricPart *part)
{
    CxlFabricVcs *v = link->vcs;
    CxlFabricPartsStep step;

    if (part->vppb > v->vppbs || v->slot[part->vppb - 1].lent != part->ld) {
        not_understood(s, link, part->vppb, "the state is of a logical device"
                       " that was not bound there");
        return;
    }
    step = cxl_fabric_parts_take(&v->parts, part);
    if (step == CXL_FABRIC_PARTS_BAD) {
        not_understood(s, link, part->vppb, "parts of a state do not belong"
                       " together");
    } else if (step == CXL_FABRIC_PARTS_WHOLE) {
        if (!v->slot[part->vppb - 1].known) {
            cxl_fabric_switch_know(s, part->ld, v->parts.bytes);
        }
        cxl_fabric_parts_drop(&v->parts);
    }
}

/* It is sent when what was said before it is kept. */
static void answer_ping(CxlFabricLink *link, uint32_t seq)
{
    CxlFabricMessage m = { .type = CXL_FABRIC_PONG, .seq = seq };

    cxl_fabric_put(link->out, &m);
}

void cxl_fabric_switch_take(CxlFabricSwitch *s, CxlFabricLink *link,
                            const CxlFabricMessage *m)
{
    CxlFabricRefusal refusal = { 0 };

    assert(!link->over && !link->host);
    if (!link->vcs && m->type == CXL_FABRIC_ENTER && !link->greeted) {
        if (enter(s, link, &m->enter, &refusal)) {
            cxl_fabric_switch_follow(s);
        } else {
            cxl_fabric_link_refuse_vppb(link, refusal.vppb, refusal.code,
                                        refusal.text);
        }
    } else if (link->vcs && m->type == CXL_FABRIC_BELOW) {
        take_below(s, link, &m->below);
    } else if (link->vcs && m->type == CXL_FABRIC_STATE) {
        take_part(s, link, &m->part);
    } else if (link->vcs && m->type == CXL_FABRIC_PING) {
        answer_ping(link, m->seq);
    } else if (link->vcs && m->type == CXL_FABRIC_REPLY) {
        cxl_fabric_relay_take(&s->relays, link->vcs - s->vcs, &m->relayed);
    } else {
        not_understood(s, link, 0, "this message is out of order");
    }
}
