/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: memory of this process that stays where it is, and where that
 * is.  Errors are SdxiUserError.
 */
#ifndef TOOLS_LIBSDXI_USER_PAGES_H
#define TOOLS_LIBSDXI_USER_PAGES_H

#include "port.h"

#define SDXI_HUGE   (UINT64_C(2) << 20)

/*
 * A mapping for @memory, huge pages if there are any; no addresses yet.  Small
 * ones are locked if @lock.
 */
int sdxi_pages_map(size_t bytes, int node, bool lock, SdxiUserMemory *memory);
/* Its physical addresses, page by page; needs CAP_SYS_ADMIN. */
int sdxi_pages_look_up(SdxiUserMemory *memory);
/* MOVED if they are others now. */
int sdxi_pages_check(const SdxiUserMemory *memory);
void sdxi_pages_unmap(SdxiUserMemory *memory);

#endif
