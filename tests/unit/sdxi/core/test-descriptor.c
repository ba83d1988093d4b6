/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes to operations: golden descriptors, and every refusal by name.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/descriptor.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/unit/sdxi/fake-guest.h"

static const SdxiGates admin = {
    .groups = 0x18, .max_buffer = 11, .admin = true,
};
static const SdxiGates client = { .groups = 0x18, .max_buffer = 0 };

static SdxiDsc load(Dsc d)
{
    SdxiDsc dsc;

    for (unsigned i = 0; i < 8; i++) {
        dsc.q[i] = d.dw[2 * i] | (uint64_t)d.dw[2 * i + 1] << 32;
    }
    return dsc;
}

static SdxiRefusal parse(const SdxiGates *gates, Dsc d, SdxiOp *op)
{
    SdxiDsc dsc = load(d);

    return sdxi_descriptor_parse(&sdxi_profile_standard, gates, &dsc, op);
}

static void accepted(Dsc d, const char *name, SdxiOp *op)
{
    g_assert_cmpint(parse(&admin, d, op), ==, SDXI_ACCEPTED);
    g_assert_cmpstr(op->row->name, ==, name);
}

/* Dwords as they are known from software. */
static void test_golden(void)
{
    SdxiOp op;

    accepted((Dsc) { { 0x00010101, [14] = 1 } }, "NOP", &op);
    g_assert_false(op.has_csb);
    accepted((Dsc) { { 0x00010301, 0xff, 0, 0x00020001, 0x1000, 0, 0x2000,
                       [14] = 1 } }, "COPY", &op);
    g_assert_cmpuint(op.bytes, ==, 0x100);
    g_assert_cmpuint(op.akey[0], ==, 1);
    g_assert_cmpuint(op.akey[1], ==, 2);
    g_assert_cmphex(op.addr[0], ==, 0x1000);
    g_assert_cmphex(op.addr[1], ==, 0x2000);
    accepted((Dsc) { { 0x00010305, 0xff, [14] = 0x5020 } }, "COPY", &op);
    g_assert_true(op.has_csb);
    g_assert_cmphex(op.csb, ==, 0x5020);
    accepted((Dsc) { { 0x00010201, 3, 0, 0, 0x3000, 0, 0xdeadbeef,
                       [14] = 1 } }, "WRT_IMM", &op);
    g_assert_cmpuint(op.bytes, ==, 4);
    g_assert_cmphex(op.addr[0], ==, 0x3000);
    accepted((Dsc) { { 0x00040001, 0, 0, 0x4d2, [14] = 1 } }, "INTR", &op);
    g_assert_cmpuint(op.akey[0], ==, 1234);
    accepted((Dsc) { { 0x00020305, 0, 0xffff0001, [14] = 1 } },
             "CXT_START_NM", &op);
    g_assert_cmpuint(op.cxt_start, ==, 1);
    g_assert_cmpuint(op.cxt_end, ==, 0xffff);
    accepted((Dsc) { { 0x00020405, 0, 0x00010001, [14] = 1 } }, "CXT_STOP",
             &op);
    accepted((Dsc) { { 0x00020601, 1, 0x00010001, [14] = 0x5020 } }, "SYNC",
             &op);
    g_assert_cmphex(op.csb, ==, 0x5020);
}

static void refused(const SdxiGates *gates, Dsc d, SdxiRefusal why)
{
    SdxiOp op;

    g_assert_cmpstr(sdxi_descriptor_refusal_name(parse(gates, d, &op)), ==,
                    sdxi_descriptor_refusal_name(why));
}

static void test_unknown(void)
{
    refused(&admin, (Dsc) { { 0x00010001 } }, SDXI_REFUSE_OPERATION);
    refused(&admin, (Dsc) { { 0x00010501 } }, SDXI_REFUSE_OPERATION);
    refused(&admin, (Dsc) { { 0x00020901 } }, SDXI_REFUSE_OPERATION);
    refused(&admin, (Dsc) { { 0x00030401 } }, SDXI_REFUSE_OPERATION);
    refused(&admin, (Dsc) { { 0x00040101 } }, SDXI_REFUSE_OPERATION);
    refused(&admin, (Dsc) { { 0x00000101 } }, SDXI_REFUSE_GROUP);
    refused(&admin, (Dsc) { { 0x00060001 } }, SDXI_REFUSE_GROUP);
    refused(&admin, (Dsc) { { 0x07f70001 } }, SDXI_REFUSE_GROUP);
    refused(&admin, (Dsc) { { 0x07ff0001 } }, SDXI_REFUSE_GROUP);
}

