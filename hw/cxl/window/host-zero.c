/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host memory that becomes zero without being written, where the host can do
 * that.  What that means for the time an erase takes is in
 * docs/decisions/0003-erase-in-one-command.md.
 */
#include "qemu/osdep.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/window/host-lost.h"
#include "hw/cxl/window/host-zero.h"
#include "system/hostmem.h"

/* Only memory that nobody else pins or knows by a name goes back. */
static bool may_discard(RAMBlock *rb)
{
    return !ram_block_discard_is_disabled() &&
           (qemu_ram_get_fd(rb) < 0 ||
            (qemu_ram_is_shared(rb) && !qemu_ram_is_named_file(rb)));
}

/* Was the user promised that there is room for every byte? */
static bool preallocated(MemoryRegion *mr)
{
    Object *be = object_dynamic_cast(memory_region_owner(mr),
                                     TYPE_MEMORY_BACKEND);

    return be && MEMORY_BACKEND(be)->prealloc;
}

/*
 * A file of a name becomes zero without a byte being written, and keeps the
 * room that was promised.
 */
static bool zero_in_file(MemoryRegion *mr, uint64_t offset, uint64_t len)
{
    RAMBlock *rb = mr->ram_block;
    int fd = qemu_ram_get_fd(rb);
    int how = preallocated(mr) ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE;

    return fd >= 0 && qemu_ram_is_shared(rb) &&
           !ram_block_discard_is_disabled() &&
           !fallocate(fd, how | FALLOC_FL_KEEP_SIZE, rb->fd_offset + offset,
                      len);
}

static bool zero_unwritten(MemoryRegion *mr, uint64_t offset, uint64_t len)
{
    RAMBlock *rb = mr->ram_block;

    if (!QEMU_IS_ALIGNED(offset | len, qemu_ram_pagesize(rb))) {
        return false;
    }
    return may_discard(rb) ? !ram_block_discard_range(rb, offset, len)
                           : zero_in_file(mr, offset, len);
}

void cxl_host_zero(MemoryRegion *mr, uint64_t offset, uint64_t len)
{
    if (!zero_unwritten(mr, offset, len)) {
        memset((uint8_t *)memory_region_get_ram_ptr(mr) + offset, 0, len);
    } else {
        cxl_host_lost_zero(mr, offset, len);
    }
    memory_region_set_dirty(mr, offset, len);
}
