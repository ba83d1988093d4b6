/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An endpoint as bytes: it comes back as it was, whatever is wrong is refused
 * by name and changes nothing, what loads can be used; and the state of before
 * there was an endpoint still loads.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

#define DVSEC   0x10c
#define DOE     0x190
#define SECOND  1000000000ll

static FakeHost *start(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.payload_shift = 8;
    cfg.pmu_msgnum = 0;
    return fake_host_new(&cfg);
}

/* Something in every room */
static void fill(FakeHost *h)
{
    const CxlRasRecord error = { .bit = CXL_RAS_UE_INTERNAL, .header = { 7 } };
    uint64_t comp = CXL_COMP_CACHEMEM;

    cxl_endpoint_component_write(h->ep, comp + CXL_COMP_RAS + CXL_RAS_UE_MASK,
                                 0, 4);
    cxl_endpoint_uncorrectable(h->ep, &error, 1);
    cxl_endpoint_uncorrectable(h->ep, &error, 1);
    cxl_endpoint_component_write(h->ep, comp + CXL_COMP_BI + CXL_BI_CTRL,
                                 CXL_BI_CTRL_ENABLE, 4);
    fake_map(h, true);
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_RANGE_BASE_HI(0),
                              5, 4);
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL2,
                              CXL_DVSEC_DEV_CTRL2_RESET, 2);
    fake_map(h, true);
    cxl_endpoint_component_write(h->ep, comp + CXL_COMP_HDM +
                                 CXL_HDM_CTRL(3), CXL_HDM_CTRL_COMMIT, 4);
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_LOCK, 1, 2);
    cxl_endpoint_config_write(h->ep, DOE + DOE_REG_WRITE,
                              DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 4);
    cxl_endpoint_config_write(h->ep, DOE + DOE_REG_WRITE, 3, 2);
    h->ep->cdat.sequence = 9;
    fake_command(h, CXL_OP_SANITIZE, NULL, 0);
    fake_check(h);
}

static GByteArray *save(FakeHost *h)
{
    GByteArray *bytes = g_byte_array_new();

    cxl_endpoint_save(h->ep, bytes);
    return bytes;
}

static bool load(FakeHost *h, const uint8_t *bytes, size_t len)
{
    g_autofree uint8_t *copy = g_memdup2(bytes, len);
    g_autofree char *problem = NULL;
    bool good = cxl_endpoint_load(h->ep, copy, len, &problem);

    g_assert_cmpint(good, ==, problem == NULL);
    fake_check(h);
    return good;
}

/* @bytes are refused, nobody learns of them, and nothing has changed. */
static void refuse(FakeHost *to, const uint8_t *bytes, size_t len,
                   const char *why)
{
    unsigned told = to->access_changes + to->decode_changes;
    g_autoptr(GByteArray) before = save(to), after = NULL;
    g_autofree char *problem = NULL;
    int64_t timer = to->timer_at;

    g_assert_false(cxl_endpoint_load(to->ep, bytes, len, &problem));
    if (!strstr(problem, why)) {
        g_error("\"%s\" does not say \"%s\"", problem, why);
    }
    fake_check(to);
    after = save(to);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
    g_assert_cmpuint(to->access_changes + to->decode_changes, ==, told);
    g_assert_cmpint(to->timer_at, ==, timer);
}

static void test_comes_back(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) first = NULL, second = NULL;
    CxlRasErrors errors;
    CxlHdmDecoder d;

    fill(from);
    first = save(from);
    to->now = from->now;
    g_assert_true(load(to, first->data, first->len));
    second = save(to);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    g_assert_cmpuint(to->decode_changes, >, 0);
    g_assert_cmpint(to->timer_at, ==, from->timer_at);
    cxl_endpoint_errors(to->ep, &errors);
    g_assert_cmpuint(errors.recorded, ==, 2);
    g_assert_true(cxl_endpoint_mapped(to->ep, 0, 64));
    g_assert_cmpint(cxl_endpoint_decoder(to->ep, 3, &d), ==,
                    CXL_HDM_BAD_ORDER);
    /* The lock locks, and the reset ends, here as there. */
    cxl_endpoint_config_write(to->ep, DVSEC + CXL_DVSEC_DEV_RANGE_BASE_HI(0),
                              6, 4);
    g_assert_cmphex(cxl_endpoint_config_read(
        to->ep, DVSEC + CXL_DVSEC_DEV_RANGE_BASE_HI(0), 0, 4), ==, 5);
    fake_host_run(to, CXL_ENDPOINT_RESET_NS);
    g_assert_cmphex(cxl_endpoint_config_read(
        to->ep, DVSEC + CXL_DVSEC_DEV_STATUS2, 0, 2), ==,
        CXL_DVSEC_DEV_STATUS2_RESET_DONE);
    fake_host_free(from);
    fake_host_free(to);
}

