/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A monitor command was refused, with a sentence that has this in it; @rsp, the
 * whole answer, is consumed.
 */
#ifndef TESTS_QTEST_REFUSED_H
#define TESTS_QTEST_REFUSED_H

#include "qobject/qdict.h"

static inline void expect_refused(QDict *rsp, const char *part)
{
    g_assert_true(qdict_haskey(rsp, "error"));
    g_assert_nonnull(strstr(qdict_get_str(qdict_get_qdict(rsp, "error"),
                                          "desc"), part));
    qobject_unref(rsp);
}

#endif
