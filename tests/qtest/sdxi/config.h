/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended configuration space, as memory, and virtual functions.
 */
#ifndef TESTS_QTEST_SDXI_CONFIG_H
#define TESTS_QTEST_SDXI_CONFIG_H

#include "tests/qtest/sdxi/util.h"

#define DEVFN(slot, fn) ((slot) << 3 | (fn))

/* Where @off of function @devfn (bus 1: from 0x100 on) is in memory. */
uint64_t sdxi_config_at(SdxiVm *vm, int devfn, unsigned off);
/* Offset of an extended capability; 0 if it is not there. */
unsigned sdxi_config_find(SdxiVm *vm, int devfn, uint16_t id);
/* The same; it must be there. */
unsigned sdxi_config_extended(SdxiVm *vm, int devfn, uint16_t id);

/*
 * Enable the @n virtual functions that @pf has and open them, as
 * sdxi_fn_open() does; close each with sdxi_fn_close().
 */
void sdxi_config_open_vfs(SdxiFn *pf, SdxiFn **vf, unsigned n);
void sdxi_config_disable_vfs(SdxiFn *pf);

#endif
