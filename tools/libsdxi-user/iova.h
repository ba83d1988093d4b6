/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: I/O virtual addresses of one function, given out and taken
 * back.
 */
#ifndef TOOLS_LIBSDXI_USER_IOVA_H
#define TOOLS_LIBSDXI_USER_IOVA_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Those that are given out lie above what machines keep for interrupts, and
 * are of 39 bits, which I/O MMUs have at least.
 */
#define SDXI_IOVA_FIRST (UINT64_C(4) << 30)
#define SDXI_IOVA_END   (UINT64_C(1) << 39)

typedef struct SdxiIovaRange SdxiIovaRange;

/* All zeroes: nothing is given out. */
typedef struct SdxiIova {
    SdxiIovaRange *used;        /* ascending */
} SdxiIova;

/* The lowest @len bytes that are free; false: none are, or no memory. */
bool sdxi_iova_take(SdxiIova *space, uint64_t len, uint64_t *at);
/* What began at @at is free again. */
void sdxi_iova_give(SdxiIova *space, uint64_t at);
/* Everything is. */
void sdxi_iova_clear(SdxiIova *space);

#endif
