/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses: by pointer where there is one, through HostOps otherwise, and what
 * becomes of pointers then.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/host.h"
#include "tests/unit/sdxi/pointer-rig.h"

static void tear_down(Rig *r)
{
    if (r->spans.atc) {
        g_assert_cmpstr(sdxi_atc_check(r->spans.atc), ==, NULL);
    }
    sdxi_spans_free(&r->spans);
    fake_host_free(r->g);
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
    tear_down(&r);
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
    tear_down(&r);
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
    tear_down(&r);
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
    tear_down(&r);
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
    tear_down(&r);
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
    tear_down(&r);
}

/* ---- pages of an I/O MMU ---- */

static void set_up_paged(Rig *r, uint64_t page_bytes)
{
    set_up(r);
    r->g->page_bytes = page_bytes;
    for (unsigned i = 0; i < 4 * MiB; i += 8) {
        fake_st(r->g, i, i * UINT64_C(0x9e3779b97f4a7c15));
    }
}

#define FAR (16 * MiB + 8)

static void check_copy(Rig *r, const SdxiSpace *space, uint64_t src,
                       uint32_t len)
{
    SdxiCopyEnd end = sdxi_host_copy(&r->host, space, src, &here, FAR, len);

    g_assert_cmpint(end.result, ==, SDXI_MEM_OK);
    g_assert_cmpuint(end.done, ==, len);
    g_assert_cmpint(memcmp(fake_host_memory(r->g, space->pasid_valid,
                                            space->pasid) + src,
                           r->g->memory + FAR, len), ==, 0);
}

/* Asked once for all of it, then not at all, and never by the long way. */
static void test_pages(void)
{
    static const uint64_t sizes[] = { SDXI_ATC_SMALL, SDXI_ATC_LARGE };

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        Rig r;

        set_up_paged(&r, sizes[i]);
        check_copy(&r, &here, 3 * MiB - 12345, SDXI_HOST_CHUNK);
        g_assert_cmpuint(r.g->fetches, <=, 4);
        r.g->fetches = 0;
        check_copy(&r, &here, 3 * MiB - 12345, 1234);
        g_assert_cmpuint(get(&r, 3 * MiB - 4096), ==,
                         fake_ld(r.g, 3 * MiB - 4096));
        g_assert_cmpint(put(&r, FAR, 5), ==, SDXI_MEM_OK);
        g_assert_cmpint(sdxi_host_decrement(&r.host, &here, FAR), ==,
                        SDXI_MEM_OK);
        g_assert_cmpuint(fake_ld(r.g, FAR), ==, 4);
        g_assert_cmpuint(r.g->fetches, ==, 0);
        g_assert_cmpuint(r.g->accesses, ==, 0);
        tear_down(&r);
    }
}

/* What is not there fails where it is met, and what is before it is done. */
static void test_page_missing(void)
{
    for (unsigned dst = 0; dst < 2; dst++) {
        SdxiCopyEnd end;
        Rig r;

        set_up_paged(&r, SDXI_ATC_SMALL);
        fake_host_trap(r.g, (dst ? 16 * MiB : 0) + 3 * 4096, 1,
                       dst ? FAKE_WRITE : FAKE_READ, SDXI_MEM_TRANSLATION, 0);
        end = sdxi_host_copy(&r.host, &here, 8, &here, FAR, 64 * KiB);
        g_assert_cmpint(end.result, ==, SDXI_MEM_TRANSLATION);
        g_assert_cmpint(end.dst_failed, ==, dst);
        g_assert_cmpuint(end.done, ==, 3 * 4096 - 8);
        g_assert_cmpint(memcmp(r.g->memory + 8, r.g->memory + FAR, end.done),
                        ==, 0);
        g_assert_cmpuint(fake_ld(r.g, 16 * MiB + 3 * 4096), ==, 0);
        tear_down(&r);
    }
}

/* Whoever may write may not read for that, nor the other way round. */
static void test_page_rights(void)
{
    uint64_t q = 7;
    Rig r;

    set_up_paged(&r, SDXI_ATC_SMALL);
    fake_host_trap(r.g, 0, 4096, FAKE_WRITE, SDXI_MEM_TRANSLATION, 0);
    fake_host_trap(r.g, 4096, 4096, FAKE_READ, SDXI_MEM_TRANSLATION, 0);
    get(&r, 0);
    g_assert_cmpint(put(&r, 0, 1), ==, SDXI_MEM_TRANSLATION);
    g_assert_cmpint(put(&r, 4096, 1), ==, SDXI_MEM_OK);
    g_assert_cmpint(sdxi_host_read(&r.host, &here, 4096, &q, 8), ==,
                    SDXI_MEM_TRANSLATION);
    g_assert_cmpuint(fake_ld(r.g, 4096), ==, 1);
    tear_down(&r);
}

/* After an invalidation nobody uses what was before. */
static void test_page_epoch(void)
{
    uint8_t *old;
    Rig r;

    set_up_paged(&r, SDXI_ATC_LARGE);
    check_copy(&r, &here, 0, 64);
    old = r.g->memory;
    r.g->memory = g_memdup2(old, r.g->size);
    fake_epoch++;
    fake_st(r.g, 0, 99);
    check_copy(&r, &here, 0, 64);
    g_assert_cmpuint(ldq_le_p(old), !=, 99);
    put(&r, 8, 98);
    g_assert_cmpuint(ldq_le_p(old + 8), !=, 98);
    g_assert_cmpuint(r.g->accesses, ==, 0);
    g_free(old);
    tear_down(&r);
}

