#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison that a program meets on arm: an external abort, SIGBUS, the page
offlined by the firmware's error record."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'lib'))
import virt                     # first: it chooses the architecture
import guest as guests  # noqa: E402
import machine  # noqa: E402
import poison  # noqa: E402
from guest import expect  # noqa: E402


def region_of_firmware(guest):
    """the kernel finds the region that firmware has made, and its memory"""
    region = guest.json('cxl list -R')
    expect(len(region) == 1 and region[0]['decode_state'] == 'commit',
           'regions: %s' % region)
    guest.node = int(guest.run('cxl-online').splitlines()[-1])


def loads_are_refused(guest):
    """every way of loading poison ends at the load, and nothing else does"""
    poison.find_region(guest)
    poison.meet(guest)
    poison.check_met(guest)


TESTS = [region_of_firmware, loads_are_refused, poison.pages_go_offline,
         poison.the_device_says_the_same]


if __name__ == '__main__':
    virt.skip_if_missing()
    if not machine.has_cxl():
        print('1..0 # SKIP virt of this release has no CXL')
        sys.exit(0)
    guests.main('poison-virt', TESTS,
                machine.cxl_bridge(2) +
                machine.cxl_memory(0, persistent='') +
                machine.firmware_regions('size=256M,devices=mem0'))
