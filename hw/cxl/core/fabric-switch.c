/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts of a switch, and what is lent to them; see fabric-switch.h.  What hosts
 * say is in fabric-enter.c, what is kept in fabric-switch-save.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/binding.h"
#include "hw/cxl/core/fabric-link.h"
#include "hw/cxl/core/fabric-switch.h"
#include "hw/cxl/core/message.h"

#define PAYLOAD_SHIFT 14    /* whole messages of the pool fit in a tunnel */
#define VCS_DECODERS  1

/* The world of the switch is ours */

static int64_t now_ns(void *opaque)
{
    CxlFabricSwitch *s = opaque;

    return s->ops->now_ns(s->opaque);
}

static void timer_arm(void *opaque, int64_t at_ns)
{
    CxlFabricSwitch *s = opaque;

    s->ops->timer_arm(s->opaque, at_ns);
}

static void timer_cancel(void *opaque)
{
    CxlFabricSwitch *s = opaque;

    s->ops->timer_cancel(s->opaque);
}

static void message(void *opaque, unsigned msgnum)
{
    CxlFabricSwitch *s = opaque;

    s->ops->message(s->opaque, msgnum);
}

static void trace(void *opaque, CxlTraceStep step, uint64_t a, uint64_t b,
                  uint64_t c)
{
    CxlFabricSwitch *s = opaque;

    s->ops->trace(s->opaque, step, a, b, c);
}

static const CxlHostOps host_ops = {
    .now_ns = now_ns, .timer_arm = timer_arm, .timer_cancel = timer_cancel,
    .message = message, .trace = trace,
};

static void notify(void *opaque, uint16_t what)
{
    CxlFabricSwitch *s = opaque;

    s->switch_ops->notify(s->opaque, what);
}

/* What the tables are told */

static CxlFabricSlot *slot_of(CxlFabricSwitch *s, unsigned vcs, unsigned vppb)
{
    assert(vppb && vppb <= CXL_FABRIC_VPPBS);
    return &s->vcs[vcs].slot[vppb - 1];
}

static void tell_vppbs(CxlFabricSwitch *s, unsigned vcs)
{
    for (unsigned k = 1; k <= CXL_FABRIC_VPPBS; k++) {
        const CxlFabricSlot *slot = slot_of(s, vcs, k);

        cxl_switch_vppb_is(s->sw, vcs, k,
                           slot->lent != CXL_FABRIC_NO_LD && !slot->leaving,
                           CXL_FABRIC_MLD_PORT, slot->lent);
    }
}

/* What goes does so while the host is there still, what comes after it came. */
static void tell_host(CxlFabricSwitch *s, unsigned vcs)
{
    const CxlFabricVcs *v = &s->vcs[vcs];
    CxlPortInfo info = {
        .port = vcs, .config_state = CXL_PORT_USP, .modes = CXL_PORT_CAN_68B,
        .ltssm = v->seat.known ? CXL_PORT_LTSSM_L0 : CXL_PORT_LTSSM_DETECT,
    };

    cxl_switch_port_is(s->sw, &info, NULL);
    tell_vppbs(s, vcs);
    cxl_switch_host_is(s->sw, vcs, vcs, v->seat.known ? v->vppbs + 1 : 0);
    tell_vppbs(s, vcs);
}

static void tell_device(CxlFabricSwitch *s, uint8_t port, uint8_t type,
                        uint16_t lds, CxlCci *cci)
{
    CxlPortInfo info = {
        .port = port, .config_state = CXL_PORT_DSP, .device_type = type,
        .mode = CXL_PORT_MODE_68B, .modes = CXL_PORT_CAN_68B,
        .ltssm = CXL_PORT_LTSSM_L0, .lds = lds,
    };

    cxl_switch_port_is(s->sw, &info, cci);
}

static void refresh(void *opaque)
{
    CxlFabricSwitch *s = opaque;

    for (unsigned i = 0; i < s->cfg.hosts; i++) {
        tell_host(s, i);
    }
    tell_device(s, CXL_FABRIC_MLD_PORT, CXL_PORT_DEV_MLD, s->cfg.lds,
                cxl_mld_fm_cci(s->mld));
    tell_device(s, CXL_FABRIC_POOL_PORT, CXL_PORT_DEV_SLD, 0, &s->pool->cci);
}

void cxl_fabric_switch_follow(CxlFabricSwitch *s)
{
    cxl_switch_refresh(s->sw);
}

/* What the tables ask */

