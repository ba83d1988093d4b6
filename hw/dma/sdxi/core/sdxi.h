/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An SDXI 1.0 function as its surroundings see it.
 *
 * Create, reset, registers, doorbells, run, save, load, query.  What happens
 * inside is in the rooms next door; what the function asks of its
 * surroundings is in hw/dma/sdxi/core/hostops.h.
 *
 * Who may call what, and when:
 *
 *  - The function has at most one owner at a time; whoever owns it may call
 *    anything here.  The glue decides how ownership is passed on (a mutex, or
 *    a hand-over between worker and vCPU).
 *  - sdxi_device_run() is the only entry that touches guest memory, raises
 *    interrupts or looks at peers.  It is called by the worker that owns the
 *    function, and returns at the latest after its budget, plus one chunk
 *    (SDXI_HOST_CHUNK), or at the next chunk or descriptor boundary once
 *    yield_wanted() is true.  A descriptor may be suspended half-way and is
 *    taken up by a later run; all else is always at a descriptor boundary.
 *  - Register accesses, reset, save, load and query need ownership, touch no
 *    guest memory, and take time that does not depend on rings or lengths.
 *    A request for a stop is noted, the worker is kicked, and MMIO_STS0 reads
 *    STOPG_* until a later run has finished it.
 *  - Instead of one worker that calls sdxi_device_run() there may be several,
 *    each with a pipe of its own.  A worker that owns the function picks a
 *    context, passes ownership on, works on the context while others do the
 *    same, and puts it back when it owns the function again.  While a pipe has
 *    a context, an owner may pick, put, read registers and query, and nothing
 *    else: the others wait until all contexts are back.  Pipes touch guest
 *    memory, raise interrupts and look at peers as sdxi_device_run() does.
 *  - sdxi_device_doorbell() needs no ownership: it sets a bit and kicks,
 *    whatever thread it is called from.  sdxi_device_image() needs none either;
 *    software that cannot wait for an owner reads registers from there.
 *
 * Memory: two bits per configured context for doorbells; a context that
 * runs costs less than 1 KiB, one that never ran nothing.
 */
#ifndef HW_DMA_SDXI_CORE_SDXI_H
#define HW_DMA_SDXI_CORE_SDXI_H

#include "hw/dma/sdxi/core/hostops.h"

typedef struct SdxiDevice SdxiDevice;
typedef struct SdxiPipe SdxiPipe;
typedef struct SdxiImage SdxiImage;
/* The operation groups on offer: hw/dma/sdxi/ops/profiles.h */
typedef struct SdxiProfile SdxiProfile;

/* Bytes of BAR0 that mean something; the rest reads 0. */
#define SDXI_MMIO_BYTES 0x80000

/* Properties.  Ranges are checked by sdxi_config_check(). */
typedef struct SdxiConfig {
    uint32_t contexts;        /* 1..65536 */
    uint32_t vectors;         /* 1..2048; what the host can raise */
    uint64_t max_ring;        /* descriptors: 1024 << (0..22) */
    uint64_t max_buffer;      /* bytes: 2 MiB << (0..11) */
    uint32_t doorbell_stride; /* bytes: 4096 << (0..7) */
    uint32_t akeys;           /* entries: 256 << (0..8) */
    uint32_t rkeys;           /* entries: 0 (none), or 256 << (0..8) */
    uint32_t errlog;          /* entries: 64 << (0..15) */
    uint32_t groups;          /* optional groups, bit n: opcode type n */
    uint16_t sfunc;           /* not 0; unique in the function group */
    bool vf;                  /* is an SR-IOV virtual function */
    bool errlog_shift;        /* ERR_CFG.sz is a shift, not a page count */
    bool rkey_pages;          /* RKEY.sz is a page count, not a shift */
    bool switched;            /* HostOps.peer_bytes is to be asked */
} SdxiConfig;

/* Useful values for all of the above but sfunc. */
extern const SdxiConfig sdxi_config_defaults;
/*
 * Properties that a guest sees, and that saved state is of; NULL after the
 * last.  The others are the host's business.
 */
extern const char *const sdxi_config_shape[];

/* What is wrong with a configuration, in words for the user. */
typedef struct SdxiConfigError {
    const char *property;     /* spelled as on the command line */
    uint64_t value;
    const char *accepted;     /* such as "1..65536" */
} SdxiConfigError;

/* True if @config is fine; else *@err says what is not. */
bool sdxi_config_check(const SdxiConfig *config, const SdxiProfile *profile,
                       SdxiConfigError *err);
/* Bytes of BAR2: contexts times stride, rounded up to a power of two. */
uint64_t sdxi_config_doorbell_bytes(const SdxiConfig *config);

/*
 * @config must have passed the check and is copied; @profile, @ops and
 * @opaque must outlive the function.  Never fails.
 */
SdxiDevice *sdxi_device_new(const SdxiConfig *config,
                            const SdxiProfile *profile,
                            const SdxiHostOps *ops, void *opaque);
void sdxi_device_free(SdxiDevice *dev);
const SdxiConfig *sdxi_device_config(const SdxiDevice *dev);
/* For the peer() of other functions; valid until free. */
const SdxiPeer *sdxi_device_peer(const SdxiDevice *dev);

/*
 * Power-on, bus reset, FLR: all registers and states to their reset values,
 * work in progress is dropped, guest memory is not touched.  (A RESET request
 * through MMIO_CTL0 is a register write and keeps the other registers.)
 */
void sdxi_device_reset(SdxiDevice *dev);

/* BAR0.  @size is 1..8, @addr any; holes read 0 and ignore writes. */
uint64_t sdxi_device_read(SdxiDevice *dev, uint64_t addr, unsigned size);
void sdxi_device_write(SdxiDevice *dev, uint64_t addr, uint64_t value,
                       unsigned size);

