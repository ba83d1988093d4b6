// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An SDXI function as a dmaengine provider with one memcpy channel.
 *
 * For tests: dmatest and other users of dmaengine get the engine below them.
 * One administrative context and one client context; every copy is followed
 * by an INTR descriptor with a fence, and the handler completes in order
 * whatever has its completion signal at zero.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define SDXI_CLASS	0x120100

/* Registers of BAR 0, chapter 9 */
#define SDXI_CTL0	0x0
#define SDXI_CTL2	0x10
#define SDXI_STS0	0x100
#define SDXI_CAP0	0x200
#define SDXI_CAP1	0x208
#define SDXI_VERSION	0x210
#define SDXI_CXT_L2	0x10000

enum { GSR_RESET, GSR_STOP_SF, GSR_STOP_HD, GSR_ACTIVE };
enum { GSV_STOP, GSV_INIT, GSV_ACTIVE, GSV_STOPG_SF, GSV_STOPG_HD, GSV_ERROR };

#define CXT_RUN		1
#define CXT_VL		BIT_ULL(0)

/* First dword of a descriptor */
#define DSC_VL		BIT(0)
#define DSC_FE		BIT(2)
#define DSC(type, sub)	((type) << 16 | (sub) << 8)
#define DSC_COPY	DSC(1, 3)
#define DSC_CXT_START	DSC(2, 3)
#define DSC_CXT_STOP	DSC(2, 4)
#define DSC_SYNC	DSC(2, 6)
#define DSC_INTR	DSC(4, 0)
#define DSC_NP		1		/* qword 7: no completion block */
#define SYNC_STOP	1
#define CST_ER		BIT_ULL(31)	/* in qword 1 */

#define RING		1024
#define ADMIN		0
#define CLIENT		1
#define ERROR_VECTOR	0
#define COPY_VECTOR	1
#define MAX_COPY	SZ_2M		/* the least that a function allows */
#define STEPS_PER_COPY	2		/* COPY and INTR */

struct sdxi_context {
	__le64 ring[RING][8];
	__le64 cst[RING][4];
	__le64 akeys[256][2];
	__le64 ctl[8];
	__le64 sts[2];
	__le64 write_index;
} __aligned(SZ_4K);

struct sdxi_tables {
	__le64 l2[512];
	__le64 l1[128][4];
	struct sdxi_context cxt[2];
};

struct sdxi_copy {
	struct dma_async_tx_descriptor tx;
	struct list_head node;
	dma_addr_t src, dst;
	size_t len;
	unsigned int slot;
};

struct sdxi {
	struct dma_device dma;
	struct dma_chan chan;
	struct pci_dev *pdev;
	void __iomem *regs;
	void __iomem *doorbells;
	u64 stride;
	u32 groups;
	struct sdxi_tables *t;
	dma_addr_t t_dma;
	struct mutex admin;
	spinlock_t lock;		/* all below */
	u64 write_index[2];
	struct list_head submitted;
	struct list_head issued;
};

static struct sdxi *to_sdxi(struct dma_chan *chan)
{
	return container_of(chan, struct sdxi, chan);
}

static struct sdxi_copy *to_copy(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct sdxi_copy, tx);
}

static u64 sdxi_bus(struct sdxi *sdxi, const void *p)
{
	return sdxi->t_dma + ((const u8 *)p - (const u8 *)sdxi->t);
}

static bool sdxi_signalled(struct sdxi_context *cxt, unsigned int slot)
{
	return !READ_ONCE(cxt->cst[slot][0]);
}

/* Put one descriptor into the ring; the caller rings the doorbell. */
static void sdxi_enqueue(struct sdxi *sdxi, unsigned int n, const u64 *d)
{
	struct sdxi_context *cxt = &sdxi->t->cxt[n];
	u64 index = sdxi->write_index[n]++;
	__le64 *slot = cxt->ring[index % RING];
	int i;

	WRITE_ONCE(cxt->write_index, cpu_to_le64(index + 1));
	for (i = 1; i < 8; i++)
		slot[i] = cpu_to_le64(d[i]);
	dma_wmb();
	WRITE_ONCE(slot[0], cpu_to_le64(d[0] | DSC_VL));
}

static void sdxi_ring_doorbell(struct sdxi *sdxi, unsigned int n)
{
	writeq(sdxi->write_index[n], sdxi->doorbells + n * sdxi->stride);
}

