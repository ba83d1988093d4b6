/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which logs a command interface has, for those who list them to people.
 */
#ifndef HW_CXL_CCI_LOGS_H
#define HW_CXL_CCI_LOGS_H

#include "hw/cxl/core/cci.h"

/*
 * Name and identity of log @n of an interface that has log commands, in the
 * order of Get Supported Logs; NULL behind the last.
 */
const char *cxl_logs_nth(const CxlCci *cci, unsigned n, CxlUuid *uuid);

#endif
