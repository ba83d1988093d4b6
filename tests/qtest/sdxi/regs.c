/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI face and registers from the outside: conformance ids PCI-* and REG-*.
 */
#include "qemu/osdep.h"
#include "standard-headers/linux/pci_regs.h"
#include "tests/qtest/sdxi/util.h"

static const unsigned registers[] = {
    SDXI_CTL0, SDXI_GRP_ENUM, SDXI_CTL2, SDXI_STS0, SDXI_CAP0, SDXI_CAP1,
    SDXI_VERSION, SDXI_CXT_L2, SDXI_RKEY, SDXI_ERR_CTL, SDXI_ERR_STS,
    SDXI_ERR_CFG, SDXI_ERR_WRT, SDXI_ERR_RD,
};

static void test_class(SdxiRig *r)
{
    g_assert_cmphex(qpci_config_readl(r->fn->pci, PCI_CLASS_REVISION) >> 8, ==,
                    0x120100);
}

/* It stays what it is, whatever is written over it. */
static void test_class_read_only(SdxiRig *r)
{
    static const uint32_t values[] = { 0, UINT32_MAX, 0x01080200 };

    for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
        qpci_config_writel(r->fn->pci, PCI_VENDOR_ID, values[i]);
        qpci_config_writel(r->fn->pci, PCI_CLASS_REVISION, values[i]);
        qpci_config_writeb(r->fn->pci, PCI_HEADER_TYPE, values[i]);
        g_assert_cmphex(qpci_config_readl(r->fn->pci, PCI_VENDOR_ID), ==,
                        0x00d51b36);
        test_class(r);
        g_assert_cmphex(qpci_config_readb(r->fn->pci, PCI_HEADER_TYPE), ==, 0);
    }
}

static void test_bar0(SdxiRig *r)
{
    uint32_t bar = qpci_config_readl(r->fn->pci, PCI_BASE_ADDRESS_0);

    g_assert_cmphex(bar & 7, ==, PCI_BASE_ADDRESS_MEM_TYPE_64);
    g_assert_cmphex(r->fn->regs_size, ==, 512 * KiB);
}

static void test_bar2(SdxiRig *r)
{
    uint32_t bar = qpci_config_readl(r->fn->pci, PCI_BASE_ADDRESS_2);

    g_assert_cmphex(bar & 7, ==, PCI_BASE_ADDRESS_MEM_TYPE_64);
    g_assert_cmphex(r->fn->stride, ==, 8 * KiB);
    /* 100 contexts of 8 KiB, rounded up to a power of two */
    g_assert_cmphex(r->fn->doorbells_size, ==, 1 * MiB);
}

static void test_msix(SdxiRig *r)
{
    g_assert_cmpuint(qpci_msix_table_size(r->fn->pci), ==, 129);
    g_assert_cmpuint(qpci_config_readb(r->fn->pci, PCI_INTERRUPT_PIN), ==, 0);
}

static void test_no_bus_master(SdxiRig *r)
{
    SdxiFn *fn = r->fn;
    uint16_t cmd = qpci_config_readw(fn->pci, PCI_COMMAND);
    uint64_t cell = sdxi_msix_arm(fn, 0);
    uint64_t csb = sdxi_csb_new(r->vm, 1);
    SdxiDsc d = sdxi_dsc_nop();

    qpci_config_writew(fn->pci, PCI_COMMAND, cmd & ~PCI_COMMAND_MASTER);
    sdxi_dsc_set_csb(&d, csb);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    g_usleep(50000);
    g_assert_cmphex(sdxi_csb_signal(r->vm, csb), ==, 1);
    g_assert_cmphex(sdxi_cxt_read_index(&r->c), ==, 0);
    g_assert_cmphex(sdxi_cxt_state(&r->c), ==, SDXI_CXT_RUN);
    g_assert_false(sdxi_msix_take(fn, cell));
}

static void test_version(SdxiRig *r)
{
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_VERSION), ==, 0x10000);
}

static void test_reset_state(SdxiRig *r)
{
    uint8_t cap = qpci_find_capability(r->fn->pci, PCI_CAP_ID_EXP, 0);
    uint32_t devcap, bar0 = qpci_config_readl(r->fn->pci, PCI_BASE_ADDRESS_0);
    uint32_t bar2 = qpci_config_readl(r->fn->pci, PCI_BASE_ADDRESS_2);
    uint16_t ctl;

    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_STOP);
    sdxi_fn_up(r->fn);
    devcap = qpci_config_readl(r->fn->pci, cap + PCI_EXP_DEVCAP);
    g_assert_cmphex(devcap & PCI_EXP_DEVCAP_FLR, ==, PCI_EXP_DEVCAP_FLR);
    ctl = qpci_config_readw(r->fn->pci, cap + PCI_EXP_DEVCTL);
    qpci_config_writew(r->fn->pci, cap + PCI_EXP_DEVCTL,
                       ctl | PCI_EXP_DEVCTL_BCR_FLR);
    qpci_config_writel(r->fn->pci, PCI_BASE_ADDRESS_0, bar0);
    qpci_config_writel(r->fn->pci, PCI_BASE_ADDRESS_2, bar2);
    qpci_device_enable(r->fn->pci);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_STOP);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CTL0), ==, 0);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CXT_L2), ==, 0);
}

