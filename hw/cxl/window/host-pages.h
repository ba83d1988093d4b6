/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages of the host's memory hold anything.  Private to the glue floor.
 */
#ifndef HW_CXL_WINDOW_HOST_PAGES_H
#define HW_CXL_WINDOW_HOST_PAGES_H

/*
 * The first run of pages in @len bytes at @host that are not all zero: *@start
 * is its offset, *@run its length, which may be cut where it is long.  False
 * if there is none.  Pages that were never written are not touched by looking,
 * if @anonymous: private memory without a file.
 */
bool cxl_host_pages_used(const uint8_t *host, uint64_t len, bool anonymous,
                         uint64_t *start, uint64_t *run);

#endif
