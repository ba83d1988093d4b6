/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is not to be had, for what may fail: GLib's g_try_*().  A
 * program that includes this has its own, which the lower floors call instead
 * of the library's.
 */
#ifndef TESTS_UNIT_SCARCE_H
#define TESTS_UNIT_SCARCE_H

/* So many succeed before one fails; negative: all do */
static int scarce_after = -1;

static inline gpointer scarce(gsize n, gsize size)
{
    if (!scarce_after) {
        scarce_after = -1;
        return NULL;
    }
    scarce_after -= scarce_after > 0;
    return n && size ? g_malloc0_n(n, size) : NULL;
}

gpointer g_try_malloc(gsize size)
{
    return scarce(1, size);
}

gpointer g_try_malloc0(gsize size)
{
    return scarce(1, size);
}

gpointer g_try_malloc_n(gsize n, gsize size)
{
    return scarce(n, size);
}

gpointer g_try_malloc0_n(gsize n, gsize size)
{
    return scarce(n, size);
}

#endif /* TESTS_UNIT_SCARCE_H */
