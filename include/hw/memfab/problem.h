/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A problem with what a person asked for, which a core has put into words, as
 * QEMU's Error.
 */
#ifndef HW_MEMFAB_PROBLEM_H
#define HW_MEMFAB_PROBLEM_H

#include "qapi/error.h"

/* Takes @problem, an allocated sentence; true if there is one. */
static inline bool memfab_refused(char *problem, Error **errp)
{
    if (problem) {
        error_setg(errp, "%s", problem);
        g_free(problem);
    }
    return problem;
}

#endif