/* Function state */

static unsigned int sdxi_state(struct sdxi *sdxi)
{
	return readq(sdxi->regs + SDXI_STS0) & 7;
}

static int sdxi_request(struct sdxi *sdxi, unsigned int gsr, unsigned int want)
{
	u64 ctl0 = readq(sdxi->regs + SDXI_CTL0) & ~3ull;
	int ms;

	writeq(ctl0 | gsr, sdxi->regs + SDXI_CTL0);
	for (ms = 0; ms < 1000; ms++) {
		if (sdxi_state(sdxi) == want)
			return 0;
		if (sdxi_state(sdxi) == GSV_ERROR)
			return -EIO;
		usleep_range(1000, 2000);
	}
	return -ETIMEDOUT;
}

static int sdxi_stop(struct sdxi *sdxi)
{
	unsigned int gsv = sdxi_state(sdxi);

	if (gsv == GSV_ACTIVE || gsv == GSV_INIT)
		return sdxi_request(sdxi, GSR_STOP_SF, GSV_STOP);
	return sdxi_request(sdxi, GSR_RESET, GSV_STOP);
}

static void sdxi_publish(struct sdxi *sdxi, unsigned int n, u64 state)
{
	struct sdxi_context *cxt = &sdxi->t->cxt[n];
	__le64 *l1 = sdxi->t->l1[n];

	memset(cxt, 0, sizeof(*cxt));
	sdxi->write_index[n] = 0;
	cxt->akeys[0][0] = cpu_to_le64(3 | COPY_VECTOR << 4);
	cxt->sts[0] = cpu_to_le64(state);
	cxt->ctl[1] = cpu_to_le64(RING);
	cxt->ctl[2] = cpu_to_le64(sdxi_bus(sdxi, cxt->sts));
	cxt->ctl[3] = cpu_to_le64(sdxi_bus(sdxi, &cxt->write_index));
	dma_wmb();
	cxt->ctl[0] = cpu_to_le64(sdxi_bus(sdxi, cxt->ring) | CXT_VL);
	l1[1] = cpu_to_le64(sdxi_bus(sdxi, cxt->akeys));
	l1[2] = cpu_to_le64((u64)sdxi->groups << 32);
	dma_wmb();
	WRITE_ONCE(l1[0], cpu_to_le64(sdxi_bus(sdxi, cxt->ctl) | CXT_VL));
}

static int sdxi_start(struct sdxi *sdxi)
{
	u64 cap0 = readq(sdxi->regs + SDXI_CAP0);
	u64 cap1 = readq(sdxi->regs + SDXI_CAP1);
	int ret;

	sdxi->stride = (u64)SZ_4K << ((cap0 >> 20) & 7);
	sdxi->groups = cap1 >> 32;
	if (((cap1 >> 16) & 0xffff) < CLIENT ||
	    pci_resource_len(sdxi->pdev, 2) < 2 * sdxi->stride)
		return -ENODEV;
	ret = sdxi_stop(sdxi);
	if (ret)
		return ret;
	writeq((cap1 & ~0xffff0ff0ull) | CLIENT << 16,
	       sdxi->regs + SDXI_CTL2);
	writeq(sdxi_bus(sdxi, sdxi->t->l2), sdxi->regs + SDXI_CXT_L2);
	sdxi->t->l2[0] = cpu_to_le64(sdxi_bus(sdxi, sdxi->t->l1) | 1);
	sdxi_publish(sdxi, ADMIN, CXT_RUN);
	ret = sdxi_request(sdxi, GSR_ACTIVE, GSV_ACTIVE);
	if (!ret)
		sdxi_ring_doorbell(sdxi, ADMIN);
	return ret;
}

/* Client context */

static int sdxi_admin(struct sdxi *sdxi, u64 dw0, u64 dw1)
{
	struct sdxi_context *cxt = &sdxi->t->cxt[ADMIN];
	unsigned int slot = sdxi->write_index[ADMIN] % RING;
	u64 d[8] = {
		dw0 | dw1 << 32, CLIENT | CLIENT << 16,
		[7] = sdxi_bus(sdxi, cxt->cst[slot]),
	};
	int ms;

	cxt->cst[slot][1] = 0;
	WRITE_ONCE(cxt->cst[slot][0], cpu_to_le64(1));
	sdxi_enqueue(sdxi, ADMIN, d);
	sdxi_ring_doorbell(sdxi, ADMIN);
	for (ms = 0; ms < 1000 && !sdxi_signalled(cxt, slot); ms++)
		usleep_range(1000, 2000);
	if (!sdxi_signalled(cxt, slot))
		return -ETIMEDOUT;
	return le64_to_cpu(cxt->cst[slot][1]) & CST_ER ? -EIO : 0;
}

