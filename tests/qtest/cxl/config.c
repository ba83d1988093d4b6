/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration space of a memory device: identity, DVSECs and their
 * write rules, the function map, CXL reset, DOE with CDAT and compliance.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "hw/common/wire/cdat.h"
#include "hw/common/wire/doe.h"
#include "hw/cxl/wire/compliance.h"
#include "hw/cxl/wire/dvsec.h"
#include "hw/cxl/wire/ras.h"
#include "tests/qtest/cxl/fixture.h"

#define CAP_DVSEC       0x23
#define CAP_DSN         0x03
#define CAP_AER         0x01

static void test_identity(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",sn=0x1122334455667788");
    uint32_t dsn = fix_find_ext_cap(f, CAP_DSN, -1);

    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), ==, 0x0d938086);
    g_assert_cmphex(fix_config_read(f, PCI_SUBSYSTEM_VENDOR_ID, 4), ==,
                    0x11001af4);
    g_assert_cmphex(fix_config_read(f, PCI_CLASS_REVISION, 4), ==,
                    0x05021001);
    g_assert_cmpint(fix_config_read(f, PCI_INTERRUPT_PIN, 1), ==, 0);
    g_assert_cmphex(dsn, ==, 0x100);
    g_assert_cmphex(fix_config_read(f, dsn + 4, 4), ==, 0x55667788);
    g_assert_cmphex(fix_config_read(f, dsn + 8, 4), ==, 0x11223344);
    g_assert_cmphex(fix_find_ext_cap(f, CAP_AER, -1), ==, 0x200);
    fix_stop(f);
}

/* A driver of one vendor's devices can be tried. */
static void test_other_identity(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",vendor-id=0x1af4,device-id=0x42,"
                              "subsystem-vendor-id=0x1234,"
                              "subsystem-id=0xabcd");

    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), ==, 0x00421af4);
    g_assert_cmphex(fix_config_read(f, PCI_SUBSYSTEM_VENDOR_ID, 4), ==,
                    0xabcd1234);
    g_assert_cmphex(fix_config_read(f, PCI_CLASS_REVISION, 4), ==,
                    0x05021001);
    fix_stop(f);
}

static void test_no_serial(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",sn=0xffffffffffffffff");

    g_assert_cmphex(fix_find_ext_cap(f, CAP_DSN, -1), ==, 0);
    fix_stop(f);
}

static uint64_t serial_by_default(const char *device)
{
    g_autofree char *devices =
        g_strdup_printf("-object memory-backend-ram,id=vmem,size=256M "
                        "-device cxl-type3,bus=rp0,volatile-memdev=vmem%s",
                        device);
    CxlFixture *f = fix_start(devices);
    uint32_t dsn = fix_find_ext_cap(f, CAP_DSN, -1);
    uint64_t serial;

    g_assert_cmphex(dsn, !=, 0);
    serial = fix_config_read(f, dsn + 8, 4);
    serial = serial << 32 | fix_config_read(f, dsn + 4, 4);
    fix_stop(f);
    return serial;
}

/* It follows from the id, or from the place of a device without one. */
static void test_default_serial(void)
{
    uint64_t serial = serial_by_default(",id=cxl0");

    g_assert_cmphex(serial, ==, serial_by_default(",id=cxl0"));
    g_assert_cmphex(serial, !=, serial_by_default(",id=cxl1"));
    g_assert_cmphex(serial >> 56 & 3, ==, 2);
    g_assert_cmphex(serial_by_default(""), ==, serial_by_default(""));
    g_assert_cmphex(serial_by_default(",id=cxl0,sn=0"), ==, 0);
}

/* Extended capabilities must not lie over each other. */
static void test_no_overlap(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",sn=1,non-cxl-map=on");
    g_autofree uint8_t *used = g_malloc0(0x1000);
    uint32_t pos = 0x100;

    while (pos) {
        uint32_t hdr = fix_config_read(f, pos, 4);
        uint32_t len = 0x0c, i;

        switch (hdr & 0xffff) {
        case CAP_DVSEC:
            len = fix_config_read(f, pos + 4, 4) >> 20;
            break;
        case DOE_EXT_CAP_ID:
            len = DOE_EXT_CAP_LEN;
            break;
        case CAP_AER:
            len = 0x48;
            break;
        }
        for (i = pos; i < pos + len; i++) {
            g_assert_cmpint(used[i], ==, 0);
            used[i] = 1;
        }
        pos = hdr >> 20;
    }
    fix_stop(f);
}

