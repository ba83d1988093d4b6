/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an endpoint says of its memory agrees with itself, and what decodes.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/component.h"
#include "hw/cxl/core/decode.h"

typedef struct World {
    CxlComponent component;
    CxlDvsec dvsec;
    Cdat cdat;
    CxlDecode d;
} World;

static void changed(void *opaque, int decoder, bool committed)
{
}

static World *start(void)
{
    static const CxlHdmConfig hdm = { .decoders = 4 };
    static const CxlHdmOps ops = { .changed = changed };
    static const CxlDvsecConfig dvsec = { .link_partner = 0xffff };
    World *w = g_new0(World, 1);

    cxl_component_init(&w->component, &hdm, &ops, NULL);
    cxl_dvsec_init(&w->dvsec, &dvsec, 0x100);
    cdat_init(&w->cdat);
    w->d = (CxlDecode) {
        .hdm = &w->component.hdm, .dvsec = &w->dvsec, .cdat = &w->cdat,
    };
    return w;
}

static void stop(World *w)
{
    cdat_destroy(&w->cdat);
    g_free(w);
}

static void memory(World *w, uint64_t volatile_size, uint64_t persistent)
{
    const CxlMemoryRange range[] = {
        { .kind = CXL_MEMORY_VOLATILE, .size = volatile_size },
        { .kind = CXL_MEMORY_PERSISTENT, .base = volatile_size,
          .size = persistent, .handle = 1 },
        { .kind = CXL_MEMORY_DYNAMIC, .base = 4 * GiB, .size = GiB,
          .handle = 7, .dsmas = CDAT_DSMAS_SHAREABLE },
    };

    cxl_decode_set_memory(&w->d, range, ARRAY_SIZE(range));
}

/* The memory of handle @handle by the table; 0: it does not say. */
static uint64_t table_size(World *w, uint8_t handle, uint8_t *flags)
{
    for (unsigned n = 1; n < cdat_entries(&w->cdat); n++) {
        size_t len;
        const CdatDsmas *e = (const void *)cdat_entry(&w->cdat, n, &len);

        if (e->entry.type == CDAT_DSMAS && e->handle == handle) {
            *flags = e->flags;
            return ldq_le_p(&e->dpa_length);
        }
    }
    return 0;
}

static void test_agree(void)
{
    static const uint64_t sizes[][2] = {
        { 512 * MiB, GiB }, { 512 * MiB, 0 }, { 0, GiB }, { 0, 0 },
    };
    World *w = start();
    uint8_t flags;

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        uint64_t v = sizes[i][0], p = sizes[i][1];

        memory(w, v, p);
        g_assert_null(cdat_check(&w->cdat));
        g_assert_cmphex(table_size(w, 0, &flags), ==, v);
        g_assert_cmphex(table_size(w, 1, &flags), ==, p);
        g_assert_cmphex(table_size(w, 7, &flags), ==, GiB);
        g_assert_cmphex(flags, ==, CDAT_DSMAS_DYNAMIC | CDAT_DSMAS_SHAREABLE);
        g_assert_cmphex(cxl_dvsec_range_size(&w->dvsec, 0), ==, v ? v : p);
        g_assert_cmphex(cxl_dvsec_range_size(&w->dvsec, 1), ==, v ? p : 0);
        g_assert_cmphex(w->component.hdm.area[1].base, ==, v);
        g_assert_cmphex(w->component.hdm.area[1].size, ==, p);
        g_assert_cmphex(w->component.hdm.area[2].size, ==, GiB);
    }
    stop(w);
}

/* The longest that a property can say, in picoseconds, is not cut. */
static void test_long_latency(void)
{
    World *w = start();
    uint64_t ps[2] = { 0 };

    w->d.perf[CXL_MEMORY_VOLATILE] = (CxlMemoryPerf) {
        .read_latency = UINT32_MAX, .write_latency = UINT32_MAX,
    };
    memory(w, GiB, 0);
    for (unsigned n = 1; n < cdat_entries(&w->cdat); n++) {
        size_t len;
        const uint8_t *entry = cdat_entry(&w->cdat, n, &len);
        const CdatDslbis *e = (const void *)entry;

        if (e->entry.type == CDAT_DSLBIS && !e->handle) {
            ps[e->data_type == CDAT_WRITE_LATENCY] = cdat_dslbis_value(entry);
        }
    }
    g_assert_cmpuint(ps[0], ==, 42949 * 100000000ull);
    g_assert_cmpuint(ps[1], ==, 42949 * 100000000ull);
    stop(w);
}

static void commit(World *w, uint64_t size)
{
    cxl_hdm_write(&w->component.hdm, CXL_HDM_BASE_HI(0), 1, 4);
    cxl_hdm_write(&w->component.hdm, CXL_HDM_SIZE_LO(0), size, 4);
    cxl_hdm_write(&w->component.hdm, CXL_HDM_CTRL(0), CXL_HDM_CTRL_COMMIT, 4);
}

