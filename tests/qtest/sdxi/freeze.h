/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread of the emulator is held where it happens to be, so that a test
 * meets a moment of its choice and not of the scheduler's.
 *
 * All three functions are for the thread that called freeze_allowed() first:
 * ptrace() knows threads, not processes.
 */
#ifndef TESTS_QTEST_SDXI_FREEZE_H
#define TESTS_QTEST_SDXI_FREEZE_H

#include "qemu/osdep.h"

/* May this process hold its children's threads?  Else the test is skipped. */
bool freeze_allowed(void);
/* It has stopped when this returns. */
void freeze_thread(pid_t tid);
/* Let it go on, for good or until it is frozen again. */
void thaw_thread(pid_t tid);

#endif
