/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A port of libsdxi-user whose function is the device's own core over memory
 * of this program, for tests.
 *
 * Nobody waits for time: the port's clock goes on when it is looked at, and
 * the function works while the library says that it waits.
 */
#ifndef TESTS_UNIT_TOOLS_FAKE_PORT_H
#define TESTS_UNIT_TOOLS_FAKE_PORT_H

#include "tests/unit/sdxi/fake-guest.h"
#include "tools/libsdxi-user/port.h"

#define PAGE            4096u
#define FAKE_CONTEXTS   8

typedef struct FakePort {
    SdxiUserPort port;
    FakeHost *g;
    int fd;                         /* of the function's memory */
    uint8_t *memory;
    uint64_t next;                  /* page that is free */
    uint8_t doorbells[FAKE_CONTEXTS * PAGE] QEMU_ALIGNED(8);
    uint64_t now_ns;
    uint64_t version;               /* instead of the function's, if not 0 */
    uint64_t cap1;                  /* bits beside the function's */
    unsigned allocs_left;           /* until memory is short */
    bool scattered;                 /* each page is somewhere else */
    bool deaf;                      /* the function does nothing */
    uint64_t busy_until_ns;         /* ... before */
    bool is_cut;
    unsigned maps;
    bool *closed;
} FakePort;

/* Not opened yet; closing frees it. */
FakePort *fake_port_new(void (*change)(SdxiConfig *config));
/* The function does what there is to do, unless it is deaf. */
void fake_port_work(FakePort *f);

#endif
