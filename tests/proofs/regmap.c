/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cutting an access of the bus.  SIZE 0: for all areas and all addresses of 64
 * bits and all widths, part_in() says which bytes of the access lie in the
 * area.  Other sizes: for all maps of up to two areas each byte of the access
 * goes to the area that has it and to no other, an area is called at most
 * once, in ascending order, with what lies in it, and the bytes of no area
 * read zero.
 *
 * Bounds: of the latter, addresses and lengths below 16, and widths of 2 and
 * 3 bytes, which two areas cut into up to three parts.
 *
 * cbmc: --unwind 9
 * each: SIZE 0 2 3
 * mutation: hw/common/regmap.c
 *   | return MIN(size - before, room);
 *   | return MIN(size, room);
 * mutation: hw/common/regmap.c
 *   | << (8 * skip);
 *   | << (4 * skip);
 * mutation: hw/common/regmap.c
 *   | extract64(value, 8 * skip, 8 * n)
 *   | extract64(value, 0, 8 * n)
 * mutation: hw/common/regmap.c
 *   | area->start > addr ? area->start - addr : 0;
 *   | area->start - addr;
 */
#include "hw/common/regmap.c"

#define AREAS 2

static RegmapArea area[AREAS];
static unsigned called;     /* areas up to here cannot be called any more */
static int me;

/* The byte that is followed: where it is, what was read or written there */
static uint64_t probe;
static uint8_t byte;
static unsigned hits;

static bool check_call(void *owner, unsigned n, uint64_t offset,
                       unsigned size)
{
    uint64_t at = area[n].start + offset;

    assert(owner == &me && n >= called);
    called = n + 1;
    assert(size >= 1 && size <= 8);
    assert(offset < area[n].len && size <= area[n].len - offset);
    return probe >= at && probe - at < size;
}

static uint64_t read_area(void *owner, unsigned n, uint64_t offset,
                          unsigned size)
{
    uint64_t value = nondet_u64();  /* bits beyond @size are anything */

    if (check_call(owner, n, offset, size)) {
        unsigned shift = 8 * (probe - area[n].start - offset);

        value = (value & ~(0xffull << shift)) | (uint64_t)byte << shift;
        hits++;
    }
    return value;
}

static void write_area(void *owner, unsigned n, uint64_t offset,
                       uint64_t value, unsigned size)
{
    if (check_call(owner, n, offset, size)) {
        byte = value >> 8 * (probe - area[n].start - offset);
        hits++;
    }
    assert(size == 8 || value >> 8 * size == 0);
}

#define AREA(n)                                                         \
    static uint64_t read_##n(void *owner, uint64_t offset, unsigned size) \
    {                                                                   \
        return read_area(owner, n, offset, size);                       \
    }                                                                   \
    static void write_##n(void *owner, uint64_t offset, uint64_t value, \
                          unsigned size)                                \
    {                                                                   \
        write_area(owner, n, offset, value, size);                      \
    }
AREA(0)
AREA(1)

static bool in_some_area(uint64_t at)
{
    for (unsigned n = 0; n < AREAS; n++) {
        if (at >= area[n].start && at - area[n].start < area[n].len) {
            return true;
        }
    }
    return false;
}

/* One area, wherever it is */
static void prove_part(void)
{
    RegmapArea one = {
        nondet_u64(), nondet_u64(), read_0, write_0,
    };
    uint64_t addr = nondet_u64(), offset = 0, at;
    unsigned size = nondet_u8(), k = nondet_u8(), skip = 0, n;
    bool there;

    __CPROVER_assume(regmap_check(&one, 1));
    __CPROVER_assume(size >= 1 && size <= 8 && k < size);
    n = part_in(&one, addr, size, &skip, &offset);
    assert(n <= size && (!n || skip + n <= size));
    assert(!n || (offset < one.len && n <= one.len - offset));
    at = addr + k;
    there = at >= addr && at >= one.start && at - one.start < one.len;
    assert(there == (n && k >= skip && k - skip < n));
    assert(!there || one.start + offset + (k - skip) == at);
}

static uint64_t few(void)
{
    return nondet_u8() & 15;
}

static void prove_access(void)
{
    static uint64_t (*const read[])(void *, uint64_t, unsigned) = {
        read_0, read_1,
    };
    static void (*const write[])(void *, uint64_t, uint64_t, unsigned) = {
        write_0, write_1,
    };
    uint64_t addr = few(), value = nondet_u64();
    const unsigned size = SIZE;
    unsigned k = nondet_u8();
    uint8_t expected = nondet_u8();
    bool there;

    for (unsigned n = 0; n < AREAS; n++) {
        area[n] = (RegmapArea) {
            few(), few(), read[n], write[n],
        };
    }
    __CPROVER_assume(regmap_check(area, AREAS));
    __CPROVER_assume(k < size);
    probe = addr + k;
    there = probe >= addr && in_some_area(probe);

    if (nondet_bool()) {
        byte = expected;
        value = regmap_read(area, AREAS, &me, addr, size);
        assert(size == 8 || value >> 8 * size == 0 || hits);
        assert((uint8_t)(value >> 8 * k) == (there ? expected : 0));
    } else {
        regmap_write(area, AREAS, &me, addr, value, size);
        assert(!there || byte == (uint8_t)(value >> 8 * k));
    }
    assert(hits == there);
}

int main(void)
{
    if (SIZE) {
        prove_access();
    } else {
        prove_part();
    }
    return 0;
}
