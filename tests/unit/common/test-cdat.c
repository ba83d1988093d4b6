/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attribute table: what is built for ranges, read through table access, and
 * every kind of file that must be refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/common/cdat.h"
#include "hw/common/doe.h"

static const CdatRange ranges[] = {
    { .base = 0, .size = 256 * MiB, .handle = 0,
      .efi_type = CDAT_EFI_SPECIFIC_PURPOSE, .read_latency_ps = 150000,
      .write_latency_ps = 1, .read_mbps = 16000, .write_mbps = 65534 },
    { .base = 256 * MiB, .size = 0, .handle = 1 },
    { .base = 256 * MiB, .size = 512 * MiB, .handle = 2,
      .flags = CDAT_DSMAS_NONVOLATILE,
      .efi_type = CDAT_EFI_RESERVED },
};

static uint8_t sum(const GByteArray *t)
{
    uint8_t s = 0;

    for (unsigned i = 0; i < t->len; i++) {
        s += t->data[i];
    }
    return s;
}

static void built(Cdat *cdat)
{
    cdat_init(cdat);
    cdat_build(cdat, ranges, G_N_ELEMENTS(ranges));
    g_assert_null(cdat_check(cdat));
}

static void test_build(void)
{
    CdatHeader header;
    CdatDsmas dsmas;
    CdatDslbis lat;
    CdatDsemts emts;
    Cdat cdat;
    size_t len;

    built(&cdat);
    /* Header; DSMAS, four DSLBIS, DSEMTS; DSMAS, DSEMTS */
    g_assert_cmpuint(cdat_entries(&cdat), ==, 9);
    memcpy(&header, cdat_entry(&cdat, 0, &len), sizeof(header));
    g_assert_cmpuint(len, ==, 16);
    g_assert_cmpuint(le32_to_cpu(header.length), ==, 16 + 8 * 24);
    g_assert_cmpuint(header.revision, ==, 2);
    g_assert_cmpuint(header.sequence, ==, 0);
    g_assert_cmpuint(sum(cdat.table), ==, 0);

    memcpy(&dsmas, cdat_entry(&cdat, 7, &len), sizeof(dsmas));
    g_assert_cmpuint(dsmas.entry.type, ==, CDAT_DSMAS);
    g_assert_cmpuint(dsmas.handle, ==, 2);
    g_assert_cmphex(dsmas.flags, ==, 4);
    g_assert_cmphex(le64_to_cpu(dsmas.dpa_base), ==, 256 * MiB);
    g_assert_cmphex(le64_to_cpu(dsmas.dpa_length), ==, 512 * MiB);

    memcpy(&lat, cdat_entry(&cdat, 2, &len), sizeof(lat));
    g_assert_cmpuint(lat.entry.type, ==, CDAT_DSLBIS);
    g_assert_cmpuint(lat.data_type, ==, CDAT_READ_LATENCY);
    g_assert_cmpuint(le64_to_cpu(lat.base_unit) * le16_to_cpu(lat.value[0]),
                     ==, 150000);
    memcpy(&lat, cdat_entry(&cdat, 5, &len), sizeof(lat));
    g_assert_cmpuint(lat.data_type, ==, CDAT_WRITE_BANDWIDTH);
    g_assert_cmpuint(le16_to_cpu(lat.value[0]), ==, 65534);
    g_assert_cmpuint(le64_to_cpu(lat.base_unit), ==, 1);

    memcpy(&emts, cdat_entry(&cdat, 6, &len), sizeof(emts));
    g_assert_cmpuint(emts.efi_type, ==, CDAT_EFI_SPECIFIC_PURPOSE);
    g_assert_null(cdat_entry(&cdat, 9, &len));
    g_assert_null(cdat_entry(&cdat, UINT_MAX, &len));
    cdat_destroy(&cdat);
}

/* 4294967295 ns, which is more than 32 bits of picoseconds */
static void test_long_latency(void)
{
    const CdatRange range = {
        .size = 256 * MiB, .read_latency_ps = UINT32_MAX * 1000ull,
    };
    CdatDslbis lat;
    Cdat cdat;
    size_t len;

    cdat_init(&cdat);
    cdat_build(&cdat, &range, 1);
    memcpy(&lat, cdat_entry(&cdat, 2, &len), sizeof(lat));
    g_assert_cmpuint(le64_to_cpu(lat.base_unit), ==, 100000000);
    g_assert_cmpuint(le16_to_cpu(lat.value[0]), ==, 42949);
    g_assert_null(cdat_check(&cdat));
    cdat_destroy(&cdat);
}

