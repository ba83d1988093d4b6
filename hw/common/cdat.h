/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coherent device attribute table: built from what the device has, or taken
 * from a file of the user's, and read entry by entry.  CDAT 1.04, CXL r3.1
 * 8.1.11.  The mailbox it is read through is doe.h, the bytes wire/cdat.h.
 *
 * Entry 0 is the table header, entry n the n-th structure.  Invariant: the
 * table's length is that of its entries, its bytes sum up to zero.
 */
#ifndef HW_COMMON_CDAT_H
#define HW_COMMON_CDAT_H

#include "hw/common/wire/cdat.h"

/* One range of the device: a partition or a dynamic capacity region */
typedef struct CdatRange {
    uint64_t base;              /* device physical address */
    uint64_t size;              /* bytes */
    uint8_t handle;             /* DSMAS handle, unique in the device */
    uint8_t flags;              /* CDAT_DSMAS_... */
    uint8_t efi_type;           /* CDAT_EFI_... */
    uint64_t read_latency_ps;   /* picoseconds; 0: say nothing */
    uint64_t write_latency_ps;
    uint32_t read_mbps;         /* MB/s; 0: say nothing */
    uint32_t write_mbps;
} CdatRange;

typedef struct Cdat {
    GByteArray *table;          /* all bytes; NULL before the first build */
    GArray *start;              /* uint32_t: where each entry begins */
    bool fixed;                 /* came from a file: never rebuilt */
    bool initiator;             /* the owner of the ranges uses them itself */
    uint32_t sequence;          /* saved state */
} Cdat;

void cdat_init(Cdat *cdat);
void cdat_destroy(Cdat *cdat);

/*
 * Describe @ranges; empty ones are left out.  Counts the sequence up unless
 * this is the first build or nothing changed.  Does nothing if a file gave
 * the table.
 */
void cdat_build(Cdat *cdat, const CdatRange *ranges,
                unsigned count);

/*
 * Take @len bytes of a file as they are.  On refusal returns false with a
 * sentence in *@why (static storage) and the offset of the offender.
 */
bool cdat_load(Cdat *cdat, const uint8_t *bytes, size_t len,
               const char **why, size_t *where);

/*
 * The same for the file @path, the value of @property.  NULL, or an allocated
 * sentence; *@sum, which is freed before, becomes the SHA-256 of the file.
 */
char *cdat_load_file(Cdat *cdat, const char *property, const char *path,
                     char **sum);

/*
 * The structures behind a table's header, which is not looked at: NULL and the
 * place of each entry (uint32_t), the header's first, at the end of @start;
 * or what is wrong (static storage) with the structure at *@where.
 */
const char *cdat_scan(const uint8_t *bytes, size_t len, GArray *start,
                      size_t *where);

/*
 * A table piece by piece: begin, add, and end, which puts it in place and
 * counts the sequence as above.
 */
typedef struct CdatBuilder {
    GByteArray *table;
    GArray *start;
} CdatBuilder;

void cdat_begin(CdatBuilder *b);
void cdat_add_dsis(CdatBuilder *b, uint8_t handle, uint8_t flags);
/* @unit in picoseconds or MB/s; a @value of 0 says nothing: no structure. */
void cdat_add_dslbis(CdatBuilder *b, uint8_t handle, uint8_t data_type,
                     uint64_t unit, uint16_t value);
/* The same for a value of any size: in units that it fits into */
void cdat_add_figure(CdatBuilder *b, uint8_t handle, uint8_t data_type,
                     uint64_t value);
void cdat_end(CdatBuilder *b, Cdat *cdat);

/*
 * Somebody else's table, structure by structure: *@at starts behind the
 * table's header, is less than @len, and moves on behind the structure, whose
 * header is *@entry.  NULL, or what is wrong with it (static storage).
 */
const char *cdat_walk(const uint8_t *table, size_t len, size_t *at,
                      CdatEntry *entry);
/* First value of a DSLBIS in picoseconds or MB/s; 0: it says nothing. */
uint64_t cdat_dslbis_value(const uint8_t *entry);

unsigned cdat_entries(const Cdat *cdat);
/* Bytes of entry @n and their number, or NULL if there is no such entry. */
const uint8_t *cdat_entry(const Cdat *cdat, unsigned n, size_t *len);

/*
 * Answer a table access object.  @request and @response are whole objects,
 * header included, as host-order dwords; @max is the room in @response.
 * Returns the dwords of the response, 0 for no response.
 */
unsigned cdat_doe(const Cdat *cdat, const uint32_t *request,
                  unsigned dwords, uint32_t *response, unsigned max);

/* NULL if the invariant holds, else what is wrong. */
const char *cdat_check(const Cdat *cdat);

#endif /* HW_COMMON_CDAT_H */