static int sdxi_alloc_chan_resources(struct dma_chan *chan)
{
	struct sdxi *sdxi = to_sdxi(chan);
	int ret;

	mutex_lock(&sdxi->admin);
	chan->cookie = DMA_MIN_COOKIE;
	chan->completed_cookie = DMA_MIN_COOKIE;
	sdxi_publish(sdxi, CLIENT, 0);
	ret = sdxi_admin(sdxi, DSC_CXT_START | DSC_FE, 0);
	mutex_unlock(&sdxi->admin);
	return ret;
}

static int sdxi_stop_client(struct sdxi *sdxi)
{
	int ret;

	mutex_lock(&sdxi->admin);
	ret = sdxi_admin(sdxi, DSC_CXT_STOP | DSC_FE, 0);
	if (!ret)
		ret = sdxi_admin(sdxi, DSC_SYNC, SYNC_STOP);
	WRITE_ONCE(sdxi->t->l1[CLIENT][0], 0);
	mutex_unlock(&sdxi->admin);
	return ret;
}

static void sdxi_drop(struct sdxi *sdxi)
{
	struct sdxi_copy *copy, *next;
	unsigned long flags;
	LIST_HEAD(dropped);

	spin_lock_irqsave(&sdxi->lock, flags);
	list_splice_tail_init(&sdxi->issued, &dropped);
	list_splice_tail_init(&sdxi->submitted, &dropped);
	spin_unlock_irqrestore(&sdxi->lock, flags);
	list_for_each_entry_safe(copy, next, &dropped, node) {
		dma_descriptor_unmap(&copy->tx);
		kfree(copy);
	}
}

static void sdxi_free_chan_resources(struct dma_chan *chan)
{
	struct sdxi *sdxi = to_sdxi(chan);

	if (sdxi_stop_client(sdxi))
		dev_err(&sdxi->pdev->dev, "context %d does not stop\n", CLIENT);
	sdxi_drop(sdxi);
}

static int sdxi_terminate_all(struct dma_chan *chan)
{
	struct sdxi *sdxi = to_sdxi(chan);
	int ret = sdxi_stop_client(sdxi);

	sdxi_drop(sdxi);
	if (!ret) {
		mutex_lock(&sdxi->admin);
		sdxi_publish(sdxi, CLIENT, 0);
		ret = sdxi_admin(sdxi, DSC_CXT_START | DSC_FE, 0);
		mutex_unlock(&sdxi->admin);
	}
	return ret;
}

static void sdxi_synchronize(struct dma_chan *chan)
{
	synchronize_irq(pci_irq_vector(to_sdxi(chan)->pdev, COPY_VECTOR));
}

/* Copies */

/* Hand to the function what fits into its ring; called with the lock held. */
static void sdxi_issue(struct sdxi *sdxi)
{
	struct sdxi_context *cxt = &sdxi->t->cxt[CLIENT];
	u64 read_index = le64_to_cpu(READ_ONCE(cxt->sts[1]));
	u64 intr[8] = { DSC_INTR | DSC_FE, [7] = DSC_NP };
	struct sdxi_copy *copy, *next;
	bool any = false;

	/* A slot's completion block is in use until its copy is completed. */
	copy = list_first_entry_or_null(&sdxi->issued, struct sdxi_copy, node);
	if (copy)
		read_index = min(read_index, sdxi->write_index[CLIENT] -
			(sdxi->write_index[CLIENT] - copy->slot) % RING);
	list_for_each_entry_safe(copy, next, &sdxi->submitted, node) {
		u64 d[8] = {
			DSC_COPY | (u64)(copy->len - 1) << 32, 0, copy->src,
			copy->dst,
		};

		if (sdxi->write_index[CLIENT] + STEPS_PER_COPY - read_index >
		    RING - STEPS_PER_COPY)
			break;
		copy->slot = sdxi->write_index[CLIENT] % RING;
		cxt->cst[copy->slot][1] = 0;
		WRITE_ONCE(cxt->cst[copy->slot][0], cpu_to_le64(1));
		d[7] = sdxi_bus(sdxi, cxt->cst[copy->slot]);
		sdxi_enqueue(sdxi, CLIENT, d);
		sdxi_enqueue(sdxi, CLIENT, intr);
		list_move_tail(&copy->node, &sdxi->issued);
		any = true;
	}
	if (any)
		sdxi_ring_doorbell(sdxi, CLIENT);
}

