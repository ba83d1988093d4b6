/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether something that is done and undone many times leaves memory behind
 * that its owner still knows: what nobody knows the sanitizer finds itself.
 */
#ifndef TESTS_UNIT_GROWTH_H
#define TESTS_UNIT_GROWTH_H

#define GROWTH_ROUNDS   1200
#define GROWTH_WARM     200     /* until logs are full, and buffers are wide */

/* Of the sanitizer, which all unit tests have */
size_t __sanitizer_get_current_allocated_bytes(void);

/* Call in each round, which begins and ends with the same. */
static inline void no_growth(unsigned round)
{
    static size_t warm;

    if (round == GROWTH_WARM) {
        warm = __sanitizer_get_current_allocated_bytes();
    } else if (round == GROWTH_ROUNDS - 1) {
        g_assert_cmpuint(__sanitizer_get_current_allocated_bytes(), <=, warm);
    }
}

#endif /* TESTS_UNIT_GROWTH_H */
