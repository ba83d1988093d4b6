/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hooks of decoders that are QEMU's: taken by us, by us again, or by
 * something else, which no machine of QEMU's own does.  Two bridges stand
 * above the device; the room below this one is played.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qom/object.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/window/internal.h"

static Object *upstream_object, *host_bridge_object;
static CXLComponentState upstream, host_bridge;
static unsigned changes;

void cxl_window_tree_bridges(PCIDevice *pdev,
                             void (*fn)(void *opaque, Object *bridge,
                                        CXLComponentState *c),
                             void *opaque)
{
    fn(opaque, upstream_object, &upstream);
    fn(opaque, host_bridge_object, &host_bridge);
}

static void changed(CxlWindows *ws)
{
    changes++;
}

static void begin(CxlWindows *ws)
{
    memset(&upstream, 0, sizeof(upstream));
    memset(&host_bridge, 0, sizeof(host_bridge));
    changes = 0;
    *ws = (CxlWindows) { .changed = changed };
}

static void test_both_are_hooked(void)
{
    CxlWindows ws;

    begin(&ws);
    g_assert_true(cxl_window_observe(&ws, NULL, &error_abort));
    g_assert_true(upstream.crb.special_ops == &ws.port_ops);
    g_assert_true(host_bridge.crb.special_ops == &ws.port_ops);
}

static void test_again_is_nothing(void)
{
    CxlWindows ws;

    begin(&ws);
    g_assert_true(cxl_window_observe(&ws, NULL, &error_abort));
    g_assert_true(cxl_window_observe(&ws, NULL, &error_abort));
    g_assert_true(host_bridge.crb.special_ops == &ws.port_ops);
}

static void expect_taken(CXLComponentState *who, const char *name)
{
    g_autofree void *other = g_new0(MemoryRegionOps, 1);
    Error *err = NULL;
    CxlWindows ws;

    begin(&ws);
    who->crb.special_ops = other;
    g_assert_false(cxl_window_observe(&ws, NULL, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "property 'bus'"));
    g_assert_nonnull(strstr(error_get_pretty(err), name));
    g_assert_true(who->crb.special_ops == other);
    error_free(err);
}

static void test_taken_is_refused_by_name(void)
{
    expect_taken(&upstream, "'/upstream'");
    expect_taken(&host_bridge, "'/host-bridge'");
}

static void store(uint32_t offset, uint32_t value)
{
    upstream.crb.special_ops->write(&upstream, offset, value, 4);
}

static uint32_t load(uint32_t offset)
{
    return upstream.crb.cache_mem_registers[offset / 4];
}

static void test_decoders_tell(void)
{
    CxlWindows ws;

    begin(&ws);
    cxl_window_observe(&ws, NULL, &error_abort);
    /* base of a decoder, CXL r3.2 8.2.4.20.3 */
    store(CXL_COMP_HDM + CXL_HDM_BASE_LO(0), 0x10000000);
    g_assert_cmphex(load(CXL_COMP_HDM + CXL_HDM_BASE_LO(0)), ==,
                    0x10000000);
    g_assert_cmpuint(changes, >, 0);
}

static void test_others_are_kept_and_do_not_tell(void)
{
    CxlWindows ws;

    begin(&ws);
    cxl_window_observe(&ws, NULL, &error_abort);
    store(CXL_COMP_RAS, 0x1234);
    g_assert_cmphex(load(CXL_COMP_RAS), ==, 0x1234);
    g_assert_cmpuint(changes, ==, 0);
}

static Object *named(const char *name)
{
    Object *o = object_new("container");

    object_property_add_child(object_get_root(), name, o);
    object_unref(o);
    return o;
}

int main(int argc, char **argv)
{
    module_call_init(MODULE_INIT_QOM);
    upstream_object = named("upstream");
    host_bridge_object = named("host-bridge");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/window/observe/hooked", test_both_are_hooked);
    g_test_add_func("/cxl/window/observe/again", test_again_is_nothing);
    g_test_add_func("/cxl/window/observe/taken",
                    test_taken_is_refused_by_name);
    g_test_add_func("/cxl/window/observe/decoders", test_decoders_tell);
    g_test_add_func("/cxl/window/observe/others",
                    test_others_are_kept_and_do_not_tell);
    return g_test_run();
}
