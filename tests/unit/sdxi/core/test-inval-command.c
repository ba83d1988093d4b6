/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands to I/O MMUs, as software writes them: what each makes void.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/dma/sdxi/core/inval-command.h"

typedef bool Reader(uint64_t q0, uint64_t q1, SdxiInval *inval);

typedef struct Case {
    uint64_t q0, q1;
    uint64_t first, len;        /* 0: everything */
    uint32_t process;
    bool nothing;
} Case;

static void check(Reader *read, const Case *cases, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const Case *c = &cases[i];
        SdxiInval v = { };

        g_test_message("%u: 0x%" PRIx64 " 0x%" PRIx64, i, c->q0, c->q1);
        g_assert_cmpint(read(c->q0, c->q1, &v), ==, !c->nothing);
        if (!c->nothing) {
            g_assert_cmphex(v.first, ==, c->first);
            g_assert_cmphex(v.last, ==, c->first + (c->len - 1));
            g_assert_cmphex(v.process, ==, c->process);
        }
    }
}

#define ANY SDXI_NO_PROCESS

/* VT-d 6.5.2 */
#define VTD_PAGES       (3ull << 4)
#define VTD_PASID(n)    ((uint64_t)(n) << 32)

static void test_intel(void)
{
    static const Case cases[] = {
        /* contexts; PASIDs; what does not exist */
        { 0x1, 0, 0, 0, ANY }, { 0x7, 0, 0, 0, ANY }, { 0xf, 0, 0, 0, ANY },
        { 0x0, 0, 0, 0, ANY }, { 0xe05, 0, 0, 0, ANY },
        /* interrupts; wait; page response */
        { 0x4, 0, .nothing = true }, { 0x5 | 1 << 5, 0, .nothing = true },
        { 0x9, 0, .nothing = true },
        /* everything; a domain; pages of one; with the hint */
        { 0x2 | 1 << 4, 0x5000, 0, 0, ANY },
        { 0x2 | 2 << 4 | 7 << 16, 0x5000, 0, 0, ANY },
        { 0x2 | VTD_PAGES | 7 << 16, 0x12345000, 0x12345000, 4096, ANY },
        { 0x2 | VTD_PAGES, 0x12345000 | 1 << 6, 0x12345000, 4096, ANY },
        { 0x2 | VTD_PAGES, 0x12345000 | 9, 0x12200000, 2 * MiB, ANY },
        { 0x2 | VTD_PAGES, 0x12345000 | 18, 0, 1 * GiB, ANY },
        { 0x2 | VTD_PAGES, 0x12345000 | 51, 0, 1ull << 63, ANY },
        { 0x2 | VTD_PAGES, 0x12345000 | 52, 0, 0, ANY },
        { 0x2 | VTD_PAGES, 0x12345000 | 63, 0, 0, ANY },
        /* of processes: all of one, pages of one */
        { 0x6 | 2 << 4 | VTD_PASID(5), 0x5000, 0, 0, ANY },
        { 0x6 | VTD_PAGES | VTD_PASID(0xfffff), 0x5000, 0x5000, 4096,
          0xfffff },
        { 0x6 | VTD_PAGES | VTD_PASID(0), 0x401000 | 9, 0x400000, 2 * MiB,
          0 },
        /* at devices */
        { 0x3 | 0x20ull << 32, 0x7000, 0x7000, 4096, ANY },
        { 0x3, 0x6001, 0x6000, 8192, ANY },
        { 0x3, 0x5001, 0x4000, 16384, ANY },
        { 0x3, 0x100ff001, 0x10000000, 2 * MiB, ANY },
        { 0x3, 0x7ffffffffffff001, 0, 0, ANY },
        { 0x3, ~0xffeull, 0, 0, ANY },
        { 0x8 | VTD_PASID(5), 0x7000, 0x7000, 4096, 5 },
        { 0x8 | VTD_PASID(5), 0x5800, 0x4000, 16384, 5 },
        { 0x8 | VTD_PASID(5), 0x7001, 0x7000, 4096, ANY },
    };

    check(sdxi_inval_intel, cases, G_N_ELEMENTS(cases));
}

