/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data objects through the registers in configuration space: the attribute
 * table, errors for compliance tests, and an answer that never comes.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/compliance.h"
#include "tests/unit/cxl/fake-host.h"

#define CDAT_AT       0x190
#define COMPLIANCE_AT 0x1b0
#define DVSEC         0x10c

static void put(FakeHost *h, uint32_t at, uint32_t value)
{
    cxl_endpoint_config_write(h->ep, at, value, 4);
    fake_check(h);
}

static uint32_t get(FakeHost *h, uint32_t at)
{
    return cxl_endpoint_config_read(h->ep, at, 0, 4);
}

static void ask(FakeHost *h, uint32_t at, const uint32_t *object,
                unsigned dwords)
{
    for (unsigned i = 0; i < dwords; i++) {
        put(h, at + DOE_REG_WRITE, object[i]);
    }
    put(h, at + DOE_REG_CTRL, DOE_CTRL_GO | DOE_CTRL_INTR_EN);
}

static unsigned take_answer(FakeHost *h, uint32_t at, uint32_t *object,
                            unsigned max)
{
    unsigned n = 0;

    while (get(h, at + DOE_REG_STATUS) & DOE_STATUS_READY) {
        g_assert_cmpuint(n, <, max);
        object[n++] = get(h, at + DOE_REG_READ);
        put(h, at + DOE_REG_READ, 0);
    }
    return n;
}

/* Entry by entry, as a driver reads it */
static void test_table(void)
{
    FakeHost *h = fake_host_default();
    uint32_t entry = 0, out[DOE_DWORDS], total = 0, len = 0;

    do {
        uint32_t in[] = {
            DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 3, entry << 16,
        };
        unsigned n;

        ask(h, CDAT_AT, in, 3);
        n = take_answer(h, CDAT_AT, out, DOE_DWORDS);
        g_assert_cmpuint(n, >, 3);
        g_assert_cmpuint(DOE_OBJ_LEN(out[1]), ==, n);
        len = entry ? len : out[3];
        total += 4 * (n - 3);
        entry = out[2] >> 16;
    } while (entry != 0xffff);
    g_assert_cmpuint(total, ==, len);
    /* The interrupt comes once until its status is cleared. */
    g_assert_cmpuint(h->irqs[0], ==, 1);
    put(h, CDAT_AT + DOE_REG_STATUS, DOE_STATUS_INTR);
    fake_host_free(h);
}

static void test_discovery(void)
{
    static const struct {
        uint32_t at;
        uint32_t second;
    } mailboxes[] = {
        { CDAT_AT, DOE_VENDOR_CXL | CDAT_DOE_TYPE << 16 },
        { COMPLIANCE_AT, DOE_VENDOR_CXL | CXL_COMPLIANCE_DOE_TYPE << 16 },
    };
    FakeHost *h = fake_host_default();
    uint32_t out[8];

    for (unsigned i = 0; i < ARRAY_SIZE(mailboxes); i++) {
        uint32_t in[] = {
            DOE_OBJ(DOE_VENDOR_PCISIG, DOE_TYPE_DISCOVERY), 3, 1,
        };

        ask(h, mailboxes[i].at, in, 3);
        g_assert_cmpuint(take_answer(h, mailboxes[i].at, out, 8), ==, 3);
        g_assert_cmphex(out[2], ==, mailboxes[i].second);
    }
    g_assert_cmpuint(h->irqs[8], ==, 1);
    fake_host_free(h);
}

static void expect(FakeHost *h, uint8_t code, uint32_t body, uint8_t status)
{
    uint32_t in[] = {
        DOE_OBJ(DOE_VENDOR_CXL, CXL_COMPLIANCE_DOE_TYPE), 4, code, body,
    };
    uint32_t out[DOE_DWORDS] = { 0 };

    ask(h, COMPLIANCE_AT, in, 4);
    g_assert_cmpuint(take_answer(h, COMPLIANCE_AT, out, DOE_DWORDS), ==, 3);
    g_assert_cmpuint(extract32(out[2], 8 * (CXL_COMPLIANCE_RSP_STATUS % 4), 8),
                     ==, status);
}

static void test_poison(void)
{
    FakeHost *h = fake_host_default();

    expect(h, CXL_COMPLIANCE_INJECT_POISON, CXL_COMPLIANCE_PROTOCOL_MEM,
           CXL_COMPLIANCE_OK);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0, 64), ==, CXL_ACCESS_POISON);
    expect(h, CXL_COMPLIANCE_HALT_ALL, 0, CXL_COMPLIANCE_OK);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0, 64), ==, CXL_ACCESS_OK);
    expect(h, CXL_COMPLIANCE_INJECT_POISON, CXL_COMPLIANCE_PROTOCOL_CACHE,
           CXL_COMPLIANCE_UNSUPPORTED);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0, 64), ==, CXL_ACCESS_OK);
    fake_host_free(h);
}

