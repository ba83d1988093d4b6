/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a manager sends to bind and unbind, and how it sees what became of it.
 */
#ifndef TESTS_UNIT_CXL_BINDING_FIXTURE_H
#define TESTS_UNIT_CXL_BINDING_FIXTURE_H

#include "hw/cxl/wire/events.h"
#include "tests/unit/cxl/switch-fixture.h"

static inline CxlRc bind_to(Pair p, uint8_t vcs, uint8_t vppb, uint8_t port,
                            uint16_t ld)
{
    CxlBindIn in = { .vcs = vcs, .vppb = vppb, .port = port };

    stw_le_p(&in.ld, ld);
    return command(p, CXL_OP_VCS_BIND, &in, sizeof(in));
}

static inline CxlRc let_go(Pair p, uint8_t vcs, uint8_t vppb, uint8_t option)
{
    CxlUnbindIn in = { vcs, vppb, option };

    return command(p, CXL_OP_VCS_UNBIND, &in, sizeof(in));
}

static inline void fine(Pair p)
{
    g_assert_cmpstr(cxl_switch_check(p.sw), ==, NULL);
}

static inline CxlVppbInfo vppb_info(Pair p, uint8_t vcs, uint8_t vppb)
{
    uint8_t in[] = { vppb, 1, 1, vcs }, out[2048];

    g_assert_cmphex(command(p, CXL_OP_VCS_INFO, in, sizeof(in)), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 4 + 4 + 4);
    return *(CxlVppbInfo *)(out + 8);
}

/* The newest record of a log; its number is returned. */
static inline unsigned newest(Pair p, unsigned log, CxlEvVcs *rec)
{
    unsigned n = p.sw->events.log[log].count;

    memset(rec, 0, sizeof(*rec));
    if (n) {
        memcpy(rec, cxl_events_peek(&p.sw->events, log, n - 1), sizeof(*rec));
    }
    return n;
}

static inline uint16_t bg_rc(Pair p)
{
    uint8_t out[2048];

    g_assert_cmphex(command(p, CXL_OP_IS_BG_STATUS, "", 0), ==, 0);
    reply(p, out);
    return lduw_le_p(out + 4);
}

#endif /* TESTS_UNIT_CXL_BINDING_FIXTURE_H */
