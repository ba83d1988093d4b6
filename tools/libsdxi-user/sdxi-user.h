/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: drive a SNIA SDXI 1.0 function from a program.
 *
 * A program opens a function, which has no kernel driver or has vfio-pci,
 * makes contexts, has memory that the function reaches, puts descriptors into
 * the ring of a context, rings its doorbell without a system call, and waits.
 * Or it is given a context by a kernel driver, in its own address space, and
 * uses the same calls for the ring (sdxi_user_context_attach()).
 *
 * Units: lengths and offsets are bytes, times are milliseconds, rings are
 * counted in descriptors of 64 bytes.  Numbers are in the processor's order;
 * what lies in memory for the function is little-endian, and so must be the
 * processor (the library does not build elsewhere).
 *
 * Addresses: an uint64_t that is called an address is one as the function sees
 * it: physical, an I/O virtual address of vfio, or one of the process where a
 * kernel driver gave a context in its address space.
 *
 * Errors: functions that return int give 0 or more for success, and one of
 * SdxiUserError, all negative, for failure; errno is then that of the system
 * call that failed, if it was one.  What is to be made is in *out only after
 * success.  The library prints nothing and ends no program.
 *
 * Ownership: what sdxi_user_X_new() or _open() makes belongs to the caller
 * until it is given to _free() or _close(); what a function still has of
 * contexts and memory goes with it.  Objects stay with the process that made
 * them: after fork() the child has none of the memory below them.
 *
 * Threads: there is no state but in these objects.  A context belongs to one
 * thread at a time, and threads may use different contexts of a function at
 * the same time.  All other calls that name the same function, or make, free or
 * give keys to contexts of it, are made by one thread at a time.
 *
 * Sections are those of the SDXI 1.0 specification.
 */
#ifndef SDXI_USER_H
#define SDXI_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef enum SdxiUserError {
    SDXI_USER_OK = 0,
    SDXI_USER_E_ARGUMENT = -1,      /* an argument is out of its range */
    SDXI_USER_E_DEVICE = -2,        /* no such function, or no SDXI */
    SDXI_USER_E_BUSY = -3,          /* a kernel driver or a program has it */
    SDXI_USER_E_IOMMU = -4,         /* translated, and not bound to vfio-pci */
    SDXI_USER_E_SYSTEM = -5,        /* a system call failed: errno */
    SDXI_USER_E_MEMORY = -6,        /* none, or not in one piece */
    SDXI_USER_E_MOVED = -7,         /* the kernel moved pages */
    SDXI_USER_E_VERSION = -8,       /* not SDXI 1.x */
    SDXI_USER_E_LIMIT = -9,         /* more than the function offers */
    SDXI_USER_E_UNSUPPORTED = -10,  /* not by this function, or this way */
    SDXI_USER_E_TIMEOUT = -11,      /* not within the time */
    SDXI_USER_E_STATE = -12,        /* the function or the context is stopped */
    SDXI_USER_E_FAILED = -13,       /* a descriptor ended with an error */
    SDXI_USER_E_FULL = -14,         /* no room in the ring now */
    SDXI_USER_E_PENDING = -15,      /* not complete yet */
    SDXI_USER_ERRORS = 16
} SdxiUserError;

/* A sentence without a full stop, for any number; never NULL, never freed. */
const char *sdxi_user_strerror(int error);

/* --- functions ----------------------------------------------------------- */

typedef struct SdxiUser SdxiUser;

typedef enum SdxiUserWay {
    SDXI_USER_ANY,      /* vfio if vfio-pci is bound, else sysfs */
    SDXI_USER_SYSFS,    /* physical addresses, huge pages; needs root */
    SDXI_USER_VFIO,     /* an I/O MMU and a group of vfio's (type 1) */
} SdxiUserWay;

typedef struct SdxiUserInfo {
    char bdf[16];               /* "0000:00:02.0" */
    SdxiUserWay way;
    unsigned major, minor;      /* MMIO_VERSION, Table 9-8 */
    uint16_t sfunc;             /* the function's handle: keys name it */
    bool vf;                    /* an SR-IOV virtual function */
    unsigned contexts;          /* that this library can use, 0 among them */
    unsigned vectors;           /* of MSI-X; 0 is the error log's */
    unsigned max_ring;          /* descriptors */
    uint64_t max_buffer;        /* bytes of one descriptor */
    uint32_t groups;            /* optional operations: SDXI_USER_GROUP_* */
    unsigned rkeys;             /* entries of the RKey table here, or 0 */
} SdxiUserInfo;

#define SDXI_USER_GROUP_ATOMIC  (1u << 3)
#define SDXI_USER_GROUP_INTR    (1u << 4)

/*
 * Take the function @bdf, or the first of its class with NULL, and activate it
 * (4.1.8): all that it had before is stopped.  Fails with BUSY if a kernel
 * driver other than vfio-pci is bound, or a program with this library has it,
 * which is not disturbed.  Once the program is gone, vfio resets the function;
 * by way of sysfs it goes on until the next open.
 */
