/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: what its files know of each other.
 *
 * Layouts of registers and memory are written out here on purpose, as a second
 * reading of the specification, independent of the device's own headers.
 */
#ifndef TOOLS_LIBSDXI_USER_PRIVATE_H
#define TOOLS_LIBSDXI_USER_PRIVATE_H

#include "port.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "SDXI structures are little-endian and stored directly");

/* BAR 0 (9.1 to 9.3) */
enum {
    SDXI_CTL0 = 0x0, SDXI_CTL2 = 0x10, SDXI_STS0 = 0x100, SDXI_CAP0 = 0x200,
    SDXI_CAP1 = 0x208, SDXI_VERSION = 0x210, SDXI_CXT_L2 = 0x10000,
    SDXI_RKEY = 0x10100, SDXI_ERR_CFG = 0x20010,
    SDXI_REGS = 0x20030,            /* bytes there are at least */
};
/* MMIO_CTL0, Table 9-2, and MMIO_STS0, Table 9-5 */
enum { GSR_RESET, GSR_STOP_SF, GSR_STOP_HD, GSR_ACTIVE };
enum { GSV_STOP, GSV_INIT, GSV_ACTIVE, GSV_STOPG_SF, GSV_STOPG_HD, GSV_ERROR };
/* CXT_STS, Table 3-6 */
enum { CXT_STOP_SW = 0, CXT_RUN = 1, CXT_STOPG_SW = 2, CXT_STOP_FN = 4,
       CXT_STOPG_FN = 6, CXT_ERR_FN = 15 };

/* Descriptors, Table 6-1 to 6-3 */
#define DSC_VL          UINT64_C(1)
#define DSC_FE          UINT64_C(4)
#define DSC(type, sub)  ((UINT64_C(type) << 16) | ((sub) << 8))
#define DSC_NP          UINT64_C(1)     /* quadword 7: no completion block */
#define DSC_AKEY_UPD    (DSC(2, 2) | DSC_FE)
#define DSC_CXT_START   (DSC(2, 3) | DSC_FE)
#define DSC_CXT_STOP    (DSC(2, 4) | DSC_FE)
#define DSC_SYNC        DSC(2, 6)
#define DSC_RKEY_UPD    (DSC(2, 7) | DSC_FE)
enum { SYNC_CXT, SYNC_STOP, SYNC_AKEY, SYNC_RKEY };

/* CST_BLK, Table 6-4: in quadword 1 */
#define CST_ER          (UINT64_C(1) << 31)
#define CST_WORDS       4

/* One level-1 table is used: contexts 0..127 (3.2) */
#define CONTEXTS_MAX    128

/* In memory, all of one function */
typedef struct SdxiUserTables {
    uint64_t l2[512];
    uint64_t l1[CONTEXTS_MAX][4];
    uint64_t rkeys[256][2];
    uint64_t zeroes[512];           /* what sdxi_user_zero() repeats */
} SdxiUserTables;

/* ... and of one context; the ring follows */
typedef struct SdxiUserContextMemory {
    uint64_t akeys[SDXI_USER_AKEYS][2];
    uint64_t cst[SDXI_USER_COMPLETIONS][CST_WORDS];
    uint64_t ctl[8];
    uint64_t sts[2];
    uint64_t write_index;
    uint64_t pad[229];
    uint64_t ring[][8];
} __attribute__((aligned(4096))) SdxiUserContextMemory;
_Static_assert(offsetof(SdxiUserContextMemory, ring) % 64 == 0,
               "Table 3-1: alignment of rings");

struct SdxiUserContext {
    SdxiUserPlace at;
    SdxiUser *fn;                   /* NULL: attached */
    unsigned number;
    SdxiUserMemory *memory;
    SdxiUserContextMemory *cm;
    int eventfd;
};

struct SdxiUser {
    SdxiUserPort *port;
    SdxiUserInfo info;
    uint64_t stride;                /* of doorbells */
    unsigned state_ms, timeout_ms;
    SdxiUserMemory *memories;       /* all that it has */
    SdxiUserMemory *memory;         /* of these, for the tables */
    SdxiUserTables *tables;
    SdxiUserContext *contexts[CONTEXTS_MAX];
};

/* What the function sees of an object in @memory */
uint64_t sdxi_user_at(const SdxiUserMemory *memory, const void *object);
/* True if @memory is one piece, as tables and rings have to be. */
bool sdxi_user_in_one_piece(const SdxiUserMemory *memory);

/* Structures of a context (4.1.8.4, 4.3.4) in *@out, not started */
int sdxi_user_context_place(SdxiUser *fn, unsigned number, unsigned state,
                            const SdxiUserContextOptions *options,
                            SdxiUserContext **out);
/* Only memory: the function has stopped. */
void sdxi_user_context_drop(SdxiUserContext *context);
/* An operation on contexts @number..@number, with keys; waits for its end. */
int sdxi_user_admin(SdxiUser *fn, uint64_t q0, unsigned number, unsigned key);

/*
 * Have @d done, all of which reports to block 0, and wait @ms for its end; what
 * a call of before, which ended with TIMEOUT or FAILED, has left in the ring
 * reports first, for as long again.
 */
int sdxi_user_run(SdxiUserContext *context, const SdxiUserDescriptor *d,
                  unsigned n, unsigned ms);

static inline void sdxi_user_store(volatile uint64_t *at, uint64_t value)
{
    __atomic_store_n(at, value, __ATOMIC_RELEASE);
}

/* All stores of before are seen by the function before those that follow. */
static inline void sdxi_user_barrier(void)
{
#ifdef __aarch64__
    __asm__ volatile("dmb osh" : : : "memory");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#endif
