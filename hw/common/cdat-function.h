/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attribute table of a function that knows nothing of one, from the few
 * figures that a person gives, and with what the switches above it add to them
 * where all is to be said in one table.  CDAT 1.04 2.  How tables are built
 * is cdat.h.
 */
#ifndef HW_COMMON_CDAT_FUNCTION_H
#define HW_COMMON_CDAT_FUNCTION_H

#include "hw/common/cdat.h"

#define CDAT_FUNCTION_MEMORY_UNIT   4096

typedef struct CdatFunction {
    uint64_t memory;            /* bytes; 0: it has none of its own */
    bool persistent;            /* that memory */
    bool initiator;             /* it uses memory itself */
    uint32_t read_latency, write_latency;       /* ns; 0: say nothing */
    uint32_t read_bandwidth, write_bandwidth;   /* MB/s; likewise */
} CdatFunction;

/* What lies between the function and the host */
typedef struct CdatWay {
    uint64_t latency_ps;
    uint64_t mbps;              /* 0: no limit is known */
} CdatWay;

/* NULL, or what is wrong by the name of the property; free with g_free(). */
char *cdat_function_check(const CdatFunction *f);

/* Builds the table of a @cdat that was initialized. */
void cdat_function_build(Cdat *cdat, const CdatFunction *f,
                         const CdatWay *way);

/*
 * The way leads through a switch, from its upstream port to its port number
 * @port: each structure of its table, of @len bytes, and after the last one
 * cdat_way_through().  Structures that say nothing of that are passed over.
 * The slowest of all that is said counts.
 */
typedef struct CdatSwitch {
    uint16_t port;
    CdatWay way;                /* zeroes at first */
} CdatSwitch;

void cdat_switch_entry(CdatSwitch *s, const uint8_t *entry, size_t len);
void cdat_way_through(CdatWay *way, const CdatSwitch *s);

#endif /* HW_COMMON_CDAT_FUNCTION_H */
