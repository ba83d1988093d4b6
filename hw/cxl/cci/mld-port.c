/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of a fabric manager to the registers of a logical device, 5301h and
 * 5302h: what a host would send as TLPs, whether it has the device or not.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/ld-request.h"
#include "hw/cxl/core/switch.h"

/* Who is asked */
typedef struct Target {
    CxlSwitch *sw;
    uint8_t port;
    uint16_t ld;
    bool there;
} Target;

/* A device that is held in reset answers nobody. */
static Target find(CxlSwitch *sw, uint8_t port, uint16_t ld)
{
    cxl_switch_refresh(sw);
    return (Target) {
        sw, port, ld,
        cxl_ports_is_mld(&sw->ports, port) &&
        ld < sw->ports.port[port].info.lds && !sw->ports.port[port].perst,
    };
}

static bool config(void *opaque, uint16_t address, unsigned size,
                   bool is_write, uint32_t *data)
{
    const Target *t = opaque;

    return t->sw->switch_ops->ld_config(t->sw->ops_opaque, t->port, t->ld,
                                        address, size, is_write, data);
}

static bool memory(void *opaque, uint64_t address, unsigned size,
                   bool is_write, uint64_t *data)
{
    const Target *t = opaque;

    return t->there &&
           t->sw->switch_ops->ld_memory(t->sw->ops_opaque, t->port, t->ld,
                                        address, size, is_write, data);
}

static const CxlLdRegs regs = { .config = config, .memory = memory };

static CxlRc config_request(CxlCall *call)
{
    const CxlLdConfigIn *in = (const CxlLdConfigIn *)call->in;
    Target t = find(call->owner, in->port, lduw_le_p(&in->ld));

    call->out_len = sizeof(uint32_t);
    return t.there ? cxl_ld_config_request(in, &regs, &t, call->out) :
           CXL_RC_INVALID_INPUT;
}

static CxlRc memory_request(CxlCall *call)
{
    const CxlLdMemoryIn *in = (const CxlLdMemoryIn *)call->in;
    Target t = find(call->owner, in->port, lduw_le_p(&in->ld));

    return cxl_ld_memory_request(call->in, call->in_len, &regs, &t, call->out,
                                 call->out_max, &call->out_len);
}

static const CxlCmdRow mld_port_rows[] = {
    { .opcode = CXL_OP_LD_CONFIG,
      .name = "Send LD CXL.io Configuration Request",
      .in_min = sizeof(CxlLdConfigIn), .in_max = sizeof(CxlLdConfigIn),
      .out_max = sizeof(uint32_t), .handler = config_request,
      .effects = CXL_FX_CONFIG, .section = "7.6.7.3.2" },
    { .opcode = CXL_OP_LD_MEMORY, .name = "Send LD CXL.io Memory Request",
      .in_min = sizeof(CxlLdMemoryIn), .in_max = CXL_LEN_PAYLOAD,
      .out_max = CXL_LEN_PAYLOAD, .handler = memory_request,
      .effects = CXL_FX_CONFIG | CXL_FX_DATA, .section = "7.6.7.3.3" },
};

const CxlCmdSet cxl_set_mld_port = {
    "MLD port (requests)", mld_port_rows, ARRAY_SIZE(mld_port_rows),
};