int sdxi_user_open(const char *bdf, SdxiUserWay way, SdxiUser **out);
/*
 * The same, where a change of state, of which there are a few here and in
 * sdxi_user_close(), may take @ms instead of the usual second (0): for a
 * machine that has other things to do.  TIMEOUT if one takes longer.
 */
int sdxi_user_open_within(const char *bdf, SdxiUserWay way, unsigned ms,
                          SdxiUser **out);
/* Stop it and give it back.  NULL is harmless. */
void sdxi_user_close(SdxiUser *fn);
void sdxi_user_info(const SdxiUser *fn, SdxiUserInfo *info);
/* How long an administrative operation and a synchronous copy may take */
void sdxi_user_set_timeout(SdxiUser *fn, unsigned ms);
/* MMIO_STS0 (Table 9-5): 2 is ACTIVE, 5 is ERROR. */
unsigned sdxi_user_state(const SdxiUser *fn);

/* --- memory that a function reaches -------------------------------------- */

typedef struct SdxiUserMemory {
    uint8_t *va;                /* for the program; zeroes at first */
    size_t len;                 /* at least what was asked for */
    struct SdxiUserPages *pages; /* the library's */
} SdxiUserMemory;

/*
 * @bytes of memory, of NUMA node @node (-1: any).  By way of sysfs it is of
 * huge pages of 2 MiB, reserved and given back, or where there are none of
 * small ones that are locked, which the kernel may move all the same.
 */
int sdxi_user_memory_new(SdxiUser *fn, size_t bytes, int node,
                         SdxiUserMemory **out);
void sdxi_user_memory_free(SdxiUser *fn, SdxiUserMemory *memory);
/*
 * The address of byte @offset < len; *@contiguous, unless NULL, says for how
 * many bytes addresses go on from there without a gap.
 */
uint64_t sdxi_user_address(const SdxiUserMemory *memory, size_t offset,
                           uint64_t *contiguous);
/* MOVED if a page is no longer where it was, so that results mean nothing. */
int sdxi_user_memory_check(SdxiUser *fn, const SdxiUserMemory *memory);

/* --- contexts ------------------------------------------------------------ */

typedef struct SdxiUserContext SdxiUserContext;

#define SDXI_USER_RING          1024    /* the least, Table 3-1 */
#define SDXI_USER_QOS_MAX       3
/* Completion blocks of a context, by number */
#define SDXI_USER_COMPLETIONS   64
/* AKeys of a context (Table 3-7); 0 is the context's own memory */
#define SDXI_USER_AKEYS         256

typedef struct SdxiUserContextOptions {
    unsigned entries;           /* of the ring; 0: SDXI_USER_RING */
    unsigned qos;               /* CXT_CTL.qos (Table 3-4): 3 gets most */
} SdxiUserContextOptions;

/*
 * A context that runs, with the lowest number that is free.  AKey 0 is its own
 * memory, and raises the vector of the context's number where the function has
 * one.  @options may be NULL.
 */
int sdxi_user_context_new(SdxiUser *fn, const SdxiUserContextOptions *options,
                          SdxiUserContext **out);
/*
 * A context of somebody else's, whose structures lie where @place says.  It is
 * neither started nor stopped here, and nothing of @place is freed.
 */
typedef struct SdxiUserPlace {
    uint64_t *ring;             /* @entries * 64 bytes */
    unsigned entries;
    uint64_t *write_index;
    const uint64_t *status;     /* CXT_STS, Table 3-5: two quadwords */
    uint64_t *completions;      /* SDXI_USER_COMPLETIONS * 32 bytes */
    uint64_t completions_at;    /* their address */
    volatile uint64_t *doorbell;
    uint64_t max_buffer;        /* bytes of one descriptor */
} SdxiUserPlace;

int sdxi_user_context_attach(const SdxiUserPlace *place,
                             SdxiUserContext **out);
/* Stop it (6.2: CXT_STOP, SYNC) unless attached; NULL is harmless. */
int sdxi_user_context_free(SdxiUserContext *context);
/*
 * Start it again where it stands (CXT_START_NM): after an error, with the
 * descriptor after the one that failed.  UNSUPPORTED if attached.
 */
int sdxi_user_context_restart(SdxiUserContext *context);
unsigned sdxi_user_context_number(const SdxiUserContext *context);
/* CXT_STS.state (Table 3-6): 1 is RUN, 15 an error */
unsigned sdxi_user_context_state(const SdxiUserContext *context);
/* Descriptors taken by the function, and put in, since the beginning */
uint64_t sdxi_user_read_index(const SdxiUserContext *context);
uint64_t sdxi_user_write_index(const SdxiUserContext *context);

/* --- keys: memory of other functions and processes (3.3, Table 3-7) ------ */

typedef struct SdxiUserKey {
    /* AKey: of whose memory, 0: this function.  RKey: who may use it. */
    uint16_t function;
    uint16_t rkey;              /* AKey: which RKey of that function */
    bool pasid_valid;
    uint32_t pasid;             /* 20 bits */
    uint16_t vector;            /* that INTR raises; 0: none */
} SdxiUserKey;

