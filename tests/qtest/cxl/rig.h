/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * q35 machines with up to sixteen CXL memory devices of 512 MiB below windows,
 * host bridges and switches, brought up as far as their decoders; and words to
 * write into them and to look for.
 */
#ifndef TESTS_QTEST_CXL_RIG_H
#define TESTS_QTEST_CXL_RIG_H

#include "tests/qtest/libqtest.h"

#define RIG_MIB     (1ull << 20)
#define RIG_SIZE    (512 * RIG_MIB) /* of a device */
#define RIG_HDM     0x1128          /* in a component register block */
#define RIG_DEVS    16
#define RIG_PLACES  11

/*
 * With these further @options no emulator with CXL starts: it ends with status
 * 1, and what it says has @says in it.
 */
void rig_refused(const char *options, const char *says);

typedef struct Dev {
    uint64_t ecam;
    uint64_t bar0, bar2;
} Dev;

typedef struct Rig {
    QTestState *qts;
    Dev dev[RIG_DEVS];
    unsigned devs;
    uint64_t window;    /* host address of the first fixed window */
    uint64_t bridge;    /* component registers that have decoders, or 0 */
} Rig;

/* The backend of default memory; tests may change it. */
extern const char *rig_backend;
/*
 * What device @i has for memory: appends objects to a command line, returns
 * properties of the device.  Tests may change it.
 */
extern char *(*rig_memory)(GString *cmd, unsigned i);

/* @direct is the property of all devices; more options in @topology. */
Rig *rig_start(const char *topology, const char *fmw, unsigned devs,
               const char *const *bus, bool direct);
void rig_stop(Rig *r);
/* Host address of the first memory region of that name, or 0 */
uint64_t rig_region(Rig *r, const char *name);

/* @ways host bridges with a device each, interleaved by the window */
Rig *rig_by_window(unsigned ways, bool direct);
/* The same with more options, and a window of @size */
Rig *rig_by_window_with(unsigned ways, bool direct, const char *options,
                        const char *size);
/*
 * For a test that starts the machine of rig_by_window() itself: its options,
 * with root ports "rp0" and up and a window of 8 GiB over the first @ways of
 * them, and what firmware does to it when there is a device of ours below each.
 */
char *rig_window_options(unsigned ways, unsigned more);
void rig_enumerate_window(Rig *r, unsigned devs);
/* One host bridge with two root ports: its decoders interleave. */
Rig *rig_by_host_bridge(bool direct);
/* Passthrough host bridge, a switch, two devices below it */
Rig *rig_by_switch(bool direct);
/* The second without what firmware does, and with more options */
Rig *rig_host_bridge_machine(bool direct, const char *extra);
void rig_enumerate_host_bridge(Rig *r);

/* Program decoder @n and commit it; the control register afterwards */
uint32_t rig_commit(Rig *r, uint64_t component, unsigned n, uint64_t base,
                    uint64_t size, uint32_t ctrl, uint64_t list);
void rig_release(Rig *r, uint64_t component, unsigned n);
void rig_enable_mem(Rig *r, const Dev *d);
/* All devices in one set over the first bytes of the window */
void rig_commit_set(Rig *r, unsigned ig, unsigned iw);
void rig_release_set(Rig *r);
/* Each device alone, one after the other; only below a decoder of ours */
void rig_commit_alone(Rig *r);

/* Slot control of a port that is configured through @port */
uint64_t rig_slot_control(Rig *r, uint64_t port);
/* Device @n is asked out, and the guest takes the power off its slot. */
void rig_tear_out(Rig *r, unsigned n, uint64_t port);

/* Aliases that are installed now */
unsigned rig_count_aliases(Rig *r);
/* Storage is put in order while no CPU runs, so a little later. */
void rig_expect_aliases(Rig *r, unsigned want);
/*
 * By the trace in @log: of @total bytes that were put in order, each time the
 * big lock was held for @most at most.
 */
void rig_check_steps(const char *log, uint64_t total, uint64_t most);

/* Offset in the set of a byte of a device */
uint64_t rig_offset(const Rig *r, unsigned ig, unsigned dev, uint64_t dpa);
/* A different word for every place of every device */
extern const uint64_t rig_places[RIG_PLACES];
uint64_t rig_word(unsigned dev, uint64_t dpa);
void rig_write_all(Rig *r, unsigned ig, unsigned seed);
void rig_read_all(Rig *r, unsigned ig, unsigned seed);
void rig_read_alone(Rig *r, unsigned seed);

/* A mailbox command of a device; its return code */
uint16_t rig_command(Rig *r, unsigned dev, uint16_t opcode, const void *in,
                     uint32_t len);
/* Clear Poison writes 64 bytes on the device's side. */
void rig_device_write(Rig *r, unsigned dev, uint64_t dpa, uint8_t fill);
/* Poison a line of the first device. */
void rig_inject(Rig *r, uint64_t dpa);

#endif
