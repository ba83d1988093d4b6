/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything a CXL device model asks of the world around it.
 *
 * Core and commands call nothing else that is above them.  The glue fills
 * these structs with QEMU, unit tests and fuzzers fill them with fakes.  What
 * the world may ask of a device is in hw/cxl/core/device.h.
 *
 * Every member must be set that does not say otherwise.  Calls come from the
 * thread that entered the device; a callback must not enter the device again.
 */
#ifndef HW_CXL_CORE_HOSTOPS_H
#define HW_CXL_CORE_HOSTOPS_H

/*
 * Steps of an operation, for trace and guest-error logs.  The three numbers
 * mean what the comment says; numbers not named are zero.
 */
typedef enum CxlTraceStep {
    CXL_TRACE_COMMAND,       /* opcode, input length, 0 */
    CXL_TRACE_RESULT,        /* opcode, return code, output length */
    CXL_TRACE_GUEST_ERROR,   /* opcode, return code, input length */
    CXL_TRACE_BUSY_WRITE,    /* register offset, value, size: dropped */
    CXL_TRACE_READ_ONLY,     /* register offset, ignored bits */
    CXL_TRACE_BG_START,      /* opcode, duration in ns */
    CXL_TRACE_BG_DONE,       /* opcode, return code, percent */
    CXL_TRACE_EVENT,         /* log, handle, records now in the log */
    CXL_TRACE_EVENT_DROPPED, /* log, overflow count */
    CXL_TRACE_POISON,        /* DPA, length, source; source 0 is removal */
    CXL_TRACE_DC_OFFER,      /* DPA, length, region */
    CXL_TRACE_DC_ACCEPT,     /* DPA, length, generation */
    CXL_TRACE_DC_RELEASE,    /* DPA, length, generation */
    CXL_TRACE_MEDIA_STATE,   /* old state, new state */
    CXL_TRACE_SECURITY,      /* old state word, new state word */
    CXL_TRACE_DECODER,       /* number or -1 for all, committed or not */
    CXL_TRACE_RESET,         /* CxlResetKind */
    CXL_TRACE_BIAS,          /* command, status, pages */
    CXL_TRACE_STEPS
} CxlTraceStep;

/* Of every device: time, messages, and somebody who watches. */
typedef struct CxlHostOps {
    /* Virtual clock, ns; never goes back, stands still while stopped. */
    int64_t (*now_ns)(void *opaque);
    /*
     * The device's only timer: enter the device once when the virtual clock
     * reaches @at_ns, or later if a store that began before the last
     * access_changed() may still be under way.  A second call replaces the
     * first.
     */
    void (*timer_arm)(void *opaque, int64_t at_ns);
    void (*timer_cancel)(void *opaque);
    /* Send MSI/MSI-X message @msgnum. */
    void (*message)(void *opaque, unsigned msgnum);
    /*
     * Tell the firmware that there is something in an event log of which it
     * wants to know (CXL r3.1 8.2.9.2.4).  NULL: the platform has none that
     * does.
     */
    void (*firmware)(void *opaque);
    void (*trace)(void *opaque, CxlTraceStep step, uint64_t a, uint64_t b,
                  uint64_t c);
} CxlHostOps;

/*
 * Of a device that has media: where its contents are, and who relies on the
 * way there.  Addresses are device physical addresses (DPA) in bytes, data is
 * bytes as stored on the media.
 */
typedef struct CxlMediaOps {
    /*
     * The bytes behind a range of DPA: volatile, persistent or dynamic
     * capacity, interleaved or not, all the same to the caller.  The range
     * is inside the capacity of the device and may cross partitions.
     * These bypass poison, security lock and acceptance of extents.
     * False if the host cannot do it (the command then ends with 0x04).
     */
    bool (*dpa_read)(void *opaque, uint64_t dpa, void *buf, uint64_t len);
    bool (*dpa_write)(void *opaque, uint64_t dpa, const void *buf,
                      uint64_t len);
    /* Every byte of the range becomes @pattern; 0 may free host memory. */
    bool (*dpa_fill)(void *opaque, uint64_t dpa, uint64_t len,
                     uint8_t pattern);

    /* Label storage; the range is inside the configured LSA size. */
    bool (*lsa_read)(void *opaque, uint64_t offset, void *buf, uint64_t len);
    bool (*lsa_write)(void *opaque, uint64_t offset, const void *buf,
                      uint64_t len);
    /* All of it becomes zero; there is some. */
    bool (*lsa_clear)(void *opaque);

    /*
     * The rules that cxl_memdev_access() applies to the range changed: extents
     * accepted or released, lock, media state, poison.  Direct mappings that
     * would now grant too much are gone when this returns; mappings that
     * grant too little may follow later.
     */
    void (*access_changed)(void *opaque, uint64_t dpa, uint64_t len);

    /*
     * Firmware image of @slot (1..4) is complete and accepted.  The buffer is
     * the device's and valid during the call only.  False refuses it.
     */
    bool (*fw_store)(void *opaque, unsigned slot, const void *image,
                     uint64_t len);
} CxlMediaOps;

/* What a device with media is given at creation */
typedef struct CxlWorld {
    const CxlHostOps *ops;
    void *opaque;               /* of @ops */
    const CxlMediaOps *store;
    void *store_opaque;         /* of @store */
} CxlWorld;

#endif /* HW_CXL_CORE_HOSTOPS_H */
