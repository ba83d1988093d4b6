/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a function as the last tree before sections saved it, and what
 * that tree would not have believed either.  tests/data/streams/README.md says
 * where the bytes come from.
 *
 * When they were saved context 0 was idle, 1, 2 and 4 were 2 MiB into a copy
 * of 64 MiB in front of a NOP, 2 had been told to stop, the tables of 4 were
 * to be walked again, 3 had added 1 to 100 and waited for the page of the old
 * value, and the doorbell of 5 had rung.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/first-format.h"
#include "tests/unit/sdxi/fake-guest.h"

#define STREAM "tests/data/streams/sdxi-1/running"

static void atomics(SdxiConfig *config)
{
    config->groups |= 8;
}

typedef struct Wire {
    const uint8_t *at, *end;
} Wire;

/* As QEMU's description put a number on the wire. */
static uint64_t get(Wire *w, unsigned size)
{
    uint64_t value = 0;

    g_assert_cmpuint(w->end - w->at, >=, size);
    while (size--) {
        value = value << 8 | *w->at++;
    }
    return value;
}

static void get_bytes(Wire *w, uint8_t *to, size_t len)
{
    while (len--) {
        *to++ = get(w, 1);
    }
}

static void get_context(Wire *w, SdxiSavedContext *s)
{
    s->ring = get(w, 8);
    s->sts = get(w, 8);
    s->write_index = get(w, 8);
    s->akeys = get(w, 8);
    s->read_index = get(w, 8);
    s->progress = get(w, 8);
    s->carry = get(w, 8);
    s->deadline_left = get(w, 8);
    s->ring_entries = get(w, 4);
    s->akey_entries = get(w, 4);
    s->pasid = get(w, 4);
    s->groups = get(w, 4);
    s->number = get(w, 2);
    s->pasid_valid = get(w, 1);
    s->max_buffer = get(w, 1);
    s->qos = get(w, 1);
    s->state = get(w, 1);
    s->phase = get(w, 1);
    s->flags = get(w, 1);
    get_bytes(w, s->fault, sizeof(s->fault));
    get_bytes(w, s->dsc, sizeof(s->dsc));
}

static void get_registers(Wire *w, SdxiSaved *s)
{
    s->cap0 = get(w, 8);
    s->cap1 = get(w, 8);
    s->version = get(w, 8);
    s->ctl0 = get(w, 8);
    s->grp_enum = get(w, 8);
    s->ctl2 = get(w, 8);
    s->cxt_l2 = get(w, 8);
    s->rkey = get(w, 8);
    s->err_ctl = get(w, 8);
    s->err_sts = get(w, 8);
    s->err_cfg = get(w, 8);
    s->err_wrt = get(w, 8);
    s->err_rd = get(w, 8);
    s->active_ctl0 = get(w, 8);
    s->active_l2 = get(w, 8);
    s->deadline_left = get(w, 8);
}

static void get_saved(SdxiSaved *s)
{
    g_autofree char *bytes = NULL;
    size_t len;
    Wire w;

    memset(s, 0, sizeof(*s));
    g_assert_true(g_file_get_contents(STREAM, &bytes, &len, NULL));
    w = (Wire) { (uint8_t *)bytes, (uint8_t *)bytes + len };
    get_registers(&w, s);
    s->gsv = get(&w, 4);
    s->num_contexts = get(&w, 4);
    s->num_doorbells = get(&w, 4);
    s->contexts = g_new0(SdxiSavedContext, s->num_contexts);
    s->doorbells = g_new0(uint16_t, s->num_doorbells);
    for (unsigned i = 0; i < s->num_contexts; i++) {
        get_context(&w, &s->contexts[i]);
    }
    for (unsigned i = 0; i < s->num_doorbells; i++) {
        s->doorbells[i] = get(&w, 2);
    }
    g_assert_true(w.at == w.end);
}

/* Memory as it was then, with what had been taken from the rings taken. */
static FakeHost *as_it_was(void)
{
    FakeHost *g = guest_new(atomics);
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(64) << 20, 0, 0, 0);

    for (unsigned n = 0; n <= 5; n++) {
        guest_context(g, n, n, RUN);
        guest_arm(g, n, 0, 10);
    }
    for (unsigned n = 1; n <= 4; n++) {
        Dsc nop = dsc_nop(G_CSB(n, 0));

        guest_push(g, n, &copy);
        g->memory[guest_slot(g, n, 0)] &= ~1;
        if (n != 3) {
            guest_push(g, n, &nop);
        }
    }
    fake_st(g, G_STS(0) + 8, 6);
    fake_st(g, G_WIDX(0), 6);
    fake_st(g, G_DATA, 101);
    g->now_ns = 1000 * 1000;
    return g;
}

