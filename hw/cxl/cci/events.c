/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events, 01xxh: the commands on core/events.c, for the host and for the fabric
 * manager, each of whom has logs of its own.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"

static CxlRc get_records(CxlCall *call)
{
    CxlEvents *ev = call->cci->events;

    if (!cxl_events_log_exists(ev, call->in[0])) {
        return CXL_RC_INVALID_INPUT;
    }
    call->out_len = cxl_events_get(ev, call->in[0], call->out,
                                   call->out_max);
    return CXL_RC_SUCCESS;
}

static CxlRc clear_records(CxlCall *call)
{
    CxlEvents *ev = call->cci->events;
    const CxlEventsClearIn *in = (const void *)call->in;
    bool all = in->flags & CXL_EVENTS_CLEAR_ALL;
    CxlRc rc = CXL_RC_SUCCESS;

    if (!cxl_events_log_exists(ev, in->log) ||
        in->flags & ~CXL_EVENTS_CLEAR_ALL || all != !in->count) {
        return CXL_RC_INVALID_INPUT;
    }
    /* Only what has lost records already may be cleared without reading. */
    if (all && !cxl_events_overflowed(ev, in->log)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (call->in_len < sizeof(*in) + 2u * in->count) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (all) {
        cxl_events_clear_all(ev, in->log);
    } else {
        rc = cxl_events_clear(ev, in->log, call->in + sizeof(*in),
                              in->count);
    }
    call->cci->owner_ops->events_cleared(call->owner, call->cci);
    return rc;
}

static unsigned logs(const CxlEvents *ev)
{
    return ev->have_dc ? CXL_EVLOGS : CXL_EVLOG_DC;
}

static CxlRc get_policy(CxlCall *call)
{
    CxlEvents *ev = call->cci->events;

    for (unsigned i = 0; i < logs(ev); i++) {
        call->out[i] = cxl_events_get_policy(ev, i);
    }
    call->out_len = logs(ev);
    return CXL_RC_SUCCESS;
}

static CxlRc set_policy(CxlCall *call)
{
    CxlEvents *ev = call->cci->events;
    unsigned n = MIN(call->in_len, logs(ev));

    for (unsigned i = 0; i < n; i++) {
        if ((call->in[i] & CXL_EVPOLICY_MODE_MASK) > CXL_EVPOLICY_FW) {
            return CXL_RC_INVALID_INPUT;
        }
    }
    for (unsigned i = 0; i < n; i++) {
        cxl_events_set_policy(ev, i,
                              call->in[i] & CXL_EVPOLICY_MODE_MASK);
    }
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow records_rows[] = {
    { .opcode = CXL_OP_EVENTS_GET, .name = "Get Event Records",
      .in_min = 1, .in_max = 1, .out_max = CXL_LEN_PAYLOAD,
      .handler = get_records, .gates = CXL_GATE_MEDIA,
      .section = "8.2.9.2.2" },
    { .opcode = CXL_OP_EVENTS_CLEAR, .name = "Clear Event Records",
      .in_min = sizeof(CxlEventsClearIn),
      .in_max = sizeof(CxlEventsClearIn) + 2 * UINT8_MAX,
      .handler = clear_records, .effects = CXL_FX_LOG,
      .section = "8.2.9.2.3" },
};

const CxlCmdSet cxl_set_event_records = {
    "Event records", records_rows, ARRAY_SIZE(records_rows),
};

/* Policies of an interface that has interrupts */
static const CxlCmdRow policy_rows[] = {
    { .opcode = CXL_OP_EVENTS_GET_POLICY, .name = "Get Event Interrupt Policy",
      .out_max = CXL_EVLOGS, .handler = get_policy,
      .section = "8.2.9.2.4" },
    { .opcode = CXL_OP_EVENTS_SET_POLICY, .name = "Set Event Interrupt Policy",
      .in_min = CXL_EVLOG_DC, .in_max = CXL_EVLOGS, .handler = set_policy,
      .effects = CXL_FX_POLICY, .section = "8.2.9.2.5" },
};

const CxlCmdSet cxl_set_event_policy = {
    "Event policies", policy_rows, ARRAY_SIZE(policy_rows),
};

/* A manager that messages reach: CXL r3.1 8.2.9.2.6. */
static CxlRc get_mctp_policy(CxlCall *call)
{
    CxlEvents *ev = call->cci->events;
    uint16_t wanted = call->cci->notify_background ?
                      CXL_EVENTS_MCTP_BACKGROUND : 0;

    for (unsigned i = 0; i < logs(ev); i++) {
        if (cxl_events_get_policy(ev, i) & CXL_EVPOLICY_MODE_MASK) {
            wanted |= 1u << i;
        }
    }
    stw_le_p(call->out, wanted);
    call->out_len = sizeof(wanted);
    return CXL_RC_SUCCESS;
}

static CxlRc set_mctp_policy(CxlCall *call)
{
    CxlEvents *ev = call->cci->events;
    uint16_t wanted = lduw_le_p(call->in);

    if (wanted & ~(CXL_EVENTS_MCTP_LOGS | CXL_EVENTS_MCTP_BACKGROUND)) {
        return CXL_RC_INVALID_INPUT;
    }
    for (unsigned i = 0; i < logs(ev); i++) {
        cxl_events_set_policy(ev, i, wanted >> i & 1 ? CXL_EVPOLICY_MSI
                                                     : CXL_EVPOLICY_NONE);
    }
    call->cci->notify_background = wanted & CXL_EVENTS_MCTP_BACKGROUND;
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow mctp_rows[] = {
    { .opcode = CXL_OP_EVENTS_GET_MCTP_POLICY,
      .name = "Get MCTP Event Interrupt Policy", .out_max = 2,
      .handler = get_mctp_policy, .needs = CXL_NEED_MESSAGES,
      .section = "8.2.9.2.6" },
    { .opcode = CXL_OP_EVENTS_SET_MCTP_POLICY,
      .name = "Set MCTP Event Interrupt Policy", .in_min = 2, .in_max = 2,
      .handler = set_mctp_policy, .effects = CXL_FX_POLICY,
      .needs = CXL_NEED_MESSAGES,
      .section = "8.2.9.2.7" },
};

const CxlCmdSet cxl_set_mctp_policy = {
    "Event policies (MCTP)", mctp_rows, ARRAY_SIZE(mctp_rows),
};
