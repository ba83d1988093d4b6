/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /dev/sdxi-sva, for the module and for programs: a context that lies in the
 * caller's own memory and names it by the caller's own addresses.  Each open
 * file has one, until there are no more.
 *
 * SDXI_SVA_START starts it; mmap() of the first page at offset 0 gives its
 * doorbell; closing the file stops it.  START again starts it anew, after an
 * error for instance.
 */
#ifndef SDXI_SVA_H
#define SDXI_SVA_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct sdxi_sva_start {
	__u64 ring;		/* 64-byte aligned */
	__u64 sts;		/* 16-byte aligned; zeroes, or as it was */
	__u64 write_index;
	__u32 entries;		/* of the ring, at least 1024 */
	__u32 pasid;		/* out */
	__u32 context;		/* out */
	__u32 pad;
};

#define SDXI_SVA_START	_IOWR('S', 1, struct sdxi_sva_start)
/* AKeys: both mean the caller's memory */
#define SDXI_SVA_AKEY_CONTEXT	0	/* the address space of the context */
#define SDXI_SVA_AKEY_PASID	1	/* a pasid of its own */

/*
 * Let @context of another process use all memory of the caller, until the file
 * is closed: by AKey @akey.
 */
struct sdxi_sva_share {
	__u32 context;
	__u32 akey;		/* out */
};

#define SDXI_SVA_SHARE	_IOWR('S', 2, struct sdxi_sva_share)

#endif