static void test_reserved(void)
{
    SdxiOp op;

    for (unsigned bit = 0; bit < 32; bit++) {
        bool reserved = (bit >= 5 && bit <= 7) || bit >= 27;
        Dsc d = { { 0x00010101 | 1u << bit } };

        if (bit >= 8 && bit < 27) {
            continue;       /* another operation */
        }
        g_assert_cmpint(parse(&admin, d, &op), ==,
                        bit == 5 ? SDXI_REFUSE_READ_BARRIER :
                        reserved ? SDXI_REFUSE_RESERVED : SDXI_ACCEPTED);
    }
    /* elsewhere they are tolerated */
    accepted((Dsc) { { 0x00010101, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
                       0x1f, 0 } }, "NOP", &op);
}

static void test_disabled(void)
{
    static const SdxiGates none = { .max_buffer = 11, .admin = true };
    SdxiOp op;

    refused(&none, (Dsc) { { 0x00040001 } }, SDXI_REFUSE_DISABLED);
    refused(&none, (Dsc) { { 0x00030101 } }, SDXI_REFUSE_DISABLED);
    refused(&none, (Dsc) { { 0x00050101 } }, SDXI_REFUSE_DISABLED);
    g_assert_cmpint(parse(&none, (Dsc) { { D_NOP } }, &op), ==,
                    SDXI_ACCEPTED);
    g_assert_cmpint(parse(&none, (Dsc) { { D_SYNC } }, &op), ==,
                    SDXI_ACCEPTED);
}

static void test_admin(void)
{
    for (unsigned sub = 0; sub <= 8; sub++) {
        Dsc d = { { 0x00020001 | sub << 8 } };
        SdxiOp op;

        refused(&client, d, SDXI_REFUSE_ADMIN);
        g_assert_cmpint(parse(&admin, d, &op), ==, SDXI_ACCEPTED);
    }
}

static void test_sizes(void)
{
    SdxiOp op;

    g_assert_cmpint(parse(&client, dsc_copy(0, 0, 2 << 20, 0, 0, 0), &op),
                    ==, SDXI_ACCEPTED);
    refused(&client, dsc_copy(0, 0, (2 << 20) + 1, 0, 0, 0),
            SDXI_REFUSE_SIZE);
    refused(&client, dsc_repcopy(0, 0, 4 << 20, 0), SDXI_REFUSE_SIZE);
    g_assert_cmpint(parse(&admin, dsc_copy(0, 0, UINT64_C(1) << 32, 0, 0, 0),
                          &op), ==, SDXI_ACCEPTED);
    g_assert_cmphex(op.bytes, ==, UINT64_C(1) << 32);
    refused(&admin, dsc_repcopy(0, 0, 4095, 0), SDXI_REFUSE_GRANULE);
    refused(&admin, dsc_repcopy(0, 0, 4097, 0), SDXI_REFUSE_GRANULE);
    g_assert_cmpint(parse(&admin, dsc_repcopy(1, 1, 8192, 0), &op), ==,
                    SDXI_ACCEPTED);
    refused(&admin, (Dsc) { { D_WRT_IMM, 32 } }, SDXI_REFUSE_IMMEDIATE);
    refused(&admin, (Dsc) { { D_WRT_IMM, UINT32_MAX } },
            SDXI_REFUSE_IMMEDIATE);
    g_assert_cmpint(parse(&admin, (Dsc) { { D_WRT_IMM, 31 } }, &op), ==,
                    SDXI_ACCEPTED);
    refused(&admin, (Dsc) { { 0x00030101, 0, 0, 0, 2 } },
            SDXI_REFUSE_ALIGNMENT);
    refused(&admin, (Dsc) { { 0x00030101, 1, 0, 0, 4 } },
            SDXI_REFUSE_ALIGNMENT);
    g_assert_cmpint(parse(&admin, (Dsc) { { 0x00030101, 0, 0, 0, 4 } }, &op),
                    ==, SDXI_ACCEPTED);
}

static void test_ranges(void)
{
    Dsc d = dsc_admin(D_START_NM, 5, 4, 0);
    SdxiOp op;

    refused(&admin, d, SDXI_REFUSE_RANGE);
    d = dsc_admin(D_STOP, 5, 5, 0);
    d.dw[1] |= 1 << 15;
    d.dw[1] |= 0x1234 << 16;
    g_assert_cmpint(parse(&admin, d, &op), ==, SDXI_ACCEPTED);
    g_assert_true(op.for_vf);
    g_assert_cmphex(op.vf_num, ==, 0x1234);
}

