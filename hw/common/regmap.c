/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cutting an access at the borders of areas; see regmap.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/common/regmap.h"

/*
 * How many bytes of the access lie in @area: *@skip come before them, and
 * they begin at *@offset in it.
 */
static unsigned part_in(const RegmapArea *area, uint64_t addr, unsigned size,
                        unsigned *skip, uint64_t *offset)
{
    uint64_t before = area->start > addr ? area->start - addr : 0;
    uint64_t room;

    if (before >= size) {
        return 0;
    }
    *skip = before;
    *offset = before ? 0 : addr - area->start;
    room = *offset < area->len ? area->len - *offset : 0;
    return MIN(size - before, room);
}

uint64_t regmap_read(const RegmapArea *areas, unsigned count, void *owner,
                     uint64_t addr, unsigned size)
{
    uint64_t value = 0;

    assert(size >= 1 && size <= 8);
    for (unsigned i = 0; i < count; i++) {
        uint64_t offset;
        unsigned skip;
        unsigned n = part_in(&areas[i], addr, size, &skip, &offset);

        if (n == size) {
            return areas[i].read(owner, offset, n);
        }
        if (n) {
            value |= extract64(areas[i].read(owner, offset, n), 0, 8 * n)
                     << (8 * skip);
        }
    }
    return value;
}

void regmap_write(const RegmapArea *areas, unsigned count, void *owner,
                  uint64_t addr, uint64_t value, unsigned size)
{
    assert(size >= 1 && size <= 8);
    for (unsigned i = 0; i < count; i++) {
        uint64_t offset;
        unsigned skip;
        unsigned n = part_in(&areas[i], addr, size, &skip, &offset);

        if (n) {
            areas[i].write(owner, offset, extract64(value, 8 * skip, 8 * n),
                           n);
        }
    }
}

bool regmap_check(const RegmapArea *areas, unsigned count)
{
    uint64_t end = 0;

    for (unsigned i = 0; i < count; i++) {
        const RegmapArea *a = &areas[i];

        if (a->start < end || !a->len || a->len > UINT64_MAX - a->start ||
            !a->read || !a->write) {
            return false;
        }
        end = a->start + a->len;
    }
    return true;
}
