/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An endpoint as its bus sees it: configuration space and registers; with a
 * logical device and without, and several of them at once.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

#define DVSEC   0x10c

/* An accelerator: memory, but nothing that speaks of it */
static CxlEndpoint *start_without(FakeHost *h)
{
    CxlEndpointConfig config = fake_endpoint_config();

    config.memory = 512 * MiB;
    config.serial = UINT64_MAX;
    *h = (FakeHost) { .timer_at = INT64_MAX };
    h->ep = cxl_endpoint_new(&config, &fake_host_ops, &fake_endpoint_ops, h);
    return h->ep;
}

static uint32_t config_at(CxlEndpoint *ep, uint32_t addr, unsigned len)
{
    return cxl_endpoint_config_read(ep, addr, 0, len);
}

static void test_capabilities(void)
{
    static const uint16_t offsets[] = {
        0x100, 0x10c, 0x148, 0x16c, 0x250, 0x270, 0x190, 0x1b0,
    };
    FakeHost *h = fake_host_default(), without;
    CxlEndpoint *other = start_without(&without);

    /* Those of the stock device, in the order of its chain */
    g_assert_cmpuint(cxl_endpoint_caps(h->ep), ==, ARRAY_SIZE(offsets));
    for (unsigned n = 0; n < ARRAY_SIZE(offsets); n++) {
        g_assert_cmphex(cxl_endpoint_cap(h->ep, n).offset, ==, offsets[n]);
    }
    g_assert_cmphex(config_at(h->ep, 0x104, 4), ==, 0x55667788);
    g_assert_cmphex(config_at(h->ep, 0x108, 4), ==, 0x11223344);
    /* Without a serial number the rest of its group moves up. */
    g_assert_cmpuint(cxl_endpoint_caps(other), ==, ARRAY_SIZE(offsets) - 1);
    g_assert_cmphex(cxl_endpoint_cap(other, 0).offset, ==, 0x100);
    g_assert_cmphex(cxl_endpoint_cap(other, 0).id, ==, 0x23);
    g_assert_cmphex(cxl_endpoint_cap(other, 6).offset, ==, 0x1b0);
    fake_host_free(h);
    cxl_endpoint_free(other);
}

/* What is not the endpoint's stays what it was, byte by byte. */
static void test_config_is_shared(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(cxl_endpoint_config_read(h->ep, 0x40, 0x12345678, 4), ==,
                    0x12345678);
    /* The header of a capability is the bus's. */
    g_assert_cmphex(cxl_endpoint_config_read(h->ep, DVSEC, 0x12345678, 4), ==,
                    0x12345678);
    g_assert_cmphex(cxl_endpoint_config_read(h->ep, DVSEC + 2, 0x12345678, 4),
                    ==, 0x1e985678);
    /* The end of one capability, and the beginning of the next */
    g_assert_cmphex(cxl_endpoint_config_read(h->ep, DVSEC - 2, 0x12345678, 4),
                    ==, 0x12341122);
    g_assert_cmphex(cxl_endpoint_config_fixed(h->ep, 0x40), ==, 0xff);
    g_assert_cmphex(cxl_endpoint_config_fixed(h->ep, 0x190 + DOE_REG_CTRL),
                    ==, 0);
    for (uint32_t addr = 0; addr < 4096; addr++) {
        for (unsigned len = 1; len <= 4; len++) {
            uint32_t wide = cxl_endpoint_config_read(h->ep, addr, 0xa5a5a5a5,
                                                     len);

            for (unsigned i = 0; i < len; i++) {
                g_assert_cmphex(extract32(wide, 8 * i, 8), ==,
                                cxl_endpoint_config_read(h->ep, addr + i,
                                                         0xa5, 1));
            }
        }
    }
    fake_host_free(h);
}

