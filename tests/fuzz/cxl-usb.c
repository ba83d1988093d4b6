/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest does with a function of MCTP over USB: transfers of anything,
 * reads of any length, resets, a migration at any moment, also before the
 * bottom half has run, and a stream that is no state.  The model knows when it
 * has sent a whole request while nothing was under way: that one is answered,
 * byte by byte.
 *
 * Step: what[1] length[1] more[2]; then as many bytes, if it is a transfer or a
 * stream.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mctp-function.h"
#include "tests/fuzz/fuzz-target.h"

#define STEP      4
#define STEPS     64
#define PAYLOAD   512
#define HEADER    ((uint32_t)sizeof(CxlMessageHeader))
/* Who the model asks as; transfers may be anybody's. */
#define MANAGER   20

/* Of the last byte of a step: the bottom half does not run before the next. */
#define LATER     0x80

enum { TRANSFER, PACKETS, READ, ASK, MOVE, STREAM, RESET, NEWS, KINDS };

typedef struct Model {
    MctpFunction f;
    unsigned executed;
} Model;

static uint32_t execute(void *opaque, const uint8_t *message, uint32_t len,
                        uint8_t *out, uint32_t out_max)
{
    Model *m = opaque;

    g_assert_cmpuint(len, >=, HEADER);
    g_assert_cmpuint(len, <=, out_max);
    m->executed++;
    memcpy(out, message, len);
    out[0] = CXL_MESSAGE_RESPONSE;
    return len;
}

static void write_some(Model *m, const uint8_t *bytes, uint32_t len)
{
    if (mctp_usb_may_write(&m->f.usb)) {
        mctp_usb_write(&m->f.usb, bytes, len);
    }
}

/* Bytes behind a good header, as a packet from somebody */
static void packets(Model *m, const uint8_t *data, uint32_t len, uint8_t unit)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];
    uint32_t at = 0;

    unit = MAX(unit % 64, 5);
    while (len && at + 4 + unit <= sizeof(bytes)) {
        uint32_t n = MIN(len, unit);

        bytes[at] = MCTP_USB_ID >> 8;
        bytes[at + 1] = MCTP_USB_ID & 0xff;
        bytes[at + 2] = 0;
        bytes[at + 3] = 4 + n;
        memcpy(bytes + at + 4, data, n);
        bytes[at + 4] = MCTP_VERSION;
        at += 4 + n;
        data += n;
        len -= n;
    }
    write_some(m, bytes, at);
}

static uint32_t drain(Model *m, uint8_t *to, uint32_t max)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];
    uint32_t n, len = 0;

    mctp_usb_go_on(&m->f.usb);
    while ((n = mctp_usb_read(&m->f.usb, bytes, sizeof(bytes)))) {
        mctp_usb_go_on(&m->f.usb);
        for (uint32_t at = 0; to && at < n; at += bytes[at + 3]) {
            g_assert_cmphex(lduw_be_p(bytes + at), ==, MCTP_USB_ID);
            g_assert_cmpuint(bytes[at + 3], >, 8);
            g_assert_cmpuint(at + bytes[at + 3], <=, n);
            g_assert_cmpuint(len + bytes[at + 3] - 8, <=, max);
            memcpy(to + len, bytes + at + 8, bytes[at + 3] - 8);
            len += bytes[at + 3] - 8;
        }
    }
    g_assert_true(mctp_usb_may_write(&m->f.usb));
    return len;
}

