/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoders written as firmware writes them: where a region may lie, registers
 * of bridges, capacity of a device in its order, locks, and what is refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/boot.h"
#include "tests/unit/cxl/fake-host.h"

#define BASE (16 * GiB)

/* A bridge that commits what it is asked to */
typedef struct Bridge {
    bool passes;
    uint8_t bytes[CXL_HDM_LEN(CXL_HDM_PORT_MAX)];
} Bridge;

static bool decodes(void *bridge)
{
    return !((Bridge *)bridge)->passes;
}

static uint32_t bridge_get(void *opaque, unsigned offset)
{
    Bridge *b = opaque;

    g_assert_false(b->passes);
    g_assert_cmpuint(offset, <=, sizeof(b->bytes) - 4);
    return ldl_le_p(b->bytes + offset);
}

static void bridge_put(void *opaque, unsigned offset, uint32_t value)
{
    Bridge *b = opaque;

    g_assert_cmpuint(offset, <=, sizeof(b->bytes) - 4);
    if (offset >= CXL_HDM_BASE_LO(0) && offset % CXL_HDM_STRIDE == 0 &&
        value & CXL_HDM_CTRL_COMMIT) {
        value |= CXL_HDM_CTRL_COMMITTED;
    }
    stl_le_p(b->bytes + offset, value);
}

static const CxlBootOps ops = { decodes, bridge_get, bridge_put };

/* One host bridge, and devices behind its ports 7, 8, ... */
typedef struct Rig {
    Bridge bridge;
    FakeHost *host[2];
    CxlBootDevice device[2];
    CxlBootWindow window;
} Rig;

static Rig *rig_new(unsigned count_code)
{
    static const char *const names[] = { "cxl0", "cxl1" };
    Rig *r = g_new0(Rig, 1);

    stl_le_p(r->bridge.bytes, CXL_HDM_CAP_COUNT(count_code));
    r->window = (CxlBootWindow) { 1, BASE, 64 * GiB,
                                  { .target[0] = &r->bridge } };
    for (unsigned i = 0; i < 2; i++) {
        r->host[i] = fake_host_default();
        r->device[i] = (CxlBootDevice) {
            names[i], r->host[i]->ep, { 1, { { &r->bridge, 7 + i } } },
        };
    }
    return r;
}

static void rig_free(Rig *r)
{
    for (unsigned i = 0; i < 2; i++) {
        fake_check(r->host[i]);
        fake_host_free(r->host[i]);
    }
    g_free(r);
}

static void refuses(Rig *r, CxlBootRegion region, unsigned ways,
                    const char *why)
{
    g_autofree char *problem = cxl_boot_commit(&region, region.offset,
        &r->window, r->device, ways, &ops);

    g_assert_nonnull(problem);
    if (!strstr(problem, why)) {
        g_error("expected '%s' in: %s", why, problem);
    }
}

static void takes(Rig *r, CxlBootRegion region, unsigned ways, int n,
                  uint64_t dpa)
{
    g_assert_null(cxl_boot_commit(&region, region.offset, &r->window,
                                  r->device, ways, &ops));
    for (unsigned i = 0; i < ways; i++) {
        CxlHdmDecoder d;

        cxl_endpoint_decoder(r->host[i]->ep, n, &d);
        g_assert_true(d.committed);
        g_assert_cmpint(d.locked, ==, region.lock);
        g_assert_cmphex(d.base, ==, BASE + region.offset);
        g_assert_cmphex(d.size, ==, region.size);
        g_assert_cmphex(d.dpa, ==, dpa);
        g_assert_true(cxl_endpoint_mem_enabled(r->host[i]->ep));
    }
}

static void test_place(void)
{
    Rig *r = rig_new(5);
    uint64_t end = r->window.size;

    refuses(r, (CxlBootRegion) { .size = GiB }, 0, "names no device");
    refuses(r, (CxlBootRegion) { .window = 1, .size = GiB }, 1,
            "'window': there is no window 1, the machine has 1");
    refuses(r, (CxlBootRegion) { .size = 0 }, 1, "'size': 0x0 is not");
    refuses(r, (CxlBootRegion) { .size = CXL_HDM_ALIGN }, 2,
            "for each of 2 devices");
    refuses(r, (CxlBootRegion) { .offset = 4096, .size = CXL_HDM_ALIGN }, 1,
            "'offset': 0x1000");
    refuses(r, (CxlBootRegion) { .offset = end, .size = CXL_HDM_ALIGN }, 1,
            "do not fit");
    refuses(r, (CxlBootRegion) { .size = end + CXL_HDM_ALIGN }, 1,
            "do not fit");
    refuses(r, (CxlBootRegion) { .offset = -CXL_HDM_ALIGN,
                                 .size = 2 * CXL_HDM_ALIGN }, 1,
            "do not fit");
    refuses(r, (CxlBootRegion) { .size = CXL_HDM_ALIGN, .granularity = 100 },
            1, "granularity 100 is not");
    r->window.near = end - CXL_HDM_ALIGN;
    refuses(r, (CxlBootRegion) { .offset = end - 2 * CXL_HDM_ALIGN,
                                 .size = CXL_HDM_ALIGN }, 1,
            "'offset': 0xfe0000000 lies in the first 0xff0000000 bytes");
    takes(r, (CxlBootRegion) { .offset = end - CXL_HDM_ALIGN,
                               .size = CXL_HDM_ALIGN }, 1, 0, 0);
    rig_free(r);
}

