#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison that a program reads: a machine check, SIGBUS, the page offlined."""

import re

import machine
import guest as guests
from guest import expect

# Under TCG only a guest on an Intel processor recovers from the check.
INTEL = ['-cpu', 'max,-hypervisor,vendor=GenuineIntel']


def online(guest):
    """Memory of one device as a node; its first HPA is its first DPA."""
    guest.node = int(guest.run('cxl-online').splitlines()[-1])
    region = guest.json('cxl list -R -r region0')[0]
    guest.base = int(region['resource'])


def victim(guest):
    """A program that holds two pages of the node; returns the HPA."""
    guest.run('rm -f /tmp/go; poison-read %d /tmp/go >/tmp/out 2>&1 &'
              % guest.node)
    guest.wait('grep -q 0x /tmp/out')
    return int(guest.read('/tmp/out').split()[0], 16)


def reading_poison_is_a_machine_check(guest):
    """reading poison kills with SIGBUS at the page, and only there"""
    online(guest)
    hpa = victim(guest)
    expect(hpa >= guest.base, 'the page is not in the region')
    guest.qmp.command('cxl-inject-poison', path='/machine/peripheral/mem0',
                      start=hpa - guest.base, length=64)
    guest.run('touch /tmp/go')
    guest.wait('grep -qE "intact|damaged" /tmp/out')
    text = guest.read('/tmp/out')
    # BUS_MCEERR_AR is 4
    expect(re.search(r'sigbus 4 page \d+\nintact', text), text)


def the_page_goes_offline(guest):
    """Linux takes the page out of use"""
    text = guest.run('grep HardwareCorrupted /proc/meminfo')
    expect(text.split()[1] == '4', text)
    log = guest.run('dmesg')
    expect(re.search(r'Memory failure: .*[Rr]ecovered', log),
           'no recovery in the log')


def the_device_says_the_same(guest):
    """the device lists the line, as the monitor injected it"""
    path = '/machine/peripheral/mem0'
    ranges = guest.qmp.command('query-cxl-poison', path=path)['ranges']
    expect([(r['length'], r['source'], r['listed']) for r in ranges]
           == [(64, 'internal', True)], 'not the list: %s' % ranges)


TESTS = [reading_poison_is_a_machine_check, the_page_goes_offline,
         the_device_says_the_same]

if __name__ == '__main__':
    guests.main('poison', TESTS,
                machine.cxl_bridge(1) +
                machine.cxl_memory(0, persistent='') + INTEL)
