/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three functions: copies between them with the right keys, and no others.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

static void second(SdxiConfig *config)
{
    config->sfunc = 2;
}

static void third(SdxiConfig *config)
{
    config->sfunc = 3;
}

typedef struct Trio {
    FakeHost *a, *b, *c;
} Trio;

/* b and c let function 1 in through RKey 5; a has AKeys 2 and 3 to them. */
static Trio trio(void)
{
    Trio t = { guest_new(NULL), guest_new(second), guest_new(third) };
    FakeHost *all[] = { t.a, t.b, t.c };

    fake_host_befriend(t.a, t.b);
    fake_host_befriend(t.a, t.c);
    for (unsigned i = 0; i < 3; i++) {
        guest_wr(all[i], R_CTL0, UINT64_C(77) << 32);
        guest_log(all[i]);
        guest_activate(all[i]);
        guest_wr(all[i], R_RKEY, G_RKEYS | 1);
        fake_st(all[i], G_RKEYS + 5 * 16, 1 | 1 << 16);
        guest_pattern(all[i], G_DATA, 4096, i);
    }
    guest_context(t.a, 1, 1, STOP_SW);
    guest_akey(t.a, 1, 2, 1 | 2 << 16, UINT64_C(5) << 32);
    guest_akey(t.a, 1, 3, 1 | 3 << 16, UINT64_C(5) << 32);
    guest_start(t.a, 1);
    return t;
}

static void trio_free(Trio t)
{
    guest_free(t.a);
    guest_free(t.b);
    guest_free(t.c);
}

static bool copies(Trio t)
{
    bool ok;

    memset(t.a->memory + G_DATA + 8192, 0, 1000);
    guest_do(t.a, 1, 1, dsc_copy(G_DATA, G_DATA + 8192, 1000, 2, 0, 0));
    ok = !memcmp(t.b->memory + G_DATA, t.a->memory + G_DATA + 8192, 1000);
    g_assert(ok == (guest_state(t.a, 1) == RUN));
    return ok;
}

static void fails(Trio t, unsigned sub)
{
    uint64_t n = guest_rd(t.a, R_ERR_WRT);
    LogEntry e;

    g_assert_false(copies(t));
    e = guest_log_entry(t.a, n);
    g_assert_true(e.vl && e.bv);
    g_assert_cmpuint(e.step, ==, 12);
    g_assert_cmpuint(e.sub, ==, sub);
    g_assert_cmpuint(e.buf, ==, 0);
    g_assert_cmpuint(e.cxt, ==, 1);
    g_assert_cmpuint(guest_rd(t.b, R_ERR_WRT), ==, 0);
    guest_start(t.a, 1);
}

static void test_remote(void)
{
    Trio t = trio();
    SdxiInfo info;

    g_assert_true(copies(t));
    /* and in the other direction */
    guest_do(t.a, 1, 1, dsc_copy(G_DATA, G_DATA + 8192, 1000, 0, 2, 0));
    g_assert_cmpmem(t.a->memory + G_DATA, 1000, t.b->memory + G_DATA + 8192,
                    1000);
    sdxi_device_query(t.a->dev, &info);
    g_assert_cmpuint(info.counters.remote_bytes, ==, 2000);
    g_assert_cmpuint(info.counters.bytes, ==, 2000);
    trio_free(t);
}

static void test_refused(void)
{
    Trio t = trio();
    uint64_t entry = G_RKEYS + 5 * 16;

    fake_st(t.b, entry, 1 | 4 << 16);       /* somebody else's */
    fails(t, 3);
    fake_st(t.b, entry, 0 | 1 << 16);       /* not valid */
    fails(t, 3);
    fake_st(t.b, entry, 5 | 1 << 16);       /* PASID, the AKey has none */
    fails(t, 3);
    fake_st(t.b, entry, 1 | 1 << 16);
    guest_wr(t.b, R_RKEY, G_RKEYS);         /* not enabled */
    fails(t, 3);
    guest_wr(t.b, R_RKEY, UINT64_C(0x5500000000) | 1);
    fails(t, 2);
    guest_wr(t.b, R_RKEY, G_RKEYS | 1);
    guest_akey(t.a, 1, 2, 1 | 2 << 16, UINT64_C(256) << 32);
    fails(t, 3);
    guest_akey(t.a, 1, 2, 1 | 9 << 16, UINT64_C(5) << 32); /* nobody */
    fails(t, 3);
    guest_akey(t.a, 1, 2, 1 | 2 << 16, UINT64_C(5) << 32);
    g_assert_true(copies(t));
    trio_free(t);
}

