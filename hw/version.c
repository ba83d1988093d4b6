/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memfab this emulator was built with, for QMP.
 */

#include "qemu/osdep.h"
#include "memfab-version.h"
#include "qapi/qapi-commands-memfab.h"

MemfabInfo *qmp_query_memfab(Error **errp)
{
    MemfabInfo *info = g_new0(MemfabInfo, 1);

    info->version = g_strdup(MEMFAB_VERSION);
    return info;
}