static void test_sequence(void)
{
    Cdat cdat;

    built(&cdat);
    cdat_build(&cdat, ranges, G_N_ELEMENTS(ranges));
    g_assert_cmpuint(cdat.sequence, ==, 0);
    cdat_build(&cdat, ranges, 1);
    g_assert_cmpuint(cdat.sequence, ==, 1);
    g_assert_cmpuint(ldl_le_p(cdat.table->data + 12), ==, 1);
    g_assert_null(cdat_check(&cdat));
    cdat_build(&cdat, NULL, 0);
    g_assert_cmpuint(cdat_entries(&cdat), ==, 1);
    g_assert_cmpuint(cdat.sequence, ==, 2);
    g_assert_null(cdat_check(&cdat));
    cdat_destroy(&cdat);
}

/* A table of an initiator, and what somebody else reads in it. */
static void test_pieces(void)
{
    static const uint8_t types[] = { CDAT_DSIS, CDAT_DSLBIS };
    size_t at = sizeof(CdatHeader), len, n = 0;
    CdatBuilder b;
    CdatEntry e;
    Cdat cdat;

    cdat_init(&cdat);
    cdat_begin(&b);
    cdat_add_dsis(&b, 3, CDAT_DSIS_MEM_ATTACHED);
    cdat_add_dslbis(&b, 3, CDAT_READ_LATENCY, 1000, 0); /* says nothing */
    cdat_add_dslbis(&b, 3, CDAT_READ_LATENCY, 1000, 70);
    cdat_end(&b, &cdat);
    g_assert_null(cdat_check(&cdat));
    g_assert_cmpuint(cdat_entries(&cdat), ==, 3);
    g_assert_cmpuint(cdat_dslbis_value(cdat_entry(&cdat, 2, &len)), ==,
                     70000);
    while (at < cdat.table->len) {
        g_assert_null(cdat_walk(cdat.table->data, cdat.table->len, &at, &e));
        g_assert_cmpuint(e.type, ==, types[n++]);
    }
    at = sizeof(CdatHeader);
    g_assert_nonnull(cdat_walk(cdat.table->data, at + 3, &at, &e));
    g_assert_nonnull(cdat_walk(cdat.table->data, at + 7, &at, &e));
    g_assert_cmpuint(at, ==, sizeof(CdatHeader));
    cdat_destroy(&cdat);
}

/* Values and units that mean "nothing is said" */
static void test_says_nothing(void)
{
    static const struct {
        uint64_t unit;
        uint16_t value;
    } nothing[] = {
        { 0, 5 }, { 5, 0 }, { 5, 0xffff }, { UINT64_MAX, 2 },
        { UINT64_MAX / 0xfffe + 1, 0xfffe },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(nothing); i++) {
        CdatDslbis e = {
            .base_unit = cpu_to_le64(nothing[i].unit),
            .value = { cpu_to_le16(nothing[i].value) },
        };

        g_assert_cmpuint(cdat_dslbis_value((uint8_t *)&e), ==, 0);
    }
}

static unsigned ask(const Cdat *cdat, uint32_t dw2, uint32_t *rsp,
                    unsigned max)
{
    const uint32_t request[3] = { 0x00021e98, 3, dw2 };

    return cdat_doe(cdat, request, 3, rsp, max);
}

static void test_table_access(void)
{
    Cdat cdat;
    uint32_t rsp[64], handle = 0;
    g_autoptr(GByteArray) got = g_byte_array_new();

    built(&cdat);
    do {
        unsigned n = ask(&cdat, handle << 16, rsp, 64);

        g_assert_cmpuint(n, >, 3);
        g_assert_cmphex(rsp[0], ==, 0x00021e98);
        g_assert_cmpuint(rsp[1], ==, n);
        g_assert_cmphex(rsp[2] & 0xffff, ==, 0);
        for (unsigned i = 3; i < n; i++) {
            uint8_t bytes[4];

            stl_le_p(bytes, rsp[i]);
            g_byte_array_append(got, bytes, 4);
        }
        handle = rsp[2] >> 16;
    } while (handle != 0xffff);
    g_assert_cmpmem(got->data, got->len, cdat.table->data, cdat.table->len);
    cdat_destroy(&cdat);
}

