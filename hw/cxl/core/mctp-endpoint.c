/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From message to answer; see mctp-endpoint.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mctp-endpoint.h"
#include "hw/cxl/core/message.h"

/* The first command set of the FM API, CXL r3.1 8.2.9.10 */
#define FM_API_FIRST 0x51
#define CCI_HEADER   ((uint32_t)sizeof(CxlMessageHeader))
/* A message type and the longest answer to a control message */
#define CONTROL_MAX  16

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(MctpEndpoint) != 256 && sizeof(void *) == 8);

void mctp_endpoint_init(MctpEndpoint *ep, uint32_t payload_max,
                        MctpExecute *execute, void *opaque)
{
    uint32_t max = 1 + CCI_HEADER + payload_max;

    *ep = (MctpEndpoint) {
        .execute = execute, .opaque = opaque, .payload_max = payload_max,
        .reply = g_malloc(MAX(max, CONTROL_MAX)),
    };
    mctp_assembly_init(&ep->in, max);
}

void mctp_endpoint_destroy(MctpEndpoint *ep)
{
    mctp_assembly_destroy(&ep->in);
    g_clear_pointer(&ep->reply, g_free);
}

void mctp_endpoint_reset(MctpEndpoint *ep)
{
    mctp_assembly_reset(&ep->in);
    ep->eid = ep->manager = MCTP_EID_NULL;
    ep->news = 0;
    ep->waits = false;
    ep->out = (MctpSplit) { };
}

/* Control messages: each returns the bytes behind the completion code. */

static uint32_t set_eid(MctpEndpoint *ep, const uint8_t *in, uint8_t *out,
                        uint8_t *code)
{
    uint8_t action = in[0] & 3;

    if (action > MCTP_EID_FORCE || in[1] < MCTP_EID_FIRST ||
        in[1] == MCTP_EID_BROADCAST) {
        *code = MCTP_BAD_DATA;
        return 0;
    }
    ep->eid = in[1];
    out[0] = 0; /* accepted, no pool of ids */
    out[1] = ep->eid;
    out[2] = 0;
    return 3;
}

static uint32_t get_eid(MctpEndpoint *ep, const uint8_t *in G_GNUC_UNUSED,
                        uint8_t *out, uint8_t *code G_GNUC_UNUSED)
{
    out[0] = ep->eid;
    out[1] = 0; /* a simple endpoint, its id is dynamic */
    out[2] = 0;
    return 3;
}

static uint32_t get_versions(MctpEndpoint *ep G_GNUC_UNUSED, const uint8_t *in,
                             uint8_t *out, uint8_t *code)
{
    /* Major, minor, update, alpha; each in BCD with f for what is left out */
    static const uint8_t base[] = { 0xf1, 0xf3, 0xf1, 0x00 };
    static const uint8_t first[] = { 0xf1, 0xf0, 0xf0, 0x00 };

    switch (in[0]) {
    case MCTP_BASE:
    case MCTP_TYPE_CONTROL:
        memcpy(out + 1, base, sizeof(base));
        break;
    case MCTP_TYPE_FM_API:
    case MCTP_TYPE_CCI:
        memcpy(out + 1, first, sizeof(first));
        break;
    default:
        *code = MCTP_NO_TYPE;
        return 0;
    }
    out[0] = 1;
    return 5;
}

static uint32_t get_types(MctpEndpoint *ep G_GNUC_UNUSED,
                          const uint8_t *in G_GNUC_UNUSED, uint8_t *out,
                          uint8_t *code G_GNUC_UNUSED)
{
    out[0] = 2;
    out[1] = MCTP_TYPE_FM_API;
    out[2] = MCTP_TYPE_CCI;
    return 3;
}

typedef struct ControlRow {
    uint8_t command;
    uint8_t in_len;
    uint32_t (*answer)(MctpEndpoint *ep, const uint8_t *in, uint8_t *out,
                       uint8_t *code);
} ControlRow;

static const ControlRow control_rows[] = {
    { MCTP_SET_EID, 2, set_eid },
    { MCTP_GET_EID, 0, get_eid },
    { MCTP_GET_VERSIONS, 1, get_versions },
    { MCTP_GET_TYPES, 0, get_types },
};

