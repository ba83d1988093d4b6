/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of the windows: sets and decoders come back as they were, of
 * streams of before there were sections too; what is not there or cannot be is
 * refused by name, and then nothing has changed.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/window-save.h"
#include "hw/cxl/wire/component.h"

#define UNIT    0x1000u
#define LEN     (4 * UNIT)
#define DEVICES 4
#define BRIDGES 2
#define SETS    65536
#define REGISTERS CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)

typedef struct Device {
    char path[16];
    uint64_t size;
} Device;

static Device devices[DEVICES];
static unsigned there;          /* that many of them */
static unsigned stayers;        /* bit per device */
static uint8_t registers[BRIDGES][REGISTERS];

static char *path_of(void *opaque, void *device)
{
    return g_strdup(((Device *)device)->path);
}

static void *device_at(void *opaque, const char *path)
{
    for (unsigned i = 0; i < there; i++) {
        if (!strcmp(devices[i].path, path)) {
            return &devices[i];
        }
    }
    return NULL;
}

static bool backed(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    uint64_t size = ((Device *)device)->size;

    return dpa <= size && len <= size - dpa;
}

static unsigned way(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    return stayers & 1u << ((Device *)device - devices) ? CXL_BYTES_STAY
                                                        : CXL_BYTES_TRAVEL;
}

static uint8_t *decoders_at(void *opaque, const char *path)
{
    return !strcmp(path, "/b0") ? registers[0] :
           !strcmp(path, "/b1") ? registers[1] : NULL;
}

static const CxlWindowSaveOps ops = {
    .path = path_of, .device = device_at, .backed = backed, .way = way,
    .decoders = decoders_at,
};
static const CxlSliceOps slice_ops = { .unit = UNIT };

static void begin(CxlSlices *s)
{
    there = DEVICES;
    stayers = 0;
    for (unsigned i = 0; i < DEVICES; i++) {
        snprintf(devices[i].path, sizeof(devices[i].path), "/m%u", i);
        devices[i].size = 2 * LEN;
    }
    for (unsigned i = 0; i < BRIDGES; i++) {
        memset(registers[i], 0x11 * (i + 1), REGISTERS);
    }
    cxl_slices_init(s, &slice_ops, NULL);
}

/* Two ways in host order, the second reset; and two that have a step to go */
static void add_sets(CxlSlices *s)
{
    CxlSliceSet a = {
        .len = LEN, .ig = 0, .iw = 1, .zero = BIT(1),
        .member = { { &devices[0], UNIT }, { &devices[1], 0 } },
    };
    CxlSliceSet b = {
        .len = LEN, .ig = 1, .iw = 1, .left = 1,
        .member = { { &devices[3], 0 }, { &devices[2], LEN } },
    };

    g_assert_true(cxl_slices_restore(s, &a));
    g_assert_true(cxl_slices_restore(s, &b));
}

static GByteArray *saved(CxlSlices *s)
{
    g_autoptr(GPtrArray) bridges = g_ptr_array_new();
    GByteArray *out = g_byte_array_new();

    g_ptr_array_add(bridges, (char *)"/b0");
    g_ptr_array_add(bridges, (char *)"/b1");
    if (!cxl_window_save(s, bridges, &ops, NULL, out)) {
        g_byte_array_unref(out);
        return NULL;
    }
    return out;
}

static void expect_sets(const CxlSlices *s)
{
    const CxlSliceSet *a = cxl_slices_at(s, &devices[0], UNIT);
    const CxlSliceSet *b = cxl_slices_at(s, &devices[2], LEN);

    g_assert_cmpuint(s->sets->len, ==, 2);
    g_assert_null(cxl_slices_check(s));
    g_assert_true(a && b);
    g_assert_cmpuint(a->left, ==, 0);
    g_assert_cmphex(a->zero, ==, BIT(1));
    g_assert_cmphex(b->zero, ==, 0);
    g_assert_true(a->member[1].device == &devices[1]);
    g_assert_cmpuint(b->left, ==, 1);
    g_assert_cmpuint(b->ig, ==, 1);
    g_assert_true(b->member[0].device == &devices[3]);
}

