/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tools that look at a running QEMU are told alike which one, and end alike.
 */
#ifndef TOOLS_WHICH_H
#define TOOLS_WHICH_H

#include "qmp.h"

/* Exit status */
enum {
    EXIT_SHOWN = 0,
    EXIT_FAILED = 1,            /* no answer, or nothing to show it with */
    EXIT_USAGE = 2,
    EXIT_STOCK = 3,             /* this QEMU has not got our commands */
};

/* Seconds that QEMU may take for an answer, with --timeout */
#define WHICH_TIMEOUT_MIN   1
#define WHICH_TIMEOUT_MAX   3600

/*
 * What options have left of the command line is one SOCKET, unless --qmp has
 * set *@address, which is the caller's to free; else it comes from MEMFAB_QMP.
 * Returns NULL, or a constant sentence about what is wrong.
 */
const char *which_qemu(char **address, int timeout, int argc, char **argv);

/* Something is wrong with the command line: says so. */
void which_fault(const char *tool, const char *fault);
/* Says why @tool has failed, and returns its exit status. */
int which_failed(const char *tool, const GError *why);

#endif
