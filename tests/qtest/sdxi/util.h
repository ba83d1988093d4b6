/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small SDXI driver for qtests: a machine, functions, contexts, descriptors.
 *
 * Offsets and bit positions are written out from the specification and not
 * taken from the device's headers, so that a slip there shows up here.  All
 * waits have a time limit; a wait that runs out fails the test.
 */
#ifndef TESTS_QTEST_SDXI_UTIL_H
#define TESTS_QTEST_SDXI_UTIL_H

#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/qtest/libqtest.h"
#include "tests/qtest/libqos/pci.h"
#include "tests/qtest/libqos/generic-pcihost.h"

/* MMIO registers, SDXI 1.0 9.1 - 9.3 */
#define SDXI_CTL0       0x00000
#define SDXI_GRP_ENUM   0x00008
#define SDXI_CTL2       0x00010
#define SDXI_STS0       0x00100
#define SDXI_CAP0       0x00200
#define SDXI_CAP1       0x00208
#define SDXI_VERSION    0x00210
#define SDXI_CXT_L2     0x10000
#define SDXI_RKEY       0x10100
#define SDXI_ERR_CTL    0x20000
#define SDXI_ERR_STS    0x20008
#define SDXI_ERR_CFG    0x20010
#define SDXI_ERR_WRT    0x20020
#define SDXI_ERR_RD     0x20028

enum { SDXI_RESET, SDXI_STOP_SF, SDXI_STOP_HD, SDXI_GO };
enum { SDXI_ST_STOP, SDXI_ST_INIT, SDXI_ST_ACTIVE, SDXI_ST_STOPG_SF,
       SDXI_ST_STOPG_HD, SDXI_ST_ERROR };
enum { SDXI_CXT_STOP_SW = 0, SDXI_CXT_RUN = 1, SDXI_CXT_STOPG_SW = 2,
       SDXI_CXT_STOP_FN = 4, SDXI_CXT_STOPG_FN = 6, SDXI_CXT_ERR = 15 };

/* Steps of error log entries, and re values */
enum { SDXI_STEP_L2 = 2, SDXI_STEP_L1, SDXI_STEP_CTL, SDXI_STEP_STS,
       SDXI_STEP_WI, SDXI_STEP_DSC, SDXI_STEP_CSB, SDXI_STEP_ATOMIC,
       SDXI_STEP_DATA, SDXI_STEP_AKEY, SDXI_STEP_RKEY };

/* Entries of the error log */
#define SDXI_ERRLOG     64

/* Sub-step of SDXI_STEP_DATA: an I/O MMU does not translate the address. */
#define SDXI_NO_TRANSLATION 1

#define SDXI_AKEY_VL    1ull
#define SDXI_AKEY_IV    2ull
#define SDXI_AKEY_PV    4ull
#define SDXI_AKEY_INTR(n)       ((uint64_t)(n) << 4)
#define SDXI_AKEY_SFUNC(n)      ((uint64_t)(n) << 16)

/* Guest physical address at which no machine we use has anything. */
#define SDXI_NOWHERE    0x00000f0000000000ull

typedef struct SdxiVm {
    QTestState *qts;
    QPCIBus *bus;
    QGenericPCIBus generic;
    uint64_t next;              /* first RAM not handed out yet */
    char *args;
} SdxiVm;

typedef struct SdxiCxt {
    struct SdxiFn *fn;
    unsigned num;
    uint64_t l1_ent, ctl, sts, wi, ring, akeys;
    uint32_t entries;
    uint64_t count;             /* descriptors enqueued so far */
} SdxiCxt;

typedef struct SdxiFn {
    SdxiVm *vm;
    QPCIDevice *pci;
    QPCIBar regs, doorbells;
    uint64_t regs_size, doorbells_size, stride;
    uint64_t l2, l1[512];
    uint64_t errlog;
    uint64_t seen;              /* it sees memory so much above where it is */
    SdxiCxt admin;
} SdxiFn;

typedef struct SdxiDsc {
    uint64_t q[8];
} SdxiDsc;

/* An error log entry, decoded. */
typedef struct SdxiErr {
    bool vl, cv, div, bv;
    unsigned step, type, sub_step, re, buf, cxt;
    uint64_t index;
} SdxiErr;

