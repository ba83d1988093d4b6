/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Software side of the unit tests; see fake-guest.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/unit/sdxi/fake-guest.h"

const uint64_t guest_places[GUEST_PLACES] = {
    R_CTL0, R_GRP_ENUM, R_CTL2, R_STS0, R_CAP0, R_CAP1, R_VERSION, R_CXT_L2,
    R_RKEY, R_ERR_CTL, R_ERR_STS, R_ERR_CFG, R_ERR_WRT, R_ERR_RD,
    R_STS0 + 0x40, R_ERR_CFG + 8,       /* holes */
};

uint64_t guest_any(void)
{
    return (uint64_t)g_test_rand_int() << 32 | (uint32_t)g_test_rand_int();
}

static void add_device(FakeHost *g, void (*change)(SdxiConfig *config))
{
    SdxiConfig config = sdxi_config_defaults;
    SdxiConfigError err;

    config.sfunc = 1;
    if (change) {
        change(&config);
    }
    g_assert(sdxi_config_check(&config, &sdxi_profile_standard, &err));
    g->dev = sdxi_device_new(&config, &sdxi_profile_standard, &fake_host_ops,
                             g);
    g_assert(!sdxi_device_check(g->dev));
}

FakeHost *guest_new(void (*change)(SdxiConfig *config))
{
    FakeHost *g = fake_host_new();

    add_device(g, change);
    return g;
}

FakeHost *guest_new_over(uint8_t *memory, uint64_t size,
                         void (*change)(SdxiConfig *config))
{
    FakeHost *g;

    memset(memory, 0, size);
    g = fake_host_new_over(memory, size);
    add_device(g, change);
    return g;
}

SdxiDevice *guest_device_with(FakeHost *g, const SdxiHostOps *ops)
{
    SdxiDevice *old = g->dev;

    g->dev = sdxi_device_new(sdxi_device_config(old), &sdxi_profile_standard,
                             ops, g);
    sdxi_device_free(old);
    return g->dev;
}

GByteArray *guest_save(FakeHost *g)
{
    GByteArray *saved = g_byte_array_new();

    sdxi_device_save(g->dev, saved);
    g_assert_cmpuint(saved->len, <=,
                     sdxi_device_save_max(sdxi_device_config(g->dev)));
    return saved;
}

void guest_load(FakeHost *g, GByteArray *saved)
{
    g_autofree char *problem = NULL;
    bool ok = sdxi_device_load(g->dev, saved->data, saved->len, &problem);

    g_assert_cmpstr(problem, ==, NULL);
    g_assert_true(ok);
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    g_byte_array_unref(saved);
}

void guest_load_refused(FakeHost *g, const uint8_t *bytes, size_t len,
                        const char *what)
{
    g_autofree char *problem = NULL;

    g_assert_false(sdxi_device_load(g->dev, bytes, len, &problem));
    g_assert_nonnull(problem);
    if (!strstr(problem, what)) {
        g_error("'%s' is not in: %s", what, problem);
    }
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
}

void guest_free(FakeHost *g)
{
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    fake_host_free(g);
}

uint64_t guest_rd(FakeHost *g, uint64_t reg)
{
    return sdxi_device_read(g->dev, reg, 8);
}

void guest_wr(FakeHost *g, uint64_t reg, uint64_t value)
{
    sdxi_device_write(g->dev, reg, value, 8);
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
}

void guest_request(FakeHost *g, unsigned gsr)
{
    guest_wr(g, R_CTL0, (guest_rd(g, R_CTL0) & ~UINT64_C(3)) | gsr);
}

bool guest_run_once(FakeHost *g, uint64_t budget)
{
    bool more;

    g->yield = false;
    more = sdxi_device_run(g->dev, budget);
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    return more;
}

void guest_run(FakeHost *g)
{
    unsigned rounds = 0;

    while (guest_run_once(g, 1 << 20)) {
        g_assert_cmpuint(rounds++, <, 100000);
    }
}

