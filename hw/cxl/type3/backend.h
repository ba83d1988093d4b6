/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host memory behind a memory device.  Private to the glue floor.
 */
#ifndef HW_CXL_TYPE3_BACKEND_H
#define HW_CXL_TYPE3_BACKEND_H

#include "hw/core/qdev.h"
#include "system/hostmem.h"
#include "hw/memfab/compat.h"

typedef enum CxlBackendKind {
    CXL_BACKEND_VOLATILE,
    CXL_BACKEND_PERSISTENT,
    CXL_BACKEND_DYNAMIC,
    CXL_BACKEND_LSA,
    CXL_BACKEND_COUNT,
} CxlBackendKind;

/*
 * One host memory backend.  @host is set by a property; the rest is
 * valid between claim and release.
 */
typedef struct CxlBackend {
    HostMemoryBackend *host;
    const char *prop;           /* property through which @host came */
    MemoryRegion *mr;
    uint8_t *bytes;
    uint64_t size;
    uint64_t dpa;               /* device address of the first byte */
    DeviceState *owner;
} CxlBackend;

/*
 * Take @be->host for @owner: refuse one that is in use or of a size
 * that the kind does not allow, and register it for migration.
 * Nothing is taken on failure.  A backend without a host is left alone.
 */
bool cxl_backend_claim(CxlBackend *be, CxlBackendKind kind,
                       DeviceState *owner, Error **errp);
void cxl_backend_release(CxlBackend *be, DeviceState *owner);

/* How migration calls the memory; "" if there is none. */
const char *cxl_backend_name(const CxlBackend *be);
/*
 * Have migration call the memory of the device at @place by @names, of
 * CXL_BACKEND_COUNT; NULL leaves a name.  False, and nothing changed: they are
 * not names of that device, or name other memory.
 */
bool cxl_backend_rename(CxlBackend *set, const char *const *names,
                        const char *place);

/* Copy @len bytes at @offset; the caller has checked the range. */
void cxl_backend_read(const CxlBackend *be, uint64_t offset, void *buf,
                      uint64_t len);
void cxl_backend_write(CxlBackend *be, uint64_t offset, const void *buf,
                       uint64_t len);
/* All of it becomes zero. */
void cxl_backend_zero(CxlBackend *be);
/*
 * The backend of @set, an array of CXL_BACKEND_COUNT, that holds @dpa.
 * *@offset is the place inside it and *@run how many bytes of @len it
 * holds from there.  NULL if nothing backs @dpa.
 */
CxlBackend *cxl_backend_find(CxlBackend *set, uint64_t dpa, uint64_t len,
                             uint64_t *offset, uint64_t *run);

#endif
