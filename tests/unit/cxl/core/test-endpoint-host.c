/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an endpoint and its logical device ask of their host: one timer, the
 * signal of errors, and to look at the memory again.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

#define DVSEC   0x10c

/* Of the first range, below 4 GiB */
static uint32_t range_size(CxlEndpoint *ep)
{
    return cxl_endpoint_config_read(ep,
                                    DVSEC + CXL_DVSEC_DEV_RANGE_SIZE_LO(0), 0,
                                    4) & CXL_DVSEC_RANGE_LO_MASK;
}

/* The worst of several is signalled, once; what is masked is not. */
static void test_errors(void)
{
    const CxlRasRecord errors[] = {
        { .bit = CXL_RAS_UE_INTERNAL, .header = { 1 } },
        { .bit = CXL_RAS_UE_IDE_TX, .header = { 2 } },
    };
    FakeHost *h = fake_host_default();
    uint64_t ras = CXL_COMP_CACHEMEM + CXL_COMP_RAS;
    CxlRasErrors seen;

    cxl_endpoint_uncorrectable(h->ep, errors, 2);
    cxl_endpoint_correctable(h->ep, CXL_RAS_CE_CRC_THRESHOLD);
    cxl_endpoint_errors(h->ep, &seen);
    g_assert_cmpuint(seen.recorded, ==, 0);
    g_assert_cmphex(seen.uncorrectable, ==,
                    BIT(CXL_RAS_UE_INTERNAL) | BIT(CXL_RAS_UE_IDE_TX));
    cxl_endpoint_component_write(h->ep, ras + CXL_RAS_UE_MASK, 0, 4);
    cxl_endpoint_component_write(h->ep, ras + CXL_RAS_CE_MASK, 0, 4);
    cxl_endpoint_component_write(h->ep, ras + CXL_RAS_UE_SEVERITY,
                                 BIT(CXL_RAS_UE_INTERNAL), 4);
    for (unsigned i = 0; i <= CXL_RAS_SIGNAL_FATAL; i++) {
        g_assert_cmpuint(h->errors[i], ==, 0);
    }
    cxl_endpoint_uncorrectable(h->ep, errors, 2);
    g_assert_cmpuint(h->errors[CXL_RAS_SIGNAL_FATAL], ==, 1);
    g_assert_cmpuint(h->errors[CXL_RAS_SIGNAL_NONFATAL], ==, 0);
    cxl_endpoint_uncorrectable(h->ep, errors + 1, 1);
    g_assert_cmpuint(h->errors[CXL_RAS_SIGNAL_NONFATAL], ==, 1);
    cxl_endpoint_correctable(h->ep, CXL_RAS_CE_CRC_THRESHOLD);
    g_assert_cmpuint(h->errors[CXL_RAS_SIGNAL_CORRECTABLE], ==, 1);
    cxl_endpoint_errors(h->ep, &seen);
    g_assert_cmpuint(seen.recorded, ==, 3);
    g_assert_cmpuint(seen.record[1].header[0], ==, 2);
    cxl_endpoint_uncorrectable(h->ep, NULL, 0);
    fake_check(h);
    fake_host_free(h);
}

/* Memory moves: the table, the ranges and the areas follow at once. */
static void test_partition_moves(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[10] = { 0 };

    g_assert_cmphex(range_size(h->ep), ==, 512 * MiB);
    in[0] = 1;
    in[8] = CXL_PARTITION_IMMEDIATE;
    fake_map(h, true);
    g_assert_cmphex(fake_command(h, CXL_OP_PARTITION_SET, in, 9), ==,
                    CXL_RC_INVALID_INPUT);
    fake_map(h, false);
    g_assert_cmphex(fake_command(h, CXL_OP_PARTITION_SET, in, 9), ==, 0);
    g_assert_cmphex(range_size(h->ep), ==, 768 * MiB);
    g_assert_cmpuint(fake_memory_changes(h), ==, 1);
    fake_check(h);
    fake_host_free(h);
}

/* One timer serves all who wait. */
static void test_time(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    g_assert_cmpint(h->timer_at, <, INT64_MAX);
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL2,
                              CXL_DVSEC_DEV_CTRL2_RESET, 2);
    g_assert_cmpint(h->timer_at, ==, h->now + CXL_ENDPOINT_RESET_NS);
    fake_host_run(h, CXL_ENDPOINT_RESET_NS);
    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    fake_host_free(h);
}

/* The earliest of those who wait is armed, whoever came last. */
static void test_earliest(void)
{
    FakeHost *h = fake_host_default();
    int64_t late = h->now + 2 * CXL_ENDPOINT_RESET_NS;

    h->ep->doe[CXL_DOE_CDAT].due = late;
    cxl_endpoint_rearm(h->ep);
    g_assert_cmpint(h->timer_at, ==, late);
    h->ep->doe[CXL_DOE_COMPLIANCE].due = late - 1;
    cxl_endpoint_rearm(h->ep);
    g_assert_cmpint(h->timer_at, ==, late - 1);
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL2,
                              CXL_DVSEC_DEV_CTRL2_RESET, 2);
    g_assert_cmpint(h->timer_at, <, late - 1);
    h->ep->reset_due = h->ep->doe[CXL_DOE_COMPLIANCE].due = INT64_MAX;
    cxl_endpoint_rearm(h->ep);
    g_assert_cmpint(h->timer_at, ==, late);
    h->ep->doe[CXL_DOE_CDAT].due = INT64_MAX;
    cxl_endpoint_rearm(h->ep);
    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/endpoint-host/errors", test_errors);
    g_test_add_func("/cxl/endpoint-host/partition-moves", test_partition_moves);
    g_test_add_func("/cxl/endpoint-host/time", test_time);
    g_test_add_func("/cxl/endpoint-host/earliest", test_earliest);
    return g_test_run();
}
