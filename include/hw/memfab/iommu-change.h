/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Software is about to change what an I/O MMU translates, or to have it told
 * that tables have changed: whoever keeps translations lets go of those now.
 *
 * Only for edits of QEMU by seams (72-iommu-change).  An I/O MMU that is not
 * edited so tells nothing; sdxi_atc_hears_of() has the list.
 */
#ifndef HW_MEMFAB_IOMMU_CHANGE_H
#define HW_MEMFAB_IOMMU_CHANGE_H

#include "qemu/notify.h"

/* What is told; one that is made of two numbers. */
typedef enum IommuChangeKind {
    IOMMU_CHANGE_RANGE,         /* first and last address, of no process */
    /* A command, its first two quadwords in host order */
    IOMMU_CHANGE_INTEL,
    IOMMU_CHANGE_AMD,
    IOMMU_CHANGE_SMMU,
} IommuChangeKind;

typedef struct IommuChange {
    IommuChangeKind kind;
    uint64_t q0, q1;
} IommuChange;

/*
 * Big lock held; called with an IommuChange, before the I/O MMU does as it was
 * told.
 */
extern NotifierList iommu_change_notifiers;

static inline void iommu_change(IommuChangeKind kind, uint64_t q0, uint64_t q1)
{
    IommuChange change = { .kind = kind, .q0 = q0, .q1 = q1 };

    notifier_list_notify(&iommu_change_notifiers, &change);
}

/* Anything may change. */
static inline void iommu_change_all(void)
{
    iommu_change(IOMMU_CHANGE_RANGE, 0, UINT64_MAX);
}

#endif
