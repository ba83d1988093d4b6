/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record, in a file of its own, of memory that outlives the process and is
 * kept in host order (slice.h): so that whoever starts next can put it back in
 * device order before anybody reads it, whenever the process was killed.
 *
 * The file holds two headers, of which the newer intact one counts, and a
 * journal.  Bytes move in steps (slice-set.h).  A step saves everything it is
 * going to change in the journal, says "moving" in a header, moves, and says
 * how far the set is.  A process that dies leaves either the state between two
 * steps, or one that puts the bytes of before the step back from the journal.
 * What the host keeps of a process that was killed is enough; a host that
 * loses power is not provided for.
 *
 * Devices are known by their serial numbers.  Who opens the file, and which
 * memory needs it, is hw/cxl/window/layout-file.c.
 */
#ifndef HW_CXL_CORE_LAYOUT_H
#define HW_CXL_CORE_LAYOUT_H

#include "hw/cxl/core/slice.h"

/* The journal begins here; everything before is written at creation. */
#define CXL_LAYOUT_HEADER   (64 * 1024)
#define CXL_LAYOUT_JOURNAL  (2 * CXL_LAYOUT_HEADER)
/* Sets that a header has room for */
#define CXL_LAYOUT_SETS     239

/* The file.  False: an error, or less than @len bytes there. */
typedef struct CxlLayoutOps {
    uint64_t unit;      /* as that of the slices, see CxlSliceOps */
    bool (*read)(void *opaque, uint64_t at, void *buf, uint64_t len);
    bool (*write)(void *opaque, uint64_t at, const void *buf, uint64_t len);
    /* Cut off everything from @size on. */
    bool (*truncate)(void *opaque, uint64_t size);
} CxlLayoutOps;

/* A CxlSliceSet with serial numbers for devices */
typedef struct CxlLayoutSet {
    uint64_t len;
    uint8_t ig, iw;
    uint64_t left;      /* steps to go to host order */
    struct {
        uint64_t sn, dpa;
    } member[CXL_INTERLEAVE_WAYS_MAX];
} CxlLayoutSet;

/* @set as the file has it; @number is the serial number of a device of it. */
CxlLayoutSet cxl_layout_describe(const CxlSliceSet *set,
                                 uint64_t (*number)(const void *device));

typedef enum CxlLayoutMove {
    CXL_LAYOUT_STILL,
    /* Of files of before there were steps: all bytes of a set at once */
    CXL_LAYOUT_ADOPT,       /* from device order to host order */
    CXL_LAYOUT_RELEASE,     /* and back */
    CXL_LAYOUT_STEP_ADOPT,  /* the next step of a set to host order */
    CXL_LAYOUT_STEP_RELEASE,
} CxlLayoutMove;

typedef struct CxlLayout {
    const CxlLayoutOps *ops;
    void *opaque;
    uint64_t generation;    /* of the newest header */
    /* CxlLayoutSet that are not in device order, without @moving */
    GArray *sets;
    CxlLayoutMove move;
    CxlLayoutSet moving;    /* unless still */
    uint64_t journal;       /* bytes of it */
    bool late;              /* the file does not know yet that a move ended */
} CxlLayout;

/*
 * Read the file, or make one if it is empty.  NULL, or what is wrong with it;
 * then there is nothing to close.
 */
const char *cxl_layout_open(CxlLayout *l, const CxlLayoutOps *ops,
                            void *opaque);
void cxl_layout_close(CxlLayout *l);

/* Is anything in host order, or half way? */
bool cxl_layout_used(const CxlLayout *l);

/*
 * The next step of a set is about to begin: @saved holds CxlSliceSaved.  False,
 * and nothing changed, if the file cannot take it, or if a step that went
 * wrong is still to be repaired.
 */
bool cxl_layout_begin(CxlLayout *l, const CxlLayoutSet *set, bool adopt,
                      const GArray *saved);
/*
 * It is complete, and @set is so now.  False: the file still says that it is
 * not, so the next start will bring back what the set held before the step.
 * Without a step that began: @set is so now, and no byte moved; false, and the
 * record is as it was, if the file cannot take it.
 */
bool cxl_layout_end(CxlLayout *l, const CxlLayoutSet *set);
/* Make @sets (CxlLayoutSet) what is not in device order; nothing moves. */
bool cxl_layout_replace(CxlLayout *l, const GArray *sets);

/*
 * The device with serial number @sn, for CxlSliceSet; NULL if it is not there
 * or does not have the @len bytes at @dpa.
 */
typedef void *CxlLayoutFind(void *opaque, uint64_t sn, uint64_t dpa,
                            uint64_t len);
/* Are all members of all sets there?  If not, *@sn is one that is not. */
bool cxl_layout_complete(const CxlLayout *l, CxlLayoutFind *find,
                         void *opaque, uint64_t *sn);
/*
 * Put everything in device order that is not a set of @s, which this process
 * has recorded itself; all members have to be there.  @s must lead
 * to cxl_layout_begin() and _end() through its hooks.  False on an error of
 * the file or of the storage; trying again is safe.
 */
bool cxl_layout_repair(CxlLayout *l, CxlSlices *s, CxlLayoutFind *find,
                       void *opaque, uint64_t *moved);

#endif /* HW_CXL_CORE_LAYOUT_H */
