/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world around an SDXI function, for unit tests and fuzzers: flat memory
 * with holes and read-only pages, accesses that fail on demand, interrupts
 * that are counted, a clock that only moves when told.
 *
 * Software that drives the function is in fake-guest.h.
 */
#ifndef TESTS_UNIT_SDXI_FAKE_HOST_H
#define TESTS_UNIT_SDXI_FAKE_HOST_H

#include "qemu/bswap.h"
#include "hw/dma/sdxi/core/sdxi.h"

#define FAKE_MEMORY     (32 * 1024 * 1024)
#define FAKE_PASIDS     4
#define FAKE_PEERS      4
#define FAKE_VECTORS    2048
/* From here on reads give zeroes and writes vanish, 1 TiB of it. */
#define FAKE_SINK       (UINT64_C(1) << 40)
#define FAKE_SINK_END   (UINT64_C(1) << 41)

typedef enum FakeKind {
    FAKE_READ = 1,
    FAKE_WRITE = 2,         /* decrement and cmpxchg included */
} FakeKind;

/* Accesses that fail. */
typedef struct FakeTrap {
    uint64_t addr, len;     /* any overlap; len 0: unused */
    unsigned kinds;         /* of FakeKind */
    SdxiMemResult result;
    unsigned times;         /* 0: always */
} FakeTrap;

#define FAKE_TRAPS 8

typedef struct FakeHost {
    uint8_t *memory;                /* without PASID */
    uint64_t size;                  /* of it, and of each PASID's */
    bool borrowed;                  /* memory is somebody else's */
    uint8_t *pasid_memory[FAKE_PASIDS]; /* by PASID, made on first use */
    FakeTrap trap[FAKE_TRAPS];
    bool dma_off;                   /* bus mastering */
    bool by_pointer;                /* memory is handed out: no traps */
    bool watch;                     /* ... and writes to it are to be told */
    uint64_t span_bytes;            /* ... each of this size; 0: in one */
    uint64_t rom, rom_bytes;        /* ... but for the spans of these */
    uint64_t page_bytes;            /* ... by an I/O MMU, in such pages */
    unsigned fetches, fetched;      /* times it was asked, pages it gave */
    bool quiet;                     /* nobody traces */
    /* Memory that is something else each time it is looked at */
    uint64_t restless, restless_len;
    uint64_t switched, switched_len;  /* memory below the same switch */
    unsigned spans;                 /* asked for */
    uint64_t wrote;                 /* bytes told */
    unsigned interrupts[FAKE_VECTORS];
    unsigned lost_interrupts;       /* vectors that do not exist */
    unsigned vectors;
    unsigned kicks, settled;
    bool yield;
    unsigned yield_after;           /* accesses until yield; 0: never */
    int64_t now_ns;
    int64_t wake_ns;                /* wants a kick then; 0: never asked */
    int64_t ns_per_mib;             /* how slow copies are */
    uint64_t accesses;              /* memory operations so far */
    uint64_t reads, writes;         /* of these */
    struct FakeHost *peer[FAKE_PEERS];
    struct FakeHost *vf[FAKE_PEERS];    /* by number */
    SdxiDevice *dev;
    unsigned traces[SDXI_TRACE_STEPS];
    uint64_t last_trace[SDXI_TRACE_STEPS][3];
    /* Called before each access if set: guests that meddle. */
    void (*meddle)(struct FakeHost *host, void *opaque, FakeKind kind,
                   uint64_t addr, uint32_t len);
    void *meddle_opaque;
} FakeHost;

extern const SdxiHostOps fake_host_ops;
/* Of all fake hosts: change it to make spans void. */
extern uint64_t fake_epoch;

FakeHost *fake_host_new(void);
/* Over @size bytes that stay the caller's and hold whatever they hold. */
FakeHost *fake_host_new_over(uint8_t *memory, uint64_t size);
/* Frees the device too, if there is one. */
void fake_host_free(FakeHost *host);

/* Make the next free trap; @times 0 for ever. */
void fake_host_trap(FakeHost *host, uint64_t addr, uint64_t len,
                    unsigned kinds, SdxiMemResult result, unsigned times);
void fake_host_no_traps(FakeHost *host);

/* Both functions may find each other by handle. */
void fake_host_befriend(FakeHost *a, FakeHost *b);

/* The bytes that a space means. */
uint8_t *fake_host_memory(FakeHost *host, bool pasid_valid, uint32_t pasid);

static inline uint64_t fake_ld(const FakeHost *host, uint64_t addr)
{
    return ldq_le_p(host->memory + addr);
}

static inline void fake_st(FakeHost *host, uint64_t addr, uint64_t value)
{
    stq_le_p(host->memory + addr, value);
}

#endif
