#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check-workers reads the objects of what threads without the big lock run,
and refuses what it does not know."""

import os
import shutil

from tapsuite import expect, main, run, script, skip, write

FILES = ('dma', 'hostops', 'ram', 'requester', 'run', 'worker')


def grow(directory, body):
    """A tree with the files of workers; objects of them, one with @body."""
    if not shutil.which('cc'):
        skip('no C compiler')
    os.makedirs(directory + '/build/lib.p', exist_ok=True)
    for name in FILES:
        source = write(directory, 'tree/hw/dma/sdxi/%s.c' % name,
                       body if name == 'hostops' else '')
        status, output = run('cc', '-c', source, '-o', directory +
                             '/build/lib.p/hw_dma_sdxi_%s.c.o' % name)
        expect(status == 0, output)


def check(directory, *options):
    return run(script('check-workers'), '--root', directory + '/tree',
               '--build', directory + '/build', *options)


def test_symbols(directory):
    for name, fits in (('sdxi_x', True), ('puts', True),
                       ('qemu_bh_schedule', True), ('bql_lock_impl', False),
                       ('pci_device_iommu_address_space', False)):
        grow(directory, 'void %s(void); void f(void) { %s(); }' % (name, name))
        status, output = check(directory)
        expect((status == 0) == fits, name, output)
        expect(fits or 'calls %s,' % name in output, output)


def test_what_was_not_built(directory):
    grow(directory, '')
    os.remove(directory + '/build/lib.p/hw_dma_sdxi_run.c.o')
    status, output = check(directory)
    expect(status == 1 and 'was not built' in output, output)


def test_what_is_not_there(directory):
    grow(directory, '')
    os.remove(directory + '/tree/hw/dma/sdxi/ram.c')
    status, output = check(directory)
    expect(status == 1 and 'hw/dma/sdxi/ram.c' in output, output)


if __name__ == '__main__':
    main(dict(globals()))