/* Decoders that are longer than their window, and what lies behind it */
static void test_hole(void)
{
    Rig *r = rig_new(5);
    CxlBootRegion region = { .size = 2 * CXL_HDM_ALIGN, .hole = true };
    uint64_t half = r->window.size - CXL_HDM_ALIGN;

    region.offset = r->window.size;
    refuses(r, region, 1, "do not fit");
    region.offset = half;
    r->window.next = BASE + r->window.size;
    refuses(r, region, 1, "'hole': 0x20000000 bytes at offset 0xff0000000 end"
            " in another window, which begins 0x1000000000 bytes behind");
    r->window.next += CXL_HDM_ALIGN - 1;
    refuses(r, region, 1, "in another window");
    g_assert_cmphex(cxl_boot_reached(&region, half, &r->window), ==,
                    CXL_HDM_ALIGN);
    g_assert_cmphex(cxl_boot_reached(&region, 0, &r->window), ==, region.size);
    r->window.next++;
    takes(r, region, 1, 0, 0);
    rig_free(r);
}

/* All there is between this window and the end of the address space */
static void test_hole_alone(void)
{
    Rig *r = rig_new(5);

    r->window.size = CXL_HDM_ALIGN;
    refuses(r, (CxlBootRegion) { .size = 2 * CXL_HDM_ALIGN }, 1,
            "do not fit");
    takes(r, (CxlBootRegion) { .size = 2 * CXL_HDM_ALIGN, .hole = true }, 2,
          0, 0);
    rig_free(r);
}

static void test_devices(void)
{
    Rig *r = rig_new(5);
    CxlBootRegion region = { .size = 2 * CXL_HDM_ALIGN };
    CxlBootDevice good = r->device[1];

    r->device[1].ep = NULL;
    refuses(r, region, 2, "'cxl1' is not a CXL memory device");
    r->device[1].ep = r->device[0].ep;
    refuses(r, region, 2, "'cxl1' is there twice");
    r->device[1] = good;
    r->device[1].path.hops = 0;
    refuses(r, region, 2, "'cxl1' is not below a root port");
    r->device[1] = good;
    g_assert_cmphex(bridge_get(&r->bridge, CXL_HDM_CTRL(0)), ==, 0);
    takes(r, region, 2, 0, 0);
    rig_free(r);
}

/* Regions of one window follow each other; those of others are no matter. */
static void test_offset(void)
{
    static const CxlBootRegion region[] = {
        { .offset = CXL_BOOT_BEHIND_OTHERS, .size = GiB },
        { .window = 1, .offset = CXL_BOOT_BEHIND_OTHERS, .size = 2 * GiB },
        { .offset = CXL_BOOT_BEHIND_OTHERS, .size = GiB },
        { .offset = 8 * GiB, .size = GiB },
        { .offset = 4 * GiB, .size = GiB },
        { .offset = CXL_BOOT_BEHIND_OTHERS, .size = GiB },
        { .window = 1, .offset = CXL_BOOT_BEHIND_OTHERS, .size = GiB },
    };
    static const uint64_t offset[] = {
        0, 0, GiB, 8 * GiB, 4 * GiB, 9 * GiB, 2 * GiB,
    };
    const CxlBootRegion *all[G_N_ELEMENTS(region)];

    for (unsigned i = 0; i < G_N_ELEMENTS(region); i++) {
        all[i] = &region[i];
        g_assert_cmphex(cxl_boot_offset(all, i + 1), ==, offset[i]);
    }
}

static void test_bridge(void)
{
    static const unsigned counts[] = { 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24,
                                       28, 32 };

    for (unsigned code = 0; code < G_N_ELEMENTS(counts); code++) {
        Rig *r = rig_new(code);
        Bridge *b = &r->bridge;
        unsigned last = counts[code] - 1;

        /* All but the last are somebody else's. */
        for (unsigned n = 0; n < last; n++) {
            bridge_put(b, CXL_HDM_CTRL(n), CXL_HDM_CTRL_COMMIT);
        }
        takes(r, (CxlBootRegion) { .size = GiB, .granularity = 1024,
                                   .lock = code & 1 }, 2, 0, 0);
        g_assert_cmphex(bridge_get(b, CXL_HDM_BASE_HI(last)), ==, BASE >> 32);
        g_assert_cmphex(bridge_get(b, CXL_HDM_SIZE_LO(last)), ==, GiB);
        g_assert_cmphex(bridge_get(b, CXL_HDM_TARGET_LO(last)), ==, 0x807);
        g_assert_cmphex(bridge_get(b, CXL_HDM_CTRL(last)), ==,
                        2 | CXL_HDM_CTRL_IW(1) | CXL_HDM_CTRL_HOST_ONLY |
                        CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_COMMITTED |
                        (code & 1 ? CXL_HDM_CTRL_LOCK : 0));
        g_assert_cmphex(bridge_get(b, CXL_HDM_GLOBAL), ==,
                        CXL_HDM_GLOBAL_ENABLE);
        refuses(r, (CxlBootRegion) { .offset = GiB, .size = CXL_HDM_ALIGN },
                1, "a bridge above 'cxl0' has no decoder left");
        rig_free(r);
    }
}

