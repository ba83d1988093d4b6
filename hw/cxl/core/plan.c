/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the paths of the devices of a region to the decoders of the bridges
 * above them.  The contract is in plan.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/plan.h"

/* Positions start, start + stride, ... of a set: those behind one port */
typedef struct Share {
    unsigned start;
    unsigned stride;
    unsigned count;
    unsigned level;         /* hops that have been taken */
} Share;

typedef struct Planner {
    CxlPlan *plan;
    const CxlPlanPath *path;
} Planner;

static char *share(Planner *p, Share s);

static const CxlPlanHop *hop(const Planner *p, const Share *s, unsigned n)
{
    const CxlPlanPath *path = &p->path[s->start + n * s->stride];

    return s->level < path->hops ? &path->hop[s->level] : NULL;
}

static bool bridge_is_used(const CxlPlan *plan, const void *bridge)
{
    for (unsigned i = 0; i < plan->decoders->len; i++) {
        if (g_array_index(plan->decoders, CxlPlanDecoder, i).bridge ==
            bridge) {
            return true;
        }
    }
    return false;
}

/* After how many positions does the first port have its turn again? */
static unsigned turns(const Planner *p, const Share *s)
{
    unsigned n = 1;

    while (n < s->count && hop(p, s, n)->port != hop(p, s, 0)->port) {
        n++;
    }
    return n;
}

/* All of them pass one bridge, whose ports take turns in one order. */
static char *check_order(const Planner *p, const Share *s, unsigned ways)
{
    for (unsigned n = 0; n < s->count; n++) {
        const CxlPlanHop *h = hop(p, s, n);

        if (h->port != hop(p, s, n % ways)->port) {
            return g_strdup_printf("the device at position %u is behind port"
                                   " %u where port %u has its turn",
                                   s->start + n * s->stride, h->port,
                                   hop(p, s, n % ways)->port);
        }
        for (unsigned k = 0; k < n && n < ways; k++) {
            if (h->port == hop(p, s, k)->port) {
                return g_strdup_printf("port %u has two turns before others"
                                       " had one", h->port);
            }
        }
    }
    if (s->count % ways) {
        return g_strdup_printf("%u devices do not share %u ports evenly",
                               s->count, ways);
    }
    return NULL;
}

/* The factor of three of a level above does not count, CXL r3.1 9.18.1. */
static char *add_decoder(Planner *p, const Share *s, unsigned ways)
{
    uint64_t above = s->stride % 3 ? s->stride : s->stride / 3;
    uint64_t bytes = cxl_interleave_bytes(p->plan->ig) * above;
    int iw = cxl_interleave_iw(ways), ig = cxl_interleave_ig(bytes);
    CxlPlanDecoder d = { .bridge = hop(p, s, 0)->bridge };

    if (iw < 0 || ways > CXL_HDM_TARGET_MAX || !is_power_of_2(ways)) {
        return g_strdup_printf("a bridge cannot send to %u ports in turns, "
                               "only to 1, 2, 4 or 8", ways);
    }
    if (ig < 0) {
        if (ways > 1) {
            return g_strdup_printf("a bridge would have to take turns every "
                                   "%" PRIu64 " bytes, more than 16 KiB",
                                   bytes);
        }
        ig = CXL_INTERLEAVE_IG_MAX;
    }
    d.ig = ig;
    d.iw = iw;
    /* After a level of three, turns are not in the order of addresses. */
    for (unsigned n = 0; n < ways; n++) {
        unsigned position = s->start + n * s->stride;

        d.target[position / above % ways] = hop(p, s, n)->port;
    }
    g_array_append_val(p->plan->decoders, d);
    return NULL;
}

static char *share_ports(Planner *p, Share s, unsigned ways)
{
    for (unsigned n = 0; n < ways; n++) {
        Share below = {
            .start = s.start + n * s.stride,
            .stride = s.stride * ways,
            .count = s.count / ways,
            .level = s.level + 1,
        };
        char *problem = share(p, below);

        if (problem) {
            return problem;
        }
    }
    return NULL;
}

/* Do all devices of a share pass the same bridge next, or is there one? */
static char *check_bridge(const Planner *p, const Share *s)
{
    const CxlPlanHop *first = hop(p, s, 0);

    for (unsigned n = 0; n < s->count; n++) {
        const CxlPlanHop *h = hop(p, s, n);

        if (!h || !first || h->bridge != first->bridge) {
            return g_strdup_printf("the devices at positions %u and %u are "
                                   "not below the same bridge", s->start,
                                   s->start + n * s->stride);
        }
    }
    if (bridge_is_used(p->plan, first->bridge)) {
        return g_strdup_printf("the bridge above the device at position %u "
                               "has more than one turn", s->start);
    }
    return NULL;
}

static char *share(Planner *p, Share s)
{
    unsigned ways;
    char *problem;

    if (s.count == 1 && !hop(p, &s, 0)) {
        return NULL;
    }
    problem = check_bridge(p, &s);
    if (problem) {
        return problem;
    }
    ways = turns(p, &s);
    problem = check_order(p, &s, ways);
    if (!problem) {
        problem = add_decoder(p, &s, ways);
    }
    return problem ? problem : share_ports(p, s, ways);
}

static char *check_window(const CxlPlanWindow *window, const CxlPlan *plan,
                          const CxlPlanPath *path, unsigned ways)
{
    unsigned targets = cxl_interleave_ways(window->iw);

    if (ways % targets) {
        return g_strdup_printf("%u devices do not share the window's %u host "
                               "bridges evenly", ways, targets);
    }
    if (targets > 1 && plan->ig != window->ig) {
        return g_strdup_printf("the window takes turns every %" PRIu64
                               " bytes, so the region has to",
                               cxl_interleave_bytes(window->ig));
    }
    for (unsigned n = 0; n < ways; n++) {
        if (path[n].hop[0].bridge != window->target[n % targets]) {
            return g_strdup_printf("the device at position %u is not below "
                                   "the window's target %u", n, n % targets);
        }
    }
    return NULL;
}

static char *plan_all(Planner *p, const CxlPlanWindow *window, unsigned ways)
{
    unsigned targets = cxl_interleave_ways(window->iw);
    char *problem = check_window(window, p->plan, p->path, ways);

    for (unsigned n = 0; !problem && n < targets; n++) {
        problem = share(p, (Share) {
            .start = n, .stride = targets, .count = ways / targets,
        });
    }
    return problem;
}

char *cxl_plan_make(CxlPlan *plan, const CxlPlanWindow *window,
                    const CxlPlanPath *path, unsigned ways,
                    uint64_t granularity)
{
    Planner p = { .plan = plan, .path = path };
    int iw = cxl_interleave_iw(ways);
    int ig = granularity ? cxl_interleave_ig(granularity) : window->ig;
    char *problem;

    if (iw < 0) {
        return g_strdup_printf("%u devices cannot be interleaved, only 1, 2, "
                               "3, 4, 6, 8, 12 or 16", ways);
    }
    if (ig < 0) {
        return g_strdup_printf("granularity %" PRIu64 " is not a power of two"
                               " from 256 to 16384", granularity);
    }
    *plan = (CxlPlan) {
        .ig = ig, .iw = iw,
        .decoders = g_array_new(false, false, sizeof(CxlPlanDecoder)),
    };
    problem = plan_all(&p, window, ways);
    if (problem) {
        g_clear_pointer(&plan->decoders, g_array_unref);
    }
    return problem;
}
