/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole function: registers, doorbells, descriptors of all kinds on all
 * contexts, tables that change, memory that is late or never the same, runs,
 * stops, resets, saves and loads, in one sequence.
 *
 * The model knows the registers that only software changes, which states of
 * the function may follow which, and how many accesses of memory a run of some
 * budget may make, whatever it finds there.  In the end a reset leads out.
 *
 * Step: op[1] which[1] a[2] value[4].
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/sdxi/fake-guest.h"

#define STEP 8
#define MAX_STEPS 96
#define CONTEXTS 4
#define ARENA G_CXT(CONTEXTS)
#define ARENA_BYTES 0x10000u
/* The last page of it holds never still. */
#define RESTLESS (ARENA + ARENA_BYTES - 0x1000)
#define MEMORY (ARENA + ARENA_BYTES)

/* Accesses that a descriptor, or a doorbell, makes at most. */
#define ACCESSES_EACH 160
#define UNITS_EACH 512

static uint8_t memory[MEMORY];

typedef struct Model {
    uint64_t ctl0, ctl2, cxt_l2, rkey, err_ctl, err_cfg, err_rd;
    unsigned gsv;
} Model;

static void model_reset(Model *m, FakeHost *g)
{
    *m = (Model) {
        .ctl2 = guest_rd(g, R_CAP1) & UINT64_C(0xfffffffffffff00f),
    };
}

static void model_write(Model *m, uint32_t reg, uint64_t value)
{
    switch (reg) {
    case R_CTL0:
        m->ctl0 = value & UINT64_C(0xffffffff0fffff17);
        break;
    case R_CTL2:
        if (m->gsv == GSV_STOP) {
            m->ctl2 = value & UINT64_C(0xfffffffffffff00f);
        }
        break;
    case R_CXT_L2:
        m->cxt_l2 = value & ~UINT64_C(0xfff);
        break;
    case R_RKEY:
        m->rkey = value & ~UINT64_C(0xfe0);
        break;
    case R_ERR_CTL:
        m->err_ctl = value & 1;
        break;
    case R_ERR_CFG:
        m->err_cfg = value & ~UINT64_C(0xfc0);
        break;
    case R_ERR_RD:
        m->err_rd = value;
        break;
    default:
        break;
    }
}

static void compare(const Model *m, FakeHost *g)
{
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    g_assert_cmphex(guest_rd(g, R_CTL0), ==, m->ctl0);
    g_assert_cmphex(guest_rd(g, R_CTL2), ==, m->ctl2);
    g_assert_cmphex(guest_rd(g, R_CXT_L2), ==, m->cxt_l2);
    g_assert_cmphex(guest_rd(g, R_RKEY), ==, m->rkey);
    g_assert_cmphex(guest_rd(g, R_ERR_CTL), ==, m->err_ctl);
    g_assert_cmphex(guest_rd(g, R_ERR_CFG), ==, m->err_cfg);
    g_assert_cmphex(guest_rd(g, R_ERR_RD), ==, m->err_rd);
}

/* Which states may follow which within a run, a bit each. */
static const unsigned after_run[] = {
    [GSV_STOP] = 1 << GSV_STOP,
    [GSV_INIT] = 1 << GSV_INIT | 1 << GSV_ACTIVE | 1 << GSV_ERROR,
    [GSV_ACTIVE] = 1 << GSV_ACTIVE | 1 << GSV_ERROR,
    [GSV_STOPG_SF] = 1 << GSV_STOPG_SF | 1 << GSV_STOP | 1 << GSV_ERROR,
    [GSV_STOPG_HD] = 1 << GSV_STOPG_HD | 1 << GSV_STOP | 1 << GSV_ERROR,
    [GSV_ERROR] = 1 << GSV_ERROR,
};

static void run(Model *m, FakeHost *g, unsigned which, uint32_t value)
{
    uint64_t budget = 1 + value % 0x100000, before = g->accesses;

    g->yield = which & 1;
    g->yield_after = which & 2 ? 1 + (which >> 2) : 0;
    fake_epoch += which & 4;
    sdxi_device_run(g->dev, budget);
    g_assert_cmpuint(g->accesses - before, <=,
                     (budget / UNITS_EACH + 64) * ACCESSES_EACH);
    g_assert_cmpuint(after_run[m->gsv] >> guest_gsv(g) & 1, ==, 1);
}