static void test_dvsecs_present(void)
{
    static const struct {
        int id;
        uint32_t rev, len;
    } want[] = {
        { CXL_DVSEC_ID_DEVICE, 3, 0x3c },
        { CXL_DVSEC_ID_FUNCTION_MAP, 0, 0x2c },
        { CXL_DVSEC_ID_GPF_DEVICE, 0, 0x10 },
        { CXL_DVSEC_ID_FLEX_BUS, 2, 0x20 },
        { CXL_DVSEC_ID_LOCATOR, 0, 0x24 },
        { CXL_DVSEC_ID_TEST, 0, 0x1c },
    };
    CxlFixture *f = fix_start(FIX_VOLATILE ",non-cxl-map=on");
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(want); i++) {
        uint32_t pos = fix_find_ext_cap(f, CAP_DVSEC, want[i].id);
        uint32_t hdr1;

        g_assert_cmphex(pos, !=, 0);
        hdr1 = fix_config_read(f, pos + CXL_DVSEC_HDR1, 4);
        g_assert_cmphex(hdr1 >> 20, ==, want[i].len);
        g_assert_cmphex(extract32(hdr1, 16, 4), ==, want[i].rev);
    }
    fix_stop(f);
}

static uint64_t range_size(CxlFixture *f, uint32_t dev, unsigned n)
{
    uint64_t hi = fix_config_read(f, dev + CXL_DVSEC_DEV_RANGE_SIZE_HI(n), 4);
    uint32_t lo = fix_config_read(f, dev + CXL_DVSEC_DEV_RANGE_SIZE_LO(n), 4);

    if (!(lo & CXL_DVSEC_RANGE_VALID)) {
        return UINT64_MAX;
    }
    g_assert_cmphex(lo & CXL_DVSEC_RANGE_ACTIVE, !=, 0);
    return hi << 32 | (lo & CXL_DVSEC_RANGE_LO_MASK);
}

static void check_ranges(const char *devices, unsigned count, uint64_t first,
                         uint64_t second)
{
    CxlFixture *f = fix_start(devices);
    uint32_t dev = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_DEVICE);
    uint32_t cap = fix_config_read(f, dev + CXL_DVSEC_DEV_CAP, 2);

    g_assert_cmphex(cap & (CXL_DVSEC_DEV_CAP_IO | CXL_DVSEC_DEV_CAP_MEM), ==,
                    CXL_DVSEC_DEV_CAP_IO | CXL_DVSEC_DEV_CAP_MEM);
    g_assert_cmpint(extract32(cap, 4, 2), ==, count);
    g_assert_cmphex(range_size(f, dev, 0), ==, first);
    g_assert_cmphex(range_size(f, dev, 1), ==, second);
    fix_stop(f);
}

static void test_ranges_volatile(void)
{
    check_ranges(FIX_VOLATILE, 1, 2 * FIX_UNIT, UINT64_MAX);
}

static void test_ranges_persistent(void)
{
    check_ranges(FIX_PERSISTENT, 1, 2 * FIX_UNIT, UINT64_MAX);
}

static void test_ranges_both(void)
{
    check_ranges(FIX_BOTH, 2, FIX_UNIT, 2 * FIX_UNIT);
}

static void test_ranges_dynamic_only(void)
{
    check_ranges("-object memory-backend-ram,id=dc,size=256M "
                 "-device cxl-type3,bus=rp0,id=cxl0,volatile-dc-memdev=dc,"
                 "num-dc-regions=1", 1, 0, UINT64_MAX);
}