/* What a vendor adds: one file of rows, one line in a profile. */
static SdxiOutcome vendor_run(SdxiExec *x)
{
    return SDXI_DONE;
}

static const SdxiOpRow vendor_rows[] = {
    { .subtype = 0x42, .shape = SDXI_SHAPE_OPAQUE, .name = "VENDOR",
      .run = vendor_run, .repeatable = true,
      .section = "of the vendor" },
};

static const SdxiOpGroup vendor_group = {
    .type = 28, .vendor = true, .name = "VendorGrp", .rows = vendor_rows,
    .num_rows = ARRAY_SIZE(vendor_rows),
};

static void test_vendor(void)
{
    static const SdxiOpGroup *const groups[] = { &vendor_group };
    static const SdxiProfile profile = { groups, ARRAY_SIZE(groups) };
    SdxiGates gates = { .groups = 1u << 28 };
    SdxiDsc dsc = load((Dsc) { { 28 << 16 | 0x4201 } });
    SdxiOp op;

    g_assert_null(sdxi_profile_check(&profile));
    g_assert_cmpint(sdxi_descriptor_parse(&profile, &gates, &dsc, &op), ==,
                    SDXI_ACCEPTED);
    g_assert_cmpstr(op.row->name, ==, "VENDOR");
    gates.groups = 0;
    g_assert_cmpint(sdxi_descriptor_parse(&profile, &gates, &dsc, &op), ==,
                    SDXI_REFUSE_DISABLED);
}

/* Through the function: the context stops, and says so. */
static void test_refused_stops(void)
{
    FakeHost *g = guest_new(NULL);
    Dsc bad = { { 0x00010001, [14] = 1 } };

    guest_log(g);
    guest_activate(g);
    for (unsigned n = 1; n <= 2; n++) {
        guest_context(g, n, n, STOP_SW);
        guest_start(g, n);
    }
    guest_do(g, 1, 1, bad);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 7);
    g_assert_cmpuint(guest_log_entry(g, 0).sub, ==, 3);
    guest_do(g, 2, 2, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 2), ==, 1);
    /* an administrative one in a client's ring */
    guest_do(g, 2, 2, dsc_admin(D_STOP, 0, 0xffff, 0));
    g_assert_cmpuint(guest_state(g, 2), ==, ERR_FN);
    g_assert_cmpuint(guest_state(g, 0), ==, RUN);
    guest_free(g);
}

/* Enabled by L1, by CTL2 and by the function, or not at all. */
static void test_enable_chain(void)
{
    FakeHost *g = guest_new(NULL);

    guest_log(g);
    guest_activate(g);
    guest_context(g, 1, 1, STOP_SW);
    guest_akey(g, 1, 0, 0x13, 0);
    fake_st(g, G_L1(0) + 32 + 16, UINT64_C(11) << 20);
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_intr(0, 0));
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    g_assert_cmpuint(g->interrupts[1], ==, 0);
    fake_st(g, G_L1(0) + 32 + 16, UINT64_C(11) << 20 | UINT64_C(0x10) << 32);
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_intr(0, 0));
    g_assert_cmpuint(g->interrupts[1], ==, 1);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    guest_wr(g, R_CTL2, guest_rd(g, R_CTL2) & UINT32_MAX);
    fake_st(g, G_STS(0), RUN);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    fake_st(g, G_STS(1), RUN);
    guest_do(g, 1, 1, dsc_intr(0, 0));
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    g_assert_cmpuint(g->interrupts[1], ==, 1);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/descriptor/golden", test_golden);
    g_test_add_func("/sdxi/dma-08/unknown", test_unknown);
    g_test_add_func("/sdxi/dma-08/refused-stops", test_refused_stops);
    g_test_add_func("/sdxi/dma-09/disabled", test_disabled);
    g_test_add_func("/sdxi/dma-09/enable-chain", test_enable_chain);
    g_test_add_func("/sdxi/cxt-10/admin-elsewhere", test_admin);
    g_test_add_func("/sdxi/descriptor/reserved", test_reserved);
    g_test_add_func("/sdxi/descriptor/sizes", test_sizes);
    g_test_add_func("/sdxi/descriptor/ranges", test_ranges);
    g_test_add_func("/sdxi/descriptor/vendor", test_vendor);
    return g_test_run();
}
