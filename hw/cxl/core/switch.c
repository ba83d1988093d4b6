/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch's command interface; see switch.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/switch.h"

#define PAYLOAD_SHIFT 11
#define LOG_SIZE 64

void cxl_switch_rearm(CxlSwitch *sw)
{
    int64_t deadline = cxl_cci_deadline(&sw->cci);

    if (deadline == INT64_MAX) {
        sw->cci.ops->timer_cancel(sw->ops_opaque);
    } else {
        sw->cci.ops->timer_arm(sw->ops_opaque, deadline);
    }
}

void cxl_switch_timer(CxlSwitch *sw)
{
    cxl_cci_timer(&sw->cci);
    cxl_switch_rearm(sw);
}

static void rearm(void *owner)
{
    cxl_switch_rearm(owner);
}

static void bg_ended(void *owner, CxlCci *cci G_GNUC_UNUSED)
{
    CxlSwitch *sw = owner;

    cxl_mailbox_bg_ended(&sw->mailbox);
    for (unsigned i = 0; i < CXL_SWITCH_DOORS; i++) {
        if (sw->doors[i]) {
            cxl_door_bg_ended(sw->doors[i]);
        }
    }
}

/* Nothing waits for room in the logs of a switch. */
static void events_cleared(void *owner G_GNUC_UNUSED,
                           CxlCci *cci G_GNUC_UNUSED)
{
}

static CxlCci *tunnel(void *owner, CxlCci *via G_GNUC_UNUSED, uint8_t type,
                      uint8_t id)
{
    CxlSwitch *sw = owner;

    if (type != CXL_TUNNEL_PORT_OR_LD) {
        return NULL;
    }
    cxl_switch_refresh(sw);
    return cxl_ports_target(&sw->ports, id);
}

static const CxlCciOwner cci_owner = {
    .bg_ended = bg_ended, .rearm = rearm, .tunnel = tunnel,
    .events_cleared = events_cleared,
};

static void init_events(CxlSwitch *sw, uint8_t msgnum)
{
    uint16_t sizes[CXL_EVLOGS];
    uint8_t msgnums[CXL_EVLOGS];

    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        sizes[i] = LOG_SIZE;
        msgnums[i] = msgnum;
    }
    cxl_events_init(&sw->events, sw->cci.ops, sw->ops_opaque, &sw->clock,
                    sizes, msgnums, false);
    sw->cci.events = &sw->events;
}

CxlSwitch *cxl_switch_create(const CxlSwitchConfig *config,
                             const CxlSwitchProfiles *profiles,
                             const CxlSwitchOps *switch_ops,
                             const CxlHostOps *ops, void *opaque)
{
    CxlSwitch *sw = g_new0(CxlSwitch, 1);
    uint8_t shift = config->payload_shift ?: PAYLOAD_SHIFT;
    CxlIsIdentify *id = &sw->cci.identity;

    sw->switch_ops = switch_ops;
    sw->ops_opaque = opaque;
    sw->door_profile = profiles->door;
    cxl_cci_init(&sw->cci, profiles->mailbox, 0, 1u << shift, &sw->clock,
                 &cci_owner, sw, ops, opaque);
    stw_le_p(&id->vendor, config->vendor_id);
    stw_le_p(&id->device, config->device_id);
    stw_le_p(&id->subsystem_vendor, config->subsystem_vendor_id);
    stw_le_p(&id->subsystem, config->subsystem_id);
    stq_le_p(&id->serial, config->serial);
    id->component_type = CXL_COMPONENT_SWITCH;
    init_events(sw, config->event_msgnum);
    cxl_vcs_init(&sw->vcs, config->vcs ?: 1);
    sw->decoders = config->decoders;
    cxl_mailbox_init(&sw->mailbox, &sw->cci, NULL, NULL, shift,
                     config->mailbox_msgnum);
    return sw;
}

CxlDoor *cxl_switch_open(CxlSwitch *sw, uint8_t payload_shift,
                         CxlDoorNotify *notify, void *opaque)
{
    for (unsigned i = 0; i < CXL_SWITCH_DOORS; i++) {
        if (!sw->doors[i]) {
            sw->doors[i] = g_new0(CxlDoor, 1);
            cxl_door_init(sw->doors[i], &sw->cci, sw->door_profile,
                          payload_shift, notify, opaque);
            return sw->doors[i];
        }
    }
    return NULL;
}

void cxl_switch_close(CxlSwitch *sw, CxlDoor *door)
{
    for (unsigned i = 0; i < CXL_SWITCH_DOORS; i++) {
        if (sw->doors[i] == door) {
            sw->doors[i] = NULL;
        }
    }
    cxl_door_destroy(door);
    g_free(door);
}

void cxl_switch_event(CxlSwitch *sw, unsigned log, const void *record)
{
    cxl_events_insert(&sw->events, log, record);
    for (unsigned i = 0; i < CXL_SWITCH_DOORS; i++) {
        if (sw->doors[i]) {
            cxl_events_insert(&sw->doors[i]->events, log, record);
        }
    }
}

