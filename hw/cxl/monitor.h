/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What monitor commands share.  Private to the glue floor.
 */
#ifndef HW_CXL_MONITOR_H
#define HW_CXL_MONITOR_H

#include "hw/cxl/memdev.h"

/* The memory device that @path names, or NULL and an error. */
CxlMemdevPci *cxl_monitor_find(const char *path, Error **errp);

#endif
