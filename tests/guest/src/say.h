/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What guest programs with libsdxi-user say, and how they end.  Included by one
 * source file per program.
 */
#ifndef TESTS_GUEST_SAY_H
#define TESTS_GUEST_SAY_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "sdxi-user.h"

/* Called once by fail(): must end DMA.  Defined by the program. */
void say_last(void);

static void __attribute__((noreturn, format(printf, 1, 2)))
fail(const char *fmt, ...)
{
    static bool again;
    va_list ap;

    va_start(ap, fmt);
    fprintf(stderr, "%s: FAILED: ", program_invocation_short_name);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    if (!again) {
        again = true;
        say_last();
    }
    exit(1);
}

/* Is this what a call of the library should give? */
static inline void must(int ret, const char *what)
{
    if (ret < 0) {
        fail("%s: %s%s%s", what, sdxi_user_strerror(ret),
             ret == SDXI_USER_E_SYSTEM ? ": " : "",
             ret == SDXI_USER_E_SYSTEM ? strerror(errno) : "");
    }
}

static inline void __attribute__((format(printf, 1, 2)))
step(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    printf("%s: ", program_invocation_short_name);
    vprintf(fmt, ap);
    putchar('\n');
    va_end(ap);
    fflush(stdout);
}

static inline double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

#endif