void guest_ring(FakeHost *g, unsigned cxt, uint64_t value)
{
    uint64_t stride = sdxi_device_config(g->dev)->doorbell_stride;

    sdxi_device_doorbell(g->dev, cxt * stride, value, 8);
}

void guest_set_ring(FakeHost *g, unsigned slot, uint64_t ring,
                    uint32_t entries)
{
    fake_st(g, G_CTL(slot), (fake_ld(g, G_CTL(slot)) & 0x3f) | ring);
    fake_st(g, G_CTL(slot) + 8, entries);
}

void guest_context(FakeHost *g, unsigned cxt, unsigned slot, unsigned state)
{
    uint64_t l1 = G_L1(cxt / 128) + cxt % 128 * 32;

    g_assert(cxt / 128 < 8 && slot < 16);
    memset(g->memory + G_CXT(slot), 0, 0x40000);
    fake_st(g, G_CTL(slot), 0x31);          /* vl, se, csa */
    guest_set_ring(g, slot, G_RING(slot), 1024);
    fake_st(g, G_CTL(slot) + 16, G_STS(slot));
    fake_st(g, G_CTL(slot) + 24, G_WIDX(slot));
    fake_st(g, G_STS(slot), state);
    guest_akey(g, slot, 0, 1, 0);
    fake_st(g, l1 + 8, G_AKEYS(slot));
    fake_st(g, l1 + 16, UINT64_C(11) << 20 | UINT64_C(0xffffffff) << 32);
    fake_st(g, l1, G_CTL(slot) | 3);        /* vl, ka */
    fake_st(g, G_L2 + cxt / 128 * 8, G_L1(cxt / 128) | 1);
}

void guest_akey(FakeHost *g, unsigned slot, unsigned key, uint64_t q0,
                uint64_t q1)
{
    fake_st(g, G_AKEYS(slot) + key * 16, q0);
    fake_st(g, G_AKEYS(slot) + key * 16 + 8, q1);
}

void guest_activate(FakeHost *g)
{
    guest_context(g, 0, 0, RUN);
    guest_wr(g, R_CXT_L2, G_L2);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    guest_ring(g, 0, 0);
    guest_run(g);
}

void guest_log(FakeHost *g)
{
    guest_wr(g, R_ERR_CFG, 0);
    guest_wr(g, R_ERR_STS, 0xb);
    memset(g->memory + G_LOG, 0, 4096);
    guest_wr(g, R_ERR_CTL, 1);
    guest_wr(g, R_ERR_WRT, 0);
    guest_wr(g, R_ERR_RD, 0);
    guest_wr(g, R_ERR_CFG, G_LOG | 1 << 1 | 1);
}

LogEntry guest_log_entry(FakeHost *g, unsigned n)
{
    uint64_t q = fake_ld(g, G_LOG + n % 64 * 64);

    return (LogEntry) {
        .vl = q & 1, .step = q >> 8 & 0x3f, .type = q >> 16 & 0x7ff,
        .cv = q >> 32 & 1, .div = q >> 33 & 1, .bv = q >> 34 & 1,
        .buf = q >> 36 & 7, .sub = q >> 40 & 15, .re = q >> 44 & 7,
        .cxt = q >> 48, .index = fake_ld(g, G_LOG + n % 64 * 64 + 8),
    };
}

unsigned guest_state(FakeHost *g, unsigned slot)
{
    return fake_ld(g, G_STS(slot)) & 15;
}

uint64_t guest_read_index(FakeHost *g, unsigned slot)
{
    return fake_ld(g, G_STS(slot) + 8);
}

uint64_t guest_signal(FakeHost *g, unsigned slot, unsigned n)
{
    return fake_ld(g, G_CSB(slot, n));
}

bool guest_er(FakeHost *g, unsigned slot, unsigned n)
{
    return fake_ld(g, G_CSB(slot, n) + 8) >> 31 & 1;
}

void guest_arm(FakeHost *g, unsigned slot, unsigned n, uint64_t signal)
{
    memset(g->memory + G_CSB(slot, n), 0, 32);
    fake_st(g, G_CSB(slot, n), signal);
}

