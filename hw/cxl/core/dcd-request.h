/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person says of dynamic capacity becomes a request of the fabric
 * manager: a tag that is a name, and extents that count from the start of
 * their region.  How it gets here is hw/cxl/monitor/dcd.c, what is done with it
 * dcd-fm.h.
 */
#ifndef HW_CXL_CORE_DCD_REQUEST_H
#define HW_CXL_CORE_DCD_REQUEST_H

#include "hw/cxl/core/dcd-fm.h"

/*
 * The tag that @text stands for: a UUID; a name of at most 16 bytes, as it is;
 * or a longer one, by the beginning of its SHA-256.  NULL: no tag.
 */
CxlUuid cxl_dcd_request_tag(const char *text);

/*
 * NULL, or an allocated sentence about the host or the region of @req, for
 * people who call the device @name
 */
char *cxl_dcd_request_problem(const CxlDcPool *pool, const CxlDcRequest *req,
                              const char *name);

/*
 * One more extent, @offset bytes from the start of the region of @req, whose
 * length is counted up; its address goes to @ranges.  NULL, or an allocated
 * sentence about what is wrong with it.
 */
char *cxl_dcd_request_add(const CxlDcPool *pool, CxlDcRequest *req,
                          GArray *ranges, uint64_t offset, uint64_t len);

#endif /* HW_CXL_CORE_DCD_REQUEST_H */