static void test_lock(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint32_t dev = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_DEVICE);
    uint32_t ctrl = dev + CXL_DVSEC_DEV_CTRL;
    uint32_t base = dev + CXL_DVSEC_DEV_RANGE_BASE_HI(0);
    uint32_t all = CXL_DVSEC_DEV_CTRL_IO | CXL_DVSEC_DEV_CTRL_MEM |
                   CXL_DVSEC_DEV_CTRL_VIRAL;

    g_assert_cmphex(fix_config_read(f, ctrl, 2), ==, CXL_DVSEC_DEV_CTRL_IO);
    fix_config_write(f, ctrl, 2, 0xffff);
    g_assert_cmphex(fix_config_read(f, ctrl, 2), ==, all);
    fix_config_write(f, base, 4, 0x12345678);
    g_assert_cmphex(fix_config_read(f, base, 4), ==, 0x12345678);

    fix_config_write(f, dev + CXL_DVSEC_DEV_LOCK, 2, 1);
    fix_config_write(f, dev + CXL_DVSEC_DEV_LOCK, 2, 0);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_LOCK, 2), ==, 1);
    fix_config_write(f, ctrl, 2, 0);
    g_assert_cmphex(fix_config_read(f, ctrl, 2), ==, all);
    fix_config_write(f, base, 4, 0);
    g_assert_cmphex(fix_config_read(f, base, 4), ==, 0x12345678);

    qtest_system_reset(f->qts);
    fix_enumerate(f);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_LOCK, 2), ==, 0);
    g_assert_cmphex(fix_config_read(f, ctrl, 2), ==, CXL_DVSEC_DEV_CTRL_IO);
    g_assert_cmphex(fix_config_read(f, base, 4), ==, 0);
    fix_config_write(f, ctrl, 2, CXL_DVSEC_DEV_CTRL_MEM);
    g_assert_cmphex(fix_config_read(f, ctrl, 2), ==,
                    CXL_DVSEC_DEV_CTRL_IO | CXL_DVSEC_DEV_CTRL_MEM);
    fix_stop(f);
}

/* Dword r, bit d: device d, function r. */
static void test_function_map(void)
{
    CxlFixture *f = fix_start(
        "-object memory-backend-ram,id=vmem,size=256M "
        "-device cxl-type3,bus=rp0,addr=0.0,multifunction=on,id=cxl0,"
        "volatile-memdev=vmem "
        "-device virtio-rng-pci,bus=rp0,addr=0.1 "
        "-object memory-backend-ram,id=vmem2,size=256M "
        "-device cxl-type3,bus=rp0,addr=0.2,id=cxl2,volatile-memdev=vmem2 "
        "-device virtio-rng-pci,bus=rp0,addr=0.5");
    uint32_t map = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_FUNCTION_MAP);
    unsigned i;

    g_assert_cmphex(map, !=, 0);
    for (i = 0; i < CXL_DVSEC_MAP_DWORDS; i++) {
        g_assert_cmphex(
            fix_config_read(f, map + CXL_DVSEC_MAP_DWORD(i), 4), ==,
            i == 1 || i == 5 ? 1 : 0);
    }
    g_assert_cmphex(fix_config_read(f, map + CXL_DVSEC_MAP_DWORD(5), 1), ==,
                    1);
    fix_stop(f);
}

static void test_no_function_map(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);

    g_assert_cmphex(fix_find_ext_cap(f, CAP_DVSEC,
                                     CXL_DVSEC_ID_FUNCTION_MAP), ==, 0);
    fix_stop(f);
}

/* The root port of QEMU does not offer 256 byte flits, so the link has none */
static void test_flex_bus(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",x-256b-flit=on");
    uint32_t flex = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_FLEX_BUS);

    g_assert_cmphex(fix_config_read(f, flex + CXL_DVSEC_FLEX_CAP, 2), ==,
                    0x26 | CXL_DVSEC_FLEX_256B);
    g_assert_cmphex(fix_config_read(f, flex + CXL_DVSEC_FLEX_STATUS, 2), ==,
                    0x26);
    fix_stop(f);
}

