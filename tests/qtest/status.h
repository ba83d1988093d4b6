/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a virtual machine says of itself or of its migration, and QEMU of its
 * release.
 *
 * @query is a QMP command that returns a "status": query-status, query-migrate.
 */
#ifndef TESTS_QTEST_STATUS_H
#define TESTS_QTEST_STATUS_H

#include "tests/qtest/libqtest.h"

/* Now; fails the test when it says "failed" and that is not what is wanted. */
bool status_is(QTestState *qts, const char *query, const char *wanted);
/* Until it is so; ten minutes, which are for what never comes. */
void status_wait(QTestState *qts, const char *query, const char *wanted);
/* Until a migration has ended: did it come to a good end? */
bool status_migrated(QTestState *qts);
/* Is the emulator of this release of QEMU, or of a later one? */
bool status_release(int major, int minor);

#endif