static bool is_lent(const CxlFabricSwitch *s, unsigned ld)
{
    for (unsigned i = 0; i < s->cfg.hosts; i++) {
        for (unsigned k = 0; k < CXL_FABRIC_VPPBS; k++) {
            if (s->vcs[i].slot[k].lent == ld) {
                return true;
            }
        }
    }
    return false;
}

static bool wipe_ld(CxlFabricSwitch *s, unsigned ld)
{
    const CxlFabricLd *its = &s->cfg.ld[ld];
    CxlLdPlace *place = &s->places.ld[ld];

    if (place->stale &&
        s->switch_ops->wipe(s->opaque, place->offset, place->len) &&
        (!its->labels || s->switch_ops->wipe(s->opaque, its->labels_offset,
                                             its->labels))) {
        place->stale = false;
        s->changes++;
    }
    return !place->stale;
}

void cxl_fabric_switch_clean(CxlFabricSwitch *s)
{
    for (unsigned i = 0; i < s->cfg.lds; i++) {
        wipe_ld(s, i);
    }
}

/* The pool's own hosts are elsewhere: it is bound to nobody here. */
static bool may_bind(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t port,
                     uint16_t ld)
{
    CxlFabricSwitch *s = opaque;

    return vppb && port == CXL_FABRIC_MLD_PORT && s->vcs[vcs].seat.link &&
           slot_of(s, vcs, vppb)->lent == CXL_FABRIC_NO_LD &&
           !is_lent(s, ld) && s->places.ld[ld].len && wipe_ld(s, ld);
}

void cxl_fabric_switch_ask(CxlFabricSwitch *s, unsigned vcs, unsigned vppb,
                           uint8_t type, uint8_t option)
{
    CxlFabricSlot *slot = slot_of(s, vcs, vppb);

    slot->to_say = type;
    slot->option = option;
    slot->number++;
    slot->given = 0;
}

static void bind_ld(void *opaque, uint8_t vcs, uint8_t vppb,
                    uint8_t port G_GNUC_UNUSED, uint16_t ld)
{
    CxlFabricSwitch *s = opaque;

    slot_of(s, vcs, vppb)->lent = ld;
    cxl_fabric_switch_ask(s, vcs, vppb, CXL_FABRIC_BIND, 0);
    s->changes++;
}

/* Who is waited for is not asked. */
static void unbind_ld(void *opaque, uint8_t vcs, uint8_t vppb, uint8_t option,
                      bool again G_GNUC_UNUSED)
{
    CxlFabricSwitch *s = opaque;

    slot_of(s, vcs, vppb)->option = option;
    if (option != CXL_UNBIND_WAIT) {
        cxl_fabric_switch_ask(s, vcs, vppb, CXL_FABRIC_UNBIND, option);
    }
}

/* A host that may have been told of it has to let go of it. */
static void give_up(void *opaque, uint8_t vcs, uint8_t vppb)
{
    CxlFabricSwitch *s = opaque;
    CxlFabricSlot *slot = slot_of(s, vcs, vppb);
    bool binding = cxl_vcs_find(&s->sw->vcs, vcs, vppb)->state == CXL_BINDING;
    bool said = !slot->to_say;

    slot->to_say = 0;
    slot->number -= !said;
    if (binding && said) {
        slot->leaving = true;
        cxl_fabric_switch_ask(s, vcs, vppb, CXL_FABRIC_UNBIND,
                              CXL_UNBIND_SURPRISE);
    } else if (binding) {
        slot->lent = CXL_FABRIC_NO_LD;
    }
    s->changes++;
}

/* Nothing of a logical device but its bytes is here. */

static void port_reset(void *opaque G_GNUC_UNUSED, uint8_t port G_GNUC_UNUSED)
{
}

static void port_config(void *opaque G_GNUC_UNUSED, uint8_t port G_GNUC_UNUSED,
                        uint16_t address G_GNUC_UNUSED,
                        unsigned size G_GNUC_UNUSED,
                        bool is_write G_GNUC_UNUSED, uint32_t *data)
{
    *data = UINT32_MAX;
}

static bool ld_config(void *opaque, uint8_t port G_GNUC_UNUSED, uint16_t ld,
                      uint16_t address, unsigned size, bool is_write,
                      uint32_t *data)
{
    CxlFabricSwitch *s = opaque;

    return cxl_fabric_relay_config(&s->relays, ld, address, size, is_write,
                                   data);
}

static bool ld_memory(void *opaque, uint8_t port G_GNUC_UNUSED, uint16_t ld,
                      uint64_t address, unsigned size, bool is_write,
                      uint64_t *data)
{
    CxlFabricSwitch *s = opaque;

    return cxl_fabric_relay_memory(&s->relays, ld, address, size, is_write,
                                   data);
}

