/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/vcs: every event in every state, who may have what, and what is
 * saved.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/vcs.h"

static void check(const CxlVcsTable *t)
{
    g_assert_cmpstr(cxl_vcs_check(t), ==, NULL);
}

static CxlVcsTable *two_hosts(void)
{
    CxlVcsTable *t = g_new(CxlVcsTable, 1);

    cxl_vcs_init(t, 3);
    cxl_vcs_set(t, 0, 7, 5);
    cxl_vcs_set(t, 1, 6, CXL_VPPBS_MAX);
    check(t);
    return t;
}

/* Bring vPPB 1 of virtual switch 0 into @state. */
static void bring(CxlVcsTable *t, CxlVppbState state)
{
    if (state != CXL_UNBOUND) {
        g_assert_true(cxl_vcs_happens(t, 0, 1, CXL_VPPB_BIND, 2, 3));
    }
    if (state == CXL_BOUND || state == CXL_UNBINDING) {
        g_assert_true(cxl_vcs_happens(t, 0, 1, CXL_VPPB_DONE, 0, 0));
    }
    if (state == CXL_UNBINDING) {
        g_assert_true(cxl_vcs_happens(t, 0, 1, CXL_VPPB_UNBIND, 0, 0));
    }
    g_assert_cmpuint(cxl_vcs_find(t, 0, 1)->state, ==, state);
}

/* bind unbind done failed plugged gone */
static const int expected[CXL_VPPB_STATES][CXL_VPPB_EVENTS] = {
    [CXL_UNBOUND] = { CXL_BINDING, -1, -1, -1, CXL_BOUND, -1 },
    [CXL_BINDING] = { -1, -1, CXL_BOUND, CXL_UNBOUND, -1, -1 },
    [CXL_BOUND] = { -1, CXL_UNBINDING, -1, -1, -1, CXL_UNBOUND },
    [CXL_UNBINDING] = { -1, -1, CXL_UNBOUND, CXL_BOUND, -1, -1 },
};

static void test_table(void)
{
    for (unsigned state = 0; state < CXL_VPPB_STATES; state++) {
        for (unsigned event = 0; event < CXL_VPPB_EVENTS; event++) {
            g_autofree CxlVcsTable *t = two_hosts();
            int to = expected[state][event];
            CxlVppb *v = cxl_vcs_find(t, 0, 1);

            bring(t, state);
            g_assert_cmpint(cxl_vcs_next(state, event), ==, to);
            g_assert_true(cxl_vcs_happens(t, 0, 1, event, 2, 3) == (to >= 0));
            g_assert_cmpint(v->state, ==, to < 0 ? (int)state : to);
            g_assert_cmpuint(v->ld, ==,
                             v->state == CXL_UNBOUND ? CXL_WHOLE_PORT : 3);
            check(t);
        }
    }
}

/* Nobody gets what another one has, in whole or in part. */
static void test_owners(void)
{
    static const struct {
        uint8_t port;
        uint16_t ld;
        bool free;
    } asked[] = {
        { 2, 3, false }, { 2, CXL_WHOLE_PORT, false }, { 2, 4, true },
        { 3, CXL_WHOLE_PORT, false }, { 3, 0, false },
        { 4, CXL_WHOLE_PORT, true }, { 7, CXL_WHOLE_PORT, false },
        { 6, CXL_WHOLE_PORT, false },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(asked); i++) {
        g_autofree CxlVcsTable *t = two_hosts();
        uint8_t vcs, vppb;

        bring(t, CXL_BOUND);
        g_assert_true(cxl_vcs_happens(t, 1, 254, CXL_VPPB_PLUGGED, 3,
                                      CXL_WHOLE_PORT));
        g_assert_true(!cxl_vcs_holder(t, asked[i].port, asked[i].ld, &vcs,
                                      &vppb) == asked[i].free);
        for (CxlVppbEvent e = 0; e < CXL_VPPB_EVENTS; e++) {
            bool places = e == CXL_VPPB_BIND || e == CXL_VPPB_PLUGGED;

            if (places) {
                g_assert_true(cxl_vcs_happens(t, 0, 2 + e, e, asked[i].port,
                                              asked[i].ld) ==
                              (asked[i].free && e == CXL_VPPB_BIND));
            }
        }
        check(t);
    }
}

/* Not the upstream port's, not what is not there, one at a time. */
static void test_refusals(void)
{
    g_autofree CxlVcsTable *t = two_hosts();

    for (CxlVppbEvent e = 0; e < CXL_VPPB_EVENTS; e++) {
        g_assert_false(cxl_vcs_happens(t, 0, 0, e, 2, 3));
        g_assert_false(cxl_vcs_happens(t, 0, 5, e, 2, 3));
        g_assert_false(cxl_vcs_happens(t, 2, 1, e, 2, 3));
        g_assert_false(cxl_vcs_happens(t, 3, 1, e, 2, 3));
        g_assert_false(cxl_vcs_happens(t, 255, 255, e, 2, 3));
    }
    bring(t, CXL_BINDING);
    g_assert_false(cxl_vcs_happens(t, 1, 1, CXL_VPPB_BIND, 2, 4));
    g_assert_true(cxl_vcs_happens(t, 1, 1, CXL_VPPB_PLUGGED, 2, 4));
    g_assert_false(cxl_vcs_happens(t, 1, 1, CXL_VPPB_UNBIND, 0, 0));
    check(t);
}