static void test_cut_at_every_byte(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL;
    size_t step = getenv("MEMFAB_LONG_TESTS") ? 1 : 13;

    fill(from);
    fill(to);
    bytes = save(from);
    for (size_t len = 0; len < bytes->len; len += step) {
        g_assert_false(load(to, bytes->data, len));
    }
    refuse(to, bytes->data, bytes->len - 1, "longer than the stream");
    refuse(to, bytes->data, 0, "cut short");
    fake_host_free(from);
    fake_host_free(to);
}

/* Calls @fn with where each section begins, those of a stream inside too. */
typedef void SectionFn(FakeHost *to, GByteArray *bytes, size_t at);

static void each_section(SectionFn *fn)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL;
    unsigned sections = 0;

    fill(from);
    fill(to);
    bytes = save(from);
    for (size_t at = SAVE_HEADER; at < bytes->len; sections++) {
        size_t next = at + SAVE_HEADER +
                      ldl_le_p(bytes->data + at + SAVE_HEADER - 4);

        fn(to, bytes, at);
        if (!strcmp((char *)bytes->data + at, "logical-device")) {
            /* Its length, then the header of the stream in it */
            next = at + SAVE_HEADER + 8 + SAVE_HEADER;
        }
        at = next;
    }
    g_assert_cmpuint(sections, >, 25);
    fake_host_free(from);
    fake_host_free(to);
}

static void one_too_large(FakeHost *to, GByteArray *bytes, size_t at)
{
    uint8_t *len = bytes->data + at + SAVE_HEADER - 4;

    stl_le_p(len, ldl_le_p(len) + 1);
    refuse(to, bytes->data, bytes->len, "");
    stl_le_p(len, ldl_le_p(len) - 2);
    refuse(to, bytes->data, bytes->len, "");
    stl_le_p(len, ldl_le_p(len) + 1);
}

static void unknown(FakeHost *to, GByteArray *bytes, size_t at)
{
    uint8_t old = bytes->data[at];

    bytes->data[at] = 'x';
    refuse(to, bytes->data, bytes->len, "section '");
    bytes->data[at] = old;
}

static void of_the_future(FakeHost *to, GByteArray *bytes, size_t at)
{
    uint8_t *version = bytes->data + at + SAVE_HEADER - 8;
    uint32_t old = ldl_le_p(version);

    stl_le_p(version, 99);
    refuse(to, bytes->data, bytes->len, (char *)bytes->data + at);
    stl_le_p(version, old);
}

static void test_one_too_large(void)
{
    each_section(one_too_large);
}

static void test_unknown(void)
{
    each_section(unknown);
}

static void test_of_the_future(void)
{
    each_section(of_the_future);
}

static void put_total(GByteArray *bytes)
{
    stl_le_p(bytes->data + SAVE_HEADER - 4, bytes->len - SAVE_HEADER);
}

/* A section of the endpoint itself is missing, or there twice. */
static void test_missing_and_twice(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) whole = NULL;
    size_t at = SAVE_HEADER;

    fill(from);
    whole = save(from);
    while (at < whole->len) {
        const char *name = (char *)whole->data + at;
        size_t len = SAVE_HEADER +
                     ldl_le_p(whole->data + at + SAVE_HEADER - 4);
        g_autoptr(GByteArray) less = g_byte_array_new();
        g_autoptr(GByteArray) more = g_byte_array_new();

        g_byte_array_append(less, whole->data, whole->len);
        g_byte_array_remove_range(less, at, len);
        put_total(less);
        refuse(to, less->data, less->len, name);
        g_byte_array_append(more, whole->data, whole->len);
        g_byte_array_append(more, whole->data + at, len);
        put_total(more);
        refuse(to, more->data, more->len, name);
        at += len;
    }
    g_assert_true(load(to, whole->data, whole->len));
    fake_host_free(from);
    fake_host_free(to);
}

/* Use what a stranger's stream has made of the device. */
static void use(FakeHost *h)
{
    fake_host_run(h, SECOND);
    for (uint32_t addr = 0x100; addr < 0x300; addr += 4) {
        cxl_endpoint_config_write(h->ep, addr,
                                  cxl_endpoint_config_read(h->ep, addr, 0, 4),
                                  4);
    }
    for (uint64_t at = 0; at < 0x400; at += 4) {
        cxl_endpoint_component_write(h->ep, CXL_COMP_CACHEMEM + at,
                                     UINT32_MAX, 4);
    }
    fake_command(h, CXL_OP_IDENTIFY, NULL, 0);
    fake_host_run(h, SECOND);
    fake_check(h);
    for (unsigned kind = 0; kind < CXL_RESET_KINDS; kind++) {
        cxl_endpoint_reset(h->ep, kind);
        fake_check(h);
    }
    cxl_endpoint_reset(h->ep, CXL_RESET_COLD);
    fake_check(h);
}

