/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hosts may access whatever the pool says of it: for each host, and for
 * each byte by how many of them.  So what one change asks of the pool does not
 * become more with the number of hosts.
 */
#ifndef HW_CXL_CORE_FABRIC_MAPPED_H
#define HW_CXL_CORE_FABRIC_MAPPED_H

#include "hw/cxl/core/fabric-parts.h"

/* What the pool asks and tells; the opaque is the CxlFabric. */
extern const CxlDcWatch cxl_fabric_watch;

/* The host may access the range; it may have done so already. */
void cxl_fabric_map(CxlFabric *fabric, CxlFabricHost *host, uint64_t start,
                    uint64_t len);
/* Its set has come from elsewhere, and is to be counted. */
void cxl_fabric_mapped_loaded(CxlFabric *fabric, const CxlFabricHost *host);
/* The host has unmapped what is in @gone, and only that. */
void cxl_fabric_unmapped(CxlFabric *fabric, CxlFabricHost *host,
                         const ExtentSet *gone);
/* It can access nothing any more; what it could moves to @gone, a new set. */
void cxl_fabric_unmap_all(CxlFabric *fabric, CxlFabricHost *host,
                          ExtentSet *gone);

/* NULL, or that counts are not what the hosts have. */
const char *cxl_fabric_mapped_check(const CxlFabric *fabric);

#endif /* HW_CXL_CORE_FABRIC_MAPPED_H */