static void access_register(Model *m, FakeHost *g, unsigned which,
                            uint64_t value)
{
    static const struct {
        uint32_t reg;
        uint64_t base;
    } regs[] = {
        { R_CTL0, 0 }, { R_CTL0, 0 }, { R_CTL2, 0 }, { R_CXT_L2, G_L2 },
        { R_RKEY, G_RKEYS }, { R_ERR_CTL, 0 }, { R_ERR_CFG, G_LOG },
        { R_ERR_RD, 0 }, { R_ERR_WRT, 0 }, { R_ERR_STS, 0 },
        { R_STS0, 0 }, { R_CAP0, 0 }, { R_GRP_ENUM, 0 },
    };
    unsigned n = which % ARRAY_SIZE(regs);
    /* Mostly what makes sense, now and then what does not */
    uint64_t what = which & 0x80 ? value << 32 | value
                                 : regs[n].base | (value & 0x1f);

    model_write(m, regs[n].reg, what);
    sdxi_device_write(g->dev, regs[n].reg, what, 8);
}

/* Into the ring that was there at first, wherever the tables point now. */
static void put(FakeHost *g, unsigned slot, const Dsc *d)
{
    uint64_t index = fake_ld(g, G_WIDX(slot));

    for (unsigned i = 0; i < ARRAY_SIZE(d->dw); i++) {
        stl_le_p(g->memory + G_RING(slot) + index % 1024 * 64 + 4 * i,
                 d->dw[i]);
    }
    fake_st(g, G_WIDX(slot), index + 1);
}

static void push(FakeHost *g, unsigned which, unsigned a, uint32_t value)
{
    static const uint32_t admin[] = {
        D_FN_UPD, D_CXT_UPD, D_AKEY_UPD, D_START_NM, D_STOP, D_ADM_INTR,
        D_SYNC, D_RKEY_UPD, D_START_RS,
    };
    unsigned slot = which % CONTEXTS, kind = which / CONTEXTS % 8;
    uint64_t src = ARENA + a % ARENA_BYTES, dst = ARENA + value % ARENA_BYTES;
    uint64_t csb = value & 0x10000 ? RESTLESS + (a & 0xfe0)
                                   : G_CSB(slot, a % 4);
    unsigned key = value >> 20 & 3;
    Dsc d = dsc_copy(src, dst, 1 + (value >> 8) % 0x4000, key, 0, csb);

    switch (kind) {
    case 0:
        d = dsc_nop(csb);
        break;
    case 1:
        d = dsc_copy(FAKE_SINK, FAKE_SINK, 1 + (uint64_t)value, 0, 0, csb);
        break;
    case 2:
        d = dsc_repcopy(ARENA, dst, 4096 * (1 + a % 4), csb);
        break;
    case 3:
        d = dsc_intr(key, csb);
        break;
    case 4:
        /* atomics, most of them on what never holds still */
        d = (Dsc) { { 0x00030001 | a % 16 << 8, 1 | (value & 2), 0, 0,
                      RESTLESS + (value >> 16 & 0xff8), 0, dst & ~7u, 0,
                      value, [14] = csb } };
        break;
    case 5:
    case 6:
        d = dsc_admin(admin[a % ARRAY_SIZE(admin)], value % CONTEXTS,
                      (value >> 4) % 8, csb);
        d.dw[1] = value >> 8 & (7 | 1 << 13);
        break;
    default:
        break;
    }
    put(g, slot, &d);
    sdxi_device_doorbell(g->dev, slot * 4096, value, 8);
}

