/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps that a core tells of, as trace events of QEMU and in the log of
 * guest errors: CxlHostOps.trace of every CXL device.
 */
#ifndef HW_CXL_STEPS_H
#define HW_CXL_STEPS_H

#include "hw/memfab/compat.h"
#include "hw/cxl/core/hostops.h"

/* The device is named by its id, or by its type; the numbers are the step's. */
void cxl_trace_step(DeviceState *dev, CxlTraceStep step, uint64_t a,
                    uint64_t b, uint64_t c);

#endif