static unsigned doe_exchange(CxlFixture *f, uint32_t doe,
                             const uint32_t *req, unsigned dwords,
                             uint32_t *rsp, unsigned max)
{
    unsigned i, n;

    /* The message is sent when the status bit rises */
    fix_config_write(f, doe + DOE_REG_STATUS, 4, DOE_STATUS_INTR);
    for (i = 0; i < dwords; i++) {
        fix_config_write(f, doe + DOE_REG_WRITE, 4, req[i]);
    }
    fix_config_write(f, doe + DOE_REG_CTRL, 4,
                     DOE_CTRL_GO | DOE_CTRL_INTR_EN);
    for (n = 0; n < max; n++) {
        uint32_t status = fix_config_read(f, doe + DOE_REG_STATUS, 4);

        if (!(status & DOE_STATUS_READY)) {
            break;
        }
        rsp[n] = fix_config_read(f, doe + DOE_REG_READ, 4);
        fix_config_write(f, doe + DOE_REG_READ, 4, 0);
    }
    return n;
}

static uint32_t find_doe(CxlFixture *f, uint16_t vendor, uint8_t type)
{
    uint32_t pos = 0x100;

    while (pos) {
        uint32_t hdr = fix_config_read(f, pos, 4);
        uint32_t index = 0;

        while ((hdr & 0xffff) == DOE_EXT_CAP_ID) {
            uint32_t req[] = { DOE_OBJ(1, 0), 3, index }, rsp[8];

            g_assert_cmpint(doe_exchange(f, pos, req, 3, rsp, 8), ==, 3);
            if ((rsp[2] & 0xffffff) == (vendor | (uint32_t)type << 16)) {
                return pos;
            }
            index = rsp[2] >> 24;
            if (!index) {
                break;
            }
        }
        pos = hdr >> 20;
    }
    return 0;
}

static void test_cdat(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);
    uint32_t doe = find_doe(f, DOE_VENDOR_CXL,
                            CDAT_DOE_TYPE);
    uint32_t handle = 0, rsp[64], total = 0, length = 0;
    uint8_t sum = 0;
    unsigned dsmas = 0;

    g_assert_cmphex(doe, ==, 0x190);
    fix_irq_taken(f, FIX_VECTOR_CDAT);
    while (handle != CDAT_DOE_LAST) {
        uint32_t req[] = {
            DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 3,
            handle << 16
        };
        unsigned n = doe_exchange(f, doe, req, 3, rsp, ARRAY_SIZE(rsp));
        unsigned i;

        g_assert_cmpint(n, >, 3);
        g_assert_true(fix_irq_taken(f, FIX_VECTOR_CDAT));
        for (i = 4 * 3; i < 4 * n; i++) {
            sum += ((uint8_t *)rsp)[i];
        }
        total += 4 * (n - 3);
        if (!handle) {
            length = rsp[3];
        } else if ((rsp[3] & 0xff) == CDAT_DSMAS) {
            /* length, then handle and flags, base, size */
            uint64_t base = rsp[5] | (uint64_t)rsp[6] << 32;
            uint64_t size = rsp[7] | (uint64_t)rsp[8] << 32;
            bool nv = rsp[4] >> 8 & CDAT_DSMAS_NONVOLATILE;

            g_assert_cmphex(base, ==, dsmas ? FIX_UNIT : 0);
            g_assert_cmphex(size, ==, dsmas ? 2 * FIX_UNIT : FIX_UNIT);
            g_assert_cmpint(nv, ==, dsmas);
            dsmas++;
        }
        handle = rsp[2] >> 16;
    }
    g_assert_cmpint(dsmas, ==, 2);
    g_assert_cmpint(total, ==, length);
    g_assert_cmpint(sum, ==, 0);
    fix_stop(f);
}