static void test_pasid(void)
{
    Trio t = trio();
    uint64_t entry = G_RKEYS + 5 * 16;
    uint8_t *two = fake_host_memory(t.b, true, 2);

    memcpy(two + G_DATA, t.c->memory + G_DATA, 4096);
    guest_akey(t.a, 1, 2, 5 | 2 << 16 | UINT64_C(2) << 32,
               UINT64_C(5) << 32);
    fake_st(t.b, entry, 5 | 1 << 16 | UINT64_C(3) << 32);
    fails(t, 3);
    fake_st(t.b, entry, 5 | 1 << 16 | UINT64_C(2) << 32);
    guest_do(t.a, 1, 1, dsc_copy(G_DATA, G_DATA + 8192, 1000, 2, 0, 0));
    g_assert_cmpmem(two + G_DATA, 1000, t.a->memory + G_DATA + 8192, 1000);
    trio_free(t);
}

/* Group ids are compared as they were at activation. */
static void test_other_group(void)
{
    Trio t = trio();

    guest_request(t.b, GSR_STOP_SF);
    guest_run(t.b);
    fails(t, 3);            /* who is stopped lends nothing */
    guest_wr(t.b, R_CTL0, UINT64_C(78) << 32 | GSR_ACTIVE);
    guest_run(t.b);
    fails(t, 3);
    guest_request(t.b, GSR_RESET);
    guest_wr(t.b, R_CTL0, UINT64_C(77) << 32 | GSR_ACTIVE);
    guest_run(t.b);
    g_assert_true(copies(t));
    trio_free(t);
}

static void test_between_others(void)
{
    Trio t = trio();

    guest_do(t.a, 1, 1, dsc_copy(G_DATA, G_DATA + 4096, 4096, 2, 3, 0));
    g_assert_cmpmem(t.b->memory + G_DATA, 4096, t.c->memory + G_DATA + 4096,
                    4096);
    trio_free(t);
}

/* The second key is refused, and nothing is written. */
static void test_between_refused(void)
{
    Trio t = trio();

    fake_st(t.c, G_RKEYS + 5 * 16, 0);
    guest_do(t.a, 1, 1, dsc_copy(G_DATA, G_DATA + 8192, 4096, 2, 3, 0));
    g_assert_cmpuint(guest_log_entry(t.a, 0).step, ==, 12);
    g_assert_cmpuint(guest_log_entry(t.a, 0).buf, ==, 1);
    for (unsigned i = 0; i < 4096; i++) {
        g_assert_cmpuint(t.c->memory[G_DATA + 8192 + i], ==, 0);
    }
    trio_free(t);
}

/* The entry is withdrawn when the copy has come to its second chunk. */
static void withdraw(FakeHost *a, void *opaque, FakeKind kind, uint64_t addr,
                     uint32_t len)
{
    FakeHost *b = opaque;

    if (addr == G_DATA + SDXI_HOST_CHUNK) {
        fake_st(b, G_RKEYS + 5 * 16, 0);
    }
}