static void sdxi_issue_pending(struct dma_chan *chan)
{
	struct sdxi *sdxi = to_sdxi(chan);
	unsigned long flags;

	spin_lock_irqsave(&sdxi->lock, flags);
	sdxi_issue(sdxi);
	spin_unlock_irqrestore(&sdxi->lock, flags);
}

static void sdxi_complete(struct sdxi *sdxi, struct sdxi_copy *copy)
{
	u64 status = le64_to_cpu(sdxi->t->cxt[CLIENT].cst[copy->slot][1]);
	struct dmaengine_result result = {
		.result = status & CST_ER ? DMA_TRANS_READ_FAILED :
					    DMA_TRANS_NOERROR,
	};
	struct dma_async_tx_descriptor *tx = &copy->tx;

	dma_descriptor_unmap(tx);
	if (tx->callback_result)
		tx->callback_result(tx->callback_param, &result);
	else if (tx->callback)
		tx->callback(tx->callback_param);
	kfree(copy);
}

static irqreturn_t sdxi_copy_irq(int irq, void *opaque)
{
	struct sdxi *sdxi = opaque;
	struct sdxi_context *cxt = &sdxi->t->cxt[CLIENT];
	struct sdxi_copy *copy, *next;
	unsigned long flags;
	LIST_HEAD(done);

	spin_lock_irqsave(&sdxi->lock, flags);
	list_for_each_entry_safe(copy, next, &sdxi->issued, node) {
		if (!sdxi_signalled(cxt, copy->slot))
			break;
		dma_rmb();
		sdxi->chan.completed_cookie = copy->tx.cookie;
		list_move_tail(&copy->node, &done);
	}
	spin_unlock_irqrestore(&sdxi->lock, flags);
	list_for_each_entry_safe(copy, next, &done, node)
		sdxi_complete(sdxi, copy);
	sdxi_issue_pending(&sdxi->chan);
	return IRQ_HANDLED;
}

static irqreturn_t sdxi_error_irq(int irq, void *opaque)
{
	struct sdxi *sdxi = opaque;

	dev_err_ratelimited(&sdxi->pdev->dev, "error interrupt, state %u\n",
			    sdxi_state(sdxi));
	return IRQ_HANDLED;
}

static dma_cookie_t sdxi_tx_submit(struct dma_async_tx_descriptor *tx)
{
	struct sdxi *sdxi = to_sdxi(tx->chan);
	unsigned long flags;

	spin_lock_irqsave(&sdxi->lock, flags);
	if (++tx->chan->cookie < DMA_MIN_COOKIE)
		tx->chan->cookie = DMA_MIN_COOKIE;
	tx->cookie = tx->chan->cookie;
	list_add_tail(&to_copy(tx)->node, &sdxi->submitted);
	spin_unlock_irqrestore(&sdxi->lock, flags);
	return tx->cookie;
}

static struct dma_async_tx_descriptor *
sdxi_prep_memcpy(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
		 size_t len, unsigned long flags)
{
	struct sdxi_copy *copy;

	if (!len || len > MAX_COPY)
		return NULL;
	copy = kzalloc(sizeof(*copy), GFP_NOWAIT);
	if (!copy)
		return NULL;
	dma_async_tx_descriptor_init(&copy->tx, chan);
	copy->tx.tx_submit = sdxi_tx_submit;
	copy->tx.flags = flags;
	copy->src = src;
	copy->dst = dst;
	copy->len = len;
	return &copy->tx;
}

static enum dma_status sdxi_tx_status(struct dma_chan *chan,
				      dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	dma_cookie_t done = READ_ONCE(chan->completed_cookie);
	dma_cookie_t used = READ_ONCE(chan->cookie);

	dma_set_tx_state(state, done, used, 0);
	return dma_async_is_complete(cookie, done, used);
}

/* Driver */