static void load(FakeHost *g, const SdxiSaved *saved)
{
    g_autofree char *problem = NULL;
    bool ok = sdxi_saved_load(g->dev, saved, &problem);

    g_assert_cmpstr(problem, ==, NULL);
    g_assert_true(ok);
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
}

static void test_shows(void)
{
    FakeHost *g = as_it_was();
    SdxiSaved saved;
    SdxiInfo info;

    get_saved(&saved);
    load(g, &saved);
    g_assert_cmphex(guest_rd(g, R_CTL0), ==, 0x4d00000013);
    g_assert_cmphex(guest_rd(g, R_CXT_L2), ==, G_L2);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 1);
    g_assert_cmphex(guest_rd(g, R_ERR_CTL), ==, 1);
    g_assert_cmphex(guest_rd(g, R_ERR_CFG), ==, G_LOG | 3);
    g_assert_cmphex(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.running, ==, 5);
    g_assert_cmpuint(info.ready, ==, 4);
    sdxi_saved_clear(&saved);
    guest_free(g);
}

/* Today's format keeps it, and all goes on as if nothing had happened. */
static void test_goes_on(void)
{
    FakeHost *g = as_it_was();
    SdxiSaved saved;
    SdxiInfo info;

    get_saved(&saved);
    load(g, &saved);
    sdxi_saved_clear(&saved);
    guest_load(g, guest_save(g));
    guest_run(g);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.counters.bytes, ==, UINT64_C(3) * (62 << 20));
    g_assert_cmpuint(info.counters.failed, ==, 0);
    g_assert_cmpuint(guest_state(g, 2), ==, STOP_SW);
    for (unsigned n = 1; n <= 4; n++) {
        bool nop = n == 1 || n == 4;

        g_assert_cmpuint(guest_read_index(g, n), ==, 1 + nop);
        g_assert_cmpuint(guest_signal(g, n, 0), ==, 10 - 1 - nop);
    }
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 101);
    g_assert_cmpuint(fake_ld(g, G_DATA + 0x1000), ==, 100);
    g_assert_cmpuint(g->traces[SDXI_TRACE_CXT_START], ==, 1);
    guest_free(g);
}

static void refused(FakeHost *g, SdxiSaved *saved, const char *what)
{
    g_autofree char *problem = NULL;

    g_assert_false(sdxi_saved_load(g->dev, saved, &problem));
    g_assert_nonnull(strstr(problem, what));
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    sdxi_saved_clear(saved);
    get_saved(saved);
}

static void test_impossible(void)
{
    FakeHost *g = as_it_was();
    SdxiSaved s;

    get_saved(&s);
    s.version = 0x10001;
    refused(g, &s, "MMIO_VERSION");
    s.gsv = 6;
    refused(g, &s, "state");
    s.gsv = GSV_STOP;
    refused(g, &s, "contexts");
    s.contexts[0].number = 128;
    refused(g, &s, "context");
    s.contexts[1].number = 0;
    refused(g, &s, "context");
    s.contexts[0].ring_entries = 0;
    refused(g, &s, "no table");
    s.contexts[0].phase = 200;
    refused(g, &s, "phase");
    s.contexts[0].state = STOP_SW;
    refused(g, &s, "no possible state");
    s.contexts[0].flags = 32;
    refused(g, &s, "no possible state");
    s.contexts[0].flags = 1;
    refused(g, &s, "stops and does not");
    s.contexts[0].qos = 64;
    refused(g, &s, "no table");
    s.contexts[0].ring = 1;
    refused(g, &s, "no table");
    s.deadline_left = UINT64_MAX;
    refused(g, &s, "time left");
    s.doorbells[0] = 128;
    refused(g, &s, "doorbell");
    load(g, &s);
    sdxi_saved_clear(&s);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/first-format/shows", test_shows);
    g_test_add_func("/sdxi/first-format/goes-on", test_goes_on);
    g_test_add_func("/sdxi/first-format/impossible", test_impossible);
    return g_test_run();
}