/* Memory of an accelerator is device coherent, and no other device's is. */
static void test_accelerator(void)
{
    Rig *r = rig_new(5);
    CxlBootRegion region = { .size = 256 * MiB, .granularity = 256 };

    fake_host_free(r->host[0]);
    r->host[0] = fake_host_accelerator();
    r->device[0].ep = r->host[0]->ep;
    region.size = 512 * MiB;
    refuses(r, region, 2, "'cxl0' and 'cxl1' is an accelerator");
    takes(r, region, 1, 0, 0);
    g_assert_cmphex(bridge_get(&r->bridge, CXL_HDM_CTRL(0)) &
                    CXL_HDM_CTRL_HOST_ONLY, ==, 0);
    g_assert_cmphex(cxl_endpoint_component_read(r->host[0]->ep,
                        CXL_COMP_CACHEMEM + CXL_COMP_HDM + CXL_HDM_CTRL(0), 4) &
                    CXL_HDM_CTRL_HOST_ONLY, ==, 0);
    rig_free(r);
}

/* A host bridge with one port has none, and nothing of it is looked at. */
static void test_passes(void)
{
    Rig *r = rig_new(0);

    r->bridge.passes = true;
    takes(r, (CxlBootRegion) { .size = CXL_HDM_ALIGN }, 1, 0, 0);
    rig_free(r);
}

/* Volatile capacity, then persistent; the rest of the former is skipped. */
static void test_kinds(void)
{
    Rig *r = rig_new(5);
    uint64_t boundary = cxl_media_volatile(&r->host[0]->dev->media);
    CxlBootRegion region = { .size = 512 * MiB };

    takes(r, region, 2, 0, 0);
    region = (CxlBootRegion) { .offset = GiB, .size = 256 * MiB,
                               .persistent = true, .lock = true };
    takes(r, region, 1, 1, boundary);
    region.offset += GiB;
    region.lock = false;
    takes(r, region, 1, 2, boundary + 256 * MiB);
    region.offset += GiB;
    region.persistent = false;
    refuses(r, region, 1, "'cxl0' has no volatile capacity left");
    region.persistent = true;
    region.size = 4 * GiB;
    refuses(r, region, 1, "refuses 0x100000000 bytes of persistent");
    rig_free(r);
}

static void test_full(void)
{
    Rig *r = rig_new(5);
    CxlMedia *media = &r->host[0]->dev->media;
    CxlBootRegion region = { .size = cxl_media_volatile(media) };

    takes(r, region, 1, 0, 0);
    region.offset = 4 * GiB;
    region.size = cxl_media_persistent(media);
    region.persistent = true;
    takes(r, region, 1, 1, cxl_media_volatile(media));
    region.offset = 8 * GiB;
    refuses(r, region, 1, "'cxl0' has no persistent capacity left");
    rig_free(r);
}

/* More than there are decoders */
static void test_decoders(void)
{
    Rig *r = rig_new(5);
    uint64_t boundary = cxl_media_volatile(&r->host[0]->dev->media);
    CxlBootRegion region = { .size = CXL_HDM_ALIGN };

    g_assert_cmpuint(cxl_endpoint_decoders(r->host[0]->ep), ==, 4);
    for (unsigned n = 0; n < 4; n++, region.offset += GiB) {
        region.persistent = n > 1;
        takes(r, region, 1, n, n < 2 ? n * CXL_HDM_ALIGN
                                     : boundary + (n - 2) * CXL_HDM_ALIGN);
    }
    refuses(r, region, 1, "'cxl0' has no decoder left");
    rig_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/boot/place", test_place);
    g_test_add_func("/cxl/boot/hole", test_hole);
    g_test_add_func("/cxl/boot/hole-alone", test_hole_alone);
    g_test_add_func("/cxl/boot/devices", test_devices);
    g_test_add_func("/cxl/boot/offset", test_offset);
    g_test_add_func("/cxl/boot/bridge", test_bridge);
    g_test_add_func("/cxl/boot/accelerator", test_accelerator);
    g_test_add_func("/cxl/boot/passes", test_passes);
    g_test_add_func("/cxl/boot/kinds", test_kinds);
    g_test_add_func("/cxl/boot/full", test_full);
    g_test_add_func("/cxl/boot/decoders", test_decoders);
    return g_test_run();
}