/*
 * Entry @index of a context's AKeys, or of a function's RKeys, becomes @key, or
 * nothing if NULL.  It is in force, and the old one is not, when this returns.
 */
int sdxi_user_set_akey(SdxiUserContext *context, unsigned index,
                       const SdxiUserKey *key);
int sdxi_user_set_rkey(SdxiUser *fn, unsigned index, const SdxiUserKey *key);

/* --- descriptors (Tables 6-1 to 6-22) ------------------------------------ */

typedef struct SdxiUserDescriptor {
    uint64_t q[8];              /* as they lie in the ring, without VL */
} SdxiUserDescriptor;

/* Lengths are 1..max_buffer; AKey 0 for both sides, no completion block. */
SdxiUserDescriptor sdxi_user_nop(void);
SdxiUserDescriptor sdxi_user_copy(uint64_t dst, uint64_t src, uint64_t bytes);
/* The 4096 bytes at @src again and again; @bytes is a multiple of 4096. */
SdxiUserDescriptor sdxi_user_repeat(uint64_t dst, uint64_t src,
                                    uint64_t bytes);
/* 1..32 bytes from the descriptor itself */
SdxiUserDescriptor sdxi_user_write(uint64_t dst, const void *data,
                                   unsigned bytes);
/* Raise the vector of AKey @akey, once all before is done (fenced). */
SdxiUserDescriptor sdxi_user_intr(unsigned akey);

/* Table 6-2; UCLAMPI, UCLAMPD: count up, down to @a */
typedef enum SdxiUserAtomic {
    SDXI_USER_SWAP = 1, SDXI_USER_ADD, SDXI_USER_SUB, SDXI_USER_AND = 5,
    SDXI_USER_OR, SDXI_USER_XOR, SDXI_USER_SMIN, SDXI_USER_SMAX,
    SDXI_USER_UMIN, SDXI_USER_UMAX, SDXI_USER_UCLAMPI, SDXI_USER_UCLAMPD,
    SDXI_USER_CMPSWAP,          /* becomes @a if it is @b */
} SdxiUserAtomic;
/*
 * On the 4 or 8 bytes at @dst; the old value goes to @result unless that is 0.
 * Public sources leave the layout open; this is what the function with
 * x-atomics=on takes (docs/sdxi/choices.md).
 */
SdxiUserDescriptor sdxi_user_atomic(SdxiUserAtomic operation, uint64_t dst,
                                    unsigned bytes, uint64_t a, uint64_t b,
                                    uint64_t result);

/* Additions to a descriptor that has been made */
/* All before it is done first. */
void sdxi_user_fence(SdxiUserDescriptor *d);
void sdxi_user_keys(SdxiUserDescriptor *d, uint16_t dst, uint16_t src);
/* When done, count completion block @block of @context down by one. */
void sdxi_user_report(SdxiUserDescriptor *d, const SdxiUserContext *context,
                      unsigned block);

/* --- work ---------------------------------------------------------------- */

/*
 * Completion block @block counts down from @count; arm it before what reports
 * to it is submitted, and not again before it has been waited for.
 */
void sdxi_user_arm(SdxiUserContext *context, unsigned block, uint64_t count);
/*
 * Put @n descriptors into the ring and ring the doorbell once.  All or none:
 * FULL if they do not fit now, STATE if the context has stopped.
 */
int sdxi_user_submit(SdxiUserContext *context, const SdxiUserDescriptor *d,
                     unsigned n);
/* 0: zero was reached; PENDING; FAILED: reached, with at least one error. */
int sdxi_user_poll(const SdxiUserContext *context, unsigned block);
/* The same, waiting @ms at most: TIMEOUT, or STATE if the context stopped. */
int sdxi_user_wait(const SdxiUserContext *context, unsigned block,
                   unsigned ms);
/*
 * vfio: a file descriptor that can be read 8 bytes from (eventfd) after each
 * INTR with AKey 0.  It belongs to the context.
 */
int sdxi_user_eventfd(SdxiUserContext *context);
/*
 * sysfs: MSI-X on, all vectors masked as one (true), or as it was before
 * (false); then which of vectors 0 to 63 are pending.  Only delivery or a reset
 * of the PCI function clears a bit.
 */
int sdxi_user_mask(SdxiUser *fn, bool masked);
int sdxi_user_pending(SdxiUser *fn, uint64_t *vectors);

/*
 * From memory to memory, whatever pieces it lies in, with block 0; back when
 * done.  Zeroing repeats a page of zeroes.  What is left in the ring after
 * TIMEOUT goes on, so its memory must stay; the next of these calls waits for
 * it first.
 */
int sdxi_user_move(SdxiUserContext *context,
                   const SdxiUserMemory *dst, size_t dst_offset,
                   const SdxiUserMemory *src, size_t src_offset, size_t bytes);
int sdxi_user_zero(SdxiUserContext *context, const SdxiUserMemory *dst,
                   size_t offset, size_t bytes);
/* Between addresses, in pieces of at most max_buffer */
int sdxi_user_move_at(SdxiUserContext *context, uint64_t dst, uint64_t src,
                      uint64_t bytes);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* SDXI_USER_H */
