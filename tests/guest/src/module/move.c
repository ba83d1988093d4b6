// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/sdxi-move: pages of the calling process go to another node, copied by a
 * dmaengine channel.
 *
 * What is taken is Linux's own migration for device drivers (migrate_vma): it
 * unmaps pages, gives the driver a batch of old and new ones to be copied, and
 * puts the new ones in their place, or the old ones back.  move_pages(2),
 * demotion and NUMA balancing copy by the processor and have no place where a
 * module could stand in.  Anonymous memory in pages of 4 KiB only.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/gfp.h>
#include <linux/migrate.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "move.h"

#define BATCH		256		/* pages that are unmapped at once */
#define COPY_MS		20000

struct batch {
	unsigned long src[BATCH], dst[BATCH];
	dma_addr_t from[BATCH], to[BATCH];
	struct completion done;
	atomic_t left, failed;
};

static struct dma_chan *channel;
static DEFINE_MUTEX(lock);		/* one batch at a time */
static struct batch batch;

static void copied(void *opaque, const struct dmaengine_result *result)
{
	if (result->result != DMA_TRANS_NOERROR)
		atomic_inc(&batch.failed);
	if (atomic_dec_and_test(&batch.left))
		complete(&batch.done);
}

static bool submit(unsigned int i)
{
	struct dma_async_tx_descriptor *tx;

	tx = dmaengine_prep_dma_memcpy(channel, batch.to[i], batch.from[i],
				       PAGE_SIZE, DMA_PREP_INTERRUPT);
	if (!tx)
		return false;
	tx->callback_result = copied;
	atomic_inc(&batch.left);
	if (!dma_submit_error(dmaengine_submit(tx)))
		return true;
	atomic_dec(&batch.left);
	return false;
}

static void new_page(unsigned int i, int node)
{
	struct device *dev = channel->device->dev;
	struct page *old = migrate_pfn_to_page(batch.src[i]);
	struct page *page;

	batch.dst[i] = 0;
	if (!(batch.src[i] & MIGRATE_PFN_MIGRATE) || !old)
		return;
	page = alloc_pages_node(node, GFP_HIGHUSER_MOVABLE | __GFP_THISNODE |
				      __GFP_NOWARN, 0);
	if (!page)
		return;
	batch.from[i] = dma_map_page(dev, old, 0, PAGE_SIZE, DMA_TO_DEVICE);
	batch.to[i] = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_FROM_DEVICE);
	lock_page(page);
	batch.dst[i] = migrate_pfn(page_to_pfn(page));
}

static void drop(unsigned int i)
{
	struct page *page = migrate_pfn_to_page(batch.dst[i]);

	unlock_page(page);
	__free_page(page);
	batch.dst[i] = 0;
}

/* All new pages have what the old ones had, or there are no new ones. */
static int copy(unsigned int n)
{
	struct device *dev = channel->device->dev;
	unsigned int i;
	int ret = 0;

	reinit_completion(&batch.done);
	atomic_set(&batch.left, 1);
	atomic_set(&batch.failed, 0);
	for (i = 0; i < n; i++)
		if (batch.dst[i] && !submit(i))
			ret = -EIO;
	dma_async_issue_pending(channel);
	if (atomic_dec_and_test(&batch.left))
		complete(&batch.done);
	if (!wait_for_completion_timeout(&batch.done,
					 msecs_to_jiffies(COPY_MS))) {
		dmaengine_terminate_sync(channel);
		ret = -ETIMEDOUT;
	}
	if (atomic_read(&batch.failed))
		ret = -EIO;
	for (i = 0; i < n; i++) {
		if (!batch.dst[i])
			continue;
		dma_unmap_page(dev, batch.from[i], PAGE_SIZE, DMA_TO_DEVICE);
		dma_unmap_page(dev, batch.to[i], PAGE_SIZE, DMA_FROM_DEVICE);
		if (ret)
			drop(i);
	}
	return ret;
}

static int move(struct vm_area_struct *vma, unsigned long start,
		unsigned long end, int node, u32 *moved)
{
	struct migrate_vma m = {
		.vma = vma, .start = start, .end = end,
		.src = batch.src, .dst = batch.dst,
		.flags = MIGRATE_VMA_SELECT_SYSTEM,
	};
	unsigned int i, n = (end - start) >> PAGE_SHIFT;
	int ret = migrate_vma_setup(&m);

	if (ret)
		return ret;
	for (i = 0; i < n; i++)
		new_page(i, node);
	ret = copy(n);
	migrate_vma_pages(&m);
	for (i = 0; i < n; i++)
		*moved += batch.dst[i] && batch.src[i] & MIGRATE_PFN_MIGRATE;
	migrate_vma_finalize(&m);
	return ret;
}

static int move_all(struct sdxi_move *arg)
{
	unsigned long at = arg->start, end = arg->start + arg->bytes;
	int ret = 0;

	arg->moved = 0;
	mmap_read_lock(current->mm);
	while (!ret && at < end) {
		struct vm_area_struct *vma = vma_lookup(current->mm, at);
		unsigned long to;

		if (!vma || !vma_is_anonymous(vma)) {
			ret = -EFAULT;
			break;
		}
		to = min3(end, vma->vm_end, at + BATCH * PAGE_SIZE);
		ret = move(vma, at, to, arg->node, &arg->moved);
		at = to;
	}
	mmap_read_unlock(current->mm);
	return ret;
}

static long sdxi_move_ioctl(struct file *file, unsigned int cmd,
			    unsigned long at)
{
	struct sdxi_move arg;
	int ret;

	if (cmd != SDXI_MOVE)
		return -ENOTTY;
	if (copy_from_user(&arg, (void __user *)at, sizeof(arg)))
		return -EFAULT;
	if (arg.start % PAGE_SIZE || arg.bytes % PAGE_SIZE ||
	    arg.start + arg.bytes < arg.start ||
	    arg.node >= MAX_NUMNODES || !node_state(arg.node, N_MEMORY))
		return -EINVAL;
	ret = mutex_lock_interruptible(&lock);
	if (ret)
		return ret;
	ret = move_all(&arg);
	mutex_unlock(&lock);
	if (!ret && copy_to_user((void __user *)at, &arg, sizeof(arg)))
		ret = -EFAULT;
	return ret;
}

static const struct file_operations sdxi_move_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = sdxi_move_ioctl,
};

static struct miscdevice sdxi_move_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "sdxi-move",
	.fops = &sdxi_move_fops,
};

static int __init sdxi_move_init(void)
{
	dma_cap_mask_t mask;
	int ret;

	init_completion(&batch.done);
	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	channel = dma_request_chan_by_mask(&mask);
	if (IS_ERR(channel))
		return PTR_ERR(channel);
	ret = misc_register(&sdxi_move_misc);
	if (ret)
		dma_release_channel(channel);
	return ret;
}

static void __exit sdxi_move_exit(void)
{
	misc_deregister(&sdxi_move_misc);
	dma_release_channel(channel);
}

module_init(sdxi_move_init);
module_exit(sdxi_move_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Pages to other nodes by dmaengine, for tests");
