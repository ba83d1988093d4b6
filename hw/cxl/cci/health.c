/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health information and alerts, 42xxh, and QoS telemetry, 47xxh: the commands
 * on core/health.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/memdev.h"

static CxlRc get_info(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;

    cxl_health_info(&dev->health, (CxlHealthInfo *)call->out);
    call->out_len = sizeof(CxlHealthInfo);
    return CXL_RC_SUCCESS;
}

static CxlRc get_alerts(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;

    cxl_health_get_alerts(&dev->health, (CxlAlertOut *)call->out);
    call->out_len = sizeof(CxlAlertOut);
    return CXL_RC_SUCCESS;
}

static CxlRc set_alerts(CxlCall *call)
{
    CxlMemdev *dev = call->owner;

    return cxl_health_set_alerts(&dev->health, (const void *)call->in);
}

static CxlRc get_shutdown(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;

    call->out[0] = dev->health.dirty;
    call->out_len = 1;
    return CXL_RC_SUCCESS;
}

static CxlRc set_shutdown(CxlCall *call)
{
    CxlMemdev *dev = call->owner;

    if (call->in[0] > 1) {
        return CXL_RC_INVALID_INPUT;
    }
    dev->health.dirty = call->in[0];
    return CXL_RC_SUCCESS;
}

static CxlRc get_qos(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;

    memcpy(call->out, dev->health.qos, sizeof(dev->health.qos));
    call->out_len = sizeof(dev->health.qos);
    return CXL_RC_SUCCESS;
}

static CxlRc set_qos(CxlCall *call)
{
    CxlMemdev *dev = call->owner;

    return cxl_health_set_qos(&dev->health, call->in);
}

/* Backpressure average: an emulated egress port is never congested. */
static CxlRc qos_status(CxlCall *call)
{
    call->out[0] = 0;
    call->out_len = 1;
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow health_rows[] = {
    { .opcode = CXL_OP_HEALTH, .name = "Get Health Info",
      .out_max = sizeof(CxlHealthInfo), .handler = get_info,
      .section = "8.2.9.9.3.1" },
    { .opcode = CXL_OP_ALERT_GET, .name = "Get Alert Configuration",
      .out_max = sizeof(CxlAlertOut), .handler = get_alerts,
      .section = "8.2.9.9.3.2" },
    { .opcode = CXL_OP_ALERT_SET, .name = "Set Alert Configuration",
      .in_min = sizeof(CxlAlertIn), .in_max = sizeof(CxlAlertIn),
      .handler = set_alerts, .effects = CXL_FX_POLICY,
      .section = "8.2.9.9.3.3" },
    { .opcode = CXL_OP_SHUTDOWN_GET, .name = "Get Shutdown State",
      .out_max = 1, .handler = get_shutdown, .needs = CXL_NEED_PERSISTENT,
      .section = "8.2.9.9.3.4" },
    { .opcode = CXL_OP_SHUTDOWN_SET, .name = "Set Shutdown State",
      .in_min = 1, .in_max = 1, .handler = set_shutdown,
      .effects = CXL_FX_POLICY, .needs = CXL_NEED_PERSISTENT,
      .section = "8.2.9.9.3.5" },
    { .opcode = CXL_OP_QOS_GET, .name = "Get SLD QoS Control", .out_max = 4,
      .handler = get_qos, .section = "8.2.9.9.7.1" },
    { .opcode = CXL_OP_QOS_SET, .name = "Set SLD QoS Control", .in_min = 4,
      .in_max = 4, .handler = set_qos, .effects = CXL_FX_POLICY,
      .section = "8.2.9.9.7.2" },
    { .opcode = CXL_OP_QOS_STATUS, .name = "Get SLD QoS Status", .out_max = 1,
      .handler = qos_status, .section = "8.2.9.9.7.3" },
};

const CxlCmdSet cxl_set_health = {
    "Health and QoS", health_rows, ARRAY_SIZE(health_rows),
};

const CxlCmdSet cxl_set_health_info = {
    "Health (read only)", health_rows, 2,
};
