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