/* Any thread, no ownership: all registers as they are (core/image.h). */
void sdxi_device_image(const SdxiDevice *dev, SdxiImage *image);

/*
 * BAR2.  Any thread, no ownership, constant time.  Any part of the 64-bit
 * location at the start of a slot rings; the rest of a slot does nothing.
 * Reads of BAR2 return 0 and need not come here.
 */
void sdxi_device_doorbell(SdxiDevice *dev, uint64_t addr, uint64_t value,
                          unsigned size);

/*
 * Work for about @budget units: a unit is a byte moved; a descriptor costs
 * some hundred more.  1 MiB is a good value.  True: there is more to do now.
 * False: nothing to do until the next kick.
 */
bool sdxi_device_run(SdxiDevice *dev, uint64_t budget);

/* --- several workers ---------------------------------------------------- */

/* HostOps are called with @opaque for what the pipe does by itself. */
SdxiPipe *sdxi_pipe_new(SdxiDevice *dev, void *opaque);
/* It has no context. */
void sdxi_pipe_free(SdxiPipe *pipe);

typedef enum SdxiPick {
    SDXI_PICK_NOTHING,        /* nothing to do until the next kick or put */
    SDXI_PICK_AGAIN,          /* something was done; pick again */
    SDXI_PICK_WORK,           /* the pipe has a context: work, then put */
} SdxiPick;

/* As owner: no pipe has a context.  If not, they are told to bring them. */
bool sdxi_device_drained(SdxiDevice *dev);

/*
 * As owner; takes a turn of its own where only an owner may.  @fresh: this
 * worker was idle.  *@others: there is something to do for another pipe too.
 */
SdxiPick sdxi_pipe_pick(SdxiPipe *pipe, bool fresh, bool *others);
/* Not as owner. */
void sdxi_pipe_work(SdxiPipe *pipe);
/* As owner again. */
void sdxi_pipe_put(SdxiPipe *pipe);

/* --- saved state ------------------------------------------------------- */

/*
 * Everything that is not configuration or guest memory, as tagged sections
 * (hw/common/save.h), appended to @out.  Counters and remembered errors are
 * not saved.
 */
void sdxi_device_save(const SdxiDevice *dev, GByteArray *out);
/*
 * False: something in it is impossible, or the capabilities differ; *@problem
 * says what in a sentence (to be freed), and the function is as after a reset.
 * All of it is judged before anything of it takes effect.  Kicks.
 */
bool sdxi_device_load(SdxiDevice *dev, const uint8_t *bytes, size_t len,
                      char **problem);
/* No more bytes than this are ever saved. */
size_t sdxi_device_save_max(const SdxiConfig *config);

/* --- introspection ----------------------------------------------------- */

typedef struct SdxiCounters {
    uint64_t doorbells;       /* seen by the worker; merged ones count once */
    uint64_t descriptors;     /* executed, failed ones included */
    uint64_t failed;
    uint64_t bytes;           /* moved by COPY, REPCOPY, WRT_IMM */
    uint64_t remote_bytes;    /* of these, from or to another function */
    uint64_t peer_bytes;      /* of these, from or to below the same switch */
    uint64_t translations;    /* pages that I/O MMUs were asked for, to keep */
    uint64_t interrupts;
    uint64_t logged;          /* error log entries written */
    uint64_t lost;            /* error log entries dropped */
} SdxiCounters;

typedef struct SdxiInfo {
    unsigned gsv;             /* function state as in MMIO_STS0 */
    unsigned running;         /* contexts that run or are stopping */
    unsigned ready;           /* of these, with work to do */
    SdxiCounters counters;
} SdxiInfo;

typedef struct SdxiContextInfo {
    uint16_t number;
    uint8_t state;            /* as in CXT_STS */
    uint8_t qos;
    bool ready;
    bool in_flight;           /* a descriptor is suspended half-way */
    uint32_t ring_entries;
    uint64_t read_index;
    uint64_t write_index_at;  /* guest address of Write_Index */
    bool pasid_valid;         /* ... which is a process's own */
    uint64_t descriptors;     /* executed since it was started */
    uint64_t bytes;
} SdxiContextInfo;

/* Errors that are remembered, whether or not there is a log for them. */
#define SDXI_ERRORS_KEPT 16
/* Contexts of which the last error that stopped them is remembered. */
#define SDXI_STOPS_KEPT 64

/* The fields of an error log entry. */
typedef struct SdxiErrorInfo {
    uint64_t index;           /* of the descriptor */
    uint16_t context;
    uint8_t step, sub, reaction;
    uint8_t buffer;           /* operand number */
    bool has_context, has_index, has_buffer;
    bool logged;              /* false: no log, no room, or not to be written */
} SdxiErrorInfo;

typedef void SdxiContextFn(void *opaque, const SdxiContextInfo *info);

void sdxi_device_query(const SdxiDevice *dev, SdxiInfo *info);
/* Calls @fn for every context that runs, in ascending order. */
void sdxi_device_each_context(const SdxiDevice *dev, SdxiContextFn *fn,
                              void *opaque);
typedef void SdxiErrorFn(void *opaque, const SdxiErrorInfo *info);
/* Calls @fn for the last SDXI_ERRORS_KEPT errors, the oldest first. */
void sdxi_device_each_error(const SdxiDevice *dev, SdxiErrorFn *fn,
                            void *opaque);
/* For the last error of each context that one has stopped, likewise. */
void sdxi_device_each_stop(const SdxiDevice *dev, SdxiErrorFn *fn,
                           void *opaque);

/* For tests: NULL if every invariant holds, else which one does not. */
const char *sdxi_device_check(const SdxiDevice *dev);

#endif /* HW_DMA_SDXI_CORE_SDXI_H */
