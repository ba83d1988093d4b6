/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every row promises, tried on every row of a real device: every input
 * length, hardly any room for the response, every gate, and opcodes that have
 * no row.  What single commands answer is tested set by set; that rows are
 * right by themselves, in test-profiles.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"
#include "tests/unit/cxl/small-room.h"

#define PAYLOAD 2048
#define LENGTHS (PAYLOAD + 80)
#define SECOND 1000000000ll

typedef struct Bench {
    FakeHost *h;
    CxlCci *cci;
    uint8_t in[LENGTHS], out[PAYLOAD];
    uint32_t out_len;
} Bench;

/* A device that has everything a row may need. */
static FakeHost *complete_device(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.num_dc_regions = 2;
    for (unsigned i = 0; i < 2; i++) {
        cfg.dc_regions[i] = (CxlDcRegionConfig) {
            .base = (1280 + i * 256) * MiB, .len = 256 * MiB,
            .block_size = 2 * MiB, .dsmad_handle = 2 + i,
            .flags = i ? CXL_DC_REGION_SHARABLE : 0,
        };
    }
    return fake_host_new(&cfg);
}

static CxlRc run(Bench *b, uint16_t opcode, uint32_t len)
{
    uint16_t vendor;
    CxlRc rc;

    b->out_len = UINT32_MAX;
    rc = cxl_cci_execute(b->cci, opcode, b->in, len, b->out, PAYLOAD,
                         &b->out_len, &vendor);
    g_assert_cmpuint(b->out_len, <=, PAYLOAD);
    g_assert_cmpuint(rc, <=, 0x20);
    if (rc != CXL_RC_SUCCESS) {
        g_assert_cmpuint(b->out_len, ==, 0);
    }
    return rc;
}

typedef void RowFn(Bench *b, const CxlCmdRow *row);

static CxlCci *interface(FakeHost *h, unsigned i)
{
    CxlCci *all[] = { &h->dev->cci, &h->dev->fm_cci, &h->dev->ld_cci };

    return i < G_N_ELEMENTS(all) ? all[i] : NULL;
}

/* Each row meets a device that nothing has been done to. */
static void for_rows(RowFn *fn)
{
    for (unsigned i = 0; ; i++) {
        FakeHost *probe = complete_device();
        CxlCci *cci = interface(probe, i);
        unsigned rows = cci ? cci->num_rows : 0;

        fake_host_free(probe);
        for (unsigned r = 0; r < rows; r++) {
            Bench b = { .h = complete_device() };

            b.cci = interface(b.h, i);
            fn(&b, b.cci->rows[r]);
            fake_check(b.h);
            fake_host_free(b.h);
        }
        if (!rows) {
            return;
        }
    }
}

/* What a refused command must leave as it was: all that is saved. */
static GByteArray *state_of(Bench *b)
{
    GByteArray *bytes = g_byte_array_new();

    /* The history of commands is the one thing that has to change. */
    cxl_logs_clear_history(&b->h->dev->logs);
    memset(&b->h->dev->logs, 0, sizeof(b->h->dev->logs));
    cxl_memdev_save(b->h->dev, bytes);
    return bytes;
}

static void expect_refusal(Bench *b, const CxlCmdRow *row, uint32_t len,
                           CxlRc rc)
{
    g_autoptr(GByteArray) before = state_of(b);
    g_autoptr(GByteArray) after = NULL;
    CxlRc got = run(b, row->opcode, len);

    if (got != rc) {
        g_test_message("%04xh, %u bytes", row->opcode, len);
    }
    g_assert_cmphex(got, ==, rc);
    after = state_of(b);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
}

static bool fits(const CxlCmdRow *row, uint32_t len)
{
    return len >= row->in_min && len <= MIN(row->in_max, PAYLOAD);
}

static void lengths_of(Bench *b, const CxlCmdRow *row)
{
    static const uint8_t fills[] = { 0x00, 0xff, 0x01, 0x5a };

    for (unsigned f = 0; f < G_N_ELEMENTS(fills); f++) {
        memset(b->in, fills[f], sizeof(b->in));
        for (uint32_t len = 0; len < LENGTHS; len++) {
            if (!fits(row, len)) {
                g_assert_cmphex(run(b, row->opcode, len), ==,
                                CXL_RC_PAYLOAD_LENGTH);
                continue;
            }
            run(b, row->opcode, len);
            /* Whatever it began, ends. */
            fake_host_run(b->h, 100 * SECOND);
            g_assert_false(b->cci->bg.running);
        }
        fake_check(b->h);
    }
    if (row->in_min) {
        expect_refusal(b, row, row->in_min - 1, CXL_RC_PAYLOAD_LENGTH);
    }
    if (row->in_max < PAYLOAD) {
        expect_refusal(b, row, row->in_max + 1, CXL_RC_PAYLOAD_LENGTH);
    }
}

