/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A logical device, the memory in an endpoint: what the world may ask of it.
 *
 * It composes its rooms by value and owns the device register block (CXL r3.1
 * 8.2.8).  Component registers, DVSECs, CDAT, DOE and the order of resets are
 * the endpoint's (core/endpoint.h); QOM, PCI and backends are glue.
 *
 * One thread at a time may be inside a device.
 */
#ifndef HW_CXL_CORE_DEVICE_H
#define HW_CXL_CORE_DEVICE_H

#include "hw/cxl/core/config.h"
#include "hw/cxl/core/hostops.h"
#include "hw/cxl/core/reset.h"

typedef struct CxlMemdev CxlMemdev;

/*
 * NULL and an allocated sentence in *@problem (g_free it) if the configuration
 * cannot be; the sentence names field, value and accepted range.  @config is
 * copied, and so is @world; what it points to must outlive the device.
 * No callback runs before this returns.
 */
CxlMemdev *cxl_memdev_new(const CxlMemdevConfig *config, const CxlWorld *world,
                          char **problem);
void cxl_memdev_free(CxlMemdev *dev);

/* What each kind does is a table in device.c. */
void cxl_memdev_reset(CxlMemdev *dev, CxlResetKind kind);

/*
 * The interface of the FM-owned logical device, for switches and management
 * transports; see core/message.h.
 */
struct CxlCci *cxl_memdev_fm_cci(CxlMemdev *dev);
/* That of the logical device itself, for the FM-owned one of its MLD. */
struct CxlCci *cxl_memdev_ld_cci(CxlMemdev *dev);

/* To be called when the timer of CxlHostOps expires. */
void cxl_memdev_timer(CxlMemdev *dev);

/*
 * The device register block: capability array, device status, memory device
 * status, mailbox; and, if there is one, the performance monitoring unit's.
 * Any offset, any @size from 1 to 8; holes read zero.
 */
uint64_t cxl_memdev_regs_size(const CxlMemdev *dev); /* bytes, power of two */
/* Where the monitoring unit's block begins, a multiple of 64 KiB; 0: none. */
uint64_t cxl_memdev_regs_pmu(const CxlMemdev *dev);
/* The same for the hotness monitoring unit */
uint64_t cxl_memdev_regs_chmu(const CxlMemdev *dev);
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
    CXL_ACCESS_READ_ONLY, /* region for reading only: drops writes */
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

/*
 * The model carries out a host access itself, through HDM decoder @decoder or
 * (-1) through none; for the performance monitoring unit.
 */
void cxl_memdev_host_counts(CxlMemdev *dev, bool is_write, uint64_t dpa,
                            uint64_t len, int decoder);
/* False if nobody would notice the above. */
bool cxl_memdev_host_counted(const CxlMemdev *dev);

/*
 * For compliance tests: the next read of the host is answered with poison,
 * whatever its address; the media is fine and no list shows it.
 */
void cxl_memdev_poison_next(CxlMemdev *dev, bool on);

/* Power is lost without warning, as far as the dirty shutdown count goes. */
void cxl_memdev_surprise_power_loss(CxlMemdev *dev);

/* No configuration has more saved state than this, however it is used. */
#define CXL_MEMDEV_SAVED_MAX (512 * MiB)

/*
 * All state that has to survive migration, as sections (hw/common/save.h)
 * that do not depend on the host; streams of earlier formats load too.  Load
 * believes nothing it reads; false and an allocated sentence in *@problem if
 * the bytes are not those of a device of this configuration, and the device
 * is what it was.  Call load outside of any guest access; when all is good it
 * arms the timer again and tells the host of capacity and access.
 */
void cxl_memdev_save(const CxlMemdev *dev, GByteArray *out);
bool cxl_memdev_load(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                     char **problem);
/*
 * The same for a device that is part of something: @fits judges the rest by
 * what has been loaded before anybody learns of it; NULL, or what is wrong.
 */
typedef const char *CxlMemdevFits(void *opaque);
bool cxl_memdev_load_part(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                          CxlMemdevFits *fits, void *opaque, char **problem);

/* Enough for what is below, with all poison that is kept; see poison.h. */
#define CXL_MEMDEV_LD_SAVED_MAX (8 * MiB)

/*
 * Of that, what belongs to the logical device and not to its host: poison,
 * event logs, health, security, firmware, features, spares, media state.  When
 * it is bound to another host that one loads it into a device that was just
 * made; interfaces, counters, the clock and transfers under way begin anew.
 *
 * Save gives false, and no bytes, if they would be more than
 * CXL_MEMDEV_LD_SAVED_MAX.  Load is as above; if it is false the device is
 * what it was, but for an event: what was known of it is lost.
 */
bool cxl_memdev_save_ld(const CxlMemdev *dev, GByteArray *out);
bool cxl_memdev_load_ld(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                        char **problem);

/* NULL, or the name of a broken invariant; for tests and fuzzers. */
const char *cxl_memdev_check(const CxlMemdev *dev);

#endif /* HW_CXL_CORE_DEVICE_H */