void cxl_switch_free(CxlSwitch *sw)
{
    for (unsigned i = 0; i < CXL_SWITCH_DOORS; i++) {
        assert(!sw->doors[i]);
    }
    cxl_events_destroy(&sw->events);
    cxl_mailbox_destroy(&sw->mailbox);
    cxl_cci_destroy(&sw->cci);
    g_free(sw);
}

void cxl_switch_reset(CxlSwitch *sw)
{
    cxl_background_interrupt(&sw->cci.bg);
    cxl_cci_reset(&sw->cci);
    cxl_mailbox_reset(&sw->mailbox);
    cxl_events_reset(&sw->events);
    sw->clock = (CxlTimestamp) { };
    cxl_ports_reset(&sw->ports);
    cxl_vcs_forget_secrets(&sw->vcs);
    cxl_aer_queue_reset(&sw->errors);
    cxl_switch_rearm(sw);
}

uint64_t cxl_switch_regs_size(const CxlSwitch *sw)
{
    return cxl_mailbox_block_size(&sw->mailbox);
}

uint64_t cxl_switch_regs_read(CxlSwitch *sw, uint64_t offset, unsigned size)
{
    return cxl_mailbox_read(&sw->mailbox, offset, size);
}

void cxl_switch_regs_write(CxlSwitch *sw, uint64_t offset, uint64_t value,
                           unsigned size)
{
    cxl_mailbox_write(&sw->mailbox, offset, value, size);
}

void cxl_switch_port_info(const CxlSwitch *sw, uint8_t port, CxlPortInfo *out)
{
    uint8_t vcs, vppb;

    cxl_ports_info(&sw->ports, port, out);
    if (cxl_vcs_under_way(&sw->vcs, &vcs, &vppb) &&
        sw->vcs.vcs[vcs].vppb[vppb].port == port) {
        out->config_state = sw->vcs.vcs[vcs].vppb[vppb].state == CXL_BINDING ?
                            CXL_PORT_BINDING : CXL_PORT_UNBINDING;
    }
}

static void link_changed(CxlSwitch *sw, uint8_t port)
{
    CxlPortInfo info;
    CxlEvPort rec;

    cxl_switch_port_info(sw, port, &info);
    cxl_evrec_port(&rec, CXL_EVPORT_LINK, &info, 0);
    cxl_switch_event(sw, CXL_EVLOG_INFO, &rec);
}

void cxl_switch_port_is(CxlSwitch *sw, const CxlPortInfo *info, CxlCci *below)
{
    if (cxl_ports_set(&sw->ports, info, below)) {
        link_changed(sw, info->port);
    }
}

static void port_gone(void *opaque, const CxlPortInfo *info)
{
    link_changed(opaque, info->port);
}

void cxl_switch_refresh(CxlSwitch *sw)
{
    cxl_ports_look_again(&sw->ports);
    sw->switch_ops->refresh(sw->ops_opaque);
    cxl_ports_looked(&sw->ports, port_gone, sw);
}

bool cxl_switch_raise_error(CxlSwitch *sw, const CxlAerError *error)
{
    if (cxl_aer_queue_full(&sw->errors) ||
        !sw->switch_ops->has_aer(sw->ops_opaque, error->vcs, error->vppb,
                                 error->uncorrectable, error->bit)) {
        return false;
    }
    cxl_aer_queue_put(&sw->errors, error);
    sw->switch_ops->aer(sw->ops_opaque);
    return true;
}

bool cxl_switch_next_error(CxlSwitch *sw, CxlAerError *error)
{
    return cxl_aer_queue_take(&sw->errors, error);
}

/* A change of a binding is a background operation (core/binding.c). */
static const char *check_binding(const CxlSwitch *sw)
{
    const CxlBackground *bg = &sw->cci.bg;
    bool changes = bg->running && (bg->opcode == CXL_OP_VCS_BIND ||
                                   bg->opcode == CXL_OP_VCS_UNBIND);
    uint8_t vcs, vppb;

    return cxl_vcs_under_way(&sw->vcs, &vcs, &vppb) == changes ? NULL :
           "a binding changes and nothing runs, or the other way round";
}

const char *cxl_switch_check(const CxlSwitch *sw)
{
    const char *bad = cxl_mailbox_check(&sw->mailbox) ?:
                      cxl_background_check(&sw->cci.bg) ?:
                      cxl_events_check(&sw->events) ?:
                      cxl_ports_check(&sw->ports) ?:
                      cxl_vcs_check(&sw->vcs) ?:
                      cxl_aer_queue_check(&sw->errors) ?: check_binding(sw);

    for (unsigned i = 0; i < CXL_SWITCH_DOORS && !bad; i++) {
        bad = sw->doors[i] ? cxl_door_check(sw->doors[i]) : NULL;
    }
    return bad;
}