static void test_crc(void)
{
    FakeHost *h = fake_host_default();

    put(h, COMPLIANCE_AT + DOE_REG_CTRL, 0);
    cxl_endpoint_component_write(h->ep, CXL_COMP_CACHEMEM + CXL_COMP_RAS +
                                 CXL_RAS_CE_MASK, 0, 4);
    expect(h, CXL_COMPLIANCE_INJECT_CRC, 0, CXL_COMPLIANCE_BAD_PARAMETER);
    g_assert_cmpuint(h->errors[CXL_RAS_SIGNAL_CORRECTABLE], ==, 0);
    expect(h, CXL_COMPLIANCE_INJECT_CRC, 0x0101, CXL_COMPLIANCE_OK);
    g_assert_cmpuint(h->errors[CXL_RAS_SIGNAL_CORRECTABLE], ==, 1);
    fake_host_free(h);
}

static void test_viral(void)
{
    FakeHost *h = fake_host_default();
    uint32_t status = DVSEC + CXL_DVSEC_DEV_STATUS;

    expect(h, CXL_COMPLIANCE_INJECT_VIRAL, CXL_COMPLIANCE_PROTOCOL_MEM,
           CXL_COMPLIANCE_NOT_AUTHORISED);
    g_assert_cmphex(get(h, status) & CXL_DVSEC_DEV_STATUS_VIRAL, ==, 0);
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL,
                              CXL_DVSEC_DEV_CTRL_VIRAL, 2);
    expect(h, CXL_COMPLIANCE_INJECT_VIRAL, CXL_COMPLIANCE_PROTOCOL_IO,
           CXL_COMPLIANCE_UNSUPPORTED);
    g_assert_cmphex(get(h, status) & CXL_DVSEC_DEV_STATUS_VIRAL, ==, 0);
    expect(h, CXL_COMPLIANCE_INJECT_VIRAL, CXL_COMPLIANCE_PROTOCOL_MEM,
           CXL_COMPLIANCE_OK);
    g_assert_cmphex(get(h, status) & CXL_DVSEC_DEV_STATUS_VIRAL, !=, 0);
    fake_host_free(h);
}

static unsigned promise(void *opaque, const uint32_t *request, unsigned dwords,
                        uint32_t *response, unsigned max)
{
    return DOE_LATER;
}

/* PCIe r6.0 6.30.2: after a second it is an error, and the mailbox lives. */
static void test_never_answered(void)
{
    static const DoeRow silent = { DOE_VENDOR_CXL, 0x42, promise };
    const uint32_t in[] = { DOE_OBJ(DOE_VENDOR_CXL, 0x42), 2 };
    FakeHost *h = fake_host_default();
    Doe *doe = &h->ep->doe[CXL_DOE_CDAT].doe;
    uint32_t status = CDAT_AT + DOE_REG_STATUS;

    doe->rows = &silent;
    ask(h, CDAT_AT, in, 2);
    g_assert_cmphex(get(h, status), ==, DOE_STATUS_BUSY);
    /* A background operation that ends meanwhile makes no difference. */
    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    fake_host_run(h, DOE_ANSWER_NS - 1);
    g_assert_cmphex(get(h, status), ==, DOE_STATUS_BUSY);
    fake_host_run(h, 1);
    g_assert_cmphex(get(h, status), ==, DOE_STATUS_ERROR | DOE_STATUS_INTR);
    fake_check(h);
    /* Neither a reset nor an abort leaves it waiting. */
    put(h, CDAT_AT + DOE_REG_CTRL, DOE_CTRL_ABORT);
    ask(h, CDAT_AT, in, 2);
    put(h, CDAT_AT + DOE_REG_CTRL, DOE_CTRL_ABORT);
    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    ask(h, CDAT_AT, in, 2);
    cxl_endpoint_reset(h->ep, CXL_RESET_FUNCTION);
    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    g_assert_cmphex(get(h, status), ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* It waits on the other side of a migration, too. */
static void test_never_answered_and_moved(void)
{
    static const DoeRow silent = { DOE_VENDOR_CXL, 0x42, promise };
    const uint32_t in[] = { DOE_OBJ(DOE_VENDOR_CXL, 0x42), 2 };
    FakeHost *from = fake_host_default(), *to = fake_host_default();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;

    from->ep->doe[CXL_DOE_CDAT].doe.rows = &silent;
    to->ep->doe[CXL_DOE_CDAT].doe.rows = &silent;
    ask(from, CDAT_AT, in, 2);
    fake_host_run(from, DOE_ANSWER_NS / 2);
    cxl_endpoint_save(from->ep, bytes);
    g_assert_true(cxl_endpoint_load(to->ep, bytes->data, bytes->len,
                                    &problem));
    fake_check(to);
    g_assert_cmphex(get(to, CDAT_AT + DOE_REG_STATUS), ==, DOE_STATUS_BUSY);
    fake_host_run(to, DOE_ANSWER_NS);
    g_assert_cmphex(get(to, CDAT_AT + DOE_REG_STATUS), ==,
                    DOE_STATUS_ERROR | DOE_STATUS_INTR);
    fake_check(to);
    fake_host_free(from);
    fake_host_free(to);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/endpoint-doe/table", test_table);
    g_test_add_func("/cxl/endpoint-doe/discovery", test_discovery);
    g_test_add_func("/cxl/endpoint-doe/poison", test_poison);
    g_test_add_func("/cxl/endpoint-doe/crc", test_crc);
    g_test_add_func("/cxl/endpoint-doe/viral", test_viral);
    g_test_add_func("/cxl/endpoint-doe/never-answered", test_never_answered);
    g_test_add_func("/cxl/endpoint-doe/never-answered-and-moved",
                    test_never_answered_and_moved);
    return g_test_run();
}
