/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP in an emulator that has no SDXI device; the real one is in monitor.c.
 */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-memfab.h"

SdxiStatusList *qmp_query_sdxi(Error **errp)
{
    return NULL;
}
