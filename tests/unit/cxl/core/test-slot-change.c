/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/slot-change: every step that there is, by goal, option and what
 * is in the slot.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/slot-change.h"
#include "hw/cxl/wire/fm.h"

static const CxlSlotChange binds = { .goal = CXL_SLOT_APPEARS };

/* In order of CxlSlotState */
static void expect(CxlSlotChange change, CxlSlotStep empty,
                   CxlSlotStep hidden, CxlSlotStep seen, CxlSlotStep let_go)
{
    g_assert_cmpint(cxl_slot_step(&change, CXL_SLOT_EMPTY), ==, empty);
    g_assert_cmpint(cxl_slot_step(&change, CXL_SLOT_HIDDEN), ==, hidden);
    g_assert_cmpint(cxl_slot_step(&change, CXL_SLOT_SEEN), ==, seen);
    g_assert_cmpint(cxl_slot_step(&change, CXL_SLOT_LET_GO), ==, let_go);
}

static void test_steps(void)
{
    static const CxlSlotStep first[CXL_UNBIND_OPTIONS] = {
        [CXL_UNBIND_WAIT] = CXL_SLOT_ASK,
        [CXL_UNBIND_MANAGED] = CXL_SLOT_ASK_BY_BUTTON,
        [CXL_UNBIND_SURPRISE] = CXL_SLOT_TAKE,
    };

    expect((CxlSlotChange) { }, CXL_SLOT_WAIT, CXL_SLOT_WAIT, CXL_SLOT_WAIT,
           CXL_SLOT_WAIT);
    expect(binds, CXL_SLOT_FAIL, CXL_SLOT_SHOW, CXL_SLOT_FAIL, CXL_SLOT_FAIL);
    for (unsigned option = 0; option < CXL_UNBIND_OPTIONS; option++) {
        CxlSlotChange change = { .goal = CXL_SLOT_GOES, .option = option };

        expect(change, CXL_SLOT_DONE, CXL_SLOT_RESET, first[option],
               first[option]);
        change.asked = true;
        expect(change, CXL_SLOT_DONE, CXL_SLOT_RESET, CXL_SLOT_WAIT,
               CXL_SLOT_TAKE);
    }
}

/* The button was pressed where the saved state comes from. */
static void test_again(void)
{
    CxlSlotChange change = {
        .goal = CXL_SLOT_GOES, .option = CXL_UNBIND_MANAGED, .again = true,
    };

    g_assert_cmpint(cxl_slot_step(&change, CXL_SLOT_SEEN), ==, CXL_SLOT_ASK);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/slot-change/steps", test_steps);
    g_test_add_func("/cxl/slot-change/again", test_again);
    return g_test_run();
}
