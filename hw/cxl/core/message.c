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
    uint32_t len, payload = 0;
    uint16_t vendor;
    CxlRc rc;

    assert(out_max >= sizeof(*rsp));
    if (in_len < sizeof(*req) || req->category != CXL_MESSAGE_REQUEST) {
        return false;
    }
    len = cxl_message_length(req);
    if (len != in_len - sizeof(*req)) {
        return false;
    }
    rc = cxl_cci_execute(cci, req->command_set << 8 | req->command,
                         in + sizeof(*req), len, out + sizeof(*rsp),
                         out_max - sizeof(*rsp), &payload, &vendor);
    *out_len = cxl_message_answer(req, rc, payload, out);
    if (rc == CXL_RC_BACKGROUND) {
        rsp->length[2] |= CXL_MESSAGE_BACKGROUND;
    }
    stw_le_p(&rsp->vendor, vendor);
    return true;
}
