/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/mld, 54xxh: what the FM-owned logical device says and takes, and
 * every length.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/mld-fixture.h"
#include "tests/unit/cxl/small-room.h"

static void test_info(void)
{
    Mld *m = begin();

    g_assert_cmphex(ask(m, CXL_OP_MLD_INFO, NULL, 0), ==, 0);
    g_assert_cmpuint(m->out_len, ==, 11);
    g_assert_cmpuint(ldq_le_p(m->out), ==, 1280 * MiB);
    g_assert_cmpuint(lduw_le_p(m->out + 8), ==, LDS);
    g_assert_cmpuint(m->out[10], ==, 3);
    cxl_mld_set(m->mld, 2, NULL, 0, 0);
    g_assert_cmphex(ask(m, CXL_OP_MLD_INFO, NULL, 0), ==, 0);
    g_assert_cmpuint(ldq_le_p(m->out), ==, 0);
    finish(m);
}

static void test_allocations(void)
{
    Mld *m = begin();

    for (unsigned start = 0; start < 256; start += start < 8 ? 1 : 31) {
        for (unsigned limit = 0; limit < 256; limit += limit < 8 ? 1 : 31) {
            uint8_t in[] = { start, limit };
            unsigned n = start < LDS ? MIN(limit, LDS - start) : 0;

            g_assert_cmphex(ask(m, CXL_OP_MLD_ALLOCATIONS, in, 2), ==,
                            n ? CXL_RC_SUCCESS : CXL_RC_INVALID_INPUT);
            if (!n) {
                continue;
            }
            g_assert_cmpuint(m->out_len, ==, 4 + 16 * n);
            g_assert_cmpuint(m->out[0], ==, LDS);
            g_assert_cmpuint(m->out[2], ==, start);
            g_assert_cmpuint(m->out[3], ==, n);
            if (start <= 2 && start + n > 2) {
                const uint8_t *ld = m->out + 4 + 16 * (2 - start);

                g_assert_cmpuint(ldq_le_p(ld), ==, 2);
                g_assert_cmpuint(ldq_le_p(ld + 8), ==, 3);
            }
        }
    }
    for (unsigned len = 0; len < 5; len++) {
        g_assert_cmphex(ask(m, CXL_OP_MLD_ALLOCATIONS, "\0\1\0\0\0", len), ==,
                        len == 2 ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    finish(m);
}

/* One whose memory nobody divides does not know the command. */
static void test_cannot_allocate(void)
{
    Mld *m = begin();
    uint8_t in[20] = { 1 };

    g_assert_cmphex(ask(m, CXL_OP_MLD_ALLOCATE, in, sizeof(in)), ==,
                    CXL_RC_UNSUPPORTED);
    finish(m);
}

typedef struct Divided {
    CxlMld *mld;
    CxlRc rc;
    unsigned calls, start, count;
} Divided;

static CxlRc divide(void *opaque, unsigned start, unsigned count,
                    const uint64_t (*range)[2])
{
    Divided *d = opaque;

    d->calls++;
    d->start = start;
    d->count = count;
    for (unsigned i = 0; !d->rc && i < count; i++) {
        cxl_mld_set(d->mld, start + i, NULL, range[i][0], range[i][1]);
    }
    return d->rc;
}

static int64_t no_time(void *opaque)
{
    return 0;
}

static void no_trace(void *opaque, CxlTraceStep step, uint64_t a, uint64_t b,
                     uint64_t c)
{
}

static uint8_t out[512];
static uint32_t out_len;

static CxlRc set(Divided *d, unsigned start, unsigned count,
                 const uint64_t *units, uint32_t len)
{
    uint8_t in[512] = { count, start };
    uint16_t vendor;

    for (unsigned i = 0; i < 2 * count && i < 2 * CXL_MLD_LDS; i++) {
        stq_le_p(in + 4 + 8 * i, units[i]);
    }
    return cxl_cci_execute(&d->mld->cci, CXL_OP_MLD_ALLOCATE, in, len, out,
                           sizeof(out), &out_len, &vendor);
}

static Divided *divided_new(void)
{
    static const CxlMldOps mld_ops = { .allocate = divide };
    static const CxlMldConfig cfg = {
        .lds = LDS, .serial = 77, .capacity = 8 * CXL_MLD_UNIT,
        .ops = &mld_ops,
    };
    static const CxlHostOps ops = { .now_ns = no_time, .trace = no_trace };
    Divided *d = g_new0(Divided, 1);

    d->mld = cxl_mld_new(&cfg, &ops, d);
    cxl_mld_set(d->mld, 0, NULL, 3 * CXL_MLD_UNIT, 0);
    cxl_mld_set(d->mld, 3, NULL, 0, 2 * CXL_MLD_UNIT);
    return d;
}

static void divided_free(Divided *d)
{
    g_assert_cmpstr(cxl_mld_check(d->mld), ==, NULL);
    cxl_mld_free(d->mld);
    g_free(d);
}

static void test_allocate(void)
{
    static const uint64_t units[] = { 1, 2, 0, 0, 3, 0 };
    Divided *d = divided_new();
    uint16_t vendor;

    g_assert_cmphex(set(d, 0, 3, units, 4 + 3 * 16), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(out_len, ==, 4 + 3 * 16);
    g_assert_cmpuint(out[0], ==, 3);
    g_assert_cmpuint(out[1], ==, 0);
    g_assert_cmpuint(ldq_le_p(out + 4 + 8), ==, 2);
    g_assert_cmpuint(ldq_le_p(out + 4 + 32), ==, 3);
    g_assert_cmphex(d->mld->ld[0].range[1], ==, 2 * CXL_MLD_UNIT);
    g_assert_cmphex(d->mld->ld[2].range[0], ==, 3 * CXL_MLD_UNIT);
    g_assert_cmphex(cxl_cci_execute(&d->mld->cci, CXL_OP_MLD_INFO, NULL, 0,
                                    out, sizeof(out), &out_len, &vendor), ==,
                    0);
    g_assert_cmphex(ldq_le_p(out), ==, 8 * CXL_MLD_UNIT);
    /* Whoever has the memory refuses. */
    d->rc = CXL_RC_INVALID_INPUT;
    g_assert_cmphex(set(d, 3, 1, units + 2, 4 + 16), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(d->calls, ==, 2);
    g_assert_cmpuint(d->start, ==, 3);
    g_assert_cmpuint(d->count, ==, 1);
    divided_free(d);
}

/* Those never reach him. */
static void test_allocate_refused(void)
{
    static const uint64_t too_much[][2] = {
        { 4, 0 }, { 3, 1 }, { 0, 4 }, { UINT64_MAX, 0 }, { 1, UINT64_MAX },
        { 1ull << 36, 0 }, { 8, 8 },
    };
    static const uint64_t none[2 * CXL_MLD_LDS];
    Divided *d = divided_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(too_much); i++) {
        g_assert_cmphex(set(d, 1, 1, too_much[i], 4 + 16), ==,
                        CXL_RC_RESOURCES);
    }
    for (unsigned len = 0; len < 80; len++) {
        if (len != 4 + 2 * 16) {
            g_assert_cmphex(set(d, 0, 2, none, len), ==,
                            CXL_RC_PAYLOAD_LENGTH);
        }
    }
    for (unsigned count = 0; count <= 16; count++) {
        for (unsigned start = 0; start < 256; start++) {
            if (!count || start + count > LDS) {
                g_assert_cmphex(set(d, start, count, none, 4 + 16 * count), ==,
                                CXL_RC_INVALID_INPUT);
            }
        }
    }
    g_assert_cmpuint(d->calls, ==, 0);
    g_assert_cmphex(set(d, 0, LDS, none, 4 + 16 * LDS), ==, 0);
    g_assert_cmphex(cxl_mld_allocated(d->mld), ==, 0);
    divided_free(d);
}

static void test_qos(void)
{
    Mld *m = begin();
    CxlMldQos good = { 3, 100, 1, 15, cpu_to_le16(0xffff), 255 }, bad[7];
    static const uint8_t defaults[] = { 0, 10, 25, 8, 0, 0, 64 };

    g_assert_cmphex(ask(m, CXL_OP_MLD_QOS_GET, NULL, 0), ==, 0);
    g_assert_cmpmem(m->out, m->out_len, defaults, sizeof(defaults));
    g_assert_cmphex(ask(m, CXL_OP_MLD_QOS_SET, &good, 7), ==, 0);
    g_assert_cmpmem(m->out, m->out_len, &good, sizeof(good));
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        bad[i] = good;
    }
    bad[0].control = 4;
    bad[1].moderate = 0;
    bad[2].moderate = 101;
    bad[3].severe = 0;
    bad[4].severe = 101;
    bad[5].sample = 16;
    bad[6].control = 0x80;
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmphex(ask(m, CXL_OP_MLD_QOS_SET, &bad[i], 7), ==,
                        CXL_RC_INVALID_INPUT);
    }
    for (unsigned len = 0; len < 10; len++) {
        uint8_t raw[10] = { 0, 1, 1 };

        g_assert_cmphex(ask(m, CXL_OP_MLD_QOS_SET, raw, len), ==,
                        len == 7 ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    g_assert_cmphex(ask(m, CXL_OP_MLD_QOS_STATUS, NULL, 0), ==, 0);
    g_assert_cmpuint(m->out_len, ==, 1);
    finish(m);
}

/* Two arrays that know nothing of each other */
static void test_fractions(void)
{
    static const uint16_t get[] = { CXL_OP_MLD_BW_GET, CXL_OP_MLD_LIMIT_GET };
    static const uint16_t set[] = { CXL_OP_MLD_BW_SET, CXL_OP_MLD_LIMIT_SET };
    Mld *m = begin();

    for (unsigned k = 0; k < 2; k++) {
        uint8_t in[2 + 255] = { 3, 1, 10 + k, 20 + k, 30 + k };
        uint8_t all[] = { 4, 0 };

        g_assert_cmphex(ask(m, set[k], in, 5), ==, 0);
        g_assert_cmpmem(m->out, m->out_len, in, 5);
        g_assert_cmphex(ask(m, get[k], all, 2), ==, 0);
        g_assert_cmpuint(m->out[2], ==, 0);
        g_assert_cmpmem(m->out + 3, 3, in + 2, 3);
        for (unsigned len = 0; len < 8; len++) {
            g_assert_cmphex(ask(m, set[k], in, len), ==,
                            len == 5 ? 0 : CXL_RC_PAYLOAD_LENGTH);
        }
        in[0] = 4;
        g_assert_cmphex(ask(m, set[k], in, 6), ==, CXL_RC_INVALID_INPUT);
        in[0] = 255;
        g_assert_cmphex(ask(m, set[k], in, 257), ==, CXL_RC_INVALID_INPUT);
        in[0] = 0;
        g_assert_cmphex(ask(m, set[k], in, 2), ==, CXL_RC_INVALID_INPUT);
        g_assert_cmphex(ask(m, get[k], in, 2), ==, CXL_RC_INVALID_INPUT);
        in[0] = 1;
        in[1] = 4;
        g_assert_cmphex(ask(m, get[k], in, 2), ==, CXL_RC_INVALID_INPUT);
    }
    g_assert_cmphex(ask(m, get[0], "\1\1", 2), ==, 0);
    g_assert_cmpuint(m->out[2], ==, 10);
    finish(m);
}

static void test_small_room(void)
{
    Mld *m = begin();

    small_room_of_all(cxl_mld_fm_cci(m->mld));
    finish(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mld-component/info", test_info);
    g_test_add_func("/cxl/mld-component/allocations", test_allocations);
    g_test_add_func("/cxl/mld-component/cannot-allocate",
                    test_cannot_allocate);
    g_test_add_func("/cxl/mld-component/allocate", test_allocate);
    g_test_add_func("/cxl/mld-component/allocate-refused",
                    test_allocate_refused);
    g_test_add_func("/cxl/mld-component/qos", test_qos);
    g_test_add_func("/cxl/mld-component/fractions", test_fractions);
    g_test_add_func("/cxl/mld-component/small-room", test_small_room);
    return g_test_run();
}