static void test_read_only(SdxiRig *r)
{
    static const unsigned ro[] = {
        SDXI_STS0, SDXI_CAP0, SDXI_CAP1, SDXI_VERSION,
    };

    for (int i = 0; i < ARRAY_SIZE(ro); i++) {
        uint64_t v = sdxi_fn_rd(r->fn, ro[i]);

        sdxi_fn_wr(r->fn, ro[i], ~v);
        g_assert_cmphex(sdxi_fn_rd(r->fn, ro[i]), ==, v);
    }
}

/* Write all ones, then zero, and see which bits are there. */
static void check_bits(SdxiFn *fn, unsigned off, uint64_t writable)
{
    sdxi_fn_wr(fn, off, writable);
    g_assert_cmphex(sdxi_fn_rd(fn, off), ==, writable);
    sdxi_fn_wr(fn, off, ~writable);
    g_assert_cmphex(sdxi_fn_rd(fn, off), ==, 0);
    sdxi_fn_wr(fn, off, ~0ull);
    g_assert_cmphex(sdxi_fn_rd(fn, off), ==, writable);
    sdxi_fn_wr(fn, off, 0);
    g_assert_cmphex(sdxi_fn_rd(fn, off), ==, 0);
}

static void test_ctl0(SdxiRig *r)
{
    /* Without fn_gsr: ACTIVE with no tables is the business of FSM-*. */
    uint64_t fields = 0xffffffff0fffff14ull;

    sdxi_fn_wr(r->fn, SDXI_CTL0, fields | 0xe8);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CTL0), ==, fields);
    sdxi_fn_wr(r->fn, SDXI_CTL0, SDXI_STOP_HD);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CTL0), ==, SDXI_STOP_HD);
}

static void test_ctl2(SdxiRig *r)
{
    uint64_t cap1 = sdxi_fn_rd(r->fn, SDXI_CAP1);

    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CTL2), ==,
                    cap1 & 0xfffffffffffff00full);
    sdxi_fn_wr(r->fn, SDXI_CTL2, 0x1000000a3005ull);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CTL2), ==, 0x1000000a3005ull);
}

static void test_cxt_l2(SdxiRig *r)
{
    check_bits(r->fn, SDXI_CXT_L2, ~0xfffull);
}

static void test_rkey(SdxiRig *r)
{
    check_bits(r->fn, SDXI_RKEY, ~0xfe0ull);
}

static void test_err_cfg(SdxiRig *r)
{
    check_bits(r->fn, SDXI_ERR_CFG, ~0xfc0ull);
}

static void test_err_sts(SdxiRig *r)
{
    SdxiDsc bad = sdxi_dsc(1, 0x7f);

    sdxi_cxt_push(&r->c, &bad);
    sdxi_cxt_kick(&r->c);
    sdxi_fn_wait_errors(r->fn, 1);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_ERR_STS), ==, 1);
    sdxi_fn_wr(r->fn, SDXI_ERR_STS, 0);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_ERR_STS), ==, 1);
    sdxi_fn_wr(r->fn, SDXI_ERR_STS, 0xb);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_ERR_STS), ==, 0);
}

static void test_err_indexes(SdxiRig *r)
{
    check_bits(r->fn, SDXI_ERR_WRT, ~0ull);
    check_bits(r->fn, SDXI_ERR_RD, ~0ull);
    check_bits(r->fn, SDXI_ERR_CTL, 1);
}

static void test_holes(SdxiRig *r)
{
    static const unsigned holes[] = {
        0x18, 0x20, 0xf8, 0x108, 0x1f8, 0x218, 0xfff8, 0x10008, 0x10108,
        0x20018, 0x20030, 0x30000, 0x7fff8,
    };

    for (int i = 0; i < ARRAY_SIZE(holes); i++) {
        sdxi_fn_wr(r->fn, holes[i], ~0ull);
        g_assert_cmphex(sdxi_fn_rd(r->fn, holes[i]), ==, 0);
    }
}

static void test_capabilities(SdxiRig *r)
{
    uint64_t cap0 = sdxi_fn_rd(r->fn, SDXI_CAP0);
    uint64_t cap1 = sdxi_fn_rd(r->fn, SDXI_CAP1);

    g_assert_cmphex(extract64(cap0, 0, 16), ==, 0x1234);
    g_assert_cmphex(extract64(cap0, 16, 1), ==, 0);
    g_assert_cmphex(extract64(cap0, 20, 3), ==, 1);
    g_assert_cmphex(extract64(cap0, 24, 5), ==, 3);
    g_assert_cmphex(extract64(cap0, 32, 4), ==, 1);
    g_assert_cmphex(extract64(cap1, 0, 4), ==, 5);
    g_assert_cmphex(extract64(cap1, 4, 1), ==, 1);
    g_assert_cmphex(extract64(cap1, 12, 4), ==, 2);
    g_assert_cmphex(extract64(cap1, 16, 16), ==, 99);
    g_assert_cmphex(extract64(cap1, 32, 32), ==, 0x10);
}

