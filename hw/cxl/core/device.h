/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CXL memory device without its bus: what the world may ask of it.
 *
 * The device composes the rooms of hw/cxl/core by value and owns the device
 * register block (CXL r3.1 8.2.8).  Component registers, DVSECs, CDAT and DOE
 * are elsewhere in hw/cxl/core; QOM, PCI and backends are glue.
 *
 * One thread at a time may be inside a device.
 */
#ifndef HW_CXL_CORE_DEVICE_H
#define HW_CXL_CORE_DEVICE_H

#include "hw/cxl/core/hostops.h"

typedef struct CxlMemdev CxlMemdev;

#define CXL_MEMDEV_CAPACITY_UNIT (256 * MiB)
#define CXL_MEMDEV_LOGS          5 /* info, warning, failure, fatal, DC */
#define CXL_MEMDEV_DC_REGIONS    8

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
 * NULL and an allocated sentence in *@problem (g_free it) if the configuration
 * cannot be; the sentence names field, value and accepted range.  @config is
 * copied; @ops and @opaque are borrowed for the life of the device.
 * No callback runs before this returns.
 */
CxlMemdev *cxl_memdev_new(const CxlMemdevConfig *config, const CxlHostOps *ops,
                          void *opaque, char **problem);
void cxl_memdev_free(CxlMemdev *dev);

/* CXL r3.1 9.7; each kind also does what the ones below it in the list do. */
typedef enum CxlResetKind {
    CXL_RESET_COLD,      /* power: volatile contents and counters are lost */
    CXL_RESET_HOT,       /* conventional reset, function level reset */
    CXL_RESET_CXL_CLEAR, /* CXL reset with memory clear */
    CXL_RESET_CXL,       /* CXL reset without */
} CxlResetKind;

void cxl_memdev_reset(CxlMemdev *dev, CxlResetKind kind);

/* To be called when the timer of CxlHostOps expires. */
void cxl_memdev_timer(CxlMemdev *dev);

/*
 * The device register block: capability array, device status, memory device
 * status, mailbox.  Any offset, any @size from 1 to 8; holes read zero.
 */
uint64_t cxl_memdev_regs_size(const CxlMemdev *dev); /* bytes, power of two */
uint64_t cxl_memdev_regs_read(CxlMemdev *dev, uint64_t offset, unsigned size);
void cxl_memdev_regs_write(CxlMemdev *dev, uint64_t offset, uint64_t value,
                           unsigned size);

/* What a host access to a range of DPA meets. */
typedef enum CxlAccess {
    CXL_ACCESS_OK,
    CXL_ACCESS_POISON,   /* a read must deliver poison */
    CXL_ACCESS_NONE,     /* nothing there: unaccepted extent, beyond the end */
    CXL_ACCESS_LOCKED,   /* persistent and locked: reads ones, drops writes */
    CXL_ACCESS_DISABLED, /* media disabled: reads ones, drops writes */
} CxlAccess;

/* The first obstacle in the range for a read; pure query, no side effect. */
CxlAccess cxl_memdev_access(const CxlMemdev *dev, uint64_t dpa, uint64_t len);
/*
 * How many bytes from @dpa share the answer stored in *@access; at most @len.
 * Walk a mapping with it to find what may be mapped directly.
 */
uint64_t cxl_memdev_access_run(const CxlMemdev *dev, uint64_t dpa,
                               uint64_t len, CxlAccess *access);

/*
 * A host store has been carried out on the trapping path, or is about to.
 * Clears poison of lines whose 64 bytes have all been overwritten.
 */
void cxl_memdev_host_wrote(CxlMemdev *dev, uint64_t dpa, uint64_t len);
/* A host load met poison at @dpa: counts it and logs an event once per line. */
void cxl_memdev_host_read_poison(CxlMemdev *dev, uint64_t dpa);

/* Power is lost without warning, as far as the dirty shutdown count goes. */
void cxl_memdev_surprise_power_loss(CxlMemdev *dev);

/*
 * All state that has to survive migration, as a versioned byte string that
 * does not depend on the host.  Load checks everything it reads; false and an
 * allocated sentence in *@problem if the bytes do not belong to a device of
 * this configuration, and the device is as after a cold reset.
 * Call load outside of any guest access; it arms the timer again.
 */
void cxl_memdev_save(CxlMemdev *dev, GByteArray *out);
bool cxl_memdev_load(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                     char **problem);

/* NULL, or the name of a broken invariant; for tests and fuzzers. */
const char *cxl_memdev_check(const CxlMemdev *dev);

#endif /* HW_CXL_CORE_DEVICE_H */