/* A CxlFabricRelays' where */
static bool where(void *opaque, uint8_t ld, unsigned *vcs, unsigned *vppb)
{
    const CxlFabricSwitch *s = opaque;

    for (unsigned i = 0; i < s->cfg.hosts; i++) {
        for (unsigned k = 0; s->vcs[i].seat.link && k < CXL_FABRIC_VPPBS; k++) {
            if (ld < s->cfg.lds && s->vcs[i].slot[k].lent == ld) {
                *vcs = i;
                *vppb = k + 1;
                return true;
            }
        }
    }
    return false;
}

static void controls(void *opaque G_GNUC_UNUSED, uint8_t vcs G_GNUC_UNUSED,
                     uint8_t vppb G_GNUC_UNUSED, uint16_t *link,
                     uint16_t *slot)
{
    *link = *slot = 0;
}

static bool has_aer(void *opaque G_GNUC_UNUSED, uint8_t vcs G_GNUC_UNUSED,
                    uint8_t vppb G_GNUC_UNUSED,
                    bool uncorrectable G_GNUC_UNUSED,
                    unsigned bit G_GNUC_UNUSED)
{
    return false;
}

/* Nobody loads a switch's state, and no error is ever raised. */
static const CxlSwitchOps table_ops = {
    .refresh = refresh, .port_reset = port_reset, .port_config = port_config,
    .ld_config = ld_config, .ld_memory = ld_memory, .may_bind = may_bind,
    .bind = bind_ld, .unbind = unbind_ld, .give_up = give_up,
    .controls = controls, .has_aer = has_aer,
};

/* What is lent, or not any more */

static uint8_t state_of(CxlFabricSwitch *s, unsigned vcs, unsigned vppb)
{
    const CxlVppb *v = cxl_vcs_find(&s->sw->vcs, vcs, vppb);

    return v ? v->state : CXL_UNBOUND;
}

void cxl_fabric_switch_gone(CxlFabricSwitch *s, unsigned vcs, unsigned vppb)
{
    uint8_t state = state_of(s, vcs, vppb);
    CxlFabricSlot *slot = slot_of(s, vcs, vppb);

    slot->lent = CXL_FABRIC_NO_LD;
    slot->leaving = slot->known = false;
    slot->to_say = 0;
    s->changes++;
    if (state == CXL_BINDING || state == CXL_UNBINDING) {
        cxl_binding_answer(s->sw, vcs, vppb, state == CXL_UNBINDING);
    }
}

void cxl_fabric_switch_there(CxlFabricSwitch *s, unsigned vcs, unsigned vppb)
{
    uint8_t state = state_of(s, vcs, vppb);

    if (state == CXL_BINDING || state == CXL_UNBINDING) {
        cxl_binding_answer(s->sw, vcs, vppb, state == CXL_BINDING);
    }
}

/* What they are told */

/* False: there is more, and no room for it now. */
static bool give_state(CxlFabricSwitch *s, CxlFabricLink *link, unsigned vppb)
{
    CxlFabricSlot *slot = &link->vcs->slot[vppb - 1];
    const GByteArray *state = s->state[slot->lent].bytes;

    while (state && slot->given < state->len) {
        if (link->out->len >= CXL_FABRIC_LINK_FULL) {
            return false;
        }
        slot->given = cxl_fabric_state_put(link->out, CXL_FABRIC_GIVEN,
                                           link->seq++, vppb, slot->lent,
                                           state, slot->given);
    }
    return true;
}

static void say_bind(CxlFabricSwitch *s, CxlFabricLink *link, unsigned vppb)
{
    const CxlFabricSlot *slot = &link->vcs->slot[vppb - 1];
    const CxlFabricLd *ld = &s->cfg.ld[slot->lent];
    const CxlLdPlace *place = &s->places.ld[slot->lent];
    CxlFabricMessage m = {
        .type = CXL_FABRIC_BIND,
        .bind = {
            .number = slot->number, .vppb = vppb, .ld = slot->lent,
            .offset = place->offset, .len = place->len,
            .labels_offset = ld->labels_offset, .labels = ld->labels,
            .serial = s->cfg.serial + slot->lent,
            .flags = ld->persistent ? CXL_FABRIC_PERSISTENT : 0,
        },
    };

    m.seq = link->seq++;
    cxl_fabric_put(link->out, &m);
}

