/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An SDXI function as the modules of this folder bring it up: one
 * administrative context in memory of the kernel's, and client contexts that
 * lie where the module says.
 */
#ifndef SDXI_FN_H
#define SDXI_FN_H

#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/pci.h>

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
#define L1_PV		BIT_ULL(2)
#define AKEY_VL		BIT_ULL(0)
#define AKEY_PV		BIT_ULL(2)

/* First dword of a descriptor */
#define DSC_VL		BIT(0)
#define DSC_FE		BIT(2)
#define DSC(type, sub)	((type) << 16 | (sub) << 8)
#define DSC_COPY	DSC(1, 3)
#define DSC_AKEY_UPD	DSC(2, 2)
#define DSC_CXT_START	DSC(2, 3)
#define DSC_CXT_STOP	DSC(2, 4)
#define DSC_SYNC	DSC(2, 6)
#define DSC_INTR	DSC(4, 0)
#define DSC_NP		1		/* qword 7: no completion block */
#define SYNC_STOP	1
#define SYNC_AKEY	2
#define CST_ER		BIT_ULL(31)	/* in qword 1 */

#define RING		1024
#define ADMIN		0
#define CLIENT		1		/* the first of them */
#define CONTEXTS	8
#define AKEYS		256
#define COPY_VECTOR	1		/* of AKey 0 of both contexts */

struct sdxi_context {
	__le64 ring[RING][8];
	__le64 cst[RING][4];
	__le64 akeys[AKEYS][2];
	__le64 ctl[8];
	__le64 sts[2];
	__le64 write_index;
} __aligned(SZ_4K);

struct sdxi_tables {
	__le64 l2[512];
	__le64 l1[128][4];
	struct sdxi_context cxt[CONTEXTS];
};

struct sdxi_fn {
	struct pci_dev *pdev;
	void __iomem *regs;
	void __iomem *doorbells;
	u64 stride;
	u32 groups;
	struct sdxi_tables *t;
	dma_addr_t t_dma;
	struct mutex admin;		/* client structures, context 0 */
	u64 write_index[CONTEXTS];
};

/* Where a context lies; addresses of a process if it has a pasid */
struct sdxi_place {
	u64 ring, sts, write_index;
	u32 entries;
	u32 pasid;
	bool pasid_valid;
};

/* Device-managed; bus mastering is on afterwards. */
int sdxi_fn_map(struct sdxi_fn *fn, struct pci_dev *pdev);
int sdxi_fn_start(struct sdxi_fn *fn);
int sdxi_fn_stop(struct sdxi_fn *fn);
unsigned int sdxi_fn_state(struct sdxi_fn *fn);
u64 sdxi_fn_bus(struct sdxi_fn *fn, const void *p);

/* Structures of context @n with this state; in kernel memory, or at @place */
void sdxi_fn_publish(struct sdxi_fn *fn, unsigned int n, u64 state);
void sdxi_fn_publish_at(struct sdxi_fn *fn, unsigned int n,
			const struct sdxi_place *place);

/* Put one descriptor into the ring; the caller rings the doorbell. */
void sdxi_fn_enqueue(struct sdxi_fn *fn, unsigned int n, const u64 *d);
void sdxi_fn_doorbell(struct sdxi_fn *fn, unsigned int n);
bool sdxi_fn_signalled(struct sdxi_context *cxt, unsigned int slot);
/* An operation on context @n; waits at most 1 s, under fn->admin */
int sdxi_fn_admin(struct sdxi_fn *fn, unsigned int n, u64 dw0, u64 dw1);
int sdxi_fn_start_client(struct sdxi_fn *fn, unsigned int n);
/* AKeys of @n have been changed; under fn->admin */
int sdxi_fn_update_keys(struct sdxi_fn *fn, unsigned int n);
/* Takes fn->admin. */
int sdxi_fn_stop_client(struct sdxi_fn *fn, unsigned int n);

#endif
