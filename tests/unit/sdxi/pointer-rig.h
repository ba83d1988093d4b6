/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host that gives pointers to its memory, and who keeps them: for tests of
 * when it is asked for one, and when one is used.
 */
#ifndef TESTS_UNIT_SDXI_POINTER_RIG_H
#define TESTS_UNIT_SDXI_POINTER_RIG_H

#include "hw/dma/sdxi/core/host.h"
#include "tests/unit/sdxi/fake-host.h"

typedef struct Rig {
    FakeHost *g;
    SdxiSpans spans;
    SdxiHost host;
} Rig;

/* The function's own */
static const SdxiSpace here;

static inline void set_up(Rig *r)
{
    memset(r, 0, sizeof(*r));
    r->g = fake_host_new();
    r->g->by_pointer = true;
    r->host = (SdxiHost) {
        .ops = &fake_host_ops, .opaque = r->g, .spans = &r->spans,
    };
}

#endif
