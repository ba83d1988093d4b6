/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DVSECs of an endpoint: what software can and cannot change, locks, ranges,
 * reset, and state from strangers.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/dvsec.h"

#define DEV CXL_DVSEC_DEVICE

static const CxlDvsecConfig config = {
    .flit_256b = true, .function_map = true, .link_partner = 0xffff,
};

static uint32_t get(CxlDvsec *dv, unsigned n, unsigned offset, unsigned size)
{
    return cxl_dvsec_read(dv, n, offset, size);
}

static unsigned set(CxlDvsec *dv, unsigned offset, uint32_t value,
                    unsigned size)
{
    unsigned did = cxl_dvsec_write(dv, DEV, offset, value, size);

    g_assert_null(cxl_dvsec_check(dv));
    return did;
}

static void test_tables(void)
{
    CxlDvsec dv;
    unsigned end = 0;

    cxl_dvsec_init(&dv, &config, 0x10c);
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        const CxlConfigCap *cap = &dv.cap[n];

        g_assert_cmpstr(regbank_check(dv.bank[n].desc), ==, NULL);
        g_assert_cmpuint(cap->offset % 4, ==, 0);
        /* They do not overlap, whoever comes first. */
        g_assert_cmpuint(cap->offset, >=, end);
        end = cap->offset + cap->len;
        g_assert_cmphex(get(&dv, n, CXL_DVSEC_HDR1, 4) & 0xffff, ==,
                        CXL_DVSEC_VENDOR);
        g_assert_cmpuint(get(&dv, n, CXL_DVSEC_HDR1, 4) >> 20, ==, cap->len);
    }
    g_assert_cmphex(dv.cap[CXL_DVSEC_GPF].offset + CXL_DVSEC_GPF_LEN, <=,
                    0x190);
    g_assert_cmphex(dv.cap[CXL_DVSEC_FLEX].offset, ==, 0x250);
}

/* One of several logical devices says so. */
static void test_mld(void)
{
    CxlDvsecConfig mld = config;
    CxlDvsec dv;

    cxl_dvsec_init(&dv, &config, 0x100);
    g_assert_false(get(&dv, DEV, CXL_DVSEC_DEV_CAP, 2) &
                   CXL_DVSEC_DEV_CAP_MLD);
    mld.mld = true;
    cxl_dvsec_init(&dv, &mld, 0x100);
    g_assert_true(get(&dv, DEV, CXL_DVSEC_DEV_CAP, 2) &
                  CXL_DVSEC_DEV_CAP_MLD);
    g_assert_null(cxl_dvsec_check(&dv));
}

/* One more or less leaves the others where they are. */
static void test_without_map(void)
{
    CxlDvsecConfig without = config;
    CxlDvsec dv;

    without.function_map = false;
    cxl_dvsec_init(&dv, &without, 0x100);
    g_assert_cmphex(dv.cap[DEV].offset, ==, 0x100);
    g_assert_cmphex(dv.cap[CXL_DVSEC_MAP].offset, ==, 0);
    g_assert_cmphex(dv.cap[CXL_DVSEC_TEST].offset, ==, 0x270);
}

/* All ones and all zeroes everywhere: nothing moves that must not. */
static void test_fixed(void)
{
    CxlDvsec dv;

    cxl_dvsec_init(&dv, &config, 0x10c);
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        for (unsigned at = 4; at < dv.cap[n].len; at++) {
            uint8_t fixed = cxl_dvsec_fixed(&dv, n, at);
            uint8_t before = get(&dv, n, at, 1);

            cxl_dvsec_write(&dv, n, at, 0xff, 1);
            g_assert_cmphex((get(&dv, n, at, 1) ^ before) & fixed, ==, 0);
            cxl_dvsec_write(&dv, n, at, 0, 1);
            g_assert_cmphex((get(&dv, n, at, 1) ^ before) & fixed, ==, 0);
            g_assert_null(cxl_dvsec_check(&dv));
        }
    }
    /* What software can change is not fixed. */
    g_assert_cmphex(cxl_dvsec_fixed(&dv, DEV, CXL_DVSEC_DEV_CTRL), ==,
                    (uint8_t)~CXL_DVSEC_DEV_CTRL_MEM);
    g_assert_cmphex(cxl_dvsec_fixed(&dv, DEV, CXL_DVSEC_DEV_RANGE_SIZE_HI(1)),
                    ==, 0);
    g_assert_cmphex(cxl_dvsec_fixed(&dv, DEV, CXL_DVSEC_HDR2), ==, 0xff);
}

