/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/common/sha256: the examples that NIST publishes for FIPS 180-4, and that
 * it does not matter where bytes are cut in two.
 */
#include "qemu/osdep.h"
#include "hw/common/sha256.h"

static void expect(const uint8_t sum[SHA256_BYTES], const char *hex)
{
    for (unsigned i = 0; i < SHA256_BYTES; i++) {
        g_autofree char *byte = g_strdup_printf("%02x", sum[i]);

        g_assert_cmpmem(byte, 2, hex + 2 * i, 2);
    }
    g_assert_cmpuint(strlen(hex), ==, 2 * SHA256_BYTES);
}

static void test_published(void)
{
    static const struct {
        const char *text, *sum;
    } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        },
        { "abc",
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    uint8_t sum[SHA256_BYTES];

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        sha256_of(rows[i].text, strlen(rows[i].text), sum);
        expect(sum, rows[i].sum);
    }
    sha256_of(NULL, 0, sum);
    expect(sum, rows[0].sum);
}

static void test_two(void)
{
    uint8_t bytes[130], whole[SHA256_BYTES], sum[SHA256_BYTES];

    for (unsigned i = 0; i < sizeof(bytes); i++) {
        bytes[i] = i % 7;       /* zeroes in it */
    }
    sha256_of(bytes, sizeof(bytes), whole);
    for (unsigned cut = 0; cut <= sizeof(bytes); cut++) {
        sha256_of_two(bytes, cut, bytes + cut, sizeof(bytes) - cut, sum);
        g_assert_cmpmem(sum, sizeof(sum), whole, sizeof(whole));
    }
    sha256_of_two(NULL, 0, bytes, sizeof(bytes), sum);
    g_assert_cmpmem(sum, sizeof(sum), whole, sizeof(whole));
    sha256_of_two(bytes, sizeof(bytes) - 1, NULL, 0, sum);
    g_assert_true(memcmp(sum, whole, sizeof(sum)));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sha256/published", test_published);
    g_test_add_func("/sha256/two", test_two);
    return g_test_run();
}
