/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What cxl-window objects say about the fixed memory windows.  Private to the
 * glue floor.
 */
#ifndef HW_CXL_WINDOW_ATTRIBUTES_H
#define HW_CXL_WINDOW_ATTRIBUTES_H

#include "hw/cxl/core/cedt.h"

/* CXLFixedWindow *, in the order of addresses; allocated. */
GPtrArray *cxl_window_fixed(void);
/* Of window @n in the order of addresses; NULL: nobody chose anything. */
const CxlCedtWindow *cxl_window_attributes(unsigned n);
/* Name of the backend of its lower half; NULL: it has none. */
const char *cxl_window_near_id(unsigned n);

#endif
