/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's state as text for people: the component state dump log.
 */
#ifndef HW_CXL_CORE_DUMP_H
#define HW_CXL_CORE_DUMP_H

#include "hw/cxl/core/memdev.h"

/* "key: value" lines, ASCII; the caller owns the string. */
GString *cxl_dump_text(const CxlMemdev *dev);

#endif /* HW_CXL_CORE_DUMP_H */
