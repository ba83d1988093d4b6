// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A driver of cxl-accel by Linux's interface for CXL type 2 devices (7.3 and
 * later), as short as that lets it be: registers, capacity, the region that
 * firmware has committed. The region's memory, mapped for the processor, is
 * the file "type2_memory" of the PCI device, so that a test can use it.
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <cxl/cxl.h>
#include <cxl/pci.h>

#define ACCEL_DEVICE_ID	0x00d6

struct type2 {
	struct cxl_dev_state cxlds;	/* the first */
	struct range range;
	void *memory;
	struct bin_attribute file;
};

/* sysfs keeps both within the file's size. */
static ssize_t type2_read(struct file *file, struct kobject *kobj,
			  const struct bin_attribute *attr, char *to,
			  loff_t at, size_t len)
{
	struct type2 *t = attr->private;

	memcpy(to, t->memory + at, len);
	return len;
}

static ssize_t type2_write(struct file *file, struct kobject *kobj,
			   const struct bin_attribute *attr, char *from,
			   loff_t at, size_t len)
{
	struct type2 *t = attr->private;

	memcpy(t->memory + at, from, len);
	return len;
}

static int type2_registers(struct pci_dev *pdev, struct type2 *t)
{
	struct cxl_register_map *map = &t->cxlds.reg_map;
	int rc = cxl_pci_setup_regs(pdev, CXL_REGLOC_RBI_COMPONENT, map);

	if (rc)
		return dev_err_probe(&pdev->dev, rc, "no component registers\n");
	if (!map->component_map.hdm_decoder.valid ||
	    !map->component_map.ras.valid)
		return dev_err_probe(&pdev->dev, -ENODEV,
				     "no decoders, or no RAS\n");
	return 0;
}

/* What range 1 of the DVSEC says: there is no mailbox to ask. */
static u64 type2_capacity(struct pci_dev *pdev, u16 dvsec)
{
	u32 high, low;

	pci_read_config_dword(pdev, dvsec + PCI_DVSEC_CXL_RANGE_SIZE_HIGH(0),
			      &high);
	pci_read_config_dword(pdev, dvsec + PCI_DVSEC_CXL_RANGE_SIZE_LOW(0),
			      &low);
	return (u64)high << 32 | (low & PCI_DVSEC_CXL_MEM_SIZE_LOW);
}

static void type2_hide(void *data)
{
	struct type2 *t = data;

	sysfs_remove_bin_file(&t->cxlds.dev->kobj, &t->file);
}

static int type2_show(struct device *dev, struct type2 *t)
{
	int rc;

	t->memory = devm_memremap(dev, t->range.start, range_len(&t->range),
				  MEMREMAP_WB);
	if (IS_ERR(t->memory))
		return PTR_ERR(t->memory);
	sysfs_bin_attr_init(&t->file);
	t->file.attr.name = "type2_memory";
	t->file.attr.mode = 0600;
	t->file.size = range_len(&t->range);
	t->file.read = type2_read;
	t->file.write = type2_write;
	t->file.private = t;
	rc = sysfs_create_bin_file(&dev->kobj, &t->file);
	if (rc)
		return rc;
	return devm_add_action_or_reset(dev, type2_hide, t);
}

static int type2_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	u16 dvsec = pci_find_dvsec_capability(pdev, PCI_VENDOR_ID_CXL,
					      PCI_DVSEC_CXL_DEVICE);
	struct cxl_memdev *cxlmd;
	struct type2 *t;
	int rc;

	if (!pcie_is_cxl(pdev) || !dvsec)
		return dev_err_probe(&pdev->dev, -ENODEV, "no CXL link\n");
	rc = pcim_enable_device(pdev);
	if (rc)
		return rc;
	t = devm_cxl_dev_state_create(&pdev->dev, CXL_DEVTYPE_DEVMEM,
				      pci_get_dsn(pdev), dvsec, struct type2,
				      cxlds, false);
	if (!t)
		return -ENOMEM;
	rc = type2_registers(pdev, t);
	if (rc)
		return rc;
	t->cxlds.media_ready = true;
	rc = cxl_set_capacity(&t->cxlds, type2_capacity(pdev, dvsec));
	if (rc)
		return dev_err_probe(&pdev->dev, rc, "no capacity\n");
	cxlmd = devm_cxl_probe_mem(&t->cxlds, &t->range);
	if (IS_ERR(cxlmd))
		return dev_err_probe(&pdev->dev, PTR_ERR(cxlmd), "no region\n");
	dev_info(&pdev->dev, "memory at %pra\n", &t->range);
	return type2_show(&pdev->dev, t);
}

static const struct pci_device_id type2_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT, ACCEL_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, type2_ids);

static struct pci_driver type2_driver = {
	.name = "cxl-type2",
	.id_table = type2_ids,
	.probe = type2_probe,
};
module_pci_driver(type2_driver);

MODULE_DESCRIPTION("CXL type 2 devices, for tests");
MODULE_IMPORT_NS("CXL");
MODULE_LICENSE("GPL");
