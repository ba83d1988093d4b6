/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write an interleaved pair of devices without end, until somebody kills the
 * emulator: slot after slot gets the number of the round.  Now and then the
 * set goes away, and its bytes are looked at through the first device alone.
 *
 *   round=N     number of the first round; the slots hold N - 1, or 0
 *
 * Not here: whether the files hold what they should (test-layout-kill.py).
 */
#include "bare-cxl.h"

#define SLOTS 2048

/* Both devices in turn, a place of its own in page and chunk for each */
static uint64_t slot_dpa(unsigned slot)
{
    return slot / 2 * 0x1110ull;
}

static void write_round(uint64_t round)
{
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        *(volatile uint64_t *)place(BOTH, slot & 1, slot_dpa(slot)) =
            round << 32 | slot;
    }
}

static bool check(unsigned state, uint64_t round)
{
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        uint64_t hpa = place(state, slot & 1, slot_dpa(slot));
        uint64_t value = hpa ? *(volatile uint64_t *)hpa : 0;

        if (hpa && value != (round << 32 | slot)) {
            print("not ok slot %u in state %u holds %x in round %x\n", slot,
                  state, value, round);
            return false;
        }
    }
    return true;
}

static void show_first(uint64_t round)
{
    release_all();
    establish(FIRST);
    if (!check(FIRST, round)) {
        finish(false);
    }
    release_all();
    establish(BOTH);
    if (!check(BOTH, round)) {
        finish(false);
    }
}

void bare_main(unsigned cpu)
{
    uint64_t round = option("round", 1);

    if (cpu || !find_devices()) {
        print("not ok no devices\n");
        finish(false);
    }
    establish(BOTH);
    print("writing\n");
    for (;; round++) {
        write_round(round);
        if (!check(BOTH, round)) {
            finish(false);
        }
        if (round % 8 == 0) {
            show_first(round);
        }
    }
}
