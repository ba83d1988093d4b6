/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which decoders a region needs: every shape of window, host bridges and
 * switches, proven by the route that the planned decoders give, and every
 * order of devices that no decoders can give.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/plan.h"
#include "hw/cxl/core/route.h"

#define BASE    (16 * GiB)
#define DEVICES CXL_INTERLEAVE_WAYS_MAX

static int host_bridge[4], upstream[16], device[DEVICES];

/* Devices, each at its place in window, host bridges and switches */
typedef struct Shape {
    unsigned targets, root_ports, down_ports;   /* down_ports 0: no switch */
} Shape;

static unsigned paths_of(const Shape *s, CxlPlanPath *path)
{
    unsigned down = MAX(s->down_ports, 1);
    unsigned ways = s->targets * s->root_ports * down;

    for (unsigned p = 0; p < ways; p++) {
        unsigned w = p % s->targets, h = p / s->targets % s->root_ports;
        unsigned d = p / s->targets / s->root_ports;

        path[p] = (CxlPlanPath) {
            .hops = s->down_ports ? 2 : 1,
            .hop = { { &host_bridge[w], 0x20 + h },
                     { &upstream[w * 4 + h], 7 + d } },
        };
    }
    return ways;
}

static CxlPlanWindow window_of(const Shape *s, unsigned ig)
{
    CxlPlanWindow w = { .ig = ig, .iw = cxl_interleave_iw(s->targets) };

    for (unsigned i = 0; i < s->targets; i++) {
        w.target[i] = &host_bridge[i];
    }
    return w;
}

static CxlRouteNode *bridge_node(CxlRouteTree *t, const CxlPlan *plan,
                                 void *bridge, uint64_t size)
{
    CxlRouteNode *node = cxl_route_add_bridge(t, false, NULL);
    unsigned found = 0;

    for (unsigned i = 0; i < plan->decoders->len; i++) {
        CxlPlanDecoder *d = &g_array_index(plan->decoders, CxlPlanDecoder, i);
        CxlRouteDecoder rd = {
            .base = BASE, .size = size, .ig = d->ig, .iw = d->iw,
        };

        if (d->bridge == bridge) {
            memcpy(rd.target, d->target, sizeof(rd.target));
            cxl_route_add_decoder(node, &rd);
            found++;
        }
    }
    g_assert_cmpuint(found, ==, 1);
    return node;
}

static CxlRouteNode *device_node(CxlRouteTree *t, const CxlPlan *plan,
                                 unsigned p, uint64_t size)
{
    CxlRouteNode *node = cxl_route_add_device(t, &device[p]);

    cxl_route_add_decoder(node, &(CxlRouteDecoder) {
        .base = BASE, .size = size, .ig = plan->ig, .iw = plan->iw,
    });
    return node;
}

static CxlRouteTree *tree_of(const Shape *s, const CxlPlan *plan,
                             unsigned ways, unsigned window_ig)
{
    CxlRouteTree *t = cxl_route_tree_new();
    uint64_t size = CXL_HDM_ALIGN * ways;
    CxlRouteWindow w = { .base = BASE, .size = size, .ig = window_ig,
                         .iw = cxl_interleave_iw(s->targets) };

    for (unsigned i = 0; i < s->targets; i++) {
        w.target[i] = bridge_node(t, plan, &host_bridge[i], size);
        for (unsigned h = 0; h < s->root_ports; h++) {
            unsigned p = i + s->targets * h;
            CxlRouteNode *sw;

            if (!s->down_ports) {
                cxl_route_add_port(w.target[i], 0x20 + h,
                                   device_node(t, plan, p, size));
                continue;
            }
            sw = bridge_node(t, plan, &upstream[i * 4 + h], size);
            cxl_route_add_port(w.target[i], 0x20 + h, sw);
            for (unsigned d = 0; d < s->down_ports; d++) {
                cxl_route_add_port(sw, 7 + d, device_node(t, plan,
                    p + s->targets * s->root_ports * d, size));
            }
        }
    }
    cxl_route_add_window(t, &w);
    return t;
}

/* Each granule goes to the device whose turn it is. */
static void check_route(const CxlRouteTree *t, const CxlPlan *plan,
                        unsigned ways)
{
    uint64_t bytes = cxl_interleave_bytes(plan->ig);

    for (unsigned n = 0; n < 4 * ways; n++) {
        CxlRouteHit hit;

        g_assert_cmpint(cxl_route_find(t, BASE + n * bytes + 8, &hit), ==,
                        CXL_ROUTE_FOUND);
        g_assert_true(hit.device == &device[n % ways]);
        g_assert_cmphex(hit.dpa, ==, n / ways * bytes + 8);
    }
}

