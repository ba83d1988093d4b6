/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody who wants to learn of accesses to memory that is his, from others
 * who reach it by pointer and do not know what it is.
 */
#ifndef HW_COMMON_WATCH_H
#define HW_COMMON_WATCH_H

/* All may be called by any thread, and take no lock. */
typedef struct WatchOps {
    /* It has to live from ref() to unref(). */
    void (*ref)(void *owner);
    void (*unref)(void *owner);
    /* @len > 0 bytes at @offset, in the owner's own counting, were accessed. */
    void (*accessed)(void *owner, uint64_t offset, uint64_t len,
                     bool is_write);
} WatchOps;

/* A range whose first byte is at @offset for its owner */
typedef struct Watch {
    const WatchOps *ops;
    void *owner;
    uint64_t offset;
} Watch;

#endif /* HW_COMMON_WATCH_H */