static void test_mapped_by_decoder(void)
{
    World *w = start();

    memory(w, 512 * MiB, GiB);
    g_assert_false(cxl_decode_mapped(&w->d, 0, 2 * GiB));
    commit(w, 256 * MiB);
    g_assert_true(cxl_decode_mapped(&w->d, 0, 1));
    g_assert_true(cxl_decode_mapped(&w->d, 256 * MiB - 1, 1));
    g_assert_false(cxl_decode_mapped(&w->d, 256 * MiB, 1));
    g_assert_false(cxl_decode_mapped(&w->d, 0, 0));
    g_assert_true(cxl_decode_mapped(&w->d, 0, UINT64_MAX));
    g_assert_false(cxl_decode_mapped(&w->d, UINT64_MAX, UINT64_MAX));
    g_assert_false(cxl_decode_mapped(NULL, 0, 1));
    cxl_component_reset(&w->component, false);
    g_assert_false(cxl_decode_mapped(&w->d, 0, 1));
    /* One of size 0 decodes nothing. */
    commit(w, 0);
    g_assert_true(cxl_hdm_any_committed(&w->component.hdm));
    g_assert_false(cxl_decode_mapped(&w->d, 0, UINT64_MAX));
    stop(w);
}

/* CXL r3.1 8.1.3.8: ranges decode while decoders are off and CXL.mem is on. */
static void test_mapped_by_range(void)
{
    World *w = start();
    uint64_t hpa, size, dpa;

    memory(w, 512 * MiB, GiB);
    cxl_dvsec_write(&w->dvsec, CXL_DVSEC_DEVICE,
                    CXL_DVSEC_DEV_RANGE_BASE_LO(1), 0x40000000, 4);
    g_assert_false(cxl_decode_range(&w->d, 0, &hpa, &size, &dpa));
    g_assert_true(cxl_decode_range(&w->d, 1, &hpa, &size, &dpa));
    g_assert_cmphex(hpa, ==, 0x40000000);
    g_assert_cmphex(size, ==, GiB);
    g_assert_cmphex(dpa, ==, 512 * MiB);
    g_assert_false(cxl_decode_mapped(&w->d, 600 * MiB, 1));
    cxl_dvsec_write(&w->dvsec, CXL_DVSEC_DEVICE, CXL_DVSEC_DEV_CTRL,
                    CXL_DVSEC_DEV_CTRL_MEM, 2);
    g_assert_true(cxl_decode_enabled(&w->d));
    g_assert_true(cxl_decode_mapped(&w->d, 600 * MiB, 1));
    g_assert_false(cxl_decode_mapped(&w->d, 511 * MiB, MiB));
    g_assert_true(cxl_decode_mapped(&w->d, 511 * MiB, MiB + 1));
    cxl_hdm_write(&w->component.hdm, CXL_HDM_GLOBAL, CXL_HDM_GLOBAL_ENABLE, 4);
    g_assert_false(cxl_decode_mapped(&w->d, 600 * MiB, 1));
    cxl_hdm_write(&w->component.hdm, CXL_HDM_GLOBAL, 0, 4);
    /* One that would go round the end of the address space has no place. */
    cxl_dvsec_write(&w->dvsec, CXL_DVSEC_DEVICE,
                    CXL_DVSEC_DEV_RANGE_BASE_HI(1), UINT32_MAX, 4);
    cxl_dvsec_write(&w->dvsec, CXL_DVSEC_DEVICE,
                    CXL_DVSEC_DEV_RANGE_BASE_LO(1), UINT32_MAX, 4);
    g_assert_false(cxl_decode_range(&w->d, 1, &hpa, &size, &dpa));
    g_assert_false(cxl_decode_mapped(&w->d, 600 * MiB, 1));
    stop(w);
}

static void test_describe(void)
{
    World *w = start();
    g_autoptr(GString) text = g_string_new(NULL);

    memory(w, 512 * MiB, GiB);
    commit(w, 256 * MiB);
    commit(w, 0);
    cxl_hdm_write(&w->component.hdm, CXL_HDM_CTRL(2), CXL_HDM_CTRL_COMMIT, 4);
    cxl_decode_describe(&w->d, text);
    g_assert_nonnull(strstr(text->str, "decoders enabled: 0\n"));
    g_assert_nonnull(strstr(text->str, "decoder 0: committed host 0x100000000"
                            " size 0x10000000 dpa 0x0 ways 1 granularity 256"
                            " (none)\n"));
    g_assert_nonnull(strstr(text->str, "decoder 2: free"));
    g_assert_nonnull(strstr(text->str, "before it is not committed"));
    stop(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/decode/agree", test_agree);
    g_test_add_func("/cxl/decode/long-latency", test_long_latency);
    g_test_add_func("/cxl/decode/mapped-by-decoder", test_mapped_by_decoder);
    g_test_add_func("/cxl/decode/mapped-by-range", test_mapped_by_range);
    g_test_add_func("/cxl/decode/describe", test_describe);
    return g_test_run();
}