/* Entries that do not exist, and objects that are cut short */
static void test_cdat_bounds(void)
{
    static const uint32_t bad[][3] = {
        { DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 3,
          0xfffe0000 },
        { DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 0, 0 },
        { DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 2, 0 },
        { DOE_OBJ(DOE_VENDOR_CXL, 0x77), 3, 0 },
    };
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint32_t rsp[64];
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_cmpint(doe_exchange(f, 0x190, bad[i], 3, rsp, 64), ==, 0);
        fix_config_write(f, 0x190 + DOE_REG_CTRL, 4, DOE_CTRL_ABORT);
    }
    /* More than fits, then a good one */
    for (i = 0; i < 2000; i++) {
        fix_config_write(f, 0x190 + DOE_REG_WRITE, 4, ~0u);
    }
    fix_config_write(f, 0x190 + DOE_REG_CTRL, 4, DOE_CTRL_GO);
    g_assert_cmphex(fix_config_read(f, 0x190 + DOE_REG_STATUS, 4) &
                    DOE_STATUS_ERROR, !=, 0);
    fix_config_write(f, 0x190 + DOE_REG_CTRL, 4, DOE_CTRL_ABORT);
    g_assert_cmphex(find_doe(f, DOE_VENDOR_CXL,
                             CDAT_DOE_TYPE), ==, 0x190);
    fix_stop(f);
}

static void test_compliance(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint32_t doe = find_doe(f, DOE_VENDOR_CXL,
                            CXL_COMPLIANCE_DOE_TYPE);
    uint32_t req[] = {
        DOE_OBJ(DOE_VENDOR_CXL, CXL_COMPLIANCE_DOE_TYPE), 3, 0
    };
    uint32_t rsp[64];

    g_assert_cmphex(doe, ==, 0x1b0);
    g_assert_cmpint(doe_exchange(f, doe, req, 3, rsp, 64), >=, 3);
    g_assert_cmphex(rsp[2] & 0xff, ==, 0);      /* capabilities */
    g_assert_cmphex(rsp[2] >> 24, ==, 0);       /* status: success */
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_COMPLIANCE));
    g_assert_cmphex(rsp[3], ==, 0x10c7);        /* what can be asked for */
    fix_stop(f);
}

/* The status that the device answers to one injection */
static unsigned comply(CxlFixture *f, uint8_t code, uint32_t body)
{
    const uint32_t req[] = {
        DOE_OBJ(DOE_VENDOR_CXL, CXL_COMPLIANCE_DOE_TYPE), 4, code,
        body
    };
    uint32_t rsp[64];

    g_assert_cmpint(doe_exchange(f, 0x1b0, req, 4, rsp, 64), >=, 3);
    return rsp[2] >> 24;
}

/* One read of any address is poisoned, and then all is as before. */
static void test_compliance_poison(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);

    fix_write(f, hpa + 0x40, 8, 0x1122);
    g_assert_cmpint(comply(f, CXL_COMPLIANCE_INJECT_POISON, 0), ==,
                    CXL_COMPLIANCE_UNSUPPORTED);
    g_assert_cmpint(comply(f, CXL_COMPLIANCE_INJECT_POISON, 2), ==,
                    CXL_COMPLIANCE_OK);
    fix_write(f, hpa + 0x80, 8, 0x3344);
    g_assert_cmphex(fix_read(f, hpa + 0x40, 8), ==, UINT64_MAX);
    g_assert_cmphex(fix_read(f, hpa + 0x40, 8), ==, 0x1122);
    g_assert_cmphex(fix_read(f, hpa + 0x80, 8), ==, 0x3344);
    /* Taken back before it happened */
    comply(f, CXL_COMPLIANCE_INJECT_POISON, 2);
    g_assert_cmpint(comply(f, CXL_COMPLIANCE_HALT_ALL, 0), ==,
                    CXL_COMPLIANCE_OK);
    g_assert_cmphex(fix_read(f, hpa + 0x40, 8), ==, 0x1122);
    fix_stop(f);
}

