/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question to whoever is meant, through as many tunnels as it takes, and
 * operations that go on in the background; see fm.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/fm.h"
#include "hw/cxl/wire/mailbox.h"
#include "tools/cxl-fm/codes.h"
#include "tools/cxl-fm/fm.h"
#include "tools/cxl-fm/parse.h"

#define BG_RUNNING   1u
#define COMPONENT_SWITCH 0
/* Between two looks at a background operation, microseconds */
#define BG_INTERVAL  50000

Link *fm_link(Fm *fm, GError **error)
{
    if (!fm->link) {
        fm->link = link_open(fm->path, fm->timeout_ms, error);
    }
    return fm->link;
}

bool fm_know(Fm *fm, GError **error)
{
    g_autoptr(GByteArray) a = NULL;
    uint8_t component;
    Reader r;

    if (fm->is_switch >= 0) {
        return true;
    }
    a = fm_ask(fm, PLACE_HERE, CXL_OP_IS_IDENTIFY, NULL, error);
    if (!a) {
        return false;
    }
    r = reader_of(a);
    skip_bytes(&r, 0x11);
    component = get_u8(&r);
    if (!fm_complete(&r, CXL_OP_IS_IDENTIFY, error)) {
        return false;
    }
    fm->is_switch = component == COMPONENT_SWITCH;
    return true;
}

static void refused(GError **error, uint16_t opcode, uint16_t rc)
{
    g_set_error(error, FM_ERROR, FM_REFUSED, "%s (%04xh) was refused: %s"
                " (%02xh): %s", opcode_name(opcode), opcode, rc_name(rc), rc,
                rc_meaning(rc));
}

/* The message of @opcode, for a tunnel to @id. */
static GByteArray *wrap(uint8_t id, uint16_t opcode, const GByteArray *in)
{
    uint32_t len = in ? in->len : 0;
    GByteArray *out = g_byte_array_new();

    put_u8(out, id);
    put_u8(out, 0); /* a port or a logical device */
    put_u16(out, sizeof(CxlMessageHeader) + len);
    put_u8(out, CXL_MESSAGE_REQUEST);
    put_zeros(out, 2);
    put_u8(out, opcode);
    put_u8(out, opcode >> 8);
    put_u16(out, len);
    put_u8(out, len >> 16);
    put_zeros(out, 4);
    if (len) {
        g_byte_array_append(out, in->data, len);
    }
    return out;
}

/* What came through a tunnel: its payload stays in @answer. */
static bool unwrap(LinkAnswer *answer, GError **error)
{
    Reader r = reader_of(answer->payload);
    uint16_t size = get_u16(&r);

    skip_bytes(&r, 2 + 8);
    answer->rc = get_u16(&r);
    answer->vendor = get_u16(&r);
    if (r.too_short || size != answer->payload->len - 4) {
        g_set_error(error, FM_ERROR, FM_NOBODY, "what came out of the tunnel"
                    " is no message: %u bytes that claim to be %u",
                    answer->payload->len, size + 4);
        return false;
    }
    g_byte_array_remove_range(answer->payload, 0, r.at);
    return true;
}

/* As link_command(), to @place; refused on the way: false, too. */
static bool ask(Fm *fm, Place place, uint16_t opcode, const GByteArray *in,
                LinkAnswer *out, GError **error)
{
    g_autoptr(GByteArray) inner = NULL;
    g_autoptr(GByteArray) outer = NULL;
    unsigned depth = 0;

    if (place.ld != NO_LD) {
        inner = wrap(place.ld, opcode, in);
        depth++;
    }
    if (place.port != NO_PORT) {
        outer = wrap(place.port, depth ? CXL_OP_TUNNEL : opcode,
                     inner ?: (GByteArray *)in);
        depth++;
    }
    if (!fm_link(fm, error) ||
        !link_command(fm->link, depth ? CXL_OP_TUNNEL : opcode,
                      outer ?: inner ?: in, out, error)) {
        return false;
    }
    while (depth--) {
        if (out->rc != CXL_RC_SUCCESS) {
            refused(error, CXL_OP_TUNNEL, out->rc);
            return false;
        }
        if (!unwrap(out, error)) {
            return false;
        }
    }
    return true;
}

GByteArray *fm_ask(Fm *fm, Place place, uint16_t opcode, const GByteArray *in,
                   GError **error)
{
    LinkAnswer answer = { 0 };
    bool done = ask(fm, place, opcode, in, &answer, error);

    if (done && answer.rc != CXL_RC_SUCCESS &&
        answer.rc != CXL_RC_BACKGROUND) {
        refused(error, opcode, answer.rc);
        done = false;
    }
    if (!done && answer.payload) {
        g_byte_array_unref(answer.payload);
    }
    return done ? answer.payload : NULL;
}

static void show_progress(uint16_t opcode, unsigned percent, bool last)
{
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%s: %u%%%s", opcode_name(opcode), percent,
                last ? "\n" : "");
        fflush(stderr);
    }
}

/* Another manager's operation may have taken the place of ours. */
static bool wait_for_end(Fm *fm, uint16_t opcode, GError **error)
{
    for (;;) {
        g_autoptr(GByteArray) a = fm_ask(fm, PLACE_HERE, CXL_OP_IS_BG_STATUS,
                                         NULL, error);
        uint16_t which, rc;
        uint8_t status;
        Reader r;

        if (!a) {
            return false;
        }
        r = reader_of(a);
        status = get_u8(&r);
        skip_bytes(&r, 1);
        which = get_u16(&r);
        rc = get_u16(&r);
        if (!fm_complete(&r, CXL_OP_IS_BG_STATUS, error)) {
            return false;
        }
        if (which != opcode) {
            g_set_error(error, FM_ERROR, FM_REFUSED, "%s (%04xh) ended, and"
                        " how is not known: %s (%04xh) has begun since",
                        opcode_name(opcode), opcode, opcode_name(which),
                        which);
            return false;
        }
        show_progress(opcode, status >> 1, !(status & BG_RUNNING));
        if (!(status & BG_RUNNING)) {
            if (rc != CXL_RC_SUCCESS) {
                refused(error, opcode, rc);
            }
            return rc == CXL_RC_SUCCESS;
        }
        g_usleep(BG_INTERVAL);
    }
}

bool fm_do(Fm *fm, uint16_t opcode, const GByteArray *in, GError **error)
{
    LinkAnswer answer = { 0 };

    if (!ask(fm, PLACE_HERE, opcode, in, &answer, error)) {
        return false;
    }
    g_byte_array_unref(answer.payload);
    if (answer.rc == CXL_RC_BACKGROUND) {
        return wait_for_end(fm, opcode, error);
    }
    if (answer.rc != CXL_RC_SUCCESS) {
        refused(error, opcode, answer.rc);
    }
    return answer.rc == CXL_RC_SUCCESS;
}

bool fm_complete(const Reader *r, uint16_t opcode, GError **error)
{
    if (r->too_short) {
        g_set_error(error, FM_ERROR, FM_NOBODY, "the answer to %s (%04xh) is"
                    " only %zu bytes long", opcode_name(opcode), opcode,
                    r->len);
    }
    return !r->too_short;
}
