/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Software that drives an SDXI function in a fake host: where it keeps its
 * structures, how it fills them, descriptors, and running the worker.
 *
 * Layouts are written out here on purpose, independent of the device's own
 * headers.
 */
#ifndef TESTS_UNIT_SDXI_FAKE_GUEST_H
#define TESTS_UNIT_SDXI_FAKE_GUEST_H

#include "tests/unit/sdxi/fake-host.h"

/* Memory map */
#define G_L2            0x1000u
#define G_L1(page)      (0x2000u + (page) * 0x1000u)    /* 8 of them */
#define G_LOG           0x10000u
#define G_RKEYS         0x11000u
#define G_CXT(slot)     (0x100000u + (slot) * 0x40000u) /* 16 of them */
#define G_CTL(slot)     (G_CXT(slot) + 0x0u)
#define G_STS(slot)     (G_CXT(slot) + 0x40u)
#define G_WIDX(slot)    (G_CXT(slot) + 0x80u)
#define G_AKEYS(slot)   (G_CXT(slot) + 0x1000u)
#define G_CSB(slot, n)  (G_CXT(slot) + 0x2000u + (n) * 0x20u)
#define G_RING(slot)    (G_CXT(slot) + 0x4000u)
#define G_DATA          0x800000u

/* Registers */
enum {
    R_CTL0 = 0x0, R_GRP_ENUM = 0x8, R_CTL2 = 0x10, R_STS0 = 0x100,
    R_CAP0 = 0x200, R_CAP1 = 0x208, R_VERSION = 0x210,
    R_CXT_L2 = 0x10000, R_RKEY = 0x10100,
    R_ERR_CTL = 0x20000, R_ERR_STS = 0x20008, R_ERR_CFG = 0x20010,
    R_ERR_WRT = 0x20020, R_ERR_RD = 0x20028,
};
/* All of them, and a few holes */
#define GUEST_PLACES 16
extern const uint64_t guest_places[GUEST_PLACES];
enum { GSR_RESET, GSR_STOP_SF, GSR_STOP_HD, GSR_ACTIVE };
enum { GSV_STOP, GSV_INIT, GSV_ACTIVE, GSV_STOPG_SF, GSV_STOPG_HD,
       GSV_ERROR };
enum { STOP_SW = 0, RUN = 1, STOPG_SW = 2, STOP_FN = 4, STOPG_FN = 6,
       ERR_FN = 15 };

/* dw0 of descriptors without FE */
#define D_NOP       0x00010101u
#define D_WRT_IMM   0x00010201u
#define D_COPY      0x00010301u
#define D_REPCOPY   0x00010401u
#define D_FN_UPD    0x00020001u
#define D_CXT_UPD   0x00020101u
#define D_AKEY_UPD  0x00020201u
#define D_START_NM  0x00020301u
#define D_STOP      0x00020401u
#define D_ADM_INTR  0x00020501u
#define D_SYNC      0x00020601u
#define D_RKEY_UPD  0x00020701u
#define D_START_RS  0x00020801u
#define D_INTR      0x00040001u
#define D_FE        0x4u

typedef struct Dsc {
    uint32_t dw[16];
} Dsc;

/* Error log entry, taken apart */
typedef struct LogEntry {
    bool vl, cv, div, bv;
    unsigned step, type, buf, sub, re, cxt;
    uint64_t index;
} LogEntry;

/* A guest with one function; @change may alter the configuration. */
FakeHost *guest_new(void (*change)(SdxiConfig *config));
/* The same in memory that is the caller's; it is cleared first. */
FakeHost *guest_new_over(uint8_t *memory, uint64_t size,
                         void (*change)(SdxiConfig *config));
void guest_free(FakeHost *g);
/* Any number, of those of this run */
uint64_t guest_any(void);
/* Replaces the function by a fresh one that uses @ops; the old one is gone. */
SdxiDevice *guest_device_with(FakeHost *g, const SdxiHostOps *ops);

