/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host of a switch hears and says; see fabric-slots.h.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/config.h"
#include "hw/cxl/core/fabric-slots.h"
#include "hw/cxl/core/ld-request.h"
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
    for (unsigned i = 0; i < CXL_FABRIC_VPPBS; i++) {
        g_clear_pointer(&s->slot[i].last, g_byte_array_unref);
    }
    cxl_fabric_parts_drop(&s->given);
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

/* What is said before it is kept when the answer comes. */
static void ask_whether_kept(CxlFabricSlots *s, unsigned vppb)
{
    CxlFabricSlotState *slot = &s->slot[vppb - 1];
    CxlFabricMessage m = { .type = CXL_FABRIC_PING };

    if (s->entered && slot->last && slot->below == CXL_FABRIC_NO_LD) {
        slot->asked = true;
        slot->ping = s->seq;
        s->pings++;
        say(s, &m);
    }
}

static void say_state(CxlFabricSlots *s, unsigned vppb, uint8_t ld,
                      const GByteArray *state)
{
    uint32_t at = 0;

    do {
        at = cxl_fabric_state_put(s->out, CXL_FABRIC_STATE, s->seq++, vppb, ld,
                                  state, at);
    } while (at < state->len);
}

/* What it is now; NULL: it was never shown */
static GByteArray *save_state(CxlFabricSlots *s, unsigned vppb)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    s->slot[vppb - 1].changed = false;
    return s->ops->save(s->opaque, vppb, bytes) ? g_steal_pointer(&bytes) :
           NULL;
}

static void hand_over(CxlFabricSlots *s, unsigned vppb,
                      const GByteArray *state)
{
    CxlFabricSlotState *slot = &s->slot[vppb - 1];
    uint8_t sum[SHA256_BYTES];

    sha256_of(state->data, state->len, sum);
    if (memcmp(sum, slot->digest, sizeof(sum))) {
        memcpy(slot->digest, sum, sizeof(sum));
        say_state(s, vppb, slot->below, state);
    }
}

static void drop_last(CxlFabricSlotState *slot)
{
    g_clear_pointer(&slot->last, g_byte_array_unref);
    slot->asked = false;
}

void cxl_fabric_slots_changed(CxlFabricSlots *s, unsigned vppb)
{
    s->slot[vppb - 1].changed = s->slot[vppb - 1].below != CXL_FABRIC_NO_LD;
}

bool cxl_fabric_slots_hand_over(CxlFabricSlots *s)
{
    for (unsigned i = 0; i < s->vppbs; i++) {
        g_autoptr(GByteArray) state = NULL;

        if (!s->slot[i].changed) {
            continue;
        }
        if (!s->entered || s->out->len >= CXL_FABRIC_SLOTS_FULL) {
            return false;
        }
        state = save_state(s, i + 1);
        if (state) {
            hand_over(s, i + 1, state);
        }
    }
    return true;
}

/* Who is not there, or does not keep it, hears it later. */
void cxl_fabric_slots_ends(CxlFabricSlots *s, unsigned vppb)
{
    CxlFabricSlotState *slot = &s->slot[vppb - 1];

    drop_last(slot);
    slot->last = save_state(s, vppb);
    slot->last_ld = slot->below;
    if (slot->last && s->entered) {
        hand_over(s, vppb, slot->last);
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
        CxlFabricSlotState *slot = &s->slot[i];

        slot->named = slot->last ? slot->last_ld : slot->below;
        slot->number = 0;
        m.enter.below[i] = slot->named;
    }
    s->seq = 0;
    say(s, &m);
}

void cxl_fabric_slots_lost(CxlFabricSlots *s)
{
    s->entered = false;
    s->pings = 0;
    for (unsigned i = 0; i < CXL_FABRIC_VPPBS; i++) {
        s->slot[i].asked = false;
    }
    cxl_fabric_parts_drop(&s->given);
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
    cxl_fabric_slots_changed(s, vppb);
    say_below(s, vppb);
    ask_whether_kept(s, vppb);
}

/* Hearing; NULL, or what is wrong */

/* Nothing that was handed over is sure to have been taken. */
static void entered_slot(CxlFabricSlots *s, unsigned vppb)
{
    CxlFabricSlotState *slot = &s->slot[vppb - 1];

    if (slot->last) {
        say_state(s, vppb, slot->last_ld, slot->last);
    } else {
        memset(slot->digest, 0, sizeof(slot->digest));
        cxl_fabric_slots_changed(s, vppb);
    }
    if (slot->below != slot->named) {
        say_below(s, vppb);
    }
    ask_whether_kept(s, vppb);
}

