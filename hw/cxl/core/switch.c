/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch's command interface; see switch.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/switch.h"

#define PAYLOAD_SHIFT 11

static void rearm(void *owner)
{
    CxlSwitch *sw = owner;
    int64_t deadline = cxl_cci_deadline(&sw->cci);

    if (deadline == INT64_MAX) {
        sw->cci.ops->timer_cancel(sw->ops_opaque);
    } else {
        sw->cci.ops->timer_arm(sw->ops_opaque, deadline);
    }
}

static void bg_ended(void *owner, CxlCci *cci)
{
    CxlSwitch *sw = owner;

    cxl_mailbox_bg_ended(&sw->mailbox);
}

static CxlCci *tunnel(void *owner, CxlCci *via, uint8_t type, uint8_t id)
{
    CxlSwitch *sw = owner;

    return type ? NULL : sw->switch_ops->target(sw->ops_opaque, id);
}

static const CxlCciOwner cci_owner = {
    .bg_ended = bg_ended, .rearm = rearm, .tunnel = tunnel,
};

CxlSwitch *cxl_switch_create(const CxlSwitchConfig *config,
                             const CxlProfile *profile,
                             const CxlSwitchOps *switch_ops,
                             const CxlHostOps *ops, void *opaque)
{
    CxlSwitch *sw = g_new0(CxlSwitch, 1);
    uint8_t shift = config->payload_shift ?: PAYLOAD_SHIFT;
    CxlIsIdentify *id = &sw->cci.identity;

    sw->switch_ops = switch_ops;
    sw->ops_opaque = opaque;
    cxl_cci_init(&sw->cci, profile, 0, 1u << shift, &sw->clock, &cci_owner,
                 sw, ops, opaque);
    stw_le_p(&id->vendor, config->vendor_id);
    stw_le_p(&id->device, config->device_id);
    stw_le_p(&id->subsystem_vendor, config->subsystem_vendor_id);
    stw_le_p(&id->subsystem, config->subsystem_id);
    stq_le_p(&id->serial, config->serial);
    id->component_type = CXL_COMPONENT_SWITCH;
    cxl_mailbox_init(&sw->mailbox, &sw->cci, NULL, NULL, shift,
                     config->mailbox_msgnum);
    return sw;
}

void cxl_switch_free(CxlSwitch *sw)
{
    cxl_mailbox_destroy(&sw->mailbox);
    cxl_cci_destroy(&sw->cci);
    g_free(sw);
}

void cxl_switch_reset(CxlSwitch *sw)
{
    cxl_cci_reset(&sw->cci);
    cxl_mailbox_reset(&sw->mailbox);
    sw->clock = (CxlTimestamp) { };
    memset(sw->perst, 0, sizeof(sw->perst));
    rearm(sw);
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

bool cxl_switch_perst(const CxlSwitch *sw, uint8_t port)
{
    return sw->perst[port / 8] & 1u << port % 8;
}

const char *cxl_switch_check(const CxlSwitch *sw)
{
    const char *bad = cxl_mailbox_check(&sw->mailbox);

    return bad ?: cxl_background_check(&sw->cci.bg);
}
