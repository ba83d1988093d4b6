/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything an SDXI function asks of the world around it.
 *
 * Core and operations call nothing else that is above them.  The glue fills
 * this struct with QEMU, unit tests and fuzzers fill it with fakes.  What the
 * world may ask of a function, and from which thread, is in
 * hw/dma/sdxi/core/sdxi.h.
 *
 * Every member must be set.  Memory, interrupt, peer and clock members are
 * called only from within sdxi_device_run(); kick and trace from any entry
 * point.  A callback must not enter the same function again.
 */
#ifndef HW_DMA_SDXI_CORE_HOSTOPS_H
#define HW_DMA_SDXI_CORE_HOSTOPS_H

#include "qemu/bitops.h"

/* Most bytes that one call of a memory member is asked to move. */
#define SDXI_HOST_CHUNK (256 * 1024)

/*
 * What other functions of the same function group may know about a function.
 * Lives as long as the function; numbers are read and written atomically, each
 * for itself, by any thread.
 */
typedef struct SdxiPeer {
    void *host;             /* opaque of the function's own HostOps */
    uint64_t ctl0;          /* MMIO_CTL0 latched at activation */
    uint64_t rkey;          /* MMIO_RKEY */
    uint32_t active;        /* 1 while the function is ACTIVE */
    uint32_t max_rkeys;     /* entries; 0: no RKey functionality */
    uint32_t top_context;   /* doorbells above this are ignored */
    uint32_t withdrawn;     /* times that others lost a right to it */
    uint16_t sfunc;
    bool rkey_pages;        /* MMIO_RKEY.sz counts pages of 4 KiB */
    struct SdxiVfReq *vf_req; /* the core's business */
} SdxiPeer;

/* An address space: whose requester id, and which process. */
typedef struct SdxiSpace {
    const SdxiPeer *target; /* NULL: this function, else one got from peer() */
    uint32_t pasid;         /* 20 bits */
    bool pasid_valid;
    uint32_t withdrawn;     /* of @target, before it gave the right */
} SdxiSpace;

/* The right to it may have been taken away: it is to be asked for again. */
static inline bool sdxi_space_is_void(const SdxiSpace *space)
{
    return space->target &&
           qatomic_load_acquire(&space->target->withdrawn) != space->withdrawn;
}

/*
 * Guest RAM that is reached by pointer.  A span is filled in by the host and
 * belongs to the slot it was asked for; or it is a page of a cache (atc.h).
 */
typedef struct SdxiSpan {
    const SdxiPeer *target; /* of the space it is in */
    uint64_t addr;          /* guest address of host[0] */
    uint64_t len;           /* 0: there is no span */
    uint8_t *host;
    bool writable;
    bool watched;           /* wrote() must follow each write */
    uint8_t slot;           /* SDXI_SPANS: a page */
    uint8_t rights;         /* of a page: atc.h */
    uint8_t leaf;           /* of a page: bits of the I/O MMU's own, at most */
} SdxiSpan;

/* Slots that a caller of span() may use. */
#define SDXI_SPANS 4

typedef enum SdxiReach {
    SDXI_REACH_MEMBERS,     /* only read(), write() and so on get there */
    SDXI_REACH_SPAN,        /* there is a span */
    SDXI_REACH_PAGES,       /* an I/O MMU is in between: fetch() may help */
} SdxiReach;

/* Translations of an I/O MMU, and those that are missing: atc.h */
typedef struct SdxiAtc SdxiAtc;
typedef struct SdxiWants SdxiWants;
/* What is void with which epoch: inval-log.h */
typedef struct SdxiInvalLog SdxiInvalLog;

typedef enum SdxiMemResult {
    SDXI_MEM_OK,
    SDXI_MEM_TRANSLATION,   /* the IOMMU refused or knows no translation */
    SDXI_MEM_ACCESS,        /* nothing there, read-only, poison, DMA off */
    /*
     * Not now: a page request is on its way, for instance.  Nothing was
     * changed.  The function repeats the access when it is run again; the
     * host kicks it when that makes sense.
     */
    SDXI_MEM_AGAIN,
} SdxiMemResult;

/* How a copy ended.  On failure bytes below @done are copied, others may. */
typedef struct SdxiCopyEnd {
    SdxiMemResult result;
    bool dst_failed;        /* result is about the destination */
    uint32_t done;
} SdxiCopyEnd;

/*
 * Steps of an operation, for trace and guest-error logs.  The three numbers
 * mean what the comment says; numbers not named are zero.
 */
typedef enum SdxiTraceStep {
    SDXI_TRACE_REQUEST,     /* function state, request, next state */
    SDXI_TRACE_STATE,       /* old function state, new function state */
    SDXI_TRACE_RESET,       /* - */
    SDXI_TRACE_IGNORED,     /* register offset, bits that did not change */
    SDXI_TRACE_DOORBELL,    /* context, value */
    SDXI_TRACE_DOORBELL_BAD,/* address, value: no such context, or stopped */
    SDXI_TRACE_CXT_START,   /* context, read index, descriptors in the ring */
    SDXI_TRACE_CXT_STATE,   /* context, new state, read index */
    SDXI_TRACE_FETCH,       /* context, index, first dword of descriptor */
    SDXI_TRACE_REFUSED,     /* context, index, SdxiRefusal (descriptor.h) */
    SDXI_TRACE_COPY,        /* source, destination, bytes */
    SDXI_TRACE_COMPLETE,    /* context, index, 1 if er was set */
    SDXI_TRACE_INTERRUPT,   /* sfunc of target or 0, vector */
    SDXI_TRACE_FAULT,       /* context, index, step << 8 | sub-step << 4 | re */
    SDXI_TRACE_ERRLOG,      /* write index, 1 if the entry was dropped */
    SDXI_TRACE_STEPS
} SdxiTraceStep;

