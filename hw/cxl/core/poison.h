/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Poisoned lines: those of the media, the list the host sees, and
 * Scan Media.  CXL r3.1 8.2.9.9.4.
 *
 * The lines are complete.  The list is a view of it: it holds the lines the
 * device has found, as long as they fit in list_max records; what does not fit
 * is left out and the overflow is stamped.  Internal poison is in the lines
 * first and enters the list when a read, the scrubber or a scan finds it.
 * Events and mappings that follow from a change are not here: core/mediaops.c.
 *
 * Where a container is full, something harmless happens: a part of a piece
 * that is found takes the whole piece with it; a hole in a piece cannot be
 * made, so what is there stays poisoned; another line that is partly written
 * is forgotten, or reported once more; a scan stops early.
 *
 * Invariant: everything is in whole lines; no container exceeds its maximum;
 * the list is a subset of the found part of the lines with equal sources, and
 * equals it while there is no overflow; the list has at most list_max records.
 */
#ifndef HW_CXL_CORE_POISON_H
#define HW_CXL_CORE_POISON_H

#include "hw/common/extentset.h"
#include "hw/common/save.h"
#include "hw/cxl/wire/commands.h"

#define CXL_POISON_LINE 64
/*
 * Nobody must fill our memory.  Poison is injected up to so many pieces; what
 * is there can be cut into so many; and so much is remembered of lines that
 * are written in parts, and of those whose consumption was logged.
 */
#define CXL_POISON_PIECES_MAX   16384
#define CXL_POISON_CUT_MAX      65536
#define CXL_POISON_PARTIAL_MAX  4096
#define CXL_POISON_REPORTED_MAX 16384
#define CXL_POISON_RESULTS_MAX  (2 * CXL_POISON_CUT_MAX)

typedef enum CxlPoisonSource {
    CXL_POISON_UNKNOWN = 0, CXL_POISON_EXTERNAL = 1, CXL_POISON_INTERNAL = 2,
    CXL_POISON_INJECTED = 3, CXL_POISON_VENDOR = 7,
} CxlPoisonSource;

typedef struct CxlPoisonScan {
    ExtentSet results;  /* value: source; taken out as they are read */
    bool valid;         /* a scan has ended and was not read to its end */
    bool stopped;       /* it ended early */
    uint64_t restart_dpa;
    uint64_t restart_len; /* bytes */
} CxlPoisonScan;

/* A name QEMU has not taken: its own type is CXLPoison. */
typedef struct CxlPoisonMap {
    ExtentSet lines;    /* value: source, and FOUND */
    ExtentSet listed;   /* value: source */
    ExtentSet partial;  /* per line: value is the mask of rewritten bytes */
    ExtentSet reported; /* lines whose consumption has been logged */
    uint32_t list_max;
    uint32_t inject_limit; /* lines; 0 is none */
    uint64_t injected;  /* of the lines, with source injected */
    bool overflow;
    uint64_t overflow_time; /* device time stamp */
    /* Where the next Get Poison List with the same arguments goes on */
    bool cursor_valid;
    uint64_t cursor_dpa, cursor_len, cursor_next;
    CxlPoisonScan scan;
} CxlPoisonMap;

void cxl_poison_init(CxlPoisonMap *p, uint32_t list_max,
                     uint32_t inject_limit);
void cxl_poison_destroy(CxlPoisonMap *p);

/*
 * Poisons the lines of the range that are not poisoned yet; @dpa and @len are
 * multiples of the line.  @found: they enter the list now.  *@overflowed tells
 * whether the list began to overflow.  Returns the bytes newly poisoned.
 */
uint64_t cxl_poison_add(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                        CxlPoisonSource source, bool found, uint64_t stamp,
                        bool *overflowed);
/*
 * For poison that cannot be left out when there are as many pieces as are
 * kept: lines of one hole at @dpa become part of the piece beside them, with
 * all that is between, and are found.  *@grown is that piece then.
 */
void cxl_poison_join(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                     uint64_t stamp, Extent *grown, bool *overflowed);
/* False if taking the lines out would make one piece too many. */
bool cxl_poison_removable(const CxlPoisonMap *p, uint64_t dpa, uint64_t len);
/* The lines are healthy again; returns the bytes that were poisoned. */
uint64_t cxl_poison_remove(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                           uint64_t stamp, bool *overflowed);
/*
 * Hidden poison of the range is found: it enters the list.  Returns the bytes
 * that were hidden.
 */
uint64_t cxl_poison_find(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                         uint64_t stamp, bool *overflowed);
/* Rebuild the list from the lines; overflow ends if everything fits. */
void cxl_poison_relist(CxlPoisonMap *p, uint64_t stamp);

/*
 * A host store of any alignment.  Returns true, and the range of lines that
 * have been rewritten as a whole, if there are any; the caller removes them.
 */
bool cxl_poison_wrote(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                      uint64_t *clear_dpa, uint64_t *clear_len);
/* A host load of the line: true if this is the first since it was poisoned. */
bool cxl_poison_consumed(CxlPoisonMap *p, uint64_t dpa);
/* True if injecting one more line would exceed the limit, or our memory. */
bool cxl_poison_inject_full(const CxlPoisonMap *p);
/* No more pieces of any source. */
bool cxl_poison_full(const CxlPoisonMap *p);

/*
 * 4300h: fills up to @room records of the range and returns how many; *@more
 * if others remain, which the next call with the same range continues with.
 */
unsigned cxl_poison_list(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                         CxlPoisonRecord *records, unsigned room, bool *more);
/* The next call begins at the start of its range, whatever came before. */
void cxl_poison_list_again(CxlPoisonMap *p);

/*
 * 4304h: forget old results; one piece, or false if there is no room for what
 * is in it; the end (@done bytes were scanned)
 */
void cxl_poison_scan_begin(CxlPoisonMap *p);
bool cxl_poison_scan_piece(CxlPoisonMap *p, uint64_t dpa, uint64_t len);
void cxl_poison_scan_end(CxlPoisonMap *p, uint64_t dpa, uint64_t len,
                         uint64_t done);
/* 4305h: as cxl_poison_list; what is returned is consumed. */
unsigned cxl_poison_scan_results(CxlPoisonMap *p, CxlPoisonRecord *records,
                                 unsigned room, bool *more);

/* Saved state, see hw/common/save.h. */
void cxl_poison_save(const CxlPoisonMap *p, SaveWriter *w);
void cxl_poison_load(CxlPoisonMap *p, SaveReader *r);
const char *cxl_poison_check(const CxlPoisonMap *p);

#endif /* HW_CXL_CORE_POISON_H */