static uint32_t control(MctpEndpoint *ep, const MctpMessage *m)
{
    const MctpControl *in = (const MctpControl *)m->body;
    MctpControl *out = (MctpControl *)ep->reply;
    uint8_t code = MCTP_NO_COMMAND;
    uint32_t len = 0;

    if (m->len < sizeof(*in) || !(in->instance & MCTP_CONTROL_REQUEST) ||
        in->instance & MCTP_CONTROL_DATAGRAM) {
        return 0;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(control_rows); i++) {
        const ControlRow *row = &control_rows[i];

        if (row->command == in->command) {
            code = m->len - sizeof(*in) == row->in_len ? MCTP_DONE :
                   MCTP_BAD_LENGTH;
            if (code == MCTP_DONE) {
                len = row->answer(ep, m->body + sizeof(*in),
                                  ep->reply + sizeof(*out) + 1, &code);
            }
        }
    }
    *out = (MctpControl) {
        .type = MCTP_TYPE_CONTROL, .command = in->command,
        .instance = in->instance & MCTP_CONTROL_INSTANCE,
    };
    ep->reply[sizeof(*out)] = code;
    return sizeof(*out) + 1 + len;
}

/* Commands that never reach the interface */
static CxlRc refusal(const MctpEndpoint *ep, const MctpMessage *m)
{
    const CxlMessageHeader *in = (const CxlMessageHeader *)(m->body + 1);
    uint32_t len = in->length[0] | in->length[1] << 8 |
                   (uint32_t)in->length[2] << 16;

    if (m->len - 1 - CCI_HEADER > ep->payload_max ||
        (len & CXL_MESSAGE_LENGTH_MASK) != m->len - 1 - CCI_HEADER) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    return m->body[0] == MCTP_TYPE_CCI && in->command_set >= FM_API_FIRST ?
           CXL_RC_UNSUPPORTED_MAILBOX : CXL_RC_SUCCESS;
}

static uint32_t command(MctpEndpoint *ep, const MctpMessage *m)
{
    const CxlMessageHeader *in = (const CxlMessageHeader *)(m->body + 1);
    uint32_t len;
    CxlRc rc;

    if (m->len < 1 + CCI_HEADER || in->category != CXL_MESSAGE_REQUEST) {
        return 0;
    }
    ep->manager = m->source;
    ep->reply[0] = m->body[0];
    rc = refusal(ep, m);
    if (rc == CXL_RC_SUCCESS) {
        len = ep->execute(ep->opaque, m->body + 1, m->len - 1,
                          ep->reply + 1, CCI_HEADER + ep->payload_max);
        ep->waits = len == MCTP_LATER;
        return len && !ep->waits ? 1 + len : 0;
    }
    return 1 + cxl_message_head(in, rc, ep->reply + 1);
}

/*
 * An endpoint without an id answers by the one that it was called.  Who is
 * called by none is whoever hears it.
 */
static bool is_for_us(const MctpEndpoint *ep, const MctpMessage *m)
{
    if (m->dest == MCTP_EID_BROADCAST) {
        return m->body[0] == MCTP_TYPE_CONTROL;
    }
    return m->dest == MCTP_EID_NULL || ep->eid == MCTP_EID_NULL ||
           m->dest == ep->eid;
}

static uint32_t answer(MctpEndpoint *ep, const MctpMessage *m)
{
    if (!(m->tag & MCTP_TAG_OWNER) || !is_for_us(ep, m)) {
        return 0;
    }
    switch (m->body[0]) {
    case MCTP_TYPE_CONTROL:
        return control(ep, m);
    case MCTP_TYPE_FM_API:
    case MCTP_TYPE_CCI:
        return command(ep, m);
    default:
        return 0;
    }
}

/* Whose message it is: by the id that it had before it is executed. */
static bool answer_to(MctpEndpoint *ep, const MctpMessage *m, bool complete)
{
    uint8_t called = ep->eid;
    uint32_t len = complete ? answer(ep, m) : 0;

    if (ep->waits) {
        ep->waiting = *m;
        return false;
    }
    if (!len) {
        ep->dropped++;
        return false;
    }
    if (m->dest != MCTP_EID_NULL && m->dest != MCTP_EID_BROADCAST) {
        called = m->dest;
    }
    ep->requests++;
    ep->out = (MctpSplit) {
        .body = ep->reply, .len = len, .dest = m->source, .source = called,
        .tag = m->tag & ~MCTP_TAG_OWNER,
    };
    return true;
}