/* A host that goes lets go of everything. */
static void test_host_goes(void)
{
    g_autofree CxlVcsTable *t = two_hosts();
    uint8_t vcs, vppb;

    bring(t, CXL_UNBINDING);
    cxl_vcs_set(t, 0, 7, 2);
    g_assert_true(cxl_vcs_under_way(t, &vcs, &vppb));
    cxl_vcs_set(t, 0, 7, 0);
    g_assert_false(cxl_vcs_under_way(t, &vcs, &vppb));
    g_assert_null(cxl_vcs_holder(t, 2, 3, &vcs, &vppb));
    check(t);
    cxl_vcs_set(t, 0, 9, 5);
    g_assert_cmpuint(cxl_vcs_find(t, 0, 0)->port, ==, 9);
    check(t);
}

static void test_info(void)
{
    static const uint8_t status[CXL_VPPB_STATES] = {
        CXL_VPPB_UNBOUND, CXL_VPPB_IN_PROGRESS, CXL_VPPB_LD,
        CXL_VPPB_IN_PROGRESS,
    };

    for (unsigned state = 0; state < CXL_VPPB_STATES; state++) {
        g_autofree CxlVcsTable *t = two_hosts();
        CxlVppbInfo info;

        bring(t, state);
        cxl_vcs_info(cxl_vcs_find(t, 0, 1), &info);
        g_assert_cmpuint(info.status, ==, status[state]);
        g_assert_cmpuint(info.port, ==, state == CXL_BOUND ? 2 : 0);
        g_assert_cmpuint(info.ld, ==,
                         state == CXL_BOUND ? 3 : CXL_VPPB_NO_LD);
        cxl_vcs_info(cxl_vcs_find(t, 0, 0), &info);
        g_assert_cmpuint(info.status, ==, CXL_VPPB_PORT);
        g_assert_cmpuint(info.port, ==, 7);
        g_assert_cmpuint(info.ld, ==, CXL_VPPB_NO_LD);
    }
}

static void save_table(const void *device, SaveWriter *w)
{
    cxl_vcs_save(device, w);
}

static void load_table(void *device, SaveReader *r)
{
    cxl_vcs_load(device, r);
}

static const SaveRoom room[] = {
    { .name = "vcs", .version = 1, .save = save_table, .load = load_table },
};

static void test_save(void)
{
    g_autofree CxlVcsTable *a = two_hosts(), *b = g_new(CxlVcsTable, 1);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char *problem;

    bring(a, CXL_UNBINDING);
    a->vcs[0].have_secret = true;
    memset(&a->vcs[0].secret, 5, sizeof(a->vcs[0].secret));
    cxl_vcs_init(b, 3);
    save_rooms("x", room, 1, a, bytes);
    g_assert_true(save_load_rooms("x", room, 1, b, bytes->data, bytes->len,
                                  &problem));
    g_assert_cmpmem(a, sizeof(*a), b, sizeof(*b));
    check(b);
    /* Any byte may be anything: refused, or judged by the check. */
    for (unsigned i = 0; i < 400 && i < bytes->len; i++) {
        g_autofree CxlVcsTable *c = g_new(CxlVcsTable, 1);

        cxl_vcs_init(c, 3);
        bytes->data[i] ^= 0x55;
        if (!save_load_rooms("x", room, 1, c, bytes->data, bytes->len,
                             &problem)) {
            g_free(problem);
        } else {
            cxl_vcs_check(c);
        }
        bytes->data[i] ^= 0x55;
    }
    cxl_vcs_init(b, 2);
    g_assert_false(save_load_rooms("x", room, 1, b, bytes->data, bytes->len,
                                   &problem));
    g_free(problem);
}

static void test_checker(void)
{
    g_autofree CxlVcsTable *t = two_hosts();

    t->vcs[2].usp = 1;
    g_assert_cmpstr(cxl_vcs_check(t), ==, "virtual switch without a host");
    t->vcs[2].usp = 0;
    check(t);
    t->count = 0;
    g_assert_cmpstr(cxl_vcs_check(t), ==, "number of virtual switches");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/vcs/table", test_table);
    g_test_add_func("/cxl/vcs/owners", test_owners);
    g_test_add_func("/cxl/vcs/refusals", test_refusals);
    g_test_add_func("/cxl/vcs/host-goes", test_host_goes);
    g_test_add_func("/cxl/vcs/info", test_info);
    g_test_add_func("/cxl/vcs/save", test_save);
    g_test_add_func("/cxl/vcs/checker", test_checker);
    return g_test_run();
}