/* Every register at every width and alignment the bus can produce. */
static void test_widths(SdxiRig *r)
{
    SdxiFn *fn = r->fn;

    sdxi_fn_wr(fn, SDXI_CXT_L2, 0x1122334455667000ull);
    sdxi_fn_wr(fn, SDXI_ERR_WRT, 0x8877665544332211ull);
    for (int i = 0; i < ARRAY_SIZE(registers); i++) {
        unsigned off = registers[i];
        uint64_t v = sdxi_fn_rd(fn, off);

        for (int b = 0; b < 8; b++) {
            g_assert_cmphex(qpci_io_readb(fn->pci, fn->regs, off + b), ==,
                            extract64(v, b * 8, 8));
        }
        for (int b = 0; b < 7; b++) {
            g_assert_cmphex(qpci_io_readw(fn->pci, fn->regs, off + b), ==,
                            extract64(v, b * 8, 16));
        }
        for (int b = 0; b < 5; b++) {
            g_assert_cmphex(qpci_io_readl(fn->pci, fn->regs, off + b), ==,
                            extract64(v, b * 8, 32));
        }
    }
    qpci_io_writel(fn->pci, fn->regs, SDXI_CXT_L2 + 4, 0xcafe0000);
    qpci_io_writel(fn->pci, fn->regs, SDXI_CXT_L2, 0xbabe1fff);
    g_assert_cmphex(sdxi_fn_rd(fn, SDXI_CXT_L2), ==, 0xcafe0000babe1000ull);
    qpci_io_writew(fn->pci, fn->regs, SDXI_ERR_WRT + 2, 0xabcd);
    qpci_io_writeb(fn->pci, fn->regs, SDXI_ERR_WRT + 7, 0x01);
    g_assert_cmphex(sdxi_fn_rd(fn, SDXI_ERR_WRT), ==, 0x01776655abcd2211ull);
}

static void test_doorbell_reads(SdxiRig *r)
{
    sdxi_fn_doorbell(r->fn, 0, ~0ull);
    for (unsigned n = 0; n < 4; n++) {
        g_assert_cmphex(qpci_io_readq(r->fn->pci, r->fn->doorbells,
                                      n * r->fn->stride), ==, 0);
    }
    g_assert_cmphex(qpci_io_readq(r->fn->pci, r->fn->doorbells,
                                  r->fn->doorbells_size - 8), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_test("/sdxi/pci-01/class", NULL, test_class);
    sdxi_add_test("/sdxi/pci-01/read-only", NULL, test_class_read_only);
    sdxi_add_test("/sdxi/pci-02/bar0", NULL, test_bar0);
    sdxi_add_test("/sdxi/pci-03/bar2", "contexts=100,doorbell-stride=8K",
                  test_bar2);
    sdxi_add_test("/sdxi/pci-04/msix", NULL, test_msix);
    sdxi_add_running("/sdxi/pci-05/bus-master-off", NULL, test_no_bus_master);
    sdxi_add_test("/sdxi/reg-01/version", NULL, test_version);
    sdxi_add_test("/sdxi/reg-02/flr", NULL, test_reset_state);
    sdxi_add_test("/sdxi/reg-03/read-only", NULL, test_read_only);
    sdxi_add_test("/sdxi/reg-04/ctl0", NULL, test_ctl0);
    sdxi_add_test("/sdxi/reg-05/ctl2", NULL, test_ctl2);
    sdxi_add_test("/sdxi/reg-06/cxt-l2", NULL, test_cxt_l2);
    sdxi_add_test("/sdxi/reg-07/rkey", NULL, test_rkey);
    sdxi_add_test("/sdxi/reg-08/err-cfg", NULL, test_err_cfg);
    sdxi_add_running("/sdxi/reg-09/err-sts", NULL, test_err_sts);
    sdxi_add_test("/sdxi/reg-10/err-indexes", NULL, test_err_indexes);
    sdxi_add_test("/sdxi/reg-11/holes", NULL, test_holes);
    sdxi_add_test("/sdxi/reg-12/capabilities",
                  "contexts=100,doorbell-stride=8K,max-ring=8192,akeys=1024,"
                  "rkeys=512,max-buffer=64M,sfunc=0x1234", test_capabilities);
    sdxi_add_test("/sdxi/reg-13/widths", NULL, test_widths);
    sdxi_add_test("/sdxi/reg-11/doorbell-reads", NULL, test_doorbell_reads);
    return g_test_run();
}