bool mctp_endpoint_packet(MctpEndpoint *ep, const uint8_t *packet,
                          uint32_t len)
{
    MctpMessage m;
    MctpVerdict verdict;

    assert(ep->out.at == ep->out.len && !ep->waits);
    verdict = mctp_assembly_packet(&ep->in, packet, len, &m);
    return verdict != MCTP_TAKEN &&
           answer_to(ep, &m, verdict == MCTP_COMPLETE);
}

bool mctp_endpoint_again(MctpEndpoint *ep)
{
    MctpMessage m = ep->waiting;

    assert(ep->waits);
    ep->waits = false;
    return answer_to(ep, &m, true);
}

uint32_t mctp_endpoint_next(MctpEndpoint *ep, uint8_t *packet)
{
    return mctp_split_next(&ep->out, packet);
}

void mctp_endpoint_notify(MctpEndpoint *ep, uint16_t what)
{
    ep->news |= what;
}

bool mctp_endpoint_announce(MctpEndpoint *ep)
{
    CxlMessageHeader *out = (CxlMessageHeader *)(ep->reply + 1);

    assert(ep->out.at == ep->out.len);
    if (!ep->news || ep->waits) {
        return false;
    }
    ep->reply[0] = MCTP_TYPE_FM_API;
    *out = (CxlMessageHeader) {
        .category = CXL_MESSAGE_REQUEST,
        .command_set = CXL_MESSAGE_EVENTS >> 8,
        .command = CXL_MESSAGE_EVENTS & 0xff, .length = { sizeof(ep->news) },
    };
    stw_le_p(out + 1, ep->news);
    ep->news = 0;
    ep->out = (MctpSplit) {
        .body = ep->reply, .len = 1 + CCI_HEADER + sizeof(ep->news),
        .dest = ep->manager, .source = ep->eid, .tag = MCTP_TAG_OWNER,
    };
    return true;
}

void mctp_endpoint_save(const MctpEndpoint *ep, SaveWriter *w)
{
    assert(!ep->waits);
    mctp_assembly_save(&ep->in, w);
    save_put(w, ep->eid);
    save_put(w, ep->manager);
    save_put(w, ep->news);
    save_put(w, ep->requests);
    save_put(w, ep->dropped);
    save_put_blob(w, ep->reply, ep->out.len);
    save_put(w, ep->out.at);
    save_put(w, ep->out.dest);
    save_put(w, ep->out.source);
    save_put(w, ep->out.tag);
    save_put(w, ep->out.seq);
}

static uint32_t reply_max(const MctpEndpoint *ep)
{
    return MAX(1 + CCI_HEADER + ep->payload_max, CONTROL_MAX);
}

/* An answer is there to be sent on, as its packets before were. */
static void load_answer(MctpEndpoint *ep, SaveReader *r)
{
    MctpSplit *out = &ep->out;
    size_t len;
    const uint8_t *reply = save_get_blob(r, "answer", reply_max(ep), &len);

    *out = (MctpSplit) { .body = ep->reply, .len = len };
    if (len) {
        memcpy(ep->reply, reply, len);
    }
    SAVE_GET(r, out->at);
    SAVE_GET(r, out->dest);
    SAVE_GET(r, out->source);
    SAVE_GET(r, out->tag);
    SAVE_GET(r, out->seq);
    if (out->at > len || out->tag > MCTP_TAG_MASK ||
        out->seq > MCTP_SEQ_MASK) {
        save_refuse(r, "rest of an answer");
        *out = (MctpSplit) { };
    }
}

void mctp_endpoint_load(MctpEndpoint *ep, SaveReader *r)
{
    mctp_endpoint_reset(ep);
    mctp_assembly_load(&ep->in, r);
    SAVE_GET(r, ep->eid);
    SAVE_GET(r, ep->manager);
    SAVE_GET(r, ep->news);
    ep->requests = save_get(r);
    ep->dropped = save_get(r);
    load_answer(ep, r);
}

const char *mctp_endpoint_wrong(const MctpEndpoint *ep)
{
    if (ep->out.at > ep->out.len || ep->out.len > reply_max(ep)) {
        return "the answer is longer than its room";
    }
    return mctp_assembly_wrong(&ep->in);
}
