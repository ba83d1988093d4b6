/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of a fabric manager to the registers of a logical device, 5301h and
 * 5302h: what a host would send as TLPs, whether it has the device or not.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/switch.h"

/* A device that is held in reset answers nobody. */
static bool may_be_there(CxlSwitch *sw, uint8_t port, uint16_t ld)
{
    cxl_switch_refresh(sw);
    return cxl_ports_is_mld(&sw->ports, port) &&
           ld < sw->ports.port[port].info.lds &&
           !sw->ports.port[port].perst;
}

static bool write_config(const CxlSwitch *sw, const CxlLdConfigIn *in,
                         uint16_t address)
{
    unsigned at = 0, size;

    for (; (size = cxl_enabled_next(in->ext >> 4, &at)); at += size) {
        uint32_t part = extract32(ldl_le_p(&in->data), 8 * at, 8 * size);

        if (!sw->switch_ops->ld_config(sw->ops_opaque, in->port,
                                       lduw_le_p(&in->ld), address + at, size,
                                       true, &part)) {
            return false;
        }
    }
    return true;
}

static CxlRc config_request(CxlCall *call)
{
    const CxlLdConfigIn *in = (const CxlLdConfigIn *)call->in;
    CxlSwitch *sw = call->owner;
    uint16_t ld = lduw_le_p(&in->ld);
    uint16_t address = cxl_config_address(in->reg, in->ext);
    uint32_t data = 0;

    if (!may_be_there(sw, in->port, ld)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (in->type & CXL_LD_REQUEST_WRITE ?
        !write_config(sw, in, address) :
        !sw->switch_ops->ld_config(sw->ops_opaque, in->port, ld, address, 4,
                                   false, &data)) {
        return CXL_RC_INVALID_INPUT;
    }
    stl_le_p(call->out, data);
    call->out_len = sizeof(data);
    return CXL_RC_SUCCESS;
}

typedef struct Request {
    const CxlSwitch *sw;
    uint8_t port;
    uint16_t ld;
    bool is_write;
    uint8_t first, last;    /* byte enables */
    uint32_t len;
    uint64_t address;
    uint8_t *data;
} Request;

static uint8_t enables_at(const Request *r, uint32_t at)
{
    return at < 4 ? r->first : at + 4 >= r->len ? r->last : 0xf;
}

/* Registers of eight bytes see both halves at once, as from a host. */
static unsigned size_at(const Request *r, uint32_t at)
{
    if (!((r->address + at) % 8) && at + 8 <= r->len &&
        enables_at(r, at) == 0xf && enables_at(r, at + 4) == 0xf) {
        return 8;
    }
    return cxl_enabled_size(enables_at(r, at & ~3u), at % 4);
}

/* PCIe r6.0 2.2.5, 2.2.7: whole double words of one page, none of them idle */
static bool is_well_formed(const Request *r)
{
    return r->len && r->len % 4 == 0 && r->len <= CXL_LD_MEMORY_MAX &&
           r->address % 4 == 0 &&
           r->address % CXL_LD_MEMORY_MAX + r->len <= CXL_LD_MEMORY_MAX &&
           r->first && (r->len > 4) == (r->last != 0);
}

static bool carry_out(const Request *r)
{
    unsigned size;

    for (uint32_t at = 0; at < r->len; at += MAX(size, 1)) {
        uint64_t data = 0;

        size = size_at(r, at);
        if (!size) {
            continue;
        }
        if (r->is_write) {
            data = ldn_le_p(r->data + at, size);
        }
        if (!r->sw->switch_ops->ld_memory(r->sw->ops_opaque, r->port, r->ld,
                                          r->address + at, size, r->is_write,
                                          &data)) {
            return false;
        }
        if (!r->is_write) {
            stn_le_p(r->data + at, size, data);
        }
    }
    return true;
}

static CxlRc memory_request(CxlCall *call)
{
    const CxlLdMemoryIn *in = (const CxlLdMemoryIn *)call->in;
    CxlLdMemoryOut *out = (CxlLdMemoryOut *)call->out;
    bool is_write = in->type & CXL_LD_REQUEST_WRITE;
    Request r = {
        .sw = call->owner, .port = in->port, .ld = lduw_le_p(&in->ld),
        .is_write = is_write, .first = in->first >> 4, .last = in->type & 0xf,
        .len = lduw_le_p(&in->length), .address = ldq_le_p(&in->address),
        .data = is_write ? (uint8_t *)in->data : out->data,
    };

    if (call->in_len != sizeof(*in) + (is_write ? r.len : 0)) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (!is_well_formed(&r) || !may_be_there(call->owner, r.port, r.ld) ||
        (!is_write && r.len > call->out_max - sizeof(*out)) ||
        !carry_out(&r)) {
        return CXL_RC_INVALID_INPUT;
    }
    stw_le_p(&out->length, is_write ? 0 : r.len);
    call->out_len = sizeof(*out) + (is_write ? 0 : r.len);
    return CXL_RC_SUCCESS;
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
