/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the registers of a logical device; see ld-request.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/ld-request.h"
#include "hw/cxl/core/message.h"
#include "hw/cxl/core/ports.h"

#define HEADER sizeof(CxlMessageHeader)

static bool write_config(const CxlLdConfigIn *in, const CxlLdRegs *regs,
                         void *opaque, uint16_t address)
{
    unsigned at = 0, size;

    for (; (size = cxl_enabled_next(in->ext >> 4, &at)); at += size) {
        uint32_t part = extract32(ldl_le_p(&in->data), 8 * at, 8 * size);

        if (!regs->config(opaque, address + at, size, true, &part)) {
            return false;
        }
    }
    return true;
}

CxlRc cxl_ld_config_request(const CxlLdConfigIn *in, const CxlLdRegs *regs,
                            void *opaque, uint8_t *out)
{
    uint16_t address = cxl_config_address(in->reg, in->ext);
    uint32_t data = 0;
    bool done = in->type & CXL_LD_REQUEST_WRITE ?
                write_config(in, regs, opaque, address) :
                regs->config(opaque, address, 4, false, &data);

    stl_le_p(out, data);
    return done ? CXL_RC_SUCCESS : CXL_RC_INVALID_INPUT;
}

typedef struct Request {
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

static bool carry_out(const Request *r, const CxlLdRegs *regs, void *opaque)
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
        if (!regs->memory(opaque, r->address + at, size, r->is_write,
                          &data)) {
            return false;
        }
        if (!r->is_write) {
            stn_le_p(r->data + at, size, data);
        }
    }
    return true;
}

CxlRc cxl_ld_memory_request(const uint8_t *bytes, uint32_t in_len,
                            const CxlLdRegs *regs, void *opaque, uint8_t *to,
                            uint32_t out_max, uint32_t *out_len)
{
    const CxlLdMemoryIn *in = (const CxlLdMemoryIn *)bytes;
    CxlLdMemoryOut *out = (CxlLdMemoryOut *)to;
    bool is_write = in->type & CXL_LD_REQUEST_WRITE;
    Request r = {
        .is_write = is_write, .first = in->first >> 4, .last = in->type & 0xf,
        .len = lduw_le_p(&in->length), .address = ldq_le_p(&in->address),
        .data = is_write ? (uint8_t *)in->data : out->data,
    };
    uint32_t len = sizeof(*out) + (is_write ? 0 : r.len);

    if (in_len != sizeof(*in) + (is_write ? r.len : 0)) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (!is_well_formed(&r) || len > out_max) {
        return CXL_RC_INVALID_INPUT;
    }
    memset(out, 0, len);
    if (!carry_out(&r, regs, opaque)) {
        return CXL_RC_INVALID_INPUT;
    }
    stw_le_p(&out->length, is_write ? 0 : r.len);
    *out_len = len;
    return CXL_RC_SUCCESS;
}

static CxlRc execute(const uint8_t *message, uint32_t len,
                     const CxlLdRegs *regs, void *opaque, uint8_t *out,
                     uint32_t out_max, uint32_t *out_len)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)message;
    bool config = h->command == (CXL_OP_LD_CONFIG & 0xff);
    uint32_t at_least = config ? sizeof(CxlLdConfigIn) : sizeof(CxlLdMemoryIn);

    if (len - HEADER < at_least || (config && len - HEADER != at_least) ||
        (config && out_max < sizeof(uint32_t))) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (config) {
        *out_len = sizeof(uint32_t);
        return cxl_ld_config_request((const CxlLdConfigIn *)(h + 1), regs,
                                     opaque, out);
    }
    return cxl_ld_memory_request(message + HEADER, len - HEADER, regs, opaque,
                                 out, out_max, out_len);
}

uint32_t cxl_ld_request_execute(const uint8_t *message, uint32_t len,
                                const CxlLdRegs *regs, void *opaque,
                                uint8_t *out, uint32_t out_max)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)message;
    uint32_t payload = 0;
    uint16_t opcode;
    CxlRc rc;

    assert(out_max >= HEADER);
    if (!cxl_message_is_request(message, len)) {
        return 0;
    }
    opcode = cxl_message_opcode(h);
    if (opcode != CXL_OP_LD_CONFIG && opcode != CXL_OP_LD_MEMORY) {
        return 0;
    }
    rc = execute(message, len, regs, opaque, out + HEADER, out_max - HEADER,
                 &payload);
    return cxl_message_answer(h, rc, rc ? 0 : payload, out);
}
