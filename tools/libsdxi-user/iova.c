/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: I/O virtual addresses; see iova.h.  A list is enough: a program
 * has some tens of ranges.
 */
#include <stdlib.h>
#include "iova.h"

struct SdxiIovaRange {
    uint64_t at, len;
    SdxiIovaRange *next;
};

bool sdxi_iova_take(SdxiIova *space, uint64_t len, uint64_t *at)
{
    SdxiIovaRange **link = &space->used, *r;
    uint64_t first = SDXI_IOVA_FIRST;

    while (*link && (*link)->at - first < len) {
        first = (*link)->at + (*link)->len;
        link = &(*link)->next;
    }
    if (!len || len > SDXI_IOVA_END - first) {
        return false;
    }
    r = malloc(sizeof(*r));
    if (!r) {
        return false;
    }
    *r = (SdxiIovaRange) { first, len, *link };
    *link = r;
    *at = first;
    return true;
}

void sdxi_iova_give(SdxiIova *space, uint64_t at)
{
    SdxiIovaRange **link = &space->used, *r;

    while (*link && (*link)->at != at) {
        link = &(*link)->next;
    }
    r = *link;
    if (r) {
        *link = r->next;
        free(r);
    }
}

void sdxi_iova_clear(SdxiIova *space)
{
    while (space->used) {
        sdxi_iova_give(space, space->used->at);
    }
}