/* Software, or who else can, changes what the function relies on. */
static void meddle(FakeHost *g, unsigned which, unsigned a, uint32_t value)
{
    unsigned slot = which % CONTEXTS;
    const uint64_t places[] = {
        G_L2, G_L1(0) + slot * 32 + a % 32, G_CTL(slot) + a % 32,
        G_STS(slot), G_STS(slot) + 8, G_WIDX(slot), G_AKEYS(slot) + a % 64,
        G_RING(slot) + a % 0x400,
    };

    if (which & 0x40) {
        g->memory[places[which / CONTEXTS % ARRAY_SIZE(places)]] = value;
    } else if (which & 0x20) {
        fake_host_no_traps(g);
    } else {
        fake_host_no_traps(g);
        fake_host_trap(g, places[a % ARRAY_SIZE(places)] & ~7ull,
                       8 + value % 64, 1 + value % 3,
                       value & 0x100 ? SDXI_MEM_AGAIN : SDXI_MEM_ACCESS,
                       value >> 16 & 7);
    }
}

/* What was saved can be loaded; what was changed since is refused, or used. */
static void save_and_load(Model *m, FakeHost *g, unsigned which,
                          unsigned a, uint32_t value)
{
    GByteArray *saved = guest_save(g);
    g_autoptr(GByteArray) spoiled = g_byte_array_new();
    g_autofree char *problem = NULL;

    if (which & 1) {
        SdxiDevice *dev = g->dev;

        g_byte_array_append(spoiled, saved->data, saved->len);
        spoiled->data[(a | value << 16) % spoiled->len] ^= 1 << (which >> 5);
        if (sdxi_device_load(dev, spoiled->data, spoiled->len, &problem)) {
            g_assert_cmpstr(sdxi_device_check(dev), ==, NULL);
            sdxi_device_run(dev, 100 * 1000);
            g_assert_cmpstr(sdxi_device_check(dev), ==, NULL);
        } else {
            g_assert_nonnull(problem);
        }
        if (which & 2) {
            guest_device_with(g, &fake_host_ops);
        }
    }
    guest_load(g, saved);
}

static void step(Model *m, FakeHost *g, const uint8_t *p)
{
    unsigned which = p[1], a = lduw_le_p(p + 2);
    uint32_t value = ldl_le_p(p + 4);

    switch (p[0] % 16) {
    case 0: case 1: case 2:
        access_register(m, g, which, value);
        break;
    case 3: case 4: case 5: case 6:
        push(g, which, a, value);
        break;
    case 7: case 8: case 9: case 10:
        run(m, g, which, value);
        break;
    case 11:
        meddle(g, which, a, value);
        break;
    case 12:
        g->now_ns += value;
        break;
    case 13:
        save_and_load(m, g, which, a, value);
        break;
    case 14:
        sdxi_device_doorbell(g->dev, a * 8, value, 1 + which % 8);
        break;
    default:
        if (which & 3) {
            guest_request(g, GSR_ACTIVE);
            m->ctl0 |= 3;
        } else {
            sdxi_device_reset(g->dev);
            model_reset(m, g);
        }
        break;
    }
    m->gsv = guest_gsv(g);
    compare(m, g);
}

static void atomics(SdxiConfig *config)
{
    config->groups |= 8;
}

static void leads_out(FakeHost *g)
{
    fake_host_no_traps(g);
    memset(memory, 0, sizeof(memory));
    guest_wr(g, R_CTL0, GSR_RESET);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_wr(g, R_CTL2, guest_rd(g, R_CAP1));
    guest_activate(g);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FakeHost *g = guest_new_over(memory, MEMORY, atomics);
    Model m;

    guest_log(g);
    guest_activate(g);
    for (unsigned n = 1; n < CONTEXTS; n++) {
        guest_context(g, n, n, STOP_SW);
        guest_akey(g, n, 1, 0x13, 0);
        guest_start(g, n);
    }
    g->restless = RESTLESS;
    g->restless_len = 0x1000;
    model_reset(&m, g);
    m.ctl0 = guest_rd(g, R_CTL0);
    m.cxt_l2 = guest_rd(g, R_CXT_L2);
    m.err_ctl = guest_rd(g, R_ERR_CTL);
    m.err_cfg = guest_rd(g, R_ERR_CFG);
    m.gsv = guest_gsv(g);
    for (unsigned i = 0; i < MAX_STEPS && size >= STEP; i++) {
        step(&m, g, data);
        data += STEP;
        size -= STEP;
    }
    leads_out(g);
    guest_free(g);
    return 0;
}