static void test_round(void)
{
    CxlSlices s, t;
    g_autoptr(GByteArray) bytes = NULL;
    g_autofree char *problem = NULL;

    begin(&s);
    add_sets(&s);
    bytes = saved(&s);
    cxl_slices_destroy(&s);
    begin(&t);
    memset(registers, 0xee, sizeof(registers));
    g_assert_true(cxl_window_load(&t, &ops, NULL, bytes->data, bytes->len,
                                  &problem));
    g_assert_null(problem);
    expect_sets(&t);
    for (unsigned i = 0; i < BRIDGES; i++) {
        /* How many decoders there are is the bridge's own business. */
        g_assert_cmphex((uint32_t)ldl_le_p(registers[i] + CXL_HDM_CAP), ==,
                        0xeeeeeeee);
        for (unsigned b = CXL_HDM_CAP + 4; b < REGISTERS; b++) {
            g_assert_cmphex(registers[i][b], ==, 0x11 * (i + 1));
        }
    }
    cxl_slices_destroy(&t);
}

/* It is refused with @words, and sets and registers are what they were. */
static void refused(const uint8_t *data, size_t len, const char *words)
{
    CxlSlices t;
    uint8_t before[sizeof(registers)];
    g_autofree char *problem = NULL;

    cxl_slices_init(&t, &slice_ops, NULL);
    memcpy(before, registers, sizeof(before));
    g_assert_false(cxl_window_load(&t, &ops, NULL, data, len, &problem));
    g_assert_nonnull(problem);
    if (words) {
        g_assert_cmpstr(problem, ==, words);
    }
    g_assert_cmpuint(t.sets->len, ==, 0);
    g_assert_cmpmem(before, sizeof(before), registers, sizeof(registers));
    cxl_slices_destroy(&t);
}

static void test_refused(void)
{
    CxlSlices s;
    g_autoptr(GByteArray) bytes = NULL;

    begin(&s);
    add_sets(&s);
    bytes = saved(&s);
    cxl_slices_destroy(&s);
    there = 3;
    refused(bytes->data, bytes->len,
            "section 'sets': a device that is not there");
    there = DEVICES;
    devices[2].size = LEN;
    refused(bytes->data, bytes->len,
            "section 'sets': memory that a device does not have");
    devices[2].size = 2 * LEN;
    for (size_t len = 7; len < bytes->len; len += 7) {
        refused(bytes->data, len, NULL);
    }
    refused((const uint8_t *)"nonsense", 8,
            "neither sections nor what was before them");
    /* The path of the last bridge, behind which its registers are */
    bytes->data[bytes->len - REGISTERS - 1] = '9';
    refused(bytes->data, bytes->len,
            "section 'bridges': a bridge that is not there");
    bytes->data[bytes->len - REGISTERS - 3] = 'b';
    refused(bytes->data, bytes->len,
            "section 'bridges': a bridge that is not there");
}

static void load_any(CxlSlices *s, const GByteArray *bytes)
{
    g_autofree char *problem = NULL;

    g_assert_true(cxl_window_load(s, &ops, NULL, bytes->data, bytes->len,
                                  &problem));
    g_assert_null(problem);
}

static void load(CxlSlices *s, const GByteArray *bytes)
{
    load_any(s, bytes);
    g_assert_null(cxl_slices_check(s));
}

/* Bytes that stay where they are: the order that they have there counts. */
static void test_stay(void)
{
    CxlSlices s, t;
    g_autoptr(GByteArray) all = NULL, some = NULL;
    const CxlSliceSet *set;
    CxlSliceSet own = {
        .len = LEN, .ig = 2, .iw = 1,
        .member = { { &devices[2], 0 }, { &devices[3], LEN } },
    };

    begin(&s);
    add_sets(&s);
    all = saved(&s);
    stayers = 1 << 2 | 1 << 3;
    some = saved(&s);
    stayers = 1 << 0 | 1 << 2 | 1 << 3;
    g_assert_null(saved(&s));
    cxl_slices_destroy(&s);
    refused(all->data, all->len,
            "section 'sets': memory of which only a part has come along");

    begin(&t);
    load(&t, some);
    g_assert_cmpuint(t.sets->len, ==, 1);
    g_assert_true(cxl_slices_at(&t, &devices[0], UNIT));
    cxl_slices_destroy(&t);

    begin(&t);
    stayers = 1 << 2 | 1 << 3;
    g_assert_true(cxl_slices_restore(&t, &own));
    load(&t, all);
    g_assert_cmpuint(t.sets->len, ==, 2);
    g_assert_true(cxl_slices_at(&t, &devices[0], UNIT));
    set = cxl_slices_at(&t, &devices[2], 0);
    g_assert_true(set && set->ig == own.ig);
    g_assert_null(cxl_slices_at(&t, &devices[2], LEN));
    cxl_slices_destroy(&t);
}