/* The saved state of the function, which goes on. */
GByteArray *guest_save(FakeHost *g);
/* The function becomes what was saved, which can be loaded; frees @saved. */
void guest_load(FakeHost *g, GByteArray *saved);
/* It cannot: the sentence about it has @what in it, and nothing runs. */
void guest_load_refused(FakeHost *g, const uint8_t *bytes, size_t len,
                        const char *what);

uint64_t guest_rd(FakeHost *g, uint64_t reg);
void guest_wr(FakeHost *g, uint64_t reg, uint64_t value);
static inline unsigned guest_gsv(FakeHost *g)
{
    return guest_rd(g, R_STS0);
}
/* Change fn_gsr, leaving the rest of CTL0. */
void guest_request(FakeHost *g, unsigned gsr);
/* Run the worker until it has nothing to do; checks invariants. */
void guest_run(FakeHost *g);
/* One run with @budget; true if there is more. */
bool guest_run_once(FakeHost *g, uint64_t budget);
void guest_ring(FakeHost *g, unsigned cxt, uint64_t value);

/* Tables of context @cxt in memory slot @slot; ring of 1024; state. */
void guest_context(FakeHost *g, unsigned cxt, unsigned slot,
                   unsigned state);
void guest_set_ring(FakeHost *g, unsigned slot, uint64_t ring,
                    uint32_t entries);
void guest_akey(FakeHost *g, unsigned slot, unsigned key, uint64_t q0,
                uint64_t q1);
/* L2 table, context 0 in slot 0, activation, jump start. */
void guest_activate(FakeHost *g);
/* The error log of 64 entries at G_LOG, interrupt enabled. */
void guest_log(FakeHost *g);
LogEntry guest_log_entry(FakeHost *g, unsigned n);

unsigned guest_state(FakeHost *g, unsigned slot);
uint64_t guest_read_index(FakeHost *g, unsigned slot);
uint64_t guest_signal(FakeHost *g, unsigned slot, unsigned n);
bool guest_er(FakeHost *g, unsigned slot, unsigned n);
/* Set signal and clear the rest. */
void guest_arm(FakeHost *g, unsigned slot, unsigned n, uint64_t signal);

/* Put @d in the next slot, advance Write_Index; no doorbell. */
uint64_t guest_push(FakeHost *g, unsigned slot, const Dsc *d);
/* The address of the ring slot that @index uses. */
uint64_t guest_slot(FakeHost *g, unsigned slot, uint64_t index);

/* Descriptors; @csb 0: none */
Dsc dsc_nop(uint64_t csb);
Dsc dsc_copy(uint64_t src, uint64_t dst, uint64_t bytes, unsigned akey0,
             unsigned akey1, uint64_t csb);
Dsc dsc_repcopy(uint64_t src, uint64_t dst, uint64_t bytes, uint64_t csb);
Dsc dsc_imm(uint64_t dst, const void *data, unsigned bytes, uint64_t csb);
Dsc dsc_intr(unsigned akey, uint64_t csb);
Dsc dsc_admin(uint32_t dw0, unsigned first, unsigned last, uint64_t csb);
Dsc dsc_sync(unsigned filter, unsigned first, unsigned last, uint64_t csb);

/* Push an admin descriptor with CSB 0, ring, run; returns er. */
bool guest_admin(FakeHost *g, Dsc d);
/* START_NM of one context through context 0. */
void guest_start(FakeHost *g, unsigned cxt);
/* What most begin with: a function with a log, context 1 runs in slot 1. */
FakeHost *guest_active(void);
/* Push @d on @slot, ring @cxt, run. */
void guest_do(FakeHost *g, unsigned cxt, unsigned slot, Dsc d);
/* Fill with bytes that depend on @seed. */
void guest_pattern(FakeHost *g, uint64_t addr, size_t bytes, unsigned seed);

#endif
