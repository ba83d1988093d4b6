/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of a function: an initiator, and for each figure that is told two
 * structures with the values that software computes from them.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/attributes.h"

typedef struct Told {
    uint64_t value[CDAT_WRITE_BANDWIDTH + 1];
    unsigned dsis, dslbis;
} Told;

static Told told(uint16_t latency, uint16_t bandwidth)
{
    Told t = { };
    Cdat cdat;

    cdat_init(&cdat);
    sdxi_attributes_build(&cdat, latency, bandwidth);
    g_assert_null(cdat_check(&cdat));
    for (unsigned n = 1; n < cdat_entries(&cdat); n++) {
        size_t len;
        const uint8_t *entry = cdat_entry(&cdat, n, &len);

        if (entry[0] == CDAT_DSIS) {
            g_assert_cmpuint(n, ==, 1);
            t.dsis++;
        } else {
            const CdatDslbis *d = (const CdatDslbis *)entry;

            g_assert_cmpuint(entry[0], ==, CDAT_DSLBIS);
            g_assert_cmpuint(d->data_type, <=, CDAT_WRITE_BANDWIDTH);
            g_assert_cmpuint(d->handle, ==, 0);
            t.value[d->data_type] = cdat_dslbis_value(entry);
            t.dslbis++;
        }
    }
    cdat_destroy(&cdat);
    return t;
}

static void test_all(void)
{
    Told t = told(100, 16000);

    g_assert_cmpuint(t.dsis, ==, 1);
    g_assert_cmpuint(t.dslbis, ==, 4);
    g_assert_cmpuint(t.value[CDAT_READ_LATENCY], ==, 100000);
    g_assert_cmpuint(t.value[CDAT_WRITE_LATENCY], ==, 100000);
    g_assert_cmpuint(t.value[CDAT_READ_BANDWIDTH], ==, 16000);
    g_assert_cmpuint(t.value[CDAT_WRITE_BANDWIDTH], ==, 16000);
}

static void test_some(void)
{
    Told t = told(65534, 0);

    g_assert_cmpuint(t.dslbis, ==, 2);
    g_assert_cmpuint(t.value[CDAT_READ_LATENCY], ==, 65534000);
    g_assert_cmpuint(t.value[CDAT_READ_BANDWIDTH], ==, 0);
    t = told(0, 65534);
    g_assert_cmpuint(t.dslbis, ==, 2);
    g_assert_cmpuint(t.value[CDAT_WRITE_BANDWIDTH], ==, 65534);
}

static void test_none(void)
{
    Told t = told(0, 0);

    g_assert_cmpuint(t.dsis, ==, 1);
    g_assert_cmpuint(t.dslbis, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/attributes/all", test_all);
    g_test_add_func("/sdxi/attributes/some", test_some);
    g_test_add_func("/sdxi/attributes/none", test_none);
    return g_test_run();
}
