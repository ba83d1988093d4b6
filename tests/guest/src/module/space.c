// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process's address space for a device; see space.h.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "space.h"

struct sdxi_space {
	struct iommu_sva *bond;		/* the kernel does it */
	/* else */
	struct iommu_attach_handle handle;
	struct mmu_notifier notifier;
	struct device *dev;
	struct iommu_domain *domain;
	struct mutex lock;		/* the domain's mappings, taken_back */
	unsigned long taken_back;	/* counts invalidations */
	u32 pasid;
};

/* From 6.16 on attaching a domain turns on what a device needs for it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
int sdxi_space_enable(struct device *dev)
{
	int ret = iommu_dev_enable_feature(dev, IOMMU_DEV_FEAT_IOPF);

	if (ret)
		return ret;
	ret = iommu_dev_enable_feature(dev, IOMMU_DEV_FEAT_SVA);
	if (ret)
		iommu_dev_disable_feature(dev, IOMMU_DEV_FEAT_IOPF);
	return ret;
}

void sdxi_space_disable(struct device *dev)
{
	iommu_dev_disable_feature(dev, IOMMU_DEV_FEAT_SVA);
	iommu_dev_disable_feature(dev, IOMMU_DEV_FEAT_IOPF);
}
#else
int sdxi_space_enable(struct device *dev)
{
	return 0;
}

void sdxi_space_disable(struct device *dev)
{
}
#endif

/* A page that was got after the last invalidation is mapped, or none is. */
static int space_map(struct sdxi_space *s, unsigned long addr, bool write,
		     struct page *page, unsigned long taken_back)
{
	int ret = -EAGAIN;

	mutex_lock(&s->lock);
	if (s->taken_back == taken_back) {
		/* What is there was not enough. */
		if (iommu_iova_to_phys(s->domain, addr))
			iommu_unmap(s->domain, addr, PAGE_SIZE);
		ret = iommu_map(s->domain, addr, page_to_phys(page), PAGE_SIZE,
				IOMMU_READ | (write ? IOMMU_WRITE : 0),
				GFP_KERNEL);
	}
	mutex_unlock(&s->lock);
	return ret;
}

static int space_fault(struct sdxi_space *s, unsigned long addr, bool write)
{
	struct mm_struct *mm = s->notifier.mm;
	struct page *page;
	int ret;

	if (!mmget_not_zero(mm))
		return -EFAULT;
	do {
		unsigned long taken_back = READ_ONCE(s->taken_back);

		mmap_read_lock(mm);
		ret = get_user_pages_remote(mm, addr, 1,
					    write ? FOLL_WRITE : 0, &page,
					    NULL);
		mmap_read_unlock(mm);
		if (ret != 1) {
			ret = -EFAULT;
			break;
		}
		ret = space_map(s, addr, write, page, taken_back);
		put_page(page);
	} while (ret == -EAGAIN);
	mmput(mm);
	return ret;
}

static void space_work(struct work_struct *work)
{
	struct iopf_group *group = container_of(work, struct iopf_group, work);
	struct sdxi_space *s = container_of(group->attach_handle,
					    struct sdxi_space, handle);
	enum iommu_page_response_code code = IOMMU_PAGE_RESP_SUCCESS;
	struct iopf_fault *fault;

	list_for_each_entry(fault, &group->faults, list) {
		struct iommu_fault_page_request *prm = &fault->fault.prm;

		if (space_fault(s, prm->addr & PAGE_MASK,
				prm->perm & IOMMU_FAULT_PERM_WRITE))
			code = IOMMU_PAGE_RESP_INVALID;
	}
	iopf_group_response(group, code);
	iopf_free_group(group);
}

static int space_iopf(struct iopf_group *group)
{
	INIT_WORK(&group->work, space_work);
	schedule_work(&group->work);
	return 0;
}

static int space_invalidate(struct mmu_notifier *notifier,
			    const struct mmu_notifier_range *range)
{
	struct sdxi_space *s = container_of(notifier, struct sdxi_space,
					    notifier);
	unsigned long addr;

	if (!mmu_notifier_range_blockable(range))
		return -EAGAIN;
	mutex_lock(&s->lock);
	s->taken_back++;
	for (addr = range->start; addr < range->end; addr += PAGE_SIZE)
		if (iommu_iova_to_phys(s->domain, addr))
			iommu_unmap(s->domain, addr, PAGE_SIZE);
	mutex_unlock(&s->lock);
	return 0;
}

/* Pages got since the start of the invalidation may be old ones. */
static void space_invalidated(struct mmu_notifier *notifier,
			      const struct mmu_notifier_range *range)
{
	struct sdxi_space *s = container_of(notifier, struct sdxi_space,
					    notifier);

	mutex_lock(&s->lock);
	s->taken_back++;
	mutex_unlock(&s->lock);
}

static const struct mmu_notifier_ops space_notifier = {
	.invalidate_range_start = space_invalidate,
	.invalidate_range_end = space_invalidated,
};

static int space_attach(struct sdxi_space *s)
{
	int ret = mmu_notifier_register(&s->notifier, current->mm);

	if (ret)
		return ret;
	ret = iommu_attach_device_pasid(s->domain, s->dev, s->pasid,
					&s->handle);
	if (ret)
		mmu_notifier_unregister(&s->notifier, s->notifier.mm);
	return ret;
}

/* What iommu_sva_bind_device() would do */
static int space_own(struct sdxi_space *s)
{
	int ret;

	s->pasid = iommu_alloc_global_pasid(s->dev);
	if (s->pasid == IOMMU_PASID_INVALID)
		return -ENOSPC;
	s->domain = iommu_paging_domain_alloc(s->dev);
	ret = PTR_ERR_OR_ZERO(s->domain);
	if (ret)
		goto free_pasid;
	s->domain->iopf_handler = space_iopf;
	s->notifier.ops = &space_notifier;
	mutex_init(&s->lock);
	ret = space_attach(s);
	if (!ret)
		return 0;
	iommu_domain_free(s->domain);
free_pasid:
	iommu_free_global_pasid(s->pasid);
	return ret;
}

struct sdxi_space *sdxi_space_new(struct device *dev)
{
	struct sdxi_space *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int ret;

	if (!s)
		return ERR_PTR(-ENOMEM);
	s->dev = dev;
	s->bond = iommu_sva_bind_device(dev, current->mm);
	if (!IS_ERR(s->bond)) {
		dev_info_once(dev, "address spaces are shared by the kernel\n");
		s->pasid = iommu_sva_get_pasid(s->bond);
		return s;
	}
	ret = PTR_ERR(s->bond);
	s->bond = NULL;
	if (ret == -EOPNOTSUPP)
		ret = space_own(s);
	if (!ret)
		return s;
	kfree(s);
	return ERR_PTR(ret);
}

void sdxi_space_free(struct sdxi_space *s)
{
	if (s->bond) {
		iommu_sva_unbind_device(s->bond);
	} else {
		iommu_detach_device_pasid(s->domain, s->dev, s->pasid);
		mmu_notifier_unregister(&s->notifier, s->notifier.mm);
		iommu_domain_free(s->domain);
		iommu_free_global_pasid(s->pasid);
	}
	kfree(s);
}

u32 sdxi_space_pasid(const struct sdxi_space *s)
{
	return s->pasid;
}
