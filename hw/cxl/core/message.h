/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CCI messages: a command with a header around it, as tunnels and management
 * transports carry it.  CXL r3.1 7.6.3.
 */
#ifndef HW_CXL_CORE_MESSAGE_H
#define HW_CXL_CORE_MESSAGE_H

#include "hw/cxl/core/cci.h"
#include "hw/cxl/wire/fm.h"

/* Bytes behind the header, as it says */
uint32_t cxl_message_length(const CxlMessageHeader *header);
uint16_t cxl_message_opcode(const CxlMessageHeader *header);
/* Is it one, and its length that of its payload? */
bool cxl_message_is_request(const uint8_t *message, uint32_t len);
/*
 * The message in a request that is a tunnel (5300h) to a port or a logical
 * device, *@id; *@len becomes its length, which is at least that of a header.
 * NULL: it is no such request, or so wrong that it would be refused.
 */
const uint8_t *cxl_message_tunnelled(const uint8_t *message, uint32_t *len,
                                     uint8_t *id);

/*
 * Executes the request in @in.  False if it is none.  Otherwise *@out_len bytes
 * of @out (at least a header) are the response; what the command said is in
 * there.
 */
bool cxl_message_execute(CxlCci *cci, const uint8_t *in, uint32_t in_len,
                         uint8_t *out, uint32_t out_max, uint32_t *out_len);

/*
 * The header of a response to @request, without a payload: all of the answer to
 * who does not come as far as an interface.  Returns its length.
 */
uint32_t cxl_message_head(const CxlMessageHeader *request, CxlRc rc,
                          uint8_t *out);
/* The same with @payload bytes that are behind the header already. */
uint32_t cxl_message_answer(const CxlMessageHeader *request, CxlRc rc,
                            uint32_t payload, uint8_t *out);

#endif /* HW_CXL_CORE_MESSAGE_H */
