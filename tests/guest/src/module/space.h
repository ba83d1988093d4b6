/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process's address space for a device, by page requests.
 *
 * Linux has iommu_sva_bind_device() for this, but switched it off for x86 in
 * its stable series (6.12 among them).  Where it is refused, this does in small
 * what it would have done: a translation of its own per process, filled as the
 * device asks for pages, emptied as the process gives them back.
 */
#ifndef SDXI_SPACE_H
#define SDXI_SPACE_H

#include <linux/device.h>

struct sdxi_space;

/* Turn page requests on, once per device. */
int sdxi_space_enable(struct device *dev);
void sdxi_space_disable(struct device *dev);

/* The space of the calling process; ERR_PTR. */
struct sdxi_space *sdxi_space_new(struct device *dev);
void sdxi_space_free(struct sdxi_space *space);
u32 sdxi_space_pasid(const struct sdxi_space *space);

#endif