static void test_table_access_refused(void)
{
    const uint32_t shorter[2] = { 0x00021e98, 2 };
    Cdat cdat;
    uint32_t rsp[64];

    built(&cdat);
    g_assert_cmpuint(ask(&cdat, 9 << 16, rsp, 64), ==, 0);
    g_assert_cmpuint(ask(&cdat, 0xffff0000, rsp, 64), ==, 0);
    g_assert_cmpuint(ask(&cdat, 0x00000001, rsp, 64), ==, 0);
    g_assert_cmpuint(ask(&cdat, 0x00000100, rsp, 64), ==, 0);
    g_assert_cmpuint(ask(&cdat, 0, rsp, 6), ==, 0);
    g_assert_cmpuint(ask(&cdat, 0, rsp, 7), ==, 7);
    g_assert_cmpuint(cdat_doe(&cdat, shorter, 2, rsp, 64), ==, 0);
    cdat_destroy(&cdat);
    /* Nothing built yet */
    g_assert_cmpuint(ask(&cdat, 0, rsp, 64), ==, 0);
}

/* A valid table as a file to spoil */
static GByteArray *file(void)
{
    Cdat cdat;
    GByteArray *bytes;

    built(&cdat);
    bytes = g_byte_array_append(g_byte_array_new(), cdat.table->data,
                                cdat.table->len);
    cdat_destroy(&cdat);
    return bytes;
}

static void repair(GByteArray *f)
{
    stl_le_p(f->data, f->len);
    f->data[5] -= sum(f);
}

static void refuse(GByteArray *f, size_t at, const char *part)
{
    Cdat cdat;
    const char *why;
    size_t where;

    cdat_init(&cdat);
    g_assert_false(cdat_load(&cdat, f->data, f->len, &why, &where));
    g_assert_nonnull(strstr(why, part));
    g_assert_cmpuint(where, ==, at);
    g_assert_cmpuint(cdat_entries(&cdat), ==, 0);
    g_byte_array_unref(f);
}

static void test_load(void)
{
    g_autoptr(GByteArray) f = file();
    Cdat cdat;
    const char *why;
    size_t where;

    cdat_init(&cdat);
    g_assert_true(cdat_load(&cdat, f->data, f->len, &why, &where));
    g_assert_null(cdat_check(&cdat));
    /* It stays as the user gave it. */
    cdat_build(&cdat, ranges, 1);
    g_assert_cmpmem(cdat.table->data, cdat.table->len, f->data, f->len);
    cdat_destroy(&cdat);
}

static void test_load_sslbis(void)
{
    static const uint8_t sslbis[24] = { 5, 0, 24, 0, 1 };
    g_autoptr(GByteArray) f = file();
    Cdat cdat;
    const char *why;
    size_t where;

    cdat_init(&cdat);
    g_byte_array_append(f, sslbis, sizeof(sslbis));
    repair(f);
    g_assert_true(cdat_load(&cdat, f->data, f->len, &why, &where));
    g_assert_cmpuint(cdat_entries(&cdat), ==, 10);
    cdat_destroy(&cdat);
}

/* What a reader could never get is refused; the longest that it can is not. */
static void test_load_longest(void)
{
    const unsigned longest = 4 * (DOE_DWORDS - 3);
    g_autofree uint8_t *sslbis = g_malloc0(longest + 8);
    const uint32_t in[] = { 0, 3, 9 << 16 };
    uint32_t out[DOE_DWORDS];
    GByteArray *f = file();
    Cdat cdat;
    const char *why;
    size_t where;

    /* a header of 16 bytes, pairs of ports of 8 */
    sslbis[0] = 5;
    stw_le_p(sslbis + 2, (longest - 16) / 8 * 8 + 16);
    g_byte_array_append(f, sslbis, lduw_le_p(sslbis + 2));
    repair(f);
    cdat_init(&cdat);
    g_assert_true(cdat_load(&cdat, f->data, f->len, &why, &where));
    g_assert_cmpuint(cdat_doe(&cdat, in, 3, out, DOE_DWORDS), ==,
                     3 + lduw_le_p(sslbis + 2) / 4);
    cdat_destroy(&cdat);
    g_byte_array_unref(f);

    f = file();
    stw_le_p(sslbis + 2, (longest - 16) / 8 * 8 + 24);
    g_byte_array_append(f, sslbis, lduw_le_p(sslbis + 2));
    repair(f);
    refuse(f, 208, "longer than an answer");
}

