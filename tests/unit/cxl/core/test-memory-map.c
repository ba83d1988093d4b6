/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option ROM for the memory map: that a BIOS takes it for one, and where it
 * has its entries.  That it runs is for a guest to say.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/memory-map.h"

/* What the instructions of the ROM name */
#define OLD     0xb0
#define COUNT   0xb4
#define TABLE   0xc0
#define ENTRY   20

static void expect_rom(const uint8_t *rom, unsigned count)
{
    uint8_t sum = 0;

    g_assert_cmphex(lduw_le_p(rom), ==, 0xaa55);
    g_assert_cmpuint(rom[2] * 512, ==, CXL_MEMORY_MAP_ROM);
    for (unsigned i = 0; i < CXL_MEMORY_MAP_ROM; i++) {
        sum += rom[i];
    }
    g_assert_cmphex(sum, ==, 0);
    g_assert_cmphex(ldl_le_p(rom + OLD), ==, 0);
    g_assert_cmpuint(rom[COUNT], ==, count);
    for (unsigned at = TABLE + count * ENTRY; at < CXL_MEMORY_MAP_ROM - 1;
         at++) {
        g_assert_cmphex(rom[at], ==, 0);
    }
}

static void test_counts(void)
{
    for (unsigned n = 0; n <= CXL_MEMORY_MAP_ENTRIES; n++) {
        CxlMemoryMapEntry entry[CXL_MEMORY_MAP_ENTRIES];
        uint8_t rom[CXL_MEMORY_MAP_ROM];

        memset(rom, 0xee, sizeof(rom));
        for (unsigned i = 0; i < n; i++) {
            entry[i] = (CxlMemoryMapEntry) { (16 + i) * GiB, 256 * MiB };
        }
        cxl_memory_map_rom(entry, n, rom);
        expect_rom(rom, n);
        for (unsigned i = 0; i < n; i++) {
            const uint8_t *at = rom + TABLE + i * ENTRY;

            g_assert_cmphex(ldq_le_p(at), ==, entry[i].base);
            g_assert_cmphex(ldq_le_p(at + 8), ==, entry[i].size);
            g_assert_cmphex((uint32_t)ldl_le_p(at + 16), ==,
                            CXL_MEMORY_MAP_SOFT_RESERVED);
        }
    }
}

/* Each near jump of the code leads to the start of another part of it. */
static void test_jumps(void)
{
    static const struct {
        uint8_t at, to;
    } jumps[] = {
        { 0x2a, 0x8e }, { 0x33, 0x8e }, { 0x38, 0x57 }, { 0x40, 0x88 },
        { 0x45, 0x82 }, { 0x4d, 0x82 }, { 0x55, 0x82 }, { 0x7d, 0x82 },
    };
    uint8_t rom[CXL_MEMORY_MAP_ROM];

    cxl_memory_map_rom(NULL, 0, rom);
    for (unsigned i = 0; i < ARRAY_SIZE(jumps); i++) {
        g_assert_cmphex(jumps[i].at + 2 + (int8_t)rom[jumps[i].at + 1], ==,
                        jumps[i].to);
    }
    /* The new vector, and the places of old one, number and table */
    g_assert_cmphex(lduw_le_p(rom + 0x17), ==, 0x21);
    g_assert_cmphex(lduw_le_p(rom + 0x11), ==, OLD);
    g_assert_cmphex(lduw_le_p(rom + 0x3e), ==, OLD);
    g_assert_cmphex(lduw_le_p(rom + 0x92), ==, OLD);
    g_assert_cmphex(lduw_le_p(rom + 0x4a), ==, COUNT);
    g_assert_cmphex(lduw_le_p(rom + 0x7b), ==, COUNT);
    g_assert_cmphex(lduw_le_p(rom + 0x5e), ==, TABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/core/memory-map/counts", test_counts);
    g_test_add_func("/cxl/core/memory-map/jumps", test_jumps);
    return g_test_run();
}
