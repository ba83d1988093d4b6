/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atomic accesses: RAM and what is no RAM end with the same value and the same
 * answer, of both sizes, and nothing beside is touched.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/dma/sdxi/core/atomic-access.h"

#define FILL 0xa5

typedef union Ram {
    uint64_t aligned[3];
    uint8_t bytes[24];
} Ram;

static void put(uint8_t *at, unsigned size, uint64_t value)
{
    if (size == 8) {
        stq_le_p(at, value);
    } else {
        stl_le_p(at, value);
    }
}

static uint64_t get(const uint8_t *at, unsigned size)
{
    return size == 8 ? ldq_le_p(at) : (uint32_t)ldl_le_p(at);
}

/* What RAM holds afterwards; *@x has the answer. */
static uint64_t on_ram(SdxiAtomic *x, uint64_t value)
{
    Ram ram;

    memset(&ram, FILL, sizeof(ram));
    put(ram.bytes + 8, x->size, value);
    g_assert_true(sdxi_atomic_ram(ram.bytes + 8, x));
    for (unsigned i = 0; i < sizeof(ram); i++) {
        g_assert_true((i >= 8 && i < 8 + x->size) || ram.bytes[i] == FILL);
    }
    return get(ram.bytes + 8, x->size);
}

static uint64_t elsewhere(SdxiAtomic *x, uint64_t value)
{
    uint64_t next;

    return sdxi_atomic_next(x, value, &next) ? next : value;
}

static void expect_swap(unsigned size, uint64_t value, uint64_t expected,
                        uint64_t wanted)
{
    SdxiAtomic ram = {
        .what = SDXI_ACCESS_SWAP, .size = size, .expected = expected,
        .wanted = wanted, .found = FILL,
    };
    SdxiAtomic other = ram;
    uint64_t after = value == expected ? wanted : value;

    g_assert_cmphex(on_ram(&ram, value), ==, after);
    g_assert_cmphex(ram.found, ==, value);
    g_assert_cmphex(elsewhere(&other, value), ==, after);
    g_assert_cmphex(other.found, ==, value);
}

static void test_swap(void)
{
    expect_swap(8, 0x0123456789abcdef, 0x0123456789abcdef, 1);
    expect_swap(8, 0x0123456789abcdef, 0x89abcdef, 1);
    expect_swap(8, 0, 0, UINT64_MAX);
    expect_swap(4, 0x89abcdef, 0x89abcdef, 0x76543210);
    expect_swap(4, 0x89abcdef, 0x89abcdee, 0x76543210);
    expect_swap(4, UINT32_MAX, UINT32_MAX, 0);
}

static void expect_decrement(uint64_t value)
{
    SdxiAtomic x = { .what = SDXI_ACCESS_DECREMENT, .size = 8 };

    g_assert_cmphex(on_ram(&x, value), ==, value - 1);
    g_assert_cmphex(elsewhere(&x, value), ==, value - 1);
}

static void test_decrement(void)
{
    expect_decrement(1);
    expect_decrement(0);
    expect_decrement(0x0100000000000000);
    expect_decrement(UINT64_MAX);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/atomic-access/swap", test_swap);
    g_test_add_func("/sdxi/atomic-access/decrement", test_decrement);
    return g_test_run();
}
