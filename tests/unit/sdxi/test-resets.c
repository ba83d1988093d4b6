/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of reset and stop does to each room of a function, as a
 * table: it keeps what was there, or leaves what a new function has.
 *
 * The function before it is as busy as can be: contexts that run, stop, wait
 * and are half-way through a descriptor, doorbells that nobody looked at, a
 * log with an entry, every register with a value of its own.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/device.h"
#include "hw/dma/sdxi/core/engine.h"
#include "tests/unit/sdxi/fake-guest.h"

typedef enum Kind {
    FUNCTION_RESET,     /* power-on, bus reset, function level reset */
    REQUEST_RESET,      /* MMIO_CTL0.fn_gsr = RESET */
    SOFT_STOP,          /* STOP_SF, and until it has ended */
    HARD_STOP,
    SAVE_AND_LOAD,      /* into a new function */
    KINDS
} Kind;

static const char *const kind_names[KINDS] = {
    "function reset", "RESET request", "soft stop", "hard stop",
    "save and load",
};

typedef enum Effect {
    KEEPS,
    CLEARS,
} Effect;

/* --- what there is to look at -------------------------------------------- */

#define REGISTER(name, mask)                                            \
    static uint64_t get_ ## name(FakeHost *g)                           \
    {                                                                   \
        return guest_rd(g, R_ ## name) & (mask);                        \
    }
REGISTER(CTL0, ~UINT64_C(3))    /* without the request itself */
REGISTER(CTL2, UINT64_MAX)
REGISTER(STS0, UINT64_MAX)
REGISTER(CAP0, UINT64_MAX)
REGISTER(CAP1, UINT64_MAX)
REGISTER(VERSION, UINT64_MAX)
REGISTER(CXT_L2, UINT64_MAX)
REGISTER(RKEY, UINT64_MAX)
REGISTER(ERR_CTL, UINT64_MAX)
REGISTER(ERR_STS, UINT64_MAX)
REGISTER(ERR_CFG, UINT64_MAX)
REGISTER(ERR_WRT, UINT64_MAX)
REGISTER(ERR_RD, UINT64_MAX)

static uint64_t get_running(FakeHost *g)
{
    return g->dev->contexts.used;
}

static uint64_t get_work(FakeHost *g)
{
    SdxiInfo info;

    sdxi_device_query(g->dev, &info);
    return info.ready;
}

static uint64_t get_in_flight(FakeHost *g)
{
    const SdxiContext *cxt = sdxi_context_from(&g->dev->contexts, 0);
    uint64_t n = 0;

    for (; cxt; cxt = sdxi_context_from(&g->dev->contexts,
                                        cxt->number + 1)) {
        n += sdxi_context_in_flight(cxt) ? 1 + cxt->progress : 0;
    }
    return n;
}

static uint64_t get_doorbells(FakeHost *g)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < g->dev->config.contexts; i++) {
        n += sdxi_sched_is_rung(&g->dev->sched, i);
    }
    return n;
}

static uint64_t get_winding_down(FakeHost *g)
{
    return g->dev->winding_down;
}

static uint64_t get_latched_l2(FakeHost *g)
{
    return g->dev->active.walk.l2;
}

static uint64_t get_latched_groups(FakeHost *g)
{
    return g->dev->active.groups;
}

static uint64_t get_shown_active(FakeHost *g)
{
    return sdxi_device_peer(g->dev)->active;
}

static uint64_t get_shown_ctl0(FakeHost *g)
{
    return sdxi_device_peer(g->dev)->ctl0;
}

static uint64_t get_shown_rkey(FakeHost *g)
{
    return sdxi_device_peer(g->dev)->rkey;
}

static uint64_t get_shown_top(FakeHost *g)
{
    return sdxi_device_peer(g->dev)->top_context;
}

static uint64_t get_handle(FakeHost *g)
{
    return sdxi_device_peer(g->dev)->sfunc;
}

static uint64_t get_errors(FakeHost *g)
{
    return g->dev->history.count;
}

static uint64_t get_descriptors(FakeHost *g)
{
    return g->dev->counters.descriptors;
}