static void say_unbind(CxlFabricLink *link, unsigned vppb)
{
    const CxlFabricSlot *slot = &link->vcs->slot[vppb - 1];
    CxlFabricMessage m = {
        .type = CXL_FABRIC_UNBIND,
        .unbind = { slot->number, vppb, slot->option },
    };

    m.seq = link->seq++;
    cxl_fabric_put(link->out, &m);
}

void cxl_fabric_switch_fill(CxlFabricSwitch *s, CxlFabricLink *link)
{
    for (unsigned k = 1; link->vcs && k <= CXL_FABRIC_VPPBS; k++) {
        CxlFabricSlot *slot = &link->vcs->slot[k - 1];

        if (slot->to_say == CXL_FABRIC_BIND) {
            if (!give_state(s, link, k)) {
                return;
            }
            say_bind(s, link, k);
        } else if (slot->to_say) {
            say_unbind(link, k);
        }
        slot->to_say = 0;
    }
    if (link->vcs) {
        cxl_fabric_relay_fill(&s->relays, link->vcs - s->vcs, link);
    }
}

void cxl_fabric_switch_detach(CxlFabricSwitch *s, CxlFabricLink *link)
{
    if (link->vcs) {
        cxl_fabric_relay_lost(&s->relays, link->vcs - s->vcs);
        cxl_fabric_parts_drop(&link->vcs->parts);
        link->vcs->seat.link = NULL;
        link->vcs = NULL;
    }
    link->over = true;
}

void cxl_fabric_switch_know(CxlFabricSwitch *s, unsigned ld, GByteArray *bytes)
{
    CxlFabricLdState *state = &s->state[ld];

    assert(ld < s->cfg.lds && (!bytes || bytes->len <= CXL_FABRIC_STATE_MAX));
    g_clear_pointer(&state->bytes, g_byte_array_unref);
    state->bytes = bytes && bytes->len ? g_byte_array_ref(bytes) : NULL;
    state->changes++;
}

void cxl_fabric_switch_died(CxlFabricSwitch *s, unsigned vcs)
{
    CxlFabricVcs *v = &s->vcs[vcs];

    for (unsigned k = 1; k <= CXL_FABRIC_VPPBS; k++) {
        if (v->slot[k - 1].lent != CXL_FABRIC_NO_LD) {
            cxl_fabric_switch_gone(s, vcs, k);
        }
    }
    if (v->seat.link) {
        cxl_fabric_switch_detach(s, v->seat.link);
    }
    v->seat.known = false;
    s->changes++;
    cxl_fabric_switch_follow(s);
}

/* What managers say */

uint32_t cxl_fabric_switch_payload(const CxlFabricSwitch *s)
{
    return s->door->cci.payload_max;
}

bool cxl_fabric_switch_would_change(const CxlFabricSwitch *s,
                                    const uint8_t *message, uint32_t len)
{
    uint32_t inner_len = len;
    uint8_t port;
    const uint8_t *inner = cxl_message_tunnelled(message, &inner_len, &port);
    const CxlMessageHeader *h = (const void *)(inner ?: message);
    const CxlCmdRow *row;
    uint16_t opcode;

    if (inner && port == CXL_FABRIC_POOL_PORT) {
        return cxl_fabric_would_change(s->pool, inner, inner_len);
    }
    if (inner && port == CXL_FABRIC_MLD_PORT) {
        return cxl_message_opcode(h) == CXL_OP_MLD_ALLOCATE;
    }
    if (inner || !cxl_message_is_request(message, len)) {
        return false;
    }
    opcode = cxl_message_opcode(h);
    row = cxl_cci_find(&s->door->cci, opcode);
    /* Registers of logical devices are not here. */
    return row && opcode != CXL_OP_LD_CONFIG && opcode != CXL_OP_LD_MEMORY &&
           row->effects & (CXL_FX_CONFIG | CXL_FX_DATA);
}

uint32_t cxl_fabric_switch_execute(CxlFabricSwitch *s,
                                   CxlFabricRelay *relay,
                                   const uint8_t *message, uint32_t len,
                                   uint8_t *out, uint32_t out_max)
{
    uint32_t reply, inner_len = len;
    uint8_t port;
    bool pool = cxl_message_tunnelled(message, &inner_len, &port) &&
                port == CXL_FABRIC_POOL_PORT;

    cxl_fabric_relay_begin(&s->relays, relay, message, len);
    if (!cxl_message_execute(&s->door->cci, message, len, out, out_max,
                             &reply)) {
        reply = 0;
    }
    cxl_fabric_relay_done(&s->relays);
    for (unsigned i = 0; pool && i < s->pool->cfg.hosts; i++) {
        cxl_fabric_news(&s->pool->host[i]);
    }
    return reply;
}

