/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware that is told of errors first: the error source through which it
 * hands them on, ACPI 6.5 18.3.2.8, and the interface by which it is asked to
 * make some, 18.6.  The tables that describe both are core/apei-tables.h, what
 * is in a record core/cper.h and core/error-record.h.
 *
 * The block holds one record.  The next one is put there when the operating
 * system has acknowledged the last; until then records wait in a queue, in the
 * order in which they came.
 *
 * Invariant (cxl_apei_check): records wait only while one is not
 * acknowledged; none is empty or longer than the block.
 */
#ifndef HW_CXL_CORE_APEI_H
#define HW_CXL_CORE_APEI_H

#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/cxl/wire/apei.h"

/* Records that wait at most */
#define CXL_APEI_QUEUE          32
/* Bytes of a stream; more than there ever are */
#define CXL_APEI_SAVED_MAX      (64 << 10)

/*
 * Calls come from within the functions below; none may enter them again, but
 * that @inject may call cxl_apei_record() and cxl_apei_room(): an error that
 * was made is one that is told.
 */
typedef struct CxlApeiOps {
    /* A record is in the block: the operating system is to look. */
    void (*notify)(void *opaque);
    /* A record has left the queue: there is room for another. */
    void (*room)(void *opaque);
    /*
     * Make an error of @type, one bit of CXL_EINJ_TYPES, at the function
     * segment << 24 | bus << 16 | device << 11 | function << 8.
     * CXL_EINJ_SUCCESS or why not.
     */
    unsigned (*inject)(void *opaque, uint32_t type, uint32_t sbdf);
    /* A guest wrote what makes no sense. */
    void (*ignored)(void *opaque, const char *what, uint64_t value);
} CxlApeiOps;

typedef struct CxlApei {
    const CxlApeiOps *ops;
    void *opaque;
    Regbank bank;

    /* Saved state: */
    uint8_t registers[CXL_APEI_REGISTERS];
    uint8_t block[CXL_APEI_BLOCK_SIZE];
    bool open;              /* between begin and end of an operation */
    GQueue waiting;         /* GBytes */
} CxlApei;

void cxl_apei_init(CxlApei *a, const CxlApeiOps *ops, void *opaque);
void cxl_apei_destroy(CxlApei *a);
/* Of the platform: nothing is there, and nothing waits. */
void cxl_apei_reset(CxlApei *a);

/* Accesses of a guest, @size 1 to 8, anywhere in the page. */
uint64_t cxl_apei_read(CxlApei *a, uint64_t addr, unsigned size);
void cxl_apei_write(CxlApei *a, uint64_t addr, uint64_t value, unsigned size);

/*
 * Hand on a record, a generic error status block of 1 to CXL_APEI_BLOCK_SIZE
 * bytes.  False if the queue is full.
 */
bool cxl_apei_record(CxlApei *a, const void *record, size_t len);
/* How many records would be taken now */
unsigned cxl_apei_room(const CxlApei *a);

/* What a type of error is in the registers of who has it */
typedef struct CxlEinjError {
    bool correctable;
    bool fatal;
    uint8_t bit;            /* CXL_RAS_CE_... or CXL_RAS_UE_... */
} CxlEinjError;

/* False: @type is not one of CXL_EINJ_TYPES. */
bool cxl_einj_error(uint32_t type, CxlEinjError *error);

/* Saved state, see hw/common/save.h; *@problem is to be freed. */
void cxl_apei_save(const CxlApei *a, GByteArray *out);
bool cxl_apei_load(CxlApei *a, const uint8_t *bytes, size_t len,
                   char **problem);

/* NULL if the invariant holds, else what is wrong. */
const char *cxl_apei_check(const CxlApei *a);

#endif /* HW_CXL_CORE_APEI_H */
