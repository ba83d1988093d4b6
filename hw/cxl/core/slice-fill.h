/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fill bytes that are kept in slice storage with one value, as a device does
 * that erases its media.  What is in no set is filled in place, by its owner.
 */
#ifndef HW_CXL_CORE_SLICE_FILL_H
#define HW_CXL_CORE_SLICE_FILL_H

#include "hw/cxl/core/slice.h"

/*
 * All of the @len bytes at @dpa of @device are in sets.  What reads @value
 * already is not written, and storage that nobody has touched not even read:
 * it may not be there.  False: storage failed, some bytes may be filled.
 */
bool cxl_slices_fill(CxlSlices *s, void *device, uint64_t dpa, uint64_t len,
                     uint8_t value);
/*
 * How many of @len bytes at @dpa, at most, to fill at once: what a member
 * lends to a set if it begins there, so that it can be made zero as a whole
 * (cxl_slices_zero()), or up to the next multiple of CXL_SLICE_FILL.
 */
#define CXL_SLICE_FILL (256ull * 1024 * 1024)
uint64_t cxl_slices_fill_run(const CxlSlices *s, const void *device,
                             uint64_t dpa, uint64_t len);

#endif /* HW_CXL_CORE_SLICE_FILL_H */