static void test_compliance_viral(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint32_t dev = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_DEVICE);
    uint32_t status = dev + CXL_DVSEC_DEV_STATUS;

    g_assert_cmpint(comply(f, CXL_COMPLIANCE_INJECT_VIRAL, 2), ==,
                    CXL_COMPLIANCE_NOT_AUTHORISED);
    g_assert_cmphex(fix_config_read(f, status, 2), ==, 0);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL, 2,
                     CXL_DVSEC_DEV_CTRL_VIRAL);
    g_assert_cmpint(comply(f, CXL_COMPLIANCE_INJECT_VIRAL, 1), ==,
                    CXL_COMPLIANCE_UNSUPPORTED);
    g_assert_cmpint(comply(f, CXL_COMPLIANCE_INJECT_VIRAL, 2), ==,
                    CXL_COMPLIANCE_OK);
    g_assert_cmphex(fix_config_read(f, status, 2), ==,
                    CXL_DVSEC_DEV_STATUS_VIRAL);
    fix_config_write(f, status, 2, CXL_DVSEC_DEV_STATUS_VIRAL);
    g_assert_cmphex(fix_config_read(f, status, 2), ==, 0);
    fix_stop(f);
}

/* A retry corrects it, and the RAS registers tell. */
static void test_compliance_crc(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);

    g_assert_cmpint(comply(f, CXL_COMPLIANCE_INJECT_CRC, 0), ==,
                    CXL_COMPLIANCE_BAD_PARAMETER);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_CE_STATUS, 4), ==, 0);
    g_assert_cmpint(comply(f, CXL_COMPLIANCE_INJECT_CRC, 0x0101), ==,
                    CXL_COMPLIANCE_OK);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_CE_STATUS, 4), ==,
                    BIT(CXL_RAS_CE_CRC_THRESHOLD));
    fix_stop(f);
}

static void test_compliance_unsupported(void)
{
    static const uint8_t codes[] = { 3, 4, 5, 8, 9, 0xa, 0xb, 0xd, 0xe, 0xf };
    CxlFixture *f = fix_start(FIX_VOLATILE);
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(codes); i++) {
        g_assert_cmpint(comply(f, codes[i], 0), ==,
                        CXL_COMPLIANCE_UNSUPPORTED);
    }
    g_assert_cmpint(comply(f, 0x10, 0), ==, CXL_COMPLIANCE_UNKNOWN);
    fix_stop(f);
}

static void test_link(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",x-speed=16,x-width=4");
    uint32_t sta = fix_config_read(f, 0x80 + PCI_EXP_LNKSTA, 2);

    g_assert_cmpint(sta & PCI_EXP_LNKSTA_CLS, ==, 4);
    g_assert_cmpint((sta & PCI_EXP_LNKSTA_NLW) >> 4, ==, 4);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/config/identity", test_identity);
    g_test_add_func("/cxl/config/identity/other", test_other_identity);
    g_test_add_func("/cxl/config/no-serial", test_no_serial);
    g_test_add_func("/cxl/config/default-serial", test_default_serial);
    g_test_add_func("/cxl/config/no-overlap", test_no_overlap);
    g_test_add_func("/cxl/config/dvsecs", test_dvsecs_present);
    g_test_add_func("/cxl/config/ranges/volatile", test_ranges_volatile);
    g_test_add_func("/cxl/config/ranges/persistent", test_ranges_persistent);
    g_test_add_func("/cxl/config/ranges/both", test_ranges_both);
    g_test_add_func("/cxl/config/ranges/dynamic", test_ranges_dynamic_only);
    g_test_add_func("/cxl/config/lock", test_lock);
    g_test_add_func("/cxl/config/function-map", test_function_map);
    g_test_add_func("/cxl/config/no-function-map", test_no_function_map);
    g_test_add_func("/cxl/config/flex-bus", test_flex_bus);
    g_test_add_func("/cxl/config/link", test_link);
    g_test_add_func("/cxl/config/doe/cdat", test_cdat);
    g_test_add_func("/cxl/config/doe/bounds", test_cdat_bounds);
    g_test_add_func("/cxl/config/doe/compliance", test_compliance);
    g_test_add_func("/cxl/config/doe/compliance/poison",
                    test_compliance_poison);
    g_test_add_func("/cxl/config/doe/compliance/viral",
                    test_compliance_viral);
    g_test_add_func("/cxl/config/doe/compliance/crc", test_compliance_crc);
    g_test_add_func("/cxl/config/doe/compliance/unsupported",
                    test_compliance_unsupported);
    return g_test_run();
}
