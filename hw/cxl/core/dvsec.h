/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CXL part of an endpoint's configuration space: which DVSECs there are
 * and where, what their fields hold, how they react to writes and reset.
 * CXL r3.1 8.1.  The bytes are in wire/dvsec.h.
 *
 * Not here: the header of each extended capability (its first four bytes) and
 * the chain, which are the bus's; what a CXL reset does to the device
 * (core/endpoint.h); which functions are not CXL, which is for whoever knows
 * the other functions.
 *
 * Invariant (cxl_dvsec_check): what software has locked is locked.
 */
#ifndef HW_CXL_CORE_DVSEC_H
#define HW_CXL_CORE_DVSEC_H

#include "hw/common/regbank.h"
#include "hw/common/save.h"
#include "hw/cxl/wire/dvsec.h"

#define CXL_DVSEC_RANGES        2
#define CXL_DVSEC_LOCATORS      4   /* the last is there if it is asked for */

/* Constant after init */
typedef struct CxlDvsecConfig {
    bool flit_256b;         /* 256B flits offered */
    bool mld;               /* part of a multi-logical device */
    bool fourth_locator;    /* the register locator has one more entry */
    bool function_map;      /* there is a map of functions that are not CXL */
    bool cache;             /* CXL.cache capable */
    uint64_t cache_size;    /* as cxl_dvsec_cache_size_valid() has it */
    /*
     * Capability of the flex bus port above, which limits what the link runs
     * with; all ones: no such port.
     */
    uint16_t link_partner;
} CxlDvsecConfig;

/* An extended capability of configuration space */
typedef struct CxlConfigCap {
    uint16_t offset, len;   /* bytes */
    uint16_t id;            /* of the capability, PCIe r6.0 7.6.3 */
    uint8_t version;
} CxlConfigCap;

/* Consequences of a write that the device has to carry out */
enum {
    CXL_DVSEC_DID_RESET         = BIT(0),   /* CXL reset was requested */
    CXL_DVSEC_DID_MEM_ENABLE    = BIT(1),   /* CXL.mem switched */
    CXL_DVSEC_DID_RANGE         = BIT(2),   /* the base of a range moved */
};

enum {
    CXL_DVSEC_DEVICE, CXL_DVSEC_LOCATOR, CXL_DVSEC_GPF, CXL_DVSEC_FLEX,
    CXL_DVSEC_TEST, CXL_DVSEC_MAP, CXL_DVSECS
};

typedef struct CxlDvsec {
    CxlDvsecConfig config;
    CxlConfigCap cap[CXL_DVSECS];   /* offset 0: not there */
    Regbank bank[CXL_DVSECS];
    unsigned did;                   /* of the write that is going on */
    uint64_t size[CXL_DVSEC_RANGES];
    uint32_t locator[CXL_DVSEC_LOCATORS];

    /* Saved state: the bits that software can change */
    uint8_t device[CXL_DVSEC_DEV_LEN];
    uint8_t locators[CXL_DVSEC_LOCATOR_LEN(CXL_DVSEC_LOCATORS)];
    uint8_t gpf[CXL_DVSEC_GPF_LEN];
    uint8_t flex[CXL_DVSEC_FLEX_LEN];
    uint8_t test[CXL_DVSEC_TEST_LEN];
    uint8_t map[CXL_DVSEC_MAP_LEN];
} CxlDvsec;

/* 0 (not told), or 1 to 255 units of 64 KiB or 1 MiB; CXL r3.1 8.1.3.7 */
bool cxl_dvsec_cache_size_valid(uint64_t bytes);

/* @at: where the first DVSEC may be.  Returns where the last group ends. */
void cxl_dvsec_init(CxlDvsec *dv, const CxlDvsecConfig *config, uint16_t at);
/* Sticky bits survive unless @cold. */
void cxl_dvsec_reset(CxlDvsec *dv, bool cold);

/* Entry @n of the register locator, from CXL_LOCATOR_ENTRY(). */
void cxl_dvsec_set_locator(CxlDvsec *dv, unsigned n, uint32_t entry);
/*
 * Advertise capacity, in bytes; a range of size 0 after the first does not
 * exist.  CXL r3.1 8.1.3.8.
 */
void cxl_dvsec_set_ranges(CxlDvsec *dv, const uint64_t size[CXL_DVSEC_RANGES]);

/* @offset from the start of DVSEC @n, 4 and up; @size 1..8. */
uint64_t cxl_dvsec_read(CxlDvsec *dv, unsigned n, unsigned offset,
                        unsigned size);
/* Returns CXL_DVSEC_DID_*. */
unsigned cxl_dvsec_write(CxlDvsec *dv, unsigned n, unsigned offset,
                         uint64_t value, unsigned size);
/* The bits of byte @offset of DVSEC @n that never change. */
uint8_t cxl_dvsec_fixed(const CxlDvsec *dv, unsigned n, unsigned offset);

bool cxl_dvsec_mem_enabled(const CxlDvsec *dv);
/* A CXL reset shall clear memory. */
bool cxl_dvsec_mem_clear(const CxlDvsec *dv);
/* A range and the place that software has given it, in bytes. */
uint64_t cxl_dvsec_range_base(const CxlDvsec *dv, unsigned range);
uint64_t cxl_dvsec_range_size(const CxlDvsec *dv, unsigned range);

/* Viral status is set, unless software has not enabled it: then false. */
bool cxl_dvsec_enter_viral(CxlDvsec *dv);
/* A CXL reset has come to its end, CXL r3.1 8.1.3.5. */
void cxl_dvsec_reset_done(CxlDvsec *dv);

/*
 * What software had changed in DVSEC @n, from all of its bytes; the rest of
 * them is not believed.
 */
void cxl_dvsec_adopt(CxlDvsec *dv, unsigned n, const uint8_t *bytes);

/*
 * An access of @len bytes at @at of the function map DVSEC, or around it: what
 * is of the map comes from @dword, the rest of @value stays.
 */
uint32_t cxl_dvsec_map_read(uint32_t at, uint32_t value, unsigned len,
                            uint32_t (*dword)(void *opaque, unsigned n),
                            void *opaque);

/* NULL if the invariant holds, else what is wrong. */
const char *cxl_dvsec_check(const CxlDvsec *dv);

void cxl_dvsec_save(const CxlDvsec *dv, SaveWriter *w);
void cxl_dvsec_load(CxlDvsec *dv, SaveReader *r);

#endif /* HW_CXL_CORE_DVSEC_H */
