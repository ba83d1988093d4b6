/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one background operation of a command interface: time, progress, abort,
 * result.  CXL r3.1 8.2.8.4.6, 8.2.9.1.2.
 *
 * What the operation does is in the row that started it (CxlBgWork): the work
 * advances with the virtual clock in equal slices, so a half-done
 * sanitize has really done half.  A slice is small enough that nobody waits
 * long for it, however large the device: large operations have more of them,
 * and a timer that is late does not do all of them in one go.  Registers that
 * show it: core/mailbox.c.
 */
#ifndef HW_CXL_CORE_BACKGROUND_H
#define HW_CXL_CORE_BACKGROUND_H

#include "hw/common/save.h"
#include "hw/cxl/wire/mailbox.h"

#define CXL_BG_SLICES_MIN 64
#define CXL_BG_SLICES_MAX 65536
/* Bytes of work that a slice aims at, and that one call of run stays near */
#define CXL_BG_SLICE_BYTES (16ull << 20)
#define CXL_BG_RUN_BYTES (64ull << 20)
#define CXL_BG_MAX_RANGES 4096
/* Beyond this share an operation is no longer interrupted. */
#define CXL_BG_ABORT_LIMIT_PERCENT 85

typedef struct CxlBackground CxlBackground;

typedef struct CxlBgRange {
    uint64_t start;
    uint64_t len;
} CxlBgRange;

typedef struct CxlBgWork {
    /*
     * Carries out @len bytes at @offset of the concatenated ranges; pieces
     * come in order.  Anything but success ends the operation.
     * NULL if nothing is to be done before the end.
     */
    CxlRc (*step)(void *owner, CxlBackground *bg, uint64_t offset,
                  uint64_t len);
    /*
     * Runs once, last: @rc is success, aborted, or what step said.  Returns
     * the code to report.  NULL to report @rc.
     */
    CxlRc (*finish)(void *owner, CxlBackground *bg, CxlRc rc);
    /*
     * Are ranges, arguments and the owner's state such as the command leaves
     * them?  The hooks above rely on it; asked when the operation starts, and
     * of one that runs in a saved state.  Every row of a command has it.
     */
    bool (*fits)(const void *owner, const CxlBackground *bg);
    bool abortable;
} CxlBgWork;

struct CxlBackground {
    const CxlBgWork *work;  /* of the running operation, else NULL */
    void *owner;            /* for its hooks */
    /* Last or running operation; all zero before the first. */
    uint16_t opcode;
    uint16_t rc;
    uint16_t vendor;
    uint8_t percent;
    bool running;
    int64_t start_ns;
    int64_t duration_ns;
    uint32_t slices_done;   /* of cxl_background_slices() */
    /* The operation's own arguments. */
    uint64_t args[4];
    CxlBgRange *ranges;
    uint32_t num_ranges;
    uint64_t total;         /* sum of the lengths */
};

void cxl_background_init(CxlBackground *bg, void *owner);
void cxl_background_destroy(CxlBackground *bg);
/* Forgets the last result; a running operation ends without its hooks. */
void cxl_background_reset(CxlBackground *bg);
/*
 * The device is reset: a running operation ends as if it had been aborted,
 * whether or not its row allows that.
 */
void cxl_background_interrupt(CxlBackground *bg);

/*
 * Two steps: prepare takes a copy of the ranges (at most CXL_BG_MAX_RANGES;
 * they bound the step hook), and of a duration as far as a clock reaches;
 * start makes it run.  Only while idle.
 */
void cxl_background_prepare(CxlBackground *bg, const CxlBgRange *ranges,
                            uint32_t num_ranges, uint64_t duration_ns);
/* What is prepared lasts 2^@shift times as long, 63 at most. */
void cxl_background_stretch(CxlBackground *bg, unsigned shift);
void cxl_background_start(CxlBackground *bg, const CxlBgWork *work,
                          uint16_t opcode, int64_t now_ns);

/* How many slices the work of the operation has; follows from its ranges. */
uint32_t cxl_background_slices(const CxlBackground *bg);
/*
 * Virtual time of the next slice; INT64_MAX while idle.  It may have passed
 * already after a run: call run again soon, but let others run before.
 */
int64_t cxl_background_deadline(const CxlBackground *bg);
/*
 * Does work due by @now_ns, about CXL_BG_RUN_BYTES of it at most; true if the
 * operation ended now.
 */
bool cxl_background_run(CxlBackground *bg, int64_t now_ns);
/* A running operation ends now with @rc, for what it waited for is there. */
void cxl_background_complete(CxlBackground *bg, int64_t now_ns, CxlRc rc);
/* Share of the time that has passed, as the guest may see it. */
unsigned cxl_background_percent(const CxlBackground *bg, int64_t now_ns);
/*
 * True if the operation was stopped (it then reports aborted), or is past
 * the point where stopping makes sense; false if its row forbids it.
 * *@ended tells whether it has ended.
 */
bool cxl_background_abort(CxlBackground *bg, int64_t now_ns, bool *ended);

/* The walk over ranges, for the step hooks: piece of @len at @offset. */
typedef CxlRc CxlBgPieceFn(void *opaque, uint64_t start, uint64_t len);
CxlRc cxl_background_pieces(const CxlBackground *bg, uint64_t offset,
                            uint64_t len, CxlBgPieceFn *fn, void *opaque);

/*
 * Saved state, see hw/common/save.h.  Who loads puts the work of a running
 * operation in place, see cxl_cci_load().
 */
void cxl_background_save(const CxlBackground *bg, SaveWriter *w);
void cxl_background_load(CxlBackground *bg, SaveReader *r);
const char *cxl_background_check(const CxlBackground *bg);

#endif /* HW_CXL_CORE_BACKGROUND_H */
