/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table is read as our own mailbox gives it, byte by byte the same; and a
 * device that answers late, with other lengths, or for ever is refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/cdat.h"
#include "hw/common/cdat-reader.h"
#include "hw/common/doe.h"

/* --- a device that is as it should be ------------------------------------ */

typedef struct Good {
    Doe doe;
    Cdat cdat;
} Good;

static unsigned answer(void *opaque, const uint32_t *request, unsigned dwords,
                       uint32_t *response, unsigned max)
{
    Good *good = opaque;

    return cdat_doe(&good->cdat, request, dwords, response, max);
}

static const DoeRow rows[] = {
    { DOE_VENDOR_CXL, CDAT_DOE_TYPE, answer },
};

static uint32_t good_read(void *opaque, unsigned reg)
{
    Good *good = opaque;

    return doe_read(&good->doe, reg, 4);
}

static void good_write(void *opaque, unsigned reg, uint32_t value)
{
    Good *good = opaque;

    doe_write(&good->doe, reg, value, 4);
}

static const CdatReaderOps good_ops = { good_read, good_write };

static void expect_good(const CdatRange *ranges, unsigned count)
{
    g_autofree Good *good = g_new0(Good, 1);
    GByteArray *table;

    cdat_init(&good->cdat);
    cdat_build(&good->cdat, ranges, count);
    doe_init(&good->doe, rows, G_N_ELEMENTS(rows), good, NULL);
    table = cdat_reader_fetch(&good_ops, good);
    g_assert_nonnull(table);
    g_assert_cmpmem(table->data, table->len, good->cdat.table->data,
                    good->cdat.table->len);
    g_assert_null(doe_check(&good->doe));
    g_assert_cmphex(doe_read(&good->doe, DOE_REG_STATUS, 4), ==, 0);
    g_byte_array_unref(table);
    cdat_destroy(&good->cdat);
}

static void test_good(void)
{
    static const CdatRange ranges[] = {
        { .size = 1 << 28, .handle = 1, .read_latency_ps = 150000,
          .write_latency_ps = 250000, .read_mbps = 16000 },
        { .base = 1 << 28, .size = 1 << 28, .handle = 2, .read_mbps = 8000 },
    };

    expect_good(NULL, 0);
    expect_good(ranges, 1);
    expect_good(ranges, 2);
}

static void test_other_protocol(void)
{
    g_autofree Good *good = g_new0(Good, 1);

    doe_init(&good->doe, NULL, 0, good, NULL);
    g_assert_null(cdat_reader_fetch(&good_ops, good));
    g_assert_cmphex(doe_read(&good->doe, DOE_REG_STATUS, 4), ==, 0);
}

/* --- devices that are not ------------------------------------------------- */

typedef struct Bad {
    uint32_t status;
    uint32_t length;            /* in the header of each answer */
    uint16_t next;              /* handle in each answer */
    uint32_t taken;             /* dwords of this answer */
    unsigned asked, aborted;
} Bad;

static uint32_t bad_read(void *opaque, unsigned reg)
{
    Bad *bad = opaque;

    if (reg == DOE_REG_STATUS) {
        return bad->status;
    }
    return bad->taken == 1 ? bad->length :
           bad->taken == 2 ? (uint32_t)bad->next << 16 : 0xcafe0000;
}

static void bad_write(void *opaque, unsigned reg, uint32_t value)
{
    Bad *bad = opaque;

    if (reg == DOE_REG_READ) {
        bad->taken++;
    } else if (reg == DOE_REG_CTRL) {
        bad->taken = 0;
        bad->asked += value == DOE_CTRL_GO;
        bad->aborted += value == DOE_CTRL_ABORT;
    }
}

static const CdatReaderOps bad_ops = { bad_read, bad_write };

static void expect_refused(Bad bad, unsigned asked)
{
    g_assert_null(cdat_reader_fetch(&bad_ops, &bad));
    g_assert_cmpuint(bad.asked, ==, asked);
    g_assert_cmpuint(bad.aborted, ==, 1);
}

static void test_refused(void)
{
    expect_refused((Bad) { .status = DOE_STATUS_BUSY }, 1);
    expect_refused((Bad) { .status = DOE_STATUS_ERROR }, 1);
    expect_refused((Bad) { .status = DOE_STATUS_READY, .length = 2 }, 1);
    /* 0 stands for the longest object there can be. */
    expect_refused((Bad) { .status = DOE_STATUS_READY, .length = 0 }, 1);
    expect_refused((Bad) { .status = DOE_STATUS_READY,
                           .length = 0x10000 / 4 + 4 }, 1);
    /* One that never says that an entry is the last */
    expect_refused((Bad) { .status = DOE_STATUS_READY, .length = 4,
                           .next = 1 }, 1024);
}

/* The longest entry, and one without a byte */
static void test_lengths(void)
{
    Bad bad = {
        .status = DOE_STATUS_READY, .length = 0x10000 / 4 + 3, .next = 0xffff,
    };
    GByteArray *table = cdat_reader_fetch(&bad_ops, &bad);

    g_assert_nonnull(table);
    g_assert_cmpuint(table->len, ==, 0x10000);
    g_assert_cmphex((uint32_t)ldl_le_p(table->data + 0xfffc), ==,
                    0xcafe0000);
    g_byte_array_unref(table);
    bad.length = 3;
    table = cdat_reader_fetch(&bad_ops, &bad);
    g_assert_nonnull(table);
    g_assert_cmpuint(table->len, ==, 0);
    g_byte_array_unref(table);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/common/cdat-reader/good", test_good);
    g_test_add_func("/common/cdat-reader/other-protocol",
                    test_other_protocol);
    g_test_add_func("/common/cdat-reader/refused", test_refused);
    g_test_add_func("/common/cdat-reader/lengths", test_lengths);
    return g_test_run();
}