/* A write may cover two capabilities, registers of one, and nothing. */
static void test_config_writes(void)
{
    FakeHost *h = fake_host_default();
    uint32_t base_hi = DVSEC + CXL_DVSEC_DEV_RANGE_BASE_HI(0);

    cxl_endpoint_config_write(h->ep, base_hi, 0x11223344, 4);
    cxl_endpoint_config_write(h->ep, base_hi + 2, 0xf0005566, 4);
    g_assert_cmphex(config_at(h->ep, base_hi, 4), ==, 0x55663344);
    g_assert_cmphex(config_at(h->ep, base_hi + 4, 4), ==, 0);
    cxl_endpoint_config_write(h->ep, base_hi + 3, 0x4433f011, 4);
    g_assert_cmphex(config_at(h->ep, base_hi, 4), ==, 0x11663344);
    g_assert_cmphex(config_at(h->ep, base_hi + 4, 4), ==, 0);
    /* The last byte of one register, and what is behind it */
    cxl_endpoint_config_write(h->ep, base_hi + 7, 0xffffff3f, 4);
    g_assert_cmphex(config_at(h->ep, base_hi + 4, 4), ==, 0x30000000);
    for (uint32_t addr = 0; addr < 4096; addr++) {
        for (unsigned len = 1; len <= 4; len++) {
            cxl_endpoint_config_write(h->ep, addr, UINT32_MAX, len);
            fake_check(h);
        }
    }
    fake_host_run(h, 10000000000);
    fake_check(h);
    fake_host_free(h);
}

static void test_locator(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h = fake_host_new(&cfg), *no_pmu, without;
    CxlEndpoint *other = start_without(&without);
    uint32_t locator = 0x148;

    g_assert_cmphex(config_at(h->ep, locator + CXL_DVSEC_LOCATOR_LO(0), 4), ==,
                    CXL_LOCATOR_ENTRY(CXL_LOCATOR_COMPONENT, 0));
    g_assert_cmphex(config_at(h->ep, locator + CXL_DVSEC_LOCATOR_LO(1), 4), ==,
                    CXL_LOCATOR_ENTRY(CXL_LOCATOR_DEVICE, 2));
    g_assert_cmphex(config_at(h->ep, locator + CXL_DVSEC_LOCATOR_LO(2), 4), ==,
                    CXL_LOCATOR_ENTRY(CXL_LOCATOR_CPMU, 2) |
                    cxl_memdev_regs_pmu(h->dev));
    cfg.pmu_msgnum = 0;
    no_pmu = fake_host_new(&cfg);
    g_assert_cmphex(config_at(no_pmu->ep, locator + CXL_DVSEC_LOCATOR_LO(2),
                              4), ==, 0);
    locator -= 0xc;
    g_assert_cmphex(config_at(other, locator + CXL_DVSEC_LOCATOR_LO(0), 4), ==,
                    CXL_LOCATOR_ENTRY(CXL_LOCATOR_COMPONENT, 0));
    g_assert_cmphex(config_at(other, locator + CXL_DVSEC_LOCATOR_LO(1), 4), ==,
                    0);
    fake_host_free(h);
    fake_host_free(no_pmu);
    cxl_endpoint_free(other);
}

/* The block beside the CXL.cache/mem range is a hole. */
static void test_component_block(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(cxl_endpoint_component_read(h->ep, CXL_COMP_CACHEMEM, 4),
                    ==, 0x04110001);
    g_assert_cmphex(cxl_endpoint_component_read(h->ep, CXL_COMP_CACHEMEM - 1,
                                                2), ==, 0);
    g_assert_cmphex(cxl_endpoint_component_read(h->ep, UINT64_MAX, 8), ==, 0);
    g_assert_cmphex(cxl_endpoint_component_read(
        h->ep, CXL_COMP_CACHEMEM + CXL_COMP_CACHEMEM_LEN - 8, 8), ==, 0);
    cxl_endpoint_component_write(h->ep, UINT64_MAX, UINT64_MAX, 8);
    cxl_endpoint_component_write(h->ep, 0, UINT64_MAX, 8);
    fake_check(h);
    fake_host_free(h);
}

