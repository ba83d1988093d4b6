/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Security Send and Receive, 46xxh: the door for security protocols of
 * others (TCG and the like).  None is behind it: what can be asked is which
 * there are, by protocol 00h of SPC-4, which answers "itself alone".
 *
 * Passphrases are no protocol and have commands of their own: security.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/memdev.h"

#define PROTOCOL_INFORMATION 0x00

/* What protocol 00h tells, SPC-4 7.7.1; big-endian, as SCSI is */
#define INFO_PROTOCOLS       0x0000
#define INFO_CERTIFICATE     0x0001
#define PROTOCOLS_LENGTH_AT  6
#define PROTOCOLS_LIST_AT    8
#define CERTIFICATE_HEADER   4

static CxlRc security_receive(CxlCall *call)
{
    const CxlSecurityProtocolIn *in = (const void *)call->in;

    if (in->protocol != PROTOCOL_INFORMATION) {
        return CXL_RC_UNSUPPORTED;
    }
    switch (lduw_le_p(&in->specific)) {
    case INFO_PROTOCOLS:
        stw_be_p(call->out + PROTOCOLS_LENGTH_AT, 1);
        call->out[PROTOCOLS_LIST_AT] = PROTOCOL_INFORMATION;
        call->out_len = PROTOCOLS_LIST_AT + 1;
        return CXL_RC_SUCCESS;
    case INFO_CERTIFICATE:
        /* Of no length: there is none */
        call->out_len = CERTIFICATE_HEADER;
        return CXL_RC_SUCCESS;
    default:
        return CXL_RC_INVALID_INPUT;
    }
}

/* Information can only be received. */
static CxlRc security_send(CxlCall *call)
{
    const CxlSecurityProtocolIn *in = (const void *)call->in;

    return in->protocol == PROTOCOL_INFORMATION ? CXL_RC_INVALID_INPUT :
           CXL_RC_UNSUPPORTED;
}

static const CxlCmdRow protocol_rows[] = {
    { .opcode = CXL_OP_SECURITY_SEND, .name = "Security Send",
      .in_min = sizeof(CxlSecurityProtocolIn), .in_max = CXL_LEN_PAYLOAD,
      .handler = security_send, .effects = CXL_FX_SECURITY,
      .needs = CXL_NEED_SECURITY, .section = "8.2.9.9" },
    { .opcode = CXL_OP_SECURITY_RECEIVE, .name = "Security Receive",
      .in_min = sizeof(CxlSecurityProtocolIn),
      .in_max = sizeof(CxlSecurityProtocolIn), .out_max = CXL_LEN_PAYLOAD,
      .handler = security_receive, .needs = CXL_NEED_SECURITY,
      .section = "8.2.9.9" },
};

const CxlCmdSet cxl_set_protocol = {
    "Security protocols", protocol_rows, ARRAY_SIZE(protocol_rows),
};