static void test_lengths(void)
{
    for_rows(lengths_of);
}

static void small_room_here(Bench *b, const CxlCmdRow *row)
{
    bool overflowed;

    for (unsigned i = 0; i < 8; i++) {
        cxl_poison_add(&b->h->dev->poison, i * 4 * KiB, CXL_POISON_LINE,
                       CXL_POISON_INJECTED, true, 0, &overflowed);
    }
    small_room_of_row(b->cci, row);
    fake_host_run(b->h, 100 * SECOND);
}

static void test_small_room(void)
{
    for_rows(small_room_here);
}

static void media_gate_of(Bench *b, const CxlCmdRow *row)
{
    cxl_memdev_set_media_state(b->h->dev, CXL_MEDIA_DISABLED);
    if (row->gates & CXL_GATE_MEDIA) {
        expect_refusal(b, row, row->in_min, CXL_RC_MEDIA_DISABLED);
    } else {
        g_assert_cmphex(run(b, row->opcode, row->in_min), !=,
                        CXL_RC_MEDIA_DISABLED);
    }
}

static void test_media_gate(void)
{
    for_rows(media_gate_of);
}

static void lock_gate_of(Bench *b, const CxlCmdRow *row)
{
    CxlSecurity *s = &b->h->dev->security;

    s->set[CXL_PASSPHRASE_USER] = s->locked = true;
    if (row->gates & CXL_GATE_LOCK) {
        expect_refusal(b, row, row->in_min, CXL_RC_SECURITY_STATE);
    } else {
        run(b, row->opcode, row->in_min);
    }
}

static void test_lock_gate(void)
{
    for_rows(lock_gate_of);
}

/* Beside an operation that takes time, no other can begin. */
static void busy_gate_of(Bench *b, const CxlCmdRow *row)
{
    bool primary = b->cci == &b->h->dev->cci;
    bool gated = (row->effects & CXL_FX_BACKGROUND) ||
                 (row->gates & CXL_GATE_BUSY);
    uint8_t whole[17] = { 0 };

    if (!primary) {
        g_assert_cmphex(row->effects & CXL_FX_BACKGROUND, ==, 0);
        return;
    }
    stq_le_p(whole + 8, 512 * MiB / 64);
    memcpy(b->in, whole, sizeof(whole));
    g_assert_cmphex(run(b, CXL_OP_SCAN_MEDIA, sizeof(whole)), ==,
                    CXL_RC_BACKGROUND);
    memset(b->in, 0, sizeof(b->in));
    if (gated) {
        expect_refusal(b, row, row->in_min, CXL_RC_BUSY);
        g_assert_true(b->cci->bg.running);
    } else {
        g_assert_cmphex(run(b, row->opcode, row->in_min), !=, CXL_RC_BUSY);
    }
}

static void test_busy_gate(void)
{
    for_rows(busy_gate_of);
}

/* The length is judged before any state: a guest learns it at any time. */
static void order_of(Bench *b, const CxlCmdRow *row)
{
    CxlSecurity *s = &b->h->dev->security;

    cxl_memdev_set_media_state(b->h->dev, CXL_MEDIA_DISABLED);
    s->set[CXL_PASSPHRASE_USER] = s->locked = true;
    expect_refusal(b, row, PAYLOAD + 1, CXL_RC_PAYLOAD_LENGTH);
}

static void test_gate_order(void)
{
    for_rows(order_of);
}

static void test_other_opcodes(void)
{
    Bench b = { .h = complete_device() };

    for (unsigned i = 0; (b.cci = interface(b.h, i)); i++) {
        for (uint32_t opcode = 0; opcode <= UINT16_MAX; opcode++) {
            if (!cxl_cci_find(b.cci, opcode)) {
                g_assert_cmphex(run(&b, opcode, opcode % LENGTHS), ==,
                                CXL_RC_UNSUPPORTED);
            }
        }
    }
    fake_check(b.h);
    fake_host_free(b.h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/rows/lengths", test_lengths);
    g_test_add_func("/cxl/rows/small-room", test_small_room);
    g_test_add_func("/cxl/rows/media-gate", test_media_gate);
    g_test_add_func("/cxl/rows/lock-gate", test_lock_gate);
    g_test_add_func("/cxl/rows/busy-gate", test_busy_gate);
    g_test_add_func("/cxl/rows/gate-order", test_gate_order);
    g_test_add_func("/cxl/rows/other-opcodes", test_other_opcodes);
    return g_test_run();
}
