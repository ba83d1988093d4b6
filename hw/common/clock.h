/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times of a virtual clock: nanoseconds since it began, not negative.  A
 * monitor client can put the clock anywhere, its end included.
 */
#ifndef HW_COMMON_CLOCK_H
#define HW_COMMON_CLOCK_H

/* The last time that there is; INT64_MAX, behind it, never comes. */
#define CLOCK_END (INT64_MAX - 1)

/* @ns, not negative, after @from_ns: INT64_MAX if that is behind the end */
static inline int64_t clock_after(int64_t from_ns, int64_t ns)
{
    return from_ns > CLOCK_END - ns ? INT64_MAX : from_ns + ns;
}

/* The same of what has to end: at the end, if it were behind that */
static inline int64_t clock_due(int64_t from_ns, int64_t ns)
{
    return MIN(clock_after(from_ns, ns), CLOCK_END);
}

#endif /* HW_COMMON_CLOCK_H */
