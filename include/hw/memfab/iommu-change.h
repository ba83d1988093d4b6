/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Software is about to change what an I/O MMU translates, or to have it told
 * that tables have changed: whoever keeps translations lets go of them now.
 *
 * Only for edits of QEMU by seams (72-iommu-change).  An I/O MMU that is not
 * edited so tells nothing; sdxi_atc_hears_of() has the list.
 */
#ifndef HW_MEMFAB_IOMMU_CHANGE_H
#define HW_MEMFAB_IOMMU_CHANGE_H

#include "qemu/notify.h"

/* Big lock held; called with the I/O MMU, before it does as it was told. */
extern NotifierList iommu_change_notifiers;

static inline void iommu_change(void *iommu)
{
    notifier_list_notify(&iommu_change_notifiers, iommu);
}

#endif