/* It is honoured at the third, in the same turn. */
static void test_withdrawn(void)
{
    for (unsigned rep = 0; rep < 2; rep++) {
        Trio t = trio();
        uint64_t bytes = 6 * SDXI_HOST_CHUNK;
        Dsc d = dsc_copy(G_DATA, FAKE_SINK, bytes, 2, 0, 0);
        SdxiInfo info;

        if (rep) {
            d = dsc_repcopy(G_DATA, G_DATA, bytes, 0);
            d.dw[3] = 2 << 16;
        }
        t.a->meddle = withdraw;
        t.a->meddle_opaque = t.b;
        guest_do(t.a, 1, 1, d);
        sdxi_device_query(t.a->dev, &info);
        g_assert_cmpuint(info.counters.bytes, ==, 2 * SDXI_HOST_CHUNK);
        g_assert_cmpuint(guest_log_entry(t.a, 0).step, ==, 12);
        g_assert_cmpuint(guest_state(t.a, 1), ==, ERR_FN);
        trio_free(t);
    }
}

static void test_interrupt(void)
{
    Trio t = trio();

    guest_do(t.a, 1, 1, dsc_intr(2, 0));    /* no iv at the target */
    g_assert_cmpuint(guest_log_entry(t.a, 0).step, ==, 12);
    guest_start(t.a, 1);
    fake_st(t.b, G_RKEYS + 5 * 16, 3 | 9 << 4 | 1 << 16);
    guest_do(t.a, 1, 1, dsc_intr(2, 0));
    g_assert_cmpuint(t.b->interrupts[9], ==, 1);
    g_assert_cmpuint(t.a->interrupts[9], ==, 0);
    g_assert_cmpuint(guest_state(t.a, 1), ==, RUN);
    /* Whose memory the entry leads to says nothing about its vector. */
    fake_st(t.b, G_RKEYS + 5 * 16, 7 | 9 << 4 | 1 << 16 | UINT64_C(3) << 32);
    guest_do(t.a, 1, 1, dsc_intr(2, 0));
    g_assert_cmpuint(t.b->interrupts[9], ==, 2);
    fake_st(t.b, G_RKEYS + 5 * 16, 3 | 9 << 4 | 2 << 16);
    guest_do(t.a, 1, 1, dsc_intr(2, 0));    /* somebody else's */
    g_assert_cmpuint(t.b->interrupts[9], ==, 2);
    g_assert_cmpuint(guest_log_entry(t.a, 1).step, ==, 12);
    trio_free(t);
}

/* The key is taken away while an entry, the @nth that is read, is read. */
typedef struct Meanwhile {
    FakeHost *b;
    unsigned nth;
} Meanwhile;

static void take_away(FakeHost *a, void *opaque, FakeKind kind, uint64_t addr,
                      uint32_t len)
{
    Meanwhile *m = opaque;

    if (addr == G_RKEYS + 5 * 16 && !--m->nth) {
        guest_wr(m->b, R_RKEY, 0);
    }
}

/* What was found so far is looked for again, and not found. */
static void expect_taken(Trio t, unsigned nth, Dsc d)
{
    Meanwhile m = { t.b, nth };
    unsigned kicks = t.a->kicks;

    t.a->meddle = take_away;
    t.a->meddle_opaque = &m;
    guest_do(t.a, 1, 1, d);
    g_assert_cmpuint(m.nth, ==, 0);
    g_assert_cmpuint(guest_state(t.a, 1), ==, RUN);
    g_assert_cmpuint(t.a->kicks, >, kicks + 1);
    guest_run(t.a);
    g_assert_cmpuint(guest_state(t.a, 1), ==, ERR_FN);
    g_assert_cmpuint(guest_log_entry(t.a, 0).step, ==, 12);
    g_assert_cmpuint(guest_log_entry(t.a, 0).buf, ==, 0);
}

static void test_meanwhile(void)
{
    SdxiInfo info;
    Trio t = trio();

    fake_st(t.b, G_RKEYS + 5 * 16, 3 | 9 << 4 | 1 << 16);
    expect_taken(t, 1, dsc_intr(2, 0));
    g_assert_cmpuint(t.b->interrupts[9], ==, 0);
    trio_free(t);
    /* by its own entry, and by that of the other operand */
    for (unsigned nth = 1; nth <= 2; nth++) {
        t = trio();
        expect_taken(t, nth, dsc_copy(G_DATA, G_DATA + 8192, 1000, 2, 3, 0));
        sdxi_device_query(t.a->dev, &info);
        g_assert_cmpuint(info.counters.bytes, ==, 0);
        trio_free(t);
    }
}