/* With nothing under way, a request of @payload bytes is answered. */
static void ask(Model *m, uint32_t payload, uint8_t unit)
{
    uint8_t body[1 + HEADER + PAYLOAD], reply[2 * sizeof(body)];
    uint32_t len = 1 + HEADER + payload % PAYLOAD;
    unsigned before;

    drain(m, NULL, 0);
    m->f.ep.eid = MCTP_EID_NULL;
    m->f.ep.news = 0;
    before = m->executed;
    unit = MAX(unit % 248, 1);
    for (uint32_t i = 1; i < len; i++) {
        body[i] = i * 7 + unit;
    }
    body[0] = MCTP_TYPE_FM_API;
    *(CxlMessageHeader *)(body + 1) = (CxlMessageHeader) {
        .tag = unit, .command_set = 0x51,
        .length = { len - 1 - HEADER, (len - 1 - HEADER) >> 8 },
    };
    for (uint32_t at = 0, i = 0; at < len; at += unit, i++) {
        uint32_t n = MIN(unit, len - at);
        uint8_t bytes[8 + 248] = {
            MCTP_USB_ID >> 8, MCTP_USB_ID & 0xff, 0, 8 + n,
            MCTP_VERSION, 9, MANAGER, MCTP_TAG_OWNER |
            (at ? 0 : MCTP_SOM) | (at + n == len ? MCTP_EOM : 0) |
            (i & MCTP_SEQ_MASK) << MCTP_SEQ_SHIFT,
        };

        memcpy(bytes + 8, body + at, n);
        g_assert_true(mctp_usb_may_write(&m->f.usb));
        g_assert_true(mctp_usb_write(&m->f.usb, bytes, 8 + n));
        mctp_usb_go_on(&m->f.usb);
    }
    g_assert_cmpuint(m->executed, ==, before + 1);
    g_assert_cmpuint(drain(m, reply, sizeof(reply)), ==, len);
    g_assert_cmpmem(reply + 2, len - 2, body + 2, len - 2);
}

static void move(Model *m)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new(), again = NULL;
    g_autofree char *problem = NULL;

    again = g_byte_array_new();
    mctp_function_save(&m->f, bytes);
    g_assert_cmpuint(bytes->len, <=, mctp_function_save_max(&m->f));
    mctp_function_reset(&m->f);
    g_assert_true(mctp_function_load(&m->f, bytes->data, bytes->len,
                                     &problem));
    mctp_function_save(&m->f, again);
    g_assert_cmpmem(bytes->data, bytes->len, again->data, again->len);
}

static void stream(Model *m, const uint8_t *data, uint32_t len)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;

    /* What there is, with some of it changed */
    mctp_function_save(&m->f, bytes);
    for (uint32_t i = 0; i + 2 < len; i += 3) {
        bytes->data[lduw_le_p(data + i) % bytes->len] ^= data[i + 2];
    }
    if (!mctp_function_load(&m->f, bytes->data, bytes->len, &problem)) {
        g_assert_nonnull(problem);
        g_assert_cmpuint(m->f.ep.eid, ==, MCTP_EID_NULL);
    }
}

static void step(Model *m, const uint8_t *p, const uint8_t *data, uint32_t len)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];

    switch (p[0] % KINDS) {
    case TRANSFER:
        write_some(m, data, len);
        break;
    case PACKETS:
        packets(m, data, len, p[2]);
        break;
    case READ:
        mctp_usb_read(&m->f.usb, bytes, MIN(lduw_le_p(p + 2), sizeof(bytes)));
        break;
    case ASK:
        ask(m, lduw_le_p(p + 2), p[1]);
        break;
    case MOVE:
        move(m);
        break;
    case STREAM:
        stream(m, data, len);
        break;
    case RESET:
        mctp_function_reset(&m->f);
        break;
    case NEWS:
        mctp_endpoint_notify(&m->f.ep, lduw_le_p(p + 2));
        break;
    }
    if (!(p[3] & LATER)) {
        mctp_usb_go_on(&m->f.usb);
    }
    g_assert_null(mctp_function_wrong(&m->f));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree Model *m = g_new0(Model, 1);
    size_t at = 0;

    mctp_function_init(&m->f, NULL, PAYLOAD, execute, m);
    for (unsigned i = 0; i < STEPS && at + STEP <= size; i++) {
        const uint8_t *p = data + at;
        int kind = p[0] % KINDS;
        uint32_t len = 0;

        at += STEP;
        if (kind == TRANSFER || kind == PACKETS || kind == STREAM) {
            len = MIN(p[1] * 3u, size - at);
        }
        step(m, p, data + at, len);
        at += len;
    }
    mctp_function_destroy(&m->f);
    return 0;
}