static void test_damaged_and_used(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    g_autoptr(GByteArray) bytes = NULL;
    unsigned loaded = 0;

    fill(from);
    bytes = save(from);
    for (unsigned i = 0; i < 1500; i++) {
        unsigned at = g_rand_int_range(rand, 0, MIN(bytes->len, 2500));
        uint8_t old = bytes->data[at];

        bytes->data[at] ^= 1 << g_rand_int_range(rand, 0, 8);
        if (load(to, bytes->data, bytes->len)) {
            loaded++;
            use(to);
        }
        bytes->data[at] = old;
    }
    g_assert_cmpuint(loaded, >, 0);
    fake_host_free(from);
    fake_host_free(to);
}

/* A decoder that maps what the loaded partitions do not have */
static void test_judged_as_a_whole(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL;

    fake_map(from, true);
    /* Straight past the rules of commit */
    stl_le_p(from->ep->component.hdm.bytes + CXL_HDM_SIZE_LO(0), GiB);
    bytes = save(from);
    refuse(to, bytes->data, bytes->len, "outside of every area");
    stl_le_p(from->ep->component.hdm.bytes + CXL_HDM_SIZE_LO(0), 256 * MiB);
    from->ep->component.hdm.bytes[CXL_HDM_CTRL(0) + 1] |=
        CXL_HDM_CTRL_BI >> 8;
    g_byte_array_unref(g_steal_pointer(&bytes));
    bytes = save(from);
    refuse(to, bytes->data, bytes->len, "back-invalidate");
    fake_host_free(from);
    fake_host_free(to);
}

/* One without a logical device does not take the state of one with. */
static void test_other_kind(void)
{
    CxlEndpointConfig config = fake_endpoint_config();
    FakeHost *from = start(), without = { .timer_at = INT64_MAX };
    g_autoptr(GByteArray) bytes = save(from), less = g_byte_array_new();
    g_autofree char *problem = NULL;

    config.memory = 256 * MiB;
    without.ep = cxl_endpoint_new(&config, &fake_host_ops,
                                  &fake_endpoint_ops, &without);
    g_assert_false(cxl_endpoint_load(without.ep, bytes->data, bytes->len,
                                     &problem));
    g_assert_nonnull(strstr(problem, "logical-device"));
    cxl_endpoint_save(without.ep, less);
    refuse(from, less->data, less->len, "logical-device");
    cxl_endpoint_free(without.ep);
    fake_host_free(from);
}

/* --- what there was before there was an endpoint ------------------------ */

static CxlEndpointFirst *first_of(FakeHost *h, uint8_t *space)
{
    CxlEndpointFirst *first = g_new0(CxlEndpointFirst, 1);
    const CxlComponent *comp = &h->ep->component;

    first->hdm_locked = comp->hdm.bank.locked;
    memcpy(first->hdm, comp->hdm.bytes, sizeof(first->hdm));
    memcpy(first->dpa, comp->hdm.dpa, sizeof(first->dpa));
    memcpy(first->error, comp->hdm.error, sizeof(first->error));
    first->bi_enabled = comp->hdm.bi_enabled;
    memcpy(first->ras, comp->ras.bytes, sizeof(first->ras));
    first->queued = comp->ras.queued;
    memcpy(first->queue, comp->ras.queue, sizeof(first->queue));
    first->bi_locked = comp->bi_bank.locked;
    memcpy(first->bi, comp->bi_bytes, sizeof(first->bi));
    first->doe_cdat = h->ep->doe[CXL_DOE_CDAT].doe;
    first->doe_compliance = h->ep->doe[CXL_DOE_COMPLIANCE].doe;
    first->cdat_sequence = h->ep->cdat.sequence;
    first->reset_end = h->ep->reset_due == INT64_MAX ? -1 : h->ep->reset_due;
    for (unsigned at = 0; at < 4096; at++) {
        space[at] = cxl_endpoint_config_read(h->ep, at, 0, 1);
    }
    first->config = space;
    return first;
}

static void test_first(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) ld = g_byte_array_new(), was = NULL, is = NULL;
    g_autofree CxlEndpointFirst *first = NULL;
    g_autofree char *problem = NULL;
    uint8_t space[4096];

    fill(from);
    was = save(from);
    first = first_of(from, space);
    cxl_memdev_save(from->dev, ld);
    g_assert_true(cxl_endpoint_load_first(to->ep, first, ld->data, ld->len,
                                          &problem));
    fake_check(to);
    is = save(to);
    g_assert_cmpmem(was->data, was->len, is->data, is->len);
    fake_host_free(from);
    fake_host_free(to);
}

