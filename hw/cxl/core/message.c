/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From message to command and back; see message.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/message.h"

uint32_t cxl_message_length(const CxlMessageHeader *header)
{
    const uint8_t *p = header->length;

    return (p[0] | p[1] << 8 | (uint32_t)p[2] << 16) & CXL_MESSAGE_LENGTH_MASK;
}

uint16_t cxl_message_opcode(const CxlMessageHeader *header)
{
    return header->command_set << 8 | header->command;
}

bool cxl_message_is_request(const uint8_t *message, uint32_t len)
{
    const CxlMessageHeader *h = (const void *)message;

    return len >= sizeof(*h) && h->category == CXL_MESSAGE_REQUEST &&
           cxl_message_length(h) == len - sizeof(*h);
}

const uint8_t *cxl_message_tunnelled(const uint8_t *message, uint32_t *len,
                                     uint8_t *id)
{
    const CxlMessageHeader *h = (const void *)message;
    const CxlTunnelIn *in = (const void *)(h + 1);
    uint32_t before = sizeof(*h) + offsetof(CxlTunnelIn, message);

    if (!cxl_message_is_request(message, *len) ||
        cxl_message_opcode(h) != CXL_OP_TUNNEL ||
        *len < sizeof(*h) + sizeof(*in) ||
        in->target != CXL_TUNNEL_PORT_OR_LD ||
        (uint32_t)lduw_le_p(&in->size) != *len - before) {
        return NULL;
    }
    *id = in->id;
    *len -= before;
    return message + before;
}

static void put24(uint8_t *p, uint32_t value)
{
    p[0] = value;
    p[1] = value >> 8;
    p[2] = value >> 16;
}

uint32_t cxl_message_head(const CxlMessageHeader *request, CxlRc rc,
                          uint8_t *out)
{
    CxlMessageHeader *response = (CxlMessageHeader *)out;

    *response = (CxlMessageHeader) {
        .category = CXL_MESSAGE_RESPONSE, .tag = request->tag,
        .command = request->command, .command_set = request->command_set,
    };
    stw_le_p(&response->rc, rc);
    return sizeof(*response);
}

uint32_t cxl_message_answer(const CxlMessageHeader *request, CxlRc rc,
                            uint32_t payload, uint8_t *out)
{
    CxlMessageHeader *response = (CxlMessageHeader *)out;
    uint32_t len = cxl_message_head(request, rc, out) + payload;

    put24(response->length, payload);
    return len;
}

bool cxl_message_execute(CxlCci *cci, const uint8_t *in, uint32_t in_len,
                         uint8_t *out, uint32_t out_max, uint32_t *out_len)
{
    const CxlMessageHeader *req = (const void *)in;
    CxlMessageHeader *rsp = (CxlMessageHeader *)out;
    uint32_t payload = 0;
    uint16_t vendor;
    CxlRc rc;

    assert(out_max >= sizeof(*rsp));
    if (!cxl_message_is_request(in, in_len)) {
        return false;
    }
    rc = cxl_cci_execute(cci, cxl_message_opcode(req), in + sizeof(*req),
                         in_len - sizeof(*req), out + sizeof(*rsp),
                         out_max - sizeof(*rsp), &payload, &vendor);
    *out_len = cxl_message_answer(req, rc, payload, out);
    if (rc == CXL_RC_BACKGROUND) {
        rsp->length[2] |= CXL_MESSAGE_BACKGROUND;
    }
    stw_le_p(&rsp->vendor, vendor);
    return true;
}
