/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a driver sees of the AML node of its PCI function: prints the two _DSD
 * integers and _PXM of the function that address= names, then refuses to stay.
 */
#include <linux/acpi.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/property.h>

static char *address = "0000:00:00.0";
module_param(address, charp, 0444);

static struct pci_dev *acpi_props_find(void)
{
    unsigned int domain, bus, slot, func;

    if (sscanf(address, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4) {
        return NULL;
    }
    return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
}

static int __init acpi_props_init(void)
{
    struct pci_dev *dev = acpi_props_find();
    unsigned long long pxm = ~0ULL;
    u64 start = ~0ULL, count = ~0ULL;

    if (!dev) {
        return -ENODEV;
    }
    if (!ACPI_COMPANION(&dev->dev)) {
        pr_info("acpi-props: no companion\n");
    }
    device_property_read_u64(&dev->dev, "dev-mem-pxm-start", &start);
    device_property_read_u64(&dev->dev, "dev-mem-pxm-count", &count);
    acpi_evaluate_integer(ACPI_HANDLE(&dev->dev), "_PXM", NULL, &pxm);
    pr_info("acpi-props: start %lld count %lld pxm %lld\n", start, count,
        pxm);
    pci_dev_put(dev);
    return -EAGAIN;
}
module_init(acpi_props_init);

MODULE_DESCRIPTION("Show ACPI device properties of a PCI function");
MODULE_LICENSE("GPL");
