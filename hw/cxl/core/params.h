/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person chooses of a memory device by properties: the numbers, what
 * each means in a sentence, which contradict each other, and the configuration
 * that they add up to.
 *
 * How properties get here is hw/cxl/type3/props.c; what a configuration must be
 * like, whoever wrote it, is config.h.
 */
#ifndef HW_CXL_CORE_PARAMS_H
#define HW_CXL_CORE_PARAMS_H

#include "hw/cxl/core/config.h"
#include "hw/cxl/core/decode.h"

/* A serial number that says none: the null value of EUI-64 */
#define CXL_PARAMS_NO_SERIAL    UINT64_MAX

/*
 * The smallest label storage that holds two index blocks and two labels
 * of 256 bytes each.
 */
#define CXL_LSA_SIZE_MIN        1024u

/* One region of dynamic capacity; 0 takes what all regions have */
typedef struct CxlParamsRegion {
    uint64_t size, block_size;  /* bytes */
    bool sharable, read_only, sanitize;
} CxlParamsRegion;

typedef struct CxlParams {
    uint64_t sn;
    uint16_t vendor_id;
    uint16_t device_id;
    uint16_t subsystem_vendor_id;
    uint16_t subsystem_id;
    uint8_t num_dc_regions;
    uint64_t dc_block_size;     /* bytes */
    CxlParamsRegion dc_region[CXL_MEMDEV_DC_REGIONS];
    uint64_t partitionable;     /* bytes */
    uint8_t hdm_decoders;
    bool hdm_db;
    bool flit_256b;
    bool uio;
    bool security;
    bool cpmu;
    bool chmu;
    uint32_t mailbox_payload;   /* bytes */
    uint16_t event_log_size;    /* records */
    uint32_t poison_list_size;  /* records */
    uint16_t inject_limit;
    uint32_t sanitize_ms;
    uint32_t scan_ms;
    CxlMemoryPerf perf[CXL_MEMORY_KINDS];
    bool accelerator;
    bool mailbox;               /* of an accelerator; others always have it */
    uint64_t cache_size;        /* of an accelerator, bytes */
} CxlParams;

/* Which memory there is, before anybody has looked at it */
typedef struct CxlParamsMemory {
    bool memdev;                /* by the old name of persistent memory */
    bool is_volatile, persistent, dynamic, labels;
    bool layout_file;
} CxlParamsMemory;

/* Sizes in bytes of what was found; 0: none */
typedef struct CxlParamsSizes {
    uint64_t is_volatile, persistent, dynamic, labels;
} CxlParamsSizes;

/* What the host's loads make of poison */
typedef enum CxlPoisonMode {
    CXL_POISON_MODE_AUTO,       /* an error that the guest can survive */
    CXL_POISON_MODE_TRAP,       /* an error, come what may */
    CXL_POISON_MODE_LIST_ONLY,  /* nothing: it is on the list, that is all */
    CXL_POISON_MODE_COUNT
} CxlPoisonMode;

/* MSI-X vectors of a memory device; those of the stock device come first */
enum {
    CXL_PARAMS_VECTOR_CDAT = 0,
    CXL_PARAMS_VECTOR_PMU = 1,
    CXL_PARAMS_VECTOR_EVENT = 2,
    CXL_PARAMS_VECTOR_MAILBOX = CXL_PARAMS_VECTOR_EVENT + CXL_MEMDEV_LOGS,
    CXL_PARAMS_VECTOR_COMPLIANCE,
    CXL_PARAMS_VECTOR_CHMU,     /* the last: not every device has it */
    CXL_PARAMS_VECTORS,
};

/* What the property @name means, one after the other; NULL after the last. */
const char *cxl_params_text(unsigned n, const char **name);

/* The same for those that only an accelerator has, or has otherwise. */
const char *cxl_params_accelerator_text(unsigned n, const char **name);
/* What an accelerator has without being asked */
void cxl_params_accelerator(CxlParams *p);

/* What property 'poison-mode' calls it */
const char *cxl_params_poison_mode(CxlPoisonMode mode);
/* NULL, or an allocated sentence; *@mode is then as before. */
char *cxl_params_parse_poison_mode(const char *text, CxlPoisonMode *mode);

/*
 * Properties that a guest sees, and that saved state is of; NULL after the
 * last.  The others are the host's business, or state themselves.  With
 * SHAPE_NAME before it, a backend is meant as QEMU calls its memory.
 */
extern const char *const cxl_params_shape[];
extern const char *const cxl_params_accelerator_shape[];

/*
 * The serial number of a device that was given none: the same whenever @name is
 * the same.  EUI-64, locally administered.
 */
uint64_t cxl_params_serial(const char *name);

/*
 * NULL, or an allocated sentence about the @size, in bytes, of the backend of
 * property @name: label storage, or capacity.
 */
char *cxl_params_backend_problem(const char *name, bool labels, uint64_t size);

/* NULL, or an allocated sentence about what contradicts itself. */
char *cxl_params_problem(const CxlParams *p, const CxlParamsMemory *memory);
/* The same for what depends on sizes. */
char *cxl_params_size_problem(const CxlParams *p, const CxlParamsSizes *sizes);

/* Of parameters without a problem; dynamic capacity comes last. */
void cxl_params_config(const CxlParams *p, const CxlParamsSizes *sizes,
                       CxlMemdevConfig *config);

#endif /* HW_CXL_CORE_PARAMS_H */