/* AMD 2.4 */
#define AMD(opcode)     ((uint64_t)(opcode) << 60)

static void test_amd(void)
{
    static const Case cases[] = {
        { AMD(1) | 5, 0, .nothing = true }, { AMD(5), 0, .nothing = true },
        { AMD(6), 0, .nothing = true }, { AMD(7), 0, .nothing = true },
        { AMD(2), 0x5000, 0, 0, ANY }, { AMD(8), 0x5000, 0, 0, ANY },
        { AMD(0), 0x5000, 0, 0, ANY }, { AMD(15), 0x5000, 0, 0, ANY },
        { AMD(3), 0x5000, 0x5000, 4096, ANY },
        { AMD(3), 0x5002, 0x5000, 4096, ANY },
        { AMD(3), 0x5001, 0x4000, 16384, ANY },
        { AMD(3), 0x100ff003, 0x10000000, 2 * MiB, ANY },
        /* all pages, as Linux has it */
        { AMD(3), 0x7ffffffffffff003, 0, 0, ANY },
        { AMD(4) | 0x20, 0x9000, 0x9000, 4096, ANY },
        { AMD(4) | 0x20, 0x8001, 0x8000, 8192, ANY },
    };

    check(sdxi_inval_amd, cases, G_N_ELEMENTS(cases));
}

/* SMMUv3 4.4 */
#define SMMU_NUM(n)     ((uint64_t)(n) << 12)
#define SMMU_SCALE(n)   ((uint64_t)(n) << 20)

static void test_smmu(void)
{
    static const Case cases[] = {
        { 0x01, 0, .nothing = true }, { 0x02, 0, .nothing = true },
        { 0x46, 0, .nothing = true },
        /* configuration; an ASID; all; the second stage; others */
        { 0x03, 0x5000, 0, 0, ANY }, { 0x05, 0x5000, 0, 0, ANY },
        { 0x11, 0x5000, 0, 0, ANY }, { 0x10, 0x5000, 0, 0, ANY },
        { 0x2a, 0x5000, 0, 0, ANY }, { 0x40, 0x5000, 0, 0, ANY },
        { 0xff, 0x5000, 0, 0, ANY },
        /* one page of any size */
        { 0x12 | 1ull << 48, 0x5001, 0, 0, ANY },
        { 0x13, 0x200300, 0, 0, ANY },
        /* so many granules of 4, 16 and 64 KiB */
        { 0x12, 0x5400, 0x5000, 4096, ANY },
        { 0x12 | SMMU_NUM(2), 0x5400, 0x5000, 3 * 4096, ANY },
        { 0x13 | SMMU_NUM(1) | SMMU_SCALE(3), 0x8801, 0x8000, 16 * 16384,
          ANY },
        { 0x12 | SMMU_NUM(31) | SMMU_SCALE(31), 0x10c00, 0x10000, 1ull << 52,
          ANY },
        /* over the end */
        { 0x12 | SMMU_NUM(1), 0xfffffffffffff400, 0xfffffffffffff000, 4096,
          ANY },
    };

    check(sdxi_inval_smmu, cases, G_N_ELEMENTS(cases));
}

/* Whatever bits there are, a range is one, and has the address. */
static void test_any(void)
{
    static Reader *const readers[] = {
        sdxi_inval_intel, sdxi_inval_amd, sdxi_inval_smmu,
    };
    GRand *rand = g_rand_new_with_seed(7);

    for (unsigned i = 0; i < 300000; i++) {
        uint64_t q0 = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
        uint64_t q1 = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
        SdxiInval v;

        if (readers[i % 3](q0, q1, &v)) {
            g_assert_cmphex(v.first, <=, q1 & ~0xfffull);
            g_assert_cmphex(v.last, >=, q1 | 0xfff);
            g_assert_true(v.process == SDXI_NO_PROCESS ||
                          v.process < 1u << 20);
        }
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/inval-command/intel", test_intel);
    g_test_add_func("/sdxi/inval-command/amd", test_amd);
    g_test_add_func("/sdxi/inval-command/smmu", test_smmu);
    g_test_add_func("/sdxi/inval-command/any", test_any);
    return g_test_run();
}