typedef struct SdxiHostOps {
    /*
     * @len is 1..SDXI_HOST_CHUNK; [addr, addr + len) does not wrap.  Nothing
     * is known about alignment.  A write of 1, 2, 4 or 8 naturally aligned
     * bytes is one access.  Data is bytes as they lie in guest memory.
     */
    SdxiMemResult (*read)(void *opaque, const SdxiSpace *space, uint64_t addr,
                          void *buf, uint32_t len);
    SdxiMemResult (*write)(void *opaque, const SdxiSpace *space,
                           uint64_t addr, const void *buf, uint32_t len);
    /*
     * Subtract one from the little-endian quadword at @addr, which is a
     * multiple of 8, as one atomic access.  All earlier writes, to whatever
     * space, are visible to the guest before.
     */
    SdxiMemResult (*decrement)(void *opaque, const SdxiSpace *space,
                               uint64_t addr);
    /*
     * Atomic compare and swap of the little-endian value of @size 4 or 8 at
     * @addr, a multiple of @size.  *@seen becomes the old value; the swap was
     * done if that equals @expected.
     */
    SdxiMemResult (*cmpxchg)(void *opaque, const SdxiSpace *space,
                             uint64_t addr, unsigned size, uint64_t expected,
                             uint64_t desired, uint64_t *seen);
    /* @len is 1..SDXI_HOST_CHUNK, neither side wraps, overlap is harmless. */
    SdxiCopyEnd (*copy)(void *opaque,
                        const SdxiSpace *src_space, uint64_t src,
                        const SdxiSpace *dst_space, uint64_t dst,
                        uint32_t len);

    /*
     * The RAM at @addr in @space, which has no PASID, as large as can be had,
     * into *@span of @slot, whose last content is void with this call.
     *
     * All spans are void once *@epoch changes, once a member above or fetch()
     * was called, and when sdxi_device_run() returns.  Who goes through a
     * pointer leaves out the member above that does the same, and calls wrote()
     * after a write to a span that is watched.  Without pointers it is always
     * SDXI_REACH_MEMBERS.
     */
    SdxiReach (*span)(void *opaque, const SdxiSpace *space, uint64_t addr,
                      bool write, unsigned slot, SdxiSpan *span);
    void (*wrote)(void *opaque, const SdxiSpan *span, uint64_t offset,
                  uint64_t len);
    const uint64_t *epoch;
    /* ... and what of the translations is; NULL: nothing is known of that. */
    const SdxiInvalLog *invals;
    /*
     * Ask I/O MMUs for what is in @wants, in that order, up to the first that
     * they refuse or that takes too long, and put it into @atc; pages of a
     * process that are missing are left to the members above.  What is put in
     * is good for that *@epoch, and is used within sdxi_device_run() only.
     */
    void (*fetch)(void *opaque, SdxiAtc *atc, const SdxiWants *wants);

    /*
     * The @len bytes at @addr in @space were read or written: who keeps them
     * for another function of the slot is to learn of it.  Answers how many
     * belong to devices that are below the switch that this function is below
     * too.  Voids no spans.  Only asked if SdxiConfig.switched is set.
     */
    uint64_t (*peer_bytes)(void *opaque, const SdxiSpace *space,
                           uint64_t addr, uint64_t len, bool is_write);

    /*
     * Send the message of @vector from @target (NULL: this function).  A
     * vector that is not allocated, or interrupts that cannot be sent, lose it
     * silently.
     */
    void (*interrupt)(void *opaque, const SdxiPeer *target, unsigned vector);

    /*
     * The function with handle @sfunc in the group this one was put into by
     * configuration, or NULL.  Valid until sdxi_device_run() returns.
     */
    const SdxiPeer *(*peer)(void *opaque, uint16_t sfunc);

    /*
     * The virtual function @number (from 0) of this physical one, or NULL: it
     * has none, or it is not enabled.  Valid until sdxi_device_run() returns.
     */
    const SdxiPeer *(*vf)(void *opaque, unsigned number);

    /*
     * Other functions have just lost the right to something of this one: when
     * this returns, no access through it that began before is under way.  What
     * has yet to begin in a space that is void ends with SDXI_MEM_AGAIN, and a
     * kick.  Called from any entry point; voids all spans.
     */
    void (*settle)(void *opaque);

    /* Have the worker of @other, a peer got from above, run it soon. */
    void (*nudge)(void *opaque, const SdxiPeer *other);
    /* Have the worker call sdxi_device_run() soon.  Any thread, O(1). */
    void (*kick)(void *opaque);
    /* Somebody waits for the function: run() returns at the next boundary. */
    bool (*yield_wanted)(void *opaque);
    /* The clock that guest time-outs go by, ns; never goes back. */
    int64_t (*now_ns)(void *opaque);
    /* Kick when that clock shows @ns; a later call takes the place of this. */
    void (*wake_at)(void *opaque, int64_t ns);

    /*
     * Is anybody interested in FETCH, COPY and COMPLETE?  Asked once in a
     * while; they are left out if not.
     */
    bool (*traced)(void *opaque);
    void (*trace)(void *opaque, SdxiTraceStep step, uint64_t a, uint64_t b,
                  uint64_t c);
} SdxiHostOps;

#endif /* HW_DMA_SDXI_CORE_HOSTOPS_H */
