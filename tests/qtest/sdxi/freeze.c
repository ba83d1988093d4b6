/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads of the emulator that are held; see the header.
 */
#include "qemu/osdep.h"
#include <sys/ptrace.h>
#include <sys/wait.h>
#include "tests/qtest/sdxi/freeze.h"

bool freeze_allowed(void)
{
    pid_t child = fork();
    bool allowed;

    if (!child) {
        pause();
        _exit(0);
    }
    g_assert_cmpint(child, >, 0);
    allowed = !ptrace(PTRACE_SEIZE, child, NULL, NULL);
    kill(child, SIGKILL);
    g_assert_cmpint(waitpid(child, NULL, __WALL), ==, child);
    if (!allowed) {
        g_test_skip("this machine lets nobody hold the threads of a child");
    }
    return allowed;
}

void freeze_thread(pid_t tid)
{
    int status;

    g_assert_cmpint(ptrace(PTRACE_SEIZE, tid, NULL, NULL), ==, 0);
    g_assert_cmpint(ptrace(PTRACE_INTERRUPT, tid, NULL, NULL), ==, 0);
    g_assert_cmpint(waitpid(tid, &status, __WALL), ==, tid);
    g_assert_true(WIFSTOPPED(status));
    /* Not because of a signal, which would have to be passed on. */
    g_assert_cmpint(status >> 16, ==, PTRACE_EVENT_STOP);
}

void thaw_thread(pid_t tid)
{
    g_assert_cmpint(ptrace(PTRACE_DETACH, tid, NULL, NULL), ==, 0);
}
