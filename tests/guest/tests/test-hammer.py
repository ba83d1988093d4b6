#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that writes nonsense to every byte of every BAR it can reach."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import machine  # noqa: E402
import guest as guests  # noqa: E402
from guest import expect  # noqa: E402


def functions(guest, driver):
    """PCI addresses that @driver serves, taken away from it."""
    where = '/sys/bus/pci/drivers/' + driver
    found = guest.run('cd %s && echo [0-9a-f]*:*' % where).split()
    expect(found and '*' not in found[0], '%s has no function' % driver)
    return found


def hammer(guest, address):
    guest.run('''set -e
        d=/sys/bus/pci/devices/%s
        [ ! -e $d/driver ] || echo %s > $d/driver/unbind
        echo 1 > $d/enable''' % (address, address))
    said = guest.run('bar-hammer ' + address, 400)
    expect('accesses' in said, said)
    return said


def memory(guest):
    """cxl-type3: every byte, every width"""
    guest.memory = functions(guest, 'cxl_pci')
    for address in guest.memory:
        said = hammer(guest, address)
        for bar in (0, 2, 4):
            expect('BAR %d:' % bar in said, said)


def memory_works(guest):
    """removed and found again, Linux uses it"""
    for address in guest.memory:
        guest.run('echo 1 > /sys/bus/pci/devices/%s/remove' % address, 60)
    guest.run('echo 1 > /sys/bus/pci/rescan', 60)
    guest.wait('[ "$(cxl list -M | grep -c memdev)" = %d ]'
               % len(guest.memory), 60)


def mover(guest):
    """sdxi: every byte, every width; then it copies"""
    found = guest.run("lspci -D -d ::1201 | cut -d' ' -f1").split()
    expect(found, 'no SDXI function')
    for address in found:
        hammer(guest, address)
        guest.run('echo 1 > /sys/bus/pci/devices/%s/remove' % address, 60)
    guest.run('echo 1 > /sys/bus/pci/rescan', 60)
    text = guest.run('sdxi-user --no-speed --size 64K', 60)
    expect('all verified' in text, text)


if __name__ == '__main__':
    guests.main('hammer', [memory, memory_works, mover],
                machine.cxl_bridge() + machine.cxl_memory(0) +
                ['-device', 'sdxi,bus=pcie.0,contexts=64'])
