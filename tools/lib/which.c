/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which QEMU, and why not; see which.h.
 */
#include <stdio.h>
#include "which.h"

const char *which_qemu(char **address, int timeout, int argc, char **argv)
{
    const char *from = g_getenv("MEMFAB_QMP");

    if (argc > 2 || (argc == 2 && *address)) {
        return "more than one SOCKET is given";
    }
    if (timeout < WHICH_TIMEOUT_MIN || timeout > WHICH_TIMEOUT_MAX) {
        return "--timeout: not within 1 to 3600 seconds";
    }
    if (!*address) {
        *address = g_strdup(argc == 2 ? argv[1] : from);
    }
    return *address && **address ? NULL : "which QEMU? give the SOCKET of -qmp"
           " unix:SOCKET,server=on,wait=off";
}

void which_fault(const char *tool, const char *fault)
{
    fprintf(stderr, "%s: %s (--help says more)\n", tool, fault);
}

int which_failed(const char *tool, const GError *why)
{
    if (g_error_matches(why, QMP_ERROR, QMP_ERROR_UNKNOWN)) {
        fprintf(stderr, "%s: this QEMU is not memfab's (%s): start the one that"
                " `make` leaves in build/bin\n", tool, why->message);
        return EXIT_STOCK;
    }
    fprintf(stderr, "%s: %s\n", tool, why->message);
    return EXIT_FAILED;
}
