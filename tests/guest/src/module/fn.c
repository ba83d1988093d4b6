// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bringing an SDXI function up, and its administrative context; see fn.h.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>

#include "fn.h"

u64 sdxi_fn_bus(struct sdxi_fn *fn, const void *p)
{
	return fn->t_dma + ((const u8 *)p - (const u8 *)fn->t);
}

bool sdxi_fn_signalled(struct sdxi_context *cxt, unsigned int slot)
{
	return !READ_ONCE(cxt->cst[slot][0]);
}

void sdxi_fn_enqueue(struct sdxi_fn *fn, unsigned int n, const u64 *d)
{
	struct sdxi_context *cxt = &fn->t->cxt[n];
	u64 index = fn->write_index[n]++;
	__le64 *slot = cxt->ring[index % RING];
	int i;

	WRITE_ONCE(cxt->write_index, cpu_to_le64(index + 1));
	for (i = 1; i < 8; i++)
		slot[i] = cpu_to_le64(d[i]);
	dma_wmb();
	WRITE_ONCE(slot[0], cpu_to_le64(d[0] | DSC_VL));
}

void sdxi_fn_doorbell(struct sdxi_fn *fn, unsigned int n)
{
	writeq(fn->write_index[n], fn->doorbells + n * fn->stride);
}

/* Function state */

unsigned int sdxi_fn_state(struct sdxi_fn *fn)
{
	return readq(fn->regs + SDXI_STS0) & 7;
}

static int sdxi_fn_request(struct sdxi_fn *fn, unsigned int gsr,
			   unsigned int want)
{
	u64 ctl0 = readq(fn->regs + SDXI_CTL0) & ~3ull;
	int ms;

	writeq(ctl0 | gsr, fn->regs + SDXI_CTL0);
	for (ms = 0; ms < 1000; ms++) {
		if (sdxi_fn_state(fn) == want)
			return 0;
		if (sdxi_fn_state(fn) == GSV_ERROR)
			return -EIO;
		usleep_range(1000, 2000);
	}
	return -ETIMEDOUT;
}

int sdxi_fn_stop(struct sdxi_fn *fn)
{
	unsigned int gsv = sdxi_fn_state(fn);

	if (gsv == GSV_ACTIVE || gsv == GSV_INIT)
		return sdxi_fn_request(fn, GSR_STOP_SF, GSV_STOP);
	return sdxi_fn_request(fn, GSR_RESET, GSV_STOP);
}

void sdxi_fn_publish_at(struct sdxi_fn *fn, unsigned int n,
			const struct sdxi_place *place)
{
	struct sdxi_context *cxt = &fn->t->cxt[n];
	__le64 *l1 = fn->t->l1[n];

	fn->write_index[n] = 0;
	cxt->akeys[0][0] = cpu_to_le64(3 | COPY_VECTOR << 4);
	cxt->ctl[1] = cpu_to_le64(place->entries);
	cxt->ctl[2] = cpu_to_le64(place->sts);
	cxt->ctl[3] = cpu_to_le64(place->write_index);
	dma_wmb();
	cxt->ctl[0] = cpu_to_le64(place->ring | CXT_VL);
	l1[1] = cpu_to_le64(sdxi_fn_bus(fn, cxt->akeys));
	l1[2] = cpu_to_le64((u64)fn->groups << 32 | place->pasid);
	dma_wmb();
	WRITE_ONCE(l1[0], cpu_to_le64(sdxi_fn_bus(fn, cxt->ctl) | CXT_VL |
				      (place->pasid_valid ? L1_PV : 0)));
}

void sdxi_fn_publish(struct sdxi_fn *fn, unsigned int n, u64 state)
{
	struct sdxi_context *cxt = &fn->t->cxt[n];
	struct sdxi_place place = {
		.ring = sdxi_fn_bus(fn, cxt->ring),
		.sts = sdxi_fn_bus(fn, cxt->sts),
		.write_index = sdxi_fn_bus(fn, &cxt->write_index),
		.entries = RING,
	};

	memset(cxt, 0, sizeof(*cxt));
	cxt->sts[0] = cpu_to_le64(state);
	sdxi_fn_publish_at(fn, n, &place);
}

