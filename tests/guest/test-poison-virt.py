#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Poison that a program meets on arm: an external abort, SIGBUS, the page
offlined by the firmware's error record."""

import sys

import virt                     # first: it chooses the architecture
import guest as guests
import machine
import poison


def loads_are_refused(guest):
    """every way of loading poison ends at the load, and nothing else does"""
    # Linux on arm cannot invalidate caches and makes no region by itself.
    # The node is the only one there is: programs get movable memory first.
    guest.node = int(guest.run('cxl-commit').splitlines()[-1])
    poison.find_region(guest)
    poison.meet(guest)
    poison.check_met(guest)


TESTS = [loads_are_refused, poison.pages_go_offline,
         poison.the_device_says_the_same]


if __name__ == '__main__':
    virt.skip_if_missing()
    if not virt.has_cxl():
        print('1..0 # SKIP virt of this release has no CXL')
        sys.exit(0)
    guests.main('poison-virt', TESTS,
                machine.cxl_bridge(2) +
                machine.cxl_memory(0, persistent=''))
