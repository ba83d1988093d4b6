// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An SDXI function as a dmaengine provider with one memcpy channel; see dma.h.
 *
 * The channel is the first client context; every copy is followed by an INTR
 * descriptor with a fence, and the handler completes in order whatever has its
 * completion signal at zero.
 */
#include <linux/dmaengine.h>
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "dma.h"

#define ERROR_VECTOR	0
#define MAX_COPY	SZ_2M		/* the least that a function allows */
#define STEPS_PER_COPY	2		/* COPY and INTR */

struct sdxi_copy {
	struct dma_async_tx_descriptor tx;
	struct list_head node;
	dma_addr_t src, dst;
	size_t len;
	unsigned int slot;
};

struct sdxi_dma {
	struct dma_device dma;
	struct dma_chan chan;
	struct sdxi_fn *fn;
	spinlock_t lock;		/* all below, and the client's ring */
	struct list_head submitted;
	struct list_head issued;
};

static struct sdxi_dma *to_sdxi(struct dma_chan *chan)
{
	return container_of(chan, struct sdxi_dma, chan);
}

static struct sdxi_copy *to_copy(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct sdxi_copy, tx);
}

/* Client context */

static int sdxi_alloc_chan_resources(struct dma_chan *chan)
{
	struct sdxi_dma *sdxi = to_sdxi(chan);
	int ret;

	mutex_lock(&sdxi->fn->admin);
	chan->cookie = DMA_MIN_COOKIE;
	chan->completed_cookie = DMA_MIN_COOKIE;
	sdxi_fn_publish(sdxi->fn, CLIENT, 0);
	ret = sdxi_fn_start_client(sdxi->fn, CLIENT);
	mutex_unlock(&sdxi->fn->admin);
	return ret;
}

static void sdxi_drop(struct sdxi_dma *sdxi)
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
	struct sdxi_dma *sdxi = to_sdxi(chan);

	if (sdxi_fn_stop_client(sdxi->fn, CLIENT))
		dev_err(&sdxi->fn->pdev->dev, "context %d does not stop\n",
			CLIENT);
	sdxi_drop(sdxi);
}

static int sdxi_terminate_all(struct dma_chan *chan)
{
	struct sdxi_dma *sdxi = to_sdxi(chan);
	int ret = sdxi_fn_stop_client(sdxi->fn, CLIENT);

	sdxi_drop(sdxi);
	if (!ret) {
		mutex_lock(&sdxi->fn->admin);
		sdxi_fn_publish(sdxi->fn, CLIENT, 0);
		ret = sdxi_fn_start_client(sdxi->fn, CLIENT);
		mutex_unlock(&sdxi->fn->admin);
	}
	return ret;
}

static void sdxi_synchronize(struct dma_chan *chan)
{
	synchronize_irq(pci_irq_vector(to_sdxi(chan)->fn->pdev, COPY_VECTOR));
}

/* Copies */

/* Hand to the function what fits into its ring; called with the lock held. */
static void sdxi_issue(struct sdxi_dma *sdxi)
{
	struct sdxi_context *cxt = &sdxi->fn->t->cxt[CLIENT];
	u64 read_index = le64_to_cpu(READ_ONCE(cxt->sts[1]));
	u64 intr[8] = { DSC_INTR | DSC_FE, [7] = DSC_NP };
	struct sdxi_copy *copy, *next;
	bool any = false;

	/* A slot's completion block is in use until its copy is completed. */
	copy = list_first_entry_or_null(&sdxi->issued, struct sdxi_copy, node);
	if (copy)
		read_index = min(read_index, sdxi->fn->write_index[CLIENT] -
			(sdxi->fn->write_index[CLIENT] - copy->slot) % RING);
	list_for_each_entry_safe(copy, next, &sdxi->submitted, node) {
		u64 d[8] = {
			DSC_COPY | (u64)(copy->len - 1) << 32, 0, copy->src,
			copy->dst,
		};

		if (sdxi->fn->write_index[CLIENT] + STEPS_PER_COPY - read_index >
		    RING - STEPS_PER_COPY)
			break;
		copy->slot = sdxi->fn->write_index[CLIENT] % RING;
		cxt->cst[copy->slot][1] = 0;
		WRITE_ONCE(cxt->cst[copy->slot][0], cpu_to_le64(1));
		d[7] = sdxi_fn_bus(sdxi->fn, cxt->cst[copy->slot]);
		sdxi_fn_enqueue(sdxi->fn, CLIENT, d);
		sdxi_fn_enqueue(sdxi->fn, CLIENT, intr);
		list_move_tail(&copy->node, &sdxi->issued);
		any = true;
	}
	if (any)
		sdxi_fn_doorbell(sdxi->fn, CLIENT);
}