/*
 * As many sets as a stream may have: looked at in pairs they would take longer
 * than the runner waits.
 */
static void test_most(void)
{
    CxlSlices s, t;
    g_autoptr(GByteArray) bytes = NULL;
    CxlSliceSet set = {
        .len = UNIT, .iw = 1, .member = { { &devices[0] }, { &devices[1] } },
    };

    begin(&s);
    devices[0].size = devices[1].size = (uint64_t)SETS * UNIT;
    for (unsigned i = 0; i < SETS; i++) {
        set.member[0].dpa = (uint64_t)i * UNIT;
        set.member[1].dpa = (uint64_t)(SETS - 1 - i) * UNIT;
        g_assert_true(cxl_slices_append(&s, &set));
    }
    bytes = saved(&s);
    cxl_slices_init(&t, &slice_ops, NULL);
    load_any(&t, bytes);
    g_assert_cmpuint(t.sets->len, ==, SETS);
    cxl_slices_destroy(&t);

    /* The last uses what the first one has, too. */
    g_array_index(s.sets, CxlSliceSet, SETS - 1).member[0].dpa = 0;
    g_clear_pointer(&bytes, g_byte_array_unref);
    bytes = saved(&s);
    refused(bytes->data, bytes->len, "section 'sets': a bad set");
    cxl_slices_destroy(&s);
}

/* What was written before there were sections */
static GBytes *old_stream(const char *path, size_t registers_len)
{
    g_autofree uint8_t *block = g_malloc0(registers_len);
    GVariantBuilder sets, members, bridges;
    g_autoptr(GVariant) v = NULL, le = NULL;

    memset(block, 0x77, registers_len);
    g_variant_builder_init(&members, G_VARIANT_TYPE("a(st)"));
    g_variant_builder_add(&members, "(st)", "/m0", (uint64_t)UNIT);
    g_variant_builder_add(&members, "(st)", path, (uint64_t)0);
    g_variant_builder_init(&sets, G_VARIANT_TYPE("a(tyya(st))"));
    g_variant_builder_add(&sets, "(tyya(st))", (uint64_t)LEN, 0, 1, &members);
    g_variant_builder_init(&bridges, G_VARIANT_TYPE("a(say)"));
    g_variant_builder_add(&bridges, "(s@ay)", "/b1",
                          g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, block,
                                                    registers_len, 1));
    v = g_variant_ref_sink(g_variant_new("(a(tyya(st))a(say))", &sets,
                                         &bridges));
    le = HOST_BIG_ENDIAN ? g_variant_byteswap(v) : g_variant_ref(v);
    return g_variant_get_data_as_bytes(le);
}

static void test_old(void)
{
    CxlSlices s;
    g_autoptr(GBytes) good = old_stream("/m1", REGISTERS);
    g_autoptr(GBytes) gone = old_stream("/m9", REGISTERS);
    g_autoptr(GBytes) brief = old_stream("/m1", REGISTERS - 1);
    g_autofree char *problem = NULL;
    size_t len;
    const uint8_t *data = g_bytes_get_data(gone, &len);

    begin(&s);
    refused(data, len, "a device that is not there");
    data = g_bytes_get_data(brief, &len);
    refused(data, len, "a bridge of a wrong length");
    data = g_bytes_get_data(good, &len);
    g_assert_true(cxl_window_load(&s, &ops, NULL, data, len, &problem));
    g_assert_cmpuint(s.sets->len, ==, 1);
    g_assert_true(cxl_slices_at(&s, &devices[1], 0));
    g_assert_cmphex(registers[1][REGISTERS - 1], ==, 0x77);
    g_assert_cmphex(registers[0][REGISTERS - 1], ==, 0x11);
    cxl_slices_destroy(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/core/window-save/round", test_round);
    g_test_add_func("/cxl/core/window-save/refused", test_refused);
    g_test_add_func("/cxl/core/window-save/stay", test_stay);
    g_test_add_func("/cxl/core/window-save/most", test_most);
    g_test_add_func("/cxl/core/window-save/old", test_old);
    return g_test_run();
}
