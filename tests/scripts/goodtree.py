# SPDX-License-Identifier: GPL-2.0-or-later
"""A small tree that every check passes, and what happens to it when a test
spoils a part of it."""

import re
import shutil

from tapsuite import expect, run, script, write

LICENCE = '/* SPDX-License-Identifier: GPL-2.0-or-later */\n'

WIRE = LICENCE + '''/*
 * Poison records as they lie in a payload, CXL r3.1 8.2.9.9.4.1.
 */
#ifndef HW_CXL_WIRE_POISON_H
#define HW_CXL_WIRE_POISON_H

#define CXL_POISON_SOURCE_INTERNAL 2

enum {
    CXL_OP_POISON_LIST = 0x4300,
    CXL_OP_POISON_INJECT = 0x4301,
};

typedef struct CxlPoisonRecord {
    uint8_t address[8];
} QEMU_PACKED CxlPoisonRecord;
QEMU_BUILD_BUG_ON(sizeof(CxlPoisonRecord) != 8);

#endif
'''

HEADER = LICENCE + '''/*
 * The list of poisoned lines; commands that show it are in hw/cxl/cci.
 */
#ifndef HW_CXL_CORE_POISON_H
#define HW_CXL_CORE_POISON_H

#include "hw/cxl/wire/poison.h"

typedef struct CxlPoison {
    unsigned count;
} CxlPoison;

unsigned cxl_poison_count(const CxlPoison *list);
const char *cxl_poison_check(const CxlPoison *list);

#endif
'''

SOURCE = LICENCE + '''/* The list of poisoned lines, kept sorted; see the header. */
#include "qemu/osdep.h"
#include "hw/cxl/core/poison.h"

QEMU_BUILD_BUG_ON(sizeof(CxlPoison) != 4);

unsigned cxl_poison_count(const CxlPoison *list)
{
    return list->count;
}
'''

COMMANDS = LICENCE + '''/* Commands that show and change the poison list. */
#include "qemu/osdep.h"
#include "hw/cxl/core/poison.h"

static const CxlCmdRow rows[] = {
    { .opcode = CXL_OP_POISON_LIST, .handler = poison_list, .in_min = 16,
      .name = "Get Poison List", .section = "8.2.9.9.4.1" },
};
'''

GLUE = LICENCE + '''/* The device as QEMU sees it: properties and reset. */
#include "qemu/osdep.h"
#include "hw/core/qdev-properties.h"
#include "hw/cxl/core/poison.h"

static const Property properties[] = {
    DEFINE_PROP_UINT32("poison-max", CxlMemdevState, poison_max, 256),
};

static void memdev_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val,
                                int len)
{
    pci_default_write_config(pdev, addr, val, len);
}
'''

UNIT = LICENCE + '''/* Unit tests of the poison list: counts and refusals. */
#include "qemu/osdep.h"
#include "hw/cxl/core/poison.h"

static const unsigned opcodes[] = { CXL_OP_POISON_LIST };
'''

GRADES = '''# Maturity

| 4300h | Get Poison List | 8.2.9.9.4.1 | 2 | `tests/unit/cxl/core/test-poison.c` |
| 4301h | Inject Poison | 8.2.9.9.4.2 | 0 | |
'''

COMPAT = LICENCE + '''/* Differences between releases of QEMU. */
#ifndef HW_MEMFAB_COMPAT_H
#define HW_MEMFAB_COMPAT_H

#include "exec/cpu-common.h"
#if MEMFAB_QEMU_AT_LEAST(10, 1)
#include "system/memory.h"
#else
#include "exec/memory.h"
#endif
#if MEMFAB_QEMU_AT_LEAST(11, 0)
#include "system/memory_cached.h"
#endif

#endif
'''

GOOD = {
    'include/hw/memfab/compat.h': COMPAT,
    'include/hw/cxl/wire/poison.h': WIRE,
    'hw/cxl/core/poison.h': HEADER,
    'hw/cxl/core/poison.c': SOURCE,
    'hw/cxl/core/meson.build': "memfab_core_ss += files('poison.c')\n",
    'hw/cxl/cci/media.c': COMMANDS,
    'hw/cxl/cci/meson.build': "memfab_core_ss += files('media.c')\n",
    'hw/cxl/type3/pci.c': GLUE,
    'hw/cxl/meson.build': "memfab_system_ss += files('type3/pci.c')\n",
    'tests/unit/cxl/core/test-poison.c': UNIT,
    'tests/unit/meson.build':
        "memfab_unit_tests += {'p': files('cxl/core/test-poison.c')}\n",
    'scripts/tool': '#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-or-later\n',
    'docs/README.md': '# Documents\n\n* [device](cxl/device.md)\n'
                      '* [walk](cxl/walk-poison.md)\n'
                      '* [commands](cxl/commands.md)\n'
                      '* [maturity](cxl/maturity.md)\n',
    'docs/cxl/commands.md': '| 4300h | Get Poison List | 16 |\n',
    'docs/cxl/maturity.md': GRADES,
    'docs/cxl/device.md': '# Device\n\n`poison-max` bounds the list.\n',
    'docs/cxl/walk-poison.md': 'From `hw/cxl/type3/pci.c` to '
                               '`hw/cxl/core/poison.c:cxl_poison_count`.\n',
}


def grow(directory, changes):
    """The good tree with some files replaced, added or (None) removed."""
    for path, text in {**GOOD, **changes}.items():
        if text is not None:
            write(directory, path, text)
    return directory


def check(directory, name, changes, *options):
    shutil.rmtree(directory + '/tree', ignore_errors=True)
    return run(script(name), '--root', grow(directory + '/tree', changes),
               *options)


def expect_fault(directory, name, rule, changes, place, words=''):
    """Exactly this rule fails, and it says where and what."""
    status, output = check(directory, name, changes)
    failed = re.findall(r'^not ok \d+ \S*/(\S+)$', output, re.M)
    expect(status == 1 and failed == [rule], name, 'wanted', rule, output)
    expect(re.search('^# %s: .*%s' % (re.escape(place), words), output, re.M),
           'no fault at', place, words, output)


def changed(path, old, new, count=1):
    expect(old in GOOD[path], path, old)
    return {path: GOOD[path].replace(old, new, count)}
