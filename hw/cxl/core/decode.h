/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an endpoint says of its memory, in one place because the decoders, the
 * DVSEC ranges and the CDAT have to say the same; and what of it decodes.
 *
 * Not here: who may access a range (core/device.h) and where its bytes are
 * (CxlMediaOps).
 */
#ifndef HW_CXL_CORE_DECODE_H
#define HW_CXL_CORE_DECODE_H

#include "hw/common/cdat.h"
#include "hw/cxl/core/dvsec.h"
#include "hw/cxl/core/hdm.h"

typedef enum CxlMemoryKind {
    CXL_MEMORY_VOLATILE,
    CXL_MEMORY_PERSISTENT,
    CXL_MEMORY_DYNAMIC,
    CXL_MEMORY_KINDS
} CxlMemoryKind;

/* What the CDAT says about one kind of memory; 0 says nothing. */
typedef struct CxlMemoryPerf {
    uint32_t read_latency;      /* ns */
    uint32_t write_latency;     /* ns */
    uint32_t read_bandwidth;    /* MB/s */
    uint32_t write_bandwidth;   /* MB/s */
} CxlMemoryPerf;

/* Partitions come first, regions of dynamic capacity after them. */
typedef struct CxlMemoryRange {
    CxlMemoryKind kind;
    uint64_t base, size;        /* DPA, bytes; size 0: empty */
    uint8_t handle;             /* DSMAS handle, unique in the device */
    uint8_t dsmas;              /* CDAT_DSMAS_* beside those of the kind */
} CxlMemoryRange;

/* Part of an endpoint, whose rooms it points to */
typedef struct CxlDecode {
    CxlHdm *hdm;
    CxlDvsec *dvsec;
    Cdat *cdat;
    CxlMemoryPerf perf[CXL_MEMORY_KINDS];
} CxlDecode;

/*
 * The memory is as @ranges say, at most CXL_HDM_AREAS_MAX.  No decoder maps
 * any that moves.
 */
void cxl_decode_set_memory(CxlDecode *d, const CxlMemoryRange *ranges,
                           unsigned count);

/* Does HDM decode, or, while it is off, do the ranges? */
bool cxl_decode_enabled(const CxlDecode *d);
/*
 * Host and device address, in bytes, of DVSEC range @n, which decodes while
 * HDM decoders are off; false: software has given it no place.
 */
bool cxl_decode_range(const CxlDecode *d, unsigned n, uint64_t *hpa,
                      uint64_t *size, uint64_t *dpa);
/*
 * True if a committed decoder (or an enabled range) maps any byte of the range.
 * NULL @d: nothing decodes.
 */
bool cxl_decode_mapped(const CxlDecode *d, uint64_t dpa, uint64_t len);
/* Appends text about the decoders to a component state dump. */
void cxl_decode_describe(const CxlDecode *d, GString *out);

#endif /* HW_CXL_CORE_DECODE_H */
