/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events, 01xxh: the commands on core/events.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/memdev.h"

static CxlRc get_records(CxlCall *call)
{
    CxlMemdev *dev = call->owner;

    if (!cxl_events_log_exists(&dev->events, call->in[0])) {
        return CXL_RC_INVALID_INPUT;
    }
    call->out_len = cxl_events_get(&dev->events, call->in[0], call->out,
                                   call->out_max);
    return CXL_RC_SUCCESS;
}

static CxlRc clear_records(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    const CxlEventsClearIn *in = (const void *)call->in;
    bool all = in->flags & CXL_EVENTS_CLEAR_ALL;
    CxlRc rc = CXL_RC_SUCCESS;

    if (!cxl_events_log_exists(&dev->events, in->log) ||
        in->flags & ~CXL_EVENTS_CLEAR_ALL || all != !in->count) {
        return CXL_RC_INVALID_INPUT;
    }
    /* Only what has lost records already may be cleared without reading. */
    if (all && !cxl_events_overflowed(&dev->events, in->log)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (call->in_len < sizeof(*in) + 2u * in->count) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (all) {
        cxl_events_clear_all(&dev->events, in->log);
    } else {
        rc = cxl_events_clear(&dev->events, in->log, call->in + sizeof(*in),
                              in->count);
    }
    if (in->log == CXL_EVLOG_DC) {
        cxl_dcd_announce(&dev->dc_view);
    }
    return rc;
}

static unsigned logs(const CxlMemdev *dev)
{
    return dev->events.have_dc ? CXL_EVLOGS : CXL_EVLOG_DC;
}

static CxlRc get_policy(CxlCall *call)
{
    CxlMemdev *dev = call->owner;

    for (unsigned i = 0; i < logs(dev); i++) {
        call->out[i] = cxl_events_get_policy(&dev->events, i);
    }
    call->out_len = logs(dev);
    return CXL_RC_SUCCESS;
}

static CxlRc set_policy(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    unsigned n = MIN(call->in_len, logs(dev));

    for (unsigned i = 0; i < n; i++) {
        if ((call->in[i] & CXL_EVPOLICY_MODE_MASK) > CXL_EVPOLICY_FW) {
            return CXL_RC_INVALID_INPUT;
        }
    }
    for (unsigned i = 0; i < n; i++) {
        cxl_events_set_policy(&dev->events, i,
                              call->in[i] & CXL_EVPOLICY_MODE_MASK);
    }
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow events_rows[] = {
    { .opcode = CXL_OP_EVENTS_GET, .name = "Get Event Records",
      .in_min = 1, .in_max = 1, .out_max = CXL_LEN_PAYLOAD,
      .handler = get_records, .gates = CXL_GATE_MEDIA,
      .section = "8.2.9.2.2" },
    { .opcode = CXL_OP_EVENTS_CLEAR, .name = "Clear Event Records",
      .in_min = sizeof(CxlEventsClearIn),
      .in_max = sizeof(CxlEventsClearIn) + 2 * UINT8_MAX,
      .handler = clear_records, .effects = CXL_FX_LOG,
      .section = "8.2.9.2.3" },
    { .opcode = CXL_OP_EVENTS_GET_POLICY, .name = "Get Event Interrupt Policy",
      .out_max = CXL_EVLOGS, .handler = get_policy,
      .section = "8.2.9.2.4" },
    { .opcode = CXL_OP_EVENTS_SET_POLICY, .name = "Set Event Interrupt Policy",
      .in_min = CXL_EVLOG_DC, .in_max = CXL_EVLOGS, .handler = set_policy,
      .effects = CXL_FX_POLICY, .section = "8.2.9.2.5" },
};

const CxlCmdSet cxl_set_events = {
    "Events", events_rows, ARRAY_SIZE(events_rows),
};
