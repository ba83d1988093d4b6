/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person may ask for when creating a memory device: defaults, limits,
 * and a sentence for each thing that cannot be.
 */
#ifndef HW_CXL_CORE_CONFIG_H
#define HW_CXL_CORE_CONFIG_H

#include "qemu/units.h"
#include "hw/common/save.h"

#define CXL_MEMDEV_CAPACITY_UNIT (256 * MiB)
#define CXL_MEMDEV_LOGS          5 /* info, warning, failure, fatal, DC */
#define CXL_MEMDEV_DC_REGIONS    8
#define CXL_POISON_LIST_TOP      0xffffffu /* records: 24 bits in Identify */

typedef struct CxlDcRegionConfig {
    uint64_t base;      /* DPA; 256 MiB aligned, above static capacity */
    uint64_t decode_len; /* bytes, multiple of 256 MiB; 0 means @len */
    uint64_t len;       /* bytes, multiple of @block_size */
    uint64_t block_size; /* bytes, power of two, >= 64 */
    uint32_t dsmad_handle; /* CDAT DSMAS handle */
    uint8_t flags;      /* CXL_DC_REGION_* of wire/dcd.h */
} CxlDcRegionConfig;

/*
 * Chosen by the person who launches.  Sizes are bytes.  A field that is zero
 * takes the default named beside it, if one is named.
 */
typedef struct CxlMemdevConfig {
    /*
     * Static capacity; DPA order is volatile, then persistent.  The
     * partitionable part lies between the two and can be moved across the
     * boundary by Set Partition Info; at creation it is all persistent.
     */
    uint64_t volatile_only;
    uint64_t persistent_only;
    uint64_t partitionable;
    uint64_t partition_align; /* 256 MiB */

    uint32_t lsa_size;
    uint8_t payload_shift;    /* log2 bytes of mailbox payload, 8..20; 11 */
    uint8_t mailbox_msgnum;   /* 0..15 */
    uint8_t event_msgnum[CXL_MEMDEV_LOGS];    /* 0..15 */
    uint8_t pmu_msgnum;       /* 1..15; 0: no performance monitoring unit */
    uint8_t chmu_msgnum;      /* 1..15; 0: no hotness monitoring unit */
    uint16_t event_log_size[CXL_MEMDEV_LOGS]; /* records; 128 */

    uint64_t serial;          /* all ones: none */
    uint16_t vendor_id, device_id, subsystem_vendor_id, subsystem_id;
    char fw_revision[16];     /* "BWFW VERSION 0" padded with NUL */
    uint64_t fw_image_max;    /* 64 MiB */

    uint32_t poison_list_max; /* records of the host's view; 256 */
    uint16_t inject_limit;    /* 0 stays: no limit of its own */

    /* Virtual time that background operations take. */
    uint64_t sanitize_ns;     /* whole device; 1 s */
    uint64_t scan_ns;         /* whole device; 1 s */
    uint64_t fw_transfer_ns;  /* one part; 10 ms */

    bool security;            /* passphrase commands offered */
    uint8_t spares;           /* sparing resources of each kind; 16 */

    unsigned num_dc_regions;
    CxlDcRegionConfig dc_regions[CXL_MEMDEV_DC_REGIONS];
    uint32_t dc_max_extents;  /* 131072 */
    uint32_t dc_max_tags;     /* 4096 */
} CxlMemdevConfig;

/*
 * Dynamic regions that touch, from @base: a length of 0 becomes an equal share
 * of what the others leave of @size.  NULL, or an allocated sentence if they
 * do not add up in multiples of 256 MiB.
 */
char *cxl_config_split(CxlMemdevConfig *cfg, uint64_t base, uint64_t size);

void cxl_config_defaults(CxlMemdevConfig *cfg);
/* Of a configuration with defaults: NULL, or an allocated sentence. */
char *cxl_config_problem(const CxlMemdevConfig *cfg);

/*
 * What both ends of a migration must have in common.  Loading compares, and
 * refuses what differs.
 */
void cxl_config_save(const CxlMemdevConfig *cfg, SaveWriter *w);
void cxl_config_load(const CxlMemdevConfig *cfg, SaveReader *r);

#endif /* HW_CXL_CORE_CONFIG_H */
