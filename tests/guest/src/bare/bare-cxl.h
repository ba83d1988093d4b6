/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host bridge with two root ports and a memory device of at least 256 MiB
 * below each, and the ways to commit them.
 */
#ifndef TESTS_GUEST_BARE_CXL_H
#define TESTS_GUEST_BARE_CXL_H

#include "bare.h"

#define MIB         (1ull << 20)
#define UNIT        (256 * MIB)

/*
 * What is committed: nothing, the first device, the second, both interleaved
 * at 256 B, and both with the first one released again
 */
enum { NOTHING, FIRST, SECOND, BOTH, HALF, STATES };

typedef struct Device {
    uint64_t cfg;
    uint64_t control;   /* CXL.mem enable, in configuration space */
    uint64_t hdm;
    uint64_t port_slot; /* PCI Express capability of the root port */
} Device;

extern Device dev[2];
extern unsigned devices;            /* 1 after the second is gone */
extern uint64_t window, bridge;     /* host address; HDM registers */

bool find_devices(void);
/* Commit what @state says; nothing is committed before. */
void establish(unsigned state);
void release(uint64_t hdm);
void release_all(void);
void enable_mem(const Device *d, bool on);

/* Where a byte of a device is, or 0 if nowhere in this state */
uint64_t place(unsigned state, unsigned d, uint64_t dpa);

#endif
