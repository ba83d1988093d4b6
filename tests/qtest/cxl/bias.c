/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bias registers of an accelerator; see bias.h.
 */
#include "qemu/osdep.h"
#include "tests/qtest/cxl/bias.h"

uint64_t bias(CxlFixture *f, unsigned reg)
{
    return fix_read(f, f->bar[0] + CXL_COMP_BIAS + reg, 8);
}

uint64_t bias_command(CxlFixture *f, uint32_t what, uint64_t dpa,
                      uint64_t len)
{
    uint64_t at = f->bar[0] + CXL_COMP_BIAS;

    fix_write(f, at + CXL_BIAS_ADDRESS, 8, dpa);
    fix_write(f, at + CXL_BIAS_LENGTH, 8, len);
    fix_write(f, at + CXL_BIAS_COMMAND, 4, what);
    g_assert_cmphex(fix_read(f, at + CXL_BIAS_STATUS, 4), ==, CXL_BIAS_OK);
    return bias(f, CXL_BIAS_RESULT);
}
