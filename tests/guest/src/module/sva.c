// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SDXI contexts in the address spaces of processes: /dev/sdxi-sva, and of
 * virtual function N /dev/sdxi-sva-vfN.
 *
 * A process owns ring, status, write index, completion blocks and buffers and
 * rings the doorbell itself; pages that are not there come in by page requests
 * of the function.  The kernel has a context of its own beside: dma.c.
 */
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dma.h"
#include "space.h"
#include "sva.h"

#define FIRST		(CLIENT + 1)	/* of the contexts of processes */
#define AKEY_SHARED	2		/* ... plus the number of whose it is */

struct sdxi_sva_user {
	struct sdxi_sva *sva;
	struct sdxi_space *space;
	unsigned int number;
	bool started;
};

struct sdxi_sva {
	struct sdxi_fn fn;
	struct sdxi_dma *dma;
	struct miscdevice misc;
	char name[24];
	struct mutex lock;		/* users, and what they have */
	struct sdxi_sva_user *users[CONTEXTS];
};

static int sdxi_sva_enter(struct sdxi_sva *s, struct sdxi_sva_user *user)
{
	for (user->number = FIRST; user->number < CONTEXTS; user->number++) {
		if (s->users[user->number])
			continue;
		user->space = sdxi_space_new(&s->fn.pdev->dev);
		if (IS_ERR(user->space))
			return PTR_ERR(user->space);
		memset(s->fn.t->cxt[user->number].akeys, 0,
		       sizeof(s->fn.t->cxt[user->number].akeys));
		s->users[user->number] = user;
		return 0;
	}
	return -EBUSY;
}

static int sdxi_sva_open(struct inode *inode, struct file *file)
{
	struct sdxi_sva *s = container_of(file->private_data, struct sdxi_sva,
					  misc);
	struct sdxi_sva_user *user = kzalloc(sizeof(*user), GFP_KERNEL);
	int ret;

	if (!user)
		return -ENOMEM;
	user->sva = s;
	mutex_lock(&s->lock);
	ret = sdxi_sva_enter(s, user);
	mutex_unlock(&s->lock);
	if (ret)
		kfree(user);
	else
		file->private_data = user;
	return ret;
}

static int sdxi_sva_stop(struct sdxi_sva_user *user)
{
	int ret = user->started ?
		  sdxi_fn_stop_client(&user->sva->fn, user->number) : 0;

	user->started = false;
	return ret;
}

/* Nobody reaches the memory of this process when it returns. */
static int sdxi_sva_take_back(struct sdxi_sva_user *user)
{
	struct sdxi_sva *s = user->sva;
	unsigned int n;
	int ret = 0;

	mutex_lock(&s->fn.admin);
	for (n = FIRST; n < CONTEXTS; n++) {
		__le64 *key = s->fn.t->cxt[n].akeys[AKEY_SHARED + user->number];

		if (READ_ONCE(key[0])) {
			WRITE_ONCE(key[0], 0);
			ret = sdxi_fn_update_keys(&s->fn, n) ?: ret;
		}
	}
	mutex_unlock(&s->fn.admin);
	return ret;
}

static int sdxi_sva_release(struct inode *inode, struct file *file)
{
	struct sdxi_sva_user *user = file->private_data;
	struct sdxi_sva *s = user->sva;

	mutex_lock(&s->lock);
	if (sdxi_sva_stop(user) || sdxi_sva_take_back(user))
		dev_err(&s->fn.pdev->dev, "context %u does not stop\n",
			user->number);
	s->users[user->number] = NULL;
	sdxi_space_free(user->space);
	mutex_unlock(&s->lock);
	kfree(user);
	return 0;
}

static u64 sdxi_sva_key(struct sdxi_sva_user *user)
{
	return AKEY_VL | AKEY_PV | (u64)sdxi_space_pasid(user->space) << 32;
}