static const char *entered(CxlFabricSlots *s, const CxlFabricEntered *e)
{
    if (s->entered) {
        return "the switch welcomes this host twice";
    }
    s->entered = true;
    s->size = e->size;
    s->vcs = e->vcs;
    for (unsigned i = 0; i < s->vppbs; i++) {
        entered_slot(s, i + 1);
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

/* It is for the next BIND, if that is of the same. */
static const char *given(CxlFabricSlots *s, const CxlFabricPart *part)
{
    return cxl_fabric_parts_take(&s->given, part) == CXL_FABRIC_PARTS_BAD ?
           "parts of a state do not belong together" : NULL;
}

static const GByteArray *state_of(const CxlFabricSlots *s,
                                  const CxlFabricBind *b)
{
    const CxlFabricParts *p = &s->given;

    return p->bytes && p->bytes->len && p->bytes->len == p->total &&
           p->vppb == b->vppb && p->ld == b->ld ? p->bytes : NULL;
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
    /* It would not, had it not heard that both were let go of. */
    drop_last(slot);
    for (unsigned i = 0; i < s->vppbs; i++) {
        if (s->slot[i].last && s->slot[i].last_ld == b->ld) {
            drop_last(&s->slot[i]);
        }
    }
    memset(slot->digest, 0, sizeof(slot->digest));
    s->ops->bind(s->opaque, b->vppb, b, state_of(s, b));
    cxl_fabric_parts_drop(&s->given);
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

/* What is below one bridge */
typedef struct Below {
    CxlFabricSlots *s;
    unsigned vppb;
} Below;

static bool config(void *opaque, uint16_t address, unsigned size,
                   bool is_write, uint32_t *data)
{
    Below *b = opaque;

    return b->s->ops->config(b->s->opaque, b->vppb, address, size, is_write,
                             data);
}

static bool memory(void *opaque, uint64_t address, unsigned size,
                   bool is_write, uint64_t *data)
{
    Below *b = opaque;

    return b->s->ops->memory(b->s->opaque, b->vppb, address, size, is_write,
                             data);
}

/* No longer than the switch has room for; it says who is asked, too. */
static uint32_t execute(CxlFabricSlots *s, const CxlFabricRelayed *r,
                        uint8_t *out)
{
    static const CxlLdRegs regs = { .config = config, .memory = memory };
    Below below = { s, r->vppb };

    if (s->slot[r->vppb - 1].below == CXL_FABRIC_NO_LD) {
        return 0;
    }
    return r->kind == CXL_FABRIC_FOR_REGISTERS ?
           cxl_ld_request_execute(r->bytes, r->len, &regs, &below, out,
                                  r->room) :
           s->ops->execute(s->opaque, r->vppb, r->bytes, r->len, out, r->room);
}

static const char *relay(CxlFabricSlots *s, const CxlFabricRelayed *r)
{
    g_autofree uint8_t *out = g_malloc(r->room);
    CxlFabricMessage m = {
        .type = CXL_FABRIC_REPLY,
        .relayed = { .number = r->number, .vppb = r->vppb, .bytes = out },
    };

    if (r->vppb > s->vppbs) {
        return "the switch has a command for a virtual bridge that is not"
               " there";
    }
    m.relayed.len = execute(s, r, out);
    say(s, &m);
    return NULL;
}

/* Answers come in the order of what they answer; one may be too late. */
static const char *kept(CxlFabricSlots *s, uint32_t ping)
{
    if (!s->pings) {
        return "the switch answers what it was not asked";
    }
    s->pings--;
    for (unsigned i = 0; i < s->vppbs; i++) {
        if (s->slot[i].asked && s->slot[i].ping == ping) {
            drop_last(&s->slot[i]);
        }
    }
    return NULL;
}

static const char *refused(CxlFabricSlots *s, const CxlFabricRefusal *r)
{
    /* What is not ours, or not any more, is of no use to anybody. */
    for (unsigned i = 0; r->code == CXL_FABRIC_NOT_UNDERSTOOD &&
                         i < CXL_FABRIC_VPPBS; i++) {
        if (!r->vppb || r->vppb == i + 1) {
            drop_last(&s->slot[i]);
        }
    }
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
    if (m->type == CXL_FABRIC_PONG && s->entered) {
        return kept(s, m->seq);
    }
    if (m->type == CXL_FABRIC_GIVEN && s->entered) {
        return given(s, &m->part);
    }
    if (m->type == CXL_FABRIC_BIND && s->entered) {
        return bind_ld(s, &m->bind);
    }
    if (m->type == CXL_FABRIC_UNBIND && s->entered) {
        return unbind(s, &m->unbind);
    }
    if (m->type == CXL_FABRIC_RELAY && s->entered) {
        return relay(s, &m->relayed);
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
