/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people are told: query-sdxi, and "info sdxi".
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/sdxi/util.h"

/* Function @n of the answer *@rsp, which the caller gives back. */
static QDict *query(SdxiVm *vm, unsigned n, QDict **rsp)
{
    QList *list;
    const QListEntry *e;

    *rsp = qtest_qmp(vm->qts, "{'execute': 'query-sdxi'}");
    list = qdict_get_qlist(*rsp, "return");
    g_assert_nonnull(list);
    g_assert_cmpuint(qlist_size(list), >, n);
    for (e = qlist_first(list); n; n--) {
        e = qlist_next(e);
    }
    return qobject_to(QDict, qlist_entry_obj(e));
}

/* The context with number @n, and nobody else has that number. */
static QDict *context(QDict *f, unsigned n)
{
    QDict *found = NULL;
    const QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(f, "contexts"), e) {
        QDict *c = qobject_to(QDict, qlist_entry_obj(e));

        if (qdict_get_int(c, "number") == n) {
            g_assert_null(found);
            found = c;
        }
    }
    return found;
}

static void test_counts(SdxiRig *r)
{
    QDict *rsp, *f, *stats, *cxt;

    for (int i = 0; i < 3; i++) {
        g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    }
    sdxi_cxt_wait_index(&r->c, 3);
    f = query(r->vm, 0, &rsp);
    g_assert_cmpstr(qdict_get_str(f, "state"), ==, "active");
    g_assert_cmpint(qdict_get_int(f, "sfunc"), ==, 1);
    g_assert_cmpint(qdict_get_int(f, "running"), ==, 2);
    g_assert_false(qdict_haskey(f, "physical") || qdict_haskey(f, "vf"));
    stats = qdict_get_qdict(f, "statistics");
    g_assert_cmpint(qdict_get_int(stats, "failed"), ==, 0);
    /* The start of context 1, and three of its own */
    g_assert_cmpint(qdict_get_int(stats, "descriptors"), ==, 4);
    g_assert_cmpint(qdict_get_int(stats, "peer-bytes"), ==, 0);
    cxt = context(f, 1);
    g_assert_cmpstr(qdict_get_str(cxt, "state"), ==, "running");
    g_assert_cmpint(qdict_get_int(cxt, "read-index"), ==, 3);
    g_assert_cmpint(qdict_get_int(cxt, "write-index"), ==, 3);
    g_assert_cmpint(qdict_get_int(cxt, "ring-entries"), ==, 1024);
    qobject_unref(rsp);
}

/* A descriptor that is enqueued and not valid: the index is of memory now. */
static void test_write_index(SdxiRig *r)
{
    QDict *rsp, *cxt;

    qtest_writeq(r->vm->qts, r->c.wi, 7);
    cxt = context(query(r->vm, 0, &rsp), 1);
    g_assert_cmpint(qdict_get_int(cxt, "read-index"), ==, 0);
    g_assert_cmpint(qdict_get_int(cxt, "write-index"), ==, 7);
    qobject_unref(rsp);
}

/* Doorbells of contexts that do not exist do not hide who was stopped. */
static void test_stops(SdxiRig *r)
{
    uint64_t ram = sdxi_vm_alloc(r->vm, 4096, 4096);
    QDict *rsp, *f, *e;

    g_assert_true(sdxi_cxt_do(&r->c, sdxi_dsc_copy(ram, SDXI_NOWHERE, 64)));
    sdxi_cxt_wait_state(&r->c, SDXI_CXT_ERR);
    for (unsigned i = 10; i < 60; i++) {
        sdxi_fn_doorbell(r->fn, i, 1);
    }
    g_assert_false(sdxi_cxt_do(&r->fn->admin, sdxi_dsc_nop()));
    f = query(r->vm, 0, &rsp);
    g_assert_cmpuint(qlist_size(qdict_get_qlist(f, "errors")), ==, 16);
    g_assert_cmpuint(qlist_size(qdict_get_qlist(f, "stops")), ==, 1);
    e = qobject_to(QDict, qlist_peek(qdict_get_qlist(f, "stops")));
    g_assert_cmpint(qdict_get_int(e, "context"), ==, 1);
    g_assert_cmpstr(qdict_get_str(e, "stopped"), ==, "context");
    qobject_unref(rsp);
}

