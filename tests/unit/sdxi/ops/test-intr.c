/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts as descriptors: the right vector, once, after all that came
 * before; refusals raise nothing.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

static unsigned total(const FakeHost *g)
{
    unsigned sum = g->lost_interrupts;

    for (unsigned i = 0; i < FAKE_VECTORS; i++) {
        sum += g->interrupts[i];
    }
    return sum;
}

static void test_vector(void)
{
    static const unsigned vectors[] = { 0, 1, 5, 1023, 2047 };
    FakeHost *g = guest_active();

    for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++) {
        guest_akey(g, 1, 200, 3 | vectors[i] << 4, 0);
        guest_arm(g, 1, 0, 1);
        guest_do(g, 1, 1, dsc_intr(200, G_CSB(1, 0)));
        g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
        g_assert_cmpuint(g->interrupts[vectors[i]], ==, 1);
        g_assert_cmpuint(total(g), ==, i + 1);
    }
    guest_free(g);
}

/* A vector nobody allocated is lost, and that is all. */
static void test_no_vector(void)
{
    FakeHost *g = guest_active();

    g->vectors = 4;
    guest_akey(g, 1, 1, 3 | 4 << 4, 0);
    guest_do(g, 1, 1, dsc_intr(1, 0));
    g_assert_cmpuint(g->lost_interrupts, ==, 1);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

static void test_refused(void)
{
    static const uint64_t keys[] = { 0, 2 | 1 << 4, 1 | 1 << 4 };
    FakeHost *g = guest_active();

    guest_wr(g, R_ERR_CTL, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
        guest_akey(g, 1, 1, keys[i], 0);
        guest_arm(g, 1, 0, 1);
        guest_do(g, 1, 1, dsc_intr(1, G_CSB(1, 0)));
        g_assert_cmpuint(guest_log_entry(g, i).step, ==, 11);
        g_assert_cmpuint(guest_log_entry(g, i).sub, ==, 3);
        g_assert_true(guest_er(g, 1, 0));
        g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
        g_assert_cmpuint(total(g), ==, 0);
        guest_start(g, 1);
    }
    guest_free(g);
}

/* Checked at the moment the interrupt is raised. */
static SdxiHostOps watching;

static void watch(void *opaque, const SdxiPeer *target, unsigned vector)
{
    FakeHost *g = opaque;

    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_cmpmem(g->memory + G_DATA, 4096, g->memory + G_DATA + 4096,
                    4096);
    fake_host_ops.interrupt(opaque, target, vector);
}

static void test_after_copy(void)
{
    FakeHost *g = guest_active();
    Dsc copy = dsc_copy(G_DATA, G_DATA + 4096, 4096, 0, 0, G_CSB(1, 0));
    Dsc intr = dsc_intr(1, 0);
    g_autoptr(GByteArray) saved = g_byte_array_new();
    g_autofree char *problem = NULL;
    SdxiDevice *dev;

    guest_akey(g, 1, 1, 3 | 7 << 4, 0);
    guest_pattern(g, G_DATA, 4096, 2);
    guest_arm(g, 1, 0, 1);
    intr.dw[0] |= D_FE;
    guest_push(g, 1, &copy);
    guest_push(g, 1, &intr);
    watching = fake_host_ops;
    watching.interrupt = watch;
    /* the same function, seen through operations that look closely */
    sdxi_device_save(g->dev, saved);
    dev = guest_device_with(g, &watching);
    g_assert_true(sdxi_device_load(dev, saved->data, saved->len, &problem));
    guest_ring(g, 1, 2);
    guest_run(g);
    g_assert_cmpuint(g->interrupts[7], ==, 1);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/int-01/vector", test_vector);
    g_test_add_func("/sdxi/int-01/no-such-vector", test_no_vector);
    g_test_add_func("/sdxi/int-02/refused", test_refused);
    g_test_add_func("/sdxi/int-03/after-copy", test_after_copy);
    return g_test_run();
}