int sdxi_fn_start(struct sdxi_fn *fn)
{
	u64 cap0 = readq(fn->regs + SDXI_CAP0);
	u64 cap1 = readq(fn->regs + SDXI_CAP1);
	int ret;

	fn->stride = (u64)SZ_4K << ((cap0 >> 20) & 7);
	fn->groups = cap1 >> 32;
	if (((cap1 >> 16) & 0xffff) < CONTEXTS - 1 ||
	    pci_resource_len(fn->pdev, 2) < CONTEXTS * fn->stride)
		return -ENODEV;
	ret = sdxi_fn_stop(fn);
	if (ret)
		return ret;
	writeq((cap1 & ~0xffff0ff0ull) | (CONTEXTS - 1) << 16,
	       fn->regs + SDXI_CTL2);
	writeq(sdxi_fn_bus(fn, fn->t->l2), fn->regs + SDXI_CXT_L2);
	fn->t->l2[0] = cpu_to_le64(sdxi_fn_bus(fn, fn->t->l1) | 1);
	sdxi_fn_publish(fn, ADMIN, CXT_RUN);
	ret = sdxi_fn_request(fn, GSR_ACTIVE, GSV_ACTIVE);
	if (!ret)
		sdxi_fn_doorbell(fn, ADMIN);
	return ret;
}

/* Administrative operations */

int sdxi_fn_admin(struct sdxi_fn *fn, unsigned int n, u64 dw0, u64 dw1)
{
	struct sdxi_context *cxt = &fn->t->cxt[ADMIN];
	unsigned int slot = fn->write_index[ADMIN] % RING;
	/* all keys, where there are keys */
	u64 d[8] = {
		dw0 | dw1 << 32, n | n << 16 | (u64)(AKEYS - 1) << 48,
		[7] = sdxi_fn_bus(fn, cxt->cst[slot]),
	};
	int ms;

	cxt->cst[slot][1] = 0;
	WRITE_ONCE(cxt->cst[slot][0], cpu_to_le64(1));
	sdxi_fn_enqueue(fn, ADMIN, d);
	sdxi_fn_doorbell(fn, ADMIN);
	for (ms = 0; ms < 1000 && !sdxi_fn_signalled(cxt, slot); ms++)
		usleep_range(1000, 2000);
	if (!sdxi_fn_signalled(cxt, slot))
		return -ETIMEDOUT;
	return le64_to_cpu(cxt->cst[slot][1]) & CST_ER ? -EIO : 0;
}

int sdxi_fn_start_client(struct sdxi_fn *fn, unsigned int n)
{
	return sdxi_fn_admin(fn, n, DSC_CXT_START | DSC_FE, 0);
}

int sdxi_fn_update_keys(struct sdxi_fn *fn, unsigned int n)
{
	int ret = sdxi_fn_admin(fn, n, DSC_AKEY_UPD | DSC_FE, 0);

	return ret ? ret : sdxi_fn_admin(fn, n, DSC_SYNC, SYNC_AKEY);
}

int sdxi_fn_stop_client(struct sdxi_fn *fn, unsigned int n)
{
	int ret;

	mutex_lock(&fn->admin);
	ret = sdxi_fn_admin(fn, n, DSC_CXT_STOP | DSC_FE, 0);
	if (!ret)
		ret = sdxi_fn_admin(fn, n, DSC_SYNC, SYNC_STOP);
	WRITE_ONCE(fn->t->l1[n][0], 0);
	mutex_unlock(&fn->admin);
	return ret;
}

int sdxi_fn_map(struct sdxi_fn *fn, struct pci_dev *pdev)
{
	int ret = pcim_enable_device(pdev);

	fn->pdev = pdev;
	mutex_init(&fn->admin);

	if (ret)
		return ret;
	fn->regs = pcim_iomap(pdev, 0, 0);
	fn->doorbells = pcim_iomap(pdev, 2, 0);
	if (!fn->regs || !fn->doorbells)
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	pci_set_master(pdev);
	fn->t = dmam_alloc_coherent(&pdev->dev, sizeof(*fn->t),
				    &fn->t_dma, GFP_KERNEL);
	return fn->t ? 0 : -ENOMEM;
}