/* Why a context is not in the list any more, whether or not there is a log */
static void test_errors(SdxiRig *r)
{
    uint64_t ram = sdxi_vm_alloc(r->vm, 4096, 4096);
    g_autofree char *text = NULL;
    const QListEntry *last;
    QDict *rsp, *f, *e;

    f = query(r->vm, 0, &rsp);
    g_assert_true(qlist_empty(qdict_get_qlist(f, "errors")));
    qobject_unref(rsp);

    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    g_assert_true(sdxi_cxt_do(&r->c, sdxi_dsc_copy(ram, SDXI_NOWHERE, 64)));
    sdxi_cxt_wait_state(&r->c, SDXI_CXT_ERR);
    f = query(r->vm, 0, &rsp);
    g_assert_null(context(f, 1));
    g_assert_cmpuint(qlist_size(qdict_get_qlist(f, "errors")), ==, 1);
    e = qobject_to(QDict, qlist_peek(qdict_get_qlist(f, "errors")));
    g_assert_cmpstr(qdict_get_str(e, "step"), ==, "data");
    g_assert_cmpstr(qdict_get_str(e, "kind"), ==, "access");
    g_assert_cmpstr(qdict_get_str(e, "stopped"), ==, "context");
    g_assert_cmpint(qdict_get_int(e, "context"), ==, 1);
    g_assert_cmpint(qdict_get_int(e, "index"), ==, 1);
    g_assert_cmpint(qdict_get_int(e, "operand"), ==, 1);
    g_assert_true(qdict_get_bool(e, "logged"));
    g_assert_cmpuint(qlist_size(qdict_get_qlist(f, "stops")), ==, 1);
    qobject_unref(rsp);

    /* without a log, and not about a descriptor */
    sdxi_fn_wr(r->fn, SDXI_ERR_CFG, 0);
    sdxi_fn_doorbell(r->fn, 9, 1);
    sdxi_cxt_start(&r->c);
    f = query(r->vm, 0, &rsp);
    g_assert_cmpuint(qlist_size(qdict_get_qlist(f, "errors")), ==, 2);
    last = qlist_next(qlist_first(qdict_get_qlist(f, "errors")));
    e = qobject_to(QDict, qlist_entry_obj(last));
    g_assert_cmpstr(qdict_get_str(e, "step"), ==, "context-l1");
    g_assert_cmpstr(qdict_get_str(e, "kind"), ==, "validation");
    g_assert_cmpstr(qdict_get_str(e, "stopped"), ==, "none");
    g_assert_cmpint(qdict_get_int(e, "context"), ==, 9);
    g_assert_false(qdict_haskey(e, "index") || qdict_haskey(e, "operand"));
    g_assert_false(qdict_get_bool(e, "logged"));
    qobject_unref(rsp);

    text = qtest_hmp(r->vm->qts, "info sdxi");
    g_assert_nonnull(strstr(text, "error: data, access, context 1, index 1, "
                            "operand 1, stopped: context\r\n"));
    g_assert_nonnull(strstr(text, "error: context-l1, validation, context 9, "
                            "stopped: none, not logged\r\n"));
}

static void test_virtual(SdxiRig *r)
{
    g_autofree char *text = qtest_hmp(r->vm->qts, "info sdxi");
    g_autofree char *physical = NULL;
    QDict *rsp, *f;

    f = query(r->vm, 0, &rsp);
    physical = g_strdup(qdict_get_str(f, "qom-path"));
    g_assert_false(qdict_haskey(f, "physical"));
    qobject_unref(rsp);
    for (unsigned i = 0; i < 2; i++) {
        f = query(r->vm, 1 + i, &rsp);
        g_assert_cmpstr(qdict_get_str(f, "physical"), ==, physical);
        g_assert_cmpint(qdict_get_int(f, "vf"), ==, i);
        qobject_unref(rsp);
    }
    g_assert_nonnull(strstr(text, ", virtual function 1 of /machine/"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/query/counts", NULL, test_counts);
    sdxi_add_running("/sdxi/query/write-index", NULL, test_write_index);
    sdxi_add_running("/sdxi/query/errors", NULL, test_errors);
    sdxi_add_running("/sdxi/query/stops", NULL, test_stops);
    sdxi_add_test("/sdxi/query/virtual", "vfs=2,contexts=16", test_virtual);
    return g_test_run();
}