/* Of a new function it is the same, so only KEEPS means something. */
static uint64_t get_memory(FakeHost *g)
{
    uint64_t sum = 0;

    for (uint64_t at = 0; at < g->size; at += 8) {
        sum = sum * 31 + fake_ld(g, at);
    }
    return sum;
}

typedef struct Row {
    const char *name;
    uint64_t (*get)(FakeHost *g);
    Effect effect[KINDS];
} Row;

#define ALWAYS_THERE { KEEPS, KEEPS, KEEPS, KEEPS, KEEPS }
#define SET_BY_SOFTWARE { CLEARS, KEEPS, KEEPS, KEEPS, KEEPS }
#define WORK { CLEARS, CLEARS, CLEARS, CLEARS, KEEPS }
#define FOR_PEOPLE { KEEPS, KEEPS, KEEPS, KEEPS, CLEARS }

static const Row rows[] = {
    { "MMIO_CTL0", get_CTL0, SET_BY_SOFTWARE },
    { "MMIO_CTL2", get_CTL2, SET_BY_SOFTWARE },
    { "MMIO_CXT_L2", get_CXT_L2, SET_BY_SOFTWARE },
    { "MMIO_RKEY", get_RKEY, SET_BY_SOFTWARE },
    { "MMIO_ERR_CTL", get_ERR_CTL, SET_BY_SOFTWARE },
    { "MMIO_ERR_STS", get_ERR_STS, SET_BY_SOFTWARE },
    { "MMIO_ERR_CFG", get_ERR_CFG, SET_BY_SOFTWARE },
    { "MMIO_ERR_WRT", get_ERR_WRT, SET_BY_SOFTWARE },
    { "MMIO_ERR_RD", get_ERR_RD, SET_BY_SOFTWARE },
    { "MMIO_CAP0", get_CAP0, ALWAYS_THERE },
    { "MMIO_CAP1", get_CAP1, ALWAYS_THERE },
    { "MMIO_VERSION", get_VERSION, ALWAYS_THERE },
    { "MMIO_STS0", get_STS0, WORK },
    { "contexts that run", get_running, WORK },
    { "contexts with work", get_work, WORK },
    { "descriptors in flight", get_in_flight, WORK },
    { "doorbells", get_doorbells, WORK },
    { "winding down", get_winding_down, WORK },
    { "shown: active", get_shown_active, WORK },
    { "latched: L2 table", get_latched_l2, SET_BY_SOFTWARE },
    { "latched: groups", get_latched_groups, SET_BY_SOFTWARE },
    { "shown: CTL0", get_shown_ctl0, SET_BY_SOFTWARE },
    { "shown: RKEY", get_shown_rkey, SET_BY_SOFTWARE },
    { "shown: top context", get_shown_top, SET_BY_SOFTWARE },
    { "shown: handle", get_handle, ALWAYS_THERE },
    { "remembered errors", get_errors, FOR_PEOPLE },
    { "counters", get_descriptors, FOR_PEOPLE },
    /* The status of contexts is in memory, and a stop tells it. */
    { "guest memory", get_memory, { KEEPS, KEEPS, CLEARS, CLEARS, KEEPS } },
};

/* --- the function -------------------------------------------------------- */

static void configure(SdxiConfig *config)
{
    config->groups |= 8;
}

static FakeHost *busy(void)
{
    FakeHost *g = guest_new(configure);
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(4) << 30, 0, 0,
                        G_CSB(1, 0));
    Dsc late = dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0, G_CSB(3, 0));
    Dsc stop = dsc_admin(D_STOP | D_FE, 2, 2, 0);

    guest_wr(g, R_CTL0, UINT64_C(77) << 32 | 1 << 4);
    guest_wr(g, R_CTL2, (guest_rd(g, R_CTL2) & ~UINT64_C(0xffff0000)) |
             100 << 16);
    guest_wr(g, R_RKEY, G_RKEYS | 1);
    guest_log(g);
    guest_activate(g);
    for (unsigned n = 1; n <= 3; n++) {
        guest_context(g, n, n, STOP_SW);
        guest_start(g, n);
    }
    guest_ring(g, 50, 0);
    guest_run(g);
    guest_ring(g, 51, 0);
    guest_run(g);
    guest_wr(g, R_ERR_RD, 1);
    fake_host_trap(g, G_DATA, 64, FAKE_READ, SDXI_MEM_AGAIN, 0);
    guest_push(g, 1, &copy);
    guest_push(g, 2, &copy);
    guest_push(g, 3, &late);
    for (unsigned n = 1; n <= 3; n++) {
        guest_ring(g, n, 1);
    }
    guest_run_once(g, 2 << 20);
    guest_ring(g, 0, guest_push(g, 0, &stop) + 1);
    guest_run_once(g, 2 << 20);
    guest_ring(g, 60, 1);
    return g;
}

