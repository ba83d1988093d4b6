/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers, doorbells, resets and runs in any order: invariants hold after
 * each step, read-only registers never move, reads of any width agree with
 * bytes, and whatever state the function is in, a reset leads out of it.
 *
 * Step: op[1] offset[3] size[1] value[8].  op & 7: 0..3 write, 4 doorbell,
 * 5 run, 6 reset, 7 save and load.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/sdxi/fake-guest.h"

#define STEP 13
#define MAX_STEPS 64
#define MEMORY G_CXT(1)

static uint8_t memory[MEMORY];

static void check_reads(FakeHost *g, uint64_t addr, unsigned size)
{
    uint64_t value = sdxi_device_read(g->dev, addr, size);

    for (unsigned i = 0; i < size; i++) {
        g_assert_cmphex(sdxi_device_read(g->dev, addr + i, 1), ==,
                        value >> 8 * i & 0xff);
    }
}

static void check(FakeHost *g)
{
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    g_assert_cmphex(guest_rd(g, R_VERSION), ==, 0x10000);
    g_assert_cmphex(guest_rd(g, R_CAP0), ==, UINT64_C(0x80a000001));
    g_assert_cmphex(guest_rd(g, R_CAP1), ==, UINT64_C(0x10007f895b));
    g_assert_cmpuint(guest_gsv(g), <=, GSV_ERROR);
    g_assert_cmphex(guest_rd(g, R_ERR_STS) & ~UINT64_C(0xb), ==, 0);
}

static void save_and_load(FakeHost *g)
{
    guest_load(g, guest_save(g));
}

/* Addresses near registers are more fun than holes. */
static uint64_t address(const uint8_t *p)
{
    static const uint32_t bases[] = {
        R_CTL0, R_CTL2, R_STS0, R_CAP0, R_CXT_L2, R_RKEY, R_ERR_CTL,
        R_ERR_WRT,
    };

    if (p[2] & 0x80) {
        return lduw_le_p(p) | (p[2] & 7) << 16;
    }
    return bases[p[0] % ARRAY_SIZE(bases)] + p[1] % 16;
}

static void step(FakeHost *g, const uint8_t *p)
{
    uint64_t addr = address(p + 1);
    unsigned size = 1 + p[4] % 8;
    uint64_t value = ldq_le_p(p + 5);

    switch (p[0] & 7) {
    case 4:
        sdxi_device_doorbell(g->dev, value % 0x90000, value, size);
        break;
    case 5:
        g->yield = p[0] & 8;
        sdxi_device_run(g->dev, value & 0xfffff);
        break;
    case 6:
        sdxi_device_reset(g->dev);
        break;
    case 7:
        save_and_load(g);
        break;
    default:
        sdxi_device_write(g->dev, addr, value, size);
        check_reads(g, addr, size);
        break;
    }
    check(g);
}

static void leads_out(FakeHost *g)
{
    fake_host_no_traps(g);
    guest_wr(g, R_CTL0, GSR_RESET);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_wr(g, R_CTL2, guest_rd(g, R_CAP1));
    guest_activate(g);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FakeHost *g = guest_new_over(memory, MEMORY, NULL);

    guest_activate(g);
    for (unsigned i = 0; i < MAX_STEPS && size >= STEP; i++) {
        step(g, data);
        data += STEP;
        size -= STEP;
    }
    leads_out(g);
    guest_free(g);
    return 0;
}