static void refuse_first(FakeHost *to, const CxlEndpointFirst *first,
                         const GByteArray *ld, size_t len, const char *why)
{
    unsigned told = to->access_changes + to->decode_changes;
    g_autoptr(GByteArray) before = save(to), after = NULL;
    g_autofree char *problem = NULL;

    g_assert_false(cxl_endpoint_load_first(to->ep, first, ld->data, len,
                                           &problem));
    g_assert_nonnull(strstr(problem, why));
    fake_check(to);
    after = save(to);
    g_assert_cmpmem(before->data, before->len, after->data, after->len);
    g_assert_cmpuint(to->access_changes + to->decode_changes, ==, told);
}

static void test_first_refused(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) ld = g_byte_array_new();
    g_autofree CxlEndpointFirst *first = NULL;
    uint8_t space[4096];

    fill(from);
    fill(to);
    first = first_of(from, space);
    cxl_memdev_save(from->dev, ld);
    refuse_first(to, first, ld, ld->len - 1, "longer than the stream");
    first->queued = CXL_RAS_QUEUE_MAX + 1;
    refuse_first(to, first, ld, ld->len, "more records");
    first->queued = 1;
    first->queue[0].header[0]++;
    refuse_first(to, first, ld, ld->len, "header log");
    first->queue[0].header[0]--;
    first->doe_cdat.received = DOE_DWORDS + 1;
    refuse_first(to, first, ld, ld->len, "more received");
    first->doe_cdat.received = 0;
    first->hdm_locked = UINT64_MAX;
    refuse_first(to, first, ld, ld->len, "locked but not committed");
    first->hdm_locked = 0;
    first->error[1] = 0xff;
    refuse_first(to, first, ld, ld->len, "no known reason");
    fake_host_free(from);
    fake_host_free(to);
}

static FakeHost *start_accelerator(uint64_t dpa)
{
    FakeHost *h = fake_host_accelerator();

    cxl_endpoint_component_write(h->ep, CXL_COMP_CACHEMEM + CXL_COMP_BI +
                                 CXL_BI_CTRL, CXL_BI_CTRL_ENABLE, 4);
    cxl_endpoint_config_write(h->ep, DVSEC + CXL_DVSEC_DEV_CTRL,
                              CXL_DVSEC_DEV_CTRL_CACHE, 2);
    cxl_bias_device(cxl_endpoint_bias(h->ep), dpa, 1, true);
    return h;
}

/* Who holds its memory is a part, and none of a device that has no such. */
static void test_accelerator(void)
{
    FakeHost *from = start_accelerator(64 * KiB), *other = start();
    FakeHost *to = fake_host_accelerator();
    g_autoptr(GByteArray) was = save(from), is = NULL, plain = save(other);

    g_assert_true(load(to, was->data, was->len));
    is = save(to);
    g_assert_cmpmem(was->data, was->len, is->data, is->len);
    g_assert_cmpuint(cxl_bias_held(to->ep->bias, 64 * KiB, 1), ==, 1);
    refuse(other, was->data, was->len, "bias");
    refuse(to, plain->data, plain->len, "bias");
    for (size_t len = 0; len < was->len; len += 211) {
        refuse(to, was->data, len, "cannot be used");
    }
    fake_host_free(from);
    fake_host_free(to);
    fake_host_free(other);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/endpoint-save/comes-back", test_comes_back);
    g_test_add_func("/cxl/endpoint-save/cut-at-every-byte",
                    test_cut_at_every_byte);
    g_test_add_func("/cxl/endpoint-save/one-too-large", test_one_too_large);
    g_test_add_func("/cxl/endpoint-save/unknown", test_unknown);
    g_test_add_func("/cxl/endpoint-save/of-the-future", test_of_the_future);
    g_test_add_func("/cxl/endpoint-save/missing-and-twice",
                    test_missing_and_twice);
    g_test_add_func("/cxl/endpoint-save/damaged-and-used",
                    test_damaged_and_used);
    g_test_add_func("/cxl/endpoint-save/judged-as-a-whole",
                    test_judged_as_a_whole);
    g_test_add_func("/cxl/endpoint-save/other-kind", test_other_kind);
    g_test_add_func("/cxl/endpoint-save/accelerator", test_accelerator);
    g_test_add_func("/cxl/endpoint-save/first", test_first);
    g_test_add_func("/cxl/endpoint-save/first-refused", test_first_refused);
    return g_test_run();
}
