/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses: by pointer where there is one, through HostOps otherwise, and what
 * becomes of pointers then.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/host.h"
#include "tests/unit/sdxi/fake-host.h"

typedef struct Rig {
    FakeHost *g;
    SdxiSpans spans;
    SdxiHost host;
} Rig;

static const SdxiSpace here;

static void set_up(Rig *r)
{
    memset(r, 0, sizeof(*r));
    r->g = fake_host_new();
    r->g->by_pointer = true;
    r->host = (SdxiHost) {
        .ops = &fake_host_ops, .opaque = r->g, .spans = &r->spans,
    };
}

static uint64_t get(Rig *r, uint64_t addr)
{
    uint64_t q = 0;

    g_assert_cmpint(sdxi_host_read_quads(&r->host, &here, addr, &q, 1), ==,
                    SDXI_MEM_OK);
    return q;
}

static SdxiMemResult put(Rig *r, uint64_t addr, uint64_t value)
{
    uint64_t le = cpu_to_le64(value);

    return sdxi_host_write(&r->host, &here, addr, &le, 8);
}

/* Whatever goes through HostOps makes pointers void: it may have waited. */
static void test_void_after_call(void)
{
    uint8_t buf[16];
    uint64_t seen;
    Rig r;

    set_up(&r);
    get(&r, 0);
    sdxi_host_read(&r.host, &here, FAKE_SINK, buf, 16);
    g_assert_cmpuint(r.spans.span[0].len, ==, 0);
    get(&r, 0);
    sdxi_host_write(&r.host, &here, FAKE_SINK, buf, 16);
    g_assert_cmpuint(r.spans.span[0].len, ==, 0);
    get(&r, 0);
    sdxi_host_decrement(&r.host, &here, FAKE_SINK);
    g_assert_cmpuint(r.spans.span[0].len, ==, 0);
    get(&r, 0);
    sdxi_host_cmpxchg(&r.host, &here, FAKE_SINK, 8, 0, 1, &seen);
    g_assert_cmpuint(r.spans.span[0].len, ==, 0);
    sdxi_host_copy(&r.host, &here, 0, &here, FAKE_SINK, 16);
    g_assert_cmpuint(r.spans.span[0].len, ==, 0);
    g_assert_cmpuint(r.g->accesses, ==, 4 + 2);
    fake_host_free(r.g);
}

static void test_read_only(void)
{
    SdxiCopyEnd end;
    Rig r;

    set_up(&r);
    r.g->rom_bytes = 4096;
    r.g->span_bytes = 4096;
    fake_st(r.g, 8, 5);
    fake_host_trap(r.g, 0, 4096, FAKE_WRITE, SDXI_MEM_ACCESS, 0);
    g_assert_cmpuint(get(&r, 8), ==, 5);
    g_assert_cmpint(put(&r, 8, 6), ==, SDXI_MEM_ACCESS);
    g_assert_cmpint(sdxi_host_decrement(&r.host, &here, 8), ==,
                    SDXI_MEM_ACCESS);
    end = sdxi_host_copy(&r.host, &here, 4096, &here, 0, 64);
    g_assert_cmpint(end.result, ==, SDXI_MEM_ACCESS);
    g_assert_true(end.dst_failed);
    end = sdxi_host_copy(&r.host, &here, 0, &here, 4096, 64);
    g_assert_cmpint(end.result, ==, SDXI_MEM_OK);
    g_assert_cmpuint(fake_ld(r.g, 4096 + 8), ==, 5);
    g_assert_cmpuint(fake_ld(r.g, 8), ==, 5);
    fake_host_free(r.g);
}

/* Beyond the end of a span, and beyond the end of all addresses. */
static void test_edges(void)
{
    uint8_t buf[16] = { 0 };
    Rig r;

    set_up(&r);
    r.g->span_bytes = 4096;
    get(&r, 4096 - 8);
    g_assert_cmpuint(r.g->accesses, ==, 0);
    sdxi_host_read(&r.host, &here, 4096 - 8, buf, 16);
    g_assert_cmpuint(r.g->accesses, ==, 1);
    g_assert_cmpint(sdxi_host_read(&r.host, &here, UINT64_MAX - 7, buf, 16),
                    ==, SDXI_MEM_ACCESS);
    g_assert_cmpint(sdxi_host_write(&r.host, &here, UINT64_MAX, buf, 2),
                    ==, SDXI_MEM_ACCESS);
    g_assert_cmpuint(r.g->accesses, ==, 1);
    fake_host_free(r.g);
}

static void test_process(void)
{
    const SdxiSpace process = { .pasid_valid = true, .pasid = 1 };
    uint64_t q = 3;
    Rig r;

    set_up(&r);
    get(&r, 0);
    g_assert_cmpint(sdxi_host_write(&r.host, &process, 0, &q, 8), ==,
                    SDXI_MEM_OK);
    g_assert_cmpuint(r.g->accesses, ==, 1);
    g_assert_cmpuint(r.g->spans, ==, 1);
    g_assert_cmpuint(fake_ld(r.g, 0), ==, 0);
    fake_host_free(r.g);
}

static void test_watched(void)
{
    uint64_t seen;
    Rig r;

    set_up(&r);
    put(&r, 0, 1);
    g_assert_cmpuint(r.g->wrote, ==, 0);
    r.g->watch = true;
    fake_epoch++;
    put(&r, 0, 1);
    g_assert_cmpuint(r.g->wrote, ==, 8);
    sdxi_host_decrement(&r.host, &here, 0);
    g_assert_cmpuint(r.g->wrote, ==, 16);
    sdxi_host_cmpxchg(&r.host, &here, 4, 4, 0, 9, &seen);
    g_assert_cmpuint(r.g->wrote, ==, 20);
    sdxi_host_copy(&r.host, &here, 0, &here, 100, 50);
    g_assert_cmpuint(r.g->wrote, ==, 70);
    g_assert_cmpuint(r.g->accesses, ==, 0);
    fake_host_free(r.g);
}

static void test_atomics(void)
{
    uint64_t seen = 1;
    Rig r;

    set_up(&r);
    fake_st(r.g, 8, 10);
    g_assert_cmpint(sdxi_host_decrement(&r.host, &here, 8), ==, SDXI_MEM_OK);
    g_assert_cmpuint(fake_ld(r.g, 8), ==, 9);
    sdxi_host_cmpxchg(&r.host, &here, 8, 8, 8, 1, &seen);
    g_assert_cmpuint(seen, ==, 9);
    g_assert_cmpuint(fake_ld(r.g, 8), ==, 9);
    sdxi_host_cmpxchg(&r.host, &here, 8, 8, 9, UINT64_MAX, &seen);
    g_assert_cmpuint(seen, ==, 9);
    sdxi_host_cmpxchg(&r.host, &here, 12, 4, UINT32_MAX, 0, &seen);
    g_assert_cmphex(seen, ==, UINT32_MAX);
    g_assert_cmphex(fake_ld(r.g, 8), ==, UINT32_MAX);
    fake_host_free(r.g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/host/void-after-call", test_void_after_call);
    g_test_add_func("/sdxi/host/read-only", test_read_only);
    g_test_add_func("/sdxi/host/edges", test_edges);
    g_test_add_func("/sdxi/host/process", test_process);
    g_test_add_func("/sdxi/host/watched", test_watched);
    g_test_add_func("/sdxi/host/atomics", test_atomics);
    return g_test_run();
}
