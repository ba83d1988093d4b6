/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds the lines of an accelerator's memory, as its registers have it.
 */
#ifndef TESTS_QTEST_CXL_BIAS_H
#define TESTS_QTEST_CXL_BIAS_H

#include "hw/cxl/wire/bias.h"
#include "tests/qtest/cxl/fixture.h"

/* Register @reg: CXL_BIAS_... */
uint64_t bias(CxlFixture *f, unsigned reg);
/* The result of a command, which is carried out. */
uint64_t bias_command(CxlFixture *f, uint32_t what, uint64_t dpa,
                      uint64_t len);

#endif
