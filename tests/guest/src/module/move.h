/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /dev/sdxi-move, for the module and for programs: have pages of the caller's
 * copied to another node by a data mover.
 */
#ifndef SDXI_MOVE_H
#define SDXI_MOVE_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct sdxi_move {
	__u64 start;		/* a page's address, and bytes of pages */
	__u64 bytes;
	__u32 node;
	__u32 moved;		/* out: pages */
};

#define SDXI_MOVE	_IOWR('S', 3, struct sdxi_move)

#endif