static void sdxi_register_ops(struct sdxi *sdxi)
{
	struct dma_device *dma = &sdxi->dma;

	dma->dev = &sdxi->pdev->dev;
	dma_cap_set(DMA_MEMCPY, dma->cap_mask);
	dma->device_alloc_chan_resources = sdxi_alloc_chan_resources;
	dma->device_free_chan_resources = sdxi_free_chan_resources;
	dma->device_prep_dma_memcpy = sdxi_prep_memcpy;
	dma->device_issue_pending = sdxi_issue_pending;
	dma->device_tx_status = sdxi_tx_status;
	dma->device_terminate_all = sdxi_terminate_all;
	dma->device_synchronize = sdxi_synchronize;
	INIT_LIST_HEAD(&dma->channels);
	sdxi->chan.device = dma;
	list_add_tail(&sdxi->chan.device_node, &dma->channels);
}

static int sdxi_request_irqs(struct sdxi *sdxi)
{
	struct pci_dev *pdev = sdxi->pdev;
	int ret = pci_alloc_irq_vectors(pdev, 2, 2, PCI_IRQ_MSIX | PCI_IRQ_MSI);

	if (ret < 0)
		return ret;
	ret = pci_request_irq(pdev, ERROR_VECTOR, NULL, sdxi_error_irq, sdxi,
			      "sdxi-error");
	if (ret)
		goto free_vectors;
	ret = pci_request_irq(pdev, COPY_VECTOR, NULL, sdxi_copy_irq, sdxi,
			      "sdxi-copy");
	if (!ret)
		return 0;
	pci_free_irq(pdev, ERROR_VECTOR, sdxi);
free_vectors:
	pci_free_irq_vectors(pdev);
	return ret;
}

static void sdxi_free_irqs(struct sdxi *sdxi)
{
	pci_free_irq(sdxi->pdev, COPY_VECTOR, sdxi);
	pci_free_irq(sdxi->pdev, ERROR_VECTOR, sdxi);
	pci_free_irq_vectors(sdxi->pdev);
}

static int sdxi_map(struct sdxi *sdxi)
{
	struct pci_dev *pdev = sdxi->pdev;
	int ret = pcim_enable_device(pdev);

	if (ret)
		return ret;
	sdxi->regs = pcim_iomap(pdev, 0, 0);
	sdxi->doorbells = pcim_iomap(pdev, 2, 0);
	if (!sdxi->regs || !sdxi->doorbells)
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	pci_set_master(pdev);
	sdxi->t = dmam_alloc_coherent(&pdev->dev, sizeof(*sdxi->t),
				      &sdxi->t_dma, GFP_KERNEL);
	return sdxi->t ? 0 : -ENOMEM;
}

static int sdxi_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct sdxi *sdxi = devm_kzalloc(&pdev->dev, sizeof(*sdxi), GFP_KERNEL);
	int ret;

	if (!sdxi)
		return -ENOMEM;
	sdxi->pdev = pdev;
	mutex_init(&sdxi->admin);
	spin_lock_init(&sdxi->lock);
	INIT_LIST_HEAD(&sdxi->submitted);
	INIT_LIST_HEAD(&sdxi->issued);
	pci_set_drvdata(pdev, sdxi);
	ret = sdxi_map(sdxi);
	if (ret)
		return ret;
	ret = sdxi_request_irqs(sdxi);
	if (ret)
		return ret;
	ret = sdxi_start(sdxi);
	if (ret)
		goto free_irqs;
	sdxi_register_ops(sdxi);
	ret = dma_async_device_register(&sdxi->dma);
	if (ret)
		goto stop;
	dev_info(&pdev->dev, "SDXI version 0x%llx, groups 0x%x, %s\n",
		 readq(sdxi->regs + SDXI_VERSION), sdxi->groups,
		 dma_chan_name(&sdxi->chan));
	return 0;
stop:
	sdxi_stop(sdxi);
free_irqs:
	sdxi_free_irqs(sdxi);
	return ret;
}

static void sdxi_remove(struct pci_dev *pdev)
{
	struct sdxi *sdxi = pci_get_drvdata(pdev);

	dma_async_device_unregister(&sdxi->dma);
	if (sdxi_stop(sdxi))
		dev_err(&pdev->dev, "the function does not stop\n");
	sdxi_free_irqs(sdxi);
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
};
module_pci_driver(sdxi_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SDXI function as a dmaengine provider, for tests");
