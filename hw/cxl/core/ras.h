/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAS capability: error status, masks, severity and the header log, with a
 * queue of uncorrectable errors behind the one the log shows.  CXL r3.1
 * 8.2.4.17.  Signalling (AER internal errors) is the caller's: this room says
 * whether and how to signal.
 *
 * Clearing just the bit that the first error pointer names takes one record
 * off the queue and shows the next; the bit stays set while records of it
 * remain.  Clearing any other set of bits drops all their records.  A masked
 * error sets its bit and is neither recorded nor signalled.
 *
 * Invariant (cxl_ras_check): the queue's first record is what the first error
 * pointer and the header log show; every queued bit is set in the status.
 */
#ifndef HW_CXL_CORE_RAS_H
#define HW_CXL_CORE_RAS_H

#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/cxl/wire/ras.h"

/* Records kept; later errors only set their status bit. */
#define CXL_RAS_QUEUE_MAX 32

typedef enum CxlRasSignal {
    CXL_RAS_SIGNAL_NONE,        /* masked */
    CXL_RAS_SIGNAL_CORRECTABLE, /* AER corrected internal error */
    CXL_RAS_SIGNAL_NONFATAL,    /* AER uncorrectable internal error */
    CXL_RAS_SIGNAL_FATAL,
} CxlRasSignal;

typedef struct CxlRasRecord {
    uint8_t bit;                /* CXL_RAS_UE_... */
    uint32_t header[CXL_RAS_HEADER_DWORDS];
} CxlRasRecord;

typedef struct CxlRas {
    Regbank bank;
    RegbankIgnoredFn *ignored;
    void *opaque;

    /* Saved state: */
    uint8_t bytes[CXL_RAS_LEN];
    uint32_t queued;            /* records, the first one is showing */
    CxlRasRecord queue[CXL_RAS_QUEUE_MAX];
} CxlRas;

/* @ignored may be NULL; it is called with @opaque. */
void cxl_ras_init(CxlRas *ras, void *opaque, RegbankIgnoredFn *ignored);
/* Status and log are sticky: only a cold reset clears them. */
void cxl_ras_reset(CxlRas *ras, bool cold);

uint64_t cxl_ras_read(CxlRas *ras, uint64_t offset, unsigned size);
void cxl_ras_write(CxlRas *ras, uint64_t offset, uint64_t value,
                   unsigned size);

/*
 * Record an uncorrectable error, @bit of CXL_RAS_UE_..., with @dwords (up to
 * 16) of header; missing ones read zero.  *@signal says what to send.  False,
 * and nothing recorded, if there is no such bit or the header is too long.
 */
bool cxl_ras_uncorrectable(CxlRas *ras, unsigned bit, const uint32_t *header,
                           unsigned dwords, CxlRasSignal *signal);
/* The same for a correctable error, CXL_RAS_CE_... */
bool cxl_ras_correctable(CxlRas *ras, unsigned bit, CxlRasSignal *signal);
/* Record @n uncorrectable errors; returns the worst of their signals. */
CxlRasSignal cxl_ras_uncorrectables(CxlRas *ras, const CxlRasRecord *errors,
                                    unsigned n);

/*
 * What firmware does that wants to hear of errors itself: none is masked; and
 * how severe one uncorrectable error is said to be.
 */
void cxl_ras_unmask(CxlRas *ras);
void cxl_ras_set_fatal(CxlRas *ras, unsigned bit, bool fatal);

/* Bits by the names that monitors and people give them; 32: there is none. */
unsigned cxl_ras_uncorrectable_named(const char *name);
unsigned cxl_ras_correctable_named(const char *name);

/*
 * What is recorded and not cleared: first the errors whose header is known, as
 * they came, then those that were masked, of which only the bit is.
 */
typedef struct CxlRasErrors {
    uint32_t uncorrectable, correctable; /* status registers */
    unsigned recorded;  /* with their header */
    unsigned count;     /* with and without */
    CxlRasRecord record[CXL_RAS_QUEUE_MAX + 32];
} CxlRasErrors;

void cxl_ras_errors(const CxlRas *ras, CxlRasErrors *out);

/* Become what somebody else's registers and records say; see save.h. */
void cxl_ras_adopt(CxlRas *ras, const uint8_t bytes[CXL_RAS_LEN],
                   const CxlRasRecord *queue, uint32_t queued);
void cxl_ras_save(const CxlRas *ras, SaveWriter *w);
void cxl_ras_load(CxlRas *ras, SaveReader *r);

/*
 * Where the registers are all that there is to save: a stream of their own.
 * False: *@problem is a sentence, to be freed, and @ras is what it was.
 */
#define CXL_RAS_SAVED_MAX 8192      /* bytes; more than there ever are */
void cxl_ras_save_alone(const CxlRas *ras, GByteArray *out);
bool cxl_ras_load_alone(CxlRas *ras, const uint8_t *bytes, size_t len,
                        char **problem);

/* NULL if the invariant holds, else what is wrong. */
const char *cxl_ras_check(const CxlRas *ras);
/* Is everything as after a cold reset? */
bool cxl_ras_pristine(const CxlRas *ras);

#endif /* HW_CXL_CORE_RAS_H */
