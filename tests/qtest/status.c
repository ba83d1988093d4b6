/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a virtual machine says of itself or of its migration; see status.h.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "tests/qtest/status.h"

#define POLL_US     5000
#define POLLS       (600 * G_USEC_PER_SEC / POLL_US)

/* NULL: there has been none yet. */
static char *status_of(QTestState *qts, const char *query)
{
    QDict *rsp = qtest_qmp_assert_success_ref(qts, "{'execute': %s}", query);
    char *status = g_strdup(qdict_get_try_str(rsp, "status"));

    qobject_unref(rsp);
    return status;
}

bool status_is(QTestState *qts, const char *query, const char *wanted)
{
    g_autofree char *status = status_of(qts, query);
    bool is = !g_strcmp0(status, wanted);

    if (!is) {
        g_assert_cmpstr(status, !=, "failed");
    }
    return is;
}

void status_wait(QTestState *qts, const char *query, const char *wanted)
{
    for (unsigned i = 0; i < POLLS; i++) {
        if (status_is(qts, query, wanted)) {
            return;
        }
        g_usleep(POLL_US);
    }
    g_assert_not_reached();
}

bool status_migrated(QTestState *qts)
{
    for (unsigned i = 0; i < POLLS; i++) {
        g_autofree char *status = status_of(qts, "query-migrate");
        bool good = !g_strcmp0(status, "completed");

        if (good || !g_strcmp0(status, "failed")) {
            return good;
        }
        g_usleep(POLL_US);
    }
    g_assert_not_reached();
}

bool status_release(int major, int minor)
{
    QTestState *qts = qtest_init("-machine none");
    QDict *rsp = qtest_qmp(qts, "{'execute': 'query-version'}");
    QDict *v = qdict_get_qdict(qdict_get_qdict(rsp, "return"), "qemu");
    int64_t is = qdict_get_int(v, "major");
    bool so = is > major || (is == major &&
                             qdict_get_int(v, "minor") >= minor);

    qobject_unref(rsp);
    qtest_quit(qts);
    return so;
}
