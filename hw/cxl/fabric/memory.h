/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that a pool lends, as a backend: the type "memory-backend-cxl-fabric".
 * Private to the glue floor.
 *
 * A cxl-type3 that has it as volatile-dc-memdev is a host of the pool.
 */
#ifndef HW_CXL_FABRIC_MEMORY_H
#define HW_CXL_FABRIC_MEMORY_H

#include "system/hostmem.h"
#include "hw/cxl/core/borrower.h"

/* The host that @backend makes of its device; NULL: no pool lends it. */
CxlBorrower *cxl_fabric_of(HostMemoryBackend *backend);

/*
 * The descriptor is of memory of at least @size bytes, of which nobody can take
 * any away while it is mapped; with a file that has a name people see to that,
 * as with a memory-backend-file.  *@st says which it is.
 */
bool cxl_fabric_fd_fits(int fd, uint64_t size, struct stat *st);

/*
 * From now on atomic accesses of this machine's processors are atomic for other
 * machines that map the same memory.  In the main loop; may be called again.
 */
void cxl_fabric_share_atomics(void);

#endif