uint64_t guest_slot(FakeHost *g, unsigned slot, uint64_t index)
{
    uint64_t ring = fake_ld(g, G_CTL(slot)) & ~UINT64_C(0x3f);
    uint32_t entries = fake_ld(g, G_CTL(slot) + 8);

    return ring + index % entries * 64;
}

uint64_t guest_push(FakeHost *g, unsigned slot, const Dsc *d)
{
    uint64_t index = fake_ld(g, G_WIDX(slot));
    uint64_t at = guest_slot(g, slot, index);

    for (unsigned i = 0; i < 16; i++) {
        stl_le_p(g->memory + at + 4 * i, d->dw[i]);
    }
    fake_st(g, G_WIDX(slot), index + 1);
    return index;
}

static Dsc finish(Dsc d, uint64_t csb)
{
    d.dw[14] = csb ? csb : 1;
    d.dw[15] = csb >> 32;
    return d;
}

Dsc dsc_nop(uint64_t csb)
{
    return finish((Dsc) { .dw = { D_NOP } }, csb);
}

Dsc dsc_copy(uint64_t src, uint64_t dst, uint64_t bytes, unsigned akey0,
             unsigned akey1, uint64_t csb)
{
    return finish((Dsc) { .dw = {
        D_COPY, bytes - 1, 0, akey0 | akey1 << 16, src, src >> 32, dst,
        dst >> 32,
    } }, csb);
}

Dsc dsc_repcopy(uint64_t src, uint64_t dst, uint64_t bytes, uint64_t csb)
{
    Dsc d = dsc_copy(src, dst, bytes, 0, 0, csb);

    d.dw[0] = D_REPCOPY;
    return d;
}

Dsc dsc_imm(uint64_t dst, const void *data, unsigned bytes, uint64_t csb)
{
    Dsc d = { .dw = { D_WRT_IMM, bytes - 1, 0, 0, dst, dst >> 32 } };
    const uint8_t *p = data;

    for (unsigned i = 0; i < MIN(bytes, 32); i++) {
        d.dw[6 + i / 4] |= (uint32_t)p[i] << i % 4 * 8;
    }
    return finish(d, csb);
}

Dsc dsc_intr(unsigned akey, uint64_t csb)
{
    return finish((Dsc) { .dw = { D_INTR, 0, 0, akey } }, csb);
}

Dsc dsc_admin(uint32_t dw0, unsigned first, unsigned last, uint64_t csb)
{
    return finish((Dsc) { .dw = { dw0, 0, first | last << 16 } }, csb);
}

Dsc dsc_sync(unsigned filter, unsigned first, unsigned last, uint64_t csb)
{
    Dsc d = dsc_admin(D_SYNC, first, last, csb);

    d.dw[1] = filter;
    return d;
}

bool guest_admin(FakeHost *g, Dsc d)
{
    guest_arm(g, 0, 0, 1);
    guest_do(g, 0, 0, finish(d, G_CSB(0, 0)));
    g_assert_cmpuint(guest_signal(g, 0, 0), ==, 0);
    return guest_er(g, 0, 0);
}

void guest_start(FakeHost *g, unsigned cxt)
{
    g_assert_false(guest_admin(g, dsc_admin(D_START_NM | D_FE, cxt, cxt, 0)));
}

FakeHost *guest_active(void)
{
    FakeHost *g = guest_new(NULL);

    guest_log(g);
    guest_activate(g);
    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    return g;
}

void guest_do(FakeHost *g, unsigned cxt, unsigned slot, Dsc d)
{
    uint64_t index = guest_push(g, slot, &d);

    guest_ring(g, cxt, index + 1);
    guest_run(g);
}

void guest_pattern(FakeHost *g, uint64_t addr, size_t bytes, unsigned seed)
{
    for (size_t i = 0; i < bytes; i++) {
        g->memory[addr + i] = (i * 131 + (i >> 8) * 17 + seed * 29) ^ seed;
    }
}