static int sdxi_sva_start(struct sdxi_sva_user *user,
			  struct sdxi_sva_start *arg)
{
	struct sdxi_place place = {
		.ring = arg->ring, .sts = arg->sts,
		.write_index = arg->write_index, .entries = arg->entries,
		.pasid_valid = true,
	};
	struct sdxi_fn *fn = &user->sva->fn;
	int ret = sdxi_sva_stop(user);

	if (ret)
		return ret;
	if (arg->ring % 64 || arg->sts % 16 || arg->write_index % 8)
		return -EINVAL;
	place.pasid = arg->pasid = sdxi_space_pasid(user->space);
	arg->context = user->number;
	fn->t->cxt[user->number].akeys[SDXI_SVA_AKEY_PASID][0] =
		cpu_to_le64(sdxi_sva_key(user));
	mutex_lock(&fn->admin);
	sdxi_fn_publish_at(fn, user->number, &place);
	ret = sdxi_fn_start_client(fn, user->number);
	mutex_unlock(&fn->admin);
	user->started = true;
	return ret;
}

static int sdxi_sva_share(struct sdxi_sva_user *user,
			  struct sdxi_sva_share *arg)
{
	struct sdxi_sva *s = user->sva;
	int ret;

	if (arg->context >= CONTEXTS || !s->users[arg->context])
		return -ENOENT;
	arg->akey = AKEY_SHARED + user->number;
	mutex_lock(&s->fn.admin);
	WRITE_ONCE(s->fn.t->cxt[arg->context].akeys[arg->akey][0],
		   cpu_to_le64(sdxi_sva_key(user)));
	ret = sdxi_fn_update_keys(&s->fn, arg->context);
	mutex_unlock(&s->fn.admin);
	return ret;
}

static long sdxi_sva_ioctl(struct file *file, unsigned int cmd,
			   unsigned long at)
{
	struct sdxi_sva_user *user = file->private_data;
	void __user *where = (void __user *)at;
	union {
		struct sdxi_sva_start start;
		struct sdxi_sva_share share;
	} arg;
	int ret;

	if (cmd != SDXI_SVA_START && cmd != SDXI_SVA_SHARE)
		return -ENOTTY;
	if (copy_from_user(&arg, where, _IOC_SIZE(cmd)))
		return -EFAULT;
	mutex_lock(&user->sva->lock);
	ret = cmd == SDXI_SVA_START ? sdxi_sva_start(user, &arg.start) :
				      sdxi_sva_share(user, &arg.share);
	mutex_unlock(&user->sva->lock);
	if (!ret && copy_to_user(where, &arg, _IOC_SIZE(cmd)))
		ret = -EFAULT;
	return ret;
}

static int sdxi_sva_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct sdxi_sva_user *user = file->private_data;
	struct sdxi_fn *fn = &user->sva->fn;
	u64 at = pci_resource_start(fn->pdev, 2) + user->number * fn->stride;

	if (vma->vm_pgoff || vma->vm_end - vma->vm_start > fn->stride)
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

static int sdxi_sva_offer(struct sdxi_sva *s)
{
	int ret;

	s->dma = sdxi_dma_new(&s->fn);
	if (IS_ERR(s->dma))
		return PTR_ERR(s->dma);
	if (s->fn.pdev->is_virtfn)
		snprintf(s->name, sizeof(s->name), "sdxi-sva-vf%d",
			 pci_iov_vf_id(s->fn.pdev));
	else
		strscpy(s->name, "sdxi-sva", sizeof(s->name));
	s->misc.minor = MISC_DYNAMIC_MINOR;
	s->misc.name = s->name;
	s->misc.fops = &sdxi_sva_fops;
	ret = misc_register(&s->misc);
	if (ret)
		sdxi_dma_free(s->dma);
	return ret;
}

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
	ret = sdxi_sva_offer(s);
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

	pci_disable_sriov(pdev);
	misc_deregister(&s->misc);
	sdxi_dma_free(s->dma);
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
	.sriov_configure = pci_sriov_configure_simple,
};
module_pci_driver(sdxi_sva_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SDXI contexts in address spaces of processes, for tests");