static void test_decoders(void)
{
    FakeHost *h = fake_host_default();
    CxlHdmDecoder d;

    g_assert_cmpuint(cxl_endpoint_decoders(h->ep), ==, 4);
    fake_map(h, true);
    g_assert_cmpuint(h->decode_changes, ==, 1);
    g_assert_cmpuint(h->traced[CXL_TRACE_DECODER], ==, 1);
    g_assert_cmpint(cxl_endpoint_decoder(h->ep, 0, &d), ==, CXL_HDM_OK);
    g_assert_cmphex(d.base, ==, 0x40000000);
    g_assert_cmpint(cxl_endpoint_decoder_of(h->ep, 4096), ==, 0);
    g_assert_cmpint(cxl_endpoint_decoder_of(h->ep, 256 * MiB), ==, -1);
    /* The reason of a refusal is kept. */
    cxl_endpoint_component_write(h->ep, CXL_COMP_CACHEMEM + CXL_COMP_HDM +
                                 CXL_HDM_CTRL(2), CXL_HDM_CTRL_COMMIT, 4);
    g_assert_cmpint(cxl_endpoint_decoder(h->ep, 2, &d), ==, CXL_HDM_BAD_ORDER);
    g_assert_false(d.committed);
    /* What the guest cannot change is told. */
    cxl_endpoint_component_write(h->ep, CXL_COMP_CACHEMEM + CXL_COMP_HDM,
                                 0, 4);
    g_assert_cmpuint(h->ignored, ==, 1);
    fake_host_free(h);
}

static void test_without_logical_device(void)
{
    FakeHost h;
    CxlEndpoint *ep = start_without(&h);

    g_assert_null(cxl_endpoint_ld(ep));
    g_assert_null(cxl_endpoint_check(ep));
    fake_map(&h, true);
    for (unsigned kind = 0; kind < CXL_RESET_KINDS; kind++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_autofree char *problem = NULL;

        cxl_endpoint_reset(ep, kind);
        g_assert_null(cxl_endpoint_check(ep));
        cxl_endpoint_save(ep, bytes);
        g_assert_true(cxl_endpoint_load(ep, bytes->data, bytes->len,
                                        &problem));
        fake_host_run(&h, 1000000000);
        g_assert_null(cxl_endpoint_check(ep));
    }
    g_assert_cmphex(config_at(ep, 0x100 + CXL_DVSEC_DEV_RANGE_SIZE_LO(0), 4) &
                    CXL_DVSEC_RANGE_LO_MASK, ==, 512 * MiB);
    cxl_endpoint_free(ep);
}

/* None knows of another. */
static void test_several(void)
{
    FakeHost *a = fake_host_default(), *b = fake_host_default();
    g_autoptr(GByteArray) before = g_byte_array_new();
    g_autoptr(GByteArray) after = g_byte_array_new();

    cxl_endpoint_save(b->ep, before);
    fake_map(a, true);
    cxl_endpoint_config_write(a->ep, DVSEC + CXL_DVSEC_DEV_CTRL2,
                              CXL_DVSEC_DEV_CTRL2_RESET, 2);
    cxl_endpoint_reset(a->ep, CXL_RESET_COLD);
    fake_command(a, CXL_OP_SANITIZE, NULL, 0);
    fake_host_free(a);
    cxl_endpoint_save(b->ep, after);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
    fake_check(b);
    fake_host_free(b);
}

#define ACC_HDM     (CXL_COMP_CACHEMEM + CXL_COMP_HDM)
#define ACC_BI      (CXL_COMP_CACHEMEM + CXL_COMP_BI)

static uint64_t bias_at(FakeHost *h, unsigned offset)
{
    return cxl_endpoint_component_read(h->ep, CXL_COMP_BIAS + offset, 8);
}

