/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person may ask for when creating a memory device: defaults, limits,
 * and a sentence for each thing that cannot be.
 */
#ifndef HW_CXL_CORE_CONFIG_H
#define HW_CXL_CORE_CONFIG_H

#include "hw/cxl/core/device.h"

void cxl_config_defaults(CxlMemdevConfig *cfg);
/* Of a configuration with defaults: NULL, or an allocated sentence. */
char *cxl_config_problem(const CxlMemdevConfig *cfg);

#endif /* HW_CXL_CORE_CONFIG_H */