/* The machine of this architecture (q35 or virt) and more arguments. */
SdxiVm *sdxi_vm_start(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void sdxi_vm_stop(SdxiVm *vm);
/* Has this QEMU's device type the property?  They differ between releases. */
bool sdxi_vm_has_property(const char *type, const char *name);
/* An I/O MMU with PASIDs, as this release spells it; static string. */
const char *sdxi_vm_pasid_iommu(void);
/* The arguments every machine starts with; static string. */
const char *sdxi_vm_machine(void);
/*
 * Move the machine, as it runs, to another emulator with the same arguments;
 * all handles stay good.
 */
void sdxi_vm_migrate(SdxiVm *vm);
/* The same; calls @meanwhile again and again until the machine stops. */
void sdxi_vm_migrate_live(SdxiVm *vm, void (*meanwhile)(void *opaque),
                          void *opaque);
/* Save the machine to @file and leave it stopped. */
void sdxi_vm_save(SdxiVm *vm, const char *file);
/* The two halves of it: the machine runs on at first. */
void sdxi_vm_save_begin(SdxiVm *vm, const char *file);
void sdxi_vm_save_end(SdxiVm *vm);
/* Another emulator goes on from @file, and removes it; it runs if that did. */
void sdxi_vm_move_in(SdxiVm *vm, const char *file);
/* How many lines @file has, where a trace event of the emulator goes, say. */
unsigned sdxi_lines(const char *file);
/* Of the machine's first function, as query-sdxi has it. */
uint64_t sdxi_vm_statistic(SdxiVm *vm, const char *name);
/* Zeroed guest RAM that is never given back. */
uint64_t sdxi_vm_alloc(SdxiVm *vm, uint64_t size, uint64_t align);
void sdxi_vm_fill(SdxiVm *vm, uint64_t addr, size_t len, unsigned seed);
bool sdxi_vm_equal(SdxiVm *vm, uint64_t a, uint64_t b, size_t len);

/* The function in @slot of the root bus, enabled, BARs mapped; not active. */
SdxiFn *sdxi_fn_open(SdxiVm *vm, int slot);
SdxiFn *sdxi_fn_open_function(SdxiVm *vm, int devfn);
void sdxi_fn_close(SdxiFn *fn);
uint64_t sdxi_fn_rd(SdxiFn *fn, unsigned off);
void sdxi_fn_wr(SdxiFn *fn, unsigned off, uint64_t v);
void sdxi_fn_doorbell(SdxiFn *fn, unsigned cxt, uint64_t v);
unsigned sdxi_fn_state(SdxiFn *fn);
void sdxi_fn_request(SdxiFn *fn, unsigned gsr);
/* Wait, at most 1 s, until the function is in @state; fails otherwise. */
void sdxi_fn_wait(SdxiFn *fn, unsigned state);
/* Tables and administrative context in memory, registers set; still STOP. */
void sdxi_fn_prepare(SdxiFn *fn);
/* The driver's probe: prepare, activate, doorbell 0. */
void sdxi_fn_up(SdxiFn *fn);
/* Of SDXI_ERRLOG entries */
void sdxi_fn_errlog(SdxiFn *fn);
SdxiErr sdxi_fn_err(SdxiFn *fn, unsigned slot);
/* Wait for ERR_WRT to become @n. */
void sdxi_fn_wait_errors(SdxiFn *fn, uint64_t n);
/* Error @n, counted from 0, when it is the last one there is */
SdxiErr sdxi_fn_last_err(SdxiFn *fn, unsigned n);

/* Enable MSI-X with every vector masked. */
void sdxi_msix_on(SdxiFn *fn);
/* Unmask @vector, whose message is the store of @data to @addr. */
void sdxi_msix_aim(SdxiFn *fn, unsigned vector, uint64_t addr, uint32_t data);
/* Unmask @vector so that its message lands in RAM; the address of that word. */
uint64_t sdxi_msix_arm(SdxiFn *fn, unsigned vector);
void sdxi_msix_mask(SdxiFn *fn, unsigned vector, bool mask);
/* Wait for a message at @cell, clear it. */
void sdxi_msix_wait(SdxiFn *fn, uint64_t cell);
/* True if a message is there now; clears it. */
bool sdxi_msix_take(SdxiFn *fn, uint64_t cell);

/* Structures for context @num in memory and published in L1, state STOP_SW. */
void sdxi_cxt_init(SdxiCxt *c, SdxiFn *fn, unsigned num, uint32_t entries);
void sdxi_cxt_set_state(SdxiCxt *c, unsigned state);
unsigned sdxi_cxt_state(SdxiCxt *c);
uint64_t sdxi_cxt_read_index(SdxiCxt *c);
void sdxi_cxt_wait_state(SdxiCxt *c, unsigned state);
void sdxi_cxt_wait_index(SdxiCxt *c, uint64_t index);
void sdxi_cxt_akey(SdxiCxt *c, unsigned n, uint64_t lo, uint64_t hi);
/*
 * The descriptor stops the context, which is started again; the error, which is
 * taken out of the log.
 */
SdxiErr sdxi_cxt_do_err(SdxiCxt *c, SdxiDsc d);
/*
 * Its last descriptor stops the context because it cannot reach its data:
 * error @n, which is taken out of the log.
 */
SdxiErr sdxi_cxt_data_err(SdxiCxt *c, unsigned n, unsigned sub_step);

/*
 * The functions in slots 4 and 5 of one group, with these handles, both active:
 * context 1 of the first, @c, reaches memory of the second by its key 1.
 */
#define SDXI_PAIR_SELF   16
#define SDXI_PAIR_TARGET 17
typedef struct SdxiPair {
    SdxiFn *self, *target;
    uint64_t rkeys;             /* table of the second one, a page */
} SdxiPair;
SdxiPair sdxi_pair_up(SdxiVm *vm, SdxiCxt *c);
/* Key @key of @c is for vector 1 + @rkey of the second, by its key @rkey. */
void sdxi_pair_interrupt(SdxiCxt *c, unsigned key, uint64_t rkeys,
                         unsigned rkey);
/* Start through the administrative context and wait for RUN. */
void sdxi_cxt_start(SdxiCxt *c);
/* CXT_STOP and SYNC(STOP) as the driver does. */
void sdxi_cxt_stop(SdxiCxt *c);
/* Write the descriptor with VL and move Write_Index; no doorbell. */
void sdxi_cxt_push(SdxiCxt *c, const SdxiDsc *d);
void sdxi_cxt_kick(SdxiCxt *c);
/* Push with a completion block of its own, kick, wait; true if er is set. */
bool sdxi_cxt_do(SdxiCxt *c, SdxiDsc d);
uint64_t sdxi_cxt_slot(SdxiCxt *c, uint64_t index);

uint64_t sdxi_csb_new(SdxiVm *vm, uint64_t signal);
uint64_t sdxi_csb_signal(SdxiVm *vm, uint64_t csb);
bool sdxi_csb_er(SdxiVm *vm, uint64_t csb);
void sdxi_csb_wait(SdxiVm *vm, uint64_t csb, uint64_t signal);

SdxiDsc sdxi_dsc(unsigned type, unsigned subtype);
SdxiDsc sdxi_dsc_nop(void);
SdxiDsc sdxi_dsc_copy(uint64_t src, uint64_t dst, uint64_t len);
SdxiDsc sdxi_dsc_repcopy(uint64_t src, uint64_t dst, uint64_t len);
SdxiDsc sdxi_dsc_imm(uint64_t dst, const void *data, unsigned len);
SdxiDsc sdxi_dsc_intr(unsigned akey);
SdxiDsc sdxi_dsc_cxt(unsigned subtype, unsigned first, unsigned last);
SdxiDsc sdxi_dsc_sync(unsigned filter, unsigned first, unsigned last);
void sdxi_dsc_set_csb(SdxiDsc *d, uint64_t csb);
void sdxi_dsc_set_akeys(SdxiDsc *d, unsigned src, unsigned dst);
void sdxi_dsc_set_fence(SdxiDsc *d);

#define SDXI_DSC_CXT_UPD        1
#define SDXI_DSC_CXT_START      3
#define SDXI_DSC_CXT_STOP       4
#define SDXI_DSC_CXT_START_RS   8

/*
 * One test, one machine: an `sdxi` with @props in slot 4 of the root bus.  With
 * sdxi_add_running() the function is active with an error log of 64 entries,
 * MSI-X on, and context 1 running in a ring of 1024.
 */
typedef struct SdxiRig {
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c;
} SdxiRig;
typedef void SdxiTestFunc(SdxiRig *rig);
void sdxi_add_test(const char *path, const char *props, SdxiTestFunc *func);
void sdxi_add_running(const char *path, const char *props, SdxiTestFunc *func);

/* Seconds are those of a machine that has nothing else to do. */
#define SDXI_SLOW_HOST 10

/* Poll @cond every half millisecond for @seconds; fails the test after that. */
#define sdxi_wait_until(vm, seconds, cond)                              \
    do {                                                                \
        gint64 end_ = g_get_monotonic_time() +                          \
                      (gint64)(SDXI_SLOW_HOST * (seconds) *             \
                               G_USEC_PER_SEC);                         \
        while (!(cond)) {                                               \
            g_assert_cmpint(g_get_monotonic_time(), <, end_);           \
            g_usleep(500);                                              \
        }                                                               \
    } while (0)

#endif