static void test_consequences(void)
{
    CxlDvsec dv;

    cxl_dvsec_init(&dv, &config, 0x10c);
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_CTRL, CXL_DVSEC_DEV_CTRL_MEM, 2),
                    ==, CXL_DVSEC_DID_MEM_ENABLE);
    g_assert_true(cxl_dvsec_mem_enabled(&dv));
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_CTRL, CXL_DVSEC_DEV_CTRL_MEM, 2),
                    ==, 0);
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_RANGE_BASE_LO(1), 0x5fffffff, 4),
                    ==, CXL_DVSEC_DID_RANGE);
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_RANGE_BASE_HI(1), 1, 4), ==,
                    CXL_DVSEC_DID_RANGE);
    g_assert_cmphex(cxl_dvsec_range_base(&dv, 1), ==, 0x150000000);
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_RANGE_BASE_HI(1), 1, 4), ==, 0);
    /* A request does not stay, whatever comes with it does. */
    cxl_dvsec_reset_done(&dv);
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_CTRL2, 0xffff, 2), ==,
                    CXL_DVSEC_DID_RESET);
    g_assert_true(cxl_dvsec_mem_clear(&dv));
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CTRL2, 2), ==,
                    CXL_DVSEC_DEV_CTRL2_MEM_CLEAR |
                    CXL_DVSEC_DEV_CTRL2_HDM_KEEP);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_STATUS2, 2), ==, 0);
    /* Another byte of it asks for nothing. */
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_CTRL2 + 1, 0xff, 1), ==, 0);
}

/* CXL.cache: capabilities, and controls that others do not have */
static void test_cache(void)
{
    static const struct {
        uint64_t size;
        uint16_t cap2;
    } sizes[] = {
        { 0, 0 }, { 64 * KiB, 0x0101 }, { 255 * 64 * KiB, 0xff01 },
        { MiB, 0x0102 }, { 255 * MiB, 0xff02 },
    };
    const uint16_t ctrl = CXL_DVSEC_DEV_CTRL_CACHE |
                          CXL_DVSEC_DEV_CTRL_SNOOP_FILTER |
                          CXL_DVSEC_DEV_CTRL_CLEAN_EVICT;
    CxlDvsecConfig with = config;
    uint8_t saved[CXL_DVSEC_DEV_LEN];
    CxlDvsec dv;

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        g_assert_true(cxl_dvsec_cache_size_valid(sizes[i].size));
        with.cache = true;
        with.cache_size = sizes[i].size;
        cxl_dvsec_init(&dv, &with, 0x10c);
        cxl_dvsec_reset(&dv, i & 1);
        g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CAP2, 2), ==,
                        sizes[i].cap2);
        g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CAP, 2) & 0x47, ==, 0x47);
        g_assert_cmphex(get(&dv, CXL_DVSEC_FLEX, CXL_DVSEC_FLEX_STATUS, 2) &
                        CXL_DVSEC_FLEX_CACHE, ==, CXL_DVSEC_FLEX_CACHE);
    }
    g_assert_false(cxl_dvsec_cache_size_valid(1));
    g_assert_false(cxl_dvsec_cache_size_valid(256 * 64 * KiB + 64 * KiB));
    g_assert_false(cxl_dvsec_cache_size_valid(256 * MiB));
    set(&dv, CXL_DVSEC_DEV_CTRL, ctrl, 2);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CTRL, 2) & ctrl, ==, ctrl);
    /* Empty once that was asked for, until it may fill again */
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_STATUS2, 2) & 1, ==, 0);
    set(&dv, CXL_DVSEC_DEV_CTRL2, CXL_DVSEC_DEV_CTRL2_CACHE_OFF, 2);
    set(&dv, CXL_DVSEC_DEV_CTRL2, CXL_DVSEC_DEV_CTRL2_CACHE_OFF |
        CXL_DVSEC_DEV_CTRL2_CACHE_FLUSH, 2);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CTRL2, 2), ==,
                    CXL_DVSEC_DEV_CTRL2_CACHE_OFF);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_STATUS2, 2) & 1, ==, 1);
    /* That moves, and moves elsewhere with the device. */
    g_assert_cmphex(cxl_dvsec_fixed(&dv, DEV, CXL_DVSEC_DEV_STATUS2) & 1, ==,
                    0);
    memcpy(saved, dv.device, sizeof(saved));
    cxl_dvsec_reset(&dv, true);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_STATUS2, 2) & 1, ==, 0);
    cxl_dvsec_adopt(&dv, DEV, saved);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_STATUS2, 2) & 1, ==, 1);
    set(&dv, CXL_DVSEC_DEV_CTRL2, 0, 2);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_STATUS2, 2) & 1, ==, 0);

    cxl_dvsec_init(&dv, &config, 0x10c);
    set(&dv, CXL_DVSEC_DEV_CTRL, ctrl, 2);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CTRL, 2) & ctrl, ==, 0);
    set(&dv, CXL_DVSEC_DEV_CTRL2, CXL_DVSEC_DEV_CTRL2_CACHE_OFF |
        CXL_DVSEC_DEV_CTRL2_CACHE_FLUSH, 2);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CTRL2, 2), ==, 0);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_STATUS2, 2) & 1, ==, 0);
}