/* Registers go the long way, and the I/O MMU is asked once. */
static void test_page_no_ram(void)
{
    uint8_t buf[16] = { 1 };
    Rig r;

    set_up_paged(&r, SDXI_ATC_SMALL);
    for (unsigned i = 1; i <= 5; i++) {
        g_assert_cmpint(sdxi_host_write(&r.host, &here, FAKE_SINK, buf, 16),
                        ==, SDXI_MEM_OK);
        sdxi_host_copy(&r.host, &here, 64, &here, FAKE_SINK, 64);
        g_assert_cmpuint(r.g->accesses, ==, 3 * i);
    }
    g_assert_cmpuint(r.g->fetches, <=, 2);
    /* across the end of a page, the same */
    r.g->accesses = r.g->fetches = 0;
    for (unsigned i = 1; i <= 5; i++) {
        sdxi_host_read(&r.host, &here, 4096 - 8, buf, 16);
        g_assert_cmpmem(buf, 16, r.g->memory + 4096 - 8, 16);
        g_assert_cmpuint(r.g->accesses, ==, i);
        g_assert_cmpuint(r.g->fetches, <=, 1);
    }
    tear_down(&r);
}

static void test_page_process(void)
{
    const SdxiSpace process = { .pasid_valid = true, .pasid = 2 };
    const SdxiSpace nobody = { .pasid_valid = true, .pasid = FAKE_PASIDS };
    uint64_t q = 3;
    Rig r;

    set_up_paged(&r, SDXI_ATC_SMALL);
    memset(fake_host_memory(r.g, true, 2), 0x5a, 1 * MiB);
    check_copy(&r, &process, 4096, 100000);
    check_copy(&r, &here, 4096, 100000);
    g_assert_cmpint(sdxi_host_write(&r.host, &process, 0, &q, 8), ==,
                    SDXI_MEM_OK);
    g_assert_cmpuint(fake_ld(r.g, 0), ==, 0);
    g_assert_cmpuint(r.g->accesses, ==, 0);
    g_assert_cmpint(sdxi_host_write(&r.host, &nobody, 0, &q, 8), ==,
                    SDXI_MEM_TRANSLATION);
    tear_down(&r);
}

/* Both ways, by pieces of 4 KiB: as if all of it had been read before. */
static void check_overlap(Rig *r, uint64_t src, uint64_t dst, uint32_t len)
{
    g_autofree uint8_t *expected = g_memdup2(r->g->memory + src, len);
    SdxiCopyEnd end = sdxi_host_copy(&r->host, &here, src, &here, dst, len);

    g_assert_cmpint(end.result, ==, SDXI_MEM_OK);
    g_assert_cmpuint(end.done, ==, len);
    g_assert_cmpmem(r->g->memory + dst, len, expected, len);
}

static void test_overlap(void)
{
    for (unsigned paged = 0; paged < 2; paged++) {
        Rig r;

        set_up_paged(&r, paged ? SDXI_ATC_SMALL : 0);
        r.g->span_bytes = paged ? 0 : 4096;
        check_overlap(&r, 1000, 1100, 50000);
        check_overlap(&r, 1100, 1000, 50000);
        check_overlap(&r, 8192, 8200, 100);
        check_overlap(&r, 8000, 12096, 9000);
        tear_down(&r);
    }
}

/* Pages that follow each other are one piece: it overlaps by pointer, too. */
static void test_page_run(void)
{
    Rig r;

    set_up_paged(&r, SDXI_ATC_SMALL);
    r.g->accesses = 0;
    check_overlap(&r, 8000, 12096, 9000);
    g_assert_cmpuint(r.g->accesses, ==, 0);
    r.g->watch = true;
    fake_epoch++;
    check_overlap(&r, 20000, 30000, 50000);
    g_assert_cmpuint(r.g->accesses, ==, 0);
    g_assert_cmpuint(r.g->wrote, ==, 50000);
    tear_down(&r);
}

static void test_page_watched(void)
{
    Rig r;

    set_up_paged(&r, SDXI_ATC_SMALL);
    r.g->watch = true;
    check_copy(&r, &here, 100, 50000);
    g_assert_cmpuint(r.g->wrote, ==, 50000);
    put(&r, 0, 1);
    g_assert_cmpuint(r.g->wrote, ==, 50008);
    tear_down(&r);
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
    g_test_add_func("/sdxi/host/pages", test_pages);
    g_test_add_func("/sdxi/host/page-missing", test_page_missing);
    g_test_add_func("/sdxi/host/page-rights", test_page_rights);
    g_test_add_func("/sdxi/host/page-epoch", test_page_epoch);
    g_test_add_func("/sdxi/host/page-no-ram", test_page_no_ram);
    g_test_add_func("/sdxi/host/page-process", test_page_process);
    g_test_add_func("/sdxi/host/page-watched", test_page_watched);
    g_test_add_func("/sdxi/host/page-run", test_page_run);
    g_test_add_func("/sdxi/host/overlap", test_overlap);
    return g_test_run();
}