static void sdxi_issue_pending(struct dma_chan *chan)
{
	struct sdxi_dma *sdxi = to_sdxi(chan);
	unsigned long flags;

	spin_lock_irqsave(&sdxi->lock, flags);
	sdxi_issue(sdxi);
	spin_unlock_irqrestore(&sdxi->lock, flags);
}

static void sdxi_complete(struct sdxi_dma *sdxi, struct sdxi_copy *copy)
{
	u64 status = le64_to_cpu(sdxi->fn->t->cxt[CLIENT].cst[copy->slot][1]);
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
	struct sdxi_dma *sdxi = opaque;
	struct sdxi_context *cxt = &sdxi->fn->t->cxt[CLIENT];
	struct sdxi_copy *copy, *next;
	unsigned long flags;
	LIST_HEAD(done);

	spin_lock_irqsave(&sdxi->lock, flags);
	list_for_each_entry_safe(copy, next, &sdxi->issued, node) {
		if (!sdxi_fn_signalled(cxt, copy->slot))
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
	struct sdxi_dma *sdxi = opaque;

	dev_err_ratelimited(&sdxi->fn->pdev->dev, "error interrupt, state %u\n",
			    sdxi_fn_state(sdxi->fn));
	return IRQ_HANDLED;
}

static dma_cookie_t sdxi_tx_submit(struct dma_async_tx_descriptor *tx)
{
	struct sdxi_dma *sdxi = to_sdxi(tx->chan);
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

/* Engine */

static void sdxi_register_ops(struct sdxi_dma *sdxi)
{
	struct dma_device *dma = &sdxi->dma;

	dma->dev = &sdxi->fn->pdev->dev;
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

static int sdxi_request_irqs(struct sdxi_dma *sdxi)
{
	struct pci_dev *pdev = sdxi->fn->pdev;
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

static void sdxi_free_irqs(struct sdxi_dma *sdxi)
{
	pci_free_irq(sdxi->fn->pdev, COPY_VECTOR, sdxi);
	pci_free_irq(sdxi->fn->pdev, ERROR_VECTOR, sdxi);
	pci_free_irq_vectors(sdxi->fn->pdev);
}

struct sdxi_dma *sdxi_dma_new(struct sdxi_fn *fn)
{
	struct sdxi_dma *sdxi = kzalloc(sizeof(*sdxi), GFP_KERNEL);
	int ret;

	if (!sdxi)
		return ERR_PTR(-ENOMEM);
	sdxi->fn = fn;
	spin_lock_init(&sdxi->lock);
	INIT_LIST_HEAD(&sdxi->submitted);
	INIT_LIST_HEAD(&sdxi->issued);
	ret = sdxi_request_irqs(sdxi);
	if (ret)
		goto free;
	sdxi_register_ops(sdxi);
	ret = dma_async_device_register(&sdxi->dma);
	if (!ret)
		return sdxi;
	sdxi_free_irqs(sdxi);
free:
	kfree(sdxi);
	return ERR_PTR(ret);
}

void sdxi_dma_free(struct sdxi_dma *sdxi)
{
	dma_async_device_unregister(&sdxi->dma);
	sdxi_free_irqs(sdxi);
	kfree(sdxi);
}

const char *sdxi_dma_name(struct sdxi_dma *sdxi)
{
	return dma_chan_name(&sdxi->chan);
}