static void stop(FakeHost *g, unsigned request)
{
    unsigned rounds = 0;

    guest_request(g, request);
    while (guest_gsv(g) != GSV_STOP) {
        g->now_ns += 10 * 1000 * 1000;
        guest_run_once(g, 1 << 20);
        g_assert_cmpuint(rounds++, <, 100);
    }
}

static void inflict(FakeHost *g, Kind kind)
{
    GByteArray *saved;

    switch (kind) {
    case FUNCTION_RESET:
        sdxi_device_reset(g->dev);
        break;
    case REQUEST_RESET:
        guest_request(g, GSR_RESET);
        break;
    case SOFT_STOP:
        stop(g, GSR_STOP_SF);
        break;
    case HARD_STOP:
        stop(g, GSR_STOP_HD);
        break;
    default:
        saved = guest_save(g);
        guest_device_with(g, &fake_host_ops);
        guest_load(g, saved);
        break;
    }
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
}

static void test_kind(gconstpointer opaque)
{
    Kind kind = GPOINTER_TO_UINT(opaque);
    FakeHost *g = busy(), *new = guest_new(configure);
    uint64_t before[ARRAY_SIZE(rows)];

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        before[i] = rows[i].get(g);
    }
    inflict(g, kind);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t now = rows[i].get(g);
        bool memory = rows[i].get == get_memory;

        g_test_message("%s: %s", kind_names[kind], rows[i].name);
        if (rows[i].effect[kind] == KEEPS) {
            g_assert_cmphex(now, ==, before[i]);
        } else if (!memory) {
            g_assert_cmphex(now, ==, rows[i].get(new));
        }
    }
    guest_request(g, GSR_RESET);
    guest_free(g);
    guest_free(new);
}

/* A row that could not tell CLEARS from KEEPS would prove nothing. */
static void test_rows(void)
{
    FakeHost *g = busy(), *new = guest_new(configure);

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        const Effect *effect = rows[i].effect;
        bool both = memchr(effect, CLEARS, sizeof(rows[i].effect));

        g_test_message("%s", rows[i].name);
        if (both && rows[i].get != get_winding_down) {
            g_assert_cmphex(rows[i].get(g), !=, rows[i].get(new));
        }
    }
    guest_request(g, GSR_RESET);
    guest_free(g);
    guest_free(new);
}

/* While it winds down: the one thing that busy() cannot show. */
static void test_winding_down(void)
{
    for (Kind kind = 0; kind < KINDS; kind++) {
        FakeHost *g = busy();

        guest_request(g, GSR_STOP_SF);
        guest_run_once(g, 1 << 20);
        g_assert_cmpuint(get_winding_down(g), ==, 1);
        inflict(g, kind);
        g_assert_cmpuint(get_winding_down(g), ==, kind == SAVE_AND_LOAD);
        g_assert_cmpuint(guest_gsv(g), ==, kind == SAVE_AND_LOAD
                                           ? GSV_STOPG_SF : GSV_STOP);
        guest_request(g, GSR_RESET);
        guest_free(g);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (Kind kind = 0; kind < KINDS; kind++) {
        g_autofree char *name = g_strdup_printf("/sdxi/resets/%s",
                                                kind_names[kind]);

        g_test_add_data_func(g_strdelimit(name, " ", '-'),
                             GUINT_TO_POINTER(kind), test_kind);
    }
    g_test_add_func("/sdxi/resets/rows", test_rows);
    g_test_add_func("/sdxi/resets/winding-down", test_winding_down);
    return g_test_run();
}
