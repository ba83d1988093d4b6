// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sdxi-dma: a driver that makes an SDXI function a dmaengine channel, and its
 * virtual functions appear.  For tests.
 */
#include <linux/module.h>

#include "dma.h"

struct sdxi_driver_data {
	struct sdxi_fn fn;
	struct sdxi_dma *dma;
};

static int sdxi_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct sdxi_driver_data *d = devm_kzalloc(&pdev->dev, sizeof(*d),
						  GFP_KERNEL);
	int ret;

	if (!d)
		return -ENOMEM;
	pci_set_drvdata(pdev, d);
	ret = sdxi_fn_map(&d->fn, pdev);
	if (!ret)
		ret = sdxi_fn_start(&d->fn);
	if (ret)
		return ret;
	d->dma = sdxi_dma_new(&d->fn);
	if (IS_ERR(d->dma)) {
		sdxi_fn_stop(&d->fn);
		return PTR_ERR(d->dma);
	}
	dev_info(&pdev->dev, "SDXI version 0x%llx, groups 0x%x, %s\n",
		 readq(d->fn.regs + SDXI_VERSION), d->fn.groups,
		 sdxi_dma_name(d->dma));
	return 0;
}

static void sdxi_remove(struct pci_dev *pdev)
{
	struct sdxi_driver_data *d = pci_get_drvdata(pdev);

	pci_disable_sriov(pdev);
	sdxi_dma_free(d->dma);
	if (sdxi_fn_stop(&d->fn))
		dev_err(&pdev->dev, "the function does not stop\n");
	pci_clear_master(pdev);
}

static const struct pci_device_id sdxi_ids[] = {
	{ PCI_DEVICE_CLASS(SDXI_CLASS, 0xffffff) },
	{ }
};
MODULE_DEVICE_TABLE(pci, sdxi_ids);

static struct pci_driver sdxi_driver = {
	.name = "sdxi-dma",
	.id_table = sdxi_ids,
	.probe = sdxi_probe,
	.remove = sdxi_remove,
	.sriov_configure = pci_sriov_configure_simple,
};
module_pci_driver(sdxi_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SDXI function as a dmaengine provider, for tests");
