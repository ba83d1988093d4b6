/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for what another thread does.  The runner ends a test that waits for
 * ever.
 */
#ifndef TESTS_UNIT_SDXI_WAIT_FOR_H
#define TESTS_UNIT_SDXI_WAIT_FOR_H

#define wait_for(cond)      \
    do {                    \
        while (!(cond)) {   \
            g_usleep(100);  \
        }                   \
    } while (0)

#endif