static void check_shape(const Shape *s, unsigned window_ig, unsigned ig)
{
    CxlPlanPath path[DEVICES];
    unsigned ways = paths_of(s, path);
    CxlPlanWindow window = window_of(s, window_ig);
    CxlRouteTree *tree;
    CxlPlan plan;

    g_assert_null(cxl_plan_make(&plan, &window, path, ways,
                                cxl_interleave_bytes(ig)));
    g_assert_cmpuint(plan.ig, ==, ig);
    g_assert_cmpuint(cxl_interleave_ways(plan.iw), ==, ways);
    tree = tree_of(s, &plan, ways, window_ig);
    check_route(tree, &plan, ways);
    cxl_route_tree_free(tree);
    g_array_unref(plan.decoders);
}

static void test_shapes(void)
{
    static const unsigned targets[] = { 1, 2, 3, 4 }, roots[] = { 1, 2, 4 },
                          downs[] = { 0, 1, 2, 4, 8 };
    unsigned done = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(targets) *
         G_N_ELEMENTS(roots) * G_N_ELEMENTS(downs); i++) {
        Shape s = { targets[i % 4], roots[i / 4 % 3], downs[i / 12] };
        unsigned ways = s.targets * s.root_ports * MAX(s.down_ports, 1);

        if (cxl_interleave_iw(ways) < 0) {
            continue;
        }
        for (unsigned ig = 0; ig <= 2; ig++) {
            check_shape(&s, s.targets > 1 ? ig : 3, ig);
            done++;
        }
    }
    g_assert_cmpuint(done, >, 60);
}

/* Without a wish the granularity is the window's. */
static void test_default(void)
{
    Shape s = { 2, 1, 0 };
    CxlPlanPath path[DEVICES];
    unsigned ways = paths_of(&s, path);
    CxlPlanWindow window = window_of(&s, 4);
    CxlPlan plan;

    g_assert_null(cxl_plan_make(&plan, &window, path, ways, 0));
    g_assert_cmpuint(plan.ig, ==, 4);
    g_array_unref(plan.decoders);
}

static void refuses(const Shape *s, unsigned ig, const CxlPlanPath *path,
                    unsigned ways, uint64_t granularity, const char *why)
{
    CxlPlanWindow window = window_of(s, ig);
    CxlPlan plan;
    g_autofree char *problem = cxl_plan_make(&plan, &window, path, ways,
                                             granularity);

    g_assert_nonnull(problem);
    g_assert_nonnull(strstr(problem, why));
}

static void swap(CxlPlanPath *path, unsigned a, unsigned b)
{
    CxlPlanPath was = path[a];

    path[a] = path[b];
    path[b] = was;
}

static void test_refusals(void)
{
    CxlPlanPath path[DEVICES + 1];
    Shape two = { 2, 2, 0 }, four = { 1, 4, 2 }, one = { 1, 1, 0 };

    paths_of(&two, path);
    refuses(&two, 0, path, 0, 0, "cannot be interleaved");
    refuses(&two, 0, path, 5, 0, "cannot be interleaved");
    refuses(&two, 0, path, 4, 300, "not a power of two");
    refuses(&two, 0, path, 4, 32768, "not a power of two");
    refuses(&two, 0, path, 4, 512, "window takes turns every 256");
    refuses(&two, 0, path, 1, 0, "host bridges evenly");
    swap(path, 0, 1);
    refuses(&two, 0, path, 4, 0, "not below the window's target 0");

    paths_of(&four, path);
    refuses(&four, 0, path, 6, 0, "evenly");
    refuses(&four, 0, path, 3, 0, "only to 1, 2, 4 or 8");
    refuses(&four, 0, path, 8, 16384, "more than 16 KiB");
    swap(path, 1, 4);
    refuses(&four, 0, path, 8, 0, "has its turn");

    /* A B B A: the second round is not the first */
    paths_of(&four, path);
    path[2] = path[1];
    path[3] = path[0];
    refuses(&four, 0, path, 4, 0, "had one");

    /* Two devices that cannot be told apart, two bridges behind one port */
    paths_of(&one, path);
    path[1] = path[0];
    refuses(&one, 0, path, 2, 0, "not below the same bridge");
    path[0].hops = path[1].hops = 2;
    path[0].hop[1] = (CxlPlanHop) { &upstream[0], 1 };
    path[1].hop[1] = (CxlPlanHop) { &upstream[1], 1 };
    refuses(&one, 0, path, 2, 0, "not below the same bridge");

    /* A window that names a host bridge twice */
    paths_of(&two, path);
    for (unsigned i = 0; i < 4; i++) {
        path[i].hop[0].bridge = &host_bridge[0];
    }
    {
        CxlPlanWindow window = window_of(&two, 0);
        CxlPlan plan;
        g_autofree char *problem = NULL;

        window.target[1] = window.target[0];
        problem = cxl_plan_make(&plan, &window, path, 4, 0);
        g_assert_nonnull(problem);
        g_assert_nonnull(strstr(problem, "more than one turn"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/plan/shapes", test_shapes);
    g_test_add_func("/cxl/plan/default", test_default);
    g_test_add_func("/cxl/plan/refusals", test_refusals);
    return g_test_run();
}