/* Who is told that entries have changed uses them no longer. */
static void test_update(void)
{
    Trio t = trio();
    const SdxiPeer *b = sdxi_device_peer(t.b->dev);
    SdxiSpace space = { .target = b, .withdrawn = b->withdrawn };
    unsigned settled = t.b->settled;

    g_assert_false(sdxi_space_is_void(&space));
    g_assert_false(guest_admin(t.b, dsc_admin(D_RKEY_UPD, 0, 0, 0)));
    g_assert_cmpuint(t.b->settled, ==, settled + 1);
    g_assert_true(sdxi_space_is_void(&space));
    space.target = NULL;
    g_assert_false(sdxi_space_is_void(&space));
    g_assert_true(copies(t));
    trio_free(t);
}

static void without(SdxiConfig *config)
{
    config->sfunc = 2;
    config->rkeys = 0;
}

/* A function without the capability grants nothing, whatever it says. */
static void test_no_capability(void)
{
    Trio t = trio();
    FakeHost *b = guest_new(without);

    guest_free(t.b);
    t.b = b;
    t.a->peer[0] = b;
    guest_wr(b, R_CTL0, UINT64_C(77) << 32);
    guest_activate(b);
    guest_wr(b, R_RKEY, G_RKEYS | 1);
    fake_st(b, G_RKEYS + 5 * 16, 1 | 1 << 16);
    guest_pattern(b, G_DATA, 4096, 8);
    fails(t, 3);
    trio_free(t);
}

static void by_pages(SdxiConfig *config)
{
    config->sfunc = 2;
    config->rkey_pages = true;
}

/* Key @index is in a table of @sz; or it is not, and nothing is copied. */
static void expect_entry(Trio t, unsigned index, unsigned sz, bool there)
{
    guest_wr(t.b, R_RKEY, G_RKEYS | sz << 1 | 1);
    fake_st(t.b, G_RKEYS + index * 16, 1 | 1 << 16);
    guest_akey(t.a, 1, 2, 1 | 2 << 16, (uint64_t)index << 32);
    if (there) {
        g_assert_true(copies(t));
    } else {
        fails(t, 3);
        guest_start(t.a, 1);
    }
    fake_st(t.b, G_RKEYS + index * 16, 0);
}

/* The size is a shift, or a count of pages, and is limited in any case. */
static void test_sizes(void)
{
    for (unsigned pages = 0; pages < 2; pages++) {
        Trio t = trio();
        FakeHost *b = guest_new(pages ? by_pages : second);

        guest_free(t.b);
        t.b = b;
        t.a->peer[0] = b;
        guest_wr(b, R_CTL0, UINT64_C(77) << 32);
        guest_activate(b);
        guest_pattern(b, G_DATA, 4096, 8);
        expect_entry(t, 255, 0, true);
        expect_entry(t, 256, 0, false);
        expect_entry(t, 256, 1, !pages);
        expect_entry(t, 256, 2, true);
        expect_entry(t, 511, 2, true);
        expect_entry(t, 512, 2, !pages);
        trio_free(t);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/key-05/remote", test_remote);
    g_test_add_func("/sdxi/key-05/refused", test_refused);
    g_test_add_func("/sdxi/key-05/pasid", test_pasid);
    g_test_add_func("/sdxi/key-05/other-group", test_other_group);
    g_test_add_func("/sdxi/key-06/between-others", test_between_others);
    g_test_add_func("/sdxi/key-06/refused", test_between_refused);
    g_test_add_func("/sdxi/rkey/withdrawn", test_withdrawn);
    g_test_add_func("/sdxi/rkey/interrupt", test_interrupt);
    g_test_add_func("/sdxi/rkey/meanwhile", test_meanwhile);
    g_test_add_func("/sdxi/rkey/update", test_update);
    g_test_add_func("/sdxi/rkey/sizes", test_sizes);
    g_test_add_func("/sdxi/rkey/no-capability", test_no_capability);
    return g_test_run();
}