/* Type 2: it says so everywhere, and nobody sees a mailbox. */
static void test_accelerator(void)
{
    FakeHost *h = fake_host_accelerator();
    size_t len;

    g_assert_cmphex(config_at(h->ep, DVSEC + CXL_DVSEC_DEV_CAP, 2) & 7, ==, 7);
    g_assert_cmphex(config_at(h->ep, 0x148 + CXL_DVSEC_LOCATOR_LO(0), 4), ==,
                    CXL_LOCATOR_ENTRY(CXL_LOCATOR_COMPONENT, 0));
    g_assert_cmphex(config_at(h->ep, 0x148 + CXL_DVSEC_LOCATOR_LO(1), 4), ==,
                    0);
    g_assert_cmphex(cxl_endpoint_component_read(h->ep, ACC_HDM + CXL_HDM_CAP,
                                                4) &
                    CXL_HDM_CAP_COHERENCY(3), ==,
                    CXL_HDM_CAP_COHERENCY(CXL_HDM_COHERENCY_DEVICE));
    /* The last structure: whose memory it is, by the handle of the memory */
    g_assert_cmpuint(cdat_entry(&h->ep->cdat, cdat_entries(&h->ep->cdat) - 1,
                                &len)[0], ==, CDAT_DSIS);
    g_assert_cmpuint(cdat_entry(&h->ep->cdat, cdat_entries(&h->ep->cdat) - 1,
                                &len)[4], ==, CDAT_DSIS_MEM_ATTACHED);
    g_assert_cmphex(bias_at(h, CXL_BIAS_CAP), ==,
                    CXL_BIAS_CAP_VALUE(13, 65536));
    fake_check(h);
    fake_host_free(h);
}

static void test_bias(void)
{
    FakeHost *h = fake_host_accelerator(), *other = fake_host_default();
    CxlBias *b = cxl_endpoint_bias(h->ep);

    g_assert_null(cxl_endpoint_bias(other->ep));
    g_assert_cmphex(bias_at(other, CXL_BIAS_CAP), ==, 0);
    cxl_endpoint_component_write(other->ep, CXL_COMP_BIAS + CXL_BIAS_COMMAND,
                                 2, 4);
    cxl_endpoint_host_accessed(other->ep, 0, 64);
    cxl_bias_device(b, 0, 1, true);
    cxl_endpoint_component_write(h->ep, ACC_BI + CXL_BI_CTRL,
                                 CXL_BI_CTRL_ENABLE, 4);
    fake_check(h);
    cxl_endpoint_host_accessed(h->ep, 0, 64);
    cxl_bias_device(b, 0, 1, true);
    g_assert_cmpuint(bias_at(h, CXL_BIAS_REQUESTS), ==, 1);
    g_assert_cmpuint(bias_at(h, CXL_BIAS_SNOOPS), ==, 1);
    g_assert_cmpuint(bias_at(h, CXL_BIAS_GIVEN), ==, 1);
    /* Not across the end */
    g_assert_cmphex(bias_at(h, CXL_BIAS_LEN - 4), ==, 0);
    fake_host_free(h);
    fake_host_free(other);
}

static void test_refused(void)
{
    CxlEndpointConfig config = fake_endpoint_config();
    CxlMemdevConfig ld = { 0 };
    FakeHost h = { 0 };
    g_autofree char *problem = NULL;

    g_assert_null(cxl_type3_new(&config, &ld, &fake_host_ops,
                                &fake_endpoint_ops, &h, &fake_media_ops, &h,
                                &problem));
    g_assert_nonnull(strstr(problem, "no capacity"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/endpoint-bus/capabilities", test_capabilities);
    g_test_add_func("/cxl/endpoint-bus/config-is-shared",
                    test_config_is_shared);
    g_test_add_func("/cxl/endpoint-bus/config-writes", test_config_writes);
    g_test_add_func("/cxl/endpoint-bus/locator", test_locator);
    g_test_add_func("/cxl/endpoint-bus/component-block", test_component_block);
    g_test_add_func("/cxl/endpoint-bus/decoders", test_decoders);
    g_test_add_func("/cxl/endpoint-bus/without-logical-device",
                    test_without_logical_device);
    g_test_add_func("/cxl/endpoint-bus/several", test_several);
    g_test_add_func("/cxl/endpoint-bus/accelerator", test_accelerator);
    g_test_add_func("/cxl/endpoint-bus/bias", test_bias);
    g_test_add_func("/cxl/endpoint-bus/refused", test_refused);
    return g_test_run();
}