static void test_locks(void)
{
    CxlDvsec dv;

    cxl_dvsec_init(&dv, &config, 0x10c);
    set(&dv, CXL_DVSEC_DEV_RANGE_BASE_HI(0), 5, 4);
    set(&dv, CXL_DVSEC_DEV_LOCK, 1, 2);
    set(&dv, CXL_DVSEC_DEV_LOCK, 0, 2);
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_CTRL, CXL_DVSEC_DEV_CTRL_MEM, 2),
                    ==, 0);
    set(&dv, CXL_DVSEC_DEV_RANGE_BASE_HI(0), 6, 4);
    g_assert_false(cxl_dvsec_mem_enabled(&dv));
    g_assert_cmphex(cxl_dvsec_range_base(&dv, 0), ==, 5ull << 32);
    /* Control 2 is not locked. */
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_CTRL2, CXL_DVSEC_DEV_CTRL2_RESET,
                        2), ==, CXL_DVSEC_DID_RESET);
    cxl_dvsec_write(&dv, CXL_DVSEC_TEST, CXL_DVSEC_TEST_BASE_HI, 1, 4);
    cxl_dvsec_write(&dv, CXL_DVSEC_TEST, CXL_DVSEC_TEST_LOCK, 1, 2);
    cxl_dvsec_write(&dv, CXL_DVSEC_TEST, CXL_DVSEC_TEST_BASE_HI, 2, 4);
    g_assert_cmphex(get(&dv, CXL_DVSEC_TEST, CXL_DVSEC_TEST_BASE_HI, 4), ==,
                    1);
    regbank_unlock(&dv.bank[CXL_DVSEC_TEST], 1);
    g_assert_cmpstr(cxl_dvsec_check(&dv), ==,
                    "a lock in configuration space without effect");
    cxl_dvsec_reset(&dv, false);
    g_assert_null(cxl_dvsec_check(&dv));
    set(&dv, CXL_DVSEC_DEV_RANGE_BASE_HI(0), 6, 4);
    g_assert_cmphex(cxl_dvsec_range_base(&dv, 0), ==, 6ull << 32);
}

static void test_ranges(void)
{
    const uint64_t two[] = { 8 * GiB, 256 * MiB }, one[] = { 512 * MiB, 0 };
    CxlDvsec dv;

    cxl_dvsec_init(&dv, &config, 0x10c);
    for (unsigned again = 0; again < 2; again++) {
        cxl_dvsec_set_ranges(&dv, two);
        cxl_dvsec_reset(&dv, again);
        g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CAP, 2) &
                        CXL_DVSEC_DEV_CAP_HDM_COUNT_MASK, ==,
                        CXL_DVSEC_DEV_CAP_HDM_COUNT(2));
        g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_RANGE_SIZE_HI(0), 4), ==,
                        2);
        g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_RANGE_SIZE_LO(1), 4), ==,
                        256 * MiB | CXL_DVSEC_RANGE_VALID |
                        CXL_DVSEC_RANGE_ACTIVE | CXL_DVSEC_RANGE_MEDIA_CDAT |
                        CXL_DVSEC_RANGE_CLASS_CDAT);
        cxl_dvsec_set_ranges(&dv, one);
        g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_RANGE_SIZE_LO(1), 4), ==,
                        0);
        g_assert_cmphex(cxl_dvsec_range_size(&dv, 0), ==, 512 * MiB);
    }
}