static void test_load_refused(void)
{
    static const uint8_t odd[20] = { 5, 0, 20 };
    static const uint8_t tail[2] = { 0 };
    GByteArray *f;

    f = file();
    refuse(g_byte_array_set_size(f, 15), 0, "shorter");
    f = file();
    stl_le_p(f->data, f->len - 1);
    refuse(f, 0, "length");
    f = file();
    f->data[40] ^= 1;
    refuse(f, 5, "checksum");
    f = file();
    f->data[16] = 6;
    repair(f);
    refuse(f, 16, "type");
    f = file();
    f->data[16 + 24 + 2] = 20;
    repair(f);
    refuse(f, 40, "length does not fit");
    f = file();
    f->data[16 + 2] = 0;
    repair(f);
    refuse(f, 16, "length does not fit");
    f = file();
    f->data[16 + 3] = 0xff;
    repair(f);
    refuse(f, 16, "beyond");
    f = g_byte_array_append(file(), tail, sizeof(tail));
    repair(f);
    refuse(f, 208, "cut short");
    f = g_byte_array_append(file(), odd, sizeof(odd));
    repair(f);
    refuse(f, 208, "length does not fit");
    f = file();
    g_byte_array_set_size(f, 65535 * 8 + 8);
    refuse(f, 0, "longer");
}

/* The sentence names property, file and byte; only what is taken has a sum. */
static void test_load_file(void)
{
    g_autofree char *path = NULL, *sum = NULL, *first = NULL, *text = NULL;
    int fd = g_file_open_tmp("memfab-cdat-XXXXXX", &path, NULL);
    GByteArray *f = file();
    Cdat cdat = { };

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    text = cdat_load_file(&cdat, "file", path, &sum);
    g_assert_nonnull(strstr(text, "property 'file': '"));
    g_assert_nonnull(strstr(text, "' at byte 0: "));
    g_assert_nonnull(strstr(text, path));
    g_assert_null(sum);
    g_assert_true(g_file_set_contents(path, (char *)f->data, f->len, NULL));
    g_assert_null(cdat_load_file(&cdat, "file", path, &sum));
    g_assert_cmpmem(cdat.table->data, cdat.table->len, f->data, f->len);
    g_assert_cmpuint(strlen(sum), ==, 64);
    first = g_strdup(sum);
    g_assert_null(cdat_load_file(&cdat, "file", path, &sum));
    g_assert_cmpstr(sum, ==, first);
    g_assert_cmpint(unlink(path), ==, 0);
    g_free(text);
    text = cdat_load_file(&cdat, "cdat", path, &sum);
    g_assert_nonnull(strstr(text, "property 'cdat': "));
    g_assert_cmpstr(sum, ==, first);
    cdat_destroy(&cdat);
    g_byte_array_unref(f);
}

static void test_checker(void)
{
    GByteArray *table;
    Cdat cdat;

    built(&cdat);
    cdat.table->data[cdat.table->len - 1] ^= 1;
    g_assert_nonnull(cdat_check(&cdat));
    cdat.table->data[cdat.table->len - 1] ^= 1;
    g_array_index(cdat.start, uint32_t, 1) += 4;
    g_assert_cmpstr(cdat_check(&cdat), ==,
                    "entries are not where the table has them");
    table = g_steal_pointer(&cdat.table);
    g_assert_cmpstr(cdat_check(&cdat), ==, "entries without a table");
    cdat.table = table;
    cdat_destroy(&cdat);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cdat/build", test_build);
    g_test_add_func("/cdat/sequence", test_sequence);
    g_test_add_func("/cdat/pieces", test_pieces);
    g_test_add_func("/cdat/says-nothing", test_says_nothing);
    g_test_add_func("/cdat/long-latency", test_long_latency);
    g_test_add_func("/cdat/table-access", test_table_access);
    g_test_add_func("/cdat/table-access-refused",
                    test_table_access_refused);
    g_test_add_func("/cdat/load", test_load);
    g_test_add_func("/cdat/load-sslbis", test_load_sslbis);
    g_test_add_func("/cdat/load-longest", test_load_longest);
    g_test_add_func("/cdat/load-refused", test_load_refused);
    g_test_add_func("/cdat/load-file", test_load_file);
    g_test_add_func("/cdat/checker", test_checker);
    return g_test_run();
}
