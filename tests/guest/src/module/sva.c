// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An SDXI context in the address space of a process: /dev/sdxi-sva.
 *
 * The process owns ring, status, write index, completion blocks and buffers
 * and rings the doorbell itself; pages that are not there come in by page
 * requests of the function.  One process at a time.
 */
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "fn.h"
#include "space.h"
#include "sva.h"

struct sdxi_sva {
	struct sdxi_fn fn;
	struct miscdevice misc;
	struct mutex lock;
	struct sdxi_space *space;	/* NULL: nobody has it open */
	bool started;
};

static struct sdxi_sva *to_sva(struct file *file)
{
	return container_of(file->private_data, struct sdxi_sva, misc);
}

static int sdxi_sva_open(struct inode *inode, struct file *file)
{
	struct sdxi_sva *s = to_sva(file);
	struct sdxi_space *space;
	int ret = 0;

	mutex_lock(&s->lock);
	space = s->space ? ERR_PTR(-EBUSY) :
			   sdxi_space_new(&s->fn.pdev->dev);
	if (IS_ERR(space))
		ret = PTR_ERR(space);
	else
		s->space = space;
	mutex_unlock(&s->lock);
	return ret;
}

static int sdxi_sva_stop(struct sdxi_sva *s)
{
	int ret = s->started ? sdxi_fn_stop_client(&s->fn) : 0;

	s->started = false;
	return ret;
}

static int sdxi_sva_release(struct inode *inode, struct file *file)
{
	struct sdxi_sva *s = to_sva(file);

	mutex_lock(&s->lock);
	if (sdxi_sva_stop(s))
		dev_err(&s->fn.pdev->dev, "the context does not stop\n");
	sdxi_space_free(s->space);
	s->space = NULL;
	mutex_unlock(&s->lock);
	return 0;
}

static int sdxi_sva_start(struct sdxi_sva *s, struct sdxi_sva_start *arg)
{
	struct sdxi_place place = {
		.ring = arg->ring, .sts = arg->sts,
		.write_index = arg->write_index, .entries = arg->entries,
		.pasid_valid = true,
	};
	struct sdxi_context *cxt = &s->fn.t->cxt[CLIENT];
	int ret = sdxi_sva_stop(s);

	if (ret)
		return ret;
	if (arg->ring % 64 || arg->sts % 16 || arg->write_index % 8)
		return -EINVAL;
	place.pasid = arg->pasid = sdxi_space_pasid(s->space);
	cxt->akeys[SDXI_SVA_AKEY_PASID][0] = cpu_to_le64(AKEY_VL | AKEY_PV |
							 (u64)place.pasid << 32);
	mutex_lock(&s->fn.admin);
	sdxi_fn_publish_at(&s->fn, CLIENT, &place);
	ret = sdxi_fn_start_client(&s->fn);
	mutex_unlock(&s->fn.admin);
	s->started = true;
	return ret;
}

static long sdxi_sva_ioctl(struct file *file, unsigned int cmd,
			   unsigned long user)
{
	struct sdxi_sva *s = to_sva(file);
	struct sdxi_sva_start arg;
	int ret;

	if (cmd != SDXI_SVA_START)
		return -ENOTTY;
	if (copy_from_user(&arg, (void __user *)user, sizeof(arg)))
		return -EFAULT;
	mutex_lock(&s->lock);
	ret = sdxi_sva_start(s, &arg);
	mutex_unlock(&s->lock);
	if (!ret && copy_to_user((void __user *)user, &arg, sizeof(arg)))
		ret = -EFAULT;
	return ret;
}

static int sdxi_sva_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct sdxi_sva *s = to_sva(file);
	u64 at = pci_resource_start(s->fn.pdev, 2) + CLIENT * s->fn.stride;

	if (vma->vm_pgoff || vma->vm_end - vma->vm_start > s->fn.stride)
		return -EINVAL;
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return io_remap_pfn_range(vma, vma->vm_start, PHYS_PFN(at),
				  vma->vm_end - vma->vm_start,
				  vma->vm_page_prot);
}

static const struct file_operations sdxi_sva_fops = {
	.owner = THIS_MODULE,
	.open = sdxi_sva_open,
	.release = sdxi_sva_release,
	.unlocked_ioctl = sdxi_sva_ioctl,
	.mmap = sdxi_sva_mmap,
};

static int sdxi_sva_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct sdxi_sva *s = devm_kzalloc(&pdev->dev, sizeof(*s), GFP_KERNEL);
	int ret;

	if (!s)
		return -ENOMEM;
	mutex_init(&s->lock);
	pci_set_drvdata(pdev, s);
	ret = sdxi_fn_map(&s->fn, pdev);
	if (ret)
		return ret;
	ret = sdxi_space_enable(&pdev->dev);
	if (ret)
		return dev_err_probe(&pdev->dev, ret,
				     "no shared address spaces\n");
	ret = sdxi_fn_start(&s->fn);
	if (ret)
		goto disable;
	s->misc.minor = MISC_DYNAMIC_MINOR;
	s->misc.name = "sdxi-sva";
	s->misc.fops = &sdxi_sva_fops;
	ret = misc_register(&s->misc);
	if (!ret)
		return 0;
	sdxi_fn_stop(&s->fn);
disable:
	sdxi_space_disable(&pdev->dev);
	return ret;
}

static void sdxi_sva_remove(struct pci_dev *pdev)
{
	struct sdxi_sva *s = pci_get_drvdata(pdev);

	misc_deregister(&s->misc);
	if (sdxi_fn_stop(&s->fn))
		dev_err(&pdev->dev, "the function does not stop\n");
	sdxi_space_disable(&pdev->dev);
	pci_clear_master(pdev);
}

static const struct pci_device_id sdxi_sva_ids[] = {
	{ PCI_DEVICE_CLASS(SDXI_CLASS, 0xffffff) },
	{ }
};
MODULE_DEVICE_TABLE(pci, sdxi_sva_ids);

static struct pci_driver sdxi_sva_driver = {
	.name = "sdxi-sva",
	.id_table = sdxi_sva_ids,
	.probe = sdxi_sva_probe,
	.remove = sdxi_sva_remove,
};
module_pci_driver(sdxi_sva_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SDXI context in a process's address space, for tests");