/* The link runs with what both ends can. */
static void test_link(void)
{
    CxlDvsecConfig old = config;
    CxlDvsec dv;

    old.link_partner = CXL_DVSEC_FLEX_IO | CXL_DVSEC_FLEX_MEM;
    cxl_dvsec_init(&dv, &old, 0x10c);
    g_assert_true(get(&dv, CXL_DVSEC_FLEX, CXL_DVSEC_FLEX_CAP, 2) &
                  CXL_DVSEC_FLEX_256B);
    g_assert_cmphex(get(&dv, CXL_DVSEC_FLEX, CXL_DVSEC_FLEX_STATUS, 2), ==,
                    old.link_partner);
    cxl_dvsec_reset(&dv, true);
    g_assert_cmphex(get(&dv, CXL_DVSEC_FLEX, CXL_DVSEC_FLEX_STATUS, 2), ==,
                    old.link_partner);
    cxl_dvsec_set_locator(&dv, 2, 0x1234);
    cxl_dvsec_reset(&dv, true);
    g_assert_cmphex(get(&dv, CXL_DVSEC_LOCATOR, CXL_DVSEC_LOCATOR_LO(2), 4),
                    ==, 0x1234);
}

static void test_viral(void)
{
    CxlDvsec dv;

    cxl_dvsec_init(&dv, &config, 0x10c);
    g_assert_false(cxl_dvsec_enter_viral(&dv));
    set(&dv, CXL_DVSEC_DEV_CTRL, CXL_DVSEC_DEV_CTRL_VIRAL, 2);
    g_assert_true(cxl_dvsec_enter_viral(&dv));
    set(&dv, CXL_DVSEC_DEV_STATUS, CXL_DVSEC_DEV_STATUS_VIRAL, 2);
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_STATUS, 2), ==, 0);
}

/* Somebody else's bytes are believed where software could have written. */
static void test_adopt(void)
{
    uint8_t ones[CXL_DVSEC_DEV_LEN], zeroes[CXL_DVSEC_DEV_LEN] = { 0 };
    CxlDvsec dv, fresh;

    memset(ones, 0xff, sizeof(ones));
    cxl_dvsec_init(&dv, &config, 0x10c);
    cxl_dvsec_init(&fresh, &config, 0x10c);
    for (unsigned n = 0; n < CXL_DVSECS; n++) {
        cxl_dvsec_adopt(&dv, n, ones);
        g_assert_null(cxl_dvsec_check(&dv));
        for (unsigned at = 4; at < dv.cap[n].len; at++) {
            g_assert_cmphex((get(&dv, n, at, 1) ^ get(&fresh, n, at, 1)) &
                            cxl_dvsec_fixed(&dv, n, at), ==, 0);
        }
    }
    g_assert_true(cxl_dvsec_mem_enabled(&dv));
    g_assert_cmphex(get(&dv, DEV, CXL_DVSEC_DEV_CTRL2, 2) &
                    CXL_DVSEC_DEV_CTRL2_RESET, ==, 0);
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_CTRL, 0, 2), ==, 0); /* locked */
    cxl_dvsec_adopt(&dv, DEV, zeroes);
    g_assert_cmphex(set(&dv, CXL_DVSEC_DEV_CTRL, CXL_DVSEC_DEV_CTRL_MEM, 2),
                    ==, CXL_DVSEC_DID_MEM_ENABLE);
}

static uint32_t map_dword(void *opaque, unsigned n)
{
    g_assert_cmpuint(n, <, 8);
    return 0x03020100 + 0x04040404 * n;
}

/* Byte n of the map is n, wherever and how wide it is read. */
static void test_map_read(void)
{
    for (unsigned len = 1; len <= 4; len++) {
        for (uint32_t at = (uint32_t)-4; at != CXL_DVSEC_MAP_LEN + 4; at++) {
            uint32_t value = cxl_dvsec_map_read(at, 0xeeeeeeee, len, map_dword,
                                                NULL);

            for (unsigned i = 0; i < 4; i++) {
                uint32_t byte = at + i - 0x0c;

                g_assert_cmphex(extract32(value, 8 * i, 8), ==,
                                i < len && byte < 32 ? byte : 0xee);
            }
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dvsec/tables", test_tables);
    g_test_add_func("/cxl/dvsec/mld", test_mld);
    g_test_add_func("/cxl/dvsec/without-map", test_without_map);
    g_test_add_func("/cxl/dvsec/fixed", test_fixed);
    g_test_add_func("/cxl/dvsec/consequences", test_consequences);
    g_test_add_func("/cxl/dvsec/cache", test_cache);
    g_test_add_func("/cxl/dvsec/locks", test_locks);
    g_test_add_func("/cxl/dvsec/ranges", test_ranges);
    g_test_add_func("/cxl/dvsec/link", test_link);
    g_test_add_func("/cxl/dvsec/viral", test_viral);
    g_test_add_func("/cxl/dvsec/adopt", test_adopt);
    g_test_add_func("/cxl/dvsec/map-read", test_map_read);
    return g_test_run();
}