void cxl_fabric_switch_timer(CxlFabricSwitch *s)
{
    cxl_switch_timer(s->sw);
}

/* Life */

void cxl_fabric_switch_resized(CxlFabricSwitch *s)
{
    for (unsigned i = 0; i < s->cfg.lds; i++) {
        uint64_t len = s->places.ld[i].len;
        bool persistent = s->cfg.ld[i].persistent;

        cxl_mld_set(s->mld, i, NULL, persistent ? 0 : len,
                    persistent ? len : 0);
    }
}

/* It is persistent or not for ever, and nobody has it mapped. */
static CxlRc allocate(void *opaque, unsigned start, unsigned count,
                      const uint64_t (*range)[2])
{
    CxlFabricSwitch *s = opaque;
    uint64_t len[CXL_MLD_LDS] = { 0 };
    bool other[CXL_MLD_LDS];

    for (unsigned i = 0; i < count; i++) {
        unsigned ld = start + i;

        len[i] = range[i][s->cfg.ld[ld].persistent];
        other[i] = len[i] != s->places.ld[ld].len;
        if (range[i][!s->cfg.ld[ld].persistent] ||
            (other[i] && is_lent(s, ld))) {
            return CXL_RC_INVALID_INPUT;
        }
    }
    if (!cxl_ld_places_change(&s->places, start, count, len)) {
        return CXL_RC_RESOURCES;
    }
    for (unsigned i = 0; i < count; i++) {
        if (other[i]) {
            cxl_fabric_switch_know(s, start + i, NULL);
        }
    }
    cxl_fabric_switch_resized(s);
    s->changes++;
    return CXL_RC_SUCCESS;
}

static void make_mld(CxlFabricSwitch *s, const CxlProfile *profile)
{
    static const CxlMldOps ops = { .allocate = allocate };
    CxlMldConfig mld = {
        .lds = s->cfg.lds, .serial = UINT64_MAX, .capacity = s->cfg.capacity,
        .ops = s->cfg.fixed ? NULL : &ops,
    };
    uint64_t len[CXL_MLD_LDS];

    for (unsigned i = 0; i < s->cfg.lds; i++) {
        len[i] = s->cfg.ld[i].len;
    }
    cxl_ld_places_init(&s->places, s->cfg.base, s->cfg.capacity, s->cfg.lds,
                       len);
    s->mld = cxl_mld_create(&mld, profile, &host_ops, s);
    s->relays.where = where;
    s->relays.opaque = s;
    s->mld->relay = cxl_fabric_relay_answer;
    s->mld->relay_opaque = &s->relays;
    cxl_fabric_switch_resized(s);
}

CxlFabricSwitch *
cxl_fabric_switch_create(const CxlFabricSwitchConfig *config,
                         const CxlFabricSwitchProfiles *profiles,
                         CxlFabric *pool, const CxlHostOps *ops,
                         const CxlFabricSwitchOps *switch_ops, void *opaque)
{
    CxlSwitchConfig sw = {
        .serial = UINT64_MAX, .vcs = config->hosts, .decoders = VCS_DECODERS,
    };
    CxlFabricSwitch *s = g_new0(CxlFabricSwitch, 1);

    assert(config->hosts && config->hosts <= CXL_FABRIC_VCS && config->lds &&
           config->lds <= CXL_FABRIC_LDS);
    s->ops = ops;
    s->switch_ops = switch_ops;
    s->opaque = opaque;
    s->cfg = *config;
    s->pool = pool;
    for (unsigned i = 0; i < CXL_FABRIC_VCS; i++) {
        for (unsigned k = 0; k < CXL_FABRIC_VPPBS; k++) {
            s->vcs[i].slot[k].lent = CXL_FABRIC_NO_LD;
        }
    }
    make_mld(s, profiles->mld);
    s->sw = cxl_switch_create(&sw, &profiles->sw, &table_ops, &host_ops, s);
    cxl_fabric_switch_follow(s);
    s->door = cxl_switch_open(s->sw, PAYLOAD_SHIFT, notify, s);
    return s;
}

void cxl_fabric_switch_free(CxlFabricSwitch *s)
{
    for (unsigned i = 0; i < CXL_FABRIC_VCS; i++) {
        assert(!s->vcs[i].seat.link);
    }
    for (unsigned i = 0; i < s->cfg.lds; i++) {
        cxl_fabric_switch_know(s, i, NULL);
    }
    cxl_switch_close(s->sw, s->door);
    cxl_switch_free(s->sw);
    cxl_mld_free(s->mld);
    g_free(s);
}
